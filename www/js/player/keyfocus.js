/* Whether a key is free for the page, or has a use where the focus is. */

import { load } from '../store.js';

const TYPING = 'textarea, select, [contenteditable], dialog, [popover], '
	+ 'input:not([type="radio"], [type="checkbox"], [type="range"], [type="file"])';
const USES_SPACE = 'input, button, a, summary';
const USES_ARROWS = 'input, [role="slider"], [role="tablist"], [role="radiogroup"], [role="group"][tabindex]';

export function isFree(e) {
	if (e.ctrlKey || e.altKey || e.metaKey || e.isComposing || e.target.closest?.(TYPING)) return false;
	if (e.key === ' ') return !e.shiftKey && !e.target.closest?.(USES_SPACE);
	return !e.key.startsWith('Arrow') || !(e.shiftKey || e.target.closest?.(USES_ARROWS));
}

/* Who speaks to a computer, or types with a shaking hand, may not want letters to do things. */
export const keysWanted = () => load('keys', true);
