/* The studio's form beyond its first look: chips, ideas, options, and what the cards' buttons do. */

import { afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { sleep } from '../harness.mjs';
import { countJumps, jumps, leave, looks, pressAgain, violations, visit as firstVisit } from './browser.mjs';
import { cancelAll, openStudio, until } from './stack.mjs';
import { ask, audio, cards, finished, more, seedField, visit, words } from './studio.mjs';

const { stack, browser } = await openStudio();
let adapters;

before(async () => {
	adapters = (await stack.get('adapters?limit=100')).items;
});

afterEach(() => cancelAll(stack));

const chips = (page) => page.locator('#chips .chip').evaluateAll((all) =>
	Object.fromEntries(all.map((c) => [c.dataset.attribute, [c.dataset.state, c.lastChild.textContent]])));
const chip = (page, name) => page.locator(`[data-attribute="${name}"]`);
const heard = (page, name, value) => page.locator(`[data-attribute="${name}"][data-state="heard"]`, { hasText: value }).waitFor();
const generate = (page) => page.getByRole('button', { name: 'Generate' }).click();
const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.id);
const adapterField = (page) => page.getByLabel('Adapter', { exact: true });

/* The newest job of a prompt, done, as the API tells it. */
const job = (text) => until(`${text} is done`, async () => {
	const { items } = await stack.get('jobs?limit=20');
	const found = items.find((j) => j.prompt_preview === text);

	assert.notEqual(found?.status, 'failed', found?.error);
	return found?.status === 'completed' && found;
}, 60000);

test('what the words decide appears in chips while one types; what means nothing is told', async () => {
	const page = await visit(browser, stack.url);

	await words(page).pressSequentially('gentle piano waltz in A minor at 96 bpm with kazoo');
	await heard(page, 'style', 'Waltz');
	assert.deepEqual(await chips(page), {
		style: ['heard', 'Waltz'], mood: ['heard', 'gentle'], tempo: ['heard', '96 bpm'], key: ['heard', 'A minor'],
		instruments: ['heard', 'piano'],
	});
	assert.equal(await page.locator('#besides').innerText(), 'Also heard: 3/4. Left out: kazoo');
	assert.deepEqual(await violations(page), []);

	/* What has no chip is told beside them, and what a short piece has no room for. */
	await words(page).fill('jazz in 5/4 with a slow intro, vinyl crackle, no trumpet');
	await heard(page, 'style', 'Jazz');
	await page.getByText('Also heard: 5/4, vinyl, slow intro, no trumpet.', { exact: true }).waitFor();
	await page.getByRole('button', { name: '10 s' }).click();
	await page.getByText('no trumpet. Left out: intro (too short a piece)').waitFor();

	/* What the seed would choose is not what was said. */
	await words(page).fill('something slow');
	await heard(page, 'tempo', 'slow');
	assert.deepEqual((await chips(page)).style, ['none', '+ Style']);
	await words(page).fill('');
	await until('nothing is heard', async () => Object.values(await chips(page)).every(([state]) => state === 'none'));
	await leave(page);
});

test('a chip is pinned by keyboard, sent as an attribute, and obeyed; it can be taken off again', async () => {
	const page = await visit(browser, stack.url);

	await words(page).fill('a calm piece with piano');
	await heard(page, 'mood', 'calm');
	await chip(page, 'tempo').focus();
	await page.keyboard.press('Enter');
	await page.getByLabel('Tempo in beats per minute').waitFor();
	assert.deepEqual(await violations(page), []);
	await page.keyboard.type('140');
	await page.keyboard.press('Enter');
	assert.deepEqual((await chips(page)).tempo, ['pinned', '140 bpm']);
	assert.match(await focused(page), /140 bpm/);
	await chip(page, 'instruments').click();
	assert.equal(await page.getByLabel('Instruments').inputValue(), 'piano');
	await page.getByLabel('Instruments').fill('cello, harp');
	await page.getByRole('button', { name: 'Pin' }).click();
	assert.deepEqual((await chips(page)).instruments, ['pinned', 'cello, harp']);
	await chip(page, 'key').click();
	await page.getByLabel('Key').fill('D minor');
	await words(page).focus();
	assert.deepEqual((await chips(page)).key, ['pinned', 'D minor']);
	await page.getByRole('button', { name: 'Take off Key' }).click();
	assert.notEqual((await chips(page)).key[0], 'pinned');
	await chip(page, 'style').click();
	await page.getByLabel('Style').fill('never mind');
	await page.keyboard.press('Escape');
	assert.notEqual((await chips(page)).style[0], 'pinned');
	assert.deepEqual(await violations(page), []);

	await page.getByLabel('Duration').fill('10');
	await generate(page);
	const made = await job('a calm piece with piano');
	assert.ok(Math.abs(made.generation_params.understood.tempo - 140) < 8, JSON.stringify(made.generation_params));
	assert.ok(made.generation_params.understood.instruments.includes('cello'));
	assert.deepEqual((await stack.get(`prompts/${made.prompt_id}`)).attributes,
		{ tempo: 140, primary_instruments: ['cello', 'harp'] });
	await leave(page);
});

