/* The time line of several takes: a ruler, on which one drags a region to loop, and a playhead through all
 * lanes. Knows neither deck nor takes: it is told where it is, and says where one wants to go. Times in
 * seconds. */

import { attr, el } from '../dom.js';
import { clock } from '../words.js';

const STEPS_S = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];
const TICK_PX = 64;
const DRAG_PX = 4;			/* less than that is a click */

export class Timeline {
	#duration_s = 0;
	#drag = null;			/* { from_s, x, region: is it one already? } */
	#ticks = el('div', { class: 'compare-ticks', 'aria-hidden': 'true' });
	#head = el('div', { class: 'compare-head', role: 'slider', tabindex: '0', 'aria-label': 'Position', 'aria-valuemin': 0,
		onkeydown: (e) => this.#key(e) });
	#width = 0;
	#sized = new ResizeObserver(() => this.#rule());
	ruler = el('div', { class: 'compare-ruler' }, this.#ticks, this.#head);

	/* root: what holds ruler and lanes; it gets --at, --in and --out, in 0…1 of the duration. go(seconds);
	 * region(from, to): one is dragged. */
	constructor(root, { go, region }) {
		this.root = root;
		this.go = go;
		this.region = region;
		this.#sized.observe(this.ruler);
		for (const [type, f] of Object.entries({
			pointerdown: (e) => this.#down(e), pointermove: (e) => this.#move(e), pointerup: (e) => this.#up(e),
			pointercancel: () => { this.#drag = null; },
		})) this.ruler.addEventListener(type, f);
	}

	close() {
		this.#sized.disconnect();
	}

	set duration(seconds) {
		if (seconds === this.#duration_s) return;
		this.#duration_s = seconds;
		attr(this.#head, 'aria-valuemax', Math.round(seconds));
		this.#rule(true);
	}

	show(at_s) {
		const d = this.#duration_s;

		this.root.style.setProperty('--at', d ? at_s / d : 0);
		attr(this.#head, 'aria-valuenow', Math.min(Math.round(d), Math.floor(at_s)));
		attr(this.#head, 'aria-valuetext', `${clock(at_s)} of ${clock(d)}`);
	}

	/* null: none. looping: it goes round. */
	showRegion(region, looping) {
		this.root.dataset.region = region ? looping ? 'loops' : 'rests' : '';
		this.root.style.setProperty('--in', region ? region.from / this.#duration_s : 0);
		this.root.style.setProperty('--out', region ? region.to / this.#duration_s : 0);
	}

	/* The time at which a pointer's event on one of the tracks is. */
	timeAt(e, track) {
		const box = track.getBoundingClientRect();
		return Math.min(1, Math.max(0, (e.clientX - box.left) / box.width)) * this.#duration_s;
	}

	#rule(anew = false) {
		const w = this.ruler.clientWidth, d = this.#duration_s;
		if (!w || !d || (w === this.#width && !anew)) return;

		this.#width = w;
		const step = STEPS_S.find((s) => s / d * w >= TICK_PX) ?? STEPS_S.at(-1), ticks = [];
		for (let t = 0; t < d - step * 0.3; t += step) {
			const tick = el('span', {}, step < 1 && t % 1 ? '' : clock(t));
			tick.style.setProperty('left', `${100 * t / d}%`);
			ticks.push(tick);
		}
		this.#ticks.replaceChildren(...ticks);
	}

	#down(e) {
		if (e.button !== 0) return;
		this.ruler.setPointerCapture(e.pointerId);
		this.#drag = { from_s: this.timeAt(e, this.ruler), x: e.clientX, region: false };
	}

	#move(e) {
		const drag = this.#drag;
		if (!drag) return;

		drag.region ||= Math.abs(e.clientX - drag.x) >= DRAG_PX;
		const to = this.timeAt(e, this.ruler);
		if (drag.region) this.showRegion({ from: Math.min(drag.from_s, to), to: Math.max(drag.from_s, to) }, true);
	}

	#up(e) {
		const drag = this.#drag, to = this.timeAt(e, this.ruler);
		if (!drag) return;

		this.#drag = null;
		if (drag.region) this.region(Math.min(drag.from_s, to), Math.max(drag.from_s, to));
		else this.go(to);
	}

	#key(e) {
		if (e.ctrlKey || e.altKey || e.metaKey) return;
		const d = this.#duration_s, now = Number(this.root.style.getPropertyValue('--at')) * d, step = d > 60 ? 5 : 1;
		const to = {
			ArrowRight: now + step, ArrowUp: now + step, ArrowLeft: now - step, ArrowDown: now - step,
			PageUp: now + d / 10, PageDown: now - d / 10, Home: 0, End: d,
		}[e.key];

		if (to === undefined) return;
		this.go(Math.min(d, Math.max(0, to)));
		e.preventDefault();
	}
}
