/* Puts the page together. */

import { get, Refused } from './api.js';
import { Composer } from './composer.js';
import { connection, showConnection } from './connection.js';
import { announce, text } from './dom.js';
import { Jobs } from './jobs.js';
import { Outbox } from './outbox.js';
import { listenForSpace } from './take.js';
import { Takes } from './takes.js';

const byId = (id) => document.getElementById(id);

const jobs = new Jobs();
const outbox = new Outbox(jobs);
const composer = new Composer(byId('composer'), outbox);

/* The job's whole prompt is fetched, since the job itself carries only how it begins. */
async function reuse(job) {
	const { duration, seed, format } = job.generation_params;
	let prompt = job.prompt_preview;

	try {
		prompt = await jobs.prompt(job);
	} catch {
		/* Its beginning is better than nothing. */
	}
	composer.take({ prompt, duration, seed, format });
	announce('The form holds this prompt and seed now.');
}

/* Says beforehand when nothing can be generated here, and why. */
async function checkModel() {
	try {
		const { models, current_model } = await get('models');
		const model = models.find((m) => m.id === current_model);

		if (!model) return;
		byId('notice').hidden = model.is_available;
		text(byId('notice'), `${model.display_name} cannot play at the moment: ${model.unavailable_reason}`);
		if (!composer.hasDraft) composer.fill({ duration: model.recommended_duration_seconds });
	} catch (e) {
		if (e instanceof Refused) return;
		await new Promise((done) => setTimeout(done, 1000));
		await connection.up();
		await checkModel();
	}
}

new Takes(jobs, outbox, reuse, (words) => composer.take({ prompt: words }));
showConnection(byId('connection'), byId('connection-text'), byId('connection-retry'), () => jobs.wake());
listenForSpace(byId('list'));
jobs.run();
outbox.resume();
checkModel();
