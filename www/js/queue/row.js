/* One job as a row of the queue: built once, then changed in place, so that neither the focus nor what plays is lost
 * when the job moves on. What can be done with it depends on how far it is: cancel, try again, hear, delete. */

import { cancel, retry } from '../studio/actions.js';
import { attr, el, icon, text } from '../dom.js';
import { lasting } from '../figures.js';
import { isActive } from '../studio/jobs.js';
import { player } from '../player/player.js';
import { to } from '../address.js';
import { needs } from '../session.js';
import { hueOf } from '../player/take.js';
import { deleteUnlessUndone } from '../undo.js';
import { ago, formatName, moment, sentence, span, stage } from '../words.js';

export const STATES = {
	queued: 'Waiting', processing: 'Running', completed: 'Done', failed: 'Failed', cancelled: 'Cancelled',
};

const CONTROLS = 'a, button';

export class JobRow {
	#list;
	#ring = el('span', { class: 'ring' });
	#slot = el('div', { class: 'job-slot' }, this.#ring);
	#title;
	#state = el('span', { class: 'job-state' });
	#facts = el('span');
	#when = el('time');
	#why = el('p', { class: 'error' });
	#note = el('p', { class: 'hint' });
	error = el('p', { class: 'error', role: 'alert' });
	#buttons = {};
	#plays = [];
	job = null;
	busy = false;			/* being deleted: it stays where it is until that is decided */

	/* list: what holds it (list.js) */
	constructor(job, list) {
		const id = `queue-${job.id}`;

		this.#list = list;
		this.jobs = list.jobs;
		this.#title = el('h3', { id, class: 'prompt', tabindex: '-1' }, job.prompt_preview);
		this.#buttons = {
			cancel: this.#button('Cancel', id, async (b) => {
				await cancel(this, b);
				list.changed();
			}, needs(job.user_id)),
			retry: this.#button('Try again', id, (b) => this.#retry(b), needs(job.user_id)),
			takes: el('a', { class: 'quiet', href: to('library', { job_id: job.id }), 'aria-describedby': id }),
			remove: this.#button('Delete', id, () => this.#remove(), needs(job.user_id)),
		};
		this.el = el('li', { class: 'job' }, el('article', { 'aria-labelledby': id }, this.#slot,
			el('div', { class: 'job-words' }, this.#title,
				el('p', { class: 'meta' }, this.#state, ' · ', this.#facts, ' · ', this.#when),
				this.#why, this.#note, this.error),
			el('div', { class: 'job-can' }, ...Object.values(this.#buttons))));
		this.el.style.setProperty('--hue', hueOf(job.generation_params?.seed));
		this.update(job);
	}

	#button(label, id, does, role = 'creator') {
		const props = { class: 'quiet', type: 'button', 'aria-describedby': id, 'data-needs': role };
		const button = el('button', { ...props, onclick: () => does(button) }, label);

		return button;
	}

	get hasFocus() {
		return this.el.contains(document.activeElement);
	}

	update(job) {
		const focus = this.hasFocus ? document.activeElement : null, active = isActive(job);

		this.job = job;
		this.el.dataset.status = job.status;
		text(this.#state, active ? stage(job) : STATES[job.status]);
		text(this.#facts, this.#tells(job));
		this.tick();
		text(this.#why, job.status === 'failed' ? sentence(job.error ?? 'The job failed.') : '');
		this.#progress(job);
		this.#hear(job);
		this.#buttons.cancel.hidden = !active;
		this.#buttons.retry.hidden = !['failed', 'cancelled'].includes(job.status);
		this.#buttons.takes.hidden = !job.audio_ids.length;
		text(this.#buttons.takes, job.audio_ids.length > 1 ? `See ${job.audio_ids.length} takes` : 'See the take');
		this.#buttons.remove.hidden = active;
		/* A button that just went away must not take the focus with it. */
		if (focus && !focus.offsetParent && !this.busy) this.focus();
	}

	/* Time goes by; "2 minutes ago" is only true for a while. */
	tick() {
		const at = this.job.created_at;

		text(this.#when, ago(at));
		attr(this.#when, 'datetime', at);
		attr(this.#when, 'title', moment(at));
	}

	focus() {
		const control = [...this.el.querySelectorAll(CONTROLS)].find((c) => c.offsetParent);

		(control ?? this.#title).focus({ preventScroll: true });
	}

	/* What the player does with its takes. */
	follow() {
		for (const { id, button, n } of this.#plays) {
			const s = player.state(id), label = s.playing ? 'Pause' : 'Play';

			button.dataset.playing = s.playing;
			attr(button, 'aria-label', this.#plays.length > 1 ? `${label} take ${n}` : label);
			if (s.error) text(this.error, s.error);
		}
	}

	#tells(job) {
		const p = job.generation_params ?? {}, made = job.status === 'completed';
		const wait = Date.parse(job.started_at) - Date.parse(job.created_at);
		const took = Date.parse(job.completed_at) - Date.parse(job.started_at);

		return [
			[job.num_samples > 1 && `${job.num_samples} ×`, span(job.duration_seconds || p.duration || 0),
				formatName(p.format)].filter(Boolean).join(' '),
			job.adapter_name ?? 'base model',
			this.#list.modelName(job.model),
			this.#list.experimentName(job.experiment_id),
			made && `waited ${lasting(Math.max(0, wait) / 1000)}, took ${lasting(Math.max(0, took) / 1000)}`,
		].filter(Boolean).join(' · ');
	}

	#progress(job) {
		const running = job.status === 'processing', percent = Math.round(job.progress_percent ?? job.progress * 100);

		this.el.style.setProperty('--done', running ? percent : 0);
		text(this.#ring, running ? `${percent}%` : job.status === 'queued' ? String(job.queue_position || '…')
			: job.status === 'failed' ? '!' : job.status === 'cancelled' ? '–' : '');
		attr(this.#ring, 'role', running && 'progressbar');
		attr(this.#ring, 'aria-labelledby', running && this.#title.id);
		attr(this.#ring, 'aria-valuenow', running && percent);
		/* Otherwise it says what stands beside it in words. */
		attr(this.#ring, 'aria-hidden', !running && 'true');
	}

	/* A button for each of its takes, in the take's colour. */
	#hear(job) {
		if (this.#plays.length === job.audio_ids.length) return this.follow();
		this.#plays = job.audio_ids.map((id, i) => {
			const button = el('button', { class: 'job-play', type: 'button', 'aria-describedby': this.#title.id,
				onclick: () => this.#play(id) }, icon('play'), icon('pause'));

			button.style.setProperty('--hue', hueOf((Number(job.generation_params?.seed) || 0) + i));
			return { id, button, n: i + 1 };
		});
		this.#ring.hidden = this.#plays.length > 0;
		this.#slot.replaceChildren(this.#ring, ...this.#plays.map((p) => p.button));
		this.#slot.dataset.takes = this.#plays.length;
		this.follow();
	}

	#play(id) {
		text(this.error, '');
		player.toggle(id, { list: this.#list.takes });
	}

	async #retry(button) {
		if (!await retry(this, button)) return;
		text(this.#note, 'It is in the queue again, as a new job.');
		this.#list.changed(true);
	}

	async #remove() {
		this.busy = true;
		try {
			if (await deleteUnlessUndone(this.el, `Deleted: ${this.job.prompt_preview}`, `jobs/${this.job.id}`))
				this.#list.deleted(this.job);
		} catch (e) {
			text(this.error, e.message);
		} finally {
			this.busy = false;
		}
	}
}
