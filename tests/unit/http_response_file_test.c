/* Files and other sources as answers, with all the rules of ranges and preconditions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "http_exchange.h"

#define ETAG "\"abc\""
#define MODIFIED "Sun, 22 Nov 2026 20:17:05 GMT"

#define GET(...) FAKE_VARS("REQUEST_METHOD=GET", __VA_ARGS__)

static const char content[] = "0123456789abcdefghijklmnopqrstuvwxyz";	/* 36 bytes */

/* A file that the records say has so many bytes. path: what the web server could send. */
static struct response_file
new_file(const char *path, uint64_t bytes)
{
	return (struct response_file){ .fd = memfd_create("t", MFD_CLOEXEC), .path = path,
		.bytes = bytes, .content_type = "audio/flac", .etag = ETAG,
		.modified_us = clock_http_parse(MODIFIED) + 123456 };
}

/* A request that gets the file as its answer. */
static struct exchange *
get_file_at(const char *path, const char *const *vars)
{
	struct exchange *x = begin(vars);
	struct response_file f = new_file(path, sizeof content - 1);

	assert_int_equal(write(f.fd, content, sizeof content - 1), sizeof content - 1);
	response_file(&x->res, &x->req, &f);
	answer(x);
	return x;
}

static struct exchange *
get_file(const char *const *vars)
{
	return get_file_at(NULL, vars);
}

static void
a_file_is_sent_whole_with_its_validators(void **state)
{
	struct exchange *x = get_file(FAKE_VARS("REQUEST_METHOD=GET"));

	(void)state;
	assert_true(has(x, "Status: 200 OK"));
	assert_true(has(x, "Content-Type: audio/flac"));
	assert_true(has(x, "Content-Length: 36"));
	assert_true(has(x, "ETag: " ETAG));
	assert_true(has(x, "Last-Modified: " MODIFIED));
	assert_true(has(x, "Accept-Ranges: bytes"));
	assert_true(has(x, "Cache-Control: no-cache"));
	assert_string_equal(body(x), content);
	end(x);
}

