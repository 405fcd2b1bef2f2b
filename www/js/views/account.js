/* One's account: who one is, what one may and has used; the password; tokens for programs; the way out. */

import { ask } from '../access/meet.js';
import { passwordForm } from '../access/password.js';
import { noAccounts, ROLES } from '../access/roles.js';
import { Tokens } from '../access/tokens.js';
import { del } from '../api.js';
import { el } from '../dom.js';
import { count, lasting } from '../figures.js';
import { actionButton, badge, facts, when } from '../shelf.js';
import { drawer, WHO, write } from '../store.js';
import { moment } from '../words.js';

export const title = 'Your account';

export async function open(root) {
	const heading = el('h1', { tabindex: '-1' }, title);
	const head = el('div', { class: 'view-head' }, heading);

	root.append(head);
	const { user, answer } = await ask();
	if (!user) {
		root.append(...noAccounts());
		return {};
	}
	const error = el('p', { class: 'error', role: 'alert' }), tokens = new Tokens(user.role);

	/* Whole, so that nothing moves when the list comes. */
	await tokens.show();
	head.append(el('div', { class: 'shelf-actions' },
		el('a', { class: 'quiet', href: '#/users', 'data-needs': 'admin' }, 'Users'),
		actionButton('Sign out', error, signOut)));
	root.append(error, el('div', { class: 'shelf-columns account-columns' },
		el('div', {}, tokens.el),
		el('div', { class: 'shelf-side' },
			el('div', { class: 'panel' }, el('div', { class: 'shelf-title' }, el('h2', {}, user.login), badge('', user.role)),
				el('p', { class: 'hint' }, `You ${ROLES[user.role]}.`), facts(known(answer))),
			passwordForm(user.login))));
	return {};
}

function known({ user, expires_at: expires, limits }) {
	const used = ({ used: n, limit }, words) => (limit === null || limit === undefined ? words(n) : `${words(n)} of ${words(limit)}`);

	return [
		['Waiting jobs', used(limits.queued_jobs, count)],
		['Music today', used(limits.audio_seconds_today, lasting)],
		['Signed in', expires && el('span', { title: moment(expires) }, `until ${moment(expires)}`)],
		['Since', when(user.created_at)],
	];
}

/* What the browser kept for this user goes, too: somebody else may sit here next. Only it knows which stars are theirs;
 * that stays. */
async function signOut() {
	await del('session').catch((e) => { if (e.status !== 401) throw e; });
	try {
		for (const key of Object.keys(localStorage))
			if (key.startsWith(drawer) && key !== `${drawer}ratings`) localStorage.removeItem(key);
	} catch {
		/* It keeps nothing. */
	}
	write(WHO, { out: true });
	history.replaceState(null, '', '#/');
	location.reload();
	await new Promise(() => {});
}
