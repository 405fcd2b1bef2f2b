/* Records as text: all of them, exactly, from every schema that there ever was. */
#include "harness.h"

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

/* As hosts left them that ran with the schema of a number: what the tables of 0001 say of five
 * jobs, and what each later one added, for as long as its table has that form. Written once, like
 * the migrations: this is what is out there. */
#define ID(n) "UNHEX(LPAD('" #n "', 32, '0'))"
static const struct { uint32_t from, until; const char *sql; } seeds[] = {
	{ 1, 99, "INSERT INTO prompts (id, text, attributes, created_at) VALUES "
		"(" ID(a1) ", 'calm piano — „süß“ 🎹', NULL, '2026-03-01 10:00:00.000001'),"
		"(" ID(a2) ", 'fast\\nrock\\t\\\\N', '{\"tempo\":152}', '2026-03-01 10:00:01')" },
	{ 1, 99, "INSERT INTO jobs (id, status, priority, run_after, attempt, failures, owner, "
		"lease_until, prompt_id, prompt_preview, model, num_samples, format, params, "
		"sample_ids, error, error_code, audio_ms, created_at, started_at, completed_at) "
		"VALUES "
		"(" ID(b1) ", 'completed', 5, '2026-03-01 10:00:00', 1, 0, " ID(f1) ", NULL, "
		ID(a1)
		", 'calm piano', 'band', 2, 'flac', '{\"duration\":10}', CONCAT(" ID(c1) "," ID(c2)
		"), NULL, NULL, 20000, '2026-03-01 10:00:00', '2026-03-01 10:00:01', "
		"'2026-03-01 10:00:03'),"
		"(" ID(b2) ", 'failed', 0, '2026-03-01 10:01:00', 3, 3, " ID(f1) ", NULL, " ID(a2)
		", 'fast rock', 'band', 1, 'mp3', '{}', NULL, 'It failed.', 'worker_crashed', 0, "
		"'2026-03-01 10:01:00', '2026-03-01 10:01:01', '2026-03-01 10:06:00'),"
		"(" ID(b3) ", 'queued', 9, '2026-03-01 10:02:00', 0, 0, NULL, NULL, " ID(a2)
		", 'fast rock', 'band', 4, 'flac', '{}', NULL, NULL, NULL, 0, '2026-03-01 "
		"10:02:00', "
		"NULL, NULL),"
		"(" ID(b4) ", 'cancelled', 5, '2026-03-01 10:02:00', 0, 0, NULL, NULL, " ID(a2)
		", 'fast rock', 'band', 1, 'flac', '{}', NULL, NULL, NULL, 0, '2026-03-01 "
		"10:02:00', "
		"NULL, '2026-03-01 10:02:09'),"
		"(" ID(b5) ", 'processing', 5, '2026-03-01 10:03:00', 1, 0, " ID(f1)
		", '2026-03-01 10:03:15', " ID(a1) ", 'calm piano', 'band', 1, 'flac', '{}', NULL, "
		"NULL, NULL, 0, '2026-03-01 10:03:00', '2026-03-01 10:03:01', NULL)" },
	{ 1, 99, "INSERT INTO samples (job_id, idx, id, prompt_id, model, seed, title, format, "
		"sample_rate, channels, frames, size_bytes, sha256, loudness_lufs, true_peak_dbtp, "
		"params, storage_key, peaks_key, midi_key, created_at) VALUES "
		"(" ID(b1) ", 0, " ID(c1) ", " ID(a1) ", 'band', 4294967295, 'One', 'flac', "
		"44100, 2, "
		"441000, 123456789012, UNHEX(REPEAT('ab', 32)), -14.000000000000002, 1e-300, '{}', "
		"'audio/ab/1.flac', 'audio/ab/1.peaks', 'audio/ab/1.mid', '2026-03-01 10:00:03'),"
		"(" ID(b1) ", 1, " ID(c2) ", " ID(a1) ", 'band', 0, 'Two', 'flac', 44100, 2, "
		"441000, 1, UNHEX(REPEAT('00', 32)), NULL, NULL, '{}', 'audio/ab/2.flac', "
		"'audio/ab/2.peaks', NULL, '2026-03-01 10:00:03')" },
	{ 1, 99, "INSERT INTO intents (storage_key, job_id, attempt, owner, created_at) VALUES "
		"('audio/cd/5.flac', " ID(b5) ", 1, " ID(f1) ", '2026-03-01 10:03:01')" },
	{ 1, 99, "INSERT INTO progress VALUES (" ID(b5) ", 1, 0.5, 'generating', "
		"'2026-03-01 10:03:02')" },
	{ 1, 99, "INSERT INTO job_counts (shard, status, n) VALUES (0, 'completed', 1), (1, "
		"'failed', "
		"1), (1, 'queued', 1), (2, 'cancelled', 1), (2, 'processing', 1) ON DUPLICATE KEY "
		"UPDATE "
		"n=VALUES(n)" },
	{ 1, 2, "INSERT INTO job_hours VALUES ('2026-03-01 10:00:00', 0, 1, 1000, 2000, 20000)" },
	{ 1, 99, "INSERT INTO submissions VALUES (REPEAT('\\0', 16), 'Key-1', UNHEX(REPEAT('cd', "
		"32)), " ID(b1) ", '2026-03-01 10:00:00')" },
	{ 1, 99, "INSERT INTO hosts (id, name, pid, workers, busy, seen_at) VALUES (" ID(f1) ", "
		"'old', 1, 2, "
		"1, '2026-03-01 10:03:00')" },
	{ 2, 99, "INSERT INTO settings VALUES ('ballot_key', REPEAT('0f', 32), '2026-03-01 "
		"11:00:00')" },
	{ 3, 99, "UPDATE job_counts SET samples=2 WHERE status='completed'" },
	{ 3, 99, "INSERT INTO job_periods (start, shard, done, wait_ms, processing_ms, audio_ms) "
		"VALUES "
		"('2026-03-01 10:00:00', 0, 1, 1000, 2000, 20000)" },
	{ 4, 99, "INSERT INTO adapters VALUES (" ID(d1) ", 'Tape', NULL, 'band', 'active', NULL, "
		"" ID(d2)
		", '2026-03-02', '2026-03-02')" },
	{ 4, 99, "INSERT INTO adapter_versions VALUES (" ID(d2) ", " ID(d1) ", '1.0.0', NULL, "
		ID(d3)
		", '2026-03-02')" },
	{ 4, 99, "INSERT INTO adapter_weights VALUES (" ID(d3) ", " ID(d2) ", 'adapters/ab/d3', "
		"UNHEX(REPEAT('ef', 32)), 7, NULL, '2026-03-02')" },
	{ 4, 99, "UPDATE jobs SET adapter_id=" ID(d1) ", adapter_name='Tape', "
		"adapter='{\"scale\":0.5}', "
		"adapter_key='adapters/ab/d3' WHERE id=" ID(b3) },
	{ 4, 99, "INSERT INTO job_tallies VALUES (" ID(d1) ", 0, 'queued', 1, 0)" },
	{ 5, 99, "INSERT INTO ratings VALUES (" ID(e1) ", " ID(c1) ", REPEAT('\\0', 16), NULL, 4, "
		"'overall', 'good', '2026-03-03')" },
	{ 5, 99, "UPDATE jobs SET feedback_count=1, rating_count=1, rating_sum=4 WHERE id="
		ID(b1) },
	{ 5, 99, "INSERT INTO audio_feedback (audio_id, rating_count, rating_sum, wins, "
		"comparisons, "
		"tag_count) VALUES (" ID(c1) ", 1, 4, 0, 0, 0)" },
	{ 5, 99, "INSERT INTO rating_counts VALUES (REPEAT('\\0', 16), 'overall', 4, 0, 1)" },
	{ 5, 99, "INSERT INTO feedback_totals VALUES (0, 1, 4, 0, 0, 0, 0, 0, 1, 1, 0, 0)" },
	{ 6, 99, "INSERT INTO experiments VALUES (" ID(e2) ", NULL, 'Rain', NULL, NULL, NULL, "
		"'2026-03-04', '2026-03-04')" },
	{ 6, 99, "INSERT INTO favorites (id, user_id, target_type, target_id, note, created_at) "
		"VALUES "
		"(" ID(e3) ", REPEAT('\\0', 16), 'audio', " ID(c2) ", NULL, '2026-03-04')" },
	{ 7, 99, "INSERT INTO ab_tests VALUES (" ID(e4) ", NULL, 'Tape?', NULL, 'band', NULL, "
		"NULL, NULL, "
		"NULL, " ID(d1) ", 'Tape', '{}', 'adapters/ab/d3', '{}', 'flac', 5, 1, 1, "
		"'2026-03-05', "
		"'2026-03-05')" },
	{ 7, 99, "INSERT INTO ab_pairs VALUES (" ID(e5) ", " ID(e4) ", 0, " ID(a1) ", 7, NULL, "
		"NULL)" },
	{ 7, 99, "INSERT INTO ab_votes VALUES (" ID(e5) ", " ID(e6) ", " ID(e4) ", 'equal', "
		"'2026-03-05', "
		"'2026-03-05')" },
	{ 8, 99, "UPDATE job_counts SET ever=n" },
	{ 8, 99, "UPDATE job_counts SET processing_ms=2000, audio_ms=20000 WHERE "
		"status='completed'" },
	{ 9, 99, "UPDATE favorites SET target_created_at='2026-03-01 10:00:03'" },
	{ 9, 99, "UPDATE audio_feedback SET audio_created_at='2026-03-01 10:00:03'" },
	{ 10, 99, "INSERT INTO job_periods (start, shard, done, wait_ms, processing_ms, audio_ms, "
		"failed) "
		"VALUES ('2026-03-01 10:05:00', 0, 0, 0, 0, 0, 1)" },
	{ 11, 99, "UPDATE prompts SET digest=UNHEX(SHA2(CONCAT(CAST(text AS BINARY), 0x00, "
		"CAST(COALESCE(attributes, '') AS BINARY)), 256))" },
	{ 12, 99, "INSERT INTO users (id, login, password, role, disabled_at, max_queued_jobs, "
		"max_audio_seconds_per_day, created_at, last_sign_in_at) VALUES "
		"(" ID(101) ", 'ada', '$argon2id$x', 'admin', NULL, NULL, 0, '2026-03-06', "
		"'2026-03-06 10:00:00.000007'),"
		"(" ID(102) ", 'bob', '$argon2id$y', 'creator', '2026-03-07', 3, NULL, "
		"'2026-03-06', NULL)" },
	{ 12, 99, "INSERT INTO tokens (id, user_id, name, prefix, token_sha256, scopes, created_at, "
		"last_used_at, expires_at) VALUES (" ID(103) ", " ID(101) ", 'renders', "
		"'earshot_abcd', UNHEX(REPEAT('12', 32)), 'read,create', '2026-03-06', NULL, "
		"'2036-03-06')" },
	{ 12, 99, "INSERT INTO user_days (user_id, day, audio_ms) VALUES (" ID(101) ", "
		"'2026-03-06', 40000)" },
	{ 12, 99, "UPDATE jobs SET user_id=" ID(101) ", asked_ms=40000 WHERE id=" ID(b3) },
	{ 12, 99, "INSERT INTO job_tallies VALUES (" ID(101) ", 0, 'queued', 1, 0)" },
	/* What a user could say twice. */
	{ 12, 12, "INSERT INTO ratings VALUES "
		"(" ID(111) ", " ID(c2) ", REPEAT('\\0', 16), " ID(101) ", 1, 'overall', NULL, "
		"'2026-03-06'),"
		"(" ID(112) ", " ID(c2) ", REPEAT('\\0', 16), " ID(101) ", 5, 'overall', NULL, "
		"'2026-03-07'),"
		"(" ID(113) ", " ID(c2) ", REPEAT('\\0', 16), " ID(101) ", 2, 'overall', NULL, "
		"'2026-03-06'),"
		"(" ID(114) ", " ID(c2) ", REPEAT('\\0', 16), " ID(101) ", 2, 'melody', NULL, "
		"'2026-03-06'),"
		"(" ID(115) ", " ID(c2) ", REPEAT('\\0', 16), " ID(102) ", 1, 'overall', NULL, "
		"'2026-03-06'),"
		"(" ID(116) ", " ID(c2) ", REPEAT('\\0', 16), NULL, 1, 'overall', NULL, "
		"'2026-03-06'),"
		"(" ID(117) ", " ID(c2) ", REPEAT('\\0', 16), NULL, 1, 'overall', NULL, "
		"'2026-03-06')" },
	{ 12, 12, "INSERT INTO preferences VALUES "
		"(" ID(121) ", " ID(a1) ", " ID(c1) ", " ID(c2) ", " ID(b1) ", " ID(101) ", 5, "
		"NULL, '2026-03-06'),"
		"(" ID(122) ", " ID(a1) ", " ID(c2) ", " ID(c1) ", " ID(b1) ", " ID(101) ", 2, "
		"NULL, '2026-03-07'),"
		"(" ID(123) ", " ID(a1) ", " ID(c2) ", " ID(c1) ", " ID(b1) ", " ID(102) ", NULL, "
		"NULL, '2026-03-06'),"
		"(" ID(124) ", " ID(a1) ", " ID(c1) ", " ID(c2) ", " ID(b1) ", NULL, NULL, NULL, "
		"'2026-03-06'),"
		"(" ID(125) ", " ID(a1) ", " ID(c1) ", " ID(c2) ", " ID(b1) ", NULL, 1, NULL, "
		"'2026-03-06')" },
};