static void
one_range_is_206_with_content_range_and_never_multipart(void **state)
{
	static const struct { const char *range, *content_range, *length, *body; } cases[] = {
		{ "HTTP_RANGE=bytes=0-9", "0-9", "10", "0123456789" },
		{ "HTTP_RANGE=bytes=30-", "30-35", "6", "uvwxyz" },
		{ "HTTP_RANGE=bytes=30-99", "30-35", "6", "uvwxyz" },
		{ "HTTP_RANGE=bytes=-3", "33-35", "3", "xyz" },
		{ "HTTP_RANGE=bytes=-99", "0-35", "36", content },
		{ "HTTP_RANGE=bytes=0-0,99-", "0-0", "1", "0" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct exchange *x = get_file(GET(cases[i].range));
		char line[64];

		assert_true(has(x, "Status: 206 Partial Content"));
		assert_true(has(x, "Content-Type: audio/flac"));
		snprintf(line, sizeof line, "Content-Range: bytes %s/36", cases[i].content_range);
		assert_true(has(x, line));
		snprintf(line, sizeof line, "Content-Length: %s", cases[i].length);
		assert_true(has(x, line));
		assert_true(has(x, "ETag: " ETAG));
		assert_true(has(x, "Accept-Ranges: bytes"));
		assert_true(has(x, "Cache-Control: no-cache"));
		assert_string_equal(body(x), cases[i].body);
		end(x);
	}
}

static void
several_ranges_are_multipart_without_a_content_range_of_the_whole(void **state)
{
	struct exchange *x = get_file(GET("HTTP_RANGE=bytes=10-12,0-1"));
	char boundary[64], expected[1024], *head_end = strstr(x->fake.out.p, "\r\n\r\n");

	(void)state;
	assert_true(has(x, "Status: 206 Partial Content"));
	assert_int_equal(sscanf(strstr(x->fake.out.p, "multipart/byteranges; boundary="),
		"multipart/byteranges; boundary=%63s", boundary), 1);
	snprintf(expected, sizeof expected,
		"\r\n--%s\r\nContent-Type: audio/flac\r\nContent-Range: bytes 10-12/36\r\n\r\nabc"
		"\r\n--%s\r\nContent-Type: audio/flac\r\nContent-Range: bytes 0-1/36\r\n\r\n01"
		"\r\n--%s--\r\n",
		boundary, boundary, boundary);
	assert_string_equal(body(x), expected);
	snprintf(expected, sizeof expected, "Content-Length: %zu", strlen(body(x)));
	assert_true(has(x, expected));
	*head_end = '\0';
	assert_null(strstr(x->fake.out.p, "Content-Range"));
	end(x);
}

static void
a_range_outside_the_file_is_416_with_its_length(void **state)
{
	struct exchange *x = get_file(GET("HTTP_RANGE=bytes=36-"));

	(void)state;
	assert_true(has(x, "Status: 416 Range Not Satisfiable"));
	assert_true(has(x, "Content-Range: bytes */36"));
	assert_true(has(x, "Content-Type: application/problem+json"));
	end(x);
}

static void
a_range_that_is_ignored_means_everything(void **state)
{
	static const char *const ranges[] = { "HTTP_RANGE=lines=1-2", "HTTP_RANGE=bytes=9-1",
		"HTTP_RANGE=bytes=0-,0-,0-" };

	(void)state;
	for (size_t i = 0; i < NELEM(ranges); i++) {
		struct exchange *x = get_file(GET(ranges[i]));

		assert_true(has(x, "Status: 200 OK"));
		assert_true(has(x, "Accept-Ranges: none"));
		assert_string_equal(body(x), content);
		end(x);
	}
}

static void
head_answers_as_get_without_a_range_would(void **state)
{
	struct exchange *x = get_file(FAKE_VARS("REQUEST_METHOD=HEAD", "HTTP_RANGE=bytes=0-9"));

	(void)state;
	assert_true(has(x, "Status: 200 OK"));
	assert_true(has(x, "Content-Length: 36"));
	assert_true(has(x, "Accept-Ranges: bytes"));
	assert_string_equal(body(x), "");
	end(x);
}

static void
not_modified_beats_the_range(void **state)
{
	struct exchange *x = get_file(GET("HTTP_RANGE=bytes=0-9", "HTTP_IF_NONE_MATCH=" ETAG));

	(void)state;
	assert_true(has(x, "Status: 304 Not Modified"));
	assert_true(has(x, "ETag: " ETAG));
	assert_string_equal(body(x), "");
	end(x);
}

static void
a_failed_precondition_beats_the_range(void **state)
{
	struct exchange *x = get_file(GET("HTTP_RANGE=bytes=99-", "HTTP_IF_MATCH=\"old\""));

	(void)state;
	assert_true(has(x, "Status: 412 Precondition Failed"));
	assert_false(has_field(x, "Content-Range"));
	end(x);
}

static void
if_range_decides_between_the_range_and_everything(void **state)
{
	static const struct { const char *if_range, *status; } cases[] = {
		{ "HTTP_IF_RANGE=" ETAG, "Status: 206 Partial Content" },
		{ "HTTP_IF_RANGE=" MODIFIED, "Status: 206 Partial Content" },
		{ "HTTP_IF_RANGE=W/" ETAG, "Status: 200 OK" },
		{ "HTTP_IF_RANGE=\"old\"", "Status: 200 OK" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct exchange *x = get_file(GET("HTTP_RANGE=bytes=0-9", cases[i].if_range));

		assert_true(has(x, cases[i].status));
		assert_true(has(x, "Accept-Ranges: bytes"));
		end(x);
	}
}

static void
a_stale_if_range_is_no_error_even_for_a_range_outside(void **state)
{
	struct exchange *x = get_file(GET("HTTP_RANGE=bytes=99-", "HTTP_IF_RANGE=\"old\""));

	(void)state;
	assert_true(has(x, "Status: 200 OK"));
	assert_string_equal(body(x), content);
	end(x);
}

static void
lighttpd_sends_exactly_our_range(void **state)
{
	struct exchange *x = get_file_at("/data/a b.flac",
		GET("EARSHOT_SENDFILE=x-sendfile2", "HTTP_RANGE=bytes=10-"));

	(void)state;
	assert_true(has(x, "Status: 206 Partial Content"));
	assert_true(has(x, "Content-Range: bytes 10-35/36"));
	assert_true(has(x, "X-Sendfile2: /data/a%20b.flac 10-35"));
	assert_false(has_field(x, "Content-Length"));
	assert_string_equal(body(x), "");
	end(x);
}

static void
apache_cuts_the_range_out_of_a_200(void **state)
{
	struct exchange *x = get_file_at("/data/a",
		GET("EARSHOT_SENDFILE=x-sendfile", "HTTP_RANGE=bytes=10-"));

	(void)state;
	assert_true(has(x, "Status: 200 OK"));
	assert_false(has_field(x, "Content-Range"));
	assert_true(has(x, "X-Sendfile: /data/a"));
	assert_true(has(x, "Accept-Ranges: bytes"));
	end(x);
}

static void
without_a_path_the_server_cannot_send_it(void **state)
{
	struct exchange *x = get_file(GET("EARSHOT_SENDFILE=x-sendfile2"));

	(void)state;
	assert_false(has_field(x, "X-Sendfile2"));
	assert_string_equal(body(x), content);
	end(x);
}

static void
an_error_behind_a_file_leaves_nothing_of_it(void **state)
{
	struct exchange *x = begin(FAKE_VARS("REQUEST_METHOD=GET"));
	struct response_file f = new_file("/secret", 0);
	struct err e = {0};

	(void)state;
	response_file(&x->res, &x->req, &f);
	err_set(&e, ERR_NOT_FOUND, "There is no such audio.");
	response_error(&x->res, &e);
	answer(x);
	assert_true(has(x, "Status: 404 Not Found"));
	assert_false(has_field(x, "ETag"));
	assert_false(has_field(x, "Last-Modified"));
	assert_null(strstr(x->fake.out.p, "secret"));
	end(x);
}

static void
a_client_that_goes_away_ends_the_sending_without_an_error(void **state)
{
	struct exchange *x = begin(FAKE_VARS("REQUEST_METHOD=GET"));
	struct response_file f = new_file(NULL, 1000000);

	(void)state;
	assert_int_equal(ftruncate(f.fd, 1000000), 0);
	x->fake.accepts = 500;
	response_file(&x->res, &x->req, &f);
	assert_false(response_send(&x->res, &x->req, &x->e));
	assert_int_equal(x->e.kind, ERR_NONE);
	end(x);
}

static void
a_file_that_became_shorter_is_an_error_for_the_log(void **state)
{
	struct exchange *x = begin(FAKE_VARS("REQUEST_METHOD=GET"));
	struct response_file f = new_file(NULL, 1000);

	(void)state;
	response_file(&x->res, &x->req, &f);
	assert_false(response_send(&x->res, &x->req, &x->e));
	assert_int_equal(x->e.kind, ERR_INTERNAL);
	end(x);
}

/* A source of the content that counts what is asked of it, and fails behind `good` bytes. */
struct counted_source {
	int reads, frees;
	uint64_t good;
};

static int
read_counted(void *ctx, uint64_t offset, uint64_t length,
	int (*sink)(void *ctx, const void *p, size_t n, struct err *e), void *sink_ctx,
	struct err *e)
{
	struct counted_source *s = ctx;

	s->reads++;
	while (length--) {
		if (offset >= s->good) return err_set(e, ERR_AWAY, "the storage has gone");
		if (sink(sink_ctx, content + offset++, 1, e)) return -1;
	}
	return 0;
}

static void
free_counted(void *ctx)
{
	((struct counted_source *)ctx)->frees++;
}

static struct exchange *
get_source(struct counted_source *s, const char *const *vars)
{
	struct exchange *x = begin(vars);

	response_file(&x->res, &x->req, &(struct response_file){ .fd = -1,
		.source = { read_counted, free_counted, s }, .bytes = sizeof content - 1,
		.content_type = "audio/flac", .etag = ETAG, .modified_us = 1000000 });
	return x;
}

static void
a_source_answers_as_a_file_does(void **state)
{
	const struct { const char *const *vars; const char *status, *body; int reads; } cases[] = {
		{ GET("EARSHOT_SENDFILE=x-sendfile2"), "Status: 200 OK", content, 1 },
		{ GET("HTTP_RANGE=bytes=10-12"), "Status: 206 Partial Content", "abc", 1 },
		{ GET("HTTP_RANGE=bytes=-2"), "Content-Range: bytes 34-35/36", "yz", 1 },
		{ FAKE_VARS("REQUEST_METHOD=HEAD"), "Content-Length: 36", "", 0 },
		{ GET("HTTP_IF_NONE_MATCH=" ETAG), "Status: 304 Not Modified", "", 0 },
		{ GET("HTTP_RANGE=bytes=36-"), "Content-Range: bytes */36", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct counted_source s = { .good = 36 };
		struct exchange *x = get_source(&s, cases[i].vars);

		answer(x);
		assert_true(has(x, cases[i].status));
		if (cases[i].body) assert_string_equal(body(x), cases[i].body);
		end(x);
		assert_int_equal(s.reads, cases[i].reads);
		assert_int_equal(s.frees, 1);
	}
}

static void
a_source_that_fails_is_for_the_log_a_client_that_goes_is_not(void **state)
{
	struct counted_source s = { .good = 20 };
	struct exchange *x = get_source(&s, FAKE_VARS("REQUEST_METHOD=GET"));
	size_t sent;

	(void)state;
	assert_false(response_send(&x->res, &x->req, &x->e));
	assert_int_equal(x->e.kind, ERR_AWAY);
	sent = x->fake.out.n;
	end(x);
	x = get_source(&s, FAKE_VARS("REQUEST_METHOD=GET"));
	x->fake.accepts = sent - 10;
	assert_false(response_send(&x->res, &x->req, &x->e));
	assert_int_equal(x->e.kind, ERR_NONE);
	end(x);
}

static void
a_redirection_is_kept_by_nobody_and_has_no_body(void **state)
{
	struct counted_source s = { .good = 36 };
	struct exchange *x = get_source(&s, FAKE_VARS("REQUEST_METHOD=GET"));

	(void)state;
	response_redirect(&x->res, "https://s3.example/b/a?X=1");
	answer(x);
	assert_true(has(x, "Status: 307 Temporary Redirect"));
	assert_true(has(x, "Location: https://s3.example/b/a?X=1"));
	assert_true(has(x, "Content-Length: 0"));
	assert_int_equal(s.frees, 1);
	end(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_sent_whole_with_its_validators),
		cmocka_unit_test(one_range_is_206_with_content_range_and_never_multipart),
		cmocka_unit_test(several_ranges_are_multipart_without_a_content_range_of_the_whole),
		cmocka_unit_test(a_range_outside_the_file_is_416_with_its_length),
		cmocka_unit_test(a_range_that_is_ignored_means_everything),
		cmocka_unit_test(head_answers_as_get_without_a_range_would),
		cmocka_unit_test(not_modified_beats_the_range),
		cmocka_unit_test(a_failed_precondition_beats_the_range),
		cmocka_unit_test(if_range_decides_between_the_range_and_everything),
		cmocka_unit_test(a_stale_if_range_is_no_error_even_for_a_range_outside),
		cmocka_unit_test(lighttpd_sends_exactly_our_range),
		cmocka_unit_test(apache_cuts_the_range_out_of_a_200),
		cmocka_unit_test(without_a_path_the_server_cannot_send_it),
		cmocka_unit_test(an_error_behind_a_file_leaves_nothing_of_it),
		cmocka_unit_test(a_client_that_goes_away_ends_the_sending_without_an_error),
		cmocka_unit_test(a_file_that_became_shorter_is_an_error_for_the_log),
		cmocka_unit_test(a_source_answers_as_a_file_does),
		cmocka_unit_test(a_source_that_fails_is_for_the_log_a_client_that_goes_is_not),
		cmocka_unit_test(a_redirection_is_kept_by_nobody_and_has_no_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
