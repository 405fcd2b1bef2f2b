/* Accounts: signing in and out, a session that ends in the middle of work, what each role is offered, the password,
 * tokens, users. */

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build, root } from '../harness.mjs';
import { leave, looks, violations, visit } from './browser.mjs';
import { openStudio, until } from './stack.mjs';
import { cards, finished, visit as visitStudio, words } from './studio.mjs';

const PASSWORDS = { ada: 'a lamp beside the window', carl: 'seven quiet afternoons', lisa: 'listen to the rain' };
const ROLES = { ada: 'admin', carl: 'creator', lisa: 'listener' };

const { stack, browser } = await openStudio({ access: 'accounts', sign_in_tries_per_address: 1000 });

/* The command line, with a password on its standard input. */
async function addUser(login, role) {
	const child = spawn(join(build, 'bin/earshot'), ['-c', stack.conf, 'user', 'add', login, '--role', role]);
	let said = '';

	child.stderr.on('data', (text) => { said += text; });
	child.stdin.end(`${PASSWORDS[login]}\n`);
	const [status] = await once(child, 'exit');
	assert.equal(status, 0, said);
}

await Promise.all(Object.entries(ROLES).map(([login, role]) => addUser(login, role)));

/* What a browser of theirs holds once they have signed in, for visit()'s storageState. */
async function signedIn(login) {
	const page = await visit(browser, stack.url);

	await signIn(page, login);
	await page.getByRole('link', { name: `Your account: ${login}` }).waitFor();
	const state = await page.context().storageState();
	await leave(page);
	return state;
}

const field = (page, label) => page.getByLabel(label, { exact: true });
const dialog = (page) => page.getByRole('dialog');

async function signIn(page, login, password = PASSWORDS[login]) {
	await field(dialog(page), 'Login').fill(login);
	await field(dialog(page), 'Password').fill(password);
	await page.keyboard.press('Enter');
}

/* The API in this browser's name. */
async function api(page, method, path, body) {
	const r = await page.context().request.fetch(`${stack.url}api/${path}`, {
		method, data: body, headers: { origin: stack.origin },
	});

	assert.ok(r.ok(), `${method} ${path}: ${r.status()} ${await r.text()}`);
	return r.json();
}

const to = (page, view) => page.getByRole('navigation').getByRole('link', { name: view }).click();
/* The page has asked who it is. */
const knows = (page) => until('the page knows who it is', () =>
	page.evaluate(async () => Boolean((await import('./js/session.js')).session.answer)));

/* Again, so that it asks the server at once. */
const lookAt = (page) => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));

/* As if it had expired. */
const endSession = (page) => page.context().clearCookies();
const kept = (page) => page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));

const states = {};
await Promise.all(Object.keys(ROLES).map(async (login) => { states[login] = await signedIn(login); }));
const as = (login, hash = '', options = {}) =>
	visitStudio(browser, `${stack.url}${hash}`, { storageState: states[login], ...options });

/* A take that is done, in this browser's name. */
async function made(page, prompt) {
	const { id } = await api(page, 'POST', 'generate', { prompt, duration: 1 });

	await until(`${prompt} is done`, async () => (await api(page, 'GET', `generate/${id}`)).status === 'completed');
}

await Promise.all([['carl', 'a polka of Carl'], ['ada', 'a march of Ada']].map(async ([login, prompt]) => {
	const page = await as(login);
	await made(page, prompt);
	await leave(page);
}));

