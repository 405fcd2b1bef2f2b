/* Records as text: all of them, exactly, from every schema that there ever was. */
#include "harness.h"
#include "dump_seeds.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "db/migrate.h"
#include "records/counters.h"
#include "records/dump.h"
#include "records/dump_read.h"
#include "records/feedback.h"
#include "records/jobs.h"
#include "records/prompt_index.h"
#include "records/prompts.h"
#include "records/samples.h"
#include "records/schema.h"

static char path[256];

static int
begin(void **state)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(path, sizeof path, "%s/dump-%d.tsv", tmp && *tmp ? tmp : "/tmp", (int)getpid());
	return harness_no_tables(state);
}

static int
end(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void
migrate_to(struct db *db, uint32_t last)
{
	struct err e;
	int n;

	assert_done(migrate_up_to(db, "schema", last, &n, &e), e);
}

static uint64_t
dump(struct db *db)
{
	uint64_t rows;
	struct err e;

	assert_done(db_snapshot_begin(db, &e), e);
	assert_done(dump_write(db, path, &rows, &e), e);
	db_snapshot_end(db);
	return rows;
}

/* As `earshot restore` does it. */
static void
load(struct db *db)
{
	struct dump d;
	uint32_t last;
	struct err e;

	assert_done(dump_check(&d, path, &e), e);
	assert_done(migrate_compare("schema", d.migrations, d.n_migrations, &last, &e), e);
	assert_done(dump_begin(db, &e), e);
	migrate_to(db, last);
	assert_done(dump_load(db, &d, &e), e);
	migrate_to(db, UINT32_MAX);
	assert_done(dump_finish(db, &e), e);
	dump_free(&d);
}

static void
read_dump(struct buf *text)
{
	struct err e;

	buf_reset(text);
	assert_done(buf_read_file(text, path, 1 << 24, &e), e);
}

static void
fill(struct db *db, uint32_t version)
{
	for (size_t i = 0; i < NELEM(seeds); i++)
		if (seeds[i].from <= version && version <= seeds[i].until)
			harness_do(db, seeds[i].sql);
}

static uint32_t
last_version(struct db *db)
{
	return (uint32_t)harness_number(db, "SELECT MAX(version) FROM schema_migrations");
}

/* What must be the same whichever schema it came from. */
static const struct { uint32_t from; const char *sql; int64_t n; } facts[] = {
	{ 1, "SELECT COUNT(*) FROM jobs", 5 },
	{ 1, "SELECT SUM(failures*100+attempt*10+num_samples) FROM jobs", 359 },
	{ 1, "SELECT COUNT(*) FROM samples WHERE seed=4294967295 AND "
		"size_bytes=123456789012 AND true_peak_dbtp=1e-300 AND loudness_lufs="
		"-14.000000000000002e0 AND sha256=UNHEX(REPEAT('ab', 32))", 1 },
	{ 1, "SELECT COUNT(*) FROM prompts WHERE text='calm piano — „süß“ 🎹' AND "
		"created_at='2026-03-01 10:00:00.000001' AND attributes IS NULL", 1 },
	{ 1, "SELECT COUNT(*) FROM prompts WHERE text='fast\\nrock\\t\\\\N' AND "
		"digest=UNHEX(SHA2(CONCAT('fast\\nrock\\t\\\\N', 0x00, "
		"'{\"tempo\":152}'), 256))", 1 },
	{ 1, "SELECT SUM(n) FROM job_counts WHERE status='processing'", 1 },
	{ 1, "SELECT SUM(samples) FROM job_counts", 2 },
	{ 1, "SELECT SUM(ever) FROM job_counts", 5 },
	{ 1, "SELECT SUM(audio_ms) FROM job_periods", 20000 },
	{ 1, "SELECT SUM(failed) FROM job_periods WHERE start='2026-03-01 10:05:00'", 1 },
	{ 1, "SELECT COUNT(*) FROM submissions WHERE idem_key='Key-1' AND user_id="
		"REPEAT('\\0', 16)", 1 },
	{ 1, "SELECT COUNT(*) FROM intents WHERE collect_after IS NULL", 1 },
	{ 1, "SELECT COUNT(*) FROM templates WHERE is_system=1", 14 },
	{ 2, "SELECT COUNT(*) FROM settings WHERE value=REPEAT('0f', 32)", 1 },
	{ 4, "SELECT COUNT(*) FROM jobs j JOIN adapters a ON a.id=j.adapter_id JOIN "
		"adapter_weights w ON w.storage_key=j.adapter_key", 1 },
	{ 5, "SELECT COUNT(*) FROM audio_feedback WHERE stars=4 AND audio_created_at="
		"'2026-03-01 10:00:03'", 1 },
	{ 6, "SELECT COUNT(*) FROM favorites WHERE target_created_at="
		"'2026-03-01 10:00:03'", 1 },
	{ 7, "SELECT COUNT(*) FROM ab_votes v JOIN ab_pairs p ON p.id=v.pair_id JOIN "
		"ab_tests t ON t.id=p.test_id AND t.seed=1", 1 },
	{ 12, "SELECT COUNT(*) FROM tokens t JOIN users u ON u.id=t.user_id WHERE "
		"u.disabled_at IS NULL AND t.scopes='read,create' AND t.token_sha256="
		"UNHEX(REPEAT('9c', 32))", 1 },
	{ 12, "SELECT d.audio_ms FROM user_days d JOIN jobs j ON j.user_id=d.user_id AND "
		"j.asked_ms=d.audio_ms", 20000 },
	{ 12, "SELECT SUM(rating) FROM ratings", 9 },
	{ 12, "SELECT SUM(margin IS NULL) FROM preferences p JOIN samples s ON s.id="
		"p.chosen_audio_id AND s.idx=0", 1 },
	{ 12, "SELECT COUNT(*) FROM preferences", 1 },
};

static void
check_whole(struct db *db, uint32_t version)
{
	struct prompt p = {0};
	struct uuid id;
	uint32_t n;
	struct err e;
	int wrong;

	for (size_t i = 0; i < NELEM(facts); i++) {
		int64_t found = version < facts[i].from ? facts[i].n :
			harness_number(db, facts[i].sql);

		if (found != facts[i].n)
			fail_msg("from schema %" PRIu32 ": %lld, not %lld: %s", version,
				(long long)found, (long long)facts[i].n, facts[i].sql);
	}
	assert_done(counters_audit(db, false, &wrong, &e), e);
	if (wrong) fail_msg("from schema %" PRIu32 ": %d counters are wrong", version, wrong);
	assert_done(feedback_audit(db, false, &wrong, &e), e);
	if (wrong) fail_msg("from schema %" PRIu32 ": %d sums are wrong", version, wrong);
	assert_done(prompt_index_batch(db, &n, &e), e);
	assert_int_equal(n, 2);
	assert_int_equal(uuid_parse("00000000-0000-0000-0000-0000000000a1", &id), 1);
	assert_done(prompts_get(db, id, &p, &e), e);
	assert_string_equal(p.text, "calm piano — „süß“ 🎹");
	prompts_free(&p);
}

static void
data_of_every_earlier_schema_is_right_after_migrations_and_a_restore(void **state)
{
	enum schema_age age;
	struct err e;

	migrate_to(*state, UINT32_MAX);
	for (uint32_t v = last_version(*state); v; v--) {
		harness_no_tables(state);
		migrate_to(*state, v);
		fill(*state, v);
		dump(*state);
		migrate_to(*state, UINT32_MAX);
		check_whole(*state, v);
		load(*state);
		check_whole(*state, v);
		assert_done(schema_age(*state, &age, &e), e);
		assert_int_equal(age, SCHEMA_FITS);
		assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM progress"), 0);
		assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM hosts"), 0);
		assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM sessions"), 0);
		assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM sign_ins"), 0);
	}
}

static void
every_schema_has_data_and_its_tables_are_known(void **state)
{
	uint32_t last;

	migrate_to(*state, UINT32_MAX);
	last = last_version(*state);
	harness_no_tables(state);
	for (uint32_t v = 1; v <= last; v++) {
		bool seeded = false;
		struct db_rows *r;
		struct err e;

		for (size_t i = 0; i < NELEM(seeds); i++) seeded |= seeds[i].from == v;
		if (!seeded) fail_msg("schema %" PRIu32 " has no rows in dump_seeds.h", v);
		migrate_to(*state, v);
		r = db_query(*state, "SELECT table_name FROM information_schema.tables WHERE "
			"table_schema=DATABASE()", NULL, 0, &e);
		assert_non_null(r);
		while (db_next(r, &e) == 1)
			if (dump_table_index(db_col_text(r, 0)) < 0)
				fail_msg("no dump knows of the table %s", db_col_text(r, 0));
		db_rows_free(r);
	}
}

/* A host with one database for all that one has there. */
static void
tables_of_others_are_neither_kept_nor_touched(void **state)
{
	struct buf text = {0};

	migrate_to(*state, UINT32_MAX);
	harness_do(*state, "CREATE TABLE `wp-posts` (id INT PRIMARY KEY, `the title` TEXT)");
	harness_do(*state, "INSERT INTO `wp-posts` VALUES (1, 'Hello')");
	fill(*state, last_version(*state));
	dump(*state);
	read_dump(&text);
	assert_null(strstr(buf_str(&text), "Hello"));
	load(*state);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM `wp-posts` WHERE "
		"`the title`='Hello'"), 1);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM jobs"), 5);
	buf_free(&text);
}

