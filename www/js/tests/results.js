/* What the votes of one A/B test say, in a sentence and on an axis; kept up to date while it is looked at. */

import { back } from '../address.js';
import { call } from '../api.js';
import { patiently } from '../connection.js';
import { announce, el, text } from '../dom.js';
import { poll } from '../poll.js';
import { place } from './about.js';
import { meaning, percent, shareOfB, verdict, voters } from './words.js';

export const title = 'Results';

const EVERY_MS = 4000;

export async function open(root, { parts: [id] }) {
	const box = el('div', { class: 'tests-results' });
	let etag, r;

	async function look() {
		const answer = await call('GET', `ab-tests/${id}/results`, { etag });

		if (answer.status === 304) return;
		const before = r;
		({ data: r, etag } = answer);
		show(box, r);
		if (before) announce(verdict(r));
	}

	try {
		await patiently(look);
	} catch (e) {
		root.append(back('#/tests', 'A/B tests'), el('h1', { tabindex: '-1' }, e.message));
		return {};
	}
	document.title = `Results: ${r.name} · Earshot`;
	root.append(back(`#/tests/${id}`, r.name), el('h1', { tabindex: '-1' }, 'Results'), box,
		el('div', { class: 'tests-doings tests-next' },
			el('a', { class: 'button', href: `#/tests/${id}/listen` }, r.total_votes ? 'Vote' : 'Begin the blind test'),
			el('a', { class: 'quiet', href: '#/tests/leaderboard' }, 'Leaderboard')));
	const asking = poll(look, EVERY_MS, { later: true });
	return { close: () => asking.stop() };
}

function show(box, r) {
	const sure = meaning(r);

	box.replaceChildren(
		el('p', { class: 'lead tests-verdict' }, verdict(r)),
		el('p', { class: 'tests-meaning' }, sure || (r.total_votes ? '' : 'The first vote will show here by itself.')),
		axis(r),
		counts(r),
		el('p', { class: 'meta' }, voters(r)),
		el('div', { class: 'tests-quote' }, el('p', { class: 'hint' }, 'To quote'), el('p', {}, r.verdict)));
}

/* From "all for A" to "all for B", the line where neither leads in the middle. */
function axis(r) {
	const b = shareOfB(r), node = el('figure', { class: 'tests-axis' });
	const ends = el('div', { class: 'tests-ends' }, end('A', r.adapter_a_name), end('B', r.adapter_b_name));
	const track = el('div', { class: 'tests-track', 'aria-hidden': 'true' }, el('span', { class: 'tests-middle' }));
	const caption = el('figcaption', { class: 'hint' });

	if (b) {
		const middle = b.low > 0.5 || b.high < 0.5 ? 'outside' : 'inside';

		track.append(place(el('span', { class: 'tests-interval' }), 100 * b.low, 100 * b.high),
			place(el('span', { class: 'tests-point' }), 100 * b.rate));
		text(caption, `B wins ${percent(b.rate)} of the votes that decide, with a 95 % interval from ${percent(b.low)} to `
			+ `${percent(b.high)}: the middle, where neither leads, is ${middle}.`);
	} else {
		text(caption, 'The line in the middle is where neither leads. The interval shows when a vote decides for a side.');
	}
	node.append(ends, track, el('div', { class: 'tests-ticks', 'aria-hidden': 'true' },
		el('span', {}, 'all votes'), el('span', {}, '50 %'), el('span', {}, 'all votes')), caption);
	return node;
}

const end = (letter, name) => el('span', { class: 'tests-arm' }, el('b', {}, letter), ' ', name);

function counts(r) {
	const one = (label, n) => el('div', {}, el('dt', {}, label), el('dd', {}, String(n)));

	return el('dl', { class: 'tests-counts' }, one('for A', r.a_preferred), one('equal', r.equal), one('for B', r.b_preferred));
}
