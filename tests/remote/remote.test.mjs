// Music from servers elsewhere: what they are asked, what becomes of their answers, and what a server costs that is
// slow, dies or lies.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { freePort, until } from '../harness.mjs';
import { installation } from '../api/api.mjs';
import { AceStep, AceStepCpp, anywhere, pitch } from './servers.mjs';

const folder = mkdtempSync(join(tmpdir(), 'earshot-remotes-'));
const key = 'sk-3f9a1c77d2e84b60';
chmodSync(folder, 0o755);
writeFileSync(join(folder, 'key'), `${key}\nwhat follows is a comment\n`);

const ace = await new AceStep({ key, adapters: ['/loras/jazz', '/loras/dub', '/loras/flat'],
	models: ['acestep-v15-turbo', 'acestep-v15-base'] }).start();
const solo = await new AceStep({ old: true, work: 300 }).start();
const cpp = await new AceStepCpp({ adapters: ['jazz.safetensors'] }).start();
const plain = await new AceStepCpp({ latents: false }).start();
const elsewhere = await new AceStep({}).start();
ace.elsewhere = elsewhere.url;
// A proxy that other programs would take: for localhost, where the keyed server is, but not for 127.0.0.1.
process.env.http_proxy = elsewhere.url;
process.env.no_proxy = '127.0.0.1';

const asked = { patience_s: 20, timeout_s: 60, concurrency: 8 }, quick = { patience_s: 3, timeout_s: 5, concurrency: 14 };
const keyed = { url: `${ace.url.replace('127.0.0.1', 'localhost')}/`, key_file: join(folder, 'key') };
const remotes = {
	ace: { protocol: 'acestep', ...keyed, model: 'acestep-v15-turbo', steps: 8, ...asked },
	base: { protocol: 'acestep', ...keyed, model: 'acestep-v15-base', ...asked },
	gone: { protocol: 'acestep', ...keyed, model: 'acestep-v15-xl', ...asked },
	solo: { protocol: 'acestep', url: solo.url, ...asked, concurrency: 1 },
	cpp: { protocol: 'acestep.cpp', url: cpp.url, ...asked },
	plain: { protocol: 'acestep.cpp', url: plain.url, ...asked, max_duration_s: 30 },
	liar: { protocol: 'acestep', ...keyed, ...quick },
	cpp_liar: { protocol: 'acestep.cpp', url: cpp.url, ...quick },
	cpp_gone: { protocol: 'acestep.cpp', url: cpp.url, model: 'sft.gguf', ...quick },
	away: { protocol: 'acestep', url: `http://127.0.0.1:${await freePort()}`, ...quick },
	keyless: { protocol: 'acestep', url: ace.url, ...asked },
	nokey: { protocol: 'acestep', url: ace.url, key_file: join(folder, 'none'), ...asked },
};
const api = installation({ remotes, settings: { workers: 14, worker_threads: 1, max_attempts: 2, retry_backoff_ms: 300 } }, async () => {
	await until(async () => (await api.stack.sql('SELECT 1 FROM models')).length, 'the models');
});
after(() => {
	for (const server of [ace, solo, cpp, plain, elsewhere]) server.stop();
	rmSync(folder, { recursive: true });
});

const ended = (id) => until(async () => {
	const job = await api.job(id);
	return ['queued', 'processing'].includes(job.status) ? undefined : job;
}, `job ${id} to end`, 40_000);
const submit = (model, body) => api.submit({ model, prompt: 'calm piano', duration: 12, seed: 7, ...body });
const run = async (model, body) => ended((await submit(model, body)).id);
const made = async (job) => {
	assert.equal(job.status, 'completed', job.error);
	return Promise.all(job.audio_ids.map(async (id) => (await api.get(`/audio/${id}`)).json));
};
// A job whose task is not done before its `hold` is taken away; further ones with these words are not held.
async function held(model, server, prompt, body) {
	server.holds = new RegExp(prompt);
	const { id } = await submit(model, { prompt, ...body });
	const task = await until(() => taskOf(server, prompt)[0], 'the task');
	server.holds = null;
	return { id, task };
}
const taskOf = (server, text) => server.tasks.filter((task) => task.text.includes(text));

