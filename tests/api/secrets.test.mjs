// Where a secret may be: with the one whose it is, and nowhere else. And the ways around accounts that there are not.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { build, until } from '../harness.mjs';
import { accounts, addUser, byToken, cgi, Client, cookieOf, earshot, newToken, password, signIn } from './access.mjs';
import { installation, isProblem } from './api.mjs';

const api = accounts();

function* files(folder) {
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) yield* files(path);
		else if (entry.isFile()) yield path;
	}
}

describe('a secret', () => {
	const secret = {}, heard = [];

	// Arguments and environments of every process of the installation, again and again while it works.
	function look() {
		for (const pid of api.stack.pids())
			for (const name of ['cmdline', 'environ']) {
				try {
					const text = readFileSync(`/proc/${pid}/${name}`, 'latin1');
					heard.push(`${name} of ${readFileSync(`/proc/${pid}/comm`, 'latin1').trim()}: ${text}`);
				} catch {
					// Gone meanwhile.
				}
			}
	}

	test('is used in all the ways that there are', async () => {
		secret.password = 'Tr0ub4dor & three'; secret.changed = 'battery-staple-42'; secret.wrong = 'guess-of-a-stranger';
		await addUser(api.stack, 'ada', 'admin', secret.password);
		const signedIn = await api.as.nobody.post('/session', { login: 'ada', password: secret.password });
		secret.session = cookieOf(signedIn).split('=')[1];
		const ada = new Client(api.stack, { Cookie: cookieOf(signedIn), Origin: api.stack.origin });
		secret.token = await newToken(api.stack, 'ada', 'read,create,admin');
		const looking = setInterval(look, 5);
		try {
			const token = byToken(api.stack, secret.token);
			const answers = [signedIn, await api.as.nobody.post('/session', { login: 'ada', password: secret.wrong }),
				await api.as.nobody.post('/session', { login: secret.wrong, password: secret.password }),
				await ada.put('/session/password', { current_password: secret.password, new_password: secret.changed }),
				await ada.put('/session/password', { current_password: secret.wrong, new_password: 'x' }),
				await ada.post('/users', { login: 'bob', password: secret.password, role: 'king' }),
				await ada.post('/users', { password: { a: secret.changed } }), await ada.get('/tokens'), await ada.get('/users'),
				await ada.get('/session'), await token.get(`/jobs?token=${secret.wrong}`), await token.post('/explain', { prompt: 'jazz' }),
				await api.as.nobody.ask('POST', '/session', { body: `{"password":"${secret.password}"`,
					headers: { 'Content-Type': 'application/json' } }),
				await new Client(api.stack, { Authorization: `Bearer ${secret.token}x` }).get('/jobs'),
				// As a web server does that knows CGI alone, with all that the programs started by it are told.
				await cgi(api.stack, { HTTP_AUTHORIZATION: `Bearer ${secret.token}`, HTTP_COOKIE: `earshot_session=${secret.session}`,
					REQUEST_METHOD: 'POST', PATH_INFO: '/explain' }, '{"prompt":"slow jazz"}')];
			const { job, audio } = await token.make({ duration: 2, format: 'flac' });
			answers.push(await token.get(`/audio/${audio[0].id}/stream?format=mp3`), await token.get(`/jobs/${job.id}`));
			for (const { headers, text } of answers.slice(1)) heard.push(`an answer: ${JSON.stringify(headers)} ${text}`);
			heard.push(`an answer: ${signedIn.text}`);
		} finally {
			clearInterval(looking);
		}
		assert.ok(heard.length > 50);
	});

	test('is in no argument or environment of a process that goes on, and in no answer but the one that is for it', () => {
		for (const [name, value] of Object.entries(secret))
			for (const text of heard) {
				// A CGI program is told by its environment, and ends with its answer.
				if (text.startsWith('environ of earshot.fcgi:')) continue;
				assert.ok(!text.includes(value), `${name} is in ${text.slice(0, 300)}`);
			}
	});

	test('is in no log and in no other file of the installation', () => {
		let bytes = 0;
		for (const path of files(api.stack.var)) {
			if (statSync(path).size > 200e6) continue;
			const text = readFileSync(path, 'latin1');
			bytes += text.length;
			for (const [name, value] of Object.entries(secret)) assert.ok(!text.includes(value), `${name} is in ${path}`);
		}
		assert.ok(bytes > 1e6 && [...files(api.stack.var)].some((path) => path.includes('/db/')), 'the database was among them');
	});

	test('is in the database only as what it can be held against', async () => {
		const { stdout } = await promisify(execFile)('mariadb', ['--no-defaults', '--batch', '--user=earshot',
			`--socket=${join(api.stack.var, 'run/db.sock')}`, '--execute=SELECT login, password FROM users; '
				+ 'SELECT name, prefix, HEX(token_sha256) FROM tokens; SELECT HEX(secret_sha256) FROM sessions', 'earshot']);
		for (const value of Object.values(secret)) assert.ok(!stdout.includes(value));
		for (const [, hash] of stdout.matchAll(/^ada\t(.*)$/gm)) assert.match(hash, /^\$argon2id\$/);
		assert.ok(!stdout.includes(secret.token.slice(12)));
	});

	test('that a program hands on by CGI does not reach the daemon that it starts', async () => {
		api.stack.kill('daemon');
		const token = await newToken(api.stack, 'admin', 'create');
		await until(() => api.stack.pids('daemon').length === 0 || api.stack.pids('daemon'), 'the daemon to be gone');
		const before = new Set(api.stack.pids('daemon'));
		const answer = await cgi(api.stack, { HTTP_X_API_KEY: token, REQUEST_METHOD: 'POST', PATH_INFO: '/generate' },
			'{"prompt":"x","duration":1}');
		assert.equal(answer.status, 201, answer.text);
		const daemons = await until(() => { const all = api.stack.pids('daemon'); return all.length && all; }, 'a daemon');
		for (const pid of daemons.filter((one) => !before.has(one)))
			assert.ok(!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(token));
	});
});

