/* The jobs of an experiment, newest first, while they are made and after; and the choice of takes to compare. */

import { call } from '../api.js';
import { bringOpinions, Card } from '../studio/card.js';
import { announce, attr, el, text } from '../dom.js';
import { isActive } from '../studio/jobs.js';
import { to } from '../address.js';
import { MOST } from '../tray.js';

const PAGE = 20, LONGEST = 100;

export class History {
	#id;
	#app;
	#limit = PAGE;
	#etag;
	#cards = new Map();
	#chosen = new Set();
	#list = el('ol', { class: 'list', 'aria-label': 'Jobs, newest first' });
	#words = el('p', { class: 'hint' });
	#compare = el('a', { class: 'button', hidden: true }, 'Compare them');
	#clear = el('button', {
		class: 'quiet', type: 'button', hidden: true, onclick: () => this.#choose(() => this.#chosen.clear()),
	}, 'Choose none');
	#bar = el('div', { class: 'experiments-compare', hidden: true }, this.#words, this.#compare, this.#clear);
	#more = el('button', { class: 'quiet more', type: 'button', hidden: true, onclick: () => this.#showMore() },
		'Show earlier jobs');
	#rest = el('p', { class: 'hint', hidden: true });
	#empty;
	active = false;

	/* empty: an element, shown while there are none. wake(): ask now. */
	constructor(id, app, empty, wake) {
		this.#id = id;
		this.#app = app;
		this.#empty = empty;
		this.wake = wake;
		empty.hidden = true;
		bringOpinions();
		this.el = el('section', { class: 'experiments-jobs', 'aria-labelledby': 'history-title' },
			el('h2', { id: 'history-title' }, 'Jobs'), this.#bar, this.#list, empty, this.#more, this.#rest);
	}

	/* Asks for them: → whether there was anything new. */
	async read() {
		const path = `experiments/${this.#id}/jobs?limit=${this.#limit}`;
		const r = await call('GET', path, { etag: this.#etag });

		if (r.status === 304) return false;
		this.#etag = r.etag;
		this.#show(r.data);
		return true;
	}

	/* The page goes away; what sounds goes on. */
	close() {
		for (const player of this.#list.querySelectorAll('.player')) player.take.close();
	}

	#show({ items, has_more, total, total_is_capped }) {
		const listed = new Set(items.map((job) => job.id));

		for (const [id, card] of this.#cards)
			if (!listed.has(id)) {
				card.gone();
				this.#cards.delete(id);
			}
		items.forEach((job, i) => this.#put(job, i));
		this.active = items.some(isActive);
		this.#empty.hidden = items.length > 0;
		this.#more.hidden = !has_more || this.#limit >= LONGEST;
		this.#rest.hidden = !has_more || this.#limit < LONGEST;
		text(this.#rest, `The newest ${LONGEST} of ${total_is_capped ? 'more than ' : ''}${total} are shown.`);
		this.#settle();
	}

	#put(job, i) {
		const card = this.#cards.get(job.id) ?? new Card(job, this.#app);
		const known = this.#cards.has(job.id);

		if (known && card.job.status !== job.status && job.status === 'completed')
			announce(`Ready: ${job.prompt_preview}`);
		if (known) card.update(job);
		this.#cards.set(job.id, card);
		if (this.#list.children[i] !== card.el) this.#list.insertBefore(card.el, this.#list.children[i] ?? null);
		for (const { take } of card.el.querySelectorAll('.player'))
			if (take.id && !take.el.querySelector('.experiments-choose')) take.host(this.#box(take));
	}

	/* The box by which a take is chosen. */
	#box(take) {
		const input = el('input', {
			type: 'checkbox', value: take.id, 'aria-describedby': take.titleId,
			onchange: () => this.#choose(() => this.#chosen[input.checked ? 'add' : 'delete'](take.id)),
		});

		return el('label', { class: 'experiments-choose' }, input, 'Compare');
	}

	#choose(change) {
		change();
		this.#settle();
		announce(this.#words.textContent);
	}

	#settle() {
		const boxes = [...this.#list.querySelectorAll('.experiments-choose input')], full = this.#chosen.size >= MOST;

		for (const id of this.#chosen)
			if (!boxes.some((b) => b.value === id)) this.#chosen.delete(id);
		for (const box of boxes) {
			box.checked = this.#chosen.has(box.value);
			box.disabled = full && !box.checked;
		}
		const n = this.#chosen.size;
		this.#bar.hidden = boxes.length < 2;
		text(this.#words, n ? `${n} of ${Math.min(boxes.length, MOST)} chosen${n === 1 ? ', one more is needed' : ''}`
			: `Choose 2 to ${MOST} takes, and hear them against each other.`);
		this.#compare.hidden = n < 2;
		this.#clear.hidden = !n;
		/* In the order of the page. */
		const ids = boxes.filter((b) => b.checked).map((b) => b.value);
		attr(this.#compare, 'href', to('compare', { ids: ids.join(',') }));
	}

	#showMore() {
		this.#limit = Math.min(LONGEST, this.#limit + PAGE);
		this.#etag = undefined;
		this.wake();
	}
}
