// POST /generate and what becomes of a job: queue, progress, result, cancel, retry; GET /jobs.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { until } from '../harness.mjs';
import { holdSupervisor, installation, isProblem, nobody } from './api.mjs';

const api = installation({ settings: { workers: 1 } });

// Whatever a test left in the queue would hold up the next.
afterEach(async () => {
	for (const job of (await api.get('/jobs?limit=100')).json.items)
		if (job.status === 'queued' || job.status === 'processing')
			await api.delete(`/generate/${job.id}`);
});

const objects = (job) => readdirSync(join(api.stack.var, 'storage'), { recursive: true })
	.filter((name) => name.includes(job.id));

describe('a submission', () => {
	test('is answered with 201, an address to poll and the job, with all defaults in it', async () => {
		const { status, headers, json } = await api.post('/generate', { prompt: 'gentle piano waltz' });
		assert.equal(status, 201);
		assert.equal(headers.location, `/api/generate/${json.id}`);
		assert.ok(['queued', 'processing'].includes(json.status));
		const { seed, ...params } = json.generation_params;
		assert.ok(Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff,
			'a seed is drawn and recorded');
		assert.deepEqual(params, { duration: 10, temperature: 1, top_k: 250, top_p: 0,
			guidance_scale: 3, format: 'flac', understood: null });
		assert.deepEqual([json.model, json.num_samples, json.priority, json.prompt_preview,
			json.audio_ids, json.error],
			['band', 1, 5, 'gentle piano waltz', [], null]);
	});

	test('without a seed draws another one each time', async () => {
		const seeds = [];
		for (let i = 0; i < 3; i++) seeds.push((await api.submit({})).generation_params.seed);
		assert.equal(new Set(seeds).size, 3);
	});

	test('records what was asked for, to the digit', async () => {
		const asked = { seed: 4294967295, duration: 1.25, temperature: 0.1, top_k: 0, top_p: 0.35,
			guidance_scale: 10, format: 'ogg' };
		const job = await api.submit({ ...asked, num_samples: 4, priority: 9, model: 'band' });
		assert.deepEqual(job.generation_params, { ...asked, understood: null });
		assert.deepEqual([job.num_samples, job.priority], [4, 9]);
	});

	test('with a prompt makes that prompt, attributes included', async () => {
		const job = await api.submit({ prompt: 'a new prompt', attributes: { tempo: 80 } });
		const prompt = (await api.get(`/prompts/${job.prompt_id}`)).json;
		assert.deepEqual([prompt.text, prompt.attributes], ['a new prompt', { tempo: 80 }]);
	});

	test('in the words of an earlier one, attributes included, is of the same prompt', async () => {
		const { json: stored } = await api.post('/prompts', { text: 'said twice', attributes: { tempo: 80 } });
		const of = async (prompt, attributes) => (await api.submit({ prompt, attributes })).prompt_id;

		assert.equal(await of('said twice', { tempo: 80 }), stored.id);
		const others = [await of('said twice'), await of('said twice', { tempo: 81 }), await of('Said twice', { tempo: 80 })];
		assert.equal(new Set([stored.id, ...others]).size, 4);
		assert.equal(await of('said twice'), others[0]);
	});

	test('with a prompt_id uses the prompt that is there', async () => {
		const { json: prompt } = await api.post('/prompts', { text: 'stored before' });
		const job = await api.submit({ prompt: undefined, prompt_id: prompt.id });
		assert.deepEqual([job.prompt_id, job.prompt_preview], [prompt.id, 'stored before']);
	});

	test('to an idle installation is taken up within 50 ms', async () => {
		await api.make({});
		let best = Infinity;
		for (let i = 0; i < 8 && best > 0.05; i++) {
			const { job } = await api.make({});
			const [[seconds]] = await api.stack.sql(`SELECT TIMESTAMPDIFF(MICROSECOND, created_at, started_at) / 1e6
				FROM jobs WHERE id = UNHEX(REPLACE('${job.id}', '-', ''))`);
			best = Math.min(best, Number(seconds));
		}
		assert.ok(best <= 0.05, `${best} s at best`);
	});

	test('starts the daemon when none runs', async () => {
		const release = holdSupervisor(api.stack);
		try {
			const [killed] = api.stack.kill('daemon');
			await until(() => !api.stack.pids('daemon').includes(killed), 'the end of the daemon');
			assert.equal((await api.get('/health')).json.daemon.running, false);
			await api.make({});
			assert.equal((await api.get('/health')).json.daemon.running, true);
			assert.equal(api.stack.pids('daemon').length, 1);
		} finally {
			release();
		}
	});
});

