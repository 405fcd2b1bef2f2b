/* Users, for admins: "#/users" lists them, "#/users/new" begins one. */

import { ask } from '../access/meet.js';
import { lacking, noAccounts } from '../access/roles.js';
import { listUsers, newUser } from '../access/users.js';
import { back } from '../address.js';
import { el } from '../dom.js';

export const title = 'Users';

export async function open(root, route, app) {
	const { user } = await ask();

	if (user?.role !== 'admin') {
		root.append(back('#/account', 'Your account'), el('h1', { tabindex: '-1' }, title),
			...(user ? [lacking('admin')] : noAccounts()));
		return {};
	}
	return route.parts[0] === 'new' ? newUser(root, app) : listUsers(root);
}
