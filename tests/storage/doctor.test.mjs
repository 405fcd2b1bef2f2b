// What `earshot doctor` says of a bucket, and of what is left where the audio was before.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { build, freePort } from '../harness.mjs';
import { s3Settings, startProxy, startSwift } from './swift.mjs';

const folder = mkdtempSync(join(tmpdir(), 'earshot-doctor-')), state = join(folder, 'state');
let swift, proxy;

// { said, problems, remedies } of the parts storage, clock and web; there is no database, of which nothing is said here.
async function doctor({ mode = 0o600, ...settings }, ...words) {
	const conf = join(folder, 'earshot.conf');
	writeFileSync(conf, Object.entries({ state_dir: state, storage_dir: join(state, 'audio'), database_socket: '/nowhere', ...s3Settings(folder, proxy.url), ...settings })
		.map(([key, value]) => `${key} = ${value}\n`).join(''));
	chmodSync(join(folder, 's3.key'), mode);
	const said = await new Promise((done) => execFile(join(build, 'bin/earshot'), ['-c', conf, 'doctor', ...words], (error, stdout, stderr) => done(stdout + stderr)));
	assert.doesNotMatch(said, /testing/, 'the secret');
	const found = [...said.matchAll(/^PROBLEM +(storage|clock|web) +(.*)\n(?: +do: (.*)\n)?/gm)];
	return { said, problems: found.map(([, , what]) => what), remedies: found.map(([, , , remedy]) => remedy) };
}

async function finds(settings, problem, remedy, ...words) {
	const { said, problems, remedies } = await doctor(settings, ...words);
	const at = problems.findIndex((line) => problem.test(line));
	assert.ok(at >= 0, said);
	assert.match(remedies[at], remedy, said);
	return said;
}

const denied = { status: 403, body: '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>' };
const is = (method) => (asked) => asked.method === method && /doctor/.test(asked.path);

before(async () => {
	mkdirSync(state, { mode: 0o750 });
	swift = await startSwift();
	proxy = await startProxy(swift);
});
beforeEach(() => { proxy.fault = () => undefined; });
after(async () => {
	await proxy?.stop();
	await swift?.stop();
	rmSync(folder, { recursive: true, force: true });
});

