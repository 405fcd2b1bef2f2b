/* Adapters and base models by the votes of all A/B tests. One table for all: the bars are drawn into it. */

import { back } from '../address.js';
import { call } from '../api.js';
import { patiently } from '../connection.js';
import { el } from '../dom.js';
import { poll } from '../poll.js';
import { place } from './about.js';
import { along, axis, plural } from './words.js';

export const title = 'Leaderboard';

const EVERY_MS = 15000;

export async function open(root) {
	const box = el('div', {});
	let etag;

	async function look() {
		const r = await call('GET', 'leaderboard', { etag });

		if (r.status === 304) return;
		etag = r.etag;
		box.replaceChildren(...(r.data.items.length ? board(r.data) : nothing()));
	}

	root.append(back('#/tests', 'A/B tests'), el('h1', { tabindex: '-1' }, title), box);
	await patiently(look).catch((e) => box.append(el('p', { class: 'error' }, e.message)));
	const asking = poll(look, EVERY_MS, { later: true });
	return { close: () => asking.stop() };
}

const nothing = () => [el('div', { class: 'empty' },
	el('p', { class: 'lead' }, 'Nobody has voted yet.'),
	el('p', {}, 'Each vote of an A/B test moves its two sides up or down here.'),
	el('p', { class: 'tests-first' }, el('a', { class: 'button', href: '#/tests' }, 'To the A/B tests')))];

function board({ items, total_votes, is_regularised }) {
	const scale = axis(items);
	const ticks = el('span', { class: 'tests-scale' }, ...scale.ticks.map((n) =>
		place(el('span', { 'data-middle': n === 1000 ? '' : null }, String(n)), along(n, scale))));

	return [
		el('p', { class: 'tests-explained' }, 'The score tells how often one is preferred: 1000 is the average, and 400 more is ten to '
			+ `one. The bars are 95 % intervals, from ${plural(total_votes, 'vote')}; where they overlap widely, the order is not certain.`),
		is_regularised ? el('p', { class: 'tests-explained' }, 'Some have won or lost everything so far, or were never compared '
			+ 'with the rest. Their scores are held back, as if each two that met had tied once more; more votes will move them.') : null,
		el('table', { class: 'table tests-board' },
			el('thead', {}, el('tr', {},
				el('th', { scope: 'col', class: 'number' }, el('span', { class: 'sr' }, 'Rank')),
				el('th', { scope: 'col' }, 'Adapter'), el('th', { scope: 'col', class: 'number' }, 'Score', el('span', { class: 'sr' }, ' and 95 % interval')),
				el('td', { 'aria-hidden': 'true' }, ticks))),
			el('tbody', {}, ...items.map((i) => row(i, scale)))),
	].filter(Boolean);
}

function row(i, scale) {
	const low = Math.round(i.ci_low), high = Math.round(i.ci_high);
	const marks = [
		place(el('span', { class: 'tests-middle' }), along(1000, scale)),
		place(el('span', { class: 'tests-interval' }), along(i.ci_low, scale), along(i.ci_high, scale)),
		place(el('span', { class: 'tests-point' }), along(i.score, scale)),
	];

	return el('tr', {},
		el('td', { class: 'number tests-rank' }, String(i.rank)),
		el('th', { scope: 'row' }, i.adapter_id ? el('a', { href: `#/adapters/${i.adapter_id}` }, i.adapter_name) : i.adapter_name,
			el('span', { class: 'hint' }, `${plural(i.votes, 'vote')}: ${i.wins} won, ${i.losses} lost${i.ties ? `, ${i.ties} equal` : ''}`)),
		el('td', { class: 'number tests-score' }, String(Math.round(i.score)),
			el('span', { class: 'hint' }, el('span', { class: 'sr' }, 'between '), `${low}–${high}`)),
		el('td', { 'aria-hidden': 'true' }, el('div', { class: 'tests-track' }, ...marks)));
}