static void
fill(struct db *db, uint32_t version)
{
	struct err e;
	int wrong;

	for (size_t i = 0; i < NELEM(seeds); i++)
		if (seeds[i].from <= version && version <= seeds[i].until)
			harness_do(db, seeds[i].sql);
	/* The sums of what was said twice. */
	if (version == 12) {
		assert_done(feedback_audit(db, true, &wrong, &e), e);
		assert_true(wrong > 0);
	}
}

static uint32_t
last_version(struct db *db)
{
	return (uint32_t)harness_number(db, "SELECT MAX(version) FROM schema_migrations");
}

/* What must be the same whichever schema it came from. */
static void
check_whole(struct db *db, uint32_t version)
{
	static const struct { uint32_t from; const char *sql; int64_t n; } facts[] = {
		{ 1, "SELECT COUNT(*) FROM jobs", 5 },
		{ 1, "SELECT SUM(failures*100+attempt*10+num_samples) FROM jobs", 359 },
		{ 1, "SELECT COUNT(*) FROM samples WHERE seed=4294967295 AND "
		"size_bytes=123456789012 AND "
			"true_peak_dbtp=1e-300 AND loudness_lufs=-14.000000000000002e0 AND sha256="
			"UNHEX(REPEAT('ab', 32))", 1 },
		{ 1, "SELECT COUNT(*) FROM prompts WHERE text='calm piano — „süß“ 🎹' AND "
		"created_at="
			"'2026-03-01 10:00:00.000001' AND attributes IS NULL", 1 },
		{ 1, "SELECT COUNT(*) FROM prompts WHERE text='fast\\nrock\\t\\\\N' AND "
		"digest=UNHEX("
			"SHA2(CONCAT('fast\\nrock\\t\\\\N', 0x00, '{\"tempo\":152}'), 256))", 1 },
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
		{ 6, "SELECT COUNT(*) FROM favorites WHERE target_created_at='2026-03-01 "
		"10:00:03'", 1 },
		{ 12, "SELECT COUNT(*) FROM users u JOIN tokens t ON t.user_id=u.id JOIN jobs j ON "
			"j.user_id=u.id JOIN user_days d ON d.user_id=u.id WHERE u.role='admin' "
			"AND u.max_audio_seconds_per_day=0 AND t.scopes='read,create' AND "
			"j.asked_ms=d.audio_ms", 1 },
		{ 7, "SELECT COUNT(*) FROM ab_votes v JOIN ab_pairs p ON p.id=v.pair_id JOIN "
		"ab_tests t "
			"ON t.id=p.test_id AND t.seed=1", 1 },
	};
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
data_of_every_earlier_schema_is_right_after_the_migrations_and_after_a_restore(void **state)
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
	}
}