// The strongest pitch of a take, told by another program.
async function heard(audio) {
	const { bytes } = await api.plain('GET', new URL(audio.stream_url, api.stack.origin).pathname);
	const raw = execFileSync('ffmpeg', ['-v', 'error', '-i', '-', '-ac', '1', '-f', 'f32le', '-'], { input: bytes, maxBuffer: 1 << 28 });
	const samples = new Float32Array(raw.buffer, raw.byteOffset, raw.length >> 2);
	let crossings = 0;
	for (let i = 1; i < samples.length; i++) crossings += samples[i - 1] < 0 && samples[i] >= 0;
	return crossings * audio.sample_rate / samples.length;
}

async function adapter(model, body, file) {
	const { json: { id } } = await api.post('/adapters', { name: 'Elsewhere', base_model: model, ...body });
	const answer = await api.ask('PUT', `/adapters/${id}/weights`, { body: JSON.stringify(file),
		headers: { 'Content-Type': 'application/octet-stream' } });
	return { id, answer };
}
const named = (name) => ({ format: 'earshot-remote-adapter', adapter: name });

describe('a take', () => {
	test('each section of the configuration is a model, beside those of this host', async () => {
		const { models } = (await api.get('/models')).json, found = Object.fromEntries(models.map((m) => [m.id, m]));
		assert.deepEqual(models.filter(({ engine }) => engine === 'remote').map(({ id }) => id), Object.keys(remotes));
		assert.deepEqual([found.ace.display_name, found.ace.adapters, found.ace.is_available, found.ace.sampling],
			['ACE-Step 1.5 (ace)', 'remote', true, false]);
		assert.match(found.ace.description, /acestep-v15-turbo/);
		assert.equal(found.plain.max_duration_seconds, 30);
		assert.equal(found.nokey.unavailable_reason, 'Its key_file cannot be read.');
		assert.doesNotMatch(JSON.stringify(models), /127\.0\.0\.1:\d|sk-3f9/);
	});

	test('ACE-Step is asked for one take with our seed, and what it sends is that take, mastered, exactly as long', async () => {
		const job = await run('ace', { num_samples: 2, attributes: { tempo: 96, key: 'A minor', style: 'waltz' } });
		const takes = await made(job), tasks = taskOf(ace, 'calm piano');
		assert.deepEqual(tasks.map(({ seed }) => seed), [7, 8]);
		const { prompt, ...asked } = tasks[0].body;
		assert.match(prompt, /^calm piano, waltz, in A minor, 96 bpm$/);
		assert.deepEqual(asked, { lyrics: '[Instrumental]', vocal_language: 'unknown', audio_duration: 12, seed: 7, use_random_seed: false, batch_size: 1,
			audio_format: 'flac', task_type: 'text2music', thinking: false, use_cot_caption: false, use_cot_language: false,
			inference_steps: 8, model: 'acestep-v15-turbo', bpm: 96, key_scale: 'A minor' });
		for (const [i, take] of takes.entries()) {
			assert.deepEqual([take.frames, take.sample_rate, take.channels], [12 * 48000, 48000, 2]);
			assert.ok(Math.abs(take.loudness_lufs + 14) < 0.5, `${take.loudness_lufs} LUFS`);
			assert.ok(Math.abs(await heard(take) - pitch(7 + i)) < 2);
			assert.equal(take.generation_params.seed, 7 + i);
			assert.equal(take.generation_params.engine, 'remote');
		}
	});

	test('what is shorter than a server can make is cut from what it makes', async () => {
		const [take] = await made(await run('ace', { duration: 3, prompt: 'three seconds' }));
		assert.equal(take.frames, 3 * 48000);
		assert.equal(taskOf(ace, 'three seconds')[0].body.audio_duration, 10);
	});

	test('what stands below a tag in brackets is sung, and what stands above it says how', async () => {
		const lyrics = '[Verse]\nThe last train left\n[Chorus]\nOh well';
		for (const [model, server, name] of [['ace', ace, 'prompt'], ['cpp', cpp, 'caption']]) {
			const [take] = await made(await run(model, { prompt: `sad indie pop\n\n${lyrics}\n`, attributes: { tempo: 80 } }));
			const { body } = taskOf(server, 'sad indie pop')[0];
			assert.deepEqual([body[name], body.lyrics], ['sad indie pop, 80 bpm', lyrics]);
			assert.deepEqual(take.generation_params.understood, { text: 'sad indie pop, 80 bpm', lyrics: '[Verse] The last train left [Chorus] Oh well' });
		}
	});

	test('progress is told while a server works', async () => {
		const { id, task } = await held('ace', ace, 'hold on');
		const job = await until(async () => {
			const now = await api.job(id);
			return now.progress > 0.3 && now;
		}, 'progress');
		assert.equal(job.status, 'processing');
		assert.equal(job.stage, 'generating');
		task.hold = false;
		assert.equal((await ended(id)).status, 'completed');
	});

	test('acestep.cpp sends it in parts without lengths, or alone', async () => {
		for (const [model, server] of [['cpp', cpp], ['plain', plain]]) {
			const [take] = await made(await run(model));
			assert.deepEqual([take.frames, take.sample_rate], [12 * 48000, 48000]);
			assert.ok(Math.abs(await heard(take) - pitch(7)) < 2);
			assert.deepEqual(taskOf(server, 'calm piano')[0].body, { caption: 'calm piano', lyrics: '[Instrumental]', vocal_language: 'unknown', duration: 12, seed: 7,
				output_format: 'wav24', synth_batch_size: 1 });
		}
	});

	test('a queue that is full, a transfer that breaks off and a result that has moved cost nothing but time', async () => {
		ace.full = 2;
		for (const fault of ['cut', 'moved', 'none']) {
			const job = await run('ace', { prompt: `fault=${fault}` });
			await made(job);
			assert.equal(job.attempt, 1);
		}
	});
});

