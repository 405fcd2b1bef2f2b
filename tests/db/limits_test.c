/* What limits the claims of some models: how many jobs at once, and whose adapter a server has. */
#include "harness.h"

#include <stdio.h>

#include "records/models.h"

enum { LEASE_MS = 60000 };

static const struct claim_failure crash = { .code = "worker_crashed", .text = "The worker crashed.",
	.max_attempts = 3, .backoff_ms = 60000 };

static const struct model with_gpu[] = {
	{ .id = "band", .description = (char *)(uintptr_t)"{}" },
	{ .id = "gpu", .description = (char *)(uintptr_t)"{}", .position = 1 },
	{ .id = "gpu2", .description = (char *)(uintptr_t)"{}", .position = 2 },
};

static void
hosts_with_gpu(struct db *db, struct uuid *hosts, int n)
{
	struct err e;

	for (int i = 0; i < n; i++) {
		hosts[i] = harness_host(db);
		assert_done(models_publish(db, hosts[i], with_gpu, NELEM(with_gpu), &e), e);
	}
}

/* What a host gets within the limits: its job, or nil. */
static struct claim
take_limited(struct db *db, struct uuid host, const struct claim_limits *limits)
{
	struct claim_work w = {0};
	struct claim got = {0};
	struct err e;
	int rc = claims_take(db, host, LEASE_MS, limits, &w, &e);

	if (rc < 0) fail_msg("%s", e.text);
	if (rc) got = w.claim;
	claims_work_free(&w);
	return got;
}

static void
assert_takes(struct db *db, struct uuid host, const struct claim_limits *limits, struct uuid job)
{
	struct claim got = take_limited(db, host, limits);

	assert_string_equal(UUID_STR(got.job), UUID_STR(job));
}

/* A server elsewhere that bears two jobs at once has two, whichever hosts hand them in, and keeps
 * nobody waiting who wants another model. */
static void
of_a_model_with_a_limit_no_more_jobs_are_claimed_than_that(void **state)
{
	static const struct claim_limit items[] = { { "other", 1, NULL }, { "gpu", 2, NULL } };
	const struct claim_limits limits = { items, NELEM(items) };
	const struct uuid none = {0};
	struct uuid host[2], gpu[4], band;
	struct claim first;
	struct err e;

	hosts_with_gpu(*state, host, 2);
	for (int i = 0; i < 4; i++) gpu[i] = harness_submit_to(*state, "gpu", 0);
	band = harness_submit_to(*state, "band", 9);
	first = take_limited(*state, host[0], &limits);
	assert_true(uuid_eq(first.job, gpu[0]));
	assert_takes(*state, host[1], &limits, gpu[1]);
	assert_takes(*state, host[0], &limits, band);
	assert_takes(*state, host[1], &limits, none);
	/* One that is through makes room for the next. */
	assert_int_equal(claims_release(*state, &first, &e), 1);
	assert_takes(*state, host[1], &limits, gpu[0]);
	assert_takes(*state, host[0], &limits, none);
	assert_takes(*state, host[0], NULL, gpu[2]);
}

enum { CROWD = 8, ROUNDS = 40 };

struct crowd {
	struct uuid hosts[CROWD];
	int most[CROWD];		/* that each of them has seen in work */
};

/* Claims and gives back, and looks how many there are meanwhile. */
static int
crowd_in(struct db *db, int i, void *ctx)
{
	static const struct claim_limit item = { "gpu", 3, NULL };
	const struct claim_limits limits = { &item, 1 };
	const char *in_work = "SELECT COUNT(*) FROM jobs WHERE status='processing'";
	struct crowd *crowd = ctx;
	int64_t n = 0;
	int got = 0;

	for (int round = 0; round < ROUNDS; round++) {
		struct claim_work w = {0};
		struct err e;
		int rc = claims_take(db, crowd->hosts[i], LEASE_MS, &limits, &w, &e);

		if (rc == 1) rc = db_one_int(db, in_work, NULL, 0, 0, &n, &e);
		else if (rc == 0) continue;
		if (rc || claims_release(db, &w.claim, &e) != 1) {
			fprintf(stderr, "%s\n", e.text);
			return -1;
		}
		if (n > crowd->most[i]) crowd->most[i] = (int)n;
		claims_work_free(&w);
		got++;
	}
	return got;
}

