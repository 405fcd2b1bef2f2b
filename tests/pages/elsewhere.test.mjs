/* A model on a server elsewhere, as one meets it on the pages: its limits, its adapters, its progress, and its absence. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AceStep, AceStepCpp } from '../remote/servers.mjs';
import { leave, violations } from './browser.mjs';
import { openStudio, until } from './stack.mjs';
import { ask, cards, finished, more, visit } from './studio.mjs';

const ace = await new AceStep({ adapters: ['/loras/jazz'] }).start(), cpp = await new AceStepCpp().start();
after(() => [ace, cpp].forEach((server) => server.stop()));
const { stack, browser } = await openStudio({}, { remotes: {
	gpu: { protocol: 'acestep', url: ace.url },
	cpp: { protocol: 'acestep.cpp', url: cpp.url, max_duration_s: 45, patience_s: 1 },
} });
await until('the models', async () => (await stack.get('models')).models.some(({ id }) => id === 'cpp'));
const { id: jazz } = await stack.post('adapters', { name: 'Late-night jazz', base_model: 'gpu' });
const upload = await fetch(`${stack.url}api/adapters/${jazz}/weights`, { method: 'PUT',
	headers: { 'Content-Type': 'application/octet-stream' }, body: '{"format":"earshot-remote-adapter","adapter":"/loras/jazz"}' });
assert.equal(upload.status, 200, await upload.text());

/* The studio with a model chosen. */
async function studio(model) {
	const page = await visit(browser, stack.url);
	await more(page);
	await page.getByLabel('Model').selectOption(model);
	return page;
}
const taskOf = (server, text) => until(`the task ${text}`, () => server.tasks.find((task) => task.text.includes(text)));
const presets = (page) => page.locator('.preset:visible').allTextContents();

test('a song is made elsewhere with an adapter of the server, and its words are shown', async () => {
	const page = await studio('gpu');

	await page.getByText('Made by a server elsewhere that runs ACE-Step 1.5.').waitFor();
	assert.deepEqual(await presets(page), ['10 s', '30 s', '1 min', '2 min']);
	await page.getByLabel('Adapter', { exact: true }).selectOption('Late-night jazz');
	await ask(page, { prompt: 'warm indie pop\n[Verse]\nThe last train left', duration: 10 });
	const card = cards(page, 'warm indie pop');
	await finished(card).waitFor({ timeout: 30_000 });
	await card.locator('.heard', { hasText: '[Verse] The last train left' }).waitFor();
	const task = await taskOf(ace, 'warm indie pop');
	assert.deepEqual([task.body.lyrics, task.adapter.path], ['[Verse]\nThe last train left', '/loras/jazz']);
	assert.deepEqual(await violations(page), []);
	await leave(page);
});

test('more of an adapter than the server takes is refused at its slider', async () => {
	const page = await studio('gpu');

	await page.getByLabel('Adapter', { exact: true }).selectOption('Late-night jazz');
	await page.getByLabel('How much of it').fill('1.5');
	await ask(page, { prompt: 'too much jazz', duration: 10 });
	await page.locator('#adapter_scale-error', { hasText: 'adapter_scale is 1.5, but the model gpu takes at most 1.' }).waitFor();
	await leave(page);
});

test('who cancels a take that is in work elsewhere ends it there', async () => {
	const page = await studio('cpp');

	assert.deepEqual(await presets(page), ['10 s', '30 s']);
	cpp.holds = /never mind/;
	await ask(page, { prompt: 'never mind', duration: 10 });
	const task = await taskOf(cpp, 'never mind');
	const card = cards(page, 'never mind');
	await card.getByRole('button', { name: 'Cancel' }).click();
	await until('the end of the task', () => task.cancelled);
	await card.getByText('cancelled').waitFor();
	await leave(page);
});

test('a server that has gone is told at the take, where one chooses, and at the status', async () => {
	const page = await studio('cpp'), says = /The server cpp cannot be reached: /;

	cpp.stop();
	await ask(page, { prompt: 'nobody there', duration: 10 });
	await cards(page, 'nobody there').getByText(says).waitFor({ timeout: 30_000 });
	await cards(page, 'nobody there').getByRole('button', { name: 'Try again' }).waitFor();
	await leave(page);
	const again = await studio('cpp');
	await again.locator('#model-hint', { hasText: says }).waitFor();
	await again.goto(`${stack.url}#/status`);
	const entry = again.locator('.models > li').filter({ hasText: 'acestep.cpp' });
	await entry.getByText(/^Its last job failed just now: The server cpp cannot be reached: /).waitFor();
	await entry.getByText('available', { exact: true }).waitFor();
	assert.deepEqual(await violations(again), []);
	await leave(again);
});
