// Where a bucket is, and who we are there: TLS, addresses, keys that change, a part of a bucket; and what is wrong with the settings.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { access, certificate, openStorage, s3Settings, secret, startProxy, startSwift } from './swift.mjs';

const folder = mkdtempSync(join(tmpdir(), 'earshot-site-'));
const text = 'a small object', file = join(folder, 'small');
const opened = [];
let swift, proxy;

before(async () => {
	writeFileSync(file, text);
	swift = await startSwift();
	proxy = await startProxy(swift);
});
afterEach(async () => {
	for (const one of opened.splice(0)) await one.close();
	proxy.fault = () => undefined;
	proxy.take();
});
after(async () => {
	await proxy?.stop();
	await swift?.stop();
	rmSync(folder, { recursive: true, force: true });
});

// A storage with a folder of its own; and a proxy with TLS, for one test.
function open(url, more = {}) {
	const at = mkdtempSync(join(folder, 'one-')), one = openStorage(at, { ...s3Settings(at, url), ...more });
	opened.push(one);
	return { ...one, keyFile: join(at, 's3.key') };
}
async function startTls(tls) {
	const one = await startProxy(swift, tls);
	opened.push({ close: one.stop });
	return one;
}

describe('a server with TLS', () => {
	const ours = certificate(folder, 'IP:127.0.0.1', 'DNS:localhost', 'DNS:earshot.localhost');

	test('is one like others once its certificate is trusted', async () => {
		const tls = await startTls(ours), one = open(tls.url, { s3_ca_file: ours.ca });
		assert.equal((await one.done('check')).trouble, null);
		await one.done(`put tls/one ${file}`);
		assert.equal((await one.done(`read tls/one 0 ${text.length}`)).bytes, text.length);
		assert.deepEqual((await one.done('list tls/')).objects, { 'tls/one': text.length });
		await one.done('delete tls/one');
		await one.fails('head tls/one', 'not_found');
		assert.ok(tls.seen.length > 6);
	});

	const others = {
		'that nobody has vouched for': [ours, () => ({})],
		'of another name': [certificate(folder, 'DNS:s3.example.org'), ({ ca }) => ({ s3_ca_file: ca })],
		'that others are trusted instead of': [ours, () => ({ s3_ca_file: certificate(folder, 'IP:127.0.0.1').ca })],
	};
	for (const [what, [shown, settings]] of Object.entries(others))
		test(`and a certificate ${what} gets no request, and a sentence`, async () => {
			const tls = await startTls(shown), one = open(tls.url, settings(shown)), began = Date.now();
			await one.fails(`put tls/two ${file}`, 'away', /^storage: the certificate of 127\.0\.0\.1:\d+ is not trusted: .*; s3_ca_file names the file/);
			await one.fails('head tls/two', 'away', /certificate/);
			assert.equal((await one.done('check')).trouble, 'The certificate of the object storage is not trusted.');
			assert.equal(tls.seen.length, 0);
			assert.ok(Date.now() - began < 5000, 'what will be the same is not tried again');
		});

	test('that speaks without it is away', async () => {
		const one = open(proxy.url.replace('http:', 'https:'), { s3_tries: 1 });
		assert.equal((await one.done('check')).trouble, 'The object storage cannot be reached.');
	});
});

describe('a bucket in the name of its host', () => {
	const ours = certificate(folder, 'DNS:localhost', 'DNS:earshot.localhost');

	// As a listener's browser would ask, which knows where *.localhost is.
	const get = (url) => new Promise((done, fail) => {
		request(url, { ca: ours.cert, lookup: (host, options, found) => options.all ? found(null, [{ address: '127.0.0.1', family: 4 }])
			: found(null, '127.0.0.1', 4) }, (answer) => {
			let body = '';
			answer.on('data', (bytes) => { body += bytes; });
			answer.on('end', () => done({ status: answer.statusCode, body }));
		}).on('error', fail).end();
	});

	test('has all that one in the path has', async () => {
		const tls = await startTls(ours), large = join(folder, 'large');
		writeFileSync(large, Buffer.alloc((6 << 20) + 1, 'x'));
		const one = open(`https://localhost:${tls.port}`, { s3_style: 'host', s3_ca_file: ours.ca, s3_delivery: 'redirect' });
		assert.equal((await one.done('check')).trouble, null);
		await one.done(`put host/one ${file}`);
		await one.done(`put host/large ${large}`);
		assert.equal((await one.done('read host/one 2 5')).bytes, 5);
		assert.deepEqual((await one.done('list host/')).objects, { 'host/one': text.length, 'host/large': (6 << 20) + 1 });
		for (const { headers, path } of tls.take()) {
			assert.equal(headers.host, `earshot.localhost:${tls.port}`);
			assert.doesNotMatch(path, /^\/earshot/);
		}
		assert.match(await swift.cmd('ls', 's3://earshot/host/one'), / 14 +s3:\/\/earshot\/host\/one\n$/);
		const { url } = await one.done('link host/one');
		assert.ok(url.startsWith(`https://earshot.localhost:${tls.port}/host/one?`), url);
		assert.deepEqual(await get(url), { status: 200, body: text });
		assert.equal((await get(url.replace('host/one', 'host/large'))).status, 403);
		await one.done('delete host/one');
		await one.done('delete host/large');
		assert.deepEqual((await one.done('list host/')).objects, {});
	});
});

