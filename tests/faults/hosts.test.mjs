// Several hosts on one database and one storage: they share the jobs, and what one loses another takes over.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chownSync, copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { build, sleep, until } from '../harness.mjs';
import {
	check, childrenOf, ended, generating, hex, idle, isAlive, objects, processing, reached, startHost, startWorking,
	submit, userOf, written,
} from './jobs.mjs';

const settings = { workers: 1, lease_ms: 1_500, lease_grace_ms: 500, retry_backoff_ms: 100, job_timeout_s: 8 };
let stack, other;
before(async () => { stack = await startWorking({ settings }); });
after(() => stack.stop());

const readyWorker = (host) => until(async () => {
	const [worker] = host.workers();
	return worker && (await stack.sql(`SELECT 1 FROM hosts JOIN models ON host_id = hosts.id WHERE hosts.id = ${hex(host.id())} AND
		workers > 0 LIMIT 1`)).length && worker;
}, 'a worker of the other host');

// Ours does nothing until the other host has taken the job; ours then looks for what it can take over.
async function takenByOther(fields) {
	await readyWorker(other);
	stack.kill('daemon', 'SIGSTOP');
	const id = await submit(stack, fields);
	await generating(stack, id);
	return id;
}
const wakeOurs = () => stack.kill('daemon', 'SIGCONT');

describe('two hosts', () => {
	before(async () => { other = await startHost(stack, 'other'); });
	after(() => other.stop());
	afterEach(() => {
		wakeOurs();
		other.kill('SIGCONT');
	});

	test('share the jobs, and each job is done once', async () => {
		await readyWorker(other);
		const ids = await Promise.all(Array.from({ length: 12 }, () => submit(stack, { duration: 5 })));
		for (const id of ids) await ended(stack, id);
		await check(stack, ...ids);
		const owners = await stack.sql('SELECT HEX(owner), COUNT(*), MAX(attempt) FROM jobs GROUP BY owner');
		assert.equal(owners.length, 2, `only one host did all: ${owners}`);
		for (const [, , attempts] of owners) assert.equal(attempts, '1');
	});

	test('the cancel of a job reaches the host that has it within 2 s', async () => {
		const id = await takenByOther({ duration: 170 }), [worker] = other.workers(), before = Date.now();
		wakeOurs();
		await fetch(`${stack.url}api/generate/${id}`, { method: 'DELETE' });
		await until(() => !isAlive(worker), 'the end of the worker', 2_000 - (Date.now() - before));
		await check(stack, [id, 'cancelled']);
	});

	test('a host that stands still past its lease loses the job, and its late result is not seen', async () => {
		const id = await takenByOther({ duration: 20 });
		other.kill('SIGSTOP');
		// It is done, and would say so.
		await written(stack, id, 1);
		await idle(other.workers()[0]);
		wakeOurs();
		await ended(stack, id);
		other.kill('SIGCONT');
		const [[attempt, owner]] = await stack.sql(`SELECT attempt, HEX(owner) FROM jobs WHERE id = ${hex(id)}`);
		assert.equal(attempt, '2');
		assert.notEqual(owner.toLowerCase(), hex(other.id()).slice(2));
		await check(stack, id);
	});

	test('a worker that is stopped past its lease writes nothing more when it goes on', async () => {
		const id = await takenByOther({ duration: 20, num_samples: 2 }), [worker] = other.workers();
		process.kill(worker, 'SIGSTOP');
		other.kill('SIGSTOP');
		const before = objects(stack, id, 1);
		wakeOurs();
		await ended(stack, id);
		process.kill(worker, 'SIGCONT');
		await sleep(300);
		await idle(worker);
		assert.deepEqual(objects(stack, id, 1), before);
		other.kill('SIGCONT');
		await check(stack, id);
	});

	test('a worker whose daemon stands still fences itself when its lease has run out', async () => {
		const id = await takenByOther({ duration: 60, num_samples: 4 }), [worker] = other.workers();
		other.kill('SIGSTOP');
		await sleep(settings.lease_ms);
		await idle(worker);
		const before = objects(stack, id, 1).filter((key) => !key.endsWith('.part'));
		assert.ok(before.length < 12);
		wakeOurs();
		await processing(stack, id, 2);
		assert.deepEqual(objects(stack, id, 1).filter((key) => !key.endsWith('.part')), before);
		other.kill('SIGCONT');
		await fetch(`${stack.url}api/generate/${id}`, { method: 'DELETE' });
		await check(stack, [id, 'cancelled']);
	});

	test('what a worker has started dies with it', async () => {
		const id = await takenByOther({ duration: 170 }), [worker] = other.workers();
		const [uid, gid] = userOf(stack), as = process.getuid() ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
		const [program, ...args] = [...as, 'perl', '-e', 'setpgrp(0, shift) or die $!; $| = 1; print "in"; sleep 60', String(worker)];
		const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
		const gone = new Promise((done) => child.once('exit', (code, signal) => done(signal ?? code)));
		await new Promise((done) => child.stdout.once('data', done));
		await fetch(`${stack.url}api/generate/${id}`, { method: 'DELETE' });
		assert.match(await gone, /SIGTERM|SIGKILL/);
		wakeOurs();
		await check(stack, [id, 'cancelled']);
	});

	test('the jobs of a host that never comes back are taken over, and its objects are removed', async () => {
		const id = await takenByOther({ duration: 20, num_samples: 2 });
		await written(stack, id, 1);
		other.kill();
		const before = Date.now();
		wakeOurs();
		await reached(stack, id, ({ attempt, status }) => attempt === 2 && status === 'processing', 'to be taken over', 10_000);
		assert.ok(Date.now() - before > settings.lease_grace_ms);
		assert.equal((await ended(stack, id)).failures, 1);
		// So long nobody can know that its worker is dead.
		await until(() => objects(stack, id, 1).length === 0, 'the removal of its objects', 40_000);
		await check(stack, id);
	});
});

