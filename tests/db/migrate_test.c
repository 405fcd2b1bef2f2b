/* Migrations: each applied once, in order, under a lock, whatever is cut off and whoever else is at
 * it. */
#include "harness.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/migrate.h"

/* A folder of migrations, made for each test. */
static char folder[256];

static int
fresh_folder(void **state)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(folder, sizeof folder, "%s/migrations-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(folder)) return -1;
	return harness_no_tables(state);
}

static int
remove_folder(void **state)
{
	char command[300];

	(void)state;
	snprintf(command, sizeof command, "rm -r '%s'", folder);
	return system(command);
}

static void
put(const char *name, const char *sql)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (!(f = fopen(path, "w")) || fputs(sql, f) < 0 || fclose(f))
		fail_msg("%s: %s", path, strerror(errno));
}

static void
drop(const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

/* How many were applied; the test fails when there is an error. */
static int
migrate(struct db *db)
{
	struct err e;
	int n;

	assert_done(migrate_run(db, folder, &n, &e), e);
	return n;
}

static void
check_refused(struct db *db, enum err_kind kind, const char *said)
{
	struct err e;
	int n;

	assert_refused(migrate_run(db, folder, &n, &e), e, kind);
	if (!strstr(e.text, said)) fail_msg("\"%s\" is not in: %s", said, e.text);
}

static void
each_file_is_applied_once_in_the_order_of_its_number(void **state)
{
	put("0002-second.sql", "INSERT INTO log (what) VALUES ('second');");
	put("0001-first.sql", "-- how it begins\n"
		"CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, what TEXT);\n"
		"INSERT INTO log (what) VALUES ('first; and \\'quoted\\''); # the end\n");
	put("README.md", "not a migration");
	put(".0003-hidden.sql", "nonsense");
	assert_int_equal(migrate(*state), 2);
	assert_int_equal(migrate(*state), 0);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM log"), 2);
	assert_int_equal(harness_number(*state, "SELECT id FROM log WHERE what='second'"), 2);
	put("0010-tenth.sql", "INSERT INTO log (what) VALUES ('tenth')");
	assert_int_equal(migrate(*state), 1);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM log"), 3);
}

static int
migrate_as_one_of_many(struct db *db, int i, void *ctx)
{
	struct err e;
	int n;

	(void)i;
	(void)ctx;
	if (migrate_run(db, folder, &n, &e) == 0) return n;
	fprintf(stderr, "%s\n", e.text);
	return -1;
}

static void
of_eight_processes_at_once_each_migration_is_applied_by_one(void **state)
{
	put("0001-log.sql", "CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY); DO SLEEP(0.1); "
		"INSERT INTO log VALUES ();");
	put("0002-more.sql", "INSERT INTO log VALUES (); DO SLEEP(0.1);");
	assert_int_equal(harness_together(8, migrate_as_one_of_many, NULL), 2);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM log"), 2);
}

static void
whoever_finds_the_lock_taken_waits_for_it(void **state)
{
	struct db *other = harness_open();
	pid_t pid;

	put("0001-one.sql", "CREATE TABLE one (a INT)");
	harness_do(other, "DO GET_LOCK(CONCAT('earshot.migrate.', DATABASE()), 0)");
	/* Longer than one of the steps in which it waits. */
	if ((pid = fork()) == 0) {
		sleep(6);
		harness_do(other, "DO RELEASE_ALL_LOCKS()");
		_exit(0);
	}
	assert_int_equal(migrate(*state), 1);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), pid);
	db_close(other);
}

static void
an_applied_file_that_was_edited_is_refused_before_anything_changes(void **state)
{
	put("0001-one.sql", "CREATE TABLE one (a INT);");
	migrate(*state);
	put("0001-one.sql", "CREATE TABLE one (a BIGINT);");
	put("0002-two.sql", "CREATE TABLE two (a INT);");
	check_refused(*state, ERR_CONFLICT, "0001-one.sql was edited");
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM information_schema.tables "
		"WHERE table_schema=DATABASE() AND table_name='two'"), 0);
}

static void
a_new_file_older_than_an_applied_one_is_refused(void **state)
{
	put("0002-two.sql", "CREATE TABLE two (a INT);");
	migrate(*state);
	put("0001-one.sql", "CREATE TABLE one (a INT);");
	check_refused(*state, ERR_CONFLICT, "0001-one.sql is new");
}

