#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "base/err.h"
#include "engine/band/bus.h"

enum { RATE = 48000, SECOND = RATE / BUS_CHUNK * BUS_CHUNK };

static struct performance
take(int frames, int vinyl, int tape)
{
	return (struct performance){ .frames = frames, .seed = 3,
		.texture = { [TEXTURE_VINYL] = vinyl, [TEXTURE_TAPE] = tape } };
}

/* A take's frames of a sine in both channels, the right one upside down, through the bus of a
 * stem. Left comes back; the caller frees it. */
static float *
treated(const struct performance *p, double hz, double amplitude, double offset)
{
	float *out = calloc((size_t)p->frames + BUS_CHUNK, sizeof *out);
	struct bus *b = calloc(1, sizeof *b);
	struct bus_way way = bus_way(p);
	struct sway sway = sway_start(p);

	assert_true(out && b);
	for (int64_t at = 0; at < p->frames; at += BUS_CHUNK) {
		int n = p->frames - at < BUS_CHUNK ? (int)(p->frames - at) : BUS_CHUNK;
		float right[BUS_CHUNK], *left = out + at;
		struct sway_taps taps;

		for (int i = 0; i < n; i++) {
			left[i] = (float)(amplitude * sin(2 * M_PI * hz * (double)(at + i) / RATE));
			right[i] = -left[i];
			left[i] += (float)offset;
		}
		if (way.sways) sway_curve(&sway, n, &taps);
		bus_run(b, &way, &taps, at, n, left, right);
		/* Sides do not leak into each other. */
		for (int i = 0; i < n && offset == 0; i++)
			assert_float_equal(left[i], -right[i], 1e-6);
	}
	free(b);
	return out;
}

/* How much of a frequency there is: its amplitude (Goertzel, under a Hann window). */
static double
amplitude_at(const float *x, int n, double hz)
{
	double re = 0, im = 0;

	for (int i = 0; i < n; i++) {
		double w = 1 - cos(2 * M_PI * i / n);

		re += w * x[i] * cos(2 * M_PI * hz * i / RATE);
		im += w * x[i] * sin(2 * M_PI * hz * i / RATE);
	}
	return 2 * hypot(re, im) / n;
}

static void
a_stem_without_vinyl_or_tape_comes_out_as_it_was(void **state)
{
	static const double hz[] = { 60, 440, 5000, 15000 };
	struct performance p = take(2 * SECOND, 0, 0);

	(void)state;
	for (size_t k = 0; k < NELEM(hz); k++) {
		float *x = treated(&p, hz[k], 0.5, 0);

		assert_float_equal(20 * log10(amplitude_at(x + SECOND, SECOND / 2, hz[k]) / 0.5),
			0, 0.4);
		free(x);
	}
}

static void
an_offset_does_not_get_through(void **state)
{
	struct performance p = take(3 * SECOND, 0, 0);
	float *x = treated(&p, 1000, 0.2, 0.3);
	double sum = 0;

	(void)state;
	for (int i = SECOND; i < 2 * SECOND; i++) sum += x[i];
	assert_true(fabs(sum / SECOND) < 1e-5);
	free(x);
}

/* The phase of a tone against the one that went in, followed: the delay, and from it the speed. */
static void
a_record_and_a_tape_sway_within_what_such_machines_do(void **state)
{
	static const struct {
		int vinyl, tape;
		double most;		/* deviation of speed */
	} table[] = { { 100, 0, 0.0046 }, { 50, 0, 0.0023 }, { 0, 100, 0.0032 }, { 100, 100, 0.0078 } };

	(void)state;
	for (size_t k = 0; k < NELEM(table); k++) {
		struct performance p = take(8 * SECOND, table[k].vinyl, table[k].tape);
		struct sway s = sway_start(&p);
		struct sway_taps taps;
		double most = 0, before = 0;

		for (int i = 0; i < p.frames; i++) {
			int at = i % BUS_CHUNK;
			double w[4], delay;

			if (!at) sway_curve(&s, BUS_CHUNK, &taps);
			for (int j = 0; j < 4; j++) w[j] = taps.weight[j][at];
			/* Where the weights' middle is. */
			delay = taps.ago[at] - (w[1] + 2 * w[2] + 3 * w[3]);
			assert_float_equal(w[0] + w[1] + w[2] + w[3], 1, 1e-5);
			assert_true(delay >= 1 && taps.ago[at] < BUS_RING - BUS_CHUNK);
			if (i % 480 == 0) {
				if (i) most = fmax(most, fabs(delay - before) / 480);
				before = delay;
			}
		}
		assert_true(most < table[k].most && most > 0.6 * table[k].most);
	}
}

