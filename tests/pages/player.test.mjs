/* The player at the foot of every view, and the keys that work everywhere. */

import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { leave, looks, violations, visit } from './browser.mjs';
import { openStudio, until } from './stack.mjs';

const ONE = 'slow waltz for cello alone', TWO = 'brisk march for brass', THREE = 'a lullaby on a harp with a name that is '
	+ 'long enough to be cut off wherever there is little room for it';

const { stack, browser } = await openStudio();
let ids;

before(async () => {
	/* The newest is first in every list. */
	const jobs = [];
	for (const prompt of [THREE, TWO, ONE]) jobs.unshift(await stack.made(prompt, { duration: 20 }));
	ids = jobs.map((job) => job.audio_ids[0]);
});

const card = (page, prompt) => page.locator('.card').filter({ has: page.locator('h3', { hasText: prompt }) });
const bar = (page) => page.getByRole('region', { name: 'Player' });
const audio = (page) => page.evaluate(() => {
	const a = document.querySelector('audio');
	return { at: a.currentTime, paused: a.paused, src: a.currentSrc, loop: a.loop, volume: a.volume, muted: a.muted };
});
const sounds = (page, wanted = (a) => a.at > 0.2) => until('it sounds', async () => {
	const a = await audio(page);
	return !a.paused && wanted(a) && a;
});
const plays = (page, n) => sounds(page, (a) => a.src.includes(ids[n]));
const focusNothing = (page) => page.evaluate(() => document.activeElement.blur());

/* A visitor who has begun to listen to the first take. */
async function listening(prompt = ONE, options) {
	const page = await visit(browser, stack.url, options);

	await card(page, prompt).getByRole('button', { name: 'Play' }).click();
	await sounds(page);
	await bar(page).getByText(prompt).waitFor();
	return page;
}

/* A device with media keys that notes what it is told; press(page, action, details) presses one. */
const device = (page) => page.addInitScript(() => {
	const handlers = {}, told = [];
	Object.defineProperty(navigator, 'mediaSession', { value: {
		metadata: null, playbackState: 'none',
		setActionHandler(name, f) { handlers[name] = f; },
		setPositionState(state) { told.push(state); },
	} });
	window.device = { handlers, told };
});
const press = (page, action, details = {}) => page.evaluate(([name, d]) => window.device.handlers[name]({ action: name, ...d }),
	[action, details]);

test('the bar comes with the first sound, shows what plays and plays on while one moves between the views', async () => {
	const page = await visit(browser, stack.url);

	await card(page, ONE).getByRole('button', { name: 'Play' }).waitFor();
	assert.ok(await page.locator('#bar').isHidden());
	await card(page, ONE).getByRole('button', { name: 'Play' }).click();
	await bar(page).getByRole('link', { name: ONE }).waitFor();
	await bar(page).getByText(/^band/).waitFor();
	await page.evaluate(() => { document.querySelector('audio').mark = 'the same'; });
	let { at } = await sounds(page);
	for (const view of ['Queue', 'Library', 'Status', 'Studio']) {
		await page.getByRole('navigation').getByRole('link', { name: view }).click();
		await page.getByRole('heading', { level: 1, name: view }).waitFor();
		assert.ok(await bar(page).isVisible());
		at = (await sounds(page, (a) => a.at > at + 0.1)).at;
	}
	assert.equal(await page.evaluate(() => document.querySelector('audio').mark), 'the same');
	assert.equal(page.traffic.filter((t) => t.url.includes('/stream') && !t.sent.range).length, 0);
	await bar(page).getByRole('button', { name: 'Pause' }).click();
	await until('it pauses', async () => (await audio(page)).paused);
	assert.deepEqual(await violations(page), []);
	await leave(page);
});

test('next and previous go through the list it was started from, and at its end the next one begins', async () => {
	const page = await listening();

	await bar(page).getByRole('button', { name: 'Next take' }).click();
	await plays(page, 1);
	await bar(page).getByText(TWO).waitFor();
	await bar(page).getByRole('button', { name: 'Previous take' }).click();
	await plays(page, 0);
	await page.evaluate(() => { document.querySelector('audio').currentTime = 8; });
	await bar(page).getByRole('button', { name: 'Previous take' }).click();
	await sounds(page, (a) => a.src.includes(ids[0]) && a.at < 3);
	await page.evaluate(() => { document.querySelector('audio').currentTime = 19.4; });
	await plays(page, 1);
	await bar(page).getByRole('button', { name: 'Next take' }).click();
	await plays(page, 2);
	assert.equal(await bar(page).getByRole('button', { name: 'Next take' }).getAttribute('aria-disabled'), 'true');
	await page.evaluate(() => { document.querySelector('audio').currentTime = 19.4; });
	await until('the list is over', async () => (await audio(page)).paused);
	await leave(page);
});

