// What the tests of jobs share: submitting and waiting, stopping the world at a chosen step, and the look at
// everything when all is over.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, sleep, startStack, until } from '../harness.mjs';

// A stack that takes jobs. Its workers get their share of a busy machine, so that a silence is a hang.
export async function startWorking({ settings, ...options }) {
	const stack = await startStack({ settings: { worker_nice: 0, ...settings }, ...options });
	await until(async () => (await stack.sql('SELECT 1 FROM models WHERE reason IS NULL')).length, 'a model', 20_000);
	return stack;
}

// Submit a job. Its id; an error if it is not acknowledged.
export async function submit(stack, { key, ...fields } = {}) {
	const answer = await post(stack, { duration: 10, ...fields }, key);
	const job = await answer.json();
	assert.equal(answer.status, 201, JSON.stringify(job));
	return job.id;
}

export function post(stack, fields, key) {
	const headers = { 'Content-Type': 'application/json', ...key && { 'Idempotency-Key': key } };
	return fetch(`${stack.url}api/generate`, { method: 'POST', headers, body: JSON.stringify({ prompt: 'calm piano', ...fields }) });
}

// { status, attempt, failures, error, code, begun } of a job, begun if its worker has said something about this attempt; undefined while the database is away.
export async function row(stack, id) {
	const found = await stack.sql(`SELECT status, jobs.attempt, failures, error, error_code, progress.job_id IS NOT NULL
		FROM jobs LEFT JOIN progress ON progress.job_id = jobs.id AND progress.attempt = jobs.attempt
		WHERE id = ${hex(id)}`).catch(away);
	if (!found.length) return undefined;
	const [[status, attempt, failures, error, code, begun]] = found;
	return { status, attempt: Number(attempt), failures: Number(failures), error, code, begun: begun === '1' };
}

// ERROR 2002, 2006, 2013: there is no server at the other end, or not any more; 1053: it is just stopping.
function away(error) {
	if (!/^ERROR (2\d\d\d|1053) /m.test(error.stderr)) throw error;
	return [];
}

export const hex = (id) => `0x${id.replaceAll('-', '')}`;

export const reached = (stack, id, is, what, ms = 20_000) => until(async () => {
	const now = await row(stack, id);
	return now && is(now) && now;
}, `job ${id} ${what}`, ms);

export const processing = (stack, id, attempt = 1) =>
	reached(stack, id, (job) => job.status === 'processing' && job.attempt === attempt, `to be claimed (attempt ${attempt})`);
export const generating = (stack, id, attempt = 1) =>
	reached(stack, id, (job) => job.attempt === attempt && job.begun, `to be worked on (attempt ${attempt})`);
export const ended = (stack, id, ms = 40_000) =>
	reached(stack, id, (job) => !['queued', 'processing'].includes(job.status), 'to end', ms);

// Keys of the objects in the storage; of one attempt at a job with its id and number.
export function objects(stack, id, attempt) {
	const top = join(stack.var, 'storage');
	const all = readdirSync(top, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(top.length + 1));
	return id ? all.filter((key) => key.includes(`${id}-${attempt}-`)) : all;
}

// All of them as a program that is not ours lists them, where the storage is a bucket (stack.swift).
const list = async (stack) => stack.swift ? Object.keys(await stack.swift.list('earshot')) : objects(stack);

// So many samples of an attempt have all their objects.
export const written = (stack, id, samples, attempt = 1) => until(() =>
	objects(stack, id, attempt).filter((key) => !key.endsWith('.part')).length >= 3 * samples, `${samples} samples of job ${id}`, 20_000);

// A worker has nothing to do: asleep whenever one looks.
export async function idle(pid) {
	for (let asleep = 0; asleep < 6; await sleep(30)) {
		const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
		asleep = stat[stat.lastIndexOf(')') + 2] === 'S' ? asleep + 1 : 0;
	}
}

// A transaction of our own that has run this and stays open. Returns the function that ends it, with COMMIT if it is told so.
export async function hold(stack, query) {
	const socket = readFileSync(stack.conf, 'utf8').match(/^database_socket = (.*)$/m)[1];
	const client = spawn('mariadb', ['--no-defaults', '--batch', '--unbuffered', '--skip-column-names', '--user=earshot',
		`--socket=${join(stack.var, socket)}`, 'earshot'], { stdio: ['pipe', 'pipe', 'ignore'] });
	const gone = new Promise((done) => client.once('exit', done));
	let said = '';
	client.stdout.on('data', (text) => { said += text; });
	client.stdin.on('error', () => {});	// the server may be killed under it
	client.stdin.write(`START TRANSACTION;\n${query};\nSELECT 'held';\n`);
	await until(() => said.includes('held'), 'our own lock');
	return (how = 'ROLLBACK') => {
		client.stdin.end(`${how};\n`);
		return gone;
	};
}

// Somebody waits for a lock in a statement with these words.
export const stuck = (stack, words) => until(async () => {
	const [[n]] = await stack.sql(`SELECT COUNT(*) FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND
		command IN ('Query', 'Execute') AND info LIKE '${words}%'`);
	return Number(n) > 0;
}, `a statement ${words} that waits`);

async function checkSample(stack, id) {
	const sample = await (await fetch(`${stack.url}api/audio/${id}`)).json();
	const stream = await fetch(`${stack.url}api/audio/${id}/stream`);
	assert.equal(stream.status, 200);
	assert.equal(createHash('sha256').update(Buffer.from(await stream.arrayBuffer())).digest('hex'), sample.sha256);
	assert.equal((await fetch(`${stack.url}api/audio/${id}/peaks`)).status, 200);
}

