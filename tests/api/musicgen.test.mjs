// MusicGen in the service, with a small checkpoint of random weights: a folder is a model, takes, cancelling, adapters.

import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, truncateSync,
	writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { root, until } from '../harness.mjs';
import { installation, isProblem } from './api.mjs';
import { Hub, commit, filesOf } from './hub.mjs';

const data = join(root, 'tests/data/musicgen');
const models = mkdtempSync(join(tmpdir(), 'earshot-models-'));
// Where the tests are run by root, the programs are not.
chmodSync(models, 0o755);
const prompt = 'slow piano waltz in A minor';

// A model of the folder, with another configuration where `change` changes it.
function put(id, change) {
	const folder = join(models, id);

	mkdirSync(folder);
	for (const name of ['config.json', 'tokenizer.json', 'model.safetensors'])
		symlinkSync(join(data, 'model', name), join(folder, name));
	if (!change) return;
	const config = JSON.parse(readFileSync(join(folder, 'config.json')));
	change(config);
	rmSync(join(folder, 'config.json'));
	writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
}

put('tiny');
put('stereo', (config) => { config.decoder.audio_channels = 2; });
// Of two seconds a window.
put('short', (config) => { config.decoder.max_position_embeddings = 104; });
put('other', (config) => { config.decoder.num_hidden_layers = 1; });
cpSync(join(data, 'model/config.json'), join(models, 'empty', 'config.json'));

const checkpoint = filesOf(join(data, 'model'), ['config.json', 'generation_config.json', 'tokenizer.json', 'model.safetensors']);
const hub = await new Hub({
	'facebook/musicgen-small': { ...checkpoint, 'README.md': Buffer.from('# MusicGen'), 'pytorch_model.bin': Buffer.alloc(10) },
	'someone/fine-tune': checkpoint,
	'someone/no-weights': { ...checkpoint, 'model.safetensors': undefined },
	'someone/stereo': { ...checkpoint, 'config.json': readFileSync(join(models, 'stereo/config.json')) },
	'someone/byte-pairs': { ...checkpoint, 'tokenizer.json': Buffer.from('{"model": {"type": "BPE"}}') },
}).start();
delete hub.repositories['someone/no-weights']['model.safetensors'];

const api = installation({ settings: { workers: 1, worker_threads: 1, models_dir: models, models_url: `${hub.url}/` } }, async () => {
	await until(async () => (await api.stack.sql('SELECT 1 FROM models')).length, 'the models');
});
after(() => {
	hub.stop();
	rmSync(models, { recursive: true });
});

const model = async (id) => (await api.get('/models')).json.models.find((m) => m.id === id);
const submit = (body) => api.post('/generate', { prompt, model: 'tiny', duration: 1, seed: 5, ...body });
const make = async (body) => (await api.make({ prompt, model: 'tiny', duration: 1, seed: 5, ...body })).audio;
const sound = async (audio) => (await api.plain('GET', new URL(audio.stream_url, api.stack.origin).pathname)).bytes;

// Both files of an adapter as one.
async function packed(name) {
	const file = join(models, `.${name}`);
	await api.stack.cli('adapter', 'pack', join(data, name), '-o', file);
	return readFileSync(file);
}
const adapter = async (body) => {
	const answer = await api.post('/adapters', { name: 'Low rank', base_model: 'tiny', ...body });
	assert.equal(answer.status, 201, answer.text);
	return answer.json.id;
};
const upload = (id, body) => api.ask('PUT', `/adapters/${id}/weights`, { body,
	headers: { 'Content-Type': 'application/octet-stream' } });

