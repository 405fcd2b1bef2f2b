/* The versions of an adapter: which one new jobs use, what is in each, and its file. */

import { call, post } from '../api.js';
import { announce, attr, el, text } from '../dom.js';
import { field } from '../fields.js';
import { fault } from '../form.js';
import { actionButton, badge, facts, hasDraft, shelfForm, when } from '../shelf.js';
import { bytes } from '../words.js';
import { found } from './found.js';
import { Trainer } from './trainer.js';
import { uploadOf } from './upload.js';
import { dropZone, Uploader } from './uploader.js';

/* "1.0.0" → "1.1.0", "v3" → "v4": the first free one behind the newest; '' when its name counts nothing. */
export function nextVersion(versions) {
	const taken = new Set(versions.map((v) => v.version)), last = versions.at(-1)?.version ?? '';
	const [, before, n, after] = /^(\d+\.)(\d+)(\.\d+)$/.exec(last) ?? /^(.*?)(\d{1,9})$/.exec(last) ?? [];

	if (n === undefined) return '';
	for (let i = Number(n) + 1; ; i++) {
		const next = `${before}${i}${after ? '.0' : ''}`;
		if (!taken.has(next)) return next;
	}
}

/* One of them, changed in place, so that an upload that is under way stays where it is. */
class Row {
	#adapter;
	#version = {};
	#changed;
	#limit;
	#uploader = null;
	#title = el('h3', { tabindex: '-1' });
	#badges = el('span', { class: 'shelf-badges' });
	#description = el('p');
	#meta = el('p', { class: 'meta' });
	#found = el('details', { class: 'shelf-found' }, el('summary', {}, 'What the check found in it'));
	#file = el('div', { 'data-needs': 'admin' });
	#status = el('p', { class: 'hint', role: 'status' });
	#error = el('p', { class: 'error', role: 'alert' });
	#activate = actionButton('Let new jobs use it', this.#error, () => this.#doActivate());
	#replace = el('button', { class: 'quiet', type: 'button', onclick: () => this.#open() }, 'Replace the file');

	/* changed(): the adapter is not what it was, ask for it. */
	constructor(limit, changed) {
		this.#limit = limit;
		this.#changed = changed;
		this.el = el('li', { class: 'shelf-version' },
			el('div', { class: 'shelf-row-head' }, el('div', { class: 'shelf-title' }, this.#title, this.#badges),
				el('div', { class: 'shelf-actions', 'data-needs': 'admin' }, this.#activate, this.#replace)),
			this.#description, this.#meta, this.#found, this.#file, this.#status, this.#error);
	}

	update(adapter, version) {
		const before = this.#version;
		const fresh = ['id', 'sha256', 'uploaded_at', 'is_active'].some((name) => before[name] !== version[name]);
		const archived = adapter.status !== 'active';

		this.#adapter = adapter;
		this.#version = version;
		/* Without weights it would only make the adapter useless. */
		this.#activate.hidden = archived || version.is_active || !version.has_weights;
		this.#replace.hidden = archived || !version.has_weights;
		if (archived) this.#shut();
		else if (!this.#uploader && (!version.has_weights || this.#underWay)) this.#open(false);
		if (fresh) this.#describe(version);
	}

	/* One that began when this page was not open, and what came of it, if that was no good. */
	get #underWay() {
		const upload = uploadOf(this.#version.id);

		return upload && (upload.busy || upload.state === 'failed');
	}

	/* Sends this file as its weights. */
	send(file) {
		this.#open(false);
		this.#uploader.take(file);
	}

	close() {
		this.#uploader?.close();
	}

	#describe(v) {
		const what = found(v.about);

		text(this.#title, v.version);
		this.#badges.replaceChildren(...(!v.has_weights ? [badge('empty', 'No weights')]
			: v.is_active ? [badge('active', 'In use')] : []));
		text(this.#description, v.description ?? '');
		this.#meta.replaceChildren(...(v.has_weights ? [
			el('span', {}, 'uploaded ', when(v.uploaded_at)), el('span', {}, bytes(v.size_bytes)),
			el('span', {}, 'SHA-256 ', el('code', { title: v.sha256 }, v.sha256.slice(0, 12), '…')),
		] : [el('span', {}, 'begun ', when(v.created_at))]));
		this.#found.hidden = !what.length;
		this.#found.querySelector('dl')?.remove();
		this.#found.append(facts(what));
	}

	#open(byHand = true) {
		if (!this.#uploader) {
			this.#uploader = new Uploader(this.#adapter, this.#version, this.#limit, (a) => this.#uploaded(a));
			this.#file.append(this.#uploader.el);
		}
		this.#replace.hidden = true;
		if (byHand) this.#uploader.choose();
	}

