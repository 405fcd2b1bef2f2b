/* Users, their sessions and tokens, sign-ins, quotas, and whose things are. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "records/experiments.h"
#include "records/owners.h"
#include "records/quotas.h"
#include "records/sessions.h"
#include "records/sign_ins.h"
#include "records/tokens.h"
#include "records/users.h"

static const struct session_limits week = { 3600, 7200 };
static const struct quota no_limit;

static struct uuid
add_user(struct db *db, const char *login, enum role role)
{
	struct uuid id;
	struct err e;

	assert_done(users_create(db, login, "$hash", role, &id, &e), e);
	return id;
}

static void
a_login_is_small_letters_and_of_few_characters(void **state)
{
	static const char *const bad[] = { "", " ada", "ada lovelace", "_ada", "@ada", "äda", "ada\n", "ada/x", "a\"b",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	char login[USER_LOGIN];
	struct err e;

	(void)state;
	assert_done(users_read_login("Ada.Lovelace+1@Example-ORG_x", login, &e), e);
	assert_string_equal(login, "ada.lovelace+1@example-org_x");
	assert_done(users_read_login("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", login, &e), e);
	for (size_t i = 0; i < NELEM(bad); i++)
		assert_refused(users_read_login(bad[i], login, &e), e, ERR_INVALID);
}

static void
a_user_is_found_by_login_and_there_is_one_of_it(void **state)
{
	struct db *db = *state;
	struct uuid id = add_user(db, "ada", ROLE_CREATOR), other;
	char hash[PASSWORD_HASH];
	struct user u;
	struct err e;

	assert_int_equal(users_find(db, "ada", &u, hash, &e), 1);
	assert_true(uuid_eq(u.id, id));
	assert_string_equal(hash, "$hash");
	assert_int_equal(u.role, ROLE_CREATOR);
	assert_int_equal(u.max_queued_jobs, -1);
	assert_int_equal(users_find(db, "bob", &u, hash, &e), 0);
	assert_refused(users_create(db, "ada", "$other", ROLE_ADMIN, &other, &e), e, ERR_CONFLICT);
	assert_string_equal(e.text, "There is a user ada already.");
}

static void
somebody_who_can_manage_users_always_stays(void **state)
{
	struct db *db = *state;
	struct uuid ada = add_user(db, "ada", ROLE_ADMIN), bob = add_user(db, "bob", ROLE_ADMIN);
	const struct user_change down = { .has_role = true, .role = ROLE_LISTENER },
		off = { .has_disabled = true, .disabled = true }, on = { .has_disabled = true };
	struct err e;

	assert_done(users_change(db, bob, &off, &e), e);
	assert_refused(users_change(db, ada, &down, &e), e, ERR_CONFLICT);
	assert_refused(users_change(db, ada, &off, &e), e, ERR_CONFLICT);
	assert_done(users_change(db, bob, &down, &e), e);
	assert_done(users_change(db, bob, &on, &e), e);
	assert_refused(users_change(db, ada, &down, &e), e, ERR_CONFLICT);
	assert_done(users_change(db, bob, &(struct user_change){ .has_role = true, .role = ROLE_ADMIN }, &e), e);
	assert_done(users_change(db, ada, &down, &e), e);
}

static int
step_down(struct db *db, int i, void *ctx)
{
	struct uuid *admins = ctx;
	struct err e;

	return users_change(db, admins[i], &(struct user_change){ .has_role = true, .role = ROLE_LISTENER }, &e) == 0;
}

static void
of_admins_who_all_step_down_at_one_moment_one_stays(void **state)
{
	struct db *db = *state;
	struct uuid *admins = harness_shared(4 * sizeof *admins);

	for (int i = 0; i < 4; i++) admins[i] = add_user(db, (const char *[]){ "a", "b", "c", "d" }[i], ROLE_ADMIN);
	assert_int_equal(harness_together(4, step_down, admins), 3);
	assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM users WHERE role='admin'"), 1);
}

static void
a_session_is_known_by_its_secret_which_is_nowhere_in_the_database(void **state)
{
	struct db *db = *state;
	struct uuid id = add_user(db, "ada", ROLE_LISTENER);
	char secret[SECRET_SESSION], sql[256];
	struct session s, found;
	struct user u;
	struct err e;

	assert_done(sessions_begin(db, id, &week, secret, &s, &e), e);
	assert_int_equal(sessions_find(db, secret, &week, &found, &u, &e), 1);
	assert_true(uuid_eq(u.id, id));
	assert_true(u.last_sign_in_at > 0);
	assert_int_equal(found.expires_at - u.last_sign_in_at <= 3600 * 1000000LL, 1);
	snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM sessions WHERE secret_sha256=UNHEX(SHA2('%s',256))", secret);
	assert_int_equal(harness_number(db, sql), 1);
	secret[5] ^= 1;
	assert_int_equal(sessions_find(db, secret, &week, &found, &u, &e), 0);
}

static void
a_session_ends_by_time_by_its_user_and_with_the_account(void **state)
{
	struct db *db = *state;
	struct uuid id = add_user(db, "ada", ROLE_LISTENER);
	static const char *const ends[] = { "UPDATE sessions SET seen_at=seen_at - INTERVAL 3601 SECOND",
		"UPDATE sessions SET expires_at=UTC_TIMESTAMP(6)", "UPDATE users SET disabled_at=UTC_TIMESTAMP(6)" };
	char secret[SECRET_SESSION];
	struct session s, found;
	struct user u;
	struct err e;

	for (size_t i = 0; i < NELEM(ends); i++) {
		assert_done(sessions_begin(db, id, &week, secret, &s, &e), e);
		assert_int_equal(sessions_find(db, secret, &week, &found, &u, &e), 1);
		harness_do(db, ends[i]);
		assert_int_equal(sessions_find(db, secret, &week, &found, &u, &e), 0);
	}
	harness_do(db, "UPDATE users SET disabled_at=NULL");
	assert_done(sessions_begin(db, id, &week, secret, &s, &e), e);
	assert_done(sessions_end(db, s.sha256, &e), e);
	assert_int_equal(sessions_find(db, secret, &week, &found, &u, &e), 0);
}

static void
a_session_that_is_used_stays_and_what_has_ended_is_cleared_away(void **state)
{
	struct db *db = *state;
	struct uuid id = add_user(db, "ada", ROLE_LISTENER);
	char secret[SECRET_SESSION], other[SECRET_SESSION];
	struct session s, found;
	struct user u;
	struct err e;

	assert_done(sessions_begin(db, id, &week, secret, &s, &e), e);
	harness_do(db, "UPDATE sessions SET seen_at=seen_at - INTERVAL 59 MINUTE");
	assert_int_equal(sessions_find(db, secret, &week, &found, &u, &e), 1);
	assert_int_equal(harness_number(db, "SELECT seen_at > UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE FROM sessions"), 1);
	harness_do(db, "UPDATE sessions SET expires_at=UTC_TIMESTAMP(6)");
	assert_done(sessions_begin(db, id, &week, other, &s, &e), e);
	assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM sessions"), 1);
}

static void
a_new_password_ends_all_sessions_but_the_one_that_it_came_by(void **state)
{
	struct db *db = *state;
	struct uuid id = add_user(db, "ada", ROLE_LISTENER);
	char here[SECRET_SESSION], there[SECRET_SESSION];
	struct session s, t;
	struct user u;
	struct err e;

	assert_done(sessions_begin(db, id, &week, there, &t, &e), e);
	assert_done(sessions_begin(db, id, &week, here, &s, &e), e);
	assert_done(users_change(db, id, &(struct user_change){ .hash = "$new", .keep = s.sha256 }, &e), e);
	assert_int_equal(sessions_find(db, there, &week, &t, &u, &e), 0);
	assert_int_equal(sessions_find(db, here, &week, &t, &u, &e), 1);
	assert_done(users_change(db, id, &(struct user_change){ .hash = "$newer" }, &e), e);
	assert_int_equal(sessions_find(db, here, &week, &t, &u, &e), 0);
}

static void
a_token_is_known_until_it_expires_is_revoked_or_its_user_disabled(void **state)
{
	struct db *db = *state;
	struct uuid ada = add_user(db, "ada", ROLE_CREATOR), bob = add_user(db, "bob", ROLE_ADMIN), id;
	char secret[SECRET_TOKEN];
	struct token t;
	struct user u;
	struct err e;

	assert_done(tokens_create(db, ada, "one", RIGHT_READ | RIGHT_CREATE, 1, secret, &id, &e), e);
	assert_int_equal(tokens_find(db, secret, &t, &u, &e), 1);
	assert_true(uuid_eq(u.id, ada));
	assert_int_equal(t.scopes, RIGHT_READ | RIGHT_CREATE);
	assert_memory_equal(t.prefix, secret, strlen(t.prefix));
	assert_int_equal(harness_number(db, "SELECT last_used_at IS NOT NULL FROM tokens"), 1);
	harness_do(db, "UPDATE users SET disabled_at=UTC_TIMESTAMP(6) WHERE login='ada'");
	assert_int_equal(tokens_find(db, secret, &t, &u, &e), 0);
	harness_do(db, "UPDATE users SET disabled_at=NULL");
	harness_do(db, "UPDATE tokens SET expires_at=UTC_TIMESTAMP(6)");
	assert_int_equal(tokens_find(db, secret, &t, &u, &e), 0);
	harness_do(db, "UPDATE tokens SET expires_at=UTC_TIMESTAMP(6) + INTERVAL 1 HOUR");
	assert_refused(tokens_revoke(db, bob, id, &e), e, ERR_NOT_FOUND);
	assert_int_equal(tokens_find(db, secret, &t, &u, &e), 1);
	assert_done(tokens_revoke(db, ada, id, &e), e);
	assert_int_equal(tokens_find(db, secret, &t, &u, &e), 0);
}

static void
a_user_has_so_many_tokens_and_sees_no_others(void **state)
{
	struct db *db = *state;
	struct uuid ada = add_user(db, "ada", ROLE_CREATOR), bob = add_user(db, "bob", ROLE_CREATOR), id;
	char secret[SECRET_TOKEN];
	struct token_list l;
	struct err e;

	for (int i = 0; i < TOKENS_EACH; i++) assert_done(tokens_create(db, ada, "t", 1, 1, secret, &id, &e), e);
	assert_refused(tokens_create(db, ada, "t", 1, 1, secret, &id, &e), e, ERR_CONFLICT);
	assert_done(tokens_create(db, bob, "his", 1, 1, secret, &id, &e), e);
	assert_done(tokens_list(db, bob, 20, 0, &l, &e), e);
	assert_int_equal(l.total, 1);
	assert_string_equal(l.items[0].name, "his");
	tokens_list_free(&l);
	assert_done(tokens_list(db, (struct uuid){{0}}, 20, 0, &l, &e), e);
	assert_int_equal(l.total, TOKENS_EACH + 1);
	tokens_list_free(&l);
}

static const struct sign_in_limits three = { 3, 5 };

static void
who_guesses_has_to_wait_by_account_and_by_address(void **state)
{
	struct db *db = *state;
	struct err e;
	int wait_s;

	for (int i = 0; i < 3; i++) assert_int_equal(sign_ins_try(db, "ada", "192.0.2.1", &three, &e), 0);
	wait_s = sign_ins_try(db, "ada", "192.0.2.1", &three, &e);
	assert_in_range(wait_s, SIGN_INS_WINDOW_S - 30, SIGN_INS_WINDOW_S + 1);
	assert_true(sign_ins_try(db, "ada", "192.0.2.2", &three, &e) > 0);
	assert_int_equal(sign_ins_try(db, "bob", "192.0.2.1", &three, &e), 0);
	assert_true(sign_ins_try(db, "carl", "192.0.2.1", &three, &e) > 0);
	assert_int_equal(sign_ins_try(db, "carl", "192.0.2.2", &three, &e), 0);
}

static void
a_quarter_of_an_hour_later_it_is_forgotten(void **state)
{
	struct db *db = *state;
	struct err e;

	for (int i = 0; i < 4; i++) sign_ins_try(db, "ada", "192.0.2.1", &three, &e);
	harness_do(db, "UPDATE sign_ins SET until_at=UTC_TIMESTAMP(6)");
	assert_int_equal(sign_ins_try(db, "bob", "192.0.2.9", &three, &e), 0);
	assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM sign_ins"), 2);
	assert_int_equal(sign_ins_try(db, "ada", "192.0.2.1", &three, &e), 0);
}

static void
a_sign_in_that_was_right_was_no_try(void **state)
{
	struct db *db = *state;
	struct err e;

	for (int i = 0; i < 20; i++) {
		assert_int_equal(sign_ins_try(db, "ada", "192.0.2.1", &three, &e), 0);
		assert_done(sign_ins_succeeded(db, "ada", "192.0.2.1", &e), e);
	}
	assert_int_equal(harness_number(db, "SELECT MAX(n) FROM sign_ins"), 0);
}

static int
guess(struct db *db, int i, void *ctx)
{
	int allowed = 0;
	struct err e;

	(void)i, (void)ctx;
	for (int k = 0; k < 5; k++) allowed += sign_ins_try(db, "ada", "192.0.2.1", &three, &e) == 0;
	return allowed;
}

static void
many_guesses_at_one_moment_are_no_way_around(void **state)
{
	(void)state;
	assert_int_equal(harness_together(6, guess, NULL), 3);
}

/* A submission of this user, of 10 seconds as harness_job() has it. */
static int
submit(struct db *db, struct uuid user, struct quota quota, int samples, struct uuid *id, struct err *e)
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
	struct uuid ada = add_user(db, "ada", ROLE_CREATOR), bob = add_user(db, "bob", ROLE_CREATOR), id, last;
	const struct quota two = { 2, 0 };
	enum job_status was;
	struct err e;

	assert_done(submit(db, ada, two, 1, &id, &e), e);
	assert_done(submit(db, ada, two, 1, &last, &e), e);
	assert_refused(submit(db, ada, two, 1, &id, &e), e, ERR_BUSY);
	assert_true(e.retry_after_s > 0);
	assert_string_equal(e.text, "2 of your jobs wait or run, and that is the limit; try again when one has ended.");
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
	struct uuid ada = add_user(db, "ada", ROLE_CREATOR), id;
	const struct quota minute = { 0, 60 };
	struct err e;

	assert_done(submit(db, ada, minute, 4, &id, &e), e);
	assert_refused(submit(db, ada, minute, 3, &id, &e), e, ERR_BUSY);
	assert_string_equal(e.text, "You can ask for 60 seconds of music a day; 20 are left until midnight (UTC), and "
		"this takes 30.");
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
	struct uuid ada = add_user(db, "ada", ROLE_CREATOR);
	struct err e;

	assert_int_equal(db_transaction(db, charge_and_go_on, &ada, &e), DB_TX_DONE);
	assert_int_equal(use_of(db, ada).audio_ms, 60000);
}

