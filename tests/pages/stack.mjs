/* A running installation for the tests of the pages, with what they want to find in it. */

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { launch } from './browser.mjs';
import { startStack, until as waitFor } from '../harness.mjs';

export const until = (what, check, ms = 30000) => waitFor(check, what, ms);

/* The stack, with its API: get(path), post(path, body), put, del → the answer, which must be a good one. more: remotes and
 * env, as startStack() has them. */
export async function startStudio(settings = {}, more = {}) {
	const stack = await startStack({ front: 'lighttpd', settings: { workers: 2, max_attempts: 1, ...settings }, ...more });

	const ask = async (method, path, body) => {
		const r = await fetch(`${stack.url}api/${path}`, {
			method, body: body === undefined ? undefined : JSON.stringify(body),
			headers: body === undefined ? {} : { 'content-type': 'application/json' },
		});
		const text = await r.text();
		assert.ok(r.ok, `${method} ${path}: ${r.status} ${text}`);
		return text ? JSON.parse(text) : null;
	};

	stack.get = (path) => ask('GET', path);
	stack.post = (path, body = {}) => ask('POST', path, body);
	stack.put = (path, body) => ask('PUT', path, body);
	stack.del = (path) => ask('DELETE', path);
	stack.made = (prompt, more) => made(stack, prompt, more);
	return stack;
}

/* What a file of tests begins with: a stack as above, and a browser. Both go when its tests are over. */
export async function openStudio(settings, more) {
	const opened = [];

	after(async () => { for (const end of opened.reverse()) await end(); });
	const stack = await startStudio(settings, more);
	opened.push(() => stack.stop());
	const browser = await launch();
	opened.push(() => browser.close());
	return { stack, browser };
}

/* A job of this prompt, done: 10 seconds unless `more` says otherwise. */
async function made(stack, prompt, more = {}) {
	const { id } = await stack.post('generate', { prompt, duration: 10, ...more });

	return until(`${prompt} is done`, async () => {
		const job = await stack.get(`generate/${id}`);
		assert.ok(!['failed', 'cancelled'].includes(job.status), job.error);
		return job.status === 'completed' && job;
	}, 60000);
}

/* Ends what a test that failed half-way may have left for the next ones to wait behind. */
export async function cancelAll(stack) {
	const { items } = await stack.get('jobs?status=queued&status=processing&limit=100');

	for (const job of items) await fetch(`${stack.url}api/generate/${job.id}`, { method: 'DELETE' });
}

/* A day behind the studio, as its periods would tell it: some hours of work, some quiet, some failures. */
export function livedDay(stack) {
	const now = Math.floor(Date.now() / 300000) * 300, values = [];

	for (let i = 2; i < 280; i++) {
		const wave = Math.max(0, Math.sin(i / 24));
		const done = Math.round(wave * (4 + (i * 7919) % 5));
		if (done) values.push(`(FROM_UNIXTIME(${now - i * 300}), 9, ${done}, ${Math.round(done * (200 + 6000 * wave ** 3))}, `
			+ `${done * 3100}, ${done * 30000}, ${Number(i % 41 === 20)})`);
	}
	return stack.sql(`INSERT INTO job_periods (start, shard, done, wait_ms, processing_ms, audio_ms, failed) VALUES ${values}`);
}
