/* One connection: typed values in and out, transactions, and what becomes of it when the server or
 * the line is gone. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cutter.h"

static int
fresh_table(void **state)
{
	harness_no_tables(state);
	harness_do(*state, "CREATE TABLE t (id INT NOT NULL PRIMARY KEY, n BIGINT NULL, r DOUBLE "
		"NULL, s VARCHAR(100) NULL, b LONGBLOB NULL, u BINARY(16) NULL, at DATETIME(6) "
		"NULL, d DECIMAL(10,2) NULL) ENGINE=InnoDB CHARSET=utf8mb4");
	return 0;
}

static long
exec(struct db *db, const char *sql)
{
	struct err e;
	long n = db_exec(db, sql, NULL, 0, &e);

	if (n < 0) fail_msg("%s", e.text);
	return n;
}

static void
values_of_every_type_come_back_as_they_went_in(void **state)
{
	static const char text[] = "d\xc3\xa9j\xc3\xa0 vu \xf0\x9f\x8e\xb5 '\"\\;--";
	static const char bytes[] = { 0, 1, (char)0xff, 0, '\'' };
	struct uuid id = uuid_new();
	struct db_arg in[] = { DB_INT(INT64_MIN), DB_REAL(0.1), DB_TEXT(text),
		DB_BYTES(bytes, sizeof bytes), DB_UUID(id), DB_TIME(1795551425123456),
		DB_REAL(2.5) };
	struct db *db = *state;
	struct db_rows *r;
	struct err e;
	size_t n;

	assert_int_equal(db_exec(db, "INSERT INTO t (id, n, r, s, b, u, at, d) VALUES "
		"(1,?,?,?,?,?,?,?)", in, NELEM(in), &e), 1);
	assert_non_null(r = db_query(db, "SELECT n, r, s, b, u, at, d FROM t", NULL, 0, &e));
	assert_int_equal(db_next(r, &e), 1);
	assert_true(db_col_int(r, 0) == INT64_MIN);
	assert_true(db_col_real(r, 1) == 0.1);
	assert_string_equal(db_col_text(r, 2), text);
	assert_memory_equal(db_col_bytes(r, 3, &n), bytes, sizeof bytes);
	assert_int_equal(n, sizeof bytes);
	assert_true(uuid_eq(db_col_uuid(r, 4), id));
	assert_int_equal(db_col_int(r, 5), 1795551425123456);
	assert_true(db_col_real(r, 6) == 2.5);
	assert_int_equal(db_next(r, &e), 0);
	db_rows_free(r);
}

static void
null_reads_as_nothing_of_its_type(void **state)
{
	struct db_arg in[] = { DB_NULL, DB_TEXT_OR_NULL(""), DB_TEXT_OR_NULL(NULL),
		DB_UUID_OR_NULL(((struct uuid){{0}})) };
	struct db *db = *state;
	struct db_rows *r;
	struct err e;
	size_t n;

	assert_int_equal(db_exec(db, "INSERT INTO t (id, n, s, b, u) VALUES (1,?,?,?,?)", in,
		NELEM(in), &e), 1);
	assert_non_null(r = db_query(db, "SELECT n, s, b, u, at, r FROM t", NULL, 0, &e));
	assert_int_equal(db_next(r, &e), 1);
	for (unsigned i = 0; i < 6; i++) assert_true(db_col_null(r, i));
	assert_int_equal(db_col_int(r, 0), 0);
	assert_string_equal(db_col_text(r, 1), "");
	db_col_bytes(r, 2, &n);
	assert_int_equal(n, 0);
	assert_true(uuid_is_nil(db_col_uuid(r, 3)));
	assert_int_equal(db_col_int(r, 4), 0);
	assert_true(db_col_real(r, 5) == 0);
	db_rows_free(r);
}

static void
text_of_any_length_comes_back_whole(void **state)
{
	static const size_t lengths[] = { 0, 10, 300000, 1, 300001 };
	static char text[300001];
	struct db *db = *state;
	struct err e;

	memset(text, 'x', sizeof text);
	exec(db, "INSERT INTO t (id) VALUES (1)");
	for (size_t i = 0; i < NELEM(lengths); i++) {
		struct db_arg in[] = { DB_BYTES(text, lengths[i]) };
		struct db_rows *r;
		size_t n;

		assert_int_equal(db_exec(db, "UPDATE t SET b=?", in, 1, &e), 1);
		assert_non_null(r = db_query(db, "SELECT b FROM t", NULL, 0, &e));
		assert_int_equal(db_next(r, &e), 1);
		assert_memory_equal(db_col_bytes(r, 0, &n), text, lengths[i]);
		assert_int_equal(n, lengths[i]);
		db_rows_free(r);
	}
}

static void
times_are_utc_whatever_the_server_thinks(void **state)
{
	struct db *db = *state;

	harness_do(db, "SET GLOBAL time_zone='+05:00'");
	struct db *other = harness_open();
	harness_do(db, "SET GLOBAL time_zone='SYSTEM'");
	assert_int_equal(harness_number(other, "SELECT TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), "
		"NOW())"), 0);
	assert_in_range(harness_number(other, "SELECT UTC_TIMESTAMP(6)") / 1000000, time(NULL) - 5,
		time(NULL) + 5);
	db_close(other);
}

static void
an_update_counts_the_rows_that_it_matched(void **state)
{
	struct db *db = *state;

	exec(db, "INSERT INTO t (id, n) VALUES (1, 5), (2, 5), (3, 6)");
	assert_int_equal(exec(db, "UPDATE t SET n=5 WHERE n=5"), 2);
	assert_int_equal(exec(db, "UPDATE t SET n=5 WHERE n=7"), 0);
}

static void
a_duplicate_key_is_a_conflict(void **state)
{
	struct err e;

	exec(*state, "INSERT INTO t (id) VALUES (1)");
	assert_refused(db_exec(*state, "INSERT INTO t (id) VALUES (1)", NULL, 0, &e), e,
		ERR_CONFLICT);
}

static void
what_does_not_fit_a_column_is_refused_and_not_cut(void **state)
{
	struct err e;

	assert_refused(db_exec(*state, "INSERT INTO t (id, s) VALUES (1, REPEAT('x', 101))", NULL,
		0, &e), e, ERR_INTERNAL);
	assert_refused(db_exec(*state, "INSERT INTO t (id) VALUES (9999999999)", NULL, 0, &e), e,
		ERR_INTERNAL);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM t"), 0);
}

static void
a_wrong_statement_is_named_in_the_error_and_harms_nothing(void **state)
{
	struct db_arg two[] = { DB_INT(1), DB_INT(2) };
	struct err e;

	assert_refused(db_exec(*state, "SELEKT 1", NULL, 0, &e), e, ERR_INTERNAL);
	assert_non_null(strstr(e.text, "SELEKT 1"));
	assert_refused(db_exec(*state, "UPDATE t SET n=?", two, 2, &e), e, ERR_INTERNAL);
	assert_null(db_query(*state, "UPDATE t SET n=1", NULL, 0, &e));
	assert_false(db_lost(*state));
	assert_int_equal(harness_number(*state, "SELECT 7"), 7);
}

static void
no_row_and_a_null_give_the_number_that_was_asked_for_then(void **state)
{
	struct err e;
	int64_t n;

	assert_done(db_one_int(*state, "SELECT n FROM t", NULL, 0, -1, &n, &e), e);
	assert_int_equal(n, -1);
	assert_done(db_one_int(*state, "SELECT MAX(n) FROM t", NULL, 0, -2, &n, &e), e);
	assert_int_equal(n, -2);
}

/* More of them than the cache of statements holds. */
static void
rows_stay_readable_while_other_statements_come_and_go(void **state)
{
	struct db *db = harness_open();
	struct db_rows *r;
	struct err e;

	harness_do(*state, "INSERT INTO t (id, s) VALUES (1, 'one'), (2, 'two')");
	assert_non_null(r = db_query(db, "SELECT s FROM t ORDER BY id", NULL, 0, &e));
	assert_int_equal(db_next(r, &e), 1);
	for (int i = 0; i < 300; i++) {
		char sql[64];

		snprintf(sql, sizeof sql, "SELECT %d", i);
		assert_int_equal(harness_number(db, sql), i);
	}
	assert_string_equal(db_col_text(r, 0), "one");
	assert_int_equal(db_next(r, &e), 1);
	assert_string_equal(db_col_text(r, 0), "two");
	assert_int_equal(db_next(r, &e), 0);
	db_rows_free(r);
	db_close(db);
}

