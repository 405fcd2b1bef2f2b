// Adapters: made, filled with weights, versioned, used by jobs, archived.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { until } from '../harness.mjs';
import { installation, isProblem, nobody, rounds } from './api.mjs';

const limit = 65 * 1024 * 1024;
const api = installation({ settings: { workers: 1, max_adapter_bytes: limit } }, async () => {
	await until(async () => (await api.stack.sql('SELECT 1 FROM models')).length, 'a model');
	// A second model, of a host that is alive; nothing can run it.
	await api.stack.sql(`INSERT INTO models (host_id, id, position, description, reason) SELECT id, 'orchestra', 9,
		'{"display_name":"Orchestra","max_duration_seconds":30,"adapters":"style"}', 'There is no hall.' FROM hosts`);
});

afterEach(async () => {
	for (const job of (await api.get('/jobs?limit=100')).json.items)
		if (job.status === 'queued' || job.status === 'processing') await api.delete(`/generate/${job.id}`);
});

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

// A style adapter; a number makes another file of it that is as good.
const style = (tempo = 80, more = {}) => JSON.stringify({ format: 'earshot-style-adapter', version: 1, name: 'Test',
	base_model: 'band', tempo: { usual: tempo, slowest: tempo - 2, fastest: tempo + 2 }, ...more });

const create = async (body = {}) => {
	const answer = await api.post('/adapters', { name: 'An adapter', ...body });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
};
const put = (id, body, query = '', headers = { 'Content-Type': 'application/octet-stream' }) =>
	api.ask('PUT', `/adapters/${id}/weights${query}`, { body, headers });
const upload = async (id, body = style(), query = '') => {
	const answer = await put(id, body, query);
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
};
const patch = (path, json) => api.ask('PATCH', path, { json });
const get = async (id) => (await api.get(`/adapters/${id}`)).json;
const made = async (body, file) => upload((await create(body)).id, file);
const addVersion = async (id, body) => {
	const answer = await api.post(`/adapters/${id}/versions`, body);
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
};
const objects = () => readdirSync(join(api.stack.var, 'storage'), { recursive: true, withFileTypes: true })
	.filter((entry) => entry.isFile()).map(({ name, parentPath, path }) => join(parentPath ?? path, name))
	.filter((path) => path.includes('/storage/adapters/'));

