/* What stands before and after the take in hand, and what is kept of all that for the next visit. */

import { player } from './player.js';
import { load, save } from '../store.js';

/* A previous take is asked for at the beginning of one; further in, its beginning is meant. */
const BEGINNING_S = 3;
/* What an abrupt end of the page may lose. */
const KEEP_EVERY_MS = 5000;
const LONGEST_LIST = 500;

let kept_ms = 0;

/* The one so many places further, or undefined. */
export function beside(by) {
	const at = player.list.indexOf(player.id);

	return at < 0 ? undefined : player.list[at + by];
}

/* Plays that one, from its beginning: → whether there is one. */
export function step(by) {
	const id = beside(by);

	if (!id) return false;
	player.seek(id, 0);
	player.play(id);
	return true;
}

const changed = () => player.dispatchEvent(new CustomEvent('change', { detail: player.id }));

export const next = () => step(1);

export function previous() {
	if (player.state().position_s > BEGINNING_S || !step(-1)) player.seek(player.id, 0);
}

export function toggleLoop() {
	player.audio.loop = !player.audio.loop;
	/* The element says nothing of this one. */
	changed();
}

/* A take that was deleted sounds no more, and is in no list. */
export function drop(id) {
	const after = player.id === id ? beside(1) ?? beside(-1) : player.id;

	player.list = player.list.filter((one) => one !== id);
	if (player.id !== id) return;
	player.pause();
	if (after) return player.load(after);
	player.id = null;
	changed();
}

/* What was in hand on the last visit is in hand again, at its place, and does not sound. */
export function restore() {
	const { id, at_s, list, loop, volume, muted } = load('player', {});

	Object.assign(player.audio, { loop: loop ?? false, volume: volume ?? 1, muted: muted ?? false });
	if (!id || player.id) return;
	player.seek(id, at_s);
	player.load(id, list);
}

function keep() {
	const { id, list, audio: { loop, volume, muted, ended } } = player;
	const around = Math.max(0, list.indexOf(id) - LONGEST_LIST / 2);

	kept_ms = Date.now();
	save('player', {
		id, at_s: ended ? 0 : player.state().position_s, loop, volume, muted,
		list: list.slice(around, around + LONGEST_LIST),
	});
}

player.audio.addEventListener('ended', next);
/* A very short one, while this was being loaded. */
if (player.audio.ended) next();
player.addEventListener('change', () => {
	if (!player.state().playing || Date.now() - kept_ms > KEEP_EVERY_MS) keep();
});
addEventListener('pagehide', keep);
