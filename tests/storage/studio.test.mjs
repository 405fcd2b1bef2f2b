// A whole studio whose audio lies in a bucket: nobody who listens, downloads, compares or makes more of a take notices,
// and nothing is lost while the bucket is away.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { until } from '../harness.mjs';
import { installation, isProblem } from '../api/api.mjs';
import { filesOf, s3Settings, startProxy, startSwift } from './swift.mjs';

const folder = mkdtempSync(join(tmpdir(), 'earshot-studio-'));
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const swift = await startSwift(), proxy = await startProxy(swift);
await Promise.all(['listening', 'working'].map((name) => swift.cmd('mb', `s3://${name}`)));
const bucket = (name, more) => s3Settings(folder, proxy.url, { s3_bucket: name, s3_tries: 3, ...more }, true);

after(async () => {
	await proxy.stop();
	await swift.stop();
	rmSync(folder, { recursive: true, force: true });
});

describe('takes in a bucket', () => {
	const api = installation({ settings: { ...bucket('working', { s3_prefix: 'studio' }), workers: 1, worker_nice: 0, max_attempts: 2, retry_backoff_ms: 100 } });
	let take;

	const stream = (end = '', headers) => api.get(`/audio/${take.id}/stream${end}`, headers);

	test('lie there, below a prefix, under the key that their metadata name, and another program reads what we send', async () => {
		({ audio: [take] } = await api.make({ prompt: 'calm piano', duration: 3 }));
		assert.equal((await swift.list('working'))[`studio/${take.storage_path}`], take.size_bytes);
		await swift.cmd('get', '--force', `s3://working/studio/${take.storage_path}`, join(folder, 'got'));
		assert.equal(sha256(readFileSync(join(folder, 'got'))), take.sha256);
		assert.equal(sha256((await stream()).bytes), take.sha256);
		assert.deepEqual(filesOf(api.stack), [], 'nothing of it is in the folder');
	});

	test('have their waveform, score, other formats and stems', async () => {
		assert.equal((await api.get(`/audio/${take.id}/peaks`)).status, 200);
		assert.equal((await api.get(`/audio/${take.id}/midi`)).bytes.subarray(0, 4).toString(), 'MThd');
		const mp3 = await stream('?format=mp3&download=1');
		assert.equal(mp3.headers['content-type'], 'audio/mpeg');
		assert.match(mp3.headers['content-disposition'], /filename="calm piano\.mp3"/);
		assert.ok((await stream('?format=mp3', { Range: 'bytes=10-19' })).bytes.equals(mp3.bytes.subarray(10, 20)));
		assert.equal((await stream('?stem=chords')).bytes.subarray(0, 4).toString(), 'fLaC');
		assert.ok(Object.keys(await swift.list('working')).some((key) => /^studio\/derived\/.*\.mp3$/.test(key)), 'kept there as well');
		assert.equal((await stream('?format=mp3', { 'If-None-Match': mp3.headers.etag })).status, 304);
	});

	test('can be made with an adapter, which lies there too', async () => {
		const adapter = (await api.post('/adapters', { name: 'Tape' })).json;
		const file = readFileSync(new URL('../../lib/engine/band/adapters/dusty-tape.json', import.meta.url));
		const put = await api.plain('PUT', `/api/adapters/${adapter.id}/weights`, { 'Content-Type': 'application/octet-stream',
			Host: `127.0.0.1:${api.stack.port}`, Origin: api.stack.origin }, file);
		assert.equal(put.status, 200, put.text);
		const { audio: [taped] } = await api.make({ adapter_id: adapter.id, adapter_scale: 1.5 });
		assert.equal(taped.adapter.sha256, sha256(file));
	});

	test('come out right though every third request fails', async () => {
		let n = 0;
		proxy.fault = () => [undefined, undefined, n++ % 2 ? 'drop' : { status: 503 }][n % 3];
		const { job, audio: [other] } = await api.make({ prompt: 'fast techno' });
		assert.equal(job.attempt ?? 1, 1);
		assert.equal(sha256((await api.get(`/audio/${other.id}/stream`)).bytes), other.sha256);
		proxy.fault = () => undefined;
	});

	test('wait while the bucket is away, which is said, and are there when it is back', async () => {
		proxy.fault = () => 'drop';
		const health = (await api.get('/health')).json;
		assert.equal(health.storage, 'away');
		assert.deepEqual(health.problems.map(({ detail }) => detail), ['The object storage cannot be reached.']);
		isProblem(await stream(), 503, /cannot reach its database or its storage/);
		const { id } = await api.submit();
		const failed = await until(async () => {
			const job = await api.job(id);
			return job.status === 'failed' && job;
		}, 'the job to fail', 40_000);
		assert.match(failed.error, /storage/);
		proxy.fault = () => undefined;
		await api.reach((await api.post(`/generate/${id}/retry`)).json.id, 'completed');
		assert.equal((await stream()).status, 200);
	});

	test('are deleted there with all that was made of them', async () => {
		const id = take.storage_path.match(/[0-9a-f-]{36}/)[0];
		assert.equal((await api.ask('DELETE', `/audio/${take.id}`)).status, 200);
		await until(async () => !Object.keys(await swift.list('working')).some((key) => key.startsWith('studio/audio/') && key.includes(id)),
			'the objects to be collected', 30_000);
		assert.match((await api.stack.cli('audit')).stdout, /^0 counters wrong, \d+ objects, 0 of them orphans, 0 missing/m);
	});

	test('go on with the settings that they have when new ones cannot be used', async () => {
		const { conf } = api.stack, right = readFileSync(conf, 'utf8'), ours = () => [...api.stack.pids('daemon'), ...api.stack.pids('responder')];
		const before = ours();
		writeFileSync(conf, right.replace(/^s3_key_file = .*$/m, 's3_key_file = nowhere'));
		await assert.rejects(api.stack.cli('reload'), /s3_key_file: .*nowhere.*nothing was reloaded/s);
		for (const part of ['daemon', 'responder']) api.stack.kill(part, 'SIGHUP');
		const refused = (name) => api.stack.log().split('\n').filter((line) => line.includes(` ${name}[`) && line.includes('cannot reload: s3_key_file: ')).length;
		await until(() => refused('earshotd') === 1 && refused('earshot.fcgi') === before.length - 1, 'all to refuse');
		assert.deepEqual(ours(), before);
		const { audio: [other] } = await api.make({ prompt: 'made with the old settings' });
		assert.equal((await api.get(`/audio/${other.id}/stream`)).status, 200);
		writeFileSync(conf, right);
		assert.match((await api.stack.cli('reload')).stdout, /^daemon: version/);
	});

	test('keep the secret key out of every log and answer', async () => {
		assert.doesNotMatch(api.stack.log() + api.stack.log('daemon') + api.stack.log('web'), /\ntesting\n|Signature=|secret=/);
	});
});

