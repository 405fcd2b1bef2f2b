// POST, GET and DELETE of /preferences: which of two samples of a prompt is better.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installation, isProblem, nobody } from './api.mjs';

let prompt, a, b, c, stranger;
const api = installation({}, async () => {
	const { job, audio } = await api.make({ num_samples: 2 });
	prompt = job.prompt_id;
	[a, b] = audio.map(({ id }) => id);
	({ audio: [{ id: c }] } = await api.make({ prompt: undefined, prompt_id: prompt }));
	({ audio: [{ id: stranger }] } = await api.make({ prompt: 'slow piano waltz in B minor' }));
});

const prefer = async (chosen_audio_id, rejected_audio_id, more) => {
	const answer = await api.post('/preferences', { prompt_id: prompt, chosen_audio_id,
		rejected_audio_id, ...more });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
};
const list = async (query = '') => (await api.get(`/preferences${query}`)).json;

describe('a preference', () => {
	test('is created with 201, its own address, the prompt in words and where to hear both', async () => {
		const made = await api.post('/preferences', { prompt_id: prompt, chosen_audio_id: a,
			rejected_audio_id: b, margin: 5, notes: 'by far' });
		assert.equal(made.status, 201);
		assert.equal(made.headers.location, `/api/preferences/${made.json.id}`);
		assert.deepEqual({ ...made.json, id: '', created_at: '' }, { id: '', prompt_id: prompt,
			chosen_audio_id: a, rejected_audio_id: b, user_id: null, margin: 5, notes: 'by far',
			created_at: '', prompt_text: 'slow piano waltz in A minor',
			chosen_audio_path: `/api/audio/${a}/stream`, rejected_audio_path: `/api/audio/${b}/stream` });
		assert.deepEqual((await api.get(`/preferences/${made.json.id}`)).json, made.json);
		for (const path of [made.json.chosen_audio_path, made.json.rejected_audio_path])
			assert.equal((await api.plain('HEAD', path)).status, 200);
	});

	test('needs neither margin nor notes, and may be between two jobs', async () => {
		const { margin, notes } = await prefer(c, a);
		assert.deepEqual([margin, notes], [null, null]);
	});

	test('is gone when it is deleted, and deleting it again is 404', async () => {
		const { id } = await prefer(b, a);
		const { total } = await list();
		const gone = await api.delete(`/preferences/${id}`);
		assert.deepEqual([gone.status, gone.json], [200, { status: 'deleted', id }]);
		isProblem(await api.get(`/preferences/${id}`), 404, `There is no preference ${id}.`);
		isProblem(await api.delete(`/preferences/${id}`), 404);
		assert.equal((await list()).total, total - 1);
	});
});

describe('what is no preference is refused in a sentence', () => {
	const ask = (body) => api.post('/preferences', { prompt_id: prompt, chosen_audio_id: a,
		rejected_audio_id: b, ...body });

	test('422 to a sample that is preferred to itself', async () => {
		isProblem(await ask({ rejected_audio_id: a }), 422,
			'rejected_audio_id must be another one than chosen_audio_id.', ['rejected_audio_id']);
	});

	test('422 to samples of another prompt, each by its field', async () => {
		isProblem(await ask({ rejected_audio_id: stranger }), 422, /was made of another prompt/,
			['rejected_audio_id']);
		isProblem(await ask({ chosen_audio_id: stranger }), 422, /was made of another prompt/,
			['chosen_audio_id']);
		const { json: other } = await api.post('/prompts', { text: 'another' });
		isProblem(await ask({ prompt_id: other.id }), 422, /another prompt/,
			['chosen_audio_id', 'rejected_audio_id']);
	});

	test('404 to a prompt and to samples that are not there, which it names', async () => {
		isProblem(await ask({ prompt_id: nobody }), 404, `There is no prompt ${nobody}.`);
		isProblem(await ask({ chosen_audio_id: nobody }), 404, `There is no audio ${nobody}.`);
		isProblem(await ask({ rejected_audio_id: nobody }), 404, `There is no audio ${nobody}.`);
	});

	test('422 to missing and wrong fields, all at once', async () => {
		isProblem(await api.post('/preferences', {}), 422, undefined,
			['prompt_id', 'chosen_audio_id', 'rejected_audio_id']);
		isProblem(await ask({ margin: 0, notes: 7, side: 'left' }), 422, undefined,
			['margin', 'notes', 'side']);
		isProblem(await ask({ margin: 6 }), 422, /from 1 to 5, not 6/, ['margin']);
		isProblem(await ask({ margin: 1.5 }), 422, /whole/, ['margin']);
	});
});

describe('the list of preferences', () => {
	test('is narrowed by prompt and by audio, chosen or rejected, newest first', async () => {
		const newest = [(await prefer(a, c)).id, (await prefer(b, c)).id, (await prefer(c, b)).id].reverse();
		const ids = async (query) => (await list(query)).items.map(({ id }) => id);
		assert.deepEqual((await ids('?limit=3')), newest);
		const all = (await list('?limit=100')).items;
		for (const audio of [a, b, c]) {
			const wanted = all.filter((one) => [one.chosen_audio_id, one.rejected_audio_id].includes(audio));
			for (const query of [`?audio_id=${audio}`, `?audio_id=${audio}&prompt_id=${prompt}`])
				assert.deepEqual(await list(query), { items: wanted, total: wanted.length, page: 1, limit: 20 });
		}
		assert.deepEqual(await ids(`?prompt_id=${prompt}&limit=2&page=2`), all.slice(2, 4).map(({ id }) => id));
		for (const query of [`?audio_id=${stranger}`, `?prompt_id=${nobody}`, `?prompt_id=${nobody}&audio_id=${a}`])
			assert.deepEqual(await list(query), { items: [], total: 0, page: 1, limit: 20 });
	});

	test('of one prompt is what the filter gives; 404 when the prompt is not there', async () => {
		assert.deepEqual((await api.get(`/preferences/prompt/${prompt}?audio_id=${a}`)).json,
			await list(`?prompt_id=${prompt}&audio_id=${a}`));
		isProblem(await api.get(`/preferences/prompt/${nobody}`), 404, `There is no prompt ${nobody}.`);
	});

	for (const query of ['audio_id=x', 'prompt_id=', 'limit=101', 'page=0'])
		test(`400 to ?${query}`, async () => {
			isProblem(await api.get(`/preferences?${query}`), 400);
		});
});

test('the statistics are those of the list, under both names', async () => {
	const { items, total } = await list('?limit=100');
	const margins = items.filter(({ margin }) => margin !== null).map(({ margin }) => margin);
	const rate = (id) => items.filter((one) => one.chosen_audio_id === id).length /
		items.filter((one) => [one.chosen_audio_id, one.rejected_audio_id].includes(id)).length;
	const { json: stats } = await api.get('/preferences/stats');
	assert.deepEqual(stats, { total_pairs: total, unique_prompts: 1, unique_audios: 3,
		average_margin: margins.reduce((x, y) => x + y) / margins.length,
		audio_win_rates: { [a]: rate(a), [b]: rate(b), [c]: rate(c) } });
	assert.deepEqual((await api.get('/preferences/summary')).json, stats);
	for (const { id } of items) await api.delete(`/preferences/${id}`);
	assert.deepEqual((await api.get('/preferences/stats')).json, { total_pairs: 0, unique_prompts: 0,
		unique_audios: 0, average_margin: null, audio_win_rates: {} });
});
