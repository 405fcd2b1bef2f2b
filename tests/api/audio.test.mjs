// GET /audio/{id}, its peaks and its score: what is said of a take, held against the take itself.
// ffmpeg and ffprobe are the second opinion.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { installation, isProblem } from './api.mjs';

const run = promisify(execFile);
const formats = ['flac', 'wav', 'ogg', 'opus', 'mp3'];
const words = 'gentle piano waltz in A minor at 96 bpm, für "静かな夜" 🎹';
const takes = {};	// by format: { metadata, bytes, file }

let folder;
before(() => { folder = mkdtempSync(join(tmpdir(), 'earshot-audio-')); });
after(() => rmSync(folder, { recursive: true, force: true }));

const api = installation({}, async () => {
	const jobs = [];
	for (const format of formats)
		jobs.push(await api.submit({ prompt: words, attributes: { mood: 'calm' }, duration: 6.3,
			seed: 42, format }));
	for (const [i, format] of formats.entries()) {
		const { audio_ids: [id] } = await api.reach(jobs[i].id, 'completed');
		const file = join(folder, `take.${format}`), { bytes } = await api.get(`/audio/${id}/stream`);
		writeFileSync(file, bytes);
		takes[format] = { metadata: (await api.get(`/audio/${id}`)).json, bytes, file };
	}
});

// Samples as ffmpeg decodes them, interleaved, -1 … 1.
async function decode(file) {
	const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', file, '-f', 'f32le', '-'],
		{ encoding: 'buffer', maxBuffer: 1 << 28 });
	return new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
}

// Loudness in LUFS and true peak in dBTP, as ffmpeg's ebur128 filter has them.
async function measure(file) {
	const { stderr } = await run('ffmpeg', ['-nostats', '-i', file, '-filter_complex',
		'ebur128=peak=true', '-f', 'null', '-']);
	const summary = stderr.split('Summary:').pop();
	return { lufs: Number(summary.match(/I:\s+(\S+) LUFS/)[1]),
		peak: Number(summary.match(/Peak:\s+(\S+) dBFS/)[1]) };
}

// Tags of the file or of its only stream, names in lower case.
async function tags(file) {
	const { stdout } = await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_format',
		'-show_streams', file]);
	const { format, streams } = JSON.parse(stdout);
	return Object.fromEntries(Object.entries({ ...streams[0].tags, ...format.tags })
		.map(([name, value]) => [name.toLowerCase(), value]));
}

describe('the metadata of a take', () => {
	test('says where it comes from', async () => {
		const { metadata } = takes.flac;
		const { json: job } = await api.get(`/jobs/${metadata.job_id}`);
		assert.deepEqual(job.audio_ids, [metadata.id]);
		assert.deepEqual(metadata.prompt, { id: job.prompt_id, text: words,
			attributes: { mood: 'calm' } });
		assert.deepEqual([metadata.prompt_id, metadata.model, metadata.adapter_id, metadata.adapter,
			metadata.index],
			[job.prompt_id, 'band', null, null, 0]);
		assert.ok(metadata.created_at >= job.started_at);
	});

	test('has all that is needed to make it again, and what was understood of the prompt', () => {
		const { understood, ...params } = takes.flac.metadata.generation_params;
		assert.deepEqual([params.seed, params.duration, params.format, params.temperature],
			[42, 6.3, 'flac', 1]);
		assert.ok(Math.abs(understood.tempo - 96) < 3, `tempo ${understood.tempo}`);
		assert.deepEqual([understood.key, understood.meter], ['A minor', '3/4']);
		assert.match(understood.style, /waltz/i);
		assert.ok(understood.instruments.some((name) => /piano/.test(name)));
	});

	test('its addresses lead to the take', async () => {
		const { metadata, bytes } = takes.flac;
		assert.ok((await api.plain('GET', metadata.stream_url)).bytes.equals(bytes));
		const download = await api.plain('GET', metadata.download_url);
		assert.match(download.headers['content-disposition'], /^attachment/);
		assert.ok(download.bytes.equals(bytes));
		for (const url of [metadata.peaks_url, metadata.midi_url])
			assert.equal((await api.plain('GET', url)).status, 200);
	});

	test('is cached by its ETag', async () => {
		const { headers } = await api.get(`/audio/${takes.flac.metadata.id}`);
		assert.equal((await api.get(`/audio/${takes.flac.metadata.id}`,
			{ 'If-None-Match': headers.etag })).status, 304);
	});

	for (const format of formats)
		test(`of ${format} has the size, SHA-256 and type of the bytes that are sent`, async () => {
			const { metadata, bytes } = takes[format];
			assert.deepEqual([metadata.format, metadata.size_bytes, metadata.sha256],
				[format, bytes.length, createHash('sha256').update(bytes).digest('hex')]);
			const { headers } = await api.head(`/audio/${metadata.id}/stream`);
			assert.equal(headers['content-type'], metadata.content_type);
		});
});

