// Objects in a bucket of a real S3 server (OpenStack Swift), over a network that is not always one.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
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
const ask = (command) => storage.ask(command), done = (command) => storage.done(command);
const fails = (...expected) => storage.fails(...expected);

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
		proxy.next(is('PUT'), { flip: 3 });
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

describe('a list', () => {
	test('goes over all pages, and names what lies under its prefix and nothing else', async () => {
		const keys = Array.from({ length: 105 }, (_, i) => `many/${String(i).padStart(3, '0')}`);
		await Promise.all(keys.map((key) => done(`put ${key} ${smallFile}`)));
		await done(`put manyfold ${smallFile}`);
		proxy.take();
		assert.deepEqual((await done('list many/')).objects, Object.fromEntries(keys.map((key) => [key, small.length])));
		assert.equal(proxy.take().length, 2);
		assert.deepEqual((await done('list nothing/')).objects, {});
	});

	test('leaves out what others keep in the bucket under keys that are none of ours', async () => {
		await swift.cmd('put', smallFile, 's3://earshot/others/a b&c<d>.flac');
		await swift.cmd('put', smallFile, 's3://earshot/others/plain');
		assert.deepEqual((await done('list others/')).objects, { 'others/plain': small.length });
	});

	const page = (inside) => `<?xml version="1.0"?><ListBucketResult>${inside}</ListBucketResult>`;
	for (const [what, text] of Object.entries({
		'no XML': 'Not Found',
		'XML that ends too early': '<?xml version="1.0"?><ListBucketResult>',
		'entities of its own': '<!DOCTYPE a [<!ENTITY b "c">]><ListBucketResult/>',
		'a next page without an address': page('<IsTruncated>true</IsTruncated>'),
		'for ever the same page': page('<IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>'),
		'more than anyone writes': page('<X></X>'.repeat(60_000)),
	}))
		test(`that is ${what} is refused and ends`, async () => {
			proxy.fault = () => ({ replace: text });
			assert.equal((await ask('list faulty/')).ok, false);
		});
});

