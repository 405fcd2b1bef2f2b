// `earshot doctor`: a host in order, and one thing wrong after another.

import assert from 'node:assert/strict';
import { chmodSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../harness.mjs';

export async function examine(host, ...words) {
	const { code, stdout, stderr } = await host.earshot('doctor', ...(host.tls ? ['--ca', join(host.folder, 'certificate.pem')] : []), ...words);
	return { code, said: stdout + stderr, problems: stdout.match(/^PROBLEM .*$/gm) ?? [], remedies: [...stdout.matchAll(/^ +do: (.*)$/gm)].map(([, line]) => line) };
}

export function healthy(host) {
	test('earshot doctor finds nothing wrong, here or at the address', async () => {
		const { code, said, problems } = await examine(host, host.url);
		assert.deepEqual(problems, []);
		assert.equal(code, 0, said);
		for (const part of ['settings', 'state', 'storage', 'disk', 'clock', 'database', 'daemon', 'models', 'web'])
			assert.match(said, new RegExp(`^ok +${part} `, 'm'));
		assert.match(said, new RegExp(`the responder, as ${host.fastcgi ? 'FastCGI' : 'CGI'}`));
		assert.doesNotMatch(said, /blanks/);
	});
}

// What it finds of the host itself. Each: what to break; what is said; true where the line that is said mends it, else how it is.
function ofTheHost(host) {
	const state = join(host.prefix, 'var'), secret = join(host.prefix, 'etc/database-password'), settings = readFileSync(host.conf, 'utf8');
	const set = (changes) => () => host.settings(changes), reset = () => host.write('earshot/etc/earshot.conf', settings);
	const worker = join(host.prefix, 'lib/earshot/earshot-worker');

	return {
		'a state folder that nobody may write to': [() => chmodSync(state, 0o500), /may not write to \S+\/var/, true],
		'a state folder that anyone may write to': [() => chmodSync(state, 0o777), /Anyone may write to/, true],
		'a password that others can read': [() => chmodSync(secret, 0o644), /secret in \S+ can be read by others/, true],
		'a password file that is gone': [() => renameSync(secret, `${secret}.away`), /cannot be read by/, () => renameSync(`${secret}.away`, secret)],
		'a program that cannot be started': [() => chmodSync(worker, 0o644), /earshot-worker cannot be started/, true],
		'a program that is missing': [() => renameSync(worker, `${worker}.away`), /earshot-worker is missing/, () => renameSync(`${worker}.away`, worker)],
		'a database that is not there': [set({ database_name: 'nothing' }), /database.*\((1049|1044) /, reset],
		'another password': [set({ database_password_file: host.conf }), /database.*\(1045 /, reset],
		'a server that does not run': [set({ database_socket: '/nowhere/db.sock' }), /database.*\(2002 /, reset],
		'a socket with too long a path': [set({ state_dir: `/tmp/${'long'.repeat(30)}` }), /too long for a socket/, reset],
		'a log that cannot be written': [set({ log_file: '/proc/earshot.log' }), /log +\/proc\/earshot.log/, reset],
		'no soundfont': [set({ soundfont: '/nowhere.sf2' }), /None can run: .*nowhere/, reset],
		'a login that may not change tables': [() => host.sql('REVOKE ALTER ON music.* FROM musician@localhost', 'hoster'),
			/ALTER is not allowed/, () => host.sql('GRANT ALL ON music.* TO musician@localhost', 'hoster')],
		'tables of an older version': [() => host.sql(`CREATE TABLE kept AS SELECT * FROM schema_migrations
			ORDER BY version DESC LIMIT 1; DELETE FROM schema_migrations ORDER BY version DESC LIMIT 1`),
			/of an older version/, () => host.sql('INSERT INTO schema_migrations SELECT * FROM kept; DROP TABLE kept')],
		'a clock that is wrong': [() => host.sql("SET GLOBAL init_connect = 'SET timestamp = 1000000000'", 'hoster'),
			/disagree by \d+ s/, () => host.sql("SET GLOBAL init_connect = ''", 'hoster')],
	};
}

export function findsWhatIsWrong(host) {
	test('earshot doctor finds what is wrong with a host, and says the line that mends it', async () => {
		for (const [what, [harm, says, mend]] of Object.entries(ofTheHost(host))) {
			await harm();
			const found = await examine(host);
			try {
				assert.equal(found.code, 1, `${what}: ${found.said}`);
				assert.ok(found.problems.some((line) => says.test(line)), `${what}: ${found.said}`);
			} finally {
				if (mend !== true) await mend();
				else await host.run(['sh', '-c', found.remedies.join(' && ')]);
				await host.give();
			}
			assert.deepEqual((await examine(host)).problems, [], what);
		}
	});

	// The same server, so that whoever is refused for its age has reached it.
	test('a database server that is too old is refused before anything is done there, and TLS is spoken where an authority is named', async () => {
		const { socket } = host, settings = readFileSync(host.conf, 'utf8'), port = await freePort();
		const [certificate, key, other] = ['certificate.pem', 'key.pem', 'other.pem'].map((name) => join(host.folder, name));
		await host.makeCertificate();
		renameSync(certificate, other);
		await host.makeCertificate();
		const old = await host.startDatabase('old', '--version=10.5.29-MariaDB', '--skip-networking=0', '--skip-name-resolve=0', '--bind-address=127.0.0.1',
			`--port=${port}`, `--ssl-cert=${certificate}`, `--ssl-key=${key}`, '--require-secure-transport=ON');
		const tcp = { database_socket: undefined, database_host: '127.0.0.1', database_port: port };
		const tooOld = /the database server is MariaDB 10\.5\.29; Earshot needs MariaDB 10\.6 or MySQL 8\.0\.15, or a later one$/;
		for (const [changes, says] of [
			[{ database_socket: host.socket }, tooOld],
			[{ ...tcp, database_ca: certificate }, tooOld],
			[tcp, /\(1045 /],
			[{ ...tcp, database_ca: other }, /\(2026 /],
		]) {
			host.settings(changes);
			const { problems } = await examine(host), migrate = await host.earshot('migrate');
			host.write('earshot/etc/earshot.conf', settings);
			await host.give();
			assert.equal(problems.length, 1, problems.join());
			assert.match(problems[0], says);
			assert.equal(migrate.code, 1);
			assert.match(migrate.stderr.trim(), says);
		}
		assert.deepEqual(await host.sql('SHOW TABLES'), []);
		old.kill('SIGTERM');
		host.socket = socket;
		await old.gone;
	});

	test('earshot doctor finds limits that are too tight', async () => {
		const { stdout } = await host.run(['prlimit', '--nofile=40', join(host.prefix, 'bin/earshot'), 'doctor']);
		assert.match(stdout, /^PROBLEM +limits +40 open files, for this program, are too few/m);
	});
}

// What it finds of the web server. change: a function of the text of apache.conf.
export function findsWhatTheWebServerDoes(host, restart) {
	const wrong = {
		'headers that are not set': [(text) => text.replace(/^.*Content-Security-Policy.*$/m, ''), /without security headers/],
		'scripts of another type': [(text) => text.replace('AddType text/javascript .js', 'AddType text/plain .js'), /do not come as text\/javascript/],
		'an Authorization that is taken away': [(text) => text.replace('CGIPassAuth On', ''), /Authorization does not reach/],
		'bodies that are refused': [(text) => text.replace(/FcgidMaxRequestLen \d+/, 'FcgidMaxRequestLen 65536'), /refuses a body of 200000 bytes/],
		'other settings': [(text) => text.replace(/Define EARSHOT_SETTINGS .*/, `Define EARSHOT_SETTINGS ${host.folder}/other.conf`),
			/cannot read what this program writes/],
		'a responder that is none': [(text) => text.replace(/Define EARSHOT_RESPONDER .*/, 'Define EARSHOT_RESPONDER /bin/false'),
			/No responder answers/],
	};

	test('earshot doctor finds what the web server does to requests', async () => {
		const at = 'earshot/share/earshot/apache.conf', right = readFileSync(join(host.folder, at), 'utf8');
		host.write('other.conf', readFileSync(host.conf, 'utf8').replaceAll(`${host.prefix}/var`, `${host.folder}/other`));
		for (const [what, [change, says]] of Object.entries(wrong)) {
			assert.notEqual(change(right), right, what);
			host.write(at, change(right));
			await restart();
			const found = await examine(host, host.url);
			assert.equal(found.code, 1, `${what}: ${found.said}`);
			assert.ok(found.problems.some((line) => says.test(line)), `${what}: ${found.said}`);
		}
		host.write(at, right);
		host.settings({ hosts: 'music.example' });
		await restart();
		assert.match((await examine(host, host.url)).said, /does not know the name of/);
		host.settings({ hosts: undefined });
		await restart();
		assert.deepEqual((await examine(host, host.url)).problems, []);
	});
}
