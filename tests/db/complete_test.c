/* Completion: the result of a job appears once and as a whole, whoever else wants the job and
 * whatever breaks. */
#include "harness.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cutter.h"
#include "records/counters.h"
#include "records/intents.h"
#include "records/prompts.h"

static int
complete(struct db *db, const struct claim *c, struct err *e)
{
	struct sample s[2] = { harness_made(c, 0), harness_made(c, 1) };

	return claims_complete(db, c, s, 2, "{\"key\":\"A minor\"}", e);
}

static struct claim
begin(struct db *db, struct uuid host)
{
	char keys[2][SAMPLE_KEY];
	struct uuid id = harness_submit(db);
	struct claim c = harness_take(db, host);
	struct err e;

	assert_true(uuid_eq(c.job, id));
	for (int i = 0; i < 2; i++) strcpy(keys[i], harness_made(&c, i).storage_key);
	assert_int_equal(intents_add(db, &c, (const char(*)[SAMPLE_KEY])keys, 2, &e), 1);
	assert_int_equal(claims_progress(db, &c, 0.9, "storing", &e), 1);
	return c;
}

/* The job has both of its samples and nothing else is left of it. */
static void
check_completed(struct db *db, struct uuid id)
{
	struct job j = {0};
	struct err e;

	assert_done(jobs_get(db, id, &j, &e), e);
	assert_int_equal(j.status, JOB_COMPLETED);
	assert_int_equal(j.n_sample_ids, 2);
	assert_string_equal(j.understood, "{\"key\":\"A minor\"}");
	assert_int_equal(j.audio_ms, 20000);
	assert_true(j.completed_at >= j.started_at);
	for (int i = 0; i < 2; i++) {
		struct sample s = {0};

		assert_done(samples_get(db, j.sample_ids[i], &s, &e), e);
		assert_int_equal(s.index, i);
		assert_true(uuid_eq(s.job_id, id));
		samples_free(&s);
	}
	jobs_free(&j);
	assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM samples"), 2);
	assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM intents"), 0);
	assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM progress"), 0);
	assert_int_equal(harness_number(db, "SELECT SUM(done) FROM job_periods"), 1);
	assert_int_equal(harness_number(db, "SELECT SUM(audio_ms) FROM job_periods"), 20000);
	assert_int_equal(harness_number(db, "SELECT SUM(samples) FROM job_counts"), 2);
	harness_check_counters(db);
}

static void
a_completed_job_has_its_samples_and_leaves_nothing_else(void **state)
{
	struct claim c = begin(*state, harness_host(*state));
	struct err e;

	assert_int_equal(claims_completed(*state, &c, &e), 0);
	assert_int_equal(complete(*state, &c, &e), 1);
	check_completed(*state, c.job);
	assert_int_equal(claims_completed(*state, &c, &e), 1);
}

static void
a_sample_is_read_back_as_it_was_made(void **state)
{
	struct claim c = begin(*state, harness_host(*state));
	struct sample in = harness_made(&c, 0), out = {0};
	struct prompt p;
	struct job j = {0};
	struct err e;

	assert_done(jobs_get(*state, c.job, &j, &e), e);
	in.prompt_id = j.prompt_id;
	in.seed = UINT32_MAX;
	strcpy(in.midi_key, "audio/ab/x.mid");
	assert_int_equal(claims_complete(*state, &c, &in, 1, NULL, &e), 1);
	assert_done(samples_get(*state, in.id, &out, &e), e);
	assert_true(uuid_eq(out.id, in.id));
	assert_string_equal(out.model, "band");
	assert_null(out.adapter);
	assert_true(out.seed == UINT32_MAX);
	assert_string_equal(out.title, "A slow waltz");
	assert_int_equal(out.sample_rate, 48000);
	assert_int_equal(out.channels, 2);
	assert_int_equal(out.frames, 480000);
	assert_int_equal(out.size_bytes, 1000);
	assert_memory_equal(out.sha256, in.sha256, sizeof in.sha256);
	assert_false(out.silent);
	assert_true(out.loudness_lufs == -14 && out.true_peak_dbtp == -1.5);
	assert_string_equal(out.params, "{\"seed\":7}");
	assert_string_equal(out.storage_key, in.storage_key);
	assert_string_equal(out.midi_key, "audio/ab/x.mid");
	assert_true(out.created_at > 0);
	samples_free(&out);
	assert_done(prompts_get(*state, j.prompt_id, &p, &e), e);
	assert_int_equal(p.n_samples, 1);
	assert_true(uuid_eq(p.sample_ids[0], in.id));
	prompts_free(&p);
	jobs_free(&j);
	assert_refused(samples_get(*state, uuid_new(), &out, &e), e, ERR_NOT_FOUND);
}

