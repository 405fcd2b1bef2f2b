/* The decoder: a stream gives what it gives alone, whoever computes; it hears what was and not what
 * comes; and a text is heard only by the streams that have it. What it computes:
 * tests/data/musicgen. */
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

enum { BOOKS = 4, CODES = 64, WIDTH = 64, STREAMS = 5, STEPS = 9, ONE = BOOKS * CODES, TEXT = 6 };

static float states[2][TEXT * WIDTH];

static int32_t
code_of(int stream, int step, int book)
{
	struct rng r = rng_for((uint32_t)stream, "code", (uint32_t)step, (uint32_t)book);

	return rng_below(&r, CODES + 1);
}

/* Streams and their texts: which of states, cut to n; -1: none. */
struct part {
	int stream, text, n;
};

/* The logits of parts that go along together, [steps][parts][ONE]; the first `fed` steps at
 * once, and theirs left as they are. other: from which step on stream 0 has other codes; -1:
 * never. */
static void
run(const struct hands *h, const struct part *parts, int n, enum weights cache, int fed, int other,
	float *out)
{
	struct decoder_run *r = decoder_begin(model->decoder, h, n, STEPS, cache);
	int32_t codes[STEPS * STREAMS * BOOKS];

	for (int i = 0; i < n; i++)
		if (parts[i].text >= 0)
			decoder_text(r, i, i + 1, states[parts[i].text], parts[i].n);
	for (int t = 0; t < STEPS; t++)
		for (int i = 0; i < n; i++)
			for (int k = 0; k < BOOKS; k++)
				codes[(t * n + i) * BOOKS + k] = code_of(other >= 0 && t >= other &&
					!parts[i].stream ? 77 : parts[i].stream, t, k);
	if (fed) decoder_feed(r, codes, fed);
	for (int t = fed; t < STEPS; t++)
		decoder_step(r, codes + t * n * BOOKS, out + (size_t)(t * n) * ONE);
	decoder_end(r);
}

static const struct part parts[STREAMS] = { { 0, 0, TEXT }, { 1, 1, 1 }, { 2, -1, 0 }, { 3, 0, 3 },
	{ 4, 1, TEXT } };

static void
each_stream_gives_what_it_gives_alone(void **state)
{
	static float all[STEPS * STREAMS * ONE], alone[STEPS * ONE];

	(void)state;
	for (int cache = WEIGHTS_F32; cache <= WEIGHTS_F16; cache++) {
		run(&hands, parts, STREAMS, (enum weights)cache, 0, -1, all);
		for (int i = 0; i < STREAMS; i++) {
			run(&hands, parts + i, 1, (enum weights)cache, 0, -1, alone);
			for (int t = 0; t < STEPS; t++)
				assert_memory_equal(alone + t * ONE, all + (t * STREAMS + i) * ONE,
					ONE * sizeof *all);
		}
	}
}

static void
processors_and_threads_do_not_matter(void **state)
{
	static float want[STEPS * STREAMS * ONE], got[STEPS * STREAMS * ONE];
	const struct kernels *const *kernels = kernels_all();

	(void)state;
	run(&hands, parts, STREAMS, WEIGHTS_F16, 0, -1, want);
	for (int i = 0; kernels[i]; i++)
		for (int threads = 1; threads <= 2; threads++) {
			struct hands h = { crew_start(threads), kernels[i] };

			run(&h, parts, STREAMS, WEIGHTS_F16, 0, -1, got);
			assert_memory_equal(got, want, sizeof got);
			crew_stop(h.crew);
		}
}

/* Several steps at once leave the same behind as one after the other. */
static void
steps_may_be_taken_at_once(void **state)
{
	static float want[STEPS * STREAMS * ONE], got[STEPS * STREAMS * ONE];

	(void)state;
	run(&hands, parts, STREAMS, WEIGHTS_F16, 0, -1, want);
	for (int fed = 1; fed < STEPS; fed++) {
		run(&hands, parts, STREAMS, WEIGHTS_F16, fed, -1, got);
		assert_memory_equal(got + fed * STREAMS * ONE, want + fed * STREAMS * ONE,
			(size_t)(STEPS - fed) * STREAMS * ONE * sizeof *got);
	}
}

