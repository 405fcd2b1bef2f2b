/* Objects in a folder: there as a whole or not at all, under keys that lead nowhere else. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "storage/storage.h"
#include "temp.h"

static struct conf conf = { .storage = "local" };
static struct storage *storage;

/* A new, empty storage for each test. Its folder is made by the first that writes. */
static int
open_storage(void **state)
{
	static int n;
	struct err e;

	(void)state;
	snprintf(conf.storage_dir, sizeof conf.storage_dir, "%s/audio-%d", temp_dir, n++);
	storage = storage_open(&conf, &e);
	return storage ? 0 : -1;
}

static int
close_storage(void **state)
{
	(void)state;
	storage_close(storage);
	storage_close(NULL);
	return 0;
}

static void
stage(const char *key, const void *p, size_t n)
{
	char path[STORAGE_PATH];
	struct err e;
	int fd;

	if (storage_stage(storage, key, path, &e)) fail_msg("%s", e.text);
	if ((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)) < 0)
		fail_msg("%s: %s", path, strerror(errno));
	if (io_write_full(fd, p, n, &e)) fail_msg("%s", e.text);
	close(fd);
}

static void
put(const char *key, const char *text)
{
	struct err e;

	stage(key, text, strlen(text));
	if (storage_put(storage, key, &e)) fail_msg("%s", e.text);
}

static int
collect(void *ctx, const void *p, size_t n, struct err *e)
{
	(void)e;
	buf_add(ctx, p, n);
	return 0;
}

static void
check_range(const char *key, uint64_t offset, uint64_t length, const char *expected)
{
	struct buf got = {0};
	struct err e;

	if (storage_read(storage, key, offset, length, collect, &got, &e)) fail_msg("%s", e.text);
	assert_string_equal(buf_str(&got), expected);
	buf_free(&got);
}

