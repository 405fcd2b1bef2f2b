/* One A/B test: how its pairs come into being, what to do about those that did not, and the way to the blind test. Which
 * arm is which in a pair is not on this page until it is asked for (reveal.js). */

import { back } from '../address.js';
import { call, del, get, post } from '../api.js';
import { patiently } from '../connection.js';
import { announce, attr, el, text } from '../dom.js';
import { act } from '../fields.js';
import { poll } from '../poll.js';
import { arrived } from '../router.js';
import { needs } from '../session.js';
import { ago, formatName, moment, sentence, span } from '../words.js';
import { arms, badge, bar } from './about.js';
import { estimate, plural, progress, roughly, short } from './words.js';

export const title = 'A/B test';

const OFTEN_MS = 1200, SELDOM_MS = 10000;
const SHOWN = 50;

export async function open(root, { parts: [id] }) {
	const view = new Pairs(id);
	let etag, t;

	async function look() {
		const r = await call('GET', `ab-tests/${id}`, { etag });

		if (r.status !== 304) ({ data: t, etag } = r);
		await view.show(t);
	}

	try {
		await patiently(look);
	} catch (e) {
		root.append(back('#/tests', 'A/B tests'), el('h1', { tabindex: '-1' }, e.message));
		return {};
	}
	root.append(view.el);
	document.title = `${t.name} · Earshot`;
	const asking = poll(look, () => (view.generating ? OFTEN_MS * (1 + t.total_pairs / 200) : SELDOM_MS), { later: true });
	view.ask = () => asking.now();
	return { close: () => asking.stop() };
}

class Pairs {
	#id;
	#t = null;
	#rows = new Map();		/* pair id → its row */
	#jobs = new Map();		/* job id → the job, of those that run, wait or went wrong */
	#all = false;
	#title = el('h1', { tabindex: '-1' });
	#about = el('div', { class: 'tests-about' });
	#bar = bar('Pairs that are ready');
	#far = el('p', { class: 'tests-far' });
	#error = el('p', { class: 'error', role: 'alert' });
	#listen;
	#buttons = {};
	#results = el('a', { class: 'quiet', href: '' }, 'Results');
	#list = el('ol', { class: 'rows tests-pairs', 'aria-label': 'Pairs' });
	#more = el('button', { class: 'quiet more', type: 'button', onclick: () => { this.#all = true; this.#draw(); } });
	#reveal = el('details', { class: 'tests-reveal' }, el('summary', {}, 'Reveal the pairs'));
	generating = false;		/* as the jobs say, which know it before the test does */
	ask = () => {};

