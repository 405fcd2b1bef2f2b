// Stand-ins for the servers that make music elsewhere: ACE-Step 1.5 (api_server.py and acestep/api/http) and
// acestep.cpp (tools/ace-server.cpp). They have one worker and a queue, and the traps that the real ones have. A
// prompt that holds "fault=NAME" meets that fault; what happened is in `tasks` and `log`.

import { createHash, randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { Readable, pipeline } from 'node:stream';
import { sleep } from '../harness.mjs';
import { tone, wav } from '../pages/wav.mjs';

const files = new Map();

// Each seed has a pitch of its own; FLAC is made by a program that is not ours.
export const pitch = (seed) => 220 + seed % 200;
function sound(seed, seconds, format) {
	const key = `${seed} ${seconds} ${format}`;
	if (!files.has(key)) files.set(key, format === 'flac' ? flac(sound(seed, seconds, 'wav')) : make(seed, seconds));
	return files.get(key);
}

async function make(seed, seconds) {
	const mono = tone(pitch(seed), seconds);
	return wav([mono, mono], { bits: 24 });
}

const flac = async (bytes) => {
	const input = await bytes;
	return new Promise((done, fail) => {
		const child = execFile('ffmpeg', ['-v', 'error', '-i', '-', '-f', 'flac', '-'], { encoding: 'buffer', maxBuffer: 1 << 28 },
			(error, out) => error ? fail(error) : done(out));
		child.stdin.end(input);
	});
};

// Bytes without an end, as fast as they are taken.
function flood(answer, block) {
	pipeline(Readable.from((function* () { for (;;) yield block; })(), { objectMode: false }), answer, () => {});
}

class Server {
	constructor({ key, work = 150 } = {}) {
		this.key = key;
		this.work = work;		// milliseconds that a task takes
		this.tasks = [];		// in the order in which they came
		this.holds = null;		// what matches it is not done before its `hold` is taken away
		this.log = [];			// "METHOD /path"
		this.queue = Promise.resolve();
		this.most = 0;			// tasks that were there at once and not done
	}

	async start() {
		this.server = createServer((request, answer) => this.#take(request, answer));
		this.server.keepAliveTimeout = 1;
		await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
		this.url = `http://127.0.0.1:${this.server.address().port}`;
		return this;
	}

	stop() {
		this.stopped = true;
		this.server.closeAllConnections();
		this.server.close();
	}

	async #take(request, answer) {
		const parts = [];
		for await (const part of request) parts.push(part);
		const url = new URL(request.url, this.url), text = Buffer.concat(parts).toString();
		this.log.push(`${request.method} ${url.pathname}`);
		this.headers = request.headers;
		try {
			await this.answer(request, url, text, answer);
		} catch (error) {
			answer.destroy(error);
		}
	}

	send(answer, status, json, type = 'application/json') {
		const body = typeof json === 'string' || Buffer.isBuffer(json) ? json : JSON.stringify(json);
		answer.writeHead(status, { 'Content-Type': type }).end(body);
	}

	// A task goes into the queue. It is told how far it is while it is worked on.
	add(task) {
		this.tasks.push(task);
		task.status = 'queued';
		task.progress = 0;
		task.hold = this.holds?.test(task.text);
		task.fault = /fault=([\w-]+)/.exec(task.text)?.[1];
		this.most = Math.max(this.most, this.tasks.filter(({ status }) => ['queued', 'running'].includes(status)).length);
		this.queue = this.queue.then(async () => {
			if (task.cancelled) return;
			task.status = 'running';
			this.begin?.(task);
			for (let i = 1; i <= 5 && !task.cancelled && !this.stopped; i++) {
				await sleep(task.fault === 'endless' ? 20 : this.work / 5);
				task.progress = i / 6;
			}
			while (task.hold && !task.cancelled) await sleep(10);
			this.end?.(task);
			if (!task.cancelled) task.status = 'done';
		});
		return task;
	}

	// Faults of any HTTP server, by name. True: that was the answer.
	async spoil(task, what, answer) {
		if (task?.fault !== what) return false;
		task.met = (task.met ?? 0) + 1;
		if (what === 'dies') answer.destroy();
		else if (what === 'html') this.send(answer, 502, '<html><body>Bad Gateway</body></html>', 'text/html');
		else if (what === 'nonsense') this.send(answer, 200, '{"data": [', 'application/json');
		else if (what === 'deep') this.send(answer, 200, '['.repeat(5000) + ']'.repeat(5000));
		else if (what === 'vast') {
			answer.writeHead(200, { 'Content-Type': 'application/json' });
			flood(answer, Buffer.alloc(1 << 16, ' '));
		} else if (what !== 'stalls') return false;
		return true;
	}
}

export const anywhere = ['dies', 'html', 'nonsense', 'deep', 'vast', 'stalls'];

export class AceStep extends Server {
	constructor(options) {
		super(options);
		this.lora = { loaded: false, use: false, scale: 1, active: null };
		this.paths = options?.adapters ?? [];
		this.models = options?.models ?? ['acestep-v15-turbo'];	// the first one is what is taken without a word
		this.old = options?.old;	// of a version that knows no adapters
		this.full = 0;			// the next so many submissions find the queue full
		this.turned = 0;		// those that did: they stay "queued"
		this.meddled = 0;		// changes of the adapter while there was a task
	}

	// Adapters are of the first model alone.
	#adapterOf({ model }) {
		return this.lora.use && model === this.models[0] ? { ...this.lora } : null;
	}

	begin(task) {
		task.model = this.models.includes(task.body.model) ? task.body.model : this.models[0];
		task.adapter = this.#adapterOf(task);
	}

	end(task) {
		const now = this.#adapterOf(task);
		task.steady = JSON.stringify(now) === JSON.stringify(task.adapter);
	}

	wrap(answer, data, code = 200, error = null) {
		this.send(answer, 200, { data, code, error, timestamp: Date.now(), extra: null });
	}

	async answer(request, url, text, answer) {
		const path = url.pathname, body = text ? JSON.parse(text) : {};
		const given = request.headers.authorization;

		if (path === '/health') return this.wrap(answer, { status: 'ok', service: 'ACE-Step API', version: '1.0' });
		if (this.key && !given) return this.send(answer, 401, { detail: 'Missing Authorization header' });
		if (this.key && given !== `Bearer ${this.key}`) return this.send(answer, 401, { detail: `Invalid API key` });
		if (path === '/release_task') return this.#release(request, body, answer);
		if (path === '/query_result') return this.#query(body, answer);
		if (path === '/v1/audio') return this.#audio(url, answer);
		if (path === '/v1/stats') return this.wrap(answer, { jobs: { total: this.tasks.length,
			queued: this.#count('queued') + this.turned, running: this.#count('running'), succeeded: 0, failed: 0 },
			queue_size: this.#count('queued'), queue_maxsize: 200, avg_job_seconds: 5 });
		if (path === '/v1/model_inventory' && !this.old) return this.wrap(answer, { default_model: this.models[0],
			models: this.models.map((name, i) => ({ name, is_default: i === 0, is_loaded: true })) });
		if (path.startsWith('/v1/lora/') && !this.old) return this.#adapters(path, body, answer);
		return this.send(answer, 404, { detail: 'Not Found' });
	}

	#count(what) {
		return this.tasks.filter(({ status }) => status === what).length;
	}

	#release(request, body, answer) {
		if (this.full > 0) {
			this.full--;
			this.turned++;
			return this.send(answer, 429, { detail: 'Server busy: queue is full' });
		}
		if (/fault=refused/.test(body.prompt)) return this.wrap(answer, null, 400, `no such model for ${request.headers.authorization}`);
		const task = this.add({ id: randomUUID(), text: body.prompt, body,
			// Whoever does not say otherwise gets two, with seeds that are drawn.
			seed: body.use_random_seed === false ? body.seed : Math.floor(Math.random() * 2 ** 32),
			count: body.batch_size ?? 2, seconds: Math.max(10, body.audio_duration) });
		return this.wrap(answer, { task_id: task.id, status: 'queued', queue_position: 1 });
	}

	// An id that is not known is not done, for ever.
	async #query({ task_id_list: [id] }, answer) {
		const task = this.tasks.find((one) => one.id === id);

		for (const what of anywhere)
			if (await this.spoil(task, what, answer)) return undefined;
		if (!task || task.fault === 'forgotten')
			return this.wrap(answer, [{ task_id: id, result: '[]', status: 0 }]);
		if (task.fault === 'error') return this.wrap(answer, null, 500, 'CUDA out of memory');
		// As after an hour: what was said last, with another status.
		if (task.fault === 'hour') return this.#say(answer, task, 2, { file: '', status: 0, progress: 0.5, stage: 'running' });
		if (task.fault === 'reason')
			return this.#say(answer, task, 2, { file: '', status: 2, progress: 0, stage: 'failed', error: 'no\nmemory\u0007' });
		if (task.fault === 'python') return this.#say(answer, task, 2, { file: '', status: 2, progress: 0, stage: 'failed',
			error: 'Traceback (most recent call last):\n  File "job.py", line 92, in run\n    take()\nRuntimeError: CUDA out of memory\n' });
		if (task.fault === 'endless' || task.status !== 'done')
			return this.#say(answer, task, 0, { file: '', status: 0, progress: task.progress, stage: task.status });
		const file = { elsewhere: `${task.elsewhere ?? this.elsewhere}/v1/audio?path=x`, user: `http://a@127.0.0.1/${id}`,
			empty: '', local: '/etc/../v1/audio?path=', scheme: 'file:///etc/passwd' }[task.fault]
			?? `/v1/audio?path=${encodeURIComponent(`/tmp/api_audio/${id}.flac`)}`;
		return this.#say(answer, task, 1, { file, wave: '', status: 1, prompt: task.text, seed_value: `${task.seed}`,
			metas: { bpm: 120 }, dit_model: task.model, progress: 1, stage: 'succeeded' });
	}

	#say(answer, task, status, result) {
		this.wrap(answer, [{ task_id: task.id, status, result: JSON.stringify([result, ...Array(task.count - 1).fill(result)]),
			progress_text: '' }]);
	}

	async #audio(url, answer) {
		const id = /([\w-]+)\.flac$/.exec(url.searchParams.get('path') ?? '')?.[1], task = this.tasks.find((one) => one.id === id);

		if (!task) return this.send(answer, 404, { detail: 'File not found' });
		const bytes = await sound(task.seed, task.fault === 'short' ? 1 : task.seconds, 'flac');
		if (task.fault === 'redirected')
			return answer.writeHead(302, { Location: `${this.elsewhere}/v1/audio` }).end();
		if (task.fault === 'moved' && !url.searchParams.has('again'))
			return answer.writeHead(307, { Location: `${url.pathname}${url.search}&again=1` }).end();
		if (task.fault === 'garbage') return this.send(answer, 200, 'RIFF is what this is not', 'audio/flac');
		if (task.fault === 'flood') return flood(answer.writeHead(200, { 'Content-Type': 'audio/flac' }), Buffer.alloc(1 << 20));
		if (task.fault === 'cut' && !task.cut) {
			task.cut = true;
			answer.writeHead(200, { 'Content-Length': bytes.length, 'Content-Type': 'audio/flac' });
			return answer.write(bytes.subarray(0, bytes.length >> 1), () => answer.destroy());
		}
		task.fetched = true;
		return this.send(answer, 200, bytes, 'audio/flac');
	}

	#adapters(path, body, answer) {
		const l = this.lora;
		if (path !== '/v1/lora/status' && this.#count('queued') + this.#count('running')) this.meddled++;
		if (path === '/v1/lora/status')
			return this.wrap(answer, { lora_loaded: l.loaded, use_lora: l.use, lora_scale: l.scale, active_adapter: l.active,
				adapters: l.loaded ? [l.active] : [], scales: l.loaded ? { [l.active]: l.scale } : {} });
		if (path === '/v1/lora/unload') {
			if (!l.loaded) return this.wrap(answer, { message: '⚠️ No LoRA adapter loaded.' });
			this.lora = { loaded: false, use: false, scale: 1, active: null };
		} else if (path === '/v1/lora/load') {
			if (!this.paths.includes(body.lora_path)) return this.send(answer, 400, { detail: `❌ LoRA path not found: ${body.lora_path}` });
			if (l.loaded && l.active === body.adapter_name)
				return this.send(answer, 400, { detail: `❌ Adapter name already in use: ${body.adapter_name}.` });
			Object.assign(l, { loaded: true, use: true, scale: 1, active: body.adapter_name, path: body.lora_path });
		} else if (path === '/v1/lora/toggle') {
			if (!l.loaded) return this.wrap(answer, null, 400, '❌ No LoRA adapter loaded.');
			l.use = body.use_lora;
		} else if (path === '/v1/lora/scale') {
			if (!(body.scale >= 0 && body.scale <= 1)) return this.send(answer, 422, { detail: [{ msg: 'less than or equal to 1' }] });
			l.scale = body.scale;
			return this.wrap(answer, { message: l.path.includes('flat') ? `⚠️ Scale set to ${body.scale} (no modules found)` : '✅',
				scale: body.scale, adapter_name: body.adapter_name });
		}
		return this.wrap(answer, { message: '✅' });
	}
}