test('suggestions go on behind a comma', async () => {
	const page = await visit(browser, stack.url);

	await chip(page, 'instruments').click();
	await page.getByLabel('Instruments').pressSequentially('piano, ');
	const offered = await page.locator('#words-instruments option').evaluateAll((all) => all.map((o) => o.value));
	assert.ok(offered.includes('piano, cello'), offered.join(' | '));
	await leave(page);
});

test('while chips cannot be had nothing disturbs, and they come when they can', async () => {
	const page = await visit(browser, stack.url);
	let answer = (route) => route.abort('connectionreset');

	await page.route('**/api/explain', (route) => answer(route));
	await words(page).fill('waltz');
	await sleep(1200);
	assert.deepEqual(await page.locator('.error:not(:empty)').allInnerTexts(), []);
	assert.ok(await page.locator('#connection').isHidden());
	answer = (route) => route.fulfill({
		status: 503, headers: { 'retry-after': '1' }, contentType: 'application/problem+json', body: '{"status":503,"detail":"Busy."}',
	});
	await words(page).fill('waltz in D');
	await sleep(800);
	assert.deepEqual(await page.locator('.error:not(:empty)').allInnerTexts(), []);
	answer = (route) => route.continue();
	await heard(page, 'key', 'D');
	await leave(page);
});

test('a late answer to an older question is dropped', async () => {
	const page = await visit(browser, stack.url);
	let late;

	await page.route('**/api/explain', (route) => {
		if (!route.request().postDataJSON().prompt.includes('waltz')) return route.continue();
		late = route;
	});
	await words(page).fill('a waltz');
	await until('the first is asked', () => late);
	await words(page).fill('a reggae');
	await heard(page, 'style', 'Reggae');
	await late.continue();
	await sleep(300);
	assert.deepEqual((await chips(page)).style, ['heard', 'Reggae']);
	await leave(page);
});

test('a refused attribute is told at the chips, and the first of them has the focus', async () => {
	const page = await visit(browser, stack.url);

	await words(page).fill('too fast');
	await chip(page, 'tempo').click();
	await page.keyboard.type('900');
	await page.keyboard.press('Enter');
	await generate(page);
	await page.locator('#attributes-error').filter({ hasText: 'Tempo must be from 40 to 200, not 900.' }).waitFor();
	assert.deepEqual(await violations(page), []);
	await page.getByRole('button', { name: 'Take off Tempo' }).click();
	assert.equal(await page.locator('#attributes-error').innerText(), '');
	await leave(page);
});

test('adapter and scale are used, shown on the card, and put back by "Use again" with all the rest', async () => {
	const page = await visit(browser, stack.url), tape = adapters.find((a) => a.name === 'Dusty tape');

	await more(page);
	await adapterField(page).waitFor();
	assert.ok(await page.locator('[data-field="adapter_scale"]').isHidden());
	await adapterField(page).selectOption({ label: 'Dusty tape' });
	await page.getByLabel('How much of it').fill('1.4');
	await page.locator('#chosen').filter({ hasText: 'Dusty tape at 1.4' }).waitFor();
	await chip(page, 'mood').click();
	await page.getByLabel('Mood').fill('dreamy');
	await page.keyboard.press('Enter');
	await page.getByRole('radio', { name: '2', exact: true }).check({ force: true });
	await ask(page, { prompt: 'taped piano', duration: 8, seed: 77, format: 'Ogg' });
	const made = await job('taped piano'), [id] = made.audio_ids;
	const { adapter } = await stack.get(`audio/${id}`);
	assert.deepEqual([adapter.id, adapter.scale], [tape.id, 1.4]);
	const card = cards(page, 'taped piano').first();
	await finished(card).first().waitFor();
	assert.match(await card.locator('.meta').innerText(), /seed 77 · Dusty tape at 1\.4/);

	await words(page).fill('something else');
	await page.getByRole('button', { name: 'Take off Mood' }).click();
	await adapterField(page).selectOption('');
	await seedField(page).fill('');
	await page.getByRole('radio', { name: '1', exact: true }).check({ force: true });
	await card.getByRole('button', { name: 'Use again' }).click();
	await until('the words are back', async () => (await words(page).inputValue()) === 'taped piano');
	assert.deepEqual((await chips(page)).mood, ['pinned', 'dreamy']);
	assert.equal(await adapterField(page).inputValue(), tape.id);
	assert.equal(await page.getByLabel('How much of it').inputValue(), '1.4');
	assert.equal(await seedField(page).inputValue(), '77');
	assert.ok(await page.getByRole('radio', { name: '2', exact: true }).isChecked());
	assert.ok(await page.getByRole('radio', { name: 'Ogg' }).isChecked());
	await leave(page);
});

