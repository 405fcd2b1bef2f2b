/* Intents: no object can be forgotten, and none is collected that somebody may still write. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "records/intents.h"

enum { HOUR_MS = 3600000 };

static void
key_of(const struct claim *c, int index, char key[SAMPLE_KEY])
{
	snprintf(key, SAMPLE_KEY, "audio/ab/%s-%u-%d.flac", UUID_STR(c->job), c->attempt, index);
}

/* 1: recorded, 0: the claim is not held. */
static int
intend(struct db *db, const struct claim *c, int n)
{
	char keys[8][SAMPLE_KEY];
	struct err e;
	int rc;

	for (int i = 0; i < n; i++) key_of(c, i, keys[i]);
	if ((rc = intents_add(db, c, (const char(*)[SAMPLE_KEY])keys, (size_t)n, &e)) < 0)
		fail_msg("%s", e.text);
	return rc;
}

static struct claim
begin(struct db *db, struct uuid host, int n_keys)
{
	struct claim c;

	harness_submit(db);
	c = harness_take(db, host);
	assert_int_equal(intend(db, &c, n_keys), 1);
	return c;
}

static int
dead(struct db *db, struct uuid host)
{
	struct intent found[64];
	struct err e;
	int n = intents_dead(db, host, HOUR_MS, found, 64, &e);

	if (n < 0) fail_msg("%s", e.text);
	return n;
}

static void
what_is_in_work_is_not_dead_however_old(void **state)
{
	struct uuid host = harness_host(*state);

	begin(*state, host, 2);
	harness_do(*state, "UPDATE intents SET created_at=created_at - INTERVAL 1 DAY");
	assert_int_equal(dead(*state, host), 0);
	assert_int_equal(dead(*state, uuid_new()), 0);
}

static void
what_an_ended_attempt_may_have_left_is_dead_for_its_host_at_once(void **state)
{
	static const struct claim_failure crash = { .code = "x", .text = "X.", .max_attempts = 3,
		.backoff_ms = 60000 };
	struct uuid host = harness_host(*state);
	struct claim cancelled = begin(*state, host, 2), failed = begin(*state, host, 1),
		released = begin(*state, host, 1);
	enum job_status was;
	struct err e;

	assert_done(jobs_cancel(*state, cancelled.job, &was, &e), e);
	assert_int_equal(dead(*state, host), 2);
	assert_int_equal(claims_fail(*state, &failed, &crash, &e), 1);
	assert_int_equal(dead(*state, host), 3);
	assert_int_equal(claims_release(*state, &released, &e), 1);
	assert_int_equal(dead(*state, host), 4);
	/* Another attempt at the same job does not bring the old one's objects back to life. */
	harness_take(*state, host);
	assert_int_equal(dead(*state, host), 4);
}

static void
what_another_host_may_have_left_is_dead_only_when_it_is_old(void **state)
{
	struct uuid host = harness_host(*state), other = harness_host(*state);
	struct claim c = begin(*state, other, 1);
	enum job_status was;
	struct err e;

	assert_done(jobs_cancel(*state, c.job, &was, &e), e);
	assert_int_equal(dead(*state, host), 0);
	assert_int_equal(dead(*state, other), 1);
	harness_do(*state, "UPDATE intents SET created_at=created_at - INTERVAL 61 MINUTE");
	assert_int_equal(dead(*state, host), 1);
}

static void
intents_are_recorded_only_for_who_holds_the_claim_and_all_or_none(void **state)
{
	struct uuid host = harness_host(*state);
	struct claim c, other;
	enum job_status was;
	struct err e;

	harness_submit(*state);
	c = harness_take(*state, host);
	other = c, other.attempt++;
	assert_int_equal(intend(*state, &other, 2), 0);
	other = c, other.owner = uuid_new();
	assert_int_equal(intend(*state, &other, 2), 0);
	assert_done(jobs_cancel(*state, c.job, &was, &e), e);
	assert_int_equal(intend(*state, &c, 2), 0);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM intents"), 0);
}

static void
a_forgotten_intent_is_gone_and_may_be_forgotten_again(void **state)
{
	struct uuid host = harness_host(*state);
	struct claim c = begin(*state, host, 3);
	char key[SAMPLE_KEY];
	struct err e;

	assert_int_equal(claims_release(*state, &c, &e), 1);
	key_of(&c, 1, key);
	assert_done(intents_forget(*state, key, &e), e);
	assert_done(intents_forget(*state, key, &e), e);
	assert_int_equal(dead(*state, host), 2);
}

static void
no_more_are_told_than_were_asked_for(void **state)
{
	struct uuid host = harness_host(*state);
	struct claim c = begin(*state, host, 5);
	struct intent found[3];
	struct err e;

	assert_int_equal(claims_release(*state, &c, &e), 1);
	assert_int_equal(intents_dead(*state, host, HOUR_MS, found, 3, &e), 3);
	for (int i = 0; i < 3; i++) assert_memory_equal(found[i].key, "audio/ab/", 9);
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_in_work_is_not_dead_however_old),
		TEST(what_an_ended_attempt_may_have_left_is_dead_for_its_host_at_once),
		TEST(what_another_host_may_have_left_is_dead_only_when_it_is_old),
		TEST(intents_are_recorded_only_for_who_holds_the_claim_and_all_or_none),
		TEST(a_forgotten_intent_is_gone_and_may_be_forgotten_again),
		TEST(no_more_are_told_than_were_asked_for),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
