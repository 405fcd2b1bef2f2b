// A/B tests while everything around them is killed: progress is right at every moment, and the test can be completed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root, sleep, until } from '../harness.mjs';
import { hex, startWorking } from './jobs.mjs';

let stack, adapter;

async function ask(method, path, json) {
	const answer = await fetch(`${stack.url}api${path}`, { method, ...(json && { body: JSON.stringify(json),
		headers: { 'Content-Type': 'application/json' } }) });
	return { status: answer.status, json: await answer.json() };
}
// Until somebody answers who is not being killed just now.
const insist = (method, path, json) => until(async () => {
	const answer = await ask(method, path, json).catch(() => undefined);
	return answer?.status < 500 && answer.json;
}, `an answer to ${method} ${path}`, 30_000);

async function prompts(n) {
	const ids = [];
	for (let i = 0; i < n; i++) ids.push((await insist('POST', '/prompts', { text: `calm piano ${i}` })).id);
	return ids;
}

before(async () => {
	stack = await startWorking({ settings: { workers: 2, lease_ms: 2000, lease_grace_ms: 500, retry_backoff_ms: 100, max_attempts: 20 } });
	adapter = (await insist('POST', '/adapters', { name: 'Tape' })).id;
	const put = await fetch(`${stack.url}api/adapters/${adapter}/weights`, { method: 'PUT',
		headers: { 'Content-Type': 'application/octet-stream' },
		body: readFileSync(join(root, 'lib/engine/band/adapters/dusty-tape.json')) });
	assert.equal(put.status, 200);
});
after(() => stack.stop());

// What the tables say, in one statement: pairs with both takes, jobs, arms that have one of them.
async function truth(id) {
	const [row] = await stack.sql(`SELECT
		(SELECT COUNT(*) FROM ab_pairs p JOIN samples a ON a.job_id = p.job_a_id JOIN samples b ON b.job_id = p.job_b_id WHERE p.test_id = ${hex(id)}),
		(SELECT COUNT(*) FROM jobs WHERE ab_test_id = ${hex(id)}),
		(SELECT COUNT(*) FROM ab_pairs p JOIN jobs j ON j.id IN (p.job_a_id, p.job_b_id) WHERE p.test_id = ${hex(id)})`);
	const [generated, jobs, linked] = row.map(Number);
	return { generated, jobs, linked };
}

describe('kill -9', () => {
	test('of workers, daemon and responder while a test is generated: progress is right throughout, and all pairs come', async () => {
		const { id } = await insist('POST', '/ab-tests', { name: 'Storm', adapter_b_id: adapter, prompt_ids: await prompts(3),
			samples_per_prompt: 2, duration: 20 });
		await insist('POST', `/ab-tests/${id}/generate`);
		const parts = ['worker', 'daemon', 'responder'];
		let last = 0, killed = 0;
		const seen = await until(async () => {
			if (killed < 9) stack.kill(parts[killed++ % parts.length]);
			const least = (await truth(id)).generated;
			const now = await insist('GET', `/ab-tests/${id}`);
			const most = (await truth(id)).generated;
			assert.ok(least <= now.generated_pairs && now.generated_pairs <= most, `${least} ≤ ${now.generated_pairs} ≤ ${most}`);
			assert.ok(now.generated_pairs >= last);
			last = now.generated_pairs;
			assert.deepEqual([now.progress, now.is_ready, now.failed_pairs], [`${last}/6 pairs generated`, last === 6, 0]);
			assert.equal(now.status, last === 6 ? 'ready' : 'generating');
			await sleep(150);
			return now.is_ready && now;
		}, 'all pairs', 120_000);
		assert.ok(killed >= 3);
		assert.deepEqual(await truth(id), { generated: 6, jobs: 12, linked: 12 });
		for (const { audio_a_id, audio_b_id, seed } of seen.pairs)
			for (const audio of [audio_a_id, audio_b_id])
				assert.equal((await insist('GET', `/audio/${audio}`)).generation_params.seed, seed);
		await insist('POST', `/ab-tests/${id}/generate`);
		assert.equal((await truth(id)).jobs, 12);
	});

	test('of the responder in the midst of submitting: no job without its arm, and another call adds just the rest', async () => {
		const ids = await prompts(20);
		let cuts = 0;
		for (let round = 0; round < 6; round++) {
			const { id } = await insist('POST', '/ab-tests', { name: 'Cut short', adapter_b_id: adapter, prompt_ids: ids,
				samples_per_prompt: 10, duration: 1, priority: 9 });
			const cut = ask('POST', `/ab-tests/${id}/generate`).catch(() => undefined);
			if (round % 2) await until(async () => (await truth(id)).jobs, 'the first jobs');
			else await sleep(20 * round);
			stack.kill('responder');
			await cut;
			const { jobs, linked } = await truth(id);
			assert.equal(jobs, linked, `round ${round}`);
			if (jobs < 400) cuts++;
			await insist('POST', `/ab-tests/${id}/generate`);
			const whole = await truth(id);
			assert.deepEqual([whole.jobs, whole.linked], [400, 400], `round ${round}, ${jobs} at first`);
			await stack.sql(`DELETE FROM jobs WHERE ab_test_id = ${hex(id)} AND status = 'queued'`);
		}
		assert.ok(cuts > 0, 'nothing was cut short');
	});
});
