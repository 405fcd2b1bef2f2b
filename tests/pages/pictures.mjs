/* node tests/pages/pictures.mjs: takes the README's pictures anew, into www/img, of an installation made for them. */

import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { root, sleep } from '../harness.mjs';
import { abtests } from './abtests.mjs';
import { launch, visit } from './browser.mjs';
import { livedDay, startStudio } from './stack.mjs';

const viewport = { width: 1440, height: 900 };
const TAKES = [
	['epic orchestral march in C minor with timpani', { seed: 8, duration: 40, adapter: 'Chamber strings' }],
	['funky groove with slap bass and brass stabs', { seed: 21, duration: 30 }],
	['slow ambient strings in D, like morning fog', { seed: 5, duration: 60 }],
	['bright bossa nova with guitar and flute, 130 bpm', { seed: 14, duration: 45 }],
	['80s synthwave with a pulsing bass, driving at night', { seed: 86, duration: 30, adapter: 'Night drive' }],
	['lo-fi hip hop with mellow electric piano', { seed: 11, duration: 30, adapter: 'Dusty tape', tried: true }],
	['lo-fi hip hop with mellow electric piano', { seed: 11, duration: 30, tried: true }],
	['lo-fi hip hop with mellow electric piano', { seed: 11, duration: 30, adapter: 'Dusty tape', adapter_scale: 0.5, tried: true }],
	['gentle piano waltz in A minor at 96 bpm', { seed: 2024, duration: 30 }],
];

const stack = await startStudio();
const browser = await launch();

try {
	await takePictures(await furnish());
} finally {
	await browser.close();
	await stack.stop();
}

async function furnish() {
	const adapters = new Map((await stack.get('adapters')).items.map((a) => [a.name, a.id]));
	const made = [], test = await votes(adapters), tape = adapters.get('Dusty tape');
	const experiment = await stack.post('experiments', {
		name: 'How much tape?', description: 'The same beat with no tape, half of it and all of it. Which one would we ship?',
		config: { scales: [0, 0.5, 1], seed: 11 },
	});

	for (const [prompt, { adapter, tried, ...more }] of TAKES)
		made.push(await stack.made(prompt, { ...more, ...(adapter && { adapter_id: adapters.get(adapter) }),
			...(tried && { experiment_id: experiment.id }) }));
	const takes = made.map((job) => job.audio_ids[0]);
	for (const [i, rating] of [[0, 4], [3, 5], [4, 3], [8, 5], [5, 4], [6, 3]])
		await stack.post('ratings', { audio_id: takes[i], rating });
	for (const [i, tag] of [[3, 'catchy'], [3, 'warm'], [8, 'expressive'], [5, 'groovy'], [2, 'relaxing']])
		await stack.post('tags', { audio_id: takes[i], tag });
	for (const i of [3, 8]) await stack.post('favorites', { target_type: 'audio', target_id: takes[i] });
	await livedDay(stack);
	return { takes, test, tape, experiment };
}

/* An A/B test with the votes of a few listeners. */
async function votes(adapters) {
	const ab = abtests(stack), ids = [...adapters.values()];

	ab.tape = adapters.get('Dusty tape');
	const test = await ab.made('Does tape suit a quiet room?', {
		prompts: ['lo-fi hip hop with mellow electric piano', 'late-night jazz trio, brushes', 'slow blues in E'],
		samples_per_prompt: 2, duration: 10,
	});
	const rival = await ab.made('Tape or night?', {
		prompts: ['synthwave for a long road', 'disco with strings'], adapter_a_id: ids.find((id) => id === adapters.get('Night drive')),
		duration: 10,
	});
	for (const [n, preferences] of [[1, 'bbbabb'], [2, 'bbabe-'], [3, 'babbb-'], [4, 'bbbaeb']])
		await vote(n, test, preferences);
	for (const [n, preferences] of [[1, 'ab'], [2, 'aa'], [3, 'ae']]) await vote(n, rival, preferences);
	return test;

	async function vote(n, { id, pairs }, preferences) {
		for (const [i, p] of [...preferences].entries())
			if (p !== '-') await ab.voteAs(n, { id, pairs: [pairs[i]] }, { a: 'a', b: 'b', e: 'equal' }[p]);
	}
}

async function takePictures({ takes, test, tape, experiment }) {
	for (const colorScheme of ['light', 'dark'])
		await picture(`studio-${colorScheme}`, '#/', async (page) => {
			await page.locator('.player[data-state="ready"]').nth(2).waitFor();
			await page.getByLabel('What would you like to hear?').fill('slow jazz waltz with brushes and a warm double bass, 90 bpm');
			await sleep(1500);
			await page.getByRole('button', { name: 'Play', exact: true }).nth(1).click();
			await sleep(6000);
		}, { colorScheme });
	await picture('library', '#/library', async (page) => {
		await page.getByRole('button', { name: 'Play', exact: true }).nth(3).click();
		await sleep(5000);
	});
	await picture('compare', `#/compare?ids=${takes.slice(5, 8)}`, async (page) => {
		await page.getByRole('button', { name: 'Play', exact: true }).first().click();
		await sleep(6000);
	});
	await picture('listen', `#/tests/${test.id}/listen`, async (page) => {
		await page.getByRole('button', { name: 'Play', exact: true }).click();
		await sleep(5000);
	});
	await picture('results', `#/tests/${test.id}/results`, () => sleep(2000));
	await picture('leaderboard', '#/tests/leaderboard', () => sleep(2000));
	await picture('queue', '#/queue', () => sleep(2000));
	await picture('adapter', `#/adapters/${tape}`, () => sleep(2000));
	await picture('experiment', `#/experiments/${experiment.id}`, () => sleep(4000));
	await picture('status', '#/status', () => sleep(3000));
}

async function picture(name, hash, arrange, options = {}) {
	const page = await visit(browser, `${stack.url}${hash}`, { viewport, colorScheme: 'light', ...options });
	const raw = `${root}/.build/${name}.png`, out = `${root}/www/img/${name}.png`;

	await arrange(page);
	await page.evaluate(() => scrollTo(0, 0));
	await page.screenshot({ path: raw });
	await page.context().close();
	/* A page of ink on paper needs 256 colours at most, and a quarter of the bytes. */
	const made = spawn('ffmpeg', ['-y', '-loglevel', 'error', '-i', raw, '-vf',
		'split[a][b];[a]palettegen=max_colors=256[p];[b][p]paletteuse=dither=none', out], { stdio: 'inherit' });
	const [status] = await once(made, 'exit');
	if (status) throw new Error(`ffmpeg ended with ${status}`);
}
