// Experiments: jobs that belong together, their states and counts, archive and unarchive.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installation, isProblem, nobody } from './api.mjs';

const api = installation({ settings: { workers: 1 } });

const create = async (body) => {
	const answer = await api.post('/experiments', { name: 'Waltzes', ...body });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
};
const get = async (id) => (await api.get(`/experiments/${id}`)).json;

describe('an experiment', () => {
	test('is created with 201, its own address and all that was said', async () => {
		const config = { tempi: [96, 84.5], nested: { '"': [null, true, 'é'] } };
		const made = await api.post('/experiments', { name: 'Waltzes', description: 'Slower.', config });
		assert.equal(made.status, 201);
		assert.equal(made.headers.location, `/api/experiments/${made.json.id}`);
		assert.deepEqual({ ...made.json, id: '', created_at: '', updated_at: '' }, { id: '', user_id: null,
			name: 'Waltzes', description: 'Slower.', status: 'draft', config, dataset_id: null,
			best_run_id: null, best_loss: null, run_count: 0, job_count: 0, sample_count: 0,
			status_counts: { queued: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 },
			feedback: { average_rating: null, rating_count: 0 }, created_at: '', updated_at: '', runs: [] });
		assert.equal(made.json.updated_at, made.json.created_at);
		assert.deepEqual(await get(made.json.id), made.json);
	});

	test('needs no more than a name', async () => {
		const { description, config } = await create({ description: null, config: null });
		assert.deepEqual([description, config], [null, null]);
	});

	test('is answered with an ETag, and with 304 to who has it', async () => {
		const { id } = await create();
		const { headers } = await api.get(`/experiments/${id}`);
		assert.equal((await api.get(`/experiments/${id}`, { 'If-None-Match': headers.etag })).status, 304);
	});

	test('that does not exist is 404 whatever is wanted of it', async () => {
		for (const [method, path, json] of [['GET', ''], ['PUT', '', { name: 'x' }], ['DELETE', ''],
			['POST', '/archive'], ['POST', '/unarchive']])
			isProblem(await api.ask(method, `/experiments/${nobody}${path}`, { json }), 404,
				`There is no experiment ${nobody}.`);
	});

	const wrong = {
		'a name is missing': [{}, ['name']],
		'the name is empty': [{ name: '' }, ['name']],
		'the name is blank': [{ name: ' \n' }, ['name']],
		'the name has 201 characters': [{ name: 'ü'.repeat(201) }, ['name']],
		'the description has 2001 characters': [{ name: 'x', description: 'ü'.repeat(2001) }, ['description']],
		'config is no object': [{ name: 'x', config: [1] }, ['config']],
		'config has more than 16 KB': [{ name: 'x', config: { x: 'y'.repeat(16384) } }, ['config']],
		'a field is not known, status for one': [{ name: 'x', status: 'running' }, ['status']],
		'many things are wrong': [{ config: 1, x: 1 }, ['config', 'name', 'x']],
	};
	for (const [what, [body, fields]] of Object.entries(wrong))
		test(`422 when ${what}`, async () => {
			isProblem(await api.post('/experiments', body), 422, undefined, fields);
		});

	test('may have a name of 200 characters and a config of exactly 16 KB', async () => {
		const config = { x: 'y'.repeat(16384 - '{"x":""}'.length) };
		const made = await create({ name: '🎹'.repeat(200), config });
		assert.deepEqual([made.name, made.config], ['🎹'.repeat(200), config]);
	});
});

describe('a change', () => {
	test('leaves alone what it does not name', async () => {
		const before = await create({ description: 'old', config: { a: 1 } });
		const { status, json } = await api.put(`/experiments/${before.id}`, { name: 'New', config: null });
		assert.equal(status, 200);
		assert.deepEqual({ ...json, updated_at: '' }, { ...before, name: 'New', updated_at: '' });
		assert.ok(json.updated_at > before.updated_at);
		assert.deepEqual(await get(before.id), json);
	});

	test('can empty description and config', async () => {
		const { id } = await create({ description: 'old', config: { a: 1 } });
		const { json } = await api.put(`/experiments/${id}`, { description: '', config: {} });
		assert.deepEqual([json.name, json.description, json.config], ['Waltzes', null, {}]);
	});

	test('cannot take away the name', async () => {
		const { id } = await create();
		isProblem(await api.put(`/experiments/${id}`, { name: '' }), 422, undefined, ['name']);
		assert.equal((await get(id)).name, 'Waltzes');
	});
});

