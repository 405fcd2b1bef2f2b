// Feedback as a job shows it: at a glance in its status and in lists, in full under the link there; and
// the sums of everything.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installation, isProblem, nobody, rounds } from './api.mjs';

const api = installation();

const send = async (path, body) => {
	const answer = await api.post(path, body);
	assert.ok([200, 201].includes(answer.status), answer.text);
	return answer.json;
};
const rate = (audio_id, rating, more) => send('/ratings', { audio_id, rating, ...more });
const tag = (audio_id, word, is_positive) => send('/tags', { audio_id, tag: word, is_positive });
const prefer = (prompt_id, chosen_audio_id, rejected_audio_id) =>
	send('/preferences', { prompt_id, chosen_audio_id, rejected_audio_id });

const details = async (job) => (await api.get(`/generate/${job.id}/feedback`)).json;
const summary = async (job) => (await api.job(job.id)).feedback;
const listed = async (job) =>
	(await api.get('/jobs?limit=100')).json.items.find(({ id }) => id === job.id).feedback;

// The summary is the same wherever it is shown, and the details are what it sums up.
async function agree(job) {
	const shown = await summary(job), all = await details(job);
	assert.deepEqual(await listed(job), shown);
	assert.deepEqual((await api.get(`/jobs/${job.id}`)).json.feedback, shown);
	assert.equal(all.total_feedback, shown.count);
	assert.equal(all.average_rating, shown.average_rating);
	assert.equal(shown.has_feedback, shown.count > 0);
	assert.equal(shown.url, `/api/generate/${job.id}/feedback`);
	assert.equal(all.samples.reduce((sum, one) => sum + one.feedback_count, 0), shown.count);
	for (const one of all.samples) assert.equal(one.feedback.length, one.feedback_count);
	return shown;
}

