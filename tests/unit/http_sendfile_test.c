/* When the web server may send a file, and how it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "http/sendfile.h"

static void
a_server_that_says_nothing_gets_the_bytes_from_us(void **state)
{
	(void)state;
	assert_int_equal(sendfile_offered(NULL), SENDFILE_COPY);
	assert_int_equal(sendfile_offered("yes"), SENDFILE_COPY);
	assert_int_equal(sendfile_offered("x-sendfile"), SENDFILE_X);
	assert_int_equal(sendfile_offered("x-sendfile2"), SENDFILE_X2);
}

/* A GET of this path. */
#define GET(p, ...) ((struct sendfile_case){ .get = true, .path = p, __VA_ARGS__ })

static enum sendfile
choose(enum sendfile offered, struct sendfile_case c)
{
	return sendfile_choose(offered, &c);
}

static void
head_and_several_ranges_are_never_handed_over(void **state)
{
	(void)state;
	assert_int_equal(choose(SENDFILE_X2, (struct sendfile_case){ .path = "/a" }), SENDFILE_COPY);
	assert_int_equal(choose(SENDFILE_X, (struct sendfile_case){ .path = "/a" }), SENDFILE_COPY);
	assert_int_equal(choose(SENDFILE_X2, GET("/a", .range = "bytes=0-1,5-6", .n_ranges = 2)), SENDFILE_COPY);
	assert_int_equal(choose(SENDFILE_X, GET("/a", .range = "bytes=0-1,5-6", .n_ranges = 2)), SENDFILE_COPY);
}

static void
x_sendfile_is_used_only_where_the_server_must_come_to_our_answer(void **state)
{
	(void)state;
	assert_int_equal(choose(SENDFILE_X, GET("/a", .n_ranges = 0)), SENDFILE_X);
	assert_int_equal(choose(SENDFILE_X, GET("/a", .range = "bytes=0-9", .n_ranges = 1)), SENDFILE_X);
	assert_int_equal(choose(SENDFILE_X, GET("/a", .range = "bytes=0-", .n_ranges = 1)), SENDFILE_X);
	assert_int_equal(choose(SENDFILE_X, GET("/a", .range = "bytes=-9", .n_ranges = 1)), SENDFILE_X);
	assert_int_equal(choose(SENDFILE_X, GET("/a", .range = "lines=0-9")), SENDFILE_COPY);
	assert_int_equal(choose(SENDFILE_X, GET("/a", .has_condition = true)), SENDFILE_COPY);
	assert_int_equal(choose(SENDFILE_X, GET("/a%41", .n_ranges = 0)), SENDFILE_COPY);
	assert_int_equal(choose(SENDFILE_X, GET("/a\nb", .n_ranges = 0)), SENDFILE_COPY);
}

static void
ranges_in_unusual_spelling_are_not_left_to_the_server(void **state)
{
	static const char *const odd[] = { "Bytes=0-9", "bytes= 0-9", "bytes=0-9,2000-", "bytes=0-18446744073709551616",
		"bytes=-18446744073709551617" };

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
		assert_int_equal(choose(SENDFILE_X, GET("/a", .range = odd[i], .n_ranges = 1)), SENDFILE_COPY);
}

static void
x_sendfile2_sends_exactly_our_bytes_and_so_minds_nothing_of_that(void **state)
{
	(void)state;
	assert_int_equal(choose(SENDFILE_X2, GET("/a", .has_condition = true, .range = "lines=0-9")), SENDFILE_X2);
	assert_int_equal(choose(SENDFILE_X2, GET("/a", .range = "bytes= 0-9", .n_ranges = 1)), SENDFILE_X2);
	assert_int_equal(choose(SENDFILE_X2, GET("/a%41", .n_ranges = 0)), SENDFILE_X2);
}

static void
the_path_is_encoded_where_the_server_decodes_it(void **state)
{
	struct buf b = {0};

	(void)state;
	sendfile_value(SENDFILE_X, "/var/au dio/a,b.flac", (struct range){ 0, 9 }, &b);
	assert_string_equal(b.p, "/var/au dio/a,b.flac");
	buf_reset(&b);
	sendfile_value(SENDFILE_X2, "/au dio/a,b%41\n.flac", (struct range){ 10, 19 }, &b);
	assert_string_equal(b.p, "/au%20dio/a%2Cb%2541%0A.flac 10-19");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_that_says_nothing_gets_the_bytes_from_us),
		cmocka_unit_test(head_and_several_ranges_are_never_handed_over),
		cmocka_unit_test(x_sendfile_is_used_only_where_the_server_must_come_to_our_answer),
		cmocka_unit_test(ranges_in_unusual_spelling_are_not_left_to_the_server),
		cmocka_unit_test(x_sendfile2_sends_exactly_our_bytes_and_so_minds_nothing_of_that),
		cmocka_unit_test(the_path_is_encoded_where_the_server_decodes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
