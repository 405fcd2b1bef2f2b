/* Deletion: all that hangs on a job or a sample goes with it, whoever else wants the job, and its
 * objects go when nobody can be using them any more. */
#include "harness.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "records/counters.h"
#include "records/intents.h"
#include "records/ratings.h"
#include "records/removal.h"

static const struct object_form forms[] = { { "derived", ".mp3", false },
	{ "derived", ".ogg", false }, { "stems", "-bass.wav", true }, { NULL, NULL, false } };
static const struct uuid adapter = {{ 1 }};

/* The samples have no scores. */
enum { SAMPLES = 2, OBJECTS = 2 + NELEM(forms) - 2 };

static struct claim
begin(struct db *db, struct uuid host)
{
	struct job_new n = harness_job();
	char keys[SAMPLES][SAMPLE_KEY];
	struct claim c;
	struct uuid id;
	bool replayed;
	struct err e;

	n.adapter_id = adapter;
	n.adapter_name = "Waltzes";
	n.num_samples = SAMPLES;
	assert_done(jobs_submit(db, &n, &id, &replayed, &e), e);
	c = harness_take(db, host);
	for (int i = 0; i < SAMPLES; i++) strcpy(keys[i], harness_made(&c, i).storage_key);
	assert_int_equal(intents_add(db, &c, (const char(*)[SAMPLE_KEY])keys, SAMPLES, &e), 1);
	assert_int_equal(claims_progress(db, &c, 0.9, "storing", &e), 1);
	return c;
}

/* 1, 0, -1 as claims_complete(); ids, if wanted, are those of the samples. */
static int
complete(struct db *db, const struct claim *c, struct uuid *ids)
{
	struct sample s[SAMPLES] = { harness_made(c, 0), harness_made(c, 1) };
	struct err e;
	int rc = claims_complete(db, c, s, SAMPLES, NULL, &e);

	if (rc < 0) fprintf(stderr, "%s\n", e.text);
	for (int i = 0; ids && i < SAMPLES; i++) ids[i] = s[i].id;
	return rc;
}

static void
rate(struct db *db, struct uuid audio)
{
	struct rating r = { .audio_id = audio, .rating = 4 };
	struct uuid id;
	struct err e;

	assert_done(ratings_give(db, &r, &id, NULL, &e), e);
}

static int
dead(struct db *db, struct uuid host)
{
	struct intent found[64];
	struct err e;
	int n = intents_dead(db, host, 3600000, found, 64, &e);

	if (n < 0) fail_msg("%s", e.text);
	return n;
}

static void
check_nothing_is_left(struct db *db)
{
	static const char *const tables[] = { "jobs", "samples", "progress", "ratings",
		"audio_feedback" };
	struct tally t;
	struct err e;

	for (size_t i = 0; i < NELEM(tables); i++) {
		char sql[64];

		snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM %s", tables[i]);
		if (harness_number(db, sql)) fail_msg("%s has rows", tables[i]);
	}
	assert_done(counters_read(db, &t, &e), e);
	assert_int_equal(tally_total(&t), 0);
	assert_int_equal(t.samples, 0);
	assert_done(tallies_read(db, &adapter, 1, &t, &e), e);
	assert_int_equal(tally_total(&t), 0);
	assert_int_equal(t.samples, 0);
	harness_check_counters(db);
}

static void
a_job_goes_with_all_that_hangs_on_it(void **state)
{
	struct claim c = begin(*state, harness_host(*state));
	struct uuid ids[SAMPLES];
	enum job_status was;
	struct job j = {0};
	struct err e;

	assert_int_equal(complete(*state, &c, ids), 1);
	rate(*state, ids[1]);
	assert_done(removal_job(*state, c.job, forms, &was, &e), e);
	assert_int_equal(was, JOB_COMPLETED);
	check_nothing_is_left(*state);
	assert_refused(jobs_get(*state, c.job, &j, &e), e, ERR_NOT_FOUND);
	assert_refused(removal_job(*state, c.job, forms, &was, &e), e, ERR_NOT_FOUND);
	/* What was done stays done. */
	assert_int_equal(harness_number(*state, "SELECT SUM(done) FROM job_periods"), 1);
}

