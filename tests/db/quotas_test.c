/* What a user may ask for, and whose things are. */
#include "harness.h"

#include "records/experiments.h"
#include "records/owners.h"
#include "records/quotas.h"
#include "records/users.h"

static const struct quota no_limit;

static int
change(struct db *db, struct uuid user, struct user_change to, struct err *e)
{
	return users_change(db, user, &to, e);
}

/* A submission of this user, of 10 seconds as harness_job() has it. */
static int
submit(struct db *db, struct uuid user, struct quota quota, int samples, struct uuid *id,
	struct err *e)
{
	struct job_new n = harness_job();
	bool replayed;

	n.user_id = user;
	n.quota = quota;
	n.num_samples = samples;
	n.params = "{\"seed\":1,\"duration\":10}";
	return jobs_submit(db, &n, id, &replayed, e);
}

static struct quota_use
use_of(struct db *db, struct uuid user)
{
	struct quota_use u;
	struct err e;

	assert_done(quotas_read(db, user, &no_limit, &u, &e), e);
	return u;
}

static void
so_many_jobs_may_wait_or_run(void **state)
{
	struct db *db = *state;
	struct uuid ada = harness_creator(db, "ada"), bob = harness_creator(db, "bob");
	struct uuid id, last;
	const struct quota two = { 2, 0 };
	enum job_status was;
	struct err e;

	assert_done(submit(db, ada, two, 1, &id, &e), e);
	assert_done(submit(db, ada, two, 1, &last, &e), e);
	assert_refused(submit(db, ada, two, 1, &id, &e), e, ERR_BUSY);
	assert_true(e.retry_after_s > 0);
	assert_string_equal(e.text, "2 of your jobs wait or run, and that is the limit; try again "
		"when one has ended.");
	assert_done(submit(db, bob, two, 1, &id, &e), e);
	harness_take(db, harness_host(db));
	assert_refused(submit(db, ada, two, 1, &id, &e), e, ERR_BUSY);
	assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM jobs"), 3);
	assert_int_equal(use_of(db, ada).queued_jobs, 2);
	/* The older one is with the worker. */
	assert_done(jobs_cancel(db, last, &was, &e), e);
	assert_done(submit(db, ada, two, 1, &id, &e), e);
	harness_check_counters(db);
}

static void
so_much_music_may_be_asked_for_on_a_day(void **state)
{
	struct db *db = *state;
	struct uuid ada = harness_creator(db, "ada"), id;
	const struct quota minute = { 0, 60 };
	struct err e;

	assert_done(submit(db, ada, minute, 4, &id, &e), e);
	assert_refused(submit(db, ada, minute, 3, &id, &e), e, ERR_BUSY);
	assert_string_equal(e.text, "You can ask for 60 seconds of music a day; 20 are left until "
		"midnight (UTC), and this takes 30.");
	assert_in_range(e.retry_after_s, 1, 86400);
	assert_done(submit(db, ada, minute, 2, &id, &e), e);
	assert_refused(submit(db, ada, minute, 1, &id, &e), e, ERR_BUSY);
	assert_int_equal(use_of(db, ada).audio_ms, 60000);
	harness_do(db, "UPDATE user_days SET day=day - INTERVAL 1 DAY");
	assert_done(submit(db, ada, minute, 1, &id, &e), e);
}

/* As an A/B test does, which begins with what there is room for. */
static int
charge_and_go_on(struct db *db, void *ctx, struct err *e)
{
	const struct quota minute = { 0, 60 };
	const struct uuid *ada = ctx;
	struct err why;

	assert_done(quotas_charge(db, *ada, &minute, 50000, e), *e);
	assert_refused(quotas_charge(db, *ada, &minute, 10001, &why), why, ERR_BUSY);
	return quotas_charge(db, *ada, &minute, 10000, e);
}

static void
what_is_refused_is_not_counted_though_the_rest_of_the_transaction_is(void **state)
{
	struct db *db = *state;
	struct uuid ada = harness_creator(db, "ada");
	struct err e;

	assert_int_equal(db_transaction(db, charge_and_go_on, &ada, &e), DB_TX_DONE);
	assert_int_equal(use_of(db, ada).audio_ms, 60000);
}

static void
what_a_user_is_allowed_goes_before_the_settings_and_0_is_no_limit(void **state)
{
	struct db *db = *state;
	struct uuid ada = harness_creator(db, "ada"), id;
	const struct quota one = { 1, 10 };
	struct err e;

	assert_done(change(db, ada, (struct user_change){ .has_queued = true,
		.max_queued_jobs = 3, .has_audio = true, .max_audio_seconds_per_day = 0 }, &e), e);
	for (int i = 0; i < 3; i++) assert_done(submit(db, ada, one, 4, &id, &e), e);
	assert_refused(submit(db, ada, one, 1, &id, &e), e, ERR_BUSY);
	assert_done(change(db, ada, (struct user_change){ .has_queued = true,
		.max_queued_jobs = -1 }, &e), e);
	assert_refused(submit(db, ada, one, 1, &id, &e), e, ERR_BUSY);
	assert_int_equal(use_of(db, ada).limit.queued_jobs, 0);
}