describe('a job submitted with experiment_id', () => {
	test('is linked, counted, and gives the experiment its status', async () => {
		const { id } = await create();
		const busy = await api.keepBusy();
		const job = await api.submit({ experiment_id: id, num_samples: 2 });
		assert.equal(job.experiment_id, id);
		assert.deepEqual([await get(id)].map((x) => [x.status, x.job_count, x.sample_count]),
			[['running', 1, 0]]);
		await api.delete(`/generate/${busy.id}`);
		await api.reach(job.id, 'completed');
		assert.deepEqual([await get(id)].map((x) => [x.status, x.job_count, x.sample_count]),
			[['completed', 1, 2]]);
	});

	test('and cancelled makes it failed, as long as no other has completed', async () => {
		const { id } = await create();
		const busy = await api.keepBusy();
		const job = await api.submit({ experiment_id: id });
		await api.delete(`/generate/${job.id}`);
		assert.equal((await get(id)).status, 'failed');
		const again = (await api.post(`/generate/${job.id}/retry`)).json;
		assert.equal(again.experiment_id, id);
		assert.equal((await get(id)).status, 'running');
		await api.delete(`/generate/${busy.id}`);
		await api.reach(again.id, 'completed');
		assert.deepEqual([await get(id)].map((x) => [x.status, x.job_count, x.sample_count]),
			[['completed', 2, 1]]);
	});

	test('is summed up with the others: how many are in which state, and how all takes were rated', async () => {
		const { id } = await create(), { id: other } = await create();
		const { audio } = await api.make({ experiment_id: id, num_samples: 2 });
		const { audio: [another] } = await api.make({ experiment_id: id });
		const { audio: [elsewhere] } = await api.make({ experiment_id: other });
		for (const [take, rating] of [[audio[0], 5], [audio[1], 2], [another, 3], [elsewhere, 1]])
			await api.post('/ratings', { audio_id: take.id, rating });
		const busy = await api.keepBusy();
		const waiting = await api.submit({ experiment_id: id });
		await api.delete(`/generate/${(await api.submit({ experiment_id: id })).id}`);
		const now = await get(id);
		assert.deepEqual(now.status_counts, { queued: 1, processing: 0, completed: 2, failed: 0, cancelled: 1 });
		assert.equal(now.feedback.rating_count, 3);
		assert.ok(Math.abs(now.feedback.average_rating - 10 / 3) < 0.01, now.feedback.average_rating);
		for (const job of [waiting, busy]) await api.delete(`/generate/${job.id}`);
	});

	test('is refused with 404 for an unknown one, and leaves no prompt behind', async () => {
		const count = () => api.stack.sql('SELECT (SELECT COUNT(*) FROM jobs), (SELECT COUNT(*) FROM prompts)');
		const before = await count();
		isProblem(await api.post('/generate', { prompt: 'x', experiment_id: nobody }), 404,
			`There is no experiment ${nobody}.`);
		assert.deepEqual(await count(), before);
	});
});

describe('the generation history of an experiment', () => {
	const history = async (id, query = '') => (await api.get(`/experiments/${id}/jobs?${query}`)).json;

	test('has its jobs, the newest first, as the list of all jobs has them', async () => {
		const { id } = await create(), { id: other } = await create();
		const jobs = [];
		for (let i = 0; i < 3; i++) jobs.unshift((await api.make({ experiment_id: id })).job);
		await api.make({ experiment_id: other });
		const { items, total } = await history(id);
		assert.deepEqual(items, jobs);
		assert.equal(total, 3);
		assert.deepEqual(items, (await api.get(`/jobs?experiment_id=${id}`)).json.items);
		assert.deepEqual((await history(id, 'limit=1&offset=2')).items, jobs.slice(2));
		assert.deepEqual((await history(id, 'status=failed')).items, []);
		assert.deepEqual((await history(id, 'status=completed&adapter_id=none')).items, jobs);
		const { next_cursor: cursor } = await history(id, 'limit=1');
		assert.deepEqual((await history(id, `limit=5&cursor=${cursor}`)).items, jobs.slice(1));
	});

	test('forgets a job that is deleted, and so do the counts', async () => {
		const { id } = await create();
		const { job } = await api.make({ experiment_id: id, num_samples: 2 });
		await api.delete(`/jobs/${job.id}`);
		assert.deepEqual((await history(id)).items, []);
		assert.deepEqual([await get(id)].map((x) => [x.status, x.job_count, x.sample_count]), [['draft', 0, 0]]);
	});

	test('is 404 for an unknown experiment, and 400 when the query names another one', async () => {
		isProblem(await api.get(`/experiments/${nobody}/jobs`), 404, `There is no experiment ${nobody}.`);
		const { id } = await create();
		isProblem(await api.get(`/experiments/${id}/jobs?experiment_id=${nobody}`), 400, /experiment_id/);
		assert.equal((await api.get(`/experiments/${id}/jobs?experiment_id=${id}`)).status, 200);
	});
});