describe('a bucket that is shared with others', () => {
	test('has our objects below a prefix, and only those are ours', async () => {
		const one = open(proxy.url, { s3_prefix: 'studio/one', s3_delivery: 'redirect' }), other = open(proxy.url, { s3_prefix: 'studio/one2/' });
		await one.done(`put audio/ab/a.flac ${file}`);
		await other.done(`put audio/ab/b.flac ${file}`);
		await swift.cmd('put', file, 's3://earshot/studio/one/others of whom we know nothing');
		await swift.cmd('put', file, 's3://earshot/audio/ab/c.flac');
		assert.match(await swift.cmd('ls', '--recursive', 's3://earshot/studio/one/audio/'), / 14 +s3:\/\/earshot\/studio\/one\/audio\/ab\/a\.flac\n$/);
		assert.deepEqual((await one.done('list audio/')).objects, { 'audio/ab/a.flac': text.length });
		assert.deepEqual((await one.done('list ')).objects, { 'audio/ab/a.flac': text.length });
		assert.deepEqual((await other.done('list ')).objects, { 'audio/ab/b.flac': text.length });
		await one.fails('head audio/ab/b.flac', 'not_found', /./);
		assert.equal((await one.done('read audio/ab/a.flac 0 5')).bytes, 5);
		assert.equal(readFileSync((await one.done('copy audio/ab/a.flac')).path, 'utf8'), text);
		assert.equal(await (await fetch((await one.done('link audio/ab/a.flac')).url)).text(), text);
		await other.done('delete audio/ab/a.flac');
		await one.done('head audio/ab/a.flac');
		await one.done('delete audio/ab/a.flac');
		await one.fails('head audio/ab/a.flac', 'not_found');
	});

	test('lists page by page below it, and gives up what was begun there', async () => {
		const one = open(proxy.url, { s3_prefix: 'pages' });
		const keys = Array.from({ length: 101 }, (_, i) => `many/${i}`), large = join(folder, 'parts');
		for (const key of keys) await one.done(`put ${key} ${file}`);
		assert.deepEqual(Object.keys((await one.done('list many/')).objects).sort(), keys.sort());
		writeFileSync(large, Buffer.alloc((6 << 20) + 1, 'x'));
		proxy.fault = ({ method, path }) => method === 'DELETE' || path.includes('partNumber=2') ? { status: 500 } : undefined;
		await one.fails(`put large ${large}`, 'away');
		proxy.fault = () => undefined;
		assert.match(await swift.cmd('multipart', 's3://earshot'), /pages\/large/);
		await one.done('delete large');
		assert.doesNotMatch(await swift.cmd('multipart', 's3://earshot'), /pages\/large/);
	});

	test('lets in whoever may see the keys below it only', async () => {
		const one = open(proxy.url, { s3_prefix: 'pages' });
		proxy.fault = ({ method }) => method === 'HEAD' ? { status: 403 } : undefined;
		assert.equal((await one.done('check')).trouble, null);
		assert.match(proxy.take().at(-1).path, /list-type=2.*prefix=pages%2F/);
	});
});

describe('a server that lacks something', () => {
	test('need not be able to tell what was begun', async () => {
		const one = open(proxy.url);
		await one.done(`put lacks/one ${file}`);
		proxy.fault = ({ path }) => path.includes('uploads') ? { status: 501, body: '<?xml version="1.0"?><Error><Code>NotImplemented</Code></Error>' } : undefined;
		await one.done('delete lacks/one');
		assert.equal(proxy.take().filter(({ path }) => path.includes('uploads')).length, 1, 'it is not asked again and again');
		await one.fails('head lacks/one', 'not_found');
	});
});

