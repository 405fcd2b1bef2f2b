// POST, GET, PUT and DELETE of /tags: words for a sample, as praise or as blame.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installation, isProblem, nobody, rounds } from './api.mjs';

let audio, other;
const api = installation({}, async () => {
	({ audio: [{ id: audio }, { id: other }] } = await api.make({ num_samples: 2 }));
});

const give = (tag, more) => api.post('/tags', { audio_id: audio, tag, ...more });
const list = async (query = '') => (await api.get(`/tags${query}`)).json;
const replace = (positive_tags, negative_tags) => api.put(`/tags/audio/${audio}`,
	{ positive_tags, negative_tags });
const words = ({ items }) => items.map(({ tag, is_positive }) => (is_positive ? '+' : '-') + tag).sort();

describe('a tag', () => {
	test('is created with 201, its own address, and as it was typed', async () => {
		const made = await give('  Warm & Weich 🎹\t');
		assert.equal(made.status, 201);
		assert.equal(made.headers.location, `/api/tags/${made.json.id}`);
		assert.deepEqual({ ...made.json, id: '', created_at: '' }, { id: '', audio_id: audio,
			user_id: null, tag: 'Warm & Weich 🎹', is_positive: true, created_at: '' });
		assert.deepEqual((await api.get(`/tags/${made.json.id}`)).json, made.json);
	});

	test('given again, in whatever case, is the row that is there', async () => {
		const { json: made } = await give('Été');
		const again = await give('été');
		assert.deepEqual([again.status, again.json], [200, made]);
		assert.equal((await list(`?audio_id=${audio}&tag=${encodeURIComponent('ÉTÉ')}`)).total, 1);
	});

	test('with an accent or another picture is another tag', async () => {
		for (const tag of ['cafe', 'café', '🎸', '🎻']) assert.equal((await give(tag)).status, 201, tag);
	});

	test('given with the other sign changes its sign', async () => {
		const { json: made } = await give('loud');
		const turned = await give('LOUD', { is_positive: false });
		assert.deepEqual([turned.status, turned.json], [200, { ...made, is_positive: false }]);
		assert.deepEqual((await api.get(`/tags/${made.id}`)).json, turned.json);
	});

	test('may be given to every sample', async () => {
		const { json: here } = await give('shared');
		const { status, json: there } = await api.post('/tags', { audio_id: other, tag: 'shared' });
		assert.equal(status, 201);
		assert.notEqual(here.id, there.id);
	});

	test('is gone when it is deleted, and deleting it again is 404', async () => {
		const { json: { id } } = await give('short lived');
		const gone = await api.delete(`/tags/${id}`);
		assert.deepEqual([gone.status, gone.json], [200, { status: 'deleted', id }]);
		isProblem(await api.get(`/tags/${id}`), 404, `There is no tag ${id}.`);
		isProblem(await api.delete(`/tags/${id}`), 404);
		assert.equal((await give('short lived')).status, 201);
	});
});

describe('what is no tag is refused in a sentence', () => {
	for (const [what, body, fields, detail] of [
		['nothing', { audio_id: undefined, tag: undefined }, ['audio_id', 'tag'], /missing/],
		['an empty tag', { tag: '' }, ['tag'], /1 to 100/],
		['a blank tag', { tag: ' \t ' }, ['tag'], /blank/],
		['101 characters', { tag: 'ü'.repeat(101) }, ['tag'], /101/],
		['a line break', { tag: 'a\nb' }, ['tag'], /control characters/],
		['a number', { tag: 5 }, ['tag'], /text/],
		['a sign that is none', { tag: 'x', is_positive: 1 }, ['is_positive'], /true or false/],
		['an unknown field', { tag: 'x', tags: [] }, ['tags'], /known/],
	])
		test(`422 to ${what}`, async () => {
			isProblem(await api.post('/tags', { audio_id: audio, ...body }), 422, detail, fields);
		});

	test('404 to an audio that is not there, which it names', async () => {
		isProblem(await give('x', { audio_id: nobody }), 404, `There is no audio ${nobody}.`);
		isProblem(await api.post('/tags/bulk', { audio_id: nobody, positive_tags: ['x'] }), 404,
			`There is no audio ${nobody}.`);
		isProblem(await api.put(`/tags/audio/${nobody}`, {}), 404, `There is no audio ${nobody}.`);
		isProblem(await api.get(`/tags/audio/${nobody}`), 404, `There is no audio ${nobody}.`);
	});
});

