/* Users, their sessions and tokens, and sign-ins. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "records/outdated.h"
#include "records/sessions.h"
#include "records/sign_ins.h"
#include "records/tokens.h"
#include "records/users.h"

static const struct session_limits week = { 3600, 7200 };
static const char *const letters[] = { "a", "b", "c", "d" };	/* logins */

static int
change(struct db *db, struct uuid user, struct user_change to, struct err *e)
{
	return users_change(db, user, &to, e);
}

#define SIXTEEN "aaaaaaaaaaaaaaaa"
#define SIXTY_FOUR SIXTEEN SIXTEEN SIXTEEN SIXTEEN

static void
a_login_is_small_letters_and_of_few_characters(void **state)
{
	static const char *const bad[] = { "", " ada", "ada lovelace", "_ada", "@ada", "äda",
		"ada\n", "ada/x", "a\"b", "a" SIXTY_FOUR };
	char login[USER_LOGIN];
	struct err e;

	(void)state;
	assert_done(users_read_login("Ada.Lovelace+1@Example-ORG_x", login, &e), e);
	assert_string_equal(login, "ada.lovelace+1@example-org_x");
	assert_done(users_read_login(SIXTY_FOUR, login, &e), e);
	for (size_t i = 0; i < NELEM(bad); i++)
		assert_refused(users_read_login(bad[i], login, &e), e, ERR_INVALID);
}

static void
a_user_is_found_by_login_and_there_is_one_of_it(void **state)
{
	struct db *db = *state;
	struct uuid id = harness_creator(db, "ada"), other;
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
	struct uuid ada = harness_user(db, "ada", ROLE_ADMIN);
	struct uuid bob = harness_user(db, "bob", ROLE_ADMIN);
	const struct user_change down = { .has_role = true, .role = ROLE_LISTENER },
		up = { .has_role = true, .role = ROLE_ADMIN },
		off = { .has_disabled = true, .disabled = true }, on = { .has_disabled = true };
	struct err e;

	assert_done(change(db, bob, off, &e), e);
	assert_refused(change(db, ada, down, &e), e, ERR_CONFLICT);
	assert_refused(change(db, ada, off, &e), e, ERR_CONFLICT);
	assert_done(change(db, bob, down, &e), e);
	assert_done(change(db, bob, on, &e), e);
	assert_refused(change(db, ada, down, &e), e, ERR_CONFLICT);
	assert_done(change(db, bob, up, &e), e);
	assert_done(change(db, ada, down, &e), e);
}

static int
step_down(struct db *db, int i, void *ctx)
{
	const struct user_change down = { .has_role = true, .role = ROLE_LISTENER };
	struct uuid *admins = ctx;
	struct err e;

	return change(db, admins[i], down, &e) == 0;
}

static void
of_admins_who_all_step_down_at_one_moment_one_stays(void **state)
{
	struct db *db = *state;
	struct uuid *admins = harness_shared(4 * sizeof *admins);

	for (int i = 0; i < 4; i++) admins[i] = harness_user(db, letters[i], ROLE_ADMIN);
	assert_int_equal(harness_together(4, step_down, admins), 3);
	assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM users WHERE role='admin'"), 1);
}

/* Signed in: the secret of the cookie goes to `secret`. */
static struct session
begin(struct db *db, struct uuid user, char secret[SECRET_SESSION])
{
	struct session s;
	struct err e;

	assert_done(sessions_begin(db, user, &week, secret, &s, &e), e);
	return s;
}

/* Does a session still count? What is found of its user goes to *u. */
static int
look(struct db *db, const char *secret, struct user *u)
{
	struct session found;
	struct err e;

	return sessions_find(db, secret, &week, &found, u, &e);
}

static void
a_session_is_known_by_its_secret_which_is_nowhere_in_the_database(void **state)
{
	struct db *db = *state;
	struct uuid id = harness_user(db, "ada", ROLE_LISTENER);
	char secret[SECRET_SESSION], sql[256];
	struct session s = begin(db, id, secret);
	struct user u;

	assert_int_equal(look(db, secret, &u), 1);
	assert_true(uuid_eq(u.id, id));
	assert_true(u.last_sign_in_at > 0);
	assert_true(s.expires_at - u.last_sign_in_at <= 3600 * 1000000LL);
	snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM sessions WHERE "
		"secret_sha256=UNHEX(SHA2('%s',256))", secret);
	assert_int_equal(harness_number(db, sql), 1);
	secret[5] ^= 1;
	assert_int_equal(look(db, secret, &u), 0);
}

