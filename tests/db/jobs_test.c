/* Jobs as their users see them: submitted once, in a queue, cancelled, listed. */
#include "harness.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "records/joblist.h"
#include "records/prompts.h"
#include "records/users.h"

/* A part of the list of all jobs. */
static struct job_list
list(struct db *db, uint32_t limit, uint32_t offset)
{
	struct job_filter all = {0};
	struct job_page page = { .limit = limit, .offset = offset };
	struct job_list l;
	struct err e;

	assert_done(jobs_list(db, &all, &page, &l, &e), e);
	return l;
}

static uint64_t
total(struct db *db)
{
	struct job_list l = list(db, 1, 0);
	uint64_t n;

	n = l.total;
	jobs_list_free(&l);
	return n;
}

static uint32_t
position(struct db *db, struct uuid id)
{
	struct job j = harness_job_of(db, id);
	uint32_t n = j.queue_position;

	jobs_free(&j);
	return n;
}

static struct uuid
submit_with(struct db *db, int priority)
{
	struct job_new n = harness_job();
	struct uuid id;
	bool replayed;
	struct err e;

	n.priority = priority;
	assert_done(jobs_submit(db, &n, &id, &replayed, &e), e);
	return id;
}

static void
a_submitted_job_can_be_read_back(void **state)
{
	struct job_new n = harness_job();
	struct prompt p;
	struct uuid id;
	struct job j;
	bool replayed;
	struct err e;

	n.prompt_text = "d\xc3\xa9j\xc3\xa0 vu \xf0\x9f\x8e\xb5";
	n.prompt_attributes = "{\"mood\":\"calm\"}";
	n.num_samples = 3;
	n.priority = 7;
	n.retry_of = uuid_new();
	assert_done(jobs_submit(*state, &n, &id, &replayed, &e), e);
	assert_false(replayed);
	j = harness_job_of(*state, id);
	assert_true(uuid_eq(j.id, id));
	assert_int_equal(j.status, JOB_QUEUED);
	assert_int_equal(j.priority, 7);
	assert_int_equal(j.attempt, 0);
	assert_int_equal(j.failures, 0);
	assert_string_equal(j.prompt_preview, n.prompt_text);
	assert_string_equal(j.model, "band");
	assert_string_equal(j.format, "flac");
	assert_string_equal(j.params, "{\"duration\":10}");
	assert_int_equal(j.num_samples, 3);
	assert_true(uuid_eq(j.retry_of, n.retry_of));
	assert_int_equal(j.n_sample_ids, 0);
	assert_null(j.error);
	assert_null(j.understood);
	assert_int_equal(j.queue_position, 1);
	assert_int_equal(j.created_at, j.run_after);
	assert_true(j.now >= j.created_at);
	assert_int_equal(j.started_at, 0);
	assert_int_equal(j.completed_at, 0);
	assert_done(prompts_get(*state, j.prompt_id, &p, &e), e);
	assert_string_equal(p.text, n.prompt_text);
	assert_string_equal(p.attributes, n.prompt_attributes);
	prompts_free(&p);
	jobs_free(&j);
}

static void
a_long_prompt_is_kept_whole_and_previewed_short(void **state)
{
	char text[4 * PROMPT_CHARS + 1] = "";
	struct job_new n = harness_job();
	struct prompt p;
	struct uuid id;
	struct job j;
	bool replayed;
	struct err e;

	for (int i = 0; i < PROMPT_CHARS; i++) memcpy(text + 4 * i, "\xf0\x9f\x8e\xb5", 5);
	n.prompt_text = text;
	assert_done(jobs_submit(*state, &n, &id, &replayed, &e), e);
	j = harness_job_of(*state, id);
	assert_done(prompts_get(*state, j.prompt_id, &p, &e), e);
	assert_string_equal(p.text, text);
	assert_true(strlen(j.prompt_preview) < 600);
	assert_memory_equal(j.prompt_preview, text, 400);
	prompts_free(&p);
	jobs_free(&j);
}