test('a loop begins the same take again', async () => {
	const page = await listening();

	await bar(page).getByRole('button', { name: 'Loop' }).click();
	assert.equal(await bar(page).getByRole('button', { name: 'Loop' }).getAttribute('aria-pressed'), 'true');
	await page.evaluate(() => { document.querySelector('audio').currentTime = 19.4; });
	await sounds(page, (a) => a.src.includes(ids[0]) && a.at < 19);
	await leave(page);
});

test('one seeks on the waveform of the bar, by a click, by dragging and by keys', async () => {
	const page = await listening(), wave = bar(page).getByRole('slider', { name: 'Position' });
	const box = await wave.boundingBox(), y = box.y + box.height / 2;

	await page.mouse.click(box.x + box.width * 0.5, y);
	await sounds(page, (a) => a.at >= 9.8 && a.at < 12);
	await bar(page).getByRole('button', { name: 'Pause' }).click();
	await page.mouse.move(box.x + box.width * 0.5, y);
	await page.mouse.down();
	await page.mouse.move(box.x + box.width * 0.32, y);
	assert.equal(await wave.getAttribute('aria-valuenow'), '6');
	assert.ok((await audio(page)).at > 9, 'not before it is let go');
	await page.mouse.move(box.x + box.width * 0.25, y);
	await page.mouse.up();
	await until('it is at 5 s', async () => Math.abs((await audio(page)).at - 5) < 0.3);
	await wave.focus();
	/* The very end is where a browser may not find what to go on with. */
	await page.keyboard.press('End');
	await until('it is near the end', async () => (await audio(page)).at === 19.6);
	await page.keyboard.press('Home');
	await until('it is at the beginning', async () => (await audio(page)).at === 0);
	await page.keyboard.press('ArrowRight');
	await until('it is at 1 s', async () => (await audio(page)).at === 1);
	await leave(page);
});

test('after a reload the last take is there at its place, paused, with its list, loop and volume', async () => {
	const page = await listening(TWO, { viewport: { width: 1600, height: 900 } });

	await page.evaluate(() => { document.querySelector('audio').currentTime = 12; });
	await bar(page).getByRole('button', { name: 'Pause' }).click();
	await bar(page).getByRole('button', { name: 'Loop' }).click();
	await bar(page).getByRole('slider', { name: 'Volume' }).fill('0.4');
	await bar(page).getByRole('button', { name: 'Mute' }).click();
	await page.goto(`${stack.url}#/queue`);
	await page.reload();
	await bar(page).getByText(TWO).waitFor();
	await bar(page).getByText('0:12 / 0:20').waitFor();
	const a = await audio(page);
	assert.ok(a.paused);
	assert.deepEqual([a.loop, a.volume, a.muted], [true, 0.4, true]);
	await bar(page).getByRole('button', { name: 'Play' }).click();
	await sounds(page, (now) => now.src.includes(ids[1]) && now.at >= 12 && now.at < 16);
	await bar(page).getByRole('button', { name: 'Next take' }).click();
	await plays(page, 2);
	await leave(page);
});

test('the keys work wherever one is: seek, next, previous, loop, rate, favour', async () => {
	const page = await listening();
	const rated = async () => (await stack.get(`ratings/audio/${ids[0]}`)).items.map((r) => r.rating);

	await page.getByRole('navigation').getByRole('link', { name: 'Status' }).click();
	await page.getByRole('heading', { level: 1, name: 'Status' }).waitFor();
	await focusNothing(page);
	await page.keyboard.press('Space');
	await until('space pauses', async () => (await audio(page)).paused);
	await page.evaluate(() => { document.querySelector('audio').currentTime = 6; });
	await page.keyboard.press('ArrowRight');
	await until('5 s on', async () => (await audio(page)).at === 11);
	await page.keyboard.press('ArrowLeft');
	await page.keyboard.press('ArrowLeft');
	await until('10 s back', async () => (await audio(page)).at === 1);
	await page.keyboard.press('n');
	await plays(page, 1);
	await page.keyboard.press('p');
	await plays(page, 0);
	await page.keyboard.press('l');
	await until('it loops', async () => (await audio(page)).loop);
	await page.keyboard.press('L');
	await until('it loops no more', async () => !(await audio(page)).loop);

	await page.keyboard.press('4');
	await until('4 stars', async () => (await rated()).join() === '4');
	await page.keyboard.press('2');
	await until('changed to 2, and still one rating', async () => (await rated()).join() === '2');
	assert.ok(await bar(page).getByRole('radio', { name: '2 of 5' }).isChecked());
	await page.keyboard.press('0');
	await until('taken back', async () => (await rated()).length === 0);
	await page.keyboard.press('f');
	await until('a favourite', async () => (await stack.get(`favorites/check/audio/${ids[0]}`)) !== null);
	await bar(page).locator('.heart[aria-pressed="true"]').waitFor();
	await page.keyboard.press('f');
	await until('none any more', async () => (await stack.get(`favorites/check/audio/${ids[0]}`)) === null);
	await leave(page);
});

