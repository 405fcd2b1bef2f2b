/* One job in the list: its prompt, how far it is, what came of it. Built once, then changed in place,
 * so that neither the focus nor what plays is lost when the job moves on. */

import { attr, el, text } from '../dom.js';
import { isActive } from './jobs.js';
import { hueOf, Take } from '../player/take.js';
import { needs } from '../session.js';
import { ago, formatName, leftOut, moment, sentence, span, stage, understood } from '../words.js';

/* Stars and hearts come once the page stands; their place is kept. */
let bring;
const opinions = new Promise((done) => { bring = done; });

export function bringOpinions() {
	import('../opinions.js').then(bring, () => setTimeout(bringOpinions, 10000));
}

export class Card {
	static count = 0;
	#job;
	#takes = [];
	#title;
	#when = el('time');
	#settings = el('span');
	#stage = el('p', { class: 'stage' });
	#cancel;
	#retry;
	#delete;
	#players = el('div', { class: 'players' });
	#heard = el('ul', { class: 'heard', 'aria-label': 'What was understood', hidden: true });
	#ignored = el('p', { class: 'hint ignored', hidden: true });
	#compare = el('a', { hidden: true }, 'Compare these');
	error = el('p', { class: 'error' });

	/* app: what main.js gives to all views */
	constructor(job, { jobs, outbox, reuse }) {
		/* The studio and another view may show the same job. */
		const id = `job-${job.id}-${++Card.count}`;
		/* What a button does comes when it is pressed: a function of actions.js. */
		const button = (label, name, className = 'link', role = 'creator') => el('button', {
			class: className, type: 'button', 'aria-describedby': id, 'data-needs': role,
			onclick: (e) => this.#do(name, e.currentTarget),
		}, label);

		Object.assign(this, { jobs, outbox, reuse });
		this.#title = el('h3', { id, class: 'prompt', tabindex: '-1' }, job.prompt_preview);
		this.#cancel = button('Cancel', 'cancel', 'quiet', needs(job.user_id));
		this.#retry = button('Try again', 'retry', 'quiet retry', needs(job.user_id));
		this.#delete = button('Delete', 'remove', 'link', needs(job.user_id));
		attr(this.#compare, 'aria-describedby', id);
		this.el = el('li', { class: 'card' }, el('article', { 'aria-labelledby': id },
			this.#title,
			el('p', { class: 'meta' }, this.#when, ' · ', this.#settings),
			el('div', { class: 'fault' }, this.error, this.#retry),
			this.#players, this.#heard, this.#ignored,
			el('p', { class: 'deeds' }, button('Use again', 'reuse'), button('Vary the seed', 'vary'),
				this.#compare, this.#delete)));
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
			job.adapter_name && `${job.adapter_name} at ${p.adapter_scale ?? 1}`,
		].filter(Boolean).join(' · '));
	}

	#state(job) {
		const active = isActive(job);

		text(this.#stage, active ? stage(job) : '');
		text(this.error, job.status === 'failed' ? sentence(job.error ?? 'The job failed.') : '');
		this.#cancel.hidden = !active;
		this.#retry.hidden = job.status !== 'failed';
		this.#stage.hidden = !active;
		this.#delete.hidden = active;
	}

	/* One row for each take; a job that is still at work has its rows already. */
	#play(job) {
		const seed = Number(job.generation_params?.seed) || 0;
		const n = job.status === 'completed' ? job.audio_ids.length : isActive(job) ? job.num_samples : 0;

		while (this.#takes.length < n) {
			const i = this.#takes.length, id = this.#title.id, judged = el('span', { class: 'judged', hidden: true });
			const label = job.num_samples > 1 && el('span', { class: 'take-label', id: `${id}-${i}` },
				el('span', { class: 'sr' }, 'Take '), 'ABCD'[i]);
			const take = new Take(label ? `${label.id} ${id}` : id, (meta) => this.#met(meta, judged));

			take.el.style.setProperty('--hue', hueOf(seed + i));
			take.host(...[label, judged].filter(Boolean));
			take.judged = judged;
			if (!i) take.host(this.#stage, this.#cancel);
			this.#takes.push(take);
			this.#players.append(take.el);
		}
		const ids = job.status === 'completed' ? job.audio_ids : [];

		this.#compare.hidden = ids.length < 2;
		if (ids.length > 1) attr(this.#compare, 'href', `#/compare?ids=${ids}`);
		this.#takes.forEach((take, i) => {
			if (isActive(job)) take.pending(job);
			else if (ids[i]) take.ready({
				id: ids[i],
				duration_seconds: job.duration_seconds || job.generation_params?.duration,
			});
			else take.ended();
			take.judged.hidden = !ids[i];
		});
	}

	#explain(what) {
		const { known } = understood(what), ignored = leftOut(what);

		this.#heard.hidden = !known.length;
		if (this.#heard.childElementCount !== known.length)
			this.#heard.replaceChildren(...known.map(([label, value]) =>
				el('li', {}, el('span', { class: 'label' }, label), ' ', value)));
		this.#ignored.hidden = !ignored;
		text(this.#ignored, ignored);
	}

	/* Now that it is fetched: the whole prompt instead of how it begins, and what is thought of the take. */
	#met(meta, judged) {
		text(this.#title, meta.prompt.text);
		opinions.then((o) => {
			o.opinions.learn(meta);
			judged.replaceChildren(o.stars(meta.id), o.heart(meta.id));
		});
	}

	async #do(name, button) {
		const actions = await import('./actions.js').catch(() => text(this.error, 'The connection is lost.'));

		actions?.[name](this, button);
	}
}
