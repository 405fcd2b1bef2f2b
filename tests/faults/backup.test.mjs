// `earshot backup` and `earshot restore`: one moment of an installation that goes on working, in a folder, and back.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, chownSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { after, before, describe, test } from 'node:test';
import { addUser, cgi, newToken, password } from '../api/access.mjs';
import { build, root, sleep, until } from '../harness.mjs';
import { checkLeft, ended, hex, objects, startWorking, submit, userOf } from './jobs.mjs';

const run = promisify(execFile);
let stack, folder, user;

// The program as the user of the stack, to whom everything belongs then.
function earshot(...args) {
	const [uid, gid] = user, as = process.getuid() ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
	const [program, ...rest] = [...as, join(build, 'bin/earshot'), '-c', stack.conf, ...args];
	return run(program, rest, { maxBuffer: 1 << 26 }).then(({ stdout }) => stdout);
}
const refused = (promise, why) => assert.rejects(promise, ({ code, stderr }) => code === 1 && why.test(stderr) || assert.fail(stderr));
const at = (...names) => join(folder, ...names);
const records = (name) => readFileSync(at(name, 'records.tsv'), 'utf8').split('\n');
const objectsIn = (name) => readFileSync(at(name, 'SHA256SUMS'), 'utf8').match(/(?<=^.{66}objects\/).*$/gm);
const idsIn = (name) => {
	const lines = records(name), from = lines.findIndex((line) => line.startsWith('table\tjobs\t'));
	return lines.slice(from + 1).filter((line) => line.startsWith('row\t')).map((line) => withDashes(line.split('\t')[1]));
};
// A backup to be damaged.
function copyOf(name) {
	rmSync(at('damaged'), { recursive: true, force: true });
	cpSync(at(name), at('damaged'), { recursive: true });
	execFileSync('chown', ['-R', user.join(':'), at('damaged')]);
}
const withDashes = (id) => id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
// Records with an end that fits them.
function sealed(text) {
	const body = text.slice(0, text.lastIndexOf('end\t'));
	return `${body}end\t${body.match(/^row\t/gm).length}\t${createHash('sha256').update(body).digest('hex')}\n`;
}
// What deletions left for later is collected now: a daemon looks when it starts.
async function collect() {
	await stack.sql('UPDATE intents SET collect_after = created_at WHERE collect_after IS NOT NULL');
	stack.kill('daemon');
}
const remove = (id) => fetch(`${stack.url}api/jobs/${id}`, { method: 'DELETE' });

const atWork = async () => stack.pids('daemon').length &&
	(await stack.sql('SELECT 1 FROM hosts WHERE seen_at > UTC_TIMESTAMP(6) - INTERVAL 20 SECOND')).length;

// The stack without a daemon, as one that was stopped a while ago.
async function withoutDaemon(task) {
	await until(atWork, 'a daemon', 20_000);
	stack.kill('daemon', 'SIGSTOP');
	await stack.sql('UPDATE hosts SET seen_at = seen_at - INTERVAL 1 HOUR').catch(() => {});
	try {
		return await task();
	} finally {
		stack.kill('daemon');
	}
}

before(async () => {
	stack = await startWorking({ settings: { workers: 2, retry_backoff_ms: 50, lease_ms: 1500, lease_grace_ms: 200 } });
	folder = mkdtempSync(join(tmpdir(), 'earshot-backup-'));
	user = userOf(stack);
	chownSync(folder, ...user);
});
after(async () => {
	await stack.stop();
	rmSync(folder, { recursive: true, force: true });
});