test('a reload keeps all: words, chips, what is open and what is chosen in it; and nothing jumps', async () => {
	const page = await visit(browser, stack.url, { prepare: countJumps, viewport: { width: 390, height: 844 } });

	await words(page).fill('kept in A minor');
	await heard(page, 'key', 'A minor');
	await chip(page, 'style').click();
	await page.getByLabel('Style').fill('reggae');
	await page.keyboard.press('Enter');
	await more(page);
	await adapterField(page).selectOption({ label: 'Night drive' });
	await page.getByLabel('How much of it').fill('0.5');
	await page.getByRole('radio', { name: '3', exact: true }).check({ force: true });
	await page.getByRole('button', { name: '2 min' }).click();
	await page.getByLabel('Play when ready').uncheck();
	await page.reload();
	await heard(page, 'key', 'A minor');
	await page.locator('#chosen').filter({ hasText: 'Night drive at 0.5' }).waitFor();
	assert.deepEqual((await chips(page)).style, ['pinned', 'reggae']);
	assert.equal(await page.getByLabel('How much of it').inputValue(), '0.5');
	assert.ok(await page.getByRole('radio', { name: '3', exact: true }).isChecked());
	assert.equal(await page.getByLabel('Duration').inputValue(), '120');
	assert.equal(await page.getByLabel('Play when ready').isChecked(), false);
	assert.ok(await jumps(page) < 0.01, `layout shift ${await jumps(page)}`);
	await leave(page);
});

test('four takes are A to D, each with its own seed, and can be compared', async () => {
	const page = await visit(browser, stack.url);

	await page.getByRole('radio', { name: '4', exact: true }).check({ force: true });
	await ask(page, { prompt: 'four at once', duration: 5 });
	const card = cards(page, 'four at once').first();
	await card.locator('.player').nth(3).waitFor();
	const made = await job('four at once');
	await finished(card).nth(3).waitFor();
	assert.deepEqual(await card.locator('.take-label').allTextContents(), ['Take A', 'Take B', 'Take C', 'Take D']);
	const seeds = await Promise.all(made.audio_ids.map(async (id) => (await stack.get(`audio/${id}`)).generation_params.seed));
	assert.deepEqual(seeds.map((s) => (s - seeds[0] + 2 ** 32) % 2 ** 32), [0, 1, 2, 3]);
	const href = await card.getByRole('link', { name: 'Compare these' }).getAttribute('href');
	assert.deepEqual(new URLSearchParams(href.split('?')[1]).get('ids').split(','), made.audio_ids);
	await leave(page);
});

test('"Same seed again" keeps the last seed; without it each job has a new one', async () => {
	const page = await visit(browser, stack.url);
	const seedOf = async (prompt) => {
		await ask(page, { prompt, duration: 5 });
		return (await job(prompt)).generation_params.seed;
	};

	await more(page);
	const first = await seedOf('seed one');
	await page.getByLabel('Same seed again').check();
	assert.equal(await seedField(page).inputValue(), String(first));
	assert.equal(await seedOf('seed two'), first);
	await page.getByLabel('Same seed again').uncheck();
	assert.equal(await seedField(page).inputValue(), '');
	assert.notEqual(await seedOf('seed three'), first);
	/* Pressed before there was any: the next one's. */
	await page.evaluate(() => localStorage.clear());
	await page.reload();
	await more(page);
	await page.getByLabel('Same seed again').check();
	const next = await seedOf('seed four');
	await until('it stays', async () => (await seedField(page).inputValue()) === String(next));
	await leave(page);
});

