/* One take of a job: a button, the waveform and the time. While the take is being made the same place
 * shows how far it is, so that nothing jumps when it is done. */

import { get, url, Refused } from './api.js';
import { connection } from './connection.js';
import { announce, attr, el, icon, text } from './dom.js';
import { player } from './player.js';
import { levels, Waveform } from './waveform.js';
import { bytes, clock, formatName } from './words.js';

const POINTS = 1000;

/* Takes fetch what they show when they come near the screen. */
const near = new IntersectionObserver((entries) => {
	for (const e of entries)
		if (e.isIntersecting) {
			near.unobserve(e.target);
			e.target.take.load();
		}
}, { rootMargin: '400px' });

/* Audio id → the take that shows it. */
const shown = new Map();
player.addEventListener('change', (e) => shown.get(e.detail)?.follow());

/* Equal seeds get equal colours; neighbouring ones get colours far apart. The olive greens are left out. */
export function hueOf(seed) {
	return (140 + ((Number(seed) || 0) * 137.508) % 300) % 360;
}

export class Take {
	#wave = new Waveform();
	#ring = el('span', { class: 'ring', 'aria-hidden': 'true' });
	#button = el('button', { class: 'play', type: 'button', hidden: true, onclick: () => player.toggle(this.#id) },
		icon('play'), icon('pause'));
	#slider = el('div', { class: 'wave' }, this.#wave.canvas);
	#time = el('span', { class: 'time', hidden: true });
	#download = el('a', { class: 'quiet', hidden: true });
	#error = el('p', { class: 'error', role: 'alert' });
	#id = null;
	#audio = null;
	#duration_s = 0;
	#seen = false;			/* has it been shown while it was being made? */
	#missing = '';			/* the server's sentence, when it has the take no more */
	#drag = null;
	#foot = el('div', { class: 'foot' }, this.#time, this.#download);
	el = el('div', { class: 'player' },
		el('div', { class: 'slot' }, this.#ring, this.#button), this.#slider, this.#foot, this.#error);

	/* onMeta is told what the server says about the take, once. */
	constructor(titleId, onMeta = () => {}) {
		this.titleId = titleId;
		this.onMeta = onMeta;
		this.el.take = this;
		attr(this.#button, 'aria-describedby', titleId);
	}

	get id() {
		return this.#id;
	}

	/* What stands below the dots while there is no time to show: where the job is, and how to stop it. */
	host(...nodes) {
		this.#foot.append(...nodes);
	}

	/* Being made, or waiting for it. */
	pending(job) {
		const percent = Math.round(job.progress_percent ?? job.progress * 100);
		const waiting = job.status === 'queued';

		this.#seen = true;
		this.el.dataset.state = waiting ? 'waiting' : 'making';
		this.el.style.setProperty('--done', percent);
		text(this.#ring, waiting ? String(job.queue_position || '') : `${percent}%`);
		attr(this.#slider, 'role', 'progressbar');
		attr(this.#slider, 'aria-labelledby', this.titleId);
		attr(this.#slider, 'aria-valuenow', waiting ? null : percent);
		this.#wave.setProgress(job.progress, waiting);
	}

	/* Will not be made. */
	ended() {
		this.el.hidden = true;
	}

	/* Done: `audio` is what there is to hear, as the API describes it, or its id and duration_seconds alone. */
	ready(audio) {
		if (this.#id === audio.id) return;
		this.#id = audio.id;
		this.#audio = audio;
		shown.set(audio.id, this);
		this.#duration_s = audio.duration_seconds || 0;
		this.el.dataset.state = 'ready';
		this.#ring.hidden = true;
		this.#time.hidden = false;
		this.#button.hidden = false;
		attr(this.#slider, 'role', 'slider');
		attr(this.#slider, 'tabindex', '0');
		attr(this.#slider, 'aria-labelledby', null);
		attr(this.#slider, 'aria-label', 'Position in the take');
		attr(this.#slider, 'aria-describedby', this.titleId);
		attr(this.#slider, 'aria-valuemin', '0');
		this.#listen();
		this.follow();
		near.observe(this.el);
	}

	/* The take was deleted. */
	gone() {
		if (player.id === this.#id) player.pause();
		shown.delete(this.#id);
	}

	focus() {
		this.#button.focus();
	}

	async load() {
		try {
			const path = `audio/${this.#id}`;
			const [meta, peaks] = await Promise.all([
				this.#audio.stream_url ? this.#audio : get(path), get(`${path}/peaks?points=${POINTS}`)]);

			this.#duration_s = meta.duration_seconds;
			this.#wave.setLevels(levels(peaks), this.#seen);
			this.#offer(meta);
			this.follow();
			this.onMeta(meta);
		} catch (e) {
			if (e instanceof Refused) {
				this.#missing = e.message;
				return this.follow();
			}
			/* Even when nothing else noticed that the server was away: not at once again. */
			await new Promise((done) => setTimeout(done, 1000));
			await connection.up();
			if (this.el.isConnected) return this.load();
		}
	}

	#offer(meta) {
		this.#download.href = url(`audio/${this.#id}/stream?download=1`);
		attr(this.#download, 'download', '');
		attr(this.#download, 'aria-describedby', this.titleId);
		text(this.#download, `Download ${formatName(meta.format)}, ${bytes(meta.size_bytes)}`);
		this.#download.hidden = false;
	}

	/* Shows what the player does with this take. */
	follow() {
		const s = player.state(this.#id), at = this.#drag ?? s.position_s, d = this.#duration_s;

		this.el.dataset.playing = s.buffering ? 'buffering' : s.playing;
		attr(this.#button, 'aria-label', s.playing ? 'Pause' : 'Play');
		text(this.#time, `${clock(at)} / ${clock(d)}`);
		attr(this.#slider, 'aria-valuemax', Math.round(d));
		attr(this.#slider, 'aria-valuenow', Math.min(Math.round(d), Math.floor(at)));
		attr(this.#slider, 'aria-valuetext', `${clock(at)} of ${clock(d)}`);
		this.#wave.setPosition(d ? at / d : 0);
		text(this.#error, s.error || this.#missing);
	}

	#listen() {
		const part = (e) => {
			const box = this.#slider.getBoundingClientRect();
			return Math.min(1, Math.max(0, (e.clientX - box.left) / box.width));
		};
		const on = (type, f) => this.#slider.addEventListener(type, f);

		on('pointerdown', (e) => {
			if (e.button !== 0) return;
			this.#slider.setPointerCapture(e.pointerId);
			this.#drag = part(e) * this.#duration_s;
			this.follow();
		});
		on('pointermove', (e) => {
			if (this.#drag !== null) this.#drag = part(e) * this.#duration_s;
			else if (e.pointerType === 'mouse') this.#wave.setHover(part(e));
			this.follow();
		});
		on('pointerleave', () => this.#wave.setHover(null));
		on('pointerup', () => this.#drop());
		on('pointercancel', () => { this.#drag = null; this.follow(); });
		on('keydown', (e) => this.#key(e));
	}

	/* Where the pointer lets go, the take goes on; another take than the one in hand starts there. */
	#drop() {
		if (this.#drag === null) return;
		const to = Math.min(this.#drag, this.#duration_s - 0.05), other = player.id !== this.#id;

		this.#drag = null;
		player.seek(this.#id, Math.max(0, to));
		if (other) player.play(this.#id);
	}

	#key(e) {
		if (e.ctrlKey || e.altKey || e.metaKey) return;
		const now = player.state(this.#id).position_s, d = this.#duration_s;
		const step = d > 60 ? 5 : 1;
		const to = {
			ArrowRight: now + step, ArrowUp: now + step, ArrowLeft: now - step, ArrowDown: now - step,
			PageUp: now + d / 10, PageDown: now - d / 10, Home: 0, End: d,
		}[e.key];

		if (e.key === 'Enter') player.toggle(this.#id);
		else if (to === undefined) return;
		else player.seek(this.#id, Math.min(Math.max(0, d - 0.05), Math.max(0, to)));
		e.preventDefault();
	}
}

/* Space plays and pauses the take at hand, or the newest, wherever the focus is not on something that
 * has a use for the key itself. */
export function listenForSpace(list) {
	document.addEventListener('keydown', (e) => {
		if (e.key !== ' ' || e.ctrlKey || e.altKey || e.metaKey || e.shiftKey || e.defaultPrevented) return;
		if (e.target.closest('input, textarea, select, button, a, summary, [contenteditable]')) return;

		const own = e.target.closest('.player')?.take?.id;
		const first = list.querySelector('.player[data-state="ready"]')?.take?.id;
		const id = own ?? player.id ?? first;
		if (!id) return;
		e.preventDefault();
		if (e.repeat) return;
		player.toggle(id);
		if (!own) announce(player.state(id).playing ? 'Playing' : 'Paused');
	});
}
