/* Files and descriptors, whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/io.h"
#include "temp.h"

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A pipe takes and gives only some of what is asked for at a time. */
static void
more_than_a_pipe_holds_goes_through_it_whole(void **state)
{
	enum { BYTES = 1 << 20 };
	static char out[BYTES], in[BYTES];
	struct err e;
	int p[2], status;
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < BYTES; i++) out[i] = (char)(i * 31 >> 3);
	assert_int_equal(pipe(p), 0);
	if ((pid = fork()) == 0) _exit(io_write_full(p[1], out, BYTES, &e) != 0);
	close(p[1]);
	assert_int_equal(io_read_full(p[0], in, BYTES, &e), 0);
	assert_memory_equal(in, out, BYTES);
	assert_int_equal(io_read_full(p[0], in, 1, &e), -1);
	assert_int_equal(e.kind, ERR_INTERNAL);
	close(p[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
a_full_disk_is_away_and_not_our_fault(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct err e;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(io_write_full(fd, "x", 1, &e), -1);
	assert_int_equal(e.kind, ERR_AWAY);
	close(fd);
	assert_int_equal(io_write_full(fd, "x", 1, &e), -1);
	assert_int_equal(e.kind, ERR_INTERNAL);
	assert_int_equal(io_write_full(-1, "", 0, &e), 0);
}

static void
folders_are_made_all_the_way_and_may_be_there(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(io_mkdirs(TEMP("a/b//c/"), 0750, &e), 0);
	assert_true(is_folder(TEMP("a/b/c")));
	assert_int_equal(io_mkdirs(TEMP("a/b/c"), 0750, &e), 0);
	assert_int_equal(io_mkdirs_for(TEMP("d/e/file"), 0750, &e), 0);
	assert_true(is_folder(TEMP("d/e")));
	assert_false(is_folder(TEMP("d/e/file")));
	assert_int_equal(io_mkdirs("/", 0750, &e), 0);
	assert_int_equal(io_mkdirs_for("file", 0750, &e), 0);
	assert_int_equal(io_mkdirs_for("/file", 0750, &e), 0);
}

static void
a_file_where_a_folder_should_be_is_an_error(void **state)
{
	struct err e;

	(void)state;
	close(open(TEMP("plain"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	assert_int_equal(io_mkdirs(TEMP("plain"), 0750, &e), -1);
	assert_int_equal(io_mkdirs(TEMP("plain/below"), 0750, &e), -1);
	assert_non_null(strstr(e.text, "plain"));
	assert_int_equal(io_mkdirs("", 0750, &e), -1);
}

static void
a_path_that_does_not_fit_is_refused_and_not_cut(void **state)
{
	char out[8], path[PATH_MAX + 10];
	struct err e;

	(void)state;
	assert_int_equal(io_join(out, sizeof out, "abc", "def", &e), 0);
	assert_string_equal(out, "abc/def");
	assert_int_equal(io_join(out, sizeof out, "abcd", "def", &e), -1);
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_int_equal(io_mkdirs(path, 0750, &e), -1);
	path[PATH_MAX + 5] = '/';
	assert_int_equal(io_mkdirs_for(path, 0750, &e), -1);
	assert_int_equal(io_sync_dir_of(path, &e), -1);
	assert_int_equal(io_program_dir(out, 3, &e), -1);
}

static void
the_folder_of_this_program_has_this_program(void **state)
{
	char dir[PATH_MAX], path[PATH_MAX];
	struct err e;

	(void)state;
	assert_int_equal(io_program_dir(dir, sizeof dir, &e), 0);
	assert_int_equal(io_join(path, sizeof path, dir, "base_io_test", &e), 0);
	assert_int_equal(access(path, X_OK), 0);
}

static void
syncing_the_folder_of_a_path_needs_the_folder_only(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(io_sync_dir_of(TEMP("not there"), &e), 0);
	assert_int_equal(io_sync_dir_of(TEMP("no/folder"), &e), -1);
	assert_int_equal(io_sync_dir_of("file", &e), 0);
}

/* The text of the lock file, without its end of line. */
static int
locked_by(const char *path)
{
	FILE *f = fopen(path, "r");
	int pid = -1;

	if (!f || fscanf(f, "%d", &pid) != 1) pid = -1;
	if (f) fclose(f);
	return pid;
}

static void
one_process_holds_a_lock_until_it_ends(void **state)
{
	struct err e;
	int fd, p[2];
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(p), 0);
	if ((pid = fork()) == 0) {
		if (io_lock_file(TEMP("lock"), &e) < 0) _exit(1);
		if (write(p[1], "", 1) == 1) pause();
		_exit(0);
	}
	assert_int_equal(read(p[0], &byte, 1), 1);
	assert_int_equal(locked_by(TEMP("lock")), pid);
	assert_int_equal(io_lock_file(TEMP("lock"), &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	fd = io_lock_file(TEMP("lock"), &e);
	assert_true(fd >= 0);
	assert_int_equal(locked_by(TEMP("lock")), getpid());
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(io_lock_file(TEMP("lock"), &e), -1);
	close(fd);
	assert_int_equal(io_lock_file(TEMP("no/folder"), &e), -1);
	assert_int_equal(e.kind, ERR_INTERNAL);
	close(p[0]);
	close(p[1]);
}

/* In a process of its own, which a signal would end. */
static void
what_outgrows_the_largest_file_is_an_error_and_takes_no_lock_away(void **state)
{
	static const char block[8192];
	int status;
	struct err e;
	pid_t pid;

	(void)state;
	if ((pid = fork()) == 0) {
		struct rlimit most = { 4096, 4096 }, none = { 0, 0 };
		int fd = open(TEMP("grows"), O_WRONLY | O_CREAT, 0600);

		io_let_writes_fail();
		setrlimit(RLIMIT_FSIZE, &most);
		if (io_write_full(fd, block, sizeof block, &e) == 0 || e.kind != ERR_AWAY) _exit(1);
		setrlimit(RLIMIT_FSIZE, &none);
		_exit(io_lock_file(TEMP("lock"), &e) < 0 ? 2 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(io_kind(ENOSPC), ERR_AWAY);
	assert_int_equal(io_kind(EDQUOT), ERR_AWAY);
	assert_int_equal(io_kind(EACCES), ERR_INTERNAL);
}

static void
a_descriptor_blocks_or_does_not(void **state)
{
	int p[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	io_set_nonblock(p[0], true);
	assert_true(fcntl(p[0], F_GETFL) & O_NONBLOCK);
	io_set_nonblock(p[0], false);
	assert_false(fcntl(p[0], F_GETFL) & O_NONBLOCK);
	close(p[0]);
	close(p[1]);
}

static void
what_is_opened_to_be_read_is_a_file(void **state)
{
	struct err e;
	char byte;
	FILE *f = fopen(TEMP("here"), "w");
	int fd;

	(void)state;
	assert_non_null(f);
	fputs("x", f);
	fclose(f);
	assert_int_equal(symlink("here", TEMP("link")), 0);
	assert_true((fd = io_open_file(TEMP("link"), &e)) >= 0);
	assert_int_equal(io_read_full(fd, &byte, 1, &e), 0);
	close(fd);
	assert_int_equal(io_open_file(TEMP("nowhere"), &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_int_equal(io_open_file(TEMP("here/below"), &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	/* Nobody writes into this pipe, and nobody waits for it. */
	assert_int_equal(mkfifo(TEMP("pipe"), 0600), 0);
	assert_int_equal(io_open_file(TEMP("pipe"), &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_int_equal(io_open_file("/dev/zero", &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_int_equal(io_open_file(temp_dir, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_than_a_pipe_holds_goes_through_it_whole),
		cmocka_unit_test(a_full_disk_is_away_and_not_our_fault),
		cmocka_unit_test(folders_are_made_all_the_way_and_may_be_there),
		cmocka_unit_test(a_file_where_a_folder_should_be_is_an_error),
		cmocka_unit_test(a_path_that_does_not_fit_is_refused_and_not_cut),
		cmocka_unit_test(the_folder_of_this_program_has_this_program),
		cmocka_unit_test(syncing_the_folder_of_a_path_needs_the_folder_only),
		cmocka_unit_test(one_process_holds_a_lock_until_it_ends),
		cmocka_unit_test(what_outgrows_the_largest_file_is_an_error_and_takes_no_lock_away),
		cmocka_unit_test(a_descriptor_blocks_or_does_not),
		cmocka_unit_test(what_is_opened_to_be_read_is_a_file),
	};

	return cmocka_run_group_tests(tests, temp_make, temp_remove);
}
