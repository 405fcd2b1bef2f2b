/* Whether the server answers. What talks to it reports here; the line in the page's head shows it.
 *
 * Only the polling of jobs.js probes while the server is away, with growing pauses; everything else
 * waits for `up()`, so that a server that comes back is not met by a crowd.
 *
 * Events: `change`, `up` (it answers again), `doubt` (somebody found it away: probe). */

import { Unreachable } from './api.js';
import { announce } from './dom.js';

const FIRST_S = 1, LONGEST_S = 20;

class Connection extends EventTarget {
	tries = 0;
	reason = '';
	nextTry_ms = 0;

	get lost() {
		return this.tries > 0;
	}

	/* Something answered. */
	ok() {
		if (!this.lost) return;
		this.tries = 0;
		this.dispatchEvent(new Event('change'));
		this.dispatchEvent(new Event('up'));
	}

	/* Nothing answered: → how many ms to wait before the next try. */
	failed(error) {
		const wait_s = Math.min(LONGEST_S, error.retryAfter_s ?? FIRST_S * 2 ** Math.min(this.tries, 5));
		/* Up to a fifth more, so that many pages do not come back in step. */
		const wait_ms = wait_s * (1 + Math.random() / 5) * 1000;

		this.tries++;
		this.reason = error.message;
		this.nextTry_ms = Date.now() + wait_ms;
		this.dispatchEvent(new Event('change'));
		return wait_ms;
	}

	/* Somebody else than the polling noticed: it shall look at once. */
	doubt(error) {
		if (this.lost) return;
		this.failed(error);
		this.dispatchEvent(new Event('doubt'));
	}

	/* Resolves when the server answers (again). */
	up() {
		if (!this.lost) return Promise.resolve();
		return new Promise((done) => this.addEventListener('up', done, { once: true }));
	}
}

export const connection = new Connection();

/* What ask() resolves to, however long the server stays away. Throws what else ask() throws. For questions,
 * and for what may be done twice. */
export async function patiently(ask) {
	for (;;) {
		try {
			return await ask();
		} catch (e) {
			if (!(e instanceof Unreachable)) throw e;
			connection.doubt(e);
			/* Even when the next answer comes at once: not a crowd of them. */
			await new Promise((done) => setTimeout(done, 500 + Math.random() * 500));
			await connection.up();
		}
	}
}

/* The line in the head: hidden while all is well, a countdown while it is not. */
export function showConnection(box, line, button, retry) {
	let timer = 0, wasLost = false;

	button.addEventListener('click', retry);
	connection.addEventListener('change', () => {
		clearInterval(timer);
		if (connection.lost) {
			/* Once; the countdown is for the eyes. */
			if (!wasLost) announce(connection.reason, true);
			timer = setInterval(countdown, 1000);
			countdown();
		} else if (wasLost) {
			line.textContent = 'Connected again.';
			announce('Connected again.');
			timer = setInterval(() => { box.hidden = true; clearInterval(timer); }, 4000);
		}
		box.dataset.state = connection.lost ? 'lost' : 'up';
		button.hidden = !connection.lost;
		wasLost = connection.lost;
	});

	function countdown() {
		const s = Math.ceil((connection.nextTry_ms - Date.now()) / 1000);

		box.hidden = false;
		line.textContent = `${connection.reason} ${s > 0 ? `Trying again in ${s} s.` : 'Trying again …'}`;
	}
}
