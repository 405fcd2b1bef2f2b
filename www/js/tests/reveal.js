/* The pairs of a test in the open: which take is A and which is B, to be heard and voted on without blindness. */

import { get, post } from '../api.js';
import { patiently } from '../connection.js';
import { announce, el } from '../dom.js';
import { act } from '../fields.js';
import { hueOf, Take } from '../player/take.js';

const AT_ONCE = 10;
const CHOICES = [['a', 'A is better'], ['equal', 'Equal'], ['b', 'B is better']];

/* What is said before: → an element that becomes the pairs. */
export function warning(id) {
	const error = el('p', { class: 'error', role: 'alert' });
	const button = el('button', { class: 'quiet', type: 'button', onclick: () => act(button, error, async () => {
		const pairs = await reveal(id);
		box.replaceChildren(...pairs);
		box.querySelector('h3')?.focus();
	}) }, 'Show which is which');
	const box = el('div', {}, el('p', {}, 'Who knows which take is A and which is B is not blind any more: take the blind test '
		+ 'first. A vote from here counts like any other.'), button, error);

	return box;
}

async function reveal(id) {
	/* Whoever asks for a ballot becomes a listener of their own; otherwise all votes from here were one listener's. */
	await patiently(() => get(`ab-tests/${id}/ballot`));
	const t = await patiently(() => get(`ab-tests/${id}`));
	const pairs = t.pairs.filter((p) => p.is_ready);
	const list = el('ol', { class: 'rows' });
	const more = el('button', { class: 'quiet more', type: 'button', onclick: next }, 'Show more');

	function next() {
		const from = list.childElementCount;

		list.append(...pairs.slice(from, from + AT_ONCE).map((p) => row(t, p)));
		more.hidden = list.childElementCount === pairs.length;
		if (from) list.children[from]?.querySelector('h3').focus();
	}

	next();
	return [list, more];
}

function row(t, pair) {
	const id = `pair-${pair.id}`, error = el('p', { class: 'error', role: 'alert' });
	const arm = (letter) => {
		const take = new Take(id), name = t[`adapter_${letter}_name`];

		take.el.style.setProperty('--hue', hueOf(pair.seed));
		take.ready({ id: pair[`audio_${letter}_id`], duration_seconds: t.generation_params.duration });
		return el('div', { role: 'group', 'aria-label': `${letter.toUpperCase()}, ${name}` },
			el('p', { class: 'tests-arm' }, el('b', {}, letter.toUpperCase()), ' ', name), take.el);
	};
	const choice = ([value, words]) => el('label', {}, el('input', {
		type: 'radio', name: `vote-${pair.id}`, value, checked: pair.preference === value, onchange: (e) => vote(e.target),
	}), el('span', {}, words));

	function vote(input) {
		return act(input, error, async () => {
			await patiently(() => post(`ab-tests/${t.id}/vote`, { pair_id: pair.id, preference: input.value }));
			announce('Your vote counts.');
		});
	}

	return el('li', {}, el('h3', { id, class: 'prompt', tabindex: '-1' }, pair.prompt_text),
		el('div', { class: 'tests-two' }, arm('a'), arm('b')),
		el('fieldset', { class: 'field tests-open-vote' }, el('legend', {}, 'Which is better?'),
			el('div', { class: 'choice' }, ...CHOICES.map(choice)), error));
}
