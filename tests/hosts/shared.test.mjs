// A shared host (shared.mjs) from a bundle to a finished take, with mod_fcgid and with CGI.

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { healthy } from './doctor.mjs';
import { SharedHost } from './shared.mjs';
import { aStudio, keepsOpenPages, reloads } from './studio.mjs';

describe('a shared host', () => {
	const host = new SharedHost();

	before(() => host.open());
	after(() => host.stop());

	test('a bundle brings every library but those of the C library', async () => {
		const programs = join(host.prefix, 'lib/earshot');
		for (const program of ['earshot', 'earshotd', 'earshot-worker', 'earshot.fcgi']) {
			const { stdout } = await host.run(['ldd', join(programs, program)], { env: { LD_LIBRARY_PATH: join(programs, 'libs') } });
			assert.doesNotMatch(stdout, /not found/);
			for (const [, name, from] of stdout.matchAll(/^\s*(\S+) => (\/\S+)/gm))
				assert.ok(from.startsWith(programs) || /^lib(c|m|dl|rt|pthread|resolv|util)\.so\.\d$/.test(name), `${program} loads ${from}`);
		}
	});

	test('what the set-up leaves is for nobody else to read or write', () => {
		assert.equal(statSync(join(host.prefix, 'etc/database-password')).mode & 0o077, 0);
		assert.equal(statSync(host.conf).mode & 0o077, 0);
		assert.equal(statSync(join(host.prefix, 'var')).mode & 0o007, 0);
		assert.equal(statSync(join(host.web_root, 'earshot/api')).mode & 0o777, 0o755);
		assert.doesNotMatch(readFileSync(join(host.web_root, 'earshot/api'), 'utf8'), /password|blanks/);
	});

	test('it does not set itself up where the web could read its settings', async () => {
		for (const [folder, says] of [[join(host.prefix, 'web'), /must not be in the web/], [host.folder, /anyone could read it/]]) {
			const { code, stderr } = await host.run(['sh', join(host.prefix, 'share/earshot/shared.sh'), folder]);
			assert.equal(code, 1);
			assert.match(stderr, says);
		}
	});

	test('where listeners are sent to a bucket, the pages may fetch from it', async () => {
		const saved = readFileSync(host.conf, 'utf8'), page = () => readFileSync(join(host.web_root, 'earshot/.htaccess'), 'utf8');
		assert.match(page(), /media-src 'self'; connect-src 'self';/);
		const bucket = { storage: 's3', s3_url: 'https://s3.example.org/', s3_bucket: 'takes', s3_key_file: host.write('s3.key', 'access\nsecret\n', 0o600) };
		await host.give();
		for (const [more, origin] of [[{}, ''], [{ s3_delivery: 'redirect' }, ' https://s3.example.org'],
			[{ s3_delivery: 'redirect', s3_style: 'host' }, ' https://takes.s3.example.org']]) {
			host.settings({ ...bucket, ...more });
			await host.setUp();
			assert.ok(page().includes(`media-src 'self'${origin}; connect-src 'self'${origin};`), page());
		}
		host.write('earshot/etc/earshot.conf', saved, 0o600);
		await host.give();
		await host.setUp();
	});

	for (const fastcgi of [true, false])
		describe(`with ${fastcgi ? 'mod_fcgid' : 'CGI'}`, () => {
			before(() => host.startServer(fastcgi));
			after(() => host.stopServer());
			aStudio(host);
			healthy(host);
			if (fastcgi) keepsOpenPages(host);
			reloads(host);
		});
});
