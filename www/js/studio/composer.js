/* The form. The form itself is the state: a named control for all that a submission may hold, kept as a draft
 * with every stroke. What is wrong is said at its field, in the server's own words: the page knows no limits
 * of its own that could differ from the server's.
 *
 * What the first look does without comes when somebody turns to the form, or soon after: chips.js (what the
 * engine understands), options.js (what is under "More"), ready.js (a take plays when it is done), submission.js.
 * Event `filled` at the form: it holds other values, and nobody typed them. */

import { text } from '../dom.js';
import { load, save } from '../store.js';

const SOON_MS = 2500;

/* What is there before anybody chose. */
const DEFAULTS = { format: 'flac', num_samples: '1', adapter_scale: '1' };

export class Composer {
	#form;
	#controls;
	#app;
	#begun = {};

	/* app: what main.js gives to all views */
	constructor(form, app) {
		const draft = load('draft', {});

		this.#form = form;
		this.#controls = form.elements;
		this.#app = app;
		this.fill(draft);
		this.hasDraft = Boolean(Object.values(draft).join(''));
		form.addEventListener('focusin', () => this.#whole());
		form.addEventListener('input', () => this.keep());
		form.addEventListener('submit', (e) => { e.preventDefault(); this.#submit(); });
		form.addEventListener('click', (e) => this.#clicked(e.target));
		this.#controls.prompt.addEventListener('keydown', (e) => {
			if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey) || e.isComposing) return;
			e.preventDefault();
			form.requestSubmit();
		});
		/* What was open stays open, at once and not when the rest comes: nothing shall jump. */
		document.getElementById('options').open = load('options', false);
		for (const name of load('shown', [])) this.#box(name).hidden = false;
		form.classList.toggle('waits', this.hasDraft);
		setTimeout(() => this.#whole(), this.hasDraft || !load('play-when-ready', true) ? 0 : SOON_MS);
	}

	#box(name) {
		return this.#form.querySelector(`[data-field="${name}"]`);
	}

	/* Puts in what `values` holds under the names of POST /generate (a draft, or what a job was made of); null
	 * empties, what is not there stays. A prompt without attributes has none. */
	fill(values) {
		const all = 'prompt' in values ? { attributes: null, ...values } : values;

		for (const [name, value] of Object.entries(all))
			if (this.#controls[name] && value !== undefined) this.#put(name, value);
		this.#form.dispatchEvent(new Event('filled'));
	}

	/* The same, by the listener's wish: keep it and go there. */
	take(values) {
		this.fill(values);
		this.keep();
		this.#whole();
		this.#controls.prompt.focus({ preventScroll: true });
		this.#form.scrollIntoView({ block: 'nearest' });
	}

	keep() {
		const names = [...this.#controls].map((c) => c.name).filter(Boolean);

		save('draft', Object.fromEntries(names.map((name) => [name, this.#controls[name].value])));
	}

	#put(name, value) {
		const c = this.#controls[name];
		const v = value === null ? DEFAULTS[name] ?? ''
			: typeof value === 'object' ? JSON.stringify(value) : String(value);

		/* The lists come later; until then the choice stands there without its name. */
		if (c.tagName === 'SELECT' && ![...c.options].some((o) => o.value === v)) c.add(new Option('…', v));
		c.value = v;
		if (v && v !== DEFAULTS[name]) this.#box(name).hidden = false;
	}

	#clicked(target) {
		const { attribute, duration } = target.closest('button')?.dataset ?? {};

		if (attribute) this.#part('chips', () => import('./chips.js')).then((c) => c?.press(attribute));
		if (target.id === 'ideas') this.#part('ideas', () => import('./ideas.js')).then((i) => i?.show());
		if (!duration) return;
		this.#controls.duration.value = duration;
		this.#controls.duration.dispatchEvent(new Event('input', { bubbles: true }));
	}

	#whole() {
		this.#part('chips', () => import('./chips.js'));
		this.#part('options', () => import('./options.js'));
		this.#part('ready', () => import('./ready.js'));
		this.#part('submission', () => import('./submission.js'));
	}

	/* Begun once, however often it is asked for; → what its begin() gave. */
	#part(name, load) {
		this.#begun[name] ??= load().then((m) => m.begin(this.#form, this.#app, this),
			() => { delete this.#begun[name]; });
		return this.#begun[name];
	}

	async #submit() {
		const submit = await this.#part('submission', () => import('./submission.js'));

		if (submit) submit();
		else text(this.#form.querySelector('.form-error'), 'The connection is lost.');
	}
}
