/* How long each side of a pair has really sounded: nobody votes on what was not heard. Knows no sound; the page tells it
 * again and again where the sound is. */

const ENOUGH_S = 3;
/* Between two looks no more than this is believed: it was a jump. */
const LEAP_S = 1.5;

export class Heard {
	#heard_s = [0, 0];
	#enough_s;
	#side = null;
	#at_s = 0;

	/* The whole take is enough when it is shorter. */
	constructor(duration_s) {
		this.#enough_s = Math.min(ENOUGH_S, Math.max(0.1, duration_s - 0.1));
	}

	/* This side sounds, and is here; null: it is quiet, or has been put elsewhere. */
	tick(side, at_s) {
		const went_s = at_s - this.#at_s;

		if (side !== null && side === this.#side && went_s > 0 && went_s < LEAP_S) this.#heard_s[side] += went_s;
		this.#side = side;
		this.#at_s = at_s;
	}

	/* It was listened to before, and may be judged at once. */
	known() {
		this.#heard_s = [Infinity, Infinity];
	}

	/* 0…1 of what is enough. */
	part(side) {
		return Math.min(1, this.#heard_s[side] / this.#enough_s);
	}

	/* Seconds that are missing. */
	left(side) {
		return Math.max(0, this.#enough_s - this.#heard_s[side]);
	}

	get both() {
		return this.left(0) === 0 && this.left(1) === 0;
	}
}
