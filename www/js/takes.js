/* The list: a card for each job, newest first, above them what is still on its way to the server. */

import { announce, calm, el } from './dom.js';
import { Card } from './card.js';
import { byAge, isActive } from './jobs.js';
import { stage } from './words.js';

const EXAMPLES = [
	'gentle piano waltz in A minor at 96 bpm',
	'late-night jazz trio, brushes, walking bass',
	'bright bossa nova with guitar and flute, 130 bpm',
	'slow ambient strings in D, like morning fog',
	'funky groove with slap bass and brass stabs',
	'epic orchestral march in C minor with timpani',
];

export class Takes {
	#jobs;
	#reuse;
	#cards = new Map();
	#sending = new Map();
	#list = document.getElementById('list');
	#empty = document.getElementById('empty');
	#more = document.getElementById('more');

	/* reuse(job) and example(text) fill the form. */
	constructor(jobs, outbox, reuse, example) {
		this.#jobs = jobs;
		this.#reuse = reuse;
		document.getElementById('examples').append(...EXAMPLES.map((words) => el('li', {},
			el('button', { type: 'button', class: 'example', onclick: () => example(words) }, words))));
		this.#more.addEventListener('click', () => jobs.showMore());
		jobs.addEventListener('job', (e) => this.#show(e.detail));
		jobs.addEventListener('made', (e) => this.#reveal(e.detail));
		jobs.addEventListener('gone', (e) => this.#remove(e.detail));
		jobs.addEventListener('list', () => this.#tidy());
		outbox.addEventListener('sending', (e) => this.#send(e.detail, outbox));
		outbox.addEventListener('settled', (e) => this.#sent(e.detail));
		setInterval(() => { for (const card of this.#cards.values()) card.tick(); }, 20000);
	}

	#show(job) {
		const card = this.#cards.get(job.id);

		if (!card) return this.#insert(job);
		const before = card.job;
		card.update(job);
		this.#say(before, job);
	}

	#insert(job) {
		const card = new Card(job, this.#jobs, this.#reuse);
		const after = [...this.#list.children].find((li) => li.card && byAge(li.card.job, job) < 0);

		this.#cards.set(job.id, card);
		this.#list.insertBefore(card.el, after ?? null);
		if (this.#jobs.read) card.el.classList.add('new');
		this.#tidy();
	}

	/* On a narrow screen the list is below the form: what one asked for must not appear unseen. */
	#reveal(job) {
		const behavior = calm.matches ? 'auto' : 'smooth';

		this.#cards.get(job.id).el.scrollIntoView({ block: 'nearest', behavior });
		announce(`${isActive(job) ? stage(job) : 'Ready'}: ${job.prompt_preview}`);
	}

	#say(before, job) {
		if (before.status === job.status) return;
		if (job.status === 'completed') announce(`Ready: ${job.prompt_preview}`);
		if (job.status === 'failed') announce(`Failed: ${job.error}`, true);
		if (job.status === 'cancelled') announce(`Cancelled: ${job.prompt_preview}`);
		if (job.status === 'processing') announce(`Begun: ${job.prompt_preview}`);
	}

	#remove(id) {
		this.#cards.get(id)?.gone();
		this.#cards.delete(id);
		this.#tidy();
	}

	/* Shown only when it lasts: most answers come before one could read it. */
	#send(submission, outbox) {
		const discard = () => outbox.discard(submission);
		const li = el('li', { class: 'card sending', hidden: true },
			el('h3', { class: 'prompt' }, String(submission.body.prompt)),
			el('div', { class: 'foot' },
				el('p', { class: 'stage' }, 'On its way to the server …'),
				el('button', { class: 'quiet', type: 'button', onclick: discard }, 'Discard')));

		this.#sending.set(submission.key, li);
		this.#list.prepend(li);
		setTimeout(() => { li.hidden = false; this.#tidy(); }, 400);
	}

	#sent(submission) {
		this.#sending.get(submission.key)?.remove();
		this.#sending.delete(submission.key);
		this.#tidy();
	}

	#tidy() {
		this.#empty.hidden = !this.#jobs.read || this.#cards.size + this.#sending.size > 0;
		this.#more.hidden = !this.#jobs.more;
	}
}
