// Holds answers of the API against www/openapi.json: the status must be documented, a JSON body must
// have the shape that is, and times and ids the one form that answers have.

import assert from 'node:assert/strict';
import { faults, formats, openapi, resolved } from './schema.mjs';

export { openapi };

// Literal parts before parameters, as a router reads them.
const patterns = Object.entries(openapi.paths).map(([pattern, item]) => ({ pattern, item,
	matches: new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`) }))
	.sort((a, b) => (a.pattern.match(/\{/g)?.length ?? 0) - (b.pattern.match(/\{/g)?.length ?? 0));

// The documented operation of a method and a path below the API, undefined where there is none.
export function operation(method, path) {
	const item = patterns.find(({ matches }) => matches.test(path))?.item;
	return item?.[method === 'HEAD' ? 'get' : method.toLowerCase()];
}

// Of the ways to write an id or a time, answers use one.
const forms = { ...formats, uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
	'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/ };

export function check(method, path, answer) {
	const documented = operation(method, path);
	if (!documented) return;
	const response = resolved(documented.responses[answer.status]);
	assert.ok(response, `${method} ${path}: ${answer.status} is not in openapi.json: ${answer.text}`);
	if (method === 'HEAD' || [204, 304, 307].includes(answer.status)) return;
	const [type] = (answer.headers['content-type'] ?? 'nothing').split(';');
	const media = response.content?.[type];
	assert.ok(media, `${method} ${path}: ${answer.status} as ${type} is not in openapi.json`);
	if (/json$/.test(type))
		assert.deepEqual(faults(answer.json, media.schema, '', forms), [], `${method} ${path}: ${answer.status}`);
}
