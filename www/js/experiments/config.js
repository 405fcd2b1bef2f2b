/* The configuration of an experiment: any JSON object, typed as such and shown so that one can read it. */

import { Refused } from '../api.js';
import { el } from '../dom.js';
import { facts } from '../shelf.js';

/* What was typed → the object, or undefined for nothing. Throws what the server would say of it, at its field. */
export function readConfig(typed) {
	const refuse = (detail) => new Refused(422, { detail, errors: [{ field: 'config', detail }] });
	let value;

	if (!typed.trim()) return undefined;
	try {
		value = JSON.parse(typed);
	} catch (e) {
		throw refuse(`The configuration is not JSON: ${e.message}.`);
	}
	if (value === null || typeof value !== 'object' || Array.isArray(value))
		throw refuse('The configuration must be an object: {"name": value, …}.');
	return value;
}

/* As it is typed. */
export function writeConfig(config) {
	return config && Object.keys(config).length ? JSON.stringify(config, null, 2) : '';
}

/* As it is shown: null when it is empty. */
export function showConfig(config) {
	const names = Object.entries(config ?? {});

	return names.length ? facts(names.map(([name, value]) => [name, shown(value)]), 'shelf-facts shelf-config') : null;
}

const simple = (v) => v === null || typeof v !== 'object';

function shown(v) {
	if (simple(v)) return String(v);
	if (Array.isArray(v) && v.every(simple)) return v.join(', ') || 'none';
	return el('pre', { tabindex: '0' }, JSON.stringify(v, null, 2));
}
