/* What the shelves of adapters and of experiments share: the way back, facts, forms, badges. */

import { el, text } from './dom.js';
import { act, keepDraft } from './fields.js';
import { load } from './store.js';
import { ago, moment, sentence } from './words.js';

export { many } from './figures.js';

export function when(iso) {
	return el('time', { datetime: iso, title: moment(iso) }, ago(iso));
}

export function badge(state, words = sentence(state)) {
	return el('span', { class: 'badge', 'data-state': state }, words);
}

/* [[label, value]…] as a list of facts; a value is text, a node, or an array of both. What is null is left out. */
export function facts(pairs, className = 'shelf-facts') {
	return el('dl', { class: className }, ...pairs
		.filter(([, value]) => value !== null && value !== undefined && value !== '')
		.map(([label, value]) => el('div', {}, el('dt', {}, label), el('dd', {}, ...[value].flat()))));
}

/* A form whose draft is kept under `draft`, from its fields; submit: what its button says; send(controls) → a
 * promise, whose failure is said at the field it belongs to; cancel(): what the other button does, if there
 * shall be one; needs: the role that it takes. */
export function shelfForm({ draft, label, fields, submit, send, cancel, needs }) {
	const button = el('button', { class: 'button', type: 'submit' }, submit);
	const about = { class: 'form', 'data-needs': needs, novalidate: '', autocomplete: 'off', 'aria-label': label };
	const form = el('form', about, ...fields,
		el('p', { class: 'error form-error', tabindex: '-1' }),
		el('div', { class: 'shelf-actions' }, button, cancel && el('button', {
			class: 'quiet', type: 'button', onclick: () => { forget(); cancel(); },
		}, 'Cancel')));
	const forget = keepDraft(form, draft);

	form.addEventListener('submit', (e) => {
		e.preventDefault();
		act(button, form, async () => {
			await send(form.elements);
			forget();
		});
	});
	return form;
}

/* Was something typed there, and neither sent nor taken back? */
export const hasDraft = (draft) => Object.keys(load(draft, {})).length > 0;

/* A button in a row of actions: action() is not run twice at once, and its failure is said in `line`. needs: the role
 * that it takes. */
export function actionButton(words, line, action, className = 'quiet', needs) {
	const button = el('button', { class: className, type: 'button', 'data-needs': needs }, words);

	button.addEventListener('click', () => act(button, line, action));
	return button;
}

/* Choices in a line, one of which stands in the address: chooser('status', [['', 'All'], …], chosen, picked) */
export function chooser(name, label, choices, chosen, picked) {
	return el('fieldset', { class: 'field shelf-chooser' }, el('legend', { class: 'sr' }, label),
		el('div', { class: 'choice' }, ...choices.map(([value, words]) => el('label', {}, el('input', {
			type: 'radio', name, value, checked: value === chosen && '', onchange: () => picked(value),
		}), el('span', {}, words)))));
}

/* Sets what stands in the browser's tab and in the heading. */
export function entitle(heading, words) {
	text(heading, words);
	document.title = `${words} · Earshot`;
}