describe('earshot backup', () => {
	test('while jobs come, end and are deleted is of one moment: restored, everything fits and goes on', async () => {
		const rating = await submit(stack, { duration: 1 });
		await ended(stack, rating);
		const { audio_ids: [audio] } = await (await fetch(`${stack.url}api/generate/${rating}`)).json();
		const sound = Buffer.from(await (await fetch(`${stack.url}api/audio/${audio}/stream`)).arrayBuffer());
		const rated = await fetch(`${stack.url}api/ratings`, { method: 'POST', headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify({ audio_id: audio, rating: 5, notes: 'tab\t, line\n, \\N and ü' }) });
		assert.equal(rated.status, 201);
		let going = true, deleted = 0, submitted = 0;
		const load = (async () => {
			while (going) {
				const [[queued]] = await stack.sql("SELECT COUNT(*) FROM jobs WHERE status = 'queued'");
				if (Number(queued) < 6) {
					await Promise.all([1, 2, 3].map(() => submit(stack, { duration: 1, num_samples: 2 })));
					submitted += 3;
				}
				const [done] = await stack.sql(`SELECT LOWER(HEX(id)) FROM jobs WHERE status = 'completed' AND id <> ${hex(rating)} LIMIT 5, 1`);
				if (done && (await remove(withDashes(done[0]))).ok) deleted++;
				await sleep(20);
			}
		})();
		try {
			await until(() => deleted >= 2, 'the first deletions', 30_000);
			const atFirst = submitted;
			assert.match(await earshot('backup', at('backup')), /\d+ records, \d+ objects; [1-9]\d* of them new/);
			const [gone] = idsIn('backup').filter((id) => id !== rating && objectsIn('backup').some((key) => key.includes(id)));
			await remove(gone);
			await collect();
			// Only what came since is copied, and what is gone leaves the folder.
			await until(() => !objects(stack).some((key) => key.includes(gone)), 'the collection of what was deleted', 40_000);
			await until(async () => !(await stack.sql(`SELECT 1 FROM intents WHERE job_id = ${hex(gone)} AND storage_key LIKE 'audio/%'`)).length,
				'the end of its intents');
			assert.match(await earshot('backup', at('backup')), /, [1-9]\d* removed that nothing refers to/);
			await until(() => submitted > atFirst, 'more jobs', 30_000);
		} finally {
			going = false;
			await load;
			await until(async () => !(await stack.sql("SELECT 1 FROM jobs WHERE status IN ('queued', 'processing')")).length, 'the end of all jobs', 40_000);
		}
		assert.ok(idsIn('backup').length > 3);
		const keys = (await records('backup')).filter((line) => line.startsWith('row\t')).join('\n');
		for (const key of objectsIn('backup')) assert.ok(keys.includes(key), key);
		execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: at('backup') });
		assert.equal(statSync(at('backup')).mode & 0o77, 0);

		const ids = idsIn('backup');
		await withoutDaemon(async () => {
			rmSync(join(stack.var, 'storage/audio'), { recursive: true });
			assert.match(await earshot('restore', '--replace', at('backup')), /\d+ records, \d+ objects/);
		});
		assert.deepEqual((await stack.sql('SELECT LOWER(HEX(id)) FROM jobs')).flat().map(withDashes).sort(), ids.sort());
		for (const id of ids) await ended(stack, id);
		await collect();
		await checkLeft(stack, ...ids);
		const again = Buffer.from(await (await fetch(`${stack.url}api/audio/${audio}/stream`)).arrayBuffer());
		assert.ok(again.equals(sound));
		const { items } = await (await fetch(`${stack.url}api/ratings?audio_id=${audio}`)).json();
		assert.deepEqual(items.map(({ rating: stars, notes }) => [stars, notes]), [[5, 'tab\t, line\n, \\N and ü']]);
	});

	test('tells what the storage has lost, and keeps the rest', async () => {
		const [[key]] = await stack.sql('SELECT peaks_key FROM samples LIMIT 1'), file = join(stack.var, 'storage', key);
		cpSync(file, at('peaks'));
		rmSync(file);
		await assert.rejects(earshot('backup', at('lost')), ({ stdout, stderr }) =>
			stdout.includes(`missing: ${key}\n`) && /does not have all/.test(stderr));
		assert.ok(idsIn('lost').length);
		// It is there again, and the next one has it.
		writeFileSync(file, readFileSync(at('peaks')));
		chownSync(file, ...user);
		assert.match(await earshot('backup', at('lost')), / 1 of them new /);
	});

	test('that was cut off is gone on with; two at once are refused', async () => {
		await earshot('backup', at('cut'));
		// As a kill leaves it: half a line, an object that is not in its place, half of the next records.
		rmSync(at('cut/objects', objectsIn('cut').find((key) => key.endsWith('.flac'))));
		appendFileSync(at('cut/SHA256SUMS'), '0123456789');
		writeFileSync(at('cut/records.tsv.new'), 'earshot-records\t1\n');
		chownSync(at('cut/records.tsv.new'), ...user);
		assert.match(await earshot('backup', at('cut')), / 1 of them new /);
		execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: at('cut') });
		const locked = await new Promise((done) => {
			const child = execFile('flock', [at('cut'), 'sh', '-c', 'echo; exec cat']);
			child.stdout.once('data', () => done(child));
		});
		await refused(earshot('backup', at('cut')), /another backup or restore is at work/);
		locked.stdin.end();
		await new Promise((done) => locked.once('exit', done));
	});
});