static void
a_job_of_a_known_prompt_makes_no_new_prompt(void **state)
{
	struct job_new n = harness_job();
	struct uuid id;
	struct job j;
	bool replayed;
	struct err e;

	assert_done(prompts_create(*state, "as before", NULL, &n.prompt_id, &e), e);
	n.prompt_text = NULL;
	assert_done(jobs_submit(*state, &n, &id, &replayed, &e), e);
	j = harness_job_of(*state, id);
	assert_true(uuid_eq(j.prompt_id, n.prompt_id));
	assert_string_equal(j.prompt_preview, "as before");
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM prompts"), 1);
	jobs_free(&j);
}

static void
an_unknown_prompt_is_not_found_and_nothing_is_left(void **state)
{
	struct job_new n = harness_job();
	struct uuid id;
	bool replayed;
	struct err e;

	n.prompt_id = uuid_new();
	n.idempotency_key = "key";
	assert_refused(jobs_submit(*state, &n, &id, &replayed, &e), e, ERR_NOT_FOUND);
	assert_int_equal(total(*state), 0);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM jobs"), 0);
	/* The key was for a request that did not work: it is free again. */
	assert_done(prompts_create(*state, "now there", NULL, &n.prompt_id, &e), e);
	assert_done(jobs_submit(*state, &n, &id, &replayed, &e), e);
	assert_false(replayed);
	harness_check_counters(*state);
}

static void
the_same_key_and_body_answer_the_same_job(void **state)
{
	struct job_new n = harness_job();
	struct uuid first, again;
	bool replayed;
	struct err e;

	n.idempotency_key = "a key";
	memset(n.body_sha256, 7, sizeof n.body_sha256);
	assert_done(jobs_submit(*state, &n, &first, &replayed, &e), e);
	assert_false(replayed);
	assert_done(jobs_submit(*state, &n, &again, &replayed, &e), e);
	assert_true(replayed);
	assert_true(uuid_eq(first, again));
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM jobs"), 1);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM prompts"), 1);
}

static void
the_same_key_for_another_body_is_refused_and_named(void **state)
{
	struct job_new n = harness_job();
	struct uuid id;
	bool replayed;
	struct err e;

	n.idempotency_key = "a key";
	assert_done(jobs_submit(*state, &n, &id, &replayed, &e), e);
	n.body_sha256[31] ^= 1;
	assert_refused(jobs_submit(*state, &n, &id, &replayed, &e), e, ERR_INVALID);
	assert_int_equal(e.n_fields, 1);
	assert_string_equal(e.fields[0].field, "Idempotency-Key");
	assert_int_equal(total(*state), 1);
}

static void
keys_are_told_apart_by_letter_and_by_user(void **state)
{
	struct job_new n = harness_job();
	struct uuid id;
	bool replayed;
	struct err e;

	n.idempotency_key = "key";
	assert_done(jobs_submit(*state, &n, &id, &replayed, &e), e);
	n.idempotency_key = "KEY";
	assert_done(jobs_submit(*state, &n, &id, &replayed, &e), e);
	assert_false(replayed);
	n.idempotency_key = "k\xc3\xa9y";
	assert_done(jobs_submit(*state, &n, &id, &replayed, &e), e);
	assert_false(replayed);
	assert_done(users_create(*state, "ada", "$hash", ROLE_CREATOR, &n.user_id, &e), e);
	assert_done(jobs_submit(*state, &n, &id, &replayed, &e), e);
	assert_false(replayed);
	n.idempotency_key = NULL;
	assert_done(jobs_submit(*state, &n, &id, &replayed, &e), e);
	assert_done(jobs_submit(*state, &n, &id, &replayed, &e), e);
	assert_int_equal(total(*state), 6);
}

/* All with the same key; the answers are compared afterwards. Returns 1 for a new job. */
static int
submit_with_key(struct db *db, int i, void *ctx)
{
	struct uuid *answers = ctx;
	struct job_new n = harness_job();
	bool replayed;
	struct err e;

	n.idempotency_key = "one";
	if (jobs_submit(db, &n, &answers[i], &replayed, &e)) {
		fprintf(stderr, "%s\n", e.text);
		return -1;
	}
	return !replayed;
}

