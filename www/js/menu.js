/* A menu at a button: a layer with what one can do, built when it is opened and gone when it is closed. */

import { attr, el } from './dom.js';

const GAP = 8;
const STOPS = 'a[href], button, input, select, summary';

/* build(): the nodes in it. What is pressed in it closes it, unless it stands in an element with data-stay.
 * → the button */
export function menuButton(props, children, build) {
	let menu = null, wasOpen = false;

	const button = el('button', { type: 'button', 'aria-haspopup': 'true', 'aria-expanded': 'false', ...props,
		/* A press beside the menu closes it, a press on its button as well: that one must not open it again. */
		onpointerdown: () => { wasOpen = menu !== null; },
		onclick: () => {
			if (!menu && !wasOpen) open();
			else close();
			wasOpen = false;
		} }, ...children);

	function open() {
		menu = el('div', {
			class: 'menu', popover: 'auto', role: 'group', 'aria-label': button.ariaLabel ?? button.textContent,
			onkeydown: (e) => move(menu, e),
			ontoggle: (e) => { if (e.newState === 'closed' && e.target === menu) close(); },
		}, ...build());
		/* Before what was pressed does its work: that finds the focus at the button. */
		menu.addEventListener('click', (e) => {
			if (e.target.closest('a, button') && !e.target.closest('[data-stay]')) close();
		}, true);
		/* What unfolds in it needs more room. */
		menu.addEventListener('toggle', (e) => { if (e.target !== menu) place(menu, button); }, true);
		button.after(menu);
		menu.showPopover();
		place(menu, button);
		attr(button, 'aria-expanded', 'true');
		menu.querySelector(STOPS)?.focus();
	}

	function close() {
		if (!menu) return;
		const gone = menu, inside = gone.contains(document.activeElement);

		menu = null;
		gone.remove();
		attr(button, 'aria-expanded', 'false');
		if (inside || document.activeElement === document.body) button.focus();
	}
	return button;
}

/* Below the button, or above it where there is more room. */
function place(menu, button) {
	const at = button.getBoundingClientRect(), { width, height } = menu.getBoundingClientRect();
	const below = at.bottom + GAP + height <= innerHeight - GAP;
	const top = below ? at.bottom + GAP : Math.max(GAP, at.top - GAP - height);
	const left = Math.min(Math.max(GAP, at.right - width), document.documentElement.clientWidth - width - GAP);

	menu.style.setProperty('top', `${top}px`);
	menu.style.setProperty('left', `${left}px`);
}

function move(menu, e) {
	const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
	if (!by || e.target.matches('input, select')) return;

	const stops = [...menu.querySelectorAll(STOPS)].filter((s) => s.checkVisibility()), at = stops.indexOf(document.activeElement);
	stops[(at + by + stops.length) % stops.length]?.focus();
	e.preventDefault();
}