static void
a_database_that_is_newer_than_this_copy_is_refused(void **state)
{
	put("0001-one.sql", "CREATE TABLE one (a INT);");
	put("0002-two.sql", "CREATE TABLE two (a INT);");
	migrate(*state);
	drop("0002-two.sql");
	check_refused(*state, ERR_CONFLICT, "0002-two.sql, which this copy of Earshot");
}

static void
two_files_with_one_number_are_refused(void **state)
{
	put("0001-one.sql", "CREATE TABLE one (a INT);");
	put("0001-other.sql", "CREATE TABLE other (a INT);");
	check_refused(*state, ERR_INVALID, "the number 0001");
}

static void
files_that_are_not_named_as_migrations_are_refused(void **state)
{
	static const char *const bad[] = { "1-one.sql", "0000-zero.sql", "00001-one.sql",
		"000a-one.sql", "0001.sql", "0001_one.sql", "a.sql" };

	for (size_t i = 0; i < NELEM(bad); i++) {
		put(bad[i], "CREATE TABLE one (a INT);");
		check_refused(*state, ERR_INVALID, bad[i]);
		drop(bad[i]);
	}
}

static void
a_file_that_is_no_text_or_does_not_end_is_refused(void **state)
{
	put("0001-bytes.sql", "CREATE TABLE \xff (a INT);");
	check_refused(*state, ERR_INVALID, "not UTF-8");
	drop("0001-bytes.sql");
	put("0001-open.sql", "/* CREATE TABLE one (a INT);");
	check_refused(*state, ERR_INVALID, "does not end");
}

static void
a_folder_that_is_not_there_is_not_found(void **state)
{
	struct err e;
	int n;

	assert_refused(migrate_run(*state, "/nowhere/schema", &n, &e), e, ERR_NOT_FOUND);
}

static void
a_migration_that_failed_in_the_middle_goes_on_there(void **state)
{
	put("0001-three.sql", "CREATE TABLE a (n INT); INSERT INTO a SELECT n FROM outside; INSERT "
		"INTO a VALUES (2);");
	check_refused(*state, ERR_INTERNAL, "migration 0001-three.sql, statement 2");
	check_refused(*state, ERR_INTERNAL, "migration 0001-three.sql, statement 2");
	harness_do(*state, "CREATE TABLE outside (n INT)");
	harness_do(*state, "INSERT INTO outside VALUES (1)");
	assert_int_equal(migrate(*state), 1);
	assert_int_equal(harness_number(*state, "SELECT SUM(n) FROM a"), 3);
	assert_int_equal(migrate(*state), 0);
}

/* Each statement in turn is the one whose record was lost. */
static void
a_statement_that_was_done_but_not_recorded_is_not_done_again(void **state)
{
	static const char *const statements[] = { "CREATE TABLE a (n INT, m INT)",
		"ALTER TABLE a ADD COLUMN k INT", "ALTER TABLE a ADD KEY k (k)",
		"ALTER TABLE a DROP COLUMN m", "CREATE TABLE b (n INT)", "DROP TABLE a" };
	char all[512] = "", sql[128];

	for (size_t i = 0; i < NELEM(statements); i++)
		snprintf(all + strlen(all), sizeof all - strlen(all), "%s;", statements[i]);
	put("0001-all.sql", all);
	for (size_t lost = 0; lost < NELEM(statements); lost++) {
		harness_do(*state, "DROP TABLE IF EXISTS a, b, schema_migrations");
		migrate(*state);
		harness_do(*state, "DROP TABLE b");
		for (size_t i = 0; i <= lost; i++) harness_do(*state, statements[i]);
		snprintf(sql, sizeof sql, "UPDATE schema_migrations SET applied_at=NULL, "
			"statements_done=%zu", lost);
		harness_do(*state, sql);
		assert_int_equal(migrate(*state), 1);
		assert_int_equal(harness_number(*state, "SELECT statements_done FROM "
			"schema_migrations WHERE applied_at IS NOT NULL"), NELEM(statements));
		assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM b"), 0);
	}
}

static void
what_is_in_the_way_of_a_first_run_is_an_error(void **state)
{
	harness_do(*state, "CREATE TABLE a (n INT)");
	put("0001-a.sql", "CREATE TABLE a (n INT);");
	check_refused(*state, ERR_INTERNAL, "already exists");
}

