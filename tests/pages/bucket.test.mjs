/* Listeners who are sent to the bucket, which is another origin: a real S3 server with a CORS rule, and the policy of
 * the pages, as the README has both. */

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from '../harness.mjs';
import { s3Settings, startSwift } from '../storage/swift.mjs';
import { leave, visit } from './browser.mjs';
import { openStudio, until } from './stack.mjs';

const folder = mkdtempSync(join(tmpdir(), 'earshot-bucket-')), PROMPT = 'slow waltz for cello alone';
const swift = await startSwift();

after(async () => {
	await swift.stop();
	rmSync(folder, { recursive: true, force: true });
});

const { stack, browser } = await openStudio(s3Settings(folder, swift.url, { s3_delivery: 'redirect' }, true), { env: { BUCKET: swift.url } });
let takes;

before(async () => {
	await swift.allow('earshot', stack.origin);
	takes = (await stack.made(PROMPT, { duration: 20, num_samples: 2 })).audio_ids;
});

const open = (path = '', options) => visit(browser, `${stack.url}${path}`, { elsewhere: swift.url, ...options });
const audio = (page) => page.evaluate(() => {
	const a = document.querySelector('audio');
	return { at: a.currentTime, paused: a.paused };
});
const sounds = (page, from) => until(`it sounds from ${from} s on`, async () => {
	const { at, paused } = await audio(page);
	return !paused && at > from;
});
/* What the bucket answered, and that our own server sent no sound. */
function fromBucket(page) {
	const streams = page.traffic.filter(({ url }) => url.startsWith(stack.url) && url.includes('/stream'));

	assert.ok(streams.length > 0);
	for (const { status } of streams) assert.equal(status, 307);
	return page.traffic.filter(({ url, method }) => url.startsWith(swift.url) && method === 'GET');
}

test('a take has its waveform, which comes through us; it sounds, and one seeks in it', async () => {
	const page = await open(), card = page.locator('.card').first();

	await until('the waveform', () => card.locator('canvas').first().evaluate((c) => c.width > 0 &&
		c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v) => v)));
	assert.ok(page.traffic.some(({ url, status }) => url.includes('/peaks') && status === 200));
	await card.getByRole('button', { name: 'Play' }).first().click();
	await sounds(page, 0.2);
	await page.evaluate(() => { document.querySelector('audio').currentTime = 15; });
	await sounds(page, 15.2);
	const parts = fromBucket(page);
	assert.ok(parts.length > 0 && parts.every(({ status, got }) => status === 206 && /^bytes \d+-/.test(got['content-range'])));
	assert.ok(parts.every(({ sent }) => !sent.cookie && !sent.referer), 'the bucket learns no more than it must');
	await leave(page);
});

test('takes are compared: fetched in parts, decoded, drawn, heard and switched', async () => {
	const page = await open(`#/compare?ids=${takes.join(',')}`);
	const seconds = async () => await page.locator('.compare-board').evaluate((e) => Number(e.style.getPropertyValue('--at')))
		* Number(await page.getByRole('slider', { name: 'Position' }).getAttribute('aria-valuemax'));

	await page.getByRole('button', { name: 'Take A' }).waitFor();
	await page.keyboard.press('Space');
	await until('it plays', async () => await seconds() > 0.5);
	await page.keyboard.press('b');
	const before = await seconds();
	await until('the other one plays on', async () => await seconds() > before + 0.5);
	assert.equal(await page.locator('.compare-letter[aria-pressed="true"]').textContent(), 'B');
	await until('their spectrograms', async () => await page.locator('.compare-spectrum[data-done]').count() === 2, 60_000);
	const parts = fromBucket(page);
	assert.ok(parts.length > 2 && parts.every(({ status, url }) => status === 206 && /\.wav\?/.test(url)));
	await leave(page);
});

test('without a CORS rule for the page a take still sounds, but cannot be compared', async () => {
	const page = await open();

	await swift.allow('earshot', 'https://another.example');
	await page.locator('.card').first().getByRole('button', { name: 'Play' }).first().click();
	await sounds(page, 0.2);
	await page.goto(`${stack.url}#/compare?ids=${takes.join(',')}`);
	await page.getByRole('button', { name: 'Take A' }).waitFor();
	await page.keyboard.press('Space');
	await until('Chromium to refuse', () => page.complaints.some((text) => /blocked by CORS policy/.test(text)));
	await swift.allow('earshot', stack.origin);
	await page.context().close();
});

test('earshot doctor says what a page needs to be sent there, and what is missing', async () => {
	const doctor = async (conf) => (await promisify(execFile)(join(build, 'bin/earshot'), ['-c', conf, 'doctor', stack.url]).catch((failed) => failed)).stdout;

	assert.doesNotMatch(await doctor(stack.conf), /CORS|Content-Security-Policy/);
	await swift.allow('earshot', 'https://another.example');
	assert.match(await doctor(stack.conf), /^PROBLEM +storage +The bucket does not let browsers fetch audio for the pages at http:\/\/127\.0\.0\.1:\d+ \(CORS\)\.$/m);
	await swift.allow('earshot', stack.origin);
	/* The same server under another name, of which the pages know nothing. */
	const conf = join(stack.var, 'doctor.conf'), at = swift.url.replace('127.0.0.1', 'localhost');
	writeFileSync(conf, readFileSync(stack.conf, 'utf8').replace(swift.url, at));
	assert.match(await doctor(conf), new RegExp(`^PROBLEM +web +The Content-Security-Policy of the pages does not let browsers fetch audio from ${at}\\.\n +do: Define EARSHOT_AUDIO "'self' ${at}" `, 'm'));
});

test('a download is saved under the name of the prompt', async () => {
	const page = await open(`#/audio/${takes[0]}`), { sha256 } = await stack.get(`audio/${takes[0]}`);

	const [download] = await Promise.all([page.waitForEvent('download'), page.evaluate((href) => {
		const a = document.body.appendChild(document.createElement('a'));
		a.href = href;
		a.download = '';
		a.click();
	}, `api/audio/${takes[0]}/stream?download=1`)]);
	assert.equal(download.suggestedFilename(), `${PROMPT}.flac`);
	assert.equal(createHash('sha256').update(readFileSync(await download.path())).digest('hex'), sha256);
	await page.context().close();
});

test('a blind test sends nobody to the bucket, whose address would tell', async () => {
	const adapters = (await stack.get('adapters')).items, prompt = await stack.post('prompts', { text: 'blind' });
	const pair = await stack.post('ab-tests', { name: 'Blind', adapter_a_id: null, adapter_b_id: adapters[0].id, prompt_ids: [prompt.id] });

	await stack.post(`ab-tests/${pair.id}/generate`, {});
	await until('the pair', async () => (await stack.get(`ab-tests/${pair.id}`)).status === 'ready', 60_000);
	const { left } = await stack.get(`ab-tests/${pair.id}/ballot`);
	const answer = await fetch(new URL(left.stream_url, stack.url), { redirect: 'manual' });
	assert.equal(answer.status, 200);
	assert.equal((await answer.arrayBuffer()).byteLength, Number(answer.headers.get('content-length')));
});
