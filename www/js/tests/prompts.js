/* Which prompts a test is made of: those that are chosen among what was heard here before, and a paste of new ones,
 * one a line. Both survive a reload: the paste with the form's draft, the choice on its own. */

import { get, post } from '../api.js';
import { patiently } from '../connection.js';
import { el, text } from '../dom.js';
import { field } from '../fields.js';
import { load, save } from '../store.js';
import { complaint } from '../form.js';
import { lines, plural } from './words.js';

export const MOST = 100;		/* of one test */
const SHOWN = 12, PAUSE_MS = 250;
const KEPT = 'test-prompts';

export class Prompts extends EventTarget {
	#chosen = new Map(load(KEPT, []).map((p) => [p.id, p]));
	#stored = new Map();		/* what was pasted and has been stored → its id: a second try stores nothing twice */
	#turn = 0;
	#timer = 0;
	#pasted = el('textarea', {
		rows: 4, spellcheck: 'true', placeholder: 'gentle piano waltz in A minor\nfast funk with brass\n…',
	});
	#search = el('input', { type: 'search', autocomplete: 'off', oninput: () => this.#soon() });
	#found = el('ul', { class: 'tests-prompts', 'aria-label': 'Prompts to choose from' });
	#none = el('p', { class: 'hint', hidden: true });
	#count = el('p', { class: 'tests-count' });

	constructor() {
		super();
		this.el = el('fieldset', { class: 'field tests-choose', 'data-field': 'prompt_ids' },
			el('legend', {}, 'Prompts'),
			field('pasted', 'New ones, one per line', this.#pasted),
			el('details', { open: this.#chosen.size > 0 },
				el('summary', {}, 'Choose among earlier ones'),
				field('search', 'Search', this.#search), this.#found, this.#none),
			this.#count);
		this.el.querySelector('details').addEventListener('toggle', () => this.#look());
		if (this.#chosen.size) this.#look();
	}

	get #new() {
		return lines(this.#pasted.value, [...this.#chosen.values()].map((p) => p.text));
	}

	get count() {
		return this.#chosen.size + this.#new.prompts.length;
	}

	/* Too many, said before anything is sent; '' when not. */
	get tooMany() {
		return this.count > MOST ? `${this.count} prompts are too many: a test takes ${MOST}.` : '';
	}

	/* → the ids of all of them, in the order of the choice and of the lines; those that are new get one.
	 * step(nth, of) is told how far it is. Throws what the server says of a line, as a fault of this field. */
	async ids(step) {
		const { prompts } = this.#new;

		for (const [i, prompt] of prompts.entries()) {
			if (this.#stored.has(prompt)) continue;
			step(i + 1, prompts.length);
			try {
				this.#stored.set(prompt, (await patiently(() => post('prompts', { text: prompt }))).id);
			} catch (e) {
				e.fields = (e.fields ?? []).map((f) => ({
					field: 'prompt_ids', detail: `“${beginning(prompt)}” cannot be a prompt: ${complaint(f)}`,
				}));
				throw e;
			}
		}
		return [...this.#chosen.keys(), ...prompts.map((p) => this.#stored.get(p))];
	}

	/* The test is made. */
	forget() {
		save(KEPT, []);
	}

	/* Says how many there are; to be called whenever something was typed. Event `change`. */
	tell() {
		const { prompts, repeated } = this.#new;
		const parts = [
			this.#chosen.size && `${this.#chosen.size} chosen`, prompts.length && `${prompts.length} new`,
			repeated && `${plural(repeated, 'line')} left out, there twice`,
		].filter(Boolean);

		text(this.#count, parts.join(', '));
		text(this.el.querySelector('.error'), this.tooMany);
		this.el.classList.toggle('wrong', Boolean(this.tooMany));
		this.dispatchEvent(new Event('change'));
	}

	#soon() {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#look(), PAUSE_MS);
	}

	/* What is chosen stays on top; the rest is what was found, or the latest. */
	async #look() {
		const q = this.#search.value.trim(), turn = ++this.#turn;
		const path = q ? `prompts/search?${new URLSearchParams({ q, limit: SHOWN })}` : `prompts?limit=${3 * SHOWN}`;

		try {
			const { items } = await patiently(() => get(path));

			if (turn !== this.#turn) return;
			this.#show(items, q);
		} catch (e) {
			if (turn !== this.#turn) return;
			text(this.#none, e.message);
			this.#none.hidden = false;
		}
	}

	#show(items, q) {
		const texts = new Set([...this.#chosen.values()].map((p) => p.text));
		const found = items.filter((p) => !texts.has(p.text) && texts.add(p.text)).slice(0, SHOWN);

		this.#found.replaceChildren(...[...this.#chosen.values(), ...found].map((p) => this.#row(p)));
		text(this.#none, q ? `No other prompt has “${q}” in it.` : 'No prompts have been heard here yet.');
		this.#none.hidden = found.length > 0 || (!q && this.#chosen.size > 0);
	}

	#row(prompt) {
		const box = el('input', { type: 'checkbox', checked: this.#chosen.has(prompt.id), oninput: () => {
			if (box.checked) this.#chosen.set(prompt.id, { id: prompt.id, text: prompt.text });
			else this.#chosen.delete(prompt.id);
			save(KEPT, [...this.#chosen.values()]);
		} });

		return el('li', {}, el('label', {}, box, el('span', {}, prompt.text)));
	}
}

const beginning = (prompt) => ([...prompt].length > 40 ? `${[...prompt].slice(0, 40).join('').trimEnd()}…` : prompt);