describe('an adapter', () => {
	test('begins with one active version and no weights', async () => {
		const { status, headers, json } = await api.post('/adapters', { name: 'Late tape', description: 'Worn.',
			config: { from: 'a test' } });
		assert.equal(status, 201);
		assert.equal(headers.location, `/api/adapters/${json.id}`);
		const { id, created_at, updated_at, versions, ...rest } = json;
		assert.deepEqual(rest, { name: 'Late tape', description: 'Worn.', base_model: 'band',
			base_model_config: { id: 'band', display_name: 'Band', max_duration_seconds: 600 }, status: 'active',
			is_active: true, has_weights: false, current_version: '1.0.0', sha256: null, config: { from: 'a test' },
			training_config: null, job_count: 0, sample_count: 0, vote_count: 0 });
		assert.equal(created_at, updated_at);
		assert.deepEqual(versions.map(({ version, is_active, has_weights }) => [version, is_active, has_weights]),
			[['1.0.0', true, false]]);
		assert.deepEqual(await get(id), json);
	});

	test('may be for another base model and begin with another version', async () => {
		const adapter = await create({ base_model: 'orchestra', version: '0.9-beta' });
		assert.deepEqual([adapter.base_model, adapter.current_version, adapter.base_model_config],
			['orchestra', '0.9-beta', { id: 'orchestra', display_name: 'Orchestra', max_duration_seconds: 30 }]);
	});

	const wrong = {
		'no name': [{ name: undefined }, 'name', /name is missing/],
		'a blank name': [{ name: ' ' }, 'name', /blank/],
		'a name of 201 characters': [{ name: 'ü'.repeat(201) }, 'name', /1 to 200 characters, not 201/],
		'a description of 2001': [{ description: 'x'.repeat(2001) }, 'description', /2000/],
		'an unknown base model': [{ base_model: 'nobody' }, 'base_model', /"nobody".*GET \/models/],
		'a version that is none': [{ version: '../1' }, 'version', /like 1\.0\.0/],
		'an endless version': [{ version: '1'.repeat(51) }, 'version', /1 to 50/],
		'a config that is no object': [{ config: 'x' }, 'config', /object/],
		'a config that is too long': [{ config: { x: 'x'.repeat(33000) } }, 'config', /at most 32768 bytes/],
		'an unknown field': [{ is_active: true }, 'is_active', /not a known field/],
	};
	for (const [what, [body, field, detail]] of Object.entries(wrong))
		test(`422 to ${what}`, async () => {
			isProblem(await api.post('/adapters', { name: 'x', ...body }), 422, detail, [field]);
		});

	test('is renamed, described, archived and brought back by what is given, and nothing else changes', async () => {
		const before = await made();
		const steps = [[{ name: 'Später – 遅い' }, { name: 'Später – 遅い' }], [{ description: 'New.' }, { description: 'New.' }],
			[{ config: { a: [1] } }, { config: { a: [1] } }], [{ description: '' }, { description: null }],
			[{ status: 'archived' }, { status: 'archived', is_active: false }],
			[{ is_active: true }, { status: 'active', is_active: true }], [{ is_active: false }, { status: 'archived', is_active: false }],
			[{ status: 'active', is_active: true }, { status: 'active', is_active: true }]];
		let expected = before;
		for (const [body, change] of steps) {
			const { status, json } = await patch(`/adapters/${before.id}`, body);
			assert.equal(status, 200);
			assert.ok(json.updated_at > expected.updated_at);
			expected = { ...expected, ...change, updated_at: json.updated_at };
			assert.deepEqual(json, expected);
			assert.deepEqual(await get(before.id), expected);
		}
	});

	test('a change that contradicts itself, or is none, is 422 and changes nothing', async () => {
		const adapter = await create();
		isProblem(await patch(`/adapters/${adapter.id}`, { name: 'y', status: 'archived', is_active: true }), 422,
			/contradicts/, ['is_active']);
		isProblem(await patch(`/adapters/${adapter.id}`, { name: '', base_model: 'orchestra' }), 422, undefined,
			['base_model', 'name']);
		isProblem(await patch(`/adapters/${adapter.id}`, { status: 'deleted' }), 422, /active, archived/, ['status']);
		assert.deepEqual(await get(adapter.id), adapter);
	});

	test('DELETE archives it, as often as one likes', async () => {
		const { id } = await create();
		for (let i = 0; i < 2; i++)
			assert.deepEqual((await api.delete(`/adapters/${id}`)).json, { status: 'archived', adapter_id: id });
		const adapter = await get(id);
		assert.deepEqual([adapter.status, adapter.is_active], ['archived', false]);
	});

	test('is 404 everywhere when it is not there', async () => {
		const said = `There is no adapter ${nobody}.`;
		isProblem(await api.get(`/adapters/${nobody}`), 404, said);
		isProblem(await api.get(`/adapters/${nobody}/timeline`), 404, said);
		isProblem(await patch(`/adapters/${nobody}`, { name: 'x' }), 404, said);
		isProblem(await api.delete(`/adapters/${nobody}`), 404, said);
		isProblem(await put(nobody, style()), 404, said);
		isProblem(await api.post(`/adapters/${nobody}/versions`, { version: '2' }), 404, said);
		isProblem(await patch(`/adapters/${nobody}/versions/${nobody}/activate`), 404, said);
		isProblem(await api.post('/generate', { prompt: 'x', adapter_id: nobody }), 404, said);
	});
});