test('"Vary the seed" makes the same once more with another seed, once, however often it is pressed', async () => {
	const [tape] = adapters;
	const made = await stack.made('to be varied', { adapter_id: tape.id, adapter_scale: 0.7, seed: 5, format: 'ogg',
		attributes: { mood: 'calm' } });
	const page = await visit(browser, stack.url);
	const card = cards(page, 'to be varied').first();

	await pressAgain(card.getByRole('button', { name: 'Vary the seed' }));
	await finished(cards(page, 'to be varied').nth(1)).waitFor();
	await finished(cards(page, 'to be varied').first()).waitFor();
	assert.equal(await cards(page, 'to be varied').count(), 2);
	const { items } = await stack.get('jobs?limit=2');
	assert.equal(items[0].prompt_id, made.prompt_id);
	const { seed, understood, ...params } = made.generation_params, { seed: other, understood: _, ...same } = items[0].generation_params;
	assert.deepEqual(same, params);
	assert.notEqual(other, seed);
	assert.deepEqual([items[0].adapter_id, items[1].id], [tape.id, made.id]);
	await leave(page);
});

test('a card is deleted at once and can be had back; in the end it is gone from the server, too', async () => {
	const made = await stack.made('to be deleted');
	const page = await visit(browser, stack.url);
	const card = cards(page, 'to be deleted').first();

	await card.getByRole('button', { name: 'Delete' }).click();
	await page.getByText('Deleted: to be deleted', { exact: true }).waitFor();
	assert.equal(await focused(page), 'Undo');
	assert.deepEqual(await violations(page), []);
	await page.keyboard.press('Enter');
	await finished(card).waitFor();
	assert.equal((await stack.get(`generate/${made.id}`)).status, 'completed');

	await card.getByRole('button', { name: 'Delete' }).click();
	await page.getByText('Deleted: to be deleted', { exact: true }).waitFor();
	await page.reload();
	await until('it is gone', async () => (await fetch(`${stack.url}api/jobs/${made.id}`)).status === 404);
	await leave(page);
});

test('a take is rated and marked as a favourite on its card', async () => {
	const { audio_ids: [id] } = await stack.made('to be judged');
	const page = await visit(browser, stack.url);
	const card = cards(page, 'to be judged').first();

	await card.getByRole('radio', { name: '4 of 5' }).check({ force: true });
	await until('it is rated', async () => (await stack.get(`ratings/audio/${id}`)).items?.[0]?.rating === 4);
	await card.getByRole('button', { name: 'Favourite' }).click();
	await until('it is one', async () => (await stack.get(`favorites/check/audio/${id}`))?.target_id === id);
	await leave(page);
});

test('ideas: templates by category, found by words, fill the form with one press; what stood there is set aside', async () => {
	const page = await visit(browser, stack.url);

	await words(page).fill('half a thought');
	await page.getByRole('button', { name: 'Ideas' }).click();
	const dialog = page.getByRole('dialog', { name: 'Ideas' });
	await dialog.getByRole('heading', { name: 'Acoustic' }).waitFor();
	assert.deepEqual(await violations(page), []);
	await dialog.getByRole('button', { name: 'Jazz', exact: true }).click();
	assert.deepEqual(await dialog.locator('h3').allInnerTexts(), ['Jazz']);
	await dialog.getByRole('button', { name: 'All' }).click();
	await dialog.getByLabel('Search ideas').fill('rainy');
	await until('one is left', async () => (await dialog.locator('.idea').count()) === 1);
	await page.keyboard.press('ArrowDown');
	assert.match(await focused(page), /^Rainy window/);
	await page.keyboard.press('Enter');
	await until('it is in the form', async () => /rain on a window$/.test(await words(page).inputValue()));
	assert.ok(await dialog.isHidden());
	assert.equal(await focused(page), 'prompt');
	assert.deepEqual((await chips(page)).instruments, ['pinned', 'piano, cello']);

	await page.getByRole('button', { name: 'Ideas' }).click();
	await dialog.getByRole('button', { name: 'half a thought' }).click();
	await until('it is back', async () => (await words(page).inputValue()) === 'half a thought');
	assert.notEqual((await chips(page)).instruments[0], 'pinned');
	await leave(page);
});