static void
what_never_began_or_failed_is_given_back_and_what_was_begun_is_not(void **state)
{
	struct db *db = *state;
	struct uuid ada = harness_creator(db, "ada"), id;
	enum job_status was;
	struct claim c;
	struct err e;

	assert_done(submit(db, ada, no_limit, 2, &id, &e), e);
	assert_done(jobs_cancel(db, id, &was, &e), e);
	assert_int_equal(use_of(db, ada).audio_ms, 0);
	assert_done(submit(db, ada, no_limit, 2, &id, &e), e);
	c = harness_take(db, harness_host(db));
	assert_done(jobs_cancel(db, c.job, &was, &e), e);
	assert_int_equal(was, JOB_PROCESSING);
	assert_int_equal(use_of(db, ada).audio_ms, 20000);
	assert_done(submit(db, ada, no_limit, 3, &id, &e), e);
	c = harness_take(db, harness_host(db));
	assert_int_equal(use_of(db, ada).audio_ms, 50000);
	assert_int_equal(claims_fail(db, &c, &(struct claim_failure){ .text = "no.", .code = "x",
		.final = true }, &e), 1);
	assert_int_equal(use_of(db, ada).audio_ms, 20000);
	assert_int_equal(use_of(db, ada).queued_jobs, 0);
}

struct submitter {
	struct uuid user;
	struct quota quota;
};

static int
submit_many(struct db *db, int i, void *ctx)
{
	const struct submitter *s = ctx;
	int accepted = 0;
	struct uuid id;
	struct err e;

	(void)i;
	for (int k = 0; k < 5; k++) accepted += submit(db, s->user, s->quota, 1, &id, &e) == 0;
	return accepted;
}

static void
submissions_at_one_moment_do_not_pass_the_limits_together(void **state)
{
	static const struct { const char *login; struct quota quota; } users[] = {
		{ "ada", { 7, 0 } }, { "bob", { 0, 70 } }, { "eve", { 7, 70 } },
	};
	struct submitter *s = harness_shared(sizeof *s);
	struct db *db = *state;

	for (size_t i = 0; i < NELEM(users); i++) {
		*s = (struct submitter){ harness_creator(db, users[i].login), users[i].quota };
		assert_int_equal(harness_together(6, submit_many, s), 7);
		assert_int_equal(use_of(db, s->user).audio_ms, 70000);
		assert_int_equal(use_of(db, s->user).queued_jobs, 7);
	}
	harness_check_counters(db);
}

static void
a_thing_is_its_owners_and_of_nobody_else(void **state)
{
	struct db *db = *state;
	struct uuid ada = harness_creator(db, "ada"), bob = harness_creator(db, "bob");
	struct uuid job, x, free_job;
	struct err e;

	assert_done(submit(db, ada, no_limit, 1, &job, &e), e);
	assert_done(owners_check(db, OWNED_JOB, job, ada, &e), e);
	assert_refused(owners_check(db, OWNED_JOB, job, bob, &e), e, ERR_FORBIDDEN);
	assert_done(experiments_create(db, ada, &(struct experiment_change){ .name = "x" }, &x,
		&e), e);
	assert_refused(owners_check(db, OWNED_EXPERIMENT, x, bob, &e), e, ERR_FORBIDDEN);
	assert_done(owners_check(db, OWNED_EXPERIMENT, x, ada, &e), e);
	assert_done(owners_check(db, OWNED_JOB, x, bob, &e), e);
	free_job = harness_submit(db);
	assert_refused(owners_check(db, OWNED_JOB, free_job, ada, &e), e, ERR_FORBIDDEN);
	for (enum owned k = OWNED_JOB; k < OWNED_KINDS; k++)
		assert_done(owners_check(db, k, bob, ada, &e), e);
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(so_many_jobs_may_wait_or_run),
		TEST(so_much_music_may_be_asked_for_on_a_day),
		TEST(what_is_refused_is_not_counted_though_the_rest_of_the_transaction_is),
		TEST(what_a_user_is_allowed_goes_before_the_settings_and_0_is_no_limit),
		TEST(what_never_began_or_failed_is_given_back_and_what_was_begun_is_not),
		TEST(submissions_at_one_moment_do_not_pass_the_limits_together),
		TEST(a_thing_is_its_owners_and_of_nobody_else),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
