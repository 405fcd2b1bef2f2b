/* Takes side by side, as a person compares them. */

import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { openStudio, until } from './stack.mjs';
import { leave, looks, pressAgain, violations, visit } from './browser.mjs';
import { sendPart, tone, wav } from './wav.mjs';

const { stack, browser } = await openStudio();
let takes, other;

before(async () => {
	const job = await stack.made('gentle piano waltz in A minor', { duration: 12, num_samples: 3, seed: 41 });
	takes = job.audio_ids;
	[other] = (await stack.made('funky groove with slap bass', { duration: 8, format: 'opus' })).audio_ids;
});

const address = (ids) => `${stack.url}#/compare?ids=${ids.join(',')}`;
const open = async (ids, options) => {
	const page = await visit(browser, address(ids), options);

	await page.getByRole('button', { name: 'Take A' }).waitFor();
	return page;
};
const letter = (page, name) => page.getByRole('button', { name: new RegExp(`^Take ${name}\\b`) });
const sounding = (page) => page.locator('.compare-letter[aria-pressed="true"]').textContent();
const seconds = async (page) => {
	const at = await page.locator('.compare-board').evaluate((e) => Number(e.style.getPropertyValue('--at')));
	return at * Number(await page.getByRole('slider', { name: 'Position' }).getAttribute('aria-valuemax'));
};
const plays = (page, beyond = 0) => until('it plays', async () => await seconds(page) > beyond
	&& await page.locator('.compare[data-playing="true"]').count() > 0);
const ids = (page) => page.evaluate(() => new URLSearchParams(location.hash.split('?')[1]).get('ids')?.split(','));

