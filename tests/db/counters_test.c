/* Counters: kept as jobs change, checked against the rows, mended when they are wrong. */
#include "harness.h"

#include <stdio.h>

#include "records/counters.h"
#include "records/experiments.h"

static int
audit(struct db *db, bool repair)
{
	struct err e;
	int wrong;

	assert_done(counters_audit(db, repair, &wrong, &e), e);
	return wrong;
}

static void
counters_follow_every_change_of_a_job(void **state)
{
	struct uuid host = harness_host(*state);
	struct tally all;
	enum job_status was;
	struct claim c;
	struct err e;

	for (int i = 0; i < 20; i++) harness_submit(*state);
	for (int i = 0; i < 7; i++) c = harness_take(*state, host);
	assert_int_equal(claims_release(*state, &c, &e), 1);
	c = harness_take(*state, host);
	assert_done(jobs_cancel(*state, c.job, &was, &e), e);
	assert_done(counters_read(*state, &all, &e), e);
	assert_int_equal(all.n[JOB_QUEUED], 13);
	assert_int_equal(all.n[JOB_PROCESSING], 6);
	assert_int_equal(all.n[JOB_CANCELLED], 1);
	assert_int_equal(all.n[JOB_COMPLETED], 0);
	assert_int_equal(all.n[JOB_FAILED], 0);
	assert_int_equal(audit(*state, false), 0);
	/* No shard may borrow from another. */
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM job_counts WHERE n<0"), 0);
	assert_true(harness_number(*state, "SELECT COUNT(DISTINCT shard) FROM job_counts") > 1);
}

static struct uuid
experiment(struct db *db)
{
	struct experiment_change c = { .name = "Waltzes" };
	struct uuid id;
	struct err e;

	assert_done(experiments_create(db, (struct uuid){{0}}, &c, &id, &e), e);
	return id;
}

/* A job of these three; nil: none. */
static struct uuid
submit_of(struct db *db, struct uuid adapter, struct uuid experiment, struct uuid ab_test)
{
	struct job_new n = harness_job();
	struct uuid id;
	bool replayed;
	struct err e;

	n.adapter_id = adapter;
	n.experiment_id = experiment;
	n.ab_test_id = ab_test;
	assert_done(jobs_submit(db, &n, &id, &replayed, &e), e);
	return id;
}

static void
jobs_are_tallied_by_what_they_belong_to(void **state)
{
	struct uuid none = {{0}}, host = harness_host(*state);
	struct uuid of[4] = { uuid_new(), experiment(*state), uuid_new(), uuid_new() };
	struct claim_failure final = { .final = true, .code = "x", .text = "X." };
	struct tally t[4];
	enum job_status was;
	struct claim c;
	struct err e;

	for (int i = 0; i < 6; i++) submit_of(*state, of[0], of[1], i < 2 ? of[2] : none);
	submit_of(*state, none, of[1], none);
	submit_of(*state, none, none, none);
	c = harness_take(*state, host);
	assert_int_equal(claims_fail(*state, &c, &final, &e), 1);
	c = harness_take(*state, host);
	assert_done(jobs_cancel(*state, c.job, &was, &e), e);
	harness_take(*state, host);
	c = harness_take(*state, host);
	assert_int_equal(claims_release(*state, &c, &e), 1);
	assert_done(tallies_read(*state, of, 4, t, &e), e);
	assert_int_equal(tally_total(&t[0]), 6);
	assert_int_equal(t[0].n[JOB_QUEUED], 3);
	assert_int_equal(t[0].n[JOB_PROCESSING], 1);
	assert_int_equal(t[0].n[JOB_FAILED], 1);
	assert_int_equal(t[0].n[JOB_CANCELLED], 1);
	assert_int_equal(tally_total(&t[1]), 7);
	assert_int_equal(t[1].n[JOB_QUEUED], 4);
	assert_int_equal(tally_total(&t[2]), 2);
	assert_int_equal(t[2].n[JOB_QUEUED], 0);
	assert_int_equal(tally_total(&t[3]), 0);
	assert_int_equal(audit(*state, false), 0);
	assert_int_equal(harness_number(*state, "SELECT SUM(n) FROM job_tallies WHERE n<0"), 0);
}

static void
what_was_submitted_today_is_counted_anew_each_day(void **state)
{
	static const char sum[] = "SELECT CAST(SUM(submitted) AS SIGNED) FROM job_counts WHERE "
		"day=UTC_DATE()";

	for (int i = 0; i < 12; i++) harness_submit(*state);
	harness_take(*state, harness_host(*state));
	assert_int_equal(harness_number(*state, sum), 12);
	harness_do(*state, "UPDATE job_counts SET day=day - INTERVAL 1 DAY");
	assert_int_equal(harness_number(*state, sum), 0);
	for (int i = 0; i < 5; i++) harness_submit(*state);
	assert_int_equal(harness_number(*state, sum), 5);
}

static void
an_audit_mends_tallies_too(void **state)
{
	struct uuid none = {{0}}, of[2] = { uuid_new(), experiment(*state) };
	struct tally t[2];
	struct err e;

	for (int i = 0; i < 5; i++) submit_of(*state, of[0], of[1], none);
	harness_do(*state, "UPDATE job_tallies SET n=n+2, samples=1 LIMIT 1");
	harness_do(*state, "INSERT INTO job_tallies VALUES (REPEAT('x', 16), 1, 'failed', 1, 0)");
	assert_int_equal(audit(*state, true), 2);
	assert_int_equal(audit(*state, false), 0);
	assert_done(tallies_read(*state, of, 2, t, &e), e);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(tally_total(&t[i]), 5);
		assert_int_equal(t[i].samples, 0);
	}
}