/* Bent, not broken: a tone through a swaying record is still that tone, with nothing far from
 * it. */
static void
what_sways_has_no_clicks_and_no_other_tones(void **state)
{
	struct performance p = take(3 * SECOND, 60, 0);
	float *x = treated(&p, 1000, 0.5, 0);

	(void)state;
	for (int i = RATE / 10; i < 2 * SECOND; i++)
		assert_true(fabsf(x[i] - x[i - 1]) < 0.5 * 2 * M_PI * 1000 / RATE * 1.02);
	for (double hz = 2000; hz < 20000; hz += 700)
		assert_true(amplitude_at(x + SECOND, SECOND, hz) < 1e-4);
	free(x);
}

static void
tape_leaves_what_is_soft_and_bends_what_is_loud(void **state)
{
	struct performance p = take(2 * SECOND, 0, 100);
	float *soft = treated(&p, 440, 0.01, 0), *loud = treated(&p, 440, 1, 0), top = 0;

	(void)state;
	/* Flutter spreads a tone a little. */
	for (int i = SECOND / 2; i < SECOND; i++) top = fmaxf(top, fabsf(soft[i]));
	assert_float_equal(20 * log10(top / 0.01), 0, 0.3);
	top = 0;
	for (int i = SECOND / 2; i < SECOND; i++) top = fmaxf(top, fabsf(loud[i]));
	assert_true(top < 0.4 && top > 0.2);
	/* The third harmonic is there, the even ones are not, since both halves are bent alike. */
	assert_true(amplitude_at(loud + SECOND / 2, SECOND, 1320) > 0.02);
	assert_true(amplitude_at(loud + SECOND / 2, SECOND, 880) < 1e-3);
	free(soft);
	free(loud);
}

/* The 7th and the 9th harmonic of 5 kHz lie above half the rate and would come back at 13 and 3
 * kHz. */
static void
saturation_hardly_folds_anything_back(void **state)
{
	struct performance p = take(2 * SECOND, 0, 100);
	float *x = treated(&p, 5000, 0.7, 0);
	/* Short windows are wide enough for what flutter does to a tone. */
	double third = amplitude_at(x + SECOND / 2, SECOND / 32, 15000);

	(void)state;
	assert_true(third > 0.005);
	assert_true(amplitude_at(x + SECOND / 2, SECOND / 32, 13000) < 0.1 * third);
	assert_true(amplitude_at(x + SECOND / 2, SECOND / 32, 3000) < 0.1 * third);
	free(x);
}

static void
a_worn_record_has_less_above(void **state)
{
	struct performance p = take(2 * SECOND, 100, 0), q = take(2 * SECOND, 20, 0);
	double bright[2], low[2];

	(void)state;
	for (int k = 0; k < 2; k++) {
		float *x = treated(k ? &q : &p, 12000, 0.5, 0);
		float *y = treated(k ? &q : &p, 300, 0.5, 0);
		float top = 0, top_low = 0;

		for (int i = SECOND / 2; i < SECOND; i++) {
			top = fmaxf(top, fabsf(x[i]));
			top_low = fmaxf(top_low, fabsf(y[i]));
		}
		bright[k] = top;
		low[k] = top_low;
		free(x);
		free(y);
	}
	assert_true(bright[0] < 0.7 * bright[1]);
	assert_float_equal(low[0], 0.5, 0.02);
	assert_float_equal(low[1], 0.5, 0.02);
}

static void
a_take_ends_at_zero_within_10_ms(void **state)
{
	static const int frames[] = { SECOND, SECOND + 17, 100, 1 };

	(void)state;
	for (size_t k = 0; k < NELEM(frames); k++) {
		struct performance p = take(frames[k], 0, 0), longer = take(2 * SECOND, 0, 0);
		float *x = treated(&p, 440, 0.5, 0), *y = treated(&longer, 440, 0.5, 0);

		assert_true(x[frames[k] - 1] == 0);
		for (int i = 0; i < frames[k] - 480; i++) assert_true(x[i] == y[i]);
		free(x);
		free(y);
	}
}