describe('several tags at once', () => {
	const bulk = (body) => api.post('/tags/bulk', { audio_id: audio, ...body });

	test('are answered with their rows, in the order given', async () => {
		await give('known before');
		const { status, json } = await bulk({ positive_tags: ['Groovy', 'known before', 'groovy'],
			negative_tags: ['thin'] });
		assert.equal(status, 201);
		assert.deepEqual(json.items.map(({ tag, is_positive }) => [tag, is_positive]),
			[['Groovy', true], ['known before', true], ['thin', false]]);
		assert.deepEqual({ ...json, items: 0 }, { items: 0, total: 3, page: 1, limit: 50 });
		assert.equal((await bulk({ negative_tags: ['THIN'] })).status, 200);
	});

	test('are given all or none', async () => {
		const before = await list(`?audio_id=${audio}&limit=100`);
		isProblem(await bulk({ positive_tags: ['fresh', 'Muddy'], negative_tags: ['x', 'muddy'] }), 422,
			/negative_tags\[1\] is among the positive tags/, ['negative_tags[1]']);
		assert.deepEqual(await list(`?audio_id=${audio}&limit=100`), before);
	});

	test('may be 50, and not one more', async () => {
		const tags = Array.from({ length: 50 }, (_, i) => `number ${i}`);
		const { json } = await api.post('/tags/bulk', { audio_id: other, positive_tags: tags.slice(25),
			negative_tags: tags.slice(0, 25) });
		assert.equal(json.total, 50);
		isProblem(await bulk({ positive_tags: [...tags, 'x'] }), 422, /50/, ['positive_tags']);
		isProblem(await bulk({ positive_tags: tags, negative_tags: ['x'] }), 422, /50/,
			['negative_tags[0]']);
	});

	test('every wrong one is named', async () => {
		isProblem(await bulk({ positive_tags: ['a', 1, ''], negative_tags: ['x'.repeat(101), 'b\u0007'] }),
			422, undefined, ['positive_tags[1]', 'positive_tags[2]', 'negative_tags[0]', 'negative_tags[1]']);
		isProblem(await bulk({ positive_tags: 'a' }), 422, /array/, ['positive_tags']);
		isProblem(await bulk({}), 422, /must hold a tag/, ['positive_tags']);
	});
});

describe('the tags of a sample', () => {
	test('are replaced by others; those that stay keep their ids', async () => {
		const before = await replace(['warm', 'catchy'], ['harsh']);
		assert.equal(before.status, 200);
		const after = await replace(['Warm'], ['catchy', 'noisy']);
		assert.deepEqual(words(after.json), ['+warm', '-catchy', '-noisy']);
		assert.deepEqual(words((await api.get(`/tags/audio/${audio}`)).json), words(after.json));
		const id = ({ items }, word) => items.find(({ tag }) => tag === word).id;
		assert.equal(id(after.json, 'warm'), id(before.json, 'warm'));
		assert.equal(id(after.json, 'catchy'), id(before.json, 'catchy'));
	});

	test('are none when they are replaced by none, and those of others stay', async () => {
		await give('here');
		const { total } = await list(`?audio_id=${other}`);
		const { status, json } = await api.put(`/tags/audio/${audio}`, {});
		assert.deepEqual([status, json], [200, { items: [], total: 0, page: 1, limit: 50 }]);
		assert.equal((await list(`?audio_id=${audio}`)).total, 0);
		assert.equal((await list(`?audio_id=${other}`)).total, total);
	});

	test('stay when what should replace them is wrong', async () => {
		await replace(['stays'], []);
		isProblem(await replace(['fine', ''], []), 422);
		isProblem(await replace(['fine'], ['FINE']), 422);
		isProblem(await api.put(`/tags/audio/${audio}`, { audio_id: audio }), 422, /known/, ['audio_id']);
		assert.deepEqual(words(await list(`?audio_id=${audio}`)), ['+stays']);
	});

	test('are one of two sets, whole, when two replace them at once', async () => {
		const sets = [['a', 'b', 'c', 'shared'], ['shared', 'x', 'y']];
		for (let round = 0; round < rounds; round++) {
			const answers = await Promise.all(sets.map((set) => replace(set, [])));
			assert.deepEqual(answers.map(({ status }) => status), [200, 200]);
			const now = words(await list(`?audio_id=${audio}`)).join();
			assert.ok(sets.some((set) => set.map((tag) => `+${tag}`).sort().join() === now), now);
		}
	});
});

