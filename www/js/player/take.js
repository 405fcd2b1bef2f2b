/* One take of a job: a button, the waveform and the time. While the take is being made the same place
 * shows how far it is, so that nothing jumps when it is done. */

import { url, Refused } from '../api.js';
import { attr, el, icon, text } from '../dom.js';
import { player } from './player.js';
import { fetchTake, Seek } from './seek.js';
import { bytes, formatName } from '../words.js';

/* Takes fetch what they show when they come near the screen. */
const near = new IntersectionObserver((entries) => {
	for (const e of entries)
		if (e.isIntersecting) {
			near.unobserve(e.target);
			e.target.take.load();
		}
}, { rootMargin: '400px' });

/* Audio id → the takes that show it; more than one, when several views do. */
const shown = new Map();
player.addEventListener('change', (e) => shown.get(e.detail)?.forEach((take) => take.follow()));

/* Equal seeds get equal colours; neighbouring ones get colours far apart. The olive greens are left out. */
export function hueOf(seed) {
	return (140 + ((Number(seed) || 0) * 137.508) % 300) % 360;
}

export class Take {
	#seek = new Seek(() => this.toggle());
	#ring = el('span', { class: 'ring', 'aria-hidden': 'true' });
	#button = el('button', { class: 'play', type: 'button', hidden: true, onclick: () => this.toggle() },
		icon('play'), icon('pause'));
	#download = el('a', { class: 'quiet', hidden: true });
	#error = el('p', { class: 'error', role: 'alert' });
	#id = null;
	#audio = null;
	#seen = false;			/* has it been shown while it was being made? */
	#missing = '';			/* the server's sentence, when it has the take no more */
	#foot = el('div', { class: 'foot' }, this.#seek.time, this.#download);
	el = el('div', { class: 'player' },
		el('div', { class: 'slot' }, this.#ring, this.#button), this.#seek.el, this.#foot, this.#error);

	/* onMeta is told what the server says about the take, once. */
	constructor(titleId, onMeta = () => {}) {
		this.titleId = titleId;
		this.onMeta = onMeta;
		this.el.take = this;
		this.#seek.time.hidden = true;
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
		const waiting = job.status === 'queued', bar = this.#seek.el;

		this.#seen = true;
		this.el.dataset.state = waiting ? 'waiting' : 'making';
		this.el.style.setProperty('--done', percent);
		text(this.#ring, waiting ? String(job.queue_position || '') : `${percent}%`);
		attr(bar, 'role', 'progressbar');
		attr(bar, 'aria-labelledby', this.titleId);
		attr(bar, 'aria-valuenow', waiting ? null : percent);
		this.#seek.wave.setProgress(job.progress, waiting);
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
		if (!shown.has(audio.id)) shown.set(audio.id, new Set());
		shown.get(audio.id).add(this);
		this.el.dataset.state = 'ready';
		this.#ring.hidden = true;
		this.#seek.time.hidden = false;
		this.#button.hidden = false;
		this.#seek.about(audio.id, audio.duration_seconds || 0, this.titleId);
		this.follow();
		near.observe(this.el);
	}

	/* It is shown no more; what sounds goes on. */
	close() {
		const together = shown.get(this.#id);

		near.unobserve(this.el);
		this.#seek.wave.close();
		if (together?.delete(this) && !together.size) shown.delete(this.#id);
	}

	/* The take was deleted. */
	gone() {
		if (player.id === this.#id) player.pause();
		this.close();
	}

	focus() {
		this.#button.focus();
	}

	async load() {
		try {
			const { meta, levels } = await fetchTake(this.#id, this.#audio);

			this.#seek.wave.setLevels(levels, this.#seen);
			this.#seek.about(this.#id, meta.duration_seconds, this.titleId);
			this.#offer(meta);
			this.onMeta(meta);
		} catch (e) {
			if (!(e instanceof Refused)) throw e;
			this.#missing = e.message;
			this.follow();
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
		const s = player.state(this.#id);

		this.el.dataset.playing = s.buffering ? 'buffering' : s.playing;
		attr(this.#button, 'aria-label', s.playing ? 'Pause' : 'Play');
		text(this.#error, s.error || this.#missing);
		this.#seek.follow();
	}

	/* What comes next is what stands below it. */
	toggle() {
		const all = this.el.closest('.list, .rows')?.querySelectorAll('.player[data-state="ready"]') ?? [this.el];

		player.toggle(this.#id, { list: [...all].map((one) => one.take.id) });
	}
}
