/* The word by which a responder knows `earshot doctor`. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/probe.h"

static char dir[] = "/tmp/earshot-probe-XXXXXX", file[64];

static void
only_the_word_that_was_left_is_known(void **state)
{
	char word[PROBE_WORD], other[PROBE_WORD];
	struct err e;
	struct stat st;

	(void)state;
	assert_int_equal(probe_leave(dir, word, &e), 0);
	assert_int_equal(strlen(word), PROBE_WORD - 1);
	assert_true(probe_knows(dir, word));
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	strcpy(other, word);
	other[PROBE_WORD - 2] ^= 1;
	assert_false(probe_knows(dir, other));
	assert_false(probe_knows(dir, NULL));
	assert_false(probe_knows(dir, ""));
	word[10] = '\0';
	assert_false(probe_knows(dir, word));
}

static void
a_new_word_takes_the_place_of_the_old_one(void **state)
{
	char first[PROBE_WORD], second[PROBE_WORD];
	struct err e;

	(void)state;
	assert_int_equal(probe_leave(dir, first, &e), 0);
	assert_int_equal(probe_leave(dir, second, &e), 0);
	assert_string_not_equal(first, second);
	assert_false(probe_knows(dir, first));
	assert_true(probe_knows(dir, second));
	probe_remove(dir);
	assert_false(probe_knows(dir, second));
}

static void
a_word_is_known_for_minutes(void **state)
{
	struct timespec old[2] = { { .tv_sec = time(NULL) - 601 }, { .tv_sec = time(NULL) - 601 } };
	char word[PROBE_WORD];
	struct err e;

	(void)state;
	assert_int_equal(probe_leave(dir, word, &e), 0);
	assert_int_equal(utimensat(AT_FDCWD, file, old, 0), 0);
	assert_false(probe_knows(dir, word));
}

static void
a_folder_that_cannot_be_written_is_named(void **state)
{
	char word[PROBE_WORD];
	struct err e;

	(void)state;
	assert_int_equal(probe_leave("/nowhere", word, &e), -1);
	assert_non_null(strstr(e.text, "/nowhere/doctor"));
}

static int
make(void **state)
{
	(void)state;
	if (!mkdtemp(dir)) return -1;
	snprintf(file, sizeof file, "%s/doctor", dir);
	return 0;
}

static int
tidy(void **state)
{
	(void)state;
	probe_remove(dir);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_word_that_was_left_is_known),
		cmocka_unit_test(a_new_word_takes_the_place_of_the_old_one),
		cmocka_unit_test(a_word_is_known_for_minutes),
		cmocka_unit_test(a_folder_that_cannot_be_written_is_named),
	};

	return cmocka_run_group_tests(tests, make, tidy);
}
