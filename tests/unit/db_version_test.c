/* Servers are taken or refused by their version, each as it writes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "db/version.h"

static void
what_is_new_enough_will_do(void **state)
{
	static const char *const versions[] = { "10.6.0-MariaDB", "10.11.6-MariaDB-0+deb12u1-log",
		"11.4.5-MariaDB", "12.0.2-MariaDB-ubu2404", "8.0.15",
		"8.0.36-0ubuntu0.22.04.1", "8.0.45-36.1", "8.1.0", "8.4.10", "9.0.0", "10.0.0",
		"8.0.30-Vitess" };
	struct err e;

	(void)state;
	for (size_t i = 0; i < NELEM(versions); i++)
		if (db_version_check(versions[i], &e)) fail_msg("%s: %s", versions[i], e.text);
}

static void
check_refused(const char *version, const char *said)
{
	struct err e = {0};

	if (db_version_check(version, &e) != -1) fail_msg("%s: taken", version);
	assert_int_equal(e.kind, ERR_CONFLICT);
	if (!strstr(e.text, said)) fail_msg("%s: %s", version, e.text);
	if (!strstr(e.text, "MariaDB 10.6 or MySQL 8.0.15")) fail_msg("%s", e.text);
}

static void
what_is_too_old_is_refused_by_its_name(void **state)
{
	(void)state;
	check_refused("10.5.29-MariaDB", "is MariaDB 10.5.29;");
	check_refused("9.9.9-MariaDB", "is MariaDB 9.9.9;");
	check_refused("8.0.14", "is MySQL 8.0.14;");
	check_refused("5.7.44-log", "is MySQL 5.7.44;");
}

static void
what_lacks_a_part_is_refused_by_its_name(void **state)
{
	(void)state;
	check_refused("8.0.11-TiDB-v8.5.0", "is TiDB, which has no full-text search;");
}

static void
what_is_no_version_is_refused(void **state)
{
	(void)state;
	check_refused("", "calls its version \"\"");
	check_refused("8.0", "calls its version \"8.0\"");
	check_refused("MariaDB", "calls its version \"MariaDB\"");
	check_refused("latest and greatest", "calls its version \"latest and greatest\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_new_enough_will_do),
		cmocka_unit_test(what_is_too_old_is_refused_by_its_name),
		cmocka_unit_test(what_lacks_a_part_is_refused_by_its_name),
		cmocka_unit_test(what_is_no_version_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
