/* Dragging along a waveform, pointing at it, and its keys. */

import { player } from './player.js';

const done = new WeakSet();

/* Once for each Seek, however often it is asked for. */
export function scrub(seek) {
	if (done.has(seek)) return;
	done.add(seek);

	const on = (type, f) => seek.el.addEventListener(type, f);
	const hold = (seconds) => { seek.held_s = seconds; seek.follow(); };

	/* Where the pointer lets go is a click. */
	on('pointerdown', (e) => {
		if (e.button !== 0) return;
		seek.el.setPointerCapture(e.pointerId);
		hold(seek.part(e) * seek.duration_s);
	});
	on('pointermove', (e) => {
		if (seek.held_s !== null) hold(seek.part(e) * seek.duration_s);
		else if (e.pointerType === 'mouse') seek.wave.setHover(seek.part(e));
	});
	on('pointerup', () => { seek.held_s = null; });
	on('pointercancel', () => hold(null));
	on('pointerleave', () => seek.wave.setHover(null));
	on('keydown', (e) => key(seek, e));
}

function key(seek, e) {
	if (e.ctrlKey || e.altKey || e.metaKey) return;
	const now = player.state(seek.id).position_s, d = seek.duration_s;
	const step = d > 60 ? 5 : 1;
	const to = {
		ArrowRight: now + step, ArrowUp: now + step, ArrowLeft: now - step, ArrowDown: now - step,
		PageUp: now + d / 10, PageDown: now - d / 10, Home: 0, End: d,
	}[e.key];

	if (e.key === 'Enter') seek.toggle();
	else if (to === undefined) return;
	else player.seek(seek.id, Math.min(d, Math.max(0, to)));
	e.preventDefault();
}
