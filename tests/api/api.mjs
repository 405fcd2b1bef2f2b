// What the tests of the API share: a client that holds every answer against openapi.json, and a few
// words for what most of them do.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { startStack, until } from '../harness.mjs';
import { check } from './contract.mjs';

export const nobody = '0190a6a0-0000-7000-8000-000000000000';	// the id of nothing

// How often a race is run. Behind mod_fcgid whoever finds the responder busy sleeps for a second before another
// is started, and CGI starts one each time: there it is enough to see that the front changes nothing.
export const rounds = /^apache/.test(process.env.FRONT ?? '') ? 10 : 100;

export class Api {
	constructor() {
		this.get = (path, headers) => this.ask('GET', path, { headers });
		this.head = (path, headers) => this.ask('HEAD', path, { headers });
		this.post = (path, json, headers) => this.ask('POST', path, { json, headers });
		this.put = (path, json, headers) => this.ask('PUT', path, { json, headers });
		this.delete = (path, headers) => this.ask('DELETE', path, { headers });
	}

	// json: a value to send as JSON; body: bytes to send as they are; path: below /api.
	async ask(method, path, { headers = {}, json, body } = {}) {
		if (json !== undefined) body = JSON.stringify(json);
		const answer = await this.plain(method, `${this.stack.base}api${path}`, {
			...(json !== undefined && { 'Content-Type': 'application/json' }), ...headers,
		}, body);
		assert.notEqual(answer.status, 500,
			`${method} ${path}: ${answer.text}\n${this.stack.log().slice(-2000)}`);
		check(method, path.split('?')[0], answer);
		return answer;
	}

	// Any path of the server, nothing checked: { status, headers, bytes, text, json }.
	plain(method, path, headers = {}, body) {
		return new Promise((done, fail) => {
			const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
			const sent = request({ host: '127.0.0.1', port: this.stack.port, method, path,
				agent: false, timeout: 60_000,
				headers: { ...length, ...headers } }, (got) => {
				const parts = [];
				got.on('data', (part) => parts.push(part));
				got.on('error', fail);
				got.on('end', () => {
					const bytes = Buffer.concat(parts), text = bytes.toString();
					const isJson = /json(;|$)/.test(got.headers['content-type'] ?? '') && bytes.length > 0;
					done({ status: got.statusCode, headers: got.headers, bytes, text,
						json: isJson ? JSON.parse(text) : undefined });
				});
			});
			sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path} in a minute`)));
			sent.on('error', fail);
			sent.end(body);
		});
	}

	// Submit; what is asked must be accepted.
	async submit(body, headers) {
		const answer = await this.post('/generate', { prompt: 'slow piano waltz in A minor',
			duration: 1, ...body }, headers);
		assert.equal(answer.status, 201, answer.text);
		return answer.json;
	}

	async job(id) {
		return (await this.get(`/generate/${id}`)).json;
	}

	// The job, once it has this status; an error when it ends otherwise.
	reach(id, status, ms = 60_000) {
		return until(async () => {
			const job = await this.job(id);
			if (job.status === status) return job;
			assert.ok(['queued', 'processing'].includes(job.status),
				`the job is ${job.status}: ${job.error}`);
			return undefined;
		}, `the job to be ${status}`, ms);
	}

	// Generate and wait: { job, audio: [metadata] }.
	async make(body) {
		const job = await this.reach((await this.submit(body)).id, 'completed');
		const audio = [];
		for (const id of job.audio_ids) audio.push((await this.get(`/audio/${id}`)).json);
		return { job, audio };
	}

	// How many statements are executed for what ask() asks. With the daemon asleep, nobody but the responder asks the
	// database.
	async queries(ask) {
		const executed = async () => Number((await this.stack.sql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'"))[0][1]);
		const daemon = this.stack.kill('daemon', 'SIGSTOP');
		try {
			const before = await executed();
			await ask();
			return await executed() - before;
		} finally {
			for (const pid of daemon) process.kill(pid, 'SIGCONT');
		}
	}

	// A job that keeps the only worker busy until it is cancelled.
	async keepBusy() {
		return this.reach((await this.submit({ duration: 600, num_samples: 4 })).id, 'processing');
	}
}

// The API of an installation that is there while the tests of a file, or of a describe(), run.
// ready() makes what all of them need.
export function installation(options, ready) {
	const api = new Api();
	before(async () => {
		api.stack = await startStack(options);
		await ready?.();
	});
	after(() => api.stack?.stop());
	return api;
}

// From here on nobody starts again what dies, until the function that is returned is called.
export function holdSupervisor(stack) {
	const pid = Number(readFileSync(join(stack.var, 'run/supervisor'), 'utf8'));
	process.kill(pid, 'SIGSTOP');
	return () => process.kill(pid, 'SIGCONT');
}

// An error as RFC 9457 has it, in one plain sentence (text or pattern) that gives nothing away; with
// the fields that it names, if it must name some.
export function isProblem(answer, status, detail, fields) {
	assert.equal(answer.status, status, answer.text);
	assert.match(answer.headers['content-type'], /^application\/problem\+json$/);
	const problem = answer.json;
	assert.equal(problem.status, status);
	assert.ok(problem.title.length > 0 && problem.type.length > 0);
	if (detail instanceof RegExp) assert.match(problem.detail, detail);
	else if (detail) assert.equal(problem.detail, detail);
	assert.match(problem.detail, /^\S.*\.$/);
	assert.doesNotMatch(answer.text, /SELECT|INSERT|mysql|maria|errno|<html|\.c:\d/i);
	if (fields) assert.deepEqual(problem.errors?.map(({ field }) => field).sort(),
		[...fields].sort(), answer.text);
	return problem;
}
