// A real OpenStack Swift for tests (swift_server.py), a proxy in front of it that does what networks do, and the
// program that asks a storage of ours for anything (objects.c). All end with the process that started them.

import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { build, root } from '../harness.mjs';

export const access = 'test:tester', secret = 'testing';

// Our programs use the proxy of the environment, which knows nothing of servers here.
process.env.no_proxy ||= '127.0.0.1,localhost';

// { port, url, folder, cmd(…s3cmd's words), list(bucket), allow(bucket, origin), halt(), start(), stop() } of a Swift with the bucket earshot. Debian's python
// has it, whatever other one is first in the PATH.
export async function startSwift() {
	const folder = mkdtempSync(join(tmpdir(), 'earshot-swift-'));
	const swift = { folder, port: 0 };
	let child;
	swift.start = async () => {
		child = spawn('/usr/bin/python3', [join(root, 'tests/storage/swift_server.py'), folder, String(swift.port)],
			{ stdio: ['pipe', 'pipe', 'pipe'] });
		let said = '';
		child.stderr.on('data', (text) => { said += text; });
		const line = await new Promise((done) => {
			child.stdout.once('data', (text) => done(Number(text)));
			child.once('exit', () => done(0));
		});
		if (!line) throw new Error(`Swift did not start: ${said}`);
		swift.port = line;
		swift.url = `http://127.0.0.1:${line}`;
	};
	swift.halt = async () => {
		const gone = new Promise((done) => child.once('exit', done));
		child.kill('SIGKILL');
		await gone;
	};
	swift.stop = async () => {
		if (child.exitCode === null && child.signalCode === null) await swift.halt();
		rmSync(folder, { recursive: true, force: true });
	};
	swift.cmd = async (...words) => (await promisify(execFile)('s3cmd', ['--config=/dev/null', `--access_key=${access}`,
		`--secret_key=${secret}`, `--host=127.0.0.1:${swift.port}`, `--host-bucket=127.0.0.1:${swift.port}`, '--no-ssl',
		'--no-progress', ...words], { maxBuffer: 1 << 26 })).stdout;
	// { KEY: bytes } of a bucket, as another program sees it.
	swift.list = async (name) => Object.fromEntries((await swift.cmd('ls', '--recursive', `s3://${name}`)).split('\n').filter(Boolean)
		.map((line) => line.match(/(\d+) +s3:\/\/\w+\/(.*)$/).slice(1)).map(([size, key]) => [key, Number(size)]));
	// A CORS rule for pages from there, as the README describes it; Swift has its own words for it.
	swift.allow = async (name, origin) => {
		const account = await fetch(`${swift.url}/auth/v1.0`, { headers: { 'X-Auth-User': access, 'X-Auth-Key': secret } });
		const answer = await fetch(`${account.headers.get('x-storage-url')}/${name}`, { method: 'POST', headers: {
			'X-Auth-Token': account.headers.get('x-auth-token'), 'X-Container-Meta-Access-Control-Allow-Origin': origin,
			'X-Container-Meta-Access-Control-Expose-Headers': 'Content-Range' } });
		assert.equal(answer.status, 204);
	};
	await swift.start();
	await swift.cmd('mb', 's3://earshot');
	return swift;
}

// A proxy to a server. What it does to a request is proxy.fault(request), asked for each of them: undefined for
// nothing, or one of
//	'drop'			hang up without an answer
//	'hang'			never answer
//	{ status, body, headers }	answer so, and read nothing
//	{ add: headers }	the same answer with these
//	{ cut: n }		hang up after n bytes of the answer's body
//	{ cutUp: n }		hang up after n bytes of the request's body
//	{ flip: n }		another bit in byte n of the request's body
//	{ lose: true }		let it be done, and hang up instead of the answer
//	{ replace: text }	another body, with status 200
//	{ drip: ms }		the answer's body in pieces of 1 KiB, so long apart
//	{ wait: ms }		hand it on so much later
// proxy.seen are the requests: { method, path, headers }. With a certificate() it speaks TLS.
export async function startProxy(target, tls) {
	const proxy = { fault: () => undefined, seen: [], sockets: new Set() };
	const server = (tls ? createTlsServer : createServer)({ keepAlive: true, ...tls }, (req, res) => {
		const asked = { method: req.method, path: req.url, headers: req.headers, n: proxy.seen.length };
		proxy.seen.push(asked);
		const fault = proxy.fault(asked) ?? {};
		if (fault === 'drop') return req.socket.destroy();
		if (fault === 'hang') return undefined;
		if (fault.status) return res.writeHead(fault.status, { Connection: 'close', ...fault.headers }).end(fault.body ?? '');
		if (fault.wait) return setTimeout(() => pass(proxy, target, req, res, fault), fault.wait);
		return pass(proxy, target, req, res, fault);
	});
	server.on('checkContinue', (req, res) => {
		res.writeContinue();
		server.emit('request', req, res);
	});
	server.on('connection', (socket) => {
		proxy.sockets.add(socket);
		socket.once('close', () => proxy.sockets.delete(socket));
		socket.on('error', () => {});
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	proxy.port = server.address().port;
	proxy.url = `http${tls ? 's' : ''}://127.0.0.1:${proxy.port}`;
	proxy.stop = () => {
		for (const socket of proxy.sockets) socket.destroy();
		return new Promise((done) => server.close(done));
	};
	// The requests since the last call.
	proxy.take = () => proxy.seen.splice(0);
	// One fault after the other for requests that match, and none for the rest.
	proxy.next = (match, ...faults) => {
		proxy.fault = (asked) => match(asked) ? faults.shift() : undefined;
	};
	return proxy;
}

// { key, cert, ca: its file } of a certificate for these names that nobody but itself has signed.
export function certificate(folder, ...names) {
	const at = mkdtempSync(join(folder, 'certificate-')), [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(at, name));
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
		'-subj', '/CN=a server of the tests', '-addext', `subjectAltName=${names.join(',')}`, '-keyout', key, '-out', cert], { stdio: 'pipe' });
	return { key: readFileSync(key), cert: readFileSync(cert), ca: cert };
}

