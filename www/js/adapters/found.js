/* What the check of an engine found in a file of weights, in words. */

import { many } from '../figures.js';
import { sentence } from '../words.js';

/* Those that need no label of their own, or have other words than their name. */
const WORDS = {
	kind: null, name: null, description: null,
	made_from: (m) => ['Made from', plain(m)],
	tempo: (v) => ['Tempo', `${v} bpm`],
	swing: (v) => ['Swing', `${v} %`],
	modes: (v) => ['Modes', v.length ? v.join(', ') : null],
	progressions: (v) => ['Progressions', v || null],
	cadences: (v) => ['Cadences', v || null],
	transitions: (v) => ['Transitions', v || null],
};

/* → [[label, text]…], whatever an engine put there. */
export function found(about) {
	return Object.entries(about ?? {}).flatMap(([name, value]) => {
		if (value === null || WORDS[name] === null) return [];
		if (name === 'parts' && typeof value === 'object') return Object.entries(value).map(part);
		return [WORDS[name]?.(value) ?? [sentence(name.replaceAll('_', ' ')), plain(value)]];
	}).map(([label, value]) => [label, value === null ? null : String(value)]);
}

/* ["drums", { instruments: ["brush kit"], patterns: 3, fills: 1 }] → ["Drums", "brush kit; 3 patterns, 1 fill"] */
function part([role, p]) {
	const counts = Object.entries(p).filter(([, n]) => typeof n === 'number' && n)
		.map(([what, n]) => many(n, what.replace(/s$/, '')));
	const told = [p.instruments?.join(', '), counts.join(', ')].filter(Boolean);

	return [sentence(role), told.join('; ') || 'as in the style'];
}

function plain(v) {
	const member = ([k, one]) => (k === 'text' ? plain(one) : `${k.replaceAll('_', ' ')} ${plain(one)}`);

	if (Array.isArray(v)) return v.map(plain).filter(Boolean).join(', ');
	if (v && typeof v === 'object') return Object.entries(v).map(member).join(', ');
	return String(v);
}
