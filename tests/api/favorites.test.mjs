// Favourites: prompts, samples and templates that someone marked.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installation, isProblem, nobody, rounds } from './api.mjs';

const targets = {};	// by type: { id, created_at, preview }

const api = installation({ settings: { workers: 1 } }, async () => {
	const { audio: [audio] } = await api.make({ prompt: 'a take to keep' });
	const prompt = (await api.post('/prompts', { text: 'x'.repeat(500) })).json;
	const template = (await api.post('/templates', { name: 'Mine', text: 'slow waltz' })).json;
	targets.prompt = { ...prompt, preview: `${'x'.repeat(120)}…` };
	targets.audio = { ...audio, preview: audio.title };
	targets.template = { ...template, preview: 'Mine' };
});

const types = ['prompt', 'audio', 'template'];
const mark = (type, id, note) => api.post('/favorites', { target_type: type, target_id: id, note });
const favour = async (type, id = targets[type].id, note = undefined) => {
	const answer = await mark(type, id, note);
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
};
const newPrompt = async (text = 'a prompt') => (await api.post('/prompts', { text })).json.id;

describe('a favourite', () => {
	for (const type of types)
		test(`of a ${type} is created, found, changed and taken away`, async () => {
			const target = targets[type];
			assert.equal((await api.get(`/favorites/check/${type}/${target.id}`)).json, null);
			const made = await mark(type, target.id, 'keep this');
			assert.equal(made.status, 201, made.text);
			assert.equal(made.headers.location, `/api/favorites/${made.json.id}`);
			const { id, created_at: at, ...rest } = made.json;
			assert.deepEqual(rest, { target_type: type, target_id: target.id, user_id: null, note: 'keep this',
				target_preview: target.preview, target_created_at: target.created_at });
			assert.ok(at >= target.created_at);
			assert.deepEqual((await api.get(`/favorites/${id}`)).json, made.json);
			assert.deepEqual((await api.get(`/favorites/check/${type}/${target.id}`)).json, made.json);
			assert.equal((await api.put(`/favorites/${id}`, { note: 'or not' })).json.note, 'or not');
			assert.equal((await api.put(`/favorites/${id}`, {})).json.note, null);
			isProblem(await mark(type, target.id), 409, `The ${type} ${target.id} is a favourite already.`);
			const gone = await api.delete(`/favorites/${id}`);
			assert.deepEqual([gone.status, gone.bytes.length], [204, 0]);
			isProblem(await api.get(`/favorites/${id}`), 404, `There is no favourite ${id}.`);
			assert.equal((await api.get(`/favorites/check/${type}/${target.id}`)).json, null);
		});

	for (const type of types)
		test(`of a ${type} is taken away by its target`, async () => {
			const { id } = targets[type];
			await favour(type);
			assert.equal((await api.delete(`/favorites/by-target/${type}/${id}`)).status, 204);
			isProblem(await api.delete(`/favorites/by-target/${type}/${id}`), 404, `The ${type} ${id} is no favourite.`);
			await favour(type);
			await api.delete(`/favorites/by-target/${type}/${id}`);
		});

	test('is of one type: the same id as another type is not found', async () => {
		isProblem(await mark('audio', targets.prompt.id), 404, `There is no audio ${targets.prompt.id}.`);
		await favour('prompt');
		assert.equal((await api.get(`/favorites/check/audio/${targets.prompt.id}`)).json, null);
		await api.delete(`/favorites/by-target/prompt/${targets.prompt.id}`);
	});

	test('cannot be of what does not exist, or of another type', async () => {
		for (const type of types) isProblem(await mark(type, nobody), 404, `There is no ${type} ${nobody}.`);
		isProblem(await api.get(`/favorites/${nobody}`), 404);
		isProblem(await api.put(`/favorites/${nobody}`, { note: 'x' }), 404);
		isProblem(await api.delete(`/favorites/${nobody}`), 404);
		isProblem(await api.get(`/favorites/check/job/${nobody}`), 404);
	});

	const wrong = {
		'all is missing': [{}, ['target_type', 'target_id']],
		'the type is not known': [{ target_type: 'job', target_id: nobody }, ['target_type']],
		'the id is none': [{ target_type: 'audio', target_id: '7' }, ['target_id']],
		'the note is too long': [{ target_type: 'audio', target_id: nobody, note: 'ü'.repeat(1001) }, ['note']],
		'a field is not known': [{ target_type: 'audio', target_id: nobody, stars: 5 }, ['stars']],
	};
	for (const [what, [body, fields]] of Object.entries(wrong))
		test(`is refused with 422 when ${what}`, async () => {
			isProblem(await api.post('/favorites', body), 422, undefined, fields);
		});

	test(`is made once by two at once, ${rounds} times`, async () => {
		for (let i = 0; i < rounds; i++) {
			const id = await newPrompt();
			const both = await Promise.all([mark('prompt', id, 'one'), mark('prompt', id, 'two')]);
			assert.deepEqual(both.map(({ status }) => status).toSorted(), [201, 409]);
			assert.equal((await api.get(`/favorites/check/prompt/${id}`)).json.id,
				both.find(({ status }) => status === 201).json.id);
			await api.delete(`/favorites/by-target/prompt/${id}`);
		}
	});
});

