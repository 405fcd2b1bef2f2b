/* Claims: each job to one host at a time, in order, and to nobody who has lost it. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "records/models.h"

enum { LEASE_MS = 60000 };

static const struct claim_failure crash = { .code = "worker_crashed", .text = "The worker crashed.",
	.max_attempts = 3, .backoff_ms = 60000 };

static int
take(struct db *db, struct uuid host, struct claim *c)
{
	struct claim_work w = {0};
	struct err e;
	int rc = claims_take(db, host, LEASE_MS, NULL, &w, &e);

	if (rc < 0) fail_msg("%s", e.text);
	*c = w.claim;
	claims_work_free(&w);
	return rc;
}

/* Everything that a claim allows, once. How many of them said that they did it. */
static int
use(struct db *db, const struct claim *c)
{
	struct claim_failure final = crash;
	struct err e;
	int done;

	final.final = true;
	done = claims_renew(db, c, LEASE_MS, &e) + claims_still_ours(db, c, &e);
	done += claims_progress(db, c, 0.5, "x", &e) + claims_completed(db, c, &e);
	return done + claims_fail(db, c, &final, &e) + claims_release(db, c, &e);
}

/* Counts the jobs that this process gets. */
static int
take_all(struct db *db, int i, void *ctx)
{
	struct claim_work w = {0};
	int n = 0, rc, empty = 0;
	struct err e;

	/* Nothing there may also mean that all that we saw went to others. */
	while (empty < 3) {
		if ((rc = claims_take(db, ((struct uuid *)ctx)[i], LEASE_MS, NULL, &w, &e)) <
			0) {
			fprintf(stderr, "%s\n", e.text);
			return -1;
		}
		n += rc;
		empty = rc ? 0 : empty + 1;
		claims_work_free(&w);
	}
	return n;
}

static void
of_400_jobs_eight_processes_claim_each_exactly_once(void **state)
{
	struct uuid hosts[8];

	for (int i = 0; i < 8; i++) hosts[i] = harness_host(*state);
	for (int i = 0; i < 400; i++) harness_submit_to(*state, "band", i % 10);
	assert_int_equal(harness_together(8, take_all, hosts), 400);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM jobs WHERE "
		"status='processing' AND attempt=1 AND lease_until > UTC_TIMESTAMP(6)"), 400);
	assert_true(harness_number(*state, "SELECT COUNT(DISTINCT owner) FROM jobs") > 1);
	harness_check_counters(*state);
}

static void
a_claim_tells_all_that_a_worker_needs(void **state)
{
	struct uuid host = harness_host(*state), id = harness_submit(*state);
	struct claim_work w = {0};
	struct job j;
	struct err e;

	assert_int_equal(claims_take(*state, host, LEASE_MS, NULL, &w, &e), 1);
	j = harness_job_of(*state, id);
	assert_int_equal(j.status, JOB_PROCESSING);
	assert_true(uuid_eq(w.claim.job, id));
	assert_true(uuid_eq(w.claim.owner, host));
	assert_int_equal(w.claim.attempt, 1);
	assert_true(uuid_eq(w.prompt_id, j.prompt_id));
	assert_string_equal(w.prompt_text, "a slow waltz");
	assert_null(w.attributes);
	assert_string_equal(w.model, "band");
	assert_string_equal(w.format, "flac");
	assert_string_equal(w.params, "{\"duration\":10}");
	assert_int_equal(w.num_samples, 1);
	assert_int_equal(w.failures, 0);
	jobs_free(&j);
	claims_work_free(&w);
	assert_int_equal(claims_take(*state, host, LEASE_MS, NULL, &w, &e), 0);
}

static void
the_lowest_priority_number_comes_first_then_the_longest_wait(void **state)
{
	struct uuid host = harness_host(*state), expected[5];
	struct claim c;

	expected[3] = harness_submit_to(*state, "band", 9);
	expected[1] = harness_submit_to(*state, "band", 5);
	expected[2] = harness_submit_to(*state, "band", 5);
	expected[0] = harness_submit_to(*state, "band", 0);
	expected[4] = harness_submit_to(*state, "band", 9);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(take(*state, host, &c), 1);
		assert_true(uuid_eq(c.job, expected[i]));
	}
}

static void
a_job_that_is_due_later_waits(void **state)
{
	struct uuid host = harness_host(*state), later = harness_submit_to(*state, "band", 0), now;
	struct claim c;

	harness_do(*state, "UPDATE jobs SET run_after=UTC_TIMESTAMP(6) + INTERVAL 1 HOUR");
	now = harness_submit_to(*state, "band", 9);
	assert_int_equal(take(*state, host, &c), 1);
	assert_true(uuid_eq(c.job, now));
	assert_int_equal(take(*state, host, &c), 0);
	harness_do(*state, "UPDATE jobs SET run_after=UTC_TIMESTAMP(6) WHERE status='queued'");
	assert_int_equal(take(*state, host, &c), 1);
	assert_true(uuid_eq(c.job, later));
}

