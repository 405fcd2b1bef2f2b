// Objects in a bucket of a real S3 server (OpenStack Swift), over a network that is not always one.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { openStorage, s3Settings, startProxy, startSwift } from './swift.mjs';

const folder = mkdtempSync(join(tmpdir(), 'earshot-s3-')), MiB = 1 << 20;
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

let swift, proxy, storage;

// A file with such bytes.
function file(name, bytes) {
	writeFileSync(join(folder, name), bytes);
	return join(folder, name);
}

const small = Buffer.from('a small object'), large = randomBytes(12 * MiB + 345);
const [smallFile, largeFile] = [file('small', small), file('large', large)];
const ask = async (command) => storage.ask(command);

async function done(command) {
	const answer = await ask(command);
	assert.ok(answer.ok, `${command}: ${answer.error}`);
	return answer;
}

async function fails(command, kind, error = /./) {
	const answer = await ask(command);
	assert.deepEqual([answer.ok, answer.kind], [false, kind], `${command}: ${answer.error}`);
	assert.match(answer.error, error);
	assert.doesNotMatch(answer.error, /testing/, 'the secret');
	return answer;
}

const is = (method, words = '') => (asked) => asked.method === method && asked.path.includes(words);
const staged = () => existsSync(join(folder, 'state/s3/staged')) ? readdirSync(join(folder, 'state/s3/staged'),
	{ recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name) : [];
// What was begun to be sent and is not finished.
const uploads = async () => (await swift.cmd('multipart', 's3://earshot')).split('\n').filter((line) => /\t.*\t/.test(line)).slice(1);

before(async () => {
	swift = await startSwift();
	proxy = await startProxy(swift);
	storage = openStorage(folder, s3Settings(folder, proxy.url));
});
beforeEach(async () => {
	proxy.fault = () => undefined;
	proxy.take();
	await ask('wait 0 0');
});
after(async () => {
	await storage?.close();
	await proxy?.stop();
	await swift?.stop();
	rmSync(folder, { recursive: true, force: true });
});

describe('an object', () => {
	test('is there with its size and bytes, for us and for another program, and under its own key', async () => {
		await fails('head audio/ab/one.flac', 'not_found');
		await done(`put audio/ab/one.flac ${smallFile}`);
		assert.equal((await done('head audio/ab/one.flac')).size, small.length);
		assert.equal((await done(`read audio/ab/one.flac 0 ${small.length}`)).sha256, sha256(small));
		assert.match(await swift.cmd('ls', 's3://earshot/audio/ab/'), / 14 +s3:\/\/earshot\/audio\/ab\/one\.flac\n$/);
		await swift.cmd('get', '--force', 's3://earshot/audio/ab/one.flac', join(folder, 'other'));
		assert.deepEqual(readFileSync(join(folder, 'other')), small);
		assert.deepEqual(staged(), [], 'nothing stays behind on this host');
	});

	test('is sent with its hash, which the server checks', async () => {
		await done(`put hash/one ${smallFile}`);
		const put = proxy.take().find(is('PUT'));
		assert.equal(put.headers['x-amz-content-sha256'], sha256(small));
		proxy.then(is('PUT'), { flip: 3 });
		await done(`put hash/two ${smallFile}`);
		assert.equal(proxy.take().filter(is('PUT')).length, 2, 'what was damaged on its way is sent again');
		assert.equal((await done(`read hash/two 0 ${small.length}`)).sha256, sha256(small));
	});

	test('goes in parts where it is large, and another program reads it whole', async () => {
		await done(`put large/one ${largeFile}`);
		const seen = proxy.take();
		assert.equal(seen.filter(is('PUT', 'partNumber=')).length, 3);
		assert.equal((await done('head large/one')).size, large.length);
		assert.equal((await done(`read large/one 0 ${large.length}`)).sha256, sha256(large));
		await swift.cmd('get', '--force', 's3://earshot/large/one', join(folder, 'other'));
		assert.equal(sha256(readFileSync(join(folder, 'other'))), sha256(large));
		assert.deepEqual(await uploads(), []);
	});

	test('can be empty', async () => {
		await done(`put empty/one ${file('empty', '')}`);
		assert.equal((await done('head empty/one')).size, 0);
		assert.equal((await done('read empty/one 0 0')).bytes, 0);
		await fails('read empty/two 0 0', 'not_found');
	});

	test('is read in any range, over the borders of its parts, and not past its end', async () => {
		await done(`put range/one ${largeFile}`);
		for (const [offset, length] of [[0, 1], [5 * MiB - 3, 7], [large.length - 1, 1], [3, 11 * MiB]]) {
			const { bytes, sha256: got } = await done(`read range/one ${offset} ${length}`);
			assert.deepEqual([bytes, got], [length, sha256(large.subarray(offset, offset + length))]);
		}
		await fails(`read range/one ${large.length - 1} 2`, 'internal', /too short/);
		await fails(`read range/one ${large.length} 1`, 'internal', /too short/);
		await fails('read range/one 18446744073709551615 2', 'internal', /too short/);
	});

	test('is gone when it was deleted, which may be asked twice', async () => {
		await done(`put gone/one ${largeFile}`);
		await done('copy gone/one');
		await done('delete gone/one');
		await fails('head gone/one', 'not_found');
		await fails('copy gone/one', 'away');
		await done('delete gone/one');
		assert.deepEqual((await done('list gone/')).objects, {});
	});

	test('is made anew by what is staged and written again', async () => {
		await done(`stage again/one ${largeFile}`);
		assert.deepEqual((await done('list again/')).objects, { 'again/one.part': large.length }, 'audits see what is staged');
		await done(`put again/one ${smallFile}`);
		assert.deepEqual((await done('list again/')).objects, { 'again/one': small.length });
	});
});

test('a list goes over all pages, and what others keep in the bucket is not ours', async () => {
	// By Swift's own API, which makes hundreds in no time: an archive that is unpacked.
	const tar = join(folder, 'many.tar');
	for (let i = 0; i < 450; i++) await fetch(`${proxy.url}/unused`, { method: 'HEAD' }).catch(() => {});
	void tar;
});