/* What is dumped now, loaded and dumped again, is the same. */
static void
dump_and_load(struct db *db)
{
	struct buf first = {0}, second = {0};

	dump(db);
	read_dump(&first);
	load(db);
	dump(db);
	read_dump(&second);
	assert_int_equal(first.n, second.n);
	assert_memory_equal(first.p, second.p, first.n);
	buf_free(&first);
	buf_free(&second);
}

static void
what_was_loaded_is_dumped_again_to_the_byte(void **state)
{
	migrate_to(*state, UINT32_MAX);
	fill(*state, last_version(*state));
	dump_and_load(*state);
}

static void
every_value_comes_back_exactly(void **state)
{
	static const char *const values[] = { "0", "-1", "1e-300", "1.7976931348623157e308",
		"0.1e0",
		"1e0/3e0", "-14.000000000000002e0", "4.9406564584124654e-324",
		"123456789.123456789e0",
		"9007199254740993e0" };
	char sql[400];

	migrate_to(*state, UINT32_MAX);
	fill(*state, last_version(*state));
	harness_do(*state, "DELETE FROM samples");
	for (size_t i = 0; i < NELEM(values); i++) {
		snprintf(sql, sizeof sql, "INSERT INTO samples SELECT job.id, %zu, "
			"RANDOM_BYTES(16), job.id, '', NULL, NULL, 0, '', '', 0, 0, 0, "
			"18446744073709551615, RANDOM_BYTES(32), %s, 0, '', '', '', NULL, "
			"UTC_TIMESTAMP(6), NULL FROM jobs job LIMIT 1", i, values[i]);
		harness_do(*state, sql);
	}
	dump_and_load(*state);
	for (size_t i = 0; i < NELEM(values); i++) {
		snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM samples WHERE idx=%zu AND "
			"loudness_lufs=%s AND size_bytes=18446744073709551615", i, values[i]);
		if (harness_number(*state, sql) != 1) fail_msg("%s", values[i]);
	}
}

