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
#include "engine/rng.h"

enum { ROWS = 13, WHOLE = 32, VECTORS = 15, MOST = 1280 };

static float
drawn(struct rng *r)
{
	return (float)rng_between(r, -1000, 1000) / 512;
}

/* Random rows of a kind (of whole numbers, two blocks), and the same values as floats. */
struct sample {
	struct rows rows;
	_Alignas(64) uint8_t bytes[WHOLE * MOST * 4];
	float scale[WHOLE * MOST / 64];
	float plain[WHOLE * MOST];
	float x[VECTORS * MOST];
	int16_t whole[VECTORS * MOST];
	float unit[VECTORS];
};

/* The first n of its vectors. */
static struct vectors
vectors_of(const struct sample *s, int n)
{
	return (struct vectors){ s->x, MOST, n, s->whole, s->unit };
}

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
	default: {
		uint32_t bits;

		memcpy(&bits, &v, 4);
		two = (uint16_t)(bits >> 16);
		memcpy(s->bytes + 2 * i, &two, 2);
		v = bfloat_to_float(two);
	}
	}
	s->plain[i] = v;
}

/* The largest whole numbers among others, as kernels.h tells how they lie. */
static void
put_whole(struct sample *s, int i, struct rng *r)
{
	int cols = s->rows.cols, row = i / cols, k = i % cols, group = s->rows.group;
	bool twelve = s->rows.kind == WEIGHTS_I12;
	int most = twelve ? 2047 : 127, least = -most - 1;
	int v = rng_chance(r, 90) ? least : rng_between(r, least, most);
	uint8_t *four = s->bytes + (row / 16 * (cols / 4) + k / 4) * (twelve ? 96 : 64);
	uint8_t *low = four + 64 + row % 16 * 2 + k % 2;

	four[k % 4 / 2 * 32 + row % 16 * 2 + k % 2] = (uint8_t)(twelve ? v >> 4 : v);
	if (twelve) *low = k % 4 < 2 ? (uint8_t)(v & 15) : (uint8_t)(*low | (v & 15) << 4);
	s->plain[i] = (float)v * s->scale[(row / 16 * (cols / group) + k / group) * 16 + row % 16];
}

static void
make(struct sample *s, enum weights kind, int cols)
{
	struct rng r = rng_for((uint32_t)cols, "kernels", (uint32_t)kind, 0);

	s->rows = (struct rows){ .kind = kind, .n = weights_whole(kind) ? WHOLE : ROWS,
		.cols = cols, .stride = (size_t)cols, .w = s->bytes, .scale = s->scale,
		.group = cols > 1000 ? cols : cols % 128 ? 64 : 128 };
	for (size_t i = 0; i < NELEM(s->scale); i++)
		s->scale[i] = (0.01f + fabsf(drawn(&r)) / 100) / (kind == WEIGHTS_I12 ? 16 : 1);
	for (int i = 0; i < s->rows.n * cols; i++) {
		if (weights_whole(kind)) put_whole(s, i, &r);
		else put(s, i, drawn(&r));
	}
	for (int i = 0; i < VECTORS * MOST; i++) s->x[i] = drawn(&r);
	/* The largest of all for long: sums of whole numbers become as large as they can. */
	for (int i = 0; weights_whole(kind) && i < VECTORS * MOST; i++)
		if (i % MOST < MOST / 2) s->x[i] = 3;
	for (int v = 0; v < VECTORS; v++)
		s->unit[v] = kernels_plain.whole(s->x + v * MOST, (size_t)cols,
			s->whole + v * cols);
}

/* Whole numbers come in groups of 64 or more, and may have but one of them. */
static const int sizes[] = { 1, 15, 16, 17, 48, 64, 96, 100, 160, 192, 200, 256, 1280 };

static bool
fits(enum weights kind, int cols)
{
	return !weights_whole(kind) || cols % 64 == 0;
}

