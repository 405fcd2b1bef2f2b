// `earshot storage move`: all that there is goes from a folder into a bucket and back, while one listens and makes more.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { until } from '../harness.mjs';
import { installation } from '../api/api.mjs';
import { earshot } from '../faults/jobs.mjs';
import { filesOf, s3Settings, startProxy, startSwift } from './swift.mjs';

const folder = mkdtempSync(join(tmpdir(), 'earshot-move-'));
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const swift = await startSwift(), proxy = await startProxy(swift);

after(async () => {
	await proxy.stop();
	await swift.stop();
	rmSync(folder, { recursive: true, force: true });
});

// Begins to move, and is killed in the middle of the first request that matches.
async function killedAt(stack, match) {
	const seen = new Promise((done) => {
		proxy.fault = (asked) => {
			if (!match(asked)) return undefined;
			done();
			return 'hang';
		};
	});
	const mover = earshot(stack, 'storage', 'move');
	const ended = assert.rejects(mover, { signal: 'SIGKILL' });
	await Promise.race([seen, ended]);
	mover.child.kill('SIGKILL');
	await ended;
	proxy.fault = () => undefined;
}

describe('moving', () => {
	const api = installation({ settings: { workers: 1, worker_nice: 0 } });
	const takes = [];

	// New settings for everything that runs.
	async function change(settings) {
		const { conf } = api.stack, old = readFileSync(conf, 'utf8');
		const lines = old.split('\n').filter((line) => !(line.split(' = ')[0] in settings));
		writeFileSync(conf, [...lines, ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`), ''].join('\n'));
		api.stack.kill('daemon', 'SIGTERM');
		api.stack.kill('responder', 'SIGTERM');
		await until(async () => (await api.get('/health').catch(() => ({}))).json?.daemon?.workers > 0, 'the studio to be back', 20_000);
	}

	async function allSound() {
		for (const take of takes) {
			const answer = await api.get(`/audio/${take.id}/stream`);
			assert.equal(answer.status, 200, answer.text);
			assert.equal(sha256(answer.bytes), take.sha256);
			assert.equal((await api.get(`/audio/${take.id}/peaks`)).status, 200);
		}
	}

	test('asks for the settings first', async () => {
		await assert.rejects(earshot(api.stack, 'storage', 'move'), /set storage to where audio is to be, and storage_from/);
		await assert.rejects(api.stack.cli('storage'), /move is missing/);
		if (process.getuid() === 0) await assert.rejects(api.stack.cli('storage', 'move'), /run it as \S+, whose state_dir it is/);
	});

	test('brings everything into the bucket while one listens and makes more, and goes on where it was killed', async () => {
		for (const prompt of ['calm piano', 'fast techno', 'slow blues']) takes.push(...(await api.make({ prompt })).audio);
		takes.push(...(await api.make({ prompt: 'large', duration: 30, format: 'wav' })).audio);
		const { audio: [doomed] } = await api.make({ prompt: 'to be deleted' });
		const before = filesOf(api.stack).length;
		await change(s3Settings(folder, proxy.url, { s3_tries: 3, s3_prefix: 'studio', storage_from: 'local' }, true));
		await allSound();
		takes.push(...(await api.make({ prompt: 'made meanwhile' })).audio);
		assert.equal(filesOf(api.stack).length, before, 'what is new goes to the bucket at once');
		assert.ok(`studio/${takes.at(-1).storage_path}` in await swift.list('earshot'));

		await api.ask('DELETE', `/audio/${doomed.id}`);
		await until(() => !filesOf(api.stack).some((name) => name.includes(doomed.job_id)),
			'what is deleted to go from where it still lies', 30_000);

		// The network goes, and the mover: while it sends an object, half of a large one, and reads it again.
		let puts = 0;
		proxy.fault = ({ method, path }) => method === 'PUT' && (++puts > 2 || path.includes('partNumber=2')) ? 'drop' : undefined;
		await assert.rejects(earshot(api.stack, 'storage', 'move'), /S3|127\.0\.0\.1|reset|hang|Empty reply/i);
		proxy.fault = () => undefined;
		await allSound();
		for (const match of [({ method }) => method === 'PUT', ({ path }) => path.includes('partNumber=2'), ({ method }) => method === 'GET']) {
			await killedAt(api.stack, match);
			await allSound();
		}
		assert.ok(filesOf(api.stack).length > 0);

		let listening = true;
		const listener = (async () => {
			while (listening) await allSound();
		})();
		const stdout = await earshot(api.stack, 'storage', 'move');
		listening = false;
		await listener;
		assert.match(stdout, /^\d+ objects moved, \d+ bytes, 0 damaged\n$/);
		assert.deepEqual(filesOf(api.stack), []);
		await change({ storage_from: '' });
		await allSound();
		assert.match((await api.stack.cli('audit')).stdout, /^0 counters wrong, \d+ objects, 0 of them orphans, 0 missing/m);
	});

	test('back into the folder leaves what is damaged where it is, and says so', async () => {
		const [victim] = takes.splice(0, 1);
		writeFileSync(join(folder, 'damaged'), 'x'.repeat(victim.size_bytes));
		await swift.cmd('put', join(folder, 'damaged'), `s3://earshot/studio/${victim.storage_path}`);
		await change({ storage: 'local', storage_from: 's3' });
		const failed = await earshot(api.stack, 'storage', 'move', '--keep').catch((error) => error);
		assert.ok(failed.stdout.includes(`damaged: ${victim.storage_path}\n`), failed.stdout + failed.stderr);
		assert.match(failed.stdout, /objects copied, \d+ bytes, 1 damaged/);
		assert.ok(`studio/${takes[0].storage_path}` in await swift.list('earshot'), 'what was copied is still there');
		assert.equal(filesOf(api.stack).filter((name) => name.includes(victim.job_id) && /\.(flac|part)$/.test(name)).length, 0);
		await allSound();
	});
});
