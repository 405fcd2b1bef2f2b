// POST, GET, PUT and DELETE of /ratings: how good listeners find a sample.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installation, isProblem, nobody } from './api.mjs';

const api = installation({}, async () => {
	({ audio: [{ id: first }, { id: second }] } = await api.make({ num_samples: 2 }));
});
let first, second;

const rate = async (audio_id, rating, more) => {
	const answer = await api.post('/ratings', { audio_id, rating, ...more });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
};
const list = async (query = '') => (await api.get(`/ratings${query}`)).json;
const values = async (query) => (await list(query)).items.map(({ rating }) => rating);

describe('a rating', () => {
	test('is created with 201, its own address and all that was said', async () => {
		const made = await api.post('/ratings', { audio_id: first, rating: 4, criterion: 'melody',
			notes: 'Grüße 🎹 "so"' });
		assert.equal(made.status, 201);
		assert.equal(made.headers.location, `/api/ratings/${made.json.id}`);
		assert.deepEqual({ ...made.json, id: '', created_at: '' }, { id: '', audio_id: first,
			user_id: null, rating: 4, criterion: 'melody', notes: 'Grüße 🎹 "so"', created_at: '' });
		assert.deepEqual((await api.get(`/ratings/${made.json.id}`)).json, made.json);
	});

	test('is of the whole and has no notes, when nothing else is said', async () => {
		for (const more of [{}, { criterion: null, notes: null }, { notes: '' }]) {
			const { criterion, notes } = await rate(first, 3, more);
			assert.deepEqual([criterion, notes], ['overall', null]);
		}
	});

	test('may have notes of 2000 characters, of four bytes each', async () => {
		const notes = '🎹'.repeat(2000);
		assert.equal((await rate(first, 1, { notes })).notes, notes);
	});

	test('counts each time, also of the same sample and criterion', async () => {
		const { total } = await list();
		const ids = [(await rate(first, 5)).id, (await rate(first, 5)).id];
		assert.notEqual(ids[0], ids[1]);
		assert.equal((await list()).total, total + 2);
		assert.equal((await api.get(`/audio/${first}`)).json.feedback.own_rating, null);
	});

	test('is gone when it is deleted, and deleting it again is 404', async () => {
		const { id } = await rate(first, 2);
		const { total } = await list();
		const gone = await api.delete(`/ratings/${id}`);
		assert.deepEqual([gone.status, gone.json], [200, { status: 'deleted', id }]);
		isProblem(await api.get(`/ratings/${id}`), 404, `There is no rating ${id}.`);
		isProblem(await api.delete(`/ratings/${id}`), 404, `There is no rating ${id}.`);
		assert.equal((await list()).total, total - 1);
	});

	test('comes with an ETag', async () => {
		const { id } = await rate(first, 2);
		const { headers: { etag } } = await api.get(`/ratings/${id}`);
		assert.equal((await api.get(`/ratings/${id}`, { 'If-None-Match': etag })).status, 304);
	});
});

