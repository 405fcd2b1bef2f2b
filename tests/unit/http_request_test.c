/* Requests: where they are mounted, what they carry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "http/request.h"
#include "http_fake.h"

static struct err e;

struct opened {
	struct fake fake;
	struct http_io io;
	struct request req;
};

static int
open_request(struct opened *o, const char *const *vars)
{
	o->fake.vars = vars;
	o->io = FAKE_IO(&o->fake);
	o->req = (struct request){0};
	err_clear(&e);
	return request_open(&o->req, &o->io, "/api", &e);
}

static void
check_path(const char *script, const char *info, const char *base_path, const char *path)
{
	char a[2048], b[2048];
	struct opened o = {0};

	snprintf(a, sizeof a, "SCRIPT_NAME=%s", script);
	snprintf(b, sizeof b, "PATH_INFO=%s", info);
	assert_int_equal(open_request(&o, FAKE_VARS("REQUEST_METHOD=GET", a, b)), 0);
	assert_string_equal(o.req.base_path, base_path);
	assert_string_equal(o.req.path, path);
	request_free(&o.req);
}

static void
mounted_at_the_prefix_the_script_name_ends_with_it(void **state)
{
	(void)state;
	check_path("/api", "/generate", "", "/api/generate");
	check_path("/api", "", "", "/api");
	check_path("/api/", "/generate", "", "/api/generate");
	check_path("/studio/api", "/generate", "/studio", "/api/generate");
}

static void
mounted_above_the_prefix_the_path_begins_with_it(void **state)
{
	(void)state;
	check_path("", "/api/generate", "", "/api/generate");
	check_path("/", "/api/generate", "", "/api/generate");
	check_path("/cgi-bin/earshot.fcgi", "/api/generate", "/cgi-bin/earshot.fcgi", "/api/generate");
	check_path("/a/b", "/api", "/a/b", "/api");
	check_path("/my music", "/api", "/my%20music", "/api");
}

static void
outside_the_prefix_there_is_no_path(void **state)
{
	(void)state;
	check_path("", "/index.html", "", "");
	check_path("", "/apiary", "", "");
	check_path("", "", "", "");
	check_path("/a", "/x", "", "");
}

static void
a_path_that_is_no_text_or_too_long_is_unreadable(void **state)
{
	char path[REQUEST_MAX_PATH + 20] = "PATH_INFO=/api/";
	struct opened o = {0};

	(void)state;
	assert_int_equal(open_request(&o, FAKE_VARS("PATH_INFO=/api/\xff")), -1);
	assert_int_equal(e.kind, ERR_UNREADABLE);
	memset(path + strlen(path), 'a', sizeof path - strlen(path) - 1);
	assert_int_equal(open_request(&o, FAKE_VARS(path)), -1);
	assert_int_equal(e.kind, ERR_UNREADABLE);
}

static void
a_query_that_cannot_be_read_spoils_the_request(void **state)
{
	struct opened o = {0};

	(void)state;
	assert_int_equal(open_request(&o, FAKE_VARS("PATH_INFO=/api", "QUERY_STRING=a=%00")), -1);
	assert_int_equal(e.kind, ERR_UNREADABLE);
	request_free(&o.req);
}

static void
header_fields_are_found_by_their_names(void **state)
{
	struct opened o = {0};

	(void)state;
	open_request(&o, FAKE_VARS("HTTP_IF_NONE_MATCH=\"x\"", "CONTENT_TYPE=text/plain", "HTTP_CONTENT_TYPE=wrong"));
	assert_string_equal(request_header(&o.req, "If-None-Match"), "\"x\"");
	assert_string_equal(request_header(&o.req, "Content-Type"), "text/plain");
	assert_null(request_header(&o.req, "Range"));
}

/* The JSON of a body sent with these variables; the caller deletes it. */
static cJSON *
json(const char *body, const char *const *vars)
{
	struct opened o = { .fake = { .body = body, .n_body = strlen(body) } };
	cJSON *tree = NULL;

	open_request(&o, vars);
	if (request_json(&o.req, 100, &e) == 0) {
		tree = o.req.json;
		o.req.json = NULL;
	}
	request_free(&o.req);
	return tree;
}

static void
a_json_body_is_read_whole(void **state)
{
	static const char *const types[] = { "CONTENT_TYPE=application/json", "CONTENT_TYPE=application/json; charset=utf-8",
		"CONTENT_TYPE=Application/JSON ;x" };

	(void)state;
	for (size_t i = 0; i < NELEM(types); i++) {
		cJSON *tree = json("{\"prompt\":\"a long slow waltz\"}", FAKE_VARS(types[i], "CONTENT_LENGTH=30"));

		assert_non_null(tree);
		assert_string_equal(json_text(tree, "prompt", ""), "a long slow waltz");
		cJSON_Delete(tree);
	}
}

