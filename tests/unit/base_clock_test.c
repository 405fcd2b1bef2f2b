/* Dates as the formats of RFC 3339 and RFC 9110 have them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"

static const int64_t SECOND = 1000000;

static void
a_time_is_written_in_utc_with_microseconds(void **state)
{
	char out[CLOCK_TEXT];

	(void)state;
	clock_rfc3339(1795378625123456, out);
	assert_string_equal(out, "2026-11-22T20:17:05.123456Z");
	clock_rfc3339(0, out);
	assert_string_equal(out, "1970-01-01T00:00:00.000000Z");
	clock_rfc3339(-1, out);
	assert_string_equal(out, "1969-12-31T23:59:59.999999Z");
	clock_rfc3339(951782400 * SECOND, out);
	assert_string_equal(out, "2000-02-29T00:00:00.000000Z");
}

static void
an_http_date_names_the_day_and_ends_in_gmt(void **state)
{
	char out[CLOCK_TEXT];

	(void)state;
	clock_http(1795378625999999, out);
	assert_string_equal(out, "Sun, 22 Nov 2026 20:17:05 GMT");
	clock_http(784111777 * SECOND, out);
	assert_string_equal(out, "Sun, 06 Nov 1994 08:49:37 GMT");
}

static void
every_http_date_is_read_back(void **state)
{
	(void)state;
	for (int64_t s = 0; s < 4102444800; s += 86400 * 13 + 3671) {
		char out[CLOCK_TEXT];

		clock_http(s * SECOND, out);
		if (clock_http_parse(out) != s * SECOND) fail_msg("%s", out);
	}
}

static void
what_is_not_exactly_such_a_date_is_none(void **state)
{
	static const char *const bad[] = { "", "Sun", "Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994", "Mon, 06 Nov 1994 08:49:37 GMT",
		"Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
		"Sun, 06 Nov 1994 08:60:00 GMT", "Fri, 31 Feb 2026 00:00:00 GMT",
		"Sun, 00 Nov 1994 08:49:37 GMT", "Sun,  6 Nov 1994 08:49:37 GMT",
		"Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
		" un, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 19x4 08:49:37 GMT",
		"\xff\xff\xff, 06 Nov 1994 08:49:37 GMT" };

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++)
		if (clock_http_parse(bad[i]) != -1) fail_msg("\"%s\" was taken", bad[i]);
}

static void
a_day_or_an_instant_is_read_with_any_offset_and_fraction(void **state)
{
	static const struct { const char *text; int64_t us; bool is_date; } cases[] = {
		{ "1970-01-01", 0, true },
		{ "2000-02-29", 951782400 * SECOND, true },
		{ "2000-02-29T12:00:00Z", 951825600 * SECOND, false },
		{ "2000-02-29t12:00:00.5z", 951825600 * SECOND + 500000, false },
		{ "2000-02-29 12:00:00.123456789Z", 951825600 * SECOND + 123456, false },
		{ "2000-02-29T13:30:00+01:30", 951825600 * SECOND, false },
		{ "2000-02-28T23:00:00-13:00", 951825600 * SECOND, false },
	};
	static const char *const bad[] = { "", "2000", "2000-02", "2000-2-09", "2000-02-30", "2001-02-29", "2000-13-01",
		"2000-00-01", "1969-12-31", "2000-02-29T", "2000-02-29T12:00Z", "2000-02-29T12:00:00", "2000-02-29T24:00:00Z",
		"2000-02-29T12:60:00Z", "2000-02-29T12:00:00.Z", "2000-02-29T12:00:00+1:00", "2000-02-29T12:00:00Z ",
		" 2000-02-29", "2000-02-29x", "1970-01-01T00:00:00+01:00", "yesterday" };
	int64_t us;
	bool is_date;

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		assert_true(clock_rfc3339_parse(cases[i].text, &us, &is_date));
		assert_int_equal(us, cases[i].us);
		assert_int_equal(is_date, cases[i].is_date);
	}
	for (size_t i = 0; i < NELEM(bad); i++)
		if (clock_rfc3339_parse(bad[i], &us, &is_date)) fail_msg("\"%s\" was taken", bad[i]);
}

static void
the_clocks_go_forward_and_the_wall_clock_is_that_of_the_system(void **state)
{
	int64_t before = clock_now_ms();
	struct timespec wait = { 0, 20000000 };

	(void)state;
	nanosleep(&wait, NULL);
	assert_true(clock_now_ms() - before >= 19);
	assert_in_range(clock_wall_us() / SECOND, time(NULL) - 2, time(NULL) + 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_is_written_in_utc_with_microseconds),
		cmocka_unit_test(an_http_date_names_the_day_and_ends_in_gmt),
		cmocka_unit_test(every_http_date_is_read_back),
		cmocka_unit_test(what_is_not_exactly_such_a_date_is_none),
		cmocka_unit_test(a_day_or_an_instant_is_read_with_any_offset_and_fraction),
		cmocka_unit_test(the_clocks_go_forward_and_the_wall_clock_is_that_of_the_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
