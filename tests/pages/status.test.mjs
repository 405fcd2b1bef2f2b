/* Status: what it says while all is well, and while something is not; models; figures. */

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { leave, looks, screenshot, violations, visit } from './browser.mjs';
import { openStudio, until } from './stack.mjs';

const { stack, browser } = await openStudio();

const status = async (options) => {
	const page = await visit(browser, `${stack.url}#/status`, options);
	await page.getByRole('heading', { name: 'For programs' }).waitFor();
	return page;
};
const part = (page, name) => page.locator('.health-part').filter({ has: page.getByRole('heading', { name }) });
const model = (page, name) => page.locator('.models > li').filter({ has: page.getByRole('heading', { name }) });
const figure = (page, label) => page.locator('.figures div').filter({ has: page.getByText(label, { exact: true }) }).locator('dd');
const health = () => stack.get('health');
/* Nobody starts again what is killed, until the function that is returned is called. */
const holdSupervisor = () => {
	const pid = Number(readFileSync(join(stack.var, 'run/supervisor'), 'utf8'));
	process.kill(pid, 'SIGSTOP');
	return () => process.kill(pid, 'SIGCONT');
};
/* A second model of this host: of the band's kind, with these words; reason: why it cannot run. */
const addModel = (id, name, reason = null, remedy = null) => stack.sql(`
	INSERT INTO models (host_id, id, position, description, reason, remedy)
	SELECT host_id, '${id}', 1, JSON_SET(description, '$.display_name', '${name}', '$.max_duration_seconds', 30, '$.adapters', 'lora'),
		${reason ? `'${reason}'` : 'NULL'}, ${remedy ? `'${remedy}'` : 'NULL'} FROM models WHERE id='band'`);

test('while all is well it says so, with version, workers, and what the model can', async () => {
	const page = await status(), { version, daemon } = await health();

	await page.getByRole('heading', { name: 'Everything works.' }).waitFor();
	await page.getByText(`Version ${version}`).waitFor();
	await part(page, 'Database').getByText('It answers.').waitFor();
	await part(page, 'Storage').getByText('It can be written to.').waitFor();
	assert.ok(daemon.running);
	await part(page, 'Daemon').getByText(`It runs with ${daemon.workers} workers`).waitFor();
	const { models: [band] } = await stack.get('models');
	await model(page, band.display_name).getByText('in use').waitFor();
	await model(page, band.display_name).getByText('up to 10 min · 48 kHz stereo · style adapters').waitFor();
	assert.equal(await page.locator('.health').getByRole('button', { name: 'Copy' }).count(), 0);
	assert.equal(await model(page, band.display_name).getByRole('button', { name: 'Copy' }).count(), 0);
	await page.getByText('Nobody has rated a take yet.').waitFor();
	assert.deepEqual(await violations(page), []);

	for (const [name, type] of [['the description of the API', 'application/json'], ['the figures', /openmetrics|text\/plain/]]) {
		const r = await fetch(await page.getByRole('link', { name, exact: true }).evaluate((a) => a.href));
		assert.equal(r.status, 200);
		assert.match(r.headers.get('content-type'), new RegExp(type));
	}
	await leave(page);
});

test('the figures and the ratings are those of the API, and change while one looks', async () => {
	const { items: [adapter] } = await stack.get('adapters?limit=1');
	const plain = await stack.made('rated, plain', { duration: 2, num_samples: 3 });
	const adapted = await stack.made('rated, adapted', { duration: 2, adapter_id: adapter.id });
	const page = await status();

	for (const [i, rating] of [5, 5, 2].entries()) await stack.post('ratings', { audio_id: plain.audio_ids[i], rating });
	await stack.post('ratings', { audio_id: adapted.audio_ids[0], rating: 4 });
	await until('the ratings are there', async () => (await figure(page, 'Average rating').textContent()) === '4.00');
	const { quick_stats: quick, pipeline } = await stack.get('metrics/overview'), sums = await stack.get('metrics/feedback');
	const shown = async (label) => Number(await figure(page, label).textContent());
	assert.deepEqual([await shown('Jobs'), await shown('Done'), await shown('Takes'), await shown('Takes rated'), await shown('Takes without feedback')],
		[pipeline.generation.total, pipeline.generation.completed, quick.total_samples, pipeline.feedback.rated_samples, quick.pending_feedback]);
	await until('each star has its bar', async () => {
		const bars = await page.locator('.rating-bars tbody tr').evaluateAll((rows) => rows.map((tr) => [tr.cells[0].textContent[0],
			Number(tr.cells[2].textContent), Number(tr.querySelector('.rating-bar').style.getPropertyValue('--part'))]));
		return JSON.stringify(bars) === JSON.stringify([5, 4, 3, 2, 1].map((n) => [String(n), sums.rating_distribution[n],
			sums.rating_distribution[n] / 4]));
	});
	const table = await page.getByRole('table', { name: 'By adapter' }).locator('tbody tr').allInnerTexts();
	assert.deepEqual(table.map((row) => row.split('\t')), sums.by_adapter.map((a) =>
		[a.adapter_name ?? 'Base model', String(a.count), a.avg_rating.toFixed(2)]));
	assert.deepEqual(await violations(page), []);
	await leave(page);
});