static void
plain_c_multiplies(void **state)
{
	struct sample *s = *state;
	float y[VECTORS * WHOLE];
	struct vectors all;

	for (int kind = 0; kind < WEIGHTS_KINDS; kind++)
		for (size_t i = 0; i < NELEM(sizes); i++) {
			if (!fits((enum weights)kind, sizes[i])) continue;
			make(s, (enum weights)kind, sizes[i]);
			all = vectors_of(s, VECTORS);
			kernels_plain.times(&s->rows, 0, s->rows.n, &all, y, WHOLE);
			for (int v = 0; v < VECTORS; v++)
				for (int r = 0; r < s->rows.n; r++) {
					double sum = 0, size = 0;

					for (int k = 0; k < sizes[i]; k++) {
						double p = (double)s->plain[r * sizes[i] + k] *
							s->x[v * MOST + k];

						sum += p;
						size += fabs(p);
					}
					/* Whole numbers are rounded once more. */
					if (weights_whole((enum weights)kind)) size *= 50;
					assert_true(fabs(y[v * WHOLE + r] - sum) <= 1e-6 * size + 1e-12);
				}
		}
}

static void
all_kernels_give_the_same_bits(void **state)
{
	struct sample *s = *state;
	float want[VECTORS * WHOLE], got[VECTORS * WHOLE];

	for (const struct kernels *const *k = kernels_all(); *k; k++)
		for (int kind = 0; kind < WEIGHTS_KINDS; kind++)
			for (size_t i = 0; i < NELEM(sizes); i++) {
				if (!fits((enum weights)kind, sizes[i])) continue;
				make(s, (enum weights)kind, sizes[i]);
				for (int n = 1; n <= VECTORS; n++) {
					const struct vectors x = vectors_of(s, n);

					memset(want, 0, sizeof want);
					memset(got, 0, sizeof got);
					kernels_plain.times(&s->rows, 0, s->rows.n, &x, want, WHOLE);
					(*k)->times(&s->rows, 0, s->rows.n, &x, got, WHOLE);
					assert_memory_equal(want, got, sizeof want);
				}
				if (kind >= WEIGHTS_I8) continue;	/* nobody mixes them */
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

/* What lies between matrices: the same bits of any number of values, and right. */
static void
functions_give_the_same_bits(void **state)
{
	enum { N = 67 };
	struct sample *s = *state;
	const struct kernels *one = &kernels_plain;

	make(s, WEIGHTS_F32, 100);
	for (const struct kernels *const *k = kernels_all(); *k; k++)
		for (size_t n = 1; n <= N; n++) {
			float a[3 * N], b[3 * N];
			uint16_t half[2][N];
			int16_t whole[2][N];
			size_t bytes = n * sizeof *a;
			const float *x = s->x, *y = s->x + N, *z = s->x + 2 * N;
#define SAME_IN_PLACE(f) (memcpy(a, x, bytes), memcpy(b, x, bytes), one->f(a, n), (*k)->f(b, n), \
	assert_memory_equal(a, b, bytes))
			SAME_IN_PLACE(gelu);
			SAME_IN_PLACE(elu);
			SAME_IN_PLACE(softmax);
			one->layer_norm(x, n, y, z, 1e-5f, a);
			(*k)->layer_norm(x, n, y, z, 1e-5f, b);
			assert_memory_equal(a, b, bytes);
			one->rms_norm(x, n, y, 1e-6f, a);
			(*k)->rms_norm(x, n, y, 1e-6f, b);
			assert_memory_equal(a, b, bytes);
			memcpy(a, x, sizeof a);
			memcpy(b, x, sizeof b);
			one->lstm(s->x + 300, N, n, a, a + N);
			(*k)->lstm(s->x + 300, N, n, b, b + N);
			assert_memory_equal(a, b, sizeof a);
			one->halve(x, n, half[0]);
			(*k)->halve(x, n, half[1]);
			assert_memory_equal(half[0], half[1], n * sizeof **half);
			a[0] = one->whole(x, n, whole[0]);
			b[0] = (*k)->whole(x, n, whole[1]);
			assert_true(a[0] == b[0]);
			assert_memory_equal(whole[0], whole[1], n * sizeof **whole);
		}
}

static void
functions_are_close_to_those_of_the_library(void **state)
{
	const struct kernels *k = kernels_best();

	(void)state;
	for (int i = -9000; i <= 9000; i++) {
		float x = (float)i / 100, v;

		v = x, k->gelu(&v, 1);
		assert_true(fabs(v - 0.5 * x * (1 + erf(x / sqrt(2)))) <= 3e-7 * (1 + fabs(x)));
		v = x, k->elu(&v, 1);
		assert_true(fabs(v - (x > 0 ? x : expm1(x))) <= 3e-7 * (1 + fabs(x)));
	}
}

static double
logistic(double x)
{
	return 1 / (1 + exp(-x));
}

static void
an_lstm_forgets_takes_in_and_puts_out(void **state)
{
	static const float x[] = { -30, -2, -0.5f, 0, 0.1f, 3, 40 };

	(void)state;
	for (size_t i = 0; i < NELEM(x) * NELEM(x); i++) {
		float gates[] = { x[i % NELEM(x)], x[i / NELEM(x)], 0.7f, -0.3f }, cell = 2, hidden;
		double c = logistic(gates[1]) * 2 + logistic(gates[0]) * tanh(gates[2]);

		kernels_best()->lstm(gates, 1, 1, &cell, &hidden);
		assert_float_equal(cell, c, 1e-6);
		assert_float_equal(hidden, logistic(gates[3]) * tanh(c), 1e-6);
	}
}

static void
norms_have_their_mean_and_size(void **state)
{
	static const float ones[100] = { [0 ... 99] = 1 }, none[100];
	struct sample *s = *state;
	float y[100];
	double sum = 0, squares = 0;

	make(s, WEIGHTS_F32, 100);
	kernels_best()->layer_norm(s->x, 100, ones, none, 0, y);
	for (int i = 0; i < 100; i++) sum += y[i], squares += (double)y[i] * y[i];
	assert_float_equal(sum / 100, 0, 1e-6);
	assert_float_equal(squares / 100, 1, 1e-5);
	kernels_best()->layer_norm(s->x, 100, none, ones, 0, y);
	assert_true(y[0] == 1 && y[99] == 1);
	kernels_best()->rms_norm(s->x, 100, ones, 0, y);
	squares = 0;
	for (int i = 0; i < 100; i++) squares += (double)y[i] * y[i];
	assert_float_equal(squares / 100, 1, 1e-5);
	assert_float_equal(y[0] / y[1], s->x[0] / s->x[1], 1e-4);
}

static void
softmax_sums_up_to_one_and_leaves_out_what_is_minus_infinity(void **state)
{
	float x[20] = { 1, 2, -INFINITY, 80, 79 }, sum = 0;

	(void)state;
	x[19] = -INFINITY;
	kernels_best()->softmax(x, NELEM(x));
	for (size_t i = 0; i < NELEM(x); i++) sum += x[i];
	assert_float_equal(sum, 1, 1e-6);
	assert_true(x[2] == 0 && x[19] == 0);
	assert_float_equal(x[3] / x[4], 2.7182818, 1e-5);
}

/* Largest and smallest keep their places, zeros stay zeros. */
static void
whole_numbers_span_all_of_a_vector(void **state)
{
	static const float x[] = { 0.5f, -2, 1, 0, 0.00003f }, none[40];
	int16_t out[40];

	(void)state;
	assert_float_equal(kernels_best()->whole(x, NELEM(x), out) * 32767, 2, 1e-6);
	assert_int_equal(out[0], 8192);
	assert_int_equal(out[1], -32767);
	assert_int_equal(out[3], 0);
	assert_int_equal(out[4], 0);
	assert_true(kernels_best()->whole(none, NELEM(none), out) == 0);
	assert_int_equal(out[39], 0);
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
		cmocka_unit_test(whole_numbers_span_all_of_a_vector),
		cmocka_unit_test(functions_give_the_same_bits),
		cmocka_unit_test(an_lstm_forgets_takes_in_and_puts_out),
		cmocka_unit_test(norms_have_their_mean_and_size),
		cmocka_unit_test(functions_are_close_to_those_of_the_library),
		cmocka_unit_test(softmax_sums_up_to_one_and_leaves_out_what_is_minus_infinity),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
