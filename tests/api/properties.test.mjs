// Random requests to every operation of openapi.json. Whatever is sent: no 5xx, no status and no shape that
// is not documented, and what a schema forbids is refused. Deterministic but for the ids that the server
// gives out; SEED=… draws others, ROUNDS=… more of them. What fails says how to send it again.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installation } from './api.mjs';
import { check } from './contract.mjs';
import { borders, Requests } from './random.mjs';
import { faults, openapi, resolved } from './schema.mjs';

const seed = Number(process.env.SEED ?? 1);
const front = process.env.FRONT ?? 'lighttpd';
// The web servers differ in what they do to a request, not in how many there are.
const rounds = Number(process.env.ROUNDS ?? (front === 'lighttpd' ? 40 : 8));

const operations = Object.entries(openapi.paths).flatMap(([path, item]) => Object.entries(item)
	.map(([method, of]) => ({ path, method: method.toUpperCase(), of, name: `${method.toUpperCase()} ${path}` })));
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;

// Bodies that no schema can describe.
const notJson = ['', '{', '[1,]', 'nonsense', '\u0000', '{"a":1}{"a":1}', '['.repeat(10_000), `{"a":${'[['.repeat(200)}`,
	'{"prompt":"\\ud800"}', '{"prompt":"\\u0000"}', '{"text":1e999}', '{"seed":123456789012345678901234567890}',
	Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])];

// Apache answers to %00 with a page of its own.
const notIds = ['x', '0', 'null', 'undefined', '%F0%9F%8E%B9', '00000000-0000-0000-0000-00000000000',
	'g0000000-0000-7000-8000-000000000000', ...(front === 'lighttpd' ? ['%00'] : [])];

const api = installation({ settings: { workers: 1, max_body_bytes: 65536 } });
const ids = new Set();

// So much music that the machine has time for the rest.
function tame(body) {
	if (body === null || typeof body !== 'object' || Array.isArray(body)) return body;
	const small = { ...body };
	if (typeof small.duration === 'number' && small.duration > 2) small.duration = 2;
	if (typeof small.samples_per_prompt === 'number' && small.samples_per_prompt > 2) small.samples_per_prompt = 2;
	return small;
}

class Round {
	constructor(draw, operation) {
		this.draw = draw;
		this.operation = operation;
		this.headers = {};
		this.query = [];
		this.wrong = undefined;	// what is not as the schema says
		this.path = operation.path;
		for (const parameter of (operation.of.parameters ?? []).map(resolved)) this.fill(parameter);
		const content = Object.entries(operation.of.requestBody?.content ?? {});
		if (content.length) this.fillBody(...draw.r.pick(content));
	}

	fill({ in: where, name, schema, required }) {
		const { draw } = this;
		if (!required && draw.r.chance(0.65)) return;
		const texts = draw.texts(draw.value(schema));
		if (where === 'path') this.path = this.path.replace(`{${name}}`, encodeURIComponent(texts[0]));
		else if (where === 'header') this.headers[name] = texts[0].replace(/[^\x20-\x7e]/g, 'x').trim() || 'x';
		else this.query.push(...texts.map((text) => [name, text]));
	}

	fillBody(type, { schema }) {
		const { draw } = this;
		this.headers['Content-Type'] = type;
		this.schema = schema;
		this.json = type === 'application/json';
		this.body = this.json ? JSON.stringify(tame(draw.value(schema))) : draw.text(0, 2000);
	}

	// Break one thing. False where nothing could be broken.
	breakIt() {
		const { draw, operation } = this, ways = [];
		const queries = (operation.of.parameters ?? []).map(resolved).filter((p) => p.in === 'query');
		if (this.json) ways.push('body', 'body', 'body', 'text', 'type');
		if (queries.length) ways.push('query', 'query');
		if (operation.path.includes('{')) ways.push('path');
		if (!ways.length) return false;
		switch (this.wrong = draw.r.pick(ways)) {
		case 'body': {
			const value = draw.invalid(this.schema);
			if (value === undefined) return false;
			this.body = JSON.stringify(value);
			break;
		}
		case 'text': this.body = draw.r.pick(notJson); break;
		case 'type': this.headers['Content-Type'] = draw.r.pick(['text/plain', 'application/json5', 'x']); break;
		case 'query': {
			const { name, schema } = draw.r.pick(queries), text = draw.invalidText(schema);
			if (text === undefined) return false;
			this.query = [...this.query.filter(([other]) => other !== name), [name, text]];
			break;
		}
		default: this.path = operation.path.replace(/\{\w+\}/, draw.r.pick(notIds)).replace(/\{\w+\}/g, draw.uuid());
		}
		return true;
	}

	// Valid requests with what no description mentions.
	decorate() {
		const { draw } = this;
		if (draw.r.chance(0.1)) this.query.push(['unknown', draw.text(0, 20)]);
		if (this.query.length && draw.r.chance(0.1)) this.query.push(draw.r.pick(this.query));
		const ranges = ['bytes=0-10', 'bytes=-1', 'bytes=5-2', 'bytes=99999999999-', 'x=1-2'];
		if (draw.r.chance(0.1)) this.headers.Range = draw.r.pick(ranges);
		if (draw.r.chance(0.1)) this.headers.Accept = draw.r.pick(['text/html', 'image/*;q=0', '']);
	}

	async send(method = this.operation.method) {
		// What is too long for a URL is the web server's to refuse.
		this.query = this.query.filter(([, text]) => encodeURIComponent(text).length < 1000);
		const query = this.query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
		this.sent = `${this.path}${query && `?${query}`}`;
		this.answer = await api.plain(method, `${api.stack.base}api${this.sent}`, this.headers,
			method === 'HEAD' ? undefined : this.body);
		for (const [id] of this.answer.text.slice(0, 20_000).matchAll(uuid)) if (ids.size < 500) ids.add(id);
		return this.answer;
	}

