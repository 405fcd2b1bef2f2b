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
	star: 'M12 3.2l2.7 5.6 6.1.8-4.5 4.2 1.1 6.1-5.4-3-5.4 3 1.1-6.1-4.5-4.2 6.1-.8z',
	heart: 'M12 20.3C6.2 15.6 3 12.7 3 9.1 3 6.5 5 4.5 7.5 4.5c1.8 0 3.4 1 4.5 2.6 1.1-1.6 2.7-2.6 '
		+ '4.5-2.6C19 4.5 21 6.5 21 9.1c0 3.6-3.2 6.5-9 11.2z',
};

export function icon(name) {
	const svg = document.createElementNS(SVG, 'svg');
	const path = document.createElementNS(SVG, 'path');

	path.setAttribute('d', ICONS[name]);
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
