// A disk that is full: a small one of its own, in a mount namespace that is gone with this test.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { check, ended, objects, startWorking, submit } from './jobs.mjs';

const here = fileURLToPath(import.meta.url), folder = process.env.EARSHOT_SMALL_DISK;

if (folder) await fill();
else test('a disk that is full fails the job with a sentence and loses nothing', { skip: process.getuid() !== 0 && 'needs root' }, async () => {
	const at = mkdtempSync(join(tmpdir(), 'earshot-disk-'));
	chmodSync(at, 0o755);
	try {
		await new Promise((done, fail) => execFile('unshare', ['--mount', process.execPath, here],
			{ env: { ...process.env, EARSHOT_SMALL_DISK: at, NODE_TEST_CONTEXT: undefined } },
			(error, stdout, stderr) => error ? fail(new Error(stdout + stderr)) : done()));
	} finally {
		rmSync(at, { recursive: true });
	}
});

async function fill() {
	const storage = join(folder, 'storage');
	mkdirSync(storage);
	execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=19m,mode=1777', 'none', storage]);
	const stack = await startWorking({ folder, settings: { max_attempts: 2 } });
	try {
		const small = await submit(stack, { duration: 2 });
		await ended(stack, small);
		// 20 MB: the disk is full in the middle of it, though there is room at the start.
		const large = await submit(stack, { duration: 70, format: 'wav' });
		const job = await ended(stack, large, 60_000);
		assert.equal(job.status, 'failed');
		assert.match(job.error, /space|full/i);
		assert.equal(job.attempt, 2);
		await check(stack, small, [large, 'failed']);
		assert.equal(objects(stack).filter((key) => key.startsWith('audio/')).length, 3);
		const { bavail, bsize } = statfsSync(storage);
		assert.ok(bavail * bsize > 17 << 20, 'what was half written takes up the disk');

		execFileSync('mount', ['-o', 'remount,size=64m', storage]);
		const again = await fetch(`${stack.url}api/generate/${large}/retry`, { method: 'POST' }).then((answer) => answer.json());
		await ended(stack, again.id);
		await check(stack, small, [large, 'failed'], again.id);
	} finally {
		await stack.stop();
	}
}
