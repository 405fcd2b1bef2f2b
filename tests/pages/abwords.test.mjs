/* What the pages about A/B tests say in words, and when a side counts as heard: without a browser. */

import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import * as figures from '../../www/js/tests/words.js';
import { Heard } from '../../www/js/tests/heard.js';

const plain = (words) => words.replaceAll('\u00a0', ' ');
const results = (a, b, equal, p_value, more = {}) => ({
	adapter_a_name: 'Base model', adapter_b_name: 'Dusty tape', a_preferred: a, b_preferred: b, equal, p_value,
	total_votes: a + b + equal, listeners: 4, a_win_rate: a + b ? a / (a + b) : null, b_win_rate: a + b ? b / (a + b) : null, ...more,
});

describe('the verdict', () => {
	for (const [r, words, sense] of [
		[results(7, 17, 0, 0.0639), '17 of 24 votes for B (Dusty tape); such a lead happens by chance 6 % of the time.', 'That can well be chance; more votes would tell.'],
		[results(17, 7, 2, 0.0639), '17 of 24 votes for A (Base model); such a lead happens by chance 6 % of the time.', 'That can well be chance; more votes would tell.'],
		[results(0, 0, 0, null), 'Nobody has voted yet.', ''],
		[results(0, 0, 1, null), 'The only vote says that both are equally good.', ''],
		[results(0, 0, 3, null), 'All 3 votes say that both are equally good.', ''],
		[results(6, 6, 1, 1), '6 of 12 votes for each side: no lead.', ''],
		[results(0, 1, 0, 1), 'The only vote that decides is for B (Dusty tape).', 'That can well be chance; more votes would tell.'],
		[results(5, 6, 0, 1), '6 of 11 votes for B (Dusty tape); such a lead happens by chance every time.', 'That can well be chance; more votes would tell.'],
		[results(0, 40, 0, 1.8e-12), '40 of 40 votes for B (Dusty tape); such a lead happens by chance less than 0.1 % of the time.', 'That is hardly chance.'],
		[results(0, 8, 0, 0.0078), '8 of 8 votes for B (Dusty tape); such a lead happens by chance 0.8 % of the time.', 'That is hardly chance.'],
		[results(2, 12, 0, 0.0129), '12 of 14 votes for B (Dusty tape); such a lead happens by chance 1 % of the time.', 'That is probably not chance.'],
		[results(1, 9, 0, 0.0499), '9 of 10 votes for B (Dusty tape); such a lead happens by chance 5 % of the time.', 'That is probably not chance.'],
		[results(1, 9, 0, 0.05), '9 of 10 votes for B (Dusty tape); such a lead happens by chance 5 % of the time.', 'That can well be chance; more votes would tell.'],
	])
		test(words, () => {
			assert.equal(plain(figures.verdict(r)), words);
			assert.equal(figures.meaning(r), sense);
		});

	test('does not break a number from its percent sign', () => {
		assert.match(figures.verdict(results(7, 17, 0, 0.0639)), /6\u00a0%/);
	});
});

test('a share is said in whole percents, in tenths below one, and below a tenth as less than that', () => {
	for (const [share, words] of [[1, '100 %'], [0.064, '6 %'], [0.01, '1 %'], [0.0096, '1 %'], [0.0094, '0.9 %'],
		[0.001, '0.1 %'], [0.00099, 'less than 0.1 %'], [1e-300, 'less than 0.1 %'], [0, '0 %']])
		assert.equal(plain(figures.percent(share)), words);
});

test('who voted is told, and that ties are left out', () => {
	for (const [r, words] of [
		[results(0, 0, 0, null, { listeners: 0 }), ''],
		[results(7, 17, 0, 0.06), '24 votes of 4 listeners.'],
		[results(7, 17, 2, 0.06), '26 votes of 4 listeners. 2 of them, for a tie, are left out of share, interval and chance.'],
		[results(7, 17, 1, 0.06), '25 votes of 4 listeners. One of them, for a tie, is left out of share, interval and chance.'],
		[results(0, 0, 1, null, { listeners: 1 }), '1 vote of 1 listener.'],
	]) assert.equal(figures.voters(r), words);
});

test('in a list the votes are said in few words', () => {
	const short = (a_preferred, b_preferred, equal) => figures.short({
		adapter_a_name: 'Base model', adapter_b_name: 'Dusty tape', results: { a_preferred, b_preferred, equal },
	});

	assert.equal(short(0, 0, 0), 'No votes yet');
	assert.equal(short(0, 0, 2), '2 votes, all equal');
	assert.equal(short(3, 3, 1), '3 of 6 votes each');
	assert.equal(short(7, 17, 1), '17 of 24 votes for Dusty tape');
	assert.equal(short(1, 0, 0), '1 vote for Base model');
});

test('the share of B is drawn on the right, though the API tells the interval of A', () => {
	assert.equal(figures.shareOfB(results(0, 0, 2, null)), null);
	assert.deepEqual(figures.shareOfB(results(1, 3, 0, 0.6, { ci_low: 0.25, ci_high: 0.5 })), { rate: 0.75, low: 0.5, high: 0.75 });
});

test('a plan is a sum of pairs and takes, with the time where it is known', () => {
	assert.equal(figures.plan(12, 2, 361), '12 prompts × 2 = 24 pairs, 48 takes, about 6 minutes');
	assert.equal(figures.plan(1, 1, null), '1 prompt × 1 = 1 pair, 2 takes');
	assert.equal(figures.plan(0, 5, 0), 'Nothing to generate yet.');
});

