/* The queue: how it goes, how it went over the last day, what the workers are at, and every job. */

import { call } from '../api.js';
import { attr, el } from '../dom.js';
import { count, Figures, lasting } from '../figures.js';
import { poll } from '../poll.js';
import { CancelAll } from '../queue/cancelall.js';
import { dayChart } from '../queue/day.js';
import { JobFilters } from '../queue/filters.js';
import { JobList } from '../queue/list.js';
import { Workers } from '../queue/workers.js';
import { to } from '../address.js';

export const title = 'Queue';

const STATS_MS = 2000, HISTORY_MS = 15000;

class Queue {
	#figures = new Figures({
		waiting: 'Waiting', running: 'Running', done: 'Done in 24 h', failed: 'Failed', wait: 'Average wait',
		processing: 'Average processing', audio: 'Music made in 24 h', workers: 'Workers busy',
	}, 'The queue in figures');
	#chart = dayChart();
	#quiet = el('p', { class: 'hint chart-none', hidden: true }, 'Nothing was done in the last 24 hours. ',
		el('a', { href: '#/' }, 'Begin in the studio'));
	#workers = new Workers();
	#filters = new JobFilters((values) => this.#narrowed(values));
	#list;
	#cancel;
	#etags = new Map();
	#polls;

	constructor(app) {
		this.app = app;
		this.#cancel = new CancelAll(() => this.#filters.query({ status: false }), () => this.#changed());
		this.#list = new JobList({
			jobs: app.jobs, modelName: this.#filters.modelName, experimentName: this.#filters.experimentName,
			empty: (filtered) => this.#nothing(filtered), onchange: () => this.#changed(),
		});
	}

	async open(root, route) {
		const first = new Promise((done) => {
			this.#polls = [poll(() => this.#ask('jobs/stats?history=24').then(done), HISTORY_MS),
				poll(() => this.#ask('jobs/stats'), STATS_MS)];
		});

		root.append(el('h1', { tabindex: '-1' }, title));
		this.#filters.read(route.query);
		this.#filters.load().catch(() => {});
		/* All at once, so that nothing moves when the next part comes. */
		await Promise.all([first, this.#workers.ready, this.#list.show(this.#filters.query())]);
		root.append(this.#figures.el,
			el('div', { class: 'queue-now' },
				el('section', { 'aria-labelledby': 'day-title' }, el('h2', { id: 'day-title' }, 'The last 24 hours'),
					this.#chart.el, this.#quiet),
				this.#workers.el),
			el('section', { class: 'queue-jobs', 'aria-labelledby': 'jobs-title' },
				el('div', { class: 'queue-head' }, el('h2', { id: 'jobs-title' }, 'Jobs'), this.#cancel.el),
				this.#filters.el, this.#list.el));
	}

	/* The same view at another address. */
	moved(route) {
		this.#filters.read(route.query);
		this.#list.show(this.#filters.query());
		return true;
	}

	close() {
		for (const p of this.#polls) p.stop();
		this.#workers.close();
		this.#list.close();
	}

	#narrowed(values) {
		this.app.rename(to('queue', values));
		this.#list.show(this.#filters.query());
	}

	#changed() {
		for (const p of this.#polls) p.now();
		this.#workers.now();
	}

	async #ask(path) {
		const r = await call('GET', path, { etag: this.#etags.get(path) });

		if (r.status === 304) return;
		this.#etags.set(path, r.etag);
		this.#show(r.data);
	}

	#show(s) {
		const n = s.status_counts, see = (key, words, status, what) =>
			this.#figures.set(key, words, to('queue', { status }), `${words} ${what}: show them`);

		see('waiting', count(n.queued), 'queued', 'waiting');
		see('running', count(n.processing), 'processing', 'running');
		see('failed', count(n.failed), 'failed', 'failed');
		this.#figures.set('done', count(s.throughput.jobs_last_24h));
		this.#figures.set('wait', lasting(s.avg_wait_seconds));
		this.#figures.set('processing', lasting(s.avg_processing_time_seconds));
		this.#figures.set('audio', lasting(s.throughput.audio_seconds_last_24h));
		/* What hosts say of themselves is some seconds old; what they are at is known at once. */
		const busy = s.workers.hosts.reduce((sum, host) => sum + host.job_ids.length, 0);
		this.#figures.set('workers', `${count(busy)} of ${count(s.workers.total)}`);
		this.#workers.count(s.workers);
		this.#cancel.waiting(n.queued);
		if (!s.history) return;
		const some = s.history.items.some((item) => item.completed + item.failed > 0);
		this.#quiet.hidden = some;
		attr(this.#chart.el, 'data-empty', !some);
		this.#chart.show(s.history);
	}

	#nothing(filtered) {
		if (filtered) return [el('p', {}, 'No job fits these filters.')];
		return [el('p', { class: 'lead' }, 'No job yet.'),
			el('p', {}, 'Describe some music, and watch it being made here. ',
				el('a', { href: '#/' }, 'To the studio'))];
	}
}

export async function open(root, route, app) {
	const queue = new Queue(app);

	await queue.open(root, route);
	return queue;
}
