// A/B tests: two arms, pairs of takes with one seed, votes, results, the leaderboard.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { root, until } from '../harness.mjs';
import { installation, isProblem, nobody, rounds } from './api.mjs';

const files = ['dusty-tape', 'night-drive', 'chamber-strings'].map((name) =>
	readFileSync(join(root, `lib/engine/band/adapters/${name}.json`)));
const hex = (id) => `0x${id.replaceAll('-', '')}`;

let adapters, prompts;

const api = installation({ settings: { workers: 1 } }, async () => {
	adapters = [];
	for (const [i, body] of files.entries()) {
		const { id } = (await api.post('/adapters', { name: `Adapter ${i}` })).json;
		const put = await api.ask('PUT', `/adapters/${id}/weights`, { body,
			headers: { 'Content-Type': 'application/octet-stream' } });
		assert.equal(put.status, 200, put.text);
		adapters.push(id);
	}
	prompts = [];
	for (const text of ['slow piano waltz', 'fast funk', 'calm strings'])
		prompts.push((await api.post('/prompts', { text })).json.id);
});

async function make(body = {}) {
	const answer = await api.post('/ab-tests', { name: 'Is it better?', adapter_b_id: adapters[0],
		prompt_ids: prompts.slice(0, 2), duration: 1, ...body });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}
const look = async (id, headers) => (await api.get(`/ab-tests/${id}`, headers)).json;
const generate = (id, body) => api.post(`/ab-tests/${id}/generate`, body);
const vote = (id, pair_id, preference, cookie) => api.post(`/ab-tests/${id}/vote`, { pair_id, preference },
	cookie && { Cookie: `earshot_listener=${cookie}` });
const listener = (n) => `5f0c1d2e-0000-4000-8000-${String(n).padStart(12, '0')}`;
const jobsOf = async (id) => (await api.stack.sql(`SELECT LOWER(HEX(id)), status, adapter_name, params, num_samples
	FROM jobs WHERE ab_test_id = ${hex(id)} ORDER BY id`));
const ready = async (id) => until(async () => {
	const found = await look(id);
	return found.is_ready && found;
}, 'the test to be ready', 60_000);

// A test all of whose pairs are there, without an engine's work: completed jobs with rows for their takes.
async function makeReady(body) {
	const { id } = await make(body);
	const busy = await api.keepBusy();
	assert.equal((await generate(id)).status, 200);
	await api.stack.sql(`INSERT INTO samples (job_id, idx, id, prompt_id, model, seed, title, format, sample_rate, channels,
		frames, size_bytes, sha256, params, storage_key, peaks_key, created_at)
		SELECT id, 0, UNHEX(MD5(HEX(id))), prompt_id, model, 1, 't', 'flac', 48000, 2, 48000, 1, UNHEX(SHA2('', 256)), '{}',
		CONCAT('audio/00/', LOWER(HEX(id))), 'p', UTC_TIMESTAMP(6) FROM jobs WHERE ab_test_id = ${hex(id)};
		UPDATE jobs SET status = 'completed', sample_ids = UNHEX(MD5(HEX(id))) WHERE ab_test_id = ${hex(id)}`);
	await api.delete(`/generate/${busy.id}`);
	const found = await look(id);
	assert.equal(found.status, 'ready');
	return found;
}