static int
insert_and_give_up(struct db *db, void *ctx, struct err *e)
{
	(void)ctx;
	if (db_exec(db, "INSERT INTO t (id) VALUES (1)", NULL, 0, e) < 0) return -1;
	return err_set(e, ERR_CONFLICT, "not today");
}

static void
a_transaction_that_fails_changes_nothing_and_keeps_its_error(void **state)
{
	struct err e;

	assert_int_equal(db_transaction(*state, insert_and_give_up, NULL, &e), DB_TX_FAILED);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_string_equal(e.text, "not today");
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM t"), 0);
}

/* Two rows in the order that ctx tells; the pause makes sure that both hold one when they want the
 * other. */
struct crossing {
	int first, tries;
};

static int
lock_both(struct db *db, void *ctx, struct err *e)
{
	struct crossing *c = ctx;
	struct db_arg one[] = { DB_INT(c->first) }, two[] = { DB_INT(3 - c->first) };

	c->tries++;
	if (db_exec(db, "UPDATE t SET n=n+1 WHERE id=?", one, 1, e) < 0) return -1;
	usleep(100000);
	return db_exec(db, "UPDATE t SET n=n+1 WHERE id=?", two, 1, e) < 0 ? -1 : 0;
}

static int
cross(struct db *db, int i, void *ctx)
{
	struct crossing c = { .first = 1 + i };
	struct err e;

	(void)ctx;
	if (db_transaction(db, lock_both, &c, &e) == DB_TX_DONE) return c.tries;
	fprintf(stderr, "%s\n", e.text);
	return -1;
}

