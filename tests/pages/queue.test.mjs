/* The queue, with real jobs in every state: figures, the day's chart, workers, the list and what can be done in it. */

import { afterEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { sleep } from '../harness.mjs';
import { leave, looks, pressAgain, violations, visit } from './browser.mjs';
import { cancelAll, livedDay, openStudio, until } from './stack.mjs';

const WALTZ = 'gentle piano waltz in A minor at 96 bpm';
const WRONG = 'a piece that goes wrong';

const { stack, browser } = await openStudio();

let waltz, wrong;

afterEach(() => cancelAll(stack));

const queue = async (options, query = '') => {
	const page = await visit(browser, `${stack.url}#/queue${query}`, options);
	await page.getByRole('heading', { name: 'Jobs', exact: true }).waitFor();
	return page;
};
const rows = (page, prompt) => page.locator('.job').filter({ has: page.locator('h3', { hasText: prompt }) });
const prompts = (page) => page.locator('.job h3').allTextContents();
const figure = (page, label) => page.locator('.figures div').filter({ has: page.getByText(label, { exact: true }) }).locator('dd');
/* The studio's form has fields of these names as well. */
const choose = (page, label) => page.getByRole('form', { name: 'Filters' }).getByLabel(label, { exact: true });
const submit = (prompt, more = {}) => stack.post('generate', { prompt, duration: 600, num_samples: 4, ...more });
const reach = (id, status) => until(`${id} is ${status}`, async () => (await stack.get(`generate/${id}`)).status === status);
/* Keeps both workers at work until it is cancelled. */
const occupy = async () => {
	const jobs = [await submit('a long march, first'), await submit('a long march, second')];
	for (const job of jobs) await reach(job.id, 'processing');
	return jobs;
};
test('a studio without a job says what to do first', async () => {
	const page = await queue();

	await page.getByText('No job yet.').waitFor();
	await page.getByText('Nothing was done in the last 24 hours.').waitFor();
	assert.equal(await figure(page, 'Workers busy').textContent(), '0 of 2');
	assert.equal(await figure(page, 'Average wait').textContent(), '–');
	assert.deepEqual(await violations(page), []);
	await page.getByRole('link', { name: 'To the studio' }).click();
	await page.getByRole('heading', { name: 'Studio' }).waitFor({ state: 'attached' });
	await leave(page);
});

test('a job is watched from waiting to done, its row changing in place, and is heard', async () => {
	const busy = await occupy();
	const page = await queue();
	const { id } = await stack.post('generate', { prompt: WALTZ, duration: 10, seed: 7 });
	const row = rows(page, WALTZ);

	await row.getByText(/^Next in the queue/).waitFor();
	await row.evaluate((e) => { e.dataset.mark = 'the same'; });
	await until('it is counted', async () => (await figure(page, 'Waiting').textContent()) === '1');
	await row.getByRole('button', { name: 'Cancel' }).focus();
	for (const job of busy) await stack.del(`generate/${job.id}`);
	await row.getByText(/^Done$/).waitFor();
	assert.equal(await row.getAttribute('data-mark'), 'the same');
	/* The button that had the focus is gone; the row keeps it all the same. */
	assert.ok(await row.evaluate((e) => e.contains(document.activeElement)));
	assert.match(await row.locator('.meta').innerText(), /10 s FLAC · base model · waited [\d.]+ s, took [\d.<]+ ?[\d.]* s · just now/);
	await row.getByRole('button', { name: 'Play' }).click();
	await until('it sounds', () => page.evaluate(() => {
		const a = document.querySelector('audio');
		return !a.paused && a.currentTime > 0.2;
	}));
	await row.getByRole('button', { name: 'Pause' }).click();
	assert.ok(await page.evaluate(() => document.querySelector('audio').paused));
	assert.equal(await row.getByRole('link', { name: 'See the take' }).getAttribute('href'), `#/library?job_id=${id}`);
	waltz = id;
	await leave(page);
});

test('what runs is shown at its worker, with stage, progress and time left', async () => {
	const page = await queue(), busy = await occupy();

	for (const { prompt_preview: prompt } of busy) {
		const place = page.locator('.worker', { hasText: prompt });
		await place.getByText(/^(Composing|Rendering)/).waitFor();
		await until('it goes on', async () => Number(await place.getByRole('progressbar').getAttribute('aria-valuenow')) > 0);
		assert.ok(Number(await rows(page, prompt).first().getByRole('progressbar').getAttribute('aria-valuenow')) >= 0);
	}
	await until('both are busy', async () => (await figure(page, 'Workers busy').textContent()) === '2 of 2');
	await until('both are counted', async () => (await figure(page, 'Running').textContent()) === '2');
	assert.deepEqual(await violations(page), []);
	await rows(page, 'a long march, first').first().getByRole('button', { name: 'Cancel' }).click();
	await rows(page, 'a long march, first').first().getByText('Cancelled', { exact: true }).waitFor();
	await page.locator('.worker', { hasText: 'Idle' }).waitFor();
	assert.equal(await page.locator('.worker').count(), 2);
	/* The other one stays where it is. */
	await page.locator('.worker', { hasText: 'a long march, second' }).waitFor();
	await leave(page);
});

test('a failed job says why in full; "Try again" makes one new job of it', async () => {
	const { id } = await submit(WRONG, { num_samples: 1, seed: 4711 });

	await reach(id, 'processing');
	stack.kill('worker');
	await reach(id, 'failed');
	wrong = await stack.get(`generate/${id}`);
	const page = await queue(), row = rows(page, WRONG).last();
	await row.getByText(wrong.error).waitFor();
	await until('it is counted', async () => (await figure(page, 'Failed').textContent()) === '1');
	await pressAgain(row.getByRole('button', { name: 'Try again' }));
	await until('there is another', async () => (await rows(page, WRONG).count()) === 2);
	await row.getByText('It is in the queue again, as a new job.').waitFor();
	const { items: [made] } = await stack.get('jobs?limit=1');
	assert.equal(made.retry_of, id);
	assert.equal(made.generation_params.seed, 4711);
	await rows(page, WRONG).first().getByRole('button', { name: 'Cancel' }).click();
	await rows(page, WRONG).first().getByText('Cancelled', { exact: true }).waitFor();
	assert.equal(await rows(page, WRONG).count(), 2);
	assert.equal((await stack.get('jobs?limit=100')).items.filter((job) => job.retry_of === id).length, 1);
	assert.deepEqual(await violations(page), []);
	await leave(page);
});

test('filters stand in the address: several states at once, reload, back and a sent link', async () => {
	const page = await queue();
	const state = (name) => page.getByRole('checkbox', { name });

	await state('Failed').check({ force: true });
	await until('only what failed', async () => (await prompts(page)).every((p) => p === WRONG));
	assert.match(page.url(), /#\/queue\?status=failed$/);
	await state('Done').check({ force: true });
	await rows(page, WALTZ).waitFor();
	assert.match(page.url(), /status=completed&status=failed/);
	await page.reload();
	await rows(page, WALTZ).waitFor();
	assert.ok(await state('Done').isChecked() && await state('Failed').isChecked() && !await state('Waiting').isChecked());
	assert.equal(await page.locator('.job[data-status="cancelled"]').count(), 0);

	await page.getByRole('link', { name: 'Studio' }).click();
	await page.goBack();
	await rows(page, WALTZ).waitFor();
	assert.ok(await state('Failed').isChecked());
	await page.getByRole('button', { name: 'All', exact: true }).click();
	await page.locator('.job[data-status="cancelled"]').first().waitFor();
	assert.match(page.url(), /#\/queue$/);

	/* The figures lead there, too; that is another address of the same view. */
	await page.getByRole('link', { name: '1 failed: show them' }).click();
	await until('only what failed', async () => (await prompts(page)).join() === WRONG);
	await page.goBack();
	await page.locator('.job[data-status="cancelled"]').first().waitFor();
	assert.ok(!await state('Failed').isChecked());
	await leave(page);
});

test('jobs are found by adapter, model, experiment and day; what fits none says so', async () => {
	const { items: [adapter] } = await stack.get('adapters?limit=1');
	const experiment = await stack.post('experiments', { name: 'Quiet evenings' });
	await stack.made('with an adapter, in an experiment', { duration: 3, adapter_id: adapter.id, experiment_id: experiment.id });
	const page = await queue();

	await page.getByText('More filters').click();
	await choose(page, 'Adapter').selectOption({ label: adapter.name });
	await until('one', async () => (await prompts(page)).join() === 'with an adapter, in an experiment');
	assert.match(await rows(page, 'with an adapter').locator('.meta').innerText(), new RegExp(`${adapter.name}.*Quiet evenings`));
	await choose(page, 'Experiment').selectOption({ label: 'Quiet evenings' });
	await choose(page, 'Model').selectOption('band');
	await page.reload();
	await rows(page, 'with an adapter').waitFor();
	await until('the names are there', async () => (await choose(page, 'Experiment').evaluate((s) => s.selectedOptions[0].text)) === 'Quiet evenings');
	assert.equal(await choose(page, 'Adapter').evaluate((s) => s.selectedOptions[0].text), adapter.name);
	await choose(page, 'Adapter').selectOption('none');
	await page.getByText('No job fits these filters.').waitFor();
	assert.deepEqual(await violations(page), []);

	await page.getByRole('button', { name: 'All', exact: true }).click();
	const today = await page.evaluate(() => new Intl.DateTimeFormat('sv').format());
	await choose(page, 'From').fill(today);
	await rows(page, WALTZ).waitFor();
	await choose(page, 'To').fill('2001-01-01');
	await until('no row, or a sentence', async () => !(await page.locator('.job').count()));
	const { detail, status } = await (await fetch(`${stack.url}api/jobs?start_date=${today}T00:00:00Z&end_date=2001-01-01T00:00:00Z`)).json();
	await page.getByText(status === 400 ? detail : 'No job fits these filters.').waitFor();
	await leave(page);
});

test('new jobs do not push away what somebody reads: they wait behind a button', async () => {
	const page = await queue({ viewport: { width: 1024, height: 500 } });
	const row = rows(page, WALTZ), play = row.getByRole('button', { name: 'Play' });

	await play.focus();
	await row.evaluate((e) => scrollTo(0, e.getBoundingClientRect().top + scrollY - 100));
	const { y } = await row.boundingBox();
	await submit('new, first', { duration: 600 });
	await page.getByRole('button', { name: '1 new job' }).waitFor();
	await submit('new, second', { duration: 600 });
	const button = page.getByRole('button', { name: '2 new jobs' });
	await button.waitFor();
	assert.equal((await row.boundingBox()).y, y);
	assert.equal(await rows(page, 'new, ').count(), 0);
	assert.deepEqual(await violations(page), []);
	/* Jobs that are deleted elsewhere go, and nothing moves. */
	assert.ok(await play.evaluate((e) => e === document.activeElement));
	await button.focus();
	await page.keyboard.press('Enter');
	await rows(page, 'new, second').waitFor();
	assert.deepEqual((await prompts(page)).slice(0, 2), ['new, second', 'new, first']);
	assert.ok(await rows(page, 'new, second').evaluate((e) => e.contains(document.activeElement)));
	assert.ok(await button.isHidden());

	/* At the beginning of the list, with nobody in it, they simply come. */
	await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
	await submit('new, third');
	await until('it is there', async () => (await prompts(page))[0] === 'new, third');
	await leave(page);
});

test('what no longer fits the filter goes, but not while the focus is on it', async () => {
	const jobs = await occupy(), page = await queue({}, '?status=processing');
	const [first, second] = jobs.map((job) => rows(page, job.prompt_preview));

	await second.waitFor();
	await first.getByRole('button', { name: 'Cancel' }).focus();
	for (const job of jobs) await stack.del(`generate/${job.id}`);
	await second.waitFor({ state: 'detached' });
	await first.getByText('Cancelled', { exact: true }).waitFor();
	await page.evaluate(() => document.activeElement.blur());
	await first.waitFor({ state: 'detached' });
	await page.getByText('No job fits these filters.').waitFor();
	await leave(page);
});

test('deleting can be undone; what is not undone is deleted, also when one goes away', async () => {
	await stack.made('to be deleted', { duration: 2 });
	await stack.made('to be deleted, too', { duration: 2 });
	const page = await queue(), one = rows(page, /^to be deleted$/), two = rows(page, 'to be deleted, too');
	const there = async () => (await stack.get('jobs?limit=100')).items.filter((job) => /^to be/.test(job.prompt_preview)).length;

	await one.getByRole('button', { name: 'Delete' }).focus();
	await page.keyboard.press('Enter');
	const line = page.locator('.undo', { hasText: 'Deleted: to be deleted' });
	await line.waitFor();
	assert.deepEqual(await violations(page), []);
	assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Undo');
	await page.keyboard.press('Enter');
	await one.getByRole('button', { name: 'Delete' }).waitFor();
	assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Delete');
	assert.equal(await there(), 2);

	await one.getByRole('button', { name: 'Delete' }).click();
	await line.waitFor();
	await page.getByRole('link', { name: 'Studio' }).click();
	await until('it is gone', async () => (await there()) === 1);
	await page.getByRole('link', { name: 'Queue' }).click();
	await two.getByRole('button', { name: 'Delete' }).click();
	await line.waitFor();
	await page.goto('about:blank');
	await until('it is gone as well', async () => (await there()) === 0);
	await page.context().close();
});

test('"Cancel all waiting" asks first, tells how far it is, and leaves what runs', async () => {
	const busy = await occupy();
	for (let i = 1; i <= 9; i++) await submit(`waiting, ${i}`);
	const page = await queue({}, '?status=queued');
	const box = page.locator('.cancel-all');

	await rows(page, 'waiting, 9').waitFor();
	await box.getByRole('button', { name: 'Cancel all waiting' }).click();
	await box.getByText('Cancel 9 waiting jobs?').waitFor();
	assert.deepEqual(await violations(page), []);
	/* The safe answer has the focus. */
	await page.keyboard.press('Enter');
	await box.getByRole('button', { name: 'Cancel all waiting' }).waitFor();
	assert.equal((await stack.get('jobs?status=queued')).total, 9);

	/* Slowly enough to be seen. */
	await page.route('**/api/generate/*', async (route) => {
		await sleep(400);
		await route.continue();
	});
	await box.getByRole('button', { name: 'Cancel all waiting' }).click();
	await box.getByRole('button', { name: 'Cancel them' }).click();
	await box.getByText(/^Cancelling: [1-9] of 9$/).waitFor();
	await box.getByText('9 jobs cancelled.').waitFor();
	assert.equal((await stack.get('jobs?status=queued')).total, 0);
	for (const { id } of busy) assert.equal((await stack.get(`generate/${id}`)).status, 'processing');
	await page.getByText('No job fits these filters.').waitFor();
	await leave(page);
});

test('only what fits the filters is cancelled', async () => {
	const { items: [adapter] } = await stack.get('adapters?limit=1');
	await occupy();
	for (let i = 1; i <= 2; i++) await submit(`plain, ${i}`);
	await submit('adapted', { adapter_id: adapter.id });
	const page = await queue({}, `?adapter_id=${adapter.id}`), box = page.locator('.cancel-all');

	await box.getByRole('button', { name: 'Cancel all waiting' }).click();
	await box.getByText('Cancel 1 waiting job of this filter?').waitFor();
	await box.getByRole('button', { name: 'Cancel them' }).click();
	await box.getByText('1 job cancelled.').waitFor();
	assert.equal((await stack.get('jobs?status=queued')).total, 2);
	await leave(page);
});

test('the chart has the numbers of the API, by pointing, by keyboard, by touch and as a table', async () => {
	await livedDay(stack);
	const page = await queue(), { history } = await stack.get('jobs/stats?history=24');
	const chart = page.getByRole('slider', { name: 'The last 24 hours' });
	const tell = page.locator('.chart-tell');
	const read = async () => {
		const told = await tell.textContent();
		return {
			start: told.slice(0, 5), completed: Number(/([\d,]+) done/.exec(told)?.[1] ?? 0), failed: Number(/(\d+) failed/.exec(told)?.[1] ?? 0),
			wait: /waited (.*?), took/.exec(told)?.[1] ?? null,
		};
	};
	const clock = (iso) => page.evaluate((t) => new Date(t).toTimeString().slice(0, 5), iso);
	const same = async (item) => {
		const wait = item.completed ? await page.evaluate(async (s) => (await import('./js/figures.js')).lasting(s), item.avg_wait_seconds) : null;
		assert.deepEqual(await read(), { start: await clock(item.start), completed: item.completed, failed: item.failed, wait });
	};

	assert.equal(history.items.length, 96);
	const columns = history.items.filter((item) => item.completed), failed = history.items.filter((item) => item.failed);
	assert.ok(columns.length > 20 && failed.length > 2);
	assert.equal(await page.locator('.chart-column.chart-done').count(), columns.length);
	assert.equal(await page.locator('.chart-column.chart-failed').count(), failed.length);
	/* As high as they are many. */
	const most = Math.max(...columns.map((item) => item.completed)), full = columns.findIndex((item) => item.completed === most);
	const high = await page.locator('.chart-done').evaluateAll((all) => all.map((r) => Number(r.getAttribute('height'))));
	columns.forEach((item, i) => assert.ok(Math.abs(high[i] - Math.max(1.5, (high[full] * item.completed) / most)) < 0.2, `column ${i}`));

	/* Failed jobs stand on the done ones. */
	const both = await page.locator('.chart-column').evaluateAll((all) => all.map((r) => ['x', 'y', 'height'].map((a) => Number(r.getAttribute(a)))));
	const pairs = both.flatMap(([x, y], i) => (both[i + 1]?.[0] === x ? [[y, both[i + 1][1] + both[i + 1][2]]] : []));
	assert.equal(pairs.length, history.items.filter((item) => item.completed && item.failed).length);
	for (const [top, foot] of pairs) assert.ok(Math.abs(top - foot) < 0.3, `${top} ${foot}`);

	await chart.focus();
	await page.keyboard.press('End');
	for (let i = 95; i >= 0; i -= 1) {
		if (i % 12 === 0 || history.items[i].failed) await same(history.items[i]);
		await page.keyboard.press('ArrowLeft');
	}
	assert.match(await chart.getAttribute('aria-valuetext'), /^\d\d:\d\d – \d\d:\d\d: /);
	await page.keyboard.press('Escape');
	assert.match(await tell.textContent(), /^In all/);

	const box = await chart.boundingBox(), step = (box.width - 54) / 96;
	for (const i of [0, 40, 95]) {
		await page.mouse.move(box.x + 44 + (i + 0.5) * step, box.y + 100);
		await same(history.items[i]);
	}
	await page.mouse.move(5, 5);

	await page.getByText('In numbers').click();
	await page.locator('.chart-table tbody tr').first().waitFor();
	const table = await page.locator('.chart-table tbody tr').evaluateAll((all) => all.map((tr) => [...tr.cells].slice(1, 3).map((c) => Number(c.textContent))));
	assert.deepEqual(table, history.items.filter((i) => i.completed + i.failed).reverse().map((i) => [i.completed, i.failed]));
	assert.deepEqual(await violations(page), []);

	const phone = await queue({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
	const at = await phone.getByRole('slider').boundingBox();
	await phone.touchscreen.tap(at.x + 44 + (at.width - 54) / 2, at.y + 100);
	assert.match(await phone.locator('.chart-tell').textContent(), new RegExp(`^${await clock(history.items[48].start)}`));
	await leave(phone);
	await leave(page);
});

test('marks of an axis are round numbers, and enough of them', async () => {
	const page = await queue();
	const all = await page.evaluate(async () => {
		const { marks } = await import('./js/chart.js');
		return [marks(0, 4), marks(1, 4, true), marks(3, 4, true), marks(37, 4, true), marks(0.51, 2), marks(8.2, 2), marks(1000, 4, true)];
	});

	assert.deepEqual(all, [[0, 1], [0, 1], [0, 1, 2, 3], [0, 10, 20, 30, 40], [0, 0.5, 1], [0, 5, 10], [0, 500, 1000]]);
	await leave(page);
});

test('"Show more" goes on where the list ended, and what is shown stays alive', async () => {
	for (let i = 1; i <= 24; i++) await submit(`one of many, ${i}`);
	const page = await queue();

	assert.equal(await page.locator('.job').count(), 20);
	await page.getByRole('button', { name: 'Show more' }).click();
	const { items } = await stack.get('jobs?limit=40');
	await until('they are there', async () => (await prompts(page)).join() === items.map((job) => job.prompt_preview).join());
	assert.ok(await page.locator('.job').nth(20).evaluate((e) => e.contains(document.activeElement)));
	assert.equal(new Set(items.map((job) => job.id)).size, items.length);
	const far = rows(page, /^one of many, 2$/);
	await until('the far one is active', async () => ['processing', 'queued'].includes(await far.getAttribute('data-status')));
	await cancelAll(stack);
	await far.getByText('Cancelled', { exact: true }).waitFor();
	await leave(page);
});

test('nothing new costs a 304, and a lost connection recovers by itself', async () => {
	const page = await queue();
	const asked = (path) => page.traffic.filter((t) => t.url.includes(path));

	for (const path of ['api/jobs?limit', 'api/jobs/stats', 'api/jobs?status=processing'])
		await until(path, () => asked(path).some((t) => t.status === 304));
	await page.context().setOffline(true);
	await page.locator('#connection').getByText('The connection is lost. Trying again in').waitFor();
	await submit('made while nobody saw it');
	await page.context().setOffline(false);
	await rows(page, 'made while nobody saw it').waitFor();
	await leave(page);
});

test('everything can be reached by keyboard', async () => {
	await occupy();
	await submit('by keyboard');
	const page = await queue({}, '?status=queued&status=completed'), names = new Set();

	for (let i = 0; i < 50; i++) {
		await page.keyboard.press('Tab');
		names.add(await page.evaluate(() => document.activeElement.getAttribute('aria-label') || document.activeElement.value
			|| document.activeElement.textContent.trim()));
	}
	for (const name of ['The last 24 hours', 'In numbers', 'Cancel all waiting', 'All', 'queued', 'More filters', 'Cancel', 'Play', 'Delete'])
		assert.ok(names.has(name), `no way to ${name} with Tab: ${[...names].join(' | ')}`);
	await leave(page);
});

looks(browser, () => `${stack.url}#/queue`, 'queue', (page) => page.getByRole('heading', { name: 'Jobs', exact: true }).waitFor());
