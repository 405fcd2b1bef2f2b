/* The takes that were put aside to be compared, 2 to 10 of them, in this browser. Event `change`. */

import { load, save } from './store.js';

export const MOST = 10;

class Tray extends EventTarget {
	#ids = load('tray', []);

	get ids() {
		return [...this.#ids];
	}

	has(id) {
		return this.#ids.includes(id);
	}

	/* → whether it is in now; the eleventh is not taken. */
	toggle(id) {
		if (this.has(id)) this.set(this.#ids.filter((one) => one !== id));
		else if (this.#ids.length < MOST) this.set([...this.#ids, id]);
		return this.has(id);
	}

	set(ids) {
		this.#ids = [...new Set(ids)].slice(0, MOST);
		save('tray', this.#ids);
		this.dispatchEvent(new Event('change'));
	}
}

export const tray = new Tray();