describe('lists', () => {
	test('are newest first, in parts, by status', async () => {
		const ids = [];
		for (let i = 0; i < 4; i++) ids.unshift((await create({ name: `List ${i}` })).id);
		await api.delete(`/adapters/${ids[1]}`);
		const list = async (query) => (await api.get(`/adapters?${query}`)).json;
		const { items, total, has_more, limit: n, offset } = await list('limit=3');
		assert.deepEqual(items.map(({ id }) => id), ids.slice(0, 3));
		assert.deepEqual([has_more, n, offset], [true, 3, 0]);
		for (const way of ['offset=2', 'skip=2'])
			assert.deepEqual((await list(`limit=2&${way}`)).items.map(({ id }) => id), ids.slice(2, 4));
		const archived = await list('status=archived&limit=100'), active = await list('status=active&limit=1');
		assert.ok(archived.items.every(({ status, is_active }) => status === 'archived' && !is_active));
		assert.equal(archived.items[0].id, ids[1]);
		assert.equal(archived.total + active.total, total);
		assert.deepEqual(await list('active_only=true&limit=1'), active);
		const { versions, training_config, job_count, sample_count, vote_count, ...short } = await get(ids[0]);
		assert.deepEqual(items[0], short);
		const stats = (await api.get('/adapters/stats')).json;
		assert.deepEqual([stats.total, stats.active, stats.archived], [total, active.total, archived.total]);
		const [[rows]] = await api.stack.sql('SELECT COUNT(*) FROM adapter_versions');
		assert.equal(stats.total_versions, Number(rows));
	});

	test('400 to what cannot be asked', async () => {
		for (const [query, detail] of [['status=gone', /status/], ['active_only=perhaps', /active_only/],
			['skip=-1', /skip/], ['skip=1&offset=1', /skip/], ['skip=1&page=2', /Only one/], ['limit=101', /limit/],
			['status=archived&active_only=true', /contradict/]])
			isProblem(await api.get(`/adapters?${query}`), 400, detail);
	});

	test('are cheap to ask again: ETag and 304', async () => {
		const { id } = await create();
		for (const path of ['/adapters', '/adapters/stats', `/adapters/${id}`, `/adapters/${id}/timeline`]) {
			const { headers: { etag } } = await api.get(path);
			assert.equal((await api.get(path, { 'If-None-Match': etag })).status, 304, path);
		}
	});
});

describe('weights', () => {
	test('go to the version, with their hash, and with what the engine found in them', async () => {
		const { id } = await create(), file = style(72, { description: 'Slow.' });
		const adapter = await upload(id, file);
		assert.deepEqual([adapter.has_weights, adapter.sha256, adapter.current_version], [true, sha256(file), '1.0.0']);
		const [version] = adapter.versions;
		assert.deepEqual([version.sha256, version.size_bytes, version.has_weights], [sha256(file), file.length, true]);
		assert.equal(version.about.tempo, 72);
		assert.ok(version.uploaded_at >= version.created_at);
		assert.deepEqual(await get(id), adapter);
		const [[key]] = await api.stack.sql(`SELECT storage_key FROM adapter_weights WHERE sha256 = 0x${sha256(file)}`);
		assert.equal(readFileSync(join(api.stack.var, 'storage', key), 'utf8'), file);
	});

	test('of whatever Content-Type, or none', async () => {
		for (const headers of [{}, { 'Content-Type': 'application/json' }, { 'Content-Type': 'audio/wav' }])
			assert.equal((await put((await create()).id, style(), '', headers)).status, 200);
	});

	test('take the place of those that were there', async () => {
		const { id } = await made({}, style(70));
		const adapter = await upload(id, style(71));
		assert.deepEqual([adapter.sha256, adapter.versions.length], [sha256(style(71)), 1]);
	});

	test('go to the newest version, or to the one that is named', async () => {
		const adapter = await made({}, style(70)), [first] = adapter.versions;
		const second = await addVersion(adapter.id, { version: '2' });
		let now = await upload(adapter.id, style(71));
		assert.deepEqual(now.versions.map((v) => v.sha256), [sha256(style(70)), sha256(style(71))]);
		assert.equal(now.sha256, sha256(style(70)), 'the active version is as it was');
		now = await upload(adapter.id, style(72), `?version_id=${first.id}`);
		assert.deepEqual(now.versions.map((v) => v.sha256), [sha256(style(72)), sha256(style(71))]);
		isProblem(await put((await create()).id, style(), `?version_id=${second.id}`), 404, /no version/);
		isProblem(await put(adapter.id, style(), '?version_id=2'), 400, /version_id/);
	});

	test('that are not what the engine wants are 422, in its sentence, and nothing of them is left', async () => {
		const adapter = await made(), before = objects().length;
		const bad = { 'no JSON': ['hello', /JSON/i], 'random bytes': [randomBytes(5000), /./],
			'another format': [JSON.stringify({ format: 'other' }), /format/],
			'another base model': [style(80, { base_model: 'orchestra' }), /base_model|orchestra/],
			'a wrong field': [style(80, { swing: { percent: 200, on: 8 } }), /swing\.percent/],
			'an unknown field': [style(80, { wah: 1 }), /wah/] };
		for (const [what, [file, detail]] of Object.entries(bad)) {
			const answer = await put(adapter.id, file);
			isProblem(answer, 422, detail, ['weights']);
			assert.deepEqual(await get(adapter.id), adapter, what);
		}
		assert.equal(objects().length, before);
		assert.deepEqual(await api.stack.sql('SELECT storage_key FROM intents'), []);
	});

	test('for a model that nobody has here are 422', async () => {
		const { id } = await create({ base_model: 'orchestra' });
		isProblem(await put(id, style()), 422, /orchestra/, ['weights']);
	});

	test('that are empty are 422', async () => {
		isProblem(await put((await create()).id, ''), 422, /body is empty/, ['weights']);
	});

	test('larger than max_adapter_bytes are 413', async () => {
		const { id } = await create(), before = objects().length;
		isProblem(await put(id, Buffer.alloc(limit + 1)), 413, `The body is larger than ${limit} bytes.`);
		assert.equal(objects().length, before);
		assert.equal((await get(id)).has_weights, false);
	});

	test('of 64 MB are not held in memory', async () => {
		const { id } = await create(), file = randomBytes(64_000_000);
		const peaks = () => api.stack.pids('responder').map((pid) =>
			Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmHWM:\s+(\d+) kB/m)[1]));
		isProblem(await put(id, file), 422, /./, ['weights']);
		for (const peak of peaks()) assert.ok(peak < 30_000, `${peak} kB`);
	});

	test('409 when the adapter is archived', async () => {
		const { id } = await create();
		await api.delete(`/adapters/${id}`);
		isProblem(await put(id, style()), 409, /archived/);
	});

	test('a body that breaks off changes nothing', async () => {
		const adapter = await made(), before = objects().length;
		const script = `printf 'PUT /api/adapters/${adapter.id}/weights HTTP/1.1\\r\\nHost: localhost\\r\\n` +
			`Content-Length: 1000\\r\\n\\r\\nhalf' >&3; sleep 0.3`;
		await promisify(execFile)('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${api.stack.port}; ${script}`]);
		assert.deepEqual(await get(adapter.id), adapter);
		assert.equal(objects().length, before);
	});
});

