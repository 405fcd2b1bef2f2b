/* The jobs that fit a filter, newest first, as they are now: rows change in place, and what is new waits behind a button
 * while somebody reads further down.
 *
 * One question covers what is shown, up to 100 rows from the newest, and costs a 304 when nothing has happened;
 * active jobs further down are asked for one by one. "Show more" goes on by the cursor of what was shown last, which
 * stays right however many jobs are new. */

import { call, get, Refused } from '../api.js';
import { patiently } from '../connection.js';
import { announce, attr, el, text } from '../dom.js';
import { count, many } from '../figures.js';
import { byAge, isActive } from '../studio/jobs.js';
import { JobRow } from './row.js';
import { player } from '../player/player.js';
import { poll } from '../poll.js';
import { finishDeletions } from '../undo.js';

const PAGE = 20, MOST = 100;
const BUSY_MS = 1000, IDLE_MS = 3000;
/* So many rows that nobody reads them; what is new replaces them instead of adding to them. */
const ENOUGH = 300;
const FAR_AT_ONCE = 5;

export class JobList {
	#filter = '';
	#statuses = [];
	#turn = 0;
	#rows = new Map();
	#fresh = new Map();		/* jobs that are not shown yet */
	#gap = false;			/* there are more of them than one question covers */
	#staying = new Set();		/* rows that fit no more, while somebody is at them */
	#etags = new Map();
	#reveal = false;		/* what comes next is what one has just made */
	#cursor = null;
	#first = null;			/* to be called when the first answer to the present filter is there */
	#poll = null;
	#empty;
	#noneOf = null;			/* the filter that `none` speaks of */
	#list = el('ol', { class: 'rows jobs', 'aria-label': 'Jobs' });
	#new = el('button', { class: 'button jobs-new', type: 'button', hidden: true,
		onclick: () => this.#showFresh(true) });
	#error = el('p', { class: 'error', role: 'alert' });
	#more = el('button', { class: 'quiet more', type: 'button', hidden: true,
		onclick: () => this.#showMore() }, 'Show more');
	#count = el('p', { class: 'hint jobs-count' });