static void
a_job_goes_in_whatever_status_it_is(void **state)
{
	struct claim_failure final = { .final = true, .code = "x", .text = "X." };
	struct uuid host = harness_host(*state), id;
	enum job_status was;
	struct claim c;
	struct err e;

	c = begin(*state, host);
	assert_done(removal_job(*state, c.job, forms, &was, &e), e);
	assert_int_equal(was, JOB_PROCESSING);
	check_nothing_is_left(*state);
	c = begin(*state, host);
	assert_int_equal(claims_fail(*state, &c, &final, &e), 1);
	assert_done(removal_job(*state, c.job, forms, &was, &e), e);
	assert_int_equal(was, JOB_FAILED);
	id = harness_submit(*state);
	assert_done(removal_job(*state, id, forms, &was, &e), e);
	assert_int_equal(was, JOB_QUEUED);
	id = harness_submit(*state);
	assert_done(jobs_cancel(*state, id, &was, &e), e);
	assert_done(removal_job(*state, id, forms, &was, &e), e);
	assert_int_equal(was, JOB_CANCELLED);
	check_nothing_is_left(*state);
}

static void
who_processes_a_deleted_job_finds_it_lost_and_collects_what_it_wrote(void **state)
{
	struct uuid host = harness_host(*state), other = uuid_new();
	struct claim c = begin(*state, host);
	enum job_status was;
	struct err e;

	assert_done(removal_job(*state, c.job, forms, &was, &e), e);
	assert_int_equal(claims_renew(*state, &c, 60000, &e), 0);
	assert_int_equal(claims_still_ours(*state, &c, &e), 0);
	assert_int_equal(claims_progress(*state, &c, 1, "storing", &e), 0);
	assert_int_equal(complete(*state, &c, NULL), 0);
	assert_int_equal(claims_release(*state, &c, &e), 0);
	check_nothing_is_left(*state);
	/* Only that host knows when its worker is gone. */
	assert_int_equal(dead(*state, other), 0);
	assert_int_equal(dead(*state, host), SAMPLES);
}

static void
objects_are_dead_for_every_host_but_not_at_once(void **state)
{
	struct claim c = begin(*state, harness_host(*state));
	struct uuid anyone = uuid_new();
	enum job_status was;
	struct err e;

	assert_int_equal(complete(*state, &c, NULL), 1);
	assert_done(removal_job(*state, c.job, forms, &was, &e), e);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM intents"), SAMPLES * OBJECTS);
	assert_int_equal(dead(*state, anyone), 0);
	assert_int_equal(dead(*state, c.owner), 0);
	harness_do(*state, "UPDATE intents SET collect_after=collect_after - INTERVAL 6 SECOND");
	assert_int_equal(dead(*state, anyone), SAMPLES * 2);
	/* What someone may be deriving just now takes longer. */
	harness_do(*state, "UPDATE intents SET collect_after=collect_after - INTERVAL 300 SECOND");
	assert_int_equal(dead(*state, anyone), SAMPLES * OBJECTS);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM intents WHERE storage_key "
		"LIKE 'derived/ab/%-1-_.mp3' OR storage_key LIKE 'derived/ab/%-1-_.ogg'"), 4);
}

static void
a_sample_goes_alone_and_its_job_shows_what_is_left(void **state)
{
	struct claim c = begin(*state, harness_host(*state));
	struct uuid ids[SAMPLES];
	struct sample s = {0};
	struct job j = {0};
	struct tally t;
	struct err e;

	assert_int_equal(complete(*state, &c, ids), 1);
	rate(*state, ids[0]);
	rate(*state, ids[1]);
	assert_done(removal_sample(*state, ids[0], forms, &e), e);
	assert_refused(removal_sample(*state, ids[0], forms, &e), e, ERR_NOT_FOUND);
	assert_refused(samples_get(*state, ids[0], &s, &e), e, ERR_NOT_FOUND);
	assert_done(jobs_get(*state, c.job, &j, &e), e);
	assert_int_equal(j.status, JOB_COMPLETED);
	assert_int_equal(j.n_sample_ids, 1);
	assert_true(uuid_eq(j.sample_ids[0], ids[1]));
	assert_int_equal(j.audio_ms, 10000);
	assert_int_equal(j.feedback_count, 1);
	jobs_free(&j);
	assert_done(tallies_read(*state, &adapter, 1, &t, &e), e);
	assert_int_equal(t.samples, 1);
	assert_int_equal(t.n[JOB_COMPLETED], 1);
	harness_check_counters(*state);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM intents"), OBJECTS);
	assert_done(removal_sample(*state, ids[1], forms, &e), e);
	assert_done(jobs_get(*state, c.job, &j, &e), e);
	assert_int_equal(j.n_sample_ids, 0);
	assert_int_equal(j.audio_ms, 0);
	jobs_free(&j);
	harness_check_counters(*state);
}

