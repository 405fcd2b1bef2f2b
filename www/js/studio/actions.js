/* What one can do with a job, and the buttons of its card. */

import { del, get, post, Refused } from '../api.js';
import { announce, text } from '../dom.js';
import { act, actOnce } from '../fields.js';
import { formValues, vary as varied } from './again.js';
import { isActive } from './jobs.js';
import { newKey } from './outbox.js';
import { player } from '../player/player.js';
import { deleteUnlessUndone } from '../undo.js';

/* A second press after a lost answer finds what the first one made. */
const keys = new WeakMap();

export async function cancelJob(jobs, job) {
	await del(`generate/${job.id}`);
	const now = jobs.get(job.id) ?? job;
	if (isActive(now)) jobs.put({ ...now, status: 'cancelled' });
	jobs.wake();
}

/* → the new job. The key makes a second try after a lost answer find the first one's job. */
export async function retryJob(jobs, job, key) {
	const made = await post(`generate/${job.id}/retry`, undefined, key);

	jobs.add(made);
	return made;
}

export function cancel(card, button) {
	return act(button, card.error, async () => {
		try {
			await cancelJob(card.jobs, card.job);
		} catch (e) {
			/* It ended meanwhile, which is no error worth a sentence. */
			if (!(e instanceof Refused) || e.status !== 409) throw e;
			card.jobs.wake();
		}
	});
}

/* → the new job, or undefined. */
export async function retry(card, button) {
	const key = keys.get(button) ?? newKey();

	keys.set(button, key);
	const made = await actOnce(button, card.error, () => retryJob(card.jobs, card.job, key));
	if (!made) return undefined;
	keys.delete(button);
	show(card, made);
	return made;
}

export function reuse(card) {
	card.reuse(card.job);
}

/* Another take of it, with another seed. */
export async function vary(card, button) {
	const made = await actOnce(button, card.error, () => varied(card.outbox, card.job));

	if (made) show(card, made);
}

function show(card, job) {
	card.el.parentElement?.querySelector(`[id^="job-${job.id}-"]`)?.focus();
}

/* All that a job was made of, for the studio's form. Its prompt is fetched, since the job itself carries only how it
 * begins. */
export async function valuesOf(job) {
	let prompt = { text: job.prompt_preview, attributes: null };

	try {
		prompt = await get(`prompts/${job.prompt_id}`);
	} catch {
		/* Its beginning is better than nothing. */
	}
	return formValues(job, prompt);
}

export async function remove(card) {
	const { job, jobs } = card;

	if (job.audio_ids.includes(player.id)) player.pause();
	try {
		if (!await deleteUnlessUndone(card.el, `Deleted: ${job.prompt_preview}`, `jobs/${job.id}`)) return;
		jobs.drop(job.id);
		card.gone();
	} catch (e) {
		text(card.error, e.message);
		announce(e.message, true);
	}
}