describe('what cannot be generated is refused in a sentence', () => {
	const wrong = {
		'neither prompt nor prompt_id': [{ prompt: undefined }, ['prompt'], /prompt is missing/],
		'prompt and prompt_id': [{ prompt_id: nobody }, ['prompt_id'],
			/prompt_id cannot be given beside prompt/],
		'attributes beside prompt_id': [{ prompt: undefined, prompt_id: nobody, attributes: {} },
			['attributes'], /prompt_id/],
		'a blank prompt': [{ prompt: '  ' }, ['prompt'], /blank/],
		'a prompt of 2001 characters': [{ prompt: 'ü'.repeat(2001) }, ['prompt'],
			/1 to 2000 characters, not 2001/],
		'a wrong attribute': [{ attributes: { tempo: 300 } }, ['attributes.tempo'],
			/from 40 to 200, not 300/],
		'a prompt_id that is none': [{ prompt: undefined, prompt_id: 'x' }, ['prompt_id'], /UUID/],
		'no sample': [{ num_samples: 0 }, ['num_samples'], /from 1 to 4, not 0/],
		'five samples': [{ num_samples: 5 }, ['num_samples'], /from 1 to 4, not 5/],
		'half a sample': [{ num_samples: 1.5 }, ['num_samples'], /whole number/],
		'a negative seed': [{ seed: -1 }, ['seed'], /from 0 to 4294967295, not -1/],
		'a seed over 32 bits': [{ seed: 4294967296 }, ['seed'], /from 0 to 4294967295, not 4294967296/],
		'a seed in quotes': [{ seed: '1' }, ['seed'], /number/],
		'less than a second': [{ duration: 0.5 }, ['duration'], /from 1 to 600, not 0.5/],
		'a temperature of 0': [{ temperature: 0 }, ['temperature'], /from 0.1 to 2, not 0/],
		'a top_k of 1001': [{ top_k: 1001 }, ['top_k'], /from 0 to 1000, not 1001/],
		'a top_p of 1.1': [{ top_p: 1.1 }, ['top_p'], /from 0 to 1, not 1.1/],
		'a guidance_scale of 0': [{ guidance_scale: 0 }, ['guidance_scale'], /from 1 to 10, not 0/],
		'an adapter_scale of 3': [{ adapter_scale: 3 }, ['adapter_scale'], /from 0 to 2, not 3/],
		'a priority of 10': [{ priority: 10 }, ['priority'], /from 0 to 9, not 10/],
		'an unknown format': [{ format: 'aiff' }, ['format'], /one of flac, wav, ogg, opus, mp3/],
		'an unknown field': [{ lenght: 5 }, ['lenght'], /not a known field/],
		'many things': [{ seed: -1, top_k: 1.5, format: 7, x: 1 }, ['seed', 'top_k', 'format', 'x'],
			/seed/],
	};
	for (const [what, [body, fields, detail]] of Object.entries(wrong))
		test(`422 to ${what}`, async () => {
			isProblem(await api.post('/generate', { prompt: 'x', ...body }), 422, detail, fields);
		});

	test('404 to an unknown prompt, adapter or experiment, which it names', async () => {
		isProblem(await api.post('/generate', { prompt_id: nobody }), 404,
			new RegExp(`prompt ${nobody}`));
		isProblem(await api.post('/generate', { prompt: 'x', adapter_id: nobody }), 404,
			`There is no adapter ${nobody}.`);
		isProblem(await api.post('/generate', { prompt: 'x', experiment_id: nobody }), 404,
			`There is no experiment ${nobody}.`);
	});

	test('400 to a duration over the limit of the model, with both sides in the sentence', async () => {
		isProblem(await api.post('/generate', { prompt: 'x', duration: 600.5 }), 400,
			'duration is 600.5 s, but the model band makes at most 600 s.', ['duration']);
	});

	test('400 to a model that is not there', async () => {
		isProblem(await api.post('/generate', { prompt: 'x', model: 'orchestra' }), 400,
			/There is no model "orchestra" here/, ['model']);
	});

	test('it leaves no job and no prompt behind', async () => {
		const count = () => api.stack.sql('SELECT (SELECT COUNT(*) FROM jobs), (SELECT COUNT(*) FROM prompts)');
		const before = await count();
		for (const body of [{ prompt: 'x', seed: -1 }, { prompt: 'x', duration: 601 },
			{ prompt: 'x', adapter_id: nobody }, { prompt_id: nobody }])
			assert.ok((await api.post('/generate', body)).status >= 400);
		assert.deepEqual(await count(), before);
	});
});