static void
a_chunked_body_has_no_length_and_is_read_to_its_end(void **state)
{
	cJSON *tree = json("{\"a\":1}", FAKE_VARS("CONTENT_TYPE=application/json", "HTTP_TRANSFER_ENCODING=chunked"));

	(void)state;
	assert_non_null(tree);
	cJSON_Delete(tree);
}

static void
another_content_type_is_unsupported(void **state)
{
	(void)state;
	assert_null(json("{}", FAKE_VARS("CONTENT_LENGTH=2")));
	assert_int_equal(e.kind, ERR_UNSUPPORTED);
	assert_null(json("{}", FAKE_VARS("CONTENT_TYPE=text/plain", "CONTENT_LENGTH=2")));
	assert_int_equal(e.kind, ERR_UNSUPPORTED);
	assert_null(json("{}", FAKE_VARS("CONTENT_TYPE=application/jsonp", "CONTENT_LENGTH=2")));
	assert_int_equal(e.kind, ERR_UNSUPPORTED);
}

static void
a_body_above_the_limit_is_too_large_however_long_it_claims_to_be(void **state)
{
	char body[102];

	(void)state;
	memset(body, ' ', 101);
	body[101] = '\0';
	assert_null(json(body, FAKE_VARS("CONTENT_TYPE=application/json", "CONTENT_LENGTH=101")));
	assert_int_equal(e.kind, ERR_TOO_LARGE);
	assert_null(json(body, FAKE_VARS("CONTENT_TYPE=application/json")));
	assert_int_equal(e.kind, ERR_TOO_LARGE);
	assert_null(json(body, FAKE_VARS("CONTENT_TYPE=application/json", "CONTENT_LENGTH=2")));
	assert_int_equal(e.kind, ERR_TOO_LARGE);
	assert_null(json("{}", FAKE_VARS("CONTENT_TYPE=application/json", "CONTENT_LENGTH=18446744073709551615")));
	assert_int_equal(e.kind, ERR_TOO_LARGE);
}

static void
a_length_that_is_no_number_or_not_true_is_unreadable(void **state)
{
	static const char *const bad[] = { "CONTENT_LENGTH=x", "CONTENT_LENGTH=-2", "CONTENT_LENGTH=3", "CONTENT_LENGTH=1",
		"CONTENT_LENGTH=2 ", "CONTENT_LENGTH=99999999999999999999" };

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		assert_null(json("{}", FAKE_VARS("CONTENT_TYPE=application/json", bad[i])));
		assert_int_equal(e.kind, ERR_UNREADABLE);
	}
}

static void
a_body_that_breaks_off_or_is_not_there_is_unreadable(void **state)
{
	struct opened o = { .fake = { .body = "{", .n_body = 1, .broken = true } };

	(void)state;
	open_request(&o, FAKE_VARS("CONTENT_TYPE=application/json"));
	assert_int_equal(request_json(&o.req, 100, &e), -1);
	assert_int_equal(e.kind, ERR_UNREADABLE);
	request_free(&o.req);
	assert_null(json("", FAKE_VARS("CONTENT_TYPE=application/json")));
	assert_int_equal(e.kind, ERR_UNREADABLE);
}

struct pieces {
	struct buf got;
	size_t refuse_after;	/* 0: takes everything */
};

static int
take_piece(void *ctx, const void *p, size_t n, struct err *why)
{
	struct pieces *t = ctx;

	buf_add(&t->got, p, n);
	return t->refuse_after && t->got.n >= t->refuse_after ? err_set(why, ERR_AWAY, "Full.") : 0;
}

/* A body of 30 bytes with this limit; what came of it. */
static int
stream(uint64_t max, size_t refuse_after, bool broken, const char *const *vars, struct pieces *t)
{
	struct opened o = { .fake = { .body = "0123456789abcdefghijklmnopqrst", .n_body = 30,
		.broken = broken } };
	int rc;

	*t = (struct pieces){ .refuse_after = refuse_after };
	open_request(&o, vars);
	rc = request_stream(&o.req, max, take_piece, t, &e);
	assert_null(o.req.body.p);
	request_free(&o.req);
	return rc;
}

static void
a_streamed_body_arrives_in_order_and_is_not_kept(void **state)
{
	struct pieces t;

	(void)state;
	assert_int_equal(stream(30, 0, false, FAKE_VARS("CONTENT_LENGTH=30"), &t), 0);
	assert_string_equal(buf_str(&t.got), "0123456789abcdefghijklmnopqrst");
	buf_free(&t.got);
	assert_int_equal(stream(30, 0, false, FAKE_VARS("X=y"), &t), 0);
	assert_int_equal(t.got.n, 30);
	buf_free(&t.got);
}