	/* jobs: the page's; empty(filtered) → what to show when there is none; modelName(id) and experimentName(id) → how a
	 * row calls them, or nothing; onchange(): something was done to a job */
	constructor({ jobs, empty, modelName, experimentName, onchange }) {
		this.jobs = jobs;
		this.modelName = modelName;
		this.experimentName = experimentName;
		this.onchange = onchange;
		this.#empty = empty;
		this.none = el('div', { class: 'jobs-none', hidden: true });
		this.el = el('div', { class: 'jobs-box' }, el('div', { class: 'jobs-over' }, this.#new), this.#list, this.none,
			this.#error, el('div', { class: 'jobs-foot' }, this.#count, this.#more));
		this.follow = (e) => this.#playing(e.detail);
		player.addEventListener('change', this.follow);
		this.ticking = setInterval(() => { for (const row of this.#rows.values()) row.tick(); }, 20000);
	}

	close() {
		this.#turn++;
		finishDeletions();
		this.#poll?.stop();
		clearInterval(this.ticking);
		player.removeEventListener('change', this.follow);
	}

	get #active() {
		return [...this.#rows.values()].some((row) => isActive(row.job));
	}

	/* What there is to hear, in the order of the list. */
	get takes() {
		return [...this.#rows.values()].flatMap((row) => row.job.audio_ids);
	}

	/* filter: a query of the API, "" or "status=failed&…". Resolves when it is there, or refused. */
	show(filter) {
		this.#turn++;
		finishDeletions();
		this.#filter = filter;
		this.#statuses = new URLSearchParams(filter).getAll('status');
		this.#first = null;
		this.#etags.clear();
		const shown = new Promise((done) => { this.#first = done; });
		attr(this.#list, 'aria-busy', 'true');
		if (this.#poll) this.#poll.now();
		else this.#poll = poll(() => this.#ask(), () => (this.#active ? BUSY_MS : IDLE_MS));
		return shown;
	}

	/* Something was done to a job: look at once. made: it is a new one, which shall be seen. */
	changed(made = false) {
		this.#reveal ||= made;
		this.#poll?.now();
		this.onchange();
	}

	deleted(job) {
		this.#drop(job.id);
		this.#tidy();
		this.changed();
	}

	#path(query) {
		return `jobs?${new URLSearchParams(query)}${this.#filter && `&${this.#filter}`}`;
	}

	async #ask() {
		const turn = this.#turn, wanted = this.#first ? PAGE : this.#rows.size + this.#fresh.size;
		const path = this.#path({ limit: Math.min(MOST, Math.max(PAGE, wanted)) });

		try {
			const r = await call('GET', path, { etag: this.#etags.get(path) });
			if (turn !== this.#turn) return;
			if (r.status !== 304) {
				/* Only the last one: each length of the list is another answer. */
				this.#etags = new Map([...this.#etags].filter(([key]) => !key.startsWith('jobs?')));
				this.#etags.set(path, r.etag);
				this.#take(r.data);
			}
			text(this.#error, '');
		} catch (e) {
			if (!(e instanceof Refused)) throw e;
			if (turn === this.#turn) this.#refused(e);
		}
		if (turn !== this.#turn) return;
		if (this.#first) attr(this.#list, 'aria-busy', null);
		this.#first?.();
		this.#first = null;
		await this.#askOthers(turn);
		this.#tidy();
	}

	#refused(e) {
		if (this.#first) this.#clear();
		this.none.hidden = true;
		this.#count.hidden = true;
		text(this.#error, e.message);
	}

	#take({ items, has_more: more, next_cursor: cursor, total, total_is_capped: capped }) {
		if (this.#first || !this.#rows.size) this.#begin(items, cursor);
		else this.#merge(items, more);
		this.total = total;
		text(this.#count, `${capped ? 'More than ' : ''}${many(total, 'job')}`);
		this.#count.hidden = !total;
		this.#tidy();
	}

	#begin(items, cursor) {
		this.#clear();
		for (const job of items) this.#insert(job, null);
		this.#cursor = cursor;
		this.#more.hidden = !cursor;
	}

	#clear() {
		this.#list.replaceChildren();
		this.#rows.clear();
		this.#staying.clear();
		this.#fresh.clear();
		this.#gap = false;
		this.#more.hidden = true;
	}

	#merge(items, more) {
		const listed = new Set(items.map((job) => job.id)), oldest = more ? items.at(-1) : null;
		const covered = (job) => !oldest || byAge(job, oldest) >= 0;
		const last = [...this.#rows.values()].at(-1).job;

		for (const { job } of [...this.#rows.values()])
			if (!listed.has(job.id) && covered(job)) this.#drop(job.id);
		for (const id of this.#fresh.keys()) if (!listed.has(id)) this.#fresh.delete(id);
		this.#gap = more && !items.some((job) => this.#rows.has(job.id));
		for (const job of items) {
			const row = this.#rows.get(job.id);
			if (row) row.update(job);
			/* What is older than all that is shown comes by "Show more". */
			else if (!this.#cursor || byAge(job, last) > 0) this.#fresh.set(job.id, job);
		}
		if (this.#fresh.size && (this.#reveal || this.#nobodyReads())) this.#showFresh(this.#reveal);
	}

	/* The beginning of the list is in view, and nobody is about to press something in it. */
	#nobodyReads() {
		return this.#list.getBoundingClientRect().top >= 0 && !this.#list.contains(document.activeElement)
			&& !(matchMedia('(hover: hover)').matches && this.#list.matches(':hover'));
	}

	/* asked: by the reader, who wants to see it */
	#showFresh(asked) {
		const fresh = [...this.#fresh.values()].sort(byAge), had = this.#new.contains(document.activeElement);

		this.#reveal = false;
		if (this.#gap || this.#rows.size > ENOUGH) {
			this.show(this.#filter).then(() => asked && this.#toTop(had));
			return;
		}
		for (const job of fresh) {
			const older = [...this.#rows.values()].find((row) => byAge(row.job, job) < 0);
			this.#insert(job, older ?? null).el.classList.add('new');
		}
		this.#fresh.clear();
		this.#tidy();
		if (asked) this.#toTop(had);
	}

	#toTop(focus) {
		if (this.#list.getBoundingClientRect().top < 0) this.el.scrollIntoView({ block: 'start' });
		if (focus) [...this.#rows.values()][0]?.focus();
	}

	/* Before a row, or with null at the end; the rows of the map stand in the order of the list. */
	#insert(job, before) {
		const row = new JobRow(job, this);

		if (before) {
			const after = [...this.#rows].slice([...this.#rows.keys()].indexOf(before.job.id));
			for (const [id] of after) this.#rows.delete(id);
			this.#rows.set(job.id, row);
			for (const [id, one] of after) this.#rows.set(id, one);
		} else {
			this.#rows.set(job.id, row);
		}
		this.#list.insertBefore(row.el, before?.el ?? null);
		return row;
	}

	/* It fits no more, or was deleted. What somebody is at stays until they are done. */
	#drop(id) {
		const row = this.#rows.get(id);

		if (!row || row.busy) return;
		if (row.hasFocus) {
			this.#staying.add(row);
			return;
		}
		row.el.remove();
		this.#rows.delete(id);
		this.#etags.delete(id);
		this.#staying.delete(row);
	}

	/* What the list does not tell: jobs that fit no more but have the focus, and active ones behind the hundred newest,
	 * those that run first. */
	async #askOthers(turn) {
		const far = [...this.#rows.values()].slice(MOST).filter((row) => isActive(row.job)).reverse();

		far.sort((a, b) => (b.job.status === 'processing') - (a.job.status === 'processing'));
		for (const row of this.#staying) this.#drop(row.job.id);
		await Promise.all([...this.#staying, ...far.slice(0, FAR_AT_ONCE)].map((row) => this.#look(row)));
		if (turn !== this.#turn) return;
		for (const { job } of far)
			if (this.#statuses.length && !this.#statuses.includes(job.status)) this.#drop(job.id);
	}

	async #look(row) {
		const { id } = row.job;

		try {
			const r = await call('GET', `jobs/${id}`, { etag: this.#etags.get(id) });
			if (r.status === 304) return;
			this.#etags.set(id, r.etag);
			row.update(r.data);
		} catch (e) {
			/* Deleted elsewhere, and whoever is at it has not left it yet. */
			if (!(e instanceof Refused)) throw e;
		}
	}

	async #showMore() {
		const turn = this.#turn;

		attr(this.#more, 'aria-disabled', 'true');
		try {
			const path = this.#path({ limit: PAGE, cursor: this.#cursor });
			const { items, next_cursor: cursor } = await patiently(() => get(path));
			if (turn !== this.#turn) return;
			const rows = items.filter((job) => !this.#rows.has(job.id)).map((job) => this.#insert(job, null));
			this.#cursor = cursor;
			this.#more.hidden = !cursor;
			announce(`${many(rows.length, 'more job')}`);
			/* The button may be gone; who pressed it goes on with what it brought. */
			rows[0]?.focus();
		} catch (e) {
			text(this.#error, e.message);
		} finally {
			attr(this.#more, 'aria-disabled', null);
		}
	}

	#tidy() {
		const fresh = this.#fresh.size;

		this.#new.hidden = !fresh;
		text(this.#new, this.#gap ? `${count(fresh)} or more new jobs` : many(fresh, 'new job'));
		const none = !this.#rows.size && !fresh;
		if (none && (this.none.hidden || this.#noneOf !== this.#filter))
			this.none.replaceChildren(...this.#empty(this.#filter !== ''));
		this.#noneOf = this.#filter;
		this.none.hidden = !none;
	}

	#playing(id) {
		for (const row of this.#rows.values()) if (row.job.audio_ids.includes(id)) row.follow();
	}
}