describe('a new test', () => {
	test('has a pair for each prompt and repetition, each with a seed of its own, and generates nothing yet', async () => {
		const { status, json, headers } = await api.post('/ab-tests', { name: 'Tape?', description: 'Or not.',
			adapter_a_id: null, adapter_b_id: adapters[0], prompt_ids: prompts, samples_per_prompt: 3, seed: 4294967290, duration: 2 });
		assert.equal(status, 201);
		assert.equal(headers.location, `/api/ab-tests/${json.id}`);
		assert.deepEqual([json.status, json.progress, json.total_pairs, json.is_ready, json.adapter_a_name, json.adapter_b_name],
			['draft', '0/9 pairs generated', 9, false, 'Base model', 'Adapter 0']);
		const { pairs } = await look(json.id);
		assert.deepEqual(pairs.map(({ prompt_id }) => prompt_id), prompts.flatMap((id) => [id, id, id]));
		assert.deepEqual(pairs.map(({ seed }) => seed), [0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => (4294967290 + i) % 2 ** 32));
		for (const pair of pairs)
			assert.deepEqual([pair.status, pair.is_ready, pair.job_a_id, pair.audio_b_id, pair.preference, pair.voted_at],
				['pending', false, null, null, null, null]);
		assert.deepEqual(await jobsOf(json.id), []);
	});

	test('names everything that is wrong with it', async () => {
		isProblem(await api.post('/ab-tests', { samples_per_prompt: 11, adapter_a_id: 'x', nonsense: 1 }), 422, undefined,
			['name', 'samples_per_prompt', 'adapter_a_id', 'nonsense', 'prompt_ids']);
		isProblem(await api.post('/ab-tests', { name: ' ', prompt_ids: [prompts[0], prompts[0], 'x'], adapter_a_id: adapters[0] }),
			422, undefined, ['name', 'prompt_ids[1]', 'prompt_ids[2]']);
		isProblem(await api.post('/ab-tests', { name: 'n', prompt_ids: Array(101).fill(prompts[0]) }), 422, undefined, ['prompt_ids']);
	});

	test('422 when both arms are the same', async () => {
		for (const same of [null, adapters[0]])
			isProblem(await api.post('/ab-tests', { name: 'n', prompt_ids: prompts, adapter_a_id: same, adapter_b_id: same }), 422,
				same ? /the same adapter/ : /the base model/, ['adapter_b_id']);
	});

	test('404 naming every prompt, and the adapter, that is not there', async () => {
		const other = nobody.replace(/0$/, '1');
		isProblem(await api.post('/ab-tests', { name: 'n', adapter_a_id: adapters[0], prompt_ids: [nobody, prompts[0], other] }), 404,
			`There are no prompts ${nobody}, ${other}.`);
		isProblem(await api.post('/ab-tests', { name: 'n', adapter_a_id: nobody, prompt_ids: prompts }), 404, new RegExp(nobody));
	});

	test('400 for an adapter without weights, of another model, archived, and for a duration over the limit', async () => {
		const empty = (await api.post('/adapters', { name: 'Empty' })).json.id;
		const body = { name: 'n', prompt_ids: prompts };
		isProblem(await api.post('/ab-tests', { ...body, adapter_b_id: empty }), 400, /no weights/, ['adapter_b_id']);
		isProblem(await api.post('/ab-tests', { ...body, adapter_a_id: adapters[0], model: 'other' }), 400, /band.*other/, ['adapter_a_id']);
		isProblem(await api.post('/ab-tests', { ...body, adapter_a_id: adapters[0], duration: 601 }), 400, /601.*600/, ['duration']);
		await api.delete(`/adapters/${empty}`);
		isProblem(await api.post('/ab-tests', { ...body, adapter_a_id: adapters[0], adapter_b_id: empty }), 400, /archived/, ['adapter_b_id']);
	});

	test('is found by its id and in the list, newest first, narrowed by status', async () => {
		const older = await make({ name: 'older' }), newer = await make({ name: 'newer' });
		const { pairs, ...same } = await look(newer.id);
		assert.equal(pairs.length, 2);
		assert.deepEqual(same, newer);
		const { json } = await api.get('/ab-tests?limit=2');
		assert.deepEqual(json.items, [newer, older]);
		assert.deepEqual([json.has_more, json.limit, json.total >= 2], [true, 2, true]);
		const drafts = (await api.get('/ab-tests?status=draft&limit=100')).json;
		assert.ok(drafts.items.every(({ status }) => status === 'draft') && drafts.total === drafts.items.length);
		assert.equal((await api.get('/ab-tests?status=completed')).json.total, 0);
		isProblem(await api.get('/ab-tests?status=done'), 400, /status/);
		isProblem(await api.get(`/ab-tests/${nobody}`), 404, new RegExp(nobody));
	});
});

