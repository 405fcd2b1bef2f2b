/* Prompts: listed with their samples, indexed once by whoever comes first, found by their words. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "records/prompt_index.h"
#include "records/prompts.h"
#include "records/search_words.h"

enum { PROMPTS = 250, PROCESSES = 4 };

static struct uuid
create(struct db *db, const char *text, const char *attributes)
{
	struct uuid id;
	struct err e;

	assert_done(prompts_create(db, text, attributes, &id, &e), e);
	return id;
}

static int
index_all(struct db *db, int i, void *ctx)
{
	struct err e;
	uint32_t n;
	int sum = 0;

	(void)i;
	(void)ctx;
	do {
		if (prompt_index_batch(db, &n, &e)) return -1;
		sum += (int)n;
	} while (n);
	return sum;
}

static struct prompt_list
search(struct db *db, const char *words, struct prompt_filter f)
{
	struct prompt_list l;
	struct buf condition = {0};
	struct err e;

	assert_true(search_condition(words, SEARCH_ANYWHERE, true, &condition));
	f.words = buf_str(&condition);
	f.best_first = true;
	assert_done(prompts_list(db, &f, 10, 0, &l, &e), e);
	buf_free(&condition);
	return l;
}

static uint64_t
n_found(struct db *db, const char *words, struct prompt_filter f)
{
	struct prompt_list l = search(db, words, f);
	uint64_t n = l.total;

	prompts_list_free(&l);
	return n;
}

static void
every_waiting_prompt_is_indexed_exactly_once_by_several_at_once(void **state)
{
	const struct prompt_filter none = {0};

	for (int i = 0; i < PROMPTS; i++) create(*state, "a lo-fi beat", NULL);
	assert_int_equal(n_found(*state, "lofi", none), 0);
	assert_int_equal(harness_together(PROCESSES, index_all, NULL), PROMPTS);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM prompt_search"), PROMPTS);
	assert_int_equal(harness_number(*state, "SELECT COUNT(*) FROM prompts WHERE unindexed=1"),
		0);
	assert_int_equal(n_found(*state, "lofi", none), PROMPTS);
}

static void
the_newest_are_indexed_first(void **state)
{
	struct prompt_list l;
	struct uuid last = {{0}};
	struct err e;
	uint32_t n;

	for (int i = 0; i <= PROMPT_INDEX_BATCH; i++) last = create(*state, "a waltz", NULL);
	assert_done(prompt_index_batch(*state, &n, &e), e);
	assert_int_equal(n, PROMPT_INDEX_BATCH);
	l = search(*state, "waltz", (struct prompt_filter){0});
	assert_int_equal(l.total, PROMPT_INDEX_BATCH);
	assert_true(uuid_eq(l.items[0].id, last));
	prompts_list_free(&l);
	assert_done(prompt_index_batch(*state, &n, &e), e);
	assert_int_equal(n, 1);
}

static void
indexing_again_changes_what_is_there(void **state)
{
	const struct prompt_filter none = {0};

	create(*state, "a waltz", "{\"tempo\":90.5,\"mood\":\"calm\"}");
	index_all(*state, 0, NULL);
	harness_do(*state, "UPDATE prompt_search SET words='zqxold', tempo=1");
	harness_do(*state, "UPDATE prompts SET unindexed=1");
	assert_int_equal(index_all(*state, 0, NULL), 1);
	assert_int_equal(n_found(*state, "calm waltz", none), 1);
	assert_int_equal(n_found(*state, "old", none), 0);
	assert_int_equal(n_found(*state, "waltz", (struct prompt_filter){ .tempo_min = 90.5 }), 1);
	assert_int_equal(n_found(*state, "waltz", (struct prompt_filter){ .tempo_min = 91 }), 0);
}

static void
attributes_that_are_no_json_harm_nothing(void **state)
{
	create(*state, "a waltz", "{\"tempo\":");
	assert_int_equal(index_all(*state, 0, NULL), 1);
	assert_int_equal(n_found(*state, "waltz", (struct prompt_filter){0}), 1);
}

/* n samples of a prompt, the oldest with the smallest id. */
static void
give_samples(struct db *db, struct uuid prompt, int n)
{
	struct db_arg a[] = { DB_UUID(prompt), DB_INT(n) };
	struct err e;

	if (db_exec(db, "INSERT INTO samples (job_id, idx, id, prompt_id, model, seed, title, "
		"format, sample_rate, channels, frames, size_bytes, sha256, params, storage_key, "
		"peaks_key, created_at) SELECT UNHEX(LPAD(HEX(seq),32,'0')), 0, "
		"UNHEX(LPAD(HEX(seq),32,'0')), ?, 'band', 1, 't', 'flac', 48000, 2, 1, 1, '', "
		"'{}', 'a', 'b', '2026-01-01' + INTERVAL seq SECOND FROM "
		HARNESS_NUMBERS(1, 1000) " WHERE seq<=?", a, 2, &e) != n)
		fail_msg("%s", e.text);
}

