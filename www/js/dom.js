/* Building elements. Text goes in as text, never as markup, so nothing a prompt holds can run. */

const SVG = 'http://www.w3.org/2000/svg';

/* el('button', { class: 'play', type: 'button', onclick: f, 'aria-label': 'Play' }, 'text', child…).
 * Properties that begin with "on" are listeners; null, undefined and false leave an attribute out. */
export function el(tag, props = {}, ...children) {
	const node = document.createElement(tag);

	for (const [name, value] of Object.entries(props)) {
		if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
		else attr(node, name, value);
	}
	node.append(...children.filter((c) => c !== null && c !== undefined));
	return node;
}

/* Sets, or with null, undefined or false removes, an attribute. */
export function attr(node, name, value) {
	if (value === null || value === undefined || value === false) node.removeAttribute(name);
	else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

/* Writes only what differs, so that a screen reader hears nothing when nothing changed. */
export function text(node, value) {
	if (node.textContent !== value) node.textContent = value;
}

const ICONS = {
	play: 'M8 5.2v13.6a.8.8 0 0 0 1.2.7l11-6.8a.8.8 0 0 0 0-1.4l-11-6.8a.8.8 0 0 0-1.2.7z',
	pause: 'M7.5 5h2.5a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H7.5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zm6.5 0h2.5a1 '
		+ '1 0 0 1 1 1v12a1 1 0 0 1-1 1H14a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z',
};

/* `d`: its path, where it is none of these. */
export function icon(name, d = ICONS[name]) {
	const svg = document.createElementNS(SVG, 'svg');
	const path = document.createElementNS(SVG, 'path');

	path.setAttribute('d', d);
	svg.setAttribute('viewBox', '0 0 24 24');
	svg.setAttribute('class', `icon icon-${name}`);
	svg.setAttribute('aria-hidden', 'true');
	svg.append(path);
	return svg;
}

export const calm = matchMedia('(prefers-reduced-motion: reduce)');

/* Two live regions: what one may hear when it suits, and what one must hear now. */
export function announce(sentence, urgent = false) {
	const region = document.getElementById(urgent ? 'alarm' : 'live');

	/* The same sentence twice is two events: an empty region in between makes it heard again. */
	region.textContent = '';
	setTimeout(() => { region.textContent = sentence; }, 50);
}
