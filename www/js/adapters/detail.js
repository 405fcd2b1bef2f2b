/* One adapter: what it is for, its versions and their files, what became of it, and what can be done with it. */

import { call, get, Refused } from '../api.js';
import { patiently } from '../connection.js';
import { announce, el } from '../dom.js';
import { field } from '../fields.js';
import { many } from '../figures.js';
import { back, to } from '../address.js';
import { actionButton, badge, entitle, facts, hasDraft, shelfForm, when } from '../shelf.js';
import { sentence } from '../words.js';
import { Versions } from './versions.js';

/* A file that was chosen before its adapter was there: adapter id → File. */
export const fileFor = new Map();

/* Everything that is shown; what only adorns it may be refused. */
async function read(id) {
	const adorning = (path) => get(path).catch((e) => { if (!(e instanceof Refused)) throw e; });
	const [adapter, models, timeline, leaderboard, feedback] = await Promise.all([
		get(`adapters/${id}`), get('models'),
		adorning(`adapters/${id}/timeline`), adorning('leaderboard'), adorning('metrics/feedback')]);

	return { adapter, models, timeline,
		rank: leaderboard?.items.find((x) => x.adapter_id === id), ranked: leaderboard?.total,
		rating: feedback?.by_adapter.find((x) => x.adapter_id === id) };
}

export async function showAdapter(root, id, app) {
	const title = el('h1', { tabindex: '-1' }, 'Adapter');
	const badges = el('span', { class: 'shelf-badges' });
	const head = el('div', { class: 'shelf-head' }), side = el('div', { class: 'shelf-side' });
	let versions;

	root.append(back('#/adapters', 'All adapters'), head);
	head.append(title);

	/* Asks again for everything; → the adapter */
	async function refresh() {
		const all = await patiently(() => read(id));

		versions ??= new Versions(all.models.max_adapter_bytes, refresh);
		show(all);
		return all.adapter;
	}

	function show(all) {
		const { adapter } = all;

		entitle(title, adapter.name);
		versions.update(adapter);
		badges.replaceChildren(badge(adapter.status),
			...(adapter.has_weights ? [] : [badge('empty', 'No weights')]));
		if (!head.querySelector('form')) describe(adapter);
		side.replaceChildren(el('div', { class: 'panel' }, el('h2', {}, 'Facts'), facts(known(all))),
			...(all.timeline ? [el('h2', {}, 'History'), history(all)] : []));
	}

	const uses = () => [
		el('button', { class: 'button', type: 'button', 'data-needs': 'creator', onclick: () => app.compose({ adapter_id: id }) },
			'Use in the studio'),
		el('a', { class: 'quiet', 'data-needs': 'creator', href: to('tests/new', { b: id }) }, 'Test against the base model'),
	];

	/* Its name, what it is, and what can be done with it. */
	function describe(adapter) {
		const error = el('p', { class: 'error', role: 'alert' });
		const archived = adapter.status !== 'active';
		const change = (status) => async () => {
			await call('PATCH', `adapters/${id}`, { body: { status } });
			announce(status === 'archived' ? 'Archived' : 'Brought back');
			await refresh();
			title.focus({ preventScroll: true });
		};

		head.replaceChildren(el('div', { class: 'shelf-title' }, title, badges),
			el('p', { class: 'shelf-description' }, adapter.description ?? ''),
			el('div', { class: 'shelf-actions' }, ...(archived
				? [actionButton('Bring it back', error, change('active'), 'button', 'admin')]
				: [...(adapter.has_weights ? uses() : []),
					actionButton('Edit', error, () => edit(adapter), 'quiet', 'admin'),
					actionButton('Archive', error, change('archived'), 'quiet', 'admin')])),
			el('p', { class: 'hint' }, state(adapter)), error);
	}

	function edit(adapter, byHand = true) {
		const name = el('input', { value: adapter.name });
		const done = () => { describe(adapter); title.focus({ preventScroll: true }); };
		const form = shelfForm({
			draft: `adapter:${id}`, label: 'Edit the adapter', submit: 'Save', cancel: done,
			fields: [
				field('name', 'Name', name),
				field('description', 'Description', withText(adapter.description)),
			],
			async send(controls) {
				const { name: { value: words }, description } = controls;
				const body = { name: words.trim(), description: description.value.trim() };

				({ data: adapter } = await call('PATCH', `adapters/${id}`, { body }));
				done();
				await refresh();
			},
		});

		head.replaceChildren(el('div', { class: 'shelf-title' }, title, badges), form);
		if (byHand) name.focus();
	}

	try {
		const adapter = await refresh();

		root.append(el('div', { class: 'shelf-columns' }, versions.el, side));
		if (adapter.status === 'active' && hasDraft(`adapter:${id}`)) edit(adapter, false);
		if (fileFor.has(id)) versions.send(adapter.versions.at(-1).id, fileFor.get(id));
		fileFor.delete(id);
	} catch (e) {
		if (!(e instanceof Refused)) throw e;
		root.append(el('p', { class: 'error' }, e.message));
	}
	return { close: () => versions?.close() };
}

function withText(words) {
	const area = el('textarea', { rows: 3 });

	area.value = words ?? '';
	return area;
}

/* Why it cannot be used, if it cannot. */
function state(adapter) {
	if (adapter.status !== 'active') return 'It is archived and takes no new jobs; what it has made stays.';
	return adapter.has_weights ? '' : `It can be used once version ${adapter.current_version} has its weights.`;
}

function known({ adapter, models, rank, ranked, rating }) {
	const model = models.models.find((m) => m.id === adapter.base_model);
	const wins = (r) => `${r.wins} won, ${r.losses} lost${r.ties ? `, ${r.ties} alike` : ''}`;
	const score = (r) => `${Math.round(r.score)} (${Math.round(r.ci_low)}–${Math.round(r.ci_high)})`;
	const link = (hash, words) => el('a', { href: hash }, words);
	const counted = (view, n, one) => (n ? link(to(view, { adapter_id: adapter.id }), many(n, one)) : 'none yet');

	return [
		['Base model', model?.display_name ?? `${adapter.base_model}, which is not here`],
		['New jobs use', `Version ${adapter.current_version}`],
		['Takes', counted('library', adapter.sample_count, 'take')],
		['Jobs', counted('queue', adapter.job_count, 'job')],
		['Rating', rating ? `${rating.avg_rating.toFixed(1)} of 5 (${many(rating.count, 'rating')})` : 'none yet'],
		['A/B votes', rank ? wins(rank) : adapter.vote_count ? many(adapter.vote_count, 'vote') : 'none yet'],
		['Score', rank && link('#/tests/leaderboard', `${score(rank)}, place ${rank.rank} of ${ranked}`)],
		['Begun', when(adapter.created_at)],
		['Changed', when(adapter.updated_at)],
	];
}

/* What the API tells of its past, and the uploads, which only the versions know. */
function history({ adapter, timeline }) {
	const uploads = adapter.versions.filter((v) => v.uploaded_at).map((v) => ({
		timestamp: v.uploaded_at, title: `Weights of ${v.version} uploaded`, description: null,
	}));
	/* Times have a fixed length. */
	const events = [...timeline.events, ...uploads].sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1));

	/* What it is for stands at the top of the page already. */
	const told = (e) => (e.type === 'version' && e.description ? el('p', { class: 'hint' }, e.description) : null);

	return el('ol', { class: 'shelf-history' }, ...events.map((e) => el('li', {},
		el('p', {}, sentence(e.title)), told(e), el('p', { class: 'hint' }, when(e.timestamp)))));
}