static const struct performance_kick kicks[] = {
	{ 4800, 24000, 127 }, { 28800, 24000, 60 }, { 30000, 24000, 127 }, { 100000, 200000, 127 },
};

static void
each_kick_pushes_down_once_and_lets_go_in_time(void **state)
{
	enum { FRAMES = 150000 };
	struct performance p = { .kick = (struct performance_kick *)kicks, .kicks = NELEM(kicks) };
	struct duck whole = { .perf = &p }, pieces = { .perf = &p };
	float *a = calloc(2 * FRAMES, sizeof *a), *b = a + FRAMES;

	(void)state;
	assert_non_null(a);
	duck_curve(&whole, 0, FRAMES, a);
	for (int at = 0, n; at < FRAMES; at += n) {
		n = FRAMES - at < 1984 ? FRAMES - at : 1984;
		duck_curve(&pieces, at, n, b + at);
	}
	assert_memory_equal(a, b, FRAMES * sizeof *a);
	assert_true(a[4800 - 144] == 0 && a[4800] > 0.99f && a[4800 + 18000] == 0);
	assert_true(a[28800] < 0.7f && a[30000] > 0.99f);	/* softly; and the later one counts */
	assert_true(a[100000 + 450 * 48] == 0 && a[100000 + 300 * 48] > 0);	/* 450 ms at most */
	for (int i = 1; i < FRAMES; i++) assert_true(fabsf(a[i] - a[i - 1]) < 0.011f);
	free(a);
}

static void
sine(double hz, float *left, float *right)
{
	for (int i = 0; i < SECOND; i++) {
		left[i] = (float)(0.5 * sin(2 * M_PI * hz * i / 48000));
		right[i] = -left[i];
	}
}

/* How much louder a lasting tone leaves than it came, in dB. */
static double
gain_at(double hz)
{
	static float left[SECOND], right[SECOND];
	struct bus b = {0};
	double sum = 0;

	sine(hz, left, right);
	for (int at = 0; at < SECOND; at += BUS_CHUNK)
		bus_hollow(&b, SECOND - at < BUS_CHUNK ? SECOND - at : BUS_CHUNK, left + at,
			right + at);
	for (int i = SECOND / 2; i < SECOND; i++) {
		assert_float_equal(left[i], -right[i], 1e-6);
		sum += (double)left[i] * left[i];
	}
	return 10 * log10(sum / (SECOND / 2) / 0.125);
}

static void
drums_lose_what_rings_beside_the_bass(void **state)
{
	(void)state;
	assert_float_equal(gain_at(135), -8, 0.1);
	assert_true(gain_at(123) < -6 && gain_at(147) < -6);
}

static void
their_depth_and_their_edge_stay(void **state)
{
	static const double hz[] = { 35, 50, 400, 1000, 5000, 15000 };

	(void)state;
	for (size_t i = 0; i < sizeof hz / sizeof *hz; i++) assert_float_equal(gain_at(hz[i]), 0, 1);
}

static void
silence_behind_them_is_silent(void **state)
{
	static float left[SECOND], right[SECOND];
	struct bus b = {0};

	(void)state;
	sine(135, left, right);
	bus_hollow(&b, SECOND, left, right);
	memset(left, 0, sizeof left);
	memset(right, 0, sizeof right);
	for (int i = 0; i < 3; i++) bus_hollow(&b, SECOND, left, right);
	assert_true(left[SECOND - 1] == 0 && right[SECOND - 1] == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stem_without_vinyl_or_tape_comes_out_as_it_was),
		cmocka_unit_test(an_offset_does_not_get_through),
		cmocka_unit_test(a_record_and_a_tape_sway_within_what_such_machines_do),
		cmocka_unit_test(what_sways_has_no_clicks_and_no_other_tones),
		cmocka_unit_test(tape_leaves_what_is_soft_and_bends_what_is_loud),
		cmocka_unit_test(saturation_hardly_folds_anything_back),
		cmocka_unit_test(a_worn_record_has_less_above),
		cmocka_unit_test(a_take_ends_at_zero_within_10_ms),
		cmocka_unit_test(each_kick_pushes_down_once_and_lets_go_in_time),
		cmocka_unit_test(drums_lose_what_rings_beside_the_bass),
		cmocka_unit_test(their_depth_and_their_edge_stay),
		cmocka_unit_test(silence_behind_them_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