describe('a job', () => {
	test('without feedback says so, with a link', async () => {
		const { job, audio } = await api.make({ num_samples: 2 });
		assert.deepEqual(await agree(job), { count: 0, has_feedback: false, average_rating: null,
			url: `/api/generate/${job.id}/feedback` });
		assert.deepEqual(await details(job), { job_id: job.id, prompt_id: job.prompt_id,
			total_samples: 2, total_feedback: 0, average_rating: null,
			samples: audio.map(({ id }, i) => ({ audio_id: id, label: 'AB'[i], feedback: [],
				average_rating: null, feedback_count: 0, tags: [] })) });
	});

	test('counts ratings, preferences for its samples, and tags', async () => {
		const { job, audio: [a, b] } = await api.make({ num_samples: 2 });
		const { job: rival, audio: [c] } = await api.make({ prompt: undefined, prompt_id: job.prompt_id });
		const made = [await rate(a.id, 5), await rate(a.id, 2, { criterion: 'melody', notes: 'thin' }),
			await rate(b.id, 4)];
		assert.deepEqual(await agree(job), { ...await summary(job), count: 3, average_rating: 11 / 3 });
		made.push(await prefer(job.prompt_id, a.id, b.id), await prefer(job.prompt_id, b.id, c.id));
		made.push(await tag(a.id, 'warm'), await tag(b.id, 'muddy', false));
		assert.equal((await agree(job)).count, 7);
		assert.equal((await agree(rival)).count, 0, 'a preference belongs to the sample that was chosen');
		await prefer(job.prompt_id, c.id, a.id);
		assert.deepEqual([(await agree(job)).count, (await agree(rival)).count], [7, 1]);
		for (const [i, path] of ['ratings', 'ratings', 'ratings', 'preferences', 'preferences', 'tags',
			'tags'].entries()) {
			assert.equal((await api.delete(`/${path}/${made[i].id}`)).status, 200);
			assert.equal((await agree(job)).count, 6 - i);
		}
		assert.equal((await summary(job)).has_feedback, false);
	});

	test('has the details by sample, newest first', async () => {
		const { job, audio: [a, b] } = await api.make({ num_samples: 2 });
		const rating = await rate(a.id, 2, { criterion: 'melody', notes: 'thin' });
		const preference = await send('/preferences', { prompt_id: job.prompt_id,
			chosen_audio_id: a.id, rejected_audio_id: b.id, notes: 'still' });
		const bad = await tag(a.id, 'muddy', false), good = await tag(a.id, 'warm');
		const row = { rating: null, rating_criterion: null, preferred_over: null, tags: [],
			is_positive: null, notes: null };
		const of = ({ id, created_at }, more) => ({ id, ...row, created_at, ...more });
		const [first, second] = (await details(job)).samples;
		assert.deepEqual(first, { audio_id: a.id, label: 'A', average_rating: 2, feedback_count: 4,
			tags: ['warm', 'muddy'], feedback: [of(good, { tags: ['warm'], is_positive: true }),
				of(bad, { tags: ['muddy'], is_positive: false }),
				of(preference, { preferred_over: b.id, notes: 'still' }),
				of(rating, { rating: 2, rating_criterion: 'melody', notes: 'thin' })] });
		assert.deepEqual(second, { audio_id: b.id, label: 'B', feedback: [], average_rating: null,
			feedback_count: 0, tags: [] });
	});

	test('changes its ETag with its feedback, and the details theirs', async () => {
		const { job, audio: [{ id }] } = await api.make({});
		const paths = [`/generate/${job.id}`, '/jobs', `/generate/${job.id}/feedback`];
		let seen = await Promise.all(paths.map((path) => api.get(path)));
		const status = async (path, i) => (await api.get(path,
			{ 'If-None-Match': seen[i].headers.etag })).status;
		for (const change of [() => rate(id, 3), () => tag(id, 'new'), () => tag(id, 'new'),
			async () => api.delete(`/tags/${(await api.get(`/tags/audio/${id}`)).json.items[0].id}`)]) {
			assert.deepEqual(await Promise.all(paths.map(status)), [304, 304, 304]);
			const before = (await summary(job)).count;
			await change();
			const wanted = (await summary(job)).count === before ? 304 : 200;
			assert.deepEqual(await Promise.all(paths.map(status)), [wanted, wanted, wanted]);
			seen = await Promise.all(paths.map((path) => api.get(path)));
		}
	});

	test('that is queued has no samples to give feedback to; one that is not there is 404', async () => {
		await api.keepBusy();
		const job = await api.submit({});
		const { samples, total_samples, total_feedback } = await details(job);
		assert.deepEqual([samples, total_samples, total_feedback], [[], 0, 0]);
		for (const { id, status } of (await api.get('/jobs?limit=100')).json.items)
			if (['queued', 'processing'].includes(status)) await api.delete(`/generate/${id}`);
		isProblem(await api.get(`/generate/${nobody}/feedback`), 404, `There is no job ${nobody}.`);
	});
});

describe('what is deleted takes its feedback with it:', () => {
	test('a sample, also from the preferences of other jobs', async () => {
		const { job, audio: [a, b] } = await api.make({ num_samples: 2 });
		const { job: rival, audio: [c] } = await api.make({ prompt: undefined, prompt_id: job.prompt_id });
		const rating = await rate(a.id, 5);
		await rate(b.id, 2);
		const preference = await prefer(job.prompt_id, c.id, a.id);
		const { id } = await tag(a.id, 'warm');
		assert.deepEqual([(await agree(job)).count, (await agree(rival)).count], [3, 1]);
		assert.equal((await api.delete(`/audio/${a.id}`)).status, 200);
		assert.deepEqual(await agree(job), { ...await summary(job), count: 1, average_rating: 2 });
		assert.equal((await agree(rival)).count, 0);
		assert.deepEqual((await details(job)).samples.map(({ label }) => label), ['B']);
		for (const path of [`ratings/${rating.id}`, `preferences/${preference.id}`, `tags/${id}`])
			isProblem(await api.get(`/${path}`), 404);
	});

	test('a job', async () => {
		const { json: before } = await api.get('/ratings/stats');
		const { job, audio: [a, b] } = await api.make({ num_samples: 2, prompt: 'to be deleted' });
		for (const { id } of [a, b]) await rate(id, 3);
		await prefer(job.prompt_id, a.id, b.id);
		assert.equal((await api.delete(`/jobs/${job.id}`)).status, 200);
		isProblem(await api.get(`/generate/${job.id}/feedback`), 404);
		assert.deepEqual((await api.get('/ratings/stats')).json, before);
		assert.equal((await api.get(`/preferences?prompt_id=${job.prompt_id}`)).json.total, 0);
	});
});

