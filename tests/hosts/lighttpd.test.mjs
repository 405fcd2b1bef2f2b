// Debian's lighttpd: its own settings, lighttpd.conf in conf-enabled, below a path.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build, until } from '../harness.mjs';
import { DebianHost } from './debian.mjs';
import { findsWhatIsWrong, healthy } from './doctor.mjs';
import { aStudio, keepsOpenPages, reloads } from './studio.mjs';

class LighttpdHost extends DebianHost {
	responders = 8;

	constructor() {
		super({ base: '/studio/' });
	}

	async open() {
		await super.open();
		const installed = existsSync('/usr/sbin/lighttpd') ? '' : join(this.folder, 'lighttpd');
		if (installed) this.take(join(build, 'lighttpd'), 'lighttpd');
		const text = readFileSync(join(installed || '/', 'etc/lighttpd/lighttpd.conf'), 'utf8')
			.replaceAll('/etc/lighttpd', join(this.folder, 'etc'))
			.replaceAll('/usr/share/lighttpd', join(installed || '/', 'usr/share/lighttpd'))
			.replaceAll(/"\/(var|run)\//g, `"${this.folder}/$1/`)
			.replace(/^server\.(username|groupname).*$/gm, '')
			.replace(/^server\.port .*$/m, `server.bind = "127.0.0.1"\nserver.port = ${this.port}`)
			.replace(/^include_shell.*use-ipv6.*$/m, '');
		const conf = this.write('etc/lighttpd.conf', text);
		for (const name of ['var/www/html', 'var/cache/lighttpd/uploads', 'var/log/lighttpd', 'run/lighttpd']) this.write(`${name}/.keep`, '');
		// The lines that lighttpd.conf asks for, as it has them.
		const lines = readFileSync(join(this.prefix, 'share/earshot/lighttpd.conf'), 'utf8').match(/^#\t(var|include).*$/gm).map((line) => line.slice(2));
		this.write('etc/conf-enabled/90-earshot.conf', lines.join('\n')
			.replace('earshot_base = "/"', 'earshot_base = "/studio/"')
			.replace('"/run/', `"${this.folder}/run/`));
		await this.give();
		const program = installed ? [join(installed, 'usr/sbin/lighttpd'), '-m', join(installed, 'usr/lib/lighttpd')] : ['lighttpd'];
		await this.startWeb([...program, '-D', '-f', conf]);
	}
}

describe('a Debian host with lighttpd', () => {
	const host = new LighttpdHost();

	before(() => host.open());
	after(() => host.stop());

	test('lighttpd has nothing to complain about', () => {
		assert.doesNotMatch(host.said('web'), /error|unknown|deprecated|duplicate|WARNING/i);
	});

	test('DESTDIR goes in front of every path, and into no file', async () => {
		const at = join(host.folder, 'package');
		await host.root('make', '-s', 'install', `DESTDIR=${at}`, 'PREFIX=/usr/local', `BUILD=${build}`);
		const read = (name) => readFileSync(join(at, name), 'utf8');
		assert.match(read('etc/earshot/earshot.conf'), /^state_dir = \/var\/lib\/earshot$/m);
		assert.match(read('usr/local/share/earshot/earshot.service'), /^ExecStart=\/usr\/local\/lib\/earshot\/earshotd --replace -c \/etc\/earshot\/earshot.conf$/m);
		assert.match(read('usr/local/share/earshot/apache.conf'), /Define EARSHOT_RESPONDER \/usr\/local\/lib\/earshot\/earshot.fcgi/);
		assert.ok(existsSync(join(at, 'usr/local/bin/earshot')) && existsSync(join(at, 'usr/local/lib/earshot/earshot.fcgi')));
		for (const name of ['etc/earshot/earshot.conf', ...readdirSync(join(at, 'usr/local/share/earshot')).filter((entry) => /\.(conf|service|logrotate)$/.test(entry))
			.map((entry) => `usr/local/share/earshot/${entry}`)])
			assert.ok(!read(name).includes(at), name);
	});

	aStudio(host);
	healthy(host);
	keepsOpenPages(host);
	reloads(host);
	findsWhatIsWrong(host);

	test('logrotate turns the log over, and what runs goes on in the new one', async () => {
		const log = join(host.prefix, 'var/earshot.log'), program = join(host.packageAt('logrotate', '/usr/sbin/logrotate'), 'usr/sbin/logrotate');
		const rules = readFileSync(join(host.prefix, 'share/earshot/earshot.logrotate'), 'utf8');
		assert.match(rules, new RegExp(`^${log} \\{`, 'm'));
		// Who is not root may not choose whose the new file is.
		const conf = host.write('logrotate.conf', rules.replace(/^\s*su .*$/m, '').replace(/create 0640 .*/, 'create 0640'));
		await host.give();
		const before = readFileSync(log, 'utf8');
		assert.match(before, /earshotd/);
		const { code, stderr } = await host.run([program, '--force', '--state', join(host.folder, 'logrotate.state'), conf]);
		assert.equal(code, 0, stderr);
		assert.equal(readFileSync(`${log}.1`, 'utf8'), before);
		const [daemon] = host.kill('earshotd', 'SIGTERM');
		await until(() => readFileSync(log, 'utf8').includes(`earshotd[${daemon}] info: stopping`), 'the last words of the daemon in the new log');
		assert.equal(readFileSync(`${log}.1`, 'utf8'), before);
	});

	test('a daemon that is a service takes the place of the one that a job has started, and the job goes on', async () => {
		const [started] = host.pids('earshotd'), program = join(host.prefix, 'lib/earshot/earshotd');
		const id = await host.submit({ duration: 30, num_samples: 2 });
		await until(async () => (await host.ask('GET', `api/generate/${id}`)).json.status === 'processing', 'the job to begin');
		const service = host.start('service', [program, '--replace', '-c', host.conf]);
		await until(() => host.pids('earshotd').length === 1 && host.pids('earshotd')[0] === service.pid, 'the service alone');
		assert.notEqual(started, service.pid);
		await host.finished(id, 120_000);
		assert.deepEqual(await host.sql(`SELECT failures FROM jobs WHERE status = 'completed' AND id = UNHEX('${id.replaceAll('-', '')}')`), [['0']]);
		// One that hangs does not hear it, and is killed.
		process.kill(service.pid, 'SIGSTOP');
		const next = host.start('next', [program, '--replace', '-c', host.conf]);
		await until(() => host.pids('earshotd').length === 1 && host.pids('earshotd')[0] === next.pid, 'the next service alone', 20_000);
		await until(() => host.log().includes(`earshotd[${next.pid}] info: earshotd `), 'it to run');
		// Without that word, the one that is there stays.
		const { code, stderr } = await host.run([program, '-c', host.conf]);
		assert.equal(code, 1);
		assert.match(stderr + host.log(), /another earshotd runs with this state_dir/);
		assert.deepEqual(host.pids('earshotd'), [next.pid]);
	});

	test('the unit of systemd is right, and leaves the daemon little that it does not need', async () => {
		const unit = join(host.prefix, 'share/earshot/earshot.service'), at = host.packageAt('systemd', '/usr/bin/systemd-analyze');
		const program = join(at, 'usr/bin/systemd-analyze');
		const env = at === '/' ? {} : { LD_LIBRARY_PATH: join(at, `usr/lib/${readdirSync(join(at, 'usr/lib')).find((name) => /-linux-gnu/.test(name))}/systemd`) };
		const verify = await host.run([program, 'verify', unit], { env });
		assert.doesNotMatch(verify.stderr, /earshot/);
		assert.equal(verify.code, 0, verify.stderr);
		// From 0 to 10, here in tenths: 2.0 is what systemd itself calls OK.
		const security = await host.run([program, 'security', '--offline=true', '--threshold=20', unit], { env });
		assert.equal(security.code, 0, security.stdout);
	});
});
