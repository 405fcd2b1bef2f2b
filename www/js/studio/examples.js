/* Where nothing was made yet: prompts to begin with. */

import { el } from '../dom.js';

const EXAMPLES = [
	'gentle piano waltz in A minor at 96 bpm',
	'late-night jazz trio, brushes, walking bass',
	'bright bossa nova with guitar and flute, 130 bpm',
	'slow ambient strings in D, like morning fog',
	'funky groove with slap bass and brass stabs',
	'epic orchestral march in C minor with timpani',
];

export function offer(app) {
	document.getElementById('examples').replaceChildren(...EXAMPLES.map((prompt) => el('li', {},
		el('button', { type: 'button', class: 'example', onclick: () => app.compose({ prompt }) }, prompt))));
}
