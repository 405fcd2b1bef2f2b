/* What went on over time, drawn as SVG: bands above each other, all on one axis of time, columns or a line in each.
 * Pointing, touching or the arrow keys tell one piece of time in the line above; the same is there as a table.
 * Knows nothing of what it shows; whoever makes it says how a piece is told. */

import { attr, el, text } from './dom.js';

const GUTTER = 44, RIGHT = 10, TITLE = 26, FOOT = 26, BETWEEN = 14;		/* px */
const STEPS = [1, 2, 5, 10];

const hour = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });

export function svg(tag, props = {}, ...children) {
	const node = document.createElementNS('http://www.w3.org/2000/svg', tag);

	for (const [name, value] of Object.entries(props)) attr(node, name, value);
	node.append(...children);
	return node;
}

/* The marks of an axis from 0: → [0, step, 2 step …], the last at or above `most`; at most `n` steps. */
export function marks(most, n, whole) {
	if (!(most > 0)) return [0, 1];
	const size = 10 ** Math.floor(Math.log10(most / n));
	let step = size * STEPS.find((s) => size * s * n >= most * (1 - 1e-9));

	if (whole) step = Math.max(1, Math.ceil(step));
	const last = Math.ceil(most / step - 1e-9);
	return Array.from({ length: last + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/* "14:15 – 14:30" */
export function between(start_ms, seconds) {
	return `${hour.format(start_ms)} – ${hour.format(start_ms + seconds * 1000)}`;
}

export class Chart {
	#bands;
	#tell;
	#data = null;
	#at = null;			/* the piece that is pointed at */
	#width = 0;
	#marker = svg('rect', { class: 'chart-marker', visibility: 'hidden' });
	#drawing = svg('g');
	#svg = svg('svg', { 'aria-hidden': 'true' }, this.#marker, this.#drawing);
	#plot;
	#when = el('strong');
	#words = el('span');
	#rows = el('tbody');
	#table;

	/* label: what the chart shows. bands: [{ title, share, whole?, line?, units?, parts: [{ name, of(item) → number or
	 * null }] }]; share: of the height; whole: it counts things; units(most) → [divisor, 'min']. tell(item) → how a
	 * piece is told in words, tell(null, items) → all of them. columns: [[head, cell(item)]…], of the table;
	 * worth(item): does it have a row there? */
	constructor({ label, bands, tell, columns, worth }) {
		this.#bands = bands;
		this.#tell = tell;
		this.columns = columns;
		this.worth = worth;
		this.#plot = el('div', { class: 'chart-plot', tabindex: '0', role: 'slider', 'aria-label': label,
			'aria-valuemin': 0, 'aria-valuemax': 0, 'aria-valuenow': 0 }, this.#svg);
		this.#table = el('details', { class: 'chart-table', ontoggle: () => this.#fill() },
			el('summary', {}, 'In numbers'),
			el('div', { class: 'chart-scroll', tabindex: '0', role: 'region', 'aria-label': `${label}, in numbers` },
				el('table', { class: 'table' },
					el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Time'),
						...columns.map(([head]) => el('th', { scope: 'col', class: 'number' }, head)))),
					this.#rows)));
		this.el = el('figure', { class: 'chart' },
			el('p', { class: 'chart-tell' }, this.#when, ' ', this.#words), this.#plot, this.#table);
		this.#listen();
	}

	/* { bucket_seconds, items: [{ start, … }] }, the oldest first */
	show(data) {
		const live = this.#at !== null && this.#data && this.#data.items[this.#at]?.start;

		this.#data = data;
		attr(this.#plot, 'aria-valuemax', data.items.length - 1);
		/* Time goes on below the pointer: what was pointed at stays so. */
		if (live) this.#at = data.items.findIndex((item) => item.start === live);
		if (this.#at === -1) this.#at = null;
		this.#draw();
		this.#say();
		this.#fill();
	}

	#listen() {
		const part = (e) => {
			const box = this.#plot.getBoundingClientRect();
			return Math.floor((e.clientX - box.left - GUTTER) / this.#step());
		};
		const on = (type, f) => this.#plot.addEventListener(type, f);

		new ResizeObserver(() => this.#draw()).observe(this.#plot);
		on('pointermove', (e) => this.#point(part(e)));
		on('pointerdown', (e) => this.#point(part(e)));
		on('pointerleave', (e) => { if (e.pointerType === 'mouse') this.#point(null); });
		on('focus', () => { if (this.#plot.matches(':focus-visible')) this.#point(this.#at ?? this.#newest()); });
		on('blur', () => this.#point(null));
		on('keydown', (e) => this.#key(e));
	}

	/* Where somebody who comes by keyboard begins: where something happened last. */
	#newest() {
		const items = this.#data?.items ?? [];
		return Math.max(0, items.findLastIndex(this.worth), items.some(this.worth) ? 0 : items.length - 1);
	}

	#key(e) {
		const last = (this.#data?.items.length ?? 1) - 1, now = this.#at ?? last;
		const to = {
			ArrowRight: now + 1, ArrowUp: now + 1, ArrowLeft: now - 1, ArrowDown: now - 1,
			PageUp: now + 8, PageDown: now - 8, Home: 0, End: last, Escape: null,
		}[e.key];

		if (to === undefined || e.ctrlKey || e.altKey || e.metaKey) return;
		e.preventDefault();
		this.#point(to);
	}

	#point(at) {
		const n = this.#data?.items.length;

		if (!n) return;
		this.#at = at === null ? null : Math.min(n - 1, Math.max(0, at));
		this.#mark();
		this.#say();
	}

	#say() {
		const { items, bucket_seconds: s } = this.#data, item = items[this.#at];
		const when = item && between(Date.parse(item.start), s);

		text(this.#when, when ?? 'In all');
		text(this.#words, item ? this.#tell(item) : this.#tell(null, items));
		const told = item ?? items.at(-1);
		attr(this.#plot, 'aria-valuenow', this.#at ?? items.length - 1);
		attr(this.#plot, 'aria-valuetext', `${between(Date.parse(told.start), s)}: ${this.#tell(told)}`);
	}

	#step() {
		return (this.#width - GUTTER - RIGHT) / (this.#data?.items.length || 1);
	}

	#mark() {
		const shown = this.#at !== null;

		attr(this.#marker, 'visibility', shown ? 'visible' : 'hidden');
		if (shown) attr(this.#marker, 'x', GUTTER + this.#at * this.#step());
		attr(this.#marker, 'width', this.#step());
	}

	#draw() {
		const { clientWidth: width, clientHeight: height } = this.#plot;

		this.#width = width;
		if (!this.#data || !width) return;
		attr(this.#svg, 'viewBox', `0 0 ${width} ${height}`);
		this.#drawing.replaceChildren();
		const room = height - FOOT - this.#bands.length * TITLE - (this.#bands.length - 1) * BETWEEN;
		const shares = this.#bands.reduce((sum, band) => sum + band.share, 0);
		let top = 0;

		for (const band of this.#bands) {
			const high = (room * band.share) / shares;
			this.#band(band, top + TITLE, high);
			top += TITLE + high + BETWEEN;
		}
		attr(this.#marker, 'y', TITLE);
		attr(this.#marker, 'height', height - FOOT - TITLE);
		this.#hours(height - FOOT);
		this.#mark();
	}

	#band(band, top, high) {
		const { items } = this.#data;
		const all = (item) => band.parts.reduce((sum, part) => sum + (part.of(item) ?? 0), 0);
		const most = Math.max(0, ...items.map(all));
		const [unit, name] = band.units?.(most) ?? [1, ''];
		const at = marks(most / unit, high > 90 ? 5 : 3, band.whole), full = at.at(-1) * unit;
		const y = (v) => top + high - (v / full) * high, right = this.#width - RIGHT;

		this.#drawing.append(svg('text', { class: 'chart-title', x: 0, y: top - 12 }, band.title));
		for (const mark of at) {
			const line = Math.round(y(mark * unit)) + 0.5;
			this.#drawing.append(
				svg('line', { class: mark ? 'chart-grid' : 'chart-base', x1: GUTTER, x2: right, y1: line, y2: line }),
				svg('text', { class: 'chart-mark', x: GUTTER - 8, y: line + 4, 'text-anchor': 'end' },
					mark ? `${mark}${name && ` ${name}`}` : '0'));
		}
		if (band.line) this.#line(band.parts[0], y, top + high);
		else this.#columns(band.parts, y);
	}

	#columns(parts, y) {
		const step = this.#step(), gap = step > 8 ? 2 : step > 4 ? 1 : 0.5;

		this.#data.items.forEach((item, i) => {
			let below = 0;
			for (const { of, name } of parts) {
				const v = of(item);
				if (!v) continue;
				const bottom = y(below), high = Math.max(1.5, bottom - y(below + v));
				this.#drawing.append(svg('rect', {
					class: `chart-column chart-${name}`, rx: Math.min(1.5, (step - gap) / 3),
					x: round(GUTTER + i * step + gap / 2), y: round(bottom - high),
					width: round(step - gap), height: round(high),
				}));
				below += v;
			}
		});
	}

	/* Where there is nothing to tell the line has a gap; one piece alone is a dot. */
	#line({ of, name }, y, bottom) {
		const step = this.#step(), runs = [[]];

		this.#data.items.forEach((item, i) => {
			const v = of(item);
			if (v === null || v === undefined) runs.push([]);
			else runs.at(-1).push([round(GUTTER + (i + 0.5) * step), round(y(v))]);
		});
		for (const run of runs.filter((r) => r.length)) {
			const path = run.map(([x, at]) => `${x} ${at}`).join('L');
			const [[x0, y0]] = run, [x1] = run.at(-1);
			if (run.length > 1) this.#drawing.append(
				svg('path', { class: `chart-area chart-${name}`, d: `M${x0} ${bottom}L${path}L${x1} ${bottom}z` }),
				svg('path', { class: `chart-line chart-${name}`, d: `M${path}` }));
			else this.#drawing.append(svg('circle', { class: `chart-dot chart-${name}`, cx: x0, cy: y0, r: 2 }));
		}
	}

	/* Whole hours of the reader's clock, as many as there is room for; midnight is the day that begins. */
	#hours(bottom) {
		const { items, bucket_seconds: s } = this.#data, step = this.#step();
		const hours = (items.length * s) / 3600, room = (this.#width - GUTTER - RIGHT) / 64;
		const every = [1, 2, 3, 6, 12, 24, 48, 72].find((h) => hours / h <= room) ?? 168;

		items.forEach((item, i) => {
			const at = new Date(item.start), x = round(GUTTER + i * step);
			if (at.getMinutes() || at.getSeconds() || at.getHours() % every) return;
			const midnight = at.getHours() === 0;
			this.#drawing.append(svg('line', { class: 'chart-base', x1: x, x2: x, y1: bottom, y2: bottom + 4 }));
			if (this.#width - x < 22) return;
			this.#drawing.append(svg('text', { class: midnight ? 'chart-mark chart-day' : 'chart-mark', x, y: bottom + 19,
				'text-anchor': 'middle' }, midnight ? day.format(at) : hour.format(at)));
		});
	}

	/* Nobody may ever open it; then it costs nothing. */
	#fill() {
		if (!this.#table.open || !this.#data) return;
		const { items, bucket_seconds: s } = this.#data, rows = items.filter(this.worth).reverse();

		this.#rows.replaceChildren(...rows.map((item) => el('tr', {},
			el('th', { scope: 'row' }, between(Date.parse(item.start), s)),
			...this.columns.map(([, cell]) => el('td', { class: 'number' }, cell(item))))));
		if (!rows.length) this.#rows.append(el('tr', {}, el('td', { colspan: this.columns.length + 1 }, 'Nothing yet')));
	}
}

const round = (n) => Math.round(n * 10) / 10;
