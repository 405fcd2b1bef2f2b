/* The shelf of adapters: begun, filled with a file that is watched on its way, versioned, archived, used. */

import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../harness.mjs';
import { leave, looks, violations, visit } from './browser.mjs';
import { cancelAll, openStudio, until } from './stack.mjs';

const LIMIT = 8_000_000;
const tape = readFileSync(`${root}/lib/engine/band/adapters/dusty-tape.json`);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const file = (name, buffer) => ({ name, mimeType: 'application/json', buffer: Buffer.from(buffer) });
/* A style adapter; another tempo makes another file of it. */
const style = (tempo, more = {}) => JSON.stringify({ format: 'earshot-style-adapter', version: 1, name: 'Test',
	base_model: 'band', tempo: { usual: tempo, slowest: tempo - 2, fastest: tempo + 2 }, ...more });

/* A model that takes adapters of another kind. */
const models = mkdtempSync(join(tmpdir(), 'earshot-models-'));
chmodSync(models, 0o755);
cpSync(join(root, 'tests/data/musicgen/model'), join(models, 'tiny'), { recursive: true });
after(() => rmSync(models, { recursive: true }));

const { stack, browser } = await openStudio({ max_adapter_bytes: LIMIT, models_dir: models });

before(async () => {
	await until('there are models', () => stack.get('models'));
});

afterEach(() => cancelAll(stack));

const begun = (name, more = {}) => stack.post('adapters', { name, ...more });
const put = (id, body, query = '') => fetch(`${stack.url}api/adapters/${id}/weights${query}`, { method: 'PUT', body });
const filled = async (name, body = style(80), more = {}) => {
	const { id } = await begun(name, more);
	assert.equal((await put(id, body)).status, 200);
	return stack.get(`adapters/${id}`);
};
const at = (part = '') => `${stack.url}#/adapters${part}`;
const open = async (adapter, address = stack.url) => {
	const page = await visit(browser, `${address}#/adapters/${adapter.id}`);
	await page.getByRole('heading', { level: 1, name: adapter.name }).waitFor();
	return page;
};
const row = (page, version) => page.locator('.shelf-version').filter({ has: page.getByRole('heading', { name: version, exact: true }) });
const names = (page) => page.locator('.shelf-item h2').allInnerTexts();

/* The line that a slow visitor has; kbps: how many kilobytes a second go up. */
const slow = async (page, kbps) => (await page.context().newCDPSession(page)).send('Network.emulateNetworkConditions',
	{ offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: kbps < 0 ? -1 : kbps * 1000 });

/* A line between page and server: cut() breaks it off, mend() puts it up again; from hold() to release() nothing comes back. */
async function line() {
	const ends = new Set();
	let up = true, held = false;
	const server = createServer((page) => {
		if (!up) return page.destroy();
		const far = connect(stack.port, '127.0.0.1');

		for (const [one, other] of [[page, far], [far, page]]) {
			ends.add(one);
			one.on('data', (bytes) => { if (!other.write(bytes)) one.pause(); });
			other.on('drain', () => { if (one !== far || !held) one.resume(); });
			one.on('error', () => {});
			one.on('close', () => { ends.delete(one); other.destroy(); });
		}
		far.hold = () => (held ? far.pause() : far.resume());
		if (held) far.pause();
	});
	const held_ = (on) => () => { held = on; for (const end of ends) end.hold?.(); };

	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	return {
		url: `http://127.0.0.1:${server.address().port}/`,
		cut() { up = false; for (const end of ends) end.destroy(); },
		mend() { up = true; },
		hold: held_(true), release: held_(false),
		close() { this.cut(); server.close(); },
	};
}

test('the list has the adapters that came with the band, and says of each what it is', async () => {
	const page = await visit(browser, at());
	const dusty = page.locator('.shelf-item').filter({ hasText: 'Dusty tape' });

	await dusty.waitFor();
	assert.match(await dusty.innerText(), /^Dusty tape\s+Slow and behind the beat[^]*Band[^]*version 1\.0\.0[^]*changed/);
	await dusty.getByRole('link', { name: 'Dusty tape' }).click();
	await page.getByRole('heading', { level: 1, name: 'Dusty tape' }).waitFor();
	assert.equal(await page.title(), 'Dusty tape · Earshot');
	await page.getByText('What the check found in it').click();
	await page.getByText('72 bpm').waitFor();
	await page.locator('dd', { hasText: /\d+ patterns/ }).first().waitFor();
	assert.deepEqual(await violations(page), []);
	await leave(page);
});

