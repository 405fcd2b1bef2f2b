// GET /audio, the samples by what made them; POST /audio/compare, what differs between some of them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installation, isProblem, nobody } from './api.mjs';

const made = {};	// by name: a sample as GET /audio/{id} has it
let adapter, experiment, prompt;

const api = installation({ settings: { workers: 2 } }, async () => {
	prompt = (await api.post('/prompts', { text: 'gentle piano waltz', attributes: { mood: 'calm', tempo: 90 } })).json;
	experiment = (await api.post('/experiments', { name: 'Waltzes' })).json;
	adapter = (await api.post('/adapters', { name: 'Slow', base_model: 'band' })).json;
	const weights = await api.ask('PUT', `/adapters/${adapter.id}/weights`, {
		headers: { 'Content-Type': 'application/octet-stream' },
		body: JSON.stringify({ format: 'earshot-style-adapter', version: 1, name: 'Slow', base_model: 'band',
			tempo: { usual: 70, slowest: 68, fastest: 72 } }) });
	assert.equal(weights.status, 200, weights.text);
	const base = { prompt: undefined, prompt_id: prompt.id, duration: 1, seed: 7 };
	const jobs = {
		base: { ...base },
		again: { ...base },
		seeds: { ...base, seed: 100, num_samples: 2, experiment_id: experiment.id },
		styled: { ...base, adapter_id: adapter.id, experiment_id: experiment.id },
		weaker: { ...base, adapter_id: adapter.id, adapter_scale: 0.5 },
		all: { prompt: 'fast rock', duration: 1.5, seed: 8, temperature: 0.5, top_k: 100, top_p: 0.9,
			guidance_scale: 5, format: 'ogg' },
		words: { prompt: prompt.text, attributes: { tempo: 90, mood: 'calm' }, duration: 1, seed: 7 },
		tempo: { prompt: prompt.text, attributes: { tempo: 91, mood: 'calm' }, duration: 1, seed: 7 },
	};
	for (const [name, body] of Object.entries(jobs)) {
		const { audio } = await api.make(body);
		made[name] = audio[0];
		if (audio[1]) made[`${name}2`] = audio[1];
	}
});

const ids = (...names) => names.map((name) => made[name].id);
const compare = async (...names) => {
	const answer = await api.post('/audio/compare', { audio_ids: ids(...names) });
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
};
const differs = async (...names) => (await compare(...names)).differs_in;

