/* For an address that leads nowhere. */

import { el } from '../dom.js';

export const title = 'Nothing here';

export function open(root) {
	root.append(
		el('h1', { tabindex: '-1' }, 'There is no such page here.'),
		el('p', {}, el('a', { href: '#/' }, 'To the studio')));
	return {};
}
