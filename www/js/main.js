/* Puts the page together. */

import { get } from './api.js';
import { Composer } from './composer.js';
import { patiently, showConnection } from './connection.js';
import { announce, text } from './dom.js';
import { Jobs } from './jobs.js';
import { Outbox } from './outbox.js';
import { player } from './player.js';
import { Router } from './router.js';
import { load } from './store.js';
import { Takes } from './takes.js';

const byId = (id) => document.getElementById(id);

const jobs = new Jobs();
const outbox = new Outbox(jobs);
const composer = new Composer(byId('composer'), outbox);

/* The studio is what the page itself holds: it stays as it is while other views come and go. */
const studio = {
	title: 'Studio',
	open() {
		byId('studio').hidden = false;
		return { close() { byId('studio').hidden = true; } };
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
	missing: () => import('./views/missing.js'),
};

const app = {
	jobs,
	outbox,
	/* Puts these values (prompt, duration, seed, format, …) into the studio's form and goes there. */
	compose(values) {
		router.go('#/').then(() => composer.take(values));
	},
	/* The same with what a job was made of. */
	reuse(job) {
		router.go('#/').then(() => reuse(job));
	},
	go: (hash) => router.go(hash),
	rename: (hash) => router.rename(hash),
};
const router = new Router(views, byId('view'), app);

/* The job's whole prompt is fetched, since the job itself carries only how it begins. */
async function reuse(job) {
	const { duration, seed, format } = job.generation_params;
	let prompt = job.prompt_preview;

	try {
		prompt = await jobs.prompt(job);
	} catch {
		/* Its beginning is better than nothing. */
	}
	composer.take({ prompt, duration, seed, format });
	announce('The form holds this prompt and seed now.');
}

/* Says beforehand when nothing can be generated here, and why. */
async function checkModel() {
	const { models, current_model } = await patiently(() => get('models'));
	const model = models.find((m) => m.id === current_model);

	if (!model) return;
	byId('notice').hidden = model.is_available;
	text(byId('notice'), `${model.display_name} cannot play at the moment: ${model.unavailable_reason}`);
	if (!composer.hasDraft) composer.fill({ duration: model.recommended_duration_seconds });
}

/* What comes when it is needed for the first time; begin() gets the module and the event. */
function later(target, type, load, begin) {
	target.addEventListener(type, (e) => {
		/* What was loaded handles it too late to keep the page from scrolling. */
		if (e.key === ' ' && e.target === document.body) e.preventDefault();
		load().then((m) => begin(m, e), () => later(target, type, load, begin));
	}, { once: true });
}

new Takes(jobs, outbox, reuse, (words) => composer.take({ prompt: words }));
showConnection(byId('connection'), byId('connection-text'), byId('connection-retry'), () => jobs.wake());
later(player, 'change', () => import('./bar.js'), (m) => m.open(byId('bar')));
later(window, 'keydown', () => import('./keys.js'), (m, e) => m.press(e));
if (load('player')) player.dispatchEvent(new Event('change'));
router.start();
jobs.run();
outbox.resume();
checkModel().catch(() => {});
