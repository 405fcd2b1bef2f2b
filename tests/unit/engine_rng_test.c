#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "engine/rng.h"

static void
a_stream_is_the_same_on_every_host(void **state)
{
	struct rng r = rng_for(42, "bass", 1, 2);

	(void)state;
	assert_int_equal(rng_next(&r), UINT64_C(0xc63340c8704f0873));
	assert_int_equal(rng_next(&r), UINT64_C(0x6d5dbf20a10b4ca2));
}

static void
streams_of_other_names_seeds_and_numbers_differ(void **state)
{
	struct rng r[] = { rng_for(1, "bass", 0, 0), rng_for(2, "bass", 0, 0),
		rng_for(1, "drums", 0, 0), rng_for(1, "bass", 1, 0), rng_for(1, "bass", 0, 1) };
	uint64_t v[NELEM(r)];

	(void)state;
	for (size_t i = 0; i < NELEM(r); i++) v[i] = rng_next(&r[i]);
	for (size_t i = 0; i < NELEM(r); i++)
		for (size_t k = 0; k < i; k++) assert_int_not_equal(v[i], v[k]);
}

static void
numbers_are_even_and_in_range(void **state)
{
	struct rng r = rng_for(7, "dice", 0, 0);
	int count[6] = {0};

	(void)state;
	for (int i = 0; i < 60000; i++) count[rng_between(&r, 1, 6) - 1]++;
	for (int i = 0; i < 6; i++) assert_in_range(count[i], 9600, 10400);
	assert_int_equal(rng_below(&r, 1), 0);
	for (int i = 0; i < 1000; i++) assert_true(abs(rng_bell(&r, 5)) <= 5);
	assert_int_equal(rng_bell(&r, 0), 0);
}

static void
weights_decide_and_nothing_of_weight_zero_is_picked(void **state)
{
	struct rng r = rng_for(7, "weights", 0, 0);
	const int weights[] = { 0, 1, 0, 3, -5 }, none[] = { 0, 0 };
	int count[5] = {0};

	(void)state;
	for (int i = 0; i < 40000; i++) count[rng_pick(&r, weights, 5)]++;
	assert_int_equal(count[0] + count[2] + count[4], 0);
	assert_in_range(count[3], 29400, 30600);
	assert_int_equal(rng_pick(&r, none, 2), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_is_the_same_on_every_host),
		cmocka_unit_test(streams_of_other_names_seeds_and_numbers_differ),
		cmocka_unit_test(numbers_are_even_and_in_range),
		cmocka_unit_test(weights_decide_and_nothing_of_weight_zero_is_picked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