describe('a rating is changed', () => {
	const put = (id, body) => api.put(`/ratings/${id}`, body);
	const stats = async (query = '') => (await api.get(`/ratings/stats${query}`)).json;

	test('in what is given; the rest stays', async () => {
		const made = await rate(first, 2, { criterion: 'harmony', notes: 'thin' });
		for (const [body, wanted] of [
			[{ rating: 5 }, { rating: 5, notes: 'thin' }],
			[{ notes: 'richer than I thought' }, { rating: 5, notes: 'richer than I thought' }],
			[{}, { rating: 5, notes: 'richer than I thought' }],
			[{ rating: null, notes: null }, { rating: 5, notes: 'richer than I thought' }],
			[{ rating: 5 }, { rating: 5, notes: 'richer than I thought' }],
			[{ rating: 1, notes: '' }, { rating: 1, notes: null }],
		]) {
			const { status, json } = await put(made.id, body);
			assert.deepEqual([status, json], [200, { ...made, ...wanted }], JSON.stringify(body));
			assert.deepEqual((await api.get(`/ratings/${made.id}`)).json, json);
		}
	});

	test('with all that is counted of it', async () => {
		const { job, audio: [{ id }] } = await api.make({});
		await rate(id, 3, { criterion: 'rhythm' });
		const { id: rating } = await rate(id, 1), all = await stats();
		for (const value of [5, 2, 2, 4]) assert.equal((await put(rating, { rating: value })).status, 200);
		assert.deepEqual(await stats(`?audio_id=${id}`), { audio_id: id, total_ratings: 2, average_rating: 3.5,
			rating_by_criterion: { overall: 4, rhythm: 3 }, rating_distribution: { 1: 0, 2: 0, 3: 1, 4: 1, 5: 0 } });
		const after = await stats();
		assert.deepEqual([after.total_ratings, after.rating_distribution], [all.total_ratings,
			{ ...all.rating_distribution, 1: all.rating_distribution[1] - 1, 4: all.rating_distribution[4] + 1 }]);
		const { feedback } = await api.job(job.id);
		assert.deepEqual([feedback.count, feedback.average_rating], [2, 3.5]);
		assert.equal((await list(`?audio_id=${id}&min_rating=4`)).items[0].id, rating);
		assert.match((await api.stack.cli('audit')).stdout, /^0 counters wrong/m);
	});

	test('by several at once and while it is deleted, and the sums are right', async () => {
		for (let round = 0; round < 20; round++) {
			const { id } = await rate(second, 3), { id: other } = await rate(second, 4);
			const answers = await Promise.all([put(id, { rating: 4 }), put(other, { rating: 3 }),
				put(id, { rating: 5 }), api.delete(`/ratings/${id}`)]);
			for (const { status } of answers) assert.ok([200, 404].includes(status), `${status}`);
			assert.deepEqual([answers[1].status, answers[3].status], [200, 200]);
		}
		assert.match((await api.stack.cli('audit')).stdout, /^0 counters wrong/m);
	});

	test('404 when there is none', async () => {
		isProblem(await put(nobody, { rating: 3 }), 404, `There is no rating ${nobody}.`);
		isProblem(await put(nobody, { notes: 'x' }), 404, `There is no rating ${nobody}.`);
	});

	for (const [what, [body, fields]] of Object.entries({
		'0': [{ rating: 0 }, ['rating']], '6': [{ rating: 6 }, ['rating']], 'half a star': [{ rating: 1.5 }, ['rating']],
		'a star in quotes': [{ rating: '5' }, ['rating']], 'long notes': [{ notes: 'ü'.repeat(2001) }, ['notes']],
		'both': [{ rating: 9, notes: 1 }, ['rating', 'notes']],
		'another criterion': [{ criterion: 'melody' }, ['criterion']], 'another audio': [{ audio_id: nobody }, ['audio_id']],
	}))
		test(`422 to ${what}, and it stays as it is`, async () => {
			const made = await rate(first, 2);
			isProblem(await put(made.id, { rating: 4, ...body }), 422, undefined, fields);
			assert.deepEqual((await api.get(`/ratings/${made.id}`)).json, made);
		});
});

describe('what is no rating is refused in a sentence', () => {
	const wrong = {
		'nothing': [{}, ['audio_id', 'rating'], /audio_id is missing/],
		'no audio': [{ audio_id: null, rating: 3 }, ['audio_id'], /missing/],
		'no id': [{ audio_id: 'x', rating: 3 }, ['audio_id'], /UUID/],
		'0': [{ rating: 0 }, ['rating'], /from 1 to 5, not 0/],
		'6': [{ rating: 6 }, ['rating'], /from 1 to 5, not 6/],
		'half a star': [{ rating: 3.5 }, ['rating'], /whole number/],
		'a star in quotes': [{ rating: '5' }, ['rating'], /number/],
		'an unknown criterion': [{ rating: 3, criterion: 'loudness' }, ['criterion'], /one of overall/],
		'notes of 2001 characters': [{ rating: 3, notes: 'ü'.repeat(2001) }, ['notes'], /2001/],
		'notes that are no text': [{ rating: 3, notes: [] }, ['notes'], /text/],
		'an unknown field': [{ rating: 3, user_id: nobody }, ['user_id'], /not a known field/],
	};
	for (const [what, [body, fields, detail]] of Object.entries(wrong))
		test(`422 to ${what}`, async () => {
			const { audio_id = first, ...rest } = body;
			isProblem(await api.post('/ratings', what === 'nothing' ? {} : { audio_id, ...rest }), 422,
				detail, fields);
		});

	test('404 to an audio that is not there, which it names', async () => {
		for (const audio_id of [nobody, '00000000-0000-0000-0000-000000000000'])
			isProblem(await api.post('/ratings', { audio_id, rating: 3 }), 404,
				`There is no audio ${audio_id}.`);
	});

	test('nothing of it is kept', async () => {
		const { total } = await list();
		await api.post('/ratings', { audio_id: nobody, rating: 3 });
		await api.post('/ratings', { audio_id: first, rating: 6 });
		assert.equal((await list()).total, total);
	});
});

