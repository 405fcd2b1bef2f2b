// kill -9 of each part at each step of a job: it ends with exactly one result, and what can be kept is kept.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../harness.mjs';
import {
	check, ended, generating, hex, hold, idle, post, processing, row, startWorking, stuck, submit, written,
} from './jobs.mjs';

const samples = 3;
let stack;
before(async () => {
	// The lease is long, since the daemon is stopped for moments and the worker must not fence itself meanwhile.
	stack = await startWorking({ settings: { workers: 1, lease_ms: 30_000, worker_silence_s: 20, retry_backoff_ms: 100 } });
});
after(() => stack.stop());

const worker = () => until(() => stack.pids('worker')[0], 'a worker');

// The worker has said that it is done, and the daemon has not heard it yet.
async function done(id) {
	await generating(stack, id);
	stack.kill('daemon', 'SIGSTOP');
	await written(stack, id, samples);
	await idle(await worker());
}

// Each brings the job there, keeps it there, and may return what else must be undone before it can go on.
const steps = {
	'has been claimed': async (id) => {
		await processing(stack, id);
	},
	'generates': (id) => generating(stack, id).then(() => {}),
	'has written its first objects': (id) => written(stack, id, 1).then(() => {}),
	'is done but not in the records': done,
	'is in the middle of its commit': async (id) => {
		await done(id);
		// The gap where its samples will go: the transaction has changed the job by then.
		const release = await hold(stack, `SELECT * FROM samples WHERE job_id = ${hex(id)} FOR UPDATE`);
		stack.kill('daemon', 'SIGCONT');
		await stuck(stack, 'INSERT INTO samples');
		return release;
	},
};

// Attempts that the job has taken in the end, a step each. Without the database the worker goes on and the result waits.
const victims = {
	worker: [2, 2, 2, 1, 1],
	daemon: [2, 2, 2, 2, 2],
	database: [1, 1, 1, 1, 1],
	responder: [1, 1, 1, 1, 1],
};

for (const [victim, attempts] of Object.entries(victims))
	describe(`kill -9 of the ${victim} while a job`, () => {
		for (const [index, [step, bring]] of Object.entries(steps).entries())
			test(step, async () => {
				await idle(await worker());
				// One that cannot begin, so that the job stays claimed.
				if (index === 0) stack.kill('worker', 'SIGSTOP');
				const id = await submit(stack, { num_samples: samples });
				const release = await bring(id);
				assert.equal((await row(stack, id)).attempt, 1);
				assert.ok(stack.kill(victim).length);
				stack.kill('worker', 'SIGCONT');
				stack.kill('daemon', 'SIGCONT');
				await release?.();
				const { attempt, failures } = await ended(stack, id);
				await check(stack, id);
				assert.deepEqual([attempt, failures], [attempts[index], attempts[index] - 1]);
			});
	});

test('kill -9 of everything at once while a job is in the middle of its commit', async () => {
	const id = await submit(stack, { num_samples: samples }), waiting = await submit(stack);
	const release = await steps['is in the middle of its commit'](id);
	for (const part of ['daemon', 'worker', 'database', 'responder', 'web']) stack.kill(part);
	await release();
	await Promise.all([ended(stack, id), ended(stack, waiting)]);
	await check(stack, id, waiting);
});

describe('kill -9 in the middle of a submission', () => {
	for (const victim of ['responder', 'database'])
		test(`of the ${victim}: the same Idempotency-Key makes one job`, async () => {
			const key = `key-${victim}`, [[jobs]] = await stack.sql('SELECT COUNT(*) FROM jobs');
			// Its place in the key's index, so that it waits inside its transaction.
			const release = await hold(stack, `SELECT * FROM submissions WHERE user_id = REPEAT('\\0', 16) AND idem_key >= '${key}' FOR UPDATE`);
			const first = post(stack, { duration: 1 }, key).then((answer) => answer.status, () => 0);
			await stuck(stack, 'INSERT INTO submissions');
			stack.kill(victim);
			await release();
			const status = await first, ids = new Set();
			// Twice more, as a client would that has not understood the answer.
			for (let i = 0; i < 2; i++)
				ids.add(await until(() => submit(stack, { duration: 1, key }).catch(() => undefined), 'an acknowledgement', 20_000));
			assert.equal(ids.size, 1, `the first answer was ${status}`);
			await ended(stack, [...ids][0]);
			await check(stack, ...ids);
			assert.equal(Number((await stack.sql('SELECT COUNT(*) FROM jobs'))[0][0]), Number(jobs) + 1);
		});
});