describe('generate', () => {
	test('submits one job for each arm: same prompt, seed and parameters in both, and another seed in each pair', async () => {
		const busy = await api.keepBusy();
		const { id } = await make({ samples_per_prompt: 2, seed: 100, temperature: 0.5, format: 'wav', priority: 7 });
		const { status, json } = await generate(id, {});
		assert.deepEqual([status, json.status, json.progress], [200, 'generating', '0/4 pairs generated']);
		const { pairs } = await look(id);
		for (const [i, pair] of pairs.entries()) {
			const [a, b] = [await api.job(pair.job_a_id), await api.job(pair.job_b_id)];
			assert.deepEqual([a.adapter_id, a.adapter_name, b.adapter_id, b.adapter_name], [null, null, adapters[0], 'Adapter 0']);
			assert.equal(a.generation_params.seed, 100 + i);
			assert.equal(a.generation_params.temperature, 0.5);
			for (const same of ['prompt_id', 'generation_params', 'model', 'num_samples', 'priority', 'ab_test_id'])
				assert.deepEqual(a[same], b[same], same);
			assert.deepEqual([a.prompt_id, a.ab_test_id, a.num_samples, a.priority], [pair.prompt_id, id, 1, 7]);
			assert.equal(pair.status, 'generating');
		}
		assert.equal((await jobsOf(id)).length, 8);
		await generate(id);
		assert.equal((await jobsOf(id)).length, 8, 'once more adds nothing');
		assert.match((await api.stack.cli('audit')).stdout, /^0 counters wrong/);
		await api.stack.sql(`UPDATE jobs SET status='cancelled' WHERE ab_test_id = ${hex(id)}`);
		await api.stack.cli('audit', '--repair').catch(() => {});
		await api.delete(`/generate/${busy.id}`);
	});

	test('makes takes that differ, and the test is ready when all of them are there', async () => {
		const { id } = await make({ prompt_ids: [prompts[0]], seed: 5 });
		await generate(id);
		const { pairs: [pair], progress, status, generated_pairs } = await ready(id);
		assert.deepEqual([progress, status, generated_pairs, pair.status, pair.is_ready],
			['1/1 pairs generated', 'ready', 1, 'ready', true]);
		const [a, b] = [(await api.get(`/audio/${pair.audio_a_id}`)).json, (await api.get(`/audio/${pair.audio_b_id}`)).json];
		assert.deepEqual([a.generation_params.seed, b.generation_params.seed, a.adapter, b.adapter.id], [5, 5, null, adapters[0]]);
		assert.notEqual(a.sha256, b.sha256);
		await generate(id);
		assert.equal((await jobsOf(id)).length, 2);
	});

	test('of some prompts submits only theirs; with more samples_per_prompt adds pairs up to that number', async () => {
		const busy = await api.keepBusy();
		const { id } = await make({ prompt_ids: prompts, seed: 10 });
		await generate(id, { prompt_ids: [prompts[1]] });
		assert.deepEqual((await look(id)).pairs.map(({ status }) => status), ['pending', 'generating', 'pending']);
		const { json } = await generate(id, { prompt_ids: [prompts[1]], samples_per_prompt: 3 });
		assert.deepEqual([json.total_pairs, json.samples_per_prompt], [5, 3]);
		const { pairs } = await look(id);
		assert.deepEqual(pairs.map(({ prompt_id, seed }) => [prompt_id, seed]),
			[[prompts[0], 10], [prompts[1], 11], [prompts[2], 12], [prompts[1], 13], [prompts[1], 14]]);
		assert.equal((await jobsOf(id)).length, 6);
		assert.equal((await generate(id, { prompt_ids: [prompts[1]], samples_per_prompt: 2 })).json.total_pairs, 5, 'fewer changes nothing');
		assert.equal((await generate(id, { samples_per_prompt: 2 })).json.total_pairs, 7);
		assert.equal((await jobsOf(id)).length, 14);
		isProblem(await generate(id, { prompt_ids: [nobody] }), 422, new RegExp(nobody), ['prompt_ids']);
		isProblem(await generate(id, { samples_per_prompt: 0, x: 1 }), 422, undefined, ['samples_per_prompt', 'x']);
		isProblem(await generate(nobody), 404, new RegExp(nobody));
		await api.stack.sql(`UPDATE jobs SET status='cancelled' WHERE ab_test_id = ${hex(id)}`);
		await api.delete(`/generate/${busy.id}`);
	});

	test('submits the arm that failed, was cancelled or lost its take alone, with the same seed', async () => {
		const { id, pairs: [pair] } = await makeReady({ prompt_ids: [prompts[0]], seed: 77 });
		const busy = await api.keepBusy();
		const undo = {
			failed: () => api.stack.sql(`UPDATE jobs SET status='failed' WHERE id = ${hex(pair.job_b_id)};
				DELETE FROM samples WHERE job_id = ${hex(pair.job_b_id)}`),
			lost: async (now) => api.stack.sql(`UPDATE jobs SET status='completed' WHERE id = ${hex(now.job_b_id)}`),
			cancelled: (now) => api.delete(`/generate/${now.job_b_id}`),
			deleted: (now) => api.delete(`/jobs/${now.job_b_id}`),
		};
		let [before, count] = [pair, 2];
		for (const [what, spoil] of Object.entries(undo)) {
			await spoil(before);
			const { pairs: [bad], failed_pairs, progress } = await look(id);
			const failed = ['failed', 'cancelled'].includes(what);
			assert.deepEqual([bad.status, failed_pairs, progress], [failed ? 'failed' : 'pending', failed ? 1 : 0, '0/1 pairs generated'], what);
			const { json } = await generate(id);
			assert.deepEqual([json.failed_pairs, json.status], [0, 'generating'], what);
			const { pairs: [after] } = await look(id);
			assert.equal(after.job_a_id, pair.job_a_id, what);
			assert.notEqual(after.job_b_id, before.job_b_id, what);
			const job = await api.job(after.job_b_id);
			assert.deepEqual([job.generation_params.seed, job.adapter_id], [77, adapters[0]], what);
			count += what === 'deleted' ? 0 : 1;
			assert.equal((await jobsOf(id)).length, count, what);
			before = after;
		}
		await api.delete(`/generate/${before.job_b_id}`);
		await api.delete(`/generate/${busy.id}`);
	});

	test('takes the retry of an arm for that arm, and no second one', async () => {
		const busy = await api.keepBusy();
		const { id } = await make({ prompt_ids: [prompts[0]], seed: 78 });
		await generate(id);
		const { pairs: [before] } = await look(id);
		await api.delete(`/generate/${before.job_b_id}`);
		assert.equal((await look(id)).failed_pairs, 1);
		const retry = await api.post(`/generate/${before.job_b_id}/retry`);
		assert.deepEqual([retry.status, retry.json.ab_test_id, retry.json.generation_params.seed], [201, id, 78]);
		const { pairs: [after], failed_pairs } = await look(id);
		assert.deepEqual([after.job_a_id, after.job_b_id, failed_pairs], [before.job_a_id, retry.json.id, 0]);
		isProblem(await api.post(`/generate/${before.job_b_id}/retry`), 409, /generated that arm again/);
		await generate(id);
		assert.equal((await jobsOf(id)).length, 3, 'two arms and the one that was cancelled');
		await api.delete(`/generate/${after.job_a_id}`);
		await api.delete(`/generate/${after.job_b_id}`);
		await api.delete(`/generate/${busy.id}`);
	});

	test(`takes one of a retry and a generation at the same instant, ${rounds} times`, async () => {
		const busy = await api.keepBusy();
		const { id } = await make({ prompt_ids: [prompts[0]] });
		await generate(id);
		let { pairs: [{ job_b_id: job }] } = await look(id);
		for (let i = 0; i < rounds; i++) {
			await api.delete(`/generate/${job}`);
			const before = (await jobsOf(id)).length;
			const [retry] = await Promise.all([api.post(`/generate/${job}/retry`), generate(id)]);
			assert.ok([201, 409].includes(retry.status), retry.text);
			const { pairs: [after] } = await look(id);
			assert.equal((await jobsOf(id)).length, before + 1, `round ${i}`);
			if (retry.status === 201) assert.equal(after.job_b_id, retry.json.id);
			assert.equal((await api.job(after.job_b_id)).status, 'queued');
			job = after.job_b_id;
		}
		await api.stack.sql(`UPDATE jobs SET status='cancelled' WHERE ab_test_id = ${hex(id)}`);
		await api.stack.cli('audit', '--repair').catch(() => {});
		await api.delete(`/generate/${busy.id}`);
	});

	test('goes on with the adapter as it was when the test was made', async () => {
		const { id: own } = (await api.post('/adapters', { name: 'Mine' })).json;
		await api.ask('PUT', `/adapters/${own}/weights`, { body: files[1], headers: { 'Content-Type': 'application/octet-stream' } });
		const { id } = await make({ adapter_b_id: own, prompt_ids: [prompts[0]] });
		await api.delete(`/adapters/${own}`);
		assert.equal((await generate(id)).status, 200);
		assert.equal((await ready(id)).adapter_b_name, 'Mine');
	});

	test(`twice at the same instant gives every arm one job, ${rounds} times`, async () => {
		const busy = await api.keepBusy();
		for (let i = 0; i < rounds; i++) {
			const { id } = await make({ prompt_ids: prompts, samples_per_prompt: 1 });
			const body = i % 2 ? { samples_per_prompt: 2 } : undefined, pairs = i % 2 ? 6 : 3;
			const answers = await Promise.all([generate(id, body), generate(id, body)]);
			assert.deepEqual(answers.map(({ status }) => status), [200, 200]);
			const [[jobs, used, total, seeds]] = await api.stack.sql(`SELECT (SELECT COUNT(*) FROM jobs WHERE ab_test_id = ${hex(id)}),
				SUM(ja.id IS NOT NULL) + SUM(jb.id IS NOT NULL), COUNT(*), COUNT(DISTINCT p.seed) FROM ab_pairs p LEFT JOIN jobs ja ON ja.id = p.job_a_id
				LEFT JOIN jobs jb ON jb.id = p.job_b_id WHERE p.test_id = ${hex(id)}`);
			assert.deepEqual([jobs, used, total, seeds].map(Number), [2 * pairs, 2 * pairs, pairs, pairs], `round ${i}`);
			await api.stack.sql(`UPDATE jobs SET status='cancelled' WHERE ab_test_id = ${hex(id)}`);
		}
		await api.stack.cli('audit', '--repair').catch(() => {});
		await api.delete(`/generate/${busy.id}`);
	});

	test('of many pairs of several tests at once all comes to its end', async () => {
		const busy = await api.keepBusy();
		const tests = await Promise.all([1, 2, 3].map(() => make({ prompt_ids: prompts, samples_per_prompt: 10 })));
		for (const { status } of await Promise.all(tests.map(({ id }) => generate(id)))) assert.equal(status, 200);
		for (const { id } of tests) {
			assert.equal((await jobsOf(id)).length, 60);
			await api.stack.sql(`UPDATE jobs SET status='cancelled' WHERE ab_test_id = ${hex(id)}`);
		}
		await api.delete(`/generate/${busy.id}`);
	});
});

