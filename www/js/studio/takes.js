/* The list: a card for each job, newest first. What is still on its way to the server sending.js puts above them. */

import { announce, calm } from '../dom.js';
import { bringOpinions, Card } from './card.js';
import { byAge, isActive } from './jobs.js';
import { stage } from '../words.js';

const SOON_MS = 2500;

export class Takes {
	#app;
	#jobs;
	#cards = new Map();
	#list = document.getElementById('list');
	#empty = document.getElementById('empty');
	#more = document.getElementById('more');

	constructor(app) {
		const { jobs } = app;

		this.#app = app;
		this.#jobs = jobs;
		this.#more.addEventListener('click', () => jobs.showMore());
		jobs.addEventListener('job', (e) => this.#show(e.detail));
		jobs.addEventListener('made', (e) => this.#reveal(e.detail));
		jobs.addEventListener('gone', (e) => this.#remove(e.detail));
		jobs.addEventListener('list', () => this.#tidy());
		jobs.addEventListener('sending', () => this.#tidy());
		jobs.addEventListener('list', () => setTimeout(bringOpinions, SOON_MS), { once: true });
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
		const card = new Card(job, this.#app);
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
		const { status, error } = job;
		const told = { completed: 'Ready', cancelled: 'Cancelled', processing: 'Begun' }[status];

		if (before.status === status) return;
		if (told) announce(`${told}: ${job.prompt_preview}`);
		if (status === 'failed') announce(`Failed: ${error}`, true);
	}

	#remove(id) {
		this.#cards.get(id)?.gone();
		this.#cards.delete(id);
		this.#tidy();
	}

	#tidy() {
		this.#empty.hidden = !this.#jobs.read || this.#cards.size > 0 || this.#jobs.sending > 0;
		if (!this.#empty.hidden) import('./examples.js').then((m) => m.offer(this.#app)).catch(() => {});
		this.#more.hidden = !this.#jobs.more;
	}
}