test('who is not signed in sees the way in and nothing else, and comes by keyboard to where the link led', async () => {
	const page = await visit(browser, `${stack.url}#/library`);

	await dialog(page).getByRole('heading', { name: 'Sign in' }).waitFor();
	assert.deepEqual(await violations(page), []);
	assert.ok(!await page.getByRole('navigation').isVisible());
	assert.ok(!await page.locator('main').isVisible());
	await page.keyboard.press('Escape');
	await page.keyboard.press('Escape');
	await dialog(page).waitFor();

	await page.keyboard.type('ada');
	await page.keyboard.press('Tab');
	await page.keyboard.type('not her password');
	await page.keyboard.press('Enter');
	await dialog(page).getByRole('alert').getByText('There is no such login, or the password is another one.').waitFor();
	/* What was wrong is selected: typing replaces it. */
	await page.keyboard.type(PASSWORDS.ada);
	await page.keyboard.press('Enter');
	await page.getByRole('heading', { name: 'Library' }).waitFor();
	await page.locator('.library-row', { hasText: 'a polka of Carl' }).waitFor();
	await page.getByRole('link', { name: 'Your account: ada' }).waitFor();
	assert.equal(await dialog(page).count(), 0);
	assert.ok(page.traffic.every((t) => !decodeURIComponent(t.url).includes(PASSWORDS.ada)), 'a password in an address');
	assert.ok(!(await kept(page)).includes(PASSWORDS.ada), 'the browser keeps the password');
	assert.equal(await page.evaluate(() => document.cookie), '', 'scripts can read the cookie');
	await leave(page);
});

test('a browser that keeps nothing but the cookie does for signing in', async () => {
	const page = await visit(browser, `${stack.url}#/account`, { prepare: (p) => p.addInitScript(() =>
		Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } })) });

	await dialog(page).waitFor();
	await page.evaluate(() => { window.same = true; });
	await signIn(page, 'carl');
	await page.getByText('You have none.').waitFor();
	assert.ok(await page.evaluate(() => window.same), 'the page begins anew, which it would do again and again');
	await leave(page);
});

test('a session that ends in the middle of work: nothing typed is lost, and what was asked for is done once', async () => {
	const page = await as('carl');

	await words(page).fill('a slow waltz for a long evening');
	await page.getByLabel('Duration').fill('2');
	await knows(page);
	await endSession(page);
	await page.getByRole('button', { name: 'Generate' }).click();
	await dialog(page).getByRole('heading', { name: 'Sign in again' }).waitFor();
	assert.equal(await field(dialog(page), 'Login').inputValue(), 'carl');
	assert.equal(await page.evaluate(() => document.activeElement.name), 'password');
	assert.deepEqual(await violations(page), []);

	/* Not now: the page stays, and the way back stands in its head. */
	await page.keyboard.press('Escape');
	assert.equal(await words(page).inputValue(), 'a slow waltz for a long evening');
	await page.getByRole('link', { name: 'Sign in' }).click();
	await dialog(page).waitFor();
	await dialog(page).getByRole('button', { name: 'Not now' }).click();
	await words(page).fill('a slow waltz for a long evening, and what was typed since');
	await page.getByRole('link', { name: 'Sign in' }).click();

	await page.keyboard.type(PASSWORDS.carl);
	await page.keyboard.press('Enter');
	await finished(cards(page, 'a slow waltz').first()).waitFor({ timeout: 30000 });
	const { items: jobs } = await api(page, 'GET', 'jobs');
	assert.equal(jobs.filter((job) => job.prompt_preview.startsWith('a slow waltz')).length, 1);
	assert.equal(await words(page).inputValue(), 'a slow waltz for a long evening, and what was typed since');
	await page.getByRole('link', { name: 'Your account: carl' }).waitFor();
	await leave(page);
});

test('a session that ends while the server goes away: the page asks on by itself, and then to sign in', async () => {
	const page = await as('carl', '#/status');
	let lost = 0;

	await knows(page);
	await page.getByText('For programs').waitFor();
	await page.route('**/api/session', (route) => (++lost <= 2 ? route.abort() : route.continue()));
	await endSession(page);
	await lookAt(page);
	await page.locator('#connection').getByText('The connection is lost.').waitFor({ timeout: 20000 });
	await dialog(page).waitFor();
	await signIn(page, 'carl');
	await dialog(page).waitFor({ state: 'detached' });
	await page.getByRole('heading', { name: 'Everything works.' }).waitFor();
	await leave(page);
});

test('who is signed in and told otherwise gets the sentence, and the server is not asked on and on', async () => {
	let asked = 0;
	const page = await as('carl', '#/account', { prepare: (p) => p.route('**/api/tokens?*', (route) => {
		asked++;
		return route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{"detail":"Somebody took the header away."}' });
	}) });

	await page.getByText('Somebody took the header away.').waitFor();
	assert.equal(await dialog(page).count(), 0);
	assert.equal(asked, 2);
	await leave(page);
});

