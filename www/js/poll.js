/* Asks again and again: rests while nobody looks, waits while the server is away. */

import { patiently } from './connection.js';

/* task(): asks once. every_ms: a number, or a function that says how long to wait this time; Infinity: until
 * now() is called. What task() throws beside Unreachable ends the asking. later: it has just been asked, so that the
 * first time is after that long, too. → { now(), stop() } */
export function poll(task, every_ms, { later = false } = {}) {
	let timer = 0, running = false, again = false, stopped = false;

	async function run() {
		clearTimeout(timer);
		if (stopped || document.hidden) return;
		if (running) {
			again = true;
			return;
		}
		running = true;
		await patiently(async () => { if (!stopped) await task(); });
		running = false;
		if (!stopped) rest();
	}

	function rest() {
		const wait_ms = again ? 0 : typeof every_ms === 'function' ? every_ms() : every_ms;

		again = false;
		if (wait_ms !== Infinity) timer = setTimeout(run, wait_ms);
	}

	const stop = () => {
		stopped = true;
		clearTimeout(timer);
		document.removeEventListener('visibilitychange', run);
	};

	document.addEventListener('visibilitychange', run);
	if (later) rest();
	else run();
	return { now: run, stop };
}