static void
transactions_that_deadlock_run_again_until_all_are_done(void **state)
{
	exec(*state, "INSERT INTO t (id, n) VALUES (1, 0), (2, 0)");
	/* At least one of the two was thrown out, and ran more than once. */
	assert_true(harness_together(2, cross, NULL) > 2);
	assert_int_equal(harness_number(*state, "SELECT MIN(n) FROM t"), 2);
	assert_int_equal(harness_number(*state, "SELECT MAX(n) FROM t"), 2);
}

/* 0: a transaction with more to lose than the statement of 1, which holds a row that it wants. */
static int
be_in_the_way(struct db *db, int i, void *ctx)
{
	struct err e;
	long n;

	(void)ctx;
	if (i == 0) {
		harness_do(db, "START TRANSACTION");
		exec(db, "INSERT INTO t (id, n) VALUES (3, 0), (4, 0), (5, 0), (6, 0)");
		exec(db, "UPDATE t SET n=n+10 WHERE id=2");
		usleep(400000);
		exec(db, "UPDATE t SET n=n+10 WHERE id=1");
		exec(db, "COMMIT");
		return 0;
	}
	usleep(150000);
	/* By WHERE: with ORDER BY, MySQL 8.0.15 changes a row that it has waited for twice. */
	n = db_exec(db, "UPDATE t SET n=n+1 WHERE id>0", NULL, 0, &e);
	if (n < 0) fprintf(stderr, "%s\n", e.text);
	return (int)n;
}

static void
a_statement_by_itself_that_loses_a_deadlock_runs_again(void **state)
{
	static const char deadlocks[] = "SELECT count FROM information_schema.innodb_metrics WHERE "
		"name='lock_deadlocks'";
	int64_t before[2];

	exec(*state, "INSERT INTO t (id, n) VALUES (1, 0), (2, 0)");
	for (int i = 0; i < 2; i++) {
		/* It sees all six rows when the other one is done. */
		if (i) assert_int_equal(harness_together(2, be_in_the_way, NULL), 6);
		before[i] = harness_number(*state, deadlocks);
	}
	assert_true(before[1] > before[0]);
	assert_int_equal(harness_number(*state, "SELECT MIN(n) FROM t WHERE id<=2"), 11);
	assert_int_equal(harness_number(*state, "SELECT MAX(n) FROM t WHERE id>2"), 1);
}

/* KILL CONNECTION by another one. It takes a moment to arrive. */
static void
kill_connection(struct db *killer, struct db *victim)
{
	char sql[64];

	snprintf(sql, sizeof sql, "KILL CONNECTION %lld",
		(long long)harness_number(victim, "SELECT CONNECTION_ID()"));
	harness_do(killer, sql);
	usleep(100000);
}

static void
a_killed_connection_is_away_at_its_next_use_and_stays_lost(void **state)
{
	struct db *db = harness_open();
	struct err e;

	assert_false(db_lost(db));
	kill_connection(*state, db);
	assert_refused(db_exec(db, "DO 0", NULL, 0, &e), e, ERR_AWAY);
	assert_true(db_lost(db));
	assert_refused(db_exec(db, "DO 0", NULL, 0, &e), e, ERR_AWAY);
	assert_refused(db_raw(db, "DO 0", 4, &e), e, ERR_AWAY);
	assert_null(db_query(db, "SELECT 1", NULL, 0, &e));
	assert_int_equal(e.kind, ERR_AWAY);
	assert_int_equal(db_transaction(db, insert_and_give_up, NULL, &e), DB_TX_FAILED);
	assert_int_equal(e.kind, ERR_AWAY);
	db_close(db);
}

