/* The shelf of experiments: begun, generated into, watched, compared, archived. */

import { afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { sleep } from '../harness.mjs';
import { leave, looks, violations, visit } from './browser.mjs';
import { cancelAll, openStudio, until } from './stack.mjs';

const { stack, browser } = await openStudio();

before(async () => {
	await until('there are models', () => stack.get('models'));
});

afterEach(() => cancelAll(stack));

const begun = (name, more = {}) => stack.post('experiments', { name, ...more });
const at = (part = '') => `${stack.url}#/experiments${part}`;
const open = async (experiment, options) => {
	const page = await visit(browser, at(`/${experiment.id}`), options);
	await page.getByRole('heading', { level: 1, name: experiment.name }).waitFor();
	return page;
};
const view = (page) => page.locator('.view-experiments');
const cards = (page, prompt) => view(page).locator('.card').filter({ hasText: prompt });
const fact = (page, label) => page.locator('.shelf-side .panel div').filter({ has: page.locator('dt', { hasText: label }) }).locator('dd');
const choose = (page) => view(page).getByRole('checkbox', { name: 'Compare' });

test('with none there yet, the page says what one is for, and a first one is begun', async () => {
	const page = await visit(browser, at());

	await page.getByText('No experiments here yet.').waitFor();
	await page.getByText('An experiment gathers what belongs together').waitFor();
	assert.deepEqual(await violations(page), []);
	await page.getByRole('link', { name: 'Begin the first one' }).click();
	await page.getByLabel('Name').fill('Waltzes, slower and slower');
	await page.getByLabel('What it is to find out').fill('How slow can a waltz be?');
	await page.getByLabel('Configuration').fill('{"tempi": [96, 84, 72], "by": {"whom": "us"}}');
	assert.deepEqual(await violations(page), []);
	await page.getByRole('button', { name: 'Begin the experiment' }).click();
	await page.getByRole('heading', { level: 1, name: 'Waltzes, slower and slower' }).waitFor();
	await page.getByText('How slow can a waltz be?').waitFor();
	await page.getByText('It has no jobs yet.').waitFor();
	await page.locator('.shelf-config').getByText('96, 84, 72').waitFor();
	await page.locator('.shelf-config').getByText('"whom": "us"').waitFor();
	assert.deepEqual(await violations(page), []);
	const { items: [made] } = await stack.get('experiments?limit=1');
	assert.deepEqual([made.name, made.description, made.config],
		['Waltzes, slower and slower', 'How slow can a waltz be?', { tempi: [96, 84, 72], by: { whom: 'us' } }]);
	assert.equal(await page.getByRole('link', { name: 'Generate into this experiment' }).getAttribute('href'),
		`#/?experiment=${made.id}`);
	await page.goto(at('/new'));
	assert.equal(await page.getByLabel('Name').inputValue(), '', 'what was sent is no draft');
	await leave(page);
});

test('what is wrong with a new one is said at its field, and nothing typed is lost by a reload', async () => {
	const page = await visit(browser, at('/new')), submit = page.getByRole('button', { name: 'Begin the experiment' });
	const wrong = (field, words) => page.locator(`[data-field=${field}] .error`).filter({ hasText: words }).waitFor();

	await page.getByLabel('Configuration').fill('{"tempi": [96, ');
	await submit.click();
	await wrong('config', 'The configuration is not JSON:');
	assert.ok(await page.getByLabel('Configuration').evaluate((e) => e === document.activeElement));
	await page.getByLabel('Configuration').fill('[1, 2]');
	await submit.click();
	await wrong('config', 'must be an object');
	await page.getByLabel('Configuration').fill(JSON.stringify({ x: 'y'.repeat(17000) }));
	await submit.click();
	await wrong('config', '16384');
	await wrong('name', /name/i);
	assert.deepEqual(await violations(page), []);
	await page.getByLabel('Configuration').fill('{"half": "a thou');
	await page.reload();
	assert.equal(await page.getByLabel('Configuration').inputValue(), '{"half": "a thou');
	await page.getByLabel('Configuration').fill('');
	await leave(page);
});

test('jobs appear while the page is open, show how far they are, and are heard when they are done', async () => {
	const x = await begun('Watched'), page = await open(x);

	await page.getByText('It has no jobs yet.').waitFor();
	const { id } = await stack.post('generate', { prompt: 'a long march', duration: 120, seed: 4711, experiment_id: x.id });
	/* The workers stand still, so that it is seen before it is done, however fast the machine is. */
	await until('it is in work', async () => (await stack.get(`generate/${id}`)).status === 'processing');
	const stopped = stack.kill('worker', 'SIGSTOP');
	const card = cards(page, 'a long march');
	await card.getByRole('progressbar').waitFor();
	await page.locator('.shelf-head .badge', { hasText: 'Running' }).waitFor();
	assert.deepEqual(await violations(page), []);
	for (const pid of stopped) process.kill(pid, 'SIGCONT');
	await card.locator('.player[data-state=ready]').waitFor({ timeout: 180000 });
	await page.locator('#live').filter({ hasText: 'Ready: a long march' }).waitFor({ state: 'attached' });
	await page.locator('.shelf-head .badge', { hasText: 'Completed' }).waitFor();
	await until('the sums have followed', async () => (await fact(page, 'Jobs').innerText()) === '1 completed');
	assert.match(await card.locator('.meta').innerText(), /seed 4711/);
	await card.getByRole('button', { name: 'Play' }).click();
	await until('it sounds', () => page.evaluate(() => [...document.querySelectorAll('audio')].some((a) => a.currentTime > 0.2)));
	assert.equal((await stack.get(`generate/${id}`)).status, 'completed');
	await leave(page);
});

test('a job that failed says why, and can be cancelled or tried again here', async () => {
	const x = await begun('Cancelled'), page = await open(x);

	await stack.post('generate', { prompt: 'an endless drone', duration: 600, experiment_id: x.id });
	await cards(page, 'an endless drone').getByRole('button', { name: 'Cancel' }).click();
	await cards(page, 'an endless drone').getByText('cancelled').waitFor();
	await until('the sums have followed', async () => (await fact(page, 'Jobs').innerText()) === '1 cancelled');
	await stack.post('generate', { prompt: 'goes wrong', duration: 600, experiment_id: x.id });
	await cards(page, 'goes wrong').getByText(/^[\d%]+$/).filter({ hasText: /[1-9]/ }).waitFor();
	stack.kill('worker');
	await cards(page, 'goes wrong').getByRole('button', { name: 'Try again' }).click();
	await until('there is another', async () => (await cards(page, 'goes wrong').count()) === 2);
	await cards(page, 'goes wrong').first().getByRole('button', { name: 'Cancel' }).click();
	await until('the sums have followed', async () => (await fact(page, 'Jobs').innerText()) === '1 failed, 2 cancelled');
	await leave(page);
});

test('its takes are chosen, 2 to 10 of them, and lead to the comparison', async () => {
	const x = await begun('Compared'), one = await stack.made('a first piece', { duration: 3, num_samples: 4, experiment_id: x.id });
	const page = await open(x), said = (words) => view(page).getByText(words).waitFor();

	await until('there are boxes', async () => (await choose(page).count()) === 4);
	await said('Choose 2 to 10 takes');
	await choose(page).nth(2).check();
	await said('1 of 4 chosen, one more is needed');
	assert.equal(await page.getByRole('link', { name: 'Compare them' }).isVisible(), false);
	await choose(page).nth(0).focus();
	await page.keyboard.press('Space');
	const href = await page.getByRole('link', { name: 'Compare them' }).getAttribute('href');
	assert.equal(decodeURIComponent(href), `#/compare?ids=${one.audio_ids[0]},${one.audio_ids[2]}`, 'in the order of the page');
	await page.locator('#live').filter({ hasText: '2 of 4 chosen' }).waitFor({ state: 'attached' });
	assert.deepEqual(await violations(page), []);

	for (let i = 2; i <= 3; i++) await stack.made(`piece ${i}`, { duration: 3, num_samples: 4, experiment_id: x.id });
	await until('new ones have boxes, too', async () => (await choose(page).count()) === 12);
	assert.equal(await choose(page).nth(8).isChecked(), true, 'what was chosen stays chosen');
	for (let i = 0; i < 12; i++)
		if (await choose(page).nth(i).isEnabled()) await choose(page).nth(i).check();
	await said('10 of 10 chosen');
	assert.equal(await view(page).locator('.experiments-choose input:disabled').count(), 2);
	await page.getByRole('button', { name: 'Choose none' }).click();
	await said('Choose 2 to 10 takes');
	assert.equal(await view(page).locator('.experiments-choose input:checked').count(), 0);
	await leave(page);
});

test('what a job was made of goes back into the studio', async () => {
	const x = await begun('Once more');
	await stack.made('a tune to begin with', { duration: 4, seed: 77, experiment_id: x.id });
	const page = await open(x);

	await cards(page, 'a tune to begin with').getByRole('button', { name: 'Use again' }).click();
	const prompt = page.getByLabel('What would you like to hear?');
	await until('the prompt is there', async () => await prompt.isVisible() && (await prompt.inputValue()) === 'a tune to begin with');
	await leave(page);
});

test('what is generated in the studio from here belongs to it', async () => {
	const x = await begun('Filled from the studio'), page = await open(x);

	await page.getByRole('link', { name: 'Generate into this experiment' }).click();
	await page.getByLabel('What would you like to hear?').fill('gathered here');
	await page.getByRole('button', { name: 'Generate' }).click();
	const [job] = await until('there is the job', async () => {
		const { items } = await stack.get(`experiments/${x.id}/jobs`);
		return items.length && items;
	});
	assert.equal(job.prompt_preview, 'gathered here');
	await page.goto(at(`/${x.id}`));
	await cards(page, 'gathered here').waitFor();
	await leave(page);
});

test('a job that is deleted here is gone from the list and from the sums', async () => {
	const x = await begun('Tidied up'), job = await stack.made('not wanted', { duration: 3, experiment_id: x.id });
	const page = await open(x);

	await cards(page, 'not wanted').getByRole('button', { name: 'Delete' }).click();
	await page.getByRole('button', { name: 'Undo' }).click();
	await cards(page, 'not wanted').getByRole('button', { name: 'Play' }).waitFor();
	assert.equal((await stack.get(`jobs/${job.id}`)).id, job.id);
	await stack.del(`jobs/${job.id}`);
	await page.getByText('It has no jobs yet.').waitFor();
	await until('the sums have followed', async () => (await fact(page, 'Jobs').innerText()) === 'none yet');
	await leave(page);
});

test('it is summed up: jobs by state, takes with the way to them, the average rating', async () => {
	const x = await begun('Summed up'), job = await stack.made('rated', { duration: 3, num_samples: 2, experiment_id: x.id });

	await stack.post('ratings', { audio_id: job.audio_ids[0], rating: 5 });
	await stack.post('ratings', { audio_id: job.audio_ids[1], rating: 2 });
	const page = await open(x);
	assert.equal(await fact(page, 'Jobs').innerText(), '1 completed');
	assert.equal(await fact(page, 'Rating').innerText(), '3.5 of 5 (2 ratings)');
	assert.equal(await page.getByRole('link', { name: '2 takes' }).getAttribute('href'), `#/library?experiment_id=${x.id}`);
	await cards(page, 'rated').getByRole('radiogroup').first().getByRole('radio', { name: '5 of 5' }).check({ force: true });
	await until('the rating counts', async () => (await fact(page, 'Rating').innerText()) === '4.0 of 5 (3 ratings)');
	assert.deepEqual(await violations(page), []);
	await leave(page);
});

test('it is changed in place; what is typed survives a reload; what is emptied is empty', async () => {
	const x = await begun('Before', { description: 'Old words.', config: { a: 1 } }), page = await open(x);

	await page.getByRole('button', { name: 'Edit' }).click();
	assert.equal(await page.getByLabel('Configuration').inputValue(), '{\n  "a": 1\n}');
	await page.getByLabel('Configuration').fill('{');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.locator('[data-field=config] .error').filter({ hasText: 'is not JSON' }).waitFor();
	assert.deepEqual(await violations(page), []);
	await page.getByLabel('Name').fill('After');
	await page.reload();
	assert.equal(await page.getByLabel('Name').inputValue(), 'After', 'the draft is there, and open');
	await page.getByLabel('Configuration').fill('');
	await page.getByLabel('What it is to find out').fill('');
	await page.getByRole('button', { name: 'Save' }).click();
	await page.getByRole('heading', { level: 1, name: 'After' }).waitFor();
	await page.getByRole('button', { name: 'Edit' }).waitFor();
	const now = await stack.get(`experiments/${x.id}`);
	assert.deepEqual([now.name, now.description, now.config], ['After', null, {}]);
	assert.equal(await page.getByText('Old words.').count(), 0);
	assert.equal(await page.locator('.shelf-config').count(), 0);
	await page.getByRole('button', { name: 'Edit' }).click();
	await page.getByLabel('Name').fill('Never said');
	await page.getByRole('button', { name: 'Cancel' }).click();
	await page.reload();
	await page.getByRole('button', { name: 'Edit' }).waitFor();
	assert.equal(await page.getByLabel('Name').count(), 0);
	await leave(page);
});

test('what is typed stays while a job moves on', async () => {
	const x = await begun('Busy'), page = await open(x);

	await page.getByRole('button', { name: 'Edit' }).click();
	await page.getByLabel('Name').fill('Half a na');
	await stack.post('generate', { prompt: 'meanwhile', duration: 5, experiment_id: x.id });
	await cards(page, 'meanwhile').locator('.player[data-state=ready]').waitFor({ timeout: 60000 });
	await page.locator('.shelf-head .badge', { hasText: 'Completed' }).waitFor();
	assert.equal(await page.getByLabel('Name').inputValue(), 'Half a na');
	assert.ok(await page.getByLabel('Name').evaluate((e) => e === document.activeElement));
	await leave(page);
});

test('it is archived, leaves the list unless it is asked for, and is brought back', async () => {
	const x = await begun('Put away'), page = await open(x);

	await page.getByRole('button', { name: 'Archive' }).click();
	await page.getByText('It is archived and takes no new jobs').waitFor();
	assert.equal(await page.getByRole('link', { name: 'Generate into this experiment' }).count(), 0);
	assert.deepEqual(await violations(page), []);
	await page.getByRole('link', { name: 'All experiments' }).click();
	await page.getByRole('link', { name: 'Compared' }).waitFor();
	assert.equal(await page.getByRole('link', { name: 'Put away' }).count(), 0);
	await page.getByLabel('archived ones, too').check();
	await page.getByRole('link', { name: 'Put away' }).waitFor();
	assert.match(page.url(), /#\/experiments\?include_archived=true$/);
	await page.getByLabel('State').selectOption('Archived');
	await until('no other', async () => (await page.locator('.shelf-item').count()) === 1);
	assert.match(page.url(), /#\/experiments\?status=archived$/);
	await page.reload();
	await page.getByRole('link', { name: 'Put away' }).click();
	await page.getByRole('button', { name: 'Bring it back' }).click();
	await page.getByRole('link', { name: 'Generate into this experiment' }).waitFor();
	assert.equal((await stack.get(`experiments/${x.id}`)).status, 'draft');
	await page.goBack();
	await page.getByText('No experiment is archived.').waitFor();
	await page.getByLabel('State').selectOption('Completed');
	await page.locator('.shelf-item', { hasText: 'Compared' }).getByText('12 takes').waitFor();
	await leave(page);
});

test('a lost connection shows itself, and the page goes on by itself where it was', async () => {
	const x = await begun('Through a tunnel'), page = await open(x);

	await page.context().setOffline(true);
	await stack.post('generate', { prompt: 'in the dark', duration: 5, experiment_id: x.id });
	await page.locator('#connection').getByText('The connection is lost.').waitFor();
	await page.context().setOffline(false);
	await cards(page, 'in the dark').locator('.player[data-state=ready]').waitFor({ timeout: 60000 });
	await leave(page);
});

test('an address that leads to no experiment says so, and leads back', async () => {
	const page = await visit(browser, at('/0190a6a0-7777-7e3f-8a4b-5c6d7e8f9012'));

	await page.getByText('There is no experiment 0190a6a0-7777-7e3f-8a4b-5c6d7e8f9012.').waitFor();
	assert.deepEqual(await violations(page), []);
	await page.getByRole('link', { name: 'All experiments' }).click();
	await page.getByRole('heading', { level: 1, name: 'Experiments' }).waitFor();
	await leave(page);
});

test('asking is cheap while nothing happens, and ends with the page', async () => {
	const x = await begun('Quiet'), page = await open(x);
	const here = (url) => url.includes(`/api/experiments/${x.id}`);
	let asked = 0;
	page.on('request', (r) => { asked += here(r.url()); });

	await page.getByText('It has no jobs yet.').waitFor();
	await until('nothing new costs a 304', () => page.traffic.some((t) => here(t.url) && t.status === 304));
	await page.getByRole('link', { name: 'All experiments' }).click();
	await page.getByRole('heading', { level: 1, name: 'Experiments' }).waitFor();
	const before = asked;
	/* Whoever still asked would do so at once now. */
	await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
	await sleep(1000);
	assert.equal(asked, before);
	await leave(page);
});

let shown;

test('for the pictures: an experiment with a past', async () => {
	const adapters = (await stack.get('adapters')).items;

	shown = await begun('Does the tape help a waltz?', { config: { tempi: [96, 84], scales: [0.5, 1], judge: 'three of us, blind' },
		description: 'The same waltz with and without Dusty tape, at two tempos. If nobody hears a difference at half the '
			+ 'scale, we ship the full one.' });
	for (const [tempo, adapter] of [[96, null], [96, adapters[0].id], [84, adapters[1].id]]) {
		const job = await stack.made(`gentle piano waltz in A minor at ${tempo} bpm`, {
			duration: 12, seed: tempo, adapter_id: adapter, experiment_id: shown.id, num_samples: adapter ? 1 : 2 });
		await stack.post('ratings', { audio_id: job.audio_ids[0], rating: adapter ? 5 : 3 });
	}
});

const drawn = (page) => until('the takes are there', async () =>
	(await view(page).locator('.player[data-state=ready]').count()) === 4);

looks(browser, () => at(), 'experiments', (page) => page.getByText('Does the tape help').waitFor());
looks(browser, () => at(`/${shown.id}`), 'experiment', drawn);
