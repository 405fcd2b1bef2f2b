// What a library of takes asks of GET /audio: each with what listeners say of it, narrowed by its words, its
// favourites, its ratings and tags.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installation, nobody } from './api.mjs';

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
const nothing = { average_rating: null, rating_count: 0, positive_tags: [], negative_tags: [], favorite_id: null };

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
			positive_tags: ['warm', 'Café 🎹', 'aa'], negative_tags: ['muddy'], favorite_id });
		assert.equal((await api.get(`/jobs/${job.id}`)).json.feedback.average_rating, 3.5);
	});

	test('follows what is taken back and what is changed', async () => {
		const [, { id }] = takes, rating = await rate(id, 1), tagged = await tag(id, 'flat');
		await rate(id, 4);
		await favor(id);
		await done(api.post('/tags', { audio_id: id, tag: 'FLAT', is_positive: false }), 200);
		assert.deepEqual({ ...(await take(id)).feedback, favorite_id: '' }, { average_rating: 2.5, rating_count: 2,
			positive_tags: [], negative_tags: ['flat'], favorite_id: '' });
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

test('a list of a hundred takes costs as many queries as a list of one', async () => {
	const [{ id }] = takes, copy = `UNHEX(MD5(CONCAT('${id}', seq)))`, of = `UNHEX(REPLACE('${id}', '-', ''))`;
	const names = 'prompt_id, model, seed, title, format, sample_rate, channels, frames, size_bytes, sha256, params, ' +
		'storage_key, peaks_key';
	await api.stack.sql(`INSERT INTO samples (job_id, idx, id, ${names}, created_at) SELECT ${copy}, 0, ${copy}, ${names},
		created_at + INTERVAL seq SECOND FROM samples, seq_1_to_100 WHERE id=${of}`);
	await api.stack.sql(`INSERT INTO tags (id, audio_id, tag, tag_key, is_positive, created_at) SELECT ${copy}, ${copy},
		'many', 'many', 1, UTC_TIMESTAMP(6) FROM seq_1_to_100`);
	await api.stack.sql(`INSERT INTO audio_feedback (audio_id, rating_count, rating_sum, wins, comparisons, tag_count)
		SELECT ${copy}, 1, 4, 0, 0, 1 FROM seq_1_to_100`);
	const executed = async () => Number((await api.stack.sql(
		"SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'"))[0][1]);
	// With the daemon asleep, nobody but the responder asks the database.
	const daemon = api.stack.kill('daemon', 'SIGSTOP');
	try {
		const cost = async (limit) => {
			const before = await executed();
			const { items } = (await api.get(`/audio?limit=${limit}`)).json;
			assert.equal(items.length, limit);
			for (const { feedback } of items) assert.deepEqual([feedback.average_rating, feedback.positive_tags],
				[4, ['many']]);
			return await executed() - before;
		};
		const one = await cost(1);
		assert.ok(one > 0 && one < 5, `${one} queries`);
		assert.equal(await cost(100), one);
	} finally {
		for (const pid of daemon) process.kill(pid, 'SIGCONT');
	}
});
