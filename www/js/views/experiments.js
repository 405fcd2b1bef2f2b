/* Experiments: "#/experiments" lists them, "#/experiments/new" begins one, "#/experiments/ID" shows one. */

import { showExperiment } from '../experiments/detail.js';
import { listExperiments, newExperiment } from '../experiments/list.js';

export const title = 'Experiments';

export function open(root, route, app) {
	const [id] = route.parts;

	if (id === 'new') return newExperiment(root, app);
	return id ? showExperiment(root, id, app) : listExperiments(root, route, app);
}