static void
a_list_has_the_oldest_samples_of_each_prompt(void **state)
{
	const struct prompt_filter every = {0};
	struct prompt_list l;
	struct uuid many;
	struct err e;

	many = create(*state, "many", NULL);
	give_samples(*state, many, PROMPT_MAX_SAMPLES + 50);
	create(*state, "none", NULL);
	create(*state, "none", NULL);
	assert_done(prompts_list(*state, &every, 10, 0, &l, &e), e);
	assert_int_equal(l.n, 3);
	assert_int_equal(l.items[0].n_samples, 0);
	assert_int_equal(l.items[2].n_samples, PROMPT_MAX_SAMPLES);
	for (int i = 0; i < PROMPT_MAX_SAMPLES; i++)
		assert_int_equal(l.items[2].sample_ids[i].b[15], (i + 1) & 0xff);
	prompts_list_free(&l);
}

static void
a_long_list_is_counted_no_further_than_ten_thousand(void **state)
{
	const struct prompt_filter every = {0};
	struct prompt_list l;
	struct err e;

	harness_do(*state, "INSERT INTO prompts (id, text, created_at) SELECT "
		"UNHEX(LPAD(HEX(seq),32,'0')), 'x', UTC_TIMESTAMP(6) FROM " HARNESS_NUMBERS(1, 10000));
	assert_done(prompts_list(*state, &every, 1, 0, &l, &e), e);
	assert_int_equal(l.total, 10000);
	assert_false(l.total_is_capped);
	assert_true(l.has_more);
	prompts_list_free(&l);
	create(*state, "one more", NULL);
	assert_done(prompts_list(*state, &every, 1, 0, &l, &e), e);
	assert_int_equal(l.total, 10000);
	assert_true(l.total_is_capped);
	prompts_list_free(&l);
	assert_done(prompts_list(*state, &every, 1, 10000, &l, &e), e);
	assert_false(l.has_more);
	assert_int_equal(l.total, 10001);
	prompts_list_free(&l);
}

static struct uuid
ensure(struct db *db, const char *text, const char *attributes)
{
	struct uuid id;
	struct err e;

	assert_done(prompts_ensure(db, text, attributes, &id, &e), e);
	return id;
}

static void
the_same_words_and_attributes_are_the_oldest_such_prompt(void **state)
{
	struct db *db = *state;
	struct uuid first = create(db, "Würde der Regen 🌧 singen", "{\"tempo\":80}");
	struct uuid again = create(db, "Würde der Regen 🌧 singen", "{\"tempo\":80}");
	struct uuid bare = ensure(db, "Würde der Regen 🌧 singen", NULL);

	assert_false(uuid_eq(first, again));
	assert_false(uuid_eq(first, bare));
	assert_true(uuid_eq(ensure(db, "Würde der Regen 🌧 singen", "{\"tempo\":80}"), first));
	assert_true(uuid_eq(ensure(db, "Würde der Regen 🌧 singen", NULL), bare));
	/* Text and attributes do not run into one another. */
	assert_false(uuid_eq(ensure(db, "a{", "}"), ensure(db, "a", "{}")));
	assert_int_equal(harness_number(db, "SELECT COUNT(*) FROM prompts"), 5);
}

/* By the statement of the migration. */
static void
prompts_from_before_digests_are_found_as_well(void **state)
{
	struct db *db = *state;
	struct uuid plain = create(db, "Würde der Regen 🌧 singen", NULL);
	struct uuid with = create(db, "Würde der Regen 🌧 singen", "{\"mood\":\"süß\"}");

	harness_do(db, "UPDATE prompts SET digest=NULL");
	harness_do(db, "UPDATE prompts SET digest=UNHEX(SHA2(CONCAT(CAST(text AS BINARY), 0x00, "
		"CAST(COALESCE(attributes, '') AS BINARY)), 256))");
	assert_true(uuid_eq(ensure(db, "Würde der Regen 🌧 singen", NULL), plain));
	assert_true(uuid_eq(ensure(db, "Würde der Regen 🌧 singen", "{\"mood\":\"süß\"}"), with));
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_words_and_attributes_are_the_oldest_such_prompt),
		TEST(prompts_from_before_digests_are_found_as_well),
		TEST(every_waiting_prompt_is_indexed_exactly_once_by_several_at_once),
		TEST(the_newest_are_indexed_first),
		TEST(indexing_again_changes_what_is_there),
		TEST(attributes_that_are_no_json_harm_nothing),
		TEST(a_list_has_the_oldest_samples_of_each_prompt),
		TEST(a_long_list_is_counted_no_further_than_ten_thousand),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
