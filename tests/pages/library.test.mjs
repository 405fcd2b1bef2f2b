/* The library, as a person uses it. */

import { before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { sleep } from '../harness.mjs';
import { leave, looks, violations, visit } from './browser.mjs';
import { openStudio, until } from './stack.mjs';

const HARP = 'a lullaby on a harp', MARCH = 'brisk march for brass', WALTZ = 'gentle piano waltz in A minor at 96 bpm';
const LONG = 'epic orchestral march in C minor with timpani, rising from a whisper to the whole orchestra in the last third, '
	+ 'then nothing but a single horn over the valley, and a long silence before the drums come back for the end';

const { stack, browser } = await openStudio({ workers: 1 });

let adapter, waltz, march;

const address = (rest = '') => `${stack.url}#/library${rest}`;
const rows = (page) => page.locator('.library-row');
const row = (page, prompt) => rows(page).filter({ has: page.getByRole('heading', { name: prompt }) });
const prompts = (page) => page.locator('.library-title').allInnerTexts();
const shows = (page, ...wanted) => until(`the list is ${wanted.join('; ')}`,
	async () => JSON.stringify(await prompts(page)) === JSON.stringify(wanted));
const menu = async (one, name) => {
	await one.getByRole('button', { name: 'More', exact: true }).click();
	await one.getByRole('button', { name, exact: true }).click();
};
const audio = (page) => page.evaluate(() => {
	const a = document.querySelector('audio');
	return { at: a.currentTime, paused: a.paused, src: a.currentSrc };
});
const query = (page) => new URLSearchParams(new URL(page.url()).hash.split('?')[1]);

test('a library with nothing in it shows the way to the studio', async () => {
	const page = await visit(browser, address());

	await page.getByText('No music yet.').waitFor();
	assert.deepEqual(await violations(page), []);
	await page.getByRole('link', { name: 'Make the first one in the studio' }).click();
	await page.getByLabel('What would you like to hear?').waitFor();
	await leave(page);
});

describe('with some takes in it', () => {
	before(async () => {
		[adapter] = (await stack.get('adapters')).items;
		assert.ok(adapter, 'the installation has no adapter');
		/* Newest last, so first in the list: waltz, march, harp. */
		await stack.made(HARP, { duration: 8, format: 'ogg' });
		march = (await stack.made(MARCH, { duration: 8 })).audio_ids[0];
		waltz = (await stack.made(WALTZ, { duration: 12, seed: 7, adapter_id: adapter.id, adapter_scale: 0.5 })).audio_ids[0];
	});

	test('every take is there with its waveform, prompt, adapter and length, and plays; the next one follows', async () => {
		const page = await visit(browser, address());

		await shows(page, WALTZ, MARCH, HARP);
		await page.getByText('3 takes', { exact: true }).waitFor();
		const one = row(page, WALTZ);
		await one.getByText(`${adapter.name} ${adapter.current_version}, scale 0.5 · band · FLAC`).waitFor();
		await one.getByText('0:00 / 0:12').waitFor();
		await until('the waveform is drawn', () => one.locator('canvas').evaluate((c) => {
			const { data, width } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
			const columns = new Set();
			for (let i = 3; i < data.length; i += 4) if (data[i]) columns.add((i >> 2) % width);
			return columns.size > width * 0.4;
		}));
		await row(page, MARCH).getByRole('button', { name: 'Play' }).click();
		await until('it sounds', async () => (await audio(page)).at > 0.2);
		await page.evaluate(() => { document.querySelector('audio').currentTime = 7.4; });
		await row(page, HARP).getByRole('button', { name: 'Pause' }).waitFor();
		await until('the next one sounds', async () => { const a = await audio(page); return !a.paused && a.at < 7; });
		assert.deepEqual(await violations(page), []);
		await leave(page);
	});

	test('a search narrows the list while one types, and stands in the address, which can be gone back to', async () => {
		const page = await visit(browser, address());

		await shows(page, WALTZ, MARCH, HARP);
		/* In one go: how fast letters come otherwise is up to the machine. */
		await page.getByRole('searchbox').evaluate((box) => {
			for (const letter of 'brass mar') {
				box.value += letter;
				box.dispatchEvent(new InputEvent('input', { bubbles: true }));
			}
		});
		await shows(page, MARCH);
		assert.equal(query(page).get('q'), 'brass mar');
		await page.getByText('1 take', { exact: true }).waitFor();
		const asked = page.traffic.filter((t) => /\/api\/audio\?/.test(t.url));
		assert.ok(asked.length < 9, `${asked.length} questions for nine letters`);
		await page.reload();
		await shows(page, MARCH);
		assert.equal(await page.getByRole('searchbox').inputValue(), 'brass mar');
		await page.getByRole('navigation').getByRole('link', { name: 'Queue' }).click();
		await page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
		await page.goBack();
		await shows(page, MARCH);

		await page.getByRole('searchbox').fill('bagpipes');
		await page.getByText('Nothing like that.').waitFor();
		assert.deepEqual(await violations(page), []);
		await page.getByRole('button', { name: 'Clear the filters' }).click();
		await shows(page, WALTZ, MARCH, HARP);
		assert.equal(new URL(page.url()).hash, '#/library');
		await leave(page);
	});

	test('the filters: favourites, adapter, rating, tag, format, dates, order; each can be cleared', async () => {
		const { id } = await stack.post('ratings', { audio_id: march, rating: 4 });
		await stack.post('favorites', { target_type: 'audio', target_id: march });
		await stack.post('tags', { audio_id: waltz, tag: 'velvet' });
		const page = await visit(browser, address());
		const pick = (name, option) => page.getByRole('combobox', { name }).selectOption(option);
		const clear = async () => {
			await page.getByRole('button', { name: 'Clear', exact: true }).click();
			await shows(page, WALTZ, MARCH, HARP);
		};

		await shows(page, WALTZ, MARCH, HARP);
		await page.getByRole('checkbox', { name: 'Favourites' }).check({ force: true });
		await shows(page, MARCH);
		await page.getByRole('checkbox', { name: 'Favourites' }).uncheck({ force: true });
		await shows(page, WALTZ, MARCH, HARP);
		await pick('Adapter', { label: adapter.name });
		await shows(page, WALTZ);
		assert.equal(query(page).get('adapter_id'), adapter.id);
		await pick('Adapter', { label: 'No adapter' });
		await shows(page, MARCH, HARP);
		await pick('Format', { label: 'Ogg' });
		await shows(page, HARP);
		await page.reload();
		await shows(page, HARP);
		assert.equal(await page.getByRole('combobox', { name: 'Format' }).inputValue(), 'ogg');
		await clear();
		await pick('Rating', { label: '4 or more' });
		await shows(page, MARCH);
		await clear();
		await pick('Tag', { label: 'velvet (1)' });
		await shows(page, WALTZ);
		await clear();
		await pick('Order', { label: 'Oldest first' });
		await shows(page, HARP, MARCH, WALTZ);
		await clear();
		await page.getByRole('button', { name: 'Dates' }).click();
		assert.deepEqual(await violations(page), []);
		await page.getByLabel('From').fill('2100-01-01');
		await page.getByText('Nothing like that.').waitFor();
		await page.keyboard.press('Escape');
		await clear();

		const { job_id } = await stack.get(`audio/${march}`);
		await page.goto(address(`?job_id=${job_id}`));
		await shows(page, MARCH);
		await page.getByRole('button', { name: 'One job' }).click();
		await shows(page, WALTZ, MARCH, HARP);
		await stack.del(`ratings/${id}`);
		await stack.del(`favorites/by-target/audio/${march}`);
		for (const tag of (await stack.get(`tags/audio/${waltz}`)).items) await stack.del(`tags/${tag.id}`);
		await leave(page);
	});

	test('a row opens: what was understood, the settings, the file, and where it all leads', async () => {
		const page = await visit(browser, address()), one = row(page, WALTZ);
		const { sha256, storage_path, job_id } = await stack.get(`audio/${waltz}`);

		await one.getByRole('button', { name: WALTZ }).click();
		const facts = await one.locator('.library-details').innerText();
		for (const fact of [/Key\s+A minor/, /Style\s+Waltz/, /Seed\s+7\b/, /LUFS/, /dBTP/, /48 kHz, stereo/, storage_path,
			sha256.slice(0, 12)])
			assert.ok(fact instanceof RegExp ? fact.test(facts) : facts.includes(fact), `${fact} in ${facts}`);
		assert.equal(await one.getByRole('link', { name: adapter.name }).getAttribute('href'), `#/adapters/${adapter.id}`);
		assert.equal(await one.getByRole('link', { name: 'its takes' }).getAttribute('href'), `#/library?job_id=${job_id}`);
		assert.deepEqual(await violations(page), []);
		await one.getByRole('link', { name: 'of this take' }).click();
		await page.getByRole('heading', { level: 1, name: 'One take' }).waitFor();
		await row(page, WALTZ).getByText('SHA-256').waitFor();
		assert.equal(new URL(page.url()).hash, `#/library/${waltz}`);
		await page.reload();
		await row(page, WALTZ).getByRole('button', { name: 'Play' }).click();
		await until('it sounds', async () => (await audio(page)).at > 0.2);
		assert.deepEqual(await violations(page), []);
		await page.getByRole('link', { name: 'All takes', exact: true }).click();
		await shows(page, WALTZ, MARCH, HARP);
		await leave(page);
	});

	test('the address of a take that does not exist says so', async () => {
		const id = '01a206df-0000-7000-8000-000000000000', page = await visit(browser, address(`/${id}`));
		const { detail } = await (await fetch(`${stack.url}api/audio/${id}`)).json();

		await page.getByText(detail).waitFor();
		await page.getByRole('link', { name: 'All takes', exact: true }).click();
		await shows(page, WALTZ, MARCH, HARP);
		await leave(page);
	});

	test('stars: one rating however often one changes one’s mind, the last press counts, a second press takes it back', async () => {
		const page = await visit(browser, address()), one = row(page, WALTZ), star = (n) => one.getByRole('radio', { name: `${n} of 5` });
		const rated = async () => (await stack.get(`ratings/audio/${waltz}`)).items.map((r) => r.rating).join();

		/* A slow line: presses come faster than answers. */
		await page.route('**/api/ratings*', async (route) => { await sleep(150); await route.continue(); });
		for (const n of [2, 5, 1, 4, 3]) await star(n).click({ force: true });
		assert.ok(await star(3).isChecked(), 'it shows at once');
		await until('3 stars', async () => await rated() === '3');
		await sleep(600);
		assert.equal(await rated(), '3');
		await star(5).click({ force: true });
		await until('5 stars', async () => await rated() === '5');
		assert.equal(page.traffic.filter((t) => t.method === 'POST' && t.url.endsWith('/api/ratings')).length, 1);
		await page.reload();
		assert.ok(await star(5).isChecked());

		/* Somebody else rates as well. */
		await stack.post('ratings', { audio_id: waltz, rating: 2 });
		await page.reload();
		await one.getByText('3.5', { exact: true }).waitFor();
		await star(4).click({ force: true });
		await one.getByText('3.0', { exact: true }).waitFor();
		await star(4).click({ force: true });
		await until('taken back', async () => await rated() === '2');
		await one.getByText('2.0', { exact: true }).waitFor();
		assert.equal(await one.getByRole('radio', { checked: true }).count(), 0);
		await leave(page);
	});

	test('two tabs know of each other’s stars', async () => {
		const page = await visit(browser, address());
		const other = await page.context().newPage();
		await other.goto(address());
		const rated = async () => (await stack.get(`ratings/audio/${march}`)).items.map((r) => r.rating).join();

		await row(page, MARCH).getByRole('radio', { name: '2 of 5' }).click({ force: true });
		await row(other, MARCH).locator('.stars[data-rating="2"]').waitFor();
		await row(other, MARCH).getByRole('radio', { name: '4 of 5' }).click({ force: true });
		await row(page, MARCH).locator('.stars[data-rating="4"]').waitFor();
		await until('one rating', async () => await rated() === '4');
		await row(page, MARCH).getByRole('radio', { name: '4 of 5' }).click({ force: true });
		await until('none', async () => await rated() === '');
		await leave(page);
	});

	test('without a connection, an opinion says that it did not come through, and is not shown as if it had', async () => {
		const page = await visit(browser, address()), one = row(page, HARP);

		await one.getByRole('button', { name: 'Favourite' }).waitFor();
		await page.context().setOffline(true);
		await one.getByRole('radio', { name: '5 of 5' }).click({ force: true });
		await one.getByText('The connection is lost.').waitFor();
		assert.equal(await one.getByRole('radio', { checked: true }).count(), 0);
		await page.context().setOffline(false);
		await page.locator('#connection').getByText('Connected again.').waitFor();
		await one.getByRole('button', { name: 'Favourite' }).click();
		await until('it is one', async () => (await stack.get(`audio/${(await stack.get('audio?format=ogg')).items[0].id}`)).feedback.favorite_id);
		await until('no complaint is left', async () => await one.getByText('The connection is lost.').count() === 0);
		await leave(page);
	});

	test('tags are given and taken off in place, praise and criticism, with suggestions', async () => {
		const page = await visit(browser, address()), one = row(page, MARCH);
		const feedback = async () => (await stack.get(`audio/${march}`)).feedback;

		await one.getByRole('button', { name: MARCH }).click();
		const field = one.getByLabel('New tag');
		await field.focus();
		await until('there are suggestions', () => field.evaluate((f) => f.list?.options.length > 5));
		await field.fill('Bold');
		await field.press('Enter');
		await one.getByRole('list', { name: 'Tags' }).getByText('+ Bold').first().waitFor();
		await field.fill('− muddy');
		await field.press('Enter');
		await one.getByText('− muddy').first().waitFor();
		await field.fill('thin');
		await one.getByRole('button', { name: 'Add as criticism' }).click();
		await until('the server has them', async () => {
			const f = await feedback();
			return f.positive_tags.join() === 'Bold' && f.negative_tags.join() === 'muddy,thin';
		});
		/* The same word with the other sign is the same tag; typed while the first one is still on its way. */
		let send;
		const sent = new Promise((done) => { send = done; });
		await page.route('**/api/tags', (route) => sent.then(() => route.continue()));
		await field.fill('+bold');
		await field.press('Enter');
		await field.fill('-BOLD');
		await field.press('Enter');
		await field.fill('half a w');
		send();
		await until('it changed sides', async () => (await feedback()).negative_tags.length === 3);
		await one.getByText('− BOLD').first().waitFor();
		assert.equal(await field.inputValue(), 'half a w');
		await page.unroute('**/api/tags');
		assert.deepEqual(await violations(page), []);
		await one.getByRole('button', { name: 'Take off muddy' }).click();
		await until('it is off', async () => !(await feedback()).negative_tags.includes('muddy'));
		await until('it is gone from the page', async () => await one.getByText('− muddy').count() === 0);
		await field.fill('x'.repeat(102));
		await field.press('Enter');
		await one.locator('.tag-editor .error').getByText(/tag/i).waitFor();
		await leave(page);
	});

	test('"More like this" fills the studio with the prompt as it was understood, without the seed', async () => {
		const page = await visit(browser, stack.url);

		await page.locator('[name="seed"]').evaluate((c) => { c.value = '99'; });
		await page.goto(address());
		await menu(row(page, WALTZ), 'More like this');
		await until('the prompt is there', async () => await page.getByLabel('What would you like to hear?').inputValue() === WALTZ);
		assert.equal(await page.locator('[name="seed"]').inputValue(), '');
		assert.equal(await page.locator('[name="duration"]').inputValue(), '12');
		assert.equal(await page.locator('[name="adapter_id"]').inputValue(), adapter.id);
		assert.equal(await page.locator('[name="adapter_scale"]').inputValue(), '0.5');
		const said = JSON.parse(await page.locator('[name="attributes"]').inputValue());
		assert.equal(said.key, 'A minor');
		assert.ok(said.primary_instruments.includes('piano'));
		await leave(page);
	});

	test('"Vary the seed" makes another take at once, of the same adapter, with a new seed, and shows the way to it', async () => {
		const page = await visit(browser, address()), one = row(page, WALTZ);

		await menu(one, 'Vary the seed');
		await one.getByText('Another take of this is being made').waitFor();
		const { items: [job] } = await stack.get('jobs?limit=1');
		assert.equal(job.prompt_preview, WALTZ);
		assert.equal(job.adapter_id, adapter.id);
		const { scale } = await until('it is done', async () => {
			const done = await stack.get(`generate/${job.id}`);
			return done.status === 'completed' && (await stack.get(`audio/${done.audio_ids[0]}`)).adapter;
		});
		assert.equal(scale, 0.5);
		assert.notEqual(job.generation_params.seed, 7);
		assert.equal(job.generation_params.duration, 12);
		await page.getByRole('button', { name: 'There are new takes: show them' }).click({ timeout: 60000 });
		await shows(page, WALTZ, WALTZ, MARCH, HARP);
		await rows(page).nth(1).getByRole('button', { name: 'More', exact: true }).waitFor();
		await leave(page);
	});

	test('deleting can be undone; when it is not, the take is gone, and the focus is not lost', async () => {
		const page = await visit(browser, address());
		await shows(page, WALTZ, WALTZ, MARCH, HARP);
		await rows(page).first().getByRole('button', { name: 'Play' }).click();
		await until('it sounds', async () => (await audio(page)).at > 0.2);
		const newest = (await stack.get('audio?limit=1')).items[0].id;

		await menu(rows(page).first(), 'Delete');
		await page.locator('.undo', { hasText: `Deleted: ${WALTZ}` }).waitFor();
		assert.deepEqual(await violations(page), []);
		assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Undo');
		await page.keyboard.press('Enter');
		await shows(page, WALTZ, WALTZ, MARCH, HARP);
		await until('the focus is back', async () => await page.evaluate(() => document.activeElement.ariaLabel) === 'More');
		await menu(rows(page).first(), 'Delete');
		await page.locator('.undo', { hasText: `Deleted: ${WALTZ}` }).waitFor();
		/* A new list is one without it. */
		await page.getByRole('searchbox').fill('waltz');
		await shows(page, WALTZ);
		await page.getByText('1 take', { exact: true }).waitFor();
		assert.equal((await fetch(`${stack.url}api/audio/${newest}`)).status, 404);
		assert.ok((await audio(page)).paused, 'what is deleted sounds no more');
		await leave(page);
	});

	test('a take that was deleted is deleted also when the page is left at once', async () => {
		const { audio_ids: [id] } = await stack.made('a tune that nobody wants', { duration: 5 });
		const page = await visit(browser, address());

		await menu(row(page, 'nobody wants'), 'Delete');
		await page.locator('.undo', { hasText: 'Deleted: a tune that nobody wants' }).waitFor();
		assert.equal((await fetch(`${stack.url}api/audio/${id}`)).status, 200);
		await page.goto('about:blank');
		await until('it is gone', async () => (await fetch(`${stack.url}api/audio/${id}`)).status === 404);
		await page.context().close();
	});

	test('takes are put aside for Compare, ten at most, and the way there shows itself', async () => {
		const page = await visit(browser, address());

		await row(page, WALTZ).getByRole('button', { name: 'Compare' }).click();
		await page.getByText('One take to compare').waitFor();
		await row(page, HARP).getByRole('button', { name: 'Compare' }).click();
		await page.getByText('2 takes to compare').waitFor();
		assert.deepEqual(await violations(page), []);
		await page.reload();
		await page.getByText('2 takes to compare').waitFor();
		assert.equal(await row(page, HARP).getByRole('button', { name: 'Compare' }).getAttribute('aria-pressed'), 'true');
		await page.locator('.library-tray').getByRole('link', { name: 'Compare' }).click();
		await page.getByRole('heading', { level: 1, name: 'Compare' }).waitFor();
		await page.goBack();
		await page.getByRole('button', { name: 'Empty' }).click();
		assert.equal(await row(page, HARP).getByRole('button', { name: 'Compare' }).getAttribute('aria-pressed'), 'false');
		await leave(page);
	});

	test('with the keyboard alone: search, open a row, its menu, and delete', async () => {
		const page = await visit(browser, address());
		const at = () => page.evaluate(() => document.activeElement.ariaLabel || document.activeElement.textContent.trim());
		const tabTo = async (name) => {
			for (let i = 0; i < 40; i++) {
				await page.keyboard.press('Tab');
				if (await at() === name) return;
			}
			assert.fail(`no way to ${name} with Tab`);
		};

		await shows(page, WALTZ, MARCH, HARP);
		await tabTo('Search the prompts');
		await page.keyboard.type('brass');
		await shows(page, MARCH);
		await tabTo(MARCH);
		await page.keyboard.press('Enter');
		await row(page, MARCH).getByText('SHA-256').waitFor();
		await page.keyboard.press('Space');
		await row(page, MARCH).getByText('SHA-256').waitFor({ state: 'detached' });
		await tabTo('More');
		await page.keyboard.press('Enter');
		await until('the menu has the focus', async () => await at() === 'More like this');
		await page.keyboard.press('ArrowDown');
		assert.equal(await at(), 'Vary the seed');
		await page.keyboard.press('Escape');
		await until('back at the button', async () => await at() === 'More');
		await leave(page);
	});

	test('"Show more" goes on to the end, and only what is near the screen fetches its waveform', async () => {
		await stack.post('prompts', { text: 'x' });
		const { items: [one] } = await stack.get('audio?limit=1');
		/* Many takes, of which the server has only a few: what a list of a thousand is like. */
		const page = await visit(browser, stack.url, { prepare: (p) => p.route('**/api/audio?*', (route) => {
			const q = new URL(route.request().url()).searchParams, from = Number(q.get('offset') ?? 0);
			const items = Array.from({ length: 20 }, (_, i) => ({
				...one, prompt: { ...one.prompt, text: `take ${from + i}` },
				id: `01a206df-0000-7000-8000-${String(from + i).padStart(12, '0')}`,
			}));
			return route.fulfill({ json: {
				items, total: 200, limit: 20, offset: from, has_more: from < 180, next_cursor: null, total_is_capped: false,
			} });
		}) });

		await page.route('**/peaks*', (route) => route.fulfill({ json: { version: 2, channels: 1, bits: 8, length: 1, data: [-90, 90] } }));
		await page.goto(address());
		await page.getByText('200 takes').waitFor();
		for (let n = 20; n < 200; n += 20) {
			await page.getByRole('button', { name: 'Show more' }).click();
			await until(`${n + 20} rows`, async () => await rows(page).count() === n + 20);
		}
		assert.equal(await page.getByRole('button', { name: 'Show more' }).isVisible(), false);
		await page.evaluate(() => { scrollTo(0, 0); });
		await page.reload();
		await page.getByText('200 takes').waitFor();
		const drawn = () => page.evaluate(() => performance.getEntriesByType('resource').filter((e) => e.name.includes('/peaks')).length);
		await until('the first are drawn', async () => await drawn() > 3);
		await sleep(500);
		assert.ok(await drawn() < 20, `${await drawn()} waveforms`);

		/* Nothing is held of rows that are gone. */
		const session = await page.context().newCDPSession(page);
		const alive = async () => {
			await session.send('HeapProfiler.collectGarbage');
			const { metrics } = await session.send('Performance.getMetrics');
			return Object.fromEntries(metrics.map((m) => [m.name, m.value]));
		};
		await session.send('Performance.enable');
		const again = async () => {
			await page.getByRole('searchbox').fill(String(Math.random()).slice(2, 8));
			await page.locator('.rows[aria-busy]').waitFor({ state: 'detached' });
			await sleep(350);
		};
		await again();
		const before = await alive();
		for (let i = 0; i < 8; i++) await again();
		const now = await alive();
		assert.ok(now.Nodes < before.Nodes * 1.5, `${before.Nodes} nodes became ${now.Nodes}`);
		assert.ok(now.JSEventListeners < before.JSEventListeners * 1.5,
			`${before.JSEventListeners} listeners became ${now.JSEventListeners}`);
		await leave(page);
	});

	describe('to look at', () => {
		before(async () => {
			await stack.made(LONG, { duration: 20, num_samples: 2 });
			await stack.put(`tags/audio/${march}`, { positive_tags: ['catchy', 'warm'], negative_tags: ['abrupt ending'] });
			await stack.post('ratings', { audio_id: march, rating: 4 });
			await stack.post('ratings', { audio_id: march, rating: 5 });
		});

		looks(browser, () => address(), 'library', async (page) => {
			await row(page, MARCH).getByRole('button', { name: MARCH }).click();
			await row(page, LONG).first().getByRole('button', { name: 'Play' }).click();
			await until('it sounds', async () => (await audio(page)).at > 3);
			await page.getByRole('region', { name: 'Player' }).getByText(LONG).waitFor();
			await page.getByRole('region', { name: 'Player' }).getByRole('button', { name: 'Pause' }).click();
			await row(page, MARCH).getByRole('radio', { name: '4 of 5' }).click({ force: true });
			await row(page, WALTZ).getByRole('button', { name: 'Favourite' }).click();
			await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
		});
	});
});