export class AceStepCpp extends Server {
	constructor(options) {
		super(options);
		this.latents = options?.latents ?? true;	// newer versions add what the sound was made of, and the time of words
		this.adapters = options?.adapters ?? [];
	}

	async answer(request, url, text, answer) {
		const task = this.tasks.find(({ id }) => id === url.searchParams.get('id'));

		if (url.pathname === '/props') return this.send(answer, 200, { version: '1', models: { lm: [], embedding: ['e.gguf'],
			dit: ['turbo.gguf'], vae: ['v.gguf'] }, adapters: this.adapters, cli: { max_batch: 1 } });
		if (url.pathname === '/synth') return this.#synth(JSON.parse(text), answer);
		if (url.pathname !== '/job') return this.send(answer, 404, '');
		for (const what of anywhere)
			if (await this.spoil(task, what, answer)) return undefined;
		if (!task || task.fault === 'evicted') return this.send(answer, 404, { error: 'Job not found' });
		if (request.method === 'POST') {
			task.cancelled = true;
			task.status = 'cancelled';
			return this.send(answer, 200, { status: 'cancelled' });
		}
		if (url.searchParams.has('result')) return this.#result(task, answer);
		return this.send(answer, 200, { status: task.fault === 'failed' ? 'failed' : task.fault === 'other' ? 'cancelled'
			: task.fault === 'endless' || task.status === 'queued' ? 'running' : task.status });
	}

