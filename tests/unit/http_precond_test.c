/* Preconditions: RFC 9110 section 13. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "http/precond.h"

#define BEFORE "Sun, 22 Nov 2026 20:17:04 GMT"
#define SAME "Sun, 22 Nov 2026 20:17:05 GMT"
#define AFTER "Sun, 22 Nov 2026 20:17:06 GMT"

/* A file of 20:17:05.5, seen a minute later. */
static struct precond_state
file(void)
{
	int64_t modified = clock_http_parse(SAME) + 500000;

	return (struct precond_state){ "\"a\"", modified, modified + 60000000 };
}

static enum precond_answer
get(struct precond p)
{
	struct precond_state s = file();

	return precond_check(&p, &s, true);
}

static enum precond_answer
put(struct precond p)
{
	struct precond_state s = file();

	return precond_check(&p, &s, false);
}

static bool
range(const char *if_range, struct precond_state s)
{
	struct precond p = { .if_range = if_range };

	return precond_allows_range(&p, &s);
}

static void
without_conditions_the_request_goes_on(void **state)
{
	(void)state;
	assert_int_equal(get((struct precond){0}), PRECOND_GO_ON);
}

static void
if_none_match_with_the_same_tag_is_not_modified_for_reads_and_fails_writes(void **state)
{
	(void)state;
	assert_int_equal(get((struct precond){ .if_none_match = "\"a\"" }), PRECOND_NOT_MODIFIED);
	assert_int_equal(put((struct precond){ .if_none_match = "\"a\"" }), PRECOND_FAILED);
	assert_int_equal(get((struct precond){ .if_none_match = "\"b\"" }), PRECOND_GO_ON);
}

static void
if_none_match_compares_weakly_and_if_match_strongly(void **state)
{
	(void)state;
	assert_int_equal(get((struct precond){ .if_none_match = "W/\"a\"" }), PRECOND_NOT_MODIFIED);
	assert_int_equal(get((struct precond){ .if_match = "W/\"a\"" }), PRECOND_FAILED);
	assert_int_equal(get((struct precond){ .if_match = "\"a\"" }), PRECOND_GO_ON);
	assert_int_equal(get((struct precond){ .if_match = "\"b\"" }), PRECOND_FAILED);
}

static void
a_star_matches_whatever_there_is(void **state)
{
	(void)state;
	assert_int_equal(get((struct precond){ .if_none_match = "*" }), PRECOND_NOT_MODIFIED);
	assert_int_equal(get((struct precond){ .if_match = " * " }), PRECOND_GO_ON);
}

static void
lists_are_searched_to_their_end(void **state)
{
	(void)state;
	assert_true(precond_etag_in("\"x\", \"y\" ,\t\"a\"", "\"a\"", false));
	assert_true(precond_etag_in(",,\"x\",,\"a\"", "\"a\"", false));
	assert_true(precond_etag_in("\"x,y\",\"a\"", "\"a\"", false));
	assert_false(precond_etag_in("\"x\",\"ab\",\"\"", "\"a\"", true));
}

static void
a_broken_list_matches_nothing_from_there_on(void **state)
{
	(void)state;
	assert_false(precond_etag_in("a", "\"a\"", true));
	assert_false(precond_etag_in("\"x\" \"a\"", "\"a\"", true));
	assert_false(precond_etag_in("\"a", "\"a\"", true));
	assert_false(precond_etag_in("w/\"a\"", "\"a\"", true));
	assert_false(precond_etag_in("*, \"b\"", "\"a\"", true));
	assert_true(precond_etag_in("\"a\" junk", "\"a\"", true));
}

static void
if_modified_since_compares_whole_seconds(void **state)
{
	(void)state;
	assert_int_equal(get((struct precond){ .if_modified_since = SAME }), PRECOND_NOT_MODIFIED);
	assert_int_equal(get((struct precond){ .if_modified_since = AFTER }), PRECOND_NOT_MODIFIED);
	assert_int_equal(get((struct precond){ .if_modified_since = BEFORE }), PRECOND_GO_ON);
}

static void
if_modified_since_counts_only_for_reads_and_without_if_none_match(void **state)
{
	(void)state;
	assert_int_equal(put((struct precond){ .if_modified_since = SAME }), PRECOND_GO_ON);
	assert_int_equal(get((struct precond){ .if_none_match = "\"b\"", .if_modified_since = SAME }), PRECOND_GO_ON);
}