// Every one of these jobs ended as it should, with exactly its samples or none, all of which can be heard; and
// the records, the counters and the storage agree. jobs: ids, or pairs of id and status. No job has been deleted.
export async function check(stack, ...jobs) {
	await checkLeft(stack, ...jobs);
	const [[counted, completed]] = await stack.sql(`SELECT (SELECT COALESCE(SUM(done), 0) FROM job_periods),
		(SELECT COUNT(*) FROM jobs WHERE status = 'completed')`);
	assert.equal(counted, completed);
}

// The same where jobs have been deleted.
export async function checkLeft(stack, ...jobs) {
	await until(async () => (await fetch(`${stack.url}api/health`).catch(() => ({}))).ok, 'an answer from /api/health');
	await until(async () => (await stack.sql('SELECT 1 FROM intents LIMIT 1')).length === 0, 'the collection of objects', 20_000);
	for (const [id, status] of jobs.map((job) => Array.isArray(job) ? job : [job, 'completed'])) {
		const job = await (await fetch(`${stack.url}api/generate/${id}`)).json();
		assert.equal(job.status, status, job.error);
		const rows = await stack.sql(`SELECT idx FROM samples WHERE job_id = ${hex(id)} ORDER BY idx`);
		assert.deepEqual(rows.map(([index]) => Number(index)), [...Array(status === 'completed' ? job.num_samples : 0).keys()]);
		assert.equal(job.audio_ids.length, rows.length);
		for (const sample of job.audio_ids) await checkSample(stack, sample);
	}
	const keys = [...await stack.sql('SELECT storage_key, peaks_key, midi_key FROM samples'),
		...await stack.sql('SELECT storage_key FROM adapter_weights')];
	assert.deepEqual((await list(stack)).sort(), keys.flat().filter((key) => key !== 'NULL').sort());
	assert.match((await stack.cli('audit')).stdout, /^0 counters wrong, \d+ objects, 0 of them orphans, 0 missing/m);
	assert.deepEqual(await stack.sql('SELECT id FROM jobs JOIN progress ON job_id = id WHERE status <> "processing"'), []);
}

export const childrenOf = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

export function isAlive(pid) {
	try {
		return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
	} catch {
		return false;
	}
}

// Whose processes the stack's are.
export function userOf(stack) {
	const { uid, gid } = statSync(stack.var);
	return [uid, gid];
}

// A command as the stack's user, to whom everything belongs then, and the earshot program with the stack's settings. What
// it said on standard output; where it fails, an error with that, stderr, code and signal. The promise has its process as child.
export function asUser(stack, ...command) {
	const [uid, gid] = userOf(stack);
	if (process.getuid() === 0)
		command.unshift('nsenter', '--target', String(stack.pids('database')[0]), '--mount', 'setpriv', '--reuid', String(uid),
			'--regid', String(gid), '--clear-groups', '--no-new-privs');
	const running = promisify(execFile)(command[0], command.slice(1), { maxBuffer: 1 << 26 });
	return Object.assign(running.then(({ stdout }) => stdout), { child: running.child });
}
export const earshot = (stack, ...words) => asUser(stack, join(build, 'bin/earshot'), '-c', stack.conf, ...words);

// The daemon stops where it holds no table; SIGCONT lets it go on.
export async function pauseDaemon(stack) {
	const tables = (await stack.sql('SHOW TABLES')).flat().map((name) => `${name} WRITE`).join();
	await until(async () => {
		stack.kill('daemon', 'SIGSTOP');
		const free = !tables || await stack.sql(`SET lock_wait_timeout = 1; LOCK TABLES ${tables}; UNLOCK TABLES`).then(() => true, () => false);
		if (!free) stack.kill('daemon', 'SIGCONT');
		return free;
	}, 'the daemon to be between two transactions');
}

// A second host: an earshotd of our own with its own state folder, on the database and the storage of the stack and as the
// stack's user. It dies with us, and nobody starts it again. changes: other values of settings.
export async function startHost(stack, name, changes = {}, bin = join(build, 'bin')) {
	const conf = join(stack.var, `${name}.conf`), [daemon] = stack.pids('daemon'), [uid, gid] = userOf(stack);
	const settings = { state_dir: name, log_file: `log/${name}.log`, ...changes };
	const lines = readFileSync(stack.conf, 'utf8').split('\n').filter((line) => !(line.split(' = ')[0] in settings));
	// In front: what is behind a section is a key of it.
	writeFileSync(conf, [...Object.entries(settings).map(([key, value]) => `${key} = ${value}`), ...lines].join('\n'));
	chownSync(conf, uid, gid);
	const command = ['setpriv', '--pdeathsig', 'KILL'];
	if (process.getuid() === 0) {
		command.unshift('nsenter', '--target', String(daemon), '--mount');
		command.push('--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--no-new-privs');
	}
	const child = spawn(command[0], [...command.slice(1), join(bin, 'earshotd'), '-c', conf], { stdio: 'ignore', env: { ...process.env, TMPDIR: join(stack.var, 'tmp') } });
	const host = {
		pid: child.pid,
		gone: new Promise((done) => child.once('exit', done)),
		kill: (signal = 'SIGKILL') => child.kill(signal),
		log: () => existsSync(join(stack.var, `log/${name}.log`)) ? readFileSync(join(stack.var, `log/${name}.log`), 'utf8') : '',
		workers: () => childrenOf(child.pid),
		// As the column owner of its jobs has it.
		id: () => readFileSync(join(stack.var, settings.state_dir, 'host-id'), 'utf8').trim(),
		async stop() {
			child.kill('SIGCONT');
			child.kill('SIGTERM');
			await host.gone;
		},
	};
	await until(() => existsSync(join(stack.var, name, 'earshotd.sock')), `the host ${name}`);
	return host;
}
