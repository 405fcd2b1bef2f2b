// Holds answers of the API against www/openapi.json: the status must be documented, a JSON body must
// have the shape that is. As much of JSON Schema as that file uses.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../harness.mjs';

export const openapi = JSON.parse(readFileSync(join(root, 'www/openapi.json'), 'utf8'));

const formats = {
	uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
	'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
	binary: /^/,
};

const types = {
	null: (v) => v === null,
	boolean: (v) => typeof v === 'boolean',
	string: (v) => typeof v === 'string',
	number: (v) => Number.isFinite(v),
	integer: (v) => Number.isInteger(v),
	array: Array.isArray,
	object: (v) => typeof v === 'object' && v !== null && !Array.isArray(v),
};

const step = (o, key) => o[key];
const resolved = (node) => (
	node?.$ref ? node.$ref.split('/').slice(1).reduce(step, openapi) : node);

// Rules of a schema, each a sentence when broken.
const rules = {
	type: (v, wanted) => [wanted].flat().some((type) => types[type](v)) ||
		`is not ${[wanted].flat().join(' or ')}`,
	enum: (v, list) => list.includes(v) || `is not one of ${list}`,
	const: (v, wanted) => v === wanted || `is not ${wanted}`,
	minimum: (v, min) => v === null || v >= min || `is less than ${min}`,
	maximum: (v, max) => v === null || v <= max || `is more than ${max}`,
	format: (v, format) => v === null || formats[format].test(v) || `is no ${format}`,
	required: (v, names) => v === null || names.every((name) => name in v) || `lacks one of ${names}`,
	anyOf: (v, list) => list.some((one) => faults(v, one).length === 0) || 'fits none of the shapes',
};

function faults(value, node, at = '') {
	const schema = resolved(node), found = [];
	for (const [name, rule] of Object.entries(rules)) {
		const fault = name in schema ? rule(value, schema[name]) : true;
		if (fault !== true) found.push(`${at || 'the answer'} ${fault}: ${JSON.stringify(value)}`);
	}
	if (types.object(value))
		for (const [name, member] of Object.entries(value)) {
			if (schema.properties?.[name])
				found.push(...faults(member, schema.properties[name], `${at}.${name}`));
			else if (schema.additionalProperties === false) found.push(`${at}.${name} is not known`);
		}
	if (Array.isArray(value) && schema.items)
		value.forEach((element, i) => found.push(...faults(element, schema.items, `${at}[${i}]`)));
	return found;
}

// The documented operation of a method and a path below the API, undefined where there is none.
export function operation(method, path) {
	const [, item] = Object.entries(openapi.paths).find(([pattern]) =>
		new RegExp(`^${pattern.replace('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path)) ?? [];
	return item?.[method === 'HEAD' ? 'get' : method.toLowerCase()];
}

export function check(method, path, answer) {
	const documented = operation(method, path);
	if (!documented) return;
	const response = resolved(documented.responses[answer.status]);
	assert.ok(response, `${method} ${path}: ${answer.status} is not in openapi.json: ${answer.text}`);
	if (method === 'HEAD' || [204, 304].includes(answer.status)) return;
	const [type] = answer.headers['content-type'].split(';');
	assert.ok(response.content?.[type],
		`${method} ${path}: ${answer.status} as ${type} is not in openapi.json`);
	if (/json$/.test(type))
		assert.deepEqual(faults(answer.json, response.content[type].schema), [],
			`${method} ${path}: ${answer.status}`);
}