test('who has put nothing aside is told how to; one take alone asks for another', async () => {
	const page = await visit(browser, `${stack.url}#/compare`);

	await page.getByText('Put takes side by side.').waitFor();
	assert.deepEqual(await violations(page), []);
	await page.evaluate((id) => import(new URL('js/tray.js', document.baseURI)).then((m) => m.tray.set([id])), takes[0]);
	await page.reload();
	await page.getByText('One take is here.').waitFor();
	await page.getByRole('link', { name: 'Choose in the library' }).click();
	await page.waitForURL(/#\/library/);
	await leave(page);
});

test('what was put aside is compared; then the address tells what', async () => {
	const page = await visit(browser, stack.url);

	await page.evaluate((two) => import(new URL('js/tray.js', document.baseURI)).then((m) => m.tray.set(two)), takes.slice(0, 2));
	await page.getByRole('link', { name: 'Compare', exact: true }).click();
	await letter(page, 'B').waitFor();
	assert.deepEqual(await ids(page), takes.slice(0, 2));

	/* A third one that is put aside meanwhile can be added; each can be removed. */
	await page.evaluate((id) => import(new URL('js/tray.js', document.baseURI)).then((m) => m.tray.toggle(id)), takes[2]);
	await page.getByRole('link', { name: 'Add the one that was put aside' }).click();
	await letter(page, 'C').waitFor();
	assert.deepEqual(await ids(page), takes);
	await page.getByRole('button', { name: 'Remove B' }).click();
	await until('two are left', async () => await page.locator('.compare-lane').count() === 2);
	assert.deepEqual(await ids(page), [takes[0], takes[2]]);
	await page.goBack();
	await letter(page, 'C').waitFor();
	await page.reload();
	await letter(page, 'C').waitFor();
	await leave(page);
});

test('it plays, switches by letters and keys, and the time goes on meanwhile', async () => {
	const page = await open(takes);

	await page.keyboard.press('Space');
	await plays(page, 0.5);
	for (const [act, wanted] of [[() => letter(page, 'C').click(), 'C'], [() => page.keyboard.press('1'), 'A'],
		[() => page.keyboard.press('ArrowDown'), 'B'], [() => page.keyboard.press('c'), 'C'],
		[() => page.keyboard.press('ArrowUp'), 'B']]) {
		const before = await seconds(page);
		await act();
		assert.equal(await sounding(page), wanted);
		await plays(page, before);
	}
	/* The focus goes with it, so that the space bar does not go back to what was pressed before. */
	await page.keyboard.press('Space');
	assert.equal(await sounding(page), 'B');
	await until('it rests', async () => await page.locator('.compare[data-playing="false"]').count() > 0);
	await page.keyboard.press('ArrowLeft');
	await page.keyboard.press('ArrowLeft');
	const at = await seconds(page);
	await page.keyboard.press('ArrowRight');
	await until('it is a second further', async () => Math.abs(await seconds(page) - at - 1) < 0.2);
	await leave(page);
});

test('a press on a lane goes there and hears that take; a drag goes along', async () => {
	const page = await open(takes), track = page.locator('.compare-track').nth(1), box = await track.boundingBox();

	await page.mouse.click(box.x + box.width / 2, box.y + 20);
	assert.equal(await sounding(page), 'B');
	assert.ok(Math.abs(await seconds(page) - 6) < 0.2);
	await page.mouse.move(box.x + box.width / 4, box.y + 20);
	await page.mouse.down();
	await page.mouse.move(box.x + box.width * 0.7, box.y + 20, { steps: 4 });
	assert.ok(Math.abs(await seconds(page) - 8.4) < 0.2, 'the playhead follows');
	await page.mouse.up();
	assert.ok(Math.abs(await seconds(page) - 8.4) < 0.2);
	await page.getByRole('slider', { name: 'Position' }).focus();
	await page.keyboard.press('Home');
	assert.equal(await seconds(page), 0);
	await leave(page);
});

test('a region is dragged on the ruler, or set by keys, and goes round', async () => {
	const page = await open(takes.slice(0, 2)), box = await page.locator('.compare-ruler').boundingBox();
	const board = page.locator('.compare-board');
	const region = () => board.evaluate((e) => [e.dataset.region, ...['--in', '--out'].map((n) => Math.round(12 * e.style.getPropertyValue(n)))]);

	await page.mouse.move(box.x + box.width * 0.5, box.y + 10);
	await page.mouse.down();
	await page.mouse.move(box.x + box.width * 0.583, box.y + 10, { steps: 3 });
	await page.mouse.up();
	assert.deepEqual(await region(), ['loops', 6, 7]);
	await page.keyboard.press('Space');
	await plays(page, 6.6);
	await until('it goes round', async () => await seconds(page) < 6.4);
	await plays(page, 6.6);
	await page.keyboard.press('l');
	assert.deepEqual(await region(), ['rests', 6, 7]);
	await plays(page, 7.2);
	await page.keyboard.press('Space');
	await page.keyboard.press('Escape');
	assert.equal((await region())[0], '');
	await page.mouse.click(box.x + box.width * 0.25, box.y + 10);
	await page.keyboard.press('i');
	await page.mouse.click(box.x + box.width * 0.75, box.y + 10);
	await page.keyboard.press('o');
	assert.deepEqual(await region(), ['loops', 3, 9]);
	await page.getByRole('button', { name: 'Whole length' }).click();
	assert.equal((await region())[0], '');
	await leave(page);
});

test('all are as loud as the quietest, and it says by how much each is turned down', async () => {
	/* The gains of what sounds, as the browser has them. */
	const levels = (p) => p.evaluate(() => window.levels.map((g) => g.gain.value));
	const page = await open([takes[0], takes[1]], { prepare: (p) => p.addInitScript(() => {
		const make = BaseAudioContext.prototype.createGain;

		window.levels = [];
		BaseAudioContext.prototype.createGain = function create() {
			const node = make.call(this);
			window.levels.push(node);
			return node;
		};
	}).then(() => p.route('**/api/audio/compare', async (route) => {
		const r = await route.fetch(), json = await r.json();
		json.samples[0].loudness_lufs = -10;
		json.samples[1].loudness_lufs = -16.25;
		return route.fulfill({ response: r, json });
	})) });
	const gains = () => page.locator('.compare-gain').allTextContents();

	assert.deepEqual(await gains(), ['−6.3 dB', '']);
	await page.keyboard.press('Space');
	await plays(page, 0.2);
	assert.ok((await levels(page)).some((v) => Math.abs(v - 10 ** (-6.25 / 20)) < 1e-3));
	await page.getByLabel('Same loudness').uncheck();
	assert.deepEqual(await gains(), ['', '']);
	await until('nothing is turned down', async () => (await levels(page)).every((v) => v === 0 || v === 1));
	await page.reload();
	await letter(page, 'A').waitFor();
	assert.equal(await page.getByLabel('Same loudness').isChecked(), false);
	await leave(page);
});

test('what differs stands in a table, the rest is folded away', async () => {
	const page = await open(takes), rows = page.locator('.compare-differ tbody tr');

	assert.deepEqual(await rows.evaluateAll((all) => all.map((tr) => [...tr.cells].slice(0, 2).map((c) => c.textContent))),
		[['A', '41'], ['B', '42'], ['C', '43']]);
	assert.ok(!(await page.locator('.compare-differ thead').innerText()).includes('Model'));
	await page.getByText('The same in all').click();
	assert.match(await page.locator('.compare-same').innerText(), /Model\s+band[\s\S]*Format\s+FLAC/);
	await leave(page);

	const mixed = await open([takes[0], other]);
	assert.deepEqual(await mixed.locator('.compare-prompts dd').allInnerTexts(), ['gentle piano waltz in A minor', 'funky groove with slap bass']);
	assert.match(await mixed.locator('.compare-differ thead').innerText(), /Duration[\s\S]*Format/);
	await leave(mixed);
});

test('which is better is said with one press, kept, and can be taken back', async () => {
	const page = await open([...takes, other]);

	await page.keyboard.press('2');
	await page.getByLabel('By how much').selectOption('3: clearly');
	await pressAgain(page.getByRole('button', { name: 'B is better than A' }));
	await page.locator('.compare-recorded').getByText('B is better than A, 3 of 5', { exact: true }).waitFor();
	const { items: [kept] } = await stack.get('preferences');
	assert.deepEqual([kept.chosen_audio_id, kept.rejected_audio_id, kept.margin], [takes[1], takes[0], 3]);
	/* The other one was made of another prompt. */
	assert.equal(await page.getByRole('button', { name: 'B is better than D' }).count(), 0);
	await page.getByText('D: made of another prompt.').waitFor();
	await page.keyboard.press('4');
	await page.getByText('A, B, C: made of another prompt.').waitFor();
	await page.reload();
	await page.getByRole('button', { name: 'Take back: B is better than A, 3 of 5' }).click();
	await until('it is gone', async () => await page.locator('.compare-recorded li').count() === 0);
	assert.equal((await stack.get('preferences')).total, 0);
	await leave(page);
});

test('a preference that the server does not take is said there', async () => {
	const page = await open(takes);

	await page.route('**/api/preferences', (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 409,
		contentType: 'application/problem+json', body: '{"detail":"Not now."}' }) : route.continue()));
	await page.getByRole('button', { name: 'A is better than B' }).click();
	await page.locator('.compare-prefer .error').getByText('Not now.').waitFor();
	await leave(page);
});