describe('the sound', () => {
	for (const format of formats) {
		test(`of ${format} is stereo at 48 kHz and lasts as long as was asked, to the frame`, async () => {
			const { metadata, file } = takes[format];
			assert.deepEqual([metadata.sample_rate, metadata.channels, metadata.frames,
				metadata.duration_seconds],
				[48000, 2, 6.3 * 48000, 6.3]);
			assert.equal((await decode(file)).length / 2, metadata.frames);
		});

		test(`of ${format} has -14 LUFS ± 1 and a true peak under -1 dBTP, and says so`, async () => {
			const { metadata, file } = takes[format], { lufs, peak } = await measure(file);
			assert.ok(Math.abs(lufs + 14) <= 1, `${lufs} LUFS`);
			assert.ok(peak < -1, `${peak} dBTP`);
			assert.ok(Math.abs(metadata.loudness_lufs - lufs) < 0.3,
				`${metadata.loudness_lufs}, measured ${lufs}`);
			assert.ok(metadata.true_peak_dbtp < -1);
			if (format === 'flac')
				assert.ok(Math.abs(metadata.true_peak_dbtp - peak) < 0.3,
					`${metadata.true_peak_dbtp}, measured ${peak}`);
		});

		test(`of ${format} carries title, prompt, model and seed in its tags`, async () => {
			const { metadata, file } = takes[format], found = await tags(file);
			assert.equal(found.title, metadata.title);
			assert.equal(found.comment, words);
			assert.equal(found.artist, 'Earshot (band)');
			assert.match(found.software ?? found.encoder ?? found.encoded_by ?? '', /^Earshot \S+, seed 42/);
		});
	}

	test('keeps its tags and its length when it is converted', async () => {
		for (const format of ['opus', 'mp3', 'wav']) {
			const file = join(folder, `converted.${format}`);
			writeFileSync(file,
				(await api.get(`/audio/${takes.flac.metadata.id}/stream?format=${format}`)).bytes);
			const found = await tags(file);
			assert.deepEqual([found.title, found.comment], [takes.flac.metadata.title, words], format);
			assert.equal((await decode(file)).length / 2, takes.flac.metadata.frames, format);
		}
	});
});

describe('the same seed', () => {
	test('makes the same bytes, whoever asks and however often', async () => {
		const again = await api.make({ prompt: words, attributes: { mood: 'calm' }, duration: 6.3,
			seed: 42 });
		assert.equal(again.audio[0].sha256, takes.flac.metadata.sha256);
	});

	test('makes the same bytes as a sample of several: sample i has seed + i', async () => {
		const two = await api.make({ seed: 100, num_samples: 2 }), one = await api.make({ seed: 101 });
		assert.equal(two.audio[1].sha256, one.audio[0].sha256);
		assert.notEqual(two.audio[0].sha256, two.audio[1].sha256);
	});
});

describe('peaks', () => {
	const peaks = (query = '') => api.get(`/audio/${takes.flac.metadata.id}/peaks${query}`);

	test('are the audiowaveform format, version 2, and fit what is heard', async () => {
		const { json } = await peaks('?points=100000'), sound = await decode(takes.flac.file);
		assert.deepEqual([json.version, json.channels, json.sample_rate, json.samples_per_pixel,
			json.bits], [2, 1, 48000, 256, 8]);
		assert.equal(json.length, Math.ceil(takes.flac.metadata.frames / 256));
		assert.equal(json.data.length, 2 * json.length);
		for (let i = 0; i < json.length; i++) {
			const stretch = sound.subarray(i * 512, (i + 1) * 512), scale = (v) => v * (v < 0 ? 128 : 127);
			const wanted = [Math.min(...stretch), Math.max(...stretch)].map(scale);
			for (const k of [0, 1])
				assert.ok(Math.abs(json.data[2 * i + k] - wanted[k]) <= 1.01,
					`point ${i}: ${json.data[2 * i + k]}, heard ${wanted[k]}`);
		}
		assert.ok(Math.max(...json.data) > 60, 'it is no silence');
	});

	test('come in at most as many points as asked, 1000 without asking, for the whole length', async () => {
		for (const [query, most] of [['', 1000], ['?points=1', 1], ['?points=7', 7],
			['?points=640', 640]]) {
			const { json } = await peaks(query);
			assert.ok(json.length <= most && json.length > most / 2, `${json.length} of ${most}`);
			assert.equal(json.length, Math.ceil(takes.flac.metadata.frames / json.samples_per_pixel));
		}
	});

	test('fewer points still show the highest and the lowest sample', async () => {
		const all = (await peaks('?points=100000')).json.data, { json } = await peaks('?points=1');
		assert.deepEqual(json.data, [Math.min(...all), Math.max(...all)]);
	});

	test('are cached by their ETag', async () => {
		const { etag } = (await peaks()).headers;
		assert.equal((await peaks('?points=1000')).headers.etag, etag);
		assert.notEqual((await peaks('?points=10')).headers.etag, etag);
	});

	for (const points of ['0', '-1', '100001', 'x', '1.5', ''])
		test(`400 to points=${points}`, async () => {
			isProblem(await peaks(`?points=${points}`), 400, /points/);
		});
});