describe('a comparison', () => {
	test('shows two to ten samples in the order asked, each with its letter and all that is said of it', async () => {
		const names = Object.keys(made);
		for (const order of [names, names.toReversed(), ['all', 'base'], ['seeds2', 'seeds', 'base']]) {
			const { samples } = await compare(...order);
			assert.deepEqual(samples, order.map((name, i) => ({ label: 'ABCDEFGHIJ'[i], ...made[name] })));
		}
	});

	test('has the adapter of each, null for the base model', async () => {
		const { samples: [base, styled, weaker] } = await compare('base', 'styled', 'weaker');
		assert.equal(base.adapter, null);
		assert.deepEqual([styled.adapter.id, styled.adapter.name, styled.adapter.scale, weaker.adapter.scale],
			[adapter.id, 'Slow', 1, 0.5]);
		assert.match(styled.adapter.sha256, /^[0-9a-f]{64}$/);
	});

	test('has streaming URLs that play', async () => {
		for (const { stream_url: url, size_bytes: size, content_type: type, format } of
			(await compare('all', 'base', 'styled')).samples) {
			const { status, headers, bytes } = await api.plain('GET', url);
			assert.deepEqual([status, headers['content-type'], bytes.length], [200, type, size]);
			assert.equal(bytes.subarray(0, 4).toString(), { flac: 'fLaC', ogg: 'OggS' }[format]);
			const part = await api.plain('GET', url, { Range: 'bytes=0-3' });
			assert.deepEqual([part.status, part.bytes], [206, bytes.subarray(0, 4)]);
		}
	});

	test('names what differs, in a fixed order', async () => {
		assert.deepEqual(await differs('base', 'again'), []);
		assert.deepEqual(await differs('base', 'seeds'), ['seed']);
		assert.deepEqual(await differs('seeds', 'seeds2'), ['seed']);
		assert.deepEqual(await differs('base', 'styled'), ['adapter']);
		assert.deepEqual(await differs('styled', 'weaker'), ['adapter_scale']);
		assert.deepEqual(await differs('base', 'styled', 'weaker', 'again'), ['adapter', 'adapter_scale']);
		assert.deepEqual(await differs('all', 'base'), ['prompt', 'seed', 'duration', 'temperature', 'top_k', 'top_p',
			'guidance_scale', 'format']);
		assert.deepEqual(await differs('base', 'again', 'all'), await differs('all', 'base'));
		assert.deepEqual(await differs('base', 'tempo'), ['prompt']);
	});

	test('tells whether all have the same prompt, and which', async () => {
		const about = async (...names) => {
			const { same_prompt: same, prompt_id: id } = await compare(...names);
			return [same, id];
		};
		assert.deepEqual(await about('base', 'styled', 'seeds2'), [true, prompt.id]);
		assert.deepEqual(await about('base', 'styled', 'all'), [false, null]);
		// the same words and attributes, stored twice
		assert.deepEqual(await about('base', 'words'), [true, null]);
		assert.deepEqual(await about('words', 'tempo'), [false, null]);
	});

	test('takes an adapter with other weights for another', async () => {
		const { json: version } = await api.post(`/adapters/${adapter.id}/versions`, { version: '2.0.0' });
		await api.ask('PATCH', `/adapters/${adapter.id}/versions/${version.id}/activate`);
		const weights = JSON.stringify({ format: 'earshot-style-adapter', version: 1, name: 'Slow', base_model: 'band',
			tempo: { usual: 60, slowest: 58, fastest: 62 } });
		const put = await api.ask('PUT', `/adapters/${adapter.id}/weights`, { body: weights,
			headers: { 'Content-Type': 'application/octet-stream' } });
		assert.equal(put.status, 200, put.text);
		const { audio: [sample] } = await api.make({ prompt: undefined, prompt_id: prompt.id, seed: 7,
			adapter_id: adapter.id });
		assert.notEqual(sample.adapter.sha256, made.styled.adapter.sha256);
		const { json } = await api.post('/audio/compare', { audio_ids: [sample.id, made.styled.id] });
		assert.deepEqual(json.differs_in, ['adapter']);
	});
});

describe('a comparison is refused', () => {
	test('with 404 that names every unknown id, and no other', async () => {
		const other = nobody.replace(/0$/, '1');
		const problem = isProblem(await api.post('/audio/compare',
			{ audio_ids: [nobody, made.base.id, other] }), 404, `There is no audio ${nobody}, ${other}.`);
		assert.ok(!problem.detail.includes(made.base.id));
		const many = Array.from({ length: 10 }, (_, i) => nobody.replace(/0$/, i));
		isProblem(await api.post('/audio/compare', { audio_ids: many }), 404, `There is no audio ${many.join(', ')}.`);
	});

	const id = '0190a6a0-0000-7000-8000-00000000000';
	const wrong = {
		'no ids': [{}, ['audio_ids']],
		'ids that are null': [{ audio_ids: null }, ['audio_ids']],
		'ids that are no array': [{ audio_ids: `${id}1` }, ['audio_ids']],
		'a single one': [{ audio_ids: [`${id}1`] }, ['audio_ids']],
		'eleven of them': [{ audio_ids: [...'0123456789a'].map((c) => id + c) }, ['audio_ids']],
		'the same one twice': [{ audio_ids: [`${id}1`, `${id}2`, `${id}1`] }, ['audio_ids[2]']],
		'the same one in capitals': [{ audio_ids: [`${id}a`, `${id}A`] }, ['audio_ids[1]']],
		'what are no ids': [{ audio_ids: [`${id}1`, 7, 'x', null] }, ['audio_ids[1]', 'audio_ids[2]', 'audio_ids[3]']],
		'an unknown field': [{ audio_ids: [`${id}1`, `${id}2`], by: 'ear' }, ['by']],
	};
	for (const [what, [body, fields]] of Object.entries(wrong))
		test(`with 422 for ${what}`, async () => {
			isProblem(await api.post('/audio/compare', body), 422, undefined, fields);
		});
});