describe('the life of a job', () => {
	test('in the queue it knows its place: by priority, then by age', async () => {
		await api.keepBusy();
		const normal = [await api.submit({}), await api.submit({})];
		const late = await api.submit({ priority: 9 }), first = await api.submit({ priority: 0 });
		const place = async ({ id }) => (await api.job(id)).queue_position;
		const places = await Promise.all([first, ...normal, late].map(place));
		assert.deepEqual(places, [1, 2, 3, 4]);
		assert.equal((await api.job(first.id)).started_at, null);
		await api.delete(`/generate/${first.id}`);
		assert.equal((await api.job(normal[0].id)).queue_position, 1);
	});

	test('then it is processed, with progress that grows and a stage, and ends with its audio', async () => {
		const { id } = await api.submit({ duration: 120 });
		const seen = [], etags = new Set();
		const job = await until(async () => {
			const { json, headers } = await api.get(`/generate/${id}`);
			seen.push(json);
			etags.add(headers.etag);
			return json.status === 'completed' && json;
		}, 'the job to be completed', 60_000);
		const processing = seen.filter(({ status }) => status === 'processing');
		assert.ok(processing.some(({ progress, stage }) => progress > 0 && progress < 1 && stage),
			JSON.stringify(processing.at(-1)));
		for (const [i, { progress, progress_percent }] of processing.entries()) {
			assert.ok(!i || progress >= processing[i - 1].progress, 'progress never goes back');
			assert.equal(progress_percent, Math.floor(progress * 100));
		}
		assert.ok(etags.size >= 3, 'each change has an ETag of its own');
		assert.deepEqual([job.progress, job.progress_percent, job.stage, job.queue_position,
			job.attempt, job.duration_seconds],
			[1, 100, null, null, 1, 120]);
		assert.equal(job.audio_ids.length, 1);
		assert.ok(job.created_at <= job.started_at && job.started_at < job.completed_at);
		assert.equal(typeof job.generation_params.understood.tempo, 'number');
		assert.deepEqual(job.feedback, { count: 0, has_feedback: false, average_rating: null,
			url: `/api/generate/${job.id}/feedback` });
	});

	test('polling is cheap: the same ETag means 304 without a body, another state another ETag', async () => {
		await api.keepBusy();
		const { id } = await api.submit({});
		const { headers: { etag } } = await api.get(`/generate/${id}`);
		for (const asked of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
			const same = await api.get(`/generate/${id}`, { 'If-None-Match': asked });
			assert.deepEqual([same.status, same.bytes.length, same.headers.etag], [304, 0, etag]);
		}
		await api.delete(`/generate/${id}`);
		const changed = await api.get(`/generate/${id}`, { 'If-None-Match': etag });
		assert.deepEqual([changed.status, changed.json.status], [200, 'cancelled']);
		assert.notEqual(changed.headers.etag, etag);
	});

	test('each of several samples has its own seed: seed, seed + 1, … around 2^32', async () => {
		const { job, audio } = await api.make({ num_samples: 3, seed: 4294967294 });
		assert.deepEqual(job.audio_ids, audio.map(({ id }) => id));
		assert.deepEqual(audio.map(({ index }) => index), [0, 1, 2]);
		assert.deepEqual(audio.map(({ generation_params }) => generation_params.seed),
			[4294967294, 4294967295, 0]);
	});

	test('a job that does not exist is 404', async () => {
		for (const path of [`/generate/${nobody}`, `/jobs/${nobody}`])
			isProblem(await api.get(path), 404, new RegExp(nobody));
		isProblem(await api.delete(`/generate/${nobody}`), 404, new RegExp(nobody));
		isProblem(await api.post(`/generate/${nobody}/retry`), 404, new RegExp(nobody));
	});

	test('GET /jobs/{id} is the same job, GET /jobs lists them from the newest', async () => {
		await api.keepBusy();
		const jobs = [await api.submit({ prompt: 'one' }), await api.submit({ prompt: 'two' })];
		assert.deepEqual((await api.get(`/jobs/${jobs[0].id}`)).json, await api.job(jobs[0].id));
		const { items, total, has_more } = (await api.get('/jobs?limit=2')).json;
		assert.deepEqual(items.map(({ id }) => id), [jobs[1].id, jobs[0].id]);
		assert.ok(total > 2 && has_more);
		assert.deepEqual(items[1], await api.job(jobs[0].id));
		assert.equal((await api.get('/jobs?limit=1&offset=1')).json.items[0].id, jobs[0].id);
		isProblem(await api.get('/jobs?limit=1000'), 400, /limit/);
	});
});