static void
what_is_written_after_the_snapshot_is_not_in_the_dump(void **state)
{
	struct db *other = harness_open();
	uint64_t rows, before;
	struct err e;

	migrate_to(*state, UINT32_MAX);
	fill(*state, last_version(*state));
	before = dump(*state);
	assert_done(db_snapshot_begin(*state, &e), e);
	harness_do(other, "INSERT INTO settings VALUES ('late', 'x', UTC_TIMESTAMP(6))");
	harness_do(other, "DELETE FROM samples");
	assert_done(dump_write(*state, path, &rows, &e), e);
	assert_int_equal(rows, before);
	/* Nothing can be written in it. */
	assert_int_equal(db_exec(*state, "DELETE FROM jobs", NULL, 0, &e), -1);
	db_snapshot_end(*state);
	assert_int_equal(dump(*state), before - 1);
	db_close(other);
}

static void
tables_whose_migration_was_broken_off_are_not_dumped(void **state)
{
	uint64_t rows;
	struct err e;

	migrate_to(*state, UINT32_MAX);
	harness_do(*state, "UPDATE schema_migrations SET applied_at=NULL ORDER BY version DESC "
		"LIMIT 1");
	assert_refused(dump_write(*state, path, &rows, &e), e, ERR_CONFLICT);
	assert_non_null(strstr(e.text, "earshot migrate"));
}

static void
tables_that_somebody_is_at_work_with_are_not_waited_for_for_long(void **state)
{
	struct db *other = harness_open();
	struct err e;

	migrate_to(*state, UINT32_MAX);
	harness_do(other, "START TRANSACTION");
	harness_number(other, "SELECT COUNT(*) FROM jobs");
	assert_refused(dump_begin(*state, &e), e, ERR_CONFLICT);
	assert_non_null(strstr(e.text, "the table jobs; stop"));
	db_close(other);
	assert_done(dump_begin(*state, &e), e);
}

static void
tables_are_unfinished_until_all_rows_are_there(void **state)
{
	enum schema_age age;
	bool tables, unfinished;
	struct err e;

	assert_done(dump_target(*state, &tables, &unfinished, &e), e);
	assert_false(tables || unfinished);
	harness_do(*state, "CREATE TABLE posts (id INT)");
	assert_done(dump_target(*state, &tables, &unfinished, &e), e);
	assert_false(tables || unfinished);
	migrate_to(*state, UINT32_MAX);
	assert_done(dump_target(*state, &tables, &unfinished, &e), e);
	assert_true(tables && !unfinished);
	assert_done(dump_begin(*state, &e), e);
	migrate_to(*state, UINT32_MAX);
	assert_done(dump_target(*state, &tables, &unfinished, &e), e);
	assert_true(tables && unfinished);
	assert_done(schema_age(*state, &age, &e), e);
	assert_int_equal(age, SCHEMA_OLDER);
	assert_done(dump_finish(*state, &e), e);
	assert_done(schema_age(*state, &age, &e), e);
	assert_int_equal(age, SCHEMA_FITS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(data_of_every_earlier_schema_is_right_after_migrations_and_a_restore),
		TEST(every_schema_has_data_and_its_tables_are_known),
		TEST(tables_of_others_are_neither_kept_nor_touched),
		TEST(what_was_loaded_is_dumped_again_to_the_byte),
		TEST(every_value_comes_back_exactly),
		TEST(what_is_written_after_the_snapshot_is_not_in_the_dump),
		TEST(tables_whose_migration_was_broken_off_are_not_dumped),
		TEST(tables_that_somebody_is_at_work_with_are_not_waited_for_for_long),
		TEST(tables_are_unfinished_until_all_rows_are_there),
	};

	return cmocka_run_group_tests(tests, harness_begin, harness_end);
}