	// How to see it again.
	said() {
		const body = this.body === undefined ? '' : `\n${this.body.slice(0, 2000)}`;
		return `SEED=${seed}: ${this.operation.method} ${this.sent} ${JSON.stringify(this.headers)}${body}\n→ ${
			this.answer?.status} ${this.answer?.text.slice(0, 1000)}`;
	}
}

function judge(round) {
	const { answer, operation, wrong, sent } = round;
	assert.ok(answer.status < 500, `${round.said()}\n${api.stack.log().split('\n').slice(-4).join('\n')}`);
	// An id that is none makes another address of it, which may be one that there is.
	if (wrong !== 'path') {
		const path = sent.split('?')[0];
		try {
			check(operation.method, path, answer);
		} catch (error) {
			throw new Error(`${error.message}\n${round.said()}`);
		}
	}
	if (wrong && operation.path !== '/openapi.json')
		assert.ok(answer.status >= 400, `a request with a wrong ${wrong} was accepted\n${round.said()}`);
	if (answer.status >= 400) assert.match(answer.headers['content-type'], /^application\/problem\+json/, round.said());
}

describe('every operation', () => {
	// First all of them in a few rounds, so that there is something whose ids the others can use.
	for (const { name, method, ...rest } of operations)
		test(`${name} keeps to its description, whatever is asked`, async () => {
			const draw = new Requests(seed + operations.findIndex((one) => one.name === name), ids);
			if (!ids.size) await plant();
			for (let i = 0; i < rounds; i++) {
				const round = new Round(draw, { name, method, ...rest });
				if (i % 2) round.decorate();
				else if (!round.breakIt()) continue;
				await round.send();
				judge(round);
				if (method === 'GET' && i % 8 === 1) {
					const head = await round.send('HEAD');
					assert.ok(head.status < 500 && head.bytes.length === 0, round.said());
				}
			}
		});
});

// What a query holds as text, read as the server reads it.
function reading(schema, text) {
	const has = (...wanted) => wanted.some((type) => [resolved(schema).type].flat().includes(type));
	if (has('integer', 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
	return has('boolean') && /^(true|false|1|0)$/.test(text) ? text === 'true' || text === '1' : text;
}

// Sentences about a limit; others tell of something that no schema knows.
const isLimit = /must (have|be) (from |at |a whole number from )?\d|must be (text|a number)/;

describe('every limit', { skip: front !== 'lighttpd' && 'web servers do not know them' }, () => {
	const withBody = operations.filter(({ of }) => of.requestBody?.content['application/json']?.example);

	for (const { name, method, path, of } of withBody)
		test(`of the body of ${name} is where its schema says`, async () => {
			if (!ids.size) await plant();
			const { schema, example } = of.requestBody.content['application/json'];
			const at = `${api.stack.base}api${path.replaceAll(/\{\w+\}/g, [...ids][0])}`;
			for (const [member, its] of Object.entries(resolved(schema).properties ?? {}))
				for (const value of borders(its)) {
					const body = tame({ ...example, [member]: value }), wrong = faults(body, schema).length > 0;
					const answer = await api.plain(method, at, { 'Content-Type': 'application/json' }, JSON.stringify(body));
					const said = `${name} ${JSON.stringify(body).slice(0, 500)} → ${answer.status} ${answer.text.slice(0, 500)}`;
					assert.ok(answer.status < 500, said);
					if (wrong) assert.ok(answer.status >= 400, `accepted: ${said}`);
					else assert.ok(answer.status !== 422 || !answer.json.errors?.some(({ field, detail }) => (
						field === member && isLimit.test(detail))), `refused: ${said}`);
				}
		});

	for (const { name, method, path, of } of operations.filter((one) => one.method === 'GET'))
		test(`of the query of ${name} is where its schema says`, async () => {
			if (!ids.size) await plant();
			for (const { name: member, schema } of (of.parameters ?? []).map(resolved).filter((p) => p.in === 'query')) {
				const one = resolved(schema).type === 'array' ? resolved(schema).items : schema;
				for (const value of borders(one).filter((v) => ['string', 'number'].includes(typeof v))) {
					const text = String(value), wrong = faults(reading(one, text), one).length > 0;
					if (encodeURIComponent(text).length > 5000) continue;
					const at = `${api.stack.base}api${path.replaceAll(/\{\w+\}/g, [...ids][0])}`;
					const answer = await api.plain(method, `${at}?${member}=${encodeURIComponent(text)}`);
					const said = `${name}?${member}=${text.slice(0, 300)} → ${answer.status} ${answer.text.slice(0, 500)}`;
					assert.ok(answer.status < 500, said);
					if (wrong) assert.ok(answer.status >= 400, `accepted: ${said}`);
					else assert.ok(answer.status !== 400 || !answer.text.includes(member) || !isLimit.test(answer.json.detail),
						`refused: ${said}`);
				}
			}
		});
});

// One of everything that can be made without knowing anything.
async function plant() {
	await api.make({});
	for (const { path, method, of } of operations) {
		const body = of.requestBody?.content['application/json'];
		if (method !== 'POST' || path.includes('{') || !body?.example) continue;
		const { text } = await api.plain('POST', `${api.stack.base}api${path}`, { 'Content-Type': 'application/json' },
			JSON.stringify(tame(body.example)));
		for (const [id] of text.matchAll(uuid)) ids.add(id);
	}
}