describe('models', () => {
	test('each folder of models_dir is one, beside those that could be fetched; what is missing is said with its command',
		async () => {
			const { models: all, current_model } = (await api.get('/models')).json;
			assert.deepEqual(all.map(({ id }) => id), ['band', 'musicgen-small', 'musicgen-medium', 'musicgen-large', 'empty',
				'other', 'short', 'stereo', 'tiny']);
			assert.equal(current_model, 'band');
			const { description, ...tiny } = all.at(-1);
			assert.match(description, /checkpoint/);
			assert.deepEqual(tiny, { id: 'tiny', display_name: 'tiny', engine: 'musicgen', hf_model_id: null,
				max_duration_seconds: 300, recommended_duration_seconds: 30, vram_requirement_gb: 0, sample_rate: 32000,
				channels: 1, adapters: 'lora', sampling: true, is_available: true, unavailable_reason: null, remedy: null,
				max_adapter_scale: 2, last_failure: null, is_active: false });
			const small = all[1];
			assert.deepEqual([small.display_name, small.hf_model_id, small.is_available, small.unavailable_reason,
				small.remedy], ['MusicGen small', 'facebook/musicgen-small', false, 'It is not here.',
				'earshot model fetch musicgen-small']);
			assert.equal((await model('empty')).unavailable_reason, 'It has no tokenizer.json.');
		});

	test('a stereo checkpoint is refused in a sentence, where it is listed and where it is asked for', async () => {
		const why = 'Its config.json: decoder.audio_channels: only mono checkpoints are supported, and this one is stereo.';
		assert.equal((await model('stereo')).unavailable_reason, why);
		isProblem(await submit({ model: 'stereo' }), 400, `The model stereo cannot run on this installation: ${why}`);
		isProblem(await submit({ model: 'musicgen-large' }), 400, /musicgen-large cannot run.*It is not here\./);
	});

	test('a folder that comes is a model seconds later, without a restart; one larger than a worker may be is refused', async () => {
		put('later');
		put('vast');
		rmSync(join(models, 'vast/model.safetensors'));
		writeFileSync(join(models, 'vast/model.safetensors'), '');
		truncateSync(join(models, 'vast/model.safetensors'), 6e9);
		await until(async () => (await model('later'))?.is_available && await model('vast'), 'the new models', 15_000);
		const { is_available, unavailable_reason, remedy } = await model('vast');
		assert.deepEqual([is_available, remedy], [false, 'earshot model prepare vast']);
		assert.match(unavailable_reason, /^It needs about 6\.\d GB of memory, and its address space \(worker_memory_mb, ulimit -v\) has 4\.3 GB\.$/);
		isProblem(await submit({ model: 'vast' }), 400, `The model vast cannot run on this installation: ${unavailable_reason}`);
		rmSync(join(models, 'vast'), { recursive: true });
	});

	test('a prepared model plays from that file alone, the same for the same seed', async () => {
		put('kept');
		await api.stack.cli('model', 'prepare', 'kept');
		await until(async () => (await model('kept'))?.is_available, 'the prepared model', 15_000);
		const [one] = await make({ model: 'kept' });
		rmSync(join(models, 'kept/model.safetensors'));
		const [again] = await make({ model: 'kept' });
		assert.equal(one.sha256, again.sha256);
		rmSync(join(models, 'kept'), { recursive: true });
	});
});

