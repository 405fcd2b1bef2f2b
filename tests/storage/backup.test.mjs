// Backups of a studio whose audio is in a bucket, and back: into a folder, or into another bucket.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build } from '../harness.mjs';
import { installation } from '../api/api.mjs';
import { asUser, earshot, pauseDaemon, userOf } from '../faults/jobs.mjs';
import { s3Settings, startProxy, startSwift } from './swift.mjs';

const folder = mkdtempSync(join(tmpdir(), 'earshot-backup-'));
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const swift = await startSwift(), proxy = await startProxy(swift);
await swift.cmd('mb', 's3://other');

after(async () => {
	await proxy.stop();
	await swift.stop();
	rmSync(folder, { recursive: true, force: true });
});

describe('a backup of a bucket', () => {
	const api = installation({ settings: { ...s3Settings(folder, proxy.url, { s3_tries: 2 }, true), workers: 1, worker_nice: 0 } });
	const takes = [], backup = join(folder, 'mine/backup');

	before(async () => {
		mkdirSync(join(folder, 'mine'));
		chownSync(join(folder, 'mine'), ...userOf(api.stack));
		for (const prompt of ['calm piano', 'fast techno']) takes.push(...(await api.make({ prompt, duration: 1 })).audio);
	});

	// { KEY: SHA-256 } as the backup has it.
	const listed = () => Object.fromEntries(readFileSync(join(backup, 'SHA256SUMS'), 'utf8')
		.match(/^.*  objects\/.*$/gm).map((line) => line.split('  objects/').reverse()));

	// Restore with other settings.
	function restore(name, changes, ...words) {
		const conf = join(folder, 'mine', `${name}.conf`), settings = { state_dir: join(folder, 'mine', name), ...changes };
		const lines = readFileSync(api.stack.conf, 'utf8').split('\n').filter((line) => !(line.split(' = ')[0] in settings))
			.map((line) => line.replace(/^(database_socket|log_file) = (?!\/)/, `$1 = ${api.stack.var}/`));
		writeFileSync(conf, [...lines, ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`), ''].join('\n'));
		chownSync(conf, ...userOf(api.stack));
		return asUser(api.stack, join(build, 'bin/earshot'), '-c', conf, 'restore', ...words, backup);
	}

	test('stops where the bucket is away, and the next one goes on', async () => {
		let gets = 0;
		proxy.fault = ({ method }) => method === 'GET' && ++gets > 2 ? 'drop' : gets > 2 ? { status: 503 } : undefined;
		await assert.rejects(earshot(api.stack, 'backup', backup), /S3|127\.0\.0\.1|503|Empty reply/i);
		proxy.fault = () => undefined;
		assert.match(await earshot(api.stack, 'backup', backup), /(\d+) objects; [1-9]\d* of them new/);
		execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: backup });
		for (const take of takes) assert.equal(listed()[take.storage_path], take.sha256);
	});

	test('names what is damaged there, or cannot be had, and goes on with the rest', async () => {
		const [damaged, unreadable] = takes, before = listed();
		writeFileSync(join(folder, 'damaged'), 'x'.repeat(damaged.size_bytes));
		await swift.cmd('put', join(folder, 'damaged'), `s3://earshot/${damaged.storage_path}`);
		proxy.fault = ({ method, path }) => method === 'GET' && path.includes(unreadable.storage_path) ? { status: 500 } : undefined;
		await assert.rejects(earshot(api.stack, 'backup', `${backup}-new`), ({ stdout, stderr }) => {
			assert.ok(stdout.includes(`damaged: ${damaged.storage_path}\n`) && stdout.includes(`unreadable: ${unreadable.storage_path}\n`), stdout);
			assert.match(stderr, /without 2 of the objects/);
			return true;
		});
		proxy.fault = () => undefined;
		await earshot(api.stack, 'backup', backup);
		assert.deepEqual(listed(), before, 'what it had of them it keeps');
	});

	test('becomes a folder, with an empty database, or another bucket, and puts right what is damaged there', async () => {
		await pauseDaemon(api.stack);
		await api.stack.sql('DROP DATABASE earshot; CREATE DATABASE earshot');
		assert.match(await restore('folder', { storage: 'local', storage_dir: join(folder, 'mine/storage') }), /were not in the storage before/);
		for (const [key, sum] of Object.entries(listed())) assert.equal(sha256(readFileSync(join(folder, 'mine/storage', key))), sum);
		assert.deepEqual(await api.stack.sql('SELECT COUNT(*) FROM samples'), [[String(takes.length)]]);
		const other = { s3_bucket: 'other', s3_dir: join(folder, 'mine/s3') };
		await restore('bucket', other, '--replace');
		assert.deepEqual(Object.keys(await swift.list('other')).sort(), Object.keys(listed()).sort());
		await swift.cmd('put', join(folder, 'damaged'), `s3://other/${takes[0].storage_path}`);
		assert.match(await restore('bucket', other, '--replace'), /; 1 of them were not in the storage before/);
		for (const { storage_path: key, sha256: sum } of takes) {
			await swift.cmd('get', '--force', `s3://other/${key}`, join(folder, 'got'));
			assert.equal(sha256(readFileSync(join(folder, 'got'))), sum);
		}
	});
});