describe('the list of samples', () => {
	const list = async (query) => (await api.get(`/audio?${query}`)).json;
	const listed = async (query) => (await list(query)).items.map((s) => s.id);
	const newest = (...names) => names.map((name) => made[name])
		.toSorted((a, b) => (a.created_at < b.created_at ? 1 : -1)).map((s) => s.id);

	test('begins with the newest, each as it is alone', async () => {
		const { items, total, has_more: more } = await list('limit=100');
		assert.deepEqual(items.map((s) => s.created_at), items.map((s) => s.created_at).toSorted().toReversed());
		assert.ok(Object.values(made).every(({ id }) => items.some((s) => s.id === id)));
		for (const item of items) assert.deepEqual(item, (await api.get(`/audio/${item.id}`)).json);
		assert.deepEqual([total, more], [items.length, false]);
	});

	test('can be narrowed by prompt, adapter, job and experiment', async () => {
		assert.deepEqual(await listed(`experiment_id=${experiment.id}`), newest('seeds', 'seeds2', 'styled'));
		assert.deepEqual(await listed(`job_id=${made.seeds.job_id}`), newest('seeds', 'seeds2'));
		assert.deepEqual(await listed(`prompt_id=${made.all.prompt_id}`), newest('all'));
		assert.deepEqual((await listed(`adapter_id=${adapter.id}`)).slice(-2), newest('styled', 'weaker'));
		assert.deepEqual((await list('adapter_id=none&limit=100')).items.map((s) => s.adapter),
			(await list('limit=100')).items.map((s) => s.adapter).filter((a) => a === null));
		assert.equal(made.seeds.experiment_id, experiment.id);
		assert.equal(made.base.experiment_id, null);
	});

	test('can be narrowed by several at once', async () => {
		assert.deepEqual(await listed(`experiment_id=${experiment.id}&adapter_id=${adapter.id}`), newest('styled'));
		assert.deepEqual(await listed(`experiment_id=${experiment.id}&adapter_id=none`), newest('seeds', 'seeds2'));
		assert.deepEqual(await listed(`prompt_id=${prompt.id}&experiment_id=${experiment.id}&adapter_id=${adapter.id}` +
			`&job_id=${made.styled.job_id}`), newest('styled'));
		assert.deepEqual(await listed(`prompt_id=${made.all.prompt_id}&adapter_id=${adapter.id}`), []);
	});

	test('of what does not exist is empty', async () => {
		for (const filter of ['prompt_id', 'adapter_id', 'job_id', 'experiment_id'])
			assert.deepEqual([(await list(`${filter}=${nobody}`))].map((l) => [l.items, l.total, l.has_more]),
				[[[], 0, false]]);
	});

	test('comes in parts, by offset or by cursor, with the same total', async () => {
		for (const filter of ['', `experiment_id=${experiment.id}`, `adapter_id=${adapter.id}`, 'adapter_id=none',
			`prompt_id=${prompt.id}`, `job_id=${made.seeds.job_id}`]) {
			const all = await list(`${filter}&limit=100`), got = [];
			for (let cursor = ''; cursor !== null;) {
				const part = await list(`${filter}&limit=2${cursor && `&cursor=${cursor}`}`);
				assert.deepEqual([part.total, part.total_is_capped, part.has_more],
					[all.total, false, part.next_cursor !== null], filter);
				got.push(...part.items);
				cursor = part.next_cursor;
			}
			assert.deepEqual(got, all.items, filter);
			const second = await list(`${filter}&limit=1&offset=1`);
			assert.deepEqual([second.items, second.total], [all.items.slice(1, 2), all.total], filter);
			assert.equal(all.total, all.items.length);
		}
	});

	test('refuses what it cannot read', async () => {
		for (const query of ['prompt_id=x', 'adapter_id=base', 'job_id=', 'experiment_id=1', 'cursor=x', 'limit=101',
			'offset=1&cursor=x'])
			isProblem(await api.get(`/audio?${query}`), 400);
	});

	test('does not grow by a look at it', async () => {
		const { headers } = await api.get('/audio?limit=2');
		assert.equal((await api.get('/audio?limit=2', { 'If-None-Match': headers.etag })).status, 304);
	});
});