describe('a vote', () => {
	let it, pair;
	before(async () => {
		it = await makeReady({ prompt_ids: [prompts[0], prompts[1]] });
		[pair] = it.pairs;
	});

	test('is one a listener and pair, and can be changed', async () => {
		const first = (await vote(it.id, pair.id, 'a')).json;
		assert.deepEqual([first.preference, first.status], ['a', 'completed']);
		const changed = (await vote(it.id, pair.id, 'equal')).json;
		assert.equal(changed.preference, 'equal');
		assert.ok(changed.voted_at > first.voted_at);
		for (const n of [1, 2]) await vote(it.id, pair.id, n === 1 ? 'a' : 'b', listener(n));
		const { results, completed_pairs, status, pairs } = await look(it.id, { Cookie: `x=y; earshot_listener=${listener(2)}` });
		assert.deepEqual(results, { a_preferred: 1, b_preferred: 1, equal: 1 });
		assert.deepEqual([completed_pairs, status, pairs[0].preference, pairs[1].preference], [1, 'ready', 'b', null]);
		assert.equal((await look(it.id)).pairs[0].preference, 'equal');
	});

	test('on every pair makes the test completed', async () => {
		await vote(it.id, it.pairs[1].id, 'b', listener(9));
		const { status, completed_pairs, is_ready } = await look(it.id);
		assert.deepEqual([status, completed_pairs, is_ready], ['completed', 2, true]);
	});

	test('409 before the pair is ready, 404 where there is no such pair, 422 where it says nothing', async () => {
		const other = await make();
		const { pairs: [early] } = await look(other.id);
		isProblem(await vote(other.id, early.id, 'a'), 409, /pending/);
		isProblem(await vote(other.id, pair.id, 'a'), 404, new RegExp(pair.id));
		isProblem(await vote(nobody, pair.id, 'a'), 404);
		isProblem(await vote(it.id, pair.id, 'left'), 422, undefined, ['preference']);
		isProblem(await api.post(`/ab-tests/${it.id}/vote`, {}), 422, undefined, ['pair_id', 'preference']);
	});

	test(`twice at the same instant by one listener counts once, ${rounds} times`, async () => {
		for (let i = 0; i < rounds; i++) {
			const who = listener(1000 + i), said = ['a', 'b'];
			const answers = await Promise.all(said.map((one) => vote(it.id, pair.id, one, who)));
			assert.deepEqual(answers.map(({ status }) => status), [200, 200]);
			const rows = await api.stack.sql(`SELECT preference FROM ab_votes WHERE pair_id = ${hex(pair.id)} AND listener_id = ${hex(who)}`);
			assert.equal(rows.length, 1, `round ${i}`);
			assert.ok(said.includes(rows[0][0]));
		}
		assert.equal((await api.get(`/ab-tests/${it.id}/results`)).json.total_votes, 4 + rounds);
	});
});

