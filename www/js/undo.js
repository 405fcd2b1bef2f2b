/* Deleting what can still be taken back: the thing is hidden at once, with "Undo" in its place, and nothing is
 * asked of the server until the pause is over, the view closes, or the page goes. */

import { del, url } from './api.js';
import { patiently } from './connection.js';
import { announce, el } from './dom.js';

/* Long enough to read it, think, and find the button by keyboard. */
const PAUSE_MS = 20000;
const CONTROLS = 'a[href], button:not([hidden]), input';

const waiting = new Set();

addEventListener('pagehide', () => { for (const one of waiting) one.leave(); });

/* item: the element of a list that shows the thing; path: what is to be deleted. → whether it was; then the
 * caller removes the item. Throws Refused when the server says no; then the item is as it was. */
export async function deleteUnlessUndone(item, sentence, path) {
	const within = item.contains(document.activeElement) ? document.activeElement : null;
	const shown = [...item.children].filter((child) => !child.hidden);
	const line = el('p', { class: 'undo' }, el('span', {}, sentence));
	const back = () => {
		line.remove();
		for (const child of shown) child.hidden = false;
	};

	for (const child of shown) child.hidden = true;
	item.append(line);
	announce(`${sentence} It can be undone.`);
	if (!await decided(line, within, path)) {
		back();
		within?.focus();
		return false;
	}
	try {
		await patiently(() => gone(del(path)));
	} catch (e) {
		back();
		throw e;
	}
	if (line.contains(document.activeElement)) neighbour(item)?.focus();
	return true;
}

/* What waits to be deleted is deleted now: whoever saw the line is going away. */
export function finishDeletions() {
	for (const one of waiting) one.finish();
}

/* → whether it is to be done. */
function decided(line, focus, path) {
	return new Promise((done) => {
		const end = (answer) => {
			clearTimeout(timer);
			waiting.delete(one);
			done(answer);
		};
		const one = {
			finish: () => end(true),
			/* The page will not live to hear the answer. */
			leave() {
				fetch(url(path), { method: 'DELETE', keepalive: true }).catch(() => {});
				end(true);
			},
		};
		const timer = setTimeout(one.finish, PAUSE_MS);
		const undo = el('button', { class: 'quiet', type: 'button', onclick: () => end(false) }, 'Undo');

		waiting.add(one);
		line.append(undo);
		if (focus) undo.focus();
	});
}

/* Deleted by somebody else is deleted. */
const gone = (answer) => answer.catch((e) => { if (e.status !== 404) throw e; });

function neighbour(item) {
	return (item.nextElementSibling ?? item.previousElementSibling)?.querySelector(CONTROLS);
}