test('who types, holds Control or uses a widget that needs the key is left alone', async () => {
	const page = await listening();
	const before = await audio(page);

	await page.getByLabel('What would you like to hear?').fill('');
	await page.keyboard.type('f l n 3 ?');
	assert.equal(await page.getByLabel('What would you like to hear?').inputValue(), 'f l n 3 ?');
	await focusNothing(page);
	await page.keyboard.press('Control+l');
	await page.keyboard.press('Alt+n');
	await page.locator('#options > summary').click();
	await page.getByRole('radio', { name: 'FLAC' }).focus();
	await page.keyboard.press('ArrowRight');
	assert.ok(await page.getByRole('radio', { name: 'WAV' }).isChecked());
	const now = await audio(page);
	assert.equal(now.src, before.src);
	assert.ok(!now.loop && !now.paused && now.at < before.at + 4.5, JSON.stringify([before, now]));
	assert.equal(await page.getByRole('dialog').count(), 0);
	assert.equal((await stack.get(`ratings/audio/${ids[0]}`)).items.length, 0);
	await leave(page);
});

test('"?" lists the keys, and there they can be turned off, but for space', async () => {
	const page = await listening();

	await focusNothing(page);
	await page.keyboard.press('?');
	const dialog = page.getByRole('dialog', { name: 'Keys' });
	await dialog.getByText('Take the rating back').waitFor();
	assert.deepEqual(await violations(page), []);
	await page.keyboard.press('l');
	assert.ok(!(await audio(page)).loop);
	await dialog.getByLabel('Use these keys').uncheck();
	await page.keyboard.press('Escape');
	await dialog.waitFor({ state: 'detached' });
	await focusNothing(page);
	await page.keyboard.press('l');
	await page.reload();
	await bar(page).getByText(ONE).waitFor();
	await page.keyboard.press('l');
	await page.keyboard.press('Space');
	await sounds(page);
	assert.ok(!(await audio(page)).loop);
	await leave(page);
});

test('the device knows what plays, and its keys play, pause, seek and go on', async () => {
	const page = await listening(ONE, { prepare: device });
	const told = () => page.evaluate(() => {
		const { metadata: m, playbackState } = navigator.mediaSession;
		return { title: m?.title, artist: m?.artist, state: playbackState, place: window.device.told.at(-1) };
	});

	const first = await until('it is told', async () => {
		const t = await told();
		return t.title === ONE && t.place && t;
	});
	assert.match(first.artist, /^band/);
	assert.equal(first.state, 'playing');
	assert.ok(Math.abs(first.place.duration - 20) < 0.1);
	await press(page, 'pause');
	await until('it pauses', async () => (await audio(page)).paused && (await told()).state === 'paused');
	await press(page, 'seekto', { seekTime: 15 });
	await until('it is told the place', async () => (await told()).place.position === 15);
	await press(page, 'seekbackward');
	await until('10 s back', async () => (await audio(page)).at === 5);
	await press(page, 'seekforward', { seekOffset: 3 });
	await until('3 s on', async () => (await audio(page)).at === 8);
	await press(page, 'play');
	await sounds(page);
	await press(page, 'nexttrack');
	await plays(page, 1);
	await until('it is told of the next', async () => (await told()).title === TWO);
	await press(page, 'previoustrack');
	await plays(page, 0);
	await leave(page);
});