test('a COMMIT whose answer is lost is looked up and not done again', async () => {
	// Between the host and the database: does what it is told, but for one answer.
	const socket = join(stack.var, 'relay.sock'), open = new Set();
	let lost = 0;
	const relay = createServer((client) => {
		const server = connect(readFileSync(stack.conf, 'utf8').match(/^database_socket = (.*)$/m)[1].replace(/^(?!\/)/, `${stack.var}/`));
		let writesSamples = false, silent = false;
		for (const [from, to] of [[client, server], [server, client]]) {
			open.add(from);
			from.on('error', () => {}).on('close', () => to.destroy());
		}
		client.on('data', (bytes) => {
			writesSamples ||= bytes.includes('INSERT INTO samples');
			if (writesSamples && !lost && bytes.includes('COMMIT')) {
				silent = true;
				lost++;
			}
			server.write(bytes);
		});
		server.on('data', (bytes) => silent ? client.destroy() : client.write(bytes));
	});
	await new Promise((done) => relay.listen(socket, done));
	chownSync(socket, ...userOf(stack));
	other = await startHost(stack, 'relayed', { database_socket: 'relay.sock' });
	try {
		const id = await takenByOther({ num_samples: 2 });
		assert.equal((await ended(stack, id)).attempt, 1);
		await until(async () => lost === 1, 'the loss of an answer');
		wakeOurs();
		await check(stack, id);
	} finally {
		wakeOurs();
		await other.stop();
		for (const end of open) end.destroy();
		relay.close();
	}
});

test('workers that die at the start are not started over and over, and work goes on when they can', async () => {
	const bin = join(stack.var, 'bin'), starts = join(stack.var, 'starts');
	cpSync(join(build, 'bin'), bin, { recursive: true });
	writeFileSync(join(bin, 'earshot-worker'), `#!/bin/sh\necho >>${starts}\nexit 1\n`);
	writeFileSync(starts, '');
	chownSync(starts, ...userOf(stack));
	other = await startHost(stack, 'broken', {}, bin);
	try {
		stack.kill('daemon', 'SIGSTOP');
		const id = await submit(stack, { duration: 1 });
		await sleep(3_000);
		const n = readFileSync(starts, 'utf8').length;
		assert.ok(n >= 3 && n <= 6, `${n} starts in 3 s`);
		copyFileSync(join(build, 'bin/earshot-worker'), join(bin, 'earshot-worker'));
		await ended(stack, id);
		assert.equal(childrenOf(other.pid).length, 1);
		wakeOurs();
		await check(stack, id);
	} finally {
		wakeOurs();
		await other.stop();
	}
});