describe('a password at a terminal', () => {
	// script(1) gives the program a terminal, and us what stands on it.
	function terminal(args) {
		const child = spawn('script', ['-qec', [join(build, 'bin/earshot'), '-c', api.stack.conf, ...args].join(' '), '/dev/null']);
		const seen = { text: '' };
		child.stdout.on('data', (text) => { seen.text += text; });
		seen.type = async (prompt, line) => {
			await until(() => seen.text.includes(prompt), prompt);
			child.stdin.write(`${line}\r`);
		};
		seen.ended = new Promise((done) => child.on('close', done));
		return seen;
	}

	test('is asked for twice and never shown', async () => {
		const screen = terminal(['user', 'add', 'typist']);
		await screen.type('Password: ', 'typed by hand');
		await screen.type('The same again: ', 'typed by hand');
		assert.equal(await screen.ended, 0, screen.text);
		assert.match(screen.text, /typist may sign in, with the role listener/);
		assert.doesNotMatch(screen.text, /typed by hand/);
		await signIn(api.stack, 'typist', 'typed by hand');
	});

	test('is not taken when the two differ', async () => {
		const screen = terminal(['user', 'passwd', 'typist']);
		await screen.type('Password: ', 'typed by hand, again');
		await screen.type('The same again: ', 'typed by foot, again');
		assert.equal(await screen.ended, 1, screen.text);
		assert.match(screen.text, /the two are not the same/);
		await signIn(api.stack, 'typist', 'typed by hand');
	});
});

describe('the command line', () => {
	test('adds, lists, disables and enables users, and takes a password from standard input', async () => {
		const user = (args, input) => earshot(api.stack, ['user', ...args], input);
		assert.deepEqual(await user(['add', 'Carla', '--role', 'creator'], 'line of a pipe\n'),
			{ code: 0, stdout: 'carla may sign in, with the role creator\n', stderr: '' });
		const carla = await signIn(api.stack, 'carla', 'line of a pipe');
		assert.equal((await user(['passwd', 'carla'], 'another line\n')).code, 0);
		assert.equal((await carla.get('/session')).json.user, null);
		assert.equal((await user(['disable', 'carla'])).code, 0);
		assert.match((await user(['list'])).stdout, /^carla +creator +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d +disabled$/m);
		isProblem(await api.as.nobody.post('/session', { login: 'carla', password: 'another line' }), 401);
		assert.equal((await user(['enable', 'carla'])).code, 0);
		await signIn(api.stack, 'carla', 'another line');
	});

	test('says what is wrong in a sentence', async () => {
		for (const [args, input, code, why] of [[['user', 'add', 'x y'], 'long enough', 1, /^earshot user: A login has 1 to 64 /],
			[['user', 'add', 'short'], 'short\n', 1, /A password must have 10 to 200 characters\./],
			[['user', 'add', 'short'], '', 1, /no password came over standard input/],
			[['user', 'add', 'admin'], password, 1, /There is a user admin already\./],
			[['user', 'add', 'king', '--role', 'king'], password, 2, /--role must be listener, creator or admin/],
			[['user', 'add', 'x', password], '', 2, /unexpected/], [['user', 'add', 'x', '--password', password], '', 2, /unknown option/],
			[['user', 'passwd', 'nobody'], password, 1, /there is no user nobody/], [['user', 'list', 'x'], '', 2, /expected/],
			[['user'], '', 2, /expected/],
			[['token', 'new', 'listener', 'x', '--scopes', 'read,create'], '', 1, /listener has the role listener, which may not create/],
			[['token', 'new', 'listener', 'x', '--scopes', 'write'], '', 2, /--scopes must be some of/],
			[['token', 'new', 'listener', 'x', '--days', '0'], '', 2, /--days must be/], [['token', 'revoke', 'x'], '', 2, /expected the id/],
			[['token', 'revoke', '0190a6a0-0000-7000-8000-000000000000'], '', 1, /There is no token/]]) {
			const said = await earshot(api.stack, args, input);
			assert.match(said.stderr, why, args.join(' '));
			assert.equal(said.code, code, args.join(' '));
			assert.ok(!said.stderr.includes(password) || args.includes(password));
		}
	});

	test('lists tokens by their beginning', async () => {
		const token = await newToken(api.stack, 'creator', 'read,vote', '--days', '7');
		const { stdout } = await earshot(api.stack, ['token', 'list', 'creator']);
		assert.match(stdout, new RegExp(`${token.slice(0, 12)}…  read,vote `));
		assert.ok(!stdout.includes(token));
	});
});