static void
not_even_eight_that_claim_in_the_same_moment_go_beyond_a_limit(void **state)
{
	struct crowd *crowd = harness_shared(sizeof *crowd);

	hosts_with_gpu(*state, crowd->hosts, CROWD);
	for (int i = 0; i < 30; i++) harness_submit_to(*state, "gpu", 0);
	assert_true(harness_together(CROWD, crowd_in, crowd) > ROUNDS);
	for (int i = 0; i < CROWD; i++) assert_in_range(crowd->most[i], 1, 3);
	harness_check_counters(*state);
}

static struct uuid
submit_with(struct db *db, const char *model, const char *adapter)
{
	struct uuid id = harness_submit_to(db, model, 0);
	struct db_arg a[] = { DB_TEXT_OR_NULL(adapter), DB_UUID(id) };
	struct err e;

	assert_int_equal(db_exec(db, "UPDATE jobs SET adapter=? WHERE id=?", a, NELEM(a), &e), 1);
	return id;
}

/* A server with one adapter for all its jobs: who needs another waits until those in work are
 * through, and nobody overtakes him. What it makes without an adapter, all hosts may hand in; with
 * one, the host that has it loaded. */
static void
of_models_with_one_turn_jobs_with_other_adapters_wait_for_it(void **state)
{
	static const struct claim_limit items[] = { { "gpu", 4, "server" }, { "gpu2", 4, "server" },
		{ "other", 4, "" } };
	const struct claim_limits limits = { items, NELEM(items) };
	const struct uuid none = {0};
	struct uuid host[2], job[7];
	struct claim c[6];
	struct err e;

	hosts_with_gpu(*state, host, 2);
	job[0] = submit_with(*state, "gpu", NULL);
	job[1] = submit_with(*state, "gpu2", NULL);
	job[2] = submit_with(*state, "gpu", "jazz");
	job[3] = submit_with(*state, "gpu2", "jazz");
	job[4] = submit_with(*state, "gpu", NULL);
	job[5] = submit_with(*state, "gpu", "dub");
	for (int i = 0; i < 2; i++) {
		c[i] = take_limited(*state, host[i], &limits);
		assert_true(uuid_eq(c[i].job, job[i]));
	}
	/* job[4] would fit, but job[2] is before it. */
	assert_takes(*state, host[0], &limits, none);
	job[6] = harness_submit_to(*state, "band", 9);
	assert_takes(*state, host[1], &limits, job[6]);
	assert_int_equal(claims_fail(*state, &c[0], &crash, &e), 1);
	assert_takes(*state, host[0], &limits, none);
	assert_int_equal(claims_fail(*state, &c[1], &crash, &e), 1);
	c[2] = take_limited(*state, host[0], &limits);
	assert_true(uuid_eq(c[2].job, job[2]));
	assert_takes(*state, host[1], &limits, none);	/* the other host has it */
	c[3] = take_limited(*state, host[0], &limits);
	assert_true(uuid_eq(c[3].job, job[3]));
	for (int i = 0; i < 2; i++) assert_takes(*state, host[i], &limits, none);
	assert_int_equal(claims_release(*state, &c[3], &e), 1);
	assert_takes(*state, host[1], &limits, none);
	assert_int_equal(claims_release(*state, &c[2], &e), 1);
	assert_takes(*state, host[1], &limits, job[2]);	/* back in its place, and now this host's */
	harness_check_counters(*state);
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_a_model_with_a_limit_no_more_jobs_are_claimed_than_that),
		TEST(not_even_eight_that_claim_in_the_same_moment_go_beyond_a_limit),
		TEST(of_models_with_one_turn_jobs_with_other_adapters_wait_for_it),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
