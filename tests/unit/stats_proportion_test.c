/* What a share of votes tells, against published tables and R. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "stats/proportion.h"

static void
is_near(double value, double wanted, double error, const char *what, uint64_t k, uint64_t n)
{
	if (!(fabs(value - wanted) <= error))
		fail_msg("%s of %llu in %llu is %.17g, not %.17g", what, (unsigned long long)k,
			(unsigned long long)n, value, wanted);
}

/* R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine
 * 17 (1998), table I, method 3; printed with four digits. */
static void
the_interval_is_that_of_newcombes_table(void **state)
{
	static const struct { uint64_t k, n; double low, high; } rows[] = {
		{ 81, 263, 0.2553, 0.3662 }, { 15, 148, 0.0624, 0.1605 },
		{ 0, 20, 0, 0.1611 }, { 1, 29, 0.0061, 0.1718 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct interval w = proportion_wilson(rows[i].k, rows[i].n);

		is_near(w.low, rows[i].low, 0.00005, "low", rows[i].k, rows[i].n);
		is_near(w.high, rows[i].high, 0.00005, "high", rows[i].k, rows[i].n);
	}
}

/* The same formula worked out with 30 digits. */
static void
the_interval_is_exact_to_nine_digits(void **state)
{
	static const struct { uint64_t k, n; double low, high; } rows[] = {
		{ 81, 263, 0.25528851987827423, 0.36620957698280007 },
		{ 15, 148, 0.06238639953073628, 0.16048724172330804 },
		{ 0, 20, 0, 0.16112515805281939 },
		{ 1, 29, 0.0061132142927626605, 0.17175521879320288 },
		{ 29, 29, 0.88303020150025923, 1 },
		{ 17, 24, 0.50832306335503361, 0.8508535180303913 },
		{ 50500, 100000, 0.50190104723783037, 0.5080985686310438 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct interval w = proportion_wilson(rows[i].k, rows[i].n);

		is_near(w.low, rows[i].low, 1e-9, "low", rows[i].k, rows[i].n);
		is_near(w.high, rows[i].high, 1e-9, "high", rows[i].k, rows[i].n);
	}
}

static void
without_votes_nothing_is_known(void **state)
{
	(void)state;
	assert_true(proportion_wilson(0, 0).low == 0 && proportion_wilson(0, 0).high == 1);
	assert_true(proportion_binomial(0, 0) == 1);
}

static void
all_or_none_of_the_votes_end_at_exactly_one_and_zero(void **state)
{
	(void)state;
	for (uint64_t n = 1; n < 2000; n++) {
		assert_true(proportion_wilson(0, n).low == 0 && proportion_wilson(n, n).high == 1);
		assert_true(proportion_wilson(0, n).high < 1 && proportion_wilson(n, n).low > 0);
	}
}

/* Sign test, S. Siegel, "Nonparametric Statistics for the Behavioral Sciences" (1956), table D: the
 * one-tailed probabilities, with three digits, of x or fewer signs among n; twice that is ours. */
static void
the_test_is_twice_the_sign_test_of_siegels_table(void **state)
{
	static const struct { uint64_t n, x; double p; } rows[] = {
		{ 5, 0, .031 }, { 5, 1, .188 }, { 6, 0, .016 }, { 6, 1, .109 }, { 8, 1, .035 },
		{ 8, 2, .145 }, { 10, 0, .001 }, { 10, 1, .011 }, { 10, 2, .055 }, { 10, 3, .172 },
		{ 12, 2, .019 }, { 12, 3, .073 }, { 15, 3, .018 }, { 15, 4, .059 }, { 20, 5, .021 },
		{ 20, 6, .058 }, { 25, 7, .022 }, { 25, 8, .054 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++)
		is_near(proportion_binomial(rows[i].x, rows[i].n) / 2, rows[i].p, 0.00050001, "p",
			rows[i].x, rows[i].n);
}

/* Sums of binomial coefficients as whole numbers, divided by 2^n at the end, and for 100,000 with 40
 * digits; R 4's binom.test(k, n)$p.value prints the same. */
static void
the_test_is_exact_to_nine_digits_however_many_vote(void **state)
{
	static const struct { uint64_t k, n; double p; } rows[] = {
		{ 0, 1, 1 }, { 1, 10, 0.021484375 }, { 2, 10, 0.109375 }, { 7, 15, 1 },
		{ 12, 25, 1 }, { 12, 24, 1 }, { 17, 24, 0.063914656639099121 },
		{ 60, 100, 0.056887933640980792 }, { 460, 1000, 0.012444146277171779 },
		{ 531, 1000, 0.053677849645010204 }, { 1999, 4000, 0.98738512584416467 },
		{ 5200, 10000, 6.5935155986724421e-5 }, { 49500, 100000, 0.0015823598788515956 },
		{ 49000, 100000, 2.5887160383468979e-10 },
		{ 46000, 100000, 2.5715259613539709e-141 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		double p = proportion_binomial(rows[i].k, rows[i].n);

		is_near(p / rows[i].p, 1, 1e-9, "p against what it should be", rows[i].k, rows[i].n);
		assert_true(p == proportion_binomial(rows[i].n - rows[i].k, rows[i].n));
	}
}

static void
the_test_neither_leaves_0_to_1_nor_takes_long(void **state)
{
	(void)state;
	for (uint64_t n = 1; n < 300; n++)
		for (uint64_t k = 0; 2 * k < n; k++) {
			double p = proportion_binomial(k, n), next = proportion_binomial(k + 1, n);

			if (!(p > 0 && p <= 1 && p <= next))
				fail_msg("%.17g for %d of %d", p, (int)k, (int)n);
		}
	assert_true(proportion_binomial(0, UINT64_C(1) << 40) == 0);
	assert_true(proportion_binomial((UINT64_C(1) << 39) - 1, UINT64_C(1) << 40) > 0.99);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_interval_is_that_of_newcombes_table),
		cmocka_unit_test(the_interval_is_exact_to_nine_digits),
		cmocka_unit_test(without_votes_nothing_is_known),
		cmocka_unit_test(all_or_none_of_the_votes_end_at_exactly_one_and_zero),
		cmocka_unit_test(the_test_is_twice_the_sign_test_of_siegels_table),
		cmocka_unit_test(the_test_is_exact_to_nine_digits_however_many_vote),
		cmocka_unit_test(the_test_neither_leaves_0_to_1_nor_takes_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
