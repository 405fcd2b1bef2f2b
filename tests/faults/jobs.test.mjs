// What happens to jobs and their workers on one host: retries, hangs, cancels, stops, and a storm.

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sleep, until } from '../harness.mjs';
import {
	check, ended, generating, idle, isAlive, objects, post, processing, reached, row, startWorking, submit, written,
} from './jobs.mjs';

let stack;
const settings = { lease_ms: 10_000, worker_silence_s: 2, retry_backoff_ms: 400 };
const start = async (more) => { stack = await startWorking({ settings: { ...settings, workers: 1, ...more } }); };
const worker = () => until(() => stack.pids('worker')[0], 'a worker');
const cancel = (id) => fetch(`${stack.url}api/generate/${id}`, { method: 'DELETE' });

// Longer than any test waits, but for a machine that is ten times as fast.
const long = { duration: 170, num_samples: 4 };

describe('one worker', () => {
	before(() => start({ max_attempts: 3 }));
	after(() => stack.stop());

	test('a job whose worker is killed each time is tried max_attempts times, later each time, and then fails with the reason', async () => {
		const id = await submit(stack, long), waits = [];
		let killed;
		for (let attempt = 1; attempt <= 3; attempt++) {
			await processing(stack, id, attempt);
			waits.push(Date.now() - killed);
			await generating(stack, id, attempt);
			killed = Date.now();
			stack.kill('worker');
			await reached(stack, id, ({ failures }) => failures === attempt, `to have failed ${attempt} times`);
		}
		const job = await row(stack, id);
		assert.deepEqual([job.status, job.attempt, job.code], ['failed', 3, 'worker_crashed']);
		assert.equal(job.error, 'The worker was killed by signal 9 (Killed). It was tried 3 times.');
		// Half of the wait is fixed, half is drawn.
		assert.ok(waits[1] >= 200 && waits[2] >= 400, `waits of ${waits} ms`);

		// Its user may have it tried again.
		const answer = await fetch(`${stack.url}api/generate/${id}/retry`, { method: 'POST' });
		assert.equal(answer.status, 201);
		const again = await answer.json();
		await generating(stack, again.id);
		assert.equal((await cancel(again.id)).status, 200);
		await check(stack, [id, 'failed'], [again.id, 'cancelled']);
	});

	test('a worker that gives no sign of life is killed, and the job runs again', async () => {
		const id = await submit(stack, { num_samples: 2 });
		await generating(stack, id);
		const [hung] = stack.kill('worker', 'SIGSTOP');
		await until(() => !isAlive(hung), 'the end of the worker that hangs');
		assert.deepEqual(await ended(stack, id).then(({ attempt, failures }) => [attempt, failures]), [2, 1]);
		await check(stack, id);
	});

	for (const [what, signal] of [['that works', 'SIGCONT'], ['that cannot heed a SIGTERM', 'SIGSTOP']])
		test(`cancel ends a worker ${what} within 2 s and removes what it has written`, async () => {
			const id = await submit(stack, { ...long, duration: 20 });
			await written(stack, id, 1);
			const [pid] = stack.kill('worker', signal), before = Date.now();
			assert.deepEqual(await (await cancel(id)).json(), { id, status: 'cancelled', was: 'processing' });
			await until(() => !isAlive(pid), 'the end of the worker', 2_000 - (Date.now() - before));
			await until(() => objects(stack, id, 1).length === 0, 'the removal of the objects');
			await check(stack, [id, 'cancelled']);
			assert.equal((await cancel(id)).status, 409);
		});

	// The worker has said that it is done, and nobody has heard it.
	async function unheard(fields = {}) {
		let id;
		for (let begun = false; !begun;) {
			id = await submit(stack, fields);
			await generating(stack, id);
			stack.kill('daemon', 'SIGSTOP');
			/* Now and then it is done before. */
			begun = (await row(stack, id)).status === 'processing';
			if (!begun) stack.kill('daemon', 'SIGCONT');
		}
		await written(stack, id, 1);
		await idle(await worker());
		return id;
	}

	test('a result that comes after the cancel is not seen', async () => {
		const id = await unheard();
		assert.equal((await cancel(id)).status, 200);
		stack.kill('daemon', 'SIGCONT');
		await check(stack, [id, 'cancelled']);
	});

	test('a result one of whose objects has vanished does not count, and the job runs again', async () => {
		for (const suffix of ['.flac', '.peaks']) {
			const id = await unheard();
			rmSync(join(stack.var, 'storage', objects(stack, id, 1).find((key) => key.endsWith(suffix))));
			stack.kill('daemon', 'SIGCONT');
			assert.equal((await ended(stack, id)).attempt, 2);
			await check(stack, id);
		}
	});

	test('a daemon that is asked to stop gives its job back untried', async () => {
		const id = await submit(stack, { num_samples: 2 });
		await generating(stack, id);
		const [daemon] = stack.kill('daemon', 'SIGTERM');
		await until(() => !isAlive(daemon), 'the end of the daemon', 5_000);
		assert.deepEqual(await ended(stack, id).then(({ attempt, failures }) => [attempt, failures]), [2, 0]);
		await check(stack, id);
	});

	test('a daemon that is asked to stop does not wait for a worker that hangs', async () => {
		const id = await submit(stack, { num_samples: 2 });
		await generating(stack, id);
		stack.kill('worker', 'SIGSTOP');
		const [daemon] = stack.kill('daemon', 'SIGTERM');
		await until(() => !isAlive(daemon), 'the end of the daemon', 5_000);
		assert.equal((await ended(stack, id)).failures, 0);
		await check(stack, id);
	});

	test('a job that is submitted while no daemon runs is done', async () => {
		const [daemon] = stack.kill('daemon', 'SIGTERM');
		await until(() => !isAlive(daemon), 'the end of the daemon', 5_000);
		const id = await submit(stack, { duration: 1 });
		await ended(stack, id);
		await check(stack, id);
	});
});

describe('a storm', () => {
	before(() => start({ workers: 2, lease_ms: 1_500, lease_grace_ms: 500, retry_backoff_ms: 100, max_attempts: 20 }));
	after(() => stack.stop());

	test('while every second another part gets a kill -9, each of 40 acknowledged jobs ends with one result', { timeout: 180_000 }, async () => {
		const parts = ['worker', 'daemon', 'database', 'responder'], killed = [];
		const acknowledged = new Map();
		let over = false;

		async function client(first) {
			for (let n = first; n < 40; n += 4) {
				const fields = { duration: 1 + n % 5, num_samples: 1 + n % 2, seed: n };
				// A client that is not answered asks again with the same key.
				while (!acknowledged.has(n)) {
					const answer = await post(stack, fields, `storm-${n}`).catch(() => undefined);
					if (answer?.status === 201) acknowledged.set(n, (await answer.json()).id);
					else await sleep(200);
				}
				await sleep(600);
			}
		}
		async function killer() {
			while (!over)
				for (const part of parts.sort(() => Math.random() - 0.5)) {
					if (!over && stack.kill(part).length) killed.push(part);
					await sleep(over ? 0 : 1_000);
				}
		}

		const storm = killer();
		await Promise.all([0, 1, 2, 3].map(client)).finally(() => { over = true; });
		await storm;
		for (const id of acknowledged.values()) await ended(stack, id, 60_000);
		assert.equal((await stack.sql('SELECT COUNT(*) FROM jobs'))[0][0], '40', `after the end of ${killed}`);
		await check(stack, ...acknowledged.values());
	});
});
