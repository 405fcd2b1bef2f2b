// POST /explain: what an engine would understand of a prompt, without a sound.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sleep, until } from '../harness.mjs';
import { installation, isProblem } from './api.mjs';

const api = installation({ settings: { workers: 1 } });
const explain = (body) => api.post('/explain', { prompt: 'gentle piano waltz in A minor', ...body });
const understood = async (body) => {
	const { status, text, json } = await explain(body);
	assert.equal(status, 200, text);
	assert.equal(json.model, 'band');
	return json.understood;
};

describe('a prompt', () => {
	test('is explained: style, key, mood, instruments and what means nothing', async () => {
		const o = await understood({ prompt: 'gentle piano waltz in A minor at 96 bpm with kazoo, no drums' });
		assert.deepEqual([o.style, o.key, o.meter, o.mood], ['Waltz', 'A minor', '3/4', ['gentle']]);
		assert.ok(o.instruments.includes('piano'));
		assert.deepEqual([o.excluded, o.ignored], [['drums'], ['kazoo']]);
		assert.ok(Math.abs(o.tempo - 96) < 6, `${o.tempo}`);
	});

	test('is understood as it is when it is made: the same words, attributes, duration and seed', async () => {
		const body = { prompt: 'slow reggae with organ', attributes: { mood: 'calm', tempo: 72 }, duration: 3, seed: 4294967295 };
		const { soundfont, ...made } = (await api.make(body)).job.generation_params.understood;
		assert.ok(soundfont);
		assert.deepEqual(await understood(body), made);
	});

	test('without a seed is explained as with seed 0, each time; without a duration as for 10 s', async () => {
		const plain = await understood({});
		for (let i = 0; i < 3; i++) assert.deepEqual(await understood({}), plain);
		assert.deepEqual(await understood({ seed: 0, duration: 10, model: 'band', attributes: {} }), plain);
		assert.notDeepEqual(await understood({ duration: 60 }), plain);
	});

	test('of 2000 characters, in any script, with all that JSON must escape, is no trouble', async () => {
		for (const prompt of ['ü'.repeat(2000), '🎹'.repeat(2000), '"\\\u0001\n\t/'.repeat(300), "'; $(reboot) `x` --json -h",
			'-', '--model', '悲しいピアノ', '٩٦ نبضة'])
			assert.equal(typeof (await understood({ prompt })).title, 'string', prompt.slice(0, 20));
	});

	test('leaves nothing behind: no prompt, no job', async () => {
		const count = async () => [(await api.get('/prompts')).json.total, (await api.get('/jobs')).json.total];
		const before = await count();
		await understood({ prompt: 'a prompt that nobody submits' });
		assert.deepEqual(await count(), before);
	});

	test('is not to be seen in the list of processes', async () => {
		const word = 'confidentialwords', seen = [];
		let done = false;
		const asked = Promise.all([...Array(3)].map(async () => {
			for (let i = 0; i < 30; i++) await explain({ prompt: word });
		})).finally(() => { done = true; });
		for (let children = 0; !done; await sleep(1))
			for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
				try {
					const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
					if (/\bexplain\b/.test(line)) seen.push(line), children++;
					assert.ok(!line.includes(word), line);
				} catch (e) {
					if (!['ENOENT', 'ESRCH'].includes(e.code)) throw e;
				}
		await asked;
		assert.ok(seen.length, 'some were seen');
	});
});

describe('what cannot be generated cannot be explained', () => {
	for (const [what, [body, fields, detail]] of Object.entries({
		'no prompt': [{ prompt: undefined }, ['prompt'], /prompt is missing/],
		'an empty prompt': [{ prompt: '' }, ['prompt'], /1 to 2000 characters/],
		'a blank prompt': [{ prompt: ' \n' }, ['prompt'], /blank/],
		'2001 characters': [{ prompt: 'ü'.repeat(2001) }, ['prompt'], /not 2001/],
		'a wrong attribute': [{ attributes: { tempo: 300, beat: 1 } }, ['attributes.tempo', 'attributes.beat'], /from 40 to 200/],
		'a seed over 32 bits': [{ seed: 4294967296 }, ['seed'], /from 0 to 4294967295/],
		'less than a second': [{ duration: 0.5 }, ['duration'], /from 1 to 600, not 0.5/],
		'what does not decide what is written': [{ format: 'flac', top_k: 1, adapter_id: null }, ['format', 'top_k', 'adapter_id'], /known/],
	}))
		test(`422 to ${what}, in the words of POST /generate`, async () => {
			const problem = isProblem(await explain(body), 422, detail, fields);
			if (what === 'no prompt' || 'format' in body) return;
			assert.deepEqual((await api.post('/generate', { prompt: 'x', ...body })).json, problem);
		});

	test('400 to an unknown model and to a duration over its limit, in the words of POST /generate', async () => {
		for (const body of [{ model: 'none' }, { duration: 601 }]) {
			const problem = isProblem(await explain(body), 400, null, Object.keys(body));
			assert.deepEqual((await api.post('/generate', { prompt: 'x', ...body })).json, problem);
		}
	});

	test('null for a model that does not tell', async () => {
		await api.stack.sql(`INSERT INTO models (host_id, id, position, description, reason)
			SELECT host_id, 'silent', 1, description, NULL FROM models WHERE id='band'`);
		const { json } = await until(async () => {
			const answer = await explain({ model: 'silent' });
			return answer.status === 200 && answer;
		}, 'the model to be known');
		assert.deepEqual(json, { model: 'silent', understood: null });
		await api.stack.sql("DELETE FROM models WHERE id='silent'");
	});
});

describe('many at once', () => {
	// A place is a file of the state folder that somebody holds.
	const hold = (i) => new Promise((done, fail) => {
		const path = join(api.stack.var, 'run', `explain-${i}.lock`);
		writeFileSync(path, '');
		chmodSync(path, 0o666);
		const child = spawn('flock', [path, 'sh', '-c', 'echo held; exec sleep 600'],
			{ stdio: ['ignore', 'pipe', 'inherit'], detached: true });
		child.on('error', fail);
		child.stdout.once('data', () => done(() => process.kill(-child.pid, 'SIGKILL')));
	});

	test('503 with Retry-After when all places are taken, and 200 with one of them free', async () => {
		const places = [];
		try {
			for (let i = 0; i < 3; i++) places.push(await hold(i));
			const full = await explain({});
			isProblem(full, 503, 'Too many prompts are being explained; try again shortly.');
			assert.equal(full.headers['retry-after'], '1');
			isProblem(await explain({ seed: -1 }), 422);
			places.pop()();
			await until(async () => (await explain({})).status === 200, 'a place to be free');
		} finally {
			for (const free of places) free();
		}
	});

	test('each of them is answered rightly or told to come again', async () => {
		const seeds = [...Array(40).keys()], alone = [];
		for (const seed of seeds) alone.push(await understood({ seed }));
		const answers = await Promise.all(seeds.map((seed) => explain({ seed })));
		answers.forEach(({ status, json }, i) => {
			if (status === 200) assert.deepEqual(json.understood, alone[i]);
			else assert.equal(status, 503);
		});
		assert.ok(answers.some(({ status }) => status === 200));
	});
});
