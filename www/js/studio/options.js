/* What is under "More" in the studio's form: model, adapter and its scale, seed, experiment, sampling. What does not
 * apply is hidden, and what is hidden is not sent (typed.js). Closed, its line tells what is chosen. */

import { get } from '../api.js';
import { patiently } from '../connection.js';
import { text } from '../dom.js';
import { load, save } from '../store.js';
import { formatName } from '../words.js';

const byId = (id) => document.getElementById(id);
const SAMPLING = { temperature: 'temperature', guidance_scale: 'guidance', top_k: 'top k', top_p: 'top p' };

export async function begin(form, app, composer) {
	const options = new Options(form, app, composer);

	await options.read();
	return options;
}

class Options {
	#form;
	#f;
	#composer;
	#models = [];
	#adapters = [];
	#experiments = [];
	#current = '';

	constructor(form, { jobs }, composer) {
		const details = byId('options');

		this.#form = form;
		this.#f = form.elements;
		this.#composer = composer;
		details.addEventListener('toggle', () => {
			save('options', details.open);
			if (details.open) this.read();
		});
		form.addEventListener('input', (e) => this.#changed(e.target));
		form.addEventListener('filled', () => this.#filled());
		byId('same-seed').addEventListener('change', (e) => this.#sameSeed(e.target.checked));
		jobs.addEventListener('made', (e) => this.#made(e.detail));
		/* It may have been opened before this was here. */
		save('options', details.open);
		this.#filled();
		byId('same-seed').checked ||= load('same-seed', false);
	}

	/* The lists, anew whenever the fields are opened. */
	async read() {
		/* One that cannot be had leaves the others. */
		const list = (path) => patiently(() => get(path)).then((l) => l.items, () => []);
		const [{ models, current_model: current }, adapters, ...experiments] = await Promise.all([
			patiently(() => get('models')).catch(() => ({ models: [] })),
			list('adapters?active_only=true&limit=100'),
			list('experiments?status=running&limit=100'), list('experiments?status=draft&limit=100')]);

		this.#models = models;
		this.#current = current;
		this.#adapters = adapters.filter((a) => a.has_weights);
		this.#experiments = experiments.flat();
		this.#show();
		const { duration } = this.#f;
		if (this.#composer.hasDraft || duration.value !== duration.defaultValue || !this.#model) return;
		duration.value = this.#model.recommended_duration_seconds;
		this.#sum();
	}

	get #model() {
		return this.#models.find((m) => m.id === (this.#f.model.value || this.#current));
	}

	#show() {
		const models = this.#models, model = this.#model, id = model?.id ?? this.#f.model.value;
		const others = models.filter((m) => m.id !== this.#current);
		const current = models.find((m) => m.id === this.#current), available = model?.is_available ?? true;
		const adapters = this.#adapters.filter((a) => a.base_model === id);
		const pairs = (list, name) => list.map((one) => [one.id, one[name]]);

		if (this.#f.model.value === this.#current) this.#f.model.value = '';
		this.#offer('model', current?.display_name ?? 'As configured', pairs(others, 'display_name'));
		this.#offer('adapter_id', 'None', pairs(adapters, 'name'));
		this.#offer('experiment_id', 'None', pairs(this.#experiments, 'name'));
		this.#box('model').hidden = !this.#f.model.value && models.length < 2 && available;
		this.#box('adapter_id').hidden = this.#f.adapter_id.length < 2;
		this.#box('experiment_id').hidden = this.#f.experiment_id.length < 2;
		byId('sampling').hidden = !model?.sampling;
		byId('notice').hidden = available;
		text(byId('model-hint'), model ? `${model.description} ${model.last_failure?.detail ?? ''}`.trim() : '');
		if (!available)
			text(byId('notice'), `${model.display_name} cannot play at the moment: ${model.unavailable_reason}`);
		for (const b of this.#form.querySelectorAll('.preset'))
			b.hidden = model && Number(b.dataset.duration) > model.max_duration_seconds;
		this.#sum();
		/* For the next visit, which shall not jump when the lists come. */
		const shown = this.#form.querySelectorAll('.options-fields > [data-field]:not([hidden])');
		save('shown', [...shown].map((b) => b.dataset.field));
	}

	/* The options of a select: none, and these. What is there no more cannot stay chosen. */
	#offer(name, none, list) {
		const select = this.#f[name], before = select.value;
		const known = !before || list.some(([id]) => id === before);

		select.replaceChildren(new Option(none, ''), ...list.map(([id, label]) => new Option(label, id)));
		select.value = known ? before : '';
		if (known) return;
		text(this.#box(name).querySelector('.error'), 'What was chosen here is not on offer any more.');
	}

	#box(name) {
		return this.#form.querySelector(`[data-field="${name}"]`);
	}

	#changed(control) {
		if (control.name === 'model') this.#show();
		if (control.name === 'seed') this.#keepSeed(Boolean(control.value));
		this.#sum();
	}

	#filled() {
		const f = this.#f, adapter = this.#adapters.find((a) => a.id === f.adapter_id.value);

		this.#keepSeed(Boolean(f.seed.value));
		if (!this.#models.length) return this.#sum();
		if (adapter && adapter.base_model !== this.#model?.id) f.model.value = adapter.base_model;
		/* A choice without a name is younger than the lists. */
		const nameless = (select) => select.selectedOptions[0]?.text === '…';
		if ([f.model, f.adapter_id, f.experiment_id].some(nameless)) this.read();
		else this.#show();
	}

	#keepSeed(on) {
		byId('same-seed').checked = on;
		save('same-seed', on);
	}

	/* On: that of the last job, from now on or once there is one; off: a new one each time. */
	#sameSeed(on) {
		this.#f.seed.value = on ? this.#f.seed.value || load('last-seed', '') : '';
		save('same-seed', on);
		this.#composer.keep();
		this.#sum();
	}

	#made(job) {
		save('last-seed', String(job.generation_params.seed));
		if (byId('same-seed').checked && !this.#f.seed.value) this.#sameSeed(true);
	}

	/* What is chosen, in a line. */
	#sum() {
		const f = this.#f, name = (select) => select.value && select.selectedOptions[0].text;
		const scale = Number(f.adapter_scale.value);
		const sampling = byId('sampling').hidden ? []
			: Object.entries(SAMPLING).map(([n, word]) => f[n].value && `${word} ${f[n].value}`);

		this.#box('adapter_scale').hidden = !f.adapter_id.value;
		text(byId('scale'), scale.toFixed(2).replace(/\.?0+$/, ''));
		for (const b of this.#form.querySelectorAll('.preset'))
			b.setAttribute('aria-pressed', String(b.dataset.duration === f.duration.value.trim()));
		text(byId('chosen'), [
			name(f.model), name(f.adapter_id) && `${name(f.adapter_id)} at ${byId('scale').textContent}`,
			f.seed.value.trim() && `seed ${f.seed.value.trim()}`,
			f.format.value !== 'flac' && formatName(f.format.value), name(f.experiment_id),
			...sampling,
		].filter(Boolean).join(' · '));
	}
}
