/* So many a minute, and places that a host has few of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/place.h"
#include "base/rate.h"
#include "temp.h"

enum { S = 1000000, START = 1000 * S };

static void
as_many_as_are_allowed_come_at_once_and_then_one_for_each_share_of_the_minute(void **state)
{
	int64_t full = 0;

	(void)state;
	for (int i = 0; i < 60; i++) assert_int_equal(rate_step(&full, 60, START), 0);
	assert_int_equal(rate_step(&full, 60, START), 1);
	assert_int_equal(rate_step(&full, 60, START + S - 1), 1);
	assert_int_equal(rate_step(&full, 60, START + S), 0);
	assert_int_equal(rate_step(&full, 60, START + S), 1);
	assert_int_equal(rate_step(&full, 60, START + 11 * S), 0);
}

static void
who_was_quiet_for_a_minute_has_everything_again(void **state)
{
	int64_t full = 0;

	(void)state;
	for (int i = 0; i < 60; i++) rate_step(&full, 60, START);
	for (int i = 0; i < 60; i++) assert_int_equal(rate_step(&full, 60, START + 60 * S), 0);
	assert_int_equal(rate_step(&full, 60, START + 60 * S), 1);
}

static void
the_wait_is_told_in_whole_seconds(void **state)
{
	int64_t full = 0;

	(void)state;
	assert_int_equal(rate_step(&full, 1, START), 0);
	assert_int_equal(rate_step(&full, 1, START), 60);
	assert_int_equal(rate_step(&full, 1, START + 59 * S + 1), 1);
	assert_int_equal(rate_step(&full, 1, START + 60 * S), 0);
}

static void
a_clock_that_began_anew_locks_nobody_out(void **state)
{
	int64_t full = INT64_C(1) << 60;

	(void)state;
	assert_int_equal(rate_step(&full, 60, START), 0);
	full = -5;
	assert_int_equal(rate_step(&full, 60, START), 0);
	assert_true(full > START);
}

static void
processes_share_what_a_key_has(void **state)
{
	int taken = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		if (fork() == 0) {
			int mine = 0;

			for (int k = 0; k < 20; k++)
				mine += !rate_take(temp_dir, "shared", "key", 3, 50, START);
			_exit(mine);
		}
	}
	for (int i = 0; i < 4; i++) {
		int status;

		wait(&status);
		assert_true(WIFEXITED(status));
		taken += WEXITSTATUS(status);
	}
	assert_int_equal(taken, 50);
	assert_int_equal(rate_take(temp_dir, "shared", "yek", 3, 50, START), 0);
	assert_int_equal(rate_take(temp_dir, "other", "key", 3, 50, START), 0);
}

static void
more_keys_than_fit_are_counted_as_long_as_they_are_busy(void **state)
{
	(void)state;
	for (int i = 0; i < 3000; i++)
		assert_int_equal(rate_take(temp_dir, "many", &i, sizeof i, 1, START), 0);
	for (int i = 2990; i < 3000; i++)
		assert_true(rate_take(temp_dir, "many", &i, sizeof i, 1, START) > 0);
	for (int i = 3000; i < 30000; i++) rate_take(temp_dir, "many", &i, sizeof i, 1, START + 61 * S);
}

static void
a_file_that_cannot_be_used_stops_nobody(void **state)
{
	char path[64];
	FILE *f;

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(rate_take("/nowhere", "x", "key", 3, 1, START), 0);
	snprintf(path, sizeof path, "%s/noise.rates", temp_dir);
	f = fopen(path, "w");
	for (int i = 0; i < 400000; i++) fputc(0xfe, f);
	fclose(f);
	assert_int_equal(rate_take(temp_dir, "noise", "key", 3, 1, START), 0);
	assert_true(rate_take(temp_dir, "noise", "key", 3, 1, START) > 0);
}

static void
a_host_has_so_many_places_and_no_more_until_one_is_given_back(void **state)
{
	struct err e;
	int a = place_take(temp_dir, "p", 2, &e), b = place_take(temp_dir, "p", 2, &e);

	(void)state;
	assert_true(a >= 0 && b >= 0);
	assert_int_equal(place_take(temp_dir, "p", 2, &e), PLACE_NONE);
	assert_int_equal(place_wait(temp_dir, "p", 2, 30, &e), PLACE_NONE);
	close(a);
	a = place_wait(temp_dir, "p", 2, 0, &e);
	assert_true(a >= 0);
	close(a);
	close(b);
	assert_int_equal(place_take("/nowhere", "p", 2, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_as_are_allowed_come_at_once_and_then_one_for_each_share_of_the_minute),
		cmocka_unit_test(who_was_quiet_for_a_minute_has_everything_again),
		cmocka_unit_test(the_wait_is_told_in_whole_seconds),
		cmocka_unit_test(a_clock_that_began_anew_locks_nobody_out),
		cmocka_unit_test(processes_share_what_a_key_has),
		cmocka_unit_test(more_keys_than_fit_are_counted_as_long_as_they_are_busy),
		cmocka_unit_test(a_file_that_cannot_be_used_stops_nobody),
		cmocka_unit_test(a_host_has_so_many_places_and_no_more_until_one_is_given_back),
	};

	return cmocka_run_group_tests(tests, temp_make, temp_remove);
}
