/* The states of a job and the only ways between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "records/joblist.h"

static void
only_the_ways_of_the_picture_exist(void **state)
{
	static const enum job_status ways[][2] = {
		{ JOB_QUEUED, JOB_PROCESSING }, { JOB_QUEUED, JOB_CANCELLED },
		{ JOB_PROCESSING, JOB_QUEUED }, { JOB_PROCESSING, JOB_COMPLETED },
		{ JOB_PROCESSING, JOB_FAILED }, { JOB_PROCESSING, JOB_CANCELLED },
	};

	(void)state;
	for (enum job_status from = JOB_QUEUED; from <= JOB_STATUSES; from++)
		for (enum job_status to = JOB_QUEUED; to <= JOB_STATUSES; to++) {
			bool expected = false;

			for (size_t i = 0; i < NELEM(ways); i++)
				expected |= ways[i][0] == from && ways[i][1] == to;
			assert_int_equal(jobs_may_become(from, to), expected);
		}
}

static void
what_has_ended_stays_as_it_is(void **state)
{
	(void)state;
	for (enum job_status to = JOB_QUEUED; to < JOB_STATUSES; to++) {
		assert_false(jobs_may_become(JOB_COMPLETED, to));
		assert_false(jobs_may_become(JOB_FAILED, to));
		assert_false(jobs_may_become(JOB_CANCELLED, to));
	}
}

static void
a_number_that_is_no_status_leads_nowhere(void **state)
{
	(void)state;
	assert_false(jobs_may_become((enum job_status)-1, JOB_QUEUED));
	assert_false(jobs_may_become(JOB_QUEUED, (enum job_status)-1));
	assert_false(jobs_may_become((enum job_status)1000, (enum job_status)1000));
}

/* The API and the ENUM of the table have these words, in this order. */
static void
every_status_has_its_word(void **state)
{
	static const char *const words[] = { "queued", "processing", "completed", "failed",
		"cancelled" };

	(void)state;
	assert_int_equal(NELEM(words), JOB_STATUSES);
	for (int i = 0; i < JOB_STATUSES; i++) assert_string_equal(job_status_names[i], words[i]);
	assert_null(job_status_names[JOB_STATUSES]);
}

static void
a_cursor_is_read_back_as_it_was_written(void **state)
{
	const struct job_cursor cursors[] = {
		{ .created_at = 1 }, { 1795465025123456, uuid_new() },
		{ 253402300799999999, {{ 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
			255, 255, 255, 255 }} } };

	(void)state;
	for (size_t i = 0; i < NELEM(cursors); i++) {
		char text[JOB_CURSOR_TEXT];
		struct job_cursor c;

		job_cursor_format(&cursors[i], text);
		assert_int_equal(strlen(text), JOB_CURSOR_TEXT - 1);
		assert_true(job_cursor_parse(text, &c));
		assert_true(c.created_at == cursors[i].created_at && uuid_eq(c.id, cursors[i].id));
	}
}

static void
what_is_no_cursor_is_refused(void **state)
{
	static const char *const texts[] = { "", "0", "none", "-1",
		"000000000000000000000000000000000000000000000000",
		"ffffffffffffffff00000000000000000000000000000000",
		"0384440ccc73600000000000000000000000000000000000",
		"00060f0e0d0c0b0a0190a6a01c2d7e3f8a4b5c6d7e8f901",
		"00060f0e0d0c0b0a0190a6a01c2d7e3f8a4b5c6d7e8f90122",
		"00060f0e0d0c0b0a0190a6a01c2d7e3f8a4b5c6d7e8f901g" };

	(void)state;
	for (size_t i = 0; i < NELEM(texts); i++) {
		struct job_cursor c;

		if (job_cursor_parse(texts[i], &c)) fail_msg("%s was read", texts[i]);
	}
}

static void
releasing_nothing_is_fine(void **state)
{
	struct job j = {0};
	struct job_list l = {0};

	(void)state;
	jobs_free(&j);
	jobs_list_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_ways_of_the_picture_exist),
		cmocka_unit_test(what_has_ended_stays_as_it_is),
		cmocka_unit_test(a_number_that_is_no_status_leads_nowhere),
		cmocka_unit_test(every_status_has_its_word),
		cmocka_unit_test(a_cursor_is_read_back_as_it_was_written),
		cmocka_unit_test(what_is_no_cursor_is_refused),
		cmocka_unit_test(releasing_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