struct race {
	struct claim claim;
	struct uuid ids[SAMPLES];
};

/* Process 0 deletes the job, process 1 completes it; 1 for each that did. */
static int
delete_or_complete(struct db *db, int i, void *ctx)
{
	const struct race *r = ctx;
	enum job_status was;
	struct err e;

	if (r->claim.job.b[15] % 2 == i) usleep(r->claim.job.b[14] * 8u);
	if (i == 1) return complete(db, &r->claim, NULL);
	return removal_job(db, r->claim.job, forms, &was, &e) ? -1 : was == JOB_COMPLETED ? 2 : 1;
}

static void
a_completion_and_a_deletion_at_once_leave_nothing_a_hundred_times(void **state)
{
	struct uuid host = harness_host(*state);
	int late = 0;

	for (int round = 0; round < 100; round++) {
		struct race r = { .claim = begin(*state, host) };
		int done = harness_together(2, delete_or_complete, &r);

		/* Deleted in work, and the completion found nothing; or after it. */
		if (done != 1 && done != 3) fail_msg("round %d: %d", round, done);
		late += done == 3;
		check_nothing_is_left(*state);
		assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM intents"),
			done == 3 ? SAMPLES * OBJECTS : SAMPLES);
		harness_do(*state, "DELETE FROM intents");
	}
	assert_in_range(late, 1, 99);
}

/* Two delete the job, one each sample, and one rates; 1 for each who deleted the job. */
static int
delete_something(struct db *db, int i, void *ctx)
{
	const struct race *r = ctx;
	struct rating rating = { .audio_id = r->ids[0], .rating = 4 };
	enum job_status was;
	struct uuid id;
	struct err e;
	int rc;

	if (i < 2) rc = removal_job(db, r->claim.job, forms, &was, &e);
	else if (i < 4) rc = removal_sample(db, r->ids[i - 2], forms, &e);
	else rc = ratings_give(db, &rating, &id, NULL, &e);
	if (rc && e.kind != ERR_NOT_FOUND) fprintf(stderr, "%s\n", e.text);
	return rc ? (e.kind == ERR_NOT_FOUND ? 0 : -1) : i < 2;
}

static void
of_many_who_delete_at_once_one_does_and_the_others_find_nothing(void **state)
{
	struct uuid host = harness_host(*state);

	for (int round = 0; round < 30; round++) {
		struct race r = { .claim = begin(*state, host) };

		assert_int_equal(complete(*state, &r.claim, r.ids), 1);
		rate(*state, r.ids[1]);
		assert_int_equal(harness_together(5, delete_something, &r), 1);
		check_nothing_is_left(*state);
		assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM intents"),
			SAMPLES * OBJECTS);
		harness_do(*state, "DELETE FROM intents");
	}
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_job_goes_with_all_that_hangs_on_it),
		TEST(a_job_goes_in_whatever_status_it_is),
		TEST(who_processes_a_deleted_job_finds_it_lost_and_collects_what_it_wrote),
		TEST(objects_are_dead_for_every_host_but_not_at_once),
		TEST(a_sample_goes_alone_and_its_job_shows_what_is_left),
		TEST(a_completion_and_a_deletion_at_once_leave_nothing_a_hundred_times),
		TEST(of_many_who_delete_at_once_one_does_and_the_others_find_nothing),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
