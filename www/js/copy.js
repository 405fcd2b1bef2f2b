/* Something to type into a shell, with a button that copies it. */

import { announce, el, text } from './dom.js';

/* what: what a screen reader calls it. */
export function command(words, what = `Command: ${words}`) {
	const button = el('button', { class: 'quiet', type: 'button' }, 'Copy');
	let timer = 0;

	button.addEventListener('click', async () => {
		const done = await copy(words);

		clearTimeout(timer);
		text(button, done ? 'Copied' : 'Select it');
		announce(done ? 'Copied' : 'It could not be copied; select it by hand.');
		timer = setTimeout(() => text(button, 'Copy'), 3000);
	});
	/* It scrolls sideways when it is long; so the keyboard must be able to get into it. Of several, each has a name
	 * of its own. */
	return el('div', { class: 'copy' },
		el('code', { class: 'command', tabindex: '0', role: 'region', 'aria-label': what }, words), button);
}

/* → whether it did. The clipboard of newer browsers is only there over TLS and on localhost. */
async function copy(words) {
	try {
		await navigator.clipboard.writeText(words);
		return true;
	} catch {
		return copyOldWay(words);
	}
}

function copyOldWay(words) {
	const box = el('textarea', { class: 'sr', readonly: '', 'aria-hidden': 'true', tabindex: '-1' });
	const before = document.activeElement;

	box.value = words;
	document.body.append(box);
	box.select();
	try {
		return document.execCommand('copy');
	} catch {
		return false;
	} finally {
		box.remove();
		before?.focus({ preventScroll: true });
	}
}
