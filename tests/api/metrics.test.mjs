// GET /metrics: OpenMetrics text whose numbers are those of all processes of the host, and which never
// fails whatever becomes of the file that they count in, or of the database.

import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, truncateSync,
	writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sleep, until } from '../harness.mjs';
import { holdSupervisor, installation, nobody } from './api.mjs';
import { parse } from './openmetrics.mjs';

const type = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

const scrape = async (api) => {
	const answer = await api.get('/metrics');
	assert.equal(answer.status, 200);
	assert.equal(answer.headers['content-type'], type);
	return parse(answer.text);
};
const requests = (figures, method, route, status) => figures.value('earshot_http_requests_total',
	{ method, route: route === 'other' ? route : `/api${route}`, status: String(status) }) ?? 0;
const duration = (figures, end, route, labels = {}) => figures.value(
	`earshot_http_request_duration_seconds_${end}`, { method: 'GET', route, ...labels });

describe('the reader of the tests', () => {
	const good = '# TYPE a counter\n# HELP a A.\na_total{x="1\\n\\"\\\\"} 2\n# EOF\n';

	test('reads names, labels and values', () => {
		const { families, value } = parse(good);
		assert.equal(families.get('a').type, 'counter');
		assert.equal(value('a_total', { x: '1\n"\\' }), 2);
	});

	for (const [what, text] of Object.entries({
		'no end': good.replace('# EOF\n', ''),
		'something behind the end': `${good}x`,
		'a blank line': good.replace('# HELP', '\n# HELP'),
		'a counter without _total': good.replace('a_total', 'a'),
		'a negative counter': good.replace(' 2', ' -2'),
		'a sample twice': good.replace('# EOF', 'a_total{x="1\\n\\"\\\\"} 3\n# EOF'),
		'a family twice': good.replace('# EOF', '# TYPE b gauge\n# HELP b B.\nb 1\n# TYPE a counter\n# EOF'),
		'a family without HELP': good.replace('# HELP a A.\n', ''),
		'an unknown escape': good.replace('\\n', '\\t'),
		'a label twice': good.replace('x=', 'x="0",x='),
		'a comma too many': good.replace('"}', '",}'),
		'a number that is none': good.replace(' 2', ' two'),
		'a unit that the name lacks': good.replace('# HELP', '# UNIT a seconds\n# HELP'),
		'a histogram whose buckets fall': '# TYPE h histogram\n# HELP h H.\nh_bucket{le="1.0"} 3\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 2\n# EOF\n',
		'a histogram without +Inf': '# TYPE h histogram\n# HELP h H.\nh_bucket{le="1.0"} 3\nh_sum 1\nh_count 3\n# EOF\n',
		'a histogram whose count is another': '# TYPE h histogram\n# HELP h H.\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 3\n# EOF\n',
	}))
		test(`refuses ${what}`, () => assert.throws(() => parse(text)));
});

describe('requests', () => {
	const api = installation({ settings: { workers: 1 } });

	test('are counted by route and status, whichever process answers', async () => {
		const before = await scrape(api);
		for (let i = 0; i < 30; i++) assert.equal((await api.get(`/jobs/${nobody}`)).status, 404);
		await Promise.all([...Array(30)].map(() => api.get('/prompts')));
		for (let i = 0; i < 3; i++) assert.equal((await api.post('/prompts', { text: 'x' })).status, 201);
		await api.post('/prompts', {});
		await api.head('/prompts');
		await api.plain('GET', '/api/nothing/of/the/kind');
		await api.ask('PATCH', '/prompts');
		const after = await scrape(api);
		const more = (...of) => requests(after, ...of) - requests(before, ...of);
		assert.equal(more('GET', '/jobs/{id}', 404), 30);
		assert.equal(more('GET', '/prompts', 200), 31, 'HEAD is one of them');
		assert.equal(more('POST', '/prompts', 201), 3);
		assert.equal(more('POST', '/prompts', 422), 1);
		assert.equal(more('other', 'other', 404), 1);
		assert.equal(more('other', 'other', 405), 1);
		assert.equal(more('GET', '/metrics', 200), 1, 'the scrape before');
	});

	test('have a histogram of their time for each route', async () => {
		for (let i = 0; i < 5; i++) await api.get('/models');
		const figures = await scrape(api), route = '/api/models';
		const total = figures.families.get('earshot_http_requests').samples
			.filter(({ labels }) => labels.route === route).reduce((sum, { value }) => sum + value, 0);
		assert.ok(total >= 5);
		assert.equal(duration(figures, 'count', route), total);
		assert.equal(duration(figures, 'bucket', route, { le: '+Inf' }), total);
		const sum = duration(figures, 'sum', route);
		assert.ok(sum > 0 && sum < 60 * total, `${sum} s`);
	});

	test('to addresses that nobody has make no more than one series', async () => {
		const before = (await scrape(api)).families.get('earshot_http_requests').samples.length;
		for (let i = 0; i < 20; i++) await api.plain('GET', `/api/x${i}`);
		for (const method of ['GET', 'BREW', 'X'.repeat(40)]) await api.plain(method, '/api/y').catch(() => {});
		const samples = (await scrape(api)).families.get('earshot_http_requests').samples;
		assert.ok(samples.length <= before + 4, `${before} → ${samples.length}`);
		assert.ok(samples.every(({ labels }) => labels.route === 'other' || labels.route.startsWith('/api/')));
	});
});

