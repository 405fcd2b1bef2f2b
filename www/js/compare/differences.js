/* What takes were made of, side by side: what differs, and what all have in common. Pure functions. */

import { formatName, sentence, span, understood } from '../words.js';

const NONE = '–';

const params = (take) => take.generation_params ?? {};
const number = (name) => (take) => params(take)[name] ?? NONE;

/* [name in differs_in or null, label, its value in a take] */
const ROWS = [
	['model', 'Model', (take) => take.model],
	['adapter', 'Adapter', ({ adapter }) => (adapter ? `${adapter.name} ${adapter.version}` : 'none')],
	['adapter_scale', 'Scale', ({ adapter }) => adapter?.scale ?? NONE],
	['seed', 'Seed', number('seed')],
	['duration', 'Duration', (take) => span(params(take).duration ?? take.duration_seconds)],
	['temperature', 'Temperature', number('temperature')],
	['top_k', 'Top k', number('top_k')],
	['top_p', 'Top p', number('top_p')],
	['guidance_scale', 'Guidance', number('guidance_scale')],
	['format', 'Format', (take) => formatName(take.format)],
];

/* A comparison of the API → { differing, same }: [{ label, values: [text of each take] }…] */
export function compare({ samples, differs_in: differsIn }) {
	const rows = ROWS.map(([name, label, value]) => {
		const row = { label, values: samples.map((take) => String(value(take))), differs: differsIn.includes(name) };

		/* An adapter whose weights were replaced under the same name. */
		if (name === 'adapter' && row.differs && alike(row.values))
			row.values = samples.map((take, i) => `${row.values[i]} (${take.adapter?.sha256.slice(0, 8)})`);
		return row;
	}).concat(heard(samples));
	const telling = rows.filter((r) => !r.values.every((v) => v === NONE));

	return { differing: telling.filter((r) => r.differs), same: telling.filter((r) => !r.differs) };
}

/* What the engine understood: under the same label, whatever its key was called. */
function heard(samples) {
	const each = samples.map((take) => new Map(understood(params(take).understood).known));
	const labels = new Set(each.flatMap((known) => [...known.keys()]));

	return [...labels].map((label) => {
		const values = each.map((known) => known.get(label) ?? NONE);

		return { label, values, differs: !alike(values) };
	});
}

function alike(values) {
	return values.every((v) => v === values[0]);
}

/* The words of each take's prompt and what was added to them; null when all have the same. */
export function prompts({ samples, same_prompt: same }) {
	if (same) return null;
	return samples.map(({ prompt }) => {
		const added = Object.entries(prompt.attributes ?? {}).filter(([, v]) => v !== null && String(v))
			.map(([name, v]) => `${sentence(name.replaceAll('_', ' '))}: ${[v].flat().join(', ')}`);

		return { text: prompt.text, added: added.join(' · ') };
	});
}

/* How much each take is turned down, in dB, so that all are as loud as the quietest: never up, so that
 * none is distorted. One of which no loudness is known, as of silence, stays as it is. */
export function matched(samples) {
	const known = samples.map((s) => s.loudness_lufs).filter(Number.isFinite), quietest = Math.min(...known);

	return samples.map((s) => (Number.isFinite(s.loudness_lufs) ? quietest - s.loudness_lufs : 0));
}
