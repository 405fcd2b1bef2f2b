/* One job in the list: its prompt, how far it is, what came of it. Built once, then changed in place,
 * so that neither the focus nor what plays is lost when the job moves on. */

import { Refused } from './api.js';
import { announce, attr, el, text } from './dom.js';
import { isActive } from './jobs.js';
import { newKey } from './outbox.js';
import { hueOf, Take } from './take.js';
import { ago, formatName, moment, sentence, span, stage, understood } from './words.js';

export class Card {
	static count = 0;
	#job;
	#jobs;
	#key = newKey();		/* for the retry: one new job, however often the button is pressed */
	#takes = [];
	#title;
	#when = el('time');
	#settings = el('span');
	#stage = el('p', { class: 'stage' });
	#cancel;
	#retry;
	#players = el('div', { class: 'players' });
	#error = el('p', { class: 'error' });
	#heard = el('ul', { class: 'heard', 'aria-label': 'What was understood', hidden: true });
	#ignored = el('p', { class: 'hint ignored', hidden: true });

	/* reuse(job): put its prompt, seed and so on into the form. */
	constructor(job, jobs, reuse) {
		/* The studio and another view may show the same job. */
		const id = `job-${job.id}-${++Card.count}`;
		const button = (label, onclick, className = 'quiet') => el('button', {
			class: className, type: 'button', onclick, 'aria-describedby': id,
		}, label);

		this.#jobs = jobs;
		this.#title = el('h3', { id, class: 'prompt', tabindex: '-1' }, job.prompt_preview);
		this.#cancel = button('Cancel', () => this.#doCancel());
		this.#retry = button('Try again', () => this.#doRetry(), 'quiet retry');
		this.el = el('li', { class: 'card' }, el('article', { 'aria-labelledby': id },
			this.#title,
			el('p', { class: 'meta' }, this.#when, ' · ', this.#settings,
				button('Use again', () => reuse(this.#job), 'link')),
			el('div', { class: 'fault' }, this.#error, this.#retry),
			this.#players, this.#heard, this.#ignored));
		this.el.card = this;
		this.update(job);
	}

	get job() {
		return this.#job;
	}

	update(job) {
		const hadFocus = this.el.contains(document.activeElement) ? document.activeElement : null;

		this.#job = job;
		this.el.dataset.status = job.status;
		this.#describe(job);
		this.#state(job);
		this.#play(job);
		this.#explain(job.generation_params?.understood);
		/* A button that just went away must not take the focus with it. */
		if (hadFocus && !hadFocus.offsetParent) this.focus();
	}

	/* Time goes by; "2 minutes ago" is only true for a while. */
	tick() {
		text(this.#when, ago(this.#job.created_at));
	}

	focus() {
		if (this.#job.status === 'completed' && this.#takes[0]) this.#takes[0].focus();
		else if (this.#job.status === 'failed') this.#retry.focus();
		else this.#title.focus();
	}

	gone() {
		for (const take of this.#takes) take.gone();
		this.el.remove();
	}

	#describe(job) {
		const p = job.generation_params ?? {};

		this.tick();
		attr(this.#when, 'datetime', job.created_at);
		attr(this.#when, 'title', moment(job.created_at));
		text(this.#settings, [
			job.status === 'cancelled' && 'cancelled',
			span(job.duration_seconds || p.duration || 0), formatName(p.format), `seed ${p.seed}`,
		].filter(Boolean).join(' · '));
	}

	#state(job) {
		const active = isActive(job);

		text(this.#stage, active ? stage(job) : '');
		text(this.#error, job.status === 'failed' ? sentence(job.error ?? 'The job failed.') : '');
		this.#cancel.hidden = !active;
		this.#retry.hidden = job.status !== 'failed';
		this.#stage.hidden = !active;
	}

	/* One row for each take; a job that is still at work has its rows already. */
	#play(job) {
		const seed = Number(job.generation_params?.seed) || 0;
		const n = job.status === 'completed' ? job.audio_ids.length : isActive(job) ? job.num_samples : 0;

		while (this.#takes.length < n) {
			/* Now that it is fetched: the whole prompt instead of how it begins. */
			const take = new Take(this.#title.id, (meta) => text(this.#title, meta.prompt.text));

			take.el.style.setProperty('--hue', hueOf(seed + this.#takes.length));
			if (!this.#takes.length) take.host(this.#stage, this.#cancel);
			this.#takes.push(take);
			this.#players.append(take.el);
		}
		this.#takes.forEach((take, i) => {
			if (isActive(job)) take.pending(job);
			else if (job.status === 'completed' && job.audio_ids[i]) take.ready({
				id: job.audio_ids[i],
				duration_seconds: job.duration_seconds || job.generation_params?.duration,
			});
			else take.ended();
		});
	}

	#explain(what) {
		const { known, ignored } = understood(what);

		this.#heard.hidden = !known.length;
		if (this.#heard.childElementCount !== known.length)
			this.#heard.replaceChildren(...known.map(([label, value]) =>
				el('li', {}, el('span', { class: 'label' }, label), ' ', value)));
		this.#ignored.hidden = !ignored.length;
		text(this.#ignored, ignored.length ? `Not understood: ${ignored.join(', ')}` : '');
	}

	async #doCancel() {
		this.#cancel.disabled = true;
		await this.#ask(() => this.#jobs.cancel(this.#job));
		this.#cancel.disabled = false;
	}

	async #doRetry() {
		this.#retry.disabled = true;
		const made = await this.#ask(() => this.#jobs.retry(this.#job, this.#key));
		this.#retry.disabled = false;
		if (!made) return;
		this.#key = newKey();
		this.el.parentElement?.querySelector(`[id^="job-${made.id}-"]`)?.focus();
	}

	/* Does it, or says on the card why not. A job that ended meanwhile is no error worth a sentence. */
	async #ask(action) {
		try {
			return await action();
		} catch (e) {
			if (e instanceof Refused && e.status === 409) this.#jobs.wake();
			else {
				text(this.#error, e.message);
				announce(e.message, true);
			}
			return null;
		}
	}
}