describe('cancel', () => {
	test('takes a job out of the queue', async () => {
		await api.keepBusy();
		const { id } = await api.submit({});
		assert.deepEqual((await api.delete(`/generate/${id}`)).json,
			{ id, status: 'cancelled', was: 'queued' });
		const job = await api.job(id);
		assert.deepEqual([job.status, job.audio_ids, job.queue_position, job.started_at],
			['cancelled', [], null, null]);
	});

	test('stops one that is processed within 2 s, worker and all, and leaves nothing of it', async () => {
		const busy = await api.keepBusy(), workers = api.stack.pids('worker');
		const at = Date.now();
		assert.deepEqual((await api.delete(`/generate/${busy.id}`)).json,
			{ id: busy.id, status: 'cancelled', was: 'processing' });
		await until(() => !api.stack.pids('worker').some((pid) => workers.includes(pid)),
			'the end of the worker', 10_000);
		assert.ok(Date.now() - at < 2500, `${Date.now() - at} ms`);
		assert.deepEqual(objects(busy), []);
		assert.deepEqual((await api.job(busy.id)).audio_ids, []);
		await api.make({});
		assert.equal((await api.job(busy.id)).status, 'cancelled', 'it stays cancelled');
	});

	test('over and over does not make the next job wait', async () => {
		for (let i = 0; i < 6; i++) await api.delete(`/generate/${(await api.keepBusy()).id}`);
		const { job } = await api.make({});
		const waited = Date.parse(job.started_at) - Date.parse(job.created_at);
		assert.ok(waited < 5000, `${waited} ms`);
	});

	test('409 when the job has ended, and it stays as it was', async () => {
		const { job } = await api.make({});
		isProblem(await api.delete(`/generate/${job.id}`), 409, /completed/);
		assert.deepEqual(await api.job(job.id), job);
		await api.keepBusy();
		const { id } = await api.submit({});
		await api.delete(`/generate/${id}`);
		isProblem(await api.delete(`/generate/${id}`), 409, /cancelled/);
	});
});

