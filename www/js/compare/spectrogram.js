/* A take drawn by its pitches, low ones at the bottom: the louder, the more ink. Comes column by column,
 * and needs the memory of a few seconds of the take; of one that is longer than FULL_S only samples spread
 * over it are fetched. */

import { el } from '../dom.js';
import { Reel } from '../deck/reel.js';
import { addPowers, column, WINDOW } from './spectrum.js';

const ROWS = 96;
const FULL_S = 60;		/* so much of a take is fetched at most */
const BLOCK_S = 3;
const SPOTS = 240;		/* in a longer take */
const COLUMNS = 600;
const AT_A_TIME = 24;		/* windows between two breaths of the page: a few milliseconds */

const dark = matchMedia('(prefers-color-scheme: dark)');
const sized = new ResizeObserver((entries) => { for (const e of entries) e.target.spectrogram.draw(); });
const breath = () => new Promise((done) => setTimeout(done, 0));

export class Spectrogram {
	#reel;
	#columns;			/* of bytes; null: not there yet */
	#colours = null;
	#drawn = () => { this.#colours = null; this.draw(); };
	#frame = 0;
	canvas = el('canvas', { class: 'compare-spectrum', 'aria-hidden': 'true' });
	done = false;

	constructor(url) {
		this.#reel = new Reel(url);
		this.canvas.spectrogram = this;
		sized.observe(this.canvas);
		dark.addEventListener('change', this.#drawn);
	}

	close() {
		sized.unobserve(this.canvas);
		dark.removeEventListener('change', this.#drawn);
		cancelAnimationFrame(this.#frame);
	}

	/* Throws what a Reel throws. */
	async make(signal) {
		if (this.done) return;
		await this.#reel.open(signal);
		const { rate, frames } = this.#reel.format, full = frames <= FULL_S * rate;
		const stretches = full ? Math.ceil(frames / (BLOCK_S * rate)) : SPOTS;
		const each = full ? BLOCK_S * rate : frames / SPOTS;
		const read = full ? BLOCK_S * rate : Math.round(FULL_S * rate / SPOTS);

		const finest = Math.max(1, Math.floor(frames / (WINDOW / 4)));

		this.#columns ??= new Array(full ? Math.min(COLUMNS, finest) : SPOTS).fill(null);
		for (let i = 0; i < stretches; i++) {
			const from = Math.round(i * each), width = this.#columns.length / frames;

			if (full) await this.#whole(from, Math.min(read, frames - from), width, signal);
			else if (!this.#columns[i]) this.#columns[i] = await this.#spot(from, read, signal);
			this.#soon();
		}
		this.done = true;
		this.canvas.dataset.done = '';
	}

	/* Every column that begins in this stretch, by all the windows that begin in it. */
	async #whole(from, count, width, signal) {
		const first = Math.ceil(from * width), last = Math.ceil((from + count) * width);
		if (this.#columns.slice(first, last).every(Boolean)) return;
		const sound = mono(await this.#reel.read(from, count + WINDOW * 4, signal)), hop = WINDOW / 2;
		let n = 0;

		for (let c = first; c < last; c++) {
			const begin = Math.round(c / width) - from, end = Math.round((c + 1) / width) - from;
			const sums = new Float64Array(WINDOW / 2);
			let windows = 0;

			for (let at = begin; at < end || !windows; at += hop, windows++) addPowers(sound, at, sums);
			this.#columns[c] = column(sums, windows, this.#reel.format.rate, ROWS);
			if ((n += windows) < AT_A_TIME) continue;
			n = 0;
			await breath();
		}
	}

	/* What sounds there, on the average. */
	async #spot(from, count, signal) {
		const sound = mono(await this.#reel.read(from, count, signal)), sums = new Float64Array(WINDOW / 2);
		let windows = 0;

		for (let at = 0; at + WINDOW <= sound.length || !windows; at += WINDOW / 2, windows++) addPowers(sound, at, sums);
		return column(sums, windows, this.#reel.format.rate, ROWS);
	}

	#soon() {
		cancelAnimationFrame(this.#frame);
		this.#frame = requestAnimationFrame(() => this.draw());
	}

	draw() {
		const { canvas } = this, { clientWidth: w, clientHeight: h } = canvas;
		if (!w || !this.#columns) return;
		const small = new OffscreenCanvas(this.#columns.length, ROWS), paint = small.getContext('2d');
		const image = paint.createImageData(small.width, ROWS), pixels = new Uint32Array(image.data.buffer);
		const colours = this.#colours ??= this.#palette();

		this.#columns.forEach((levels, x) => levels?.forEach((level, row) => {
			pixels[(ROWS - 1 - row) * small.width + x] = colours[level];
		}));
		paint.putImageData(image, 0, 0);
		canvas.width = Math.round(w * devicePixelRatio);
		canvas.height = Math.round(h * devicePixelRatio);
		canvas.getContext('2d').drawImage(small, 0, 0, canvas.width, canvas.height);
	}

	/* 256 colours of the take: from paper over its hue to ink. */
	#palette() {
		const css = getComputedStyle(this.canvas), hue = css.getPropertyValue('--hue') || 0;
		const paint = new OffscreenCanvas(256, 1).getContext('2d', { willReadFrequently: true });

		for (let i = 0; i < 256; i++) {
			const v = i / 255, l = dark.matches ? 0.45 + 0.5 * v : 0.78 - 0.5 * v;
			const c = 0.16 * Math.sin(Math.PI * (0.15 + 0.75 * v)), alpha = Math.min(1, 1.6 * v ** 1.3);

			paint.fillStyle = `oklch(${l} ${c} ${hue} / ${alpha})`;
			paint.fillRect(i, 0, 1, 1);
		}
		return new Uint32Array(paint.getImageData(0, 0, 256, 1).data.buffer);
	}
}

function mono([left, right]) {
	if (right) for (let i = 0; i < left.length; i++) left[i] = (left[i] + right[i]) / 2;
	return left;
}
