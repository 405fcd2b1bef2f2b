// GET /prompts/search: prompts found by their words and attributes, the best first.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installation, isProblem } from './api.mjs';

// text, attributes; in the order in which they are stored.
const stored = [
	['slow piano waltz in D minor', { style: 'waltz', tempo: 84, mood: 'melancholic' }],
	['dusty lo-fi beat for late nights', { style: 'lo-fi hip hop', tempo: 76, mood: 'Calm, Dreamy' }],
	['LOFI study music', { tempo: 80 }],
	['R&B with a warm bass', { style: 'R&B', mood: 'warm' }],
	['80s synthwave, neon and rain', { style: 'Synthwave', tempo: 110 }],
	['dnb at 174, dark', { tempo: 174, style: 'drum & bass' }],
	['hip hop in D', null],
	['the sound of it all', null],
	['déjà vu at the Café Größenwahn', null],
	['静かなピアノの夜', { mood: '静か' }],
	['тихая ночь, Фортепиано', null],
	['rock\'n\'roll, don’t stop', { primary_instruments: ['Hammond organ', 'guitar'] }],
	['piano, piano, piano and only a little drum', null],
	['nothing else', { secondary_instruments: ['piano'], key: 'B-flat major' }],
];

const api = installation(undefined, async () => {
	for (const [text, attributes] of stored)
		assert.equal((await api.post('/prompts', { text, attributes })).status, 201);
});

const search = async (params) => {
	const answer = await api.get(`/prompts/search?${new URLSearchParams(params)}`);
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
};
const found = async (params) => (await search(params)).items.map(({ text }) => text);
const text = (n) => stored[n][0];
const finds = async (params, ...wanted) => {
	const got = await found(params);
	assert.deepEqual(got.toSorted(), wanted.map(text).toSorted(), JSON.stringify(params));
};

describe('a search finds', () => {
	test('what has all the words, in any order and case', async () => {
		await finds({ q: 'waltz PIANO' }, 0);
		await finds({ q: 'waltz drum' });
	});

	test('short words, numbers, and words that indexes leave out', async () => {
		await finds({ q: 'lo-fi' }, 1, 2);
		await finds({ q: 'r&b' }, 3);
		await finds({ q: '80s' }, 4);
		await finds({ q: 'dnb' }, 5);
		await finds({ q: 'hip hop in D' }, 6);
		await finds({ q: 'the of it' }, 7);
		await finds({ q: 'it the' }, 7);
	});

	test('what is written together, apart or with a hyphen', async () => {
		await finds({ q: 'lofi' }, 1, 2);
		await finds({ q: 'lo fi' }, 1);
		await finds({ q: 'rocknroll' }, 11);
		await finds({ q: 'rock n roll' }, 11);
		await finds({ q: 'dont stop' }, 11);
		await finds({ q: 'drum&bass' }, 5);
	});

	test('other scripts, with and without accents', async () => {
		await finds({ q: 'deja' }, 8);
		await finds({ q: 'CAFÉ grossenwahn' }, 8);
		await finds({ q: 'cafe\u0301' }, 8);
		await finds({ q: 'ピアノ' }, 9);
		await finds({ q: '静か' }, 9);
		await finds({ q: 'ТИХАЯ' }, 10);
		await finds({ q: 'фортепиано' }, 10);
	});

	test('what begins like the last word, as one types', async () => {
		await finds({ q: 'synthw' }, 4);
		await finds({ q: 'slow pia' }, 0);
		await finds({ q: 'dusty lo-f' }, 1);
		await finds({ q: 'pia slow' });
		await finds({ q: 'hip hop in D' }, 6);
		await finds({ q: 'slow p' });
		await finds({ q: 'slow pi' }, 0);
		await finds({ q: 'фортеп' }, 10);
	});

	test('words of the attributes, too', async () => {
		await finds({ q: 'hammond' }, 11);
		await finds({ q: 'melancholic' }, 0);
		await finds({ q: 'b flat major' }, 13);
		await finds({ q: 'style' });
	});

	test('a prompt that was stored a moment ago, also by a job', async () => {
		const { json } = await api.post('/prompts', { text: 'quixotic zither' });
		assert.deepEqual((await search({ q: 'zither' })).items.map(({ id }) => id), [json.id]);
		const job = await api.submit({ prompt: 'quizzical kazoo', attributes: { mood: 'silly' } });
		assert.deepEqual((await search({ q: 'kazoo', mood: 'silly' })).items.map(({ id }) => id), [job.prompt_id]);
	});
});