static void
silence_has_no_loudness(void **state)
{
	struct claim c = begin(*state, harness_host(*state));
	struct sample in = harness_made(&c, 0), out = {0};
	struct err e;

	in.silent = true;
	assert_int_equal(claims_complete(*state, &c, &in, 1, NULL, &e), 1);
	assert_done(samples_get(*state, in.id, &out, &e), e);
	assert_true(out.silent);
	samples_free(&out);
}

static void
a_job_is_completed_only_once(void **state)
{
	struct claim c = begin(*state, harness_host(*state));
	struct err e;

	assert_int_equal(complete(*state, &c, &e), 1);
	assert_int_equal(complete(*state, &c, &e), 0);
	check_completed(*state, c.job);
}

static void
who_has_lost_a_job_cannot_complete_it(void **state)
{
	struct uuid host = harness_host(*state);
	struct claim c = begin(*state, host), now;
	struct err e;

	assert_int_equal(claims_release(*state, &c, &e), 1);
	assert_int_equal(complete(*state, &c, &e), 0);
	now = harness_take(*state, host);
	assert_int_equal(complete(*state, &c, &e), 0);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM samples"), 0);
	assert_int_equal(complete(*state, &now, &e), 1);
	assert_int_equal(claims_completed(*state, &c, &e), 0);
	assert_int_equal(claims_completed(*state, &now, &e), 1);
	/* What the lost attempt may have written is still to be collected. */
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM intents WHERE attempt=1"), 2);
	harness_check_counters(*state);
}

static void
a_result_that_cannot_be_recorded_whole_is_not_recorded_at_all(void **state)
{
	struct claim c = begin(*state, harness_host(*state));
	struct sample s[2] = { harness_made(&c, 0), harness_made(&c, 0) };
	struct err e;

	assert_refused(claims_complete(*state, &c, s, 2, NULL, &e), e, ERR_CONFLICT);
	assert_int_equal(harness_status(*state, c.job), JOB_PROCESSING);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM samples"), 0);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM intents"), 2);
	assert_refused(claims_complete(*state, &c, s, 0, NULL, &e), e, ERR_INTERNAL);
	assert_refused(claims_complete(*state, &c, s, JOB_MAX_SAMPLES + 1, NULL, &e), e,
		ERR_INTERNAL);
	harness_check_counters(*state);
}

/* Process 0 completes, process 1 cancels. 1 for each that did. */
static int
complete_or_cancel(struct db *db, int i, void *ctx)
{
	const struct claim *c = ctx;
	enum job_status was;
	struct err e;
	int rc;

	/* Now the one begins a little later, now the other. */
	if (c->job.b[15] % 2 == i) usleep(c->job.b[14] * 8u);
	if (i == 0) rc = complete(db, c, &e);
	else rc = jobs_cancel(db, c->job, &was, &e) == 0 ? 1 : e.kind == ERR_CONFLICT ? 0 : -1;
	if (rc < 0) fprintf(stderr, "%s\n", e.text);
	return rc;
}

static void
of_completion_and_cancel_at_once_exactly_one_wins_a_hundred_times(void **state)
{
	struct uuid host = harness_host(*state);
	int completed = 0;

	for (int round = 0; round < 100; round++) {
		struct claim c = begin(*state, host);

		assert_int_equal(harness_together(2, complete_or_cancel, &c), 1);
		completed += harness_status(*state, c.job) == JOB_COMPLETED;
	}
	/* Else there was no race. */
	assert_in_range(completed, 1, 99);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM samples"), 2 * completed);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM jobs j JOIN samples s ON "
		"s.job_id=j.id WHERE j.status<>'completed'"), 0);
	assert_int_equal(harness_number(*state, "SELECT SUM(done) FROM job_periods"), completed);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM jobs WHERE "
		"status='cancelled'"), 100 - completed);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM progress"), 0);
	harness_check_counters(*state);
}

/* Process 0 completes, 1 takes back what has expired, 2 reports progress; 1 for each of the first
 * two that did. */
