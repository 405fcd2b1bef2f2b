/* Who uses the page. What asks for a role says so by data-needs="creator" or "admin", what stands there instead by
 * data-lacks; style.css shows the one or the other. Without accounts one may do everything. */

import { who } from './store.js';

/* user: { id, login, role }, or null; answer: that of GET /session, once access/meet.js has one. */
export const session = { user: who?.id ? who : null, answer: null };

/* The role that it takes to change what this user has made; own: if that is oneself. */
export const needs = (userId, own = 'creator') => (session.user && userId !== session.user.id ? 'admin' : own);

export function showSession() {
	const link = document.getElementById('account'), { user } = session;

	document.documentElement.dataset.role = user?.role ?? (who?.out ? 'none' : '');
	link.hidden = !user;
	link.lastChild.textContent = user?.login ?? '';
}
