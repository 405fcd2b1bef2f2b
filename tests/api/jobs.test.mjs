// Lists of jobs: narrowed in every combination, in parts by offset and by cursor, with totals.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installation, isProblem, nobody } from './api.mjs';

const statuses = ['queued', 'processing', 'completed', 'failed', 'cancelled'];
const id = (group, n) => `0190a6a0-00${group}-7000-8000-${String(n).padStart(12, '0')}`;
const sqlId = (uuid) => (uuid ? `UNHEX('${uuid.replaceAll('-', '')}')` : 'NULL');
const text = (value) => (value === null ? 'NULL' : `'${value}'`);

const adapters = [id(10, 1), id(10, 2), id(10, 3)];
const experiments = [id(20, 1), id(20, 2)];
const tests = [id(30, 1)];
const models = ['one', 'two'];

// Two days apart at most, many in the same instant, whose order is by id; adapter 3 has no job that failed, and
// experiment 2 none of the base model.
function invent(n) {
	const adapter = [null, null, adapters[0], adapters[1], adapters[2]][n * 7 % 5];
	const experiment = [null, experiments[0], experiments[1]][n % 3];
	const status = statuses[[2, 2, 3, 2, 4, 0, 2, 1][n % 8]];
	const second = String(Math.floor(n / 7) * 6 % 60).padStart(2, '0');
	return {
		id: id(40, n * 37 % 64),
		status: adapter === adapters[2] && status === 'failed' ? 'completed' : status,
		adapter_id: experiment === experiments[1] ? adapter ?? adapters[0] : adapter,
		experiment_id: experiment,
		ab_test_id: n % 9 === 0 ? tests[0] : null,
		model: adapter === adapters[1] ? 'two' : models[n % 11 === 0 ? 1 : 0],
		created_at: `2026-03-0${1 + n % 3}T${n % 2 ? '23:59' : '00:00'}:${second}.${n % 4 ? '000000' : '999999'}Z`,
	};
}

const newestFirst = (a, b) => (a.created_at + a.id < b.created_at + b.id ? 1 : -1);
const jobs = Array.from({ length: 64 }, (_, n) => invent(n)).sort(newestFirst);

// Those that are to run do so in another life, those in work belong to another host.
async function insert(stack, rows) {
	const values = rows.map((job) => `(${sqlId(job.id)}, '${job.status}', 5, '2099-01-01', ${sqlId(nobody)}, 'a waltz',
		'${job.model}', ${sqlId(job.adapter_id)}, ${text(job.adapter_id && 'An adapter')}, ${sqlId(job.experiment_id)},
		${sqlId(job.ab_test_id)}, 1, 'flac', '{}', '${job.created_at.replace('T', ' ').replace('Z', '')}',
		IF('${job.status}'='processing', '2099-01-01', NULL))`);
	await stack.sql(`INSERT INTO jobs (id, status, priority, run_after, prompt_id, prompt_preview, model, adapter_id,
		adapter_name, experiment_id, ab_test_id, num_samples, format, params, created_at, lease_until)
		VALUES ${values.join(',')}`);
	for (const adapter of adapters)
		await stack.sql(`INSERT IGNORE INTO adapters (id, name, base_model, status, created_at, updated_at) VALUES
			(${sqlId(adapter)}, 'An adapter', 'one', 'active', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`);
	await stack.cli('audit', '--repair');
}

// What the API shall do, in its simplest form.
function fits(job, { status = [], adapter_id: adapter, experiment_id: experiment, ab_test_id: abTest, model, from, to }) {
	return (!status.length || status.includes(job.status)) &&
		(!adapter || (adapter === 'none' ? !job.adapter_id : job.adapter_id === adapter)) &&
		(!experiment || job.experiment_id === experiment) && (!abTest || (job.ab_test_id ?? 'none') === abTest) &&
		(!model || job.model === model) && (!from || job.created_at >= from.least) && (!to || job.created_at <= to.most);
}

function query({ status = [], from, to, ...rest }) {
	const q = new URLSearchParams(Object.entries(rest).filter(([, value]) => value));
	for (const one of status) q.append('status', one);
	if (from) q.set('start_date', from.said);
	if (to) q.set('end_date', to.said);
	return q;
}

const ids = (list) => list.map((job) => job.id);

function* combinations(choices) {
	const [[name, values], ...others] = Object.entries(choices);
	for (const value of values)
		for (const rest of others.length ? combinations(Object.fromEntries(others)) : [{}]) yield { [name]: value, ...rest };
}

const day2 = { said: '2026-03-02', least: '2026-03-02T00:00:00.000000Z', most: '2026-03-02T23:59:59.999999Z' };
const instant = { said: '2026-03-02T00:00:12.999999Z', least: '2026-03-02T00:00:12.999999Z', most: '2026-03-02T00:00:12.999999Z' };
const abroad = { said: '2026-03-03T01:59:30+02:00', least: '2026-03-02T23:59:30.000000Z', most: '2026-03-02T23:59:30.000000Z' };

