/* What the responder has `earshot` do for it. Here `earshot` is a script: since it is looked for
 * beside the running program, this one runs once more from a folder of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "api/child.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "temp.h"

/* The first argument is what the shell is to do. */
static const char script[] = "#!/bin/sh\neval \"$1\"\n";

enum { ENOUGH_MS = 60000 };

static char lock_path[600];		/* beside the script */

static int
run(const char *command, const struct buf *in, struct buf *out, size_t max_out, int max_ms,
	bool *late)
{
	const char *const args[] = { command, "a b", "\"'", NULL };
	struct child c = { .args = args, .max_ms = max_ms, .in = in, .out = out,
		.max_out = max_out };
	struct err e = {0};
	int rc = child_run(&c, &e);

	assert_int_equal(e.kind, rc ? ERR_INTERNAL : ERR_NONE);
	if (late) *late = c.late;
	return rc;
}

static void
it_gets_its_arguments_and_is_heard(void **state)
{
	struct buf out = {0};

	(void)state;
	assert_int_equal(run("printf '%s|' \"$2\" \"$3\"", NULL, &out, 100, ENOUGH_MS, NULL), 0);
	assert_string_equal(buf_str(&out), "a b|\"'|");
	buf_free(&out);
}

/* More than a pipe holds, in both directions. */
static void
what_it_is_told_may_be_long_and_comes_back_whole(void **state)
{
	struct buf in = {0}, out = {0};

	(void)state;
	for (int i = 0; i < 100000; i++) buf_addf(&in, "line %d\n", i);
	assert_int_equal(run("cat", &in, &out, in.n, ENOUGH_MS, NULL), 0);
	assert_int_equal(out.n, in.n);
	assert_memory_equal(out.p, in.p, in.n);
	buf_reset(&out);
	assert_int_equal(run("head -c 3; exit 0", &in, &out, 100, ENOUGH_MS, NULL), 0);
	assert_string_equal(buf_str(&out), "lin");
	buf_free(&in);
	buf_free(&out);
}

static void
it_is_told_nothing_where_there_is_nothing(void **state)
{
	struct buf empty = {0}, out = {0};

	(void)state;
	assert_int_equal(run("cat", NULL, &out, 100, ENOUGH_MS, NULL), 0);
	assert_int_equal(run("cat", &empty, &out, 100, ENOUGH_MS, NULL), 0);
	assert_int_equal(out.n, 0);
	assert_string_equal(buf_str(&out), "");
	buf_free(&out);
}

static void
it_has_no_descriptors_of_ours(void **state)
{
	enum { OURS = 47 };

	(void)state;
	assert_int_equal(dup2(STDERR_FILENO, OURS), OURS);
	assert_int_equal(run("test ! -e /proc/$$/fd/47", NULL, NULL, 0, ENOUGH_MS, NULL), 0);
	assert_int_equal(close(OURS), 0);
}

static void
another_status_than_0_and_a_signal_are_failures(void **state)
{
	bool late = true;
	struct buf out = {0};

	(void)state;
	assert_int_equal(run("echo so; exit 3", NULL, &out, 100, ENOUGH_MS, &late), -1);
	assert_false(late);
	assert_int_equal(run("kill -9 $$", NULL, NULL, 0, ENOUGH_MS, &late), -1);
	assert_false(late);
	buf_free(&out);
}

/* A lock is held by whatever the child has started. */
static void
what_it_has_started_is_killed_with_it(void **state)
{
	struct buf out = {0};
	int lock = -1, max_ms = 500;
	bool late;
	struct err e;

	(void)state;
	/* Longer each time, until it got so far in its time. */
	for (; !out.n && max_ms < ENOUGH_MS; max_ms *= 2) {
		assert_int_equal(run("flock \"${0%/*}/lock\" sh -c 'echo held; sleep 600' & "
			"sleep 600", NULL, &out, 100, max_ms, &late), -1);
		assert_true(late);
	}
	assert_string_equal(buf_str(&out), "held\n");
	for (int i = 0; i < 1000 && lock < 0; i++) {
		if (i) usleep(10000);
		lock = io_lock_file(lock_path, &e);
	}
	assert_true(lock >= 0);
	close(lock);
	buf_free(&out);
}

static void
what_takes_too_long_is_killed(void **state)
{
	static const char *const slow[] = {
		"sleep 600",				/* silent, with its output open */
		"exec >/dev/null; sleep 600",		/* silent, its output closed */
		"while :; do sleep 0.01; echo on; done",
	};
	struct buf out = {0};
	bool late;

	(void)state;
	for (size_t i = 0; i < NELEM(slow); i++) {
		int64_t began = clock_now_ms();

		late = false;
		assert_int_equal(run(slow[i], NULL, &out, 1 << 20, 100, &late), -1);
		assert_true(late);
		assert_true(clock_now_ms() - began < ENOUGH_MS);
	}
	assert_int_equal(run("sleep 600", NULL, NULL, 0, 100, &late), -1);
	assert_true(late);
	buf_free(&out);
}

static void
what_says_too_much_is_killed_and_is_not_late(void **state)
{
	struct buf out = {0};
	bool late = true;

	(void)state;
	assert_int_equal(run("yes", NULL, &out, 10000, ENOUGH_MS, &late), -1);
	assert_false(late);
	assert_true(out.n < 100000);
	buf_free(&out);
}

static int
write_script(const char *path)
{
	FILE *f = fopen(path, "w");

	return f && fputs(script, f) >= 0 && fclose(f) == 0 && chmod(path, 0700) == 0 ? 0 : -1;
}

/* Run a copy of this program from the temporary folder, and remove that. */
static int
run_copy(const char *self)
{
	char copy[600], program[600], command[1400];
	int status;

	if (temp_make(NULL)) return 1;
	snprintf(copy, sizeof copy, "%s/child_test", temp_dir);
	snprintf(program, sizeof program, "%s/earshot", temp_dir);
	snprintf(command, sizeof command, "cp '%s' '%s' && '%s' here", self, copy, copy);
	status = write_script(program) ? 1 : system(command);
	temp_remove(NULL);
	return status && WIFEXITED(status) ? WEXITSTATUS(status) : status != 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_gets_its_arguments_and_is_heard),
		cmocka_unit_test(what_it_is_told_may_be_long_and_comes_back_whole),
		cmocka_unit_test(it_is_told_nothing_where_there_is_nothing),
		cmocka_unit_test(it_has_no_descriptors_of_ours),
		cmocka_unit_test(another_status_than_0_and_a_signal_are_failures),
		cmocka_unit_test(what_takes_too_long_is_killed),
		cmocka_unit_test(what_it_has_started_is_killed_with_it),
		cmocka_unit_test(what_says_too_much_is_killed_and_is_not_late),
	};

	if (argc == 1) return run_copy(argv[0]);
	snprintf(lock_path, sizeof lock_path, "%.*s/lock", (int)(strrchr(argv[0], '/') - argv[0]),
		argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
