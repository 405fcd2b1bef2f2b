/* Users, for admins: "#/users" lists them, "#/users/new" begins one. */

import { lacking } from '../access/roles.js';
import { listUsers, newUser } from '../access/users.js';
import { back } from '../address.js';
import { el } from '../dom.js';
import { session } from '../session.js';

export const title = 'Users';

export function open(root, route, app) {
	if (session.user && session.user.role !== 'admin') {
		root.append(back('#/account', 'Your account'), el('h1', { tabindex: '-1' }, title),
			lacking('admin'));
		return {};
	}
	return route.parts[0] === 'new' ? newUser(root, app) : listUsers(root);
}