static void
a_session_ends_by_time_by_its_user_and_with_the_account(void **state)
{
	struct db *db = *state;
	struct uuid id = harness_user(db, "ada", ROLE_LISTENER);
	static const char *const ends[] = {
		"UPDATE sessions SET seen_at=seen_at - INTERVAL 3601 SECOND",
		"UPDATE sessions SET expires_at=UTC_TIMESTAMP(6)",
		"UPDATE users SET disabled_at=UTC_TIMESTAMP(6)" };
	char secret[SECRET_SESSION];
	struct session s;
	struct user u;
	struct err e;

	for (size_t i = 0; i < NELEM(ends); i++) {
		begin(db, id, secret);
		assert_int_equal(look(db, secret, &u), 1);
		harness_do(db, ends[i]);
		assert_int_equal(look(db, secret, &u), 0);
	}
	harness_do(db, "UPDATE users SET disabled_at=NULL");
	s = begin(db, id, secret);
	assert_done(sessions_end(db, s.sha256, &e), e);
	assert_int_equal(look(db, secret, &u), 0);
}

static void
a_session_that_is_used_stays_and_what_has_ended_is_cleared_away(void **state)
{
	struct db *db = *state;
	struct uuid id = harness_user(db, "ada", ROLE_LISTENER);
	char secret[SECRET_SESSION];
	struct user u;

	begin(db, id, secret);
	harness_do(db, "UPDATE sessions SET seen_at=seen_at - INTERVAL 59 MINUTE");
	assert_int_equal(look(db, secret, &u), 1);
	assert_int_equal(harness_number(db, "SELECT seen_at > UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE "
		"FROM sessions"), 1);
	harness_do(db, "UPDATE sessions SET expires_at=UTC_TIMESTAMP(6)");
	begin(db, id, secret);
	assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM sessions"), 1);
}

static void
a_new_password_ends_all_sessions_but_the_one_that_it_came_by(void **state)
{
	struct db *db = *state;
	struct uuid id = harness_user(db, "ada", ROLE_LISTENER);
	char here[SECRET_SESSION], there[SECRET_SESSION];
	struct session s;
	struct user u;
	struct err e;

	begin(db, id, there);
	s = begin(db, id, here);
	assert_done(change(db, id, (struct user_change){ .hash = "$new", .keep = s.sha256 }, &e),
		e);
	assert_int_equal(look(db, there, &u), 0);
	assert_int_equal(look(db, here, &u), 1);
	assert_done(change(db, id, (struct user_change){ .hash = "$newer" }, &e), e);
	assert_int_equal(look(db, here, &u), 0);
}

static struct uuid
new_token(struct db *db, struct uuid user, const char *name, char secret[SECRET_TOKEN])
{
	struct uuid id;
	struct err e;

	assert_done(tokens_create(db, user, name, RIGHT_READ | RIGHT_CREATE, 1, secret, &id, &e),
		e);
	return id;
}

static int
use(struct db *db, const char *secret, struct token *t)
{
	struct user u;
	struct err e;

	return tokens_find(db, secret, t, &u, &e);
}

static void
a_token_is_known_until_it_expires_is_revoked_or_its_user_disabled(void **state)
{
	struct db *db = *state;
	struct uuid ada = harness_creator(db, "ada"), bob = harness_user(db, "bob", ROLE_ADMIN);
	char secret[SECRET_TOKEN];
	struct uuid id = new_token(db, ada, "one", secret);
	struct token t;
	struct err e;

	assert_int_equal(use(db, secret, &t), 1);
	assert_true(uuid_eq(t.user_id, ada));
	assert_int_equal(t.scopes, RIGHT_READ | RIGHT_CREATE);
	assert_memory_equal(t.prefix, secret, strlen(t.prefix));
	assert_int_equal(harness_number(db, "SELECT last_used_at IS NOT NULL FROM tokens"), 1);
	harness_do(db, "UPDATE users SET disabled_at=UTC_TIMESTAMP(6) WHERE login='ada'");
	assert_int_equal(use(db, secret, &t), 0);
	harness_do(db, "UPDATE users SET disabled_at=NULL");
	harness_do(db, "UPDATE tokens SET expires_at=UTC_TIMESTAMP(6)");
	assert_int_equal(use(db, secret, &t), 0);
	harness_do(db, "UPDATE tokens SET expires_at=UTC_TIMESTAMP(6) + INTERVAL 1 HOUR");
	assert_refused(tokens_revoke(db, bob, id, &e), e, ERR_NOT_FOUND);
	assert_int_equal(use(db, secret, &t), 1);
	assert_done(tokens_revoke(db, ada, id, &e), e);
	assert_int_equal(use(db, secret, &t), 0);
}

