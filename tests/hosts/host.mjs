// A host as its owner has it: Earshot installed by `make install` or `make bundle` into a folder of its own, the web server
// with the settings that Debian or a hoster gives it, a MariaDB login, and an ordinary user as whom everything runs.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as http } from 'node:http';
import { request as https } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkServerIdentity } from 'node:tls';
import { build, freePort, root, until } from '../harness.mjs';

const isRoot = process.getuid() === 0;
// Root becomes nobody, everyone else stays who he is.
const [, , nobody, nogroup] = isRoot ? readFileSync('/etc/passwd', 'utf8').match(/^nobody:.*$/m)[0].split(':')
	: ['', '', String(process.getuid()), String(process.getgid())];

export class Host {
	// base: where the pages are, '/a/b/'; tls: is the web server asked by https? uid: whom root becomes.
	constructor({ base, tls = false, uid = nobody }) {
		this.uid = isRoot ? uid : nobody;
		this.folder = mkdtempSync(join(tmpdir(), 'earshot-host-'));
		chmodSync(this.folder, 0o755);
		this.base = base;
		this.tls = tls;
		this.prefix = join(this.folder, 'earshot');
		this.conf = join(this.prefix, 'etc/earshot.conf');
		this.secret = 'a long enough password';
		this.children = [];
		process.on('exit', () => this.children.forEach((child) => child.kill('SIGKILL')));
	}

	// A file below the folder, owned by the user.
	write(name, text, mode = 0o644) {
		const at = join(this.folder, name);
		mkdirSync(join(at, '..'), { recursive: true });
		writeFileSync(at, text);
		chmodSync(at, mode);
		return at;
	}

	give() {
		if (isRoot) return this.root('chown', '-R', `${this.uid}:${nogroup}`, this.folder);
		return undefined;
	}

