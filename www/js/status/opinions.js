/* What listeners thought of all takes: how many gave how many stars, and what each adapter got. */

import { el } from '../dom.js';
import { count, many, stars } from '../figures.js';
import { to } from '../address.js';

export class OpinionSums {
	#bars = el('tbody');
	#adapters = el('tbody');
	#rest = el('p', { class: 'hint' });
	#none = el('p', { class: 'hint', hidden: true }, 'Nobody has rated a take yet. ',
		el('a', { href: '#/library' }, 'Listen in the library'));
	#tables;

	constructor() {
		this.#tables = el('div', { class: 'status-pair' },
			el('div', {}, el('h3', { id: 'ratings-title' }, 'Ratings'),
				el('table', { class: 'rating-bars', 'aria-labelledby': 'ratings-title' },
					el('thead', { class: 'sr' }, el('tr', {}, el('th', { scope: 'col' }, 'Stars'),
						el('th', { scope: 'col' }, 'Share'), el('th', { scope: 'col' }, 'Ratings'))),
					this.#bars)),
			el('div', {}, el('h3', { id: 'by-adapter-title' }, 'By adapter'),
				el('table', { class: 'table', 'aria-labelledby': 'by-adapter-title' },
					el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Adapter'),
						el('th', { scope: 'col', class: 'number' }, 'Ratings'),
						el('th', { scope: 'col', class: 'number' }, 'Average'))),
					this.#adapters)));
		this.el = el('section', { 'aria-labelledby': 'opinions-title' },
			el('h2', { id: 'opinions-title' }, 'What listeners think'), this.#none, this.#tables, this.#rest);
	}

	/* As /metrics/feedback has them. */
	show({ rating_distribution: given, by_adapter: adapters, preference_comparisons: compared, tagged_feedback: tagged }) {
		const all = Object.values(given).reduce((sum, n) => sum + n, 0);

		this.#none.hidden = all > 0;
		this.#tables.hidden = !all;
		this.#bars.replaceChildren(...[5, 4, 3, 2, 1].map((n) => bar(n, given[n], all)));
		this.#adapters.replaceChildren(...adapters.map((a) => el('tr', {},
			el('th', { scope: 'row' }, a.adapter_id
				? el('a', { href: to(`adapters/${a.adapter_id}`) }, a.adapter_name ?? 'A deleted adapter')
				: a.adapter_name ?? 'Base model'),
			el('td', { class: 'number' }, count(a.count)), el('td', { class: 'number' }, stars(a.avg_rating)))));
		this.#rest.textContent = `${many(compared, 'comparison')} of two takes, ${many(tagged, 'tag')}.`;
	}
}

function bar(n, given, all) {
	const fill = el('div', { class: 'rating-bar' });

	fill.style.setProperty('--part', all ? given / all : 0);
	return el('tr', {}, el('th', { scope: 'row' }, `${n} ★`), el('td', {}, fill),
		el('td', { class: 'number' }, count(given)));
}
