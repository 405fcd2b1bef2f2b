/* Forms that a view builds: their fields, their drafts, their buttons. What is wrong is said by form.js. */

import { announce, attr, el, text } from './dom.js';
import { blame, clearFaults } from './form.js';
import { load, save } from './store.js';

/* A field built here: field('name', 'Name', el('input', { maxlength: 100 }), 'What others see') */
export function field(name, label, control, hint) {
	const id = `${name}-${++field.count}`;

	attr(control, 'id', id);
	attr(control, 'name', control.getAttribute('name') ?? name);
	attr(control, 'aria-describedby', `${id}-error${hint ? ` ${id}-hint` : ''}`);
	return el('div', { class: 'field', 'data-field': name },
		el('label', { for: id }, label), control,
		hint && el('p', { class: 'hint', id: `${id}-hint` }, hint),
		el('p', { class: 'error', id: `${id}-error` }));
}
field.count = 0;

/* What is typed survives a reload; → forget(), to be called when it has been sent. Hidden and file inputs and passwords,
 * which may be shown as text, are not kept. */
export function keepDraft(form, name) {
	const kept = () => [...form.elements].filter((c) => c.name && !['hidden', 'file'].includes(c.type)
		&& !/password$/.test(c.autocomplete) && /^(INPUT|TEXTAREA|SELECT)$/.test(c.tagName));
	const draft = load(name, {});

	for (const c of kept()) {
		if (draft[c.name] === undefined) continue;
		if (c.type === 'radio') c.checked = c.value === draft[c.name];
		else if (c.type === 'checkbox') c.checked = draft[c.name].includes(c.value);
		else c.value = draft[c.name];
	}
	form.addEventListener('input', () => {
		const now = {};

		for (const c of kept()) {
			if (c.type === 'radio') {
				if (c.checked) now[c.name] = c.value;
			} else if (c.type === 'checkbox') {
				now[c.name] ??= [];
				if (c.checked) now[c.name].push(c.value);
			} else {
				now[c.name] = c.value;
			}
		}
		save(name, now);
	});
	return () => save(name, {});
}

/* Runs what a button does: not twice at once, and its failure is said in `line` (an element) or at `form`. → what
 * action() resolves to, or undefined when it failed. */
export async function act(button, where, action) {
	if (button.getAttribute('aria-disabled') === 'true') return undefined;
	/* Not `disabled`: that would take the focus away. */
	attr(button, 'aria-disabled', 'true');
	try {
		if (where?.tagName === 'FORM') clearFaults(where);
		else if (where) text(where, '');
		return await action();
	} catch (e) {
		if (!('status' in e) && !('retryAfter_s' in e)) throw e;
		if (where?.tagName === 'FORM') {
			blame(where, e);
		} else {
			if (where) text(where, e.message);
			announce(e.message, true);
		}
		return undefined;
	} finally {
		attr(button, 'aria-disabled', null);
	}
}

/* So soon after the answer, a press is the second half of a double click, or the next of a key that is held. */
const DOUBLE_MS = 1000;
const answered = new WeakMap();		/* button → when, by performance.now() */

/* The same for what makes something new each time: one too many makes nothing, and is undefined. */
export function actOnce(button, where, action) {
	if (performance.now() - answered.get(button) < DOUBLE_MS) {
		answered.set(button, performance.now());
		return Promise.resolve();
	}
	return act(button, where, async () => {
		const made = await action();

		answered.set(button, performance.now());
		return made;
	});
}
