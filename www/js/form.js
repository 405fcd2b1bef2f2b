/* What is wrong with a form is said at its field, in the server's own words.
 *
 * A field is an element with data-field="NAME" that holds the controls of that name, perhaps a .hint, and an
 * empty <p class="error" id="…"> which describes the controls. A form may have one .form-error for the rest. */

import { announce, attr, text } from './dom.js';
import { sentence } from './words.js';

const controls = (box) => [...box.querySelectorAll('input:not([type="hidden"]), textarea, select')];

/* One of the server's complaints about a field as a sentence: it says either what the field must be ("must be a
 * number") or the whole of it. */
export function complaint({ field, detail }) {
	const name = field.split('.').at(-1).replaceAll('_', ' ');

	return sentence(/[.!?]$/.test(detail) ? detail : `${name} ${detail}.`);
}

/* At one field; '' takes it away. → whether the form has that field */
export function fault(form, name, why) {
	const box = form.querySelector(`[data-field="${CSS.escape(name)}"]`);

	if (!box) return false;
	text(box.querySelector('.error'), why);
	box.classList.toggle('wrong', Boolean(why));
	for (const c of controls(box))
		/* A radio button cannot be invalid; its group is described by the sentence all the same. */
		if (c.type !== 'radio') attr(c, 'aria-invalid', why ? 'true' : null);
	return true;
}

/* Of all fields, or of one; and what stands at the form. */
export function clearFaults(form, name) {
	for (const box of form.querySelectorAll('[data-field]'))
		if (!name || box.dataset.field === name) fault(form, box.dataset.field, '');
	text(form.querySelector('.form-error'), '');
}

/* Each of the server's sentences at its field; what belongs to none stands at the form. For whatever else
 * went wrong, its message. */
export function blame(form, error) {
	const faults = error.fields ?? [];
	/* "attributes.tempo" and "prompt_ids[3]" belong to the outer one where the inner has no field. */
	const elsewhere = faults.filter((f) => !fault(form, f.field, complaint(f))
		&& !fault(form, f.field.split(/[.[]/)[0], complaint(f)));
	const rest = form.querySelector('.form-error');

	text(rest, faults.length ? elsewhere.map(complaint).join(' ') : error.message);
	announce(faults.map(complaint).join(' ') || error.message, true);
	const box = form.querySelector('[data-field].wrong');
	if (!box) return rest.focus();
	for (let d = box.closest('details'); d; d = d.parentElement.closest('details')) d.open = true;
	const all = controls(box);
	(all.find((c) => c.checked) ?? all[0] ?? box.querySelector('button'))?.focus();
}
