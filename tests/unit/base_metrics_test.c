/* Counters that processes share: exact whoever adds, and harmless whatever becomes of their file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/metrics.h"

enum { N = 1000, PROCESSES = 8, ROUNDS = 20000 };

static char dir[64], file[128];

static int
make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/earshot-metrics-XXXXXX");
	if (!mkdtemp(dir)) return -1;
	snprintf(file, sizeof file, "%s/test.metrics", dir);
	return 0;
}

static int
remove_dir(void **state)
{
	(void)state;
	unlink(file);
	rmdir(file);
	return rmdir(dir);	/* fails where something else was left there */
}

static struct metrics *
open_it(void)
{
	struct metrics *m = metrics_open(dir, "test", "layout", N);

	assert_non_null(m);
	return m;
}

/* Far enough ahead for another look at the file. */
static void
refresh(struct metrics *m)
{
	static int64_t ahead_ms;

	metrics_refresh(m, clock_now_ms() + (ahead_ms += 2000));
}

static void
write_at(long offset, const void *p, size_t n)
{
	int fd = open(file, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, p, n, offset), n);
	close(fd);
}

static void
what_is_added_is_read_also_by_others_and_later(void **state)
{
	struct metrics *a = open_it(), *b = open_it();

	(void)state;
	assert_int_equal(metrics_read(a, 0), 0);
	metrics_add(a, 0, 1);
	metrics_add(b, 0, 41);
	metrics_add(b, N - 1, 7);
	assert_int_equal(metrics_read(a, 0), 42);
	assert_int_equal(metrics_read(a, N - 1), 7);
	metrics_close(a);
	metrics_close(b);
	a = open_it();
	assert_int_equal(metrics_read(a, 0), 42);
	metrics_close(a);
}

static void
there_is_nothing_beyond_the_last_one(void **state)
{
	struct metrics *m = open_it();

	(void)state;
	metrics_add(m, N, 1);
	metrics_add(m, SIZE_MAX, 1);
	assert_int_equal(metrics_read(m, N), 0);
	assert_int_equal(metrics_read(m, SIZE_MAX), 0);
	metrics_close(m);
}

