// A bucket that takes its time: a daemon goes on with everything else while it waits for it.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { sleep, until } from '../harness.mjs';
import { ended, hex, row, startWorking, submit } from '../faults/jobs.mjs';
import { s3Settings, startProxy, startSwift } from './swift.mjs';

const folder = mkdtempSync(join(tmpdir(), 'earshot-slow-')), lease_ms = 2000;
const swift = await startSwift(), proxy = await startProxy(swift);
let stack;

before(async () => {
	stack = await startWorking({ settings: { ...s3Settings(folder, proxy.url, { s3_silence_s: 60, s3_tries: 1 }, true), workers: 2,
		lease_ms, lease_grace_ms: 500, retry_backoff_ms: 100 } });
});
afterEach(() => { proxy.fault = () => undefined; });
after(async () => {
	await stack?.stop();
	await proxy.stop();
	await swift.stop();
	rmSync(folder, { recursive: true, force: true });
});

// What the daemon answers on its socket.
function status() {
	const body = Buffer.from('{"op":"status"}'), head = Buffer.alloc(4);
	head.writeUInt32BE(body.length);
	return new Promise((done, fail) => {
		const socket = connect(join(stack.var, 'run/earshotd.sock'), () => socket.write(Buffer.concat([head, body])));
		socket.once('data', (bytes) => {
			socket.destroy();
			done(JSON.parse(bytes.subarray(4)));
		});
		socket.once('error', fail);
	});
}

// How long the daemon took to answer at the most, while it was asked until what was waited for had come.
async function slowestUntil(waited) {
	let slowest = 0, over = false;
	const end = waited.finally(() => { over = true; });
	end.catch(() => {});
	while (!over) {
		const began = Date.now();
		await status();
		slowest = Math.max(slowest, Date.now() - began);
		await sleep(20);
	}
	await end;
	return slowest;
}

const isCheck = ({ method, path }) => method === 'HEAD' && path.includes('/audio/');
const checks = () => proxy.seen.filter(isCheck).length;

test('while it is asked for what was made, the daemon answers, renews its leases and does other jobs', async (t) => {
	proxy.fault = (asked) => isCheck(asked) ? { wait: 400 } : undefined;
	const began = Date.now(), ids = [await submit(stack, { duration: 1, num_samples: 4 })];
	const slowest = await slowestUntil((async () => {
		await until(() => checks() > 1, 'the first checks', 30_000);
		ids.push(await submit(stack, { duration: 1 }));
		assert.equal((await row(stack, ids[0])).status, 'processing');
		for (const id of ids) assert.equal((await ended(stack, id)).attempt, 1);
	})());
	t.diagnostic(`${slowest} ms at the most`);
	assert.ok(Date.now() - began > 12 * 400, 'each object was asked for');
	assert.ok(slowest < lease_ms, `the daemon was silent for ${slowest} ms`);
});

test('while objects are deleted there, the daemon answers and does jobs', async (t) => {
	const id = await submit(stack, { duration: 1, num_samples: 4 });
	await ended(stack, id);
	proxy.take();
	proxy.fault = ({ method, path }) => method === 'DELETE' || path.includes('uploads') ? { wait: 400 } : undefined;
	assert.equal((await fetch(`${stack.url}api/jobs/${id}`, { method: 'DELETE' })).status, 200);
	const slowest = await slowestUntil((async () => {
		await until(() => proxy.seen.some(({ method }) => method === 'DELETE'), 'the first deletion', 30_000);
		assert.equal((await ended(stack, await submit(stack, { duration: 1 }))).attempt, 1);
		await until(async () => (await stack.sql("SELECT 1 FROM intents WHERE storage_key LIKE 'audio/%' LIMIT 1")).length === 0,
			'the objects to be gone', 60_000);
	})());
	t.diagnostic(`${slowest} ms at the most`);
	assert.ok(slowest < lease_ms, `the daemon was silent for ${slowest} ms`);
});

test('a job that waits for it can be cancelled', async () => {
	proxy.take();
	proxy.fault = (asked) => isCheck(asked) ? 'hang' : undefined;
	const id = await submit(stack, { duration: 1 });
	await until(() => checks() > 0, 'the check', 30_000);
	assert.equal((await fetch(`${stack.url}api/generate/${id}`, { method: 'DELETE' })).status, 200);
	proxy.fault = () => undefined;
	await until(async () => !(await swift.cmd('ls', '--recursive', 's3://earshot/')).includes(id), 'its objects to go', 30_000);
	assert.equal((await row(stack, id)).status, 'cancelled');
});

test('a reload does not wait for it, and loses nothing that was made', async () => {
	proxy.take();
	proxy.fault = (asked) => isCheck(asked) ? 'hang' : undefined;
	const id = await submit(stack, { duration: 1 }), { began_ms } = await status();
	await until(() => checks() > 0, 'the check', 30_000);
	stack.kill('daemon', 'SIGHUP');
	await until(async () => (await status().catch(() => ({}))).began_ms > began_ms, 'the new program');
	proxy.fault = () => undefined;
	const { status: how, attempt, failures } = await ended(stack, id);
	assert.deepEqual([how, attempt, failures], ['completed', 1, 0]);
});

test('that does not answer for a while is asked again, and what was made is not made again', async () => {
	proxy.take();
	proxy.fault = (asked) => isCheck(asked) && checks() < 4 ? { status: 503 } : undefined;
	const { status: how, attempt, failures } = await ended(stack, await submit(stack, { duration: 1 }));
	assert.deepEqual([how, attempt, failures], ['completed', 1, 0]);
});

test('that has lost what was made costs an attempt, and the job says so', async () => {
	proxy.fault = (asked) => isCheck(asked) && asked.path.endsWith('.peaks') ? { status: 404 } : undefined;
	const id = await submit(stack, { duration: 1 }), { status: how, attempt, error } = await ended(stack, id, 60_000);
	assert.deepEqual([how, attempt], ['failed', 3]);
	assert.match(error, /404/);
	assert.equal((await stack.sql(`SELECT 1 FROM samples WHERE job_id = ${hex(id)}`)).length, 0);
});