describe('a network that breaks', () => {
	const faults = {
		'hangs up without an answer': 'drop',
		'answers 500': { status: 500 },
		'answers 503 with a sentence of S3': { status: 503, body: '<?xml version="1.0"?><Error><Code>SlowDown</Code></Error>' },
		'answers 429': { status: 429 },
	};
	for (const [what, fault] of Object.entries(faults)) {
		test(`and ${what} costs a repetition of each operation`, async () => {
			for (const [command, match] of [[`put net/one ${smallFile}`, is('PUT')], ['head net/one', is('HEAD')],
				[`read net/one 0 ${small.length}`, is('GET')], ['list net/', is('GET')], ['delete net/one', is('DELETE')]]) {
				proxy.take();
				proxy.next(match, fault);
				await done(command);
				assert.equal(proxy.take().filter(match).length, 2, command);
			}
		});
	}

	test('and never answers costs a repetition, too, after some silence', async () => {
		const at = mkdtempSync(join(folder, 'impatient-')), other = openStorage(at, s3Settings(at, proxy.url, { s3_silence_s: 1, s3_tries: 20 }));
		await done(`put net/one ${smallFile}`);
		proxy.next(is('HEAD'), 'hang');
		const began = Date.now();
		await other.done('head net/one');
		assert.ok(Date.now() - began >= 1000);
		await other.close();
	});

	test('is tried so often as the settings say, and then is said to be away', async () => {
		proxy.fault = () => ({ status: 503 });
		const began = Date.now();
		await fails('head net/two', 'away', /503/);
		assert.equal(proxy.take().length, 4);
		assert.ok(Date.now() - began >= 300, 'with waits in between');
		await fails(`put net/two ${smallFile}`, 'away');
		await fails('list net/', 'away');
		assert.ok(staged().includes('two'), 'what could not be sent can be sent again');
		proxy.fault = () => undefined;
		await done('delete net/two');
		assert.ok(!staged().includes('two'));
	});

	test('goes on where an answer broke off', async () => {
		await done(`put net/three ${largeFile}`);
		proxy.take();
		proxy.next(is('GET'), { cut: 3 * MiB }, { cut: 1 }, { cut: 5 * MiB }, { status: 503 }, { cut: 2 * MiB });
		assert.equal((await done(`read net/three 5 ${large.length - 5}`)).sha256, sha256(large.subarray(5)));
		const ranges = proxy.take().map(({ headers }) => Number(headers.range.match(/^bytes=(\d+)-/)[1]));
		assert.equal(ranges.length, 6);
		assert.equal(ranges[0], 5);
		assert.deepEqual(ranges, [...ranges].sort((a, b) => a - b));
		assert.ok(ranges[5] > 7 * MiB, 'nothing is read twice');
	});

	test('leaves no half object behind', async () => {
		proxy.fault = (asked) => asked.method === 'PUT' ? { cutUp: 5 } : undefined;
		await fails(`put net/four ${smallFile}`, 'away');
		await fails('head net/four', 'not_found');
		proxy.next(is('PUT'), { cutUp: 5 });
		await done('delete net/four');
		await done(`put net/four ${smallFile}`);
		assert.equal((await done(`read net/four 0 ${small.length}`)).sha256, sha256(small));
	});

	test('costs a large object no more than the part that was lost', async () => {
		proxy.next(is('PUT', 'partNumber=2'), { cutUp: MiB }, { status: 503 });
		await done(`put net/five ${largeFile}`);
		assert.equal(proxy.take().filter(is('PUT')).length, 5);
		assert.equal((await done(`read net/five 0 ${large.length}`)).sha256, sha256(large));
	});

	test('gives up what was begun of a large object that cannot be finished', async () => {
		proxy.fault = (asked) => asked.path.includes('partNumber=3') ? { status: 503 } : undefined;
		await fails(`put net/six ${largeFile}`, 'away');
		await fails('head net/six', 'not_found');
		assert.deepEqual(await uploads(), []);
	});

	test('may lose the answer to the first step of a large object, and what was begun twice is not left', async () => {
		proxy.next((asked) => asked.method === 'POST' && asked.path.endsWith('?uploads='), { lose: true });
		await done(`put net/twice ${largeFile}`);
		assert.equal((await done('head net/twice')).size, large.length);
		assert.deepEqual(await uploads(), []);
	});

	test('may lose the answer to the last step, which was done', async () => {
		const last = (asked) => asked.method === 'POST' && asked.path.includes('uploadId=');
		proxy.next(last, { lose: true });
		await done(`put net/seven ${largeFile}`);
		assert.equal((await done('head net/seven')).size, large.length);
		assert.deepEqual(await uploads(), []);
	});

	test('is told from a 200 that has an error in it', async () => {
		const last = (asked) => asked.method === 'POST' && asked.path.includes('uploadId=');
		const error = '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>We hit it.</Message></Error>';
		proxy.next(last, { status: 200, body: error });
		await done(`put net/eight ${largeFile}`);
		assert.equal(proxy.take().filter(last).length, 2);
		assert.equal((await done(`read net/eight 0 ${large.length}`)).sha256, sha256(large));
	});

	test('what a process that was killed had begun is given up when the object is deleted', async () => {
		const other = openStorage(join(folder), s3Settings(folder, proxy.url));
		const sent = new Promise((ready) => {
			proxy.fault = (asked) => {
				if (!asked.path.includes('partNumber=2')) return undefined;
				ready();
				return 'hang';
			};
		});
		other.ask(`put net/nine ${largeFile}`).catch(() => {});
		await sent;
		await other.kill();
		proxy.fault = () => undefined;
		assert.equal((await uploads()).length, 1);
		await done('delete net/nine');
		assert.deepEqual(await uploads(), []);
		assert.deepEqual((await done('list net/nine')).objects, {}, 'the staged file went, too');
	});
});

describe('a server that lies', () => {
	test('about the place of what it sends is not believed', async () => {
		await done(`put lie/one ${largeFile}`);
		proxy.fault = (asked) => asked.method === 'GET' ? { replace: 'something else' } : undefined;
		await fails('read lie/one 100 14', 'internal', /something else than what was asked/);
		await fails('read lie/one 0 5', 'internal', /something else than what was asked/);
	});

	test('by a redirection gets nothing: what we sign is for nobody else', async () => {
		const elsewhere = await startProxy(swift);
		proxy.fault = () => ({ status: 307, body: '' });
		await fails('head lie/one', 'internal', /307/);
		assert.equal(elsewhere.seen.length, 0);
		await elsewhere.stop();
	});
});