test('a model that cannot run says what is missing, with the command that fixes it, to be copied over plain http, too', async () => {
	await addModel('absent', 'Absent', 'Its weights are not here.', 'earshot model fetch absent');
	const page = await status({ prepare: (p) => p.addInitScript(() => {
		/* As on a plain http address of another machine. */
		Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined });
		document.addEventListener('copy', () => { window.copied = String(document.activeElement.value); });
	}) });
	const absent = model(page, 'Absent');

	await absent.getByText('cannot run').waitFor();
	await absent.getByText('Its weights are not here.').waitFor();
	assert.equal(await absent.getByRole('button', { name: 'Use this one' }).count(), 0);
	await absent.getByRole('button', { name: 'Copy' }).click();
	await absent.getByRole('button', { name: 'Copied' }).waitFor();
	assert.equal(await page.evaluate(() => window.copied), 'earshot model fetch absent');
	assert.ok(await absent.getByRole('button', { name: 'Copied' }).evaluate((e) => e === document.activeElement));
	assert.deepEqual(await violations(page), []);
	await leave(page);
});

test('the model in use is chosen here; a refusal stands at the model', async () => {
	await addModel('second', 'Second');
	const page = await status(), second = model(page, 'Second');

	await second.getByRole('button', { name: 'Use this one' }).focus();
	await page.keyboard.press('Enter');
	await second.getByText('in use').waitFor();
	assert.equal((await stack.get('models')).current_model, 'second');
	/* The button is gone; whoever pressed it is still there. */
	assert.ok(await second.evaluate((e) => e === document.activeElement));
	await model(page, 'Band').getByRole('button', { name: 'Use this one' }).click();
	await model(page, 'Band').getByText('in use').waitFor();

	/* It went away since the page was told. */
	await stack.sql(`UPDATE models SET reason='It was taken away.' WHERE id='second'`);
	await page.route('**/api/models', (route) => route.abort());
	const refusal = await (await fetch(`${stack.url}api/models/switch`, { method: 'POST', body: '{"model_id":"second"}',
		headers: { 'content-type': 'application/json' } })).json();
	await second.getByRole('button', { name: 'Use this one' }).click();
	await second.getByText(refusal.detail).waitFor();
	assert.match(refusal.detail, /It was taken away/);
	assert.deepEqual(await violations(page), []);
	await stack.sql(`DELETE FROM models WHERE id IN ('second', 'absent')`);
	await page.context().close();
});

test('without its database it says so and what to do, and is whole again when the database is', async () => {
	const page = await status(), release = holdSupervisor();
	let late;

	try {
		stack.kill('database');
		await page.getByRole('heading', { name: 'Something is wrong.' }).waitFor();
		const { problems: [{ part: where, detail }] } = await health();
		assert.equal(where, 'database');
		await part(page, 'Database').getByText(detail).waitFor();
		await part(page, 'Database').getByText('the studio goes on by itself once that is put right').waitFor();
		await part(page, 'Storage').getByText('It can be written to.').waitFor();
		await page.locator('#alarm').filter({ hasText: 'Something is wrong.' }).waitFor({ state: 'attached' });
		assert.deepEqual(await violations(page), []);
		await screenshot(page, 'status-degraded');

		/* Who comes only now is told as well, though nothing else can be shown. */
		late = await status();
		await late.getByRole('heading', { name: 'Something is wrong.' }).waitFor();
		assert.equal(await late.getByRole('heading', { name: 'Models' }).count(), 0);
	} finally {
		release();
	}
	for (const one of [page, late]) {
		await one.getByRole('heading', { name: 'Everything works.' }).waitFor({ timeout: 60000 });
		await model(one, 'Band').waitFor({ timeout: 60000 });
		await leave(one);
	}
});

test('a storage that cannot be written to is told', async () => {
	const storage = join(stack.var, 'storage');
	const folders = ['.', ...readdirSync(storage, { recursive: true })].map((name) => join(storage, name))
		.filter((path) => statSync(path).isDirectory()).map((path) => [path, statSync(path).mode & 0o777]);
	const page = await status();

	try {
		for (const [path] of folders) chmodSync(path, 0o500);
		const { problems: [{ detail }] } = await health();
		await part(page, 'Storage').getByText(detail).waitFor();
		await part(page, 'Storage').getByText('See whether its disk is full').waitFor();
	} finally {
		for (const [path, was] of folders) chmodSync(path, was);
	}
	await page.getByRole('heading', { name: 'Everything works.' }).waitFor();
	await leave(page);
});

test('a daemon that hangs is told with the command that ends it, which helps', async () => {
	const page = await status();

	stack.kill('daemon', 'SIGSTOP');
	const command = part(page, 'Daemon').locator('.command');
	await command.waitFor();
	await part(page, 'Daemon').getByText('In a shell of its host, this helps:').waitFor();
	await part(page, 'Daemon').getByText((await health()).problems[0].detail).waitFor();
	assert.deepEqual(await violations(page), []);
	execSync(await command.textContent());
	await page.getByRole('heading', { name: 'Everything works.' }).waitFor();
	await part(page, 'Daemon').getByText(/^It (runs|does not run now)/).waitFor();
	assert.equal(await command.count(), 0);
	await leave(page);
});

test('when the whole server is away the page says so, and goes on by itself when it is back', async () => {
	const page = await status(), release = holdSupervisor();

	try {
		stack.kill('web');
		await page.getByRole('heading', { name: 'The server does not answer.' }).waitFor();
		await page.getByText('The connection is lost. This page asks again by itself.').waitFor();
		assert.equal(await part(page, 'Database').locator('.health-says').textContent(), 'Not known.');
		assert.deepEqual(await violations(page), []);
	} finally {
		release();
	}
	await page.getByRole('heading', { name: 'Everything works.' }).waitFor({ timeout: 60000 });
	await leave(page);
});

looks(browser, () => `${stack.url}#/status`, 'status', async (page) => {
	await page.getByRole('heading', { name: 'For programs' }).waitFor();
	await page.getByText('By adapter').waitFor();
});
