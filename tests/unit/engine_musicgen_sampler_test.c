/* From logits to a code: what is left out, which of the rest wins, and the draws. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "engine/musicgen/sampler.h"

enum { N = 6 };

static const struct sampling greedy = { .greedy = true };

/* The code that wins when the draw favours `lucky` by far: it does unless it was left out. */
static int
winner(const float *logits, struct sampling s, int lucky)
{
	float some[N], noise[N];

	memcpy(some, logits, sizeof some);
	for (int i = 0; i < N; i++) noise[i] = i == lucky ? 1e-20f : 1;
	if (s.temperature == 0) s.temperature = 1;
	return sampler_pick(some, N, &s, noise);
}

/* Bit i: code i can be drawn. */
static int
drawable(const float *logits, struct sampling s)
{
	int set = 0;

	for (int i = 0; i < N; i++) set |= (winner(logits, s, i) == i) << i;
	return set;
}

static void
guidance_goes_from_without_the_text_to_with_it_and_beyond(void **state)
{
	float with[] = { 1, 2, -3 }, without[] = { 1, 1, 1 };

	(void)state;
	sampler_guide(with, without, 3, 3);
	assert_true(with[0] == 1 && with[1] == 4 && with[2] == -11);
	sampler_guide(with, without, 1, 3);
	assert_true(with[0] == 1 && with[1] == 4 && with[2] == -11);
	sampler_guide(with, without, 0, 3);
	assert_true(with[0] == 1 && with[1] == 1 && with[2] == 1);
}

static void
greedy_takes_the_first_of_the_largest(void **state)
{
	float a[] = { -5, 2, 7, 7, 1, 0 }, b[] = { -1, -1, -1, -1, -1, -1 };

	(void)state;
	assert_int_equal(sampler_pick(a, N, &greedy, NULL), 2);
	assert_int_equal(sampler_pick(b, N, &greedy, NULL), 0);
}

static void
top_k_keeps_ties_of_the_last_one(void **state)
{
	static const float logits[N] = { 1, 5, 3, 3, 4, 3 };

	(void)state;
	assert_int_equal(drawable(logits, (struct sampling){ .top_k = 0 }), 0x3f);
	assert_int_equal(drawable(logits, (struct sampling){ .top_k = 1 }), 0x02);
	assert_int_equal(drawable(logits, (struct sampling){ .top_k = 2 }), 0x12);
	assert_int_equal(drawable(logits, (struct sampling){ .top_k = 3 }), 0x3e);
	assert_int_equal(drawable(logits, (struct sampling){ .top_k = 5 }), 0x3e);
	assert_int_equal(drawable(logits, (struct sampling){ .top_k = 6 }), 0x3f);
	assert_int_equal(drawable(logits, (struct sampling){ .top_k = 1000 }), 0x3f);
}

/* Probabilities of 0.4, 0.3, 0.2 and 0.1 (and twice next to nothing): the likeliest are kept until
 * their sum is at p. */
static void
top_p_keeps_the_likeliest_that_sum_up_to_it(void **state)
{
	const float logits[N] = { logf(0.2f), logf(0.4f), -80, logf(0.1f), logf(0.3f), -90 };

	(void)state;
	assert_int_equal(drawable(logits, (struct sampling){ .top_p = 0.01f }), 0x02);
	assert_int_equal(drawable(logits, (struct sampling){ .top_p = 0.39f }), 0x02);
	assert_int_equal(drawable(logits, (struct sampling){ .top_p = 0.41f }), 0x12);
	assert_int_equal(drawable(logits, (struct sampling){ .top_p = 0.69f }), 0x12);
	assert_int_equal(drawable(logits, (struct sampling){ .top_p = 0.71f }), 0x13);
	assert_int_equal(drawable(logits, (struct sampling){ .top_p = 0.95f }), 0x1b);
	/* Top k first: of what is left, 4/7 and 3/7. */
	assert_int_equal(drawable(logits, (struct sampling){ .top_k = 2, .top_p = 0.5f }), 0x02);
	assert_int_equal(drawable(logits, (struct sampling){ .top_k = 2, .top_p = 0.6f }), 0x12);
}

