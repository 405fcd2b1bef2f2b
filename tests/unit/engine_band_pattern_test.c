#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "engine/band/pattern.h"
#include "engine/rng.h"

static struct meter
meter(int num, int den)
{
	struct meter m = {0};

	assert_true(meter_make(num, den, &m));
	return m;
}

static struct pattern
pattern(const struct meter *m, const char *row)
{
	struct pattern p = {0};
	struct err e;

	assert_int_equal(pattern_add_row(&p, m, row, 0, "Xx", &e), 0);
	return p;
}

static void
beats_are_what_one_taps(void **state)
{
	struct meter four = meter(4, 4), six = meter(6, 8), seven = meter(7, 8);
	int into;

	(void)state;
	assert_int_equal(four.beats, 4);
	assert_int_equal(six.beats, 2);
	assert_int_equal(six.bar, 6 * EIGHTH);
	assert_int_equal(seven.beats, 3);
	assert_int_equal(seven.bar, 7 * EIGHTH);
	assert_int_equal(meter_beat_at(&seven, 5 * EIGHTH, &into), 2);
	assert_int_equal(into, EIGHTH);
	assert_int_equal(meter_accent(&four, 0), ACCENT_BAR);
	assert_int_equal(meter_accent(&four, 2 * QUARTER), ACCENT_STRONG);
	assert_int_equal(meter_accent(&four, QUARTER), ACCENT_BEAT);
	assert_int_equal(meter_accent(&four, EIGHTH), ACCENT_NONE);
}

static void
a_meter_that_nobody_plays_is_refused(void **state)
{
	struct meter m = { .num = 99 };

	(void)state;
	assert_false(meter_make(13, 16, &m));
	assert_false(meter_make(0, 0, &m));
	assert_int_equal(m.num, 99);
}

static void
signs_divide_their_beat_evenly_and_holds_lengthen(void **state)
{
	struct meter m = meter(4, 4);
	struct pattern p = pattern(&m, "x.x-|xxx|X|-...");

	(void)state;
	assert_int_equal(p.bars, 1);
	assert_int_equal(p.n, 6);
	assert_int_equal(p.step[0].ticks, SIXTEENTH);
	assert_int_equal(p.step[1].tick, EIGHTH);
	assert_int_equal(p.step[1].ticks, EIGHTH);
	assert_int_equal(p.step[3].tick, QUARTER + QUARTER / 3);
	assert_true(p.step[3].even);
	assert_int_equal(p.step[5].sign, 'X');
	assert_int_equal(p.step[5].ticks, QUARTER + SIXTEENTH);
	pattern_free(&p);
}

static void
a_hold_at_the_start_ties_the_last_note_over_the_bar_line(void **state)
{
	struct meter m = meter(4, 4), six = meter(6, 8);
	struct pattern p = pattern(&m, "--|-x|..|x-");

	(void)state;
	assert_int_equal(p.n, 2);
	assert_int_equal(p.step[1].tick, 3 * QUARTER);
	assert_int_equal(p.step[1].ticks, QUARTER + QUARTER + EIGHTH);
	/* Another meter shortens beats, and cuts the tie where the row begins again. */
	pattern_fit(&p, &m, &six);
	for (int i = 0; i < p.n; i++) {
		int next = i + 1 < p.n ? p.step[i + 1].tick : p.bars * six.bar + p.step[0].tick;

		assert_true(p.step[i].tick + p.step[i].ticks <= next);
	}
	assert_true(p.step[p.n - 1].tick + p.step[p.n - 1].ticks > p.bars * six.bar);
	pattern_free(&p);
}

static void
rows_of_one_and_of_two_bars_go_together(void **state)
{
	struct meter m = meter(4, 4);
	struct pattern p = pattern(&m, "x|.|x|.");
	struct err e;

	(void)state;
	assert_int_equal(pattern_add_row(&p, &m, "x|.|.|. .|.|.|x", 36, "x", &e), 0);
	assert_int_equal(p.bars, 2);
	assert_int_equal(p.n, 6);
	for (int i = 1; i < p.n; i++) assert_true(p.step[i - 1].tick <= p.step[i].tick);
	assert_int_equal(pattern_add_row(&p, &m, "x|.|.|. x|.|.|. x|.|.|.", 36, "x", &e), -1);
	pattern_free(&p);
}