test('the list is narrowed by what stands in the address, and goes back by it', async () => {
	const { id } = await begun('Put away');
	await stack.del(`adapters/${id}`);
	const page = await visit(browser, at());

	await page.getByText('Dusty tape').waitFor();
	assert.ok(!(await names(page)).includes('Put away'));
	await page.getByRole('radio', { name: 'Archived' }).check({ force: true });
	await page.getByRole('link', { name: 'Put away' }).waitFor();
	assert.match(page.url(), /#\/adapters\?status=archived$/);
	assert.deepEqual(await names(page), ['Put away']);
	await page.reload();
	await page.getByRole('link', { name: 'Put away' }).click();
	await page.getByRole('button', { name: 'Bring it back' }).waitFor();
	await page.goBack();
	await page.getByRole('link', { name: 'Put away' }).waitFor();
	assert.ok(await page.getByRole('radio', { name: 'Archived' }).isChecked());
	await page.getByRole('radio', { name: 'All' }).check({ force: true });
	await page.getByRole('link', { name: 'Dusty tape' }).waitFor();
	assert.ok((await names(page)).includes('Put away'));
	await leave(page);
});

test('an empty list says what an adapter is, how a file is checked, and where to begin', async () => {
	const page = await visit(browser, stack.url);

	await page.route('**/api/adapters?*', (route) => route.fulfill({ json: { items: [], total: 0, limit: 20, offset: 0,
		has_more: false, next_cursor: null } }));
	await page.getByRole('navigation').getByRole('link', { name: 'Adapters' }).click();
	await page.getByText('No adapters yet.').waitFor();
	await page.getByText('earshot adapter check --model band FILE').waitFor();
	assert.deepEqual(await violations(page), []);
	await page.getByRole('link', { name: 'Begin the first one' }).click();
	await page.getByRole('heading', { level: 1, name: 'New adapter' }).waitFor();
	await leave(page);
});

test('an adapter is begun with its file: that fills in the name, is uploaded, checked, and what it holds is shown', async () => {
	const page = await visit(browser, at('/new'));

	await page.locator('input[type=file]').setInputFiles(file('dusty-tape.json', tape));
	await until('the name is there', async () => (await page.getByLabel('Name').inputValue()) === 'Dusty tape');
	assert.match(await page.getByLabel('Description').inputValue(), /^Slow and behind the beat/);
	assert.deepEqual(await violations(page), []);
	await page.getByLabel('Name').fill('My own tape');
	await page.getByRole('button', { name: 'Begin the adapter' }).click();
	await page.getByRole('heading', { level: 1, name: 'My own tape' }).waitFor();
	await row(page, '1.0.0').getByText('Uploaded and checked.').waitFor();
	await row(page, '1.0.0').getByText('72 bpm').waitFor();
	const { items: [made] } = await stack.get('adapters?limit=1');
	assert.deepEqual([made.name, made.sha256, made.base_model], ['My own tape', sha256(tape), 'band']);
	await row(page, '1.0.0').getByTitle(made.sha256).waitFor();
	await page.getByRole('button', { name: 'Use in the studio' }).waitFor();

	await page.goto(at('/new'));
	assert.equal(await page.getByLabel('Name').inputValue(), '', 'what was sent is no draft');
	await leave(page);
});

test('what is wrong with a new one is said at its field, and nothing typed is lost by a reload', async () => {
	const page = await visit(browser, at('/new'));

	await page.getByLabel('Description').pressSequentially('half a thou');
	await page.getByRole('button', { name: 'Begin the adapter' }).click();
	await page.locator('[data-field=name] .error').filter({ hasText: /name/i }).waitFor();
	assert.ok(await page.getByLabel('Name').evaluate((e) => e === document.activeElement));
	assert.deepEqual(await violations(page), []);
	await page.getByLabel('Name').fill('Unfinished');
	await page.reload();
	await page.getByLabel('Name').waitFor();
	assert.equal(await page.getByLabel('Name').inputValue(), 'Unfinished');
	assert.equal(await page.getByLabel('Description').inputValue(), 'half a thou');
	await page.getByLabel('Name').fill('');
	await leave(page);
});

test('a broken file is refused in the sentence of the engine, at the file; the mended one goes the same way', async () => {
	const adapter = await begun('Broken first'), page = await open(adapter), version = row(page, '1.0.0');
	const broken = style(80, { swing: { percent: 200, on: 8 } });
	const { errors: [{ detail }] } = await (await put(adapter.id, broken)).json();

	assert.match(detail, /swing\.percent/);
	await version.locator('input[type=file]').setInputFiles(file('wrong.json', broken));
	await version.locator('[data-field=weights] .error').filter({ hasText: detail }).waitFor();
	await page.locator('#alarm').filter({ hasText: 'swing.percent' }).waitFor({ state: 'attached' });
	assert.ok(await version.locator('input[type=file]').evaluate((e) => e === document.activeElement), 'one can choose again');
	assert.equal(await version.locator('input[type=file]').getAttribute('aria-invalid'), 'true');
	assert.deepEqual(await violations(page), []);
	assert.equal((await stack.get(`adapters/${adapter.id}`)).has_weights, false);

	await version.locator('input[type=file]').setInputFiles(file('right.json', style(81)));
	await version.getByText('Uploaded and checked.').waitFor();
	assert.equal((await stack.get(`adapters/${adapter.id}`)).sha256, sha256(style(81)));
	assert.equal(await version.locator('.error:not(:empty)').count(), 0);
	await leave(page);
});

test("the two files of PEFT's that are chosen together become the one that the engine checks", async () => {
	const adapter = await begun('Low rank', { base_model: 'tiny' }), page = await open(adapter), version = row(page, '1.0.0');
	const [config, weights] = ['adapter_config.json', 'adapter_model.safetensors']
		.map((name) => file(name, readFileSync(join(root, 'tests/data/musicgen/lora_decoder', name))));

	await version.locator('input[type=file]').setInputFiles([config, file('other.json', '{}')]);
	await version.locator('[data-field=weights] .error')
		.filter({ hasText: 'Choose one file, or adapter_config.json and adapter_model.safetensors together.' }).waitFor();
	assert.equal(page.traffic.filter((t) => t.method === 'PUT').length, 0);
	assert.ok((await put(adapter.id, weights.buffer)).status >= 400, 'without its configuration it is no adapter');

	await version.locator('input[type=file]').setInputFiles([weights, config]);
	await version.getByText('Uploaded and checked.').waitFor();
	assert.equal((await stack.get(`adapters/${adapter.id}`)).has_weights, true);
	assert.equal(await version.locator('.error:not(:empty)').count(), 0);
	await leave(page);
});

test('a file larger than the server takes is refused before it is sent', async () => {
	const adapter = await begun('Too much'), page = await open(adapter), version = row(page, '1.0.0');

	await version.locator('input[type=file]').setInputFiles(file('large.json', Buffer.alloc(LIMIT + 1)));
	await version.getByText('The file has 8.0 MB; the server takes 8.0 MB at most.').waitFor();
	assert.equal(page.traffic.filter((t) => t.method === 'PUT').length, 0);
	assert.equal(await version.getByRole('button', { name: 'Send again' }).isVisible(), false);
	await leave(page);
});

/* Eight bars of quarter notes; cut: so many bytes are missing at its end. */
function midi(name, key, cut = 0) {
	const events = [];
	for (let i = 0; i < 32; i++) events.push(0, 0x90, key + [0, 4, 7, 5][i % 4], 80, 0x60, 0x80, key + [0, 4, 7, 5][i % 4], 64);
	events.push(0, 0xff, 0x2f, 0);
	const head = Buffer.from('MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk', 'latin1'), size = Buffer.alloc(4);
	size.writeUInt32BE(events.length);
	const all = Buffer.concat([head, size, Buffer.from(events)]);
	return { name, mimeType: 'audio/midi', buffer: all.subarray(0, all.length - cut) };
}

test('a version is learned from MIDI files; what was learnt, and which file is wrong where, is said', async () => {
	const adapter = await begun('Learner'), page = await open(adapter);
	await page.getByRole('button', { name: 'Train from MIDI files' }).click();
	const panel = page.getByRole('group', { name: 'Train from MIDI files' }), input = panel.locator('input[type=file]');
	const files = [midi('a.mid', 60), midi('b.mid', 62), midi('cut.mid', 64, 5)];
	await input.setInputFiles(files);
	await panel.getByText(/cut\.mid: byte 18: .* were expected behind it, but the file ends/i).waitFor();
	assert.deepEqual(await violations(page), []);
	assert.equal((await stack.get(`adapters/${adapter.id}`)).has_weights, false);
	await panel.getByLabel('Leave out files that cannot be read').check();
	await input.setInputFiles(files);
	await panel.getByRole('heading', { name: 'Version 1.0.0 is learned, and in use' }).waitFor();
	await panel.getByText('Learned from 2 files: 16 bars, 64 notes').waitFor();
	await panel.getByText(/^cut\.mid: byte 18/).waitFor();
	await row(page, '1.0.0').getByText('In use').waitFor();
	assert.deepEqual(await violations(page), []);
	const now = await stack.get(`adapters/${adapter.id}`);
	assert.deepEqual(now.training_config.files, ['a.mid', 'b.mid']);
	await leave(page);
});

test('a slow upload shows how far it is, how fast, and how long it will take, goes on while one is elsewhere, and '
	+ 'is cancelled by its button', async () => {
	const adapter = await filled('Slowly'), page = await open(adapter), version = row(page, '1.0.0');
	const bar = version.getByRole('progressbar'), seen = new Set();

	await slow(page, 300);
	await version.getByRole('button', { name: 'Replace the file' }).click();
	await version.locator('input[type=file]').setInputFiles(file('slow.bin', Buffer.alloc(6_000_000, '{"a":')));
	await until('it moves', async () => {
		if (await bar.isVisible()) seen.add(Number(await bar.getAttribute('value')));
		return [...seen].filter((n) => n > 0 && n < 100).length >= 3;
	}, 60000);
	await version.getByText(/^\d+ % · [\d.]+ (kB|MB) of 6\.0 MB · [\d.]+ (kB|MB)\/s · about .+ left$/).waitFor();
	assert.deepEqual(await violations(page), []);
	assert.ok(await version.getByRole('button', { name: 'Cancel' }).evaluate((e) => e === document.activeElement));

	await page.getByRole('navigation').getByRole('link', { name: 'Experiments' }).click();
	await page.getByRole('heading', { level: 1, name: 'Experiments' }).waitFor();
	await page.goBack();
	const before = Number(await bar.getAttribute('value'));
	await until('it goes on', async () => Number(await bar.getAttribute('value')) > before, 60000);
	await version.getByRole('button', { name: 'Cancel' }).click();
	await version.locator('input[type=file]').waitFor();
	assert.equal(await bar.isVisible(), false);
	assert.ok(await version.locator('input[type=file]').evaluate((e) => e === document.activeElement));
	assert.equal(await version.locator('.error:not(:empty)').count(), 0);
	assert.equal((await stack.get(`adapters/${adapter.id}`)).sha256, adapter.sha256);
	await leave(page);
});

test('a connection that is lost in the middle says so, and the file is sent again by one press', async () => {
	const adapter = await begun('Torn'), between = await line(), page = await open(adapter, between.url);
	const version = row(page, '1.0.0'), big = style(82) + ' '.repeat(900_000);

	await slow(page, 100);
	await version.locator('input[type=file]').setInputFiles(file('torn.json', big));
	await version.getByText(/^[1-9]\d* % ·/).waitFor({ timeout: 60000 });
	between.cut();
	await version.getByText(/The connection was lost when \d+ % of the file had been sent\./).waitFor({ timeout: 60000 });
	await page.locator('#connection').getByText('The connection is lost.').waitFor();
	assert.deepEqual(await violations(page), []);
	between.mend();
	await slow(page, -1);
	await version.getByRole('button', { name: 'Send again' }).click();
	await version.getByText('Uploaded and checked.').waitFor({ timeout: 60000 });
	assert.equal((await stack.get(`adapters/${adapter.id}`)).sha256, sha256(big));
	await leave(page);
	between.close();
});

test('while the engine checks, that is said; an answer that is lost is no failure of the file', async () => {
	const adapter = await begun('Checked'), between = await line(), page = await open(adapter, between.url);
	const version = row(page, '1.0.0');

	between.hold();
	await version.locator('input[type=file]').setInputFiles(file('ok.json', style(83)));
	await version.getByText('Checking what is in it …').waitFor();
	assert.deepEqual(await violations(page), []);
	await until('the server has it', async () => (await stack.get(`adapters/${adapter.id}`)).has_weights);
	between.cut();
	await version.getByText(/The connection was lost before the answer came, so the file may have arrived\./).waitFor();
	between.release();
	between.mend();
	await version.getByRole('button', { name: 'Send again' }).click();
	await version.getByText(/Uploaded and checked\.|the same file as before/).waitFor();
	await leave(page);
	between.close();
});

test('the same file again changes nothing, and that is said; another one takes its place', async () => {
	const adapter = await filled('Twice', style(84)), page = await open(adapter), version = row(page, '1.0.0');

	await version.getByRole('button', { name: 'Replace the file' }).click();
	await version.locator('input[type=file]').setInputFiles(file('same.json', style(84)));
	await version.getByText('It is the same file as before: nothing has changed.').waitFor();
	await version.getByRole('button', { name: 'Replace the file' }).click();
	await version.locator('input[type=file]').setInputFiles(file('other.json', style(85)));
	await version.getByText('Uploaded and checked.').waitFor();
	await version.getByTitle(sha256(style(85))).waitFor();
	await leave(page);
});

test('a new version has the next number, takes its file with it, and is used once it is said', async () => {
	const adapter = await filled('Grows', style(86)), page = await open(adapter);

	await page.getByRole('button', { name: 'New version' }).click();
	assert.equal(await page.getByLabel('Version', { exact: true }).inputValue(), '1.1.0');
	assert.deepEqual(await violations(page), []);
	await page.getByLabel('Version', { exact: true }).fill('1.0.0');
	await page.getByLabel('What is new in it').fill('Faster.');
	await page.reload();
	assert.equal(await page.getByLabel('What is new in it').inputValue(), 'Faster.', 'the draft is there, and open');
	await page.getByRole('button', { name: 'Add the version' }).click();
	await page.locator('[data-field=version] .error').filter({ hasText: 'The adapter has a version 1.0.0 already.' }).waitFor();
	await page.getByLabel('Version', { exact: true }).fill('1.2.0');
	await page.locator('.shelf-panel input[name=weights]').setInputFiles(file('faster.json', style(120)));
	await page.getByText('faster.json').waitFor();
	await page.getByRole('button', { name: 'Add the version' }).click();
	const fresh = row(page, '1.2.0');
	await fresh.getByText('Uploaded and checked; the version in use is still another one.').waitFor();
	await fresh.getByText('Faster.').waitFor();
	assert.equal(await page.locator('.shelf-version h3').first().innerText(), '1.2.0', 'newest first');
	assert.equal((await stack.get(`adapters/${adapter.id}`)).current_version, '1.0.0');

	await fresh.getByRole('button', { name: 'Let new jobs use it' }).click();
	await fresh.getByText('In use').waitFor();
	await row(page, '1.0.0').getByRole('button', { name: 'Let new jobs use it' }).waitFor();
	await page.locator('dd').filter({ hasText: 'Version 1.2.0' }).waitFor();
	const now = await stack.get(`adapters/${adapter.id}`);
	assert.deepEqual([now.current_version, now.sha256], ['1.2.0', sha256(style(120))]);
	assert.match(await page.locator('.shelf-history').innerText(),
		/Weights of 1\.2\.0 uploaded[^]*Version 1\.2\.0[^]*Faster\.[^]*Weights of 1\.0\.0 uploaded[^]*Created Grows/);
	await leave(page);
});

test('it is renamed and described in place; what is typed survives a reload, and Cancel takes it back', async () => {
	const adapter = await filled('Old name'), page = await open(adapter);

	await page.getByRole('button', { name: 'Edit' }).click();
	await page.getByLabel('Name').fill('');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.locator('[data-field=name] .error:not(:empty)').waitFor();
	await page.getByLabel('Name').fill('New name');
	await page.reload();
	assert.equal(await page.getByLabel('Name').inputValue(), 'New name');
	assert.deepEqual(await violations(page), []);
	await page.getByRole('button', { name: 'Cancel' }).click();
	await page.getByRole('button', { name: 'Edit' }).click();
	assert.equal(await page.getByLabel('Name').inputValue(), 'Old name');
	await page.getByLabel('Name').fill('New name');
	await page.getByLabel('Description').fill('Now with words.');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByRole('heading', { level: 1, name: 'New name' }).waitFor();
	await page.getByText('Now with words.').waitFor();
	const now = await stack.get(`adapters/${adapter.id}`);
	assert.deepEqual([now.name, now.description], ['New name', 'Now with words.']);
	await leave(page);
});

test('it is archived, says what that means, and is brought back', async () => {
	const adapter = await filled('There and back'), page = await open(adapter);

	await page.getByRole('button', { name: 'Archive' }).click();
	await page.getByText('It is archived and takes no new jobs').waitFor();
	for (const name of ['Use in the studio', 'New version', 'Replace the file', 'Edit'])
		assert.equal(await page.getByRole('button', { name }).isVisible(), false, name);
	assert.deepEqual(await violations(page), []);
	assert.equal((await stack.get(`adapters/${adapter.id}`)).status, 'archived');
	await page.getByRole('button', { name: 'Bring it back' }).click();
	await page.getByRole('button', { name: 'Use in the studio' }).waitFor();
	assert.equal((await stack.get(`adapters/${adapter.id}`)).status, 'active');
	await leave(page);
});

test('what another page did to it meanwhile is said where one notices: an upload to what was archived', async () => {
	const adapter = await begun('Gone meanwhile'), page = await open(adapter), version = row(page, '1.0.0');

	await stack.del(`adapters/${adapter.id}`);
	await version.locator('input[type=file]').setInputFiles(file('late.json', style(87)));
	await version.locator('[data-field=weights] .error').filter({ hasText: 'The adapter is archived' }).waitFor();
	await leave(page);
});

test('its counts lead to what it made, and to a test of it', async () => {
	const adapter = await filled('Heard');
	const job = await stack.made('a waltz', { duration: 5, adapter_id: adapter.id });
	await stack.post('ratings', { audio_id: job.audio_ids[0], rating: 4 });
	const page = await open(adapter), href = (name) => page.getByRole('link', { name }).getAttribute('href');

	assert.equal(await href('1 take'), `#/library?adapter_id=${adapter.id}`);
	assert.equal(await href('1 job'), `#/queue?adapter_id=${adapter.id}`);
	assert.equal(await href('Test against the base model'), `#/tests/new?b=${adapter.id}`);
	await page.getByText('4.0 of 5 (1 rating)').waitFor();
	await page.getByRole('button', { name: 'Use in the studio' }).click();
	await page.getByLabel('What would you like to hear?').fill('played with it');
	await page.getByRole('button', { name: 'Generate' }).click();
	await until('there is a job that has it', async () => (await stack.get(`jobs?adapter_id=${adapter.id}`)).total === 2);
	await leave(page);
});

test('an address that leads to no adapter says so, and leads back', async () => {
	const page = await visit(browser, at('/0190a6a0-8888-7e3f-8a4b-5c6d7e8f9012'));

	await page.getByText('There is no adapter 0190a6a0-8888-7e3f-8a4b-5c6d7e8f9012.').waitFor();
	assert.deepEqual(await violations(page), []);
	await page.getByRole('link', { name: 'All adapters' }).click();
	await page.getByRole('heading', { level: 1, name: 'Adapters' }).waitFor();
	await leave(page);
});

test('a new version can be made and filled with the keyboard alone, and a dropped file is taken as a chosen one', async () => {
	const adapter = await begun('By hand'), page = await open(adapter), version = row(page, '1.0.0');

	const data = await page.evaluateHandle((json) => {
		const t = new DataTransfer();
		t.items.add(new File([json], 'dropped.json'));
		return t;
	}, style(88));
	await version.locator('.shelf-drop').dispatchEvent('dragover', { dataTransfer: data });
	assert.ok(await version.locator('.shelf-drop.over').isVisible());
	await version.locator('.shelf-drop').dispatchEvent('drop', { dataTransfer: data });
	await version.getByText('Uploaded and checked.').waitFor();
	await page.getByRole('button', { name: 'New version' }).focus();
	await page.keyboard.press('Enter');
	assert.equal(await page.evaluate(() => document.activeElement.name), 'version');
	await page.keyboard.press('Enter');
	await row(page, '1.1.0').waitFor();
	await until('the focus is on its file', () => page.evaluate(() =>
		document.activeElement.type === 'file' && document.activeElement.closest('.shelf-version')?.innerText.includes('1.1.0')));
	await leave(page);
});

looks(browser, () => at(), 'adapters', (page) => page.getByText('Dusty tape').waitFor());

let shown;

test('for the pictures: an adapter with a past', async () => {
	const job = await stack.made('slow jazz with brushes', { duration: 5 });
	shown = await filled('Dusty tape, second attempt', tape, { description: 'Slow and behind the beat: heavy swing, a late snare, '
		+ 'electric piano in sevenths and ninths.' });
	await stack.post(`adapters/${shown.id}/versions`, { version: '1.1.0', description: 'The snare comes even later.' });
	await stack.made('slow jazz with brushes', { duration: 5, adapter_id: shown.id });
	assert.ok(job.id);
});

looks(browser, () => at(`/${shown.id}`), 'adapter', (page) => page.getByText('The snare comes even later.').first().waitFor());
