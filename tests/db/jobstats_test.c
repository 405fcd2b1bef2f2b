/* Statistics: read from counters and periods, of the spans that they are named for. */
#include "harness.h"

#include "records/jobstats.h"
#include "records/models.h"

static struct job_stats
stats(struct db *db)
{
	struct job_stats s;
	struct err e;

	assert_done(jobstats_read(db, &s, &e), e);
	return s;
}

static void
without_anything_there_is_nothing(void **state)
{
	struct job_stats s = stats(*state);
	struct job_pace p;
	struct err e;

	assert_int_equal(tally_total(&s.all), 0);
	assert_int_equal(s.submitted_today + s.done_hour + s.done_day + s.workers + s.busy, 0);
	assert_done(jobstats_pace(*state, &p, &e), e);
	assert_int_equal(p.average_ms + p.workers + p.busy, 0);
}

static void
jobs_are_counted_by_status_and_by_the_day_of_their_submission(void **state)
{
	struct uuid host = harness_host(*state);
	struct job_stats s;

	for (int i = 0; i < 9; i++) harness_submit(*state);
	harness_do(*state, "UPDATE job_counts SET day=day - INTERVAL 1 DAY");
	for (int i = 0; i < 4; i++) harness_submit(*state);
	harness_take(*state, host);
	s = stats(*state);
	assert_int_equal(tally_total(&s.all), 13);
	assert_int_equal(s.all.n[JOB_QUEUED], 12);
	assert_int_equal(s.all.n[JOB_PROCESSING], 1);
	assert_int_equal(s.submitted_today, 4);
}

static void
an_hour_and_a_day_end_where_they_should(void **state)
{
	struct job_stats s;

	harness_do(*state, "INSERT INTO job_periods VALUES "
		"(UTC_TIMESTAMP(), 0, 1, 10, 100, 1000), (UTC_TIMESTAMP(), 1, 2, 20, 200, 2000), "
		"(UTC_TIMESTAMP() - INTERVAL 59 MINUTE, 0, 4, 40, 400, 4000), "
		"(UTC_TIMESTAMP() - INTERVAL 61 MINUTE, 0, 8, 80, 800, 8000), "
		"(UTC_TIMESTAMP() - INTERVAL 1439 MINUTE, 0, 16, 160, 1600, 16000), "
		"(UTC_TIMESTAMP() - INTERVAL 1441 MINUTE, 0, 32, 320, 3200, 32000)");
	s = stats(*state);
	assert_int_equal(s.done_hour, 7);
	assert_int_equal(s.done_day, 31);
	assert_int_equal(s.wait_ms, 310);
	assert_int_equal(s.processing_ms, 3100);
	assert_int_equal(s.audio_ms, 31000);
}

static void
completions_go_into_periods_of_five_minutes(void **state)
{
	struct uuid host = harness_host(*state);
	struct job_stats s;
	struct err e;

	for (int i = 0; i < 10; i++) {
		struct claim c;
		struct sample made;

		harness_submit(*state);
		c = harness_take(*state, host);
		made = harness_made(&c, 0);
		assert_int_equal(claims_complete(*state, &c, &made, 1, NULL, &e), 1);
	}
	s = stats(*state);
	assert_int_equal(s.done_hour, 10);
	assert_int_equal(s.audio_ms, 100000);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM job_periods WHERE "
		"UNIX_TIMESTAMP(start) % 300 <> 0 OR start > UTC_TIMESTAMP() OR start < "
		"UTC_TIMESTAMP() - INTERVAL 10 MINUTE"), 0);
	assert_in_range(harness_number(*state, "SELECT COUNT(DISTINCT start) FROM job_periods"), 1, 2);
	assert_true(harness_number(*state, "SELECT COUNT(*) FROM job_periods") > 1);
}

static void
workers_are_those_of_hosts_that_were_seen(void **state)
{
	struct job_pace p;
	struct job_stats s;
	struct err e;

	assert_done(models_host_seen(*state, uuid_new(), "a", 1, 4, 3, &e), e);
	assert_done(models_host_seen(*state, uuid_new(), "b", 1, 2, 0, &e), e);
	harness_do(*state, "UPDATE hosts SET seen_at=seen_at - INTERVAL 29 SECOND");
	assert_done(models_host_seen(*state, uuid_new(), "c", 1, 8, 8, &e), e);
	harness_do(*state, "UPDATE hosts SET seen_at=seen_at - INTERVAL 31 SECOND WHERE name='c'");
	harness_do(*state, "INSERT INTO job_periods VALUES (UTC_TIMESTAMP(), 0, 2, 1, 5000, 1)");
	s = stats(*state);
	assert_int_equal(s.workers, 6);
	assert_int_equal(s.busy, 3);
	assert_done(jobstats_pace(*state, &p, &e), e);
	assert_int_equal(p.average_ms, 2500);
	assert_int_equal(p.workers, 6);
	assert_int_equal(p.busy, 3);
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_anything_there_is_nothing),
		TEST(jobs_are_counted_by_status_and_by_the_day_of_their_submission),
		TEST(an_hour_and_a_day_end_where_they_should),
		TEST(completions_go_into_periods_of_five_minutes),
		TEST(workers_are_those_of_hosts_that_were_seen),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
