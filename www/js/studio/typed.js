/* What people type, as the API wants it. */

/* What was typed as a duration: "90", "90 s", "1:30", "2 min", "1 min 30 s" → seconds. Nothing → undefined.
 * What is none of these is returned as it is, so that the server says what is wrong with it. */
export function parseDuration(typed) {
	const t = typed.trim().toLowerCase();
	let m;

	if (!t) return undefined;
	if ((m = /^(-?\d+(?:[.,]\d+)?)\s*(?:s|sec|seconds?)?$/.exec(t))) return Number(m[1].replace(',', '.'));
	if ((m = /^(\d+):([0-5]?\d)$/.exec(t))) return m[1] * 60 + Number(m[2]);
	if ((m = /^(\d+(?:[.,]\d+)?)\s*m(?:in|inutes?)?(?:\s*(\d+)\s*(?:s|sec|seconds?)?)?$/.exec(t)))
		return Number(m[1].replace(',', '.')) * 60 + Number(m[2] ?? 0);
	return typed;
}

/* A number as typed → a number; nothing → undefined; anything else as it is, for the server to judge. */
export function parseNumber(typed) {
	const t = typed.trim();

	if (!t) return undefined;
	return /^-?\d{1,15}(\.\d+)?$/.test(t) ? Number(t) : typed;
}