describe('a target that is deleted', () => {
	test('takes its favourite with it: a sample', async () => {
		const { audio: [{ id }] } = await api.make({});
		const favorite = await favour('audio', id);
		await api.delete(`/audio/${id}`);
		isProblem(await api.get(`/favorites/${favorite.id}`), 404);
	});

	test('takes its favourite with it: the samples of a job', async () => {
		const { job } = await api.make({ num_samples: 2 });
		const made = [];
		for (const id of job.audio_ids) made.push(await favour('audio', id));
		await api.delete(`/jobs/${job.id}`);
		for (const { id } of made) isProblem(await api.get(`/favorites/${id}`), 404);
	});

	test('takes its favourite with it: a template', async () => {
		const { json: { id } } = await api.post('/templates', { name: 'x', text: 'x' });
		const favorite = await favour('template', id);
		await api.delete(`/templates/${id}`);
		isProblem(await api.get(`/favorites/${favorite.id}`), 404);
	});

	test('leaves none behind in a race with who marks it', async () => {
		for (let i = 0; i < 50; i++) {
			const { json: { id } } = await api.post('/templates', { name: 'x', text: 'x' });
			const [marked, deleted] = await Promise.all([mark('template', id), api.delete(`/templates/${id}`)]);
			assert.ok([201, 404].includes(marked.status), marked.text);
			assert.equal(deleted.status, 204);
			assert.equal((await api.get(`/favorites/check/template/${id}`)).json, null);
		}
	});
});

describe('the list of favourites', () => {
	test('begins with the newest, each as it is alone, and can be narrowed to a type', async () => {
		const made = [];
		for (const type of types) made.unshift(await favour(type));
		for (const text of ['one', 'two', 'three']) made.unshift(await favour('prompt', await newPrompt(text)));
		const all = (await api.get('/favorites')).json;
		assert.deepEqual([all.items, all.total, all.page, all.has_more], [made, 6, 1, false]);
		for (const type of types) {
			const some = (await api.get(`/favorites?target_type=${type}`)).json;
			assert.deepEqual(some.items, made.filter((f) => f.target_type === type));
			assert.equal(some.total, some.items.length);
		}
		const second = (await api.get('/favorites?limit=4&page=2')).json;
		assert.deepEqual([second.items, second.total, second.page, second.has_more], [made.slice(4), 6, 2, false]);
		for (const query of ['target_type=job', 'page=0', 'limit=x']) isProblem(await api.get(`/favorites?${query}`), 400);
	});
});
