// A shared host that leaves hardly any room: what is refused is said, and nothing is lost.

import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build, until } from '../harness.mjs';
import { examine } from './doctor.mjs';
import { SharedHost } from './shared.mjs';

const isRoot = process.getuid() === 0, MiB = 1 << 20;
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

// In mounts of our own, for a small disk: they go with this process, however that ends.
if (isRoot && !process.env.EARSHOT_OWN_MOUNTS) {
	const { status } = spawnSync('unshare', ['--mount', process.execPath, ...process.execArgv, ...process.argv.slice(1)],
		{ stdio: 'inherit', env: { ...process.env, EARSHOT_OWN_MOUNTS: '1' } });
	process.exit(status ?? 1);
}

describe('a shared host that leaves hardly any room', () => {
	// A user of its own, since a limit of processes counts all that a user has.
	const host = new SharedHost({ uid: String(61000 + process.pid % 4000) });
	const state = join(host.prefix, 'var');
	let take;

	// A soft limit ('nproc') of all that the web server has started, which the next daemon inherits; without a number it goes.
	const limit = async (what, most) => {
		for (const pid of ['earshot.fcgi', 'earshotd'].flatMap((name) => host.pids(name))) {
			const words = ['prlimit', '--pid', String(pid)];
			const hard = (await host.run([...words, `--${what}`, '--noheadings', '--output', 'HARD'])).stdout.trim();
			const { code, stderr } = await host.run([...words, `--${what}=${most ?? hard}:`]);
			assert.ok(code === 0 || !existsSync(`/proc/${pid}`), stderr);
		}
	};
	const ended = (id) => until(async () => {
		const { json } = await host.ask('GET', `api/generate/${id}`);
		return ['completed', 'failed'].includes(json.status) && json;
	}, 'the end of the job', 60_000);
	const retried = async (id) => host.finished((await host.ask('POST', `api/generate/${id}/retry`)).json.id);
	const kill = async (...names) => {
		for (const name of names) {
			const gone = host.kill(name);
			await until(() => !host.pids(name).some((pid) => gone.includes(pid)), `the end of ${name}`);
		}
	};
	const says = async (pattern) => {
		const { code, said, problems } = await examine(host, host.url);
		assert.equal(code, 1);
		assert.ok(problems.some((line) => pattern.test(line)), said);
	};
	const isWell = async () => assert.deepEqual((await examine(host, host.url)).problems, []);

	before(async () => {
		host.beforeSetUp = () => {
			mkdirSync(state);
			if (isRoot) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=800m,mode=750,uid=${host.uid}`, 'none', state]);
		};
		await host.open();
		host.settings({ max_attempts: 2, retry_backoff_ms: 100 });
		await host.startServer(true);
		[take] = (await host.finished(await host.submit())).audio_ids;
		await isWell();
	});
	after(async () => {
		await host.stopServer();
		if (isRoot) execFileSync('umount', [state]);
		await host.stop();
	});

	test('a disk that is full fails jobs and uploads with a sentence; what there is is heard, and all goes on with room',
		{ skip: !isRoot && 'needs root' }, async () => {
			const filler = join(state, 'filler');
			assert.notEqual((await host.run(['dd', 'if=/dev/zero', `of=${filler}`, 'bs=64k'])).code, 0);
			const { json: { sha256 } } = await host.ask('GET', `api/audio/${take}`);
			assert.equal(hash((await host.ask('GET', `api/audio/${take}/stream`)).bytes), sha256);

			const id = await host.submit(), job = await ended(id);
			assert.deepEqual([job.status, job.attempt], ['failed', 2]);
			assert.match(job.error, /The disk of the storage is full\. It was tried 2 times/);
			const { json: adapter } = await host.ask('POST', 'api/adapters', { json: { name: 'Too large' } });
			for (const answer of [await host.ask('PUT', `api/adapters/${adapter.id}/weights`, { body: Buffer.alloc(MiB, ' '),
				headers: { 'Content-Type': 'application/octet-stream' } }), await host.ask('GET', `api/audio/${take}/stream?format=mp3`)]) {
				assert.equal(answer.status, 503, answer.text);
				assert.match(answer.headers['content-type'], /^application\/problem\+json/);
			}
			const { json: health } = await host.ask('GET', 'api/health');
			assert.deepEqual(health.problems.map(({ detail }) => detail), ['The disk of the storage is full.']);
			await says(/disk +0 MB are left for/);

			// A daemon that has to begin there, and a job that was submitted meanwhile.
			await kill('earshotd', 'earshot-worker');
			const later = await host.submit();
			rmSync(filler);
			if ((await ended(later)).status === 'failed') await retried(later);
			await retried(id);
			assert.equal((await host.ask('GET', `api/audio/${take}/stream?format=mp3`)).status, 200);
			await isWell();
			assert.match((await host.earshot('audit')).stdout, /^0 counters wrong, \d+ objects, 0 of them orphans, 0 missing/m);
		});

	test('a file that may not grow fails its job, and no process', async () => {
		await kill('earshotd', 'earshot-worker');
		await limit('fsize', MiB);
		const responders = host.pids('earshot.fcgi');
		const job = await ended(await host.submit({ duration: 20, format: 'wav' }));
		assert.deepEqual([job.status, job.attempt], ['failed', 2]);
		assert.match(job.error, /File too large/);
		await says(/A file of the responder may have 1 MB/);
		assert.equal(host.pids('earshotd').length, 1);
		assert.deepEqual(responders.filter((pid) => !host.pids('earshot.fcgi').includes(pid)), []);
		await limit('fsize');
		await kill('earshotd', 'earshot-worker');
		await isWell();
	});

	test('where no process more may be started, jobs wait, and begin when one may', async () => {
		await kill('earshotd', 'earshot-worker');
		await limit('nproc', 1);
		const id = await host.submit();
		assert.equal((await host.ask('GET', `api/generate/${id}`)).json.status, 'queued');
		assert.deepEqual(host.pids('earshotd'), []);
		await says(/1 processes at once, for the responder, are few/);
		await limit('nproc');
		assert.equal((await host.finished(id)).attempt, 1);

		// A daemon whose workers cannot come back.
		await limit('nproc', 1);
		const other = await host.submit({ duration: 60 });
		await kill('earshot-worker');
		await until(() => /cannot start a worker/.test(host.log()), 'the daemon to say so');
		await limit('nproc');
		await host.finished(other);
		await isWell();
	});

	test('what needs more memory than a process may have is refused with a sentence, the rest is made', async () => {
		await kill('earshotd', 'earshot-worker');
		await limit('as', 180 * MiB);
		host.settings({ workers: 0 });
		const short = await host.submit({ duration: 5 }), long = await ended(await host.submit({ duration: 600 }));
		assert.deepEqual([long.status, long.attempt], ['failed', 1]);
		assert.match(long.error, /needs about \d+ MB of address space, of which \d+ MB are left/);
		assert.equal((await host.finished(short)).attempt, 1);
		await says(/Processes of the responder may have 180 MB of address space/);
		assert.match(host.log().match(/runs with \d+ workers/g).at(-1), /with 1 /);
		host.settings({ workers: 1 });
		await limit('as');
		await kill('earshotd', 'earshot-worker');
		await isWell();
	});

	test('workers that are killed from outside cost their jobs an attempt, and earshot doctor tells', async () => {
		const id = await host.submit({ duration: 60 }), [daemon] = host.pids('earshotd');
		for (let i = 0; i < 3; i++) {
			const [worker] = await until(() => host.pids('earshot-worker').length && host.pids('earshot-worker'), 'a worker');
			if (!i) await until(async () => (await host.ask('GET', `api/generate/${id}`)).json.status === 'processing', 'the job to begin');
			else await ended(id);
			process.kill(worker, 'SIGKILL');
			await until(() => !host.pids('earshot-worker').includes(worker), 'its end');
		}
		assert.equal((await host.finished(id)).attempt, 2);
		assert.deepEqual(host.pids('earshotd'), [daemon]);
		await says(/3 of its workers were killed from outside/);
	});
});

// libfluidsynth leaves out what there is no memory for.
test('with little memory a take is as it should be, or is refused', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'earshot-memory-')), file = join(folder, 'take.flac');
	const words = ['generate', 'epic orchestral film score with choir, harp, brass and timpani', '-o', file, '--seed', '7', '--duration', '6'];
	// { hash } or { error } with so many megabytes of address space, or all there is.
	const make = (mb) => new Promise((done) => execFile('prlimit', [...(mb ? [`--as=${mb * MiB}`] : []), join(build, 'bin/earshot'), ...words],
		(error, stdout, stderr) => done(error ? { error: stderr } : { hash: hash(readFileSync(file)) })));
	try {
		const right = await make(), few = 80;
		const [, needed, left] = (await make(few)).error.match(/needs about (\d+) MB of address space, of which (\d+) MB are left/);
		let mb = few + Number(needed) - Number(left) + 2, made = await make(mb);
		assert.match(made.error, /not enough memory for the instruments/);
		for (; made.error; made = await make(mb += 3)) assert.match(made.error, /not enough memory for the instruments/);
		assert.deepEqual(made, right);
	} finally {
		rmSync(folder, { recursive: true });
	}
});