/* Monitoring takes a counter that falls for one that began anew. */
static void
what_ever_happened_is_not_lowered_when_jobs_go(void **state)
{
	struct claim_failure final = { .final = true, .code = "x", .text = "X." };
	struct uuid host = harness_host(*state);
	enum job_status was;
	struct counted c;
	struct claim taken;
	struct ever ever;
	struct err e;

	for (int i = 0; i < 6; i++) harness_submit(*state);
	taken = harness_take(*state, host);
	assert_int_equal(claims_fail(*state, &taken, &final, &e), 1);
	for (int i = 0; i < 2; i++) {
		taken = harness_take(*state, host);
		assert_done(jobs_cancel(*state, taken.job, &was, &e), e);
	}
	for (int i = 0; i < 3; i++) {
		c = (struct counted){ .job = harness_take(*state, host).job };
		assert_done(counters_move(*state, &c, JOB_PROCESSING, JOB_COMPLETED, 2, &e), e);
		assert_done(counters_done(*state, c.job, 10, 200, 3000, &e), e);
	}
	for (int round = 0; round < 2; round++) {
		assert_done(counters_ever(*state, &ever, &e), e);
		assert_int_equal(ever.n[JOB_QUEUED], 6);
		assert_int_equal(ever.n[JOB_FAILED], 1);
		assert_int_equal(ever.n[JOB_CANCELLED], 2);
		assert_int_equal(ever.n[JOB_COMPLETED], 3);
		assert_int_equal(ever.processing_ms, 600);
		assert_int_equal(ever.audio_ms, 9000);
		/* Now two of them are removed; what they did stays. */
		if (round) break;
		assert_done(counters_move(*state, &c, JOB_COMPLETED, JOB_STATUSES, -2, &e), e);
		c.job = taken.job;
		assert_done(counters_move(*state, &c, JOB_CANCELLED, JOB_STATUSES, 0, &e), e);
	}
}

static void
an_audit_of_nothing_finds_nothing(void **state)
{
	struct tally all;
	struct err e;

	assert_int_equal(audit(*state, true), 0);
	assert_done(counters_read(*state, &all, &e), e);
	for (int i = 0; i < JOB_STATUSES; i++) assert_int_equal(all.n[i], 0);
}

static void
an_audit_finds_what_is_wrong_and_leaves_it(void **state)
{
	harness_submit(*state);
	harness_do(*state, "INSERT INTO job_counts (shard, status, n) VALUES (3, 'failed', 5)");
	harness_do(*state, "UPDATE job_counts SET n=n+1 WHERE status='queued'");
	assert_int_equal(audit(*state, false), 2);
	assert_int_equal(audit(*state, false), 2);
}

static void
an_audit_that_repairs_makes_the_counters_agree(void **state)
{
	struct uuid host = harness_host(*state);
	struct tally all;
	struct err e;

	for (int i = 0; i < 9; i++) harness_submit(*state);
	for (int i = 0; i < 4; i++) harness_take(*state, host);
	harness_do(*state, "UPDATE job_counts SET n=n*3+1");
	harness_do(*state, "DELETE FROM job_counts WHERE status='processing'");
	assert_int_equal(audit(*state, true), 2);
	assert_int_equal(audit(*state, false), 0);
	assert_done(counters_read(*state, &all, &e), e);
	assert_int_equal(all.n[JOB_QUEUED], 5);
	assert_int_equal(all.n[JOB_PROCESSING], 4);
}

/* Process 0 audits and counts what it finds; the others move jobs, from the very first one on, so
 * that rows of counters appear while it looks. */
static int
audit_or_work(struct db *db, int i, void *ctx)
{
	const struct uuid *host = ctx;
	struct claim_failure final = { .final = true, .code = "x", .text = "X." };
	struct job_new n = harness_job();
	struct uuid a = {{ 1 }}, b = {{ 2 }};
	int found = 0;

	/* Two subjects that all work on, named in either order. */
	n.adapter_id = i % 2 ? a : b;
	n.ab_test_id = i % 2 ? b : a;

	for (int round = 0; round < 20; round++) {
		struct claim_work w = {0};
		enum job_status was;
		struct uuid id;
		bool replayed;
		int wrong = 0, rc;
		struct err e;

		if (i == 0) rc = counters_audit(db, true, &wrong, &e);
		else if ((rc = jobs_submit(db, &n, &id, &replayed, &e)) == 0 &&
			(rc = claims_take(db, *host, 60000, NULL, &w, &e)) == 1)
			rc = i == 3 ? claims_fail(db, &w.claim, &final, &e) < 0
				: jobs_cancel(db, w.claim.job, &was, &e);
		claims_work_free(&w);
		found += wrong;
		if (rc < 0) fprintf(stderr, "%s\n", e.text);
		if (rc) return -1;
	}
	return found;
}

static void
an_audit_in_full_traffic_finds_nothing_wrong(void **state)
{
	for (int round = 0; round < 20; round++) {
		struct uuid host;

		harness_no_rows(state);
		host = harness_host(*state);
		assert_int_equal(harness_together(4, audit_or_work, &host), 0);
		assert_int_equal(audit(*state, false), 0);
	}
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counters_follow_every_change_of_a_job),
		TEST(jobs_are_tallied_by_what_they_belong_to),
		TEST(what_was_submitted_today_is_counted_anew_each_day),
		TEST(an_audit_mends_tallies_too),
		TEST(what_ever_happened_is_not_lowered_when_jobs_go),
		TEST(an_audit_of_nothing_finds_nothing),
		TEST(an_audit_finds_what_is_wrong_and_leaves_it),
		TEST(an_audit_that_repairs_makes_the_counters_agree),
		TEST(an_audit_in_full_traffic_finds_nothing_wrong),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
