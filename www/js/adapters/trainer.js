/* A version learned from MIDI files: which ones, how far they are on their way, and what was learnt from them. */

import { judge, Refused, signedIn, Unreachable, url } from '../api.js';
import { connection } from '../connection.js';
import { announce, attr, el, text } from '../dom.js';
import { complaint, fault } from '../form.js';
import { many } from '../figures.js';
import { bytes } from '../words.js';

/* Learning may take a minute and a quarter, sending as long as the line needs. */
const STALLED_MS = 45000, LEARNING_MS = 90000;

export class Trainer {
	#adapter = null;
	#changed;
	#xhr = null;
	#timer = 0;
	#input = el('input', {
		type: 'file', name: 'files', multiple: true, accept: '.mid,.midi,audio/midi', 'aria-describedby': 'train-error train-hint',
		onchange: () => { if (this.#input.files.length) this.#send([...this.#input.files]); },
	});
	#skip = el('input', { type: 'checkbox', name: 'skip' });
	#zone = el('label', { class: 'shelf-drop' }, this.#input,
		el('span', { class: 'shelf-drop-words' }, 'Choose MIDI files, or drop them here'));
	#bar = el('progress', { max: 100, 'aria-label': 'Sent' });
	#line = el('p', { class: 'hint' });
	#cancel = el('button', { class: 'quiet', type: 'button', onclick: () => this.#stop() }, 'Cancel');
	#sending = el('div', { class: 'shelf-sending', hidden: true }, this.#bar,
		el('div', { class: 'shelf-actions' }, this.#line, this.#cancel));
	#learned = el('div', { class: 'shelf-learned', role: 'status' });
	#panel = el('div', { class: 'panel shelf-panel', hidden: true, role: 'group', 'aria-label': 'Train from MIDI files' },
		el('div', { class: 'field', 'data-field': 'files' }, this.#zone, this.#sending,
			el('p', { class: 'hint', id: 'train-hint' }, 'Up to 200 Standard MIDI Files, 64 MiB in all. '
				+ 'What is learned becomes a new version, which new jobs use.'),
			el('p', { class: 'error', id: 'train-error', role: 'alert' })),
		el('label', { class: 'check' }, this.#skip, ' Leave out files that cannot be read'),
		this.#learned);

	/* The button that opens it, for the head of the list. */
	button = el('button', { class: 'quiet', type: 'button', 'data-needs': 'admin', 'aria-expanded': 'false', onclick: () => this.#toggle() },
		'Train from MIDI files');

	/* changed(): the adapter is not what it was, ask for it. */
	constructor(changed) {
		const over = (on) => (e) => {
			if (!e.dataTransfer?.types.includes('Files')) return;
			e.preventDefault();
			this.#zone.classList.toggle('over', on);
		};

		this.#changed = changed;
		for (const [name, on] of [['dragenter', true], ['dragover', true], ['dragleave', false]])
			this.#zone.addEventListener(name, over(on));
		this.#zone.addEventListener('drop', (e) => {
			over(false)(e);
			if (e.dataTransfer?.files.length) this.#send([...e.dataTransfer.files]);
		});
		this.el = this.#panel;
	}

	/* Only the band learns. */
	update(adapter) {
		this.#adapter = adapter;
		this.button.hidden = adapter.status !== 'active' || adapter.base_model !== 'band';
		if (this.button.hidden) this.#panel.hidden = true;
	}

	#toggle() {
		this.#panel.hidden = !this.#panel.hidden;
		attr(this.button, 'aria-expanded', String(!this.#panel.hidden));
		if (!this.#panel.hidden) this.#input.focus();
	}

	#send(files) {
		const form = new FormData(), size = files.reduce((sum, f) => sum + f.size, 0), xhr = new XMLHttpRequest();

		if (this.#xhr) return;
		for (const f of files) form.append('files', f, f.name);
		this.#xhr = xhr;
		this.#learned.replaceChildren();
		fault(this.#panel, 'files', '');
		this.#busy(true);
		this.#say(0, size, files.length);
		xhr.open('POST', url(`adapters/${this.#adapter.id}/train${this.#skip.checked ? '?skip=true' : ''}`));
		xhr.setRequestHeader('accept', 'application/json');
		xhr.upload.addEventListener('progress', (e) => {
			this.#say(Math.min(e.loaded, size), size, files.length);
			this.#watch(STALLED_MS);
		});
		xhr.upload.addEventListener('load', () => {
			attr(this.#bar, 'value', null);
			text(this.#line, `Learning from ${many(files.length, 'file')} …`);
			this.#watch(LEARNING_MS);
		});
		xhr.addEventListener('load', () => this.#answered(xhr, files));
		xhr.addEventListener('error', () => this.#lost());
		this.#watch(STALLED_MS);
		xhr.send(form);
		this.#cancel.focus();
	}

	#say(sent, size, files) {
		const percent = size ? Math.floor(sent / size * 100) : 0;

		attr(this.#bar, 'value', percent);
		text(this.#line, `${percent} % · ${bytes(sent)} of ${bytes(size)} in ${many(files, 'file')}`);
	}

	#watch(ms) {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => { this.#lost(); }, ms);
	}

	#busy(on) {
		this.#zone.hidden = on;
		this.#sending.hidden = !on;
		if (on) return;
		clearTimeout(this.#timer);
		this.#xhr = null;
		this.#input.value = '';
	}

	#stop() {
		const xhr = this.#xhr;

		this.#busy(false);
		xhr?.abort();
		this.#input.focus();
	}

	async #answered(xhr, files) {
		if (xhr !== this.#xhr) return;
		this.#busy(false);
		try {
			if (xhr.status === 401 && await signedIn()) return this.#send(files);
			const answer = judge(xhr.status, xhr.responseText, xhr.getResponseHeader('retry-after'));

			connection.ok();
			this.#tell(answer);
			await this.#changed();
		} catch (e) {
			this.#fail(e);
		}
	}

	#lost() {
		const xhr = this.#xhr;

		if (!xhr) return;
		this.#busy(false);
		xhr.abort();
		this.#fail(new Unreachable('The connection was lost before the answer came. It does no harm to send the files again.'));
		connection.doubt(new Unreachable('The connection is lost.'));
	}

	#fail(error) {
		const said = error instanceof Refused && error.fields?.length ? complaint(error.fields[0]) : error.message;

		fault(this.#panel, 'files', said);
		this.#input.focus();
	}

	#tell({ version, learned, skipped }) {
		this.#learned.replaceChildren(el('h3', {}, `Version ${version.version} is learned, and in use`),
			el('ul', {}, ...learned.map((line) => el('li', {}, line))),
			...(skipped.length ? [el('p', {}, 'Left out:'),
				el('ul', {}, ...skipped.map((line) => el('li', {}, line)))] : []));
		announce(`Version ${version.version} is learned.`);
		this.#input.focus();
	}
}
