/* Answers: their head, JSON, errors and what is polled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "http_exchange.h"

static void
an_empty_response_is_200_with_a_head(void **state)
{
	struct exchange *x = begin(FAKE_VARS("REQUEST_METHOD=GET"));

	(void)state;
	assert_string_equal(answer(x), "Status: 200 OK\r\nX-Content-Type-Options: nosniff\r\n"
		"Cache-Control: no-store\r\nContent-Length: 0\r\n\r\n");
	end(x);
}

static void
no_value_begins_a_line_of_its_own(void **state)
{
	struct exchange *x = begin(FAKE_VARS("REQUEST_METHOD=GET"));

	(void)state;
	response_header(&x->res, "Location", "%s", "/a\r\nSet-Cookie: evil\n\tx");
	answer(x);
	assert_true(has(x, "Location: /a  Set-Cookie: evil  x"));
	end(x);
}

static void
json_is_not_stored_unless_the_handler_says_so(void **state)
{
	struct exchange *x = begin(FAKE_VARS("REQUEST_METHOD=GET"));

	(void)state;
	response_json(&x->res, 201, json_object());
	answer(x);
	assert_true(has(x, "Status: 201 Created"));
	assert_true(has(x, "Content-Type: application/json"));
	assert_true(has(x, "Cache-Control: no-store"));
	assert_true(has(x, "Content-Length: 2"));
	assert_true(has(x, "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'"));
	assert_string_equal(body(x), "{}");
	end(x);
}

static void
head_has_the_length_and_no_body(void **state)
{
	struct exchange *x = begin(FAKE_VARS("REQUEST_METHOD=HEAD"));

	(void)state;
	response_json(&x->res, 200, json_object());
	answer(x);
	assert_true(has(x, "Content-Length: 2"));
	assert_string_equal(body(x), "");
	end(x);
}

static void
what_is_polled_has_a_tag_and_is_not_sent_again(void **state)
{
	struct exchange *x = begin(FAKE_VARS("REQUEST_METHOD=GET"));
	char tag[64], var[96];

	(void)state;
	response_json(&x->res, 200, json_object());
	response_etag(&x->res, &x->req);
	assert_int_equal(sscanf(strstr(answer(x), "ETag: ") + 6, "%63s", tag), 1);
	assert_true(has(x, "Cache-Control: no-cache"));
	assert_string_equal(body(x), "{}");
	end(x);

	snprintf(var, sizeof var, "HTTP_IF_NONE_MATCH=W/%s", tag);
	x = begin(FAKE_VARS("REQUEST_METHOD=GET", var));
	response_json(&x->res, 200, json_object());
	response_etag(&x->res, &x->req);
	answer(x);
	assert_true(has(x, "Status: 304 Not Modified"));
	assert_true(has_field(x, "ETag"));
	assert_true(has(x, "Cache-Control: no-cache"));
	assert_false(has_field(x, "Content-Length"));
	assert_false(has_field(x, "Content-Type"));
	assert_string_equal(body(x), "");
	end(x);

	x = begin(FAKE_VARS("REQUEST_METHOD=GET", var));
	response_json(&x->res, 200, json_array());
	response_etag(&x->res, &x->req);
	answer(x);
	assert_true(has(x, "Status: 200 OK"));
	end(x);
}

static void
an_error_is_a_problem_with_its_fields(void **state)
{
	struct exchange *x = begin(FAKE_VARS("REQUEST_METHOD=POST"));
	struct err e = {0};

	(void)state;
	err_field(&e, "prompt", "is missing");
	err_field(&e, "top_k", "must be a whole number");
	response_header(&x->res, "Location", "/somewhere");
	assert_false(response_error(&x->res, &e));
	answer(x);
	assert_true(has(x, "Status: 422 Unprocessable Content"));
	assert_true(has(x, "Content-Type: application/problem+json"));
	assert_false(has_field(x, "Location"));
	assert_string_equal(body(x),
		"{\"type\":\"about:blank\",\"title\":\"Unprocessable Content\",\"status\":422,"
		"\"detail\":\"prompt is missing.\","
		"\"errors\":[{\"field\":\"prompt\",\"detail\":\"is missing\"},"
		"{\"field\":\"top_k\",\"detail\":\"must be a whole number\"}]}");
	end(x);
}

static void
every_kind_of_error_has_its_status(void **state)
{
	static const struct { enum err_kind kind; const char *status; bool retry, log; } kinds[] = {
		{ ERR_UNREADABLE, "400 Bad Request", false, false },
		{ ERR_UNAUTHORIZED, "401 Unauthorized", false, false },
		{ ERR_FORBIDDEN, "403 Forbidden", false, false },
		{ ERR_NOT_FOUND, "404 Not Found", false, false },
		{ ERR_CONFLICT, "409 Conflict", false, false },
		{ ERR_TOO_LARGE, "413 Content Too Large", false, false },
		{ ERR_UNSUPPORTED, "415 Unsupported Media Type", false, false },
		{ ERR_INVALID, "422 Unprocessable Content", false, false },
		{ ERR_BUSY, "429 Too Many Requests", true, false },
		{ ERR_AWAY, "503 Service Unavailable", true, true },
		{ ERR_STOPPED, "503 Service Unavailable", true, true },
		{ ERR_INTERNAL, "500 Internal Server Error", false, true },
		{ ERR_NONE, "500 Internal Server Error", false, true },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(kinds); i++) {
		struct exchange *x = begin(FAKE_VARS("REQUEST_METHOD=GET"));
		struct err e = {0};
		char line[64];

		err_set(&e, kinds[i].kind, "secret words");
		assert_int_equal(response_error(&x->res, &e), kinds[i].log);
		answer(x);
		snprintf(line, sizeof line, "Status: %s", kinds[i].status);
		assert_true(has(x, line));
		assert_int_equal(has_field(x, "Retry-After"), kinds[i].retry);
		/* What is ours to know is for the log alone. */
		assert_int_equal(strstr(body(x), "secret") == NULL, kinds[i].log);
		end(x);
	}
}

static void
an_attachment_is_named_in_ascii_and_in_full(void **state)
{
	struct exchange *x = begin(FAKE_VARS("REQUEST_METHOD=GET"));

	(void)state;
	response_attachment(&x->res, "Caf\xc3\xa9 \"x\"/1.flac");
	answer(x);
	assert_true(has(x, "Content-Disposition: attachment; filename=\"Caf_ _x__1.flac\"; "
		"filename*=UTF-8''Caf%C3%A9%20%22x%22%2F1.flac"));
	end(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_response_is_200_with_a_head),
		cmocka_unit_test(no_value_begins_a_line_of_its_own),
		cmocka_unit_test(json_is_not_stored_unless_the_handler_says_so),
		cmocka_unit_test(head_has_the_length_and_no_body),
		cmocka_unit_test(what_is_polled_has_a_tag_and_is_not_sent_again),
		cmocka_unit_test(an_error_is_a_problem_with_its_fields),
		cmocka_unit_test(every_kind_of_error_has_its_status),
		cmocka_unit_test(an_attachment_is_named_in_ascii_and_in_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
