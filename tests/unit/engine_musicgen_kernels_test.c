/* Every kernel of this processor gives the bits of plain C, for every kind of weights and any size,
 * whatever is at once and however rows are shared; and plain C is right. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "engine/musicgen/half.h"
#include "engine/musicgen/linear.h"
#include "engine/musicgen/nonlinear.h"
#include "engine/rng.h"

enum { ROWS = 13, VECTORS = 7, MOST = 200 };

static float
drawn(struct rng *r)
{
	return (float)rng_between(r, -1000, 1000) / 512;
}

/* Random rows of a kind, and the same values as floats. */
struct sample {
	struct rows rows;
	uint8_t bytes[ROWS * MOST * 4];
	float scale[ROWS * MOST / 16];
	float plain[ROWS * MOST];
	float x[VECTORS * MOST];
};

static void
put(struct sample *s, int i, float v)
{
	uint16_t two;

	switch (s->rows.kind) {
	case WEIGHTS_F32: memcpy(s->bytes + 4 * i, &v, 4); break;
	case WEIGHTS_F16:
		two = float_to_half(v);
		memcpy(s->bytes + 2 * i, &two, 2);
		v = half_to_float(two);
		break;
	case WEIGHTS_BF16: {
		uint32_t bits;

		memcpy(&bits, &v, 4);
		two = (uint16_t)(bits >> 16);
		memcpy(s->bytes + 2 * i, &two, 2);
		v = bfloat_to_float(two);
		break;
	}
	default:
		s->bytes[i] = (uint8_t)(int8_t)(v * 60);
		v = (float)(int8_t)s->bytes[i] *
			s->scale[i / s->rows.cols * (s->rows.cols / s->rows.group) +
				i % s->rows.cols / s->rows.group];
	}
	s->plain[i] = v;
}

static void
make(struct sample *s, enum weights kind, int cols)
{
	struct rng r = rng_for((uint32_t)cols, "kernels", (uint32_t)kind, 0);

	s->rows = (struct rows){ .kind = kind, .n = ROWS, .cols = cols, .stride = (size_t)cols,
		.w = s->bytes, .scale = s->scale, .group = cols % 32 ? 16 : 32 };
	for (size_t i = 0; i < NELEM(s->scale); i++) s->scale[i] = 0.01f + fabsf(drawn(&r)) / 100;
	for (int i = 0; i < ROWS * cols; i++) put(s, i, drawn(&r));
	for (int i = 0; i < VECTORS * MOST; i++) s->x[i] = drawn(&r);
}

/* Integers come in whole groups of 16. */
static const int sizes[] = { 1, 15, 16, 17, 48, 64, 96, 100, 160, 192, 200 };

static bool
fits(enum weights kind, int cols)
{
	return kind != WEIGHTS_I8 || cols % 16 == 0;
}

static void
plain_c_multiplies(void **state)
{
	struct sample *s = *state;
	float y[VECTORS * ROWS];

	for (int kind = 0; kind < WEIGHTS_KINDS; kind++)
		for (size_t i = 0; i < NELEM(sizes); i++) {
			if (!fits((enum weights)kind, sizes[i])) continue;
			make(s, (enum weights)kind, sizes[i]);
			kernels_plain.times(&s->rows, 0, ROWS, s->x, MOST, VECTORS, y, ROWS);
			for (int v = 0; v < VECTORS; v++)
				for (int r = 0; r < ROWS; r++) {
					double sum = 0, size = 0;

					for (int k = 0; k < sizes[i]; k++) {
						double p = (double)s->plain[r * sizes[i] + k] *
							s->x[v * MOST + k];

						sum += p;
						size += fabs(p);
					}
					assert_true(fabs(y[v * ROWS + r] - sum) <= 1e-6 * size + 1e-12);
				}
		}
}

static void
all_kernels_give_the_same_bits(void **state)
{
	struct sample *s = *state;
	float want[VECTORS * ROWS], got[VECTORS * ROWS];

	for (const struct kernels *const *k = kernels_all(); *k; k++)
		for (int kind = 0; kind < WEIGHTS_KINDS; kind++)
			for (size_t i = 0; i < NELEM(sizes); i++) {
				if (!fits((enum weights)kind, sizes[i])) continue;
				make(s, (enum weights)kind, sizes[i]);
				for (int n = 1; n <= VECTORS; n++) {
					memset(want, 0, sizeof want);
					memset(got, 0, sizeof got);
					kernels_plain.times(&s->rows, 0, ROWS, s->x, MOST, n, want, ROWS);
					(*k)->times(&s->rows, 0, ROWS, s->x, MOST, n, got, ROWS);
					assert_memory_equal(want, got, sizeof want);
				}
				if (kind == WEIGHTS_I8) continue;	/* nobody mixes them */
				float a[MOST], b[MOST];

				kernels_plain.mix(&s->rows, s->x, a);
				(*k)->mix(&s->rows, s->x, b);
				assert_memory_equal(a, b, (size_t)sizes[i] * sizeof *a);
			}
}