// Votes by rows: [a, b, equal] of one pair.
const voteMany = (id, pair, ...counts) => Promise.all(['a', 'b', 'equal'].map((preference, k) => counts[k] &&
	api.stack.sql(`INSERT INTO ab_votes (pair_id, listener_id, test_id, preference, created_at, updated_at) VALUES
	${Array.from({ length: counts[k] }, (_, i) => `(${hex(pair)}, UNHEX(MD5('${preference}${i}')), ${hex(id)}, '${preference}', NOW(6), NOW(6))`)}`)));

describe('results', () => {
	test('without votes have no numbers and say so', async () => {
		const { id } = await make();
		const { json } = await api.get(`/ab-tests/${id}/results`);
		assert.deepEqual([json.total_votes, json.a_win_rate, json.ci_low, json.p_value, json.statistical_significance, json.verdict],
			[0, null, null, null, null, 'Nobody has voted yet.']);
		isProblem(await api.get(`/ab-tests/${nobody}/results`), 404);
	});

	test('are rates among decided votes with Wilson interval and exact p-value', async () => {
		const { id, pairs: [pair] } = await makeReady({ name: 'Counted', prompt_ids: [prompts[0]] });
		await voteMany(id, pair.id, 7, 17, 2);
		const { json } = await api.get(`/ab-tests/${id}/results`);
		assert.deepEqual([json.name, json.total_votes, json.listeners, json.a_preferred, json.b_preferred, json.equal],
			['Counted', 26, 26, 7, 17, 2]);
		for (const [name, wanted] of [['a_win_rate', 7 / 24], ['b_win_rate', 17 / 24], ['ci_low', 1 - 0.8508535180303913],
			['ci_high', 1 - 0.50832306335503361], ['p_value', 0.063914656639099121], ['statistical_significance', 0.063914656639099121]])
			assert.ok(Math.abs(json[name] - wanted) < 1e-9, `${name}: ${json[name]}`);
		assert.equal(json.verdict,
			'17 of 24 votes for B (Adapter 0); such a lead happens by chance 6 % of the time; 2 more votes are for a tie.');
	});
});

