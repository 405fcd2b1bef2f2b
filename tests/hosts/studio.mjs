// What every host must do, whatever its web server is.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, sleep, until } from '../harness.mjs';

export function aStudio(host) {
	test('the pages are there, with the headers that keep other sites out', async () => {
		const page = await host.ask('GET', '');
		assert.equal(page.status, 200);
		assert.match(page.text, /<title>/);
		const [version] = page.text.match(/v-[0-9a-f]{12}/);
		for (const [path, file] of [['', 'index.html'], [`${version}/style.css`, 'style.css'], [`${version}/js/main.js`, 'js/main.js'], ['icon.svg', 'icon.svg']]) {
			const { status, headers, text } = await host.ask('GET', path);
			assert.equal(status, 200, path);
			assert.equal(text.replaceAll(`${version}/`, ''), readFileSync(join(root, 'www', file), 'utf8'));
			assert.match(headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/);
			assert.equal(headers['x-content-type-options'], 'nosniff');
			assert.equal(headers['referrer-policy'], 'no-referrer');
			assert.match(headers['content-type'], { html: /^text\/html/, css: /^text\/css/, js: /^text\/javascript/, svg: /^image\/svg/ }[file.split('.').pop()]);
			// What is called by its content need not be asked for again; whatever else is asked for each time, packed or not.
			assert.equal(headers['cache-control'], path.startsWith(version) ? 'max-age=31536000, immutable' : 'no-cache', path);
			for (const packed of [{}, { 'Accept-Encoding': 'gzip' }]) {
				const { headers: { etag } } = await host.ask('GET', path, { headers: packed });
				assert.ok(etag);
				assert.equal((await host.ask('GET', path, { headers: { ...packed, 'If-None-Match': etag } })).status, 304, `${path} ${etag}`);
			}
		}
	});

	test('who leaves out the slash at the end of the address is led to the pages', async () => {
		const saved = host.base;
		try {
			host.base = saved.slice(0, -1);
			for (const query of ['', '?from=mail']) {
				const { status, headers } = await host.ask('GET', query);
				assert.equal(status, 301);
				assert.ok([`${saved}${query}`, `${host.origin}${saved}${query}`].includes(headers.location), headers.location);
			}
		} finally {
			host.base = saved;
		}
	});

	test('nothing else is: no listing, no settings, no hidden file', async () => {
		for (const path of ['js/', '.htaccess', '.git/config', 'etc/earshot.conf', 'earshot.conf', '../etc/earshot.conf', '..%2fetc/earshot.conf'])
			assert.ok([400, 403, 404].includes((await host.ask('GET', path)).status), path);
	});

	test('a job starts the daemon, and what it made is streamed whole, in part and from then on', async () => {
		assert.deepEqual(host.pids('earshotd'), []);
		const { audio_ids: [id] } = await host.finished(await host.submit());
		assert.equal(host.pids('earshotd').length, 1);
		const { json: sample } = await host.ask('GET', `api/audio/${id}`);
		const whole = await host.ask('GET', `api/audio/${id}/stream`);
		assert.equal(whole.status, 200);
		assert.equal(whole.headers['content-length'], String(sample.size_bytes));
		assert.equal(createHash('sha256').update(whole.bytes).digest('hex'), sample.sha256);
		for (const [range, first, end] of [['0-9', 0, 10], ['100-', 100, sample.size_bytes], ['-7', sample.size_bytes - 7, sample.size_bytes]]) {
			const part = await host.ask('GET', `api/audio/${id}/stream`, { headers: { Range: `bytes=${range}` } });
			assert.equal(part.status, 206);
			assert.equal(part.headers['content-range'], `bytes ${first}-${end - 1}/${sample.size_bytes}`);
			assert.deepEqual(part.bytes, whole.bytes.subarray(first, end));
		}
		const past = await host.ask('GET', `api/audio/${id}/stream`, { headers: { Range: 'bytes=999999999-' } });
		assert.equal(past.status, 416);
		assert.equal(past.headers['content-range'], `bytes */${sample.size_bytes}`);
	});

	test('nobody gets in without a sign-in; a token reaches the responder in either header', async () => {
		const nobody = { Authorization: 'Basic bm9ib2R5' };
		assert.equal((await host.ask('GET', 'api/jobs', { headers: nobody })).status, 401);
		assert.equal((await host.ask('GET', 'api/jobs')).status, 200);
		assert.equal((await host.ask('GET', 'api/jobs', { headers: { ...nobody, 'X-API-Key': host.token } })).status, 200);
	});

	test('what is wrong with a request the API says itself', async () => {
		const large = await host.ask('POST', 'api/generate', { json: { prompt: 'x'.repeat(300_000) } });
		assert.equal(large.status, 413);
		const missing = await host.ask('GET', 'api/nothing');
		assert.equal(missing.status, 404);
		for (const { headers } of [large, missing]) assert.match(headers['content-type'], /^application\/problem\+json/);
		const other = await host.ask('GET', 'api/jobs', { headers: { Host: 'another.example' } });
		assert.equal(other.status, 403);
	});

	test('a file larger than what mod_fcgid lets through by default comes in', async () => {
		const { json: adapter } = await host.ask('POST', 'api/adapters', { json: { name: `Large ${Date.now()}` } });
		const answer = await host.ask('PUT', `api/adapters/${adapter.id}/weights`, { body: Buffer.alloc(1 << 20, ' '),
			headers: { 'Content-Type': 'application/octet-stream' } });
		// It is no adapter, which is for the engine to say.
		assert.equal(answer.status, 422, answer.text);
	});

	test('where a reaper kills all that runs in the middle of a job, the next look at the job starts it again', async () => {
		const id = await host.submit({ duration: 40 });
		await until(async () => (await host.ask('GET', `api/generate/${id}`)).json.status === 'processing', 'the job to begin');
		assert.equal(host.kill('earshotd').length, 1);
		for (const name of host.reaped ?? []) host.kill(name);
		const { attempt } = await host.finished(id, 120_000);
		assert.equal(attempt, 2);
		assert.equal(host.pids('earshotd').length, 1);
	});
}