static void
a_model_that_this_host_cannot_run_is_left_for_another(void **state)
{
	char description[] = "{}";
	struct model some[] = { { .id = "band", .description = description, .available = true },
		{ .id = "large", .position = 1, .description = description,
			.reason = "There is no GPU." } };
	struct uuid small = uuid_new(), big = uuid_new(), job;
	struct claim c;
	struct err e;

	assert_done(models_publish(*state, small, some, 2, &e), e);
	some[1].reason[0] = '\0';
	assert_done(models_publish(*state, big, some, 2, &e), e);
	job = harness_submit_to(*state, "large", 0);
	assert_int_equal(take(*state, small, &c), 0);
	assert_int_equal(take(*state, uuid_new(), &c), 0);
	assert_int_equal(take(*state, big, &c), 1);
	assert_true(uuid_eq(c.job, job));
}

static void
a_claim_is_fenced_by_job_attempt_owner_and_status(void **state)
{
	struct uuid host = harness_host(*state), id = harness_submit(*state);
	struct claim c = harness_take(*state, host), other;
	enum job_status was;
	struct err e;

	other = c, other.attempt++;
	assert_int_equal(use(*state, &other), 0);
	other = c, other.attempt--;
	assert_int_equal(use(*state, &other), 0);
	other = c, other.owner = uuid_new();
	assert_int_equal(use(*state, &other), 0);
	other = c, other.job = uuid_new();
	assert_int_equal(use(*state, &other), 0);
	assert_int_equal(harness_status(*state, id), JOB_PROCESSING);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM progress"), 0);
	assert_done(jobs_cancel(*state, id, &was, &e), e);
	assert_int_equal(use(*state, &c), 0);
	assert_int_equal(harness_status(*state, id), JOB_CANCELLED);
	harness_check_counters(*state);
}

static void
a_renewed_lease_is_counted_from_now(void **state)
{
	struct claim c;
	struct err e;

	harness_submit(*state);
	c = harness_take(*state, harness_host(*state));
	harness_do(*state, "UPDATE jobs SET lease_until=UTC_TIMESTAMP(6) - INTERVAL 1 SECOND");
	assert_int_equal(claims_renew(*state, &c, 20000, &e), 1);
	assert_in_range(harness_number(*state, "SELECT TIMESTAMPDIFF(MICROSECOND, "
		"UTC_TIMESTAMP(6), lease_until) DIV 1000 FROM jobs"), 15000, 20000);
	assert_int_equal(claims_still_ours(*state, &c, &e), 1);
}

/* Milliseconds until the only job may run again. */
static int64_t
wait_ms(struct db *db)
{
	return harness_number(db, "SELECT TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), run_after) "
		"DIV 1000 FROM jobs");
}

static void
a_failed_attempt_is_queued_again_after_a_wait_that_doubles(void **state)
{
	struct uuid host = harness_host(*state), id = harness_submit(*state);
	struct claim_failure f = crash;
	struct job j;
	struct err e;

	f.max_attempts = 20;
	for (int64_t i = 0, full = 60000; i < 8; i++, full *= 2) {
		struct claim c = harness_take(*state, host);

		assert_int_equal(c.attempt, i + 1);
		assert_int_equal(claims_progress(*state, &c, 0.5, "x", &e), 1);
		assert_int_equal(claims_fail(*state, &c, &f, &e), 1);
		/* Less what has passed since. */
		assert_in_range(wait_ms(*state), full / 2 - 10000, full);
		j = harness_job_of(*state, id);
		assert_int_equal(j.status, JOB_QUEUED);
		assert_int_equal(j.failures, i + 1);
		assert_null(j.error);
		jobs_free(&j);
		assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM progress"), 0);
		assert_int_equal(take(*state, host, &c), 0);
		harness_do(*state, "UPDATE jobs SET run_after=UTC_TIMESTAMP(6)");
	}
	harness_check_counters(*state);
}

static void
what_failed_together_does_not_come_back_together(void **state)
{
	struct uuid host = harness_host(*state);
	struct err e;

	for (int i = 0; i < 16; i++) {
		struct claim c;

		harness_submit(*state);
		c = harness_take(*state, host);
		assert_int_equal(claims_fail(*state, &c, &crash, &e), 1);
	}
	/* Evenly between half and all of the wait; all within a quarter of that would be odd. */
	assert_true(harness_number(*state, "SELECT TIMESTAMPDIFF(MICROSECOND, MIN(run_after), "
		"MAX(run_after)) FROM jobs") > 7500000);
}

