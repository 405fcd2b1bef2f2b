// What a library of takes asks of GET /audio: each with what listeners say of it, narrowed by its words, its
// favourites, its ratings and tags.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { installation, isProblem, nobody } from './api.mjs';

const api = installation({ settings: { workers: 2 } }, async () => {
	({ job, audio: takes } = await api.make({ num_samples: 4 }));
});
let job, takes;		// a job and its takes

const done = async (asked, status = 201) => {
	const answer = await asked;
	assert.equal(answer.status, status, answer.text);
	return answer.json;
};
const rate = (audio_id, rating, more) => done(api.post('/ratings', { audio_id, rating, ...more }));
const tag = (audio_id, tag, is_positive = true) => done(api.post('/tags', { audio_id, tag, is_positive }));
const favor = (target_id) => done(api.post('/favorites', { target_type: 'audio', target_id }));
const take = async (id) => (await api.get(`/audio/${id}`)).json;
const nothing = { average_rating: null, rating_count: 0, positive_tags: [], negative_tags: [], favorite_id: null, own_rating: null };

describe('the feedback of a take', () => {
	test('is nothing until someone says something', async () => {
		for (const { id } of takes) assert.deepEqual((await take(id)).feedback, nothing);
	});

	test('is its average rating of all criteria, as that of its job, its tags and its favourite', async () => {
		const [{ id }] = takes;
		await rate(id, 5);
		await rate(id, 2, { criterion: 'melody' });
		for (const [word, praise] of [['warm', true], ['Café 🎹', true], ['muddy', false], ['aa', true]])
			await tag(id, word, praise);
		const { id: favorite_id } = await favor(id);
		assert.deepEqual((await take(id)).feedback, { average_rating: 3.5, rating_count: 2,
			positive_tags: ['warm', 'Café 🎹', 'aa'], negative_tags: ['muddy'], favorite_id, own_rating: null });
		assert.equal((await api.get(`/jobs/${job.id}`)).json.feedback.average_rating, 3.5);
	});

	test('follows what is taken back and what is changed', async () => {
		const [, { id }] = takes, rating = await rate(id, 1), tagged = await tag(id, 'flat');
		await rate(id, 4);
		await favor(id);
		await done(api.post('/tags', { audio_id: id, tag: 'FLAT', is_positive: false }), 200);
		assert.deepEqual({ ...(await take(id)).feedback, favorite_id: '' }, { average_rating: 2.5, rating_count: 2,
			positive_tags: [], negative_tags: ['flat'], favorite_id: '', own_rating: null });
		await done(api.delete(`/ratings/${rating.id}`), 200);
		await done(api.delete(`/tags/${tagged.id}`), 200);
		assert.equal((await api.delete(`/favorites/by-target/audio/${id}`)).status, 204);
		assert.deepEqual((await take(id)).feedback, { ...nothing, average_rating: 4, rating_count: 1 });
	});

	test('makes another ETag of the take and of the list', async () => {
		const [{ id }] = takes;
		for (const path of [`/audio/${id}`, '/audio?limit=100']) {
			const { headers: { etag } } = await api.get(path);
			assert.equal((await api.get(path, { 'If-None-Match': etag })).status, 304);
			await rate(id, 3);
			assert.equal((await api.get(path, { 'If-None-Match': etag })).status, 200);
		}
	});

	test('stands in lists and comparisons as with the take alone', async () => {
		const { items } = (await api.get(`/audio?job_id=${job.id}`)).json;
		assert.equal(items.length, 4);
		for (const item of items) assert.deepEqual(item, await take(item.id));
		const { samples } = await done(api.post('/audio/compare', { audio_ids: takes.map(({ id }) => id) }), 200);
		for (const { label, ...sample } of samples) assert.deepEqual(sample, await take(sample.id), label);
	});

	test('shows a tag once, whoever gave it, and of very many the first hundred', async () => {
		const [, , { id }] = takes, words = Array.from({ length: 120 }, (_, i) => `tag ${i}`);
		for (let i = 0; i < words.length; i += 40)
			await done(api.post('/tags/bulk', { audio_id: id, positive_tags: words.slice(i, i + 40) }));
		assert.deepEqual((await take(id)).feedback.positive_tags, words.slice(0, 100));
		await done(api.put(`/tags/audio/${id}`, { positive_tags: ['Warm'], negative_tags: [] }), 200);
		await api.stack.sql(`INSERT INTO tags (id, audio_id, user_id, tag, tag_key, is_positive, created_at)
			SELECT UNHEX(REPLACE('${nobody}', '-', '')), audio_id, UNHEX(REPLACE('${nobody}', '-', '')), 'WARM',
			tag_key, 1, created_at + INTERVAL 1 SECOND FROM tags WHERE audio_id=UNHEX(REPLACE('${id}', '-', ''))`);
		assert.deepEqual((await take(id)).feedback.positive_tags, ['Warm']);
		await api.stack.sql(`DELETE FROM tags WHERE id=UNHEX(REPLACE('${nobody}', '-', ''))`);
	});
});

