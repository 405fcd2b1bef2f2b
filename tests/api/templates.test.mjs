// Templates: prompts to begin with, those that come with Earshot and one's own.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installation, isProblem, nobody } from './api.mjs';

const api = installation();

const create = async (body) => {
	const answer = await api.post('/templates', { name: 'Mine', text: 'slow waltz', ...body });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
};
const get = async (id) => (await api.get(`/templates/${id}`)).json;
const list = async (query = '') => (await api.get(`/templates?${query}`)).json;
const system = async () => (await list('is_system=true&limit=100')).items;

describe('templates of the system', () => {
	test('are there from the start, a dozen or more, all different', async () => {
		const items = await system();
		assert.ok(items.length >= 12, `${items.length}`);
		for (const what of ['id', 'name', 'text', 'description'])
			assert.equal(new Set(items.map((t) => t[what])).size, items.length, what);
		assert.ok(new Set(items.map((t) => t.category)).size >= 5);
		assert.ok(new Set(items.map((t) => t.attributes.style)).size >= 12);
	});

	test('are prompts as they are: every one is accepted, and understood in its style and tempo', async () => {
		for (const { text, attributes, name } of await system()) {
			const prompt = await api.post('/prompts', { text, attributes });
			assert.deepEqual([prompt.status, prompt.json.attributes], [201, attributes]);
			const { job } = await api.make({ prompt: undefined, prompt_id: prompt.json.id, duration: 1 });
			const { understood } = job.generation_params;
			assert.ok(Math.abs(understood.tempo - attributes.tempo) < 1, name);
			assert.equal(understood.key.replace('♭', 'b').replace('-flat', 'b'), attributes.key, name);
			assert.ok(understood.style.toLowerCase().split(/\W+/).some((word) =>
				attributes.style.includes(word)), `${name}: ${understood.style}`);
		}
	});

	test('cannot be changed or deleted: 403, and they stay as they are', async () => {
		const [one] = await system();
		isProblem(await api.put(`/templates/${one.id}`, { name: 'Mine' }), 403, /system/);
		isProblem(await api.delete(`/templates/${one.id}`), 403, /system/);
		assert.deepEqual(await get(one.id), one);
	});

	test('belong to nobody, and nobody can make one', async () => {
		isProblem(await api.post('/templates', { name: 'x', text: 'x', is_system: true }), 422, undefined, ['is_system']);
		assert.ok((await system()).every((t) => t.user_id === null));
	});
});

describe('a template', () => {
	test('is created with 201, its own address and all that was said', async () => {
		const body = { name: 'Rain', description: 'For evenings.', text: 'slow piano, rain', category: 'weather',
			attributes: { tempo: 80, mood: 'calm' } };
		const made = await api.post('/templates', body);
		assert.equal(made.status, 201);
		assert.equal(made.headers.location, `/api/templates/${made.json.id}`);
		assert.deepEqual({ ...made.json, id: '', created_at: '', updated_at: '' }, { ...body, id: '', is_system: false,
			user_id: null, created_at: '', updated_at: '' });
		assert.deepEqual(await get(made.json.id), made.json);
	});

	test('needs a name and a text; its category is custom', async () => {
		const { description, attributes, category } = await create();
		assert.deepEqual([description, attributes, category], [null, null, 'custom']);
	});

	test('is changed in what is named', async () => {
		const before = await create({ description: 'old', attributes: { tempo: 80 } });
		const { status, json } = await api.put(`/templates/${before.id}`, { text: 'fast waltz', category: 'dance' });
		assert.equal(status, 200);
		assert.deepEqual({ ...json, updated_at: '' },
			{ ...before, text: 'fast waltz', category: 'dance', updated_at: '' });
		assert.ok(json.updated_at > before.updated_at);
		const emptied = (await api.put(`/templates/${before.id}`, { description: '', attributes: {} })).json;
		assert.deepEqual([emptied.description, emptied.attributes, emptied.name], [null, {}, 'Mine']);
	});

	test('is deleted with 204, and then 404', async () => {
		const { id } = await create();
		const answer = await api.delete(`/templates/${id}`);
		assert.deepEqual([answer.status, answer.bytes.length], [204, 0]);
		isProblem(await api.get(`/templates/${id}`), 404, `There is no template ${id}.`);
		isProblem(await api.delete(`/templates/${id}`), 404, `There is no template ${id}.`);
		isProblem(await api.put(`/templates/${nobody}`, { name: 'x' }), 404, `There is no template ${nobody}.`);
	});

	const wrong = {
		'all is missing': [{}, ['name', 'text']],
		'things are blank': [{ name: ' ', text: '\n', category: '\t' }, ['name', 'text', 'category']],
		'things are too long': [{ name: 'ü'.repeat(201), text: 'ü'.repeat(2001), category: 'ü'.repeat(65),
			description: 'ü'.repeat(2001) }, ['name', 'text', 'category', 'description']],
		'an attribute is wrong': [{ name: 'x', text: 'x', attributes: { tempo: 300 } }, ['attributes.tempo']],
		'a field is not known': [{ name: 'x', text: 'x', id: nobody }, ['id']],
	};
	for (const [what, [body, fields]] of Object.entries(wrong))
		test(`is refused with 422 when ${what}`, async () => {
			isProblem(await api.post('/templates', body), 422, undefined, fields);
		});
});

describe('the list of templates', () => {
	test('begins with the newest, one\'s own before those of the system', async () => {
		const one = await create({ category: 'listed' }), two = await create({ category: 'listed' });
		const { items, total } = await list('limit=100');
		assert.deepEqual(items.slice(0, 2), [two, one]);
		assert.deepEqual(items.slice(-(await system()).length), await system());
		assert.equal(total, items.length);
	});

	test('can be narrowed by category and origin', async () => {
		const mine = await create({ category: 'acoustic' });
		const all = await list('category=acoustic');
		assert.ok(all.items.every((t) => t.category === 'acoustic') && all.total > 1);
		assert.deepEqual((await list('category=acoustic&is_system=false')).items, [mine]);
		assert.ok((await list('category=acoustic&is_system=true')).items.every((t) => t.is_system));
		assert.deepEqual((await list('category=nowhere')).items, []);
	});

	test('comes page by page', async () => {
		const all = (await list('is_system=true&limit=100')).items;
		const second = await list('is_system=true&limit=5&page=2');
		assert.deepEqual([second.items, second.page, second.limit, second.total, second.has_more],
			[all.slice(5, 10), 2, 5, all.length, true]);
		const last = await list(`is_system=true&limit=5&page=${Math.ceil(all.length / 5)}`);
		assert.equal(last.has_more, false);
		for (const query of ['page=0', 'is_system=maybe', 'limit=1000'])
			isProblem(await api.get(`/templates?${query}`), 400);
	});

	test('has categories, in order, each once', async () => {
		await create({ category: 'zzz' });
		await create({ category: 'zzz' });
		const { json } = await api.get('/templates/categories/list');
		assert.deepEqual(json, [...new Set(json)].toSorted());
		assert.equal(json.at(-1), 'zzz');
		assert.deepEqual(json, [...new Set((await list('limit=100')).items.map((t) => t.category))].toSorted());
	});
});