describe('The list of jobs', () => {
	const api = installation({}, () => insert(api.stack, jobs));
	const list = async (filter, more = {}) => {
		const q = query(filter);
		for (const [name, value] of Object.entries(more)) q.set(name, value);
		const answer = await api.get(`/jobs?${q}`);
		assert.equal(answer.status, 200, answer.text);
		return answer.json;
	};

	test('has the newest first, and those of one instant in the order of their ids', async () => {
		const { items, total, has_more: more, next_cursor: next, total_is_capped: capped } = await list({}, { limit: 100 });
		assert.deepEqual(ids(items), ids(jobs));
		assert.deepEqual([total, more, next, capped], [jobs.length, false, null, false]);
	});

	test('is narrowed by every combination of filters, both ends of a range included', async () => {
		let found = 0;
		for (const filter of combinations({
			status: [[], ...statuses.map((one) => [one]), ['completed', 'failed'], ['failed', 'cancelled'],
				['queued', 'processing', 'cancelled'], ['queued', 'completed', 'failed', 'cancelled']],
			adapter_id: [undefined, 'none', adapters[0], adapters[2], nobody],
			experiment_id: [undefined, ...experiments],
			ab_test_id: [undefined, tests[0], 'none'],
			model: [undefined, ...models],
			range: [{}, { from: day2 }, { to: day2 }, { from: instant, to: abroad }],
		})) {
			const { range, ...rest } = filter, asked = { ...rest, ...range };
			const wanted = jobs.filter((job) => fits(job, asked));
			const { items, total, has_more: more } = await list(asked, { limit: 100 });
			assert.deepEqual(ids(items), ids(wanted), String(query(asked)));
			assert.equal(total, wanted.length, String(query(asked)));
			assert.equal(more, false);
			found += wanted.length;
		}
		assert.ok(found > 1000);
	});

	test('tells the same total on every page, and when there is more', async () => {
		for (const filter of [{}, { status: ['completed'] }, { adapter_id: 'none', model: 'one' }, { experiment_id: experiments[0] },
			{ status: ['failed', 'cancelled'], from: day2 }, { adapter_id: adapters[0], status: ['completed', 'queued'] }]) {
			const wanted = jobs.filter((job) => fits(job, filter));
			for (const offset of [0, 3, wanted.length - 4, wanted.length - 1, wanted.length, 90]) {
				const page = await list(filter, { limit: 4, offset });
				assert.deepEqual(ids(page.items), ids(wanted.slice(offset, offset + 4)));
				assert.deepEqual([page.total, page.limit, page.offset, page.has_more],
					[wanted.length, 4, offset, offset + 4 < wanted.length], `${query(filter)} from ${offset}`);
				assert.equal(page.next_cursor !== null, page.has_more);
			}
		}
	});

	test('is the same by cursor as by offset, from wherever the cursor begins', async () => {
		for (const filter of [{}, { status: ['completed'] }, { status: ['failed', 'cancelled', 'queued'] },
			{ adapter_id: 'none' }, { experiment_id: experiments[1], status: ['completed', 'failed'] }, { to: abroad }])
			for (const offset of [0, 2]) {
				const wanted = jobs.filter((job) => fits(job, filter)), seen = [];
				let page = await list(filter, { limit: 3, offset });
				for (;;) {
					seen.push(...ids(page.items));
					assert.equal(page.total, wanted.length);
					if (!page.has_more) break;
					page = await list(filter, { limit: 3, cursor: page.next_cursor });
				}
				assert.deepEqual(seen, ids(wanted.slice(offset)), String(query(filter)));
			}
	});

	test('refuses what it cannot read, and names it', async () => {
		for (const [q, words] of [['status=done', /status .*one of queued/], ['status=completed&status=', /status/],
			['adapter_id=base', /adapter_id .*UUID or none/], ['adapter_id=none&adapter_id=none', /adapter_id .*twice/],
			['experiment_id=none', /experiment_id/], ['ab_test_id=7', /ab_test_id/], ['start_date=yesterday', /start_date/],
			['end_date=2026-02-30', /end_date/], ['end_date=2026-03-01T25:00:00Z', /end_date/], ['cursor=', /cursor/],
			['cursor=garbage', /cursor/], [`cursor=${'0'.repeat(48)}`, /cursor/], [`cursor=${'f'.repeat(48)}`, /cursor/],
			['limit=0', /limit/], ['limit=101', /limit/], ['offset=100001', /offset/], ['offset=-1', /offset/]])
			isProblem(await api.get(`/jobs?${q}`), 400, words);
		const { next_cursor: next } = await list({}, { limit: 1 });
		isProblem(await api.get(`/jobs?cursor=${next}&offset=1`), 400, /offset, cursor/);
	});

	test('is empty where nothing can fit', async () => {
		for (const filter of [{ model: 'unheard of' }, { model: "x' OR '1'='1" }, { experiment_id: nobody }, { ab_test_id: nobody },
			{ adapter_id: adapters[1], model: 'one' }, { from: day2, to: { said: '2026-03-01' } }]) {
			const { items, total, has_more: more } = await list(filter);
			assert.deepEqual([items, total, more], [[], 0, false]);
		}
	});
});

describe('A walk by cursor', () => {
	const api = installation();

	test('misses nothing and meets nothing twice while jobs come in', async () => {
		const old = jobs.slice(0, 40);
		await insert(api.stack, old);
		let page = (await api.get('/jobs?limit=3')).json;
		const seen = ids(page.items);
		while (page.has_more) {
			await api.submit({ duration: 1 });
			page = (await api.get(`/jobs?limit=3&cursor=${page.next_cursor}`)).json;
			seen.push(...ids(page.items));
		}
		assert.deepEqual(seen, ids(old));
		assert.equal(page.total, old.length + Math.ceil(old.length / 3) - 1);
	});
});