describe('the score', () => {
	test('is a Standard MIDI File', async () => {
		const { status, headers, bytes } = await api.get(`/audio/${takes.flac.metadata.id}/midi`);
		assert.deepEqual([status, headers['content-type'], headers['content-length']],
			[200, 'audio/midi', String(bytes.length)]);
		assert.equal(bytes.subarray(0, 8).toString('hex'), '4d54686400000006');
		let at = 14, tracks = 0;
		for (; at < bytes.length; at += 8 + bytes.readUInt32BE(at + 4), tracks++)
			assert.equal(bytes.toString('latin1', at, at + 4), 'MTrk');
		assert.deepEqual([at, tracks], [bytes.length, bytes.readUInt16BE(10)]);
	});

	test('has ranges and conditions as the sound has', async () => {
		const path = `/audio/${takes.flac.metadata.id}/midi`, { headers, bytes } = await api.get(path);
		const part = await api.get(path, { Range: 'bytes=4-7' });
		assert.deepEqual([part.status, part.headers['content-range'], part.bytes.toString('hex')],
			[206, `bytes 4-7/${bytes.length}`, '00000006']);
		assert.equal((await api.get(path, { 'If-None-Match': headers.etag })).status, 304);
	});
});

describe('the stems', () => {
	const stems = ['drums', 'bass', 'chords', 'melody', 'texture'];
	const path = (stem, more = '') => `/audio/${id}/stream?stem=${stem}${more}`;
	let id;
	before(async () => {
		({ audio: [{ id }] } = await api.make({ prompt: 'funk with the sound of rain', duration: 4, seed: 3, format: 'opus' }));
	});

	// As ffmpeg decodes them.
	async function heard(stem) {
		const file = join(folder, `${stem}.wav`), answer = await api.get(path(stem, '&format=wav'));
		assert.deepEqual([answer.status, answer.headers['content-type']], [200, 'audio/wav'], answer.text.slice(0, 200));
		writeFileSync(file, answer.bytes);
		return decode(file);
	}
	const loudest = (sound) => sound.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

	test('add up to the mix: the unmastered take, of exactly its length', async () => {
		const mix = await heard('mix'), parts = [];
		for (const stem of stems) parts.push(await heard(stem));
		assert.equal(mix.length, 2 * 4 * 48000);
		for (const part of parts) assert.equal(part.length, mix.length);
		// Each file is rounded to steps of 24 bits.
		let worst = 0;
		for (let i = 0; i < mix.length; i++)
			worst = Math.max(worst, Math.abs(parts.reduce((sum, part) => sum + part[i], 0) - mix[i]));
		assert.ok(worst < 4 / 2 ** 23, `they differ by ${worst * 2 ** 23} steps`);
		for (const k of [0, 1, 2, 3]) assert.ok(loudest(parts[k]) > 0.001, `${stems[k]} is silent`);
		assert.ok(loudest(mix) < 1);
	});

	test('are FLAC without asking, say what they are, and keep the tags of their take', async () => {
		const answer = await api.get(path('bass', '&download=1')), file = join(folder, 'bass.flac');
		assert.equal(answer.headers['content-type'], 'audio/flac');
		assert.match(answer.headers['content-disposition'], /funk with the sound of rain - bass\.flac/);
		writeFileSync(file, answer.bytes);
		assert.equal((await tags(file)).comment, 'funk with the sound of rain');
	});

	test('have ranges, and an ETag each', async () => {
		const { headers, bytes } = await api.get(path('drums')), other = await api.get(path('bass'));
		assert.notEqual(headers.etag, other.headers.etag);
		assert.equal((await api.get(path('drums'), { 'If-None-Match': headers.etag })).status, 304);
		const part = await api.get(path('drums'), { Range: 'bytes=100-199' });
		assert.deepEqual([part.status, part.bytes.equals(bytes.subarray(100, 200))], [206, true]);
	});

	test('422 in a lossy format, 400 to others than these', async () => {
		isProblem(await api.get(path('drums', '&format=mp3')), 422, /^Stems come as flac or wav/);
		isProblem(await api.get(path('flutes')), 400, /stem/);
	});

	test('404 to a take without a score', async () => {
		const { audio: [other] } = await api.make({ duration: 1 });
		await api.stack.sql(`UPDATE samples SET midi_key='' WHERE id=UNHEX('${other.id.replaceAll('-', '')}')`);
		isProblem(await api.get(`/audio/${other.id}/stream?stem=drums`), 404, /writes no score/);
	});
});
