// Requests drawn from openapi.json: valid ones, and ones that break its schemas in one place. The same seed
// draws the same requests, as long as the server gives out the same ids.

import { faults, resolved, types } from './schema.mjs';

// Mulberry32: small, and the same everywhere.
export function random(seed) {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
	const int = (min, max) => min + Math.floor(next() * (max - min + 1));
	return { next, int, chance: (p) => next() < p, pick: (list) => list[int(0, list.length - 1)] };
}

const characters = ['a', 'B', 'z', '0', '9', ' ', '-', '_', '.', ',', '/', '\\', '"', "'", '<', '>', '&', '%', '+', '#', '?',
	';', '=', '(', ')', '{', '}', '[', '\n', '\t', '\r', '\u0001', '\u007f', '\u00e9', '\u00df', '\u0416', '\u4e2d',
	'\u202e', '\u200b', '\ufeff', '\uffff', '\ud83c\udfb9', '\ud83d\udc68\u200d\ud83d\udc69', 'SELECT', '%00', '../'];

// Values on both sides of every limit of a schema, and one of each other type.
export function borders(node) {
	const schema = resolved(node), found = [null, true, 0, 1.5, 'x', '', [], {}];
	const near = (limit) => [limit - 1, limit, limit + 1];
	for (const name of ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'])
		if (schema[name] !== undefined) found.push(...near(schema[name]), String(schema[name]));
	for (const name of ['minLength', 'maxLength'])
		for (const n of schema[name] === undefined ? [] : near(schema[name]))
			if (n >= 0) found.push('a'.repeat(n), '\ud83c\udfb9'.repeat(n));
	for (const name of ['minItems', 'maxItems'])
		for (const n of schema[name] === undefined ? [] : near(schema[name]))
			if (n >= 0) found.push([...Array(n)].map((_, i) => `a${i}`));
	if (schema.format === 'uuid') found.push('0190a6a0-0000-7000-8000-00000000000', '0190a6a0-0000-7000-8000-0000000000000');
	for (const one of schema.enum ?? []) found.push(one, `${one}x`);
	for (const one of schema.anyOf ?? schema.oneOf ?? []) found.push(...borders(one));
	return found;
}

export class Requests {
	// ids: a set of UUIDs that the server has given out; grows while requests are drawn.
	constructor(seed, ids) {
		this.r = random(seed);
		this.ids = ids;
	}

	text(min, max) {
		const { r } = this, parts = [];
		const wanted = r.pick([min, max, r.int(min, Math.min(max, min + 20)), r.int(min, Math.min(max, 60))]);
		while (parts.length < wanted) parts.push(...r.pick(characters));
		return parts.slice(0, wanted).join('');
	}

	uuid() {
		const { r } = this;
		if (this.ids.size && r.chance(0.85)) return r.pick([...this.ids]);
		const hex = (n) => [...Array(n)].map(() => r.int(0, 15).toString(16)).join('');
		return `${hex(8)}-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(12)}`;
	}

	string(schema) {
		const { r } = this;
		if (schema.format === 'uuid') return this.uuid();
		const day = () => `20${r.int(10, 40)}-0${r.int(1, 9)}-${r.int(10, 28)}`;
		if (schema.format === 'date') return day();
		if (schema.format === 'date-time')
			return `${day()}T0${r.int(0, 9)}:${r.int(10, 59)}:00${r.pick(['Z', '.5Z', '+05:30'])}`;
		if (schema.pattern) return this.matching(schema);
		return this.text(schema.minLength ?? 0, schema.maxLength ?? 300);
	}

	// A few tries to hit a pattern; a value that misses it is for the server to refuse.
	matching(schema) {
		const pattern = new RegExp(schema.pattern, 'u'), { r } = this;
		const tries = ['1.0.0', 'abc', String(r.int(0, 99)), r.int(1, 1e9).toString(36), '2026-01-02',
			'a'.repeat(schema.maxLength ?? 5)].filter((text) => pattern.test(text));
		if (tries.length) return r.pick(tries);
		return this.text(schema.minLength ?? 0, schema.maxLength ?? 30);
	}

	number(schema, whole) {
		const { r } = this;
		const min = schema.minimum ?? schema.exclusiveMinimum ?? -1e6;
		const max = schema.maximum ?? schema.exclusiveMaximum ?? 1e6;
		const drawn = whole ? r.int(min, max) : min + r.next() * (max - min);
		return r.pick([min, max, drawn, Math.round(drawn), schema.default ?? min]);
	}

	object(schema, depth) {
		const { r } = this, value = {};
		for (const [name, member] of Object.entries(schema.properties ?? {}))
			if (schema.required?.includes(name) || r.chance(0.4)) value[name] = this.value(member, depth + 1);
		const anything = { type: r.pick(['string', 'number', 'boolean', 'null', 'object', 'array']), items: { type: 'integer' } };
		if (!schema.properties && depth < 6)
			for (let i = r.int(0, 3); i > 0; i--) value[this.text(1, 8)] = this.value(anything, depth + 1);
		return value;
	}

	array(schema, depth) {
		const min = schema.minItems ?? 0, max = Math.max(min, Math.min(schema.maxItems ?? 5, 5));
		return [...Array(this.r.int(min, max))].map(() => this.value(schema.items ?? {}, depth + 1));
	}

	// A value that the schema allows, as well as this can tell.
	value(node, depth = 0) {
		const schema = resolved(node), { r } = this, of = schema.anyOf ?? schema.oneOf;
		if (schema.const !== undefined) return schema.const;
		if (schema.enum) return r.pick(schema.enum);
		if (of) return this.value(r.pick(of), depth);
		const list = [schema.type ?? ['string', 'number', 'null']].flat();
		const some = list.filter((one) => one !== 'null');
		switch (some.length && r.chance(0.9) ? r.pick(some) : r.pick(list)) {
		case 'string': return this.string(schema);
		case 'integer': return this.number(schema, true);
		case 'number': return this.number(schema, false);
		case 'boolean': return r.chance(0.5);
		case 'array': return this.array(schema, depth);
		case 'object': return this.object(schema, depth);
		default: return null;
		}
	}

	// Something that is probably wrong in the place of any value.
	junk(value) {
		const { r } = this;
		return r.pick([null, true, false, 0, -1, 1.5, 1e308, -1e308, Number.MAX_SAFE_INTEGER, 2 ** 64, '', 'x',
			'0', 'null', '\ufeff', 'x'.repeat(5000), [], [null], [[]], {}, { x: 1 }, '-1', ' 1', 'NaN', [value], { value },
			String(value)]);
	}

	// The value, broken in one place.
	broken(value, schema) {
		const { r } = this;
		if (types.object(value) && (Object.keys(value).length === 0 || r.chance(0.4))) {
			const copy = { ...value }, names = Object.keys(copy);
			if (names.length && r.chance(0.4)) delete copy[r.pick(names)];
			else copy[r.pick(['unknown', '', 'id', '__proto__x', 'x'.repeat(300), '\ud83c\udfb9'])] = this.junk(1);
			return copy;
		}
		if (types.object(value) && r.chance(0.9)) {
			const name = r.pick(Object.keys(value));
			return { ...value, [name]: this.broken(value[name], schema) };
		}
		if (types.array(value) && value.length && r.chance(0.6)) {
			const at = r.int(0, value.length - 1);
			return r.chance(0.3) ? [...value, value[at]] : value.map((one, i) => (i === at ? this.broken(one, schema) : one));
		}
		return this.junk(value);
	}

	// A value that the schema does not allow; undefined where none was found.
	invalid(schema) {
		for (let i = 0; i < 20; i++) {
			const value = this.broken(this.value(schema), schema);
			if (faults(value, schema).length) return value;
		}
		return undefined;
	}

	// Text of a query or path parameter; an array is given several times.
	texts(value) {
		return [value].flat().map((one) => (one === null ? '' : String(one)));
	}

	// Text that its schema does not allow, however the server reads it.
	invalidText(schema) {
		const whole = resolved(schema), one = whole.type === 'array' ? whole.items : whole;
		const readings = (text) => (/^-?\d+(\.\d+)?$/.test(text) ? [text, Number(text)] : [text]);
		const wrong = ['x', '', '1x', ' ', '0x10', '1e3', '--1', '9'.repeat(30), '-1', '1.0.0', '\ud83c\udfb9', 'null', '%',
			'a'.repeat(700)].filter((text) => readings(text).every((reading) => faults(reading, one).length));
		return wrong.length ? this.r.pick(wrong) : undefined;
	}
}