static void
a_mixture_is_a_weighted_sum_of_rows(void **state)
{
	struct sample *s = *state;
	float y[MOST];

	make(s, WEIGHTS_F16, 100);
	kernels_plain.mix(&s->rows, s->x, y);
	for (int k = 0; k < 100; k++) {
		double sum = 0;

		for (int r = 0; r < ROWS; r++) sum += (double)s->x[r] * s->plain[r * 100 + k];
		assert_float_equal(y[k], sum, 1e-4);
	}
}

/* As many threads as there are, or one: the same bits. */
static void
threads_share_rows(void **state)
{
	struct sample *s = *state;
	float one[VECTORS * ROWS], many[VECTORS * ROWS];
	struct hands h = { crew_start(1), kernels_best() };
	struct linear l = { .scale = 0.5f };
	struct sample *low = calloc(2, sizeof *low);

	assert_non_null(low);
	make(s, WEIGHTS_F32, 96);
	make(&low[0], WEIGHTS_F32, 96);
	make(&low[1], WEIGHTS_F32, 4);
	l.w = s->rows;
	l.a = low[0].rows;
	l.a.n = 4;
	l.b = low[1].rows;
	linear_apply(&h, &l, s->x, MOST, VECTORS, one, ROWS);
	crew_stop(h.crew);
	for (int threads = 2; threads < 6; threads++) {
		h.crew = crew_start(threads);
		for (int again = 0; again < 200; again++) {
			linear_apply(&h, &l, s->x, MOST, VECTORS, many, ROWS);
			assert_memory_equal(one, many, sizeof one);
		}
		crew_stop(h.crew);
	}
	/* The adapter changes something, and nothing at scale 0. */
	h.crew = crew_start(1);
	l.scale = 0;
	linear_apply(&h, &l, s->x, MOST, VECTORS, many, ROWS);
	assert_memory_not_equal(one, many, sizeof one);
	rows_apply(&h, &l.w, s->x, MOST, VECTORS, one, ROWS);
	assert_memory_equal(one, many, sizeof one);
	crew_stop(h.crew);
	free(low);
}

static void
shares_are_whole_and_apart(void **state)
{
	(void)state;
	for (int n = 0; n < 40; n++)
		for (int parts = 1; parts < 9; parts++) {
			int end = 0, from, to;

			for (int part = 0; part < parts; part++) {
				crew_share(n, 4, part, parts, &from, &to);
				assert_int_equal(from, end);
				assert_true(to >= from && (to % 4 == 0 || to == n));
				end = to;
			}
			assert_int_equal(end, n);
		}
}

static void
halves_are_floats_in_16_bits(void **state)
{
	(void)state;
	for (uint32_t h = 0; h < 65536; h++) {
		float f = half_to_float((uint16_t)h);

		if (isnan(f)) assert_true((h & 0x7fff) > 0x7c00);
		else assert_int_equal(float_to_half(f), h);
	}
	assert_true(half_to_float(0x3c00) == 1.0f && half_to_float(0x0001) == 0x1p-24f);
	assert_true(isinf(half_to_float(0x7c00)) && half_to_float(0xfbff) == -65504.0f);
	/* To the nearest, of two the even one. */
	assert_int_equal(float_to_half(1.0f + 0x1p-11f), 0x3c00);
	assert_int_equal(float_to_half(1.0f + 0x3p-11f), 0x3c02);
	assert_int_equal(float_to_half(1.0f + 0x1.1p-11f), 0x3c01);
	assert_int_equal(float_to_half(0x1p-25f), 0);
	assert_int_equal(float_to_half(0x1.8p-25f), 1);
	assert_int_equal(float_to_half(65520.0f), 0x7c00);
	assert_true(bfloat_to_float(0x3f80) == 1.0f);
}

static void
functions_are_close_to_those_of_the_library(void **state)
{
	(void)state;
	for (int i = -2000; i <= 2000; i++) {
		float x = (float)i / 100, v;

		v = x, gelu(&v, 1);
		assert_true(fabs(v - 0.5 * x * (1 + erf(x / sqrt(2)))) <= 3e-7 * (1 + fabs(x)));
		v = x, elu(&v, 1);
		assert_true(fabs(v - (x > 0 ? x : expm1(x))) <= 3e-7 * (1 + fabs(x)));
	}
}

static void
softmax_sums_up_to_one_and_leaves_out_what_is_minus_infinity(void **state)
{
	float x[] = { 1, 2, -INFINITY, 80, 79 }, sum = 0;

	(void)state;
	softmax(x, NELEM(x));
	for (size_t i = 0; i < NELEM(x); i++) sum += x[i];
	assert_float_equal(sum, 1, 1e-6);
	assert_true(x[2] == 0);
	assert_float_equal(x[3] / x[4], 2.7182818, 1e-5);
}

static int
begin(void **state)
{
	*state = calloc(1, sizeof(struct sample));
	return *state ? 0 : -1;
}

static int
end(void **state)
{
	free(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_c_multiplies),
		cmocka_unit_test(all_kernels_give_the_same_bits),
		cmocka_unit_test(a_mixture_is_a_weighted_sum_of_rows),
		cmocka_unit_test(threads_share_rows),
		cmocka_unit_test(shares_are_whole_and_apart),
		cmocka_unit_test(halves_are_floats_in_16_bits),
		cmocka_unit_test(functions_are_close_to_those_of_the_library),
		cmocka_unit_test(softmax_sums_up_to_one_and_leaves_out_what_is_minus_infinity),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