describe('retry', () => {
	test('of a cancelled job is a new job with the same prompt, parameters and seed', async () => {
		await api.keepBusy();
		const old = await api.submit({ duration: 1.5, seed: 77, format: 'wav', top_k: 9,
			num_samples: 2, priority: 3 });
		await api.delete(`/generate/${old.id}`);
		const { status, headers, json } = await api.post(`/generate/${old.id}/retry`);
		assert.equal(status, 201);
		assert.equal(headers.location, `/api/generate/${json.id}`);
		assert.notEqual(json.id, old.id);
		assert.equal(json.retry_of, old.id);
		for (const same of ['prompt_id', 'prompt_preview', 'model', 'num_samples', 'priority',
			'generation_params'])
			assert.deepEqual(json[same], old[same], same);
	});

	test('with a drawn seed keeps what was drawn', async () => {
		await api.keepBusy();
		const old = await api.submit({});
		await api.delete(`/generate/${old.id}`);
		assert.equal((await api.post(`/generate/${old.id}/retry`)).json.generation_params.seed,
			old.generation_params.seed);
	});

	test('409 as long as the job has not failed', async () => {
		const busy = await api.keepBusy(), queued = await api.submit({});
		isProblem(await api.post(`/generate/${busy.id}/retry`), 409, /processing/);
		isProblem(await api.post(`/generate/${queued.id}/retry`), 409, /queued/);
	});
});

describe('Idempotency-Key', () => {
	const body = { prompt: 'only once', duration: 1 };
	const send = (key, more) => api.post('/generate', { ...body, ...more },
		{ 'Idempotency-Key': key });
	const jobs = async () => Number((await api.stack.sql('SELECT COUNT(*) FROM jobs'))[0][0]);

	test('the same key and body answer the same job, however it stands', async () => {
		const first = (await send('same')).json, before = await jobs();
		await api.reach(first.id, 'completed');
		const again = await send('same');
		assert.deepEqual([again.status, again.json.id, again.json.status], [201, first.id, 'completed']);
		assert.equal(again.headers.location, `/api/generate/${first.id}`);
		assert.equal(await jobs(), before);
	});

	test('422 to the same key with another body', async () => {
		await send('other');
		isProblem(await send('other', { duration: 2 }), 422, /Idempotency-Key/, ['Idempotency-Key']);
	});

	test('another key is another job', async () => {
		assert.notEqual((await send('key-1')).json.id, (await send('key-2')).json.id);
	});

	test('ten at once make one job; who comes too early gets it or 409', async () => {
		const before = await jobs();
		const answers = await Promise.all(Array.from({ length: 10 }, () => send('at-once')));
		for (const answer of answers.filter(({ status }) => status !== 201)) isProblem(answer, 409);
		const ids = new Set(answers.filter(({ status }) => status === 201).map(({ json }) => json.id));
		assert.equal(ids.size, 1);
		assert.equal(await jobs(), before + 1);
		assert.equal((await send('at-once')).json.id, [...ids][0]);
	});

	test('guards retry as well', async () => {
		await api.keepBusy();
		const { id } = await api.submit({});
		await api.delete(`/generate/${id}`);
		const twice = [1, 2].map(() => api.post(`/generate/${id}/retry`, undefined,
			{ 'Idempotency-Key': 'retry-once' }));
		const made = (await Promise.all(twice)).filter(({ status }) => status === 201)
			.map(({ json }) => json.id);
		assert.equal(new Set(made).size, 1);
	});

	for (const [what, key] of [['with a blank', 'a b'], ['of 201 characters', 'k'.repeat(201)],
		['that is not ASCII', 'schl\u00fcssel']])
		test(`422 to a key ${what}`, async () => {
			isProblem(await send(key), 422, /Idempotency-Key/, ['Idempotency-Key']);
		});
});