// The list against a model of it: all takes as they are alone, filtered here.
describe('the list of takes', () => {
	const all = [];		// newest first
	let adapter, experiment;
	before(async () => {
		adapter = await done(api.post('/adapters', { name: 'Slow', base_model: 'band' }));
		await done(api.ask('PUT', `/adapters/${adapter.id}/weights`, {
			headers: { 'Content-Type': 'application/octet-stream' },
			body: JSON.stringify({ format: 'earshot-style-adapter', version: 1, name: 'Slow', base_model: 'band',
				tempo: { usual: 70, slowest: 68, fastest: 72 } }) }), 200);
		experiment = await done(api.post('/experiments', { name: 'Library' }));
		const with_adapter = { adapter_id: adapter.id }, in_experiment = { experiment_id: experiment.id };
		for (const body of [
			{ prompt: 'dusty lo-fi beat at night' },
			{ prompt: 'dusty lo-fi beat at night', format: 'mp3', ...with_adapter },
			{ prompt: 'piano at the Café Größenwahn', ...in_experiment },
			{ prompt: 'piano at the Café Größenwahn', format: 'ogg', ...in_experiment, ...with_adapter },
			{ prompt: '静かなピアノの夜', attributes: { mood: 'dusty' } },
			{ prompt: 'nothing else', format: 'mp3', ...in_experiment },
		]) await api.make({ num_samples: 4, ...body });
		const { items } = await done(api.get('/audio?limit=100'), 200);
		await api.stack.sql("UPDATE samples SET model='other' WHERE idx=3");
		for (const [i, { id, feedback }] of items.entries()) {
			if (i % 3 === 0 && !feedback.favorite_id) await favor(id);
			if (i % 4 === 1) await rate(id, 1 + i % 5);
			if (i % 8 === 1) await rate(id, 5, { criterion: 'rhythm' });
			if (i % 5 === 2) await tag(id, i % 2 ? 'Wärm' : 'wärm');
			if (i % 5 === 3) await tag(id, 'wärm', false);
		}
		for (const { id } of items) all.push(await take(id));
	});

	// What each value of each parameter lets through, as the words of its prompt say.
	const words = {
		'dusty': (s) => /dusty/.test(s.prompt.text) || s.prompt.attributes?.mood === 'dusty',
		'LOFI du': (s) => /lo-fi/.test(s.prompt.text),
		'du LOFI': () => false,
		'cafe grossenw': (s) => /Café/.test(s.prompt.text),
		'ピアノ': (s) => /ピアノ/.test(s.prompt.text),
		'tuba': () => false,
		'!?': () => false,
		'': () => true,
	};
	const parameters = () => ({
		q: words,
		model: { band: (s) => s.model === 'band', other: (s) => s.model === 'other', none: () => false },
		format: { mp3: (s) => s.format === 'mp3', wav: () => false, flac: (s) => s.format === 'flac' },
		is_favorite: { true: (s) => s.feedback.favorite_id !== null, false: (s) => s.feedback.favorite_id === null },
		min_rating: Object.fromEntries([1, 2, 3, 4, 5].map((n) => [n, (s) => s.feedback.average_rating >= n])),
		tag: { 'WÄRM': (s) => s.feedback.positive_tags.some((t) => /wärm/i.test(t)),
			'warm': (s) => s.feedback.positive_tags.some((t) => /^warm$/i.test(t)), 'none': () => false },
		start_date: { [all[20].created_at]: (s) => s.created_at >= all[20].created_at, '2000-01-01': () => true },
		end_date: { [all[4].created_at]: (s) => s.created_at <= all[4].created_at, '2000-01-01': () => false,
			[all[0].created_at.slice(0, 10)]: (s) => s.created_at.slice(0, 10) <= all[0].created_at.slice(0, 10) },
		adapter_id: { none: (s) => s.adapter_id === null, [adapter.id]: (s) => s.adapter_id === adapter.id },
		experiment_id: { [experiment.id]: (s) => s.experiment_id === experiment.id },
		prompt_id: { [all[0].prompt_id]: (s) => s.prompt_id === all[0].prompt_id },
		job_id: { [all[9].job_id]: (s) => s.job_id === all[9].job_id },
	});
	const isRight = async (chosen) => {
		const wanted = all.filter((s) => chosen.every(({ fits }) => fits(s)));
		const query = new URLSearchParams(chosen.map(({ name, value }) => [name, value]));
		const { items, total, total_is_capped: capped, has_more: more } = await done(
			api.get(`/audio?limit=100&${query}`), 200);
		assert.deepEqual(items.map(({ id }) => id), wanted.map(({ id }) => id), query.toString());
		assert.deepEqual([total, capped, more], [wanted.length, false, false], query.toString());
		return { query, wanted };
	};
	const choices = () => Object.entries(parameters()).map(([name, values]) =>
		Object.entries(values).map(([value, fits]) => ({ name, value, fits })));

	test('is narrowed by each filter, newest first, with its total', async () => {
		for (const values of choices()) for (const choice of values) await isRight([choice]);
		for (const [name, values] of Object.entries(parameters())) {
			const some = Object.values(values).some((fits) => {
				const n = all.filter(fits).length;
				return n > 0 && n < all.length;
			});
			assert.ok(some, `${name} tells takes apart`);
		}
	});

	test('is narrowed by every two of them', async () => {
		const by = choices();
		for (let i = 0; i < by.length; i++)
			for (let k = 0; k < i; k++)
				for (let v = 0; v < Math.max(by[i].length, by[k].length); v++)
					await isRight([by[i][v % by[i].length], by[k][v % by[k].length]]);
	});

	test('is narrowed by many at once', async () => {
		const by = choices();
		for (let seed = 1; seed <= 150; seed++) {
			let n = seed;
			const random = (below) => (n = (n * 48271) % 2147483647) % below;
			random(2);
			await isRight(by.filter(() => random(3) === 0).map((values) => values[random(values.length)]));
		}
	});

	test('goes on by offset and by cursor, with the same total', async () => {
		for (const choice of choices().flat()) {
			const { query, wanted } = await isRight([choice]);
			const seen = [];
			for (let cursor = ''; cursor !== null && seen.length < 100;) {
				const { items, total, next_cursor: next } = (await api.get(
					`/audio?limit=3&${query}${cursor && `&cursor=${cursor}`}`)).json;
				assert.equal(total, wanted.length, query.toString());
				seen.push(...items.map(({ id }) => id));
				cursor = next;
			}
			assert.deepEqual(seen, wanted.map(({ id }) => id), query.toString());
			const { items, total } = (await api.get(`/audio?limit=2&offset=2&${query}`)).json;
			assert.deepEqual([items.map(({ id }) => id), total],
				[wanted.slice(2, 4).map(({ id }) => id), wanted.length], query.toString());
		}
	});

	test('begins with the oldest or with the best rated, whatever it is narrowed by', async () => {
		const stars = (s) => Math.floor(s.feedback.average_rating);
		const best = all.filter((s) => s.feedback.rating_count).toSorted((a, b) => stars(b) - stars(a));
		assert.ok(new Set(best.map(stars)).size > 2);
		for (const choice of choices().flat())
			for (const [sort, order] of [['oldest', all.toReversed()], ['rating', best]]) {
				const wanted = order.filter(choice.fits).map(({ id }) => id), seen = [];
				const query = new URLSearchParams({ sort, [choice.name]: choice.value, limit: 3 });
				for (let more = ''; more !== null;) {
					const { items, total, ...end } = await done(api.get(`/audio?${query}${more}`), 200);
					assert.equal(total, wanted.length, query.toString());
					assert.equal(end.next_cursor !== null, end.has_more && sort === 'oldest');
					seen.push(...items.map(({ id }) => id));
					more = !end.has_more ? null : end.next_cursor ? `&cursor=${end.next_cursor}` :
						`&offset=${seen.length}`;
				}
				assert.deepEqual(seen, wanted, query.toString());
			}
		const { next_cursor: cursor } = (await api.get('/audio?limit=1')).json;
		isProblem(await api.get(`/audio?sort=rating&cursor=${cursor}`), 400, /offset/);
	});

	test('has a take once, however many listeners gave it the tag', async () => {
		const { id } = all[2], other = `UNHEX(REPLACE('${nobody}', '-', ''))`;
		await api.stack.sql(`INSERT INTO tags (id, audio_id, user_id, tag, tag_key, is_positive, audio_created_at,
			created_at) SELECT ${other}, audio_id, ${other}, tag, tag_key, 1, audio_created_at, created_at FROM tags
			WHERE audio_id=UNHEX(REPLACE('${id}', '-', ''))`);
		for (const more of ['', '&limit=1', '&model=band&is_favorite=false'])
			for (const narrow of ['', `&job_id=${all[2].job_id}`]) {
				const { items, total } = (await api.get(`/audio?tag=w%C3%A4rm${more}${narrow}`)).json;
				assert.equal(new Set(items.map((s) => s.id)).size, items.length);
				assert.equal(total, all.filter((s) => s.feedback.positive_tags.some((t) => /wärm/i.test(t)) && (!narrow ||
					s.job_id === all[2].job_id) && (!/model/.test(more) || (s.model === 'band' &&
					!s.feedback.favorite_id))).length);
			}
		await api.stack.sql(`DELETE FROM tags WHERE id=${other}`);
	});

	test('finds what was just made, rated, tagged and marked, and no longer what was taken back', async () => {
		const { audio: [{ id }] } = await api.make({ prompt: 'zither solo' });
		const found = async (query) => (await api.get(`/audio?${query}`)).json.items.some((s) => s.id === id);
		assert.ok(await found('q=zith'));
		const { id: rating } = await rate(id, 5), { id: tagged } = await tag(id, 'plucked');
		await favor(id);
		for (const query of ['min_rating=5', 'tag=plucked', 'is_favorite=true']) assert.ok(await found(query), query);
		assert.ok(!await found('is_favorite=false'));
		await rate(id, 4);
		assert.ok(!await found('min_rating=5') && await found('min_rating=4'));
		await done(api.delete(`/ratings/${rating}`), 200);
		await done(api.delete(`/tags/${tagged}`), 200);
		await api.delete(`/favorites/by-target/audio/${id}`);
		for (const query of ['min_rating=5', 'tag=plucked', 'is_favorite=true']) assert.ok(!await found(query), query);
		await done(api.delete(`/audio/${id}`), 200);
		assert.ok(!await found('q=zith') && !await found('min_rating=1'));
	});

	for (const query of ['format=aac', 'format=', 'is_favorite=maybe', 'is_favorite=', 'min_rating=0', 'min_rating=6',
		'min_rating=3.5', 'start_date=x', 'end_date=2026-02-30', `q=${'x'.repeat(201)}`, 'q=a&q=b', 'tag=a&tag=b',
		'model=a&model=b', 'offset=1&cursor=x', 'sort=best', 'sort='])
		test(`is 400 for ${query.slice(0, 30)}`, async () => {
			isProblem(await api.get(`/audio?${query}`), 400, new RegExp(query.split('=')[0]));
		});
});

