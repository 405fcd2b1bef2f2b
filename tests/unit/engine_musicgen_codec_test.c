/* The codec: as many samples as there are codes, the same whoever computes, each code heard
 * where it belongs. What it computes: tests/data/musicgen. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/rng.h"
#include "engine_musicgen_model.h"

enum { BOOKS = 4, CODES = 64, HOP = 640, LONGEST = 36 };	/* some tiles of the codec */

/* Random codes of n frames, [BOOKS][n], the same for each n as far as they go. */
static void
draw(int32_t *codes, int n)
{
	for (int k = 0; k < BOOKS; k++)
		for (int t = 0; t < n; t++) {
			struct rng r = rng_for(3, "codec", (uint32_t)k, (uint32_t)t);

			codes[k * n + t] = rng_below(&r, CODES);
		}
}

static void
threads_and_kernels_do_not_matter(void **state)
{
	static float want[LONGEST * HOP], got[LONGEST * HOP];
	const struct kernels *const *kernels = kernels_all();
	int32_t codes[BOOKS * LONGEST];

	(void)state;
	draw(codes, LONGEST);
	codec_decode(model->codec, &hands, codes, LONGEST, want, NULL, NULL);
	for (int i = 0; kernels[i]; i++) {
		struct hands h = { crew_start(1 + i % 2), kernels[i] };

		memset(got, 0, sizeof got);
		codec_decode(model->codec, &h, codes, LONGEST, got, NULL, NULL);
		assert_memory_equal(got, want, sizeof got);
		crew_stop(h.crew);
	}
}

/* Shorter than what convolutions want to mirror, too; all are written, and nothing behind the last
 * one. */
static void
each_frame_gives_as_many_samples(void **state)
{
	float samples[8 * HOP + 1];
	int32_t codes[BOOKS * 8];

	(void)state;
	for (int n = 1; n <= 8; n++) {
		double power = 0;

		draw(codes, n);
		for (int i = 0; i <= 8 * HOP; i++) samples[i] = 9;
		codec_decode(model->codec, &hands, codes, n, samples, NULL, NULL);
		for (int i = n * HOP; i <= 8 * HOP; i++) assert_true(samples[i] == 9);
		for (int i = 0; i < n * HOP; i++) {
			assert_true(fabsf(samples[i]) < 1);
			power += (double)samples[i] * samples[i];
		}
		assert_true(power > 0);
	}
}

/* Convolutions look a few frames ahead, and the LSTM only back: of a sound that goes on, the
 * beginning stays as it is; and each code of any codebook is heard where it is. */
static void
a_code_is_heard_where_it_is(void **state)
{
	enum { AHEAD = 6 };
	static float want[LONGEST * HOP], got[LONGEST * HOP];
	int32_t codes[BOOKS * LONGEST], other[BOOKS * LONGEST];

	(void)state;
	draw(codes, LONGEST);
	codec_decode(model->codec, &hands, codes, LONGEST, want, NULL, NULL);
	for (int k = 0; k < BOOKS; k++) {
		memcpy(other, codes, sizeof other);
		other[k * LONGEST + 9] = (codes[k * LONGEST + 9] + 1) % CODES;
		codec_decode(model->codec, &hands, other, LONGEST, got, NULL, NULL);
		assert_memory_equal(got, want, (size_t)(9 - AHEAD) * HOP * sizeof *got);
		assert_memory_not_equal(got + 9 * HOP, want + 9 * HOP, HOP * sizeof *got);
	}
	draw(other, LONGEST - 2);
	codec_decode(model->codec, &hands, other, LONGEST - 2, got, NULL, NULL);
	assert_memory_equal(got, want, (size_t)(LONGEST - 2 - AHEAD) * HOP * sizeof *got);
}

/* How often it was asked, and when it said no. */
struct asked {
	int times, last, no_at;
};

static bool
ask(void *ctx, int done, int of)
{
	struct asked *a = ctx;

	assert_int_equal(of, LONGEST);
	assert_true(done >= a->last && done <= of);
	a->last = done;
	return ++a->times != a->no_at;
}

static void
it_says_how_far_it_is_and_stops_when_asked_to(void **state)
{
	static int32_t codes[BOOKS * LONGEST];
	static float samples[LONGEST * HOP];
	struct asked a = {0};
	int times;

	(void)state;
	assert_int_equal(codec_decode(model->codec, &hands, codes, LONGEST, samples, ask, &a), 0);
	assert_int_equal(a.last, LONGEST);
	times = a.times;
	assert_true(times > 2);
	for (int at = 1; at <= times; at++) {
		a = (struct asked){ .no_at = at };
		if (codec_decode(model->codec, &hands, codes, LONGEST, samples, ask, &a) == 0)
			assert_true(a.times < at);	/* another part had all the rest */
		else
			assert_int_equal(a.times, at);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_and_kernels_do_not_matter),
		cmocka_unit_test(each_frame_gives_as_many_samples),
		cmocka_unit_test(a_code_is_heard_where_it_is),
		cmocka_unit_test(it_says_how_far_it_is_and_stops_when_asked_to),
	};

	return cmocka_run_group_tests(tests, model_setup, model_teardown);
}
