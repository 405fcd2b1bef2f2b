/* Submissions on their way. Each has an Idempotency-Key, drawn once and kept (also over a reload) until
 * the server has given a definite answer, so that a lost answer or a double click makes one job.
 *
 * Events: `sending` and `settled` (detail: the submission). A submission is { key, body, at_ms }. The jobs are told how
 * many wait, for those who need not know more (jobs.js). */

import { post, Refused } from '../api.js';
import { connection } from '../connection.js';
import { load, save } from '../store.js';

/* An equal submission so soon, or before the first has its answer, is one click too many. */
const DOUBLE_MS = 1000;
/* A submission that nobody waits for any more is not sent on a later visit. */
const STALE_MS = 3600e3;
const LONGEST_PAUSE_MS = 15000;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export class Outbox extends EventTarget {
	#jobs;
	#waiting = new Map();		/* key → submission */
	#last = { text: '', key: '', at_ms: 0, result: null };

	constructor(jobs) {
		super();
		this.#jobs = jobs;
	}

	/* Sends again what a reload interrupted. */
	resume() {
		const fresh = load('outbox', []).filter((s) => s.key && Date.now() - s.at_ms < STALE_MS);

		this.#save();
		for (const s of fresh) this.#send(s).catch(() => {});
	}

	/* → the job, once the server has it. Throws Refused with its reasons; never Unreachable: it waits.
	 * → null when it was discarded while it waited. */
	submit(body) {
		const text = JSON.stringify(body), now = Date.now();

		const again = text === this.#last.text
			&& (now - this.#last.at_ms < DOUBLE_MS || this.#waiting.has(this.#last.key));

		if (!again) {
			const key = newKey();
			this.#last = { text, key, at_ms: now, result: this.#send({ key, body, at_ms: now }) };
		}
		return this.#last.result;
	}

	get waiting() {
		return [...this.#waiting.values()];
	}

	discard(submission) {
		this.#settle(submission);
	}

	async #send(submission) {
		this.#waiting.set(submission.key, submission);
		this.#save();
		this.dispatchEvent(new CustomEvent('sending', { detail: submission }));
		try {
			for (let n = 0; this.#waiting.has(submission.key); n++) {
				const job = await this.#attempt(submission, n);
				if (!job) continue;
				this.#settle(submission);
				this.#jobs.add(job);
				return job;
			}
			return null;
		} catch (e) {
			this.#settle(submission);
			throw e;
		}
	}

	/* → the job, or null when it is worth another try, after the pause that it has already made. */
	async #attempt(submission, n) {
		try {
			return await post('generate', submission.body, submission.key);
		} catch (e) {
			/* 409: the first try is still being worked on. */
			if (e instanceof Refused && e.status !== 409) throw e;
			if (!(e instanceof Refused)) connection.doubt(e);
			await pause(Math.min(LONGEST_PAUSE_MS, 300 * 2 ** n));
			await connection.up();
			return null;
		}
	}

	#settle(submission) {
		if (!this.#waiting.delete(submission.key)) return;
		this.#save();
		this.dispatchEvent(new CustomEvent('settled', { detail: submission }));
	}

	#save() {
		save('outbox', this.waiting);
		this.#jobs.tell(this.waiting.length);
	}
}

/* Not crypto.randomUUID: that is only there over TLS and on localhost. */
export function newKey() {
	return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
}