test('what is no ordinary call goes on after signing in, too: a file is sent again, a take says to press play again', async () => {
	const page = await as('ada', '#/adapters/new');
	const again = async () => {
		await dialog(page).waitFor();
		await field(dialog(page), 'Password').fill(PASSWORDS.ada);
		await page.keyboard.press('Enter');
		await dialog(page).waitFor({ state: 'detached' });
	};

	await knows(page);
	await field(page, 'Name').fill('Long evening');
	await page.getByRole('button', { name: 'Begin the adapter' }).click();
	await page.getByRole('heading', { name: 'Long evening' }).waitFor();
	await endSession(page);
	await page.locator('.shelf-version input[type=file]').setInputFiles(join(root, 'lib/engine/band/adapters/dusty-tape.json'));
	await again();
	await page.getByText('Uploaded and checked.').waitFor();

	await to(page, 'Library');
	const row = page.locator('.library-row', { hasText: 'a polka' });
	await row.getByText('0:00 / 0:01').waitFor();
	await endSession(page);
	await row.getByRole('button', { name: 'Play' }).click();
	await again();
	await row.getByText('The session had ended; press play to go on.').waitFor();
	await leave(page);
});

test('two pages of one browser: one signs in, the other goes on by itself; one signs out, the other covers itself', async () => {
	const page = await as('ada', '#/status'), other = await page.context().newPage();

	await other.goto(`${stack.url}#/account`);
	await other.getByText('You have none.').waitFor();
	await endSession(page);
	await to(page, 'Library');
	await dialog(page).waitFor();
	await other.reload();
	await signIn(other, 'ada');
	await other.getByText('You have none.').waitFor();
	await dialog(page).waitFor({ state: 'detached' });
	await page.getByRole('heading', { name: 'Library' }).waitFor();

	await other.getByRole('button', { name: 'Sign out' }).click();
	await dialog(other).getByRole('heading', { name: 'Sign in' }).waitFor();
	await lookAt(page);
	await dialog(page).waitFor();
	assert.ok(!await page.locator('main').isVisible(), 'what was there before shows');
	await leave(page);
});

test('two people share a browser: each has a draft of their own, and who signs out leaves none', async () => {
	const page = await visit(browser, stack.url);

	await signIn(page, 'carl');
	await words(page).fill('something only Carl has thought of');
	await endSession(page);
	await page.reload();
	await signIn(page, 'ada');
	await page.getByRole('link', { name: 'Your account: ada' }).waitFor();
	assert.equal(await words(page).inputValue(), '');
	await words(page).fill('a thought of Ada');
	await endSession(page);
	await page.reload();
	await signIn(page, 'carl');
	await page.getByRole('link', { name: 'Your account: carl' }).click();
	await to(page, 'Studio');
	assert.equal(await words(page).inputValue(), 'something only Carl has thought of');

	await page.getByRole('link', { name: 'Your account: carl' }).click();
	await page.getByRole('button', { name: 'Sign out' }).click();
	await dialog(page).getByRole('heading', { name: 'Sign in' }).waitFor();
	assert.ok(!(await kept(page)).includes('Carl'), 'what Carl has typed is there still');
	assert.equal(await field(dialog(page), 'Login').inputValue(), '');
	await leave(page);
});

