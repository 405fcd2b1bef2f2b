/* Text: strict numbers, copies that fit, UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"

static void
a_whole_number_is_digits_within_its_limits(void **state)
{
	uint64_t n = 7;

	(void)state;
	assert_true(str_u64("0", 0, 10, &n) && n == 0);
	assert_true(str_u64("10", 0, 10, &n) && n == 10);
	assert_true(str_u64("0010", 10, 10, &n) && n == 10);
	assert_true(str_u64("18446744073709551615", 0, UINT64_MAX, &n) && n == UINT64_MAX);
	assert_false(str_u64("11", 0, 10, &n));
	assert_false(str_u64("9", 10, 20, &n));
	assert_false(str_u64("18446744073709551616", 0, UINT64_MAX, &n));
	assert_false(str_u64("99999999999999999999999", 0, UINT64_MAX, &n));
	assert_true(n == UINT64_MAX);
}

static void
nothing_but_digits_is_a_number(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "+1", "-1", "1.0", "1e3", "0x10",
		"1,000", "\xd9\xa1", "one" };
	uint64_t n = 7;

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++)
		if (str_u64(bad[i], 0, UINT64_MAX, &n))
			fail_msg("\"%s\" was read as %ju", bad[i], (uintmax_t)n);
	assert_true(n == 7);
}

static void
a_signed_number_may_have_a_minus(void **state)
{
	int64_t n = 7;

	(void)state;
	assert_true(str_i64("-5", -5, 5, &n) && n == -5);
	assert_true(str_i64("-0", -5, 5, &n) && n == 0);
	assert_true(str_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &n) && n == INT64_MIN);
	assert_true(str_i64("9223372036854775807", INT64_MIN, INT64_MAX, &n) && n == INT64_MAX);
	assert_false(str_i64("9223372036854775808", INT64_MIN, INT64_MAX, &n));
	assert_false(str_i64("-9223372036854775809", INT64_MIN, INT64_MAX, &n));
	assert_false(str_i64("-6", -5, 5, &n));
	assert_false(str_i64("--5", -5, 5, &n));
	assert_false(str_i64("-", -5, 5, &n));
	assert_false(str_i64("", -5, 5, &n));
	assert_true(n == INT64_MAX);
}

static void
a_fraction_has_digits_on_both_sides_of_its_point(void **state)
{
	static const char *const bad[] = { "", "-", ".", ".5", "5.", "-.5", "1.2.3", "1e3", "+1.5",
		" 1.5", "1.5 ", "inf", "nan", "0x1p3", "1,5", "1234567890123456" };
	double v = 7;

	(void)state;
	assert_true(str_real("1.5", 0, 10, &v) && v == 1.5);
	assert_true(str_real("-0.25", -1, 1, &v) && v == -0.25);
	assert_true(str_real("3", 0, 10, &v) && v == 3);
	assert_true(str_real("0.1", 0, 1, &v) && v == 0.1);
	assert_true(str_real("0.1000000000000000000000000000000", 0, 1, &v));
	assert_false(str_real("10.01", 0, 10, &v));
	v = 7;
	for (size_t i = 0; i < NELEM(bad); i++)
		if (str_real(bad[i], -1e300, 1e300, &v))
			fail_msg("\"%s\" was read as %g", bad[i], v);
	assert_true(v == 7);
}

static void
a_copy_that_does_not_fit_is_cut_between_characters(void **state)
{
	char out[8];

	(void)state;
	assert_true(str_copy(out, sizeof out, "seven77"));
	assert_string_equal(out, "seven77");
	assert_false(str_copy(out, sizeof out, "eight888"));
	assert_string_equal(out, "eight88");
	assert_false(str_copy(out, sizeof out, "\xf0\x9f\x8e\xb5\xf0\x9f\x8e\xb5"));
	assert_string_equal(out, "\xf0\x9f\x8e\xb5");
	assert_false(str_copy(out, 1, "\xc3\xa9"));
	assert_string_equal(out, "");
	assert_true(str_copy(out, 1, ""));
}

static void
header_names_are_compared_without_case(void **state)
{
	(void)state;
	assert_true(str_eq_nocase("If-None-Match", "if-none-MATCH"));
	assert_false(str_eq_nocase("If-None-Match", "If-None-Matc"));
	assert_false(str_eq_nocase("\xc3\xa9", "\xc3\x89"));
}

static void
a_prefix_and_a_place_in_a_list_are_found(void **state)
{
	static const char *const list[] = { "one", "two", NULL };

	(void)state;
	assert_true(str_starts("bytes=0-", "bytes="));
	assert_true(str_starts("bytes", ""));
	assert_false(str_starts("byte", "bytes"));
	assert_int_equal(str_index("two", list), 1);
	assert_int_equal(str_index("Two", list), -1);
	assert_int_equal(str_index("", list), -1);
}

static void
utf8_is_what_rfc_3629_says(void **state)
{
	static const char *const good[] = { "", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf", "a\xc3\xa9z" };
	static const char *const bad[] = { "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2",
		"\xc2\x41", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe1\x80", "\xed\xa0\x80",
		"\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe", "a\xc3" };

	(void)state;
	for (size_t i = 0; i < NELEM(good); i++)
		if (!str_is_utf8(good[i], strlen(good[i])))
			fail_msg("good text %zu was refused", i);
	for (size_t i = 0; i < NELEM(bad); i++)
		if (str_is_utf8(bad[i], strlen(bad[i]))) fail_msg("bad text %zu was taken", i);
	assert_false(str_is_utf8("a\0b", 3));
	/* The length counts, not what stands behind it. */
	assert_false(str_is_utf8("\xc3\xa9", 1));
}

