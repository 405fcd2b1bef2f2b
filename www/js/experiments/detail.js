/* One experiment: what it asks, how far it is, and everything that was made for it. */

import { call, Refused } from '../api.js';
import { patiently } from '../connection.js';
import { announce, el, text } from '../dom.js';
import { field } from '../fields.js';
import { many } from '../figures.js';
import { opinions } from '../opinions.js';
import { needs } from '../session.js';
import { poll } from '../poll.js';
import { back, to } from '../address.js';
import { actionButton, badge, entitle, facts, hasDraft, shelfForm, when } from '../shelf.js';
import { readConfig, showConfig, writeConfig } from './config.js';
import { History } from './history.js';

const OFTEN_MS = 1000, NOW_AND_THEN_MS = 4000;

/* The fields of one, new or old. */
export function experimentFields(x = {}) {
	const filled = (rows, words) => Object.assign(el('textarea', { rows }), { value: words ?? '' });
	const config = filled(4, writeConfig(x.config));

	config.spellcheck = false;
	config.classList.add('experiments-code');
	return [
		field('name', 'Name', el('input', { value: x.name ?? '' })),
		field('description', 'What it is to find out', filled(3, x.description)),
		field('config', 'Configuration', config,
			'JSON, for your own notes and programs: {"tempi": [96, 84, 72]}. It may be empty.'),
	];
}

/* What was typed, as the API wants it. */
export function experimentBody({ name, description, config }) {
	return { name: name.value.trim(), description: description.value.trim(), config: readConfig(config.value) };
}

export async function showExperiment(root, id, app) {
	const title = el('h1', { tabindex: '-1' }, 'Experiment');
	const badges = el('span', { class: 'shelf-badges' });
	const head = el('div', { class: 'shelf-head' }, title), side = el('div', { class: 'shelf-side' });
	const empty = el('div', { class: 'shelf-empty' });
	const gone = el('p', { class: 'error', role: 'alert' });
	const history = new History(id, app, empty, () => asking.now());
	let etag, experiment, asking;

	root.append(back('#/experiments', 'All experiments'), head, gone);

	/* What differs from what is shown. */
	async function read() {
		const r = await call('GET', `experiments/${id}`, { etag });

		if (r.status === 304) return;
		etag = r.etag;
		show(r.data);
	}

	function show(now) {
		const { status } = now, before = experiment?.status;

		experiment = now;
		entitle(title, now.name);
		badges.replaceChildren(badge(status));
		/* What one has the focus on stays. */
		if (!head.querySelector('form') && (before !== status || !head.contains(badges))) describe();
		side.replaceChildren(el('div', { class: 'panel' }, el('h2', {}, 'So far'), facts(sums(now))),
			...(showConfig(now.config) ? [el('h2', {}, 'Configuration'), showConfig(now.config)] : []));
		empty.replaceChildren(el('p', {}, status === 'archived' ? 'It has no jobs.'
			: 'It has no jobs yet. What you generate into it is gathered here, with all that was chosen.'));
	}

	function describe() {
		const error = el('p', { class: 'error', role: 'alert' });
		const archived = experiment.status === 'archived', { user_id: owner } = experiment;
		const change = (how) => async () => {
			const { data } = await call('POST', `experiments/${id}/${how}`);

			etag = undefined;
			show(data);
			announce(archived ? 'Brought back' : 'Archived');
			title.focus({ preventScroll: true });
		};

		head.replaceChildren(el('div', { class: 'shelf-title' }, title, badges),
			el('p', { class: 'shelf-description' }, experiment.description ?? ''),
			el('div', { class: 'shelf-actions' }, ...(archived
				? [actionButton('Bring it back', error, change('unarchive'), 'button', needs(owner))]
				: [
					el('a', { class: 'button', 'data-needs': 'creator', href: to('', { experiment: id }) },
						'Generate into this experiment'),
					actionButton('Edit', error, () => edit(), 'quiet', needs(owner)),
					actionButton('Archive', error, change('archive'), 'quiet', needs(owner)),
				])),
			el('p', { class: 'hint' }, archived ? 'It is archived and takes no new jobs; what was made stays.' : ''), error);
	}

	function edit(byHand = true) {
		const fields = experimentFields(experiment);
		const done = () => { describe(); title.focus({ preventScroll: true }); };

		head.replaceChildren(el('div', { class: 'shelf-title' }, title, badges), shelfForm({
			draft: `experiment:${id}`, label: 'Edit the experiment', submit: 'Save', fields, cancel: done,
			async send(controls) {
				const body = experimentBody(controls);

				/* What is absent would stay. */
				body.config ??= {};
				const { data } = await call('PUT', `experiments/${id}`, { body });

				etag = undefined;
				show(data);
				done();
			},
		}));
		if (byHand) fields[0].querySelector('input').focus();
	}

	async function all() {
		try {
			await Promise.all([read(), history.read()]);
			text(gone, '');
		} catch (e) {
			if (!(e instanceof Refused)) throw e;
			text(gone, e.message);
		}
	}

	await patiently(all);
	if (experiment) {
		root.append(el('div', { class: 'shelf-columns' }, history.el, side));
		if (experiment.status !== 'archived' && hasDraft(`experiment:${id}`)) edit(false);
	}
	asking = poll(all, () => {
		if (!experiment) return Infinity;
		return history.active || experiment.status === 'running' ? OFTEN_MS : NOW_AND_THEN_MS;
	});
	/* What is done here shows at once: a take was rated, a job tried again or deleted. */
	const done = [[opinions, 'change'], [app.jobs, 'made'], [app.jobs, 'gone']];
	for (const [whose, what] of done) whose.addEventListener(what, asking.now);
	return {
		close() {
			for (const [whose, what] of done) whose.removeEventListener(what, asking.now);
			asking.stop();
			history.close();
		},
	};
}

const STATES = {
	queued: 'waiting', processing: 'being made', completed: 'completed', failed: 'failed', cancelled: 'cancelled',
};

function sums(x) {
	const states = Object.entries(STATES).map(([name, words]) => [x.status_counts[name], words]).filter(([n]) => n);
	const { average_rating, rating_count } = x.feedback;

	return [
		['Jobs', states.map(([n, words]) => `${n} ${words}`).join(', ') || 'none yet'],
		['Takes', x.sample_count
			? el('a', { href: to('library', { experiment_id: x.id }) }, many(x.sample_count, 'take')) : 'none yet'],
		['Rating', rating_count ? `${average_rating.toFixed(1)} of 5 (${many(rating_count, 'rating')})` : 'none yet'],
		['Begun', when(x.created_at)],
		['Changed', when(x.updated_at)],
	];
}