test('a listener is offered nothing that a listener may not do', async () => {
	const page = await as('lisa');

	await finished(cards(page, 'a polka').first()).waitFor();
	assert.equal(await words(page).isVisible(), false);
	for (const name of ['Generate', 'Use again', 'Vary the seed', 'Delete'])
		assert.equal(await page.getByRole('button', { name, exact: true }).count(), 0, `the studio offers "${name}"`);
	await cards(page, 'a polka').getByRole('radio').nth(3).check({ force: true });
	await until('it is rated', async () => (await api(page, 'GET', 'ratings')).total === 1);

	await to(page, 'Library');
	await page.getByRole('button', { name: 'More', exact: true }).first().click();
	await page.getByRole('button', { name: /Put into Compare|Take out/ }).waitFor();
	for (const name of ['More like this', 'Vary the seed', 'Delete'])
		assert.equal(await page.getByRole('button', { name, exact: true }).count(), 0, `the library offers "${name}"`);
	/* A view, what stands there when it is whole, and what is not to be offered. */
	for (const [view, whole, offers] of [
		['Queue', 'See the take', ['Try again', 'Delete', 'Cancel all waiting']],
		['Adapters', 'Dusty tape', ['New adapter']],
		['Experiments', 'No experiments here yet.', ['New experiment', 'Begin the first one']],
		['A/B tests', 'Is it better, or only different?', ['New A/B test', 'Begin the first one']],
		['Status', 'For programs', ['Use this one']],
	]) {
		await to(page, view);
		await page.locator('#view').getByText(whole).first().waitFor();
		for (const name of offers)
			assert.equal(await page.getByRole('button', { name }).or(page.getByRole('link', { name })).count(), 0,
				`${view} offers "${name}"`);
	}
	for (const [hash, whose] of [['tests/new', 'creators and admins'], ['experiments/new', 'creators and admins'],
		['adapters/new', 'admins'], ['users', 'admins']]) {
		await page.goto(`${stack.url}#/${hash}`);
		await page.getByText(`This is for ${whose}.`).waitFor();
		assert.equal(await page.locator('main').getByRole('textbox').count(), 0, hash);
	}
	await leave(page);
});

test('a creator changes what is their own; what is others’, or takes an admin, is not offered', async () => {
	const page = await as('carl'), admin = await as('ada');

	await finished(cards(page, 'a march of Ada').first()).waitFor();
	const offered = (prompt) => cards(page, prompt).getByRole('button', { name: 'Delete' }).count();
	assert.equal(await offered('a polka'), 1);
	assert.equal(await offered('a march of Ada'), 0);
	assert.equal(await cards(page, 'a march of Ada').getByRole('button', { name: 'Use again' }).count(), 1);
	await finished(cards(admin, 'a polka').first()).waitFor();
	assert.equal(await cards(admin, 'a polka').getByRole('button', { name: 'Delete' }).count(), 1);

	await to(page, 'Library');
	for (const [prompt, n] of [['a polka', 1], ['a march of Ada', 0]]) {
		await page.locator('.library-row', { hasText: prompt }).getByRole('button', { name: 'More', exact: true }).click();
		await page.getByRole('button', { name: 'Vary the seed' }).waitFor();
		assert.equal(await page.getByRole('button', { name: 'Delete' }).count(), n, `to delete ${prompt}`);
		await page.keyboard.press('Escape');
	}
	await to(page, 'Adapters');
	await page.getByRole('link', { name: 'Dusty tape' }).click();
	await page.getByRole('button', { name: 'Use in the studio' }).waitFor();
	for (const name of ['Edit', 'Archive', 'New version', 'Replace the file', 'Train from MIDI files'])
		assert.equal(await page.getByRole('button', { name }).count(), 0, name);
	await leave(page);
	await leave(admin);
});

test('stars are one’s own at every browser one signs in with, and nobody else’s', async () => {
	const page = await as('lisa'), elsewhere = await as('lisa'), other = await as('carl');
	const rated = (at) => cards(at, 'a march of Ada').locator('.stars[data-rating]').getAttribute('data-rating');
	const star = (at, n) => cards(at, 'a march of Ada').getByRole('radio', { name: `${n} of 5` });
	const given = async () => (await api(page, 'GET', 'ratings')).items.filter(({ audio_id: id }) => id === audio).map((r) => r.rating).join();
	const { items } = await api(page, 'GET', 'jobs'), [audio] = items.find((job) => job.prompt_preview === 'a march of Ada').audio_ids;

	for (const at of [page, elsewhere, other]) await star(at, 3).waitFor({ state: 'attached' });
	await star(page, 2).check({ force: true });
	await until('it is rated', async () => await given() === '2');
	await elsewhere.reload();
	await until('it shows elsewhere', async () => await rated(elsewhere) === '2');
	await star(elsewhere, 5).check({ force: true });
	await until('it is rated anew', async () => await given() === '5');
	await other.reload();
	await star(other, 3).waitFor({ state: 'attached' });
	assert.equal(await rated(other), '0');

	/* Here one knows only of the first. */
	await star(page, 4).check({ force: true });
	await until('it is one rating', async () => await given() === '4');
	await elsewhere.reload();
	await until('it shows elsewhere', async () => await rated(elsewhere) === '4');
	await star(elsewhere, 4).click({ force: true });
	await until('it is taken back', async () => await given() === '');
	await page.reload();
	await star(page, 3).waitFor({ state: 'attached' });
	assert.equal(await rated(page), '0');
	for (const at of [page, elsewhere, other]) await leave(at);
});

