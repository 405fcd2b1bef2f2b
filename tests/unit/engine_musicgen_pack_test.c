/* Rows in fewer bits: as near as the kind can be, and read back by the engine as they were
 * written. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "engine/musicgen/linear.h"
#include "engine/musicgen/pack.h"
#include "engine/rng.h"

enum { COLS = 256 };

static struct hands hands;

/* A row as it is kept, and what the engine makes of it. */
struct kept {
	_Alignas(64) uint8_t bytes[WHOLE_ROWS * 4 * COLS];
	float scale[WHOLE_ROWS * COLS / 64];
	float values[COLS];
	double error;			/* what packing said */
};

/* Values of row `row`, one after the other: the row times vectors with a single 1. Of whole
 * numbers, all other rows are zeros. */
static void
read_back(enum weights kind, int group, int cols, int row, struct kept *k)
{
	int n = weights_whole(kind) ? WHOLE_ROWS : 1;
	struct rows w = { .kind = kind, .n = n, .cols = cols, .stride = (size_t)cols,
		.w = k->bytes, .scale = k->scale, .group = group };
	float *x = calloc((size_t)cols * (size_t)cols, sizeof *x);
	float *y = calloc((size_t)cols * (size_t)n, sizeof *y);

	assert_non_null(x);
	assert_non_null(y);
	for (int i = 0; i < cols; i++) x[i * cols + i] = 1;
	rows_apply(&hands, &w, x, (size_t)cols, cols, y, (size_t)n);
	for (int i = 0; i < cols; i++)
		for (int r = 0; r < n; r++) {
			if (r == row) k->values[i] = y[i * n + r];
			else assert_true(y[i * n + r] == 0);
		}
	free(x);
	free(y);
}

static void
keep_as(enum weights kind, const float *x, int cols, int row, struct kept *k)
{
	static float all[WHOLE_ROWS * COLS];
	int group = weights_whole(kind) ? pack_group(WHOLE_ROWS, cols) : 0;

	memset(k, 0, sizeof *k);
	memset(all, 0, sizeof all);
	memcpy(all + row * cols, x, (size_t)cols * sizeof *x);
	k->error = group ? pack_whole(kind, group, all, cols, k->bytes, k->scale) :
		pack_row(kind, x, cols, k->bytes);
	read_back(kind, group, cols, row, k);
}

static void
keep(enum weights kind, const float *x, int cols, struct kept *k)
{
	keep_as(kind, x, cols, weights_whole(kind) ? 5 : 0, k);
}

static void
draw(float *x, int n, uint32_t seed)
{
	struct rng r = rng_for(seed, "pack", 0, 0);

	for (int i = 0; i < n; i++) x[i] = (float)rng_bell(&r, 1 << 20) / (1 << 22);
}

static void
groups_are_as_large_as_the_columns_allow(void **state)
{
	(void)state;
	assert_int_equal(pack_group(16, 1024), 128);
	assert_int_equal(pack_group(16, 768), 128);
	assert_int_equal(pack_group(16, 192), 64);
	assert_int_equal(pack_group(16, 160), 0);
	assert_int_equal(pack_group(16, 48), 0);
	assert_int_equal(pack_group(24, 1024), 0);
	assert_int_equal(pack_bytes(WEIGHTS_I12, 128), 192);
	assert_int_equal(pack_bytes(WEIGHTS_I8, 128), 128);
	assert_int_equal(pack_bytes(WEIGHTS_BF16, 7), 14);
}

