/* Passwords: a field that one can look at while one types, and the form that changes one's own. */

import { call } from '../api.js';
import { announce, attr, el, text } from '../dom.js';
import { act, field } from '../fields.js';

/* What makes a good one. */
export const HOW = 'At least 10 characters; a few words are good.';

/* autocomplete: "current-password" or "new-password". → { el, input } */
export function passwordField(name, label, autocomplete, hint) {
	const input = el('input', { type: 'password', autocomplete, autocapitalize: 'none', spellcheck: 'false' });
	const button = el('button', { class: 'quiet', type: 'button', 'aria-pressed': 'false' }, 'Show');
	const box = field(name, label, input, hint);

	attr(button, 'aria-label', `Show: ${label}`);
	button.addEventListener('click', () => {
		const shown = input.type === 'password';

		input.type = shown ? 'text' : 'password';
		attr(button, 'aria-pressed', String(shown));
		text(button, shown ? 'Hide' : 'Show');
	});
	const place = el('div', { class: 'password' });
	input.replaceWith(place);
	place.append(input, button);
	return { el: box, input };
}

/* Nothing of it is kept as a draft. */
export function passwordForm(login) {
	const current = passwordField('current_password', 'Current password', 'current-password');
	const next = passwordField('new_password', 'New password', 'new-password', HOW);
	const button = el('button', { class: 'button', type: 'submit' }, 'Change the password');
	const done = el('p', { class: 'hint', role: 'status' });
	/* The name is for the browser's own list of passwords. */
	const form = el('form', { class: 'form', novalidate: '', 'aria-labelledby': 'password-title' },
		el('input', { type: 'text', autocomplete: 'username', value: login, readonly: '', hidden: '' }),
		current.el, next.el, el('p', { class: 'error form-error', tabindex: '-1' }),
		el('div', { class: 'shelf-actions' }, button), done);

	form.addEventListener('submit', (e) => {
		e.preventDefault();
		text(done, '');
		act(button, form, async () => {
			await call('PUT', 'session/password', {
				body: { current_password: current.input.value, new_password: next.input.value },
			});
			form.reset();
			text(done, 'It is changed. Wherever else you were signed in, you no longer are.');
			announce('The password is changed.');
		});
	});
	return el('section', { 'aria-labelledby': 'password-title' }, el('h2', { id: 'password-title' }, 'Password'), form);
}