test('a password is changed with the one before; wherever else one was signed in, one is so no more', async () => {
	const page = await as('lisa', '#/account'), elsewhere = await visit(browser, stack.url);
	const form = page.getByRole('form', { name: 'Password' }), change = form.getByRole('button', { name: 'Change the password' });

	await signIn(elsewhere, 'lisa');
	await elsewhere.getByRole('link', { name: 'Your account: lisa' }).click();
	await elsewhere.getByText('You have none.').waitFor();
	await field(form, 'Current password').fill('something else');
	await field(form, 'New password').fill('short');
	await change.click();
	await form.getByText(/New password must have/).waitFor();
	await field(form, 'New password').fill('the rain has stopped now');
	await change.click();
	await form.getByText('Current password is not your password.').waitFor();
	await field(form, 'Current password').fill(PASSWORDS.lisa);
	await form.getByRole('button', { name: 'Show: New password' }).click();
	assert.equal(await field(form, 'New password').getAttribute('type'), 'text');
	await change.click();
	await form.getByText('It is changed.').waitFor();
	PASSWORDS.lisa = 'the rain has stopped now';

	await to(elsewhere, 'Library');
	await dialog(elsewhere).getByRole('heading', { name: 'Sign in again' }).waitFor();
	await signIn(elsewhere, 'lisa');
	await elsewhere.getByRole('heading', { name: 'Library' }).waitFor();
	assert.ok(!(await kept(page)).includes(PASSWORDS.lisa), 'the browser keeps the password');
	await leave(page);
	await leave(elsewhere);
});

test('a token is shown once, does what it was made for, and is refused once it is revoked', async () => {
	const page = await as('carl', '#/account'), tokens = page.getByRole('region', { name: 'Tokens' });
	const use = (token, method = 'GET', path = 'jobs') => fetch(`${stack.url}api/${path}`, {
		method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
		...(method === 'POST' && { body: JSON.stringify({ prompt: 'by a program', duration: 1 }) }),
	});

	await tokens.getByRole('button', { name: 'New token' }).click();
	assert.equal(await tokens.getByLabel('Change adapters, models and users').count(), 0, 'more than the role may');
	await tokens.getByRole('button', { name: 'Make the token' }).click();
	await tokens.getByText(/^Name must/).waitFor();
	await field(tokens, 'Name').fill('the radio in the kitchen');
	await page.keyboard.press('Enter');
	await tokens.getByText('Copy it now').waitFor();
	const token = await tokens.getByRole('group', { name: 'The new token' }).locator('code').textContent();
	assert.deepEqual(await violations(page), []);
	assert.equal((await use(token)).status, 200);
	assert.equal((await use(token, 'POST', 'generate')).status, 403);
	assert.ok(!(await kept(page)).includes(token), 'the browser keeps the token');

	await tokens.getByRole('button', { name: 'I have it' }).click();
	assert.equal(await tokens.getByRole('button', { name: 'New token' }).evaluate((b) => b === document.activeElement), true);
	assert.ok(!(await page.content()).includes(token), 'the page shows it still');
	await page.reload();
	const row = tokens.getByRole('listitem').filter({ hasText: 'the radio in the kitchen' });
	await row.getByText('read', { exact: true }).waitFor();
	await row.getByText(/used just now/).waitFor();

	await row.getByRole('button', { name: 'Revoke' }).click();
	await row.getByRole('button', { name: 'Keep it' }).click();
	assert.equal((await use(token)).status, 200);
	await row.getByRole('button', { name: 'Revoke' }).click();
	await row.getByRole('button', { name: 'Revoke it' }).click();
	await tokens.getByText('You have none.').waitFor();
	assert.equal((await use(token)).status, 401);
	await leave(page);
});