static void
eight_processes_with_one_key_make_one_job(void **state)
{
	struct uuid *answers = harness_shared(8 * sizeof *answers);

	for (int round = 0; round < 10; round++) {
		harness_no_rows(state);
		assert_int_equal(harness_together(8, submit_with_key, answers), 1);
		for (int i = 1; i < 8; i++) assert_true(uuid_eq(answers[i], answers[0]));
		assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM jobs"), 1);
		assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM prompts"), 1);
	}
	harness_check_counters(*state);
}

static void
a_key_whose_first_request_is_not_answered_yet_is_a_conflict(void **state)
{
	struct db *other = harness_open();
	struct job_new n = harness_job();
	struct uuid id;
	bool replayed;
	struct err e;

	harness_do(other, "START TRANSACTION");
	harness_do(other, "INSERT INTO submissions (user_id, idem_key, body_sha256, job_id, "
		"created_at) VALUES (REPEAT('\\0', 16), 'slow', REPEAT('\\0', 32), REPEAT('j', "
		"16), UTC_TIMESTAMP(6))");
	n.idempotency_key = "slow";
	assert_refused(jobs_submit(*state, &n, &id, &replayed, &e), e, ERR_CONFLICT);
	assert_non_null(strstr(e.text, "still being answered"));
	harness_do(other, "ROLLBACK");
	db_close(other);
	assert_done(jobs_submit(*state, &n, &id, &replayed, &e), e);
	assert_false(replayed);
}

static void
the_queue_is_by_priority_and_then_by_age(void **state)
{
	struct uuid fourth = submit_with(*state, 9), second = submit_with(*state, 5),
		third = submit_with(*state, 5);
	struct uuid first = submit_with(*state, 0);

	assert_int_equal(position(*state, first), 1);
	assert_int_equal(position(*state, second), 2);
	assert_int_equal(position(*state, third), 3);
	assert_int_equal(position(*state, fourth), 4);
}

static void
a_list_tells_the_same_positions_as_each_job(void **state)
{
	struct uuid host = harness_host(*state);
	struct job_list l;

	for (int i = 0; i < 12; i++) submit_with(*state, i * 7 % 10);
	harness_take(*state, host);
	harness_take(*state, host);
	l = list(*state, 20, 0);
	assert_int_equal(l.n, 12);
	for (size_t i = 0; i < l.n; i++) {
		assert_int_equal(l.items[i].queue_position, position(*state, l.items[i].id));
		assert_int_equal(l.items[i].queue_position == 0, l.items[i].status != JOB_QUEUED);
	}
	jobs_list_free(&l);
}

static void
a_list_has_the_newest_first_and_the_total(void **state)
{
	struct uuid ids[5];
	struct job_list l;

	for (int i = 0; i < 5; i++) ids[i] = harness_submit(*state);
	l = list(*state, 2, 1);
	assert_int_equal(l.total, 5);
	assert_int_equal(l.n, 2);
	assert_true(uuid_eq(l.items[0].id, ids[3]));
	assert_true(uuid_eq(l.items[1].id, ids[2]));
	jobs_list_free(&l);
	l = list(*state, 10, 5);
	assert_int_equal(l.n, 0);
	assert_int_equal(l.total, 5);
	jobs_list_free(&l);
	l = list(*state, 0, 0);
	assert_int_equal(l.n, 0);
	jobs_list_free(&l);
}

static void
a_queued_job_is_cancelled_at_once(void **state)
{
	struct uuid id = harness_submit(*state);
	enum job_status was;
	struct job j;
	struct err e;

	assert_done(jobs_cancel(*state, id, &was, &e), e);
	assert_int_equal(was, JOB_QUEUED);
	j = harness_job_of(*state, id);
	assert_int_equal(j.status, JOB_CANCELLED);
	assert_true(j.completed_at > 0);
	assert_int_equal(j.queue_position, 0);
	jobs_free(&j);
	harness_check_counters(*state);
}

