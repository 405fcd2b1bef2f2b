#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "temp.h"

static char log_file[600], moved[600];

static int
lines_of(const char *path)
{
	struct buf b = {0};
	struct err e;
	int n = 0;

	assert_int_equal(buf_read_file(&b, path, 65536, &e), 0);
	for (size_t i = 0; i < b.n; i++) n += b.p[i] == '\n';
	buf_free(&b);
	return n;
}

static void
a_file_that_was_moved_away_is_made_anew(void **state)
{
	(void)state;
	log_open("test", log_file);
	log_info("one");
	log_info("two");
	assert_int_equal(rename(log_file, moved), 0);
	log_info("three");
	assert_int_equal(lines_of(moved), 2);
	assert_int_equal(lines_of(log_file), 1);
	assert_int_equal(unlink(log_file), 0);
	log_info("four");
	assert_int_equal(lines_of(log_file), 1);
}

static void
a_folder_that_comes_later_is_taken_then(void **state)
{
	const char *sub = TEMP("sub"), *path = TEMP("sub/log");

	(void)state;
	log_open("test", path);
	log_info("into nothing");
	assert_int_equal(mkdir(sub, 0700), 0);
	log_info("there");
	assert_int_equal(lines_of(path), 1);
	unlink(path);
	rmdir(sub);
	log_open("test", NULL);
}

static void
what_came_from_outside_forges_no_line(void **state)
{
	(void)state;
	unlink(log_file);
	log_open("test", log_file);
	log_info("a\nb\rc");
	assert_int_equal(lines_of(log_file), 1);
	log_open("test", NULL);
}

static void
what_a_full_disk_does_not_take_goes_to_standard_error(void **state)
{
	int p[2], saved = dup(STDERR_FILENO);
	char said[256];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(p), 0);
	dup2(p[1], STDERR_FILENO);
	log_open("test", "/dev/full");
	log_info("no room");
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(p[1]);
	assert_true((n = read(p[0], said, sizeof said - 1)) > 0);
	said[n] = '\0';
	assert_non_null(strstr(said, "info: no room\n"));
	close(p[0]);
	log_open("test", NULL);
}

static int
make(void **state)
{
	if (temp_make(state) != 0) return -1;
	snprintf(log_file, sizeof log_file, "%s/log", temp_dir);
	snprintf(moved, sizeof moved, "%s/moved", temp_dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_was_moved_away_is_made_anew),
		cmocka_unit_test(a_folder_that_comes_later_is_taken_then),
		cmocka_unit_test(what_came_from_outside_forges_no_line),
		cmocka_unit_test(what_a_full_disk_does_not_take_goes_to_standard_error),
	};

	return cmocka_run_group_tests(tests, make, temp_remove);
}
