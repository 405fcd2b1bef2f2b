/* What several pages about A/B tests show: the arms, the state, the way back. Nothing here is for the blind test. */

import { el } from '../dom.js';
import { isStuck } from './words.js';

export const STATES = { draft: 'not begun', generating: 'generating', ready: 'ready', completed: 'voted on' };

export const badge = (t) => (isStuck(t) ? el('span', { class: 'badge', 'data-state': 'failed' }, 'incomplete')
	: el('span', { class: 'badge', 'data-state': t.status }, STATES[t.status] ?? t.status));

/* "A Base model B Dusty tape" */
export function arms(t) {
	const arm = (letter) => el('span', { class: 'tests-arm' },
		el('b', {}, letter.toUpperCase()), ' ', t[`adapter_${letter}_name`]);

	return el('span', { class: 'tests-arms' }, arm('a'), ' ', arm('b'));
}

/* The bar of something that goes on, with its name; set(part of 1, words). */
export function bar(label) {
	const fill = el('span');
	const node = el('div', {
		class: 'tests-bar', role: 'progressbar', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 100,
	}, fill);

	return {
		el: node,
		set(part, words) {
			node.setAttribute('aria-valuenow', Math.round(100 * part));
			node.setAttribute('aria-valuetext', words);
			fill.style.setProperty('inline-size', `${100 * part}%`);
		},
	};
}

/* Puts a mark on a track, from and to in percent; without `to` it is a point. */
export function place(node, from, to) {
	node.style.setProperty('inset-inline-start', `${from}%`);
	if (to !== undefined) node.style.setProperty('inline-size', `${to - from}%`);
	return node;
}
