/* Signing in: a dialog over whatever one was at. What the server would not answer waits meanwhile (api.js), and goes on
 * afterwards, so that nothing typed is lost. Where nobody was signed in before, it covers the page. */

import { get, post, Refused, Unreachable } from '../api.js';
import { connection } from '../connection.js';
import { announce, attr, el, text } from '../dom.js';
import { act, field } from '../fields.js';
import { lasting } from '../figures.js';
import { session } from '../session.js';
import { read, WHO } from '../store.js';
import { met } from './meet.js';
import { passwordField } from './password.js';

/* An answer that was under way while somebody signed in is older than the session. */
const LATE_MS = 300;

let waiting = null;

/* Resolves when the server knows who asks. → whether somebody had to sign in for it */
export function signedIn() {
	waiting ??= known().finally(() => { waiting = null; });
	return waiting;
}

async function known() {
	const late = await look();

	if (late) await pause(LATE_MS);
	else await new Promise((done) => new SignIn(done).show());
	return !late;
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/* Somebody may have signed in elsewhere in this browser. → whether the server knows them. While it is away this asks
 * on: the polling, which does so otherwise, may be what waits for the sign-in. */
async function look() {
	for (;;) {
		try {
			const answer = await get('session');

			connection.ok();
			return met(answer);
		} catch (e) {
			if (!(e instanceof Unreachable)) throw e;
			await Promise.race([pause(connection.failed(e)), connection.up()]);
		}
	}
}

class SignIn {
	#done;
	/* Who was here before sees what they were at; somebody new sees nothing of it. */
	#covers = !session.answer || Boolean(read(WHO)?.out);
	#login = el('input', { autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', required: '' });
	#password = passwordField('password', 'Password', 'current-password');
	#button = el('button', { class: 'button', type: 'submit' }, 'Sign in');
	#form;
	#dialog;
	#link = document.getElementById('account');
	#elsewhere = () => get('session').then(met).then((is) => { if (is) this.#end(); }).catch(() => {});
	#reopen = (e) => { e.preventDefault(); this.show(); };

	constructor(done) {
		this.#done = done;
		this.#login.value = session.user?.login ?? '';
		/* The page's own head is under the cover. */
		const brand = this.#covers && el('p', { class: 'brand' }, ...document.querySelector('.top .brand').cloneNode(true).childNodes);

		this.#form = el('form', { class: 'form', novalidate: '' }, brand || null,
			el('h1', { id: 'signin-title' }, this.#covers ? 'Sign in' : 'Sign in again'),
			el('p', { class: 'hint' }, this.#covers ? 'This studio is for people with an account; its admins give them out.'
				: 'Your session has ended. Nothing is lost: what you were at goes on as soon as you are back.'),
			field('login', 'Login', this.#login), this.#password.el,
			el('p', { class: 'error form-error', role: 'alert', tabindex: '-1' }),
			el('div', { class: 'signin-foot' }, this.#button, this.#covers ? null
				: el('button', { class: 'quiet', type: 'button', onclick: () => this.#dialog.close() }, 'Not now')));
		this.#form.addEventListener('submit', (e) => { e.preventDefault(); this.#submit(); });
		this.#dialog = el('dialog', { class: `dialog signin${this.#covers ? ' signin-covers' : ''}`,
			'aria-labelledby': 'signin-title', onclose: () => this.#closed() }, this.#form);
		document.body.append(this.#dialog);
		if (this.#covers) document.documentElement.dataset.role = 'none';
		for (const [whose, type] of [[window, 'focus'], [window, 'storage'], [document, 'visibilitychange']])
			whose.addEventListener(type, this.#elsewhere);
	}

	show() {
		if (this.#dialog.open) return;
		this.#dialog.showModal();
		(this.#login.value ? this.#password.input : this.#login).focus();
	}

	#submit() {
		return act(this.#button, this.#form, () => this.#try()).finally(() => {
			if (!this.#dialog.isConnected || this.#form.querySelector('.wrong')) return;
			this.#password.input.focus();
			this.#password.input.select();
		});
	}

	async #try() {
		try {
			await post('session', { login: this.#login.value.trim(), password: this.#password.input.value });
		} catch (e) {
			if (e.wait_s) this.#rest(e.wait_s);
			throw e;
		}
		if (!await look())
			throw new Refused(401, { detail: 'The password is right, but this browser does not keep the session: allow cookies for '
				+ 'this site, and sign in once more.' });
		announce(`Signed in as ${session.user.login}.`);
		this.#end();
	}

	/* Too many tries: the button tells how long. */
	#rest(seconds) {
		const until_ms = Date.now() + seconds * 1000;
		const tick = () => {
			const s = Math.ceil((until_ms - Date.now()) / 1000);

			text(this.#button, s > 0 ? `Try again in ${lasting(s)}` : 'Sign in');
			attr(this.#button, 'aria-disabled', s > 0 ? 'true' : null);
			if (s <= 0) clearInterval(timer);
		};
		const timer = setInterval(tick, 1000);

		/* When the failure has been told. */
		setTimeout(tick);
	}

	/* By Escape or "Not now": the way back stands in the page's head. */
	#closed() {
		if (!this.#dialog.isConnected) return;
		if (this.#covers) return this.show();
		this.#link.lastChild.textContent = 'Sign in';
		this.#link.addEventListener('click', this.#reopen);
	}

	#end() {
		for (const [whose, type] of [[window, 'focus'], [window, 'storage'], [document, 'visibilitychange']])
			whose.removeEventListener(type, this.#elsewhere);
		this.#link.removeEventListener('click', this.#reopen);
		this.#dialog.close();
		this.#dialog.remove();
		this.#done();
	}
}
