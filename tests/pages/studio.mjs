/* What a person does in the studio, for the tests of its pages. */

import { visit as firstVisit } from './browser.mjs';

export const words = (page) => page.getByLabel('What would you like to hear?');

/* Somebody who does not want a take to play by itself when it is ready. */
export const visit = (browser, address, options = {}) => firstVisit(browser, address, {
	prepare: (page) => page.addInitScript(() => localStorage.setItem(`earshot:${location.pathname}:play-when-ready`, 'false')),
	...options,
});

/* The card of a prompt, newest first. */
export const cards = (page, prompt) => page.locator('.card').filter({ has: page.locator('h3', { hasText: prompt }) });
export const finished = (card) => card.locator('.player[data-state="ready"]');
export const audio = (page) => page.evaluate(() => {
	const a = document.querySelector('audio');
	return { at: a.currentTime, paused: a.paused, src: a.currentSrc, error: a.error?.message };
});

export const seedField = (page) => page.getByLabel('Seed', { exact: true });

export async function more(page) {
	if (!await page.locator('#options').evaluate((d) => d.open)) await page.locator('#options > summary').click();
}

export async function ask(page, { prompt, duration, seed, format }) {
	await words(page).fill(prompt);
	if (duration !== undefined) await page.getByLabel('Duration').fill(String(duration));
	if (seed !== undefined || format !== undefined) await more(page);
	if (seed !== undefined) await seedField(page).fill(String(seed));
	if (format !== undefined) await page.getByRole('radio', { name: format }).check({ force: true });
	await page.getByRole('button', { name: 'Generate' }).click();
}