describe('the list of tags', () => {
	test('is narrowed by audio, tag and sign, in every combination, with its total', async () => {
		await replace(['one', 'two'], ['three', 'four']);
		await api.put(`/tags/audio/${other}`, { positive_tags: ['TWO', 'three'], negative_tags: ['One'] });
		const all = (await list('?limit=100')).items;
		assert.equal(all.length, 7);
		assert.ok(all.every((one, i) => !i || one.created_at <= all[i - 1].created_at), 'newest first');
		for (const audio_id of [undefined, audio, other])
			for (const tag of [undefined, 'one', 'Two', 'nine'])
				for (const is_positive of [undefined, true, false]) {
					const query = Object.entries({ audio_id, tag, is_positive })
						.filter(([, value]) => value !== undefined)
						.map(([name, value]) => `${name}=${value}`).join('&');
					const wanted = all.filter((one) => (!audio_id || one.audio_id === audio_id) &&
						(!tag || one.tag.toLowerCase() === tag.toLowerCase()) &&
						(is_positive ?? one.is_positive) === one.is_positive);
					assert.deepEqual(await list(`?limit=100&${query}`),
						{ items: wanted, total: wanted.length, page: 1, limit: 100 }, query);
				}
		assert.deepEqual((await api.get(`/tags/audio/${other}?is_positive=false`)).json,
			await list(`?audio_id=${other}&is_positive=0`));
	});

	for (const query of ['audio_id=x', 'is_positive=maybe', 'is_positive=', 'tag=a&tag=b', 'limit=0'])
		test(`400 to ?${query}`, async () => {
			isProblem(await api.get(`/tags?${query}`), 400);
		});
});

test('the statistics are those of the tags, under both names', async () => {
	await replace(['one', 'two'], ['three', 'say "so"\\']);
	await api.put(`/tags/audio/${other}`, { positive_tags: ['TWO'], negative_tags: ['One'] });
	const { json: stats } = await api.get('/tags/stats');
	const { top_positive_tags, top_negative_tags, ...counts } = stats;
	assert.deepEqual(counts, { total_tags: 6, positive_count: 3, negative_count: 3,
		tag_frequency: { one: 2, two: 2, three: 1, 'say "so"\\': 1 } });
	assert.deepEqual(top_positive_tags, [['two', 2], ['one', 1]]);
	assert.deepEqual([...top_negative_tags].sort(), [['one', 1], ['say "so"\\', 1], ['three', 1]]);
	assert.deepEqual((await api.get('/tags/summary')).json, stats);
});

test('there are words to choose from, and those that listeners give', async () => {
	await replace(['catchy', 'like my dog'], ['muddy']);
	const { json } = await api.get('/tags/available');
	assert.ok(json.positive_tags.length > 10 && json.negative_tags.length > 10);
	for (const tags of Object.values(json)) assert.equal(new Set(tags).size, tags.length);
	assert.ok(json.positive_tags.includes('like my dog'));
	assert.ok(!json.negative_tags.includes('like my dog'));
});