	#shut() {
		this.#uploader?.close();
		this.#uploader?.el.remove();
		this.#uploader = null;
	}

	#uploaded(adapter) {
		const before = this.#version, now = adapter.versions.find((v) => v.id === before.id) ?? before;
		const here = this.#file.contains(document.activeElement);

		text(this.#status, before.sha256 === now.sha256 ? 'It is the same file as before: nothing has changed.'
			: `Uploaded and checked${now.is_active ? '' : '; the version in use is still another one'}.`);
		this.#shut();
		this.update(adapter, now);
		this.#found.open = true;
		if (here) (this.#activate.hidden ? this.#title : this.#activate).focus();
		this.#changed();
	}

	async #doActivate() {
		await call('PATCH', `adapters/${this.#adapter.id}/versions/${this.#version.id}/activate`);
		announce(`New jobs use version ${this.#version.version} now.`);
		text(this.#status, '');
		await this.#changed();
		this.#title.focus();
	}
}

export class Versions {
	#adapter = null;
	#limit;
	#changed;
	#rows = new Map();
	#list = el('ol', { class: 'rows', 'aria-label': 'Versions, newest first' });
	#add = el('button', { class: 'quiet', type: 'button', 'data-needs': 'admin', onclick: () => this.#begin() }, 'New version');
	#form = el('div', { hidden: true, 'data-needs': 'admin', class: 'panel shelf-panel' });
	#trainer;

	/* limit, changed: as above */
	constructor(limit, changed) {
		this.#limit = limit;
		this.#changed = changed;
		this.#trainer = new Trainer(changed);
		this.el = el('section', { 'aria-labelledby': 'versions-title' },
			el('div', { class: 'shelf-row-head' }, el('h2', { id: 'versions-title' }, 'Versions'),
				el('div', { class: 'shelf-actions' }, this.#trainer.button, this.#add)),
			this.#trainer.el, this.#form, this.#list);
	}

	update(adapter) {
		const archived = adapter.status !== 'active', first = !this.#adapter;

		this.#adapter = adapter;
		this.#trainer.update(adapter);
		for (const v of adapter.versions) {
			const row = this.#rows.get(v.id) ?? new Row(this.#limit, this.#changed);

			if (!this.#rows.has(v.id)) this.#list.prepend(row.el);
			this.#rows.set(v.id, row);
			row.update(adapter, v);
		}
		if (archived) this.#end();
		this.#add.hidden = archived || !this.#form.hidden;
		if (first && !archived && hasDraft(this.#draft)) this.#begin(false);
	}

	close() {
		for (const row of this.#rows.values()) row.close();
	}

	/* Sends this file as the weights of a version. */
	send(versionId, file) {
		this.#rows.get(versionId)?.send(file);
	}

	get #draft() {
		return `version:${this.#adapter.id}`;
	}

	#begin(byHand = true) {
		const words = 'Choose the file with the weights, or drop it here';
		const drop = dropZone(words, 'version-file-error', (file) => drop.say(file.name),
			(sentence) => fault(this.#form, 'weights', sentence));
		const number = el('input', { value: nextVersion(this.#adapter.versions), size: 12, spellcheck: 'false' });

		this.#form.replaceChildren(shelfForm({
			draft: this.#draft, label: 'New version', submit: 'Add the version',
			fields: [
				field('version', 'Version', number, 'letters, digits and . _ + -'),
				field('description', 'What is new in it', el('textarea', { rows: 2 })),
				el('div', { class: 'field', 'data-field': 'weights' }, drop.el,
					el('p', { class: 'hint' }, 'It can be uploaded later, too.'),
					el('p', { class: 'error', id: 'version-file-error' })),
			],
			send: (controls) => this.#send(controls, drop.file),
			cancel: () => { this.#end(); this.#add.focus(); },
		}));
		this.#form.hidden = false;
		this.#add.hidden = true;
		if (byHand) number.focus();
	}

	#end() {
		this.#form.hidden = true;
		this.#form.replaceChildren();
		attr(this.#add, 'hidden', null);
	}

	/* The version first; its file then goes its own way, which is shown, and said if it fails, in the new row. */
	async #send({ version, description }, file) {
		const words = { version: version.value.trim(), description: description.value.trim() };
		let made;

		try {
			made = await post(`adapters/${this.#adapter.id}/versions`, words);
		} catch (e) {
			if (e.status === 409 && this.#adapter.versions.some((v) => v.version === words.version))
				e.fields = [{ field: 'version', detail: e.message }];
			throw e;
		}
		this.#end();
		await this.#changed();
		if (file) this.send(made.id, file);
		else this.#rows.get(made.id)?.el.querySelector('input')?.focus();
	}
}