describe('a server that is out of order costs its attempts and then a sentence', () => {
	const nonsense = /^The server \w+ answers nonsense: /;
	const cases = [
		['liar', 'forgotten', /^The server liar does not know the job that it took\./],
		['liar', 'error', /^The server liar has an error of its own \(status 500\): "CUDA out of memory"\./],
		['liar', 'hour', /^The job failed on the server liar, which gives no reason\./],
		['liar', 'reason', /^The job failed on the server liar: "no memory ?"\./],
		['liar', 'python', /^The job failed on the server liar: "RuntimeError: CUDA out of memory"\./],
		['liar', 'endless', /^The server liar was not done after 5 s\./],
		['liar', 'elsewhere', /^The server liar sends us to another host for a result, where we do not go\./],
		['liar', 'user', /to another host/],
		['liar', 'scheme', /to another host/],
		['liar', 'redirected', /^The server liar sends us elsewhere, where we do not go\./],
		['liar', 'empty', /no file of it/],
		['liar', 'local', /^The server liar does not know what it was asked for|status 404/],
		['liar', 'garbage', /^The server liar sends sound that cannot be read\./],
		['liar', 'short', /^The server liar sends 1\.0 s of sound instead of 12 s\./],
		['liar', 'flood', /^The server liar sends more than it should\./],
		['cpp_liar', 'failed', /^The job failed on the server cpp_liar, which gives no reason\./],
		['cpp_liar', 'other', /somebody has cancelled it/],
		['cpp_liar', 'evicted', /does not know the job any more/],
		['cpp_liar', 'torn', /^The server cpp_liar answers nonsense: the parts of a result cannot be told apart\./],
		['cpp_liar', 'unbound', nonsense],
		['cpp_liar', 'deaf', /a result without sound/],
		['cpp_liar', 'endless', /^The server cpp_liar was not done after 5 s\./],
		...['liar', 'cpp_liar'].flatMap((model) => [
			[model, 'dies', /^The server \w+ cannot be reached: /],
			[model, 'stalls', /^The server \w+ cannot be reached: Timeout was reached\./],
			[model, 'html', /^The server \w+ has an error of its own \(status 502\)\./],
			[model, 'nonsense', nonsense],
			[model, 'deep', nonsense],
			[model, 'vast', /^The server \w+ sends more than it should\./],
		]),
		['away', 'away', /^The server away cannot be reached: /],
	];

	test(`whatever it does (${anywhere.join(', ')}, …)`, { timeout: 90_000 }, async () => {
		const jobs = await Promise.all(cases.map(([model, fault]) => submit(model, { prompt: `fault=${fault}` })));
		for (const [i, [model, fault, says]] of cases.entries()) {
			const job = await ended(jobs[i].id);
			assert.equal(job.status, 'failed', `${model}, ${fault}: ${job.status}`);
			assert.match(job.error, says, `${model}, ${fault}`);
			assert.equal(job.attempt, 2, `${model}, ${fault}`);
			assert.equal(job.error_code, 'unavailable');
		}
		assert.deepEqual(elsewhere.log, [], 'nobody asked the other host for anything');
	});

	test('of which /models tells until a job of it works again', async () => {
		const failure = async (id) => (await api.get('/models')).json.models.find((m) => m.id === id).last_failure;
		const { detail, at } = await failure('away');
		assert.match(detail, /^The server away cannot be reached: .* It was tried 2 times\.$/);
		assert.ok(Date.now() - Date.parse(at) < 120_000, at);
		assert.notEqual(await failure('liar'), null);
		await made(await run('liar', { prompt: 'in order again' }));
		assert.deepEqual([await failure('liar'), await failure('band')], [null, null]);
	});

	test('and so does earshot doctor, who asks it', async () => {
		const { stdout } = await api.stack.cli('doctor').catch((error) => error);
		assert.match(stdout, /^ok +remote +ace, at /m);
		assert.match(stdout, /^ok +remote +cpp, at /m);
		assert.match(stdout, /^PROBLEM +remote +The server away cannot be reached: /m);
		assert.match(stdout, /^PROBLEM +remote +The server keyless refuses our key \(key_file\) \(status 401\)/m);
		assert.match(stdout, /^PROBLEM +remote +The server cpp_gone has no model "sft\.gguf"\./m);
		assert.match(stdout, /^PROBLEM +remote +.*none cannot be read by /m);
		assert.match(stdout, /^PROBLEM +remote +The secret in \S+ can be read by others\.\n +do: chmod 600 /m);
		assert.doesNotMatch(stdout, /3f9a1c77/);
	});

	test('one that takes another model than it is asked for has made nothing for us', async () => {
		assert.equal((await run('base', { prompt: 'by the second model' })).status, 'completed');
		assert.equal(taskOf(ace, 'by the second model')[0].model, 'acestep-v15-base');
		const job = await run('gone', { prompt: 'by no model' });
		assert.deepEqual([job.status, job.attempt], ['failed', 1]);
		assert.match(job.error, /^The server gone took its model "acestep-v15-turbo", since it does not have acestep-v15-xl\./);
		const other = await run('cpp_gone', { prompt: 'by none here either' });
		assert.match(other.error, /^The server cpp_gone has no model "sft\.gguf"\./);
		assert.deepEqual([other.attempt, taskOf(cpp, 'by none here').length], [1, 0]);
	});

	test('what it refuses is not asked again, and a key that it echoes is not passed on', async () => {
		const job = await run('liar', { prompt: 'fault=refused' });
		assert.deepEqual([job.status, job.attempt, job.error_code], ['failed', 1, 'cannot_generate']);
		assert.match(job.error, /^The server liar refuses the request \(status 400\): "no such model for Bearer \*+"\./);
		const other = await run('keyless');
		assert.match(other.error, /^The server keyless refuses our key \(key_file\) \(status 401\): "Missing Authorization header"\./);
		assert.equal(other.attempt, 1);
	});
});

