/* The blind test in the browser: heard by key, voted on by key, and nothing that tells which side is which. */

import { afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { abtests, FUNK, WALTZ } from './abtests.mjs';
import { leave, looks, violations, visit } from './browser.mjs';
import { cancelAll, openStudio, until } from './stack.mjs';

const { stack, browser } = await openStudio();
let tests, heard;

before(async () => {
	tests = abtests(stack);
	await tests.begin();
	heard = await tests.made('Blind');
});

afterEach(() => cancelAll(stack));

const at = (hash) => stack.url + hash;
const button = (page, name) => page.getByRole('button', { name, exact: true });
const focused = (page) => page.evaluate(() => document.activeElement.textContent);
const place = (page, words) => page.locator('.blind-place', { hasText: words }).waitFor();

/* Until a ballot is there to be listened to. */
const opened = (page) => page.getByText('Listen to both sides before you vote.').waitFor();
const votable = (page) => page.getByText('Which is better?', { exact: true }).waitFor({ timeout: 60000 });

/* By key: some seconds of each side. */
async function listen(page) {
	await page.keyboard.press('ArrowLeft');
	await page.locator('#blind-left', { hasText: 'heard' }).waitFor({ timeout: 60000 });
	await page.keyboard.press('x');
	await votable(page);
}

test('the blind test: nothing tells which is which, nobody votes on what was not heard, and a vote leads on', async () => {
	const page = await visit(browser, at(`#/tests/${heard.id}/listen`));

	await opened(page);
	await place(page, '1 of 2');
	await page.getByRole('heading', { name: WALTZ }).waitFor();
	assert.equal(await page.title(), 'Blind test · Earshot');
	assert.deepEqual(await violations(page), []);
	/* Neither by key nor by button. */
	await page.keyboard.press('l');
	const hint = (words) => page.locator('#blind-hint', { hasText: words }).waitFor();
	await hint('Listen to 3 s more of the left side and 3 s more of the right side first.');
	await button(page, 'Right is better').click({ force: true });
	await page.keyboard.press('ArrowLeft');
	await page.locator('#blind-left', { hasText: 'heard' }).waitFor({ timeout: 60000 });
	await page.keyboard.press('e');
	await hint('Listen to 3 s more of the right side first.');
	assert.ok(!page.traffic.some((t) => t.method === 'POST'));

	assert.equal(await page.getByRole('button', { pressed: true }).textContent(), 'Leftheard');
	await page.keyboard.press('x');
	assert.match(await page.getByRole('button', { pressed: true }).textContent(), /^Right/);
	await votable(page);
	assert.deepEqual(await violations(page), []);
	/* Reloaded in the middle, it is the same pair, and to be heard again. */
	await page.reload();
	await opened(page);
	await page.getByRole('heading', { name: WALTZ }).waitFor();
	await listen(page);
	await page.keyboard.press('r');
	await page.getByRole('heading', { name: FUNK }).waitFor();
	await place(page, '2 of 2');
	assert.equal(await focused(page), FUNK);

	const told = await page.evaluate(() => document.querySelector('#view').innerHTML + document.title + location.href);
	/* The studio, which waits behind this view, asks for what adapters there are; that tells nothing of this test. */
	const asked = page.traffic.filter((t) => /\/(ab-tests|audio)\b/.test(t.url)).map((t) => `${t.method} ${t.url}`);
	assert.ok(asked.length > 4 && asked.every((one) => /\/ab-tests\/[^/]+\/ballot(\/(left|right)\?|$)/.test(one)), asked.join('\n'));
	for (const secret of [tests.tape, 'Dusty', 'Base model', 'adapter',
		...heard.pairs.flatMap((p) => [p.id, p.job_a_id, p.job_b_id, p.audio_a_id, p.audio_b_id, `seed ${p.seed}`])])
		assert.ok(!told.includes(secret) && !asked.join().includes(secret), secret);
	await leave(page);
});

test('space plays and pauses, arrows and X choose, a slider seeks; keys can be switched off', async () => {
	const page = await visit(browser, at(`#/tests/${heard.id}/listen`));
	const time = page.locator('.blind-time .time'), pressed = () => page.getByRole('button', { pressed: true }).textContent();
	const seconds = async () => Number(/:(\d+) /.exec(await time.textContent())[1]);

	await opened(page);
	await page.keyboard.press(' ');
	await until('it sounds', async () => (await seconds()) >= 1);
	await page.keyboard.press('2');
	assert.match(await pressed(), /^Right/);
	assert.ok(await seconds() >= 1, 'it goes on where it was');
	await page.keyboard.press(' ');
	await page.getByRole('button', { name: 'Play' }).waitFor();
	const { x, y, height } = await page.getByLabel('Position', { exact: true }).boundingBox();
	await page.mouse.click(x + 8, y + height / 2);
	assert.equal(await seconds(), 0);
	/* On the slider the arrows are its own. */
	await page.keyboard.press('ArrowLeft');
	assert.match(await pressed(), /^Right/);
	await page.getByLabel('Use these keys').uncheck();
	await page.keyboard.press('1');
	assert.match(await pressed(), /^Right/);
	/* A press on a side plays it, a second one pauses it. */
	await page.getByRole('button', { name: 'Left' }).first().click();
	assert.match(await pressed(), /^Left/);
	await button(page, 'Pause').waitFor();
	await page.getByRole('button', { name: 'Left' }).first().click();
	await button(page, 'Play').waitFor();
	await leave(page);
});

/* Which arm a side is, as only who knows the takes can say: by their bytes, from the storage. */
async function armOf(page, pair, side) {
	const url = page.traffic.findLast((t) => t.url.includes(`/ballot/${side}?`)).url;
	const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());

	for (const arm of ['a', 'b']) {
		const { storage_path } = await stack.get(`audio/${pair[`audio_${arm}_id`]}`);
		const path = storage_path.replace(/^audio/, 'blind').replace(/\.\w+$/, '.wav');
		if (bytes.equals(readFileSync(join(stack.var, 'storage', path)))) return arm;
	}
	return assert.fail('neither arm');
}

