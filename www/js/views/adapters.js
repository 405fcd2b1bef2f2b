/* Adapters: "#/adapters" lists them, "#/adapters/new" begins one, "#/adapters/ID" shows one. */

import { showAdapter } from '../adapters/detail.js';
import { listAdapters, newAdapter } from '../adapters/list.js';

export const title = 'Adapters';

export function open(root, route, app) {
	const [id] = route.parts;

	if (id === 'new') return newAdapter(root, app);
	return id ? showAdapter(root, id, app) : listAdapters(root, route, app);
}
