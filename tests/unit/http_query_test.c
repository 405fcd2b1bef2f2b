/* Query strings, and what lists read from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "http/paging.h"
#include "http/query.h"

static struct query q;
static struct err e;

static int
forget(void **state)
{
	(void)state;
	query_free(&q);
	return 0;
}

static void
parse(const char *raw)
{
	query_free(&q);
	err_clear(&e);
	assert_int_equal(query_parse(&q, raw, &e), 0);
}

static const char *
text(const char *name)
{
	const char *out = NULL;

	assert_int_equal(query_text(&q, name, &out, &e), 0);
	return out;
}

static void
names_and_values_are_decoded(void **state)
{
	(void)state;
	parse("q=slow+blues%20in%20E%21&%74ag=%C3%A9&empty=&bare");
	assert_string_equal(text("q"), "slow blues in E!");
	assert_string_equal(text("tag"), "\xc3\xa9");
	assert_string_equal(text("empty"), "");
	assert_string_equal(text("bare"), "");
	assert_null(text("missing"));
}

static void
an_encoded_ampersand_or_equals_sign_is_text(void **state)
{
	(void)state;
	parse("a=1%262%3D3&b=x=y");
	assert_string_equal(text("a"), "1&2=3");
	assert_string_equal(text("b"), "x=y");
}

static void
no_query_and_empty_parameters_are_fine(void **state)
{
	(void)state;
	parse(NULL);
	assert_int_equal(q.n, 0);
	parse("&&a=1&&");
	assert_int_equal(q.n, 1);
}

static void
what_is_no_text_is_unreadable(void **state)
{
	static const char *const bad[] = { "a=%", "a=%4", "a=%4x", "a=%zz", "a=%00", "a=%ff", "a=%c3", "%e2%28=1", "a=%ed%a0%80" };

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		query_free(&q);
		assert_int_equal(query_parse(&q, bad[i], &e), -1);
		assert_int_equal(e.kind, ERR_UNREADABLE);
	}
}

static void
too_many_parameters_or_bytes_are_unreadable(void **state)
{
	struct buf raw = {0};

	(void)state;
	for (int i = 0; i < QUERY_MAX_PARAMS; i++) buf_adds(&raw, "a=1&");
	parse(raw.p);
	buf_adds(&raw, "a=1");
	query_free(&q);
	assert_int_equal(query_parse(&q, raw.p, &e), -1);
	buf_reset(&raw);
	while (raw.n <= QUERY_MAX_BYTES) buf_adds(&raw, "aaaaaaaa");
	query_free(&q);
	assert_int_equal(query_parse(&q, raw.p, &e), -1);
	assert_int_equal(e.kind, ERR_UNREADABLE);
	buf_free(&raw);
}

static void
a_parameter_given_twice_is_named(void **state)
{
	const char *out = NULL;

	(void)state;
	parse("model=a&model=b");
	assert_int_equal(query_text(&q, "model", &out, &e), -1);
	assert_int_equal(e.kind, ERR_UNREADABLE);
	assert_non_null(strstr(e.text, "model"));
	assert_null(out);
}

static void
a_parameter_with_several_values_gives_them_in_order(void **state)
{
	size_t at = 0;

	(void)state;
	parse("status=queued&x=1&status=failed");
	assert_string_equal(query_next(&q, "status", &at), "queued");
	assert_string_equal(query_next(&q, "status", &at), "failed");
	assert_null(query_next(&q, "status", &at));
}

static void
numbers_are_strict_and_named_when_wrong(void **state)
{
	static const char *const bad[] = { "limit=0", "limit=101", "limit=", "limit=1x", "limit=-1", "limit=%2B1", "limit=+1",
		"limit=1.0", "limit=99999999999999999999" };
	uint32_t n = 7;

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		parse(bad[i]);
		assert_int_equal(query_u32(&q, "limit", 1, 100, &n, &e), -1);
		assert_int_equal(e.kind, ERR_UNREADABLE);
		assert_non_null(strstr(e.text, "limit"));
	}
	assert_int_equal(n, 7);
	parse("limit=42");
	assert_int_equal(query_u32(&q, "limit", 1, 100, &n, &e), 0);
	assert_int_equal(n, 42);
}

static void
ids_fractions_and_choices_are_checked(void **state)
{
	static const char *const colours[] = { "red", "green", NULL };
	struct uuid id = {{0}};
	double v = 0;
	int choice = -1;

	(void)state;
	parse("id=0190a6a0-0000-7000-8000-000000000001&v=1.5&c=green");
	assert_int_equal(query_id(&q, "id", &id, &e), 0);
	assert_int_equal(id.b[15], 1);
	assert_int_equal(query_real(&q, "v", 0, 2, &v, &e), 0);
	assert_true(v == 1.5);
	assert_int_equal(query_choice(&q, "c", colours, &choice, &e), 0);
	assert_int_equal(choice, 1);
	assert_int_equal(query_id(&q, "v", &id, &e), -1);
	assert_int_equal(query_real(&q, "c", 0, 2, &v, &e), -1);
	assert_int_equal(query_choice(&q, "v", colours, &choice, &e), -1);
	assert_string_equal(e.text, "The query parameter v must be one of red, green.");
}

static int
page(const char *raw, unsigned ways, struct paging *p)
{
	parse(raw);
	return paging_read(p, &q, ways, &e);
}

static void
a_list_begins_at_its_start_with_twenty(void **state)
{
	struct paging p;

	(void)state;
	assert_int_equal(page("", PAGING_PAGE, &p), 0);
	assert_int_equal(p.limit, 20);
	assert_int_equal(p.offset, 0);
	assert_null(p.cursor);
}

static void
offset_cursor_and_page_say_where_a_list_goes_on(void **state)
{
	struct paging p;

	(void)state;
	assert_int_equal(page("limit=100&offset=100000", 0, &p), 0);
	assert_int_equal(p.offset, 100000);
	assert_int_equal(page("limit=5&cursor=abc", PAGING_CURSOR, &p), 0);
	assert_string_equal(p.cursor, "abc");
	assert_int_equal(page("limit=50&page=3", PAGING_PAGE, &p), 0);
	assert_int_equal(p.offset, 100);
	assert_int_equal(page("page=1", PAGING_PAGE, &p), 0);
	assert_int_equal(p.offset, 0);
}

static void
a_list_without_pages_ignores_page(void **state)
{
	struct paging p;

	(void)state;
	assert_int_equal(page("page=x", PAGING_CURSOR, &p), 0);
	assert_int_equal(p.offset, 0);
}

static void
bad_or_contradicting_places_are_unreadable(void **state)
{
	static const char *const bad[] = { "offset=100001", "offset=-1", "page=0", "page=5002", "limit=0", "offset=0&page=1",
		"offset=1&cursor=a", "cursor=a&page=2", "cursor=a&cursor=b" };
	struct paging p;

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		assert_int_equal(page(bad[i], PAGING_PAGE | PAGING_CURSOR, &p), -1);
		assert_int_equal(e.kind, ERR_UNREADABLE);
	}
}

static void
a_list_without_cursors_refuses_one(void **state)
{
	struct paging p;

	(void)state;
	assert_int_equal(page("cursor=a", PAGING_PAGE, &p), -1);
	assert_int_equal(page("skip=7", PAGING_SKIP, &p), 0);
	assert_int_equal(p.offset, 7);
	assert_int_equal(page("skip=7", PAGING_PAGE, &p), 0);
	assert_int_equal(p.offset, 0);
	assert_int_equal(page("skip=7&offset=7", PAGING_SKIP, &p), -1);
	assert_int_equal(page("skip=7&page=2", PAGING_SKIP | PAGING_PAGE, &p), -1);
	assert_int_equal(page("skip=-1", PAGING_SKIP, &p), -1);
	assert_int_equal(e.kind, ERR_UNREADABLE);
}

static void
an_answer_says_where_it_stands_in_the_list(void **state)
{
	enum { END = PAGING_SHOWS_END, CAP = PAGING_SHOWS_CAP, PAGE = PAGING_SHOWS_PAGE };
	static const struct { struct paging p; struct paging_end end; const char *text; } cases[] = {
		{ { PAGE, 20, 40, NULL }, { 45, false, false, NULL },
			"{\"total\":45,\"page\":3,\"limit\":20}" },
		{ { END, 20, 40, NULL }, { 45, false, false, NULL },
			"{\"total\":45,\"limit\":20,\"offset\":40,\"has_more\":false,"
			"\"next_cursor\":null}" },
		{ { PAGING_CURSOR | END | CAP, 20, 0, "a" }, { 45, true, true, "b" },
			"{\"total\":45,\"total_is_capped\":true,\"limit\":20,\"offset\":0,"
			"\"has_more\":true,\"next_cursor\":\"b\"}" },
		{ { PAGING_PAGE | PAGE | END | CAP, 20, 0, NULL }, { 45, false, true, NULL },
			"{\"total\":45,\"total_is_capped\":false,\"page\":1,\"limit\":20,"
			"\"offset\":0,\"has_more\":true,\"next_cursor\":null}" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct buf text = {0};
		struct jtext out = { .out = &text };

		jtext_begin(&out, NULL, '{');
		paging_write(&cases[i].p, &cases[i].end, &out);
		jtext_end(&out, '}');
		assert_string_equal(text.p, cases[i].text);
		buf_free(&text);
	}
}

static void
a_known_total_says_whether_there_is_more(void **state)
{
	static const struct { struct paging p; uint64_t n, total; bool has_more; } cases[] = {
		{ { 0, 20, 0, NULL }, 20, 45, true },
		{ { 0, 20, 40, NULL }, 5, 45, false },
		{ { 0, 20, 0, NULL }, 20, 20, false },
		{ { 0, 20, 60, NULL }, 0, 45, false },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct paging_end end = paging_known(&cases[i].p, cases[i].n, cases[i].total);

		assert_int_equal(end.total, cases[i].total);
		assert_int_equal(end.has_more, cases[i].has_more);
	}
}

static void
a_day_as_an_end_means_its_last_microsecond(void **state)
{
	int64_t from = 0, to = 0, at = 0;
	bool yes = false;
	int either = -1;

	(void)state;
	parse("from=2000-02-29&to=2000-02-29&at=2000-02-29T12:00:00Z&yes=true&bad=2000-02-30&maybe=2");
	assert_int_equal(query_time(&q, "from", false, &from, &e), 0);
	assert_int_equal(query_time(&q, "to", true, &to, &e), 0);
	assert_int_equal(query_time(&q, "at", true, &at, &e), 0);
	assert_int_equal(to - from, 86400000000 - 1);
	assert_int_equal(at - from, 43200000000);
	assert_int_equal(query_bool(&q, "yes", &yes, &e), 0);
	assert_true(yes);
	assert_int_equal(query_time(&q, "bad", false, &from, &e), -1);
	assert_int_equal(e.kind, ERR_UNREADABLE);
	assert_int_equal(query_bool(&q, "maybe", &yes, &e), -1);
	assert_int_equal(query_either(&q, "yes", &either, &e), 0);
	assert_int_equal(either, 1);
	assert_int_equal(query_either(&q, "maybe", &either, &e), -1);
	either = -1;
	assert_int_equal(query_either(&q, "absent", &either, &e), 0);
	assert_int_equal(either, -1);
	assert_int_equal(query_time(&q, "absent", false, &from, &e), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_values_are_decoded),
		cmocka_unit_test(an_encoded_ampersand_or_equals_sign_is_text),
		cmocka_unit_test(no_query_and_empty_parameters_are_fine),
		cmocka_unit_test(what_is_no_text_is_unreadable),
		cmocka_unit_test(too_many_parameters_or_bytes_are_unreadable),
		cmocka_unit_test(a_parameter_given_twice_is_named),
		cmocka_unit_test(a_parameter_with_several_values_gives_them_in_order),
		cmocka_unit_test(numbers_are_strict_and_named_when_wrong),
		cmocka_unit_test(ids_fractions_and_choices_are_checked),
		cmocka_unit_test(a_day_as_an_end_means_its_last_microsecond),
		cmocka_unit_test(a_list_begins_at_its_start_with_twenty),
		cmocka_unit_test(offset_cursor_and_page_say_where_a_list_goes_on),
		cmocka_unit_test(a_list_without_pages_ignores_page),
		cmocka_unit_test(a_list_without_cursors_refuses_one),
		cmocka_unit_test(an_answer_says_where_it_stands_in_the_list),
		cmocka_unit_test(a_known_total_says_whether_there_is_more),
		cmocka_unit_test(bad_or_contradicting_places_are_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
