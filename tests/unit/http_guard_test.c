/* Host names and foreign pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "http/guard.h"

static const char hosts[] = "localhost 127.0.0.1  [::1]\tmusic.example";

static bool
allowed(const char *method, const char *host, const char *origin, const char *site, bool by_cookie)
{
	const struct guard_request g = { method, host, origin, site, by_cookie };
	struct err e = {0};
	int rc = guard_check(&g, hosts, &e);

	if (rc) assert_int_equal(e.kind, ERR_FORBIDDEN);
	return rc == 0;
}

static void
a_configured_name_is_known_with_any_port_and_case(void **state)
{
	static const char *const good[] = { "localhost", "LocalHost:8080", "127.0.0.1:1", "[::1]",
		"[::1]:8080", "music.example", "localhost:" };

	(void)state;
	for (size_t i = 0; i < NELEM(good); i++) assert_true(guard_knows_host(good[i], hosts));
}

static void
other_names_are_not_known(void **state)
{
	static const char *const bad[] = { "", "evil.example", "localhost.evil.example",
		"xlocalhost", "local", "127.0.0.11", "localhost:80x", "localhost:80:80", "[::1",
		"::1", "[::2]", "[::1]x", "music.example/", " localhost", ":80" };

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) assert_false(guard_knows_host(bad[i], hosts));
	assert_false(guard_knows_host("localhost", ""));
}

static void
a_rebound_name_is_refused_for_every_method(void **state)
{
	(void)state;
	assert_false(allowed("GET", "evil.example:8080", NULL, NULL, false));
	assert_false(allowed("GET", NULL, NULL, NULL, false));
	assert_true(allowed("GET", "localhost:8080", NULL, NULL, false));
}

static void
reading_is_allowed_from_anywhere(void **state)
{
	(void)state;
	assert_true(allowed("GET", "localhost", "https://evil.example", "cross-site", false));
	assert_true(allowed("HEAD", "localhost", "null", NULL, false));
	assert_true(allowed("OPTIONS", "localhost", NULL, "cross-site", false));
}

static void
a_browser_that_names_the_site_decides(void **state)
{
	(void)state;
	assert_true(allowed("POST", "localhost", NULL, "same-origin", false));
	assert_true(allowed("POST", "localhost", NULL, "none", false));
	assert_false(allowed("POST", "localhost", NULL, "same-site", false));
	assert_false(allowed("POST", "localhost", NULL, "cross-site", false));
	assert_false(allowed("DELETE", "localhost", "http://localhost", "cross-site", false));
	assert_false(allowed("POST", "localhost", NULL, "", false));
}

static void
an_older_browser_is_known_by_its_origin(void **state)
{
	(void)state;
	assert_true(allowed("POST", "localhost:8080", "http://localhost:8080", NULL, false));
	assert_true(allowed("POST", "music.example", "https://music.example", NULL, false));
	assert_false(allowed("POST", "localhost:8080", "http://localhost:9090", NULL, false));
	assert_false(allowed("POST", "localhost:8080", "http://evil.example", NULL, false));
	assert_false(allowed("POST", "localhost:8080", "null", NULL, false));
}

static void
a_program_sends_neither_and_may_write(void **state)
{
	(void)state;
	assert_true(allowed("POST", "localhost", NULL, NULL, false));
	assert_true(allowed("DELETE", "localhost", NULL, NULL, false));
}

static void
a_cookie_needs_the_page_that_it_comes_from(void **state)
{
	(void)state;
	assert_false(allowed("POST", "localhost", NULL, NULL, true));
	assert_false(allowed("PATCH", "localhost", "https://evil.example", NULL, true));
	assert_true(allowed("POST", "localhost", "https://localhost", NULL, true));
	assert_true(allowed("POST", "localhost", NULL, "same-origin", true));
	assert_true(allowed("GET", "localhost", NULL, NULL, true));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_configured_name_is_known_with_any_port_and_case),
		cmocka_unit_test(other_names_are_not_known),
		cmocka_unit_test(a_rebound_name_is_refused_for_every_method),
		cmocka_unit_test(reading_is_allowed_from_anywhere),
		cmocka_unit_test(a_browser_that_names_the_site_decides),
		cmocka_unit_test(an_older_browser_is_known_by_its_origin),
		cmocka_unit_test(a_program_sends_neither_and_may_write),
		cmocka_unit_test(a_cookie_needs_the_page_that_it_comes_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
