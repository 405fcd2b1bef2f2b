/* Rows as hosts had them with each schema that there was, for tests of migrations and backups. */
#ifndef EARSHOT_TESTS_DB_DUMP_SEEDS_H
#define EARSHOT_TESTS_DB_DUMP_SEEDS_H

#include <stdint.h>

/* As hosts left them that ran with the schema of a number: what the tables of 0001 say of five
 * jobs, and what each later one added, for as long as its table has that form. Written once, like
 * the migrations: this is what is out there. */
#define ID(n) "UNHEX(LPAD('" #n "', 32, '0'))"
static const struct { uint32_t from, until; const char *sql; } seeds[] = {
	{ 1, 99, "INSERT INTO prompts (id, text, attributes, created_at) VALUES (" ID(a1) ", "
		"'calm piano — „süß“ 🎹', NULL, '2026-03-01 10:00:00.000001'),"
		"(" ID(a2) ", 'fast\\nrock\\t\\\\N', '{\"tempo\":152}', '2026-03-01 10:00:01')" },
	{ 1, 99, "INSERT INTO jobs (id, status, priority, run_after, attempt, failures, owner, "
		"lease_until, prompt_id, prompt_preview, model, num_samples, format, params, "
		"sample_ids, error, error_code, audio_ms, created_at, started_at, "
		"completed_at) VALUES (" ID(b1) ", 'completed', 5, '2026-03-01 10:00:00', 1, "
		"0, " ID(f1) ", NULL, " ID(a1) ", 'calm piano', 'band', 2, 'flac', "
		"'{\"duration\":10}', CONCAT(" ID(c1) "," ID(c2) "), NULL, NULL, 20000, "
		"'2026-03-01 10:00:00', '2026-03-01 10:00:01', '2026-03-01 10:00:03'),"
		"(" ID(b2) ", 'failed', 0, '2026-03-01 10:01:00', 3, 3, " ID(f1) ", NULL, "
		ID(a2) ", 'fast rock', 'band', 1, 'mp3', '{}', NULL, 'It failed.', "
		"'worker_crashed', 0, '2026-03-01 10:01:00', '2026-03-01 10:01:01', "
		"'2026-03-01 10:06:00'),"
		"(" ID(b3) ", 'queued', 9, '2026-03-01 10:02:00', 0, 0, NULL, NULL, " ID(a2)
		", 'fast rock', 'band', 4, 'flac', '{}', NULL, NULL, NULL, 0, '2026-03-01 "
		"10:02:00', NULL, NULL),"
		"(" ID(b4) ", 'cancelled', 5, '2026-03-01 10:02:00', 0, 0, NULL, NULL, " ID(a2)
		", 'fast rock', 'band', 1, 'flac', '{}', NULL, NULL, NULL, 0, '2026-03-01 "
		"10:02:00', NULL, '2026-03-01 10:02:09'),"
		"(" ID(b5) ", 'processing', 5, '2026-03-01 10:03:00', 1, 0, " ID(f1) ", "
		"'2026-03-01 10:03:15', " ID(a1) ", 'calm piano', 'band', 1, 'flac', '{}', "
		"NULL, NULL, NULL, 0, '2026-03-01 10:03:00', '2026-03-01 10:03:01', NULL)" },
	{ 1, 99, "INSERT INTO samples (job_id, idx, id, prompt_id, model, seed, title, format, "
		"sample_rate, channels, frames, size_bytes, sha256, loudness_lufs, "
		"true_peak_dbtp, params, storage_key, peaks_key, midi_key, created_at) VALUES ("
		ID(b1) ", 0, " ID(c1) ", " ID(a1) ", 'band', 4294967295, 'One', 'flac', 44100, "
		"2, 441000, 123456789012, UNHEX(REPEAT('ab', 32)), -14.000000000000002, "
		"1e-300, '{}', 'audio/ab/1.flac', 'audio/ab/1.peaks', 'audio/ab/1.mid', "
		"'2026-03-01 10:00:03'),"
		"(" ID(b1) ", 1, " ID(c2) ", " ID(a1) ", 'band', 0, 'Two', 'flac', 44100, 2, "
		"441000, 1, UNHEX(REPEAT('00', 32)), NULL, NULL, '{}', 'audio/ab/2.flac', "
		"'audio/ab/2.peaks', NULL, '2026-03-01 10:00:03')" },
	{ 1, 99, "INSERT INTO intents (storage_key, job_id, attempt, owner, created_at) VALUES "
		"('audio/cd/5.flac', " ID(b5) ", 1, " ID(f1) ", '2026-03-01 10:03:01')" },
	{ 1, 99, "INSERT INTO progress VALUES (" ID(b5) ", 1, 0.5, 'generating', '2026-03-01 "
		"10:03:02')" },
	{ 1, 99, "INSERT INTO job_counts (shard, status, n) VALUES (0, 'completed', 1), (1, "
		"'failed', 1), (1, 'queued', 1), (2, 'cancelled', 1), (2, 'processing', 1) ON "
		"DUPLICATE KEY UPDATE n=VALUES(n)" },
	{ 1, 2, "INSERT INTO job_hours VALUES ('2026-03-01 10:00:00', 0, 1, 1000, 2000, 20000)" },
	{ 1, 99, "INSERT INTO submissions VALUES (REPEAT('\\0', 16), 'Key-1', "
		"UNHEX(REPEAT('cd', 32)), " ID(b1) ", '2026-03-01 10:00:00')" },
	{ 1, 99, "INSERT INTO hosts (id, name, pid, workers, busy, seen_at) VALUES (" ID(f1)
		", 'old', 1, 2, 1, '2026-03-01 10:03:00')" },
	{ 2, 99, "INSERT INTO settings VALUES ('ballot_key', REPEAT('0f', 32), '2026-03-01 "
		"11:00:00')" },
	{ 3, 99, "UPDATE job_counts SET samples=2 WHERE status='completed'" },
	{ 3, 99, "INSERT INTO job_periods (start, shard, done, wait_ms, processing_ms, "
		"audio_ms) VALUES ('2026-03-01 10:00:00', 0, 1, 1000, 2000, 20000)" },
	{ 4, 99, "INSERT INTO adapters VALUES (" ID(d1) ", 'Tape', NULL, 'band', 'active', "
		"NULL, " ID(d2) ", '2026-03-02', '2026-03-02')" },
	{ 4, 99, "INSERT INTO adapter_versions VALUES (" ID(d2) ", " ID(d1) ", '1.0.0', NULL, "
		ID(d3) ", '2026-03-02')" },
	{ 4, 99, "INSERT INTO adapter_weights VALUES (" ID(d3) ", " ID(d2) ", "
		"'adapters/ab/d3', UNHEX(REPEAT('ef', 32)), 7, NULL, '2026-03-02')" },
	{ 4, 99, "UPDATE jobs SET adapter_id=" ID(d1) ", adapter_name='Tape', "
		"adapter='{\"scale\":0.5}', adapter_key='adapters/ab/d3' WHERE id=" ID(b3) },
	{ 4, 99, "INSERT INTO job_tallies VALUES (" ID(d1) ", 0, 'queued', 1, 0)" },
	{ 5, 99, "INSERT INTO ratings VALUES (" ID(e1) ", " ID(c1) ", REPEAT('\\0', 16), NULL, "
		"4, 'overall', 'good', '2026-03-03')" },
	{ 5, 99, "UPDATE jobs SET feedback_count=1, rating_count=1, rating_sum=4 WHERE id="
		ID(b1) },
	{ 5, 99, "INSERT INTO audio_feedback (audio_id, rating_count, rating_sum, wins, "
		"comparisons, tag_count) VALUES (" ID(c1) ", 1, 4, 0, 0, 0)" },
	{ 5, 99, "INSERT INTO rating_counts VALUES (REPEAT('\\0', 16), 'overall', 4, 0, 1)" },
	{ 5, 99, "INSERT INTO feedback_totals VALUES (0, 1, 4, 0, 0, 0, 0, 0, 1, 1, 0, 0)" },
	{ 6, 99, "INSERT INTO experiments VALUES (" ID(e2) ", NULL, 'Rain', NULL, NULL, NULL, "
		"'2026-03-04', '2026-03-04')" },
	{ 6, 99, "INSERT INTO favorites (id, user_id, target_type, target_id, note, "
		"created_at) VALUES (" ID(e3) ", REPEAT('\\0', 16), 'audio', " ID(c2) ", NULL, "
		"'2026-03-04')" },
	{ 7, 99, "INSERT INTO ab_tests VALUES (" ID(e4) ", NULL, 'Tape?', NULL, 'band', NULL, "
		"NULL, NULL, NULL, " ID(d1) ", 'Tape', '{}', 'adapters/ab/d3', '{}', 'flac', "
		"5, 1, 1, '2026-03-05', '2026-03-05')" },
	{ 7, 99, "INSERT INTO ab_pairs VALUES (" ID(e5) ", " ID(e4) ", 0, " ID(a1) ", 7, NULL, "
		"NULL)" },
	{ 7, 99, "INSERT INTO ab_votes VALUES (" ID(e5) ", " ID(e6) ", " ID(e4) ", 'equal', "
		"'2026-03-05', '2026-03-05')" },
	{ 8, 99, "UPDATE job_counts SET ever=n" },
	{ 8, 99, "UPDATE job_counts SET processing_ms=2000, audio_ms=20000 WHERE "
		"status='completed'" },
	{ 9, 99, "UPDATE favorites SET target_created_at='2026-03-01 10:00:03'" },
	{ 9, 99, "UPDATE audio_feedback SET audio_created_at='2026-03-01 10:00:03'" },
	{ 10, 99, "INSERT INTO job_periods (start, shard, done, wait_ms, processing_ms, "
		"audio_ms, failed) VALUES ('2026-03-01 10:05:00', 0, 0, 0, 0, 0, 1)" },
	{ 11, 99, "UPDATE prompts SET digest=UNHEX(SHA2(CONCAT(CAST(text AS BINARY), 0x00, "
		"CAST(COALESCE(attributes, '') AS BINARY)), 256))" },
	{ 12, 99, "INSERT INTO users (id, login, password, role, disabled_at, created_at) "
		"VALUES (" ID(aa) ", 'ada', '$argon2id$v=19$m=19456,t=2,p=1$x$y', 'admin', "
		"NULL, '2026-03-06'), (" ID(ab) ", 'bob', '$argon2id$', 'listener', "
		"'2026-03-07', '2026-03-06')" },
	{ 12, 99, "INSERT INTO tokens (id, user_id, name, prefix, token_sha256, scopes, "
		"created_at, expires_at) VALUES (" ID(ac) ", " ID(aa) ", 'nightly', "
		"'earshot_ab', UNHEX(REPEAT('9c', 32)), 'read,create', '2026-03-06', "
		"'2026-06-06')" },
	{ 12, 99, "INSERT INTO sessions VALUES (UNHEX(REPEAT('9d', 32)), " ID(aa) ", "
		"'2026-03-06', '2026-03-06', '2036-03-06')" },
	{ 12, 99, "INSERT INTO sign_ins VALUES (UNHEX(REPEAT('9e', 32)), 3, '2036-03-06')" },
	{ 12, 99, "INSERT INTO user_days VALUES (" ID(aa) ", '2026-03-06', 20000)" },
	{ 12, 99, "UPDATE jobs SET user_id=" ID(aa) ", asked_ms=20000 WHERE id=" ID(b1) },
	{ 12, 99, "INSERT INTO job_tallies VALUES (" ID(aa) ", 0, 'completed', 1, 2)" },
	/* What a user said last, and, for as long as it could be, what they had said before. */
	{ 12, 99, "INSERT INTO ratings VALUES (" ID(e8) ", " ID(c1) ", REPEAT('\\0', 16), "
		ID(aa) ", 5, 'overall', NULL, '2026-03-07')" },
	{ 12, 99, "INSERT INTO preferences (id, prompt_id, chosen_audio_id, rejected_audio_id, "
		"job_id, user_id, margin, notes, created_at) VALUES (" ID(f3) ", " ID(a1) ", "
		ID(c1) ", " ID(c2) ", " ID(b1) ", " ID(aa) ", NULL, NULL, '2026-03-07')" },
	{ 12, 12, "INSERT INTO ratings VALUES (" ID(e7) ", " ID(c1) ", REPEAT('\\0', 16), "
		ID(aa) ", 3, 'overall', NULL, '2026-03-06')" },
	{ 12, 12, "INSERT INTO preferences VALUES (" ID(f2) ", " ID(a1) ", " ID(c2) ", " ID(c1)
		", " ID(b1) ", " ID(aa) ", 2, NULL, '2026-03-06')" },
	{ 12, 12, "UPDATE jobs SET feedback_count=5, rating_count=3, rating_sum=12 WHERE id="
		ID(b1) },
	{ 12, 12, "REPLACE INTO audio_feedback (audio_id, rating_count, rating_sum, wins, "
		"comparisons, tag_count, audio_created_at) VALUES (" ID(c1) ", 3, 12, 1, 2, 0, "
		"'2026-03-01 10:00:03'), (" ID(c2) ", 0, 0, 1, 2, 0, '2026-03-01 10:00:03')" },
	{ 12, 12, "INSERT INTO rating_counts VALUES (REPEAT('\\0', 16), 'overall', 3, 0, 1), "
		"(REPEAT('\\0', 16), 'overall', 5, 0, 1)" },
	{ 12, 12, "INSERT INTO compared_prompts VALUES (" ID(a1) ", 2)" },
	{ 12, 12, "REPLACE INTO feedback_totals VALUES (0, 3, 12, 2, 1, 2, 0, 0, 2, 1, 2, 1)" },
	{ 13, 99, "UPDATE jobs SET feedback_count=3, rating_count=2, rating_sum=9 WHERE id="
		ID(b1) },
	{ 13, 99, "REPLACE INTO audio_feedback (audio_id, rating_count, rating_sum, wins, "
		"comparisons, tag_count, audio_created_at) VALUES (" ID(c1) ", 2, 9, 1, 1, 0, "
		"'2026-03-01 10:00:03'), (" ID(c2) ", 0, 0, 0, 1, 0, '2026-03-01 10:00:03')" },
	{ 13, 99, "INSERT INTO rating_counts VALUES (REPEAT('\\0', 16), 'overall', 5, 0, 1)" },
	{ 13, 99, "INSERT INTO compared_prompts VALUES (" ID(a1) ", 1)" },
	{ 13, 99, "REPLACE INTO feedback_totals VALUES (0, 2, 9, 1, 0, 0, 0, 0, 1, 1, 2, 1)" },
};

#endif
