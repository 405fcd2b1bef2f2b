/* Status. */

import { el } from '../dom.js';

export const title = 'Status';

export function open(root) {
	root.append(el('h1', { tabindex: '-1' }, title));
	return {};
}