test('ideas: recent and favourite prompts, and older ones by search', async () => {
	const older = await stack.post('prompts', { text: 'an old tune about Finisterre', attributes: { key: 'E minor' } });

	for (let i = 0; i < 30; i++) await stack.post('prompts', { text: `filler number ${i}` });
	const page = await visit(browser, stack.url), dialog = page.getByRole('dialog');
	await page.getByRole('button', { name: 'Ideas' }).click();
	await dialog.getByRole('button', { name: 'filler number 29' }).waitFor();
	assert.equal(await dialog.getByRole('button', { name: 'Finisterre' }).count(), 0);
	await dialog.getByLabel('Search ideas').fill('finisterre');
	await dialog.getByRole('button', { name: 'Finisterre' }).click();
	await until('it is in the form', async () => (await words(page).inputValue()) === older.text);
	assert.deepEqual((await chips(page)).key, ['pinned', 'E minor']);

	await stack.post('favorites', { target_type: 'prompt', target_id: older.id });
	await page.getByRole('button', { name: 'Ideas' }).click();
	await dialog.getByRole('heading', { name: 'Favourites' }).waitFor();
	await words(page).evaluate((e) => { e.value = ''; });
	await dialog.locator('section', { hasText: 'Favourites' }).getByRole('button').click();
	await until('it is there whole', async () => (await words(page).inputValue()) === older.text);
	assert.deepEqual((await chips(page)).key, ['pinned', 'E minor']);
	await leave(page);
});

test('ideas: what is written is kept as a template, which can be deleted and had back', async () => {
	const page = await visit(browser, stack.url), dialog = page.getByRole('dialog');

	await words(page).fill('my very own words');
	await chip(page, 'mood').click();
	await page.getByLabel('Mood').fill('calm');
	await page.keyboard.press('Enter');
	await page.getByRole('button', { name: 'Ideas' }).click();
	await dialog.getByText('Keep what is written as a template').click();
	await dialog.getByRole('button', { name: 'Keep', exact: true }).click();
	await dialog.getByText('Name must have 1 to 200 characters, not 0.').waitFor();
	assert.deepEqual(await violations(page), []);
	await dialog.getByLabel('Name').fill('Mine');
	await dialog.getByLabel('Category').fill('evenings');
	await pressAgain(dialog.getByRole('button', { name: 'Keep', exact: true }));
	await dialog.getByRole('heading', { name: 'Evenings' }).waitFor();
	assert.equal(await dialog.locator('.error').filter({ hasText: /./ }).count(), 0);
	const own = async () => (await stack.get('templates?is_system=false&limit=100')).items.filter((t) => t.name === 'Mine');
	const [kept, ...twice] = await own();
	assert.deepEqual(twice, []);
	assert.deepEqual([kept.text, kept.category, kept.attributes], ['my very own words', 'evenings', { mood: 'calm' }]);

	await dialog.getByRole('button', { name: 'Delete the template Mine' }).click();
	await dialog.getByText('Deleted: Mine').waitFor();
	assert.deepEqual(await own(), []);
	await dialog.getByRole('button', { name: 'Undo' }).click();
	await dialog.getByRole('button', { name: 'Delete the template Mine' }).waitFor();
	assert.equal((await own()).length, 1);
	await page.keyboard.press('Escape');
	assert.equal(await focused(page), 'Ideas');
	await leave(page);
});

test('a take that was asked for plays when it is ready, the first of several, unless something sounds', async () => {
	const page = await firstVisit(browser, stack.url);
	const playing = (id) => until('it sounds', async () => {
		const a = await audio(page);
		return !a.paused && a.at > 0.1 && a.src.includes(id);
	});

	await page.getByRole('radio', { name: '2', exact: true }).check({ force: true });
	await ask(page, { prompt: 'plays at once', duration: 60 });
	const { audio_ids: [first] } = await job('plays at once');
	await playing(first);
	await ask(page, { prompt: 'waits its turn', duration: 5 });
	await job('waits its turn');
	await finished(cards(page, 'waits its turn').first()).first().waitFor();
	await sleep(300);
	await playing(first);

	await cards(page, 'plays at once').first().getByRole('button', { name: 'Pause' }).click();
	await page.getByLabel('Play when ready').uncheck();
	await ask(page, { prompt: 'stays silent', duration: 5 });
	await finished(cards(page, 'stays silent').first()).first().waitFor();
	await sleep(300);
	assert.ok((await audio(page)).paused);

	/* Nor when one has gone to another page meanwhile. */
	await page.getByLabel('Play when ready').check();
	const stopped = stack.kill('worker', 'SIGSTOP');
	await ask(page, { prompt: 'for somebody who left', duration: 5 });
	await page.getByRole('link', { name: 'Queue' }).click();
	await page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
	for (const pid of stopped) process.kill(pid, 'SIGCONT');
	await job('for somebody who left');
	await sleep(1500);
	assert.ok((await audio(page)).paused);
	await leave(page);
});

