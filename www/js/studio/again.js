/* Once more what was made before: what of a job or a take goes into a submission again, and into the studio's form. */

/* made: a job or a take, as the API has it. → the fields of POST /generate, beside prompt and model. */
function settings({ generation_params: p, num_samples, adapter_id, experiment_id }) {
	const { seed, duration, format, adapter_scale, temperature, top_k, top_p, guidance_scale } = p;

	return {
		seed, duration, format, temperature, top_k, top_p, guidance_scale, num_samples,
		...(adapter_id && { adapter_id, adapter_scale }),
		...(experiment_id && { experiment_id }),
	};
}

/* For the form, where null empties a field. prompt: { text, attributes } */
export function formValues(made, { text, attributes }) {
	const nothing = { adapter_id: null, adapter_scale: null, experiment_id: null };

	return { prompt: text, attributes, model: made.model, ...nothing, ...settings(made) };
}

/* The same at once, but for what is left to chance. → the new job, null when it was discarded on its way. */
export async function vary(outbox, made) {
	const { seed, ...how } = settings(made), box = await outbox();

	return box.submit({ prompt_id: made.prompt_id, model: made.model, ...how });
}
