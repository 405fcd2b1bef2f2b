/* The ballots of one blind test, one after another, as the server hands them out. A vote is kept in this browser until the
 * server has it, through a lost connection and a reload: sent twice it counts once.
 *
 * Event `change`. `state` is one of
 *	loading		nothing is known yet
 *	open		`ballot` is to be voted on
 *	sending		`ballot` has been voted on, and the server is being told
 *	waiting		the other pairs are still being generated
 *	done		there is nothing left
 *	refused		`error` says why */

import { get, post, Refused } from '../api.js';
import { patiently } from '../connection.js';
import { load, save } from '../store.js';

export class Ballots extends EventTarget {
	#path;
	#name;
	#kept;			/* votes: how many; last: the vote before this one; pending: the one that is on its way */
	#next = null;		/* what the server answered last */
	#again = false;
	#closed = false;
	state = 'loading';
	ballot = null;
	error = '';

	constructor(test) {
		super();
		this.#path = `ab-tests/${encodeURIComponent(test)}/ballot`;
		this.#name = `blind:${test}`;
		this.#kept = { votes: 0, last: null, pending: null, ...load(this.#name, {}) };
	}

	/* Until the first ballot is there, or something else to say. */
	start() {
		return this.#kept.pending ? this.#send() : this.next();
	}

	close() {
		this.#closed = true;
	}

	/* Which one of how many this is. */
	get place() {
		const left = (this.#next?.remaining ?? 0) + (this.#next?.waiting ?? 0);

		return { nth: this.#kept.votes + (this.#again ? 0 : 1), of: this.#kept.votes + left };
	}

	get waiting() {
		return this.#next?.waiting ?? 0;
	}

	/* 'left', 'right', 'equal': what was said of this ballot before; null: nothing. */
	get said() {
		return this.#again ? this.#kept.last.preference : null;
	}

	get canGoBack() {
		return Boolean(this.#kept.last) && !this.#again && this.state !== 'sending';
	}

	/* The ballot before this one once more, to say something else; forth() is the way back without that. */
	back() {
		this.#again = true;
		this.#open(this.#kept.last.ballot);
	}

	forth() {
		this.#again = false;
		this.#take(this.#next);
	}

	async next() {
		try {
			this.#take(await patiently(() => get(this.#path)));
		} catch (e) {
			this.#refused(e);
		}
	}

	vote(preference) {
		if (this.state !== 'open') return undefined;
		this.#keep({ pending: { ballot: this.ballot, preference, again: this.#again } });
		return this.#send();
	}

	async #send() {
		const { ballot, preference, again } = this.#kept.pending;

		this.#again = again;
		this.ballot = ballot;
		this.#become('sending');
		try {
			const next = await patiently(() => post(this.#path, { ballot: ballot.ballot, preference }));

			this.#keep({ votes: this.#kept.votes + (again ? 0 : 1), last: { ballot, preference }, pending: null });
			this.#again = false;
			this.#take(next);
		} catch (e) {
			/* This vote cannot be counted, ever; the others can. */
			this.#keep({ pending: null });
			this.#again = false;
			this.#refused(e);
		}
	}

	#take(next) {
		this.#next = next;
		if (next.remaining) this.#open(next);
		else this.#become(next.waiting ? 'waiting' : 'done');
	}

	#open(ballot) {
		this.ballot = ballot;
		this.#become('open');
	}

	#refused(e) {
		if (!(e instanceof Refused)) throw e;
		this.error = e.message;
		this.#become('refused');
	}

	#become(state) {
		this.state = state;
		if (!this.#closed) this.dispatchEvent(new Event('change'));
	}

	#keep(changed) {
		Object.assign(this.#kept, changed);
		save(this.#name, this.#kept);
	}
}