	constructor(id) {
		const button = (name, words, action, className = 'quiet') => {
			const b = el('button', { class: className, type: 'button', hidden: true, onclick: () => act(b, this.#error, action) }, words);
			this.#buttons[name] = b;
			return b;
		};

		this.#id = id;
		this.#listen = el('a', { class: 'button tests-listen', href: `#/tests/${id}/listen` }, 'Begin the blind test');
		this.#results.href = `#/tests/${id}/results`;
		this.#reveal.addEventListener('toggle', () => this.#open());
		this.el = el('div', {}, back('#/tests', 'A/B tests'),
			el('div', { class: 'view-head' }, this.#title), this.#about,
			el('section', { class: 'panel tests-state', 'aria-label': 'State' }, this.#far, this.#bar.el,
				el('div', { class: 'tests-doings' }, this.#listen,
					button('generate', 'Generate the takes', () => this.#generate(), 'button'),
					button('missing', 'Generate the missing ones', () => this.#generate()),
					button('cancel', 'Cancel what is not done', () => this.#cancel()),
					this.#results),
				this.#error),
			el('h2', {}, 'Pairs'), this.#list, this.#more, this.#reveal);
	}

	async show(t) {
		const before = this.#t;

		this.#t = t;
		await this.#readJobs(t);
		const hadFocus = this.el.contains(document.activeElement) ? document.activeElement : null;
		this.#describe(t);
		this.#tell(t);
		this.#draw();
		if (before && !before.is_ready && t.is_ready) announce('All pairs are ready.');
		/* A button that just went away must not take the focus with it. */
		if (hadFocus && !hadFocus.checkVisibility()) this.#title.focus();
	}

	/* Only what the pairs themselves do not say: how far each job is, and why one failed. */
	async #readJobs(t) {
		const failed = t.failed_pairs ? ['failed', 'cancelled'] : [];
		const active = t.status === 'generating' ? ['queued', 'processing'] : [];
		const query = [...active, ...failed].map((s) => `&status=${s}`).join('');

		if (query) {
			const { items } = await get(`jobs?ab_test_id=${this.#id}&limit=100${query}`);
			this.#jobs = new Map(items.map((job) => [job.id, job]));
		} else {
			this.#jobs.clear();
		}
		this.generating = [...this.#jobs.values()].some((j) => j.status === 'queued' || j.status === 'processing');
		this.left_s = this.generating ? await this.#left(t) : null;
	}

	/* Seconds until the last job is done, as far as the server can tell: its own estimate, but for a queue so long that
	 * it has none. */
	async #left(t) {
		const waits = [...this.#jobs.values()].filter((j) => ['queued', 'processing'].includes(j.status));

		if (waits.length < 100 && waits.every((j) => j.eta_seconds !== null)) return Math.max(...waits.map((j) => j.eta_seconds));
		const stats = await get('jobs/stats');
		return estimate({ ...stats, active_jobs: 0 }, 2 * (t.total_pairs - t.generated_pairs), t.generation_params.duration);
	}

	#describe(t) {
		const p = t.generation_params;

		text(this.#title, t.name);
		const state = badge(t);

		if (this.#about.dataset.state === state.textContent) return;
		this.#about.dataset.state = state.textContent;
		this.#about.replaceChildren(
			el('p', {}, arms(t), ' ', state),
			...(t.description ? [el('p', { class: 'tests-description' }, t.description)] : []),
			el('p', { class: 'meta' }, `${span(p.duration)} · ${formatName(p.format)} · seed ${p.seed} · ${t.model} · `,
				el('time', { datetime: t.created_at, title: moment(t.created_at) }, ago(t.created_at))));
	}

	#tell(t) {
		const { generate, missing, cancel } = this.#buttons;
		const lost = t.pairs.filter((p) => p.status === 'failed' || p.status === 'pending').length;
		const left = this.left_s === null ? '' : `, ${roughly(this.left_s)} left`;

		text(this.#far, t.status === 'draft' ? `${plural(t.total_pairs, 'pair')}, nothing generated yet.`
			: `${progress(t)}${left}.`);
		this.#bar.set(t.total_pairs ? t.generated_pairs / t.total_pairs : 0, progress(t));
		attr(this.#bar.el, 'data-idle', t.is_ready || t.status === 'draft' ? '' : null);
		for (const b of [generate, missing, cancel]) attr(b, 'data-needs', needs(t.user_id));
		generate.hidden = t.status !== 'draft';
		missing.hidden = t.status === 'draft' || !lost;
		cancel.hidden = !this.generating;
		this.#listen.hidden = !t.generated_pairs;
		this.#listen.className = t.is_ready ? 'button tests-listen' : 'quiet';
		text(this.#listen, t.is_ready ? 'Begin the blind test' : 'Begin with what is ready');
		this.#results.hidden = !t.generated_pairs;
		text(this.#results, `Results: ${short(t).replace(/^No/, 'no').replace(/ for .*/, '')}`);
		this.#reveal.hidden = !t.generated_pairs;
	}

	#draw() {
		const some = this.#all ? this.#t.pairs : this.#t.pairs.slice(0, SHOWN);

		this.#more.hidden = some.length === this.#t.pairs.length;
		text(this.#more, `Show all ${this.#t.pairs.length}`);
		for (const pair of some) {
			if (!this.#rows.has(pair.id)) {
				this.#rows.set(pair.id, new Row(pair));
				this.#list.append(this.#rows.get(pair.id).el);
			}
			this.#rows.get(pair.id).show(pair, [pair.job_a_id, pair.job_b_id].map((job) => this.#jobs.get(job)).filter(Boolean));
		}
	}

	async #generate() {
		await post(`ab-tests/${this.#id}/generate`, {});
		announce('The takes are in the queue.');
		this.ask();
	}

	/* One job after another, until none is left: they may be many, and begin meanwhile. */
	async #cancel() {
		for (let round = 0; round < 50; round++) {
			const { items } = await get(`jobs?ab_test_id=${this.#id}&status=queued&status=processing&limit=100`);

			if (!items.length) break;
			for (const job of items) {
				/* 409: it is done, or was cancelled by someone else. */
				await del(`generate/${job.id}`).catch((e) => { if (e.status !== 409) throw e; });
			}
		}
		announce('Cancelled what was not done.');
		this.ask();
	}

	/* What tells the arms apart is loaded when it is asked for, and not before. */
	async #open() {
		if (!this.#reveal.open || this.reveal) return;
		this.reveal = await arrived(() => import('./reveal.js'));
		this.#reveal.append(this.reveal.warning(this.#id, this.#error));
	}
}

class Row {
	#state = el('p', { class: 'tests-pair-state' });
	#shown = '';

	constructor(pair) {
		this.el = el('li', { class: 'tests-pair' }, el('p', { class: 'tests-pair-prompt' }, pair.prompt_text),
			el('p', { class: 'hint' }, `seed ${pair.seed}`), this.#state);
	}

	show(pair, jobs) {
		const words = stateOf(pair, jobs);

		this.el.dataset.state = pair.status;
		if (words === this.#shown) return;
		this.#shown = words;
		this.#state.replaceChildren(pair.status === 'failed' ? el('span', { class: 'error' }, words)
			: el('span', { class: 'badge', 'data-state': pair.is_ready ? 'ready' : pair.status }, words));
	}
}

/* A pair in a few words, from itself and from those of its jobs that are at work or went wrong. */
function stateOf(pair, jobs) {
	const failed = jobs.find((j) => j.status === 'failed'), working = jobs.filter((j) => j.status === 'processing');

	if (pair.status === 'completed') return 'voted on';
	if (pair.status === 'ready') return 'ready';
	if (pair.status === 'failed') return failed ? sentence(failed.error ?? 'A take failed.') : 'Cancelled';
	if (pair.status === 'pending') return 'not begun';
	if (!working.length) return jobs.length ? 'queued' : 'generating';
	/* Of both takes: what is in none of the lists is done. */
	const done = (2 - jobs.length + working.reduce((sum, j) => sum + j.progress, 0)) / 2;
	return `generating, ${Math.round(100 * done)} %`;
}
