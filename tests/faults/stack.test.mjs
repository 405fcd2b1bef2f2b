// make run, start, stop and status: what one sees of them, and what may be done to them.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build, freePort, processes, root, startStack, until } from '../harness.mjs';

const isRoot = process.getuid() === 0;
const isOk = (stack) => fetch(`${stack.url}api/health`).then((answer) => answer.ok, () => false);

// Runs a command of stack.sh: { code, said }.
const command = (name, folder, port, script = join(root, 'lib/local/stack.sh'), env = {}) => new Promise((done) => {
	execFile('sh', [script, name, folder, String(port)], { env: { ...process.env, BUILD: build, ...env } },
		(error, stdout, stderr) => done({ code: error ? error.code : 0, said: stdout + stderr }));
});

let folder;
before(() => {
	folder = mkdtempSync(join(tmpdir(), 'earshot-stack-'));
	chmodSync(folder, 0o755);
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe('start and stop', () => {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
		test(`${signal} ends every process and leaves no socket`, async () => {
			const stack = await startStack({ folder: join(folder, signal) });
			assert.ok(stack.pids().length >= 4);
			assert.equal(await stack.stop(signal), 0);
			assert.deepEqual(stack.pids(), []);
			assert.deepEqual(readdirSync(stack.var).filter((name) => name === 'tmp'), []);
			assert.equal(existsSync(join(stack.var, 'run/address')), false);
			await assert.rejects(fetch(stack.url));
		});

	test('an empty folder takes less than 10 s, one that is set up less than 3', async () => {
		const times = [];
		for (let i = 0; i < 2; i++) {
			const start = Date.now();
			const stack = await startStack({ folder: join(folder, 'twice') });
			times.push(Date.now() - start);
			await stack.stop();
		}
		assert.ok(times[0] < 10_000 && times[1] < 3_000, `${times} ms`);
	});

	test('status and stop tell what runs, and a second start leaves the first alone', async () => {
		const port = await freePort(), at = join(folder, 'commands');
		const address = `http://127.0.0.1:${port}/`;
		assert.deepEqual(await command('stop', at, port), { code: 0, said: 'Earshot is not running.\n' });
		assert.equal((await command('status', at, port)).code, 3);
		try {
			assert.deepEqual(await command('start', at, port), { code: 0, said: `Earshot is ready at ${address}\n` });
			const { code, said } = await command('status', at, port);
			assert.equal(code, 0);
			for (const part of ['database', 'web server', 'responder', 'daemon'])
				assert.match(said, new RegExp(`^${part}: running, process \\d`, 'm'));
			assert.match(said, new RegExp(`^Earshot is running at ${address}$`, 'm'));
			for (const again of ['start', 'run'])
				assert.deepEqual(await command(again, at, port), { code: 0, said: `Earshot is already running at ${address}\n` });
			assert.ok((await fetch(address)).ok);
		} finally {
			assert.deepEqual(await command('stop', at, port), { code: 0, said: 'Earshot has stopped.\n' });
		}
		assert.equal((await command('status', at, port)).code, 3);
		assert.deepEqual(processes(`EARSHOT_STACK=${at}`), []);
	});

	test('two copies run side by side', async () => {
		const two = await Promise.all([startStack(), startStack()]);
		try {
			await two[0].sql("CREATE TABLE only_here (a INT)");
			await assert.rejects(two[1].sql('SELECT * FROM only_here'), /doesn't exist/);
		} finally {
			await Promise.all(two.map((stack) => stack.stop()));
		}
	});

	// A terminal sends the signal to all that runs in it, a script only to make.
	test('SIGINT for `make run` alone ends the stack', async () => {
		const at = join(folder, 'make'), mark = `EARSHOT_STACK=${at}`;
		const make = spawn('make', ['-s', 'run', `BUILD=${build}`, `VAR=${at}`, `PORT=${await freePort()}`], { cwd: root });
		const ended = new Promise((done) => make.once('exit', done));
		let said = '';
		make.stdout.on('data', (text) => { said += text; });
		await Promise.race([ended, until(() => / is ready at /.test(said), '`make run` to be ready', 120_000)]);
		assert.match(said, / is ready at /);
		make.kill('SIGINT');
		await ended;
		assert.deepEqual(processes(mark), []);
	});

	test('a stack ends with the process that runs it', async () => {
		const code = `import { startStack } from '${join(root, 'tests/harness.mjs')}';
			console.log((await startStack({ folder: '${join(folder, 'orphan')}' })).url); process.kill(process.pid, 'SIGKILL');`;
		await new Promise((done) => execFile(process.execPath, ['--input-type=module', '-e', code], done));
		const mark = `EARSHOT_STACK=${join(folder, 'orphan')}`;
		await until(() => processes(mark).length === 0, 'the end of the stack');
	});

	test('earshot.conf is kept as its owner left it', async () => {
		const at = join(folder, 'kept');
		await (await startStack({ folder: at })).stop();
		const text = readFileSync(join(at, 'earshot.conf'), 'utf8') + '# mine\nlease_ms = 1234\n';
		writeFileSync(join(at, 'earshot.conf'), text);
		await (await startStack({ folder: at })).stop();
		assert.equal(readFileSync(join(at, 'earshot.conf'), 'utf8'), text);
	});
});

describe('parts that die', () => {
	let stack;
	before(async () => { stack = await startStack(); });
	after(() => stack.stop());

	for (const part of ['database', 'web', 'daemon'])
		test(`a ${part} that was killed comes back by itself`, async () => {
			const [killed] = stack.kill(part);
			await until(() => stack.pids(part).some((pid) => pid !== killed), `another ${part}`);
			await until(() => isOk(stack), 'an answer from /api/health');
		});
});

describe('what is left over', () => {
	const kills = {
		'of the supervisor': (stack) => stack.supervisor.kill('SIGKILL'),
		'of all parts at once': (stack) => stack.supervisor.kill('SIGKILL') && stack.kill(),
		'of the supervisor and the web server': (stack) => stack.supervisor.kill('SIGKILL') && stack.kill('web'),
	};

	for (const [what, kill] of Object.entries(kills)) {
		test(`after a kill -9 ${what} the next start finds the data and answers`, async () => {
			const at = join(folder, 'left');
			const stack = await startStack({ folder: at });
			await stack.sql('CREATE TABLE IF NOT EXISTS acknowledged (n INT); INSERT INTO acknowledged VALUES (1)');
			const [[before]] = await stack.sql('SELECT COUNT(*) FROM acknowledged');
			kill(stack);
			await stack.ended;
			const next = await startStack({ folder: at });
			try {
				assert.deepEqual(await next.sql('SELECT COUNT(*) FROM acknowledged'), [[before]]);
				assert.ok(await isOk(next));
				assert.equal(next.pids('database').length, 1);
			} finally {
				await next.stop();
			}
			assert.deepEqual(next.pids(), []);
		});

		test(`after a kill -9 ${what} stop leaves nothing`, async () => {
			const stack = await startStack({ folder: join(folder, 'left') });
			kill(stack);
			await stack.ended;
			assert.equal((await command('stop', stack.var, stack.port)).code, 0);
			assert.deepEqual(stack.pids(), []);
		});
	}

	test('a stopped (SIGSTOP) part does not keep the stack from ending', async () => {
		const stack = await startStack();
		stack.kill('daemon', 'SIGSTOP');
		stack.kill('responder', 'SIGSTOP');
		await stack.stop();
		assert.deepEqual(stack.pids(), []);
	});
});

describe('obstacles are named in a sentence', () => {
	test('a port in use', async () => {
		const server = createServer();
		await new Promise((done) => server.listen(0, '127.0.0.1', done));
		const { port } = server.address();
		const { code, said } = await command('start', join(folder, 'port'), port);
		server.close();
		assert.equal(code, 1);
		assert.match(said, new RegExp(`^Port ${port} is in use; choose another one with PORT=, for example PORT=\\d+\\.$`, 'm'));
		assert.deepEqual(processes(`EARSHOT_STACK=${join(folder, 'port')}`), []);
	});

	for (const port of ['', '0', '65536', '80a', '-1'])
		test(`"${port}" as a port`, async () => {
			assert.deepEqual(await command('start', join(folder, 'x'), port), { code: 1, said: 'PORT must be a number from 1 to 65535.\n' });
		});

	test('a folder that cannot be made', async () => {
		const { code, said } = await command('start', '/proc/earshot', await freePort());
		assert.equal(code, 1);
		assert.match(said, /^Earshot cannot keep its state in \/proc\/earshot: .+\.$/m);
	});

	test('a disk that is full', { skip: !isRoot && 'needs root to make a small disk' }, async () => {
		const at = join(folder, 'small');
		mkdirSync(at);
		const { said } = await new Promise((done) => execFile('unshare', ['--mount', 'sh', '-c',
			`mount -t tmpfs -o size=8m none ${at} && sh ${root}/lib/local/stack.sh start ${at} ${process.pid % 20000 + 20000}`],
			{ env: { ...process.env, BUILD: build } }, (error, stdout, stderr) => done({ said: stdout + stderr })));
		assert.match(said, /^The disk of .* has \d+ MB left; Earshot needs 200 MB to start\.$/m);
	});
});

describe('where it may be', () => {
	test('a path that is too long for a socket', async () => {
		const at = join(folder, 'long'.repeat(30));
		const stack = await startStack({ folder: at });
		const sockets = readFileSync(stack.conf, 'utf8').match(/^state_dir = (\/tmp\/earshot-.*)$/m)[1];
		try {
			assert.ok(await isOk(stack));
			assert.equal(statSync(sockets).mode & 0o777, 0o700);
		} finally {
			await stack.stop();
		}
		assert.equal(existsSync(sockets), false);
	});

	test('a path with a blank', async () => {
		const stack = await startStack({ folder: join(folder, 'a b') });
		try {
			assert.ok(await isOk(stack));
		} finally {
			await stack.stop();
		}
		assert.deepEqual(stack.pids(), []);
	});

	// Only root starts a stack as somebody else.
	for (const [what, closed] of [['a folder that only root may enter', 'closed'], ['a checkout that only root may enter', 'closed/earshot']])
		test(what, { skip: !isRoot && 'needs root' }, async () => {
			const copy = join(folder, 'closed/earshot'), script = join(copy, 'lib/local/stack.sh');
			for (const path of ['lib/local', 'www', 'schema', 'lighttpd.conf'])
				cpSync(join(root, path), join(copy, path), { recursive: true });
			for (const part of ['bin', 'lighttpd'].filter((name) => existsSync(join(build, name))))
				cpSync(join(build, part), join(copy, '.build', part), { recursive: true });
			chmodSync(join(folder, closed), 0o700);
			const port = await freePort(), at = join(copy, 'var');
			try {
				const { said } = await command('start', 'var', port, script, { BUILD: '.build' });
				assert.equal(said, `Earshot is ready at http://127.0.0.1:${port}/\n`);
				assert.ok((await fetch(`http://127.0.0.1:${port}/`)).ok);
				assert.ok((await fetch(`http://127.0.0.1:${port}/api/health`)).ok);
				for (const { pid } of processes(`EARSHOT_STACK=${at}`))
					assert.notEqual(statSync(`/proc/${pid}`).uid, 0);
			} finally {
				await command('stop', 'var', port, script, { BUILD: '.build' });
				assert.deepEqual(processes(`EARSHOT_STACK=${at}`), []);
				chmodSync(join(folder, closed), 0o755);
				rmSync(join(folder, 'closed'), { recursive: true });
			}
		});

	test('root runs nothing as root', { skip: !isRoot && 'needs root' }, async () => {
		const stack = await startStack();
		try {
			for (const pid of stack.pids()) assert.notEqual(statSync(`/proc/${pid}`).uid, 0);
		} finally {
			await stack.stop();
		}
	});
});