static void
a_row_with_an_error_says_which(void **state)
{
	static const struct {
		const char *row, *error;
	} bad[] = {
		{ "", "empty" },
		{ "x|x|x", "4 beats" },
		{ "x|x|x|x|x", "4 beats" },
		{ "x|x||x", "bar 1, beat 3: it has 0 signs" },
		{ "x|y|x|x", "bar 1, beat 2: `y`" },
		{ "-|x|x|.", "no note at its end" },
		{ "-|-|-|-", "no note at its end" },
		{ ".-|x|x|x", "holds no note" },
		{ "x|.-|x|x", "holds no note" },
	};
	struct meter m = meter(4, 4);

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		struct pattern p = {0};
		struct err e = {0};

		assert_int_equal(pattern_add_row(&p, &m, bad[i].row, 0, "x", &e), -1);
		assert_int_equal(e.kind, ERR_INVALID);
		if (!strstr(e.text, bad[i].error)) fail_msg("%s: %s", bad[i].row, e.text);
		pattern_free(&p);
	}
}

static void
in_three_a_bar_of_four_keeps_its_last_backbeat(void **state)
{
	struct meter four = meter(4, 4), three = meter(3, 4);
	struct pattern p = pattern(&four, "x|X|x|X");

	(void)state;
	pattern_fit(&p, &four, &three);
	assert_int_equal(p.bars, 1);
	assert_int_equal(p.n, 3);
	assert_int_equal(p.step[2].sign, 'X');
	assert_int_equal(p.step[2].tick, 2 * QUARTER);
	pattern_free(&p);
}

static void
a_bar_of_four_is_two_of_six_eight_in_triplets(void **state)
{
	struct meter four = meter(4, 4), six = meter(6, 8);
	struct pattern p = pattern(&four, "xx|Xx|xx|Xx");

	(void)state;
	pattern_fit(&p, &four, &six);
	assert_int_equal(p.bars, 2);
	assert_int_equal(p.n, 8);
	assert_int_equal(p.step[1].tick, 2 * EIGHTH);
	assert_int_equal(p.step[2].tick, 3 * EIGHTH);
	assert_int_equal(p.step[4].tick, six.bar);
	pattern_free(&p);
}

/* Where the notes of a fitted row fall, in eighths, with their signs: "0x 2X 4x 6X". */
static char *
fitted(const char *row, const struct meter *from, const struct meter *to)
{
	static char text[512];
	struct pattern p = pattern(from, row);
	size_t n = 0;

	pattern_fit(&p, from, to);
	for (int i = 0; i < p.n; i++) {
		assert_int_equal(p.step[i].tick % EIGHTH, 0);
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%d%c", i ? " " : "",
			p.step[i].tick / EIGHTH, p.step[i].sign);
	}
	pattern_free(&p);
	return text;
}

static void
uneven_meters_keep_the_backbeat_and_the_running_eighths(void **state)
{
	struct meter four = meter(4, 4), three = meter(3, 4), five = meter(5, 8),
		     seven = meter(7, 8), eleven = meter(11, 8), five_four = meter(5, 4);

	(void)state;
	/* 2+2+3: kick, snare, kick and snare. */
	assert_string_equal(fitted("x|X|x|X", &four, &seven), "0x 2X 4x 6X");
	assert_string_equal(
		fitted("xx|xx|xx|xx", &four, &seven), "0x 1x 2x 3x 4x 5x 6x");
	/* 3+2, two bars of it. */
	assert_string_equal(fitted("x|X|x|X", &four, &five), "0x 3X 5x 8X");
	assert_string_equal(fitted("xx|xx|xx|xx", &four, &five),
		"0x 1x 2x 3x 4x 5x 6x 7x 8x 9x");
	assert_string_equal(fitted("x|X|x|X", &four, &eleven), "0x 2X 4x 6X 8x 10X");
	/* 3+2: a bar of three and one of two. */
	assert_string_equal(fitted("x|X|x|X", &four, &five_four), "0x 2X 4X 6x 8X");
	/* A waltz keeps its two. */
	assert_string_equal(fitted("X|x|x", &three, &seven), "0X 2x 4x");
	/* And back: what is written in seven is played in four. */
	assert_string_equal(fitted("x|X|x.X", &seven, &four), "0x 2X 4x 5X 6X");
}