static void
a_user_has_so_many_tokens_and_sees_no_others(void **state)
{
	struct db *db = *state;
	struct uuid ada = harness_creator(db, "ada"), bob = harness_creator(db, "bob");
	char secret[SECRET_TOKEN];
	struct token_list l;
	struct uuid id;
	struct err e;

	for (int i = 0; i < TOKENS_EACH; i++) new_token(db, ada, "t", secret);
	assert_refused(tokens_create(db, ada, "t", 1, 1, secret, &id, &e), e, ERR_CONFLICT);
	new_token(db, bob, "his", secret);
	assert_done(tokens_list(db, bob, 20, 0, &l, &e), e);
	assert_int_equal(l.total, 1);
	assert_string_equal(l.items[0].name, "his");
	tokens_list_free(&l);
	assert_done(tokens_list(db, (struct uuid){{0}}, 20, 0, &l, &e), e);
	assert_int_equal(l.total, TOKENS_EACH + 1);
	tokens_list_free(&l);
}

static const struct sign_in_limits three = { 3, 5 };

/* A try to sign in: for how many seconds it has to wait. */
static int
try(struct db *db, const char *login, const char *address)
{
	struct err e;
	int wait_s = sign_ins_try(db, login, address, &three, &e);

	if (wait_s < 0) fail_msg("%s", e.text);
	return wait_s;
}

static void
who_guesses_has_to_wait_by_account_and_by_address(void **state)
{
	struct db *db = *state;

	for (int i = 0; i < 3; i++) assert_int_equal(try(db, "ada", "192.0.2.1"), 0);
	assert_in_range(try(db, "ada", "192.0.2.1"), SIGN_INS_WINDOW_S - 30, SIGN_INS_WINDOW_S + 1);
	assert_true(try(db, "ada", "192.0.2.2") > 0);
	assert_int_equal(try(db, "bob", "192.0.2.1"), 0);
	assert_true(try(db, "carl", "192.0.2.1") > 0);
	assert_int_equal(try(db, "carl", "192.0.2.2"), 0);
}

static void
a_quarter_of_an_hour_later_it_is_forgotten(void **state)
{
	struct db *db = *state;

	for (int i = 0; i < 4; i++) try(db, "ada", "192.0.2.1");
	harness_do(db, "UPDATE sign_ins SET until_at=UTC_TIMESTAMP(6)");
	assert_int_equal(try(db, "bob", "192.0.2.9"), 0);
	assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM sign_ins"), 2);
	assert_int_equal(try(db, "ada", "192.0.2.1"), 0);
}

static void
a_sign_in_that_was_right_was_no_try(void **state)
{
	struct db *db = *state;
	struct err e;

	for (int i = 0; i < 20; i++) {
		assert_int_equal(try(db, "ada", "192.0.2.1"), 0);
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
	for (int k = 0; k < 5; k++)
		allowed += sign_ins_try(db, "ada", "192.0.2.1", &three, &e) == 0;
	return allowed;
}

static void
many_guesses_at_one_moment_are_no_way_around(void **state)
{
	(void)state;
	assert_int_equal(harness_together(6, guess, NULL), 3);
}

/* Of 1,500 days of a user, and of a token that has just expired and one that expired long ago. */
static void
what_is_outdated_goes_a_batch_at_a_time(void **state)
{
	struct db *db = *state;
	struct uuid ada = harness_creator(db, "ada"), id;
	char secret[SECRET_TOKEN];
	struct err e;
	bool more;

	harness_do(db, "INSERT INTO user_days SELECT id, UTC_DATE() - INTERVAL seq DAY, 1 FROM "
		"users, " HARNESS_NUMBERS(0, 1500));
	new_token(db, ada, "new", secret);
	id = new_token(db, ada, "expired", secret);
	harness_do(db, "UPDATE tokens SET expires_at=UTC_TIMESTAMP(6) - INTERVAL 29 DAY WHERE "
		"name='expired'");
	new_token(db, ada, "forgotten", secret);
	harness_do(db, "UPDATE tokens SET expires_at=UTC_TIMESTAMP(6) - INTERVAL 31 DAY WHERE "
		"name='forgotten'");
	for (int batch = 2; batch; batch--) {
		assert_done(outdated_remove(db, &more, &e), e);
		assert_int_equal(more, batch == 2);
		assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM tokens"), 2);
	}
	assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM user_days"), OUTDATED_DAYS + 1);
	assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM user_days WHERE day < UTC_DATE() "
		"- INTERVAL 30 DAY"), 0);
	assert_done(tokens_revoke(db, ada, id, &e), e);
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
		TEST(what_is_outdated_goes_a_batch_at_a_time),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
