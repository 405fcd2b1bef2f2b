/* Compare: takes on one time line, which is to say the address names them; without, those that were put
 * aside. */

import { Refused, post } from '../api.js';
import { Comparison } from '../compare/comparison.js';
import { patiently } from '../connection.js';
import { compare, prompts } from '../compare/differences.js';
import { el } from '../dom.js';
import { opinions } from '../opinions.js';
import { hueOf } from '../player/take.js';
import { MOST, tray } from '../tray.js';

export const title = 'Compare';

const LETTERS = 'ABCDEFGHIJ';
const address = (ids) => (ids.length ? `#/compare?ids=${ids.join(',')}` : '#/compare');

export async function open(root, route, app) {
	const named = route.query.getAll('ids').flatMap((s) => s.split(',')).filter(Boolean);
	const ids = [...new Set(named.length ? named : tray.ids)];
	const more = el('span', {});
	const head = el('div', { class: 'view-head' }, el('h1', { tabindex: '-1' }, title),
		el('div', { class: 'compare-more' }, more,
			el('a', { class: 'quiet', href: '#/library' }, 'Add from the library')));
	let comparison = null;

	const without = (id) => {
		const rest = ids.filter((one) => one !== id);

		tray.set(tray.ids.filter((one) => one !== id));
		app.go(address(rest));
	};
	/* What was put aside while this is open, in the player's menu. */
	const offer = () => {
		const aside = tray.ids.filter((id) => !ids.includes(id));

		more.replaceChildren();
		if (aside.length && ids.length + aside.length <= MOST)
			more.append(el('a', { class: 'quiet', href: address([...ids, ...aside]) },
				aside.length > 1 ? `Add the ${aside.length} that were put aside` : 'Add the one that was put aside'));
	};

	root.append(head);
	if (ids.length < 2) {
		root.append(empty(ids.length));
		const begin = () => { if (!named.length && tray.ids.length >= 2) app.go('#/compare'); };
		tray.addEventListener('change', begin);
		return { close: () => tray.removeEventListener('change', begin) };
	}
	if (!named.length) app.rename(address(ids));
	offer();
	tray.addEventListener('change', offer);
	try {
		const found = await patiently(() => post('audio/compare', { audio_ids: ids }));
		const differ = el('div', {}, differences(found, found.samples.map((_, i) => i)));

		for (const take of found.samples) opinions.learn(take);
		comparison = new Comparison(found, { remove: without, blind: (on, order) => {
			differ.replaceChildren(...(on ? [] : [differences(found, order)]));
		} });
		root.append(comparison.el, differ);
	} catch (e) {
		if (!(e instanceof Refused)) throw e;
		root.append(refused(e, ids));
	}
	return { close() {
		tray.removeEventListener('change', offer);
		comparison?.close();
	} };
}

function empty(n) {
	return el('div', { class: 'empty' },
		el('p', { class: 'lead' }, n ? 'One take is here. Put another beside it.' : 'Put takes side by side.'),
		el('p', {}, 'Two to ten takes on one time line: switch between them in the middle of a note, see what differs, '
			+ 'say which is better.'),
		el('p', {}, 'In the library, press Compare at the takes that you want to hear together; in the studio, '
			+ 'Compare these at a card with several takes.'),
		el('p', { class: 'compare-first' }, el('a', { class: 'button', href: '#/library' }, 'Choose in the library'), ' ',
			el('a', { class: 'quiet', href: '#/', 'data-needs': 'creator' }, 'Make some music')));
}

/* Some may have been deleted since: the sentence names them. */
function refused(e, ids) {
	const left = ids.filter((id) => !e.message.includes(id));

	tray.set(tray.ids.filter((id) => !e.message.includes(id)));
	return el('div', { role: 'alert' },
		el('p', { class: 'error' }, e.fields.length ? e.fields.map((f) => `${f.field} ${f.detail}`).join(' ') : e.message),
		el('p', { class: 'compare-first' }, e.status === 404 && left.length >= 2
			? el('a', { class: 'button', href: address(left) }, `Compare the other ${left.length}`)
			: el('a', { class: 'button', href: '#/library' }, 'Choose in the library')));
}

/* What the takes were made of: what differs as a table, the rest folded away. order: of the lanes, and
 * their letters. */
function differences(found, order) {
	const { differing, same } = compare(found), words = prompts(found), { samples } = found;
	const letter = (i) => {
		const mark = el('span', { class: 'compare-mark' }, LETTERS[order.indexOf(i)]);

		mark.style.setProperty('--hue', hueOf(samples[i].generation_params?.seed));
		return mark;
	};
	const box = el('section', { class: 'compare-differ', 'aria-labelledby': 'compare-differ' },
		el('h2', { id: 'compare-differ' }, 'What differs'));

	if (words) box.append(el('dl', { class: 'compare-prompts' }, ...order.flatMap((i) => [
		el('dt', {}, letter(i)), el('dd', {}, words[i].text, words[i].added && el('p', { class: 'hint' }, words[i].added))])));
	else box.append(el('p', { class: 'compare-prompt' }, samples[0].prompt.text));
	if (differing.length) box.append(el('div', {
		class: 'compare-scroll', role: 'region', tabindex: '0', 'aria-label': 'Table of what differs',
	}, el('table', { class: 'table' },
			el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Take'),
				...differing.map((r) => el('th', { scope: 'col' }, r.label)))),
			el('tbody', {}, ...order.map((i) => el('tr', {}, el('th', { scope: 'row' }, letter(i)),
				...differing.map((r) => el('td', {}, r.values[i]))))))));
	else if (!words) box.append(el('p', { class: 'hint' }, 'Nothing that is known: they were made of the same.'));
	box.append(el('details', {}, el('summary', {}, 'The same in all'),
		el('dl', { class: 'compare-same' }, ...same.flatMap((r) => [el('dt', {}, r.label), el('dd', {}, r.values[0])]))));
	return box;
}
