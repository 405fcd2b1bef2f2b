// `earshot backup` and `earshot restore`: one moment of an installation that goes on working, in a folder, and back.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	chmodSync, chownSync, cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { addUser, cgi, newToken, password } from '../api/access.mjs';
import { build, root, sleep, until } from '../harness.mjs';
import { asUser, checkLeft, earshot as earshotOf, ended, hex, objects, pauseDaemon, startWorking, submit, userOf } from './jobs.mjs';

let stack, folder, user;

const earshot = (...words) => earshotOf(stack, ...words);
const refused = (promise, why) => assert.rejects(promise, ({ code, stderr }) => code === 1 && why.test(stderr) || assert.fail(stderr));
const at = (...names) => join(folder, ...names);
const records = (name) => readFileSync(at(name, 'records.tsv'), 'utf8').split('\n');
const objectsIn = (name) => readFileSync(at(name, 'SHA256SUMS'), 'utf8').match(/(?<=^.{66}objects\/).*$/gm).sort();
const isWhole = (name) => execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: at(name) });
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
// { NAME: SHA-256 } of all files of a backup but SHA256SUMS, and as that has them.
const filesIn = (name) => Object.fromEntries(readdirSync(at(name), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
	.map((entry) => join(entry.parentPath ?? entry.path, entry.name)).filter((path) => path !== at(name, 'SHA256SUMS'))
	.map((path) => [path.slice(at(name).length + 1), sha256(readFileSync(path))]));
const sumsIn = (name) => Object.fromEntries(readFileSync(at(name, 'SHA256SUMS'), 'utf8').split('\n').slice(0, -1)
	.map((line) => line.split('  ').reverse()));
// The rows of a table as a backup has them, and the keys that its records refer to.
const rowsIn = (name, table) => {
	const lines = records(name), from = lines.findIndex((line) => line.startsWith(`table\t${table}\t`)) + 1;
	return lines.slice(from, from + lines.slice(from).findIndex((line) => !line.startsWith('row\t'))).map((line) => line.split('\t').slice(1));
};
const referredIn = (name) => [...rowsIn(name, 'samples'), ...rowsIn(name, 'adapter_weights')].flat()
	.filter((value) => /^(audio|adapters)\//.test(value)).sort();
const idsIn = (name) => rowsIn(name, 'jobs').map(([id]) => withDashes(id));
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
	return `${body}end\t${body.match(/^row\t/gm).length}\t${sha256(body)}\n`;
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
	await pauseDaemon(stack);
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
		isWhole('backup');
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

	test('names what the storage has lost or damaged and cannot read, keeps the rest, and what it has', async () => {
		const [keys] = await stack.sql('SELECT peaks_key, storage_key, midi_key FROM samples ORDER BY id LIMIT 1');
		const files = keys.map((key) => join(stack.var, 'storage', key)), [lost, damaged, unreadable] = files;
		const bytes = readFileSync(damaged), peaks = readFileSync(lost);
		rmSync(lost);
		writeFileSync(damaged, bytes.map((byte, at) => at === 1000 ? byte ^ 1 : byte));
		chmodSync(unreadable, 0);
		await assert.rejects(earshot('backup', at('lost')), ({ stdout, stderr }) => {
			assert.deepEqual(stdout.match(/^\w+: audio.*$/gm),
				[`damaged: ${keys[1]}`, `missing: ${keys[0]}`, `unreadable: ${keys[2]}`]);
			assert.match(stderr, /the backup is made, but without 3 of the objects that its records refer to/);
			return true;
		});
		isWhole('lost');
		assert.deepEqual(objectsIn('lost').filter((key) => keys.includes(key)), []);
		assert.deepEqual(objectsIn('lost'), referredIn('lost').filter((key) => !keys.includes(key)));
		// One that was made while they were there still has them.
		await earshot('backup', at('backup'));
		isWhole('backup');
		for (const key of keys) assert.ok(objectsIn('backup').includes(key), key);
		// They are there again, and the next one has them.
		writeFileSync(lost, peaks);
		chownSync(lost, ...user);
		writeFileSync(damaged, bytes);
		chmodSync(unreadable, 0o640);
		assert.match(await earshot('backup', at('lost')), / 3 of them new /);
		assert.deepEqual(objectsIn('lost'), referredIn('lost'));
	});

	test('killed at any step leaves the one before or its own, whole, and the next one goes on; a copy with hard links stays as it is', async () => {
		await earshot('backup', at('base'));
		await ended(stack, await submit(stack, { duration: 1 }));
		await remove(idsIn('base')[0]);
		const base = filesIn('base');
		let died = true, early = 0, late = 0;
		for (let step = 1; died; step++) {
			rmSync(at('cut'), { recursive: true, force: true });
			execFileSync('cp', ['-al', at('base'), at('cut')]);
			died = await asUser(stack, 'env', `LD_PRELOAD=${join(build, 'die.so')}`, `DIE_AT=${step}`, join(build, 'bin/earshot'), '-c', stack.conf,
				'backup', at('cut')).then(() => false, ({ signal, stderr }) => assert.equal(signal, 'SIGKILL', stderr) ?? true);
			const files = filesIn('cut');
			for (const [name, sum] of Object.entries(sumsIn('cut')).filter(([name]) => name !== 'records.tsv')) assert.equal(files[name], sum, `${name}, step ${step}`);
			for (const key of referredIn('cut')) assert.ok(objectsIn('cut').includes(key), `${key}, step ${step}`);
			if (files['records.tsv'] === base['records.tsv']) early++;
			else if (died) late++;
			if (died) await earshot('backup', at('cut'));
			assert.deepEqual(filesIn('cut'), sumsIn('cut'), `step ${step}`);
			assert.deepEqual(objectsIn('cut'), referredIn('cut'));
		}
		assert.ok(early > 10 && late > 3, `${early} steps before, ${late} after it became the new one`);
		assert.deepEqual(filesIn('base'), base);
		assert.deepEqual(sumsIn('base'), base);
	});

	test('goes on behind half a line, and copies anew what nobody knows', async () => {
		const key = objectsIn('cut').find((name) => name.endsWith('.flac')), line = `${'0'.repeat(64)}  objects/${key}`;
		rmSync(at('cut/objects', key));
		writeFileSync(at('cut/SHA256SUMS.added'), `${line}\n${line.slice(0, 80)}`);
		writeFileSync(at('cut/SHA256SUMS.removed'), `${'0'.repeat(64)}  records.tsv\n${objectsIn('cut').map((name) => `${'0'.repeat(64)}  objects/${name}\n`).join('')}`);
		writeFileSync(at('cut/records.tsv.new'), 'earshot-records\t1\n');
		assert.match(await earshot('backup', at('cut')), / 1 of them new .*, 0 removed/);
		isWhole('cut');
		rmSync(at('cut/SHA256SUMS'));
		writeFileSync(at('cut/objects', key), 'x');
		assert.match(await earshot('backup', at('cut')), /(\d+) objects; \1 of them new /);
		isWhole('cut');
	});

	test('copies another file that has the name of one it has, and says so', async () => {
		const [[id, key]] = await stack.sql("SELECT HEX(id), storage_key FROM samples ORDER BY id LIMIT 1"), file = join(stack.var, 'storage', key);
		const bytes = readFileSync(file), other = bytes.map((byte, at) => at === 2000 ? byte ^ 1 : byte);
		const make = async (what) => {
			writeFileSync(file, what);
			await stack.sql(`UPDATE samples SET sha256 = 0x${sha256(what)} WHERE id = 0x${id}`);
		};
		await make(other);
		await assert.rejects(earshot('backup', at('cut')), ({ stdout }) => stdout.includes(`another file (the next backup copies this one): ${key}\n`));
		assert.match(await earshot('backup', at('cut')), / 1 of them new /);
		isWhole('cut');
		assert.equal(filesIn('cut')[`objects/${key}`], sha256(other));
		await make(bytes);
	});

	test('at work twice in a folder is refused', async () => {
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
	before(async () => {
		await collect();
		await checkLeft(stack);
		await earshot('backup', at('backup'));
	});

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
			'not a table of Earshot': sealed(text.replace(/^table\tadapters\t/m, 'table\tadapters`; DROP TABLE jobs; --\t')),
		};
		copyOf('backup');
		for (const [why, damaged] of Object.entries(damages)) {
			writeFileSync(at('damaged/records.tsv'), damaged);
			await refused(earshot('restore', '--replace', at('damaged')), new RegExp(why));
		}
		const sums = readFileSync(at('backup/SHA256SUMS'), 'utf8'), object = at('damaged/objects', objectsIn('backup')[0]);
		const strange = {
			'the end of .* is missing': () => sums.slice(0, sums.lastIndexOf('\n', sums.length - 2) + 1),
			'a line that is none of a backup': () => `${'0'.repeat(64)}  objects/../../../etc/passwd\n${sums}`,
			'not whole: .*: No such file': () => rmSync(object) ?? sums,
			'not whole: .*: it is not a file': () => {
				rmSync(object);
				execFileSync('mkfifo', [object]);
				return sums;
			},
		};
		for (const [why, make] of Object.entries(strange)) {
			copyOf('backup');
			writeFileSync(at('damaged/SHA256SUMS'), make());
			await refused(earshot('restore', '--replace', at('damaged')), new RegExp(why));
		}
		if (process.getuid() === 0) await assert.rejects(stack.cli('restore', '--replace', at('backup')), /run it as \S+, whose state_dir it is/);
		assert.deepEqual(await everything(), before);
	});

	test('stops at an object that is not what was written, before the records are touched, and leaves what is there', async () => {
		copyOf('backup');
		const key = objectsIn('backup').find((name) => name.endsWith('.flac')), file = join(stack.var, 'storage', key);
		truncateSync(at('damaged/objects', key), 1000);
		const [rows, keys] = await everything(), sum = sha256(readFileSync(file));
		await withoutDaemon(() => refused(earshot('restore', '--replace', at('damaged')), /the backup is damaged: .*flac/));
		const [rowsAfter, keysAfter] = await everything();
		assert.deepEqual([rowsAfter, keys.filter((name) => !keysAfter.includes(name)), keysAfter.filter((name) => name.endsWith('.part'))], [rows, [], []]);
		assert.equal(sha256(readFileSync(file)), sum);
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
		await withoutDaemon(async () => assert.match(await earshot('restore', '--replace', at('users')),
			/^1 tokens count as they did when the backup was made; `earshot token list` shows them$/m));
		assert.equal((await ask('GET', before)).json.user, null);
		assert.equal((await ask('GET', cookie(await signIn(password)))).json.user.role, 'admin');
		const withToken = () => ask('GET', { HTTP_AUTHORIZATION: `Bearer ${token}` });
		assert.equal((await withToken()).json.user.login, 'ada');
		await withoutDaemon(async () => assert.match(await earshot('restore', '--replace', '--revoke-tokens', at('users')), /^1 tokens revoked$/m));
		assert.equal((await withToken()).json.user, null);
	});
});