static void
a_process_killed_within_a_migration_leaves_one_that_can_be_finished(void **state)
{
	pid_t pid;

	put("0001-slow.sql", "CREATE TABLE a (n INT); DO SLEEP(0.7); CREATE TABLE b (n INT); "
		"INSERT INTO b VALUES (1);");
	fflush(NULL);
	if ((pid = fork()) == 0) {
		struct db *db = harness_open();

		_exit(migrate_as_one_of_many(db, 0, NULL));
	}
	usleep(400000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(migrate(*state), 1);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM b"), 1);
}

static void
the_schema_of_this_copy_can_be_applied(void **state)
{
	struct err e;
	int n;

	assert_done(migrate_run(*state, "schema", &n, &e), e);
	assert_true(n > 0);
	assert_done(migrate_run(*state, "schema", &n, &e), e);
	assert_int_equal(n, 0);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM jobs"), 0);
}

/* The migrations of this copy whose names come before `end`. */
static void
copy_schema(const char *end)
{
	char command[600];

	snprintf(command, sizeof command, "LC_ALL=C; for f in schema/*.sql; do "
		"[ \"${f##*/}\" \\< '%s' ] && cp \"$f\" '%s'; done; :", end, folder);
	assert_int_equal(system(command), 0);
}

static void
failures_from_before_they_were_counted_go_into_their_periods(void **state)
{
	static const struct { const char *status, *completed_at; } rows[] = {
		{ "failed", "'2026-03-01 10:04:59.999999'" }, { "failed", "'2026-03-01 10:00:00'" },
		{ "failed", "'2026-03-01 10:05:00'" }, { "completed", "'2026-03-01 10:05:00'" },
		{ "failed", "NULL" },
	};
	char sql[600];

	copy_schema("0010");
	migrate(*state);
	for (size_t i = 0; i < NELEM(rows); i++) {
		snprintf(sql, sizeof sql, "INSERT INTO jobs (id, status, completed_at, priority, "
			"run_after, prompt_id, prompt_preview, model, num_samples, format, params, "
			"created_at) VALUES (UNHEX(LPAD('%zu', 32, '0')), '%s', %s, 5, "
			"'2026-03-01', '', '', 'band', 1, 'flac', '{}', '2026-03-01')", i,
			rows[i].status, rows[i].completed_at);
		harness_do(*state, sql);
	}
	harness_do(*state, "INSERT INTO job_periods VALUES ('2026-03-01 10:05:00', 0, 7, 1, 2, 3)");
	copy_schema("0011");
	assert_int_equal(migrate(*state), 1);
	assert_int_equal(harness_number(*state, "SELECT failed FROM job_periods WHERE start="
		"'2026-03-01 10:00:00' AND shard=0 AND done=0"), 2);
	assert_int_equal(harness_number(*state, "SELECT failed FROM job_periods WHERE start="
		"'2026-03-01 10:05:00' AND shard=0 AND done=7 AND audio_ms=3"), 1);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM job_periods"), 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fresh_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_file_is_applied_once_in_the_order_of_its_number),
		TEST(of_eight_processes_at_once_each_migration_is_applied_by_one),
		TEST(whoever_finds_the_lock_taken_waits_for_it),
		TEST(an_applied_file_that_was_edited_is_refused_before_anything_changes),
		TEST(a_new_file_older_than_an_applied_one_is_refused),
		TEST(a_database_that_is_newer_than_this_copy_is_refused),
		TEST(two_files_with_one_number_are_refused),
		TEST(files_that_are_not_named_as_migrations_are_refused),
		TEST(a_file_that_is_no_text_or_does_not_end_is_refused),
		TEST(a_folder_that_is_not_there_is_not_found),
		TEST(a_migration_that_failed_in_the_middle_goes_on_there),
		TEST(a_statement_that_was_done_but_not_recorded_is_not_done_again),
		TEST(what_is_in_the_way_of_a_first_run_is_an_error),
		TEST(a_process_killed_within_a_migration_leaves_one_that_can_be_finished),
		TEST(the_schema_of_this_copy_can_be_applied),
		TEST(failures_from_before_they_were_counted_go_into_their_periods),
	};

	return cmocka_run_group_tests(tests, harness_begin, harness_end);
}
