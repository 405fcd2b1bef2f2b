/* Tokens: what lets a program use the API in one's name. A token is shown once, when it is made; here it is kept nowhere
 * but in the element that shows it. */

import { del, post, Unreachable } from '../api.js';
import { command } from '../copy.js';
import { announce, el } from '../dom.js';
import { act, field } from '../fields.js';
import { Listing } from '../listing.js';
import { badge, shelfForm, when } from '../shelf.js';
import { moment } from '../words.js';
import { includes, SCOPES } from './roles.js';

const LASTING = [[7, 'A week'], [30, 'A month'], [90, 'Three months'], [365, 'A year'], [3650, 'Ten years']];

export class Tokens {
	#role;
	#title = el('h2', { id: 'tokens-title', tabindex: '-1' }, 'Tokens');
	#begin = el('button', { class: 'quiet', type: 'button', onclick: () => this.#open() }, 'New token');
	#place = el('div', {});
	#listing = new Listing({ row: (token) => this.#row(token), label: 'Tokens',
		empty: el('p', { class: 'hint' }, 'You have none.') });

	constructor(role) {
		this.#role = role;
		this.el = el('section', { class: 'tokens', 'aria-labelledby': 'tokens-title' },
			el('div', { class: 'shelf-row-head' }, this.#title, this.#begin),
			el('p', { class: 'hint' }, 'A token lets a program use the API in your name, as far as you allow it. It goes into a '
				+ 'header, Authorization: Bearer, or X-API-Key where a host takes that one away; never into an address.'),
			this.#place, this.#listing.el);
	}

	show() {
		return this.#listing.show('tokens');
	}

	#open() {
		const form = tokenForm(this.#role, (made) => this.#made(made), () => this.#shut());

		this.#begin.hidden = true;
		this.#place.replaceChildren(el('div', { class: 'panel shelf-panel' }, form));
		form.querySelector('input').focus();
	}

	#shut() {
		this.#place.replaceChildren();
		this.#begin.hidden = false;
		this.#begin.focus();
	}

	/* The only time that it is seen. */
	async #made({ name, token }) {
		const title = el('h3', { tabindex: '-1' }, 'Copy it now');
		const done = el('button', { class: 'button', type: 'button', onclick: () => this.#shut() }, 'I have it');

		this.#place.replaceChildren(el('div', { class: 'panel shelf-panel token-made', role: 'group', 'aria-label': 'The new token' },
			title, el('p', {}, `This is the token “${name}”. It is shown this once, and nobody can look it up later.`),
			command(token, 'The token'), el('div', { class: 'shelf-actions' }, done)));
		title.focus();
		announce('The token is made. Copy it now: it is shown only once.');
		await this.show();
	}

	#row(token) {
		const id = `token-${token.id}`, error = el('p', { class: 'error', role: 'alert' });
		const ended = token.expires_at && Date.parse(token.expires_at) <= Date.now();
		const can = el('div', { class: 'shelf-actions' });
		const button = (words, onclick, className = 'quiet') =>
			el('button', { class: className, type: 'button', 'aria-describedby': id, onclick }, words);
		const offer = (focus) => {
			const revoke = button(ended ? 'Remove' : 'Revoke', () => question());

			can.replaceChildren(revoke);
			if (focus) revoke.focus();
		};
		const question = () => {
			const keep = button('Keep it', () => offer(true));
			const yes = button(ended ? 'Remove it' : 'Revoke it', () => act(yes, error, () => this.#revoke(token)));

			can.replaceChildren(el('span', { class: 'hint', role: 'status' },
				ended ? 'It is of no use any more.' : 'What uses it will be refused at once.'), yes, keep);
			keep.focus();
		};

		offer(false);
		return el('li', {}, el('article', { 'aria-labelledby': id },
			el('div', { class: 'shelf-row-head' },
				el('div', { class: 'shelf-title' }, el('h3', { id }, token.name),
					...token.scopes.map((scope) => badge('', scope)), ...(ended ? [badge('failed', 'expired')] : [])), can),
			el('p', { class: 'meta' }, el('code', {}, `${token.prefix}…`), ' · made ', when(token.created_at), ' · ',
				...(token.last_used_at ? ['used ', when(token.last_used_at)] : ['never used']), ' · ',
				token.expires_at ? `${ended ? 'expired' : 'expires'} ${moment(token.expires_at)}` : 'does not expire'),
			error));
	}

	async #revoke({ id, name }) {
		/* Gone is gone. */
		await del(`tokens/${id}`).catch((e) => { if (e.status !== 404) throw e; });
		announce(`The token ${name} is revoked.`);
		await this.show();
		this.#title.focus();
	}
}

function tokenForm(role, made, cancel) {
	const expires = el('select', {}, ...LASTING.map(([days, words]) =>
		el('option', { value: days, selected: days === 90 && '' }, words)));
	const may = Object.entries(SCOPES).filter(([, [, needed]]) => includes(role, needed));
	const scopes = el('fieldset', { class: 'field', 'data-field': 'scopes', 'aria-describedby': 'scopes-error' },
		el('legend', {}, 'It may'),
		el('div', {}, ...may.map(([scope, [words]]) => el('label', { class: 'check' },
			el('input', { type: 'checkbox', name: 'scopes', value: scope, checked: scope === 'read' && '' }), words))),
		el('p', { class: 'error', id: 'scopes-error' }));

	return shelfForm({
		draft: 'token', label: 'New token', submit: 'Make the token', cancel,
		fields: [
			field('name', 'Name', el('input', { autocomplete: 'off', placeholder: 'What will use it?' })), scopes,
			field('expires_in_days', 'It lasts', expires)],
		async send({ name, expires_in_days: days }) {
			const chosen = [...scopes.querySelectorAll(':checked')].map((c) => c.value);

			await made(await make({ name: name.value.trim(), scopes: chosen, expires_in_days: Number(days.value) }));
		},
	});
}

/* Twice would be two tokens, so it is not tried again by itself. */
async function make(what) {
	try {
		return await post('tokens', what);
	} catch (e) {
		if (!(e instanceof Unreachable)) throw e;
		throw new Unreachable(`${e.message} If a token of this name appears in the list, revoke it: nobody has seen it.`);
	}
}