test('a take is rated and loved where it is heard', async () => {
	const page = await open(takes), lane = page.locator('.compare-lane').nth(1);

	await lane.getByRole('radio', { name: '4 of 5' }).check({ force: true });
	await lane.getByRole('button', { name: 'Favourite' }).click();
	await until('both are kept', async () => {
		const { feedback } = await stack.get(`audio/${takes[1]}`);
		return feedback.average_rating === 4 && feedback.favorite_id;
	});
	/* The arrows move among the stars there, not among the takes. */
	await lane.getByRole('radio', { name: '4 of 5' }).press('ArrowLeft');
	await until('it is a three', async () => (await stack.get(`audio/${takes[1]}`)).feedback.average_rating === 3);
	assert.equal(await sounding(page), 'A');
	await leave(page);
});

test('blind, nothing tells which is which until it is shown', async () => {
	const page = await open([...takes, other]);

	await page.getByRole('button', { name: 'Listen blind' }).click();
	assert.deepEqual(await page.locator('.compare-about').allInnerTexts(), ['Take A', 'Take B', 'Take C', 'Take D']);
	assert.equal(await page.getByText('What differs').count(), 0);
	const told = await page.locator('.compare').evaluate((e) => [...e.querySelectorAll('.compare-lane')].map((lane) =>
		[getComputedStyle(lane).getPropertyValue('--hue').trim(), getComputedStyle(lane.querySelector('.compare-sound')).visibility,
			lane.querySelector('.compare-track').style.getPropertyValue('--part'), lane.innerText.replace(/Take .|^.\n/g, '').trim()].join()));
	assert.equal(new Set(told).size, 1, told.join(' | '));
	assert.deepEqual(await violations(page), []);
	await page.keyboard.press('3');
	assert.equal(await sounding(page), 'C');
	await page.getByRole('button', { name: 'Show which is which' }).click();
	await page.getByText('What differs').waitFor();
	/* The letters stay as they were heard, in the table, too. */
	assert.equal(await sounding(page), 'C');
	const seeds = await page.locator('.compare-differ tbody tr').evaluateAll((all) => all.map((tr) => `Seed ${tr.cells[1].textContent}`));
	(await page.locator('.compare-about').allInnerTexts()).forEach((about, i) => assert.ok(about.startsWith(seeds[i]), about));
	assert.equal(new Set(await page.locator('.compare-about').allInnerTexts()).size, 4);
	await leave(page);
});

