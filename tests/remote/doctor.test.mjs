// What `earshot doctor` says of servers elsewhere.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build, freePort } from '../harness.mjs';
import { AceStep, AceStepCpp } from './servers.mjs';

const folder = mkdtempSync(join(tmpdir(), 'earshot-doctor-')), key = 'sk-7c1e09d2aa', keyFile = join(folder, 'key');
const ace = new AceStep({ key, models: ['turbo', 'base'] }), old = new AceStep({ old: true }), cpp = new AceStepCpp({});

before(async () => {
	mkdirSync(join(folder, 'state'));
	writeFileSync(keyFile, `${key}\n`, { mode: 0o600 });
	writeFileSync(join(folder, 'wrong'), 'sk-another\n', { mode: 0o600 });
	writeFileSync(join(folder, 'open'), `${key}\n`, { mode: 0o644 });
	await Promise.all([ace, old, cpp].map((server) => server.start()));
});
after(() => {
	[ace, old, cpp].forEach((server) => server.stop());
	rmSync(folder, { recursive: true });
});

// The lines about a server with these keys: { problem, remedy, fine }.
async function doctor(keys) {
	const conf = join(folder, 'earshot.conf');
	writeFileSync(conf, `state_dir = ${folder}/state\ndatabase_socket = /nowhere\n[remote gpu]\n` +
		Object.entries(keys).map(([name, value]) => `${name} = ${value}\n`).join(''));
	const said = await new Promise((done) => execFile(join(build, 'bin/earshot'), ['-c', conf, 'doctor'], (error, stdout, stderr) => done(stdout + stderr)));
	assert.doesNotMatch(said, /sk-/, 'the key');
	const [, problem, remedy] = said.match(/^PROBLEM +remote +(.*)\n(?: +do: (.*)\n)?/m) ?? [];
	return { problem, remedy, fine: said.match(/^ok +remote +(.*)$/m)?.[1] };
}

test('a server that is there, takes the key and has the model is fine, and has nothing to do', async () => {
	for (const keys of [{ protocol: 'acestep', url: ace.url, key_file: keyFile, model: 'base' }, { protocol: 'acestep', url: ace.url, key_file: keyFile },
		{ protocol: 'acestep', url: old.url, model: 'whatever' }, { protocol: 'acestep.cpp', url: cpp.url, model: 'turbo.gguf' }, { protocol: 'acestep.cpp', url: cpp.url }])
		assert.deepEqual(await doctor(keys), { problem: undefined, remedy: undefined, fine: `gpu, at ${keys.url}` });
	assert.deepEqual([...ace.tasks, ...old.tasks, ...cpp.tasks], []);
	assert.ok([...ace.log, ...old.log, ...cpp.log].every((line) => line.startsWith('GET ')));
});

test('each thing that is wrong is said, with what mends it', async () => {
	const settings = /^change \[remote gpu\] in \S+earshot\.conf; then: earshot reload$/;
	for (const [keys, problem, remedy] of [
		[{ protocol: 'acestep', url: `http://127.0.0.1:${await freePort()}` }, /^The server gpu cannot be reached/, /^start the server, or put its right url into \[remote gpu\] of /],
		[{ protocol: 'acestep', url: ace.url }, /^The server gpu refuses our key/, settings],
		[{ protocol: 'acestep', url: ace.url, key_file: join(folder, 'wrong') }, /^The server gpu refuses our key/, settings],
		[{ protocol: 'acestep', url: ace.url, key_file: join(folder, 'none') }, /none cannot be read/, /^chmod 600 /],
		[{ protocol: 'acestep', url: ace.url, key_file: join(folder, 'open') }, /can be read by others/, /^chmod 600 /],
		[{ protocol: 'acestep', url: ace.url, key_file: keyFile, model: 'xl' }, /^The server gpu has no model xl\.$/, settings],
		[{ protocol: 'acestep.cpp', url: cpp.url, model: 'sft' }, /^The server gpu has no model "sft"\.$/, settings],
		[{ protocol: 'acestep', url: cpp.url }, /does not know what it was asked for; is its protocol right/, settings],
		[{ protocol: 'acestep.cpp', url: old.url }, /does not know what it was asked for; is its protocol right/, settings],
	]) {
		const found = await doctor(keys);
		assert.match(found.problem ?? '', problem, JSON.stringify(keys));
		assert.match(found.remedy ?? '', remedy, JSON.stringify(keys));
	}
});
