/* An adapter that others keep as two files, adapter_config.json and adapter_model.safetensors, as the one that is
 * uploaded: the configuration goes into the metadata of the weights, as `earshot adapter pack` does it. */

const HEADER_BYTES = 1 << 20;

/* Of the files that were chosen, the one to be sent; an Error with a sentence where they are none. */
export async function asOne(files) {
	const ends = (end) => files.filter((file) => file.name.toLowerCase().endsWith(end));
	const [config, more] = ends('.json'), [weights, others] = ends('.safetensors');

	if (files.length === 1) return files[0];
	if (files.length !== 2 || !config || !weights || more || others)
		throw new Error('Choose one file, or adapter_config.json and adapter_model.safetensors together.');
	return packed(config, weights);
}

/* Whether it is an adapter is for the engine to say: what cannot be read here is sent as it is. */
async function packed(config, weights) {
	try {
		const length = new DataView(await weights.slice(0, 8).arrayBuffer()).getBigUint64(0, true);

		if (length > HEADER_BYTES) return weights;
		const end = 8 + Number(length), header = JSON.parse(await weights.slice(8, end).text());

		header.__metadata__ = { ...header.__metadata__, adapter_config: await config.text() };
		const text = new TextEncoder().encode(JSON.stringify(header));
		const head = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);

		new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true);
		head.set(text, 8);
		return new File([head, weights.slice(end)], weights.name);
	} catch {
		return weights;
	}
}
