// A private Earshot for tests: the same lib/local/stack.sh as `make run`, in a folder of its own, on a free
// port. Several can run at once. A stack ends with the process that started it, however that ends.
//
//	const stack = await startStack({ front: 'apache-cgi', settings: { lease_ms: 1000 } });
//	const answer = await fetch(stack.url + 'api/health');
//	await stack.stop();

import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
export const build = resolve(root, process.env.BUILD ?? '.build');
export const fronts = ['lighttpd', 'apache-fcgid', 'apache-cgi'];

// Program names of the parts, as /proc/PID/comm has them (15 characters at most).
const programs = {
	database: ['mariadbd'],
	web: ['lighttpd', 'apache2'],
	responder: ['earshot.fcgi'],
	daemon: ['earshotd'],
	worker: ['earshot-worker'],
};

const running = new Set();
const run = promisify(execFile);

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// The first true value of check(); an error that names `what` after so many milliseconds. What takes long is asked
// for less often, since what asks takes its time from what works.
export async function until(check, what, ms = 10_000) {
	for (const began = Date.now(); ;) {
		const value = await check(), waited = Date.now() - began;
		if (value) return value;
		if (waited > ms) throw new Error(`waited ${ms} ms in vain for ${what}`);
		await sleep(Math.min(Math.max(20, waited / 20), 80));
	}
}

// On a busy machine a process goes on for a while after it was sent a SIGSTOP: until its first thread had its turn.
function waitUntilStopped(pid) {
	const clock = new Int32Array(new SharedArrayBuffer(4));
	const state = () => {
		try {
			return readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '')[0];
		} catch {
			return 'X';
		}
	};

	for (let ms = 0; ms < 5000 && !'TtXZ'.includes(state()); ms++) Atomics.wait(clock, 0, 0, 1);
}

export async function freePort() {
	const server = createServer();
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	const { port } = server.address();
	await new Promise((done) => server.close(done));
	return port;
}

// What every stack of this process is started with besides its own settings.
export const always = { settings: {} };

// A configuration: keys, and sections of servers elsewhere.
export function confText(settings, remotes = {}) {
	const lines = (keys) => Object.entries(keys).map(([key, value]) => `${key} = ${value}\n`).join('');
	return lines(settings) + Object.entries(remotes).map(([name, keys]) => `[remote ${name}]\n${lines(keys)}`).join('');
}

// front: the web server; settings: keys of earshot.conf; remotes: { name: keys } of its sections; base: '/' or
// '/sub/path/' of the pages; folder: VAR of an earlier stack or of one that is to be set up, which then stays at stop();
// env: more for the environment of all its parts. Without a folder, a stack begins with a copy of what tests/run.sh has
// set up once for all of them.
export async function startStack({ front = process.env.FRONT || 'lighttpd', settings = {}, remotes = {}, base = '/', folder, env = {} } = {}) {
	const text = confText({ ...always.settings, ...settings }, remotes);

	for (let attempt = 1; ; attempt++) {
		const stack = new Stack(front, text, base, folder, env);
		try {
			await stack.start(await freePort());
			return stack;
		} catch (error) {
			await stack.stop();
			// Another process may take the port between our look and our use of it.
			if (attempt === 5 || !/Port \d+ is in use/.test(error.message)) throw error;
		}
	}
}

// Sets up a stack in a folder and stops it: tables and adapters are there, and nothing tells that it ever ran.
export async function setUp(folder) {
	const stack = await startStack({ folder });
	try {
		stack.supervisor.kill('SIGSTOP');	// it would start the daemon again
		stack.kill('daemon');
		await until(() => stack.pids('daemon').length === 0, 'the end of the daemon');
		await stack.sql('DELETE FROM hosts; DELETE FROM models');
	} finally {
		stack.supervisor.kill('SIGCONT');
		await stack.stop();
	}
}

