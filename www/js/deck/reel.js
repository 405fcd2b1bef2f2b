/* The sound of one take, fetched in parts of its WAV file by Range requests, so that its length costs no
 * memory. Waits as long as the server is away. Throws Refused with the server's sentence, Unplayable with
 * ours, or what `signal` was aborted with. */

import { judge, Refused, signedIn, Unreachable } from '../api.js';
import { patiently } from '../connection.js';
import { decode, readHeader, Unplayable } from './wav.js';

/* The header, and a little of the sound. */
const FIRST_BYTES = 16384;
/* The first request may make the server convert the take, which waits for other conversions. */
const OPEN_TIMEOUT_MS = 150000, READ_TIMEOUT_MS = 45000;
const BUSY_MS = 2000;

export class Reel {
	#url;
	format = null;			/* see readHeader(), once it is open */

	constructor(url) {
		this.#url = url;
	}

	get duration_s() {
		return this.format ? this.format.frames / this.format.rate : 0;
	}

	async open(signal) {
		for (let bytes = FIRST_BYTES; !this.format;) {
			const got = await this.#part(0, bytes, signal, OPEN_TIMEOUT_MS);
			const header = readHeader(got.bytes, got.size);

			if (!header.need) this.format = header;
			else if (header.need > bytes) bytes = header.need + FIRST_BYTES;
			/* It was asked for and did not come. */
			else throw new Unplayable('The WAV file ends before any sound.');
		}
	}

	/* `count` frames from frame `from` on, fewer at its end → one Float32Array a channel */
	async read(from, count, signal) {
		const { start, frameBytes, frames } = this.format, n = Math.min(count, frames - from);
		const at = start + from * frameBytes;
		const { bytes } = await this.#part(at, at + n * frameBytes, signal, READ_TIMEOUT_MS);

		if (bytes.length < n * frameBytes) throw new Unplayable('The sound ends before its file says.');
		return decode(this.format, bytes);
	}

	async #part(from, to, signal, timeout_ms) {
		for (;;) {
			try {
				return await patiently(() => part(this.#url, from, to, signal, timeout_ms));
			} catch (e) {
				/* Too many conversions at once. */
				if (!(e instanceof Refused) || e.status !== 429) throw e;
				await new Promise((done) => setTimeout(done, BUSY_MS));
			}
		}
	}
}

/* Bytes from…to (not included) → { bytes, size (of the whole file) } */
async function part(url, from, to, signal, timeout_ms) {
	signal.throwIfAborted();
	try {
		const r = await fetch(url, {
			headers: { range: `bytes=${from}-${to - 1}` },
			signal: AbortSignal.any([signal, AbortSignal.timeout(timeout_ms)]),
		});

		if (r.status === 401 && await signedIn()) return part(url, from, to, signal, timeout_ms);
		if (!r.ok) judge(r.status, await r.text(), r.headers.get('retry-after'));
		const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(r.headers.get('content-range') ?? '');
		if (r.status !== 206 || Number(range?.[1]) !== from) {
			r.body?.cancel();
			throw new Unplayable('The server does not send parts of a file, which this needs.');
		}
		return { bytes: new Uint8Array(await r.arrayBuffer()).subarray(0, to - from), size: Number(range[2]) };
	} catch (e) {
		signal.throwIfAborted();
		if (e instanceof Refused || e instanceof Unreachable || e instanceof Unplayable) throw e;
		throw new Unreachable('The connection is lost.');
	}
}
