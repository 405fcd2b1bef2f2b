/* Roles and scopes in words. */

import { el, text } from '../dom.js';
import { field } from '../fields.js';
import { needs, session } from '../session.js';
import { sentence } from '../words.js';

/* Each may what those before it may, and more. */
export const ROLES = {
	listener: 'may hear, rate, tag and vote',
	creator: 'may also make music, experiments and A/B tests',
	admin: 'may do everything, also change adapters, models and users',
};

/* What a token may do, and the role that it takes to give it that. */
export const SCOPES = {
	read: ['See and hear everything', 'listener'],
	vote: ['Rate, tag, compare and vote', 'listener'],
	create: ['Make music, experiments and A/B tests', 'creator'],
	admin: ['Change adapters, models and users', 'admin'],
};

const RANKS = Object.keys(ROLES);

export const includes = (role, other) => RANKS.indexOf(role) >= RANKS.indexOf(other);

/* May one change what this user has made? */
export const mayChange = (userId) => needs(userId, 'listener') !== 'admin' || session.user.role === 'admin';

/* A field to choose a role in, with what it may. → { el, select } */
export function roleField(chosen) {
	const select = el('select', {}, ...RANKS.map((role) =>
		el('option', { value: role, selected: role === chosen && '' }, role)));
	const box = field('role', 'Role', select, ' ');
	const tell = () => text(box.querySelector('.hint'), `${sentence(ROLES[select.value])}.`);

	/* A draft may have chosen another. */
	queueMicrotask(tell);
	select.addEventListener('change', tell);
	return { el: box, select };
}

/* In the place of what is for others. */
export function lacking(role) {
	return el('p', { class: 'lead', 'data-lacks': role },
		role === 'admin' ? 'This is for admins.' : 'This is for creators and admins.');
}

/* What stands in the views of accounts where there are none. */
export const noAccounts = () => [
	el('p', { class: 'lead' }, 'There are no accounts here.'),
	el('p', {}, 'Whoever reaches this installation may do everything: its configuration says access = open, as is usual on '
		+ 'one’s own machine.'),
];
