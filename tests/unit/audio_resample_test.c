/* Sound at a higher rate: the same sound, as long, however it comes in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "audio/resample.h"
#include "base/err.h"

/* All of a sound that comes in pieces of `piece` frames; *n of them. Owned by the caller. */
static float *
resampled(const float *x, int64_t frames, int channels, int from, int to, int64_t piece, int64_t *n)
{
	struct resampler *r = resampler_new(from, to, channels);
	/* No rate here is twice as high as the other. */
	float *all = calloc((size_t)((frames + 1) * channels) * 2, sizeof *all);
	int64_t got, some;

	assert_non_null(all);
	*n = 0;
	for (int64_t at = 0; at <= frames; at += some) {
		const float *y;

		some = frames - at < piece ? frames - at : piece;
		/* Nothing more once all of it is there. */
		y = resampler_add(r, some ? x + at * channels : NULL, some, &got);
		if (got) memcpy(all + *n * channels, y, (size_t)(got * channels) * sizeof *all);
		*n += got;
		if (!some) break;
	}
	resampler_free(r);
	return all;
}

static float *
sine(int64_t frames, int rate, double hz)
{
	float *x = malloc((size_t)frames * sizeof *x);

	assert_non_null(x);
	for (int64_t i = 0; i < frames; i++) x[i] = (float)sin(2 * M_PI * hz * (double)i / rate);
	return x;
}

static void
a_tone_is_the_same_tone_at_the_other_rate(void **state)
{
	static const struct {
		int from, to;
		double hz;
	} cases[] = { { 32000, 48000, 440 }, { 32000, 48000, 14000 }, { 32000, 48000, 30 },
		{ 44100, 48000, 1000 }, { 44100, 48000, 19000 }, { 16000, 24000, 7000 },
		{ 22050, 24000, 5000 } };

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		int64_t n, frames = cases[i].from / 5;
		float *x = sine(frames, cases[i].from, cases[i].hz);
		float *y = resampled(x, frames, 1, cases[i].from, cases[i].to, frames, &n);
		float *want = sine(n, cases[i].to, cases[i].hz);

		assert_int_equal(n, cases[i].to / 5);
		/* Near its ends it is mixed with the silence around it. */
		for (int64_t k = 200; k < n - 200; k++)
			assert_true(fabs((double)y[k] - want[k]) < 1e-4);	/* -80 dB */
		free(want);
		free(y);
		free(x);
	}
}

static void
pieces_of_any_length_make_the_same_sound_and_channels_stay_apart(void **state)
{
	static const int64_t pieces[] = { 1, 7, 160, 999, 1000, 5000 };
	float x[2 * 1000], *whole, *part;
	int64_t n, m;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		x[2 * i] = (float)((i * 7919) % 200 - 100) / 100;
		x[2 * i + 1] = 0.5f;
	}
	whole = resampled(x, 1000, 2, 32000, 48000, 1000, &n);
	assert_int_equal(n, 1500);
	for (int64_t i = 100; i < 1400; i++) assert_true(fabs(whole[2 * i + 1] - 0.5) < 1e-5);
	for (size_t k = 0; k < NELEM(pieces); k++) {
		part = resampled(x, 1000, 2, 32000, 48000, pieces[k], &m);
		assert_int_equal(m, n);
		assert_memory_equal(part, whole, (size_t)(2 * n) * sizeof *part);
		free(part);
	}
	free(whole);
}

static void
the_shortest_sounds_have_their_length_rounded_up(void **state)
{
	static const int64_t want[] = { 0, 2, 3, 5, 6 };
	float x[4] = { 1, 1, 1, 1 };
	int64_t n;

	(void)state;
	for (int64_t i = 0; i <= 4; i++) {
		free(resampled(x, i, 1, 32000, 48000, 4, &n));
		assert_int_equal(n, want[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tone_is_the_same_tone_at_the_other_rate),
		cmocka_unit_test(pieces_of_any_length_make_the_same_sound_and_channels_stay_apart),
		cmocka_unit_test(the_shortest_sounds_have_their_length_rounded_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
