/* The form. What is typed is kept as a draft with every stroke; what is wrong is said at its field, in
 * the server's own words: the page knows no limits of its own that could differ from the server's. */

import { Refused } from './api.js';
import { announce, attr, text } from './dom.js';
import { load, save } from './store.js';
import { complaint, parseDuration, parseSeed } from './words.js';

const FIELDS = ['prompt', 'duration', 'seed', 'format'];

export class Composer {
	#form;
	#outbox;

	constructor(form, outbox) {
		this.#form = form;
		this.#outbox = outbox;
		this.hasDraft = this.fill(load('draft', {}));
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
		this.#clear();
		this.#keep();
		this.#form.elements.prompt.focus({ preventScroll: true });
		this.#form.scrollIntoView({ block: 'nearest' });
	}

	#keep() {
		save('draft', Object.fromEntries(FIELDS.map((name) => [name, this.#form.elements[name].value])));
	}

	#typed(control) {
		this.#keep();
		this.#fault(control.name, '');
		text(document.getElementById('form-error'), '');
	}

	async #submit() {
		const f = this.#form.elements;

		this.#clear();
		try {
			await this.#outbox.submit({
				prompt: f.prompt.value.trim(),
				duration: parseDuration(f.duration.value),
				seed: parseSeed(f.seed.value),
				format: f.format.value,
			});
		} catch (e) {
			if (!(e instanceof Refused)) throw e;
			this.#blame(e);
		}
	}

	/* The server's sentences, each at its field; what belongs to no field stands above the button. */
	#blame(refused) {
		const elsewhere = [];

		for (const fault of refused.fields) {
			if (FIELDS.includes(fault.field)) {
				this.#fault(fault.field, complaint(fault));
			} else {
				elsewhere.push(complaint(fault));
			}
		}

		const first = FIELDS.find((name) => refused.fields.some((fault) => fault.field === name));
		if (!first && !elsewhere.length) elsewhere.push(refused.message);
		text(document.getElementById('form-error'), elsewhere.join(' '));
		announce(refused.fields.map(complaint).join(' ') || refused.message, true);
		if (first) this.#control(first).focus();
		else document.getElementById('form-error').focus();
	}

	#clear() {
		for (const name of FIELDS) this.#fault(name, '');
		text(document.getElementById('form-error'), '');
	}

	#fault(name, sentence) {
		if (!FIELDS.includes(name)) return;
		const field = this.#form.querySelector(`[data-field="${name}"]`);

		text(document.getElementById(`${name}-error`), sentence);
		field.classList.toggle('wrong', Boolean(sentence));
		/* A radio button cannot be invalid; its group is described by the sentence all the same. */
		if (name !== 'format') attr(this.#control(name), 'aria-invalid', sentence ? 'true' : null);
	}

	#control(name) {
		const c = this.#form.elements[name];
		return c instanceof RadioNodeList ? [...c].find((r) => r.checked) ?? c[0] : c;
	}
}