describe('jobs of a server', () => {
	test('wait for it in the queue, and keep nobody else waiting', async () => {
		const jobs = await Promise.all([1, 2, 3].map((seed) => submit('solo', { seed })));
		await until(() => solo.tasks.length, 'the first task');
		const band = await run('band', { duration: 1 });
		assert.equal(band.status, 'completed');
		assert.ok(solo.tasks.length < 3, 'the band was first');
		for (const { id } of jobs) await made(await ended(id));
		assert.equal(solo.most, 1);
	});

	test('are taken back where somebody cancels them', async () => {
		const { id, task } = await held('cpp', cpp, 'cancel me');
		await until(async () => (await api.job(id)).status === 'processing', 'it to be in work');
		await api.delete(`/generate/${id}`);
		await until(() => task.cancelled, 'the server to be told', 5000);
		assert.equal((await api.job(id)).status, 'cancelled');
	});

	test('are done anew where a worker was killed', async () => {
		const { id, task } = await held('cpp', cpp, 'kill me');
		api.stack.kill('worker');
		task.hold = false;
		const job = await ended(id);
		await made(job);
		assert.equal(job.attempt, 2);
		assert.equal(taskOf(cpp, 'kill me').length, 2);
	});
});

describe('adapters', () => {
	test('of acestep.cpp are named by a file, which the server is asked about', async () => {
		const none = await adapter('cpp', { name: 'None' }, named('rock.safetensors'));
		assert.equal(none.answer.status, 422);
		assert.match(none.answer.json.detail, /The server cpp has no adapter "rock\.safetensors"\./);
		const bad = await adapter('cpp', { name: 'Bad' }, { format: 'earshot-remote-adapter', adapter: 'x/../../y' });
		assert.match(bad.answer.json.detail, /must not lead upwards/);
		const jazz = await adapter('cpp', { name: 'Jazz' }, named('jazz.safetensors'));
		assert.equal(jazz.answer.status, 200, jazz.answer.text);
		const [take] = await made(await run('cpp', { prompt: 'with jazz', adapter_id: jazz.id, adapter_scale: 1.5 }));
		assert.deepEqual([take.adapter.name, take.adapter.scale], ['Jazz', 1.5]);
		const { body } = taskOf(cpp, 'with jazz')[0];
		assert.deepEqual([body.adapter, body.adapter_scale], ['jazz.safetensors', 1.5]);
		await made(await run('cpp', { prompt: 'without jazz', adapter_id: jazz.id, adapter_scale: 0 }));
		assert.equal(taskOf(cpp, 'without jazz')[0].body.adapter, undefined);
	});

	test('of ACE-Step are the same for all of a server: jobs with others wait until it has none left', { timeout: 60_000 }, async () => {
		const ids = {};
		for (const name of ['jazz', 'dub', 'gone', 'flat']) ids[name] = (await adapter('ace', { name }, named(`/loras/${name}`))).id;
		const wishes = [[null], ['jazz', 1], ['dub', 1], ['jazz', 1], ['jazz', 0.5], [null], ['dub', 1], ['jazz', 1]];
		const jobs = await Promise.all(wishes.map(([name, scale], i) => submit('ace', { prompt: `wish ${i}`,
			...name && { adapter_id: ids[name], adapter_scale: scale } })));
		for (const [i, [name, scale]] of wishes.entries()) {
			await made(await ended(jobs[i].id));
			const [task] = taskOf(ace, `wish ${i}`);
			assert.ok(task.steady, `${i}: the adapter changed while it was made`);
			assert.deepEqual(task.adapter && [task.adapter.path, task.adapter.scale], name ? [`/loras/${name}`, scale] : null, `wish ${i}`);
		}
		const much = await api.post('/generate', { model: 'ace', prompt: 'too much', adapter_id: ids.jazz, adapter_scale: 1.5 });
		assert.deepEqual([much.status, much.json.detail], [400, 'adapter_scale is 1.5, but the model ace takes at most 1.']);
		const gone = await run('ace', { adapter_id: ids.gone });
		assert.match(gone.error, /LoRA path not found/);
		const flat = await run('ace', { adapter_id: ids.flat, adapter_scale: 0.5 });
		assert.match(flat.error, /^The server ace cannot scale the adapter: "⚠️ Scale set to 0\.5 \(no modules found\)"\./);
		await made(await run('ace', { adapter_id: ids.flat, adapter_scale: 1, prompt: 'flat out' }));
		assert.equal(taskOf(ace, 'flat out')[0].adapter.path, '/loras/flat');
		const second = await adapter('base', { name: 'Second' }, named('/loras/jazz'));
		assert.match(second.answer.json.detail,
			/The server base takes adapters for its first model alone, which is "acestep-v15-turbo" and not acestep-v15-base\./);
		const old = await adapter('solo', { name: 'Old' }, named('/loras/jazz'));
		assert.match((await run('solo', { adapter_id: old.id })).error, /^The server solo is of a version that takes no adapters\./);
	});

	test('that somebody else changes in the meantime cost another attempt, not a wrong take', async () => {
		const { id: jazz } = await adapter('ace', { name: 'Meddled' }, named('/loras/jazz'));
		const { id, task } = await held('ace', ace, 'meddled with', { adapter_id: jazz });
		ace.lora = { loaded: false, use: false, scale: 1, active: null };
		task.hold = false;
		const job = await ended(id);
		await made(job);
		assert.equal(job.attempt, 2);
		assert.ok(!task.fetched);
		assert.equal(taskOf(ace, 'meddled with')[1].adapter.path, '/loras/jazz');
	});
});

test('the key is nowhere: not in the log, in errors, in arguments, in the database', async () => {
	assert.ok(ace.tasks.length > 0);
	assert.doesNotMatch(api.stack.log(), /3f9a1c77/);
	for (const pid of api.stack.pids()) assert.doesNotMatch(readFileSync(`/proc/${pid}/cmdline`, 'latin1'), /3f9a1c77/);
	const [[found]] = await api.stack.sql(`SELECT COUNT(*) FROM jobs WHERE CONCAT_WS(' ', error, params, understood) LIKE '%3f9a1c77%'`);
	assert.equal(found, '0');
});
