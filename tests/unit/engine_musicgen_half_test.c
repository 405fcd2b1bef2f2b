/* Numbers of 16 bit: each is what IEEE 754 says, and a float becomes the nearest. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "engine/musicgen/half.h"

/* From sign, exponent and fraction as the standard defines them. */
static double
meant(uint16_t half)
{
	int exponent = half >> 10 & 31, fraction = half & 1023;
	double v = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);

	if (exponent == 31) v = fraction ? (double)NAN : (double)INFINITY;
	return half & 0x8000 ? -v : v;
}

static void
each_half_is_the_number_that_its_bits_mean(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 65536; i++) {
		double v = meant((uint16_t)i);
		float f = half_to_float((uint16_t)i);

		if (isnan(v)) assert_true(isnan(f));
		else assert_true((double)f == v && !signbit(f) == !signbit(v));
		if (!isnan(v)) assert_int_equal(float_to_half(f), i);
	}
	assert_int_equal(float_to_half(NAN) & 0x7c00, 0x7c00);
	assert_true(float_to_half(NAN) & 0x3ff);
}

/* Between each two neighbours: what is nearer to one becomes that, the middle the even one. */
static void
a_float_becomes_the_nearest_half_and_of_two_the_even_one(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 0x7bff; i++) {
		double middle = (meant((uint16_t)i) + meant((uint16_t)(i + 1))) / 2;
		float m = (float)middle;	/* exactly */
		uint16_t even = (uint16_t)(i + (i & 1));

		assert_true((double)m == middle);
		assert_int_equal(float_to_half(m), even);
		assert_int_equal(float_to_half(-m), even | 0x8000);
		assert_int_equal(float_to_half(nextafterf(m, 0)), i);
		assert_int_equal(float_to_half(nextafterf(m, INFINITY)), i + 1);
	}
	assert_int_equal(float_to_half(1 + 0x1.1p-11f), 0x3c01);
}

static void
what_is_too_large_is_infinite_and_too_small_is_zero(void **state)
{
	(void)state;
	assert_int_equal(float_to_half(65504), 0x7bff);
	assert_int_equal(float_to_half(nextafterf(65520, 0)), 0x7bff);
	assert_int_equal(float_to_half(65520), 0x7c00);
	assert_int_equal(float_to_half(-1e30f), 0xfc00);
	assert_int_equal(float_to_half(INFINITY), 0x7c00);
	assert_int_equal(float_to_half(0x1p-25f), 0);
	assert_int_equal(float_to_half(-0x1p-26f), 0x8000);
	assert_int_equal(float_to_half(1e-40f), 0);
	assert_int_equal(float_to_half(nextafterf(0x1p-25f, 1)), 1);
	assert_int_equal(float_to_half(0x1.8p-25f), 1);
}

static void
a_bfloat_is_the_upper_half_of_a_float(void **state)
{
	(void)state;
	assert_true(bfloat_to_float(0x3f80) == 1);
	assert_true(bfloat_to_float(0xc049) == -3.140625f);
	assert_true(isinf(bfloat_to_float(0x7f80)));
	assert_true(isnan(bfloat_to_float(0x7fc0)));
	assert_true(bfloat_to_float(0x0001) == 0x1p-133f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_half_is_the_number_that_its_bits_mean),
		cmocka_unit_test(a_float_becomes_the_nearest_half_and_of_two_the_even_one),
		cmocka_unit_test(what_is_too_large_is_infinite_and_too_small_is_zero),
		cmocka_unit_test(a_bfloat_is_the_upper_half_of_a_float),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
