/* UUIDs, RFC 9562. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/uuid.h"

static void
a_new_uuid_is_of_version_7_and_bears_its_time(void **state)
{
	int64_t before = clock_wall_us() / 1000, ms = 0;
	struct uuid u = uuid_new();

	(void)state;
	assert_int_equal(u.b[6] >> 4, 7);
	assert_int_equal(u.b[8] >> 6, 2);
	for (int i = 0; i < 6; i++) ms = ms << 8 | u.b[i];
	assert_in_range(ms, before, before + 1000);
}

static void
new_uuids_increase_also_within_a_millisecond(void **state)
{
	struct uuid last = uuid_new();

	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct uuid u = uuid_new();

		if (memcmp(last.b, u.b, sizeof u.b) >= 0)
			fail_msg("%s is not above %s", UUID_STR(u), UUID_STR(last));
		assert_int_equal(u.b[6] >> 4, 7);
		last = u;
	}
}

static void
text_and_back_is_the_same(void **state)
{
	static const struct uuid u = {{ 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc,
		0xba, 0x98, 0x76, 0x54, 0x32, 0x10 }};
	struct uuid back = {{0}};

	(void)state;
	assert_string_equal(UUID_STR(u), "01234567-89ab-cdef-fedc-ba9876543210");
	assert_true(uuid_parse("01234567-89AB-CDEF-fedc-ba9876543210", &back));
	assert_true(uuid_eq(u, back));
}

static void
what_is_not_exactly_a_uuid_is_refused_and_changes_nothing(void **state)
{
	static const char *const bad[] = { "", "0", "01234567", "01234567-",
		"0123456789abcdeffedcba9876543210", "01234567-89ab-cdef-fedc-ba987654321",
		"01234567-89ab-cdef-fedc-ba98765432101", "01234567-89ab-cdef-fedc-ba987654321g",
		"{01234567-89ab-cdef-fedc-ba9876543210}", " 01234567-89ab-cdef-fedc-ba9876543210",
		"01234567-89ab-cdef-fedc-ba9876543210 ", "01234567_89ab_cdef_fedc_ba9876543210",
		"012345678-9ab-cdef-fedc-ba9876543210" };
	struct uuid u = {{7}};

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++)
		if (uuid_parse(bad[i], &u)) fail_msg("\"%s\" was taken", bad[i]);
	assert_true(uuid_eq(u, (struct uuid){{7}}));
}

static void
nil_is_all_zero(void **state)
{
	struct uuid u;

	(void)state;
	assert_true(uuid_parse("00000000-0000-0000-0000-000000000000", &u));
	assert_true(uuid_is_nil(u));
	assert_false(uuid_is_nil(uuid_new()));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_uuid_is_of_version_7_and_bears_its_time),
		cmocka_unit_test(new_uuids_increase_also_within_a_millisecond),
		cmocka_unit_test(text_and_back_is_the_same),
		cmocka_unit_test(what_is_not_exactly_a_uuid_is_refused_and_changes_nothing),
		cmocka_unit_test(nil_is_all_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