describe('takes', () => {
	test('a text becomes 32 kHz mono of the length that was asked for, the same for the same seed', async () => {
		const [one] = await make(), [again] = await make(), [other] = await make({ seed: 6 });
		assert.deepEqual([one.model, one.sample_rate, one.channels, one.frames, one.duration_seconds],
			['tiny', 32000, 1, 32000, 1]);
		assert.deepEqual([one.generation_params.engine, one.midi_url], ['musicgen', null]);
		assert.equal(one.sha256, again.sha256);
		assert.notEqual(one.sha256, other.sha256);
		assert.ok(one.loudness_lufs > -30 && one.true_peak_dbtp <= -1);
		assert.deepEqual((await sound(one)).subarray(0, 4).toString(), 'fLaC');
	});

	test('what it samples by matters, and attributes are read as words', async () => {
		const [plain] = await make();
		for (const change of [{ temperature: 0.3 }, { top_k: 1 }, { top_p: 0.1 }, { guidance_scale: 9 },
			{ attributes: { mood: 'calm', tempo: 70 } }])
			assert.notEqual((await make(change))[0].sha256, plain.sha256, JSON.stringify(change));
		const [calm] = await make({ attributes: { mood: 'calm', tempo: 70 } });
		assert.deepEqual(calm.generation_params.understood, { text: `${prompt}, calm, 70 bpm` });
		const { json } = await api.post('/explain', { prompt, model: 'tiny', attributes: { mood: 'calm' } });
		assert.deepEqual(json, { model: 'tiny', understood: { text: `${prompt}, calm` } });
	});

	test('every format, and several takes of a job, each with its own seed', async () => {
		for (const format of ['wav', 'ogg', 'opus', 'mp3']) {
			const [one] = await make({ format });
			assert.equal(one.format, format);
			assert.ok(Math.abs(one.duration_seconds - 1) < 0.01, `${format}: ${one.duration_seconds} s`);
			assert.equal((await api.ask('GET', `/audio/${one.id}/stream?format=flac`)).status, 200);
		}
		const two = await make({ num_samples: 2 });
		assert.deepEqual(two.map((a) => a.generation_params.seed), [5, 6]);
		assert.equal(two[1].sha256, (await make({ seed: 6 }))[0].sha256);
		assert.equal((await api.ask('GET', `/audio/${two[0].id}/stream?format=opus`)).status, 200);
	});

	test('what is longer than a window goes on in the next one, up to a limit that is said', async () => {
		const [long] = await make({ model: 'short', duration: 4 });
		assert.equal(long.frames, 4 * 32000);
		assert.equal(long.generation_params.understood.windows, 3);
		isProblem(await submit({ duration: 301 }), 400, 'duration is 301 s, but the model tiny makes at most 300 s.');
	});

	test('progress goes up step by step, and a job is cancelled in the middle', async () => {
		const { json: job } = await submit({ duration: 300, num_samples: 4 });
		const seen = [];
		await until(async () => {
			const { progress, stage } = await api.job(job.id);
			if (stage === 'generating' && progress !== seen.at(-1)) seen.push(progress);
			return seen.length > 3;
		}, 'progress');
		assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
		assert.deepEqual((await api.delete(`/generate/${job.id}`)).json.was, 'processing');
		const [next] = await make();
		assert.equal(next.frames, 32000);
	});
});

describe('adapters', () => {
	test('both files as one are checked against the base model, told, and change the sound by their scale', async () => {
		const id = await adapter();
		const { status, json } = await upload(id, await packed('lora_decoder'));
		assert.equal(status, 200);
		const { about } = json.versions[0];
		assert.deepEqual([about.kind, about.rank, about.alpha], ['lora', 4, 8]);
		const [base] = await make();
		const [on] = await make({ adapter_id: id }), [twice] = await make({ adapter_id: id, adapter_scale: 2 });
		const [off] = await make({ adapter_id: id, adapter_scale: 0 });
		assert.equal(new Set([base, on, twice].map((a) => a.generation_params.seed)).size, 1);
		const bytes = await Promise.all([base, on, twice, off].map(async (a) => (await api.plain('GET',
			`${new URL(a.stream_url, api.stack.origin).pathname}?format=wav`)).bytes.subarray(-60000).toString('latin1')));
		assert.equal(new Set(bytes.slice(0, 3)).size, 3);
		assert.equal(bytes[3], bytes[0]);
		assert.deepEqual([on.adapter.name, on.adapter.base_model, on.adapter.scale], ['Low rank', 'tiny', 1]);
	});

	test('its own version of the model comes with it', async () => {
		const id = await adapter();
		await upload(id, await packed('lora_whole'));
		const job = await api.submit({ prompt, adapter_id: id, duration: 1 });
		assert.equal(job.model, 'tiny');
		await api.reach(job.id, 'completed');
	});

	test('what does not fit is refused, naming the key; so is a file without its configuration', async () => {
		const id = await adapter({ base_model: 'other' });
		isProblem(await upload(id, await packed('lora_decoder')), 422,
			/model\.decoder\.layers\.[12]\.\S+: the model has no layer of that name\.$/, ['weights']);
		const tiny = await adapter();
		isProblem(await upload(tiny, readFileSync(join(data, 'lora_decoder/adapter_model.safetensors'))), 422,
			/no adapter_config in its __metadata__.*earshot adapter pack/, ['weights']);
		isProblem(await upload(tiny, 'no weights at all'), 422, /no safetensors file\.$/, ['weights']);
		const small = await adapter({ base_model: 'musicgen-small' });
		isProblem(await upload(small, await packed('lora_decoder')), 422,
			/cannot be checked against the model musicgen-small, which cannot be used\. It is not here\.$/, ['weights']);
	});

	test('a folder is taken in from the shell, once', async () => {
		const take = (folder) => api.stack.cli('adapter', 'import', '--model', 'tiny', folder);
		const folder = join(data, 'lora_rslora'), own = join(api.stack.var, 'Café v1.5');
		assert.equal((await take(folder)).stdout, 'Imported lora_rslora 1.0.0.\n');
		assert.equal((await take(`${folder}/`)).stdout, 'lora_rslora 1.0.0 is there already.\n');
		cpSync(folder, own, { recursive: true });
		assert.equal((await take(`${own}/.`)).stdout, 'Imported Café v1.5 1.0.0.\n');
		await assert.rejects(take(data), ({ stderr }) => /musicgen\/adapter_model\.safetensors: No such file/.test(stderr));
	});
});