describe('versions', () => {
	test('are added in the body or in the query, inactive and without weights', async () => {
		const { id } = await made();
		const one = await addVersion(id, { version: '1.1.0', description: 'More swing.' });
		assert.deepEqual([one.adapter_id, one.version, one.description, one.is_active, one.has_weights],
			[id, '1.1.0', 'More swing.', false, false]);
		const two = await api.ask('POST', `/adapters/${id}/versions?version=1.2.0&description=Less%20of%20it`);
		assert.equal(two.status, 201);
		assert.equal(two.json.description, 'Less of it');
		const three = await api.ask('POST', `/adapters/${id}/versions?version=1.3.0`, { json: { description: 'Both' } });
		assert.equal(three.json.description, 'Both');
		const adapter = await get(id);
		assert.deepEqual(adapter.versions.map(({ version }) => version), ['1.0.0', '1.1.0', '1.2.0', '1.3.0']);
		assert.deepEqual(adapter.versions[1], one);
		assert.equal(adapter.current_version, '1.0.0');
	});

	test('become active when it is said, one at a time', async () => {
		const adapter = await made(), { id } = await addVersion(adapter.id, { version: '2' });
		await upload(adapter.id, style(90));
		const { json } = await patch(`/adapters/${adapter.id}/versions/${id}/activate`);
		assert.deepEqual([json.status, json.version.id, json.version.is_active], ['activated', id, true]);
		const now = await get(adapter.id);
		assert.deepEqual([now.current_version, now.sha256], ['2', sha256(style(90))]);
		assert.deepEqual(now.versions.map(({ is_active }) => is_active), [false, true]);
	});

	test('what is wrong about them is said', async () => {
		const { id, versions } = await made(), path = `/adapters/${id}/versions`;
		isProblem(await api.post(path, { version: '1.0.0' }), 409, 'The adapter has a version 1.0.0 already.');
		isProblem(await api.ask('POST', path), 422, /version is missing/, ['version']);
		isProblem(await api.post(path, { description: 'x' }), 422, /version is missing/, ['version']);
		isProblem(await api.ask('POST', `${path}?version=a%20b`), 422, /like 1\.0\.0/, ['version']);
		isProblem(await api.ask('POST', `${path}?version=2`, { json: { version: '2' } }), 400, /body and in the query/);
		isProblem(await api.ask('POST', path, { body: 'version=2', headers: { 'Content-Type': 'text/plain' } }), 415);
		isProblem(await patch(`${path}/${nobody}/activate`), 404, /no version/);
		const [other] = (await create()).versions;
		isProblem(await patch(`${path}/${other.id}/activate`), 404, /no version/);
		await api.delete(`/adapters/${id}`);
		isProblem(await api.post(path, { version: '2' }), 409, /archived/);
		isProblem(await patch(`${path}/${versions[0].id}/activate`), 409, /archived/);
	});

	test('are on the timeline, behind the beginning', async () => {
		const { id } = await made({ name: 'Timed', description: 'By the clock.' });
		await addVersion(id, { version: '2', description: 'Later.' });
		const { json } = await api.get(`/adapters/${id}/timeline`);
		assert.deepEqual([json.adapter_id, json.adapter_name, json.total_versions, json.total_training_runs], [id, 'Timed', 2, 0]);
		assert.deepEqual(json.events.map(({ type, title, description }) => [type, title, description]),
			[['created', 'Created Timed', 'By the clock.'], ['version', 'Version 1.0.0', null], ['version', 'Version 2', 'Later.']]);
		assert.deepEqual(json.events.map(({ timestamp }) => timestamp), json.events.map(({ timestamp }) => timestamp).sort());
	});
});