static void
what_is_kept_is_as_near_as_the_kind_can_be(void **state)
{
	static const struct {
		enum weights kind;
		double of_largest;	/* a value's error: so much of the group's largest */
		double of_value;	/* or so much of the value */
	} kinds[] = {
		{ WEIGHTS_F32, 0, 0 }, { WEIGHTS_F16, 0, 0x1p-11 }, { WEIGHTS_BF16, 0, 0x1p-8 },
		{ WEIGHTS_I8, 0.5 / 127, 0 }, { WEIGHTS_I12, 0.5 / 2047, 0 },
	};
	static const int sizes[] = { 64, 128, 192, 256 };
	float x[COLS];
	struct kept k;

	(void)state;
	for (size_t i = 0; i < NELEM(kinds); i++)
		for (size_t s = 0; s < NELEM(sizes); s++) {
			int cols = sizes[s], group = pack_group(WHOLE_ROWS, cols);
			double squares = 0;

			draw(x, cols, (uint32_t)s);
			keep(kinds[i].kind, x, cols, &k);
			for (int c = 0; c < cols; c++) {
				double most = 0, d = fabs((double)k.values[c] - x[c]);

				for (int g = c / group * group; g < (c / group + 1) * group; g++)
					most = fmax(most, fabs((double)x[g]));
				assert_true(d <= kinds[i].of_largest * most * 1.001 +
					kinds[i].of_value * fabs((double)x[c]) + 1e-7 * most);
				squares += d * d;
			}
			assert_true(fabs(k.error - squares) <= 1e-3 * squares + 1e-12);
		}
}

/* All numbers that twelve bits have, in every place of a group. The vectors that they are read back
 * by have 16 bits. */
static void
whole_numbers_stay_what_they_are(void **state)
{
	float x[128];
	struct kept k;

	(void)state;
	for (int from = -2047; from <= 2047; from += 127) {
		x[0] = 2047;
		for (int i = 1; i < 128; i++) x[i] = (float)(from + i <= 2047 ? from + i : -i);
		keep(WEIGHTS_I12, x, 128, &k);
		assert_true(k.error == 0);
		for (int i = 0; i < 128; i++) assert_true(fabsf(k.values[i] - x[i]) < 0.01f);
	}
	for (int i = 0; i < 128; i++) x[i] = (float)(i - 127);
	keep(WEIGHTS_I8, x, 128, &k);
	assert_true(k.error == 0);
	for (int i = 0; i < 128; i++) assert_true(fabsf(k.values[i] - x[i]) < 0.001f);
}

/* Each of the rows that lie interleaved. In eight bits values up to 2000 are off by up to 8. */
static void
rows_keep_apart(void **state)
{
	float x[64];
	struct kept k;

	(void)state;
	for (int i = 0; i < 64; i++) x[i] = (float)(i * 63 - 2000);
	for (int row = 0; row < WHOLE_ROWS; row++)
		for (int kind = WEIGHTS_I8; kind <= WEIGHTS_I12; kind++) {
			keep_as((enum weights)kind, x, 64, row, &k);
			for (int i = 0; i < 64; i++) assert_true(fabsf(k.values[i] - x[i]) < 9);
		}
}

static void
nothing_and_next_to_nothing_do_no_harm(void **state)
{
	float x[64] = {0};
	struct kept k;

	(void)state;
	for (int kind = 0; kind < WEIGHTS_KINDS; kind++) {
		memset(x, 0, sizeof x);
		keep((enum weights)kind, x, 64, &k);
		for (int i = 0; i < 64; i++) assert_true(k.values[i] == 0);
		for (int i = 0; i < 64; i++) x[i] = (float)i * 0x1p-149f;
		keep((enum weights)kind, x, 64, &k);
		for (int i = 0; i < 64; i++) assert_true(fabsf(k.values[i]) <= 0x1p-140f);
	}
}

static void
what_a_kind_cannot_hold_is_told(void **state)
{
	float x[32] = { 1, 70000 };
	struct kept k;

	(void)state;
	assert_true(isinf(pack_row(WEIGHTS_F16, x, 32, k.bytes)));
	assert_false(isinf(pack_row(WEIGHTS_BF16, x, 32, k.bytes)));
	x[1] = 3.4028235e38f;
	assert_true(isinf(pack_row(WEIGHTS_BF16, x, 32, k.bytes)));
}

static int
setup(void **state)
{
	(void)state;
	hands = (struct hands){ crew_start(1), kernels_best() };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	crew_stop(hands.crew);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_as_large_as_the_columns_allow),
		cmocka_unit_test(what_is_kept_is_as_near_as_the_kind_can_be),
		cmocka_unit_test(whole_numbers_stay_what_they_are),
		cmocka_unit_test(rows_keep_apart),
		cmocka_unit_test(nothing_and_next_to_nothing_do_no_harm),
		cmocka_unit_test(what_a_kind_cannot_hold_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
