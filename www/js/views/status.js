/* Status: does everything work, and what to do where it does not; the models; the studio in figures. It says so itself
 * when the server is away, and goes on by itself when it is back. */

import { call, url, Unreachable } from '../api.js';
import { command } from '../copy.js';
import { announce, el, text } from '../dom.js';
import { count, Figures, many, stars } from '../figures.js';
import { Models } from '../models.js';
import { OpinionSums } from '../opinionsums.js';
import { poll } from '../poll.js';

export const title = 'Status';

const HEALTH_MS = 5000, REST_MS = 10000;
/* What depends on the database is not waited for longer than that before the rest is shown. */
const PATIENCE_MS = 1500;

const SENTENCES = { ok: 'Everything works.', degraded: 'Something is wrong.', away: 'The server does not answer.' };

const PARTS = {
	database: {
		name: 'Database', well: () => 'It answers.',
		advice: 'Start the database server again. Nothing else has to be restarted: the studio goes on as soon as it answers.',
	},
	storage: {
		name: 'Storage', well: () => 'It can be written to.',
		advice: 'See whether its disk is full, and whether its folder belongs to the user that the service runs as.',
	},
	daemon: {
		name: 'Daemon',
		well: (d) => (d.running ? `It runs with ${many(d.workers ?? 0, 'worker')}, ${count(d.busy ?? 0)} busy.`
			: 'It does not run now; the next job starts it.'),
		advice: 'End it; the next job starts another.',
		/* It keeps what it knows in the database, and may do no more than wait. */
		after: 'database', waits: 'It may only be waiting for the database; see to that first.',
	},
};

/* One part: a mark, its name, how it is, and what to do. */
class Part {
	#name;
	#says = el('p', { class: 'health-says' });
	#advice = el('p', { class: 'hint' });
	#fix = el('div', {});
	#remedy = null;

	constructor(name) {
		this.#name = name;
		this.el = el('li', { class: 'health-part' }, el('span', { class: 'health-mark', 'aria-hidden': 'true' }),
			el('div', {}, el('h3', {}, PARTS[name].name), this.#says, this.#advice, this.#fix));
	}

	show(health) {
		const find = (name) => health?.problems.find((p) => p.part === name);
		const problem = find(this.#name), part = PARTS[this.#name], waits = problem && find(part.after);
		const remedy = (!waits && problem?.remedy) || null;

		this.el.dataset.state = !health ? 'unknown' : problem ? 'wrong' : 'ok';
		text(this.#says, !health ? 'Not known.' : problem ? problem.detail : part.well(health[this.#name]));
		text(this.#advice, waits ? part.waits : problem ? part.advice : '');
		if (this.#remedy === remedy) return;
		this.#remedy = remedy;
		this.#fix.replaceChildren(...(remedy ? [command(remedy)] : []));
	}
}

class Health {
	#title = el('h2', { id: 'health-title', class: 'lead' }, '…');
	#line = el('p', { class: 'hint' });
	#parts = Object.keys(PARTS).map((name) => new Part(name));
	#state = '';

	constructor() {
		this.el = el('section', { class: 'panel health', 'aria-labelledby': 'health-title' }, this.#title, this.#line,
			el('ul', { class: 'health-parts' }, ...this.#parts.map((part) => part.el)));
	}

	/* As /health has it; null: it does not answer, for this reason. */
	show(health, reason) {
		const state = health?.status ?? 'away';

		for (const part of this.#parts) part.show(health);
		this.el.dataset.state = state;
		text(this.#title, SENTENCES[state]);
		text(this.#line, health ? `Version ${health.version}`
			: `${reason} This page asks again by itself. If it lasts: is the web server running, and can this device reach it?`);
		if (this.#state && this.#state !== state) announce(SENTENCES[state], state !== 'ok');
		this.#state = state;
	}
}

class Status {
	#health = new Health();
	#models = new Models(() => this.#polls.models.now());
	#studio = new Figures({
		jobs: 'Jobs', done: 'Done', active: 'At work or waiting', takes: 'Takes', rated: 'Takes rated', rating: 'Average rating',
		pending: 'Takes without feedback', adapters: 'Adapters in use',
	}, 'The studio in figures');
	#opinions = new OpinionSums();
	#rest = el('div', { hidden: true });
	#etags = new Map();
	#polls = {};

	constructor() {
		this.#rest.append(
			el('section', { 'aria-labelledby': 'studio-title' }, el('h2', { id: 'studio-title' }, 'The studio'), this.#studio.el),
			this.#opinions.el);
	}

	async open(root) {
		const health = this.#follow('health', HEALTH_MS, () => this.#askHealth());
		const rest = Promise.all([
			this.#follow('models', REST_MS, () => this.#ask('models', (d) => this.#models.show(d))),
			this.#follow('overview', REST_MS, () => this.#ask('metrics/overview', (d) => this.#figures(d))),
			this.#follow('feedback', REST_MS, () => this.#ask('metrics/feedback', (d) => this.#opinions.show(d))),
		]);

		root.append(el('h1', { tabindex: '-1' }, title));
		/* Together, so that nothing moves when the next part comes; but what is wrong is told without delay. */
		this.#known(false);
		rest.then(() => this.#known(true));
		await Promise.race([Promise.all([health, rest]), new Promise((done) => setTimeout(done, PATIENCE_MS))]);
		root.append(el('div', { class: 'status-pair' }, this.#health.el, this.#models.el), this.#rest,
			el('section', { 'aria-labelledby': 'machines-title' }, el('h2', { id: 'machines-title' }, 'For programs'),
				el('p', { class: 'status-links' },
					'Everything here can be done by a program: ', el('a', { href: url('openapi.json') }, 'the description of the API'),
					'. Monitoring systems find ', el('a', { href: url('metrics') }, 'the figures'), ' in their own format.')));
	}

	close() {
		for (const p of Object.values(this.#polls)) p.stop();
	}

	/* Is there anything to show beside the health? */
	#known(is) {
		this.#rest.hidden = !is;
		this.#models.el.hidden = !is;
	}

	/* Asks again and again; resolves when it was answered for the first time, well or not. */
	#follow(name, every_ms, ask) {
		return new Promise((done) => { this.#polls[name] = poll(() => ask().then(done), every_ms); });
	}

	async #askHealth() {
		try {
			this.#health.show((await call('GET', 'health')).data);
		} catch (e) {
			if (!(e instanceof Unreachable)) throw e;
			this.#health.show(null, e.message);
			throw e;
		}
	}

	async #ask(path, show) {
		const r = await call('GET', path, { etag: this.#etags.get(path) });

		if (r.status === 304) return;
		this.#etags.set(path, r.etag);
		show(r.data);
	}

	#figures({ pipeline: { generation, feedback }, quick_stats: quick }) {
		const f = this.#studio;

		f.set('jobs', count(generation.total));
		f.set('done', count(generation.completed));
		f.set('active', count(generation.active), '#/queue', `${count(generation.active)} at work or waiting: the queue`);
		f.set('takes', count(quick.total_samples), '#/library', `${count(quick.total_samples)} takes: the library`);
		f.set('rated', count(feedback.rated_samples));
		f.set('rating', stars(quick.avg_rating));
		f.set('pending', count(quick.pending_feedback));
		f.set('adapters', `${count(quick.active_adapters)} of ${count(quick.total_adapters)}`, '#/adapters',
			`${count(quick.active_adapters)} of ${count(quick.total_adapters)} adapters in use: show them`);
	}
}

export async function open(root) {
	const status = new Status();

	await status.open(root);
	return status;
}
