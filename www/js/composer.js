/* The form. What is typed is kept as a draft with every stroke; what is wrong is said at its field, in
 * the server's own words: the page knows no limits of its own that could differ from the server's. */

import { Refused } from './api.js';
import { text } from './dom.js';
import { load, save } from './store.js';
import { parseDuration, parseSeed } from './words.js';

/* What is wrong is said at its field by a module that the first view can do without. null: it did not come. */
const faults = () => import('./form.js').catch(() => null);

const FIELDS = ['prompt', 'duration', 'seed', 'format'];

export class Composer {
	#form;
	#outbox;

	constructor(form, outbox) {
		this.#form = form;
		this.#outbox = outbox;
		this.hasDraft = this.fill(load('draft', {}));
		form.addEventListener('focusin', faults, { once: true });
		form.addEventListener('input', (e) => this.#typed(e.target));
		form.addEventListener('submit', (e) => { e.preventDefault(); this.#submit(); });
		form.elements.prompt.addEventListener('keydown', (e) => {
			if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey) || e.isComposing) return;
			e.preventDefault();
			form.requestSubmit();
		});
	}

	/* Puts in what `values` holds (a draft, or what a job was made of): → whether it held anything. */
	fill(values) {
		const given = FIELDS.filter((name) => values[name] !== undefined && values[name] !== null);

		for (const name of given) this.#form.elements[name].value = String(values[name]);
		return given.length > 0;
	}

	/* The same, by the listener's wish: keep it and go there. */
	take(values) {
		this.fill(values);
		faults().then((f) => f?.clearFaults(this.#form));
		this.#keep();
		this.#form.elements.prompt.focus({ preventScroll: true });
		this.#form.scrollIntoView({ block: 'nearest' });
	}

	#keep() {
		save('draft', Object.fromEntries(FIELDS.map((name) => [name, this.#form.elements[name].value])));
	}

	#typed(control) {
		this.#keep();
		faults().then((f) => f?.clearFaults(this.#form, control.name));
	}

	async #submit() {
		const f = this.#form.elements;

		faults().then((m) => m?.clearFaults(this.#form));
		try {
			await this.#outbox.submit({
				prompt: f.prompt.value.trim(),
				duration: parseDuration(f.duration.value),
				seed: parseSeed(f.seed.value),
				format: f.format.value,
			});
		} catch (e) {
			if (!(e instanceof Refused)) throw e;
			const m = await faults();
			if (m) m.blame(this.#form, e);
			else text(this.#form.querySelector('.form-error'), e.message);
		}
	}
}
