/* The states of a job and the only ways between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "records/jobs.h"

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
		cmocka_unit_test(releasing_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
