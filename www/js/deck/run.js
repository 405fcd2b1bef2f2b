/* One uninterrupted stretch of a deck's time line: from `at` on (the context's clock) all tracks sound
 * together, beginning at position `from` and, when a loop says so, ending at `to`. All times in seconds.
 * Knows nothing of fetching.
 *
 * What begins or ends in the middle of the sound does it in SEAM_S, and where one run follows another,
 * both overlap for as long: a straight line each, so that the two always add up to one. */

export const SEAM_S = 0.01;

/* How many frames of a buffer may sound behind its own end, so that a run can fade out there. */
export const tailFrames = (rate) => Math.ceil(SEAM_S * rate) + 1;

export class Run {
	#context;
	#faders;
	#sources = new Set();
	#placed;
	#over = false;

	/* outputs: where each track goes */
	constructor(context, outputs, { at, from, to = Infinity }) {
		/* What is at the beginning of a take is its beginning, however sudden. */
		const fade_s = from > 0 ? SEAM_S : 0;

		this.at = at;
		this.from = from;
		this.to = to;
		this.steady = at + fade_s;
		this.#context = context;
		this.#placed = outputs.map(() => new Set());
		this.#faders = outputs.map((output) => {
			const fader = context.createGain();

			fader.gain.setValueAtTime(fade_s ? 0 : 1, at);
			if (fade_s) fader.gain.linearRampToValueAtTime(1, at + fade_s);
			if (to < Infinity) fadeOut(fader, this.until);
			fader.connect(output);
			return fader;
		});
	}

	get until() {
		return this.at + this.to - this.from;
	}

	positionAt(time) {
		return this.from + Math.min(Math.max(0, time - this.at), this.to - this.from);
	}

	has(track, piece) {
		return this.#placed[track].has(piece);
	}

	/* Lets `buffer` sound when its time comes, or from now on when it should already: its frame 0 is frame
	 * `first` of the take, and `frames` of it are its own. */
	place(track, piece, { buffer, first, frames }) {
		const rate = buffer.sampleRate, now = this.#context.currentTime + 0.005;
		const start = whole(this.from * rate), late = Math.ceil((now - this.at) * rate);
		/* Whole frames of the take, whatever the context's are, so that the pieces lie side by side. */
		const begin = Math.ceil(Math.max(first, start, start + late)), own = first + frames;
		const cut = whole(this.to * rate), tail = tailFrames(rate) - 1;
		const end = Math.min(own < cut ? own : cut + tail, first + buffer.length);

		this.#placed[track].add(piece);
		if (end <= begin || first >= cut) return;
		const source = this.#context.createBufferSource();
		source.buffer = buffer;
		source.connect(this.#faders[track]);
		source.addEventListener('ended', () => this.#ended(source));
		source.start(this.at + (begin - start) / rate, (begin - first) / rate, (end - begin) / rate);
		this.#sources.add(source);
	}

	/* Ends at this time, which lies in it and is not before `steady`. */
	end(time) {
		for (const fader of this.#faders) {
			fader.gain.cancelScheduledValues(time);
			fadeOut(fader, time);
		}
		for (const source of this.#sources) source.stop(time + SEAM_S);
		this.to = this.positionAt(time);
		this.over();
	}

	/* Has not begun, and will not. */
	drop() {
		for (const source of this.#sources) source.stop();
		this.over();
	}

	/* Nothing more will be placed. */
	over() {
		this.#over = true;
		this.#ended(null);
	}

	#ended(source) {
		source?.disconnect();
		this.#sources.delete(source);
		if (this.#over && !this.#sources.size) for (const fader of this.#faders) fader.disconnect();
	}
}

function fadeOut(fader, time) {
	fader.gain.setValueAtTime(1, time);
	fader.gain.linearRampToValueAtTime(0, time + SEAM_S);
}

/* A time on the grid of frames is on it to the last bit. */
function whole(frame) {
	return Math.abs(frame - Math.round(frame)) < 1e-4 ? Math.round(frame) : frame;
}
