/* The text encoder: distances fall into T5's buckets, a text's states do not depend on who computes
 * them, and numbers that it does not know are refused. What it computes: tests/data/musicgen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine_musicgen_model.h"

enum { WIDTH = 48, LONGEST = 40 };

/* From T5's relative_position_bucket(), bidirectional, with 32 buckets up to 128. */
static void
distances_fall_into_buckets(void **state)
{
	static const struct { int distance, bucket; } rows[] = {
		{ 0, 0 }, { -1, 1 }, { 1, 17 }, { -7, 7 }, { 7, 23 }, { -8, 8 }, { -11, 8 },
		{ -12, 9 },
		{ -15, 9 }, { -16, 10 }, { 16, 26 }, { -22, 10 }, { -23, 11 }, { -31, 11 },
		{ -32, 12 },
		{ -45, 12 }, { -46, 13 }, { -63, 13 }, { -64, 14 }, { -90, 14 }, { -91, 15 },
		{ -127, 15 }, { -128, 15 }, { -10000, 15 }, { 10000, 31 },
	};
	struct t5_config c = { .buckets = 32, .max_distance = 128 };

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		int got = t5_bucket(&c, rows[i].distance);

		if (got != rows[i].bucket) fail_msg("%d falls into %d", rows[i].distance, got);
	}
}

static void
encode(int threads, const int32_t *ids, int n, float *out)
{
	struct hands h = { crew_start(threads), kernels_best() };
	struct err e = {0};

	assert_int_equal(t5_encode(model->t5, &h, ids, n, out, &e), 0);
	crew_stop(h.crew);
}

static void
every_place_hears_every_other_and_knows_where_it_is(void **state)
{
	int32_t ids[LONGEST];
	float a[LONGEST * WIDTH], b[LONGEST * WIDTH];

	(void)state;
	for (int i = 0; i < LONGEST; i++) ids[i] = 5;
	encode(1, ids, LONGEST, a);
	encode(2, ids, LONGEST, b);
	assert_memory_equal(a, b, sizeof a);
	for (int i = 1; i < LONGEST; i++)	/* the same number, elsewhere */
		assert_memory_not_equal(a, a + i * WIDTH, WIDTH * sizeof *a);
	ids[LONGEST - 1] = 6;
	encode(1, ids, LONGEST, b);
	for (int i = 0; i < LONGEST; i++)
		assert_memory_not_equal(a + i * WIDTH, b + i * WIDTH, WIDTH * sizeof *a);
}

static void
numbers_beyond_the_vocabulary_are_refused(void **state)
{
	static const int32_t wrong[] = { -1, 320, INT32_MIN, INT32_MAX };
	float out[2 * WIDTH];

	(void)state;
	for (size_t i = 0; i < NELEM(wrong); i++) {
		struct err e = {0};
		int32_t ids[2] = { 319, wrong[i] };

		assert_int_equal(t5_encode(model->t5, &hands, ids, 2, out, &e), -1);
		assert_int_equal(e.kind, ERR_INVALID);
		ids[1] = 0;
		assert_int_equal(t5_encode(model->t5, &hands, ids, 2, out, &e), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances_fall_into_buckets),
		cmocka_unit_test(every_place_hears_every_other_and_knows_where_it_is),
		cmocka_unit_test(numbers_beyond_the_vocabulary_are_refused),
	};

	return cmocka_run_group_tests(tests, model_setup, model_teardown);
}