describe('time and memory', () => {
	test('an operation takes no longer than it may', async () => {
		await ask('wait 300 0');
		proxy.fault = () => 'hang';
		const began = Date.now();
		await fails('head time/one', 'away');
		assert.ok(Date.now() - began < 5000);
	});

	test('whoever waits is asked meanwhile whether to go on', async () => {
		await ask('wait 0 3');
		proxy.fault = () => 'hang';
		await fails('head time/two', 'stopped');
		await ask('wait 0 0');
		proxy.fault = ({ method }) => method === 'GET' ? { drip: 40 } : undefined;
		await done(`put time/two ${file('dripping', large.subarray(0, 60_000))}`);
		await ask('wait 0 9');
		const { kind, bytes } = await ask('read time/two 0 60000');
		assert.equal(kind, 'stopped');
		assert.ok(bytes < 60_000, 'nothing more is taken');
		await ask('wait 0 3');
		proxy.fault = () => ({ status: 503 });
		proxy.take();
		assert.equal((await ask('head time/two')).ok, false);
		assert.ok(proxy.take().length < 4);
	});

	test('a connection that is kept is not for the programs that we start', async () => {
		await fails('head time/none', 'not_found');
		const tcp = readFileSync(`/proc/${storage.pid}/net/tcp`, 'utf8'), fds = `/proc/${storage.pid}/fd`;
		const kept = readdirSync(fds).filter((fd) => tcp.includes(` ${readlinkSync(join(fds, fd)).match(/^socket:\[(\d+)/)?.[1]} `));
		assert.ok(kept.length > 0);
		for (const fd of kept) {
			const [, flags] = readFileSync(`/proc/${storage.pid}/fdinfo/${fd}`, 'utf8').match(/flags:\s+(\d+)/);
			assert.ok(parseInt(flags, 8) & 0o2000000, 'close on exec');
		}
	});

	test('a slow answer is waited for as long as it goes on', async () => {
		await done(`put time/three ${file('slow', large.subarray(0, 40_000))}`);
		proxy.fault = (asked) => asked.method === 'GET' ? { drip: 40 } : undefined;
		assert.equal((await done('read time/three 0 40000')).sha256, sha256(large.subarray(0, 40_000)));
		assert.equal(proxy.take().filter(is('GET')).length, 1);
	});

	test('a transfer needs less than 1 MiB of memory, however long it is', async (t) => {
		const huge = Buffer.alloc(48 * MiB, large);
		const path = file('huge', huge);
		const settings = s3Settings(folder, proxy.url), used = {};
		for (const [what, command] of Object.entries({ sending: `put memory/huge ${path}`,
			reading: `read memory/huge 0 ${huge.length}`, listing: 'list many/' })) {
			// A process that has asked for something, so that all libraries are there, and has transferred nothing.
			const fresh = openStorage(folder, settings);
			await fresh.ask('check');
			await fresh.ask('memory');
			const { peak_kb: rest } = await fresh.ask('memory');
			assert.ok((await fresh.ask(command)).ok);
			used[what] = (await fresh.ask('memory')).peak_kb - rest;
			await fresh.close();
			assert.ok(used[what] < 1024, `${what}: ${used[what]} KiB`);
		}
		t.diagnostic(`KiB: ${JSON.stringify(used)}`);
	});
});

describe('a copy for programs that read files', () => {
	test('is made once and has all bytes', async () => {
		await done(`put copy/one ${largeFile}`);
		const { path } = await done('copy copy/one');
		assert.equal(sha256(readFileSync(path)), sha256(large));
		proxy.take();
		assert.equal((await done('copy copy/one')).path, path);
		assert.equal(proxy.take().length, 0);
	});

	test('is whole or not there', async () => {
		await done(`put copy/two ${largeFile}`);
		proxy.fault = (asked) => asked.method === 'GET' ? { status: 500 } : undefined;
		await fails('copy copy/two', 'away');
		assert.deepEqual(staged().filter((name) => name.startsWith('two.')), []);
		proxy.fault = () => undefined;
		assert.equal(sha256(readFileSync((await done('copy copy/two')).path)), sha256(large));
	});
});

test('an address for a listener works without us, for an hour, for this object and this method', async () => {
	await done(`put url/one ${smallFile}`);
	const at = mkdtempSync(join(folder, 'redirect-'));
	const other = openStorage(at, s3Settings(at, swift.url, { s3_delivery: 'redirect' }));
	const { url } = await other.ask('link url/one');
	assert.equal((await done('link url/one')).url, null, 'only where that is wanted');
	const answer = await fetch(url, { headers: { Range: 'bytes=2-6' } });
	assert.equal(answer.status, 206);
	assert.equal(await answer.text(), small.toString().slice(2, 7));
	assert.equal(answer.headers.get('content-type'), 'audio/flac');
	assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="a b.flac"');
	assert.equal(answer.headers.get('cache-control'), 'private');
	for (const wrong of [url.replace('url/one', 'range/one'), url.replace('Expires=3600', 'Expires=99999'), url.slice(0, -1)])
		assert.equal((await fetch(wrong)).status, 403, wrong);
	assert.equal((await fetch(url, { method: 'DELETE' })).status, 403);
	await other.close();
});
