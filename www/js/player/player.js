/* The one player of the page: at most one take sounds at a time.
 *
 * Takes are named by their audio id. Every take keeps its own position, so that one can go back and
 * forth between them. Event `change` (detail: the id it is about) whenever something that a view shows
 * has changed; many times a second while a take plays. What comes after a take is playlist.js's affair. */

import { url } from '../api.js';

/* Browsers cannot find the last frames of some files, and give up. */
const TAIL_S = 0.4;

class Player extends EventTarget {
	#positions = new Map();		/* id → seconds, of takes that are not loaded */
	#wanted_s = null;		/* a seek that waits for the take's header */
	#errors = new Map();
	#waiting = false;
	audio = document.createElement('audio');	/* for its loop, volume and muted */
	id = null;
	list = [];			/* the ids among which the take stands, in their order */

	constructor() {
		super();
		const a = this.audio;

		a.preload = 'none';
		document.body.append(a);
		a.addEventListener('loadedmetadata', () => this.#applySeek());
		a.addEventListener('play', () => this.#follow());
		a.addEventListener('waiting', () => { this.#waiting = true; this.#changed(); });
		a.addEventListener('playing', () => { this.#waiting = false; this.#changed(); });
		a.addEventListener('error', () => this.#failed());
		for (const type of ['pause', 'ended', 'seeked', 'timeupdate', 'volumechange'])
			a.addEventListener(type, () => this.#changed());
	}

	/* What a view of this take shows. `buffering`: asked to play, but nothing sounds yet. */
	state(id = this.id) {
		const mine = id === this.id, playing = mine && !this.audio.paused;

		return {
			playing,
			buffering: playing && this.#waiting,
			position_s: mine ? this.#wanted_s ?? this.audio.currentTime : this.#positions.get(id) ?? 0,
			error: this.#errors.get(id) ?? '',
		};
	}

	toggle(id = this.id, from) {
		if (this.state(id).playing) this.pause();
		else this.play(id, from);
	}

	/* list: ids; without it, the one before, if the take is in it. */
	play(id, { list } = {}) {
		this.load(id, list);
		/* Refused for want of a gesture, or interrupted: either way the button says so. */
		this.audio.play().catch(() => this.#changed());
	}

	pause() {
		this.audio.pause();
	}

	/* Also before anything of it was fetched. */
	seek(id, seconds) {
		if (id === this.id) this.#wanted_s = seconds;
		else this.#positions.set(id, seconds);
		if (id === this.id && this.audio.readyState) this.#applySeek();
		this.#changed(id);
	}

	/* In hand, but not sounding yet. */
	load(id, list) {
		const failed = this.#errors.delete(id);

		this.list = list ?? (this.list.includes(id) ? this.list : [id]);
		if (id === this.id && !failed) return;
		const before = this.id, { ended, currentTime } = this.audio;
		if (before && before !== id) this.#positions.set(before, ended ? 0 : this.#wanted_s ?? currentTime);
		this.audio.pause();
		this.id = id;
		this.#waiting = true;
		this.#wanted_s = this.#positions.get(id) ?? 0;
		this.audio.src = url(`audio/${id}/stream`);
		this.#changed(before);
		this.#changed();
	}

	#applySeek() {
		this.audio.currentTime = Math.max(0, Math.min(this.#wanted_s, this.audio.duration - TAIL_S));
		this.#wanted_s = null;
	}

	/* timeupdate comes four times a second; a moving line wants every frame. */
	#follow() {
		const frame = () => {
			this.#changed();
			if (!this.audio.paused) requestAnimationFrame(frame);
		};

		frame();
	}

	async #failed() {
		const id = this.id, { currentTime, error } = this.audio;
		const why = await import('./failure.js').then((m) => m.reason(id, error),
			() => 'The sound could not be fetched; press play to try again.');

		this.#positions.set(id, this.#wanted_s ?? currentTime);
		if (id === this.id) this.pause();
		this.#errors.set(id, why);
		this.#changed(id);
	}

	#changed(id = this.id) {
		this.dispatchEvent(new CustomEvent('change', { detail: id }));
	}
}

export const player = new Player();