/* p / noise decides: a code twice as likely wins until its draw is twice as large. */
static void
temperature_changes_what_the_draws_decide(void **state)
{
	static const struct { float temperature, noise; int wins; } rows[] = {
		{ 1, 1.9f, 0 }, { 1, 2.1f, 1 },		/* 2 : 1 */
		{ 0.5f, 3.9f, 0 }, { 0.5f, 4.1f, 1 },	/* 4 : 1 */
		{ 2, 1.4f, 0 }, { 2, 1.5f, 1 },		/* √2 : 1 */
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct sampling s = { .temperature = rows[i].temperature };
		float logits[] = { logf(2), 0 }, noise[] = { rows[i].noise, 1 };

		assert_int_equal(sampler_pick(logits, 2, &s, noise), rows[i].wins);
	}
}

static void
draws_are_named_by_seed_step_and_codebook(void **state)
{
	float a[64], b[64], whole[128];

	(void)state;
	sampler_noise(7, 3, 1, a, 64);
	sampler_noise(7, 3, 1, whole, 128);
	assert_memory_equal(a, whole, sizeof a);
	sampler_noise(8, 3, 1, b, 64);
	assert_memory_not_equal(a, b, sizeof a);
	sampler_noise(7, 4, 1, b, 64);
	assert_memory_not_equal(a, b, sizeof a);
	sampler_noise(7, 3, 2, b, 64);
	assert_memory_not_equal(a, b, sizeof a);
}

/* P(x > t) = e^-t, within 5 standard errors. */
static void
draws_are_exponential(void **state)
{
	enum { MANY = 40000 };
	static float draws[MANY];
	double sum = 0;

	(void)state;
	sampler_noise(1, 1, 0, draws, MANY);
	for (int i = 0; i < MANY; i++) {
		assert_true(draws[i] > 0 && draws[i] < 18);
		sum += draws[i];
	}
	assert_true(fabs(sum / MANY - 1) < 5 / sqrt(MANY));
	for (double t = 0.1; t < 5; t *= 2) {
		double p = exp(-t), beyond = 0;

		for (int i = 0; i < MANY; i++) beyond += draws[i] > t;
		assert_true(fabs(beyond / MANY - p) < 5 * sqrt(p * (1 - p) / MANY));
	}
}

/* Each code as often as it is likely, within 5 standard errors. */
static void
codes_are_drawn_as_often_as_they_are_likely(void **state)
{
	static const double p[4] = { 0.5, 0.3, 0.15, 0.05 };
	enum { MANY = 20000 };
	struct sampling s = { .temperature = 1 };
	double drawn[4] = {0};

	(void)state;
	for (int i = 0; i < MANY; i++) {
		float logits[4], noise[4];

		for (int k = 0; k < 4; k++) logits[k] = (float)log(p[k]) + 3;
		sampler_noise(5, i, 0, noise, 4);
		drawn[sampler_pick(logits, 4, &s, noise)]++;
	}
	for (int k = 0; k < 4; k++)
		assert_true(fabs(drawn[k] / MANY - p[k]) < 5 * sqrt(p[k] * (1 - p[k]) / MANY));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guidance_goes_from_without_the_text_to_with_it_and_beyond),
		cmocka_unit_test(greedy_takes_the_first_of_the_largest),
		cmocka_unit_test(top_k_keeps_ties_of_the_last_one),
		cmocka_unit_test(top_p_keeps_the_likeliest_that_sum_up_to_it),
		cmocka_unit_test(temperature_changes_what_the_draws_decide),
		cmocka_unit_test(draws_are_named_by_seed_step_and_codebook),
		cmocka_unit_test(draws_are_exponential),
		cmocka_unit_test(codes_are_drawn_as_often_as_they_are_likely),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
