/* What the workers are at: a place for each, so that nothing moves when a job comes or goes; a job keeps its place for as
 * long as it runs. */

import { call } from '../api.js';
import { attr, el, text } from '../dom.js';
import { many } from '../figures.js';
import { poll } from '../poll.js';
import { hueOf } from '../player/take.js';
import { stage } from '../words.js';

const BUSY_MS = 1000, IDLE_MS = 3000;
/* More places than that are counted instead of shown. */
const MOST = 8;

class Place {
	#title = el('p', { class: 'worker-title' });
	#stage = el('p', { class: 'worker-stage' });
	#bar = el('div', { class: 'job-bar', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100 });
	el = el('li', { class: 'worker' }, this.#title, this.#stage, this.#bar);
	job = null;

	constructor() {
		this.show(null);
	}

	show(job) {
		const percent = job && Math.round(job.progress_percent ?? job.progress * 100);

		this.job = job;
		attr(this.el, 'data-busy', Boolean(job));
		text(this.#title, job?.prompt_preview ?? 'Idle');
		text(this.#stage, job ? stage(job) : 'Ready for the next job');
		this.#bar.classList.toggle('off', !job);
		attr(this.#bar, 'role', job && 'progressbar');
		attr(this.#bar, 'aria-label', job && job.prompt_preview);
		attr(this.#bar, 'aria-valuenow', percent);
		this.el.style.setProperty('--done', percent ?? 0);
		this.el.style.setProperty('--hue', hueOf(job?.generation_params?.seed));
	}
}

export class Workers {
	#places = [];
	#list = el('ul', { class: 'workers' });
	#rest = el('p', { class: 'hint' });
	#hosts = el('p', { class: 'hint' });
	#etag = null;
	#running = [];
	#total = 0;
	#poll;

	constructor() {
		const first = new Promise((done) => { this.ready = done; });

		this.el = el('section', { class: 'queue-workers', 'aria-labelledby': 'workers-title' },
			el('h2', { id: 'workers-title' }, 'Workers'), this.#list,
			this.#rest, this.#hosts);
		this.#poll = poll(() => this.#ask().then(this.ready), () => (this.#running.length ? BUSY_MS : IDLE_MS));
		this.ready = first;
	}

	close() {
		this.#poll.stop();
	}

	now() {
		this.#poll.now();
	}

	/* As /jobs/stats has them: { busy, total, hosts } */
	count({ total, hosts }) {
		this.#total = total;
		this.#show();
		const each = hosts.map((h) => `${h.name} (${h.job_ids.length} of ${h.total} busy)`);
		text(this.#hosts, hosts.length > 1 ? `On ${many(hosts.length, 'host')}: ${each.join(', ')}.` : '');
	}

	async #ask() {
		const r = await call('GET', 'jobs?status=processing&limit=100', { etag: this.#etag });

		if (r.status === 304) return;
		this.#etag = r.etag;
		this.#running = r.data.items;
		this.#show();
	}

	#show() {
		const n = Math.min(MOST, Math.max(this.#total, this.#running.length));
		const waiting = new Map(this.#running.map((job) => [job.id, job]).reverse());

		while (this.#places.length < n) {
			const place = new Place();
			this.#places.push(place);
			this.#list.append(place.el);
		}
		while (this.#places.length > n) this.#places.pop().el.remove();
		for (const place of this.#places) {
			const still = place.job && waiting.get(place.job.id);
			place.show(still || null);
			if (still) waiting.delete(still.id);
		}
		for (const place of this.#places.filter((p) => !p.job)) {
			const [job] = waiting.values();
			if (!job) break;
			place.show(job);
			waiting.delete(job.id);
		}
		if (!n) text(this.#rest, 'None is running; the next job starts them.');
		else text(this.#rest, waiting.size ? `${many(waiting.size, 'more job')} at work beside these.` : '');
	}
}