static void
check_missing(const char *key)
{
	uint64_t size;
	struct buf got = {0};
	struct err e;

	assert_int_equal(storage_head(storage, key, &size, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_int_equal(storage_read(storage, key, 0, 1, collect, &got, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	buf_free(&got);
}

static void
what_was_put_is_there_with_its_size_and_bytes(void **state)
{
	uint64_t size;
	struct err e;

	(void)state;
	check_missing("audio/ab/one.flac");
	put("audio/ab/one.flac", "0123456789");
	assert_int_equal(storage_head(storage, "audio/ab/one.flac", &size, &e), 0);
	assert_int_equal(size, 10);
	check_range("audio/ab/one.flac", 0, 10, "0123456789");
}

static void
any_range_can_be_read_and_none_behind_the_end(void **state)
{
	struct buf got = {0};
	struct err e;

	(void)state;
	put("x", "0123456789");
	check_range("x", 0, 0, "");
	check_range("x", 0, 1, "0");
	check_range("x", 3, 4, "3456");
	check_range("x", 9, 1, "9");
	check_range("x", 10, 0, "");
	assert_int_equal(storage_read(storage, "x", 9, 2, collect, &got, &e), -1);
	assert_int_equal(e.kind, ERR_INTERNAL);
	assert_int_equal(storage_read(storage, "x", 1000, 1, collect, &got, &e), -1);
	buf_free(&got);
}

static int
stop_after_some(void *ctx, const void *p, size_t n, struct err *e)
{
	size_t *left = ctx;

	(void)p;
	if (*left < n) return err_set(e, ERR_STOPPED, "the listener has gone");
	*left -= n;
	return 0;
}

static void
a_long_object_comes_in_pieces_until_someone_stops_it(void **state)
{
	enum { BYTES = 1000003 };
	char *bytes = malloc(BYTES);
	struct buf got = {0};
	size_t left = 200000;
	struct err e;

	(void)state;
	if (!bytes) abort();
	for (size_t i = 0; i < BYTES; i++) bytes[i] = (char)(i * 7 >> 5);
	stage("long", bytes, BYTES);
	assert_int_equal(storage_put(storage, "long", &e), 0);
	assert_int_equal(storage_read(storage, "long", 5, BYTES - 5, collect, &got, &e), 0);
	assert_int_equal(got.n, BYTES - 5);
	assert_memory_equal(got.p, bytes + 5, BYTES - 5);
	assert_int_equal(storage_read(storage, "long", 0, BYTES, stop_after_some, &left, &e), -1);
	assert_int_equal(e.kind, ERR_STOPPED);
	buf_free(&got);
	free(bytes);
}

static void
a_staged_file_is_no_object_until_it_is_put(void **state)
{
	char path[STORAGE_PATH];
	struct err e;

	(void)state;
	stage("audio/ab/one", "half", 4);
	check_missing("audio/ab/one");
	/* Staging again starts over. */
	stage("audio/ab/one", "whole", 5);
	assert_int_equal(storage_put(storage, "audio/ab/one", &e), 0);
	check_range("audio/ab/one", 0, 5, "whole");
	assert_int_equal(storage_stage(storage, "audio/ab/one", path, &e), 0);
	assert_int_equal(access(path, F_OK), -1);
}

static void
putting_what_was_not_staged_is_not_found_and_changes_nothing(void **state)
{
	struct err e;

	(void)state;
	put("one", "as it was");
	assert_int_equal(storage_put(storage, "one", &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	check_range("one", 0, 9, "as it was");
	assert_int_equal(storage_put(storage, "no/folder", &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
}

static void
deleting_removes_the_object_and_its_staged_file_and_may_be_repeated(void **state)
{
	char path[STORAGE_PATH];
	struct err e;

	(void)state;
	put("audio/ab/one", "x");
	stage("audio/ab/one", "y", 1);
	assert_int_equal(storage_stage(storage, "audio/ab/one", path, &e), 0);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(storage_delete(storage, "audio/ab/one", &e), 0);
	assert_int_equal(access(path, F_OK), -1);
	check_missing("audio/ab/one");
	assert_int_equal(storage_delete(storage, "audio/ab/one", &e), 0);
	assert_int_equal(storage_delete(storage, "no/such/folder", &e), 0);
	put("audio/ab/one", "again");
	check_range("audio/ab/one", 0, 5, "again");
}

static void
a_folder_of_keys_is_no_object(void **state)
{
	(void)state;
	put("audio/ab/one", "x");
	uint64_t size;
	struct err e;

	assert_int_equal(storage_head(storage, "audio/ab", &size, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_int_equal(storage_head(storage, "audio/ab/one/below", &size, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
}

static void
the_path_of_an_object_is_absolute_and_its_file(void **state)
{
	char path[STORAGE_PATH];
	struct buf got = {0};
	struct err e;

	(void)state;
	put("audio/ab/one.flac", "sound");
	assert_int_equal(storage_file(storage, "audio/ab/one.flac", path, &e), 0);
	assert_int_equal(path[0], '/');
	assert_int_equal(buf_read_file(&got, path, 100, &e), 0);
	assert_string_equal(buf_str(&got), "sound");
	assert_int_equal(storage_file(storage, "../one", path, &e), -1);
	assert_int_equal(e.kind, ERR_INTERNAL);
	assert_int_equal(storage_file(storage, "audio/ab/none.flac", path, &e), -1);
	assert_int_equal(e.kind, ERR_AWAY);
	buf_free(&got);
}

static int
add_name(void *ctx, const char *key, uint64_t size_bytes, struct err *e)
{
	(void)e;
	buf_addf(ctx, "%s %d\n", key, (int)size_bytes);
	return 0;
}

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The list as sorted lines. */
static void
check_list(const char *prefix, const char *expected)
{
	struct buf got = {0}, sorted = {0};
	char *lines[32];
	size_t n = 0;
	struct err e;

	if (storage_list(storage, prefix, add_name, &got, &e)) fail_msg("%s", e.text);
	buf_adds(&got, "");
	for (char *line = strtok(got.p, "\n"); line && n < NELEM(lines); line = strtok(NULL, "\n"))
		lines[n++] = line;
	qsort(lines, n, sizeof *lines, compare_lines);
	for (size_t i = 0; i < n; i++) buf_addf(&sorted, "%s%s", i ? ", " : "", lines[i]);
	assert_string_equal(buf_str(&sorted), expected);
	buf_free(&got);
	buf_free(&sorted);
}

static void
a_list_has_every_object_below_a_prefix(void **state)
{
	(void)state;
	check_list("", "");
	put("audio/ab/one", "1");
	put("audio/ab/one.peaks", "22");
	put("audio/cd/two", "333");
	put("other", "4444");
	check_list("", "audio/ab/one 1, audio/ab/one.peaks 2, audio/cd/two 3, other 4");
	check_list("audio/", "audio/ab/one 1, audio/ab/one.peaks 2, audio/cd/two 3");
	check_list("audio/ab/one.", "audio/ab/one.peaks 2");
	check_list("audio/a", "audio/ab/one 1, audio/ab/one.peaks 2");
	check_list("nothing", "");
}

/* What a crash leaves is for the audit to find. */
static void
a_list_has_staged_files_too_under_names_of_their_own(void **state)
{
	(void)state;
	stage("audio/ab/one", "1", 1);
	check_list("audio/", "audio/ab/one.part 1");
}

static void
a_list_leaves_out_what_can_be_no_object(void **state)
{
	char path[600];

	(void)state;
	put("audio/one", "1");
	snprintf(path, sizeof path, "%s/audio/not a key", conf.storage_dir);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	snprintf(path, sizeof path, "%s/audio/link", conf.storage_dir);
	assert_int_equal(symlink("/etc", path), 0);
	check_list("", "audio/one 1");
}

static int
refuse(void *ctx, const char *key, uint64_t size_bytes, struct err *e)
{
	(void)key;
	(void)size_bytes;
	++*(int *)ctx;
	return err_set(e, ERR_STOPPED, "enough");
}

static void
a_list_stops_where_it_is_told_to(void **state)
{
	int n = 0;
	struct err e;

	(void)state;
	put("audio/ab/one", "1");
	put("audio/cd/two", "1");
	assert_int_equal(storage_list(storage, "", refuse, &n, &e), -1);
	assert_int_equal(e.kind, ERR_STOPPED);
	assert_int_equal(n, 1);
}

static void
keys_are_plain_names_with_single_slashes(void **state)
{
	static const char *const good[] = { "a", "audio/ab/0198-1-0.flac", "A_b-c.d", "...",
		".hidden", "a/..b/c" };
	static const char *const bad[] = { "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "../a",
		"a/..", "./a", "a/.", "a b", "a\\b", "a:b", "\xc3\xa9", "a\nb", "a%2f", "~", "a*" };
	char key[STORAGE_KEY + 1];

	(void)state;
	for (size_t i = 0; i < NELEM(good); i++)
		if (!storage_key_ok(good[i])) fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < NELEM(bad); i++)
		if (storage_key_ok(bad[i])) fail_msg("taken: %s", bad[i]);
	memset(key, 'k', sizeof key);
	key[STORAGE_KEY] = '\0';
	assert_false(storage_key_ok(key));
	key[STORAGE_KEY - 1] = '\0';
	assert_true(storage_key_ok(key));
}

static void
nothing_is_done_with_a_key_that_is_none(void **state)
{
	char path[STORAGE_PATH];
	struct buf got = {0};
	uint64_t size;
	struct err e;

	(void)state;
	assert_int_equal(storage_stage(storage, "../a", path, &e), -1);
	assert_int_equal(storage_put(storage, "../a", &e), -1);
	assert_int_equal(storage_head(storage, "/etc/passwd", &size, &e), -1);
	assert_int_equal(storage_read(storage, "/etc/passwd", 0, 1, collect, &got, &e), -1);
	assert_int_equal(storage_delete(storage, "..", &e), -1);
	assert_int_equal(e.kind, ERR_INTERNAL);
	buf_free(&got);
}

static void
a_storage_that_was_not_built_in_is_named(void **state)
{
	struct conf other = { .storage = "tape" };
	struct err e;

	(void)state;
	assert_null(storage_open(&other, &e));
	assert_int_equal(e.kind, ERR_INVALID);
	assert_non_null(strstr(e.text, "tape"));
}

static void
a_folder_that_can_be_made_is_usable(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(storage_check(storage, &e), 0);
	assert_null(storage_trouble(storage, &e));
	assert_int_equal(access(conf.storage_dir, W_OK), 0);
	assert_int_equal(storage_check(storage, &e), 0);
}

static void
a_file_in_the_place_of_the_folder_is_told(void **state)
{
	struct err e;

	(void)state;
	close(open(conf.storage_dir, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	assert_int_equal(storage_check(storage, &e), -1);
	assert_non_null(strstr(e.text, conf.storage_dir));
	assert_string_equal(storage_trouble(storage, &e),
		"The folder of the storage is not there and cannot be made.");
	assert_non_null(strstr(e.text, conf.storage_dir));
}

enum { CANNOT_MOUNT = 77 };

/* In a process of its own, with a small disk of its own that is gone with it. 0, or the number of
 * what went wrong. */
static int
fill_a_disk(void)
{
	static char block[1 << 20];
	char path[STORAGE_PATH];
	struct err e;
	int fd, written = 0;

	if (io_mkdirs(conf.storage_dir, 0700, &e)) return 1;
	if (unshare(getuid() ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS) < 0) return CANNOT_MOUNT;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return CANNOT_MOUNT;
	if (mount("tmpfs", conf.storage_dir, "tmpfs", 0, "size=20m") < 0) return CANNOT_MOUNT;
	if (storage_check(storage, &e) || storage_stage(storage, "audio/one", path, &e)) return 2;
	if ((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) < 0) return 3;
	while (written < 10 && io_write_full(fd, block, sizeof block, &e) == 0) written++;
	if (written != 10) return 4;
	/* Ten of twenty are left, which we call full. */
	if (storage_check(storage, &e) != -1 || e.kind != ERR_AWAY) return 5;
	if (strcmp(storage_trouble(storage, &e), "The disk of the storage is full.") != 0) return 5;
	while (written < 30 && io_write_full(fd, block, sizeof block, &e) == 0) written++;
	if (written > 20 || e.kind != ERR_AWAY) return 6;
	if (storage_stage(storage, "other/folder/two", path, &e) == 0 &&
		storage_put(storage, "other/folder/two", &e) == 0)
		return 7;
	return 0;
}

static void
a_full_disk_is_away_before_and_while_it_is_written_to(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	fflush(NULL);
	if ((pid = fork()) == 0) _exit(fill_a_disk());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_MOUNT) skip();
	assert_int_equal(status, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_storage, close_storage)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_put_is_there_with_its_size_and_bytes),
		TEST(any_range_can_be_read_and_none_behind_the_end),
		TEST(a_long_object_comes_in_pieces_until_someone_stops_it),
		TEST(a_staged_file_is_no_object_until_it_is_put),
		TEST(putting_what_was_not_staged_is_not_found_and_changes_nothing),
		TEST(deleting_removes_the_object_and_its_staged_file_and_may_be_repeated),
		TEST(a_folder_of_keys_is_no_object),
		TEST(the_path_of_an_object_is_absolute_and_its_file),
		TEST(a_list_has_every_object_below_a_prefix),
		TEST(a_list_has_staged_files_too_under_names_of_their_own),
		TEST(a_list_leaves_out_what_can_be_no_object),
		TEST(a_list_stops_where_it_is_told_to),
		TEST(keys_are_plain_names_with_single_slashes),
		TEST(nothing_is_done_with_a_key_that_is_none),
		TEST(a_storage_that_was_not_built_in_is_named),
		TEST(a_folder_that_can_be_made_is_usable),
		TEST(a_file_in_the_place_of_the_folder_is_told),
		TEST(a_full_disk_is_away_before_and_while_it_is_written_to),
	};

	return cmocka_run_group_tests(tests, temp_make, temp_remove);
}
