/* The growing buffer. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"

/* A file without a name that holds n bytes, read from the start. */
static int
file_of(size_t n)
{
	int fd = memfd_create("buf", MFD_CLOEXEC);
	char *bytes = calloc(n + 1, 1);

	if (fd < 0 || !bytes) fail_msg("%s", strerror(errno));
	memset(bytes, 'x', n);
	assert_int_equal(write(fd, bytes, n), n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	free(bytes);
	return fd;
}

static void
an_empty_buffer_is_an_empty_text(void **state)
{
	struct buf b = {0};

	(void)state;
	assert_string_equal(buf_str(&b), "");
	buf_add(&b, NULL, 0);
	assert_string_equal(buf_str(&b), "");
	buf_free(&b);
	buf_free(&b);
}

static void
what_is_added_comes_in_order_and_ends_with_a_nul(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_adds(&b, "one");
	buf_addc(&b, ' ');
	buf_addf(&b, "%d-%s", 22, "three");
	buf_add(&b, "\0four", 5);
	assert_int_equal(b.n, 3 + 1 + 8 + 5);
	assert_memory_equal(b.p, "one 22-three\0four", b.n + 1);
	buf_reset(&b);
	assert_int_equal(b.n, 0);
	assert_string_equal(buf_str(&b), "");
	buf_free(&b);
	assert_null(b.p);
}

static void
it_grows_to_whatever_is_added(void **state)
{
	struct buf b = {0};

	(void)state;
	for (int i = 0; i < 100000; i++) buf_addf(&b, "%05d", i);
	assert_int_equal(b.n, 500000);
	assert_memory_equal(b.p + 5 * 77777, "77777", 5);
	buf_free(&b);
}

static void
room_is_where_the_next_bytes_go(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_adds(&b, "ab");
	memset(buf_room(&b, 1000), 'c', 1000);
	b.n += 1000;
	buf_adds(&b, "d");
	assert_int_equal(b.n, 1003);
	assert_memory_equal(b.p, "abcc", 4);
	assert_string_equal(b.p + 1001, "cd");
	buf_free(&b);
}

static void
a_descriptor_is_read_to_its_end_behind_what_is_there(void **state)
{
	struct buf b = {0};
	struct err e;
	int fd = file_of(200000);

	(void)state;
	buf_adds(&b, "begin");
	assert_int_equal(buf_read_fd(&b, fd, 200005, &e), 0);
	assert_int_equal(b.n, 200005);
	assert_memory_equal(b.p, "beginxx", 7);
	assert_int_equal(b.p[b.n], '\0');
	close(fd);
	buf_free(&b);
}

static void
one_byte_more_than_the_limit_is_too_large(void **state)
{
	struct buf b = {0};
	struct err e;
	int fd = file_of(1001);

	(void)state;
	assert_int_equal(buf_read_fd(&b, fd, 1000, &e), -1);
	assert_int_equal(e.kind, ERR_TOO_LARGE);
	close(fd);
	buf_reset(&b);
	fd = file_of(1000);
	assert_int_equal(buf_read_fd(&b, fd, 1000, &e), 0);
	assert_int_equal(b.n, 1000);
	close(fd);
	buf_reset(&b);
	fd = file_of(1);
	assert_int_equal(buf_read_fd(&b, fd, 0, &e), -1);
	assert_int_equal(e.kind, ERR_TOO_LARGE);
	close(fd);
	buf_free(&b);
}

static void
a_file_that_is_missing_or_is_none_is_named(void **state)
{
	struct buf b = {0};
	struct err e;

	(void)state;
	assert_int_equal(buf_read_file(&b, "/nowhere/file", 100, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "/nowhere/file"));
	assert_int_equal(buf_read_file(&b, "/", 100, &e), -1);
	assert_int_equal(e.kind, ERR_INTERNAL);
	assert_int_equal(buf_read_file(&b, "/dev/zero", 100, &e), -1);
	assert_int_equal(e.kind, ERR_TOO_LARGE);
	assert_non_null(strstr(e.text, "/dev/zero"));
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_is_an_empty_text),
		cmocka_unit_test(what_is_added_comes_in_order_and_ends_with_a_nul),
		cmocka_unit_test(it_grows_to_whatever_is_added),
		cmocka_unit_test(room_is_where_the_next_bytes_go),
		cmocka_unit_test(a_descriptor_is_read_to_its_end_behind_what_is_there),
		cmocka_unit_test(one_byte_more_than_the_limit_is_too_large),
		cmocka_unit_test(a_file_that_is_missing_or_is_none_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
