/* Where the file of one version is chosen or dropped, how far it is, and what the server said of it. */

import { attr, el, text } from '../dom.js';
import { complaint, fault } from '../form.js';
import { bytes, span } from '../words.js';
import { asOne } from './pack.js';
import { Upload, uploadOf } from './upload.js';

/* A place for a file, or for two that become one: an input, and all around it may be dropped on. picked(file), or
 * refused(sentence); `file` is what was picked. */
export function dropZone(words, describedBy, picked, refused) {
	const input = el('input', {
		type: 'file', name: 'weights', multiple: true, 'aria-describedby': describedBy, onchange: () => take(),
	});
	const place = { input, file: null };

	async function take() {
		if (!input.files.length) return;
		try {
			place.file = await asOne([...input.files]);
		} catch (e) {
			place.file = null;
			refused(e.message);
			return;
		}
		refused('');
		picked(place.file);
	}

	const over = (on) => (e) => {
		if (!e.dataTransfer?.types.includes('Files')) return;
		e.preventDefault();
		zone.classList.toggle('over', on);
	};
	const name = el('span', { class: 'shelf-drop-words' }, words);
	const dropped = (e) => {
		over(false)(e);
		if (!e.dataTransfer?.files.length) return;
		/* The input has it, too, so that a form knows what was dropped. */
		input.files = e.dataTransfer.files;
		take();
	};
	const zone = el('label', {
		class: 'shelf-drop', ondragenter: over(true), ondragover: over(true), ondragleave: over(false), ondrop: dropped,
	}, input, name);

	return Object.assign(place, { el: zone, say: (what) => text(name, what) });
}

const said = (error) => (error.fields?.length ? complaint(error.fields[0]) : error.message);

export class Uploader {
	static count = 0;
	#adapter;
	#version;
	#limit;
	#done;
	#upload = null;
	#follow = () => this.#show();
	#drop;
	#name = el('p', { class: 'shelf-file' });
	#bar = el('progress', { max: 100, 'aria-label': 'Sent' });
	#line = el('p', { class: 'hint' });
	#cancel = el('button', { class: 'quiet', type: 'button', onclick: () => this.#upload.cancel() }, 'Cancel');
	#again = el('button', { class: 'quiet', type: 'button', hidden: true, onclick: () => this.#send() }, 'Send again');
	#sending = el('div', { class: 'shelf-sending', hidden: true }, this.#name, this.#bar,
		el('div', { class: 'shelf-actions' }, this.#line, this.#cancel));

	/* limit: the most bytes that the server takes, or undefined. done(adapter): the server has it, and answered this. */
	constructor(adapter, version, limit, done) {
		const id = `weights-${++Uploader.count}`;

		this.#adapter = adapter;
		this.#version = version;
		this.#limit = limit;
		this.#done = done;
		this.#drop = dropZone(`Choose ${version.has_weights ? 'another file' : 'the file with the weights'}, or drop it here`,
			`${id}-error`, (file) => this.take(file), (sentence) => fault(this.el, 'weights', sentence));
		this.el = el('div', { class: 'shelf-upload', role: 'group', 'aria-label': `Weights of version ${version.version}` },
			el('div', { class: 'field', 'data-field': 'weights' }, this.#drop.el, this.#sending,
				el('p', { class: 'error', id: `${id}-error` })), this.#again);
		this.#watch(uploadOf(version.id));
	}

	/* Sends this file now. */
	take(file) {
		this.#watch(new Upload(this.#adapter, this.#version.id, file, this.#limit));
		this.#send();
	}

	choose() {
		this.#drop.input.focus();
	}

	/* It goes on without us. */
	close() {
		this.#upload?.removeEventListener('change', this.#follow);
	}

	#watch(upload) {
		if (!upload) return;
		this.close();
		this.#upload = upload;
		upload.addEventListener('change', this.#follow);
		if (upload.state !== 'done') this.#show();
	}

	#send() {
		this.#upload.send();
		if (this.#upload.busy) this.#cancel.focus();
	}

	#show() {
		const { busy, state, error } = this.#upload, here = this.el.contains(document.activeElement);

		this.#drop.el.hidden = busy;
		this.#sending.hidden = !busy;
		if (busy) this.#say();
		else this.#drop.input.value = '';
		/* What the server will never take need not be sent again; the file may have been mended, though. */
		this.#again.hidden = state !== 'failed' || error.status === 413;
		/* Read out by the upload already, wherever one is then; and the focus stays, unless its button is gone. */
		fault(this.el, 'weights', state === 'failed' ? said(error) : '');
		if (here && !busy) this.#drop.input.focus();
		if (state === 'done') this.#done(this.#upload.answer);
	}

	#say() {
		const { percent, speed, left_s } = this.#upload.progress, { size, name } = this.#upload.file;
		const checking = this.#upload.state === 'checking';
		const far = [`${percent} %`, `${bytes(this.#upload.sent)} of ${bytes(size)}`, speed && `${bytes(speed)}/s`,
			left_s >= 1 && `about ${span(Math.ceil(left_s))} left`].filter(Boolean).join(' · ');

		text(this.#name, name);
		attr(this.#bar, 'value', checking ? null : percent);
		text(this.#line, checking ? 'Checking what is in it …' : far);
	}
}
