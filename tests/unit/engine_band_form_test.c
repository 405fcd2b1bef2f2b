#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "engine/band/styles.h"
#include "engine_band_compose.h"

/* The first of each style's words calls it by name. */
static void
call(const char *text, char *out, size_t size)
{
	const char *words = strstr(text, "\nwords");
	size_t n;

	assert_non_null(words);
	words += 6 + strspn(words + 6, " ");
	n = strcspn(words, ",\n");
	snprintf(out, size, "%.*s", (int)n, words);
}

static void
the_final_chord_and_its_ring_lie_inside_any_duration(void **state)
{
	static const double seconds[] = { 0.5, 1, 2, 3, 4.5, 7, 10, 12.3456, 20, 30, 47, 60, 90,
		180, 333, 600 };

	(void)state;
	for (size_t i = 0; i < band_style_count; i++)
		for (size_t k = 0; k < NELEM(seconds); k++) {
			struct composition c;
			char prompt[128];
			int64_t frames = llround(seconds[k] * TEMPO_RATE), final, end;

			call(band_styles[i].text, prompt, sizeof prompt);
			planned(&c, prompt, NULL, seconds[k], (uint32_t)k);
			final = tempo_frame(&c.plan.tempo, c.plan.final_tick)
				- tempo_frame(&c.plan.tempo, c.plan.start_tick);
			end = tempo_frame(&c.plan.tempo, c.plan.end_tick)
				- tempo_frame(&c.plan.tempo, c.plan.start_tick);
			assert_true(final >= 0 && final < frames);
			assert_true(llabs(end - frames) < 100);
			/* It rings for some time, but the piece is not all ring. */
			if (seconds[k] >= 4.5)
				assert_true(frames - final > TEMPO_RATE / 2
					&& frames - final < 7 * TEMPO_RATE);
			composition_free(&c);
		}
}

static void
the_tempo_gives_way_by_three_percent_at_most(void **state)
{
	(void)state;
	for (int s = 4; s <= 120; s++) {
		struct composition c;
		double played;

		planned(&c, "rock at 117 bpm", NULL, s * 1.37, 1);
		played = 60e6 / tempo_us_at(&c.plan.tempo, 0);
		assert_true(fabs(played / 117 - 1) <= 0.0151);
		composition_free(&c);
		planned(&c, "rock", NULL, s * 1.37, 1);
		played = 60e6 / tempo_us_at(&c.plan.tempo, 0);
		assert_true(fabs(played / c.plan.bpm - 1) <= 0.0301);
		composition_free(&c);
	}
}

static void
sections_follow_each_other_without_gaps(void **state)
{
	(void)state;
	for (size_t i = 0; i < band_style_count; i++)
		for (int s = 1; s < 600; s += 13) {
			struct composition c;
			char prompt[128];
			int32_t tick = 0;

			call(band_styles[i].text, prompt, sizeof prompt);
			planned(&c, prompt, NULL, s, (uint32_t)s);
			for (int k = 0; k < c.plan.sections; k++) {
				const struct section *sec = &c.plan.section[k];

				assert_int_equal(sec->tick, tick);
				assert_true(sec->bars > 0 && sec->energy > 0 && sec->energy <= 100);
				assert_int_equal(sec->last, k == c.plan.sections - 1);
				tick += sec->bars * c.plan.meter.bar;
			}
			assert_int_equal(tick, c.plan.final_tick);
			composition_free(&c);
		}
}

static void
a_long_piece_has_sections_that_differ_and_return(void **state)
{
	(void)state;
	for (size_t i = 0; i < band_style_count; i++) {
		struct composition c;
		char prompt[128];
		int names = 0, returns = 0, low = 100, high = 0;

		call(band_styles[i].text, prompt, sizeof prompt);
		planned(&c, prompt, NULL, 150, 3);
		for (int k = 0; k < c.plan.sections; k++) {
			bool before = false;

			for (int j = 0; j < k; j++)
				before |= c.plan.section[j].from == c.plan.section[k].from;
			names += !before;
			returns += before;
			if (c.plan.section[k].energy < low) low = c.plan.section[k].energy;
			if (c.plan.section[k].energy > high) high = c.plan.section[k].energy;
		}
		assert_true(names >= 3);
		assert_true(returns >= 1);
		assert_true(high - low >= 15);
		composition_free(&c);
	}
}

static void
fading_out_needs_no_final_chord(void **state)
{
	struct composition c;

	(void)state;
	composed(&c, "rock that fades out", 40, 1);
	assert_int_equal(c.plan.ending, ENDING_FADE);
	assert_int_equal(c.harmony.final, c.harmony.n);
	assert_true(c.plan.final_tick >= c.plan.end_tick);
	composition_free(&c);
}

static void
a_slow_end_is_in_the_tempo_map(void **state)
{
	struct composition c;

	(void)state;
	planned(&c, "waltz", NULL, 60, 1);
	assert_int_equal(c.plan.tempo.n, c.plan.meter.beats + 2);
	for (int i = 2; i < c.plan.tempo.n - 1; i++)
		assert_true(c.plan.tempo.change[i].us > c.plan.tempo.change[i - 1].us);
	composition_free(&c);
}

static void
ticks_and_frames_are_exact_both_ways(void **state)
{
	struct tempo t = {0};

	(void)state;
	tempo_add(&t, 0, 500000);
	tempo_add(&t, 960, 750000);
	assert_int_equal(tempo_frame(&t, 960), 24000);
	assert_int_equal(tempo_frame(&t, 1920), 24000 + 36000);
	for (int tick = 0; tick < 100000; tick += 7)
		assert_int_equal(tempo_tick(&t, tempo_frame(&t, tick)), tick);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_final_chord_and_its_ring_lie_inside_any_duration),
		cmocka_unit_test(the_tempo_gives_way_by_three_percent_at_most),
		cmocka_unit_test(sections_follow_each_other_without_gaps),
		cmocka_unit_test(a_long_piece_has_sections_that_differ_and_return),
		cmocka_unit_test(fading_out_needs_no_final_chord),
		cmocka_unit_test(a_slow_end_is_in_the_tempo_map),
		cmocka_unit_test(ticks_and_frames_are_exact_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
