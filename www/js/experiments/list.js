/* All experiments, and the form that begins one. */

import { lacking } from '../access/roles.js';
import { post } from '../api.js';
import { el } from '../dom.js';
import { field } from '../fields.js';
import { many } from '../figures.js';
import { Listing } from '../listing.js';
import { back, to } from '../address.js';
import { badge, entitle, shelfForm, when } from '../shelf.js';
import { sentence } from '../words.js';
import { experimentBody, experimentFields } from './detail.js';

const STATES = ['draft', 'running', 'completed', 'failed', 'archived'];

function row(x) {
	return el('li', {}, el('article', { class: 'shelf-item' },
		el('div', { class: 'shelf-title' },
			el('h2', {}, el('a', { href: `#/experiments/${x.id}` }, x.name)), badge(x.status)),
		el('p', { class: 'shelf-excerpt' }, x.description ?? ''),
		el('p', { class: 'meta' }, el('span', {}, many(x.job_count, 'job')),
			el('span', {}, many(x.sample_count, 'take')),
			el('span', {}, 'changed ', when(x.updated_at)))));
}

function nothing({ status, include_archived }) {
	if (status) return el('p', { class: 'hint' }, `No experiment is ${status === 'draft' ? 'a draft' : status}.`);
	return el('div', { class: 'shelf-empty' },
		el('p', { class: 'lead' }, `No experiments${include_archived ? '' : ' here'} yet.`),
		el('p', {}, 'An experiment gathers what belongs together: the same waltz at three tempos, one prompt with ',
			'every adapter. What is generated into it is listed, summed up and compared in one place.'),
		el('p', {}, el('a', { class: 'button', href: '#/experiments/new', 'data-needs': 'creator' }, 'Begin the first one')));
}

export async function listExperiments(root, route, app) {
	const empty = el('div'), listing = new Listing({ row, empty, label: 'Experiments' });
	const asked = route.query.get('status') ?? '';
	const archived = el('input', {
		type: 'checkbox', name: 'include_archived', checked: route.query.get('include_archived') === 'true' && '',
	});
	const status = el('select', {}, el('option', { value: '' }, 'Any'),
		...STATES.map((s) => el('option', { value: s, selected: s === asked && '' }, sentence(s))));
	const too = el('label', { class: 'experiments-too' }, archived, 'archived ones, too');

	function show() {
		/* A state that was chosen says already whether they are among them. */
		const query = { status: status.value, include_archived: !status.value && archived.checked && 'true' };

		too.hidden = Boolean(status.value);
		app.rename(to('experiments', query));
		empty.replaceChildren(nothing(query));
		return listing.show(to('experiments', query).slice(2));
	}

	status.addEventListener('change', show);
	archived.addEventListener('change', show);
	root.append(
		el('div', { class: 'view-head' }, el('h1', { tabindex: '-1' }, 'Experiments'),
			el('a', { class: 'button', href: '#/experiments/new', 'data-needs': 'creator' }, 'New experiment')),
		el('div', { class: 'filters' }, field('status', 'State', status), too),
		listing.el);
	await show();
	return {};
}

export function newExperiment(root, app) {
	const title = el('h1', { tabindex: '-1' });

	root.append(back('#/experiments', 'All experiments'), title, shelfForm({
		draft: 'experiment', needs: 'creator', label: 'New experiment', submit: 'Begin the experiment', fields: experimentFields(),
		async send(controls) {
			const made = await post('experiments', experimentBody(controls));
			await app.go(`#/experiments/${made.id}`);
		},
	}));
	root.append(lacking('creator'));
	entitle(title, 'New experiment');
	return {};
}