describe('earshot generate', () => {
	const out = join(models, '.by-hand');
	const generate = (...args) => api.stack.cli('generate', prompt, '--duration', '1', '-o', `${out}.wav`, ...args);

	test('a folder anywhere plays; greedy, nothing is drawn; raw, the sound is measured and otherwise as it was made', async () => {
		const codes = [];
		for (const seed of [1, 2]) {
			const { stdout } = await generate('--model', join(data, 'model'), '--greedy', '--raw', '--seed', seed, '--codes', out);
			const [, lufs] = stdout.match(/ 1\.000 s, seed \d, (-[\d.]+) LUFS, -/);
			assert.ok(Number(lufs) < -15, `${lufs} LUFS`);
			codes.push(readFileSync(out, 'utf8'));
		}
		assert.match(codes[0], /^((\d+ ){49}\d+\n){4}$/);
		assert.equal(codes[1], codes[0]);
	});

	test('what a model does not make is said when it is asked for', async () => {
		await assert.rejects(generate('--codes', out), /the model band makes no codes/);
		await assert.rejects(generate('--model', 'tiny', '--midi', out), /the model tiny makes no score/);
	});
});

describe('earshot model fetch', () => {
	const fetch = (...args) => api.stack.cli('model', 'fetch', ...args);
	const refused = (pattern, ...args) => assert.rejects(fetch(...args), ({ stderr }) => {
		assert.match(stderr, pattern);
		return true;
	});
	const weights = 'model.safetensors', size = checkpoint[weights].length;
	const resolved = (file) => `/facebook/musicgen-small/resolve/${commit}/${file}`;

	test('brings a model, going on where the line broke, and it plays', async () => {
		hub.cut = 2;
		hub.down = 1;
		const { stdout } = await fetch('musicgen-small');
		assert.match(stdout, new RegExp(`^config.json: \\d+ bytes$[^]*^${weights}: ${size} bytes, SHA-256 checked$[^]*is here`, 'm'));
		assert.ok(stdout.includes(`\`earshot -c ${api.stack.conf} model prepare musicgen-small\``), stdout);
		const asked = hub.asked();
		assert.deepEqual(asked.filter((path) => /resolve/.test(path)).map((path) => path.split(' ')[0]),
			['config.json', 'generation_config.json', 'tokenizer.json', weights, weights, weights].map(resolved)
				.sort((a, b) => asked.indexOf(a) - asked.indexOf(b)));
		const ranges = asked.filter((path) => /cdn.*bytes=/.test(path)).map((path) => Number(path.match(/bytes=(\d+)-$/)[1]));
		assert.equal(ranges.length, 2);
		assert.ok(ranges[0] >= size / 4 && ranges[1] > ranges[0], `${ranges} of ${size}`);
		assert.deepEqual(readdirSync(join(models, 'musicgen-small')).sort(), ['config.json', 'fetched.json',
			'generation_config.json', weights, 'tokenizer.json']);
		assert.deepEqual(readFileSync(join(models, 'musicgen-small', weights)), checkpoint[weights]);
		assert.ok(!existsSync(join(models, '.fetch-musicgen-small')));

		await until(async () => (await model('musicgen-small')).is_available, 'the model to be there', 15_000);
		const [here] = await make(), [there] = await make({ model: 'musicgen-small' });
		assert.equal(there.model, 'musicgen-small');
		assert.deepEqual([there.frames, there.loudness_lufs], [here.frames, here.loudness_lufs]);
	});

	test('brings nothing that is there already', async () => {
		hub.asked();
		assert.match((await fetch('musicgen-small')).stdout, /^musicgen-small is here already, of commit a1b2c3d4e5f6\.$/m);
		assert.deepEqual(hub.asked(), ['/api/models/facebook/musicgen-small/revision/main']);
	});

	test('goes on with what an earlier run has left, also where the server knows no ranges', async () => {
		const folder = join(models, '.fetch-mine');

		for (const ranges of [true, false]) {
			hub.broken = true;
			await refused(/SHA-256 is not the one that was announced/, 'someone/fine-tune', '--as', 'mine');
			assert.ok(!existsSync(join(folder, `${weights}.part`)));
			assert.ok(!existsSync(join(models, 'mine')));
			hub.broken = false;
			writeFileSync(join(folder, `${weights}.part`), checkpoint[weights]);
			truncateSync(join(folder, `${weights}.part`), size - 1000);
			hub.ranges = ranges;
			hub.asked();
			await fetch('someone/fine-tune', '--as', 'mine');
			const asked = hub.asked().filter((path) => /cdn/.test(path));
			assert.equal(asked[0], `/someone/fine-tune/cdn/x/${weights} bytes=${size - 1000}-`);
			assert.deepEqual(readFileSync(join(models, 'mine', weights)), checkpoint[weights]);
			rmSync(join(models, 'mine'), { recursive: true });
		}
		hub.ranges = true;
	});

	test('puts a whole model in the place of a damaged one', async () => {
		await fetch('someone/fine-tune');
		rmSync(join(models, 'fine-tune/tokenizer.json'));
		writeFileSync(join(models, 'fine-tune/mine.txt'), 'kept');
		await fetch('someone/fine-tune');
		assert.deepEqual(readFileSync(join(models, 'fine-tune/tokenizer.json')), checkpoint['tokenizer.json']);
		/* What is no file of a model is nothing to remove. */
		assert.deepEqual(readdirSync(join(models, '.fetch-fine-tune')), ['mine.txt']);
	});

	test('says what is wrong, and asks for nothing large then', async () => {
		await refused(/someone\/no-weights has no weights in the safetensors format/, 'someone/no-weights');
		hub.asked();
		await refused(/config\.json: .*only mono checkpoints are supported/, 'someone/stereo');
		await refused(/someone\/byte-pairs: .*tokenizer\.json/, 'someone/byte-pairs');
		assert.ok(!hub.asked().some((path) => path.includes(weights)));
		assert.ok(!existsSync(join(models, 'stereo', 'fetched.json')));
		await refused(/there is nothing of that name, or not for everyone \(status 401\)$/m, 'nobody/nothing');
		await refused(/there is nothing of that name$/m, 'someone/fine-tune', '--revision', 'nothing');
		await refused(/neither musicgen-small.*nor a repository/, 'musicgen-tiny');
		await refused(/neither musicgen-small.*nor a repository/, '../x');
		await refused(/--as must be/, 'someone/fine-tune', '--as', '.hidden');
	});

	test('what there is is listed', async () => {
		const { stdout } = await api.stack.cli('model', 'list');
		assert.match(stdout, /^band +can run$/m);
		assert.match(stdout, /^musicgen-small +can run$/m);
		assert.match(stdout, /^musicgen-large +cannot run: It is not here\. Do: earshot model fetch musicgen-large$/m);
		assert.match(stdout, /^stereo +cannot run: .*only mono/m);
	});
});