static void
no_event_is_lost_among_processes_that_begin_at_once(void **state)
{
	struct metrics *m;

	(void)state;
	for (int p = 0; p < PROCESSES; p++)
		if (fork() == 0) {
			m = open_it();
			for (int i = 0; i < ROUNDS; i++) metrics_add(m, 3, 1);
			/* Who made a file that another one won over counted for nobody. */
			_exit(metrics_read(m, 3) > 0 ? 0 : 1);
		}
	for (int p = 0; p < PROCESSES; p++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	m = open_it();
	assert_int_equal(metrics_read(m, 3), PROCESSES * ROUNDS);
	metrics_close(m);
}

static void
a_file_that_is_cut_off_costs_the_numbers_only(void **state)
{
	static const long lengths[] = { 0, 8, 100, 4096 };

	(void)state;
	for (size_t i = 0; i < NELEM(lengths); i++) {
		struct metrics *a = open_it(), *b = open_it();

		metrics_add(a, 5, 5);
		assert_int_equal(truncate(file, lengths[i]), 0);
		metrics_add(a, N - 1, 1);	/* a bus error, but for the handler */
		metrics_add(a, 5, 1);
		metrics_read(b, N - 1);
		refresh(a);
		refresh(b);
		assert_int_equal(metrics_read(a, N - 1), 0);
		metrics_add(a, N - 1, 2);
		assert_int_equal(metrics_read(b, N - 1), 2);
		metrics_close(a);
		metrics_close(b);
		assert_int_equal(unlink(file), 0);
	}
}

static void
a_file_that_is_cut_off_and_grown_again_is_found_out(void **state)
{
	struct metrics *m = open_it(), *other;
	struct stat st;

	(void)state;
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(truncate(file, 0), 0);
	metrics_add(m, 5, 1);
	assert_int_equal(truncate(file, st.st_size), 0);
	refresh(m);
	metrics_add(m, 5, 1);
	other = open_it();
	assert_int_equal(metrics_read(other, 5), 1);
	metrics_close(other);
	metrics_close(m);
}

static void
a_file_that_is_gone_is_made_again(void **state)
{
	struct metrics *a = open_it(), *b = open_it();

	(void)state;
	assert_int_equal(unlink(file), 0);
	metrics_add(a, 1, 1);
	refresh(a);
	refresh(b);
	metrics_add(a, 1, 1);
	metrics_add(b, 1, 1);
	assert_int_equal(metrics_read(a, 1), 2);
	metrics_close(a);
	metrics_close(b);
}

static void
a_file_of_another_layout_is_replaced_at_a_start(void **state)
{
	struct metrics *older = metrics_open(dir, "test", "another layout", N), *m;

	(void)state;
	metrics_add(older, 0, 5);
	m = open_it();
	assert_int_equal(metrics_read(m, 0), 0);
	metrics_add(m, 0, 1);
	/* The older one goes on by itself, and does not take the place back. */
	refresh(older);
	metrics_add(older, 0, 1);
	assert_int_equal(metrics_read(older, 0), 6);
	refresh(m);
	assert_int_equal(metrics_read(m, 0), 1);
	metrics_close(older);
	metrics_close(m);
}

static void
a_file_of_another_size_is_replaced_at_a_start(void **state)
{
	struct metrics *m = metrics_open(dir, "test", "layout", N + 1);

	(void)state;
	metrics_add(m, 0, 5);
	metrics_close(m);
	m = open_it();
	assert_int_equal(metrics_read(m, 0), 0);
	metrics_close(m);
}

static void
a_head_that_is_overwritten_makes_a_new_file(void **state)
{
	struct metrics *m = open_it();

	(void)state;
	metrics_add(m, 0, 5);
	write_at(0, "garbage", 7);
	refresh(m);
	assert_int_equal(metrics_read(m, 0), 0);
	metrics_add(m, 0, 1);
	metrics_close(m);
	m = open_it();
	assert_int_equal(metrics_read(m, 0), 1);
	metrics_close(m);
}

static void
a_number_that_nobody_can_have_counted_to_reads_as_none(void **state)
{
	struct metrics *m = open_it();
	uint64_t absurd = UINT64_MAX;
	struct stat st;

	(void)state;
	metrics_add(m, N - 2, 3);
	assert_int_equal(stat(file, &st), 0);
	write_at(st.st_size - 8, &absurd, sizeof absurd);
	assert_int_equal(metrics_read(m, N - 1), 0);
	assert_int_equal(metrics_read(m, N - 2), 3);
	metrics_close(m);
}

static void
where_no_file_can_be_nothing_is_counted(void **state)
{
	struct metrics *m = metrics_open("/proc", "test", "layout", N);
	char longer[2000];

	(void)state;
	metrics_add(m, 0, 1);
	refresh(m);
	assert_int_equal(metrics_read(m, 0), 0);
	metrics_close(m);
	memset(longer, 'x', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	m = metrics_open(longer, "test", "layout", N);
	metrics_add(m, 0, 1);
	assert_int_equal(metrics_read(m, 0), 0);
	metrics_close(m);
	metrics_close(NULL);
}

static void
a_folder_in_its_place_is_left_alone_until_it_goes(void **state)
{
	struct metrics *m;

	(void)state;
	assert_int_equal(mkdir(file, 0700), 0);
	m = open_it();
	metrics_add(m, 0, 1);
	assert_int_equal(metrics_read(m, 0), 0);
	assert_int_equal(rmdir(file), 0);
	refresh(m);
	metrics_add(m, 0, 1);
	assert_int_equal(metrics_read(m, 0), 1);
	metrics_close(m);
}

/* A link could lead to any file of ours. */
static void
a_symbolic_link_is_not_followed(void **state)
{
	struct metrics *m;
	struct stat st;

	(void)state;
	assert_int_equal(symlink("/dev/null", file), 0);
	m = open_it();
	metrics_add(m, 0, 1);
	assert_int_equal(lstat(file, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(metrics_read(m, 0), 0);
	metrics_close(m);
}

static void
other_bus_errors_end_the_process_as_ever(void **state)
{
	int status;

	(void)state;
	if (fork() == 0) {
		struct metrics *m;

		signal(SIGBUS, SIG_DFL);	/* not that of the tests */
		m = open_it();
		metrics_add(m, 0, 1);
		raise(SIGBUS);
		_exit(0);
	}
	assert_true(wait(&status) > 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGBUS);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)
	const struct CMUnitTest tests[] = {
		TEST(what_is_added_is_read_also_by_others_and_later),
		TEST(there_is_nothing_beyond_the_last_one),
		TEST(no_event_is_lost_among_processes_that_begin_at_once),
		TEST(a_file_that_is_cut_off_costs_the_numbers_only),
		TEST(a_file_that_is_cut_off_and_grown_again_is_found_out),
		TEST(a_file_that_is_gone_is_made_again),
		TEST(a_file_of_another_layout_is_replaced_at_a_start),
		TEST(a_file_of_another_size_is_replaced_at_a_start),
		TEST(a_head_that_is_overwritten_makes_a_new_file),
		TEST(a_number_that_nobody_can_have_counted_to_reads_as_none),
		TEST(where_no_file_can_be_nothing_is_counted),
		TEST(a_folder_in_its_place_is_left_alone_until_it_goes),
		TEST(a_symbolic_link_is_not_followed),
		TEST(other_bus_errors_end_the_process_as_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
