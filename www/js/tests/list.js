/* All A/B tests. */

import { el } from '../dom.js';
import { field } from '../fields.js';
import { Listing } from '../listing.js';
import { poll } from '../poll.js';
import { to } from '../address.js';
import { ago, moment } from '../words.js';
import { arms, badge, bar, STATES } from './about.js';
import { isStuck, plural, progress, short } from './words.js';

export const title = 'A/B tests';

const OFTEN_MS = 3000, SELDOM_MS = 30000;

export async function open(root, route, app) {
	const choice = el('select', { onchange: () => show() }, el('option', { value: '' }, 'All'),
		...Object.entries(STATES).map(([value, words]) => el('option', { value }, words)));
	const filters = el('form', { class: 'filters', 'aria-label': 'Filter' }, field('status', 'State', choice));
	const empty = el('div', { class: 'empty' });
	const list = new Listing({ row, empty, label: 'A/B tests' });
	const generating = () => list.items.some((t) => t.status === 'generating' && !isStuck(t));

	choice.value = Object.hasOwn(STATES, route.query.get('status')) ? route.query.get('status') : '';
	root.append(
		el('div', { class: 'view-head' }, el('h1', { tabindex: '-1' }, title),
			el('div', { class: 'tests-doings' },
				el('a', { class: 'quiet', href: '#/tests/leaderboard' }, 'Leaderboard'),
				el('a', { class: 'button', href: '#/tests/new', 'data-needs': 'creator' }, 'New A/B test'))),
		filters, list.el);

	function show() {
		const status = choice.value;

		empty.replaceChildren(...(status ? [el('p', {}, `No test is “${STATES[status]}”.`)] : nothing()));
		app.rename(to('tests', { status }));
		return list.show(`ab-tests?${new URLSearchParams(status ? { status } : {})}`);
	}

	await show();
	const asking = poll(() => list.refresh(), () => (generating() ? OFTEN_MS : SELDOM_MS), { later: true });

	return { close: () => asking.stop() };
}

const nothing = () => [
	el('p', { class: 'lead' }, 'Is it better, or only different?'),
	el('p', {}, 'An A/B test makes the same prompts twice, with two adapters or with and without one. '
		+ 'Listeners hear both without knowing which is which, and say what they like.'),
	el('p', { class: 'tests-first', 'data-needs': 'creator' }, el('a', { class: 'button', href: '#/tests/new' }, 'Begin the first one')),
];

function row(t) {
	const id = `test-${t.id}`, made = bar(`Pairs of ${t.name} that are ready`);
	const busy = t.status === 'generating';

	made.set(t.total_pairs ? t.generated_pairs / t.total_pairs : 0, progress(t));
	return el('li', { class: 'tests-row' }, el('article', { 'aria-labelledby': id },
		el('div', { class: 'tests-row-head' },
			el('h2', { id, class: 'prompt' }, el('a', { href: `#/tests/${t.id}` }, t.name)), badge(t)),
		arms(t),
		busy ? made.el : null,
		el('p', { class: 'meta' },
			busy ? progress(t) : plural(t.total_pairs, 'pair'), ' · ',
			t.generated_pairs ? el('a', { href: `#/tests/${t.id}/results` }, short(t)) : 'No votes yet', ' · ',
			el('time', { datetime: t.created_at, title: moment(t.created_at) }, ago(t.created_at)))));
}
