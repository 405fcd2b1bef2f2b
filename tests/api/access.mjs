// What the tests of access share: an installation with accounts, users of each role, and clients that ask as one of them.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from '../harness.mjs';
import { Api, installation } from './api.mjs';

export const roles = ['listener', 'creator', 'admin'];
export const password = 'correct horse battery';

// The earshot program of an installation, with this for its standard input: { code, stdout, stderr }.
export function earshot(stack, args, input = '') {
	return new Promise((done, fail) => {
		const child = spawn(join(build, 'bin/earshot'), ['-c', stack.conf, ...args]), said = { stdout: '', stderr: '' };
		for (const name of ['stdout', 'stderr']) child[name].on('data', (text) => { said[name] += text; });
		child.on('error', fail);
		child.on('close', (code) => done({ code, ...said }));
		child.stdin.on('error', () => {});
		child.stdin.end(input);
	});
}

export async function addUser(stack, login, role, secret = password) {
	const { code, stderr } = await earshot(stack, ['user', 'add', login, '--role', role], `${secret}\n`);
	assert.equal(code, 0, stderr);
}

export async function newToken(stack, login, scopes, ...more) {
	const { code, stdout, stderr } = await earshot(stack, ['token', 'new', login, 'tests', '--scopes', scopes, ...more]);
	assert.equal(code, 0, stderr);
	return stdout.trim();
}

// A client that sends these headers with everything.
export class Client extends Api {
	constructor(stack, always = {}) {
		super();
		this.stack = stack;
		this.always = always;
	}

	plain(method, path, headers = {}, body) {
		return super.plain(method, path, { ...this.always, ...headers }, body);
	}
}

export const byToken = (stack, token) => new Client(stack, { Authorization: `Bearer ${token}` });
export const cookieOf = (answer) => answer.headers['set-cookie']?.map((one) => one.split(';')[0]).join('; ');

export async function signIn(stack, login, secret = password) {
	const answer = await new Client(stack).post('/session', { login, password: secret });
	assert.equal(answer.status, 201, answer.text);
	return new Client(stack, { Cookie: cookieOf(answer), Origin: stack.origin });
}

// An installation with accounts and a user of each role, whose login it is: `here.as.creator` asks as one of them.
export function accounts(settings = {}, ready) {
	const here = installation({ settings: { access: 'accounts', workers: 1, ...settings } }, async () => {
		for (const role of roles) await addUser(here.stack, role, role);
		here.as = Object.fromEntries(await Promise.all(roles.map(async (role) => [role, await signIn(here.stack, role)])));
		here.as.nobody = new Client(here.stack);
		await ready?.();
	});
	return here;
}

// The responder as a CGI program, asked by a web server that says this of the request: { status, headers, text, json }.
export function cgi(stack, variables, body = '') {
	return new Promise((done, fail) => {
		const child = spawn(join(build, 'bin/earshot.fcgi'), [], { env: { PATH: process.env.PATH, EARSHOT_CONF: stack.conf,
			EARSHOT_STACK: stack.var, REQUEST_METHOD: 'GET', SCRIPT_NAME: '/api', HTTP_HOST: 'localhost', SERVER_ADDR: '127.0.0.1',
			REMOTE_ADDR: '127.0.0.1', ...(body && { CONTENT_LENGTH: String(body.length), CONTENT_TYPE: 'application/json' }),
			...variables } });
		let said = '';
		child.stdout.on('data', (text) => { said += text; });
		child.on('error', fail);
		child.on('close', () => {
			const [head, text] = said.split('\r\n\r\n'), lines = head.split('\r\n').map((line) => line.split(/: (.*)/s));
			const headers = Object.fromEntries(lines.map(([name, value]) => [name.toLowerCase(), value]));
			done({ status: Number(headers.status?.slice(0, 3) ?? 200), headers, text,
				json: /json/.test(headers['content-type']) ? JSON.parse(text) : undefined });
		});
		child.stdin.on('error', () => {});
		child.stdin.end(body);
	});
}