static void
what_a_user_is_allowed_goes_before_the_settings_and_0_is_no_limit(void **state)
{
	struct db *db = *state;
	struct uuid ada = add_user(db, "ada", ROLE_CREATOR), id;
	const struct quota one = { 1, 10 };
	struct err e;

	assert_done(users_change(db, ada, &(struct user_change){ .has_queued = true, .max_queued_jobs = 3,
		.has_audio = true, .max_audio_seconds_per_day = 0 }, &e), e);
	for (int i = 0; i < 3; i++) assert_done(submit(db, ada, one, 4, &id, &e), e);
	assert_refused(submit(db, ada, one, 1, &id, &e), e, ERR_BUSY);
	assert_done(users_change(db, ada, &(struct user_change){ .has_queued = true, .max_queued_jobs = -1 }, &e), e);
	assert_refused(submit(db, ada, one, 1, &id, &e), e, ERR_BUSY);
	assert_int_equal(use_of(db, ada).limit.queued_jobs, 0);
}

static void
what_never_began_or_failed_is_given_back_and_what_was_begun_is_not(void **state)
{
	struct db *db = *state;
	struct uuid ada = add_user(db, "ada", ROLE_CREATOR), id;
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
	assert_int_equal(claims_fail(db, &c, &(struct claim_failure){ .text = "no.", .code = "x", .final = true }, &e), 1);
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
	static const struct quota quotas[] = { { 7, 0 }, { 0, 70 }, { 7, 70 } };
	struct submitter *s = harness_shared(sizeof *s);
	struct db *db = *state;

	for (size_t i = 0; i < NELEM(quotas); i++) {
		*s = (struct submitter){ add_user(db, (const char *[]){ "a", "b", "c" }[i], ROLE_CREATOR), quotas[i] };
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
	struct uuid ada = add_user(db, "ada", ROLE_CREATOR), bob = add_user(db, "bob", ROLE_CREATOR), job, x, free_job;
	struct err e;

	assert_done(submit(db, ada, no_limit, 1, &job, &e), e);
	assert_done(owners_check(db, OWNED_JOB, job, ada, &e), e);
	assert_refused(owners_check(db, OWNED_JOB, job, bob, &e), e, ERR_FORBIDDEN);
	assert_done(experiments_create(db, ada, &(struct experiment_change){ .name = "x" }, &x, &e), e);
	assert_refused(owners_check(db, OWNED_EXPERIMENT, x, bob, &e), e, ERR_FORBIDDEN);
	assert_done(owners_check(db, OWNED_EXPERIMENT, x, ada, &e), e);
	assert_done(owners_check(db, OWNED_JOB, x, bob, &e), e);
	free_job = harness_submit(db);
	assert_refused(owners_check(db, OWNED_JOB, free_job, ada, &e), e, ERR_FORBIDDEN);
	for (enum owned k = OWNED_JOB; k < OWNED_KINDS; k++) assert_done(owners_check(db, k, bob, ada, &e), e);
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_login_is_small_letters_and_of_few_characters),
		TEST(a_user_is_found_by_login_and_there_is_one_of_it),
		TEST(somebody_who_can_manage_users_always_stays),
		TEST(of_admins_who_all_step_down_at_one_moment_one_stays),
		TEST(a_session_is_known_by_its_secret_which_is_nowhere_in_the_database),
		TEST(a_session_ends_by_time_by_its_user_and_with_the_account),
		TEST(a_session_that_is_used_stays_and_what_has_ended_is_cleared_away),
		TEST(a_new_password_ends_all_sessions_but_the_one_that_it_came_by),
		TEST(a_token_is_known_until_it_expires_is_revoked_or_its_user_disabled),
		TEST(a_user_has_so_many_tokens_and_sees_no_others),
		TEST(who_guesses_has_to_wait_by_account_and_by_address),
		TEST(a_quarter_of_an_hour_later_it_is_forgotten),
		TEST(a_sign_in_that_was_right_was_no_try),
		TEST(many_guesses_at_one_moment_are_no_way_around),
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