/* Where the most ink of a spectrogram is: 0 (bottom) … 1, in its left and its right half. */
const ink = (page, n) => page.locator('.compare-spectrum').nth(n).evaluate((c) => {
	const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height), rows = [new Float64Array(c.height), new Float64Array(c.height)];

	for (let y = 0; y < c.height; y++)
		for (let x = 0; x < c.width; x++) rows[x < c.width / 2 ? 0 : 1][y] += data[(y * c.width + x) * 4 + 3];
	return rows.map((r) => 1 - (r.indexOf(Math.max(...r)) + 0.5) / c.height);
});

test('a tone stands at its height in the spectrogram, at its time, in a short take and in a long one', async () => {
	const height = (hz) => Math.log(hz / 40) / Math.log(16000 / 40);
	const melody = (s, rate) => Float32Array.from([...tone(200, s / 2, { rate }), ...tone(3000, s / 2, { rate })]);
	const files = [wav([melody(12, 48000)], { bits: 24 }), wav([melody(90, 32000)], { rate: 32000, bits: 16 })];
	const page = await open(takes.slice(0, 2), { prepare: (p) => p.route('**/stream?format=wav', (route) =>
		sendPart(route, files[takes.findIndex((id) => route.request().url().includes(id))])) });

	await until('both are drawn', async () => await page.locator('.compare-spectrum[data-done]').count() === 2, 60000);
	for (const n of [0, 1]) {
		const found = await ink(page, n);
		[200, 3000].forEach((hz, i) => assert.ok(Math.abs(found[i] - height(hz)) < 0.03, `${found[i]} for ${height(hz)}`));
	}
	await page.getByLabel('Spectrograms').uncheck();
	assert.equal(await page.locator('.compare-spectrum').first().isVisible(), false);
	await leave(page);
});

test('takes that are gone are named, and the others can be compared', async () => {
	const nobody = '0190a6a0-0000-7000-8000-000000000000';
	const page = await visit(browser, address([takes[0], nobody, takes[1]]));

	await page.getByText(`There is no audio ${nobody}.`).waitFor();
	assert.deepEqual(await violations(page), []);
	await page.getByRole('link', { name: 'Compare the other 2' }).click();
	await letter(page, 'B').waitFor();
	assert.deepEqual(await ids(page), takes.slice(0, 2));
	await leave(page);

	const wrong = await visit(browser, address(['x', takes[0]]));
	await wrong.locator('.view-compare .error').getByText(/audio_ids\[0\]/).waitFor();
	await leave(wrong);
});

test('a take that cannot be played says so at its place; the others play', async () => {
	const page = await open(takes.slice(0, 2), { prepare: (p) => p.route(`**/${takes[1]}/stream?format=wav`, (route) =>
		route.fulfill({ status: 404, contentType: 'application/problem+json', body: '{"detail":"The file is gone."}' })) });

	await page.locator('.compare-lane').nth(1).getByText('The file is gone.').waitFor();
	await page.keyboard.press('Space');
	await plays(page, 0.3);
	await leave(page);
});

test('another view silences it, and so does the player', async () => {
	const page = await open(takes.slice(0, 2));

	await page.keyboard.press('Space');
	await plays(page, 0.3);
	await page.getByRole('link', { name: 'Studio' }).click();
	await page.locator('.compare').waitFor({ state: 'detached' });
	await page.goBack();
	await letter(page, 'A').waitFor();
	assert.equal(await page.locator('.compare').getAttribute('data-playing'), 'false');
	await leave(page);
});

test('ten lanes fit a phone', async () => {
	const { audio_ids: more } = await stack.made('a march', { duration: 3, num_samples: 4 });
	const { audio_ids: rest } = await stack.made('a polka', { duration: 3, num_samples: 2 });
	const page = await open([...takes, other, ...more, ...rest], { viewport: { width: 390, height: 844 } });

	assert.equal(await page.locator('.compare-lane').count(), 10);
	await page.keyboard.press('0');
	assert.equal(await sounding(page), 'J');
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
	const small = await page.locator('.compare button, .compare select, .compare-differ summary').evaluateAll((all) => all
		.filter((e) => e.offsetParent && (e.offsetHeight < 24 || e.offsetWidth < 24)).map((e) => e.outerHTML));
	assert.deepEqual(small, []);
	await leave(page);
});

looks(browser, () => address(takes), 'compare', async (page) => {
	await until('all is drawn', async () => await page.locator('.compare-spectrum[data-done]').count() === 3);
	await page.keyboard.press('2');
	await page.keyboard.press('Space');
	await plays(page, 1);
});
