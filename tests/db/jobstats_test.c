/* Statistics: read from counters and periods, of the spans that they are named for. */
#include "harness.h"

#include <stdio.h>

#include "records/jobstats.h"
#include "records/models.h"

#define PERIODS \
	"INSERT INTO job_periods (start, shard, done, wait_ms, processing_ms, audio_ms) VALUES "

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

	harness_do(*state, PERIODS
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
	harness_do(*state, PERIODS "(UTC_TIMESTAMP(), 0, 2, 1, 5000, 1)");
	s = stats(*state);
	assert_int_equal(s.workers, 6);
	assert_int_equal(s.busy, 3);
	assert_done(jobstats_pace(*state, &p, &e), e);
	assert_int_equal(p.average_ms, 2500);
	assert_int_equal(p.workers, 6);
	assert_int_equal(p.busy, 3);
}

static struct job_history
history(struct db *db, unsigned hours)
{
	struct job_history h;
	struct err e;

	assert_done(jobstats_history(db, hours, &h, &e), e);
	return h;
}

static void
a_history_is_a_row_of_equal_pieces_that_ends_with_the_running_one(void **state)
{
	static const struct { unsigned hours; int piece_s; size_t n; } wanted[] = {
		{ 1, 300, 12 }, { 6, 300, 72 }, { 7, 900, 28 }, { 24, 900, 96 }, { 25, 3600, 25 },
		{ 72, 3600, 72 }, { 73, 10800, 25 }, { 168, 10800, 56 },
	};

	for (size_t i = 0; i < NELEM(wanted); i++) {
		int64_t before_us = harness_number(*state, "SELECT UNIX_TIMESTAMP()") * 1000000;
		struct job_history h = history(*state, wanted[i].hours);
		int64_t after_us = harness_number(*state, "SELECT UNIX_TIMESTAMP()") * 1000000;
		int64_t piece_us = (int64_t)h.piece_s * 1000000, last_us;

		assert_int_equal(h.piece_s, wanted[i].piece_s);
		assert_int_equal(h.n, wanted[i].n);
		last_us = h.items[h.n - 1].start_us;
		assert_true(last_us <= after_us && last_us > before_us - piece_us);
		for (size_t k = 0; k < h.n; k++) {
			assert_int_equal(h.items[k].start_us % piece_us, 0);
			assert_int_equal(h.items[k].start_us + (int64_t)(h.n - 1 - k) * piece_us,
				last_us);
			assert_int_equal(h.items[k].done + h.items[k].failed + h.items[k].audio_ms,
				0);
		}
	}
}

/* Periods at the first and the last five minutes of piece i, and before the first piece. */
static void
fill_pieces(struct db *db, const struct job_history *h)
{
	char sql[300];

	harness_do(db, "DELETE FROM job_periods");
	for (size_t i = 0; i < h->n; i++) {
		long long start = h->items[i].start_us / 1000000;

		snprintf(sql, sizeof sql, "INSERT INTO job_periods VALUES "
			"(FROM_UNIXTIME(%lld), 3, %zu, 20, 200, 2000, 3), "
			"(FROM_UNIXTIME(%lld), 5, 1, 10, 100, 1000, 1)", start, i,
			start + h->piece_s - 300);
		harness_do(db, sql);
	}
	snprintf(sql, sizeof sql, PERIODS "(FROM_UNIXTIME(%lld), 0, 1000, 1, 1, 1)",
		(long long)h->items[0].start_us / 1000000 - 300);
	harness_do(db, sql);
}

static void
each_piece_has_the_sums_of_its_periods(void **state)
{
	static const unsigned hours[] = { 6, 24, 72, 168 };

	for (size_t i = 0; i < NELEM(hours); i++) {
		struct job_history before, h;

		/* Once more when another piece has begun meanwhile. */
		do {
			before = history(*state, hours[i]);
			fill_pieces(*state, &before);
			h = history(*state, hours[i]);
		} while (h.items[0].start_us != before.items[0].start_us);
		for (size_t k = 0; k < h.n; k++) {
			assert_int_equal(h.items[k].done, k + 1);
			assert_int_equal(h.items[k].failed, 4);
			assert_int_equal(h.items[k].wait_ms, 30);
			assert_int_equal(h.items[k].processing_ms, 300);
			assert_int_equal(h.items[k].audio_ms, 3000);
		}
	}
}

