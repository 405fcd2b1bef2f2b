/* WAV files for the tests of what plays and draws sound, served in place of the server's. */

/* Samples (one array a channel, −1…1) → the bytes of a file of 16 or 24 bits, or of 32-bit floats. */
export function wav(channels, { rate = 48000, bits = 32, comment = '' } = {}) {
	const n = channels[0].length, width = bits / 8, data = Buffer.alloc(n * channels.length * width);
	const write = {
		16: (v, at) => data.writeInt16LE(Math.round(v * 32767), at),
		24: (v, at) => data.writeIntLE(Math.round(v * 8388607), at, 3),
		32: (v, at) => data.writeFloatLE(v, at),
	}[bits];
	const chunk = (name, body) => Buffer.concat([Buffer.from(name), u32(body.length), body, Buffer.alloc(body.length % 2)]);
	const u16 = (v) => Buffer.from([v & 255, v >> 8]);
	const u32 = (v) => { const b = Buffer.alloc(4); b.writeUInt32LE(v); return b; };
	const format = [u16(bits === 32 ? 3 : 1), u16(channels.length), u32(rate), u32(rate * channels.length * width),
		u16(channels.length * width), u16(bits)];

	for (let i = 0; i < n; i++) channels.forEach((c, k) => write(c[i], (i * channels.length + k) * width));
	const body = Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', Buffer.concat(format)),
		comment ? chunk('LIST', Buffer.from(comment)) : Buffer.alloc(0), chunk('data', data)]);
	return chunk('RIFF', body);
}

export const tone = (hz, seconds, { rate = 48000, level = 0.5 } = {}) =>
	Float32Array.from({ length: seconds * rate }, (_, i) => level * Math.sin(2 * Math.PI * hz * i / rate));

/* Answers a request for a file as the server would: one range of it. */
export async function sendPart(route, file) {
	const asked = /^bytes=(\d+)-(\d+)$/.exec((await route.request().allHeaders()).range);

	if (!asked) return route.fulfill({ status: 200, contentType: 'audio/wav', body: file });
	const [from, to] = [Number(asked[1]), Math.min(Number(asked[2]), file.length - 1)];
	return route.fulfill({ status: 206, contentType: 'audio/wav', body: file.subarray(from, to + 1),
		headers: { 'content-range': `bytes ${from}-${to}/${file.length}` } });
}