static void
characters_are_counted_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(str_chars(""), 0);
	assert_int_equal(str_chars("abc"), 3);
	assert_int_equal(str_chars("d\xc3\xa9j\xc3\xa0 \xf0\x9f\x8e\xb5"), 6);
}

static void
a_preview_says_that_something_was_left_out(void **state)
{
	char out[32];

	(void)state;
	str_preview(out, sizeof out, "gentle piano", 6);
	assert_string_equal(out, "gentle\xe2\x80\xa6");
	str_preview(out, sizeof out, "gentle", 6);
	assert_string_equal(out, "gentle");
	str_preview(out, sizeof out, "\xc3\xa9\xc3\xa9\xc3\xa9", 2);
	assert_string_equal(out, "\xc3\xa9\xc3\xa9\xe2\x80\xa6");
	str_preview(out, sizeof out, "", 6);
	assert_string_equal(out, "");
}

static void
a_preview_is_one_line_of_printable_text(void **state)
{
	char out[32];

	(void)state;
	str_preview(out, sizeof out, "a\nb\tc\x1b[1m\x7f", 20);
	assert_string_equal(out, "a b c [1m ");
}

static void
a_preview_never_overflows_and_never_cuts_a_character(void **state)
{
	static const char text[] = "\xf0\x9f\x8e\xb5\xc3\xa9x\xe2\x82\xac\xf0\x9f\x8e\xb5";

	(void)state;
	for (size_t size = 1; size < sizeof text + 8; size++) {
		char out[32];

		memset(out, '#', sizeof out);
		str_preview(out, size, text, 10);
		assert_true(strlen(out) < size);
		assert_true(out[size] == '#');
		assert_true(str_is_utf8(out, strlen(out)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_number_is_digits_within_its_limits),
		cmocka_unit_test(nothing_but_digits_is_a_number),
		cmocka_unit_test(a_signed_number_may_have_a_minus),
		cmocka_unit_test(a_fraction_has_digits_on_both_sides_of_its_point),
		cmocka_unit_test(a_copy_that_does_not_fit_is_cut_between_characters),
		cmocka_unit_test(header_names_are_compared_without_case),
		cmocka_unit_test(a_prefix_and_a_place_in_a_list_are_found),
		cmocka_unit_test(utf8_is_what_rfc_3629_says),
		cmocka_unit_test(characters_are_counted_not_bytes),
		cmocka_unit_test(a_preview_says_that_something_was_left_out),
		cmocka_unit_test(a_preview_is_one_line_of_printable_text),
		cmocka_unit_test(a_preview_never_overflows_and_never_cuts_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