describe('keys', () => {
	// A new file in the place of the other, as whoever fetches keys of a session would put it there.
	function replace({ keyFile }, ...lines) {
		writeFileSync(`${keyFile}.new`, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
		renameSync(`${keyFile}.new`, keyFile);
	}

	test('of a session go with their token, in each request and in addresses for listeners', async () => {
		const one = open(proxy.url, { s3_delivery: 'redirect' });
		replace(one, access, secret, 'a/token+of==');
		await one.done(`put keys/one ${file}`);
		assert.equal((await one.done(`read keys/one 0 ${text.length}`)).bytes, text.length);
		for (const { headers } of proxy.take()) {
			assert.equal(headers['x-amz-security-token'], 'a/token+of==');
			assert.match(headers.authorization, /SignedHeaders=[a-z0-9;-]*;x-amz-security-token,/);
		}
		const { url } = await one.done('link keys/one');
		assert.match(url, /&X-Amz-Security-Token=a%2Ftoken%2Bof%3D%3D&/);
		assert.equal(await (await fetch(url)).text(), text);
		assert.equal((await fetch(url.replace('token%2Bof', 'token%2Bon'))).status, 403, 'it is signed, too');
	});

	test('can be replaced at any time', async () => {
		const one = open(proxy.url);
		await one.done(`put keys/two ${file}`);
		replace(one, access, 'another');
		await one.fails('head keys/two', 'internal', /403/);
		assert.equal((await one.done('check')).trouble, 'The object storage does not let us in.');
		replace(one, 'half');
		await one.fails('head keys/two', 'internal', /403/);
		replace(one, access, secret);
		await one.done('head keys/two');
		writeFileSync(one.keyFile, 'half');
		await one.done('head keys/two');
	});

	test('that have run out are waited for to be replaced', async () => {
		const one = open(proxy.url);
		replace(one, access, secret, 'old');
		await one.done(`put keys/three ${file}`);
		proxy.fault = ({ headers }) => {
			if (headers['x-amz-security-token'] !== 'old') return undefined;
			replace(one, access, secret, 'new');
			return { status: 400, body: '<?xml version="1.0"?><Error><Code>ExpiredToken</Code><Message>It has expired.</Message></Error>' };
		};
		assert.equal((await one.done(`read keys/three 0 ${text.length}`)).bytes, text.length);
	});
});

describe('what is wrong with the settings', () => {
	const trouble = async (more) => {
		const at = mkdtempSync(join(folder, 'settings-')), other = openStorage(at, { ...s3Settings(at, proxy.url), ...more(at) });
		try {
			return (await other.ask('check')).trouble;
		} catch {
			return other.said();
		} finally {
			await other.close();
		}
	};
	const write = (at, text, mode = 0o600) => {
		writeFileSync(join(at, 'other.key'), text, { mode });
		return join(at, 'other.key');
	};
	const cases = {
		'nothing': [() => ({}), /^null$/],
		'a bucket that is not there': [() => ({ s3_bucket: 'nobody-has-it' }), /bucket of the object storage is not there/],
		'another secret': [(at) => ({ s3_key_file: write(at, 'test:tester\nnot-it\n') }), /does not let us in/],
		'a server that is not there': [() => ({ s3_url: 'http://127.0.0.1:1' }), /cannot be reached/],
		'no address': [() => ({ s3_url: '' }), /s3_url must be like/],
		'an address with a path': [() => ({ s3_url: 'https://a.example/b' }), /s3_url must be a scheme, a host/],
		'no bucket': [() => ({ s3_bucket: '' }), /s3_bucket must be/],
		'a name that no bucket can have': [() => ({ s3_bucket: 'a/../b' }), /s3_bucket must be/],
		'no key file': [() => ({ s3_key_file: '' }), /s3_key_file is not set/],
		'a key file that is not there': [(at) => ({ s3_key_file: join(at, 'none') }), /s3_key_file: .*none/],
		'half a key': [(at) => ({ s3_key_file: write(at, 'test:tester\n') }), /must have two lines/],
		'more than a key': [(at) => ({ s3_key_file: write(at, 'a\nb\nc\nd\n') }), /must have two lines/],
		'certificates that are not there': [(at) => ({ s3_ca_file: join(at, 'none.pem') }), /s3_ca_file: .*none\.pem/],
		'a prefix that leads elsewhere': [() => ({ s3_prefix: '../other' }), /s3_prefix must be/],
		'a prefix that begins with nothing': [() => ({ s3_prefix: '/' }), /s3_prefix must be/],
		'a prefix that is too long': [() => ({ s3_prefix: 'x'.repeat(127) + '/y' }), /s3_prefix/],
		'a key that everyone may read': [(at) => ({ s3_key_file: write(at, 'a\nb\n', 0o644) }), /chmod 600/],
	};
	for (const [what, [more, said]] of Object.entries(cases))
		test(`${what} is said in a sentence`, async () => {
			const text = String(await trouble(more));
			assert.match(text, said);
			assert.doesNotMatch(text, /testing|not-it/, 'the secret');
		});
});