describe('earshot restore', () => {
	const everything = async () => [await stack.sql('SELECT HEX(id), status FROM jobs ORDER BY id'), objects(stack).sort()];

	test('changes nothing where it is refused: tables that are there, a daemon at work, a damaged or strange backup', async () => {
		const before = await everything();
		await until(atWork, 'a daemon', 20_000);
		await refused(earshot('restore', at('backup')), /--replace removes them/);
		await refused(earshot('restore', '--replace', at('backup')), /the daemon of .* is at work/);
		await refused(earshot('restore', '--replace', at('nowhere')), /cannot open the folder/);
		const text = readFileSync(at('backup/records.tsv'), 'utf8');
		const damages = {
			'is damaged': text.replace('calm piano', 'calm pianos'),
			'ends too early': text.slice(0, -200),
			'not the records': text.replace('earshot-records\t1', 'earshot-records\t2'),
			'another version of Earshot': sealed(text.replace(/^migration\t0001-jobs/m, 'migration\t0001-other')),
			'is not the one that was applied': sealed(text.replace(/^(migration\t0001-jobs\.sql\t).{8}/m, '$100000000')),
			'no dump has this table': sealed(text.replace(/^table\tadapters\t/m, 'table\tschema_migrations\t')),
			'not a name of a table': sealed(text.replace(/^table\tadapters\t/m, 'table\tadapters`; DROP TABLE jobs; --\t')),
		};
		for (const [why, damaged] of Object.entries(damages)) {
			copyOf('backup');
			writeFileSync(at('damaged/records.tsv'), damaged);
			await refused(earshot('restore', '--replace', at('damaged')), new RegExp(why));
		}
		assert.deepEqual(await everything(), before);
	});

	test('stops at an object that is not what was written, before the records are touched', async () => {
		copyOf('backup');
		truncateSync(at('damaged/objects', objectsIn('backup').find((key) => key.endsWith('.flac'))), 1000);
		const before = await everything();
		await withoutDaemon(() => refused(earshot('restore', '--replace', at('damaged')), /the backup is damaged: .*flac/));
		assert.deepEqual((await everything())[0], before[0]);
	});

	test('that was broken off is told by health and migrate, and made good by the next one', async () => {
		const health = async () => (await fetch(`${stack.url}api/health`)).json();
		await withoutDaemon(async () => {
			// A statement in its midst cannot be done: of the last table, when the others are there.
			copyOf('backup');
			const text = readFileSync(at('damaged/records.tsv'), 'utf8');
			writeFileSync(at('damaged/records.tsv'), sealed(text.replace(/^(table\tjobs\t.*\t)status\t/m, '$1statuses\t')));
			await refused(earshot('restore', '--replace', at('damaged')), /statuses/);
			await refused(earshot('migrate', '--schema', join(root, 'schema')), /a restore was broken off/);
			// Each responder looks until the tables fit; a new one has not seen that they did.
			stack.kill('responder');
			await until(async () => /older/.test(JSON.stringify(await health().catch(() => ''))), 'the trouble with the tables');
			assert.match(await earshot('restore', at('backup')), /records/);
		});
		await until(async () => (await fetch(`${stack.url}api/health`).catch(() => ({}))).ok, 'health', 20_000);
		const ids = (await stack.sql('SELECT LOWER(HEX(id)) FROM jobs')).flat().map(withDashes);
		assert.deepEqual(ids.sort(), idsIn('backup').sort());
		for (const id of ids) await ended(stack, id);
		await collect();
		await collect();
		await checkLeft(stack, ...ids);
	});
});

describe('users of a backup', () => {
	test('sign in after a restore by their passwords and tokens; who was signed in then has to do so again', async () => {
		await addUser(stack, 'ada', 'admin');
		const token = await newToken(stack, 'ada', 'read');
		const settings = join(stack.var, 'accounts.conf');
		writeFileSync(settings, readFileSync(stack.conf, 'utf8').replace(/^access = open$/m, 'access = accounts'));
		const ask = (method, variables, body) => cgi(stack, { EARSHOT_CONF: settings, REQUEST_METHOD: method, PATH_INFO: '/session',
			...variables }, body && JSON.stringify(body));
		const signIn = (secret) => ask('POST', {}, { login: 'ada', password: secret });
		const cookie = (answer) => ({ HTTP_COOKIE: answer.headers['set-cookie'].split(';')[0] });
		const before = cookie(await signIn(password));
		assert.equal((await ask('GET', before)).json.user.login, 'ada');
		assert.equal((await signIn('a wrong password')).status, 401);
		await earshot('backup', at('users'));
		assert.ok(records('users').some((line) => line.startsWith('table\ttokens\t')));
		assert.ok(!records('users').some((line) => /^table\t(sessions|sign_ins)\t/.test(line)));
		await stack.sql('DELETE FROM users; DELETE FROM tokens');
		assert.equal((await signIn(password)).status, 401);
		await withoutDaemon(() => earshot('restore', '--replace', at('users')));
		assert.equal((await ask('GET', before)).json.user, null);
		assert.equal((await ask('GET', cookie(await signIn(password)))).json.user.role, 'admin');
		assert.equal((await ask('GET', { HTTP_AUTHORIZATION: `Bearer ${token}` })).json.user.login, 'ada');
	});
});