test('an experiment comes from the address, stays over a reload, and gets what is made', async () => {
	const { id } = await stack.post('experiments', { name: 'Slow waltzes' });
	const page = await visit(browser, `${stack.url}#/?experiment=${id}`);

	await page.locator('#chosen').filter({ hasText: 'Slow waltzes' }).waitFor();
	assert.equal(await page.evaluate(() => location.hash), '#/');
	await page.reload();
	await page.locator('#chosen').filter({ hasText: 'Slow waltzes' }).waitFor();
	await ask(page, { prompt: 'for the experiment', duration: 5 });
	assert.equal((await job('for the experiment')).experiment_id, id);
	await leave(page);
});

test('models are to be chosen where there are several; one that samples has its fields, and what is wrong is told there', async () => {
	const { models, ...rest } = await stack.get('models');
	const page = await visit(browser, stack.url, { prepare: (p) => p.route('**/api/models',
		(route) => route.fulfill({ json: { ...rest, models: [models[0]] } })) });
	const two = [{ ...models[0], sampling: true }, { ...models[0], id: 'other', display_name: 'Other', is_available: false,
		is_active: false, unavailable_reason: 'Its weights are missing.', sampling: false, max_duration_seconds: 30 }];

	await more(page);
	await adapterField(page).waitFor();
	assert.ok(await page.getByLabel('Model').isHidden());
	assert.ok(await page.getByLabel('Temperature').isHidden());
	await page.route('**/api/models', (route) => route.fulfill({ json: { ...rest, models: two } }));
	await page.reload();
	await page.getByLabel('Temperature').fill('7');
	await page.getByLabel('Top k').fill('50');
	await ask(page, { prompt: 'sampled', duration: 5 });
	await page.locator('#temperature-error').filter({ hasText: 'Temperature must be from 0.1 to 2' }).waitFor();
	await page.getByLabel('Temperature').fill('0.7');
	await generate(page);
	const made = await job('sampled');
	assert.deepEqual([made.generation_params.temperature, made.generation_params.top_k], [0.7, 50]);

	await page.getByLabel('Model').selectOption({ label: 'Other' });
	await page.getByText('Other cannot play at the moment: Its weights are missing.').waitFor();
	assert.ok(await page.getByLabel('Temperature').isHidden());
	assert.ok(await adapterField(page).isHidden());
	assert.ok(await page.getByRole('button', { name: '1 min' }).isHidden());
	assert.deepEqual(await violations(page), []);
	await generate(page);
	await page.locator('#model-error').filter({ hasText: /other/ }).waitFor();
	await leave(page);
});

test('on a touch screen a chip is pinned and taken off with a finger, and nothing sticks out', async () => {
	const page = await visit(browser, stack.url, { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });

	await words(page).fill('jazz');
	await heard(page, 'style', 'Jazz');
	await chip(page, 'style').tap();
	await page.getByLabel('Style').fill('a style with a name that is far too long for any chip on any telephone');
	await page.getByRole('button', { name: 'Pin' }).tap();
	assert.equal((await chips(page)).style[0], 'pinned');
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it scrolls sideways');
	await page.getByRole('button', { name: 'Take off Style' }).tap();
	assert.equal((await chips(page)).style[0], 'heard');
	await leave(page);
});

looks(browser, () => stack.url, 'studio-open', async (page) => {
	await words(page).fill('gentle piano waltz at 96 bpm with kazoo');
	await heard(page, 'style', 'Waltz');
	await chip(page, 'key').click();
	await page.keyboard.type('A minor');
	await page.keyboard.press('Enter');
	await more(page);
	await adapterField(page).selectOption({ label: 'Night drive' });
	await page.locator('.card .stars').first().waitFor({ state: 'attached' });
	/* Chips find their places as one writes; from here on nothing has a reason to move. */
	await page.evaluate(() => { window.jumps = 0; });
});