describe('the list of ratings', () => {
	let audio;

	test('begins with the newest, by pages', async () => {
		({ audio: [{ id: audio }] } = await api.make({}));
		for (const [rating, criterion] of [[1, 'overall'], [2, 'overall'], [3, 'rhythm'], [4, 'rhythm'],
			[5, 'overall']])
			await rate(audio, rating, { criterion });
		assert.deepEqual(await values('?limit=3'), [5, 4, 3]);
		const { items, ...rest } = await list('?limit=3&page=2');
		assert.deepEqual(items.slice(0, 2).map(({ rating }) => rating), [2, 1]);
		assert.deepEqual(rest, { total: (await list()).total, page: 2, limit: 3 });
		assert.deepEqual(await values('?limit=3&offset=3'), items.map(({ rating }) => rating));
	});

	test('is narrowed by audio, criterion and range, in every combination, with its total', async () => {
		const all = [];
		for (let page = 1, seen; (seen = (await list(`?limit=100&page=${page}`)).items).length; page++)
			all.push(...seen);
		for (const audio_id of [undefined, audio, first])
			for (const criterion of [undefined, 'overall', 'rhythm', 'harmony'])
				for (const [min, max] of [[], [3], [undefined, 2], [2, 4], [4, 4], [5, 1]]) {
					const query = Object.entries({ audio_id, criterion, min_rating: min, max_rating: max })
						.filter(([, value]) => value !== undefined)
						.map(([name, value]) => `${name}=${value}`).join('&');
					const wanted = all.filter((one) => (!audio_id || one.audio_id === audio_id) &&
						(!criterion || one.criterion === criterion) &&
						one.rating >= (min ?? 1) && one.rating <= (max ?? 5));
					const { items, total } = await list(`?limit=100&${query}`);
					assert.deepEqual(items, wanted, query);
					assert.equal(total, wanted.length, query);
				}
	});

	test('of one audio is what the filter gives; 404 when the audio is not there', async () => {
		assert.deepEqual((await api.get(`/ratings/audio/${audio}?criterion=rhythm`)).json,
			await list(`?audio_id=${audio}&criterion=rhythm`));
		isProblem(await api.get(`/ratings/audio/${nobody}`), 404, `There is no audio ${nobody}.`);
	});

	test('an id that is nobody\'s narrows it to nothing', async () => {
		for (const id of [nobody, '00000000-0000-0000-0000-000000000000'])
			assert.deepEqual(await list(`?audio_id=${id}`), { items: [], total: 0, page: 1, limit: 20 });
	});

	for (const query of ['audio_id=x', 'audio_id=', 'criterion=', 'criterion=x', 'min_rating=0',
		'max_rating=6', 'min_rating=2.5', 'limit=0', 'page=0', 'cursor=x', 'min_rating=1&min_rating=2'])
		test(`400 to ?${query}`, async () => {
			isProblem(await api.get(`/ratings?${query}`), 400);
		});
});

describe('the statistics of ratings', () => {
	test('of one audio are its ratings', async () => {
		const { audio: [{ id }] } = await api.make({});
		const empty = { audio_id: id, total_ratings: 0, average_rating: null, rating_by_criterion: {},
			rating_distribution: { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 } };
		assert.deepEqual((await api.get(`/ratings/stats?audio_id=${id}`)).json, empty);
		for (const [rating, criterion] of [[5, 'overall'], [2, 'overall'], [4, 'harmony']])
			await rate(id, rating, { criterion });
		assert.deepEqual((await api.get(`/ratings/stats?audio_id=${id}`)).json, { audio_id: id,
			total_ratings: 3, average_rating: 11 / 3, rating_by_criterion: { overall: 3.5, harmony: 4 },
			rating_distribution: { 1: 0, 2: 1, 3: 0, 4: 1, 5: 1 } });
	});

	test('of all are those of the list, under both names', async () => {
		await rate(second, 1, { criterion: 'adherence' });
		const { json: stats } = await api.get('/ratings/stats');
		const [[n, sum, criteria]] = await api.stack.sql('SELECT COUNT(*), SUM(rating), ' +
			'COUNT(DISTINCT criterion) FROM ratings');
		assert.equal(stats.audio_id, null);
		assert.equal(stats.total_ratings, Number(n));
		assert.equal(stats.average_rating, Number(sum) / Number(n));
		assert.equal(Object.keys(stats.rating_by_criterion).length, Number(criteria));
		for (let rating = 1; rating <= 5; rating++)
			assert.equal(stats.rating_distribution[rating],
				(await list(`?min_rating=${rating}&max_rating=${rating}`)).total);
		assert.deepEqual((await api.get('/ratings/summary')).json, stats);
	});
});
