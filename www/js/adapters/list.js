/* All adapters, and the form that begins one. */

import { lacking } from '../access/roles.js';
import { get, post } from '../api.js';
import { patiently } from '../connection.js';
import { command } from '../copy.js';
import { el } from '../dom.js';
import { field } from '../fields.js';
import { fault } from '../form.js';
import { Listing } from '../listing.js';
import { back, to } from '../address.js';
import { badge, chooser, entitle, shelfForm, when } from '../shelf.js';
import { fileFor } from './detail.js';
import { dropZone } from './uploader.js';

/* What stands in the address → what it is called. */
const CHOICES = [['', 'In use'], ['archived', 'Archived'], ['all', 'All']];
const ASKED = { '': 'adapters?status=active', archived: 'adapters?status=archived', all: 'adapters' };

/* A file of the band says itself what it is called; other files are left alone. */
const READABLE_BYTES = 1 << 20;

function explanation() {
	return el('div', { class: 'shelf-about' },
		el('p', {}, 'An adapter bends everything a model plays toward one taste: its tempo, swing, chords, ',
			'instruments and figures. The scale in the studio says how far.'),
		el('p', { class: 'hint' }, 'For the band it is one JSON file, 1 MiB at most, that whoever reads music can ',
			'write. The format is documented in Earshot’s source, in lib/engine/band/adapters/README.md, with ',
			'three examples beside it. For MusicGen it is a LoRA adapter of PEFT: choose adapter_config.json and ',
			'adapter_model.safetensors together. Whether a file fits is told without uploading it by:'),
		command('earshot adapter check --model band FILE'));
}

function row(adapter) {
	const model = adapter.base_model_config?.display_name ?? adapter.base_model;

	return el('li', {}, el('article', { class: 'shelf-item' },
		el('div', { class: 'shelf-title' },
			el('h2', {}, el('a', { href: `#/adapters/${adapter.id}` }, adapter.name)),
			adapter.status === 'archived' ? badge('archived') : null,
			adapter.has_weights ? null : badge('empty', 'No weights')),
		el('p', { class: 'shelf-excerpt' }, adapter.description ?? ''),
		el('p', { class: 'meta' }, el('span', {}, model),
			el('span', {}, `version ${adapter.current_version}`),
			el('span', {}, 'changed ', when(adapter.updated_at)))));
}

function nothing(status) {
	if (status === 'archived') return el('p', { class: 'hint' }, 'No adapter is archived.');
	return el('div', { class: 'shelf-empty' }, el('p', { class: 'lead' }, 'No adapters yet.'), explanation(),
		el('p', {}, el('a', { class: 'button', href: '#/adapters/new', 'data-needs': 'admin' }, 'Begin the first one')));
}

export async function listAdapters(root, route, app) {
	const asked = route.query.get('status') ?? '', chosen = Object.hasOwn(ASKED, asked) ? asked : '';
	const empty = el('div'), listing = new Listing({ row, empty, label: 'Adapters' });
	const show = (status) => {
		empty.replaceChildren(nothing(status));
		return listing.show(ASKED[status]);
	};

	root.append(
		el('div', { class: 'view-head' }, el('h1', { tabindex: '-1' }, 'Adapters'),
			el('a', { class: 'button', href: '#/adapters/new', 'data-needs': 'admin' }, 'New adapter')),
		el('div', { class: 'filters' }, chooser('status', 'Which ones', CHOICES, chosen, (status) => {
			app.rename(to('adapters', { status }));
			show(status);
		})),
		listing.el);
	await show(chosen);
	return {};
}

/* Files of the band carry a name and a description: they fill what is empty. */
async function readFile(file, form) {
	if (file.size > READABLE_BYTES) return;
	try {
		const told = JSON.parse(await file.text());

		const { name, description, base_model: model } = form.elements;

		for (const control of [name, description])
			if (!control.value.trim() && typeof told[control.name] === 'string') control.value = told[control.name];
		if ([...model.options].some((o) => o.value === told.base_model)) model.value = told.base_model;
		form.dispatchEvent(new Event('input'));
	} catch {
		/* No JSON: the engine that checks it knows what it is. */
	}
}

export async function newAdapter(root, app) {
	const title = el('h1', { tabindex: '-1' });

	root.append(back('#/adapters', 'All adapters'), title);
	entitle(title, 'New adapter');
	const { models, current_model } = await patiently(() => get('models'));
	const able = models.filter((m) => m.adapters !== 'none');
	const model = el('select', {}, ...able.map((m) => el('option', { value: m.id },
		m.is_available ? m.display_name : `${m.display_name} (cannot play here at the moment)`)));
	const drop = dropZone('Choose the file with the weights, or drop it here', 'new-file-error', (file) => {
		drop.say(file.name);
		readFile(file, form);
	}, (sentence) => fault(form, 'weights', sentence));

	model.value = able.find((m) => m.id === current_model)?.id ?? able[0]?.id ?? '';
	const form = shelfForm({
		draft: 'adapter', needs: 'admin', label: 'New adapter', submit: 'Begin the adapter',
		fields: [
			el('div', { class: 'field', 'data-field': 'weights' }, drop.el,
				el('p', { class: 'hint' }, 'It can be uploaded later, too.'),
				el('p', { class: 'error', id: 'new-file-error' })),
			field('name', 'Name', el('input', {})),
			field('description', 'Description', el('textarea', { rows: 3 })),
			field('base_model', 'Base model', model, 'It stays the same for all its versions.'),
		],
		async send({ name, description, base_model }) {
			const made = await post('adapters', {
				name: name.value.trim(), description: description.value.trim() || null,
				base_model: base_model.value || null,
			});

			if (drop.file) fileFor.set(made.id, drop.file);
			await app.go(`#/adapters/${made.id}`);
		},
	});

	root.append(el('div', { class: 'shelf-columns' }, form,
		el('div', { class: 'shelf-side' }, el('h2', {}, 'What an adapter is'), explanation())), lacking('admin'));
	return {};
}
