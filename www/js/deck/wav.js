/* WAV in memory: its header and its samples. Pure functions; what comes in is believed in nothing. */

/* What cannot be played, and why, in a sentence for people. */
export class Unplayable extends Error {}

const PCM = 1, FLOAT = 3, EXTENSIBLE = 0xfffe;
/* Titles and comments stand before the sound; more of them than this is no music. */
const MOST_HEADER = 1 << 20;

/* By kind and width of a sample: bytes → −1…1. */
const READERS = {
	int8: (view, at) => (view.getUint8(at) - 128) / 128,
	int16: (view, at) => view.getInt16(at, true) / 32768,
	int24: (view, at) => (view.getUint16(at, true) | view.getInt8(at + 2) << 16) / 8388608,
	int32: (view, at) => view.getInt32(at, true) / 2147483648,
	float32: (view, at) => view.getFloat32(at, true),
	float64: (view, at) => view.getFloat64(at, true),
};

/* The beginning of a file of `size` bytes → { rate, channels, kind, frameBytes, start (where the sound
 * begins, in bytes), frames }, or { need }: so many bytes of the beginning are needed. Throws Unplayable. */
export function readHeader(bytes, size) {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const name = (at) => String.fromCharCode(...bytes.subarray(at, at + 4));
	let format = null;

	if (size < 12) throw new Unplayable('The file is no WAV file.');
	if (bytes.length < 12) return { need: 12 };
	if (name(0) !== 'RIFF' || name(8) !== 'WAVE') throw new Unplayable('The file is no WAV file.');
	for (let at = 12; ;) {
		if (at + 8 > size) throw new Unplayable('The WAV file ends before any sound.');
		if (at + 8 > bytes.length) return needed(at + 8);
		const chunk = name(at), length = view.getUint32(at + 4, true), body = at + 8;

		if (chunk === 'data') {
			if (!format) throw new Unplayable('The WAV file does not say how its sound is stored.');
			/* One that was written while nobody knew its length claims the most there is. */
			const frames = Math.floor(Math.min(length, size - body) / format.frameBytes);
			if (!frames) throw new Unplayable('The WAV file holds no sound.');
			return { ...format, start: body, frames };
		}
		if (chunk === 'fmt ') {
			if (body + length > size) throw new Unplayable('The WAV file ends before any sound.');
			if (body + length > bytes.length) return needed(body + length);
			format = readFormat(view, body, length);
		}
		at = body + length + length % 2;
	}
}

function needed(n) {
	if (n > MOST_HEADER) throw new Unplayable('The header of the WAV file is too long.');
	return { need: n };
}

function readFormat(view, at, length) {
	if (length < 16) throw new Unplayable('The WAV file does not say how its sound is stored.');
	const u16 = (offset) => view.getUint16(at + offset, true);
	const tag = u16(0) === EXTENSIBLE && length >= 40 ? u16(24) : u16(0);
	const channels = u16(2), rate = view.getUint32(at + 4, true), frameBytes = u16(12), bits = u16(14);
	const kind = `${{ [PCM]: 'int', [FLOAT]: 'float' }[tag]}${bits}`;

	if (!Object.hasOwn(READERS, kind))
		throw new Unplayable('The sound in the WAV file is of a kind that cannot be played here.');
	if (channels < 1 || channels > 2) throw new Unplayable(`The WAV file has ${channels} channels, not 1 or 2.`);
	if (rate < 8000 || rate > 192000)
		throw new Unplayable(`The WAV file has ${rate} samples a second, not 8000 to 192000.`);
	if (frameBytes !== channels * bits / 8) throw new Unplayable('The WAV file contradicts itself.');
	return { rate, channels, kind, frameBytes };
}

/* The whole frames in these bytes → one Float32Array a channel. */
export function decode({ channels, kind, frameBytes }, bytes) {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const read = READERS[kind], width = frameBytes / channels, n = Math.floor(bytes.length / frameBytes);

	return Array.from({ length: channels }, (_, c) => {
		const out = new Float32Array(n);

		for (let i = 0, at = c * width; i < n; i++, at += frameBytes) out[i] = read(view, at);
		return out;
	});
}