describe('jobs and workers', () => {
	const api = installation({ settings: { workers: 1 } });

	test('are counted by outcome, with the seconds that they took and made', async () => {
		const none = await scrape(api);
		assert.equal(none.value('earshot_jobs_total', { outcome: 'completed' }), 0);
		assert.equal(none.value('earshot_database_up'), 1);
		assert.equal(none.value('earshot_build_info', { version: (await api.get('/health')).json.version }), 1);
		await api.make({ duration: 3, num_samples: 2 });
		const busy = await api.keepBusy();
		const waiting = await api.submit({});
		const held = await scrape(api);
		assert.deepEqual([held.value('earshot_queue_depth'), held.value('earshot_jobs_processing'),
			held.value('earshot_jobs_total', { outcome: 'completed' })], [1, 1, 1]);
		for (const { id } of [waiting, busy]) await api.delete(`/generate/${id}`);
		const { value } = await scrape(api);
		assert.equal(value('earshot_jobs_total', { outcome: 'cancelled' }), 2);
		assert.equal(value('earshot_queue_depth'), 0);
		assert.ok(Math.abs(value('earshot_generated_audio_seconds_total') - 6) < 0.1);
		assert.ok(value('earshot_generation_seconds_total') > 0);
		assert.ok(value('earshot_generation_seconds_per_audio_second') > 0);
		assert.equal(value('earshot_hosts'), 1);
		await until(async () => (await scrape(api)).value('earshot_workers') === 1, 'the worker to be up', 30_000);
	});

	test('deleting them lowers no counter', async () => {
		const before = await scrape(api);
		const { items } = (await api.get('/jobs')).json;
		assert.equal(items.length, 3);
		for (const { id } of items) assert.equal((await api.delete(`/jobs/${id}`)).status, 200);
		const after = await scrape(api);
		for (const { name, labels, value } of before.families.get('earshot_jobs').samples)
			assert.equal(after.value(name, labels), value);
		const seconds = 'earshot_generated_audio_seconds_total';
		assert.equal(after.value(seconds), before.value(seconds));
	});
});

describe('the overview', () => {
	const api = installation({ settings: { workers: 1 } });
	const overview = async () => (await api.get('/metrics/overview')).json;

	test('is all zeros but for the adapters at first, and then what the jobs, the feedback and the adapters are', async () => {
		// Those that come with Earshot.
		const { json: { total: shipped } } = await api.get('/adapters/stats');
		assert.deepEqual(await overview(), {
			pipeline: { generation: { total: 0, completed: 0, active: 0 },
				feedback: { total: 0, rated_samples: 0, pending: 0 },
				dataset: { total: 0, exported: 0 }, training: { total: 0, running: 0 } },
			quick_stats: { total_generations: 0, total_samples: 0, avg_rating: null, active_adapters: shipped,
				total_adapters: shipped, pending_feedback: 0 } });
		const { audio: [one, two] } = await api.make({ num_samples: 3 });
		for (const rating of [5, 4]) assert.equal((await api.post('/ratings', { audio_id: one.id, rating })).status, 201);
		await api.post('/tags', { audio_id: two.id, tag: 'warm' });
		for (const name of ['kept', 'gone']) {
			const { json } = await api.post('/adapters', { name });
			if (name === 'gone') await api.delete(`/adapters/${json.id}`);
		}
		await api.delete(`/generate/${(await api.submit({})).id}`);
		await api.keepBusy();
		assert.deepEqual(await overview(), {
			pipeline: { generation: { total: 3, completed: 1, active: 1 },
				feedback: { total: 3, rated_samples: 1, pending: 1 },
				dataset: { total: 0, exported: 0 }, training: { total: 0, running: 0 } },
			quick_stats: { total_generations: 3, total_samples: 3, avg_rating: 4.5, active_adapters: shipped + 1,
				total_adapters: shipped + 2, pending_feedback: 1 } });
	});
});