static void
even_the_longest_wait_is_a_sane_one(void **state)
{
	struct claim_failure f = crash;
	struct claim c;
	struct err e;

	f.backoff_ms = 3600000;
	f.max_attempts = 100;
	harness_submit(*state);
	c = harness_take(*state, harness_host(*state));
	harness_do(*state, "UPDATE jobs SET failures=80");
	assert_int_equal(claims_fail(*state, &c, &f, &e), 1);
	assert_in_range(wait_ms(*state), (3600000LL << 14) - 10000, 3600000LL << 15);
}

static void
the_last_attempt_that_fails_fails_the_job(void **state)
{
	struct uuid host = harness_host(*state), id = harness_submit(*state);
	struct job j;
	struct err e;

	for (int i = 0; i < 3; i++) {
		struct claim c = harness_take(*state, host);

		assert_int_equal(claims_fail(*state, &c, &crash, &e), 1);
		harness_do(*state, "UPDATE jobs SET run_after=UTC_TIMESTAMP(6)");
	}
	j = harness_job_of(*state, id);
	assert_int_equal(j.status, JOB_FAILED);
	assert_int_equal(j.failures, 3);
	assert_string_equal(j.error, "The worker crashed. It was tried 3 times.");
	assert_string_equal(j.error_code, "worker_crashed");
	assert_true(j.completed_at > 0);
	jobs_free(&j);
	harness_check_counters(*state);
}

static void
an_error_that_will_not_go_away_fails_the_job_at_once(void **state)
{
	struct uuid id = harness_submit(*state);
	struct claim c = harness_take(*state, harness_host(*state));
	struct claim_failure f = crash;
	struct job j;
	struct err e;

	f.final = true;
	f.text = "Das Modell spielt keine \xc2\xbbOboe\xc2\xab.";
	assert_int_equal(claims_fail(*state, &c, &f, &e), 1);
	j = harness_job_of(*state, id);
	assert_int_equal(j.status, JOB_FAILED);
	assert_string_equal(j.error, f.text);
	jobs_free(&j);
	assert_int_equal(claims_fail(*state, &c, &f, &e), 0);
	harness_check_counters(*state);
}

static void
a_released_job_keeps_its_place_and_its_attempts(void **state)
{
	struct uuid host = harness_host(*state), first = harness_submit(*state);
	struct claim c = harness_take(*state, host), again;
	struct job j;
	struct err e;

	harness_submit(*state);
	assert_int_equal(claims_release(*state, &c, &e), 1);
	j = harness_job_of(*state, first);
	assert_int_equal(j.status, JOB_QUEUED);
	assert_int_equal(j.failures, 0);
	assert_int_equal(j.queue_position, 1);
	jobs_free(&j);
	again = harness_take(*state, host);
	assert_true(uuid_eq(again.job, first));
	assert_int_equal(again.attempt, 2);
	assert_int_equal(use(*state, &c), 0);
	harness_check_counters(*state);
}

static void
a_lost_host_keeps_its_job_until_lease_and_grace_have_run_out(void **state)
{
	struct uuid lost = harness_host(*state), id = harness_submit(*state);
	struct claim c = harness_take(*state, lost);
	struct err e;

	assert_int_equal(claims_expire(*state, 5000, &crash, &e), 0);
	harness_do(*state, "UPDATE jobs SET lease_until=UTC_TIMESTAMP(6) - INTERVAL 4 SECOND");
	assert_int_equal(claims_expire(*state, 5000, &crash, &e), 0);
	assert_int_equal(claims_still_ours(*state, &c, &e), 1);
	harness_do(*state, "UPDATE jobs SET lease_until=UTC_TIMESTAMP(6) - INTERVAL 6 SECOND");
	assert_int_equal(claims_expire(*state, 5000, &crash, &e), 1);
	assert_int_equal(harness_status(*state, id), JOB_QUEUED);
	assert_int_equal(use(*state, &c), 0);
	assert_int_equal(claims_expire(*state, 5000, &crash, &e), 0);
	harness_check_counters(*state);
}

static int
expire_all(struct db *db, int i, void *ctx)
{
	struct err e;

	(void)i;
	(void)ctx;
	return claims_expire(db, 0, &crash, &e);
}

static void
of_several_hosts_one_takes_back_an_expired_job(void **state)
{
	struct uuid host = harness_host(*state);

	for (int i = 0; i < 20; i++) harness_submit(*state);
	for (int i = 0; i < 20; i++) harness_take(*state, host);
	harness_do(*state, "UPDATE jobs SET lease_until=UTC_TIMESTAMP(6) - INTERVAL 1 SECOND");
	assert_int_equal(harness_together(4, expire_all, NULL), 20);
	assert_int_equal(harness_number(*state, "SELECT MAX(failures) FROM jobs"), 1);
	harness_check_counters(*state);
}