describe('listeners who are sent to the bucket', () => {
	const api = installation({ settings: { ...bucket('listening', { s3_delivery: 'redirect' }), workers: 1, worker_nice: 0 } });

	test('get an address that serves ranges, names and types, and no cache keeps it', async () => {
		const { audio: [take] } = await api.make({ prompt: 'calm piano' });
		const away = await api.get(`/audio/${take.id}/stream?download=1`);
		assert.equal(away.status, 307);
		assert.equal(away.bytes.length, 0);
		assert.equal(away.headers['cache-control'], 'no-store');
		const whole = await fetch(away.headers.location);
		assert.equal(sha256(Buffer.from(await whole.arrayBuffer())), take.sha256);
		assert.equal(whole.headers.get('content-type'), 'audio/flac');
		assert.match(whole.headers.get('content-disposition'), /^attachment; filename="calm piano\.flac"/);
		const part = await fetch(away.headers.location, { headers: { Range: 'bytes=5-8' } });
		assert.deepEqual([part.status, part.headers.get('content-range')], [206, `bytes 5-8/${take.size_bytes}`]);
		const head = await api.head(`/audio/${take.id}/stream`);
		assert.equal((await fetch(head.headers.location, { method: 'HEAD' })).headers.get('content-length'), String(take.size_bytes));
		assert.equal((await api.get(`/audio/${take.id}/peaks`)).status, 200);
	});
});
