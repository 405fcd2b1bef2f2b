// POST /prompts, GET /prompts, GET /prompts/{id}: words that music can be made of.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installation, isProblem, nobody } from './api.mjs';

const api = installation();

const attributes = {
	style: 'waltz', tempo: 96, key: 'A minor', mood: 'gentle', duration: 30,
	primary_instruments: ['piano'], secondary_instruments: ['cello', 'flute'],
};

describe('a prompt', () => {
	test('is created with 201, its own address and all that was said', async () => {
		const made = await api.post('/prompts', { text: 'gentle piano waltz', attributes });
		assert.equal(made.status, 201);
		assert.equal(made.headers.location, `/api/prompts/${made.json.id}`);
		assert.deepEqual({ ...made.json, id: '', created_at: '' },
			{ id: '', text: 'gentle piano waltz', attributes, created_at: '', audio_sample_ids: [] });
		assert.deepEqual((await api.get(`/prompts/${made.json.id}`)).json, made.json);
	});

	test('needs no attributes, and null means none', async () => {
		for (const body of [{ text: 'rain' }, { text: 'rain', attributes: null }])
			assert.equal((await api.post('/prompts', body)).json.attributes, null);
	});

	test('may be in any script, and comes back to the character', async () => {
		const text = 'Grüße\n"静かな" \\ ピアノ 🎹 <b>&amp;</b> \u202e end';
		const { json } = await api.post('/prompts', { text });
		assert.equal((await api.get(`/prompts/${json.id}`)).json.text, text);
	});

	test('may have 2000 characters, of four bytes each, and not one more', async () => {
		assert.equal((await api.post('/prompts', { text: '🎹'.repeat(2000) })).status, 201);
		const problem = isProblem(await api.post('/prompts', { text: '🎹'.repeat(2001) }), 422,
			undefined, ['text']);
		assert.match(problem.detail, /1 to 2000 characters, not 2001/);
	});

	test('was made now, by a clock in UTC', async () => {
		const { json } = await api.post('/prompts', { text: 'now' });
		assert.ok(Math.abs(Date.parse(json.created_at) - Date.now()) < 30_000, json.created_at);
	});

	test('is answered with an ETag, and with 304 to who has it', async () => {
		const { json } = await api.post('/prompts', { text: 'cached' });
		const { headers } = await api.get(`/prompts/${json.id}`);
		const again = await api.get(`/prompts/${json.id}`, { 'If-None-Match': headers.etag });
		assert.equal(again.status, 304);
		assert.equal(again.bytes.length, 0);
		assert.equal(again.headers.etag, headers.etag);
	});

	test('lists the audio that was made of it', async () => {
		const { job } = await api.make({ prompt: 'two takes', num_samples: 2 });
		assert.deepEqual((await api.get(`/prompts/${job.prompt_id}`)).json.audio_sample_ids,
			job.audio_ids);
	});

	test('that does not exist is 404, and so is what is no id', async () => {
		isProblem(await api.get(`/prompts/${nobody}`), 404, new RegExp(nobody));
		for (const id of ['1', 'x'.repeat(36), `${nobody}0`, `{${nobody}}`, '%F0%9F%8E%B9'])
			isProblem(await api.get(`/prompts/${id}`), 404);
	});
});