	#command(words) {
		return isRoot ? ['setpriv', '--reuid', this.uid, '--regid', nogroup, '--clear-groups', '--no-new-privs', ...words] : words;
	}

	#environment(env) {
		return { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, HOME: this.folder, LANG: 'C.UTF-8', TMPDIR: join(this.folder, 'tmp'),
			EARSHOT_HOST: this.folder, ...env };
	}

	// As ourselves: { stdout, stderr }; an error when it fails.
	root(...words) {
		return new Promise((done, fail) => execFile(words[0], words.slice(1), { cwd: root, maxBuffer: 1 << 26, env: { ...process.env, BUILD: build } },
			(error, stdout, stderr) => (error ? fail(new Error(`${words.join(' ')}: ${stdout}${stderr}`)) : done({ stdout, stderr }))));
	}

	// As the user, wherever it ends: { code, stdout, stderr }.
	run(words, { env = {}, input = '' } = {}) {
		const [program, ...rest] = this.#command(words);
		return new Promise((done) => {
			const child = execFile(program, rest, { env: this.#environment(env), cwd: this.folder, maxBuffer: 1 << 26 },
				(error, stdout, stderr) => done({ code: error ? error.code : 0, stdout, stderr }));
			child.stdin.on('error', () => {});
			child.stdin.end(input);
		});
	}

	// The earshot program, which finds its settings by itself.
	async earshot(...words) {
		return this.run([join(this.prefix, 'bin/earshot'), ...words]);
	}

	// In the background, as the user; what it says is in this.said(name). It dies with us.
	start(name, words, env = {}) {
		const log = join(this.folder, `${name}.log`);
		const [program, ...rest] = this.#command(['sh', '-c', 'exec "$@" >>"$0" 2>&1', log, 'setpriv', '--pdeathsig', 'KILL', ...words]);
		const child = spawn(program, rest, { env: this.#environment(env), stdio: 'ignore', cwd: this.folder });
		child.gone = new Promise((done) => child.once('exit', done));
		this.children.push(child);
		return child;
	}

	said(name) {
		const log = join(this.folder, `${name}.log`);
		return existsSync(log) ? readFileSync(log, 'utf8') : '';
	}

	// certificate.pem and key.pem, of 127.0.0.1.
	async makeCertificate() {
		await this.root('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1',
			'-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', join(this.folder, 'key.pem'), '-out', join(this.folder, 'certificate.pem'));
		await this.give();
	}

	// A database server with one login that may do what a hoster allows: everything in one database.
	async startDatabase(name = 'mysql', ...options) {
		this.password = 'a word # with "blanks"';
		mkdirSync(join(this.folder, name));
		mkdirSync(join(this.folder, 'tmp'), { recursive: true });
		this.write(`${name}/init.sql`, ['CREATE DATABASE music', `CREATE USER musician@localhost IDENTIFIED BY '${this.password}'`,
			'GRANT ALL ON music.* TO musician@localhost', 'CREATE USER hoster@localhost', 'GRANT ALL ON *.* TO hoster@localhost WITH GRANT OPTION',
			''].join(';\n'), 0o600);
		// Where the user can read them, whatever the checkout's rights are.
		cpSync(join(root, 'lib/local/parts.sh'), join(this.folder, `${name}/parts.sh`));
		cpSync(join(root, 'tests/hosts/database.sh'), join(this.folder, `${name}/database.sh`));
		// A server that has been set up, which takes some seconds.
		if (process.env.BEGINNING) await this.root('cp', '-a', join(process.env.BEGINNING, 'db'), join(this.folder, name));
		await this.give();
		this.socket = join(this.folder, `${name}/db.sock`);
		const server = this.start(name, ['sh', join(this.folder, `${name}/database.sh`), join(this.folder, name), ...options]);
		await Promise.race([server.gone.then(() => assert.fail(`no database: ${this.said(name)}`)),
			until(() => this.sql('DO 0').then(() => true, () => false), 'the database', 60_000)]);
		return server;
	}

	// user: hoster may do anything.
	async sql(query, user = 'musician') {
		const { code, stdout, stderr } = await this.run(['mariadb', '--no-defaults', '-BN', `--socket=${this.socket}`, `--user=${user}`,
			'music', '-e', query], { env: user === 'musician' ? { MYSQL_PWD: this.password } : {} });
		if (code) throw new Error(stderr);
		return stdout.split('\n').slice(0, -1).map((line) => line.split('\t'));
	}

	// make install or make bundle, again for an upgrade.
	async make(target, prefix = this.prefix) {
		await this.root('make', '-s', target, `PREFIX=${prefix}`, `BUILD=${build}`, 'SOUNDFONT=none');
		await this.give();
	}

	// Install another release, whose js/main.js has a line more.
	async release(line, ...more) {
		const at = join(this.folder, 'release');
		rmSync(at, { recursive: true, force: true });
		cpSync(join(root, 'www'), join(at, 'www'), { recursive: true });
		for (const name of ['lib', 'schema', 'apache.conf', 'lighttpd.conf']) symlinkSync(join(root, name), join(at, name));
		appendFileSync(join(at, 'www/js/main.js'), line);
		await this.root('env', '-C', at, 'SOUNDFONT=none', 'sh', 'lib/host/install.sh', join(build, 'bin'), this.prefix, join(this.prefix, 'etc'),
			join(this.prefix, 'var'), ...more);
		await this.give();
	}

	// From now on ask() is asked as ada, by a token.
	async signIn() {
		const { code, stdout, stderr } = await this.earshot('token', 'new', 'ada', 'tests', '--scopes', 'read,vote,create,admin');
		assert.equal(code, 0, stderr);
		this.token = stdout.match(/^\S{30,}$/m)[0];
	}

	settings(changes) {
		const lines = readFileSync(this.conf, 'utf8').split('\n').filter((line) => !(line.split(' = ')[0] in changes));
		writeFileSync(this.conf, [...lines, ...Object.entries(changes).filter(([, value]) => value !== undefined)
			.map(([key, value]) => `${key} = ${value}`), ''].join('\n'));
	}

	// An answer of the web server: { status, headers, bytes, text, json }. path: behind the base.
	ask(method, path, { headers = {}, body, json } = {}) {
		if (json !== undefined) {
			body = JSON.stringify(json);
			headers = { 'Content-Type': 'application/json', ...headers };
		}
		if (this.token) headers = { Authorization: `Bearer ${this.token}`, ...headers };
		if (body !== undefined) headers = { 'Content-Length': Buffer.byteLength(body), ...headers };
		return new Promise((done, fail) => {
			const sent = (this.tls ? https : http)({ host: '127.0.0.1', port: this.port, method, path: this.base + path, headers, agent: false,
				timeout: 60_000, ...(this.tls && { ca: readFileSync(join(this.folder, 'certificate.pem')),
					checkServerIdentity: (_, certificate) => checkServerIdentity('127.0.0.1', certificate) }) }, (got) => {
				const parts = [];
				got.on('data', (part) => parts.push(part));
				got.on('error', fail);
				got.on('end', () => {
					const bytes = Buffer.concat(parts), text = bytes.toString();
					done({ status: got.statusCode, headers: got.headers, bytes, text,
						json: /json(;|$)/.test(got.headers['content-type'] ?? '') ? JSON.parse(text) : undefined });
				});
			});
			sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
			sent.on('error', fail);
			sent.end(body);
		});
	}

	get origin() {
		return `${this.tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
	}

	get url() {
		return `${this.origin}${this.base}`;
	}

	// Ready when it answers at all.
	async startWeb(words, env) {
		this.web = this.start('web', words, env);
		await Promise.race([this.web.gone.then(() => assert.fail(`no web server: ${this.said('web')}`)),
			until(() => this.ask('GET', 'index.html').then(() => true, () => false), 'the web server', 30_000)]);
	}

	async choosePort() {
		this.port = await freePort();
	}

	// Processes of this host by name, as /proc/PID/comm has them.
	pids(name) {
		return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).map(Number).filter((pid) => {
			try {
				return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name &&
					readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`EARSHOT_HOST=${this.folder}`) &&
					!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
			} catch {
				return false;
			}
		});
	}

	kill(name, signal = 'SIGKILL') {
		const pids = this.pids(name);
		for (const pid of pids) process.kill(pid, signal);
		return pids;
	}

	// Submit a job; its id.
	async submit(body = {}) {
		const { status, json, text } = await this.ask('POST', 'api/generate', { json: { prompt: 'calm piano ballad', duration: 2, ...body } });
		assert.equal(status, 201, `${text}\n${this.log()}`);
		return json.id;
	}

	finished(id, ms = 60_000) {
		return until(async () => {
			const { status, json, text } = await this.ask('GET', `api/generate/${id}`);
			// mod_fcgid's own answer, once, where its responders were killed; a page asks again.
			if (this.reaped && status >= 500 && !json) return undefined;
			assert.ok(['queued', 'processing', 'completed'].includes(json?.status), text);
			return json.status === 'completed' && json;
		}, 'the job to be completed', ms);
	}

	log() {
		const at = this.conf && readFileSync(this.conf, 'utf8').match(/^log_file = (.*)$/m)[1];
		return existsSync(at) ? readFileSync(at, 'utf8').slice(-4000) : '';
	}

	// Does a process still run a program whose file was replaced?
	isOld(pid) {
		return readlinkSync(`/proc/${pid}/exe`).endsWith(' (deleted)');
	}

	// The web server, and what it has started.
	async stopServer() {
		this.web?.kill('SIGTERM');
		await this.web?.gone;
		this.kill('earshotd', 'SIGTERM');
		await until(() => !this.pids('earshotd').length && !this.pids('earshot-worker').length, 'the end of the daemon', 20_000);
	}

	async stop() {
		await this.stopServer().catch(() => {});
		const end = (signal) => this.children.forEach((child) => child.kill(signal));
		const late = setTimeout(end, 20_000, 'SIGKILL');
		end('SIGTERM');
		await Promise.all(this.children.map((child) => child.gone));
		clearTimeout(late);
		for (const name of ['earshotd', 'earshot-worker', 'earshot.fcgi', 'apache2', 'lighttpd', 'mariadbd']) this.kill(name);
		rmSync(this.folder, { recursive: true, force: true });
	}
}