static void
a_job_in_work_is_cancelled_too_and_its_progress_forgotten(void **state)
{
	struct uuid id = harness_submit(*state);
	struct claim c = harness_take(*state, harness_host(*state));
	enum job_status was;
	struct err e;

	assert_int_equal(claims_progress(*state, &c, 0.5, "mastering", &e), 1);
	assert_done(jobs_cancel(*state, id, &was, &e), e);
	assert_int_equal(was, JOB_PROCESSING);
	assert_int_equal(harness_status(*state, id), JOB_CANCELLED);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM progress"), 0);
	harness_check_counters(*state);
}

static void
what_has_ended_cannot_be_cancelled(void **state)
{
	struct uuid id = harness_submit(*state);
	enum job_status was;
	struct err e;

	assert_done(jobs_cancel(*state, id, &was, &e), e);
	assert_refused(jobs_cancel(*state, id, &was, &e), e, ERR_CONFLICT);
	assert_non_null(strstr(e.text, "cancelled already"));
	assert_refused(jobs_cancel(*state, uuid_new(), &was, &e), e, ERR_NOT_FOUND);
	harness_check_counters(*state);
}

static int
cancel_it(struct db *db, int i, void *ctx)
{
	enum job_status was;
	struct err e;

	(void)i;
	if (jobs_cancel(db, *(struct uuid *)ctx, &was, &e) == 0) return 1;
	return e.kind == ERR_CONFLICT ? 0 : -1;
}

static void
of_eight_who_cancel_a_job_at_once_one_does(void **state)
{
	for (int round = 0; round < 10; round++) {
		struct uuid id = harness_submit(*state);

		assert_int_equal(harness_together(8, cancel_it, &id), 1);
	}
	harness_check_counters(*state);
}

static void
progress_is_that_of_the_attempt_in_work(void **state)
{
	struct uuid host = harness_host(*state), id = harness_submit(*state);
	struct claim c = harness_take(*state, host);
	struct job j;
	struct err e;

	assert_int_equal(claims_progress(*state, &c, 0.25, "composing", &e), 1);
	assert_int_equal(claims_progress(*state, &c, 0.75, "rendering", &e), 1);
	j = harness_job_of(*state, id);
	assert_true(j.progress == 0.75);
	assert_string_equal(j.stage, "rendering");
	assert_true(j.started_at >= j.created_at);
	jobs_free(&j);
	harness_do(*state, "UPDATE progress SET attempt=attempt-1");
	j = harness_job_of(*state, id);
	assert_true(j.progress == 0);
	assert_string_equal(j.stage, "");
	jobs_free(&j);
}

static void
a_job_that_is_not_there_is_not_found(void **state)
{
	struct job j = {0};
	struct err e;

	assert_refused(jobs_get(*state, uuid_new(), &j, &e), e, ERR_NOT_FOUND);
	jobs_free(&j);
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_submitted_job_can_be_read_back),
		TEST(a_long_prompt_is_kept_whole_and_previewed_short),
		TEST(a_job_of_a_known_prompt_makes_no_new_prompt),
		TEST(an_unknown_prompt_is_not_found_and_nothing_is_left),
		TEST(the_same_key_and_body_answer_the_same_job),
		TEST(the_same_key_for_another_body_is_refused_and_named),
		TEST(keys_are_told_apart_by_letter_and_by_user),
		TEST(eight_processes_with_one_key_make_one_job),
		TEST(a_key_whose_first_request_is_not_answered_yet_is_a_conflict),
		TEST(the_queue_is_by_priority_and_then_by_age),
		TEST(a_list_tells_the_same_positions_as_each_job),
		TEST(a_list_has_the_newest_first_and_the_total),
		TEST(a_queued_job_is_cancelled_at_once),
		TEST(a_job_in_work_is_cancelled_too_and_its_progress_forgotten),
		TEST(what_has_ended_cannot_be_cancelled),
		TEST(of_eight_who_cancel_a_job_at_once_one_does),
		TEST(progress_is_that_of_the_attempt_in_work),
		TEST(a_job_that_is_not_there_is_not_found),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