describe('what is found', () => {
	test('begins with what fits best, and says how well', async () => {
		const { items } = await search({ q: 'piano' });
		assert.deepEqual(items.map((p) => p.text), [text(12), text(13), text(0)]);
		assert.ok(items[0].score > items[1].score && items[1].score >= items[2].score && items[2].score > 0,
			JSON.stringify(items.map(({ score }) => score)));
	});

	test('is shown as in the list of prompts, with its score', async () => {
		const { job } = await api.make({ prompt: 'xylophone take', attributes: { mood: 'bright' } });
		const { items: [{ score, ...prompt }] } = await search({ q: 'xylophone' });
		assert.ok(score > 0);
		assert.deepEqual(prompt, (await api.get(`/prompts/${job.prompt_id}`)).json);
		assert.deepEqual(prompt.audio_sample_ids, job.audio_ids);
	});

	test('comes page by page', async () => {
		const all = await found({ q: 'piano' });
		const first = await search({ q: 'piano', limit: 2 });
		assert.deepEqual([first.items.map((p) => p.text), first.total, first.total_is_capped, first.has_more],
			[all.slice(0, 2), 3, false, true]);
		const last = await search({ q: 'piano', limit: 2, page: 2 });
		assert.deepEqual([last.items.map((p) => p.text), last.total, last.has_more], [all.slice(2), 3, false]);
		const beyond = await search({ q: 'piano', limit: 2, offset: 50 });
		assert.deepEqual([beyond.items, beyond.total, beyond.has_more], [[], 3, false]);
	});

	test('is nothing where there is no word to search for', async () => {
		for (const q of ['🎹', ' ... ', '&'])
			assert.deepEqual([(await search({ q })).items, (await search({ q })).total], [[], 0]);
	});

	test('cannot be changed by what means something to a database', async () => {
		await finds({ q: '-piano +waltz* "slow' }, 0);
		await finds({ q: '\' OR 1=1 -- ' });
		await finds({ q: '%' });
		await finds({ q: 'pian_' }, 0, 12, 13);
	});
});

describe('without words a search', () => {
	test('is a list, the newest first, without scores', async () => {
		const { items, total } = await search({ limit: 3 });
		const list = (await api.get('/prompts?limit=3')).json;
		assert.deepEqual(items, list.items.map((p) => ({ ...p, score: null })));
		assert.equal(total, list.total);
		assert.deepEqual((await search({ q: '', limit: 3 })).items, items);
	});

	test('can be narrowed to a style or a mood, by all of its words', async () => {
		await finds({ style: 'SYNTHWAVE' }, 4);
		await finds({ style: 'hip hop' }, 1);
		await finds({ style: 'lofi' }, 1);
		await finds({ style: 'r&b' }, 3);
		await finds({ style: 'synth' });
		await finds({ style: 'warm' });
		await finds({ mood: 'dreamy' }, 1);
		await finds({ mood: 'warm' }, 3);
		await finds({ mood: '静か' }, 9);
		assert.deepEqual((await search({ mood: 'warm' })).items.map(({ score }) => score), [null]);
	});

	test('can be narrowed to tempi, both ends included', async () => {
		await finds({ tempo_min: 76, tempo_max: 84 }, 0, 1, 2);
		await finds({ tempo_min: 174 }, 5);
		await finds({ tempo_max: 76 }, 1);
		assert.deepEqual(await found({ tempo_min: 76, tempo_max: 84 }), [2, 1, 0].map(text));
	});

	test('can be narrowed to days or instants, both ends included', async () => {
		const { items: [old] } = await search({ q: 'slow waltz' });
		const { total } = (await api.get('/prompts?limit=1')).json;
		const day = old.created_at.slice(0, 10);
		await finds({ date_from: old.created_at, date_to: old.created_at }, 0);
		await finds({ date_to: '2020-01-01' });
		await finds({ date_from: '2999-01-01' });
		const [[today]] = await api.stack.sql(`SELECT COUNT(*) FROM prompts WHERE DATE(created_at)='${day}'`);
		assert.equal((await search({ date_from: day, date_to: day })).total, Number(today));
		assert.equal((await search({ date_from: day })).total, total);
	});
});

describe('all that is asked for must fit', () => {
	test('in words, style, mood, tempo and date at once', async () => {
		const all = { q: 'beat', style: 'hip hop', mood: 'calm', tempo_min: 70, tempo_max: 80, date_from: '2020-01-01' };
		await finds(all, 1);
		for (const other of [{ q: 'waltz' }, { style: 'waltz' }, { mood: 'warm' }, { tempo_min: 77 },
			{ tempo_max: 75 }, { date_from: '2999-01-01' }, { date_to: '2020-01-01' }])
			await finds({ ...all, ...other });
	});

	test('and what cannot be read is 400', async () => {
		for (const [params, sentence] of [[{ q: 'ä'.repeat(201) }, /q must have at most 200 characters/],
			[{ tempo_min: 'fast' }, /tempo_min/], [{ tempo_max: '-1' }, /tempo_max/],
			[{ date_from: 'yesterday' }, /date_from/], [{ date_to: '2026-02-30' }, /date_to/], [{ limit: 101 }, /limit/]])
			isProblem(await api.get(`/prompts/search?${new URLSearchParams(params)}`), 400, sentence);
		assert.equal((await api.get(`/prompts/search?q=${'a'.repeat(200)}`)).status, 200);
	});
});

describe('earshot migrate', () => {
	test('indexes the prompts that wait, thousands of them', async () => {
		await api.stack.sql(`INSERT INTO prompts (id, text, attributes, created_at)
			SELECT UNHEX(MD5(seq)), CONCAT('theremin number ', seq), '{"tempo":123}', UTC_TIMESTAMP(6) FROM seq_1_to_2345`);
		const { stdout } = await api.stack.cli('migrate');
		assert.match(stdout, /^indexed \d+ prompts$/m);
		const { items, total, has_more: more } = await search({ q: 'theremin 2345', tempo_min: 123, tempo_max: 123 });
		assert.deepEqual([items.map((p) => p.text), total, more], [['theremin number 2345'], 1, false]);
		assert.equal((await search({ q: 'theremin' })).total, 2345);
		assert.equal((await api.stack.cli('migrate')).stdout, '');
	});
});
