/* A calm row of figures, each with what it counts; and numbers as people read them. */

import { attr, el, text } from './dom.js';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const rating = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const NOTHING = '–';

const known = (n) => n !== null && n !== undefined;

/* 12345 → "12,345" */
export const count = (n) => (known(n) ? whole.format(n) : NOTHING);

/* 4.25 → "4.25" */
export const stars = (n) => (known(n) ? rating.format(n) : NOTHING);

/* "1 job", "3 jobs" */
export const many = (n, one, more = `${one}s`) => `${count(n)} ${n === 1 ? one : more}`;

/* Seconds: 0.51 → "0.5 s", 42 → "42 s", 95 → "1 min 35 s", 840 → "14 min", 12000 → "3 h 20 min" */
export function lasting(seconds) {
	if (!known(seconds)) return NOTHING;
	if (seconds > 0 && seconds < 0.05) return '< 0.1 s';
	if (seconds > 0 && seconds < 9.95) return `${decimal.format(seconds)} s`;
	const s = Math.round(seconds), min = Math.round(s / 60);

	if (s < 60) return `${s} s`;
	if (s < 600) return s % 60 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${s / 60} min`;
	if (min < 60) return `${min} min`;
	return min % 60 ? `${whole.format(Math.floor(min / 60))} h ${min % 60} min` : `${whole.format(min / 60)} h`;
}

/* new Figures({ waiting: 'Waiting', … }): the place of each is there from the beginning. */
export class Figures {
	#values = new Map();

	constructor(labels, name) {
		this.el = el('dl', { class: 'figures', 'aria-label': name });
		for (const [key, label] of Object.entries(labels)) {
			const value = el('dd', {}, NOTHING);

			this.#values.set(key, value);
			this.el.append(el('div', {}, el('dt', {}, label), value));
		}
	}

	/* href: where one can see what was counted, and what a screen reader calls that. */
	set(key, words, href, label) {
		const value = this.#values.get(key), link = value.querySelector('a');

		if (!href) return text(value, words);
		if (link) {
			text(link, words);
			attr(link, 'aria-label', label);
			return attr(link, 'href', href);
		}
		value.replaceChildren(el('a', { href, 'aria-label': label }, words));
	}
}
