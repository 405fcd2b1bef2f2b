/* A new A/B test. What is wrong is said by the server at its field; only what would cost many requests to learn (more
 * than 100 prompts) is said before. */

import { lacking } from '../access/roles.js';
import { back } from '../address.js';
import { get, post, Unreachable } from '../api.js';
import { patiently } from '../connection.js';
import { announce, el, text } from '../dom.js';
import { act, field, keepDraft } from '../fields.js';
import { blame, clearFaults } from '../form.js';
import { parseDuration, parseNumber } from '../studio/typed.js';
import { formatName } from '../words.js';
import { estimate, plan } from './words.js';
import { Prompts } from './prompts.js';

export const title = 'New A/B test';

const DRAFT = 'test';
const BASE = '';		/* the base model, among the values of a choice */

export async function open(root, route, app) {
	const prompts = new Prompts();
	const form = build(prompts, armChoice(await adapters()));
	const forget = keepDraft(form, DRAFT);
	const f = form.elements, sum = form.querySelector('.tests-sum');
	let stats = null;

	for (const arm of ['a', 'b']) {
		const given = route.query.get(arm), control = f[`adapter_${arm}_id`];
		if ([...control.options].some((o) => o.value === given)) control.value = given;
	}
	root.append(back('#/tests', 'A/B tests'), el('h1', { tabindex: '-1' }, title), form, lacking('creator'));

	const add = () => text(sum, prompts.tooMany || plan(prompts.count, Number(f.samples_per_prompt.value),
		estimate(stats, 2 * prompts.count * f.samples_per_prompt.value, Number(parseDuration(f.duration.value) ?? 10))));

	form.addEventListener('input', (e) => {
		for (let box = e.target.closest('[data-field]'); box; box = box.parentElement.closest('[data-field]'))
			clearFaults(form, box.dataset.field);
		prompts.tell();
	});
	prompts.addEventListener('change', add);
	form.addEventListener('submit', (e) => { e.preventDefault(); create(e.submitter); });
	prompts.tell();
	patiently(() => get('jobs/stats')).then((s) => { stats = s; add(); }, () => {});

	function create(button) {
		/* The other button is at it. */
		if (form.querySelector('.tests-doings [aria-disabled]')) return undefined;
		if (prompts.tooMany) return blame(form, { fields: [{ field: 'prompt_ids', detail: prompts.tooMany }] });
		return act(button, form, async () => {
			const ids = await prompts.ids((nth, of) => text(sum, `Storing prompt ${nth} of ${of} …`)).finally(add);
			const test = await make({ ...body(f), prompt_ids: ids });

			forget();
			prompts.forget();
			/* Twice adds nothing. */
			if (!button.value) await patiently(() => post(`ab-tests/${test.id}/generate`, {}));
			announce(`The test ${test.name} is there.`);
			await app.go(`#/tests/${test.id}`);
		});
	}

	return {};
}

/* Twice would be two tests, so it is not tried again by itself. */
async function make(what) {
	try {
		return await post('ab-tests', what);
	} catch (e) {
		if (!(e instanceof Unreachable)) throw e;
		throw new Unreachable(`${e.message} Look whether the test is in the list of A/B tests before you try again.`);
	}
}

/* All that can be an arm. */
async function adapters() {
	const all = [];

	for (let more = true; more && all.length < 1000;) {
		const page = await patiently(() => get(`adapters?active_only=true&limit=100&offset=${all.length}`));
		all.push(...page.items);
		more = page.has_more;
	}
	return all;
}

/* → a function that makes the choice of one arm. */
function armChoice(all) {
	const models = [...Map.groupBy(all, (a) => a.base_model)];
	const option = (a) => el('option', { value: a.id, disabled: !a.has_weights },
		a.has_weights ? a.name : `${a.name} (has no weights yet)`);

	return () => el('select', {}, el('option', { value: BASE }, 'Base model'),
		...models.flatMap(([model, some]) => (models.length === 1 ? some.map(option)
			: [el('optgroup', { label: some[0].base_model_config?.display_name ?? model }, ...some.map(option))])));
}

function build(prompts, arm) {
	const b = arm(), first = [...b.options].find((o) => o.value && !o.disabled);
	const small = (name, label, hint, more = {}) =>
		field(name, label, el('input', { inputmode: 'decimal', autocomplete: 'off', ...more }), hint);
	const count = el('select', {}, ...Array.from({ length: 10 }, (_, i) => el('option', { value: i + 1 }, i + 1)));
	const format = el('select', {}, ...['flac', 'wav', 'ogg', 'opus', 'mp3'].map((name) =>
		el('option', { value: name }, formatName(name))));

	/* What one usually wants to know: does the newest adapter beat none? */
	if (first) first.selected = true;
	return el('form', {
		class: 'form panel tests-form', 'data-needs': 'creator', novalidate: '', autocomplete: 'off', 'aria-label': 'New A/B test',
	},
		first ? null : el('p', { class: 'notice' }, 'An A/B test compares adapters, and there is none yet. ',
			el('a', { href: '#/adapters' }, 'Upload one first')),
		field('name', 'Name', el('input', { maxlength: 200, placeholder: 'Does the new adapter swing more?' })),
		el('div', { class: 'row' }, field('adapter_a_id', 'A', arm()), field('adapter_b_id', 'B', b)),
		prompts.el,
		el('div', { class: 'row tests-three' },
			field('samples_per_prompt', 'Pairs per prompt', count, 'each with another seed'),
			small('duration', 'Duration', 'seconds, or 1:30', { placeholder: '10', inputmode: 'text' }),
			small('seed', 'Seed', 'of the first pair', { placeholder: 'a new one', inputmode: 'numeric' })),
		el('details', {}, el('summary', {}, 'Details'),
			field('description', 'Description', el('textarea', { rows: 2, maxlength: 2000 })),
			el('div', { class: 'row tests-three' },
				small('adapter_scale', 'Adapter scale', 'how strong, 0–2', { placeholder: '1' }),
				field('format', 'Format', format),
				small('priority', 'Priority', '0 is first, 9 last', { placeholder: '5', inputmode: 'numeric' }),
				small('temperature', 'Temperature', '0.1–2', { placeholder: '1' }),
				small('guidance_scale', 'Guidance scale', '1–10', { placeholder: '3' }),
				small('top_k', 'Top k', '0–1000', { placeholder: '250', inputmode: 'numeric' }),
				small('top_p', 'Top p', '0–1', { placeholder: '0' }))),
		el('p', { class: 'tests-sum', role: 'status' }),
		el('p', { class: 'error form-error', tabindex: '-1' }),
		el('div', { class: 'tests-doings' },
			el('button', { class: 'button' }, 'Create and generate'),
			el('button', { class: 'quiet', value: 'later' }, 'Only create')));
}

const NUMBERS = ['seed', 'adapter_scale', 'priority', 'temperature', 'guidance_scale', 'top_k', 'top_p'];

const body = (f) => ({
	name: f.name.value.trim(),
	description: f.description.value.trim() || undefined,
	adapter_a_id: f.adapter_a_id.value || null,
	adapter_b_id: f.adapter_b_id.value || null,
	samples_per_prompt: Number(f.samples_per_prompt.value),
	duration: parseDuration(f.duration.value),
	format: f.format.value,
	...Object.fromEntries(NUMBERS.map((name) => [name, parseNumber(f[name].value)])),
});