// A MIDI file: eight bars of quarter notes on one channel, from a key on; one file for each key.
const midi = (key = 60, cut = 0) => {
	const events = [0x00, 0xff, 0x51, 0x03, 0x07, 0xa1, 0x20];
	for (let i = 0; i < 32; i++) events.push(0x00, 0x90, key + [0, 4, 7, 5][i % 4], 0x50, 0x60, 0x80, key + [0, 4, 7, 5][i % 4], 0x40);
	events.push(0x00, 0xff, 0x2f, 0x00);
	const head = Buffer.from('MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk', 'latin1'), size = Buffer.alloc(4);
	size.writeUInt32BE(events.length);
	const file = Buffer.concat([head, size, Buffer.from(events)]);
	return file.subarray(0, file.length - cut);
};

// The form that a browser sends.
const train = (id, files, query = '', boundary = '----WebKitFormBoundary7MA4YWxk') => {
	const body = Buffer.concat([...Object.entries(files).map(([name, bytes]) => Buffer.concat([
		Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\n` +
			'Content-Type: audio/midi\r\n\r\n'), bytes, Buffer.from('\r\n')])), Buffer.from(`--${boundary}--\r\n`)]);
	return api.ask('POST', `/adapters/${id}/train${query}`, { body,
		headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` } });
};

describe('training', () => {
	test('learns the first version from MIDI files, then the next one', async () => {
		const { id } = await create({ name: 'Learned' });
		const { status, headers, json } = await train(id, { 'a.mid': midi(60), 'b.mid': midi(62) });
		assert.equal(status, 201);
		assert.equal(headers.location, `/api/adapters/${id}`);
		assert.deepEqual([json.adapter_id, json.version.version, json.version.is_active, json.version.has_weights],
			[id, '1.0.0', true, true]);
		assert.deepEqual(json.training_config, { text: 'Learned from MIDI files', files: ['a.mid', 'b.mid'],
			sha256s: [sha256(midi(60)), sha256(midi(62))], notes: 64, bars: 16 });
		assert.match(json.learned[0], /^Learned from 2 files: 16 bars, 64 notes$/);
		assert.deepEqual(json.skipped, []);
		const next = await train(id, { 'b.mid': midi(62), 'a.mid': midi(60) }, '?description=Again');
		assert.deepEqual([next.json.version.version, next.json.version.description], ['1.0.1', 'Again']);
		assert.equal(next.json.version.sha256, json.version.sha256);	// in any order
		const now = await get(id);
		assert.deepEqual([now.current_version, now.training_config], ['1.0.1', json.training_config]);
		const timeline = (await api.get(`/adapters/${id}/timeline`)).json;
		assert.equal(timeline.total_training_runs, 2);
		assert.deepEqual(timeline.events.map(({ type }) => type), ['created', 'version', 'training', 'version', 'training']);
		assert.deepEqual(timeline.events[2].metadata, { version: '1.0.0', files: 2, notes: 64, bars: 16 });
	});

	test('gives weights that a job can use', async () => {
		const { id } = await create({ name: 'For a job' });
		assert.equal((await train(id, { 'a.mid': midi() })).status, 201);
		const { json } = await api.post('/generate', { prompt: 'rock', adapter_id: id, duration: 2 });
		await until(async () => (await api.get(`/jobs/${json.id}`)).json.status === 'completed', 'the job');
	});

	test('a file that is malformed is refused by name and byte, or left out if one wants that', async () => {
		const { id } = await create(), bad = { 'good.mid': midi(), 'cut off.mid': midi(60, 3), 'text.mid': Buffer.from('hello') };
		const { length } = objects();
		isProblem(await train(id, bad), 422, /^cut off\.mid: byte 18: \d+ bytes were expected behind it, but the file ends/, ['files']);
		assert.equal((await get(id)).has_weights, false);
		assert.equal(objects().length, length);			// nothing is left of it
		const { status, json } = await train(id, bad, '?skip=true');
		assert.equal(status, 201);
		assert.deepEqual(json.training_config.files, ['good.mid']);
		assert.equal(json.skipped.length, 2);
		assert.match(json.skipped[1], /^text\.mid: byte 0: `MThd` was expected/);
		assert.equal(objects().length, length + 1);
	});

	test('what is no form of files, or too large, is refused', async () => {
		const { id } = await create(), path = `/adapters/${id}/train`;
		isProblem(await api.post(path, {}), 415, /multipart\/form-data/);
		isProblem(await api.ask('POST', path, { body: 'x', headers: { 'Content-Type': 'multipart/form-data' } }), 400, /boundary/);
		isProblem(await api.ask('POST', path, { body: 'x', headers: { 'Content-Type': 'multipart/form-data; boundary=b' } }),
			422, /byte 0: the boundary/, ['files']);
		isProblem(await train(id, {}), 422, /./, ['files']);
		isProblem(await train(id, { 'a.mid': midi() }, '?version=a%20b'), 422, /like 1\.0\.0/, ['version']);
		isProblem(await train(nobody, { 'a.mid': midi() }), 404);
		isProblem(await train((await create({ base_model: 'orchestra' })).id, { 'a.mid': midi() }), 422, /orchestra/, ['files']);
		isProblem(await train(id, { 'a.mid': Buffer.alloc(65 * 1024 * 1024) }), 413);
		await api.delete(`/adapters/${id}`);
		isProblem(await train(id, { 'a.mid': midi() }), 409, /archived/);
	});
});

describe('at once', () => {
	test(`two uploads and an activation leave one of their states, whole, ${rounds} times`, async () => {
		const adapter = await made({}, style(100)), [first] = adapter.versions;
		const second = await addVersion(adapter.id, { version: '2' });
		const hashes = [100, 101, 102].map((tempo) => sha256(style(tempo)));
		for (let i = 0; i < rounds; i++) {
			const active = i % 2 ? first : second;
			const [a, b, c] = await Promise.all([put(adapter.id, style(101)), put(adapter.id, style(102)),
				patch(`/adapters/${adapter.id}/versions/${active.id}/activate`)]);
			assert.deepEqual([a.status, b.status, c.status], [200, 200, 200], a.text + b.text + c.text);
			const now = await get(adapter.id);
			assert.equal(now.current_version, active.version);
			assert.equal(now.versions[0].sha256, hashes[0]);
			assert.ok(hashes.slice(1).includes(now.versions[1].sha256));
			assert.equal(now.versions[1].about.tempo, hashes.indexOf(now.versions[1].sha256) + 100);
			assert.equal(now.sha256, now.versions[active === first ? 0 : 1].sha256);
		}
		assert.deepEqual(await api.stack.sql('SELECT storage_key FROM intents'), []);
		const { stdout } = await api.stack.cli('audit');
		assert.match(stdout, /^0 counters wrong, \d+ objects, 0 of them orphans, 0 missing/m);
	});
});

// The sound of a file alone, without its tags; and of a take.
async function soundOf(file) {
	const { stdout } = await promisify(execFile)('ffmpeg', ['-v', 'error', '-i', file, '-f', 's32le', '-'],
		{ encoding: 'buffer', maxBuffer: 1 << 28 });
	return sha256(stdout);
}

async function sound(audio) {
	const file = join(api.stack.var, `${audio.id}.flac`);
	writeFileSync(file, (await api.get(`/audio/${audio.id}/stream`)).bytes);
	return soundOf(file);
}

async function tags(audio) {
	const file = join(api.stack.var, `${audio.id}.flac`);
	const { stdout } = await promisify(execFile)('ffprobe', ['-v', 'error', '-show_entries', 'format_tags', '-of', 'json', file]);
	return Object.fromEntries(Object.entries(JSON.parse(stdout).format.tags).map(([name, text]) => [name.toLowerCase(), text]));
}

describe('a job with an adapter', () => {
	const asked = { prompt: 'calm piano with bass and drums', seed: 11, duration: 6 };
	const bent = style(150, { name: 'Bent' });

	test('sounds different, and says in metadata and tags what made it', async () => {
		const adapter = await made({ name: 'Bent tape', version: '1.2.0' }, bent);
		const { audio: [base] } = await api.make(asked);
		const { job, audio } = await api.make({ ...asked, adapter_id: adapter.id, adapter_scale: 0.8, num_samples: 2 });
		const shown = { id: adapter.id, name: 'Bent tape', version: '1.2.0', base_model: 'band', sha256: sha256(bent), scale: 0.8 };
		assert.deepEqual([job.adapter_id, job.adapter_name, job.model, job.generation_params.adapter_scale],
			[adapter.id, 'Bent tape', 'band', 0.8]);
		for (const one of audio) {
			assert.deepEqual([one.adapter_id, one.adapter, one.generation_params.adapter_scale], [adapter.id, shown, 0.8]);
			await sound(one);
			assert.equal((await tags(one)).album, 'Bent tape 1.2.0');
		}
		assert.notEqual(await sound(audio[0]), await sound(base));
		assert.deepEqual([base.adapter_id, base.adapter], [null, null]);
		assert.ok(!('adapter_scale' in base.generation_params));
		const now = await get(adapter.id);
		assert.deepEqual([now.job_count, now.sample_count], [1, 2]);
	});

	test('at scale 0 is bit for bit the base model, and so is the base model after it', async () => {
		const adapter = await made({}, bent);
		const sounds = [];
		for (const more of [{}, { adapter_id: adapter.id }, { adapter_id: adapter.id, adapter_scale: 0 }, {}])
			sounds.push(await sound((await api.make({ ...asked, ...more })).audio[0]));
		assert.equal(sounds[2], sounds[0]);
		assert.equal(sounds[3], sounds[0]);
		assert.notEqual(sounds[1], sounds[0]);
	});

	test('makes what `earshot generate --adapter` makes without a server', async () => {
		const adapter = await made({}, bent), file = join(api.stack.var, 'bent.json');
		writeFileSync(file, bent);
		const byHand = async (name, ...more) => {
			const out = join(api.stack.var, `${name}.flac`);
			await api.stack.cli('generate', asked.prompt, '-o', out, '--seed', '11', '--duration', '6', ...more);
			return soundOf(out);
		};
		const { audio: [audio] } = await api.make({ ...asked, adapter_id: adapter.id, adapter_scale: 0.5 });
		const base = await byHand('base');
		assert.equal(await byHand('bent', '--adapter', file, '--adapter-scale', '0.5'), await sound(audio));
		assert.equal((await tags({ id: 'bent' })).album, 'bent.json');
		assert.equal(await byHand('none', '--adapter', file, '--adapter-scale', '0'), base);
		assert.notEqual(await byHand('full', '--adapter', file), base);
		await assert.rejects(byHand('x', '--adapter', join(api.stack.var, 'earshot.conf')), /JSON|earshot\.conf/);
		await assert.rejects(byHand('x', '--adapter', file, '--adapter-scale', '3'), /from 0 to 2/);
	});

	test('keeps the weights that it was submitted with, and so does a retry of it', async () => {
		const adapter = await made({}, bent);
		await api.keepBusy();
		const first = await api.submit({ ...asked, adapter_id: adapter.id });
		const { json: cancelled } = await api.delete(`/generate/${first.id}`);
		assert.equal(cancelled.was, 'queued');
		await upload(adapter.id, style(60));
		await patch(`/adapters/${adapter.id}`, { name: 'Another name' });
		await api.delete(`/adapters/${adapter.id}`);
		const { json: again } = await api.post(`/generate/${first.id}/retry`);
		for (const job of (await api.get('/jobs?limit=100')).json.items)
			if (job.status === 'processing') await api.delete(`/generate/${job.id}`);
		const job = await api.reach(again.id, 'completed');
		const { json: audio } = await api.get(`/audio/${job.audio_ids[0]}`);
		assert.deepEqual([audio.adapter.sha256, audio.adapter.name, job.adapter_name], [sha256(bent), 'An adapter', 'An adapter']);
	});

	test('whose stored file is damaged fails for good, in a sentence that names the adapter', async () => {
		const adapter = await made({ name: 'Worn out' }, bent);
		await api.make({ ...asked, adapter_id: adapter.id });
		const [[key]] = await api.stack.sql(`SELECT storage_key FROM adapter_weights JOIN adapter_versions v ON
			v.weights_id = adapter_weights.id WHERE v.adapter_id = 0x${adapter.id.replaceAll('-', '')}`);
		writeFileSync(join(api.stack.var, 'storage', key), style(151));
		const failed = await api.reach((await api.submit({ ...asked, adapter_id: adapter.id })).id, 'failed');
		assert.equal(failed.error, 'The weights of the adapter Worn out 1.0.0 are damaged: the stored file is not the one ' +
			'that was uploaded.');
		assert.deepEqual([failed.attempt, failed.error_code], [1, 'cannot_generate']);
		await upload(adapter.id, bent);
		await api.make({ ...asked, adapter_id: adapter.id });
	});

	test('of another base model is refused with both names', async () => {
		const other = await create({ name: 'Strings', base_model: 'orchestra' });
		isProblem(await api.post('/generate', { ...asked, model: 'band', adapter_id: other.id }), 400,
			'The adapter "Strings" belongs to the model orchestra, not to band.', ['adapter_id']);
		const mine = await made({ name: 'Tape' });
		isProblem(await api.post('/generate', { ...asked, model: 'orchestra', adapter_id: mine.id }), 400,
			'The adapter "Tape" belongs to the model band, not to orchestra.', ['adapter_id']);
	});

	test('runs on the base model of the adapter when none is named; one that cannot run is told with both names', async () => {
		const mine = await made();
		assert.equal((await api.submit({ adapter_id: mine.id })).model, 'band');
		const other = await create({ name: 'Strings', base_model: 'orchestra' });
		await api.stack.sql(`INSERT INTO adapter_weights (id, version_id, storage_key, sha256, size_bytes, uploaded_at)
			SELECT id, id, HEX(id), REPEAT(' ', 32), 1, NOW() FROM adapter_versions WHERE adapter_id = 0x${other.id.replaceAll('-', '')}`);
		await api.stack.sql(`UPDATE adapter_versions SET weights_id = id WHERE adapter_id = 0x${other.id.replaceAll('-', '')}`);
		isProblem(await api.post('/generate', { ...asked, adapter_id: other.id }), 400,
			/orchestra, not to the current model band, and orchestra cannot run .*: There is no hall\./, ['adapter_id']);
	});

	test('that is archived or has no weights is refused', async () => {
		const adapter = await create({ name: 'Empty', version: '0.1' });
		isProblem(await api.post('/generate', { ...asked, adapter_id: adapter.id }), 400,
			'Version 0.1 of the adapter "Empty" has no weights yet; upload them first.', ['adapter_id']);
		await upload(adapter.id);
		await api.delete(`/adapters/${adapter.id}`);
		isProblem(await api.post('/generate', { ...asked, adapter_id: adapter.id }), 400,
			'The adapter "Empty" is archived and takes no new jobs.', ['adapter_id']);
	});
});