	#synth(body, answer) {
		if (!body.caption) return this.send(answer, 400, { error: 'Caption is required' });
		if (!['wav16', 'wav24', 'wav32', 'mp3'].includes(body.output_format)) return this.send(answer, 400, { error: 'Invalid output_format' });
		const task = this.add({ id: createHash('sha256').update(randomUUID()).digest('hex').slice(0, 16), text: body.caption, body,
			seed: body.seed ?? Math.floor(Math.random() * 2 ** 32), seconds: body.duration });
		return this.send(answer, 200, { id: task.id });
	}

	// Without a length, in chunks, each part without one, too.
	async #result(task, answer) {
		if (task.status !== 'done') return this.send(answer, 404, { error: 'Result not ready' });
		const bytes = await sound(task.seed, task.seconds, 'wav');
		if (task.fault === 'torn') return this.send(answer, 200, Buffer.concat([Buffer.from('--b\r\nContent-Type: audio/wav\r\n\r\n'),
			bytes.subarray(0, 5000)]), 'multipart/mixed; boundary=b');
		if (task.fault === 'unbound') return this.send(answer, 200, 'x', 'multipart/mixed');
		if (task.fault === 'deaf') return this.send(answer, 200,
			'--b\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--b--\r\n', 'multipart/mixed; boundary=b');
		if (!this.latents) return this.send(answer, 200, bytes, 'audio/wav');
		answer.writeHead(200, { 'Content-Type': 'multipart/mixed; boundary=ace-batch-boundary' });
		answer.write('--ace-batch-boundary\r\nContent-Type: audio/wav\r\n\r\n');
		answer.write(bytes);
		answer.write('\r\n--ace-batch-boundary\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; name="latent"\r\n\r\n');
		answer.write(Buffer.alloc(64 * 25 * 4, '--ace-batch-boundary'));
		answer.write('\r\n--ace-batch-boundary\r\nContent-Type: application/json\r\n\r\n{"lines":[]}');
		return answer.end('\r\n--ace-batch-boundary--\r\n');
	}
}