test('the menu of the bar has the take in each format and its score, and puts it into Compare', async () => {
	const page = await listening();
	const more = bar(page).getByRole('button', { name: 'More about this take' });

	/* However slow the machine is, the next take shall not begin meanwhile. */
	await bar(page).getByRole('button', { name: 'Pause' }).click();
	await more.click();
	assert.deepEqual(await violations(page), []);
	const starts = { FLAC: 'fLaC', WAV: 'RIFF', Ogg: 'OggS', Opus: 'OggS', MP3: 'ID3', MIDI: 'MThd' };
	const links = await bar(page).getByRole('list', { name: 'Download' }).getByRole('link').all();
	assert.deepEqual(await Promise.all(links.map(async (l) => (await l.innerText()).split(',')[0])), Object.keys(starts));
	for (const [name, start] of Object.entries(starts)) {
		if (await more.getAttribute('aria-expanded') === 'false') await more.click();
		const [download] = await Promise.all([
			page.waitForEvent('download'), bar(page).getByRole('link', { name: new RegExp(`^${name}`) }).click(),
		]);
		const bytes = await download.createReadStream().then((s) => s.take(1).toArray());
		assert.equal(bytes[0].subarray(0, start.length).toString('latin1'), start, name);
		assert.match(download.suggestedFilename(),
			new RegExp(`waltz.*\\.${name === 'MIDI' ? 'mid' : name.toLowerCase()}$`, 'i'));
		await until('the menu is closed', async () => await more.getAttribute('aria-expanded') === 'false');
	}
	await more.click();
	await bar(page).getByText('Stems', { exact: true }).click();
	assert.deepEqual(await violations(page), []);
	for (const stem of ['drums', 'bass', 'chords', 'melody', 'texture'])
		assert.deepEqual(await bar(page).getByRole('list', { name: `Download the ${stem}` }).getByRole('link').allInnerTexts(),
			['FLAC', 'WAV']);
	const [stem] = await Promise.all([page.waitForEvent('download'),
		bar(page).getByRole('list', { name: 'Download the melody' }).getByRole('link', { name: 'WAV' }).click()]);
	assert.match(stem.suggestedFilename(), /waltz.* - melody\.wav$/);
	await until('the menu is closed', async () => await more.getAttribute('aria-expanded') === 'false');
	await more.click();
	await bar(page).getByRole('button', { name: 'Put into Compare' }).click();
	await more.click();
	await bar(page).getByRole('button', { name: 'Take out of Compare' }).waitFor();
	await page.keyboard.press('Escape');
	await until('Escape leads back to the button', () => more.evaluate((b) => b === document.activeElement));
	await leave(page);
});

test('on a phone the bar is one line: a touch on its edge seeks, the rest is in its menu', async () => {
	const page = await listening(ONE, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
	const box = await bar(page).getByRole('slider').boundingBox();

	assert.ok(box.height >= 24 && box.width === 390);
	await page.touchscreen.tap(195, box.y + box.height / 2);
	await sounds(page, (a) => a.at > 9.5 && a.at < 13);
	await bar(page).getByRole('button', { name: 'More about this take' }).click();
	await bar(page).getByRole('radio', { name: '5 of 5' }).check({ force: true });
	await until('it is rated', async () => (await stack.get(`ratings/audio/${ids[0]}`)).items[0]?.rating === 5);
	await bar(page).getByRole('button', { name: 'Loop' }).click();
	await until('it loops', async () => (await audio(page)).loop);
	assert.deepEqual(await violations(page), []);
	await leave(page);
});

test('the bar covers nothing: the last thing of every view can be scrolled above it', async () => {
	const page = await listening(ONE, { viewport: { width: 390, height: 664 } });

	for (const view of ['', 'status', 'library']) {
		await page.goto(`${stack.url}#/${view}`);
		await until('the end can be seen', () => page.evaluate(() => {
			scrollTo(0, document.documentElement.scrollHeight);
			const last = [...document.querySelectorAll('main a, main button, main p, main h1')].filter((e) => e.offsetParent).at(-1);
			return last && last.getBoundingClientRect().bottom <= document.getElementById('bar').getBoundingClientRect().top;
		}));
	}
	await leave(page);
});

test('a take that is gone says so in the bar, in the words of the API', async () => {
	const { audio_ids: [id] } = await stack.made('a tune to be deleted', { duration: 5 });
	const page = await listening('a tune to be deleted');

	await page.evaluate(() => document.querySelector('audio').pause());
	await stack.del(`audio/${id}`);
	const { detail } = await (await fetch(`${stack.url}api/audio/${id}`)).json();
	await page.reload();
	await bar(page).getByText(detail).first().waitFor();
	await leave(page);
});

test('on a phone nothing moves when the link below a waveform comes', async () => {
	const page = await visit(browser, stack.url, { viewport: { width: 390, height: 844 } });
	const link = card(page, ONE).getByRole('link', { name: /^Download/ });

	await link.waitFor();
	const [after, before] = await link.evaluate((a) => [false, true].map((hidden) => {
		a.hidden = hidden;
		return a.parentElement.offsetHeight;
	}));
	assert.equal(before, after);
	await leave(page);
});

looks(browser, () => stack.url, 'player', async (page) => {
	await card(page, THREE).getByRole('button', { name: 'Play' }).click();
	await sounds(page, (a) => a.at > 3);
	await bar(page).getByText(THREE).waitFor();
	await bar(page).getByRole('button', { name: 'Pause' }).click();
});