describe('an archived experiment', () => {
	test('says so, takes no jobs, and takes them again once it is unarchived', async () => {
		const { id } = await create();
		const { job } = await api.make({ experiment_id: id });
		const archived = await api.post(`/experiments/${id}/archive`);
		assert.deepEqual([archived.status, archived.json.status, archived.json.job_count], [200, 'archived', 1]);
		isProblem(await api.post('/generate', { prompt: 'x', experiment_id: id }), 409,
			`The experiment ${id} is archived and takes no new jobs; unarchive it first.`);
		assert.equal((await api.job(job.id)).experiment_id, id);
		const back = await api.post(`/experiments/${id}/unarchive`);
		assert.deepEqual([back.status, back.json.status], [200, 'completed']);
		assert.equal((await api.submit({ experiment_id: id })).experiment_id, id);
	});

	test('can be archived and unarchived again, which changes nothing', async () => {
		const { id } = await create();
		for (const what of ['archive', 'unarchive']) {
			const once = (await api.post(`/experiments/${id}/${what}`)).json;
			assert.deepEqual((await api.post(`/experiments/${id}/${what}`)).json, once);
		}
	});

	test('still answers a repeated submission with the job of then', async () => {
		const { id } = await create();
		const key = { 'Idempotency-Key': 'before-the-archive' };
		const job = await api.submit({ experiment_id: id }, key);
		await api.post(`/experiments/${id}/archive`);
		assert.equal((await api.submit({ experiment_id: id }, key)).id, job.id);
	});

	test('is what DELETE makes of it: 204, and it is still there', async () => {
		const { id } = await create();
		for (let i = 0; i < 2; i++) {
			const answer = await api.delete(`/experiments/${id}`);
			assert.deepEqual([answer.status, answer.bytes.length], [204, 0]);
		}
		assert.equal((await get(id)).status, 'archived');
	});

	test('gets no job in a race with submissions', async () => {
		for (let i = 0; i < 50; i++) {
			const { id } = await create();
			const submit = () => api.post('/generate', { prompt: 'x', duration: 1, experiment_id: id,
				priority: 9 });
			const archive = async () => {
				await api.post(`/experiments/${id}/archive`);
				return (await get(id)).job_count;
			};
			const [one, two, then, three] = await Promise.all([submit(), submit(), archive(), submit()]);
			const made = [one, two, three].filter(({ status }) => status === 201);
			for (const { status } of [one, two, three]) assert.ok(status === 201 || status === 409, status);
			assert.equal(made.length, then, 'all that there are were there when it was archived');
			assert.equal((await get(id)).job_count, then);
			for (const { json } of made) await api.delete(`/generate/${json.id}`);
		}
	});
});

describe('the list of experiments', () => {
	const names = async (query) => (await api.get(`/experiments?${query}`)).json.items.map(({ name }) => name);

	test('begins with the newest and leaves archived ones out, unless they are asked for', async () => {
		const made = [];
		for (const name of ['one', 'two', 'three']) made.push(await create({ name }));
		await api.post(`/experiments/${made[1].id}/archive`);
		assert.deepEqual(await names('limit=2'), ['three', 'one']);
		assert.deepEqual(await names('limit=3&include_archived=true'), ['three', 'two', 'one']);
		assert.deepEqual(await names('limit=1&status=archived'), ['two']);
		assert.deepEqual(await names('limit=1&offset=1'), ['one']);
		assert.deepEqual(await names('limit=1&page=2'), ['one']);
	});

	test('can be narrowed to a status, and says how many there are', async () => {
		for (const status of ['draft', 'running', 'completed', 'failed', 'archived']) {
			const { json } = await api.get(`/experiments?status=${status}&limit=100`);
			assert.ok(json.items.every((x) => x.status === status), JSON.stringify(json.items));
			assert.equal(json.total, json.items.length);
		}
		const all = (await api.get('/experiments?include_archived=true&limit=100')).json;
		const [[n]] = await api.stack.sql('SELECT COUNT(*) FROM experiments');
		assert.deepEqual([all.total, all.items.length], [Number(n), Number(n)]);
	});

	test('shows each as it is alone', async () => {
		const { items: [item] } = (await api.get('/experiments?status=completed&limit=1')).json;
		const { runs, status_counts, feedback, ...alone } = await get(item.id);
		assert.deepEqual(item, alone);
	});

	test('refuses what it cannot read', async () => {
		for (const query of ['status=done', 'include_archived=maybe', 'limit=0', 'cursor=x'])
			isProblem(await api.get(`/experiments?${query}`), 400);
	});
});
