/* A list of the API, page by page: rows, "Show more", what to say when there is nothing, and what when it went
 * wrong. The rows stay until the new ones are there, so that nothing flickers while one types a search. */

import { get } from './api.js';
import { patiently } from './connection.js';
import { attr, el, text } from './dom.js';

const PAGE = 20;

const reachable = (node) => [...node.querySelectorAll('a, button, input, select, textarea, summary, [tabindex]')];

export class Listing {
	#row;
	#empty;
	#turn = 0;
	#path = '';
	#cursor = null;
	#offset = 0;
	#error = el('p', { class: 'error', role: 'alert' });
	#again = el('button', { class: 'quiet', type: 'button', hidden: true, onclick: () => this.show(this.#path) },
		'Try again');
	#more = el('button', { class: 'quiet more', type: 'button', hidden: true, onclick: () => this.#next() },
		'Show more');
	#count = el('p', { class: 'sr', role: 'status' });
	items = [];
	total = 0;

	/* row(item) → the element of one item, an <li> unless `list` (an empty element; default <ul class="rows">) wants
	 * others. empty: an element, shown when there is nothing. */
	constructor({ row, empty, label, list = el('ul', { class: 'rows' }) }) {
		this.#row = row;
		this.#empty = empty ?? el('p', { class: 'hint' }, 'There is nothing here yet.');
		this.#empty.hidden = true;
		this.list = list;
		attr(list, 'aria-label', label);
		this.el = el('div', { class: 'listing' }, list, this.#empty, this.#error, this.#again, this.#more, this.#count);
	}

	/* Shows what `path` answers, a list with its filters and without limit, from its beginning. → whether it did;
	 * false when something else was asked for meanwhile, or the server said no, which then stands there. */
	async show(path) {
		const rows = await this.#read(path, {});

		if (!rows) return false;
		/* Nothing new: what one is at (the focus, something open) stays as it is. */
		const same = this.list.childElementCount && JSON.stringify(rows.items) === JSON.stringify(this.items);
		const focused = this.#focused();

		this.items = rows.items;
		if (!same) this.list.replaceChildren(...rows.items.map(this.#row));
		this.#settle(rows);
		if (!same) this.#focus(focused);
		return true;
	}

	/* The same again, as many as are shown: something has changed. */
	refresh() {
		return this.show(this.#path);
	}

	/* Which control of which item has the focus. */
	#focused() {
		const at = [...this.list.children].findIndex((node) => node.contains(document.activeElement));

		return at < 0 ? null : { id: this.items[at]?.id, nth: reachable(this.list.children[at]).indexOf(document.activeElement) };
	}

	#focus(focused) {
		const node = focused?.id && this.list.children[this.items.findIndex((item) => item.id === focused.id)];

		if (node) reachable(node)[focused.nth]?.focus({ preventScroll: true });
	}

	async #next() {
		const rows = await this.#read(this.#path, this.#cursor ? { cursor: this.#cursor } : { offset: this.#offset });
		if (!rows) return;

		const nodes = rows.items.map(this.#row);
		this.items.push(...rows.items);
		this.list.append(...nodes);
		this.#settle(rows);
		/* The button may be gone; who pressed it goes on with what it brought. */
		nodes[0]?.querySelector('a, button, input, [tabindex]')?.focus();
	}

	async #read(path, from) {
		const turn = ++this.#turn;
		const query = new URLSearchParams({ limit: PAGE, ...from });

		this.#path = path;
		attr(this.list, 'aria-busy', 'true');
		try {
			const rows = await patiently(() => get(`${path}${path.includes('?') ? '&' : '?'}${query}`));

			return turn === this.#turn ? rows : null;
		} catch (e) {
			if (turn === this.#turn) this.#fail(e.message);
			return null;
		} finally {
			if (turn === this.#turn) attr(this.list, 'aria-busy', null);
		}
	}

	#settle(rows) {
		this.#offset = this.items.length;
		this.#cursor = rows.next_cursor;
		this.total = rows.total;
		this.#more.hidden = !rows.has_more;
		this.#again.hidden = true;
		text(this.#error, '');
		this.#empty.hidden = this.items.length > 0;
		text(this.#count, this.items.length
			? `${this.items.length} of ${rows.total_is_capped ? 'more than ' : ''}${rows.total}` : 'None');
	}

	#fail(sentence) {
		text(this.#error, sentence);
		this.#again.hidden = false;
		this.#more.hidden = true;
	}
}
