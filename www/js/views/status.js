/* Status: does everything work, and what to do where it does not; the models; the studio in figures. It says so itself
 * when the server is away, and goes on by itself when it is back. */

import { call, url, Unreachable } from '../api.js';
import { el } from '../dom.js';
import { count, Figures, stars } from '../figures.js';
import { poll } from '../poll.js';
import { Health } from '../status/health.js';
import { Models } from '../status/models.js';
import { OpinionSums } from '../status/opinions.js';

export const title = 'Status';

const HEALTH_MS = 5000, REST_MS = 10000;
/* What depends on the database is not waited for longer than that before the rest is shown. */
const PATIENCE_MS = 1500;

class Status {
	#health = new Health();
	#models = new Models(() => this.#polls.models.now());
	#studio = new Figures({
		jobs: 'Jobs', done: 'Done', active: 'At work or waiting', takes: 'Takes', rated: 'Takes rated',
		rating: 'Average rating', pending: 'Takes without feedback', adapters: 'Adapters in use',
	}, 'The studio in figures');
	#opinions = new OpinionSums();
	#rest = el('div', { hidden: true });
	#etags = new Map();
	#polls = {};

	constructor() {
		this.#rest.append(
			el('section', { 'aria-labelledby': 'studio-title' }, el('h2', { id: 'studio-title' }, 'The studio'),
				this.#studio.el),
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
					'Everything here can be done by a program: ',
					el('a', { href: url('openapi.json') }, 'the description of the API'),
					'. Monitoring systems find ', el('a', { href: url('metrics') }, 'the figures'),
					' in their own format.')));
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
