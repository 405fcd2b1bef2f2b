/* From the studio's form to the outbox. What is wrong is said at its field, until something there changes. */

import { Refused } from '../api.js';
import { blame, clearFaults } from '../form.js';
/* At hand with the rest, since the connection may be lost when it is wanted. */
import './outbox.js';
import { showSending } from './sending.js';
import { parseDuration, parseNumber } from './typed.js';

export async function begin(form, app) {
	const outbox = await app.outbox();

	form.addEventListener('input', (e) => clearFaults(form, e.target.name));
	form.addEventListener('filled', () => clearFaults(form));
	showSending(outbox);
	return async () => {
		clearFaults(form);
		try {
			await outbox.submit(body(form));
		} catch (e) {
			if (!(e instanceof Refused)) throw e;
			blame(form, e);
		}
	};
}

/* How each control of the studio's form is read. */
const asIs = (v) => v;
const READ = {
	prompt: (v) => v.trim(), attributes: JSON.parse, model: asIs, adapter_id: asIs, adapter_scale: Number,
	experiment_id: asIs, num_samples: Number, duration: parseDuration, seed: parseNumber, format: asIs,
	temperature: parseNumber, top_k: parseNumber, top_p: parseNumber, guidance_scale: parseNumber,
};

/* → the body of POST /generate. What is empty or hidden is not sent. */
function body(form) {
	const told = Object.keys(READ).filter((name) => form.elements[name].value
		&& !form.querySelector(`[name=${name}]`).closest('[data-field][hidden], .sampling[hidden]'));
	const values = told.map((name) => [name, READ[name](form.elements[name].value)]);

	return Object.fromEntries(values.filter(([, v]) => v !== undefined));
}