/* One row of the kit is a hi-hat in eighths, the other a backbeat. */
static void
in_compound_meters_what_ran_runs_on_and_triplets_are_eighths(void **state)
{
	struct meter four = meter(4, 4), twelve = meter(12, 8);
	struct pattern p = {0};
	int hats = 0, snares = 0;
	struct err e;

	(void)state;
	assert_int_equal(pattern_add_row(&p, &four, "xx|xx|xx|xx", 42, "x", &e), 0);
	assert_int_equal(pattern_add_row(&p, &four, "..|xx|..|xx", 38, "x", &e), 0);
	pattern_fit(&p, &four, &twelve);
	for (int i = 0; i < p.n; i++) hats += p.step[i].drum == 42, snares += p.step[i].drum == 38;
	assert_int_equal(hats, 12);
	assert_int_equal(snares, 4);
	pattern_free(&p);
	assert_string_equal(fitted("x.x|x.x|xxx|x..", &four, &twelve),
		"0x 2x 3x 5x 6x 7x 8x 9x");
	/* An arpeggio has a voice between, or one above. */
	p = (struct pattern){0};
	assert_int_equal(pattern_add_row(&p, &four, "13|21|34|1-", 0, "1234", &e), 0);
	pattern_fit(&p, &four, &twelve);
	assert_int_equal(p.n, 10);
	assert_int_equal(p.step[1].sign, '2');
	assert_int_equal(p.step[4].sign, '3');
	assert_int_equal(p.step[7].sign, '5');
	pattern_free(&p);
}

static void
a_note_that_fills_a_bar_fills_it_in_any_meter(void **state)
{
	static const int list[][2] = { { 2, 4 }, { 3, 4 }, { 5, 4 }, { 6, 4 }, { 6, 8 }, { 9, 8 },
		{ 12, 8 }, { 5, 8 }, { 7, 8 }, { 11, 8 } };
	struct meter four = meter(4, 4);

	(void)state;
	for (size_t i = 0; i < NELEM(list); i++) {
		struct meter to = meter(list[i][0], list[i][1]);
		struct pattern p = pattern(&four, "x---|----|----|----");

		pattern_fit(&p, &four, &to);
		assert_int_equal(p.step[0].tick, 0);
		if (to.bar <= four.bar) assert_true(p.step[0].ticks >= to.bar);
		pattern_free(&p);
	}
}

/* Whatever is fitted to whatever: all notes lie in the pattern, in order, and something is left. */
static void
any_pattern_fits_any_meter(void **state)
{
	static const int list[][2] = { { 2, 4 }, { 3, 4 }, { 4, 4 }, { 5, 4 }, { 6, 4 }, { 7, 4 },
		{ 3, 8 }, { 6, 8 }, { 9, 8 }, { 12, 8 }, { 5, 8 }, { 7, 8 }, { 11, 8 } };

	(void)state;
	for (size_t i = 0; i < NELEM(list); i++)
		for (size_t k = 0; k < NELEM(list); k++) {
			struct meter from = meter(list[i][0], list[i][1]),
				     to = meter(list[k][0], list[k][1]);
			char row[256] = "";

			for (int bar = 0; bar < 2; bar++)
				for (int b = 0; b < from.beats; b++) {
					strcat(row, "x-x-");
					strcat(row, b < from.beats - 1 ? "|" : " ");
				}
			struct pattern p = pattern(&from, row);
			pattern_fit(&p, &from, &to);
			assert_true(p.n > 0 && p.bars > 0);
			for (int s = 0; s < p.n; s++) {
				assert_true(p.step[s].ticks > 0);
				assert_true(p.step[s].tick >= 0
					&& p.step[s].tick + p.step[s].ticks <= p.bars * to.bar);
				if (s) assert_true(p.step[s].tick > p.step[s - 1].tick);
			}
			/* No bar begins in silence. */
			assert_int_equal(p.step[0].tick, 0);
			pattern_free(&p);
		}
}

