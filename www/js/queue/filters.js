/* The filters of the queue: what they say stands in the address, so that back, reload and a sent link work. */

import { get } from '../api.js';
import { patiently } from '../connection.js';
import { attr, el } from '../dom.js';
import { field } from '../fields.js';
import { STATES } from './row.js';

const CHOICES = ['adapter_id', 'model', 'experiment_id'];
const DATES = ['start_date', 'end_date'];
const DAY = /^\d{4}-\d\d-\d\d$/;

/* A day of the reader's calendar as an instant, since the server's days are those of UTC. What is no day goes to the
 * server as it is, which says what is wrong with it. */
function instant(day, end) {
	const at = DAY.test(day) ? new Date(`${day}T${end ? '23:59:59.999' : '00:00'}`) : NaN;

	return Number.isNaN(Number(at)) ? day : at.toISOString();
}

export class JobFilters {
	#boxes;
	#choices = {};
	#dates = {};
	#names = { model: new Map(), experiment_id: new Map(), adapter_id: new Map() };
	#test = '';			/* an A/B test that a link named; there is no field for it */
	#testLine = el('span', { class: 'hint', hidden: true }, 'Jobs of one A/B test.');
	#all = el('button', { type: 'button', onclick: () => this.#set(new URLSearchParams(), true) },
		el('span', {}, 'All'));

	/* onchange(values): for the address, see `values` */
	constructor(onchange) {
		this.onchange = onchange;
		this.#boxes = Object.entries(STATES).map(([value, label]) => [
			el('input', { type: 'checkbox', name: 'status', value }), label]);
		const select = (name, label, all) => {
			this.#choices[name] = el('select', {}, el('option', { value: '' }, all));
			return field(name, label, this.#choices[name]);
		};
		const date = (name, label) => {
			this.#dates[name] = el('input', { type: 'date' });
			return field(name, label, this.#dates[name]);
		};
		this.details = el('details', { class: 'queue-narrow' }, el('summary', {}, 'More filters'),
			el('div', { class: 'queue-fields' },
				select('adapter_id', 'Adapter', 'All'), select('model', 'Model', 'All'),
				select('experiment_id', 'Experiment', 'All'), date('start_date', 'From'), date('end_date', 'To')));
		this.el = el('form', { class: 'queue-filters', 'aria-label': 'Filters', autocomplete: 'off',
			onsubmit: (e) => e.preventDefault(), onchange: () => this.#changed() },
			el('fieldset', { class: 'queue-chips' }, el('legend', { class: 'sr' }, 'State'),
				el('span', { class: 'pill' }, this.#all),
				...this.#boxes.map(([box, words]) => el('label', { class: 'pill' }, box, el('span', {}, words)))),
			this.#testLine, this.details);
		this.#option('adapter_id', 'none', 'Base model');
	}

	/* What a row calls them; nothing where only one model can play. */
	modelName = (id) => (this.#names.model.size > 1 ? this.#names.model.get(id) : '');
	experimentName = (id) => this.#names.experiment_id.get(id);

	/* For the address: { status: […], adapter_id, … } */
	get values() {
		const out = { status: this.#boxes.filter(([box]) => box.checked).map(([box]) => box.value) };

		for (const name of CHOICES) out[name] = this.#choices[name].value;
		for (const name of DATES) out[name] = this.#dates[name].value;
		return { ...out, ab_test_id: this.#test };
	}

	/* For the API. */
	query({ status = true } = {}) {
		const q = new URLSearchParams();

		for (const [name, value] of Object.entries(this.values))
			if (name === 'status') for (const one of status ? value : []) q.append(name, one);
			else if (value) q.append(name, DATES.includes(name) ? instant(value, name === 'end_date') : value);
		return String(q);
	}

	get any() {
		return this.query() !== '';
	}

	/* From the address. */
	read(query) {
		this.#set(query, false);
		if ([...CHOICES, ...DATES].some((name) => query.get(name))) this.details.open = true;
	}

	/* What there is to choose from; what the address names already stays chosen meanwhile. */
	async load() {
		const [models, adapters, experiments] = await Promise.all([
			patiently(() => get('models')).then((r) => r.models.filter((m) => m.is_available)
				.map((m) => [m.id, m.display_name])),
			patiently(() => get('adapters?limit=100')).then((r) => r.items.map((a) => [a.id, a.name])),
			patiently(() => get('experiments?limit=100')).then((r) => r.items.map((x) => [x.id, x.name])),
		]);

		for (const [id, name] of models) this.#option('model', id, name);
		for (const [id, name] of adapters) this.#option('adapter_id', id, name);
		for (const [id, name] of experiments) this.#option('experiment_id', id, name);
	}

	#option(choice, id, name) {
		const select = this.#choices[choice], there = [...select.options].find((o) => o.value === id);

		this.#names[choice].set(id, name);
		if (there) there.textContent = name;
		else select.append(el('option', { value: id }, name));
	}

	#set(query, tell) {
		const states = query.getAll('status');

		for (const [box] of this.#boxes) box.checked = states.includes(box.value);
		for (const name of CHOICES) this.#choose(name, query.get(name) ?? '');
		for (const name of DATES) this.#dates[name].value = query.get(name) ?? '';
		this.#test = query.get('ab_test_id') ?? '';
		this.#tidy();
		if (tell) this.onchange(this.values);
	}

	/* One that is archived, or behind the first hundred, has a name as well. */
	#choose(name, id) {
		const select = this.#choices[name], kind = { adapter_id: 'adapters', experiment_id: 'experiments' }[name];

		if (id && ![...select.options].some((o) => o.value === id)) {
			select.append(el('option', { value: id }, '…'));
			const named = (words) => { if (!this.#names[name].has(id)) this.#option(name, id, words); };
			const ask = () => get(`${kind}/${encodeURIComponent(id)}`);
			if (kind) patiently(ask).then((r) => named(r.name), () => named('Unknown'));
			else named(id);
		}
		select.value = id;
	}

	#changed() {
		this.#tidy();
		this.onchange(this.values);
	}

	#tidy() {
		this.#testLine.hidden = !this.#test;
		attr(this.#all, 'aria-pressed', String(!this.any));
	}
}