// A folder of its own; with database and storage of BEGINNING, where setUp() was, if there is one and its storage is what
// these settings have.
function madeFolder(settings) {
	const made = mkdtempSync(join(tmpdir(), 'earshot-test-')), beginning = process.env.BEGINNING;
	if (beginning && !/^storage = s3$/m.test(settings)) execFileSync('cp', ['-a', join(beginning, 'db'), join(beginning, 'storage'), made]);
	return made;
}

class Stack {
	constructor(front, settings, base, folder, env) {
		this.keep = Boolean(folder);
		this.var = folder ?? madeFolder(settings);
		this.conf = join(this.var, 'earshot.conf');
		this.front = front;
		this.base = base;
		this.settings = settings;
		this.env = env;
	}

	async start(port) {
		this.port = port;
		this.origin = `http://127.0.0.1:${port}`;
		this.url = `${this.origin}${this.base}`;
		this.output = '';
		this.supervisor = spawn('sh', [join(root, 'lib/local/stack.sh'), 'run', this.var, String(port)], {
			env: { ...process.env, ...this.env, BUILD: build, FRONT: this.front, BASE: this.base, SETTINGS: this.settings },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		running.add(this);
		this.ended = new Promise((done) => this.supervisor.once('exit', (code) => done(code ?? -1)));
		const ready = new Promise((done) => {
			for (const stream of [this.supervisor.stdout, this.supervisor.stderr])
				stream.on('data', (text) => {
					this.output += text;
					if (/ is ready at /.test(this.output)) done('ready');
				});
		});
		if (await Promise.race([ready, this.ended]) !== 'ready') throw new Error(`the stack did not start: ${this.output}`);
	}

	// Rows as arrays of text, NULL as the word.
	async sql(query) {
		const socket = readFileSync(this.conf, 'utf8').match(/^database_socket = (.*)$/m)[1];
		const { stdout } = await run('mariadb', ['--no-defaults', '--batch', '--skip-column-names', '--user=earshot',
			`--socket=${resolve(this.var, socket)}`, `--execute=${query}`, 'earshot'], { maxBuffer: 1 << 26 });
		return stdout.split('\n').slice(0, -1).map((line) => line.split('\t'));
	}

	// The earshot program with the settings of this stack: { stdout, stderr }, an error when it fails.
	cli(...args) {
		return run(join(build, 'bin/earshot'), ['-c', this.conf, ...args], { maxBuffer: 1 << 26 });
	}

	// Process ids of a part: database, web, responder, daemon, worker; of all parts without a name.
	pids(part) {
		return processes(`EARSHOT_STACK=${this.var}`).filter(({ name }) => !part || programs[part].includes(name))
			.map(({ pid }) => pid);
	}

	// Send a signal to every process of a part. The pids that got it; what was to stop has stopped.
	kill(part, signal = 'SIGKILL') {
		const got = this.pids(part).filter((pid) => {
			try {
				return process.kill(pid, signal);
			} catch {
				return false;
			}
		});

		if (signal === 'SIGSTOP') got.forEach(waitUntilStopped);
		return got;
	}

	// What a part has logged: database, migrate, web, daemon; earshot is the log of our programs.
	log(name = 'earshot') {
		const file = join(this.var, 'log', `${name}.log`);
		return existsSync(file) ? readFileSync(file, 'utf8') : '';
	}

	// Stop everything, remove the folder. The exit code of the supervisor.
	async stop(signal = 'SIGTERM') {
		if (!running.delete(this)) return 0;
		this.supervisor.kill(signal);
		const code = await this.ended;
		if (!this.keep) rmSync(this.var, { recursive: true, force: true });
		return code;
	}
}

// Processes that have such an entry in their environment.
export function processes(mark) {
	const found = [];
	for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
		try {
			if (!readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark)) continue;
			found.push({ pid: Number(pid), name: readFileSync(`/proc/${pid}/comm`, 'utf8').trim() });
		} catch {
			// Gone meanwhile, or not ours to see.
		}
	}
	return found;
}

process.on('exit', () => {
	for (const stack of running) stack.supervisor.kill('SIGTERM');
});
