/* The keys that work everywhere on the page, for what is in the player's hand. Loaded with the first key.
 *
 * A widget that has a use for a key itself keeps it, and so does a view: it calls preventDefault(). */

import { announce, el } from '../dom.js';
import { isFree, keysWanted } from './keyfocus.js';
import { opinions } from '../opinions.js';
import { player } from './player.js';
import { next, previous, toggleLoop } from './playlist.js';
import { save } from '../store.js';

const STEP_S = 5;

const by = (seconds) => player.seek(player.id, Math.max(0, player.state().position_s + seconds));
const rate = (n) => opinions.rate(player.id, n);
const favour = () => opinions.favor(player.id, !opinions.isFavorite(player.id));

/* [keys, what they do with the take in hand, whether a key that is held down repeats it] */
const ACTIONS = [
	[['ArrowLeft'], () => by(-STEP_S), true],
	[['ArrowRight'], () => by(STEP_S), true],
	[['n'], next],
	[['p'], previous],
	[['1', '2', '3', '4', '5', '0'], (key) => rate(Number(key))],
	[['f'], favour],
	[['l'], () => { toggleLoop(); announce(player.audio.loop ? 'It plays in a loop' : 'The loop is off'); }],
];

/* What the list of keys shows. */
const HELP = [
	['Space', 'Play and pause'], ['← →', `${STEP_S} seconds back, ${STEP_S} seconds on`], ['N', 'Next take'], ['P', 'Previous take'],
	['1 … 5', 'Rate what plays'], ['0', 'Take the rating back'], ['F', 'Favourite'], ['L', 'Loop'], ['?', 'This list'],
];

export function press(e) {
	if (!isFree(e)) return;
	if (e.key === ' ') return space(e);
	if (!keysWanted()) return;
	if (e.key === '?') return done(e, showKeys);

	const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
	const [, action, repeats] = ACTIONS.find(([keys]) => keys.includes(key)) ?? [];
	if (!action || !player.id) return;
	done(e, () => action(key), repeats);
}

function done(e, action, repeats) {
	e.preventDefault();
	if (!e.repeat || repeats) action();
}

/* The take at hand, the one in the player, or the first one there is. */
function space(e) {
	const own = e.target.closest?.('.player')?.take;
	const first = [...document.querySelectorAll('.player[data-state="ready"]')].find((one) => one.offsetParent)?.take;
	const take = own ?? (player.id ? null : first);

	if (!take && !player.id) return;
	done(e, () => {
		if (take) take.toggle();
		else player.toggle();
		if (!own) announce(player.state().playing ? 'Playing' : 'Paused');
	});
}

export function showKeys() {
	const off = el('input', { type: 'checkbox', id: 'keys-on', onchange: () => save('keys', off.checked) });
	const dialog = el('dialog', { class: 'dialog', 'aria-labelledby': 'keys-title', onclose: () => dialog.remove() },
		el('h2', { id: 'keys-title' }, 'Keys'),
		el('dl', { class: 'keys-list' },
			...HELP.flatMap(([key, what]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, what)])),
		el('p', { class: 'keys-on' }, off, ' ', el('label', { for: 'keys-on' }, 'Use these keys (space always works)')),
		el('form', { method: 'dialog' }, el('button', { class: 'button' }, 'Close')));

	off.checked = keysWanted();
	document.body.append(dialog);
	dialog.showModal();
}

/* Last of all, when every view has had its turn. */
addEventListener('keydown', (e) => { if (!e.defaultPrevented) press(e); });
