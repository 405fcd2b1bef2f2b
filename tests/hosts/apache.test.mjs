// Debian's Apache: its own settings and scripts, apache.conf in a virtual host with TLS, below a path.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DebianHost } from './debian.mjs';
import { findsWhatTheWebServerDoes, healthy } from './doctor.mjs';
import { aStudio, reloads } from './studio.mjs';

// What Debian enables by itself, and what the README says.
const enabled = ['mpm_event', 'authz_core', 'authz_host', 'authn_core', 'alias', 'dir', 'autoindex', 'env', 'mime', 'negotiation', 'setenvif',
	'filter', 'deflate', 'reqtimeout'];
const wanted = ['fcgid', 'xsendfile', 'headers', 'ssl'];

class ApacheHost extends DebianHost {
	responders = 3;

	constructor() {
		super({ base: '/music/studio/', tls: true });
	}

	async open() {
		await super.open();
		const etc = join(this.folder, 'apache2'), debian = this.packageAt('apache2', '/usr/sbin/a2enmod');
		this.take(join(debian, 'etc/apache2'), 'apache2');
		this.take('/etc/apache2/mods-available', 'apache2/mods-available');
		// Paths of what is not installed, but unpacked.
		const ssl = readFileSync(join(etc, 'mods-available/ssl.conf'), 'utf8');
		this.write('apache2/mods-available/ssl.conf', ssl.replaceAll('/usr/share/apache2/', join(debian, 'usr/share/apache2/')));
		for (const name of ['run', 'lock', 'www', 'fcgid', 'state']) this.write(`${name}/.keep`, '');
		this.write('apache2/envvars', '');
		this.write('apache2/ports.conf', `Listen 127.0.0.1:${this.port}\n`);
		this.write('apache2/conf-enabled/ours.conf', `ServerName 127.0.0.1\nFcgidIPCDir "${this.folder}/fcgid"\n` +
			`FcgidProcessTableFile "${this.folder}/fcgid/table"\nFcgidInitialEnv EARSHOT_HOST "${this.folder}"\n`);
		this.write('apache2/sites-enabled/site.conf', `<VirtualHost *:${this.port}>
			DocumentRoot "${this.folder}/www"
			SSLEngine on
			SSLCertificateFile "${this.folder}/certificate.pem"
			SSLCertificateKeyFile "${this.folder}/key.pem"
			Define EARSHOT_BASE /music/studio/
			Define EARSHOT_PROCESSES ${this.responders}
			Include ${this.prefix}/share/earshot/apache.conf
		</VirtualHost>\n`);
		await this.makeCertificate();
		this.environment = { APACHE_CONFDIR: etc, APACHE_STATE_DIRECTORY: join(this.folder, 'state'), APACHE_ENVVARS: join(etc, 'envvars'),
			APACHE_RUN_USER: 'nobody', APACHE_RUN_GROUP: 'nogroup', APACHE_PID_FILE: join(this.folder, 'run/apache.pid'),
			APACHE_RUN_DIR: join(this.folder, 'run'), APACHE_LOCK_DIR: join(this.folder, 'lock'), APACHE_LOG_DIR: this.folder };
		const { code, stdout, stderr } = await this.run([join(debian, 'usr/sbin/a2enmod'), '-q', ...enabled, ...wanted], { env: this.environment });
		assert.equal(code, 0, stdout + stderr);
		await this.startServer();
	}

	startServer() {
		return this.startWeb(['apache2', '-d', this.environment.APACHE_CONFDIR, '-D', 'FOREGROUND'], this.environment);
	}
}

describe('a Debian host with Apache, TLS and mod_fcgid', () => {
	const host = new ApacheHost();

	before(() => host.open());
	after(() => host.stop());

	test('apache.conf finds what `make install` has put where, and needs nothing that Debian does not have', () => {
		assert.doesNotMatch(readFileSync(join(host.prefix, 'share/earshot/apache.conf'), 'utf8'), /\/usr\/local|\/var\/lib|\/etc\/earshot\//);
		assert.doesNotMatch(host.said('web'), /error|Invalid|Syntax/i);
	});

	aStudio(host);
	healthy(host);
	reloads(host);
	findsWhatTheWebServerDoes(host, () => host.stopServer().then(() => host.startServer()));
});