describe('earshot doctor', () => {
	test('writes, reads, lists and deletes an object in a bucket that is as it should be, and leaves nothing', async () => {
		const { said, problems } = await doctor({});
		assert.deepEqual(problems, [], said);
		assert.match(said, /^ok +storage +the bucket earshot, to write, read, list and delete$/m);
		const seen = proxy.take().filter(({ path }) => /doctor/.test(path)).map(({ method }) => method);
		for (const method of ['PUT', 'GET', 'DELETE']) assert.ok(seen.includes(method), method);
		assert.equal(await swift.cmd('ls', '--recursive', 's3://earshot'), '');
		assert.deepEqual(existsSync(join(state, 's3/staged')) ? readdirSync(join(state, 's3/staged'), { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile()) : [], []);
	});

	test('finds a server that is not there, a bucket that is not, and keys that are wrong', async () => {
		await finds({ s3_url: `http://127.0.0.1:${await freePort()}` }, /cannot be used: .*127\.0\.0\.1/, /^curl -v http:\/\/127/);
		await finds({ s3_bucket: 'nothing' }, /cannot be used: .*404/, /^s3cmd mb s3:\/\/nothing/);
		writeFileSync(join(folder, 'wrong.key'), 'test:tester\nanother-secret\n', { mode: 0o600 });
		await finds({ s3_key_file: join(folder, 'wrong.key') }, /cannot be used: .*SignatureDoesNotMatch/, /the right keys, a line each, in .*wrong\.key/);
		await finds({ mode: 0o644 }, /can be read by others/, /^chmod 600 .*s3\.key/);
		await finds({ s3_key_file: join(folder, 'none.key') }, /none\.key cannot be read/, /^chmod 600/);
	});

	test('finds what the key may not do', async () => {
		for (const [method, says] of [['PUT', /cannot be written: .*AccessDenied/], ['GET', /cannot be read: .*AccessDenied/], ['DELETE', /cannot be deleted: .*AccessDenied/]]) {
			proxy.fault = (asked) => is(method)(asked) && !/list-type/.test(asked.path) ? denied : undefined;
			await finds({}, says, /^allow its access key PutObject, GetObject, DeleteObject, .* in earshot$/);
		}
		proxy.fault = (asked) => /list-type/.test(asked.path) ? denied : undefined;
		await finds({}, /cannot be listed: .*AccessDenied/, /ListBucket/);
	});

	test('finds a clock that signs what the server refuses', async () => {
		proxy.fault = () => ({ ...denied, headers: { Date: new Date(Date.now() - 16 * 60_000).toUTCString() } });
		await finds({}, /S3 server disagree by 9[56]\d s/, /^timedatectl set-ntp true$/);
		proxy.fault = () => ({ status: 403, body: denied.body.replace('AccessDenied', 'RequestTimeTooSkewed') });
		await finds({}, /RequestTimeTooSkewed/, /^timedatectl set-ntp true$/);
	});

	test('says when nothing is left in the place from which audio was moved', async () => {
		await swift.cmd('del', '--recursive', '--force', 's3://earshot');	// of who may not delete
		mkdirSync(join(state, 'audio/audio/ab'), { recursive: true, mode: 0o750 });
		await finds({ storage_from: 'local' }, /Nothing is left in storage_from = local/, /^remove storage_from from .*earshot\.conf; then: earshot reload$/);
		writeFileSync(join(state, 'audio/audio/ab/one.flac'), 'x');
		const { said, problems } = await doctor({ storage_from: 'local' });
		assert.deepEqual(problems, [], said);
		assert.match(said, /^ok +storage +`earshot storage move` brings what is still in local$/m);
		await finds({ storage: 'local', storage_from: 's3' }, /Nothing is left in storage_from = s3/, /^remove storage_from/);
	});

	test('finds a bucket that browsers may not fetch from where listeners are sent there, and a page that does not let them', async () => {
		let policy = "default-src 'none'; media-src 'self'; connect-src 'self'";
		const page = createServer((asked, answer) => answer.writeHead(200, { 'Content-Security-Policy': policy }).end('<title>Earshot</title>'));
		await new Promise((done) => page.listen(0, '127.0.0.1', done));
		const url = `http://127.0.0.1:${page.address().port}/music`, origin = new URL(url).origin;
		const redirect = { s3_delivery: 'redirect' };
		try {
			await finds(redirect, /does not let browsers fetch audio for the pages at http:\/\/127.0.0.1:\d+ \(CORS\)/, /^s3cmd setcors .* s3:\/\/earshot, /, url);
			const allow = { 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Headers': 'Range', 'Access-Control-Allow-Methods': 'GET, HEAD',
				'Access-Control-Expose-Headers': 'Content-Range' };
			const cors = (headers) => { proxy.fault = (asked) => asked.method === 'OPTIONS' ? { status: 200, headers } : { add: headers }; };
			cors({ ...allow, 'Access-Control-Allow-Origin': 'https://another.example' });
			await finds(redirect, /CORS/, /setcors/, url);
			cors({ ...allow, 'Access-Control-Allow-Headers': 'x-other' });
			await finds(redirect, /CORS/, /setcors/, url);
			cors({ ...allow, 'Access-Control-Expose-Headers': 'ETag' });
			await finds(redirect, /CORS/, /expose Content-Range/, url);
			cors(allow);
			await finds(redirect, /Content-Security-Policy of the pages does not let browsers fetch audio from http:/, new RegExp(`EARSHOT_AUDIO "'self' ${proxy.url}"`), url);
			policy = `default-src 'none'; media-src 'self' ${proxy.url}; connect-src 'self' ${proxy.url}`;
			const { said } = await doctor(redirect, url);
			assert.doesNotMatch(said, /CORS|Content-Security/);
			assert.match(said, /^ok +storage +the bucket earshot/m);
		} finally {
			page.closeAllConnections();
			page.close();
		}
	});
});