describe('the leaderboard', () => {
	test('ranks adapters and the base model by all votes, however the arms were called', async () => {
		await api.stack.sql('DELETE FROM ab_votes');
		assert.deepEqual((await api.get('/leaderboard')).json, { items: [], total: 0, total_votes: 0, is_regularised: false });
		// A circle of three with the odds 2:1, 3:2 and 3:1, which strengths of 3, 2 and 1 give exactly.
		const strengths = [[null, adapters[0], 12, 18], [adapters[1], null, 10, 20], [adapters[1], adapters[0], 10, 30]];
		for (const [a, b, wins, losses] of strengths) {
			const { id } = await make({ adapter_a_id: a, adapter_b_id: b, prompt_ids: [prompts[0]] });
			const own = (await look(id)).pairs[0].id;
			await voteMany(id, own, wins - 2, losses - 2, 4);
		}
		const { json } = await api.get('/leaderboard');
		const mean = (Math.log10(3) + Math.log10(2)) / 3;
		assert.deepEqual(json.items.map(({ rank, adapter_id, adapter_name, model }) => [rank, adapter_id, adapter_name, model]),
			[[1, adapters[0], 'Adapter 0', 'band'], [2, null, 'Base model', 'band'], [3, adapters[1], 'Adapter 1', 'band']]);
		for (const [i, strength] of [3, 2, 1].entries()) {
			const { score, ci_low, ci_high, wins, losses, ties, votes } = json.items[i];
			assert.ok(Math.abs(score - (1000 + 400 * (Math.log10(strength) - mean))) < 1e-6, `${score}`);
			assert.ok(ci_low < score && score < ci_high);
			assert.equal(wins + losses + ties, votes);
		}
		assert.deepEqual(json.items.map(({ wins, losses, ties }) => [wins, losses, ties]), [[44, 18, 8], [28, 24, 8], [16, 46, 8]]);
		assert.deepEqual([json.total, json.total_votes, json.is_regularised], [3, 100, false]);
		assert.deepEqual((await api.get('/leaderboard')).json, json, 'the same votes, the same numbers');
		for (const [i, count] of [70, 70, 0].entries())
			assert.equal((await api.get(`/adapters/${adapters[i]}`)).json.vote_count, count, `votes of adapter ${i}`);
	});

	test('stays finite, and says how, when somebody has won everything', async () => {
		await api.stack.sql('DELETE FROM ab_votes');
		const { id } = await make({ adapter_a_id: adapters[2], adapter_b_id: adapters[0], prompt_ids: [prompts[0]] });
		await voteMany(id, (await look(id)).pairs[0].id, 20, 0, 0);
		const { items, is_regularised } = (await api.get('/leaderboard')).json;
		assert.equal(is_regularised, true);
		assert.deepEqual(items.map(({ adapter_id }) => adapter_id), [adapters[2], adapters[0]]);
		assert.ok(items[0].score < 2000 && items[0].score > 1000);
	});
});
