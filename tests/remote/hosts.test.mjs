// Several hosts with the same servers elsewhere: together they hand a server no more than it bears, and change its adapter
// only when none of them has a job there.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../harness.mjs';
import { check, ended, hex, startHost, startWorking, submit } from '../faults/jobs.mjs';
import { AceStep } from './servers.mjs';

const settings = { workers: 1, worker_threads: 1, retry_backoff_ms: 100 };
const ace = await new AceStep({ adapters: ['/loras/jazz', '/loras/dub'], work: 60 }).start();
const small = await new AceStep({ old: true, work: 60 }).start();
const remotes = {
	ace: { protocol: 'acestep', url: ace.url, concurrency: 4 },
	small: { protocol: 'acestep', url: small.url, concurrency: 2 },
};
let stack, hosts = [];

before(async () => {
	stack = await startWorking({ settings, remotes });
	for (const name of ['second', 'third']) hosts.push(await startHost(stack, name));
	await until(async () => (await stack.sql("SELECT 1 FROM models WHERE id = 'ace'")).length === 3, 'the models of three hosts', 20_000);
});
after(async () => {
	for (const host of hosts) await host.stop();
	await stack?.stop();
	for (const server of [ace, small]) server.stop();
});

// All at once. Each was done in its first attempt.
async function all(jobs) {
	const ids = await Promise.all(jobs.map((job) => submit(stack, { duration: 2, seed: 7, ...job })));
	for (const id of ids) assert.equal((await ended(stack, id)).attempt, 1);
	await check(stack, ...ids);
	return stack.sql(`SELECT DISTINCT owner FROM jobs WHERE id IN (${ids.map(hex).join()})`);
}

test('a server has as many jobs at once as it bears, whichever hosts they come from', { timeout: 60_000 }, async () => {
	const owners = await all(Array.from({ length: 10 }, (_, i) => ({ model: 'small', prompt: `one of many ${i}` })));
	assert.equal(small.tasks.length, 10);
	assert.equal(small.most, 2);
	assert.ok(owners.length > 1, 'one host did all');
});

test('its adapter is changed when no host has a job there, and each job is made with its own', { timeout: 60_000 }, async () => {
	const post = (path, method, type, body) => fetch(`${stack.url}api/${path}`, { method, headers: { 'Content-Type': type }, body: JSON.stringify(body) });
	const ids = {};
	for (const name of ['jazz', 'dub']) {
		ids[name] = (await (await post('adapters', 'POST', 'application/json', { name, base_model: 'ace' })).json()).id;
		const answer = await post(`adapters/${ids[name]}/weights`, 'PUT', 'application/octet-stream',
			{ format: 'earshot-remote-adapter', adapter: `/loras/${name}` });
		assert.equal(answer.status, 200, await answer.text());
	}
	const wishes = ['jazz', 'jazz', null, null, null, 'dub', 'jazz', 'jazz', 'jazz', null, 'dub', 'dub'];
	await all(wishes.map((name, i) => ({ model: 'ace', prompt: `wish ${i} of them`, ...name && { adapter_id: ids[name] } })));
	assert.equal(ace.tasks.length, wishes.length);
	for (const [i, name] of wishes.entries()) {
		const task = ace.tasks.find(({ text }) => text.includes(`wish ${i} of`));
		assert.equal(task.adapter?.path ?? null, name && `/loras/${name}`, `wish ${i}`);
		assert.ok(task.steady, `wish ${i}`);
	}
	assert.equal(ace.meddled, 0);
});