static void
what_a_host_has_in_work_can_be_asked_for(void **state)
{
	struct uuid one = harness_host(*state), two = harness_host(*state);
	struct claim found[8], c;
	struct err e;

	for (int i = 0; i < 3; i++) harness_submit(*state);
	c = harness_take(*state, one);
	harness_take(*state, two);
	assert_int_equal(claims_of(*state, one, found, 8, &e), 1);
	assert_true(uuid_eq(found[0].job, c.job));
	assert_true(uuid_eq(found[0].owner, one));
	assert_int_equal(found[0].attempt, 1);
	harness_take(*state, one);
	assert_int_equal(claims_of(*state, one, found, 8, &e), 2);
	assert_int_equal(claims_of(*state, one, found, 1, &e), 1);
	assert_int_equal(claims_of(*state, uuid_new(), found, 8, &e), 0);
}

/* One host after the other, all on one job: every round one attempt. */
static int
take_and_release(struct db *db, int i, void *ctx)
{
	struct claim_work w = {0};
	struct err e;
	int n = 0;

	for (int round = 0; round < 50; round++) {
		int rc = claims_take(db, ((struct uuid *)ctx)[i], LEASE_MS, NULL, &w, &e);

		if (rc < 0 || (rc == 1 && claims_release(db, &w.claim, &e) != 1)) {
			fprintf(stderr, "%s\n", e.text);
			return -1;
		}
		n += rc;
		claims_work_free(&w);
	}
	return n;
}

static void
every_claim_of_a_contended_job_has_an_attempt_number_of_its_own(void **state)
{
	struct uuid hosts[4];
	int taken;

	for (int i = 0; i < 4; i++) hosts[i] = harness_host(*state);
	harness_submit(*state);
	taken = harness_together(4, take_and_release, hosts);
	assert_true(taken > 0);
	assert_int_equal(harness_number(*state, "SELECT attempt FROM jobs"), taken);
	assert_int_equal(harness_number(*state, "SELECT failures FROM jobs"), 0);
	harness_check_counters(*state);
}

static void
progress_of_what_is_in_work_no_more_is_removed_once_it_is_old(void **state)
{
	struct uuid host = harness_host(*state);
	struct claim running, cancelled, again;
	struct err e;

	for (int i = 0; i < 3; i++) harness_submit(*state);
	running = harness_take(*state, host);
	cancelled = harness_take(*state, host);
	again = harness_take(*state, host);
	assert_int_equal(claims_progress(*state, &running, 0.5, "x", &e), 1);
	assert_int_equal(claims_progress(*state, &cancelled, 0.5, "x", &e), 1);
	assert_int_equal(claims_progress(*state, &again, 0.5, "x", &e), 1);
	/* As if another node had done it meanwhile. */
	harness_do(*state, "UPDATE jobs SET status='cancelled' LIMIT 1");
	assert_int_equal(claims_sweep_progress(*state, &e), 0);
	harness_do(*state, "UPDATE progress SET updated_at=updated_at - INTERVAL 6 SECOND");
	assert_int_equal(claims_sweep_progress(*state, &e), 1);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM progress"), 2);
	harness_do(*state, "UPDATE progress SET attempt=0 ORDER BY job_id LIMIT 1");
	assert_int_equal(claims_sweep_progress(*state, &e), 1);
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_400_jobs_eight_processes_claim_each_exactly_once),
		TEST(a_claim_tells_all_that_a_worker_needs),
		TEST(the_lowest_priority_number_comes_first_then_the_longest_wait),
		TEST(a_job_that_is_due_later_waits),
		TEST(a_model_that_this_host_cannot_run_is_left_for_another),
		TEST(a_claim_is_fenced_by_job_attempt_owner_and_status),
		TEST(a_renewed_lease_is_counted_from_now),
		TEST(a_failed_attempt_is_queued_again_after_a_wait_that_doubles),
		TEST(what_failed_together_does_not_come_back_together),
		TEST(even_the_longest_wait_is_a_sane_one),
		TEST(the_last_attempt_that_fails_fails_the_job),
		TEST(an_error_that_will_not_go_away_fails_the_job_at_once),
		TEST(a_released_job_keeps_its_place_and_its_attempts),
		TEST(a_lost_host_keeps_its_job_until_lease_and_grace_have_run_out),
		TEST(of_several_hosts_one_takes_back_an_expired_job),
		TEST(what_a_host_has_in_work_can_be_asked_for),
		TEST(every_claim_of_a_contended_job_has_an_attempt_number_of_its_own),
		TEST(progress_of_what_is_in_work_no_more_is_removed_once_it_is_old),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
