// The description of the API by itself: a valid OpenAPI 3.1 document, complete, and with examples that are
// what it says. That it agrees with the routes, tests/unit/api_tables_test.c sees; with the answers,
// contract.mjs and properties.test.mjs.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { faults, openapi, resolved } from './schema.mjs';

const methods = ['get', 'post', 'put', 'patch', 'delete'];
const operations = Object.entries(openapi.paths).flatMap(([path, item]) => (
	methods.filter((method) => item[method]).map((method) => ({ path, method, of: item[method],
		name: `${method.toUpperCase()} ${path}` }))));

// Every node of the document with its place in it.
function* nodes(node, at = '#') {
	if (typeof node !== 'object' || node === null) return;
	yield [at, node];
	for (const [key, child] of Object.entries(node))
		yield* nodes(child, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
}
const all = [...nodes(openapi)];

const list = (found) => assert.deepEqual(found, []);

describe('the document', () => {
	test('is OpenAPI 3.1 by its own meta-schema', async () => {
		const { valid, errors } = await new Validator().validate(structuredClone(openapi));
		assert.ok(valid, JSON.stringify(errors, null, 1));
		assert.match(openapi.openapi, /^3\.1\.\d+$/);
	});

	test('refers only to what is there, and has no component that nothing refers to', () => {
		const used = new Set(all.map(([, { $ref }]) => $ref).filter((ref) => typeof ref === 'string'));
		for (const { security = [] } of [openapi, ...operations.map(({ of }) => of)])
			for (const name of security.flatMap(Object.keys)) used.add(`#/components/securitySchemes/${name}`);
		list([...used].filter((ref) => resolved({ $ref: ref }) === undefined));
		list(Object.entries(openapi.components).flatMap(([kind, parts]) => (
			Object.keys(parts).map((name) => `#/components/${kind}/${name}`))).filter((ref) => !used.has(ref)));
	});

	test('uses tags that it names, and names no other', () => {
		const named = openapi.tags.map(({ name }) => name);
		assert.deepEqual([...new Set(operations.flatMap(({ of }) => of.tags))].sort(), named.sort());
	});
});

describe('every operation', () => {
	test('has an id of its own, a summary and a tag', () => {
		list(operations.filter(({ of }) => !(of.operationId && of.summary && of.tags?.length === 1))
			.map(({ name }) => name));
		const ids = operations.map(({ of }) => of.operationId);
		list(ids.filter((id, i) => ids.indexOf(id) !== i));
	});

	test('names the parameters of its path, and these only', () => {
		for (const { path, of, name } of operations) {
			const inPath = (of.parameters ?? []).map(resolved).filter((p) => p.in === 'path');
			assert.deepEqual(inPath.map((p) => p.name).sort(),
				[...path.matchAll(/\{(\w+)\}/g)].map(([, id]) => id).sort(), name);
			for (const p of inPath) assert.ok(p.required && p.schema.type === 'string', `${name}: ${p.name}`);
		}
	});

	test('has no parameter twice, and a schema for each', () => {
		for (const { of, name } of operations) {
			const keys = (of.parameters ?? []).map(resolved).map((p) => `${p.in} ${p.name}`);
			assert.equal(new Set(keys).size, keys.length, name);
			for (const p of (of.parameters ?? []).map(resolved)) assert.ok(p.schema, `${name}: ${p.name}`);
		}
	});

	// What http/ answers with before, and behind, any handler.
	test('has the statuses that its kind of request can always get', () => {
		list(operations.flatMap(({ path, method, of, name }) => {
			const given = Object.keys(of.responses), wanted = ['400', '403'];
			if (path.includes('{')) wanted.push('404');
			if (of.requestBody?.content['application/json']) wanted.push('413', '415', '422');
			if ((of.parameters ?? []).some((p) => resolved(p).name === 'If-None-Match')) wanted.push('304', '412');
			assert.ok(given.some((status) => status.startsWith('2')), name);
			return wanted.filter((status) => !given.includes(status)).map((status) => `${name}: ${status}`);
		}));
	});

	test('has a body only where its method has one', () => {
		list(operations.filter(({ method, of }) => of.requestBody && ['get', 'delete'].includes(method))
			.map(({ name }) => name));
	});
});

// Every body and answer of JSON: [place, media type object].
const media = operations.flatMap(({ name, of }) => [
	...Object.entries(of.requestBody?.content ?? {}).map(([type, m]) => [`${name} body`, type, m]),
	...Object.entries(of.responses).flatMap(([status, response]) => (
		Object.entries(resolved(response).content ?? {}).map(([type, m]) => [`${name} ${status}`, type, m]))),
]);

describe('every body and every answer', () => {
	test('has a schema and, if it is JSON, an example', () => {
		list(media.filter(([, , m]) => !m.schema).map(([at]) => at));
		list(media.filter(([, type, m]) => /json$/.test(type) && !('example' in m || 'examples' in m)).map(([at]) => at));
	});

	test('has examples that are what its schema says', () => {
		for (const [at, type, m] of media) {
			if (!/json$/.test(type)) continue;
			const examples = 'example' in m ? [m.example] : Object.values(m.examples ?? {}).map(({ value }) => value);
			for (const example of examples) assert.deepEqual(faults(example, m.schema), [], at);
		}
	});

	test('that is an error has the status of its place in its example', () => {
		for (const [at, type, m] of media)
			if (type === 'application/problem+json') assert.equal(String(m.example.status), at.split(' ').at(-1), at);
	});

	test('that comes with ETag or Location says so', () => {
		for (const { name, of } of operations)
			for (const [status, response] of Object.entries(of.responses)) {
				const { headers = {}, content = {} } = resolved(response);
				const etag = (of.parameters ?? []).map(resolved).some((p) => p.name === 'If-None-Match');
				if (status === '200' && etag && Object.keys(content).length) assert.ok(headers.ETag, `${name} ${status}`);
				if (status === '429' || status === '503') assert.ok(headers['Retry-After'], `${name} ${status}`);
			}
	});
});

describe('every schema', () => {
	const schemas = [...Object.entries(openapi.components.schemas)];

	test('says of an object which members it has', () => {
		list(schemas.filter(([, s]) => s.type === 'object' && !s.properties && s.additionalProperties === undefined)
			.map(([name]) => name));
	});

	test('requires only members that it has', () => {
		for (const [at, node] of all)
			if (Array.isArray(node.required) && node.properties)
				list(node.required.filter((name) => !Object.hasOwn(node.properties, name)).map((name) => `${at}: ${name}`));
	});

	test('keeps to the part of JSON Schema that these tests check', () => {
		for (const [name, schema] of schemas) assert.doesNotThrow(() => faults({}, schema), name);
	});

	test('of a body refuses members that it does not have, as the server does', () => {
		for (const { name, of } of operations) {
			const body = resolved(of.requestBody?.content['application/json']?.schema);
			if (body) assert.equal(body.additionalProperties, false, name);
		}
	});

	test('of a body lets members that may be absent be null, as the server does', () => {
		list(operations.flatMap(({ name, of }) => {
			const body = resolved(of.requestBody?.content['application/json']?.schema);
			return Object.entries(body?.properties ?? {})
				.filter(([member, schema]) => !body.required?.includes(member) && faults(null, schema).length)
				.map(([member]) => `${name} ${member}`);
		}));
	});
});