test('a time to come is said roughly', () => {
	for (const [s, words] of [[0, 'a few seconds'], [9, 'about 10 seconds'], [54, 'about 55 seconds'], [55, 'about 1 minute'], [95, 'about 2 minutes'],
		[3299, 'about 55 minutes'], [3300, 'about 1 hour'], [7300, 'about 2 hours'], [200000, 'about 2 days']])
		assert.equal(figures.roughly(s), words);
});

test('the estimate goes by the average of the last day, the length, the workers and what waits', () => {
	const stats = { avg_processing_time_seconds: 4, active_jobs: 0, workers: { busy: 0, total: 2 }, throughput: { jobs_last_24h: 10, audio_seconds_last_24h: 200 } };

	assert.equal(figures.estimate(null, 48, 20), null);
	assert.equal(figures.estimate({ ...stats, avg_processing_time_seconds: null }, 48, 20), null);
	assert.equal(figures.estimate(stats, 48, 20), 96);
	assert.equal(figures.estimate(stats, 48, 40), 192);
	assert.equal(figures.estimate(stats, 48, NaN), 96);
	assert.equal(figures.estimate({ ...stats, active_jobs: 10 }, 48, 20), 116);
	assert.equal(figures.estimate({ ...stats, workers: { busy: 0, total: 0 } }, 48, 20), 192);
});

test('lines become prompts: nothing empty, nothing twice, nothing that is chosen already', () => {
	assert.deepEqual(figures.lines('  a waltz \r\n\r\nfast funk\nA  Waltz\u2028calm\nfast funk', ['Calm']),
		{ prompts: ['a waltz', 'fast funk'], repeated: 3 });
	assert.deepEqual(figures.lines(' \n\n'), { prompts: [], repeated: 0 });
});

test('how far a test is, in words', () => {
	const said = (total_pairs, generated_pairs, failed_pairs = 0) => figures.progress({ total_pairs, generated_pairs, failed_pairs });

	assert.equal(said(10, 4), '4 of 10 pairs are ready');
	assert.equal(said(10, 4, 1), '4 of 10 pairs are ready, 1 failed');
	assert.equal(said(1, 0), '0 of 1 pair is ready');
	assert.equal(said(1, 1), 'The pair is ready');
	assert.equal(said(2, 2), 'Both pairs are ready');
	assert.equal(said(10, 10), 'All 10 pairs are ready');
});

test('a test is stuck when what is missing has failed', () => {
	const stuck = (status, generated_pairs, failed_pairs) => figures.isStuck({ status, total_pairs: 10, generated_pairs, failed_pairs });

	assert.ok(stuck('generating', 4, 6));
	assert.ok(!stuck('generating', 4, 5));
	assert.ok(!stuck('draft', 0, 0));
	assert.ok(!stuck('ready', 10, 0));
});

test('the axis of scores has 1000 on it, round numbers, and room for all intervals', () => {
	const board = (...pairs) => figures.axis(pairs.map(([ci_low, ci_high]) => ({ ci_low, ci_high })));

	assert.deepEqual(board([853, 992], [1008, 1147]), { from: 850, to: 1150, ticks: [850, 900, 950, 1000, 1050, 1100, 1150] });
	assert.deepEqual(board([1000, 1000]), { from: 1000, to: 1025, ticks: [1000, 1025] });
	for (const [low, high] of [[999, 1001], [400, 1600], [-3000, 5000], [1020, 1400], [-99999, 99999]]) {
		const { from, to, ticks } = board([low, high]);
		assert.ok(from <= Math.min(low, 1000) && to >= Math.max(high, 1000), `${from}…${to} for ${low}…${high}`);
		assert.ok(ticks.length <= 21 && ticks[0] === from && ticks.at(-1) === to);
	}
	assert.equal(figures.along(1000, { from: 850, to: 1150 }), 50);
	assert.equal(figures.along(2000, { from: 850, to: 1150 }), 100);
});

describe('a side counts as heard', () => {
	/* Plays a side from…to in looks of a tenth of a second. */
	const play = (heard, side, from, to) => {
		for (let at = from; at <= to + 1e-9; at += 0.1) heard.tick(side, at);
	};

	test('after three seconds of playing, each side by itself', () => {
		const heard = new Heard(10);

		play(heard, 0, 0, 2.9);
		assert.ok(heard.left(0) > 0.05 && heard.left(0) < 0.15, `${heard.left(0)}`);
		play(heard, 1, 2.9, 6);
		assert.ok(!heard.both);
		assert.equal(heard.left(1), 0);
		assert.equal(heard.part(1), 1);
		play(heard, 0, 6, 6.2);
		assert.ok(heard.both);
	});

	test('by sound alone: not by jumps, not by waiting, not by going back', () => {
		const heard = new Heard(60);

		heard.tick(0, 0);
		heard.tick(0, 30);
		heard.tick(0, 30);
		heard.tick(0, 1);
		heard.tick(null, 1);
		heard.tick(null, 3);
		assert.equal(heard.left(0), 3);
		heard.tick(1, 2);
		assert.equal(heard.left(1), 3);
	});

	test('after the whole take where that is shorter', () => {
		const heard = new Heard(1);

		play(heard, 0, 0, 1);
		play(heard, 1, 0, 1);
		assert.ok(heard.both);
	});

	test('at once when it was judged before', () => {
		const heard = new Heard(10);

		heard.known();
		assert.ok(heard.both);
	});
});