describe('over TLS', () => {
	const tls = { HTTPS: 'on', REQUEST_METHOD: 'POST', PATH_INFO: '/session' };
	const body = JSON.stringify({ login: 'listener', password });

	test('the cookie is for this host and by TLS alone, and only that one counts', async () => {
		const answer = await cgi(api.stack, tls, body);
		assert.equal(answer.status, 201, answer.text);
		const cookie = answer.headers['set-cookie'];
		assert.match(cookie, /^__Host-earshot_session=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/);
		const [name, secret] = cookie.split(';')[0].split('=');
		const who = async (variables) => (await cgi(api.stack, { PATH_INFO: '/session', ...variables })).json.user?.login;
		assert.equal(await who({ HTTPS: 'on', HTTP_COOKIE: `${name}=${secret}` }), 'listener');
		assert.equal(await who({ HTTPS: 'on', HTTP_COOKIE: `earshot_session=${secret}` }), undefined);
		assert.equal(await who({ HTTP_COOKIE: `${name}=${secret}` }), undefined);
	});

	test('installations below two paths of a host have cookies of two names', async () => {
		const names = [];
		for (const script of ['/a/api', '/b/api', '/api'])
			names.push((await cgi(api.stack, { ...tls, SCRIPT_NAME: script }, body)).headers['set-cookie'].split('=')[0]);
		assert.equal(new Set(names).size, 3);
		assert.ok(names.every((name) => name.startsWith('__Host-earshot_session')));
	});
});

describe('an address that guesses', () => {
	test('is what one customer has: of IPv6 all that begins with the same 64 bits', async () => {
		const counted = async (address) => {
			await cgi(api.stack, { REQUEST_METHOD: 'POST', PATH_INFO: '/session', REMOTE_ADDR: address },
				JSON.stringify({ login: 'v6', password: 'not the password' }));
			return (await api.stack.sql('SELECT n FROM sign_ins ORDER BY n')).flat().map(Number);
		};
		await api.stack.sql('DELETE FROM sign_ins');
		assert.deepEqual(await counted('2001:db8::1'), [1, 1]);
		assert.deepEqual(await counted('2001:db8::ffff:2'), [2, 2]);
		assert.deepEqual(await counted('2001:db8:0:1::1'), [1, 2, 3]);
		assert.deepEqual(await counted('192.0.2.1'), [1, 1, 2, 4]);
		assert.deepEqual(await counted('192.0.2.2'), [1, 1, 1, 2, 5]);
	});
});

describe('access = open', () => {
	const open = installation();

	test('is answered on the loopback address, and has no accounts', async () => {
		assert.deepEqual((await open.get('/session')).json, { access: 'open', user: null, expires_at: null, limits: null });
		isProblem(await open.post('/session', { login: 'x', password: 'y' }), 409, 'There are no accounts here: the setting access is open.');
		isProblem(await open.get('/users'), 409);
		isProblem(await open.get('/tokens'), 409);
	});

	test('is refused to whoever comes from elsewhere, or to another address, whatever Host says', async () => {
		const from = (variables) => cgi(open.stack, { PATH_INFO: '/jobs', ...variables });
		for (const variables of [{}, { REMOTE_ADDR: '127.9.8.7' }, { SERVER_ADDR: '::1', REMOTE_ADDR: '::1' },
			{ SERVER_ADDR: '::ffff:127.0.0.1', REMOTE_ADDR: '::ffff:127.0.0.1' }, { SERVER_ADDR: '' }])
			assert.equal((await from(variables)).status, 200, JSON.stringify(variables));
		for (const variables of [{ SERVER_ADDR: '192.0.2.1' }, { REMOTE_ADDR: '192.0.2.1' }, { SERVER_ADDR: '0.0.0.0' }, { REMOTE_ADDR: '' },
			{ SERVER_ADDR: '::ffff:192.0.2.1' }, { SERVER_ADDR: '2001:db8::1', REMOTE_ADDR: '2001:db8::2' }, { REMOTE_ADDR: '127.0.0.1x' },
			{ SERVER_ADDR: '', REMOTE_ADDR: '10.0.0.1' }]) {
			const answer = await from(variables);
			assert.equal(answer.status, 403, JSON.stringify(variables));
			assert.match(answer.json.detail, /\(access = open\) and was asked from elsewhere/);
		}
	});
});
