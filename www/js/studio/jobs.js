/* The jobs this page knows, kept as the server has them.
 *
 * One loop asks for everything: the list now and then (jobs of other pages), and each job that is not
 * done often, with its ETag, so that "nothing new" costs a 304. The loop rests while the page is hidden
 * and slows down while the server is away.
 *
 * Events: `job` (detail: the job, new or changed), `made` (detail: a job that was made
 * on this page, after its `job`), `gone` (detail: its id), `list` (the list was read), `sending` (see there). */

import { call, Refused } from '../api.js';
import { connection } from '../connection.js';

const LIST_EVERY_MS = 15000;
const LIST_OFTEN_MS = 2000;	/* while more jobs wait than are asked for one by one */
const PAGE = 20, MOST = 100;
/* A young job may be done in a second; the page must not be what is slow. */
const YOUNG_MS = 6000;
/* How many running or waiting jobs are asked for in one round; the list covers the rest. */
const AT_ONCE = 5;

export const isActive = (job) => job.status === 'queued' || job.status === 'processing';

/* Times have a fixed length, and the ids of equal times are in order of time, too. */
export const byAge = (a, b) => (a.created_at + a.id < b.created_at + b.id ? -1 : 1);

export class Jobs extends EventTarget {
	#jobs = new Map();
	#etags = new Map();
	#since = new Map();		/* id → when we first saw it at work, by our clock */
	#limit = PAGE;
	#listRead_ms = -Infinity;
	#nudge = () => {};
	#woken = false;
	more = false;
	read = false;		/* has the list been read at least once? */
	sending = 0;		/* how many are on their way to the server */

	/* Newest first. */
	get all() {
		return [...this.#jobs.values()].sort(byAge).reverse();
	}

	get(id) {
		return this.#jobs.get(id);
	}

	/* Runs for as long as the page does. */
	async run() {
		document.addEventListener('visibilitychange', () => this.wake());
		window.addEventListener('online', () => this.wake());
		connection.addEventListener('doubt', () => this.wake());
		for (;;) {
			if (document.hidden) await this.#sleep(Infinity);
			else await this.#sleep(await this.#round());
		}
	}

	/* Ask now, rather than when the pause is over. */
	wake() {
		this.#woken = true;
		this.#nudge();
	}

	/* A wake that came while we were not asleep counts as well. */
	async #sleep(ms) {
		if (!this.#woken)
			await new Promise((done) => {
				const timer = ms === Infinity ? 0 : setTimeout(done, ms);
				this.#nudge = () => { clearTimeout(timer); done(); };
			});
		this.#woken = false;
	}

	/* One round of questions: → how long to wait until the next. */
	async #round() {
		try {
			if (connection.lost || this.#listDue() <= 0) await this.#readList();
			const active = this.all.filter(isActive).reverse();
			active.sort((a, b) => (b.status === 'processing') - (a.status === 'processing'));
			await Promise.all(active.slice(0, AT_ONCE).map((job) => this.#readJob(job)));
			connection.ok();
			return this.#pause();
		} catch (e) {
			return connection.failed(e);
		}
	}

	/* ms until the list is to be read again */
	#listDue() {
		const often = this.all.filter(isActive).length > AT_ONCE;
		return this.#listRead_ms + (often ? LIST_OFTEN_MS : LIST_EVERY_MS) - Date.now();
	}

	#pause() {
		const active = this.all.filter(isActive);

		if (!active.length) return Math.max(0, this.#listDue());
		const youngest_ms = performance.now() - Math.max(...active.map((j) => this.#since.get(j.id)));
		if (youngest_ms < YOUNG_MS) return 250;
		return active.some((j) => j.status === 'processing') ? 600 : 1000;
	}

	async #readList() {
		/* The takes of A/B tests stay out: who is to judge them blind must not meet them here by name. */
		const limit = this.#limit, path = `jobs?ab_test_id=none&limit=${limit}`;
		const r = await call('GET', path, { etag: this.#etags.get(path) });

		if (limit === this.#limit) this.#listRead_ms = Date.now();
		if (r.status === 304) return;
		this.#etags.set(path, r.etag);
		this.more = r.data.has_more && limit < MOST;
		this.#dropMissing(r.data.items, limit);
		for (const job of r.data.items) this.put(job);
		this.read = true;
		this.dispatchEvent(new Event('list'));
	}

	/* A job as young as the list is, but not in it, was deleted elsewhere. One made since we asked was not. */
	#dropMissing(items, limit) {
		const listed = new Set(items.map((j) => j.id));
		const oldest = items.length && items.length >= limit ? items.at(-1) : null;
		const newest = items[0];
		const within = (job) => (!newest || byAge(job, newest) < 0) && (!oldest || byAge(job, oldest) > 0);

		for (const job of this.all)
			if (!listed.has(job.id) && !isActive(job) && within(job)) this.drop(job.id);
	}

	async #readJob(job) {
		try {
			const r = await call('GET', `generate/${job.id}`, { etag: this.#etags.get(job.id) });

			if (r.status === 304) return;
			this.#etags.set(job.id, r.etag);
			this.put(r.data);
		} catch (e) {
			if (!(e instanceof Refused)) throw e;
			if (e.status === 404) this.drop(job.id);
		}
	}

	/* Takes a job over as the server told it. */
	put(job) {
		const old = this.#jobs.get(job.id);

		/* An answer that was under way while the job ended is older than what we know. */
		if (old && !isActive(old) && isActive(job)) return;
		if (!isActive(job)) this.#forget(job.id);
		else if (!this.#since.has(job.id)) this.#since.set(job.id, performance.now());
		this.#jobs.set(job.id, job);
		this.dispatchEvent(new CustomEvent('job', { detail: job }));
	}

	#forget(id) {
		this.#etags.delete(id);
		this.#since.delete(id);
	}

	/* It is no more. */
	drop(id) {
		this.#jobs.delete(id);
		this.#forget(id);
		this.dispatchEvent(new CustomEvent('gone', { detail: id }));
	}

	/* How many the outbox holds. */
	tell(sending) {
		this.sending = sending;
		this.dispatchEvent(new Event('sending'));
	}

	/* A job that was just made: known at once, asked for at once. */
	add(job) {
		this.put(job);
		this.dispatchEvent(new CustomEvent('made', { detail: job }));
		this.wake();
	}

	showMore() {
		this.#limit = Math.min(MOST, this.#limit + PAGE);
		this.#listRead_ms = -Infinity;
		this.wake();
	}
}
