/* A take drawn on a canvas: a row of dots that fills while it is being made and then grows into its
 * waveform, which is also where one seeks. Knows no take and no player; take.js feeds it. */

import { calm, el } from '../dom.js';

const GROW_MS = 700;
const EASE_MS = 700;		/* progress comes about once a second; the dots move on in between */

const dark = matchMedia('(prefers-color-scheme: dark)');

dark.addEventListener('change', () => {
	for (const canvas of document.querySelectorAll('canvas')) canvas.waveform?.draw();
});

const sized = new ResizeObserver((entries) => { for (const e of entries) e.target.waveform?.fit(); });

/* Peaks as audiowaveform writes them (its JSON, version 2) → loudest value of each point, 0…1. */
export function levels(peaks) {
	const { data, channels = 1, bits = 16 } = peaks;
	const each = 2 * channels, full = 2 ** (bits - 1);

	return Float32Array.from({ length: Math.floor(data.length / each) }, (_, i) =>
		Math.max(...data.slice(i * each, (i + 1) * each).map(Math.abs)) / full);
}

/* The same shape in another number of points. The mean of each stretch, not its loudest: mastered music
 * touches the ceiling somewhere in every stretch, and would look like a wall. */
export function resample(from, n) {
	const out = new Float32Array(n), start = (i) => Math.floor((i * from.length) / n);

	for (let i = 0; i < n; i++) {
		const a = start(i), b = Math.max(a + 1, start(i + 1));
		for (let k = a; k < b; k++) out[i] += (from[k] ?? 0) / (b - a);
	}
	return out;
}

export class Waveform {
	canvas = el('canvas');
	#levels = null;
	#bars = null;
	#grown = 0;			/* 0: dots, 1: the whole waveform */
	#progress = { from: 0, to: 0, since: 0 };
	#waiting = false;
	#position = 0;
	#hover = null;
	#frame = 0;

	constructor() {
		this.canvas.waveform = this;
		sized.observe(this.canvas);
	}

	/* It is shown no more. */
	close() {
		sized.unobserve(this.canvas);
		cancelAnimationFrame(this.#frame);
	}

	/* 0…1 of the work done; waiting: not begun, the dots only breathe. */
	setProgress(part, waiting) {
		if (part !== this.#progress.to)
			this.#progress = { from: this.#shownProgress(), to: part, since: performance.now() };
		this.#waiting = waiting;
		this.#animate();
	}

	/* `seen`: the listener has watched the dots, so let them grow; else it simply stands there. */
	setLevels(values, seen) {
		this.#levels = values;
		this.#bars = null;
		this.#waiting = false;
		this.#grown = seen && !calm.matches ? performance.now() : 1;
		this.#animate();
	}

	/* Both in 0…1 of the take; hover null: nobody points at it. */
	setPosition(part) {
		const lit = (p) => Math.round(p * this.#bars?.length);
		const same = lit(part) === lit(this.#position);

		this.#position = part;
		if (!same) this.draw();
	}

	setHover(part) {
		this.#hover = part;
		this.draw();
	}

	fit() {
		const { clientWidth: w, clientHeight: h } = this.canvas, ratio = devicePixelRatio || 1;

		this.canvas.width = Math.round(w * ratio);
		this.canvas.height = Math.round(h * ratio);
		this.#bars = null;
		this.draw();
	}

	#shownProgress() {
		const { from, to, since } = this.#progress;
		const t = calm.matches ? 1 : Math.min(1, (performance.now() - since) / EASE_MS);

		return from + (to - from) * t;
	}

	#growth() {
		if (!this.#levels) return 0;
		return this.#grown <= 1 ? this.#grown : Math.min(1, (performance.now() - this.#grown) / GROW_MS);
	}

	#moves() {
		if (!this.canvas.isConnected || calm.matches) return false;
		if (this.#levels) return this.#growth() < 1;
		return this.#waiting || this.#shownProgress() !== this.#progress.to;
	}

	/* Frames only for as long as something moves. */
	#animate() {
		cancelAnimationFrame(this.#frame);
		this.#frame = requestAnimationFrame(() => {
			this.draw();
			if (this.#moves()) this.#animate();
		});
	}

	draw() {
		const ctx = this.canvas.getContext('2d'), ratio = devicePixelRatio || 1;
		const w = this.canvas.width / ratio, h = this.canvas.height / ratio;
		if (!w) return;

		const wide = w > 480, bar = wide ? 3 : 2.5, pitch = wide ? 5 : 4;
		const n = Math.floor((w + pitch - bar) / pitch), left = (w - (n * pitch - (pitch - bar))) / 2;
		const look = this.#look(), growth = this.#growth(), now = performance.now();
		if (this.#levels && this.#bars?.length !== n) this.#bars = resample(this.#levels, n);

		ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
		ctx.clearRect(0, 0, w, h);
		for (let i = 0; i < n; i++) {
			const x = (i + 0.5) / n, t = ease(growth * 1.6 - x * 0.6);
			const high = Math.max(bar, (this.#bars ? shape(this.#bars[i]) * t : 0) * h);
			ctx.fillStyle = look.colour(x, this.#opacity(x, now, look));
			ctx.beginPath();
			ctx.roundRect(left + i * pitch, (h - high) / 2, bar, high, bar / 2);
			ctx.fill();
		}
	}

	#opacity(x, now, look) {
		if (!this.#levels) {
			const breath = calm.matches ? 1 : 0.75 + 0.5 * Math.sin(x * 14 - now / 420);
			if (this.#waiting) return look.rest * breath;
			return x <= this.#shownProgress() ? 1 : look.rest;
		}
		if (x <= this.#position) return 1;
		return this.#hover !== null && x <= this.#hover ? look.hover : look.rest;
	}

	#look() {
		const css = getComputedStyle(this.canvas), value = (name) => Number(css.getPropertyValue(name));
		const l = value('--wave-l'), c = value('--wave-c'), hue = value('--hue');

		return {
			rest: value('--wave-rest'),
			hover: value('--wave-hover'),
			/* The colour travels a little from the first bar to the last. */
			colour: (x, alpha) => `oklch(${l} ${c} ${(hue + 55 * x).toFixed(1)} / ${alpha.toFixed(3)})`,
		};
	}
}

/* Brings out what is quiet and what is loud; the mean of mastered music stays well below 1. */
function shape(level) {
	return Math.min(1, 1.15 * level ** 1.25);
}

function ease(t) {
	const x = Math.min(1, Math.max(0, t));
	return 1 - (1 - x) ** 3;
}
