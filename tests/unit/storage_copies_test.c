/* Files on this host of objects that lie elsewhere: staged ones, and copies within a limit. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "storage/copies.h"
#include "temp.h"

/* A new, empty folder for each test. */
static struct copies
empty(uint64_t max_bytes)
{
	struct copies c = { .max_bytes = max_bytes };
	static int n;

	snprintf(c.dir, sizeof c.dir, "%s/copies-%d", temp_dir, n++);
	return c;
}

static void
make_copy(struct copies *c, const char *key, const char *text)
{
	char path[STORAGE_PATH];
	struct err e;
	int fd = copies_begin(c, key, path, &e);

	if (fd < 0 || io_write_full(fd, text, strlen(text), &e) ||
		copies_keep(c, key, fd, path, &e))
		fail_msg("%s", e.text);
}

static void
make_old(const char *path, int seconds)
{
	time_t then = time(NULL) - seconds;
	struct timespec t[2] = { { .tv_sec = then }, { .tv_sec = then } };

	assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
}

static void
age_copy(struct copies *c, const char *key, int seconds)
{
	char path[STORAGE_PATH];

	assert_true(copies_find(c, key, path));
	make_old(path, seconds);
}

static void
a_copy_is_found_when_it_is_whole(void **state)
{
	struct copies c = empty(1000);
	char path[STORAGE_PATH], part[STORAGE_PATH];
	struct buf got = {0};
	struct err e;
	int fd;

	(void)state;
	assert_false(copies_find(&c, "audio/ab/one", path));
	assert_true((fd = copies_begin(&c, "audio/ab/one", part, &e)) >= 0);
	assert_int_equal(io_write_full(fd, "half", 4, &e), 0);
	assert_false(copies_find(&c, "audio/ab/one", path));
	copies_drop(fd, part);
	assert_int_equal(access(part, F_OK), -1);
	make_copy(&c, "audio/ab/one", "whole");
	assert_true(copies_find(&c, "audio/ab/one", path));
	assert_int_equal(buf_read_file(&got, path, 100, &e), 0);
	assert_string_equal(buf_str(&got), "whole");
	assert_int_equal(copies_delete(&c, "audio/ab/one", &e), 0);
	assert_false(copies_find(&c, "audio/ab/one", path));
	assert_int_equal(copies_delete(&c, "audio/ab/one", &e), 0);
	buf_free(&got);
}

static void
what_was_used_least_lately_goes_when_there_is_too_much(void **state)
{
	struct copies c = empty(10);
	char path[STORAGE_PATH];

	(void)state;
	make_copy(&c, "a/one", "1234");
	make_copy(&c, "a/two", "1234");
	age_copy(&c, "a/one", 2000);
	age_copy(&c, "a/two", 3000);
	make_copy(&c, "a/three", "1234");
	assert_false(copies_find(&c, "a/two", path));
	assert_true(copies_find(&c, "a/one", path));
	assert_true(copies_find(&c, "a/three", path));
}

static void
what_was_found_some_minutes_ago_stays_whatever_there_is(void **state)
{
	struct copies c = empty(10);
	char path[STORAGE_PATH];

	(void)state;
	make_copy(&c, "a/one", "1234567890");
	age_copy(&c, "a/one", 300);
	make_copy(&c, "a/two", "1234567890");
	assert_true(copies_find(&c, "a/one", path));
	assert_true(copies_find(&c, "a/two", path));
}

static int
add_name(void *ctx, const char *key, uint64_t size_bytes, struct err *e)
{
	(void)e;
	buf_addf(ctx, "%s %d\n", key, (int)size_bytes);
	return 0;
}

static void
staged_files_are_listed_and_what_was_left_over_goes_after_a_day(void **state)
{
	struct copies c = empty(1000);
	char old[STORAGE_PATH], young[STORAGE_PATH], other[STORAGE_PATH];
	struct buf names = {0};
	struct err e;
	int fd;

	(void)state;
	assert_int_equal(copies_list(&c, "", add_name, &names, &e), 0);
	assert_int_equal(names.n, 0);
	assert_int_equal(copies_stage(&c, "audio/ab/old", old, &e), 0);
	assert_int_equal(copies_stage(&c, "audio/ab/young", young, &e), 0);
	assert_int_equal(copies_stage(&c, "adapters/ab", other, &e), 0);
	for (int i = 0; i < 3; i++) {
		fd = open((const char *[]){ old, young, other }[i], O_WRONLY | O_CREAT | O_CLOEXEC,
			0640);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, "xyz", 3), 3);
		close(fd);
	}
	make_old(old, 90000);
	make_old(young, 80000);
	c.swept_at_ms = 0;
	assert_int_equal(copies_stage(&c, "audio/ab/new", old, &e), 0);
	assert_int_equal(copies_list(&c, "audio/", add_name, &names, &e), 0);
	assert_string_equal(buf_str(&names), "audio/ab/young.part 3\n");
	buf_free(&names);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_is_found_when_it_is_whole),
		cmocka_unit_test(what_was_used_least_lately_goes_when_there_is_too_much),
		cmocka_unit_test(what_was_found_some_minutes_ago_stays_whatever_there_is),
		cmocka_unit_test(staged_files_are_listed_and_what_was_left_over_goes_after_a_day),
	};

	return cmocka_run_group_tests_name("copies", tests, temp_make, temp_remove);
}