static void
what_comes_later_changes_nothing_and_what_was_does(void **state)
{
	static float want[STEPS * ONE], got[STEPS * ONE];

	(void)state;
	run(&hands, parts, 1, WEIGHTS_F32, 0, -1, want);
	for (int other = 0; other < STEPS; other++) {
		run(&hands, parts, 1, WEIGHTS_F32, 0, other, got);
		assert_memory_equal(got, want, (size_t)other * ONE * sizeof *got);
		for (int t = other; t < STEPS; t++)
			assert_memory_not_equal(got + t * ONE, want + t * ONE, ONE * sizeof *got);
	}
}

/* Its order does not: the attention over a text has no places. */
static void
all_of_a_text_matters(void **state)
{
	static float want[STEPS * ONE], got[STEPS * ONE];
	float kept[WIDTH];
	double most = 0;

	(void)state;
	run(&hands, parts, 1, WEIGHTS_F32, 0, -1, want);
	for (int i = 0; i < TEXT; i++) {
		memcpy(kept, states[0] + i * WIDTH, sizeof kept);
		memset(states[0] + i * WIDTH, 0, sizeof kept);
		run(&hands, parts, 1, WEIGHTS_F32, 0, -1, got);
		assert_memory_not_equal(got, want, ONE * sizeof *got);
		memcpy(states[0] + i * WIDTH, kept, sizeof kept);
	}
	memcpy(kept, states[0], sizeof kept);
	memcpy(states[0], states[0] + 3 * WIDTH, sizeof kept);
	memcpy(states[0] + 3 * WIDTH, kept, sizeof kept);
	run(&hands, parts, 1, WEIGHTS_F32, 0, -1, got);
	for (int i = 0; i < STEPS * ONE; i++)
		if (fabs((double)got[i] - want[i]) > most) most = fabs((double)got[i] - want[i]);
	assert_true(most < 1e-4);	/* of logits up to 8: sums have another order */
}

/* A number of 16 bit is off by up to 2^-11 of itself, which three layers make larger, but hardly ten
 * times. */
static void
a_cache_in_16_bit_is_near_the_one_in_32(void **state)
{
	static float want[STEPS * ONE], got[STEPS * ONE];
	double most = 0, error = 0;

	(void)state;
	run(&hands, parts, 1, WEIGHTS_F32, 0, -1, want);
	run(&hands, parts, 1, WEIGHTS_F16, 0, -1, got);
	for (int i = 0; i < STEPS * ONE; i++) {
		if (fabs(want[i]) > most) most = fabs(want[i]);
		if (fabs((double)got[i] - want[i]) > error) error = fabs((double)got[i] - want[i]);
	}
	assert_true(error > 0 && error < 10 * 0x1p-11 * most);
}

static int
begin(void **state)
{
	struct rng r = rng_for(1, "states", 0, 0);

	for (int i = 0; i < 2 * TEXT * WIDTH; i++)
		states[i / (TEXT * WIDTH)][i % (TEXT * WIDTH)] =
			(float)rng_between(&r, -2000, 2000) / 1000;
	return model_setup(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_stream_gives_what_it_gives_alone),
		cmocka_unit_test(processors_and_threads_do_not_matter),
		cmocka_unit_test(steps_may_be_taken_at_once),
		cmocka_unit_test(what_comes_later_changes_nothing_and_what_was_does),
		cmocka_unit_test(all_of_a_text_matters),
		cmocka_unit_test(a_cache_in_16_bit_is_near_the_one_in_32),
	};

	return cmocka_run_group_tests(tests, begin, model_teardown);
}