export function keepsOpenPages(host) {
	test('a page that is open across an upgrade finds what it was made of, and a new one nothing of it', async () => {
		// lighttpd may give the page of before for a second: that one, and its modules.
		const version = (...but) => until(async () => {
			const [now] = (await host.ask('GET', '')).text.match(/v-[0-9a-f]{12}/);
			return !but.includes(now) && now;
		}, 'the page of the release');
		const module = async (of) => (await host.ask('GET', `${of}/js/main.js`)).text;
		const first = await version(), text = await module(first);
		await host.release('// the second release\n');
		const second = await version(first);
		assert.equal(await module(second), `${text}// the second release\n`);
		assert.equal(await module(first), text);
		await host.release('// the third release\n');
		assert.equal(await module(await version(first, second)), `${text}// the third release\n`);
		assert.equal(await module(second), `${text}// the second release\n`);
		assert.equal((await host.ask('GET', `${first}/js/main.js`)).status, 404);
	});
}

// ask() again and again by so many at once, until stop() is called: { asked, wrong }.
function underLoad(host, n) {
	const result = { asked: 0, wrong: [] };
	let going = true;
	const askers = Array.from({ length: n }, async () => {
		for (; going; result.asked++)
			try {
				const { status, text } = await host.ask('GET', 'api/jobs?limit=5');
				if (status !== 200) result.wrong.push(`${status} ${text.slice(0, 200)}`);
			} catch (error) {
				result.wrong.push(error.message);
			}
	});

	return Object.assign(async () => {
		going = false;
		await Promise.all(askers);
		return result;
	}, { asked: () => result.asked });
}

export function reloads(host) {
	test('an upgrade and `earshot reload` under load lose no request and no attempt of a job', async () => {
		const before = host.pids('earshotd'), stop = underLoad(host, host.fastcgi ? 3 : 1);
		let ids, result;
		try {
			await host.upgrade();
			// More at once than there are responders: the new file is no other program, which would have its own.
			await Promise.all(Array.from({ length: 4 * (host.responders ?? 1) }, () => host.ask('GET', 'api/jobs?limit=5')));
			ids = [await host.submit({ duration: 30, num_samples: 3 }), await host.submit()];
			await until(async () => (await host.sql("SELECT COUNT(*) FROM jobs WHERE status = 'processing'"))[0][0] > 0, 'a job to begin');
			const responders = host.fastcgi ? host.pids('earshot.fcgi') : [];
			const { code, stdout, stderr } = await host.earshot('reload');
			assert.equal(code, 0, stdout + stderr);
			// The web server has noticed nothing, and started no other ones. For mod_fcgid, a program that was replaced is another
			// one, of which it may have begun as many beside those that there were.
			assert.deepEqual(responders.filter((pid) => !host.pids('earshot.fcgi').includes(pid)), []);
			const most = Math.max(host.responders ?? Infinity, responders.length);
			await until(() => host.pids('earshot.fcgi').length <= most, 'no more responders than there were');
			assert.match(stdout, /^daemon: version \S+, [1-9]\d* jobs at work$/m);
			const [, renewed, all] = stdout.match(/^responders: (\d+) of (\d+)$/m);
			assert.equal(renewed, all);
			if (host.fastcgi) assert.ok(Number(all) > 0);
			for (let asked = stop.asked(); stop.asked() < asked + 20;) await sleep(20);
		} finally {
			result = await stop();
		}
		assert.deepEqual(result.wrong, []);
		// The same process by its number, but the new file: what ran is no longer what is installed.
		assert.deepEqual(host.pids('earshotd'), before);
		for (const id of ids) assert.equal((await host.finished(id, 120_000)).attempt, 1);
		for (const name of ['earshotd', 'earshot.fcgi'])
			for (const pid of host.pids(name)) assert.ok(!host.isOld(pid), `${name} ${pid} is still the old program`);
		await until(() => host.pids('earshot-worker').every((pid) => !host.isOld(pid)), 'new workers');
	});

	test('settings that are wrong are not reloaded', async () => {
		const right = readFileSync(host.conf, 'utf8'), [pid] = host.pids('earshotd');
		host.settings({ workers: 'many' });
		const { code, stderr } = await host.earshot('reload');
		assert.equal(code, 1);
		assert.match(stderr, /workers must be a whole number/);
		host.write('earshot/etc/earshot.conf', right);
		assert.deepEqual(host.pids('earshotd'), [pid]);
	});
}