static void
of_what_a_user_had_said_twice_the_last_word_stays(void **state)
{
	static const struct { const char *sql; int64_t n; } facts[] = {
		{ "SELECT COUNT(*) FROM ratings WHERE audio_id=" ID(c2), 5 },
		{ "SELECT rating FROM ratings WHERE user_id=" ID(101) " AND criterion='overall'", 5 },
		{ "SELECT COUNT(*) FROM preferences", 4 },
		{ "SELECT margin FROM preferences WHERE user_id=" ID(101), 2 },
		{ "SELECT rating_count*1000+rating_sum*100+wins*10+comparisons FROM audio_feedback "
			"WHERE audio_id=" ID(c2), 5 * 1000 + 10 * 100 + 2 * 10 + 4 },
		{ "SELECT wins*10+comparisons FROM audio_feedback WHERE audio_id=" ID(c1), 24 },
		{ "SELECT feedback_count*1000+rating_count*100+rating_sum FROM jobs WHERE id="
			ID(b1), 10 * 1000 + 6 * 100 + 14 },
		{ "SELECT SUM(preferences)*100+SUM(margins)*10+SUM(margin_sum) FROM feedback_totals",
			423 },
		{ "SELECT SUM(n) FROM rating_counts", 6 },
	};
	struct err e;
	int wrong;

	migrate_to(*state, 12);
	fill(*state, 12);
	migrate_to(*state, 13);
	for (size_t i = 0; i < NELEM(facts); i++)
		if (harness_number(*state, facts[i].sql) != facts[i].n)
			fail_msg("%lld, not %lld: %s", (long long)harness_number(*state,
				facts[i].sql), (long long)facts[i].n, facts[i].sql);
	assert_done(feedback_audit(*state, false, &wrong, &e), e);
	assert_int_equal(wrong, 0);
}