// The Host that was signed goes along.
function pass(proxy, target, req, res, fault) {
	const { expect, ...headers } = req.headers;
	const up = request({ host: '127.0.0.1', port: target.port, method: req.method, path: req.url, headers });
	let sent = 0, got = 0;
	req.on('data', (chunk) => {
		if (fault.flip >= sent && fault.flip < sent + chunk.length) chunk[fault.flip - sent] ^= 1;
		sent += chunk.length;
		if (fault.cutUp !== undefined && sent >= fault.cutUp) {
			up.destroy();
			req.socket.destroy();
		} else up.write(chunk);
	});
	req.on('end', () => up.end());
	req.on('error', () => up.destroy());
	res.on('close', () => up.destroy());
	up.on('error', () => req.socket.destroy());
	up.on('response', async (answer) => {
		if (fault.lose) {
			answer.resume();
			answer.on('end', () => req.socket.destroy());
			return;
		}
		if (fault.replace !== undefined) {
			answer.resume();
			res.writeHead(200, { 'Content-Length': Buffer.byteLength(fault.replace) }).end(fault.replace);
			return;
		}
		res.writeHead(answer.statusCode, { ...answer.headers, ...fault.add });
		res.flushHeaders();
		try {
			for await (const chunk of answer) {
				if (fault.cut !== undefined && got + chunk.length >= fault.cut) {
					res.write(chunk.subarray(0, fault.cut - got), () => req.socket.destroy());
					return;
				}
				got += chunk.length;
				for (let at = 0; fault.drip && at < chunk.length; at += 1024) {
					res.write(chunk.subarray(at, at + 1024));
					await new Promise((done) => setTimeout(done, fault.drip));
				}
				if (!fault.drip && !res.write(chunk)) await new Promise((done) => res.once('drain', done));
			}
			res.end();
		} catch {
			req.socket.destroy();	// who asked has gone, or the server has
		}
	});
}

// A key file, and the settings of a storage in the bucket of a server; for our programs, or for a stack.
export function s3Settings(folder, url, more = {}, forStack = false) {
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 's3.key'), `${access}\n${secret}\n`);
	chmodSync(join(folder, 's3.key'), 0o600);
	// A stack that root starts runs as the owner of the checkout, or nobody (user.sh).
	if (forStack && process.getuid() === 0) {
		chmodSync(folder, 0o755);
		const { uid, gid } = statSync(root);
		chownSync(join(folder, 's3.key'), uid || 65534, uid ? gid : 65534);
	}
	return { storage: 's3', s3_url: url, s3_bucket: 'earshot', s3_key_file: join(folder, 's3.key'), s3_part_mb: 5, ...more };
}

// ask('put KEY FILE') → what objects.c answers; done() if that is yes, fails() if it is no, of such a kind and in such words.
export function openStorage(folder, settings) {
	const conf = join(folder, 'objects.conf');
	writeFileSync(conf, Object.entries({ state_dir: join(folder, 'state'), ...settings })
		.map(([key, value]) => `${key} = ${value}\n`).join(''));
	const child = spawn(join(build, 'storage_objects'), [conf], { stdio: ['pipe', 'pipe', 'pipe'] });
	const waiting = [];
	let said = '', closed;
	const gone = new Promise((done) => child.once('close', done));
	child.stderr.on('data', (text) => { said += text; });
	createInterface({ input: child.stdout }).on('line', (line) => waiting.shift().done(JSON.parse(line)));
	child.stdin.on('error', () => {});	// it has ended: said() tells why
	child.once('close', (code) => {
		closed = code;
		for (const { fail } of waiting) fail(new Error(`storage_objects ended with ${code}: ${said}`));
	});
	const ask = (command) => new Promise((done, fail) => {
		if (closed !== undefined) fail(new Error(`storage_objects has ended: ${said}`));
		waiting.push({ done, fail });
		child.stdin.write(`${command}\n`);
	});
	return {
		ask,
		done: async (command) => {
			const answer = await ask(command);
			assert.ok(answer.ok, `${command}: ${answer.error}`);
			return answer;
		},
		fails: async (command, kind, error = /./) => {
			const answer = await ask(command);
			assert.deepEqual([answer.ok, answer.kind], [false, kind], `${command}: ${answer.error}`);
			assert.match(answer.error, error);
			assert.ok(!answer.error.includes(secret), 'the secret');
			return answer;
		},
		pid: child.pid,
		said: () => said,
		close: () => {
			child.stdin.end();
			return gone;
		},
		kill: () => {
			waiting.length = 0;
			child.kill('SIGKILL');
			return gone;
		},
	};
}

// Names of the files in the folder of a stack's local storage.
export const filesOf = (stack) => existsSync(join(stack.var, 'storage')) ? readdirSync(join(stack.var, 'storage'),
	{ recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name) : [];
