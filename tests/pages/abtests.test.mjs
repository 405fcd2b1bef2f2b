/* A/B tests in the browser: the list, a new one, its pairs, the blind test, the results and the leaderboard. */

import { afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { abtests, DURATION, FUNK, WALTZ } from './abtests.mjs';
import { leave, looks, violations, visit } from './browser.mjs';
import { cancelAll, openStudio, until } from './stack.mjs';

const { stack, browser } = await openStudio();
let tests, voted;

before(async () => {
	tests = abtests(stack);
});

afterEach(() => cancelAll(stack));

const at = (hash) => stack.url + hash;
const button = (page, name) => page.getByRole('button', { name, exact: true });
/* The studio's form is on the page as well, hidden, with fields of the same names. */
const form = (page) => page.locator('.tests-form');
const focused = (page) => page.evaluate(() => document.activeElement.textContent);

test('who has no tests yet is told what they are for, and what to do first', async () => {
	for (const { id } of (await stack.get('adapters')).items) await stack.del(`adapters/${id}`);
	const page = await visit(browser, at('#/tests'));

	await page.getByText('Is it better, or only different?').waitFor();
	assert.deepEqual(await violations(page), []);
	await page.getByRole('link', { name: 'Leaderboard' }).click();
	await page.getByText('Nobody has voted yet.').waitFor();
	assert.deepEqual(await violations(page), []);
	await page.goBack();
	await page.getByRole('link', { name: 'Begin the first one' }).click();
	await page.getByText('An A/B test compares adapters, and there is none yet.').waitFor();
	assert.deepEqual(await violations(page), []);
	await leave(page);
});

test('what is refused is said at its field, in the server’s words; what was typed survives a reload', async () => {
	await tests.begin();
	const page = await visit(browser, at('#/tests/new'));
	const fault = (name) => page.locator(`[data-field="${name}"] > .error`);

	await form(page).getByLabel('New ones, one per line').fill(WALTZ);
	await form(page).getByLabel('B', { exact: true }).selectOption('Base model');
	await button(page, 'Create and generate').click();
	await fault('name').filter({ hasText: /^Name / }).waitFor();
	assert.deepEqual(await violations(page), []);
	await form(page).getByLabel('Name').fill('Does the tape help?');
	assert.equal(await fault('name').textContent(), '');
	await form(page).getByLabel('Seed').fill('lucky');
	await button(page, 'Create and generate').click();
	await fault('seed').filter({ hasText: /./ }).waitFor();
	await form(page).getByLabel('Seed').fill('');
	await button(page, 'Create and generate').click();
	await fault('adapter_b_id').filter({ hasText: 'not the base model twice' }).waitFor();
	await form(page).getByLabel('New ones, one per line').fill(`${WALTZ}\n${'x'.repeat(2001)}`);
	await button(page, 'Create and generate').click();
	await page.locator('[data-field="prompt_ids"] .error', { hasText: 'cannot be a prompt: Text ' }).waitFor();
	assert.equal((await stack.get('ab-tests')).total, 0);
	/* However often one tried, the good line was stored once. */
	assert.equal((await stack.get('prompts')).items.filter((p) => p.text === WALTZ).length, 1);

	await form(page).getByLabel('B', { exact: true }).selectOption('Dusty tape');
	await form(page).getByLabel('New ones, one per line').fill(`${WALTZ}\n${FUNK}`);
	await form(page).getByLabel('Pairs per prompt').selectOption('2');
	await page.reload();
	await page.getByText('2 prompts × 2 = 4 pairs, 8 takes').waitFor();
	assert.equal(await form(page).getByLabel('Name').inputValue(), 'Does the tape help?');
	assert.equal(await form(page).getByLabel('B', { exact: true }).inputValue(), tests.tape);
	await leave(page);
});

test('more than a hundred prompts are too many, which is said before anything is sent', async () => {
	const page = await visit(browser, at('#/tests/new'));

	await form(page).getByLabel('Name').fill('Too much');
	await form(page).getByLabel('New ones, one per line').fill(Array.from({ length: 101 }, (_, i) => `prompt ${i}`).join('\n'));
	await page.locator('[data-field="prompt_ids"] .error', { hasText: '101 prompts are too many' }).waitFor();
	await button(page, 'Create and generate').click();
	assert.match(await page.locator('[data-field="prompt_ids"] .error').first().textContent(), /101 prompts are too many/);
	assert.ok(!page.traffic.some((t) => t.method === 'POST'));
	await leave(page);
});

test('a test is made of pasted and of chosen prompts, and its pairs are watched until they are ready', async () => {
	await stack.post('prompts', { text: 'a calm chorale for strings' });
	const page = await visit(browser, at('#/tests/new'));

	await form(page).getByLabel('Name').fill('Does the tape help?');
	await form(page).getByLabel('Duration').fill(String(DURATION));
	await page.getByText('Choose among earlier ones').click();
	await form(page).getByLabel('Search').fill('chorale');
	await page.getByRole('checkbox', { name: 'a calm chorale for strings' }).check();
	await form(page).getByLabel('New ones, one per line').fill(`${FUNK}\n\n  ${FUNK}\na calm chorale for strings`);
	await page.getByText('1 chosen, 1 new, 2 lines left out, there twice').waitFor();
	await page.getByText(/^2 prompts × 1 = 2 pairs, 4 takes/).waitFor();
	assert.deepEqual(await violations(page), []);
	await page.reload();
	await page.getByRole('checkbox', { name: 'a calm chorale for strings', checked: true }).waitFor();
	/* Both buttons, one after the other: the first one makes the test. */
	await form(page).evaluate((f) => { for (const b of f.querySelectorAll('.tests-doings button')) b.click(); });

	await page.getByRole('heading', { name: 'Does the tape help?', level: 1 }).waitFor();
	assert.equal(await focused(page), 'Does the tape help?');
	await page.getByText('Both pairs are ready.').first().waitFor({ timeout: 60000 });
	await page.getByRole('link', { name: 'Begin the blind test' }).waitFor();
	assert.deepEqual(await page.locator('.tests-pair-prompt').allTextContents(), ['a calm chorale for strings', FUNK]);
	assert.deepEqual(await violations(page), []);
	const [t, ...twice] = (await stack.get('ab-tests')).items;
	assert.deepEqual(twice, []);
	assert.deepEqual([t.adapter_a_id, t.adapter_b_id, t.total_pairs, t.generation_params.duration], [null, tests.tape, 2, DURATION]);
	/* The next one begins with an empty form. */
	await page.goto(at('#/tests/new'));
	await page.getByText('Nothing to generate yet.').waitFor();
	assert.equal(await form(page).getByLabel('Name').inputValue(), '');
	await leave(page);
});

test('what is not done can be cancelled, and what is missing generated; meanwhile it shows how far it is', async () => {
	/* Estimates go by what was made before. */
	await stack.made('a short piece');
	const t = await tests.begun('A long one', { duration: 600, prompts: [WALTZ, FUNK, 'a third one'] });
	const page = await visit(browser, at(`#/tests/${t.id}`));

	await page.getByText('3 pairs, nothing generated yet.').waitFor();
	assert.deepEqual(await violations(page), []);
	await button(page, 'Generate the takes').click();
	await page.locator('.tests-pair', { hasText: /generating, \d+ %/ }).first().waitFor();
	await page.locator('.tests-pair', { hasText: 'queued' }).first().waitFor();
	await page.getByText(/^0 of 3 pairs are ready, .* left\.$/).waitFor();
	assert.deepEqual(await violations(page), []);
	await button(page, 'Cancel what is not done').click();
	await page.locator('.tests-pair', { hasText: 'Cancelled' }).nth(2).waitFor({ timeout: 60000 });
	await page.locator('.tests-about .badge', { hasText: 'incomplete' }).waitFor();
	await button(page, 'Generate the missing ones').click();
	await page.locator('.tests-pair', { hasText: /generating, \d+ %/ }).first().waitFor();
	await button(page, 'Cancel what is not done').click();
	await button(page, 'Cancel what is not done').waitFor({ state: 'hidden' });
	assert.equal((await stack.get(`jobs?ab_test_id=${t.id}&status=queued&status=processing`)).total, 0);
	await leave(page);
});

test('a pair that failed says why, and is made anew', async () => {
	const keys = async () => (await stack.sql('SELECT storage_key FROM adapter_weights')).flat();
	const before = await keys(), torn = await tests.adapter('Torn tape', 'night-drive');
	const [key] = (await keys()).filter((k) => !before.includes(k));
	const file = join(stack.var, 'storage', key);
	renameSync(file, `${file}.away`);
	const t = await tests.begun('Torn', { prompts: [WALTZ], adapter_b_id: torn });
	const page = await visit(browser, at(`#/tests/${t.id}`));

	await button(page, 'Generate the takes').click();
	await page.locator('.tests-pair .error', { hasText: /weights|adapter/i }).waitFor({ timeout: 60000 });
	await page.getByText('0 of 1 pair is ready, 1 failed.').waitFor();
	renameSync(`${file}.away`, file);
	await button(page, 'Generate the missing ones').click();
	await page.getByText('The pair is ready.').first().waitFor({ timeout: 60000 });
	await leave(page);
});

test('the list is filtered by state, and the address says so', async () => {
	await tests.begun('Only an idea');
	const page = await visit(browser, at('#/tests'));

	await page.getByRole('heading', { name: 'Only an idea' }).waitFor();
	await page.getByLabel('State').selectOption('ready');
	await page.getByRole('heading', { name: 'Only an idea' }).waitFor({ state: 'detached' });
	assert.ok(page.url().endsWith('#/tests?status=ready'));
	await page.getByLabel('State').selectOption('not begun');
	await page.getByRole('heading', { name: 'Only an idea' }).waitFor();
	await page.reload();
	await page.getByRole('heading', { name: 'Only an idea' }).waitFor();
	assert.equal(await page.getByLabel('State').inputValue(), 'draft');
	assert.ok(page.url().endsWith('#/tests?status=draft'));
	/* What is new comes in by itself, and takes the focus from nobody. */
	await page.getByRole('link', { name: 'Only an idea' }).focus();
	await tests.begun('Another idea');
	await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
	await page.getByRole('heading', { name: 'Another idea' }).waitFor();
	assert.equal(await focused(page), 'Only an idea');
	assert.deepEqual(await violations(page), []);
	await leave(page);
});

test('a test that is not there is said to be not there, on each of its pages', async () => {
	const nobody = '0190a6a0-0000-7000-8000-000000000000';

	for (const part of ['', '/listen', '/results']) {
		const page = await visit(browser, at(`#/tests/${nobody}${part}`));
		await page.getByText(nobody).first().waitFor();
		assert.deepEqual(await violations(page), []);
		await leave(page);
	}
	const page = await visit(browser, at('#/tests/new/nonsense'));
	await page.getByText('There is no such page here.').waitFor();
	await leave(page);
});

test('the pairs are revealed after a warning, to be heard and voted on openly', async () => {
	voted = await tests.made('Revealed');
	const page = await visit(browser, at(`#/tests/${voted.id}`));
	const before = await stack.get(`ab-tests/${voted.id}/results`);

	await page.getByText('Reveal the pairs').click();
	await page.getByText('is not blind any more').waitFor();
	assert.ok(!page.traffic.some((t) => /\/audio\//.test(t.url)));
	await button(page, 'Show which is which').click();
	await page.getByRole('group', { name: 'A, Base model' }).first().waitFor();
	const b = page.getByRole('group', { name: 'B, Dusty tape' }).first();
	await b.getByRole('slider').waitFor();
	assert.deepEqual(await violations(page), []);
	await b.getByRole('button', { name: 'Play' }).click();
	await until('it sounds', () => page.evaluate(() => document.querySelector('audio').currentTime > 0.2));
	await page.getByRole('radio', { name: 'B is better' }).first().check({ force: true });
	await until('the vote counts', async () => {
		const { listeners, b_preferred } = await stack.get(`ab-tests/${voted.id}/results`);
		return listeners === before.listeners + 1 && b_preferred === before.b_preferred + 1;
	});
	await leave(page);
});

test('the results follow the votes while one looks, in words, in numbers and on the axis', async () => {
	const t = await tests.made('Follows');
	const page = await visit(browser, at(`#/tests/${t.id}/results`));
	const words = page.locator('.tests-verdict');

	await page.getByText('Nobody has voted yet.').first().waitFor();
	assert.deepEqual(await violations(page), []);
	for (let n = 0; n < 5; n++) await tests.voteAs(n, t, 'b');
	await tests.voteAs(9, t, 'equal');
	await words.filter({ hasText: /^10 of 10 votes for B \(Dusty tape\); such a lead happens by chance 0\.2\s% of the time\.$/ }).waitFor();
	await page.getByText('That is hardly chance.').waitFor();
	await page.getByText('12 votes of 6 listeners. 2 of them, for a tie, are left out of share, interval and chance.').waitFor();
	assert.deepEqual(await page.locator('.tests-counts dd').allTextContents(), ['0', '2', '10']);
	const [low, middle] = await page.evaluate(() => ['.tests-interval', '.tests-middle']
		.map((which) => document.querySelector(which).getBoundingClientRect().left));
	assert.ok(low > middle, 'the interval is on the side of B');
	await page.getByText(t.name).first().waitFor();
	assert.deepEqual(await violations(page), []);
	await leave(page);
});

test('the leaderboard is a table with scores, intervals and votes, and its bars are on one axis', async () => {
	const page = await visit(browser, at('#/tests/leaderboard'));
	const board = await stack.get('leaderboard');

	await page.getByRole('rowheader', { name: /^Dusty tape/ }).waitFor();
	const rows = await page.locator('tbody tr').allTextContents();
	assert.equal(rows.length, board.items.length);
	for (const [i, { adapter_name, score, ci_low, ci_high, votes }] of board.items.entries())
		for (const what of [adapter_name, Math.round(score), `${Math.round(ci_low)}–${Math.round(ci_high)}`, `${votes} votes`])
			assert.ok(rows[i].includes(String(what)), `${what} in ${rows[i]}`);
	const lefts = await page.locator('.tests-board .tests-point').evaluateAll((all) => all.map((e) => e.getBoundingClientRect().left));
	assert.deepEqual(lefts, [...lefts].sort((a, b) => b - a), 'the better, the further to the right');
	assert.equal(await page.getByText('Some have won or lost everything').count(), board.is_regularised ? 1 : 0);
	await leave(page);
});

looks(browser, () => at('#/tests'), 'abtests-list', (page) => page.getByRole('heading', { name: 'Revealed' }).waitFor());
looks(browser, () => at('#/tests/new'), 'abtests-new', (page) => page.getByText('Nothing to generate yet.').waitFor());
looks(browser, () => at(`#/tests/${voted.id}`), 'abtests-pairs', (page) => page.getByText('Reveal the pairs').waitFor());
looks(browser, () => at(`#/tests/${voted.id}/results`), 'abtests-results', (page) => page.getByText('To quote').waitFor());
looks(browser, () => at('#/tests/leaderboard'), 'abtests-leaderboard', (page) => page.getByRole('rowheader').first().waitFor());