describe('a storage that fails', () => {
	const api = installation({ settings: { workers: 1, max_attempts: 1 } });
	const errors = async (operation) => (await scrape(api)).value('earshot_storage_errors_total', { operation });

	test('is counted by what was tried, by the responder and by the worker', async () => {
		const { audio: [audio] } = await api.make({});
		for (const operation of ['stage', 'put', 'read', 'check']) assert.equal(await errors(operation), 0, operation);
		const storage = join(api.stack.var, 'storage');
		rmSync(join(storage, audio.storage_path));
		for (let i = 0; i < 3; i++) assert.equal((await api.get(`/audio/${audio.id}/stream`)).status, 503);
		assert.equal(await errors('read'), 3);
		const folders = ['.', ...readdirSync(storage, { recursive: true })].map((name) => join(storage, name))
			.filter((path) => statSync(path).isDirectory()).map((path) => [path, statSync(path).mode & 0o777]);
		try {
			for (const [path] of folders) chmodSync(path, 0o500);
			await api.reach((await api.submit({})).id, 'failed');
			assert.equal(await errors('check'), 1, 'the worker looks before it begins');
			await api.get('/health');
			assert.equal(await errors('check'), 2);
		} finally {
			for (const [path, was] of folders) chmodSync(path, was);
		}
	});
});

describe('while the database is away', () => {
	const api = installation({ settings: { workers: 1 } });

	test('what the host counts is told all the same, and that the database does not answer', async () => {
		const { families } = await scrape(api), release = holdSupervisor(api.stack);
		try {
			const [killed] = api.stack.kill('database');
			await until(() => !api.stack.pids('database').includes(killed), 'the end of the database');
			assert.equal((await api.get('/prompts')).status, 503);
			const figures = await scrape(api);
			assert.equal(figures.value('earshot_database_up'), 0);
			assert.equal(requests(figures, 'GET', '/prompts', 503), 1);
			assert.equal(figures.value('earshot_queue_depth'), undefined, 'nobody knows');
			assert.equal(figures.value('earshot_storage_errors_total', { operation: 'put' }), 0);
			assert.ok(families.has('earshot_queue_depth'));
		} finally {
			release();
		}
		await until(async () => (await scrape(api)).value('earshot_database_up') === 1, 'the database to be back', 30_000);
	});
});

describe('the file of the counters', () => {
	const api = installation({ settings: { workers: 1 } });
	const file = () => join(api.stack.var, 'run/requests.metrics');
	const asked = async () => requests(await scrape(api), 'GET', '/prompts', 200);
	// Every process sees within a second, and with its next request, that the file is another one.
	const settle = async () => {
		await sleep(1100);
		await Promise.all([...Array(20)].map(() => api.get('/health')));
	};
	const countsAgain = async (what) => {
		await settle();
		const before = await asked();
		for (let i = 0; i < 10; i++) assert.equal((await api.get('/prompts')).status, 200, what);
		assert.equal(await asked() - before, 10, what);
	};
	const tricks = {
		'is removed': () => rmSync(file()),
		'is cut off under the processes that count in it': () => truncateSync(file(), 0),
		'is cut off within its numbers': () => truncateSync(file(), 4096),
		'is made longer': () => truncateSync(file(), 1 << 20),
		'is overwritten': () => writeFileSync(file(), Buffer.alloc(statSync(file()).size, 0xff)),
		'is of another build': () => {
			const { uid, gid } = statSync(file()), bytes = readFileSync(file());
			bytes[10] ^= 1;
			writeFileSync(`${file()}.other`, bytes);
			chownSync(`${file()}.other`, uid, gid);
			renameSync(`${file()}.other`, file());
		},
	};

	for (const [what, trick] of Object.entries(tricks))
		test(`may be harmed: it ${what}, and no request fails`, async () => {
			assert.ok(existsSync(file()));
			const lasting = api.stack.front !== 'apache-cgi', before = api.stack.pids('responder');
			trick();
			for (let i = 0; i < 20; i++) assert.equal((await api.get('/prompts')).status, 200, what);
			await settle();
			const after = api.stack.pids('responder');
			if (lasting) assert.deepEqual(before.filter((pid) => !after.includes(pid)), [], 'no process has died');
			await scrape(api);
			// Processes that run keep away from a file of another build; a new one replaces it.
			if (what === 'is of another build') {
				api.stack.kill('responder', 'SIGTERM');
				await until(async () => (await api.plain('GET', '/api/health').catch(() => ({}))).status === 200,
					'the responders to be back', 30_000);
				await settle();
			}
			await countsAgain(what);
		});

	test('may be impossible to make, and no request fails', async () => {
		rmSync(file());
		mkdirSync(file());
		api.stack.kill('responder', 'SIGTERM');
		await until(async () => (await api.plain('GET', '/api/health').catch(() => ({}))).status === 200,
			'the responders to be back', 30_000);
		for (let i = 0; i < 10; i++) assert.equal((await api.get('/prompts')).status, 200);
		assert.equal((await scrape(api)).value('earshot_database_up'), 1);
		rmSync(file(), { recursive: true });
		await countsAgain('afterwards');
		assert.ok(existsSync(file()));
	});
});