test('a list of a hundred takes costs as many queries as a list of one', async () => {
	const [{ id }] = takes, copy = `UNHEX(MD5(CONCAT('${id}', seq)))`, of = `UNHEX(REPLACE('${id}', '-', ''))`;
	const names = 'prompt_id, model, seed, title, format, sample_rate, channels, frames, size_bytes, sha256, params, ' +
		'storage_key, peaks_key';
	await api.stack.sql(`INSERT INTO samples (job_id, idx, id, ${names}, created_at) SELECT ${copy}, 0, ${copy},
		${names}, created_at + INTERVAL seq DAY FROM samples, seq_1_to_100 WHERE id=${of}`);
	await api.stack.sql(`INSERT INTO tags (id, audio_id, tag, tag_key, is_positive, created_at) SELECT ${copy}, ${copy},
		'many', 'many', 1, UTC_TIMESTAMP(6) FROM seq_1_to_100`);
	await api.stack.sql(`INSERT INTO audio_feedback (audio_id, rating_count, rating_sum, wins, comparisons, tag_count)
		SELECT ${copy}, 1, 4, 0, 0, 1 FROM seq_1_to_100`);
	const cost = (limit) => api.queries(async () => {
		const { items } = (await api.get(`/audio?limit=${limit}`)).json;
		assert.equal(items.length, limit);
		for (const { feedback } of items) assert.deepEqual([feedback.average_rating, feedback.positive_tags], [4, ['many']]);
	});
	const one = await cost(1);
	assert.ok(one > 0 && one < 5, `${one} queries`);
	assert.equal(await cost(100), one);
});
