/* A/B tests. */

import { el } from '../dom.js';

export const title = 'A/B tests';

export function open(root) {
	root.append(el('h1', { tabindex: '-1' }, title));
	return {};
}
