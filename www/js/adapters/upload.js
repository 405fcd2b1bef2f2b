/* Files with weights on their way to the server. An upload belongs to no view: it goes on while one looks at another,
 * and a view that comes back finds it here. fetch() tells nothing of how far a body is, so this is XMLHttpRequest.
 *
 * Event `change` whenever something that is shown has changed. */

import { judge, Refused, signedIn, Unreachable, url } from '../api.js';
import { connection } from '../connection.js';
import { announce } from '../dom.js';
import { bytes } from '../words.js';

/* Nothing moves for so long: the line is dead. The check may take a minute and a half. */
const STALLED_MS = 45000, CHECK_MS = 120000;
/* How much of the past tells how fast it is. */
const WINDOW_MS = 5000;

/* Version id → its upload, the latest. */
const uploads = new Map();

export const uploadOf = (versionId) => uploads.get(versionId);

export class Upload extends EventTarget {
	#adapter;
	#versionId;
	#xhr = null;
	#timer = 0;
	#marks = [];			/* [when, how many bytes were away], of the last seconds */
	state = 'sending';		/* then checking, done; failed, stopped */
	sent = 0;
	error = null;			/* Refused or Unreachable */
	answer = null;			/* the adapter, as it was answered */

	/* limit: the most bytes that the server takes, if that is known. The file stays at hand, to be sent again. */
	constructor(adapter, versionId, file, limit) {
		super();
		this.#adapter = adapter;
		this.#versionId = versionId;
		this.file = file;
		this.limit = limit;
		uploads.set(versionId, this);
	}

	get busy() {
		return this.state === 'sending' || this.state === 'checking';
	}

	/* { percent, speed (bytes a second), left_s }; what cannot be known yet is null. */
	get progress() {
		const [first] = this.#marks, last = this.#marks.at(-1);
		const ms = last ? last[0] - first[0] : 0;
		/* Two marks close together tell nothing. */
		const speed = ms > 200 ? (last[1] - first[1]) / ms * 1000 : null;

		return {
			percent: this.file.size ? Math.floor(this.sent / this.file.size * 100) : 0,
			speed, left_s: speed ? (this.file.size - this.sent) / speed : null,
		};
	}

	/* The same is sent once more by the same call. */
	send() {
		const { size } = this.file;

		this.sent = 0;
		this.#marks = [];
		this.error = null;
		this.answer = null;
		if (this.limit && size > this.limit) return this.#fail(new Refused(413, {
			detail: `The file has ${bytes(size)}; the server takes ${bytes(this.limit)} at most.`,
		}));
		this.#to('sending');
		this.#open();
	}

	#open() {
		const xhr = new XMLHttpRequest();

		this.#xhr = xhr;
		xhr.open('PUT', url(`adapters/${this.#adapter.id}/weights?version_id=${this.#versionId}`));
		xhr.setRequestHeader('accept', 'application/json');
		xhr.setRequestHeader('content-type', 'application/octet-stream');
		xhr.upload.addEventListener('progress', (e) => this.#moved(e.loaded));
		xhr.upload.addEventListener('load', () => this.#check());
		xhr.addEventListener('load', () => this.#answered(xhr));
		xhr.addEventListener('error', () => this.#lost());
		this.#watch(STALLED_MS);
		xhr.send(this.file);
	}

	cancel() {
		if (!this.busy) return;
		this.#end('stopped');
		this.#xhr.abort();
	}

	#watch(ms) {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => { this.#lost(); this.#xhr.abort(); }, ms);
	}

	#moved(sent) {
		const now = performance.now();

		if (this.state !== 'sending') return;
		this.sent = sent;
		this.#marks.push([now, sent]);
		while (this.#marks.length > 2 && now - this.#marks[0][0] > WINDOW_MS) this.#marks.shift();
		this.#watch(STALLED_MS);
		this.dispatchEvent(new Event('change'));
	}

	/* All of it is away; now the engine looks at it. */
	#check() {
		if (this.state !== 'sending') return;
		this.sent = this.file.size;
		this.#watch(CHECK_MS);
		this.#to('checking');
	}

	async #answered(xhr) {
		if (!this.busy) return;
		try {
			if (xhr.status === 401) return await this.#sendAgain();
			this.answer = judge(xhr.status, xhr.responseText, xhr.getResponseHeader('retry-after'));
		} catch (e) {
			return this.#fail(e);
		}
		connection.ok();
		announce(`${this.file.name} is uploaded and checked.`);
		this.#end('done');
	}

	/* The session had ended. */
	async #sendAgain() {
		clearTimeout(this.#timer);
		if (!await signedIn()) throw new Unreachable('The server did not take the file; send it again.');
		if (this.busy) this.send();
	}

	/* The line, or the file: a folder was dropped, or somebody has taken the file away since. */
	async #lost() {
		const { percent } = this.progress;
		const readable = await this.file.slice(0, 1).arrayBuffer().then(() => true, () => false);

		if (!this.busy) return;
		if (!readable)
			return this.#fail(new Refused(0, { detail: `${this.file.name} cannot be read; choose it again.` }));
		this.#fail(new Unreachable(this.state === 'sending'
			? `The connection was lost when ${percent} % of the file had been sent. Nothing has changed; `
				+ 'send it again.'
			: 'The connection was lost before the answer came, so the file may have arrived. It does no harm '
				+ 'to send it again.'));
		connection.doubt(new Unreachable('The connection is lost.'));
	}

	#fail(error) {
		this.error = error;
		announce(error.message, true);
		this.#end('failed');
	}

	#end(state) {
		clearTimeout(this.#timer);
		this.#to(state);
	}

	#to(state) {
		this.state = state;
		this.dispatchEvent(new Event('change'));
	}
}

/* Leaving the page would break off what is on its way; the browser asks. */
addEventListener('beforeunload', (e) => {
	if ([...uploads.values()].some((u) => u.busy)) e.preventDefault();
});
