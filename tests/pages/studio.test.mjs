/* The page, as a person uses it, in headless Chromium before a whole running installation. */

import { afterEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { sleep, startStack } from '../harness.mjs';
import { leave, looks, violations } from './browser.mjs';
import { cancelAll, openStudio, until } from './stack.mjs';
import { ask, audio, cards, finished, more, seedField, visit } from './studio.mjs';

const WALTZ = 'gentle piano waltz in A minor at 96 bpm';

const { stack, browser } = await openStudio();

/* A test that fails half-way leaves no long job for the next ones to wait behind. */
afterEach(() => cancelAll(stack));

/* What the player does, once it plays and is as wanted. */
const sounds = (page, wanted = (a) => a.at > 0.2) => until('it sounds', async () => {
	const a = await audio(page);
	return !a.paused && wanted(a) && a;
});

const submit = (body) => fetch(`${stack.url}api/generate`, {
	method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
});

test('a visitor with nothing yet is told what to do first, and an example fills the form', async () => {
	const page = await visit(browser, stack.url);

	await page.getByText('It is quiet here.').waitFor();
	assert.deepEqual(await violations(page), []);
	await page.getByRole('button', { name: WALTZ }).click();
	assert.equal(await page.getByLabel('What would you like to hear?').inputValue(), WALTZ);
	assert.ok(await page.getByLabel('What would you like to hear?').evaluate((e) => e === document.activeElement));
	await leave(page);
});

test('a prompt becomes music: asked for, watched, heard, and what was understood is shown', async () => {
	const page = await visit(browser, stack.url);

	await ask(page, { prompt: WALTZ, duration: 240, seed: 7 });
	const card = cards(page, WALTZ).first(), stages = new Set(), percents = new Set();
	await card.getByRole('progressbar').waitFor();
	await until('the take is there', async () => {
		stages.add(await card.locator('.stage').textContent());
		percents.add(parseInt(await card.locator('.ring').textContent(), 10));
		return finished(card).isVisible();
	}, 60000);
	const told = (s) => /^[A-Z][a-z]+, (about \d+ s left|almost done)$/.test(s);
	assert.ok([...stages].some(told), [...stages].join(' | '));
	assert.ok([...percents].filter((p) => p > 0 && p < 100).length >= 2, [...percents].join(' | '));

	await page.locator('#live').filter({ hasText: `Ready: ${WALTZ}` }).waitFor({ state: 'attached' });
	const heard = await card.getByRole('list', { name: 'What was understood' }).innerText();
	/* The band bends the tempo a little, so that the piece fills its time to the bar. */
	assert.match(heard, /Tempo 9[4-8] bpm/);
	assert.match(heard, /A minor/i);
	await card.getByRole('button', { name: 'Play' }).click();
	await sounds(page);
	await card.getByRole('button', { name: 'Pause' }).click();
	const { at, paused } = await audio(page);
	assert.ok(paused);
	await sleep(200);
	assert.equal((await audio(page)).at, at);
	assert.equal(await card.locator('.time').innerText(), `0:0${Math.floor(at)} / 4:00`);
	await leave(page);
});

test('the waveform is drawn from the peaks, in the colour of the take', async () => {
	const page = await visit(browser, stack.url);
	const card = cards(page, WALTZ).first();

	await card.getByRole('slider').waitFor();
	await until('the bars stand there', () => card.locator('canvas').evaluate((c) => {
		const { data, width, height } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
		const rows = new Set(), columns = new Set();
		for (let i = 3; i < data.length; i += 4)
			if (data[i]) { columns.add((i >> 2) % width); rows.add(Math.floor((i >> 2) / width)); }
		return rows.size > height * 0.4 && columns.size > width * 0.4;
	}));
	await leave(page);
});

test('a click on the waveform goes there, with a range request and not the whole file', async () => {
	await stack.made('a long drone on strings', { duration: 240, format: 'wav' });
	const page = await visit(browser, stack.url);
	const card = cards(page, 'a long drone').first(), wave = card.getByRole('slider');

	await wave.scrollIntoViewIfNeeded();
	await card.getByRole('link', { name: 'Download' }).waitFor();
	/* On a line so slow that the browser cannot have it all by then. */
	await (await page.context().newCDPSession(page)).send('Network.emulateNetworkConditions',
		{ offline: false, latency: 0, downloadThroughput: 4e6, uploadThroughput: -1 });
	const box = await wave.boundingBox();
	await page.mouse.click(box.x + box.width * 0.75, box.y + box.height / 2);
	const { at } = await sounds(page, (a) => a.at > 170);
	assert.ok(at >= 178 && at < 183, `at ${at} s`);
	/* Both at once: the second goes on. */
	const [said, shown] = await wave.evaluate((e) =>
		[e.getAttribute('aria-valuetext'), e.closest('.player').querySelector('.time').textContent]);
	assert.equal(said, shown.replace('/', 'of'));

	const answers = () => page.traffic.filter((t) => t.url.includes('/stream'))
		.map((t) => ({ status: t.status, asked: t.sent.range, got: t.got['content-range'] }));
	const far = await until('the far part was asked for', () => answers().find((a) => /^bytes=[1-9]\d{6,}-/.test(a.asked)));
	assert.ok(far.got.startsWith(far.asked.replace('=', ' ')), JSON.stringify(far));
	assert.ok(answers().every((a) => a.status === 206), JSON.stringify(answers()));
	await leave(page);
});

test('one take sounds at a time, and each keeps its place', async () => {
	await stack.made('another short piece for flute', { duration: 20 });
	const page = await visit(browser, stack.url);
	const one = cards(page, WALTZ).first(), two = cards(page, 'another short piece').first();

	await one.getByRole('button', { name: 'Play' }).click();
	const first = (await sounds(page, (a) => a.at > 0.5)).src;
	await two.getByRole('button', { name: 'Play' }).click();
	await sounds(page, (a) => a.src !== first && a.at > 0.2);
	assert.equal(await page.locator('.card').getByRole('button', { name: 'Pause' }).count(), 1);
	assert.equal(await page.locator('audio').count(), 1);
	await one.getByRole('button', { name: 'Play' }).click();
	await sounds(page, (a) => a.src === first && a.at > 0.5);
	await leave(page);
});

test('the take can be saved, under a name made of its prompt', async () => {
	const page = await visit(browser, stack.url);
	const [download] = await Promise.all([
		page.waitForEvent('download'),
		cards(page, WALTZ).first().getByRole('link', { name: /^Download FLAC, / }).click(),
	]);

	assert.match(download.suggestedFilename(), /waltz.*\.flac$/i);
	await leave(page);
});

test('several submissions queue several cards, each with its place; any of them can be cancelled', async () => {
	const page = await visit(browser, stack.url);

	for (let i = 1; i <= 5; i++) await ask(page, { prompt: `endless march number ${i}`, duration: 600 });
	await until('all are there', async () => (await cards(page, 'endless march').count()) === 5);
	await page.locator('.stage', { hasText: 'Next in the queue' }).waitFor();
	await page.locator('.stage', { hasText: 'Position 2 in the queue' }).waitFor();
	for (let i = 5; i >= 1; i--) {
		const card = cards(page, `number ${i}`);
		await card.getByRole('button', { name: 'Cancel' }).click();
		await card.getByText('cancelled').waitFor();
		assert.equal(await card.getByRole('button', { name: 'Cancel' }).count(), 0);
	}
	await leave(page);
});

test('a failed job says why; "Try again" makes one new job of it, with the same seed', async () => {
	const page = await visit(browser, stack.url);

	await ask(page, { prompt: 'a piece that goes wrong', duration: 600, seed: 4711 });
	const card = cards(page, 'goes wrong').last();
	await card.getByText(/^[\d%]+$/).filter({ hasText: /[1-9]/ }).waitFor();
	stack.kill('worker');
	await card.getByRole('button', { name: 'Try again' }).waitFor();
	const { items: [job] } = await (await fetch(`${stack.url}api/jobs?limit=1`)).json();
	assert.equal(job.status, 'failed');
	await card.getByText(job.error).waitFor();
	assert.equal(await card.getByRole('button', { name: 'Play' }).count(), 0);
	assert.deepEqual(await violations(page), []);

	await card.getByRole('button', { name: 'Try again' }).dblclick();
	await until('there is another', async () => (await cards(page, 'goes wrong').count()) === 2);
	const again = cards(page, 'goes wrong').first();
	assert.match(await again.locator('.meta').innerText(), /10 min · FLAC · seed 4711/);
	await again.getByRole('button', { name: 'Cancel' }).click();
	await again.getByText('cancelled').waitFor();
	assert.equal(await cards(page, 'goes wrong').count(), 2);
	await leave(page);
});

test('what is wrong is said at its field, in the words of the API', async () => {
	const page = await visit(browser, stack.url);
	const wrong = { prompt: 'a tune', duration: 'soon', seed: -1 };
	const { errors } = await (await submit(wrong)).json();

	assert.deepEqual(errors.map((e) => e.field).sort(), ['duration', 'seed']);
	await ask(page, wrong);
	for (const { field, detail } of errors) {
		await page.locator(`[data-field="${field}"] .error`).filter({ hasText: detail }).waitFor();
		assert.equal(await page.locator(`#${field}`).getAttribute('aria-invalid'), 'true');
	}
	await until('the first of them has the focus', () => page.evaluate(() => document.activeElement.id === 'duration'));
	assert.deepEqual(await violations(page), []);

	await page.getByLabel('Duration').fill('3601');
	await seedField(page).fill('');
	await page.getByRole('button', { name: 'Generate' }).click();
	await page.locator('#duration-error, #form-error').filter({ hasText: /600/ }).waitFor();
	await page.getByLabel('Duration').fill('10');
	await page.getByLabel('What would you like to hear?').fill('');
	await page.getByRole('button', { name: 'Generate' }).click();
	await page.locator('#prompt-error').filter({ hasText: /prompt/i }).waitFor();
	await leave(page);
});

test('nothing typed is lost by a reload', async () => {
	const page = await visit(browser, stack.url);

	await page.getByLabel('What would you like to hear?').pressSequentially('half a thou');
	await page.getByLabel('Duration').fill('1:30');
	await more(page);
	await seedField(page).fill('12');
	await page.getByRole('radio', { name: 'Opus' }).check({ force: true });
	await page.reload();
	assert.equal(await page.getByLabel('What would you like to hear?').inputValue(), 'half a thou');
	assert.equal(await page.getByLabel('Duration').inputValue(), '1:30');
	assert.equal(await seedField(page).inputValue(), '12');
	assert.ok(await page.getByRole('radio', { name: 'Opus' }).isChecked());
	await leave(page);
});

test('a double click makes one job', async () => {
	const page = await visit(browser, stack.url);

	await page.getByLabel('What would you like to hear?').fill('clicked in haste');
	await page.getByLabel('Duration').fill('5');
	await page.getByRole('button', { name: 'Generate' }).dblclick();
	await finished(cards(page, 'clicked in haste').first()).waitFor({ timeout: 30000 });
	assert.equal(await cards(page, 'clicked in haste').count(), 1);
	await page.reload();
	await cards(page, 'clicked in haste').first().waitFor();
	assert.equal(await cards(page, 'clicked in haste').count(), 1);
	await leave(page);
});

test('a submission whose answer was lost is sent again, also after a reload, and makes one job', async () => {
	const page = await visit(browser, stack.url);
	const keys = [];
	let losing = true;

	/* The server gets it, the page never hears of it. The reload may come in the middle of that. */
	await page.route('**/api/generate', async (route) => {
		keys.push(route.request().headers()['idempotency-key']);
		if (!losing) return route.continue();
		await route.fetch().catch(() => {});
		await route.abort('connectionreset').catch(() => {});
	});
	await ask(page, { prompt: 'lost on the way', duration: 5 });
	await page.getByText('On its way to the server').waitFor();
	const before = keys.length;
	losing = false;
	await page.reload();
	await finished(cards(page, 'lost on the way').first()).waitFor({ timeout: 30000 });
	assert.ok(before > 0 && keys.length > before);
	assert.equal(new Set(keys).size, 1);
	await sleep(500);
	assert.equal(await cards(page, 'lost on the way').count(), 1);
	await leave(page);
});

test('running and recent jobs are there again after a reload and in another browser', async () => {
	const page = await visit(browser, stack.url);

	await ask(page, { prompt: 'still at work', duration: 600 });
	await cards(page, 'still at work').getByRole('progressbar').waitFor();
	await page.reload();
	await cards(page, 'still at work').getByRole('progressbar').waitFor();
	await finished(cards(page, WALTZ).first()).waitFor();

	const other = await visit(browser, stack.url);
	await cards(other, 'still at work').getByRole('button', { name: 'Cancel' }).click();
	await cards(page, 'still at work').getByText('cancelled').waitFor();
	await leave(other);
	await leave(page);
});

test('a lost connection shows itself and recovers by itself', async () => {
	const page = await visit(browser, stack.url);

	await cards(page, WALTZ).first().waitFor();
	await page.context().setOffline(true);
	await ask(page, { prompt: 'sent from a tunnel', duration: 5 });
	await page.locator('#connection').getByText('The connection is lost. Trying again in').waitFor();
	await page.getByText('On its way to the server').waitFor();
	await page.context().setOffline(false);
	await page.locator('#connection').getByText('Connected again.').waitFor();
	await finished(cards(page, 'sent from a tunnel').first()).waitFor({ timeout: 30000 });
	assert.equal(await cards(page, 'sent from a tunnel').count(), 1);
	await leave(page);
});

test('polling is cheap, and rests while nobody looks', async () => {
	const page = await visit(browser, stack.url);
	const polls = () => page.traffic.filter((t) => /\/api\/(jobs|generate)/.test(t.url));
	let asked = 0;
	page.on('request', (r) => { asked += /\/api\/(jobs|generate)/.test(r.url()); });

	await ask(page, { prompt: 'watched closely', duration: 600 });
	await until('nothing new costs a 304', () => polls().some((t) => t.status === 304 && t.sent['if-none-match']));
	await page.evaluate(() => {
		Object.defineProperty(document, 'hidden', { value: true, configurable: true });
		document.dispatchEvent(new Event('visibilitychange'));
	});
	/* It ends the round that it was in. */
	let before;
	await until('it rests', async () => {
		before = asked;
		await sleep(2000);
		return asked === before;
	});
	await page.evaluate(() => {
		delete document.hidden;
		document.dispatchEvent(new Event('visibilitychange'));
	});
	await until('it asks again', () => asked > before);
	await cards(page, 'watched closely').getByRole('button', { name: 'Cancel' }).click();
	await leave(page);
});

test('everything can be done with the keyboard alone', async () => {
	const page = await visit(browser, stack.url);
	const focused = () => page.evaluate(() => {
		const e = document.activeElement;
		return e.getAttribute('aria-label') || e.name || e.textContent.trim();
	});
	const tabTo = async (name) => {
		for (let i = 0; i < 40; i++) {
			await page.keyboard.press('Tab');
			if ((await focused()) === name) return;
		}
		assert.fail(`no way to ${name} with Tab`);
	};

	await tabTo('prompt');
	await page.keyboard.type('typed, not clicked');
	await tabTo('duration');
	await page.keyboard.press('Control+a');
	await page.keyboard.type('30');
	await tabTo('More');
	await page.keyboard.press('Enter');
	await tabTo('format');
	await page.keyboard.press('ArrowRight');
	await tabTo('Generate');
	await page.keyboard.press('Enter');
	const card = cards(page, 'typed, not clicked').first();
	await finished(card).waitFor({ timeout: 30000 });
	await card.getByRole('link', { name: /^Download WAV/ }).waitFor();
	await tabTo('Play');
	await page.keyboard.press('Space');
	await sounds(page);
	await page.keyboard.press('Tab');
	assert.equal(await focused(), 'Position in the take');
	await page.keyboard.press('End');
	await page.keyboard.press('Home');
	for (let i = 0; i < 3; i++) await page.keyboard.press('PageUp');
	await until('it went on by 9 s', async () => (await audio(page)).at > 8.9);
	await page.keyboard.press('Space');
	assert.ok((await audio(page)).paused);
	const { at } = await audio(page);
	await page.keyboard.press('ArrowLeft');
	await until('it went back by 1 s', async () => Math.abs((await audio(page)).at - (at - 1)) < 0.05);
	await page.evaluate(() => document.activeElement.blur());
	await page.keyboard.press('Space');
	await until('space anywhere plays', async () => !(await audio(page)).paused);
	await leave(page);
});

test('on a phone, what one asked for comes into view, and a touch on the waveform goes there', async () => {
	const phone = { viewport: { width: 390, height: 664 }, hasTouch: true, isMobile: true };
	const page = await visit(browser, stack.url, phone);

	await ask(page, { prompt: 'from the pocket', duration: 20 });
	const card = cards(page, 'from the pocket').first(), wave = card.getByRole('slider');
	await wave.waitFor({ timeout: 30000 });
	const box = await until('it is in view', async () => {
		const b = await wave.boundingBox();
		return b.y > 0 && b.y + b.height < 664 && b;
	});
	await card.getByRole('link', { name: 'Download' }).waitFor();
	await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
	await sounds(page, (a) => a.at > 10 && a.at < 12);
	await leave(page);
});

test('"Use again" puts prompt, seed, duration and format back into the form', async () => {
	const long = `${'a very long prompt, '.repeat(20)}with an end`;
	await stack.made(long, { duration: 6, seed: 321, format: 'ogg' });
	const page = await visit(browser, stack.url);

	await cards(page, 'a very long prompt').first().getByRole('button', { name: 'Use again' }).click();
	await more(page);
	const prompt = page.getByLabel('What would you like to hear?');
	await until('the whole prompt', async () => (await prompt.inputValue()) === long);
	assert.equal(await seedField(page).inputValue(), '321');
	assert.equal(await page.getByLabel('Duration').inputValue(), '6');
	assert.ok(await page.getByRole('radio', { name: 'Ogg' }).isChecked());
	await leave(page);
});

test('without accounts nobody is asked to sign in, and there is no account to see', async () => {
	const page = await visit(browser, `${stack.url}#/account`);

	await page.getByText('There are no accounts here.').waitFor();
	assert.equal(await page.getByRole('link', { name: 'Your account' }).count(), 0);
	await page.goto(`${stack.url}#/users`);
	await page.getByRole('heading', { name: 'Users' }).waitFor();
	await page.getByText('There are no accounts here.').waitFor();
	assert.equal(await page.getByRole('link', { name: 'New user' }).count(), 0);
	await leave(page);
});

test('the page works under a sub-path', async () => {
	const deep = await startStack({ front: 'lighttpd', base: '/music/studio/' });
	const page = await visit(browser, deep.url);

	await ask(page, { prompt: 'below a path', duration: 5 });
	const card = cards(page, 'below a path').first();
	await finished(card).waitFor({ timeout: 30000 });
	await card.getByRole('button', { name: 'Play' }).click();
	await sounds(page);
	assert.ok(page.traffic.every((t) => new URL(t.url).pathname.startsWith('/music/studio/')));
	await leave(page);
	await deep.stop();
});

test('a duration may be typed as people write it', async () => {
	const page = await visit(browser, stack.url);
	const read = await page.evaluate(async (typed) => {
		const { parseDuration } = await import('./js/studio/typed.js');
		return typed.map(parseDuration);
	}, ['90', ' 90 s', '1:30', '1 min 30', '1.5 min', '1m30s', '12,5', 'soon', '1:75', '-3']);

	assert.deepEqual(read, [90, 90, 90, 90, 90, 90, 12.5, 'soon', '1:75', -3]);
	await leave(page);
});

test('a prompt is text and never markup', async () => {
	const page = await visit(browser, stack.url);

	await ask(page, { prompt: '<img src=x onerror=alert(1)> & <b>bold</b> waltz', duration: 5 });
	await cards(page, '<img src=x onerror=alert(1)> & <b>bold</b> waltz').first().waitFor();
	assert.equal(await page.locator('.list img, .list b').count(), 0);
	await leave(page);
});

test('the policy is strict, and no script, style or request goes around it', async () => {
	const r = await fetch(stack.url), policy = r.headers.get('content-security-policy'), html = await r.text();

	assert.match(policy, /default-src 'none'/);
	assert.match(policy, /frame-ancestors 'none'/);
	assert.doesNotMatch(policy, /unsafe|\*/);
	assert.doesNotMatch(html, /<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|https?:/);
});

test('the first view has 60 KB of scripts at most, is usable within 300 ms, and nothing jumps', async () => {
	const prepare = (page) => page.addInitScript(() => {
		window.jumps = 0;
		new PerformanceObserver((l) => { for (const e of l.getEntries()) window.jumps += e.value; })
			.observe({ type: 'layout-shift', buffered: true });
	});
	const usable_ms = [];

	/* The best of a few: other tests may have the machine at the same time. */
	for (let i = 0; i < 5; i++) {
		const page = await visit(browser, stack.url, { prepare });
		await finished(cards(page, WALTZ).first()).waitFor();
		await sleep(500);
		const seen = await page.evaluate(() => ({
			jumps: window.jumps,
			scripts: performance.getEntriesByType('resource').filter((e) => e.name.endsWith('.js'))
				.map((e) => [e.startTime, e.decodedBodySize]),
			html: performance.getEntriesByType('navigation')[0],
		}));
		/* What is only useful later comes 2.5 s later, which on a busy machine may be while we look. */
		const bytes = seen.scripts.filter(([begun_ms]) => begun_ms < seen.html.domContentLoadedEventEnd + 1500)
			.reduce((sum, [, size]) => sum + size, 0);

		assert.ok(bytes > 1000 && bytes < 60000, `${bytes} bytes of scripts`);
		assert.ok(seen.jumps < 0.01, `layout shift ${seen.jumps}`);
		usable_ms.push(Math.round(seen.html.domContentLoadedEventEnd - seen.html.responseEnd));
		await leave(page);
	}
	assert.ok(Math.min(...usable_ms) < 300, `${usable_ms} ms`);
});

looks(browser, () => stack.url, 'studio', (page) => finished(cards(page, WALTZ).first()).waitFor());