static void
what_was_loaded_is_dumped_again_to_the_byte(void **state)
{
	struct buf first = {0}, second = {0};

	migrate_to(*state, UINT32_MAX);
	fill(*state, last_version(*state));
	dump(*state);
	read_dump(&first);
	load(*state);
	dump(*state);
	read_dump(&second);
	assert_int_equal(first.n, second.n);
	assert_memory_equal(first.p, second.p, first.n);
	buf_free(&first);
	buf_free(&second);
}

static void
every_value_comes_back_exactly(void **state)
{
	static const char *const values[] = { "0", "-1", "1e-300", "1.7976931348623157e308",
		"0.1e0",
		"1e0/3e0", "-14.000000000000002e0", "4.9406564584124654e-324",
		"123456789.123456789e0",
		"9007199254740993e0" };
	struct buf first = {0}, second = {0};
	char sql[400];

	migrate_to(*state, UINT32_MAX);
	fill(*state, last_version(*state));
	harness_do(*state, "DELETE FROM samples");
	for (size_t i = 0; i < NELEM(values); i++) {
		snprintf(sql, sizeof sql, "INSERT INTO samples SELECT job.id, %zu, "
		"RANDOM_BYTES(16), job.id, "
			"'', NULL, NULL, 0, '', '', 0, 0, 0, 18446744073709551615, "
			"RANDOM_BYTES(32), %s, 0, "
			"'', '', '', NULL, UTC_TIMESTAMP(6), NULL FROM jobs job LIMIT 1", i,
			values[i]);
		harness_do(*state, sql);
	}
	dump(*state);
	read_dump(&first);
	load(*state);
	for (size_t i = 0; i < NELEM(values); i++) {
		snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM samples WHERE idx=%zu AND "
		"loudness_lufs=%s "
			"AND size_bytes=18446744073709551615", i, values[i]);
		if (harness_number(*state, sql) != 1) fail_msg("%s", values[i]);
	}
	dump(*state);
	read_dump(&second);
	assert_int_equal(first.n, second.n);
	assert_memory_equal(first.p, second.p, first.n);
	buf_free(&first);
	buf_free(&second);
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
tables_are_unfinished_until_all_rows_are_there(void **state)
{
	enum schema_age age;
	bool tables, unfinished;
	struct err e;

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
		TEST(data_of_every_earlier_schema_is_right_after_the_migrations_and_after_a_restore),
		TEST(of_what_a_user_had_said_twice_the_last_word_stays),
		TEST(what_was_loaded_is_dumped_again_to_the_byte),
		TEST(every_value_comes_back_exactly),
		TEST(what_is_written_after_the_snapshot_is_not_in_the_dump),
		TEST(tables_whose_migration_was_broken_off_are_not_dumped),
		TEST(tables_are_unfinished_until_all_rows_are_there),
	};

	return cmocka_run_group_tests(tests, harness_begin, harness_end);
}
