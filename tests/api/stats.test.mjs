// GET /jobs/stats: which host is at which job, and what was going on lately. The sums of all jobs are where jobs are
// made and deleted.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../harness.mjs';
import { installation, isProblem } from './api.mjs';

const api = installation({ settings: { workers: 1 } });
const stats = async (query = '') => {
	const { status, text, json } = await api.get(`/jobs/stats${query}`);
	assert.equal(status, 200, text);
	return json;
};
const sum = (items, name) => items.reduce((n, item) => n + item[name], 0);

describe('the history', () => {
	test('is there for who asks, in pieces as long as fits the span, the last one running', async () => {
		assert.equal((await stats()).history, undefined);
		for (const [hours, seconds, n] of [[1, 300, 12], [6, 300, 72], [7, 900, 28], [24, 900, 96], [25, 3600, 25],
			[72, 3600, 72], [73, 10800, 25], [168, 10800, 56]]) {
			const before = Date.now(), { history } = await stats(`?history=${hours}`);
			assert.deepEqual([history.bucket_seconds, history.items.length], [seconds, n]);
			const starts = history.items.map(({ start }) => Date.parse(start));
			assert.ok(starts.at(-1) <= Date.now() && starts.at(-1) + seconds * 1000 > before);
			starts.forEach((start, i) => assert.equal(start, starts[0] + i * seconds * 1000));
			assert.equal(starts[0] % (seconds * 1000), 0);
		}
	});

	test('counts what was completed, how long it waited and took, and what failed for good', async () => {
		await api.stack.sql(`INSERT INTO models (host_id, id, position, description, reason)
			SELECT host_id, 'unbuilt', 1, description, NULL FROM models WHERE id='band'`);
		const before = (await stats('?history=1')).history.items;
		assert.deepEqual([sum(before, 'completed'), sum(before, 'failed'), sum(before, 'audio_seconds')], [0, 0, 0]);
		assert.ok(before.every((item) => item.avg_wait_seconds === null && item.avg_processing_seconds === null));
		const made = [await api.make({ duration: 2, num_samples: 2 }), await api.make({ duration: 1 })];
		const { id } = await until(async () => {
			const { status, json } = await api.post('/generate', { prompt: 'x', model: 'unbuilt' });
			return status === 201 && json;
		}, 'the model to be known');
		const failed = await api.reach(id, 'failed');
		const { history: { items } } = await stats('?history=1');
		assert.deepEqual([sum(items, 'completed'), sum(items, 'failed')], [2, 1]);
		assert.equal(sum(items, 'audio_seconds'), 5);
		const end = Date.parse(failed.completed_at);
		const piece = items.find(({ start }) => Date.parse(start) <= end && end < Date.parse(start) + 300_000);
		assert.equal(piece.failed, 1);
		const took = sum(made.map(({ job }) => ({ s: (Date.parse(job.completed_at) - Date.parse(job.started_at)) / 1000 })), 's');
		const said = items.reduce((s, item) => s + item.completed * (item.avg_processing_seconds ?? 0), 0);
		assert.ok(Math.abs(said - took) < 0.02, `${said} s, not ${took} s`);
		for (const item of items) assert.equal(item.avg_wait_seconds === null, item.completed === 0);
		await api.delete(`/jobs/${id}`);
		assert.equal(sum((await stats('?history=168')).history.items, 'failed'), 1, 'a deleted one counts');
		assert.match((await api.stack.cli('audit')).stdout, /^0 counters wrong/m);
	});

	test('may be asked for again by its ETag', async () => {
		await until(async () => {
			const { headers } = await api.get('/jobs/stats?history=24');
			return (await api.get('/jobs/stats?history=24', { 'If-None-Match': headers.etag })).status === 304;
		}, 'nothing to change meanwhile');
	});

	test('400 to a span that is none', async () => {
		for (const hours of ['0', '169', '-1', '1.5', 'day', '', '1&history=2'])
			isProblem(await api.get(`/jobs/stats?history=${hours}`), 400, /history/);
	});
});

describe('the hosts', () => {
	test('are there with what each of them is at', async () => {
		const { workers } = await stats();
		assert.equal(workers.hosts.length, 1);
		assert.deepEqual([workers.hosts[0].total, workers.hosts[0].job_ids], [workers.total, []]);
		assert.ok(workers.hosts[0].name);
		const job = await api.keepBusy();
		assert.deepEqual((await stats()).workers.hosts[0].job_ids, [job.id]);
		await api.delete(`/generate/${job.id}`);
		await until(async () => (await stats()).workers.hosts[0].job_ids.length === 0, 'the host to be idle');
	});
});
