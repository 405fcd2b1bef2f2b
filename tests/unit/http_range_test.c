/* Range: the rules of RFC 9110 section 14, one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "http/range.h"

static const char WHOLE[] = "whole", NONE[] = "unsatisfiable";

/* The answer as text: "whole", "unsatisfiable" or the ranges. */
static void
check(const char *header, uint64_t length, const char *expected)
{
	struct range r[RANGE_MAX];
	char got[512] = "";
	size_t n, at = 0;
	enum range_answer answer = range_parse(header, length, r, &n);

	if (answer == RANGE_WHOLE) snprintf(got, sizeof got, "%s", WHOLE);
	else if (answer == RANGE_UNSATISFIABLE) snprintf(got, sizeof got, "%s", NONE);
	else
		for (size_t i = 0; i < n; i++)
			at += (size_t)snprintf(got + at, sizeof got - at, "%s%ju-%ju", i ? " " : "", (uintmax_t)r[i].first,
				(uintmax_t)r[i].last);
	if (strcmp(got, expected) != 0) print_error("Range: %s of %ju\n", header ? header : "(none)", (uintmax_t)length);
	assert_string_equal(got, expected);
}

static void
without_a_range_the_whole_is_sent(void **state)
{
	(void)state;
	check(NULL, 1000, WHOLE);
	check("", 1000, WHOLE);
}

static void
first_and_last_are_both_included(void **state)
{
	(void)state;
	check("bytes=0-0", 1000, "0-0");
	check("bytes=0-99", 1000, "0-99");
	check("bytes=500-999", 1000, "500-999");
}

static void
an_open_end_means_the_end_of_the_file(void **state)
{
	(void)state;
	check("bytes=0-", 1000, "0-999");
	check("bytes=999-", 1000, "999-999");
}

static void
a_last_position_past_the_end_is_clamped(void **state)
{
	(void)state;
	check("bytes=900-1000", 1000, "900-999");
	check("bytes=0-99999999999999999999999999", 1000, "0-999");
}

static void
a_suffix_is_counted_from_the_end(void **state)
{
	(void)state;
	check("bytes=-1", 1000, "999-999");
	check("bytes=-1000", 1000, "0-999");
}

static void
a_suffix_longer_than_the_file_means_the_whole_file(void **state)
{
	(void)state;
	check("bytes=-1001", 1000, "0-999");
	check("bytes=-18446744073709551616", 1000, "0-999");
}

static void
an_empty_suffix_cannot_be_satisfied(void **state)
{
	(void)state;
	check("bytes=-0", 1000, NONE);
	check("bytes=-00", 1000, NONE);
}

static void
a_first_position_at_or_behind_the_end_cannot_be_satisfied(void **state)
{
	(void)state;
	check("bytes=1000-", 1000, NONE);
	check("bytes=1000-1001", 1000, NONE);
	check("bytes=0-", 0, NONE);
	check("bytes=-5", 0, NONE);
}

static void
numbers_that_overflow_are_just_very_large(void **state)
{
	(void)state;
	check("bytes=18446744073709551616-", 1000, NONE);
	check("bytes=18446744073709551617-18446744073709551618", 1000, NONE);
	check("bytes=0-18446744073709551615", UINT64_MAX, "0-18446744073709551614");
}

static void
an_unknown_unit_is_ignored(void **state)
{
	(void)state;
	check("seconds=0-10", 1000, WHOLE);
	check("bytesx=0-10", 1000, WHOLE);
	check("0-10", 1000, WHOLE);
}

static void
the_unit_has_no_case(void **state)
{
	(void)state;
	check("Bytes=0-10", 1000, "0-10");
}

static void
what_is_malformed_is_ignored(void **state)
{
	static const char *const bad[] = { "bytes=", "bytes=-", "bytes=a-b", "bytes=5", "bytes=5-2", "bytes=1-2x", "bytes=1 -2",
		"bytes=+1-2", "bytes=0x1-2", "bytes 0-1", "bytes=1-2;3-4", "bytes=1--2", "bytes=,", "bytes=0-1,x", "bytes=0-1,9-2",
		"bytes==0-1", "bytes=0-1-2" };

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) check(bad[i], 1000, WHOLE);
}

static void
several_ranges_keep_their_order(void **state)
{
	(void)state;
	check("bytes=500-599,0-99", 1000, "500-599 0-99");
	check("bytes=0-0,-1", 1000, "0-0 999-999");
}

static void
blanks_and_empty_elements_of_the_list_do_not_count(void **state)
{
	(void)state;
	check("bytes= 0-1 ,\t5-6 ", 1000, "0-1 5-6");
	check("bytes=,0-1,,5-6,", 1000, "0-1 5-6");
}

static void
of_several_those_outside_the_file_are_left_out(void **state)
{
	(void)state;
	check("bytes=0-9,2000-", 1000, "0-9");
	check("bytes=2000-,-0,10-19,5000-6000", 1000, "10-19");
	check("bytes=2000-,3000-", 1000, NONE);
}

static void
adjacent_ranges_stay_apart(void **state)
{
	(void)state;
	check("bytes=0-9,10-19,20-29,30-39", 1000, "0-9 10-19 20-29 30-39");
}

static void
two_ranges_may_overlap_but_not_three(void **state)
{
	(void)state;
	check("bytes=0-9,5-14", 1000, "0-9 5-14");
	check("bytes=0-,0-,0-", 1000, WHOLE);
	check("bytes=0-9,5-14,100-,110-120", 1000, WHOLE);
}

static void
more_ranges_than_the_limit_are_ignored(void **state)
{
	char header[256] = "bytes=";

	(void)state;
	for (int i = 0; i <= RANGE_MAX; i++) {
		struct range r[RANGE_MAX];
		size_t at = strlen(header), n;

		snprintf(header + at, sizeof header - at, "%s%d-%d", i ? "," : "", 10 * i, 10 * i + 1);
		assert_int_equal(range_parse(header, 1000, r, &n), i < RANGE_MAX ? RANGE_PARTIAL : RANGE_WHOLE);
		if (i < RANGE_MAX) assert_int_equal(n, i + 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_range_the_whole_is_sent),
		cmocka_unit_test(first_and_last_are_both_included),
		cmocka_unit_test(an_open_end_means_the_end_of_the_file),
		cmocka_unit_test(a_last_position_past_the_end_is_clamped),
		cmocka_unit_test(a_suffix_is_counted_from_the_end),
		cmocka_unit_test(a_suffix_longer_than_the_file_means_the_whole_file),
		cmocka_unit_test(an_empty_suffix_cannot_be_satisfied),
		cmocka_unit_test(a_first_position_at_or_behind_the_end_cannot_be_satisfied),
		cmocka_unit_test(numbers_that_overflow_are_just_very_large),
		cmocka_unit_test(an_unknown_unit_is_ignored),
		cmocka_unit_test(the_unit_has_no_case),
		cmocka_unit_test(what_is_malformed_is_ignored),
		cmocka_unit_test(several_ranges_keep_their_order),
		cmocka_unit_test(blanks_and_empty_elements_of_the_list_do_not_count),
		cmocka_unit_test(of_several_those_outside_the_file_are_left_out),
		cmocka_unit_test(adjacent_ranges_stay_apart),
		cmocka_unit_test(two_ranges_may_overlap_but_not_three),
		cmocka_unit_test(more_ranges_than_the_limit_are_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
