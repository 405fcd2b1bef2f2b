/* All users, what each may, and the form that begins one. */

import { back } from '../address.js';
import { call, post } from '../api.js';
import { announce, el } from '../dom.js';
import { field } from '../fields.js';
import { lasting, many } from '../figures.js';
import { Listing } from '../listing.js';
import { session } from '../session.js';
import { actionButton, badge, entitle, shelfForm, when } from '../shelf.js';
import { parseDuration, parseNumber } from '../studio/typed.js';
import { HOW, passwordField } from './password.js';
import { roleField } from './roles.js';

const HANDING = `${HOW} Give it to them where nobody else can read it; they can change it.`;

export async function listUsers(root) {
	const listing = new Listing({ row: (user) => new Row(user).el, label: 'Users' });

	root.append(back('#/account', 'Your account'),
		el('div', { class: 'view-head' }, el('h1', { tabindex: '-1' }, 'Users'),
			el('a', { class: 'button', href: '#/users/new' }, 'New user')),
		listing.el);
	await listing.show('users');
	return {};
}

/* One user: changed in place. */
class Row {
	#user;
	#body = el('div', {});
	#error = el('p', { class: 'error', role: 'alert' });
	#title;

	constructor(user) {
		this.#title = el('h2', { id: `user-${user.id}`, tabindex: '-1' }, user.login);
		this.el = el('li', {}, el('article', { 'aria-labelledby': this.#title.id }, this.#body, this.#error));
		this.#describe(user);
	}

	get #isMe() {
		return this.#user.id === session.user?.id;
	}

	#describe(user) {
		const { role, disabled, created_at: since, last_sign_in_at: last } = user;

		this.#user = user;
		const button = (words, action) => {
			const b = actionButton(words, this.#error, action);

			b.setAttribute('aria-describedby', this.#title.id);
			return b;
		};

		this.#body.replaceChildren(
			el('div', { class: 'shelf-row-head' },
				el('div', { class: 'shelf-title' }, this.#title, badge(disabled ? '' : 'active', role),
					...(disabled ? [badge('failed', 'disabled')] : []), ...(this.#isMe ? [badge('', 'you')] : [])),
				el('div', { class: 'shelf-actions' }, button('Edit', () => this.#edit()),
					/* Whoever locks themselves out needs the command line to come back. */
					...(this.#isMe ? [] : [button(disabled ? 'Enable' : 'Disable', () => this.#able(!disabled))]))),
			el('p', { class: 'meta' }, 'since ', when(since), ' · ',
				...(last ? ['signed in ', when(last)] : ['never signed in']), ...limits(user).map((words) => ` · ${words}`)));
	}

	async #change(body) {
		const { data } = await call('PATCH', `users/${this.#user.id}`, { body });

		this.#describe(data);
		return data;
	}

	async #able(disabled) {
		const { login } = await this.#change({ disabled });

		announce(disabled ? `${login} is disabled, and signed out everywhere.` : `${login} may sign in again.`);
		this.#title.focus();
	}

	#edit() {
		const user = this.#user, password = passwordField('password', 'A new password', 'new-password',
			`Empty: it stays as it is. ${HANDING}`);
		const done = () => { this.#describe(this.#user); this.#title.focus(); };
		const role = roleField(user.role);
		const form = shelfForm({
			draft: `user:${user.id}`, label: `Edit ${user.login}`, submit: 'Save', cancel: done,
			fields: [
				/* One's own role is not one's own to lower by mistake; one's password has its own place. */
				...(this.#isMe ? limitFields(user) : [role.el, ...limitFields(user), password.el])],
			send: async (f) => {
				await this.#change({
					...(!this.#isMe && role.select.value !== user.role && { role: role.select.value }),
					...(password.input.value && { password: password.input.value }),
					...limitsOf(f),
				});
				announce(`${user.login} is changed.`);
				this.#title.focus();
			},
		});

		this.#body.replaceChildren(el('div', { class: 'shelf-title' }, this.#title), el('div', { class: 'panel shelf-panel' }, form));
		form.querySelector('select, input').focus();
	}
}

/* Those that are the user's own, in words. */
function limits({ max_queued_jobs: jobs, max_audio_seconds_per_day: seconds }) {
	return [
		Number.isFinite(jobs) && (jobs ? `${many(jobs, 'waiting job')} at most` : 'any number of waiting jobs'),
		Number.isFinite(seconds) && (seconds ? `${lasting(seconds)} of music a day at most` : 'any amount of music'),
	].filter(Boolean);
}

const limitFields = (user) => [
	field('max_queued_jobs', 'Waiting jobs at most',
		el('input', { inputmode: 'numeric', value: user.max_queued_jobs ?? '' }), 'Empty: as many as everybody. 0: any number.'),
	field('max_audio_seconds_per_day', 'Music a day at most',
		el('input', { inputmode: 'text', value: user.max_audio_seconds_per_day ?? '' }),
		'Seconds, or 60 min. Empty: as much as everybody. 0: any amount.'),
];

const limitsOf = ({ max_queued_jobs: jobs, max_audio_seconds_per_day: seconds }) => ({
	max_queued_jobs: parseNumber(jobs.value) ?? null,
	max_audio_seconds_per_day: parseDuration(seconds.value) ?? null,
});

export function newUser(root, app) {
	const title = el('h1', { tabindex: '-1' });
	const password = passwordField('password', 'Password', 'new-password', HANDING);
	const login = el('input', { autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' });

	root.append(back('#/users', 'All users'), title, shelfForm({
		draft: 'user', label: 'New user', submit: 'Make the account',
		fields: [field('login', 'Login', login, 'Small letters, digits and . _ @ + -'), roleField('creator').el, password.el],
		async send({ role }) {
			const made = await post('users', { login: login.value.trim(), role: role.value, password: password.input.value });

			announce(`${made.login} has an account now.`);
			await app.go('#/users');
		},
	}));
	entitle(title, 'New user');
	return {};
}
