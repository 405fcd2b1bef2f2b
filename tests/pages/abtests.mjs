/* What the tests of the A/B pages share: small tests, base model against an adapter. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../harness.mjs';
import { until } from './stack.mjs';

export const WALTZ = 'slow piano waltz in A minor', FUNK = 'fast funk with slap bass';
export const DURATION = 5;

/* stack: see stack.mjs. begin() first. */
export function abtests(stack) {
	const it = { tape: null, begin, adapter, begun, made, ready, voteAs };

	/* The only adapter is ours. */
	async function begin() {
		for (const { id } of (await stack.get('adapters?active_only=true')).items) await stack.del(`adapters/${id}`);
		it.tape = await adapter('Dusty tape');
	}

	async function adapter(name, file = 'dusty-tape') {
		const { id } = await stack.post('adapters', { name });
		const r = await fetch(`${stack.url}api/adapters/${id}/weights`, {
			method: 'PUT', headers: { 'content-type': 'application/octet-stream' },
			body: readFileSync(join(root, `lib/engine/band/adapters/${file}.json`)),
		});

		assert.ok(r.ok, await r.text());
		return id;
	}

	/* A test of these prompts, for which nothing is generated yet; with its prompt_ids. */
	async function begun(name, { prompts = [WALTZ, FUNK], ...more } = {}) {
		const prompt_ids = [];

		for (const text of prompts) prompt_ids.push((await stack.post('prompts', { text })).id);
		const t = await stack.post('ab-tests', {
			name, adapter_b_id: it.tape, prompt_ids, duration: DURATION, seed: 1, ...more,
		});
		return { ...t, prompt_ids };
	}

	/* A test whose pairs are there, with them. */
	async function made(name, more) {
		const { id } = await begun(name, more);

		await stack.post(`ab-tests/${id}/generate`);
		return ready(id);
	}

	function ready(id, is = (t) => t.is_ready) {
		return until('the pairs are ready', async () => {
			const t = await stack.get(`ab-tests/${id}`);
			return is(t) && t;
		}, 60000);
	}

	/* A vote on each pair, by the listener number n, who was never at a page. */
	async function voteAs(n, t, preference) {
		const cookie = `earshot_listener=5f0c1d2e-0000-4000-8000-${String(n).padStart(12, '0')}`;

		for (const { id: pair_id } of t.pairs) {
			const r = await fetch(`${stack.url}api/ab-tests/${t.id}/vote`, {
				method: 'POST', body: JSON.stringify({ pair_id, preference }),
				headers: { 'content-type': 'application/json', cookie },
			});
			assert.ok(r.ok, await r.text());
		}
	}

	return it;
}
