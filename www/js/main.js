/* Puts the page together. */

import { part } from './api.js';
import { Composer } from './studio/composer.js';
import { showConnection } from './connection.js';
import { announce } from './dom.js';
import { Jobs } from './studio/jobs.js';
import { player } from './player/player.js';
import { Router } from './router.js';
import { showSession } from './session.js';
import { load, who } from './store.js';
import { Takes } from './studio/takes.js';

/* After this, what the first look does without. */
const SOON_MS = 2500;

const byId = (id) => document.getElementById(id);

const jobs = new Jobs();
let outbox = null;

/* The studio is what the page itself holds: it stays as it is while other views come and go. */
const studio = {
	title: 'Studio',
	open(root, route) {
		byId('studio').hidden = false;
		studio.moved(route);
		return { moved: studio.moved, close() { byId('studio').hidden = true; } };
	},
	/* "#/?experiment=ID": what is made from now on belongs to it. */
	moved({ query }) {
		if (!query.size) return false;
		composer.take({ experiment_id: query.get('experiment') });
		app.rename('#/');
		return true;
	},
};

/* Every view, by its place in the address; the links in the page's head name the same. */
const views = {
	'': () => studio,
	library: () => import('./views/library.js'),
	compare: () => import('./views/compare.js'),
	tests: () => import('./views/tests.js'),
	queue: () => import('./views/queue.js'),
	experiments: () => import('./views/experiments.js'),
	adapters: () => import('./views/adapters.js'),
	status: () => import('./views/status.js'),
	account: () => import('./views/account.js'),
	users: () => import('./views/users.js'),
	missing: () => import('./views/missing.js'),
};

const app = {
	jobs,
	/* → a promise of it; it comes with the first submission. */
	outbox() {
		outbox ??= part(() => import('./studio/outbox.js')).then((m) => new m.Outbox(jobs));
		outbox.catch(() => { outbox = null; });
		return outbox;
	},
	/* Puts these values into the studio's form and goes there: those of POST /generate (prompt, attributes, model,
	 * adapter_id, adapter_scale, seed, duration, format, num_samples, experiment_id, …). null empties a field,
	 * what is not there stays as it is; a prompt without attributes has none. */
	compose(values) {
		return router.go('#/').then(() => composer.take(values));
	},
	/* The same with what a job was made of. */
	async reuse(job) {
		const { valuesOf } = await import('./studio/actions.js');

		await app.compose(await valuesOf(job));
		announce('The form holds this prompt and its settings now.');
	},
	go: (hash) => router.go(hash),
	rename: (hash) => router.rename(hash),
};
const router = new Router(views, byId('view'), app);

const composer = new Composer(byId('composer'), app);

/* What comes when it is needed; begin() gets the module and each event until then. */
function later(target, type, load, begin) {
	const come = (e) => {
		/* Handled too late to keep the page from scrolling. */
		if (e.key === ' ' && e.target === document.body) e.preventDefault();
		load().then((m) => {
			target.removeEventListener(type, come);
			begin(m, e);
		}, () => {});
	};

	target.addEventListener(type, come);
}

showSession();
new Takes(app);
showConnection(byId('connection'), byId('connection-text'), byId('connection-retry'), () => jobs.wake());
later(player, 'change', () => import('./player/bar.js'), (m) => m.open(byId('bar')));
later(window, 'keydown', () => import('./player/keys.js'), (m, e) => m.press(e));
if (load('player')) player.dispatchEvent(new Event('change'));
router.start();
jobs.run();
if (load('outbox', []).length) app.outbox().then((o) => o.resume());
setTimeout(() => import('./access/meet.js').then((m) => m.ask()).catch(() => {}), who?.out ? 0 : SOON_MS);