static void
only_failures_for_good_are_failures_and_they_stay(void **state)
{
	struct claim_failure again = { .code = "x", .text = "X.", .max_attempts = 2,
		.backoff_ms = 1 };
	struct claim_failure final = { .final = true, .code = "x", .text = "X." };
	static const char sum[] = "SELECT CAST(COALESCE(SUM(failed), 0) AS SIGNED) FROM "
		"job_periods";
	struct uuid host = harness_host(*state);
	struct claim c;
	struct err e;

	for (int i = 0; i < 4; i++) harness_submit(*state);
	c = harness_take(*state, host);
	assert_int_equal(claims_fail(*state, &c, &again, &e), 1);
	c = harness_take(*state, host);
	assert_int_equal(claims_release(*state, &c, &e), 1);
	assert_int_equal(harness_number(*state, sum), 0);
	c = harness_take(*state, host);
	assert_int_equal(claims_fail(*state, &c, &final, &e), 1);
	assert_int_equal(claims_fail(*state, &c, &final, &e), 0);
	assert_int_equal(harness_number(*state, sum), 1);
	harness_do(*state, "UPDATE jobs SET run_after=created_at, failures=1 WHERE "
		"status='queued'");
	c = harness_take(*state, host);
	assert_int_equal(claims_fail(*state, &c, &again, &e), 1);
	assert_int_equal(harness_number(*state, sum), 2);
	/* Where their rows say. */
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM jobs j WHERE "
		"status='failed' AND NOT EXISTS (SELECT 1 FROM job_periods p WHERE p.failed>0 AND "
		"p.start<=j.completed_at AND j.completed_at < p.start + INTERVAL 5 MINUTE)"), 0);
	harness_check_counters(*state);
	assert_int_equal(history(*state, 6).items[0].failed, 0);
	assert_int_equal(stats(*state).done_day, 0);
}

static void
an_audit_misses_failures_of_a_period_and_puts_them_there(void **state)
{
	struct claim_failure final = { .final = true, .code = "x", .text = "X." };
	struct uuid host = harness_host(*state);
	int wrong;
	struct err e;

	for (int i = 0; i < 12; i++) {
		struct claim c;

		harness_submit(*state);
		c = harness_take(*state, host);
		assert_int_equal(claims_fail(*state, &c, &final, &e), 1);
	}
	harness_do(*state, "UPDATE jobs SET completed_at='2026-03-01 10:04:59.999999' LIMIT 5");
	harness_do(*state, "UPDATE jobs SET completed_at='2026-03-01 10:05:00' WHERE completed_at>"
		"'2026-03-02' LIMIT 4");
	harness_do(*state, PERIODS "('2026-03-01 10:05:00', 7, 1, 1, 1, 1)");
	assert_done(counters_audit(*state, true, &wrong, &e), e);
	assert_int_equal(wrong, 2);
	assert_int_equal(harness_number(*state, "SELECT CAST(SUM(failed) AS SIGNED) FROM "
		"job_periods WHERE start='2026-03-01 10:00:00'"), 5);
	assert_int_equal(harness_number(*state, "SELECT CAST(SUM(failed) AS SIGNED) FROM "
		"job_periods WHERE start='2026-03-01 10:05:00'"), 4);
	/* Of jobs that were deleted there are more. */
	harness_do(*state, "UPDATE job_periods SET failed=failed+1");
	harness_check_counters(*state);
}

static void
what_hosts_are_at_is_told_by_host(void **state)
{
	struct job_working_list l;
	struct uuid a = harness_host(*state), b = uuid_new(), gone = uuid_new();
	struct claim first, second;
	struct sample made;
	struct err e;

	assert_done(models_host_seen(*state, a, "zither", 1, 4, 2, &e), e);
	assert_done(models_host_seen(*state, b, "alphorn", 1, 2, 0, &e), e);
	assert_done(models_host_seen(*state, gone, "gone", 1, 2, 1, &e), e);
	for (int i = 0; i < 5; i++) harness_submit(*state);
	/* A job that has ended keeps its host. */
	first = harness_take(*state, a);
	made = harness_made(&first, 0);
	assert_int_equal(claims_complete(*state, &first, &made, 1, NULL, &e), 1);
	first = harness_take(*state, a);
	second = harness_take(*state, a);
	harness_do(*state, "UPDATE hosts SET seen_at=seen_at - INTERVAL 31 SECOND WHERE "
		"name='gone'");
	assert_done(jobstats_working(*state, &l, &e), e);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.items[0].name, "alphorn");
	assert_true(uuid_is_nil(l.items[0].job));
	for (int i = 1; i < 3; i++) {
		assert_string_equal(l.items[i].name, "zither");
		assert_int_equal(l.items[i].workers, 4);
		assert_int_equal(l.items[i].busy, 2);
		assert_true(uuid_eq(l.items[i].host, a));
		assert_true(uuid_eq(l.items[i].job, first.job) ||
			uuid_eq(l.items[i].job, second.job));
	}
	assert_false(uuid_eq(l.items[1].job, l.items[2].job));
	jobstats_working_free(&l);
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
		TEST(a_history_is_a_row_of_equal_pieces_that_ends_with_the_running_one),
		TEST(each_piece_has_the_sums_of_its_periods),
		TEST(only_failures_for_good_are_failures_and_they_stay),
		TEST(an_audit_misses_failures_of_a_period_and_puts_them_there),
		TEST(what_hosts_are_at_is_told_by_host),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