static void
a_streamed_body_is_bounded_and_whole(void **state)
{
	static const struct {
		uint64_t max;
		const char *length;
		bool broken;
		enum err_kind kind;
	} cases[] = {
		{ 29, "X=y", false, ERR_TOO_LARGE }, { 29, "CONTENT_LENGTH=30", false, ERR_TOO_LARGE },
		{ 29, "CONTENT_LENGTH=2", false, ERR_TOO_LARGE },
		{ 100, "CONTENT_LENGTH=31", false, ERR_UNREADABLE },
		{ 100, "CONTENT_LENGTH=29", false, ERR_UNREADABLE },
		{ 100, "CONTENT_LENGTH=x", false, ERR_UNREADABLE },
		{ 100, "CONTENT_LENGTH=30", true, ERR_UNREADABLE },
	};
	struct pieces t;

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		assert_int_equal(stream(cases[i].max, 0, cases[i].broken,
			FAKE_VARS(cases[i].length), &t), -1);
		assert_int_equal(e.kind, cases[i].kind);
		assert_true(t.got.n <= cases[i].max);
		buf_free(&t.got);
	}
	/* One that says beforehand that it is too large is not even begun. */
	stream(29, 0, false, FAKE_VARS("CONTENT_LENGTH=30"), &t);
	assert_int_equal(t.got.n, 0);
}

static void
who_takes_the_pieces_may_stop(void **state)
{
	struct pieces t;

	(void)state;
	assert_int_equal(stream(30, 8, false, FAKE_VARS("CONTENT_LENGTH=30"), &t), -1);
	assert_int_equal(e.kind, ERR_AWAY);
	assert_true(t.got.n < 30);
	buf_free(&t.got);
}

static void
a_request_knows_whether_it_has_a_body(void **state)
{
	static const struct {
		const char *var;
		bool has;
	} cases[] = { { "X=y", false }, { "CONTENT_LENGTH=", false }, { "CONTENT_LENGTH=0", false },
		{ "CONTENT_LENGTH=1", true }, { "CONTENT_LENGTH=x", true },
		{ "HTTP_TRANSFER_ENCODING=chunked", true }, { "HTTP_TRANSFER_ENCODING=", false } };

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct opened o = {0};

		open_request(&o, FAKE_VARS(cases[i].var));
		if (request_has_body(&o.req) != cases[i].has) fail_msg("%s", cases[i].var);
		request_free(&o.req);
	}
}

static void
a_cookie_is_found_by_its_whole_name(void **state)
{
	static const struct { const char *header, *value; } cases[] = {
		{ "HTTP_COOKIE=id=7", "7" },
		{ "HTTP_COOKIE=xid=1; id=7; id=8", "7" },
		{ "HTTP_COOKIE=id2=1;id=7 ;b=2", "7" },
		{ "HTTP_COOKIE=id=", "" },
		{ "HTTP_COOKIE=id=123456789", NULL },
		{ "HTTP_COOKIE=xid=1", NULL },
		{ "HTTP_COOKIE=id", NULL },
		{ "HTTP_COOKIE=;;;", NULL },
		{ "HTTP_COOKIE=", NULL },
		{ "HTTP_OTHER=id=7", NULL },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct opened o = {0};
		char value[9];

		open_request(&o, FAKE_VARS(cases[i].header));
		if (request_cookie(&o.req, "id", value, sizeof value) != (cases[i].value != NULL))
			fail_msg("%s", cases[i].header);
		if (cases[i].value) assert_string_equal(value, cases[i].value);
		request_free(&o.req);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounted_at_the_prefix_the_script_name_ends_with_it),
		cmocka_unit_test(mounted_above_the_prefix_the_path_begins_with_it),
		cmocka_unit_test(outside_the_prefix_there_is_no_path),
		cmocka_unit_test(a_path_that_is_no_text_or_too_long_is_unreadable),
		cmocka_unit_test(a_query_that_cannot_be_read_spoils_the_request),
		cmocka_unit_test(header_fields_are_found_by_their_names),
		cmocka_unit_test(a_streamed_body_arrives_in_order_and_is_not_kept),
		cmocka_unit_test(a_streamed_body_is_bounded_and_whole),
		cmocka_unit_test(who_takes_the_pieces_may_stop),
		cmocka_unit_test(a_request_knows_whether_it_has_a_body),
		cmocka_unit_test(a_cookie_is_found_by_its_whole_name),
		cmocka_unit_test(a_json_body_is_read_whole),
		cmocka_unit_test(a_chunked_body_has_no_length_and_is_read_to_its_end),
		cmocka_unit_test(another_content_type_is_unsupported),
		cmocka_unit_test(a_body_above_the_limit_is_too_large_however_long_it_claims_to_be),
		cmocka_unit_test(a_length_that_is_no_number_or_not_true_is_unreadable),
		cmocka_unit_test(a_body_that_breaks_off_or_is_not_there_is_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
