// As much of JSON Schema 2020-12 as www/openapi.json uses. A keyword that is not known here is an error,
// so that no rule is written there which nothing checks.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { root } from '../harness.mjs';

export const openapi = JSON.parse(readFileSync(join(root, 'www/openapi.json'), 'utf8'));

const step = (o, key) => o[key.replaceAll('~1', '/').replaceAll('~0', '~')];

// What a $ref leads to; any other node as it is.
export const resolved = (node) => (
	typeof node?.$ref === 'string' ? resolved(node.$ref.split('/').slice(1).reduce(step, openapi)) : node);

export const formats = {
	uuid: /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/,
	'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
	date: /^\d{4}-\d\d-\d\d$/,
	'uri-reference': /^[^\s<>"{}|\\^`]*$/,
	binary: /^/,
};

export const types = {
	null: (v) => v === null,
	boolean: (v) => typeof v === 'boolean',
	string: (v) => typeof v === 'string',
	number: (v) => Number.isFinite(v),
	integer: (v) => Number.isInteger(v),
	array: Array.isArray,
	object: (v) => typeof v === 'object' && v !== null && !Array.isArray(v),
};

const ifString = (test) => (v, limit, forms) => !types.string(v) || test(v, limit, forms);
const ifNumber = (test) => (v, limit) => !types.number(v) || test(v, limit);
const ifArray = (test) => (v, limit) => !types.array(v) || test(v, limit);
const ifObject = (test) => (v, limit) => !types.object(v) || test(v, limit);
const fits = (v, schema) => faults(v, schema).length === 0;
const distinct = (v) => v.every((a, i) => !v.slice(0, i).some((b) => isDeepStrictEqual(a, b)));

// Each keyword: does the value keep it? The sentence says how not.
const rules = {
	type: [(v, wanted) => [wanted].flat().some((type) => types[type](v)), 'is not'],
	enum: [(v, list) => list.includes(v), 'is not one of'],
	const: [(v, wanted) => v === wanted, 'is not'],
	minimum: [ifNumber((v, min) => v >= min), 'is less than'],
	maximum: [ifNumber((v, max) => v <= max), 'is more than'],
	exclusiveMinimum: [ifNumber((v, min) => v > min), 'is not more than'],
	exclusiveMaximum: [ifNumber((v, max) => v < max), 'is not less than'],
	minLength: [ifString((v, min) => [...v].length >= min), 'is shorter than'],
	maxLength: [ifString((v, max) => [...v].length <= max), 'is longer than'],
	pattern: [ifString((v, pattern) => new RegExp(pattern, 'u').test(v)), 'does not match'],
	format: [ifString((v, format, forms) => forms[format].test(v)), 'is no'],
	minItems: [ifArray((v, min) => v.length >= min), 'has fewer items than'],
	maxItems: [ifArray((v, max) => v.length <= max), 'has more items than'],
	uniqueItems: [ifArray((v, wanted) => !wanted || distinct(v)), 'has the same item twice'],
	minProperties: [ifObject((v, min) => Object.keys(v).length >= min), 'has fewer members than'],
	maxProperties: [ifObject((v, max) => Object.keys(v).length <= max), 'has more members than'],
	required: [ifObject((v, names) => names.every((name) => Object.hasOwn(v, name))), 'lacks one of'],
	anyOf: [(v, list) => list.some((one) => fits(v, one)), 'fits none of'],
	oneOf: [(v, list) => list.filter((one) => fits(v, one)).length === 1, 'does not fit one of'],
	allOf: [(v, list) => list.every((one) => fits(v, one)), 'does not fit all of'],
	not: [(v, one) => !fits(v, one), 'fits'],
};

// Keywords that are no rule, or are looked at in faults().
const others = new Set(['$ref', 'title', 'description', 'default', 'examples', 'example', 'deprecated', 'properties',
	'additionalProperties', 'items', 'prefixItems', 'contentMediaType']);

// What is wrong with a value, each fault a sentence that begins with the place. forms: the formats, for who
// is stricter than they are.
export function faults(value, node, at = '', forms = formats) {
	const schema = resolved(node), found = [];
	if (schema === true) return found;
	if (schema === false) return [`${at} may not be there`];
	for (const [keyword, limit] of Object.entries(schema)) {
		if (others.has(keyword)) continue;
		if (!rules[keyword]) throw new Error(`the schema of ${at || 'the value'} has the unknown keyword ${keyword}`);
		const [keeps, how] = rules[keyword];
		if (!keeps(value, limit, forms))
			found.push(`${at || 'the value'} ${how} ${JSON.stringify(limit)}: ${JSON.stringify(value)?.slice(0, 300)}`);
	}
	if (types.object(value))
		for (const [name, member] of Object.entries(value)) {
			if (schema.properties && Object.hasOwn(schema.properties, name))
				found.push(...faults(member, schema.properties[name], `${at}.${name}`, forms));
			else if (schema.additionalProperties !== undefined)
				found.push(...faults(member, schema.additionalProperties, `${at}.${name}`, forms));
		}
	if (types.array(value))
		value.forEach((element, i) => {
			const one = schema.prefixItems?.[i] ?? schema.items;
			if (one !== undefined) found.push(...faults(element, one, `${at}[${i}]`, forms));
		});
	return found;
}
