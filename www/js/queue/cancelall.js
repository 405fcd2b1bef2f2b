/* "Cancel all waiting": asks first, in its own place; then shows how far it is, and can be stopped. */

import { del, get, Refused } from '../api.js';
import { patiently } from '../connection.js';
import { announce, attr, el, text } from '../dom.js';
import { count, many } from '../figures.js';

const LANES = 4;

export class CancelAll {
	#filter;
	#onchange;
	#line = el('p', { class: 'hint', role: 'status' });
	#bar = el('progress', { 'aria-label': 'Cancelled', hidden: true });
	#ask = this.#button('Cancel all waiting', () => this.#question());
	#yes = this.#button('Cancel them', () => this.#run());
	#no = this.#button('Keep them', () => this.#settle(''));
	#stop = this.#button('Stop', () => { this.#stopped = true; });
	#busy = false;
	#stopped = false;
	#waiting = 0;
	#filtered = '';
	#until = '';
	el = el('div', { class: 'cancel-all', 'data-needs': 'admin' }, this.#line, this.#bar, this.#ask, this.#yes, this.#no, this.#stop);

	/* filter() → the present filter of the list without status, as a query; onchange(): some were cancelled */
	constructor(filter, onchange) {
		this.#filter = filter;
		this.#onchange = onchange;
		this.#show(this.#ask);
		this.waiting(0);
	}

	/* How many wait, of all. */
	waiting(n) {
		this.#waiting = n;
		if (!this.#busy) this.#ask.hidden = !n && !this.#ask.matches(':focus');
	}

	#button(label, onclick) {
		return el('button', { class: 'quiet', type: 'button', onclick }, label);
	}

	#show(...buttons) {
		for (const b of [this.#ask, this.#yes, this.#no, this.#stop]) b.hidden = !buttons.includes(b);
	}

	#path(limit) {
		return `jobs?status=queued&limit=${limit}${this.#filtered && `&${this.#filtered}`}`;
	}

	async #question() {
		if (this.#busy) return;
		this.#busy = true;
		this.#filtered = this.#filter();
		try {
			const { items, total, total_is_capped: capped } = await patiently(() => get(this.#path(1)));
			const fits = this.#filtered ? ' of this filter' : '';
			if (!total) return this.#settle(`There are no waiting jobs${fits}.`);
			/* What is submitted from now on was not meant. */
			this.#until = items[0].created_at;
			this.total = total;
			text(this.#line, `Cancel ${capped ? 'more than ' : ''}${many(total, 'waiting job')}${fits}?`);
			this.#show(this.#yes, this.#no);
			this.#no.focus();
		} catch (e) {
			this.#settle(e.message);
		}
	}

	#settle(sentence) {
		const focus = this.el.contains(document.activeElement);

		this.#busy = false;
		this.#bar.hidden = true;
		text(this.#line, sentence);
		this.#show(this.#ask);
		if (focus) this.#ask.focus();
		this.waiting(this.#waiting);
	}

	async #run() {
		let done = 0, seen = 0;
		const tried = new Set();

		this.#stopped = false;
		this.#show(this.#stop);
		this.#stop.focus();
		this.#bar.hidden = false;
		try {
			while (!this.#stopped) {
				const { items } = await patiently(() => get(this.#rest()));
				const ids = items.map((job) => job.id).filter((id) => !tried.has(id));
				if (!ids.length) break;
				const next = ids.values();
				await Promise.all(Array.from({ length: LANES }, async () => {
					for (const id of next) {
						if (this.#stopped) return;
						tried.add(id);
						const n = await cancel(id);
						done += n;
						this.#tell(++seen, done);
					}
				}));
				this.#onchange();
			}
			announce(`${many(done, 'job')} cancelled`);
			this.#settle(`${many(done, 'job')} cancelled.`);
		} catch (e) {
			this.#settle(`${e.message} ${many(done, 'job')} cancelled.`);
		}
		this.#onchange();
	}

	/* The newest come first, the ones that may begin at any moment last. The filter may name an earlier end. */
	#rest() {
		const q = new URLSearchParams(this.#filtered);

		if (!q.has('end_date')) q.set('end_date', this.#until);
		return `jobs?status=queued&limit=100&${q}`;
	}

	#tell(seen, done) {
		attr(this.#bar, 'max', Math.max(this.total, seen));
		attr(this.#bar, 'value', seen);
		text(this.#line, `Cancelling: ${count(done)} of ${count(Math.max(this.total, done))}`);
	}
}

/* → 1, or 0 when it had ended by then. */
async function cancel(id) {
	try {
		await patiently(() => del(`generate/${id}`));
		return 1;
	} catch (e) {
		if (e instanceof Refused && [404, 409].includes(e.status)) return 0;
		throw e;
	}
}