static void
the_energy_chooses_among_patterns_and_the_weight_how_often(void **state)
{
	struct pattern list[3] = { { .weight = 1, .low = 0, .high = 40 },
		{ .weight = 3, .low = 41, .high = 100 }, { .weight = 1, .low = 41, .high = 100 } };
	struct rng r = rng_for(1, "test", 0, 0);
	int count[3] = {0};

	(void)state;
	for (int i = 0; i < 4000; i++) count[pattern_pick(list, 3, 70, -1, &r) - list]++;
	assert_int_equal(count[0], 0);
	assert_in_range(count[1], 2800, 3200);
	assert_ptr_equal(pattern_pick(list, 1, 90, -1, &r), &list[0]);
	assert_null(pattern_pick(list, 0, 50, -1, &r));
}

static void
a_section_takes_what_is_written_for_it_whatever_the_energy(void **state)
{
	struct pattern list[4] = { { .weight = 1, .low = 0, .high = 100 },
		{ .weight = 1, .low = 0, .high = 30, .sections = 1 << 2 },
		{ .weight = 1, .low = 60, .high = 100, .sections = 1 << 2 | 1 << 4 },
		{ .weight = 1, .low = 0, .high = 100, .sections = 1 << 5 } };
	static const struct {
		int n, energy, section, chosen;
	} cases[] = {
		{ 4, 70, 2, 2 },
		{ 4, 10, 2, 1 },
		{ 4, 10, 4, 2 },	/* the energy is wrong, the section right */
		{ 4, 70, 0, 0 },
		{ 4, 70, -1, 0 },
		{ 4, 70, 5, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (uint32_t seed = 0; seed < 20; seed++) {
			struct rng r = rng_for(seed, "test", 0, 0);

			assert_ptr_equal(pattern_pick(list, cases[i].n, cases[i].energy,
						 cases[i].section, &r),
				&list[cases[i].chosen]);
		}
	/* Better something than nothing. */
	struct rng r = rng_for(1, "test", 0, 0);
	assert_ptr_equal(pattern_pick(list + 3, 1, 50, 0, &r), &list[3]);
}

static void
a_hat_rolls_in_thirty_seconds_and_triplets(void **state)
{
	struct meter m = meter(4, 4);
	struct pattern p = pattern(&m, "x.x.|xxxxxx|xxxxxxxx|x");

	(void)state;
	assert_int_equal(p.n, 2 + 6 + 8 + 1);
	assert_int_equal(p.step[3].tick - p.step[2].tick, QUARTER / 6);
	assert_true(p.step[3].even);
	assert_int_equal(p.step[9].tick - p.step[8].tick, QUARTER / 8);
	assert_false(p.step[9].even);
	pattern_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beats_are_what_one_taps),
		cmocka_unit_test(a_meter_that_nobody_plays_is_refused),
		cmocka_unit_test(signs_divide_their_beat_evenly_and_holds_lengthen),
		cmocka_unit_test(a_hold_at_the_start_ties_the_last_note_over_the_bar_line),
		cmocka_unit_test(rows_of_one_and_of_two_bars_go_together),
		cmocka_unit_test(a_row_with_an_error_says_which),
		cmocka_unit_test(in_three_a_bar_of_four_keeps_its_last_backbeat),
		cmocka_unit_test(a_bar_of_four_is_two_of_six_eight_in_triplets),
		cmocka_unit_test(uneven_meters_keep_the_backbeat_and_the_running_eighths),
		cmocka_unit_test(in_compound_meters_what_ran_runs_on_and_triplets_are_eighths),
		cmocka_unit_test(a_note_that_fills_a_bar_fills_it_in_any_meter),
		cmocka_unit_test(any_pattern_fits_any_meter),
		cmocka_unit_test(the_energy_chooses_among_patterns_and_the_weight_how_often),
		cmocka_unit_test(a_section_takes_what_is_written_for_it_whatever_the_energy),
		cmocka_unit_test(a_hat_rolls_in_thirty_seconds_and_triplets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
