/* Addresses of views, as router.js reads them, and links to them. */

import { el } from './dom.js';

/* to('library', { q: 'waltz' }) → "#/library?q=waltz"; what is empty stays out. */
export function to(path, query = {}) {
	const q = new URLSearchParams(Object.entries(query)
		.flatMap(([k, v]) => [v].flat().map((one) => [k, one]))
		.filter(([, v]) => v !== '' && v !== null && v !== undefined && v !== false));

	return `#/${path}${q.size ? `?${q}` : ''}`;
}

/* The way from one thing back to all of them, above a view's heading. */
export function back(hash, words) {
	return el('p', { class: 'back' }, el('a', { href: hash }, `← ${words}`));
}
