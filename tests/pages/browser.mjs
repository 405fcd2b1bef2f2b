/* What the tests of the pages share: a headless Chromium, visits that note every complaint of the
 * browser, and axe. */

import { createRequire } from 'node:module';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shots = new URL('../../.build/screenshots/', import.meta.url).pathname;

/* The whole browser would bring a desktop's services with it, so that `make check` installs only the shell. */
const program = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find(existsSync);

export function launch() {
	return chromium.launch({
		executablePath: program,
		args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
			'--mute-audio', '--disable-background-networking', '--disable-component-update',
			'--disable-sync'],
	});
}

/* A new visitor at `address`. page.complaints collects errors, warnings, CSP reports and requests that left
 * the server (and `elsewhere`, another origin that it may lead to); page.traffic every request with its status and
 * headers. prepare(page) runs before anything loads. */
export async function visit(browser, address, { prepare, elsewhere, ...options } = {}) {
	const viewport = { width: 1024, height: 800 };
	const context = await browser.newContext({ viewport, reducedMotion: 'reduce', ...options });
	const page = await context.newPage(), byText = page.getByText.bind(page);

	/* What is there to be read: the live regions may say the same at the same time. */
	page.getByText = (...which) => byText(...which).and(page.locator(':not(#live, #alarm)'));
	await listen(page, [new URL(address).origin, elsewhere]);
	await prepare?.(page);
	await page.goto(address);
	return page;
}

async function listen(page, origins) {
	page.complaints = [];
	page.traffic = [];
	/* What a test breaks on purpose (offline, a refused form) Chromium logs as well; that is not the page's. */
	page.on('console', (m) => {
		if (['error', 'warning'].includes(m.type()) && !m.text().startsWith('Failed to load resource'))
			page.complaints.push(m.text());
	});
	page.on('pageerror', (e) => page.complaints.push(String(e.stack)));
	page.on('request', (r) => {
		if (!origins.includes(new URL(r.url()).origin)) page.complaints.push(`left for ${r.url()}`);
	});
	page.on('response', async (r) => page.traffic.push({
		method: r.request().method(), url: r.url(), status: r.status(),
		sent: await r.request().allHeaders().catch(() => ({})), got: r.headers(),
	}));
	await page.exposeFunction('reportViolation', (what) => page.complaints.push(what));
	await page.addInitScript(() => addEventListener('securitypolicyviolation',
		(e) => window.reportViolation(`${e.violatedDirective}: ${e.blockedURI} in ${e.sourceFile}`)));
}

/* No complaints so far; then the visitor leaves. */
export async function leave(page) {
	assert.deepEqual(page.complaints, []);
	await page.context().close();
}

/* Presses a button, and again as soon as the first press was answered: the second half of a double click, where the
 * server is fast. */
export const pressAgain = (button) => button.evaluate((b) => new Promise((done) => {
	new MutationObserver((_, observer) => {
		if (b.hasAttribute('aria-disabled')) return;
		observer.disconnect();
		/* When the page has done all that the answer brings about. */
		setTimeout(() => { b.click(); done(); });
	}).observe(b, { attributes: true, attributeFilter: ['aria-disabled'] });
	b.click();
}));

/* What axe finds wrong with the page as it is, in short. Runs through the debugger, so the page's policy holds. */
export async function violations(page) {
	await page.evaluate(axe);
	const { violations } = await page.evaluate(() => window.axe.run());
	return violations.map((v) => `${v.id}: ${v.help} (${v.nodes.map((n) => n.target.join(' ')).join(', ')})`);
}

export async function screenshot(page, name) {
	mkdirSync(shots, { recursive: true });
	await page.screenshot({ path: `${shots}${name}.png` });
}

/* What is looked at by every run; LOOKS=all: each width in both schemes. */
const LOOKS = process.env.LOOKS === 'all'
	? ['light', 'dark'].flatMap((scheme) => [390, 1024, 1600].map((width) => [width, scheme]))
	: [[390, 'light'], [1024, 'dark'], [1600, 'light']];
const HEIGHTS = { 390: 844, 1024: 800, 1600: 1000 };

/* Tests of how a view looks: at three widths, light and dark, nothing sticks out, nothing jumps after it was loaded, axe
 * finds nothing; pictures go to .build/screenshots/NAME-WIDTH-SCHEME.png. address() is asked when it comes to
 * it, since it may lead to what a test has made; ready(page) waits until the view is whole; state(): the cookies and
 * the like that the visitor brings along. */
export function looks(browser, address, name, ready, state = () => undefined) {
	for (const [width, colorScheme] of LOOKS)
		test(`${name} at ${width} px, ${colorScheme}: nothing sticks out, nothing jumps, axe finds nothing`, async () => {
			const page = await visit(browser, address(), {
				colorScheme, viewport: { width, height: HEIGHTS[width] }, prepare: countJumps, storageState: state(),
			});

			await ready(page);
			await new Promise((done) => setTimeout(done, 300));
			await screenshot(page, `${name}-${width}-${colorScheme}`);
			assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it scrolls sideways');
			assert.ok(await jumps(page) < 0.01, `layout shift ${await jumps(page)}`);
			assert.deepEqual(await violations(page), []);
			await leave(page);
		});
}

/* For visit()'s prepare: the browser adds up what moved on the page by itself; jumps(page) → the sum (its unit: Layout
 * Instability's score). */
export const countJumps = (page) => page.addInitScript(() => {
	window.jumps = 0;
	new PerformanceObserver((l) => { for (const e of l.getEntries()) if (!e.hadRecentInput) window.jumps += e.value; })
		.observe({ type: 'layout-shift', buffered: true });
});
export const jumps = (page) => page.evaluate(() => window.jumps);