static int
complete_or_expire(struct db *db, int i, void *ctx)
{
	static const struct claim_failure lost = { .code = "lease_lost", .text = "Lost.",
		.max_attempts = 3, .backoff_ms = 60000 };
	const struct claim *c = ctx;
	struct err e;
	int rc;

	if (i == 0) rc = complete(db, c, &e);
	else if (i == 1) rc = claims_expire(db, 0, &lost, &e);
	else rc = claims_progress(db, c, 1, "storing", &e) < 0 ? -1 : 0;
	if (rc < 0) fprintf(stderr, "%s\n", e.text);
	return rc;
}

static void
of_completion_and_a_lost_lease_exactly_one_wins(void **state)
{
	struct uuid host = harness_host(*state);

	for (int round = 0; round < 30; round++) {
		struct claim c = begin(*state, host);

		harness_do(*state, "UPDATE jobs SET lease_until=UTC_TIMESTAMP(6) - INTERVAL 1 "
			"SECOND WHERE status='processing'");
		assert_int_equal(harness_together(3, complete_or_expire, &c), 1);
		assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM progress"), 0);
	}
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM jobs j JOIN samples s ON "
		"s.job_id=j.id WHERE j.status<>'completed'"), 0);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM jobs WHERE "
		"status='completed'") * 2, harness_number(*state, "SELECT COUNT(*) FROM samples"));
	harness_check_counters(*state);
}

/* Complete over a line that breaks at COMMIT; claims_completed()'s answer afterwards. */
static int
complete_over_a_broken_line(struct db *db, const struct claim *c, enum cut when)
{
	struct cutter cutter;
	struct db *broken;
	struct err e;

	cutter_start(&cutter, when);
	if (!(broken = db_open(&cutter.conf, &e))) fail_msg("%s", e.text);
	assert_refused(complete(broken, c, &e), e, ERR_AWAY);
	assert_true(db_lost(broken));
	db_close(broken);
	cutter_stop(&cutter);
	/* The server needs a moment to see that its client is gone; until then it holds locks. */
	usleep(100000);
	return claims_completed(db, c, &e);
}

static void
a_commit_that_never_arrived_is_done_again(void **state)
{
	struct claim c = begin(*state, harness_host(*state));
	struct err e;

	assert_int_equal(complete_over_a_broken_line(*state, &c, CUT_BEFORE_COMMIT), 0);
	assert_int_equal(harness_status(*state, c.job), JOB_PROCESSING);
	assert_int_equal(complete(*state, &c, &e), 1);
	check_completed(*state, c.job);
}

static void
a_commit_whose_answer_was_lost_is_known_to_be_done(void **state)
{
	struct claim c = begin(*state, harness_host(*state));
	struct err e;

	assert_int_equal(complete_over_a_broken_line(*state, &c, CUT_AFTER_COMMIT), 1);
	check_completed(*state, c.job);
	assert_int_equal(complete(*state, &c, &e), 0);
	check_completed(*state, c.job);
}

/* Process i completes the i-th of the claims. */
static int
complete_one(struct db *db, int i, void *ctx)
{
	struct err e;
	int rc = complete(db, (struct claim *)ctx + i, &e);

	if (rc < 0) fprintf(stderr, "%s\n", e.text);
	return rc;
}

static void
many_completions_at_once_are_all_counted(void **state)
{
	struct uuid host = harness_host(*state);
	struct claim c[16];
	struct tally all;
	struct err e;

	for (int i = 0; i < 16; i++) c[i] = begin(*state, host);
	assert_int_equal(harness_together(16, complete_one, c), 16);
	assert_done(counters_read(*state, &all, &e), e);
	assert_int_equal(all.n[JOB_COMPLETED], 16);
	assert_int_equal(all.n[JOB_PROCESSING], 0);
	assert_int_equal(harness_number(*state, "SELECT SUM(done) FROM job_periods"), 16);
	harness_check_counters(*state);
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_completed_job_has_its_samples_and_leaves_nothing_else),
		TEST(a_sample_is_read_back_as_it_was_made),
		TEST(silence_has_no_loudness),
		TEST(a_job_is_completed_only_once),
		TEST(who_has_lost_a_job_cannot_complete_it),
		TEST(a_result_that_cannot_be_recorded_whole_is_not_recorded_at_all),
		TEST(of_completion_and_cancel_at_once_exactly_one_wins_a_hundred_times),
		TEST(of_completion_and_a_lost_lease_exactly_one_wins),
		TEST(a_commit_that_never_arrived_is_done_again),
		TEST(a_commit_whose_answer_was_lost_is_known_to_be_done),
		TEST(many_completions_at_once_are_all_counted),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