static void
if_unmodified_since_fails_when_it_changed_later(void **state)
{
	(void)state;
	assert_int_equal(get((struct precond){ .if_unmodified_since = BEFORE }), PRECOND_FAILED);
	assert_int_equal(get((struct precond){ .if_unmodified_since = SAME }), PRECOND_GO_ON);
}

static void
if_match_takes_the_place_of_if_unmodified_since(void **state)
{
	(void)state;
	assert_int_equal(get((struct precond){ .if_match = "\"a\"", .if_unmodified_since = BEFORE }), PRECOND_GO_ON);
}

static void
if_match_comes_before_if_none_match(void **state)
{
	(void)state;
	assert_int_equal(get((struct precond){ .if_match = "\"b\"", .if_none_match = "\"a\"" }), PRECOND_FAILED);
	assert_int_equal(get((struct precond){ .if_match = "\"a\"", .if_none_match = "\"a\"" }), PRECOND_NOT_MODIFIED);
}

static void
dates_that_are_none_are_ignored(void **state)
{
	(void)state;
	assert_int_equal(get((struct precond){ .if_modified_since = "yesterday" }), PRECOND_GO_ON);
	assert_int_equal(get((struct precond){ .if_unmodified_since = "2020-01-01" }), PRECOND_GO_ON);
}

static void
without_if_range_a_range_is_allowed(void **state)
{
	(void)state;
	assert_true(range(NULL, file()));
}

static void
if_range_is_true_only_for_the_same_strong_tag(void **state)
{
	struct precond_state weak = file();

	(void)state;
	weak.etag = "W/\"a\"";
	assert_true(range("\"a\"", file()));
	assert_false(range("\"b\"", file()));
	assert_false(range("W/\"a\"", file()));
	assert_false(range("W/\"a\"", weak));
	assert_false(range("\"a\"", weak));
	assert_false(range("\"a\", \"b\"", file()));
	assert_false(range("*", file()));
}

static void
if_range_with_a_date_needs_exactly_that_date(void **state)
{
	(void)state;
	assert_true(range(SAME, file()));
	assert_false(range(BEFORE, file()));
	assert_false(range(AFTER, file()));
	assert_false(range("soon", file()));
}

static void
a_date_is_weak_while_its_second_lasts(void **state)
{
	struct precond_state s = file();

	(void)state;
	s.now_us = s.modified_us + 499999;
	assert_false(range(SAME, s));
	s.now_us = s.modified_us + 500000;
	assert_true(range(SAME, s));
}

static void
what_has_no_validator_meets_no_condition_on_it(void **state)
{
	struct precond_state bare = { NULL, 0, 1 };
	struct precond p = { .if_modified_since = SAME, .if_unmodified_since = BEFORE };
	struct precond match = { .if_match = "\"a\"" };

	(void)state;
	assert_int_equal(precond_check(&p, &bare, true), PRECOND_GO_ON);
	assert_int_equal(precond_check(&match, &bare, true), PRECOND_FAILED);
	assert_false(range("\"a\"", bare));
	assert_false(range(SAME, bare));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_conditions_the_request_goes_on),
		cmocka_unit_test(if_none_match_with_the_same_tag_is_not_modified_for_reads_and_fails_writes),
		cmocka_unit_test(if_none_match_compares_weakly_and_if_match_strongly),
		cmocka_unit_test(a_star_matches_whatever_there_is),
		cmocka_unit_test(lists_are_searched_to_their_end),
		cmocka_unit_test(a_broken_list_matches_nothing_from_there_on),
		cmocka_unit_test(if_modified_since_compares_whole_seconds),
		cmocka_unit_test(if_modified_since_counts_only_for_reads_and_without_if_none_match),
		cmocka_unit_test(if_unmodified_since_fails_when_it_changed_later),
		cmocka_unit_test(if_match_takes_the_place_of_if_unmodified_since),
		cmocka_unit_test(if_match_comes_before_if_none_match),
		cmocka_unit_test(dates_that_are_none_are_ignored),
		cmocka_unit_test(without_if_range_a_range_is_allowed),
		cmocka_unit_test(if_range_is_true_only_for_the_same_strong_tag),
		cmocka_unit_test(if_range_with_a_date_needs_exactly_that_date),
		cmocka_unit_test(a_date_is_weak_while_its_second_lasts),
		cmocka_unit_test(what_has_no_validator_meets_no_condition_on_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
