/* What A/B tests come to, in words and on axes. Pure functions only. */

const NB = '\u00a0';		/* "6 %" stays on one line */

export const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/* A share of 1 as people say it. */
export function percent(share) {
	const p = 100 * share;

	if (p > 0 && p < 0.1) return `less than 0.1${NB}%`;
	return `${p < 1 ? Number(p.toFixed(1)) : Math.round(p)}${NB}%`;
}

/* Who leads: 'a', 'b', or null for nobody. */
export function leader({ a_preferred: a, b_preferred: b }) {
	return a === b ? null : a > b ? 'a' : 'b';
}

/* "17 of 24 votes for B (Dusty tape); such a lead happens by chance 6 % of the time." `r` is what /results answers.
 * Ties take no part in it, as they take none in the p-value. */
export function verdict(r) {
	const { a_preferred: a, b_preferred: b, equal } = r, n = a + b, side = leader(r);

	if (!n && !equal) return 'Nobody has voted yet.';
	if (!n) return equal === 1 ? 'The only vote says that both are equally good.'
		: `All ${equal} votes say that both are equally good.`;
	if (!side) return `${a} of ${n} votes for each side: no lead.`;
	if (n === 1) return `The only vote that decides is for ${side.toUpperCase()} (${r[`adapter_${side}_name`]}).`;
	const often = r.p_value > 0.995 ? 'every time' : `${percent(r.p_value)} of the time`;
	return `${Math.max(a, b)} of ${n} votes for ${side.toUpperCase()} (${r[`adapter_${side}_name`]}); `
		+ `such a lead happens by chance ${often}.`;
}

/* What to make of it, for those who do not read p-values; '' where there is no lead to speak of. */
export function meaning(r) {
	if (!leader(r)) return '';
	if (r.p_value < 0.01) return 'That is hardly chance.';
	if (r.p_value < 0.05) return 'That is probably not chance.';
	return 'That can well be chance; more votes would tell.';
}

/* Who voted, and what became of the ties: "26 votes of 4 listeners. 2 of them, for a tie, are left out of rate, interval
 * and chance." */
export function voters(r) {
	const { equal } = r, n = r.total_votes;

	if (!n) return '';
	return `${plural(n, 'vote')} of ${plural(r.listeners, 'listener')}.${!equal || equal === n ? '' : ` ${equal === 1
		? 'One of them, for a tie, is' : `${equal} of them, for a tie, are`} left out of share, interval and chance.`}`;
}

/* The same in a few words, for a line of a list. `t` is a test of /ab-tests. */
export function short(t) {
	const { a_preferred: a, b_preferred: b, equal } = t.results, side = leader(t.results);

	if (!a && !b) return equal ? `${plural(equal, 'vote')}, all equal` : 'No votes yet';
	if (!side) return `${a} of ${a + b} votes each`;
	return `${a + b === 1 ? '1 vote' : `${Math.max(a, b)} of ${a + b} votes`} for ${t[`adapter_${side}_name`]}`;
}

/* The share of the votes for B with its 95 % interval, each 0…1, null without a vote that decides: the API tells
 * A's, and on the page B is on the right. */
export function shareOfB(r) {
	if (r.b_win_rate === null) return null;
	return { rate: r.b_win_rate, low: 1 - r.ci_high, high: 1 - r.ci_low };
}

/* "about 40 seconds", "about 6 minutes", "about 3 hours" */
export function roughly(seconds) {
	const about = (n, unit) => `about ${plural(n, unit)}`;

	if (seconds < 8) return 'a few seconds';
	if (seconds < 55) return about(5 * Math.max(1, Math.round(seconds / 5)), 'second');
	if (seconds < 55 * 60) return about(Math.max(1, Math.round(seconds / 60)), 'minute');
	if (seconds < 30 * 3600) return about(Math.max(1, Math.round(seconds / 3600)), 'hour');
	return about(Math.round(seconds / 86400), 'day');
}

/* How long so many takes of this length will take, in seconds; null: nothing was made lately that one could go by.
 * `stats` is what /jobs/stats answers: the average of the last day, stretched to the length that is asked for,
 * on the workers there are, behind what waits already. */
export function estimate(stats, takes, duration_s) {
	const each = stats?.avg_processing_time_seconds, lately = stats?.throughput.jobs_last_24h;
	const workers = Math.max(1, stats?.workers.total ?? 1);

	if (!each) return null;
	const usual_s = lately ? stats.throughput.audio_seconds_last_24h / lately : 0;
	const stretch = usual_s && duration_s > 0 ? duration_s / usual_s : 1;
	return (stats.active_jobs * each + takes * each * stretch) / workers;
}

/* "12 prompts × 2 = 24 pairs, 48 takes, about 6 minutes" */
export function plan(prompts, samples, seconds) {
	const pairs = prompts * samples;

	if (!pairs) return 'Nothing to generate yet.';
	return [`${plural(prompts, 'prompt')} × ${samples} = ${plural(pairs, 'pair')}`, plural(2 * pairs, 'take'),
		...(seconds === null ? [] : [roughly(seconds)])].join(', ');
}

/* The lines of a paste as prompts: without what is empty, what came before in it, and what is chosen already.
 * → { prompts, repeated: how many were left out for that } */
export function lines(pasted, chosen = []) {
	const seen = new Set(chosen.map(same)), prompts = [];
	let repeated = 0;

	for (const line of pasted.split(/\r\n|[\n\r\u2028\u2029]/)) {
		const prompt = line.trim();

		if (!prompt) continue;
		if (seen.has(same(prompt))) {
			repeated++;
			continue;
		}
		seen.add(same(prompt));
		prompts.push(prompt);
	}
	return { prompts, repeated };
}

const same = (prompt) => prompt.trim().replace(/\s+/g, ' ').toLowerCase();

/* Nothing of it is being made, and something is missing. */
export const isStuck = (t) => t.status === 'generating' && t.generated_pairs + t.failed_pairs === t.total_pairs;

/* How far a test is, of /ab-tests: "4 of 10 pairs are ready, 1 failed". */
export function progress(t) {
	const failed = t.failed_pairs ? `, ${t.failed_pairs} failed` : '';

	if (t.generated_pairs === t.total_pairs)
		return { 1: 'The pair is ready', 2: 'Both pairs are ready' }[t.total_pairs] ?? `All ${t.total_pairs} pairs are ready`;
	return `${t.generated_pairs} of ${plural(t.total_pairs, 'pair')} ${t.total_pairs === 1 ? 'is' : 'are'} ready${failed}`;
}

/* An axis for these intervals [{ci_low, ci_high}…] that has 1000 on it: → { from, to, ticks: [number…] }, at round
 * numbers, at most seven of them. */
export function axis(items) {
	const low = Math.min(1000, ...items.map((i) => i.ci_low)), high = Math.max(1000, ...items.map((i) => i.ci_high));
	const step = [25, 50, 100, 200, 250, 500, 1000, 2500, 5000].find((s) => Math.ceil(high / s) - Math.floor(low / s) <= 6)
		?? 10000;
	const from = step * Math.floor(low / step);
	const to = Math.max(from + step, step * Math.ceil(high / step));

	return { from, to, ticks: Array.from({ length: (to - from) / step + 1 }, (_, i) => from + i * step) };
}

/* Where a value is between the ends, in percent. */
export const along = (value, { from, to }) => Math.min(100, Math.max(0, (100 * (value - from)) / (to - from)));
