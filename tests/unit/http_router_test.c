/* The route table: matching, methods, and what it refuses to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "http/router.h"

#define ID1 "0190a6a0-0000-7000-8000-000000000001"
#define ID2 "0190a6a0-0000-7000-8000-000000000002"

static int
nothing(void *ctx, struct request *req, struct response *res, struct err *e)
{
	(void)ctx;
	(void)req;
	(void)res;
	(void)e;
	return 0;
}

static const struct route table[] = {
	{ "GET", "/api/jobs", nothing, 1 },
	{ "POST", "/api/jobs", nothing, 2 },
	{ "GET", "/api/jobs/stats", nothing, 3 },
	{ "GET", "/api/jobs/{id}", nothing, 4 },
	{ "DELETE", "/api/jobs/{id}", nothing, 5 },
	{ "PATCH", "/api/adapters/{id}/versions/{vid}/activate", nothing, 6 },
};

/* Flags of the route that is found, 0 for none. */
static unsigned
flags(const char *method, const char *path)
{
	struct uuid ids[REQUEST_MAX_IDS];
	struct router_match m = router_find(table, NELEM(table), method, path, ids);

	return m.route ? m.route->flags : 0;
}

static void
a_route_is_found_by_method_and_path(void **state)
{
	(void)state;
	assert_int_equal(flags("GET", "/api/jobs"), 1);
	assert_int_equal(flags("POST", "/api/jobs"), 2);
	assert_int_equal(flags("GET", "/api/jobs/stats"), 3);
	assert_int_equal(flags("GET", "/api/jobs/" ID1), 4);
	assert_int_equal(flags("DELETE", "/api/jobs/" ID1), 5);
}

static void
head_finds_the_route_of_get(void **state)
{
	(void)state;
	assert_int_equal(flags("HEAD", "/api/jobs"), 1);
}

static void
ids_are_read_in_their_order(void **state)
{
	struct uuid ids[REQUEST_MAX_IDS] = {0};
	struct router_match m =
		router_find(table, NELEM(table), "PATCH", "/api/adapters/" ID1 "/versions/" ID2 "/activate", ids);

	(void)state;
	assert_non_null(m.route);
	assert_int_equal(ids[0].b[15], 1);
	assert_int_equal(ids[1].b[15], 2);
}

static void
what_is_no_uuid_is_no_path(void **state)
{
	static const char *const bad[] = { "/api/jobs/x", "/api/jobs/", "/api/jobs/" ID1 "0", "/api/jobs/" ID1 "/",
		"/api/jobs/" ID1 "/x", "/api//jobs", "/api/jobs/0190a6a0-0000-7000-8000-00000000000g", "/api", "", "/", "api/jobs" };

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		struct uuid ids[REQUEST_MAX_IDS];
		struct router_match m = router_find(table, NELEM(table), "GET", bad[i], ids);

		assert_null(m.route);
		assert_string_equal(m.allow, "");
	}
}

static void
a_wrong_method_says_which_are_allowed(void **state)
{
	struct uuid ids[REQUEST_MAX_IDS];
	struct router_match m = router_find(table, NELEM(table), "PUT", "/api/jobs/" ID1, ids);

	(void)state;
	assert_null(m.route);
	assert_string_equal(m.allow, "GET, HEAD, DELETE, OPTIONS");
	assert_string_equal(router_find(table, NELEM(table), "get", "/api/jobs", ids).allow, "GET, HEAD, POST, OPTIONS");
}

static int
check(const struct route *routes, size_t n, const char *text)
{
	struct err e = {0};
	int rc = router_check(routes, n, &e);

	if (text) assert_non_null(strstr(e.text, text));
	return rc;
}

static void
a_good_table_is_accepted(void **state)
{
	(void)state;
	assert_int_equal(check(table, NELEM(table), NULL), 0);
}

static void
the_same_route_twice_is_refused_whatever_its_id_is_called(void **state)
{
	static const struct route twice[] = {
		{ "GET", "/api/jobs/{id}", nothing, 0 },
		{ "DELETE", "/api/jobs/{id}", nothing, 0 },
		{ "GET", "/api/jobs/{job_id}", nothing, 0 },
	};

	(void)state;
	assert_int_equal(check(twice, NELEM(twice), "/api/jobs/{job_id} is there twice"), -1);
	assert_int_equal(check(twice, NELEM(twice) - 1, NULL), 0);
}

static void
routes_that_cannot_work_are_refused(void **state)
{
	static const struct route method[] = { { "FETCH", "/api/x", nothing, 0 } };
	static const struct route head[] = { { "HEAD", "/api/x", nothing, 0 } };
	static const struct route handler[] = { { "GET", "/api/x", NULL, 0 } };
	static const struct route relative[] = { { "GET", "api/x", nothing, 0 } };
	static const struct route ids[] = { { "GET", "/{a}/{b}/{c}", nothing, 0 } };

	(void)state;
	assert_int_equal(check(method, 1, "unknown method"), -1);
	assert_int_equal(check(head, 1, "unknown method"), -1);
	assert_int_equal(check(handler, 1, "no handler"), -1);
	assert_int_equal(check(relative, 1, "absolute"), -1);
	assert_int_equal(check(ids, 1, "ids"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_route_is_found_by_method_and_path),
		cmocka_unit_test(head_finds_the_route_of_get),
		cmocka_unit_test(ids_are_read_in_their_order),
		cmocka_unit_test(what_is_no_uuid_is_no_path),
		cmocka_unit_test(a_wrong_method_says_which_are_allowed),
		cmocka_unit_test(a_good_table_is_accepted),
		cmocka_unit_test(the_same_route_twice_is_refused_whatever_its_id_is_called),
		cmocka_unit_test(routes_that_cannot_work_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