/* By the numbers of servers that are not here: what they say is signalled. */
static void
what_a_server_says_by_a_number_is_lost_away_or_ours(void **state)
{
	static const struct { int number; enum err_kind kind; bool lost; } cases[] = {
		{ 1053, ERR_AWAY, true },	/* it is shut down */
		{ 4031, ERR_AWAY, true },	/* MySQL: nothing was asked for wait_timeout */
		{ 1290, ERR_AWAY, false },	/* it is read-only */
		{ 1062, ERR_CONFLICT, false },
		{ 1064, ERR_INTERNAL, false },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct db *db = harness_open();
		char sql[80];
		struct err e;

		snprintf(sql, sizeof sql, "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO=%d",
			cases[i].number);
		assert_refused(db_raw(db, sql, strlen(sql), &e), e, cases[i].kind);
		assert_int_equal(db_lost(db), cases[i].lost);
		db_close(db);
	}
}

static void
a_ping_tells_whether_the_server_is_still_there(void **state)
{
	struct db *db = harness_open();

	assert_true(db_ping(db));
	kill_connection(*state, db);
	assert_false(db_ping(db));
	assert_true(db_lost(db));
	assert_false(db_ping(db));
	db_close(db);
}

static int
insert_and_be_killed(struct db *db, void *ctx, struct err *e)
{
	if (db_exec(db, "INSERT INTO t (id) VALUES (1)", NULL, 0, e) < 0) return -1;
	kill_connection(ctx, db);
	return db_exec(db, "INSERT INTO t (id) VALUES (2)", NULL, 0, e) < 0 ? -1 : 0;
}

static void
a_connection_that_breaks_within_a_transaction_changes_nothing(void **state)
{
	struct db *db = harness_open();
	struct err e;

	assert_int_equal(db_transaction(db, insert_and_be_killed, *state, &e), DB_TX_FAILED);
	assert_int_equal(e.kind, ERR_AWAY);
	assert_true(db_lost(db));
	db_close(db);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM t"), 0);
}

static int
insert_one(struct db *db, void *ctx, struct err *e)
{
	(void)ctx;
	return db_exec(db, "INSERT INTO t (id) VALUES (1)", NULL, 0, e) < 0 ? -1 : 0;
}

static void
a_connection_that_breaks_at_commit_leaves_the_question_open(void **state)
{
	for (enum cut when = CUT_BEFORE_COMMIT; when <= CUT_AFTER_COMMIT; when++) {
		struct cutter c;
		struct err e;
		struct db *db;

		exec(*state, "DELETE FROM t");
		cutter_start(&c, when);
		assert_non_null(db = db_open(&c.conf, &e));
		assert_int_equal(db_transaction(db, insert_one, NULL, &e), DB_TX_UNKNOWN);
		assert_int_equal(e.kind, ERR_AWAY);
		db_close(db);
		cutter_stop(&c);
		usleep(100000);
		assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM t"),
			when == CUT_AFTER_COMMIT);
	}
}

static void
a_server_that_is_not_there_is_away(void **state)
{
	struct conf c = *harness_conf();
	struct err e;

	(void)state;
	strcpy(c.database_socket, "/nowhere/db.sock");
	assert_null(db_open(&c, &e));
	assert_int_equal(e.kind, ERR_AWAY);
	c = *harness_conf();
	strcpy(c.database_name, "no_such_database");
	assert_null(db_open(&c, &e));
	assert_int_equal(e.kind, ERR_AWAY);
}

static void
closing_no_connection_and_no_rows_is_fine(void **state)
{
	(void)state;
	db_close(NULL);
	db_rows_free(NULL);
}

#define TEST(f) cmocka_unit_test_setup(f, fresh_table)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(values_of_every_type_come_back_as_they_went_in),
		TEST(null_reads_as_nothing_of_its_type),
		TEST(text_of_any_length_comes_back_whole),
		TEST(times_are_utc_whatever_the_server_thinks),
		TEST(an_update_counts_the_rows_that_it_matched),
		TEST(a_duplicate_key_is_a_conflict),
		TEST(what_does_not_fit_a_column_is_refused_and_not_cut),
		TEST(a_wrong_statement_is_named_in_the_error_and_harms_nothing),
		TEST(no_row_and_a_null_give_the_number_that_was_asked_for_then),
		TEST(rows_stay_readable_while_other_statements_come_and_go),
		TEST(a_transaction_that_fails_changes_nothing_and_keeps_its_error),
		TEST(transactions_that_deadlock_run_again_until_all_are_done),
		TEST(a_statement_by_itself_that_loses_a_deadlock_runs_again),
		TEST(a_killed_connection_is_away_at_its_next_use_and_stays_lost),
		TEST(what_a_server_says_by_a_number_is_lost_away_or_ours),
		TEST(a_ping_tells_whether_the_server_is_still_there),
		TEST(a_connection_that_breaks_within_a_transaction_changes_nothing),
		TEST(a_connection_that_breaks_at_commit_leaves_the_question_open),
		TEST(a_server_that_is_not_there_is_away),
		TEST(closing_no_connection_and_no_rows_is_fine),
	};

	return cmocka_run_group_tests(tests, harness_begin, harness_end);
}