describe('at the same time', () => {
	test(`${rounds} times, two may rate one sample, and both count`, async () => {
		const { job, audio: [{ id }] } = await api.make({});
		for (let round = 0; round < rounds; round++) await Promise.all([rate(id, 5), rate(id, 1)]);
		assert.deepEqual(await summary(job), { ...await summary(job), count: 2 * rounds, average_rating: 3 });
		assert.equal((await details(job)).samples[0].feedback.length, 2 * rounds);
	});

	test('two may take one rating back, and one of them does', async () => {
		const { job, audio: [{ id }] } = await api.make({});
		for (let round = 0; round < 30; round++) {
			const rating = await rate(id, 4);
			const both = await Promise.all([1, 2].map(() => api.delete(`/ratings/${rating.id}`)));
			assert.deepEqual(both.map(({ status }) => status).sort(), [200, 404]);
		}
		assert.equal((await agree(job)).count, 0);
	});
});

test('the sums of all feedback are those of the rows', async () => {
	const { job, audio: [a, b] } = await api.make({ num_samples: 2 });
	await rate(a.id, 5);
	await prefer(job.prompt_id, a.id, b.id);
	await tag(b.id, 'warm');
	const { json } = await api.get('/metrics/feedback');
	const [[ratings, sum, preferences, tags]] = await api.stack.sql('SELECT COUNT(*), SUM(rating), ' +
		'(SELECT COUNT(*) FROM preferences), (SELECT COUNT(*) FROM tags) FROM ratings');
	assert.deepEqual(json.by_adapter, [{ adapter_id: null, adapter_name: 'Base model',
		count: Number(ratings), avg_rating: Number(sum) / Number(ratings) }]);
	assert.deepEqual(json.rating_distribution, (await api.get('/ratings/stats')).json.rating_distribution);
	assert.deepEqual([json.preference_comparisons, json.tagged_feedback],
		[Number(preferences), Number(tags)]);
});

test('an audit finds nothing wrong after all this, and mends what is made wrong', async () => {
	assert.match((await api.stack.cli('audit')).stdout, /^0 counters wrong/m);
	await api.stack.sql('UPDATE jobs SET feedback_count = feedback_count + 1 LIMIT 1');
	await assert.rejects(api.stack.cli('audit'), /something is wrong/);
	assert.match((await api.stack.cli('audit', '--repair')).stdout, /^1 counters wrong \(repaired\)/m);
	assert.match((await api.stack.cli('audit')).stdout, /^0 counters wrong/m);
});

test('a list of a hundred jobs costs as many queries as a list of one', async () => {
	const { job, audio: [{ id }] } = await api.make({});
	await rate(id, 4);
	for (let i = 0; i < 99; i++) await api.submit({ prompt: undefined, prompt_id: job.prompt_id });
	for (const one of (await api.get('/jobs?limit=100')).json.items)
		if (['queued', 'processing'].includes(one.status)) await api.delete(`/generate/${one.id}`);
	const cost = (limit) => api.queries(async () => {
		const { items } = (await api.get(`/jobs?limit=${limit}`)).json;
		assert.equal(items.length, limit);
		assert.equal(items.at(-1).feedback.count, limit === 100 ? 1 : 0);
	});
	const one = await cost(1);
	assert.ok(one > 0 && one < 5, `${one} queries`);
	assert.equal(await cost(100), one);
	assert.equal(await api.queries(() => api.get(`/generate/${job.id}`)), 1, 'and a status costs one');
});
