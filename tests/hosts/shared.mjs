// A shared host: nothing but public_html, .htaccess, CGI or mod_fcgid and a MySQL login. Nobody is root, limits are tight,
// and what runs for long is killed.

import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Host } from './host.mjs';

// What hosters let an .htaccess say: AllowOverride as cPanel has it.
const at = '/usr/lib/apache2/modules';
const modules = ['mpm_event', 'authz_core', 'alias', 'dir', 'mime', 'headers', 'env', 'setenvif', 'filter', 'deflate', 'cgid'];

export class SharedHost extends Host {
	constructor(more) {
		super({ base: '/~musician/earshot/', ...more });
		this.reaped = ['earshot-worker', 'earshot.fcgi'];
		this.web_root = join(this.folder, 'public_html');
	}

	async open() {
		await this.startDatabase();
		await this.make('bundle');
		await this.choosePort();
		await this.beforeSetUp?.();
		await this.setUp();
		this.settings({ workers: 1, token_requests_per_minute: 100000 });
		await this.signIn();
	}

	// It asks once; the second time it has its settings. from: another bundle, which takes the place of ours.
	async setUp(from) {
		const { code, stdout, stderr } = await this.run(['sh', join(from ?? this.prefix, 'share/earshot/shared.sh'), join(this.web_root, 'earshot'),
			...(from ? [this.prefix] : [])],
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

	// As the README has it, with a file that the new version does not have any more.
	async upgrade() {
		const fresh = join(this.folder, 'new/earshot'), stale = this.write('earshot/lib/earshot/libs/libstale.so.1', '');
		await this.make('bundle', fresh);
		await this.setUp(fresh);
		assert.ok(!existsSync(stale));
		rmSync(join(fresh, '..'), { recursive: true });
	}
}
