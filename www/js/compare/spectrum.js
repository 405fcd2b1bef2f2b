/* How strong each pitch is in a stretch of sound. Pure functions. */

export const WINDOW = 2048;
const LOW_HZ = 40, HIGH_HZ = 16000;
/* A sine as loud as can be is at 0 dB. Music is softer the higher it is; drawn as it is, all ink would lie
 * at the bottom. */
const TOP_DB = -12, RANGE_DB = 76, TILT_DB = 3, LEVEL_HZ = 1000;	/* tilt: an octave */

const half = WINDOW / 2;
const hann = Float64Array.from({ length: WINDOW }, (_, i) => 0.5 - 0.5 * Math.cos(2 * Math.PI * i / WINDOW));
const cos = Float64Array.from({ length: half }, (_, i) => Math.cos(2 * Math.PI * i / WINDOW));
const sin = Float64Array.from({ length: half }, (_, i) => Math.sin(2 * Math.PI * i / WINDOW));
const flipped = Uint16Array.from({ length: WINDOW }, (_, i) => {
	let out = 0;
	for (let bit = 1; bit < WINDOW; bit <<= 1) out = out << 1 | (i & bit ? 1 : 0);
	return out;
});

/* In place, radix 2. */
export function fft(re, im) {
	for (let i = 0; i < WINDOW; i++) {
		const j = flipped[i];

		if (j <= i) continue;
		[re[i], re[j]] = [re[j], re[i]];
		[im[i], im[j]] = [im[j], im[i]];
	}
	for (let size = 2; size <= WINDOW; size <<= 1) {
		const step = WINDOW / size, wing = size / 2;

		for (let from = 0; from < WINDOW; from += size)
			for (let k = 0; k < wing; k++) {
				const a = from + k, b = a + wing, c = cos[k * step], s = -sin[k * step];
				const x = re[b] * c - im[b] * s, y = re[b] * s + im[b] * c;

				re[b] = re[a] - x;
				im[b] = im[a] - y;
				re[a] += x;
				im[a] += y;
			}
	}
}

/* Adds the power of each frequency in samples[from … from + WINDOW] (silent behind their end) to `sums`. */
const re = new Float64Array(WINDOW), im = new Float64Array(WINDOW);
export function addPowers(samples, from, sums) {
	for (let i = 0; i < WINDOW; i++) re[i] = (samples[from + i] ?? 0) * hann[i];
	im.fill(0);
	fft(re, im);
	/* The window halves the height of a sine, and each of its two halves has half of that. */
	for (let k = 0; k < half; k++) sums[k] += (re[k] ** 2 + im[k] ** 2) * (4 / WINDOW) ** 2;
}

/* Where a frequency is between the lowest and the highest: 0…1 */
export const heightOf = (hz) => Math.log(hz / LOW_HZ) / Math.log(HIGH_HZ / LOW_HZ);

/* The frequency in the middle of a row, row 0 being the lowest: equal steps are equal intervals. */
export function rowHz(row, rows) {
	return LOW_HZ * (HIGH_HZ / LOW_HZ) ** ((row + 0.5) / rows);
}

/* Powers, of `n` windows together → one column: 0 (not to be heard) … 255, the lowest first. */
export function column(sums, n, rate, rows) {
	const bin = (hz) => hz * WINDOW / rate, ratio = (HIGH_HZ / LOW_HZ) ** (0.5 / rows);

	return Uint8ClampedArray.from({ length: rows }, (_, row) => {
		const from = bin(rowHz(row, rows) / ratio), to = bin(rowHz(row, rows) * ratio);
		const db = 10 * Math.log10(strongest(sums, from, to) / n + 1e-15)
			+ TILT_DB * Math.log2(rowHz(row, rows) / LEVEL_HZ);

		return 255 * (1 + (db - TOP_DB) / RANGE_DB);
	});
}

/* Low rows are narrower than what a window can tell apart; between two of its frequencies goes a straight
 * line. */
function strongest(sums, from, to) {
	if (from > half - 1) return 0;
	let most = 0;

	for (let k = Math.ceil(from); k <= to && k < half; k++) most = Math.max(most, sums[k]);
	const middle = (from + to) / 2, k = Math.floor(middle), part = middle - k;
	return Math.max(most, sums[k] * (1 - part) + (sums[k + 1] ?? 0) * part);
}