test('two listeners vote for themselves, for what they heard; a vote can be changed; the end says thanks', async () => {
	const voted = await tests.made('Two listeners');
	const pages = [], said = [];

	for (const n of [0, 1]) {
		const page = await visit(browser, at(`#/tests/${voted.id}/listen`));

		pages.push(page);
		for (const [i, pair] of voted.pairs.entries()) {
			await place(page, `${i + 1} of 2`);
			await opened(page);
			await listen(page);
			const arm = await armOf(page, pair, 'left');
			await button(page, 'Left is better').click();
			said.push(arm);
			if (i === 0) await place(page, '2 of 2');
		}
		await page.locator('.blind-message', { hasText: 'That was all. Thank you for listening.' }).waitFor();
		await page.getByText('You have voted on 2 pairs.').waitFor();
		assert.deepEqual(await violations(page), []);
		const { listeners, a_preferred, b_preferred } = await stack.get(`ab-tests/${voted.id}/results`);
		assert.deepEqual([listeners, a_preferred, b_preferred], [n + 1, said.filter((s) => s === 'a').length, said.filter((s) => s === 'b').length]);
	}
	const cookies = await Promise.all(pages.map(async (p) => (await p.context().cookies())[0].value));
	assert.notEqual(cookies[0], cookies[1]);

	/* The last vote once more, for the other side. */
	const [page] = pages;
	await page.reload();
	await button(page, 'Change the last vote').click();
	await page.getByText('You said: left is better.').waitFor();
	await page.getByRole('heading', { name: FUNK }).waitFor();
	assert.deepEqual(await violations(page), []);
	await page.getByRole('button', { name: 'Leave it as it was' }).click();
	await page.locator('.blind-message', { hasText: 'That was all.' }).waitFor();
	await button(page, 'Change the last vote').click();
	await page.keyboard.press('e');
	await page.getByText('You have voted on 2 pairs.').waitFor();
	const r = await stack.get(`ab-tests/${voted.id}/results`);
	assert.deepEqual([r.total_votes, r.equal, r.listeners], [4, 1, 2]);
	await page.getByRole('link', { name: 'See the results' }).click();
	await page.getByText('4 votes of 2 listeners.').waitFor();
	for (const p of pages) await leave(p);
});

test('a vote survives a lost connection, and an answer that never came with a reload: it counts once', async () => {
	const t = await tests.made('Far away');
	const page = await visit(browser, at(`#/tests/${t.id}/listen`));

	await opened(page);
	await listen(page);
	await page.context().setOffline(true);
	await page.keyboard.press('l');
	await page.getByText('Your vote is kept. It is sent as soon as the server answers.').waitFor();
	assert.deepEqual(await violations(page), []);
	assert.equal((await stack.get(`ab-tests/${t.id}/results`)).total_votes, 0);
	await page.context().setOffline(false);
	await page.getByRole('heading', { name: FUNK }).waitFor({ timeout: 60000 });
	assert.equal((await stack.get(`ab-tests/${t.id}/results`)).total_votes, 1);

	await listen(page);
	let lost = 0;
	await page.route('**/ballot', async (route) => {
		if (route.request().method() !== 'POST' || lost) return route.continue();
		lost++;
		await route.fetch();
		return route.abort();
	});
	await page.keyboard.press('r');
	await until('the vote is there', async () => (await stack.get(`ab-tests/${t.id}/results`)).total_votes === 2);
	await page.reload();
	await page.getByText('You have voted on 2 pairs.').waitFor({ timeout: 60000 });
	assert.equal(lost, 1);
	assert.equal((await stack.get(`ab-tests/${t.id}/results`)).total_votes, 2);
	await leave(page);
});

test('who is faster than the engine waits, and the next pair comes up by itself', async () => {
	const t = await tests.begun('Not all yet');

	await stack.post(`ab-tests/${t.id}/generate`, { prompt_ids: t.prompt_ids.slice(0, 1) });
	await tests.ready(t.id, (found) => found.generated_pairs === 1);
	const page = await visit(browser, at(`#/tests/${t.id}/listen`));
	await opened(page);
	await place(page, '1 of 2');
	await listen(page);
	await page.keyboard.press('e');
	await page.getByText('One pair is still to come.').waitFor();
	assert.deepEqual(await violations(page), []);
	await stack.post(`ab-tests/${t.id}/generate`);
	await page.getByRole('heading', { name: FUNK }).waitFor({ timeout: 60000 });
	await place(page, '2 of 2');
	await leave(page);
});

looks(browser, () => at(`#/tests/${heard.id}/listen`), 'abtests-listen', opened);
