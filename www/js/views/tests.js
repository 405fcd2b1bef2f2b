/* A/B tests. Each address has a module of its own: the list, the form for a new one, the leaderboard, and of one test
 * its pairs, the blind test and the results. Who listens must not load what tells the arms apart. */

import { arrived } from '../router.js';

export const title = 'A/B tests';

const parts = {
	list: () => import('../tests/list.js'),
	new: () => import('../tests/create.js'),
	leaderboard: () => import('../tests/leaderboard.js'),
	pairs: () => import('../tests/pairs.js'),
	listen: () => import('../tests/listen.js'),
	results: () => import('../tests/results.js'),
};

/* "#/tests", "#/tests/new", "#/tests/leaderboard", "#/tests/ID", "#/tests/ID/listen", "#/tests/ID/results" */
function partOf([first, second, ...rest]) {
	if (rest.length) return null;
	if (!first) return 'list';
	if (first === 'new' || first === 'leaderboard') return second ? null : first;
	return { undefined: 'pairs', listen: 'listen', results: 'results' }[second] ?? null;
}

export async function open(root, route, app) {
	const name = partOf(route.parts);

	const part = await arrived(name ? parts[name] : () => import('./missing.js'));

	document.title = `${part.title} · Earshot`;
	return part.open(root, route, app);
}