describe('every wrong field is named at once', () => {
	const wrong = {
		'text is missing': [{}, ['text']],
		'text is null': [{ text: null }, ['text']],
		'text is no text': [{ text: 7 }, ['text']],
		'text is empty': [{ text: '' }, ['text']],
		'text is blank': [{ text: ' \t\n' }, ['text']],
		'attributes are no object': [{ text: 'x', attributes: [] }, ['attributes']],
		'a field is not known': [{ text: 'x', colour: 'red' }, ['colour']],
		'an attribute is not known': [{ text: 'x', attributes: { colour: 'red' } },
			['attributes.colour']],
		'tempo is below 40': [{ text: 'x', attributes: { tempo: 39.9 } }, ['attributes.tempo']],
		'tempo is above 200': [{ text: 'x', attributes: { tempo: 201 } }, ['attributes.tempo']],
		'tempo is text': [{ text: 'x', attributes: { tempo: '96' } }, ['attributes.tempo']],
		'style, key and mood are empty': [{ text: 'x', attributes: { style: '', key: '', mood: '' } },
			['attributes.style', 'attributes.key', 'attributes.mood']],
		'instruments are no list': [{ text: 'x', attributes: { primary_instruments: 'piano' } },
			['attributes.primary_instruments']],
		'an instrument is no text': [{ text: 'x', attributes: { secondary_instruments: ['piano', 1] } },
			['attributes.secondary_instruments[1]']],
		'duration is less than a second': [{ text: 'x', attributes: { duration: 0 } },
			['attributes.duration']],
		'many things are wrong': [{ text: '', more: 1, attributes: { tempo: 1, mood: 2 } },
			['text', 'more', 'attributes.tempo', 'attributes.mood']],
	};
	for (const [what, [body, fields]] of Object.entries(wrong))
		test(`422 when ${what}`, async () => {
			isProblem(await api.post('/prompts', body), 422, undefined, fields);
		});

	test('422 when a field is given twice', async () => {
		const body = '{"text":"a","text":"b"}';
		isProblem(await api.ask('POST', '/prompts', { body,
			headers: { 'Content-Type': 'application/json' } }), 422, undefined, ['text']);
	});

	test('nothing of it is kept', async () => {
		const before = (await api.get('/prompts')).json.total;
		isProblem(await api.post('/prompts', { text: 'x', colour: 1 }), 422);
		assert.equal((await api.get('/prompts')).json.total, before);
	});
});

describe('the list of prompts', () => {
	const texts = async (query) => (await api.get(`/prompts?${query}`))
		.json.items.map(({ text }) => text);

	test('begins with the newest, 20 at a time', async () => {
		for (let i = 0; i < 23; i++) await api.post('/prompts', { text: `number ${i}` });
		const { json } = await api.get('/prompts');
		assert.equal(json.items[0].text, 'number 22');
		assert.equal(json.items.length, 20);
		assert.deepEqual({ limit: json.limit, offset: json.offset, has_more: json.has_more },
			{ limit: 20, offset: 0, has_more: true });
	});

	test('goes on at an offset, or by pages from 1', async () => {
		assert.deepEqual(await texts('limit=3&offset=3'), ['number 19', 'number 18', 'number 17']);
		assert.deepEqual(await texts('limit=3&page=2'), await texts('limit=3&offset=3'));
		assert.deepEqual(await texts('limit=3&page=1'), await texts('limit=3'));
	});

	test('ends where it ends', async () => {
		const { total } = (await api.get('/prompts?limit=1')).json;
		const last = (await api.get(`/prompts?limit=5&offset=${total - 2}`)).json;
		assert.deepEqual({ n: last.items.length, more: last.has_more, total: last.total },
			{ n: 2, more: false, total });
		const beyond = (await api.get('/prompts?offset=100000')).json;
		assert.deepEqual({ items: beyond.items, more: beyond.has_more, total: beyond.total },
			{ items: [], more: false, total });
	});

	for (const query of ['limit=0', 'limit=101', 'limit=', 'limit=x', 'limit=1e1', 'limit=%2B5',
		'limit=-1', 'limit=5&limit=6', 'offset=-1', 'offset=100001', 'offset=0.5', 'page=0',
		'page=99999999999999999999', 'page=2&offset=5', 'limit=%', 'limit=%zz', 'limit=%ff', 'limit=%00'])
		test(`400 to ?${query}`, async () => {
			isProblem(await api.get(`/prompts?${query}`), 400);
		});

	test('an unknown parameter does no harm', async () => {
		assert.equal((await api.get('/prompts?utm_source=mail&&=&a=b=c')).status, 200);
	});
});
