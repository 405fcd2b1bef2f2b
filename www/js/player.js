/* The one player of the page: at most one take sounds at a time.
 *
 * Takes are named by their audio id. Every take keeps its own position, so that one can go back and
 * forth between them. Event `change` (detail: the id it is about) whenever something that a view shows
 * has changed; many times a second while a take plays. */

import { get, url, Refused } from './api.js';

class Player extends EventTarget {
	#audio = document.createElement('audio');
	#positions = new Map();		/* id → seconds, of takes that are not loaded */
	#wanted_s = null;		/* a seek that waits for the take's header */
	#errors = new Map();
	#waiting = false;
	id = null;

	constructor() {
		super();
		const a = this.#audio;

		a.preload = 'none';
		document.body.append(a);
		a.addEventListener('loadedmetadata', () => this.#applySeek());
		a.addEventListener('play', () => this.#follow());
		a.addEventListener('waiting', () => { this.#waiting = true; this.#changed(); });
		a.addEventListener('playing', () => { this.#waiting = false; this.#changed(); });
		a.addEventListener('error', () => this.#failed());
		for (const type of ['pause', 'ended', 'seeked', 'timeupdate'])
			a.addEventListener(type, () => this.#changed());
	}

	/* What a view of this take shows. `buffering`: asked to play, but nothing sounds yet. */
	state(id) {
		const mine = id === this.id;

		return {
			playing: mine && !this.#audio.paused,
			buffering: mine && !this.#audio.paused && this.#waiting,
			position_s: mine ? this.#wanted_s ?? this.#audio.currentTime : this.#positions.get(id) ?? 0,
			error: this.#errors.get(id) ?? '',
		};
	}

	toggle(id) {
		if (this.state(id).playing) this.pause();
		else this.play(id);
	}

	play(id) {
		this.#load(id);
		/* Refused for want of a gesture, or interrupted by the next take: either way the button says so. */
		this.#audio.play().catch(() => this.#changed());
	}

	pause() {
		this.#audio.pause();
	}

	/* Works before anything of the take was fetched, too. */
	seek(id, seconds) {
		if (id !== this.id) {
			this.#positions.set(id, seconds);
		} else if (this.#audio.readyState === 0) {
			this.#wanted_s = seconds;
		} else {
			this.#audio.currentTime = seconds;
		}
		this.#changed(id);
	}

	#load(id) {
		const failed = this.#errors.delete(id);

		if (id === this.id && !failed) return;
		const before = this.id, { ended, currentTime } = this.#audio;
		if (before && before !== id) this.#positions.set(before, ended ? 0 : currentTime);
		this.#audio.pause();
		this.id = id;
		this.#waiting = true;
		this.#wanted_s = this.#positions.get(id) ?? 0;
		this.#audio.src = url(`audio/${id}/stream`);
		if (before) this.#changed(before);
	}

	#applySeek() {
		if (this.#wanted_s) this.#audio.currentTime = this.#wanted_s;
		this.#wanted_s = null;
	}

	/* timeupdate comes four times a second; a moving line wants every frame. */
	#follow() {
		const step = () => {
			this.#changed();
			if (!this.#audio.paused) requestAnimationFrame(step);
		};

		step();
	}

	async #failed() {
		const id = this.id;
		let why = 'This browser cannot play the file; download it, or choose another format.';

		/* The element does not say whether it was the file or the server: ask. */
		try {
			await get(`audio/${id}`);
			if (this.#audio.error?.code === MediaError.MEDIA_ERR_NETWORK)
				why = 'The sound stopped coming; press play to go on.';
		} catch (e) {
			why = e instanceof Refused ? e.message
				: 'The sound could not be fetched; press play to try again.';
		}
		this.#positions.set(id, this.#audio.currentTime);
		this.#audio.pause();
		this.#errors.set(id, why);
		this.#changed(id);
	}

	#changed(id = this.id) {
		this.dispatchEvent(new CustomEvent('change', { detail: id }));
	}
}

export const player = new Player();