test('an admin makes an account, changes what it may, and disables it', async () => {
	const admin = await as('ada', '#/account'), nora = await visit(browser, stack.url);
	const row = admin.getByRole('listitem').filter({ has: admin.getByRole('heading', { name: 'nora' }) });

	await admin.getByRole('link', { name: 'Users' }).click();
	await admin.getByRole('link', { name: 'New user' }).click();
	await field(admin, 'Login').fill('nora l');
	await field(admin, 'Password').fill('four white pigeons');
	await admin.getByRole('button', { name: 'Make the account' }).click();
	await admin.getByText(/^Login must/).waitFor();
	assert.ok(!(await kept(admin)).includes('pigeons'), 'the browser keeps the password');
	await field(admin, 'Login').fill('nora');
	await admin.getByRole('button', { name: 'Make the account' }).click();
	await row.getByText('never signed in').waitFor();
	assert.deepEqual(await violations(admin), []);
	await signIn(nora, 'nora', 'four white pigeons');
	await nora.getByRole('button', { name: 'Generate' }).waitFor();
	await knows(nora);
	await words(nora).fill('may I still?');

	await row.getByRole('button', { name: 'Edit' }).click();
	assert.deepEqual(await violations(admin), []);
	await field(row, 'Role').selectOption('listener');
	await row.getByText('May hear, rate, tag and vote.').waitFor();
	await field(row, 'Waiting jobs at most').fill('3');
	await field(row, 'Music a day at most').fill('10 min');
	await row.getByRole('button', { name: 'Save' }).click();
	await row.getByText('3 waiting jobs at most · 10 min of music a day at most').waitFor();
	await row.getByText('listener', { exact: true }).waitFor();
	/* The page that thought otherwise learns it by the first no. */
	await nora.getByRole('button', { name: 'Generate' }).click();
	await nora.getByRole('button', { name: 'Generate' }).waitFor({ state: 'hidden' });

	await row.getByRole('button', { name: 'Disable' }).click();
	await row.getByText('disabled').waitFor();
	await to(nora, 'Library');
	await dialog(nora).waitFor();
	await signIn(nora, 'nora', 'four white pigeons');
	await dialog(nora).getByText('There is no such login, or the password is another one.').waitFor();
	const me = admin.getByRole('listitem').filter({ has: admin.getByRole('heading', { name: 'ada' }) });
	assert.equal(await me.getByRole('button', { name: 'Disable' }).count(), 0);
	await leave(nora);
	await leave(admin);
});

test('after too many tries the button says how long to wait', async () => {
	const page = await visit(browser, stack.url), button = dialog(page).getByRole('button', { name: /^(Sign in|Try again)/ });

	await dialog(page).waitFor();
	/* Somebody who is not there is counted like anybody else. */
	for (let tries = 0; tries < 50; tries++) {
		const r = await fetch(`${stack.url}api/session`, {
			method: 'POST', headers: { 'content-type': 'application/json', origin: stack.origin },
			body: JSON.stringify({ login: 'mallory', password: 'guessing again' }),
		});
		if (r.status === 429) break;
		assert.equal(r.status, 401);
	}
	await signIn(page, 'mallory', 'guessing again');
	await dialog(page).getByText(/too many sign-ins/).waitFor();
	await until('the button waits', async () => /^Try again in \d+ (s|min)/.test(await button.textContent()));
	assert.equal(await button.getAttribute('aria-disabled'), 'true');
	await leave(page);
});

looks(browser, () => `${stack.url}#/account`, 'signin', (page) => dialog(page).waitFor());
looks(browser, () => `${stack.url}#/account`, 'account', (page) => page.getByText('You have none.').waitFor(), () => states.ada);
