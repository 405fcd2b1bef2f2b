// A shared host: nothing but public_html, .htaccess, CGI or mod_fcgid and a MySQL login. Nobody is root, limits are tight,
// and what runs for long is killed.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Host } from './host.mjs';
import { healthy } from './doctor.mjs';
import { aStudio, keepsOpenPages, reloads } from './studio.mjs';

// What hosters let an .htaccess say: AllowOverride as cPanel has it.
const at = '/usr/lib/apache2/modules';
const modules = ['mpm_event', 'authz_core', 'alias', 'dir', 'mime', 'headers', 'env', 'setenvif', 'filter', 'deflate', 'cgid'];

class SharedHost extends Host {
	constructor() {
		super({ base: '/~musician/earshot/' });
		this.reaped = ['earshot-worker', 'earshot.fcgi'];
		this.web_root = join(this.folder, 'public_html');
	}

	async open() {
		await this.startDatabase();
		await this.make('bundle');
		await this.choosePort();
		await this.setUp();
		this.settings({ workers: 1, token_requests_per_minute: 100000 });
		await this.signIn();
	}

	// It asks once; the second time it has its settings.
	async setUp() {
		const { code, stdout, stderr } = await this.run(['sh', join(this.prefix, 'share/earshot/shared.sh'), join(this.web_root, 'earshot')],
			{ input: existsSync(this.conf) ? '' : `127.0.0.1\n${this.socket}\nmusic\nmusician\n${this.password}\nada\n${this.secret}\n` });
		assert.equal(code, 0, stdout + stderr);
	}

	async startServer(fastcgi) {
		const loaded = fastcgi ? [...modules, 'fcgid'] : modules;

		this.fastcgi = fastcgi;
		const conf = this.write('apache.conf', `${loaded.map((name) => `LoadModule ${name}_module ${at}/mod_${name}.so`).join('\n')}
			ServerRoot "${this.folder}"
			ServerName 127.0.0.1
			Listen 127.0.0.1:${this.port}
			DefaultRuntimeDir "${this.folder}/tmp"
			PidFile "${this.folder}/tmp/apache.pid"
			ErrorLog "${this.folder}/web.log"
			TypesConfig /etc/mime.types
			ScriptSock "${this.folder}/tmp/cgid"
			AddOutputFilterByType DEFLATE text/html text/css text/javascript
			PassEnv EARSHOT_HOST
			${fastcgi ? `FcgidIPCDir "${this.folder}/tmp"
			FcgidProcessTableFile "${this.folder}/tmp/table"
			FcgidInitialEnv EARSHOT_HOST "${this.folder}"
			FcgidMaxProcessesPerClass 8` : ''}
			<Directory />
				AllowOverride None
				Require all denied
			</Directory>
			Alias /~musician "${this.web_root}"
			<Directory "${this.web_root}">
				AllowOverride AuthConfig FileInfo Indexes Limit Options=ExecCGI,Includes,Indexes,MultiViews
				Options Indexes MultiViews
				Require all granted
			</Directory>\n`);
		// Address space, processes: what a hoster's limits look like.
		await this.startWeb(['prlimit', '--as=2147483648', '--nofile=256', 'apache2', '-D', 'FOREGROUND', '-f', conf]);
	}

	async release(line) {
		await super.release(line, 'libraries');
		await this.setUp();
	}

	upgrade() {
		return this.make('bundle').then(() => this.setUp());
	}
}

describe('a shared host', () => {
	const host = new SharedHost();

	before(() => host.open());
	after(() => host.stop());

	test('a bundle brings every library but those of the C library', async () => {
		const programs = join(host.prefix, 'lib/earshot');
		for (const program of ['earshot', 'earshotd', 'earshot-worker', 'earshot.fcgi']) {
			const { stdout } = await host.run(['ldd', join(programs, program)], { env: { LD_LIBRARY_PATH: join(programs, 'libs') } });
			assert.doesNotMatch(stdout, /not found/);
			for (const [, name, from] of stdout.matchAll(/^\s*(\S+) => (\/\S+)/gm))
				assert.ok(from.startsWith(programs) || /^lib(c|m|dl|rt|pthread|resolv|util)\.so\.\d$/.test(name), `${program} loads ${from}`);
		}
	});

	test('what the set-up leaves is for nobody else to read or write', () => {
		assert.equal(statSync(join(host.prefix, 'etc/database-password')).mode & 0o077, 0);
		assert.equal(statSync(host.conf).mode & 0o077, 0);
		assert.equal(statSync(join(host.prefix, 'var')).mode & 0o007, 0);
		assert.equal(statSync(join(host.web_root, 'earshot/api')).mode & 0o777, 0o755);
		assert.doesNotMatch(readFileSync(join(host.web_root, 'earshot/api'), 'utf8'), /password|blanks/);
	});

	test('it does not set itself up where the web could read its settings', async () => {
		for (const [folder, says] of [[join(host.prefix, 'web'), /must not be in the web/], [host.folder, /anyone could read it/]]) {
			const { code, stderr } = await host.run(['sh', join(host.prefix, 'share/earshot/shared.sh'), folder]);
			assert.equal(code, 1);
			assert.match(stderr, says);
		}
	});

	for (const fastcgi of [true, false])
		describe(`with ${fastcgi ? 'mod_fcgid' : 'CGI'}`, () => {
			before(() => host.startServer(fastcgi));
			after(() => host.stopServer());
			aStudio(host);
			healthy(host);
			if (fastcgi) keepsOpenPages(host);
			reloads(host);
		});
});
