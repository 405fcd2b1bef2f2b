/* Lists of samples, narrowed by everything in pairs: each is what the plainest query says, and is
 * found by walking one index. Over HTTP they are tested in tests/api/library.test.mjs. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "records/prompt_index.h"
#include "records/prompts.h"
#include "records/samplelist.h"
#include "records/search_words.h"

enum { FAVORITES, NO_FAVORITES, TAG, RARE, COMMON, RATING, PROMPT, EXPERIMENT, ADAPTER, BASE, MODEL,
	FORMAT, DATES, PARTS };

/* What each part of a filter means, said otherwise. */
static const char *const meaning[PARTS] = {
	[FAVORITES] = "s.id IN (SELECT target_id FROM favorites)",
	[NO_FAVORITES] = "s.id NOT IN (SELECT target_id FROM favorites)",
	[TAG] = "s.id IN (SELECT audio_id FROM tags WHERE tag='Warm' AND is_positive)",
	[RARE] = "s.prompt_id IN (SELECT id FROM prompts WHERE text LIKE '%zither%')",
	[COMMON] = "s.prompt_id IN (SELECT id FROM prompts WHERE text LIKE '%piano%')",
	[RATING] = "s.id IN (SELECT audio_id FROM audio_feedback WHERE rating_sum>=3*rating_count "
		"AND rating_count>0)",
	[PROMPT] = "s.prompt_id=UNHEX(RPAD('04',32,'0'))",
	[EXPERIMENT] = "s.experiment_id=UNHEX(RPAD('02',32,'0'))",
	[ADAPTER] = "s.adapter_id=UNHEX(RPAD('01',32,'0'))",
	[BASE] = "s.adapter_id IS NULL",
	[MODEL] = "s.model='other'",
	[FORMAT] = "s.format='mp3'",
	[DATES] = "s.created_at BETWEEN '2026-01-01 00:30:00' AND '2026-01-01 02:00:00'",
};

/* Where a filter of one part finds its samples: table and index. */
static const char *const walked[PARTS] = {
	[FAVORITES] = "v ref by_target", [NO_FAVORITES] = "s index of_all",
	[TAG] = "t ref by_audio",
	[RARE] = "w fulltext words", [COMMON] = "s index of_all", [RATING] = "f ref by_stars",
	[PROMPT] = "s ref of_prompt", [EXPERIMENT] = "s ref of_experiment",
	[ADAPTER] = "s ref of_adapter", [BASE] = "s ref of_adapter", [MODEL] = "s ref of_model",
	[FORMAT] = "s ref of_format", [DATES] = "s range of_all",
};

static struct words { struct buf condition, pattern; } common, rare;

static struct sample_filter
filter(int a, int b)
{
	struct sample_filter f = {0};
	const int part[] = { a, b };

	for (int i = 0; i < 2; i++) switch (part[i]) {
	case FAVORITES: f.only_favorites = true; break;
	case NO_FAVORITES: f.no_favorites = true; break;
	case TAG: f.tag = "WARM"; break;
	case RARE:
	case COMMON:
		f.words = buf_str(part[i] == RARE ? &rare.condition : &common.condition);
		f.pattern = buf_str(part[i] == RARE ? &rare.pattern : &common.pattern);
		break;
	case RATING: f.min_rating = 3; break;
	case PROMPT: f.prompt_id.b[0] = 4; break;
	case EXPERIMENT: f.experiment_id.b[0] = 2; break;
	case ADAPTER: f.adapter_id.b[0] = 1; break;
	case BASE: f.base_model = true; break;
	case MODEL: f.model = "other"; break;
	case FORMAT: f.format = "mp3"; break;
	case DATES:
		f.from = 1767227400000000;
		f.to = 1767232800000000;
		break;
	default: break;
	}
	return f;
}

/* What one filter cannot have twice. */
static bool
contradicts(int a, int b)
{
	return (a == RARE && b == COMMON) || (a == ADAPTER && b == BASE) ||
		(a == FAVORITES && b == NO_FAVORITES);
}

static void
find_words(const char *text, struct words *out)
{
	buf_reset(&out->condition);
	buf_reset(&out->pattern);
	assert_true(search_condition(text, SEARCH_ANYWHERE, true, &out->condition));
	assert_true(search_pattern(text, SEARCH_ANYWHERE, true, &out->pattern));
}

/* More samples than a total counts, three a second; words that most of them have, and others that
 * few have. */
static void
fill(struct db *db)
{
	static const char *const tables[] = { "samples", "favorites", "tags", "audio_feedback" };
	uint32_t n = PROMPT_INDEX_BATCH;
	struct err e;

	harness_do(db, "INSERT INTO prompts (id, text, created_at) SELECT IF(seq=4, "
		"UNHEX(RPAD('04',32,'0')), UNHEX(MD5(seq))), IF(seq % 50=0, 'a zither', IF(seq % "
		"25, 'slow piano', 'nothing')), '2026-01-01' FROM " HARNESS_NUMBERS(0, 999));
	harness_do(db, "INSERT INTO samples (job_id, idx, id, prompt_id, model, adapter_id, "
		"experiment_id, seed, title, format, sample_rate, channels, frames, size_bytes, "
		"sha256, params, storage_key, peaks_key, created_at) SELECT UNHEX(MD5(seq)), 0, "
		"UNHEX(MD5(CONCAT('s', seq))), IF(seq % 1000=4, UNHEX(RPAD('04',32,'0')), "
		"UNHEX(MD5(seq % 1000))), IF(seq % 7, 'band', 'other'), IF(seq % 3, NULL, "
		"UNHEX(RPAD('01',32,'0'))), IF(seq % 11, NULL, UNHEX(RPAD('02',32,'0'))), 1, 't', "
		"IF(seq % 13, 'flac', 'mp3'), 48000, 2, 1, 1, '', '{}', 'a', 'b', '2026-01-01' + "
		"INTERVAL seq DIV 3 SECOND FROM " HARNESS_NUMBERS(1, 12000));
	harness_do(db, "INSERT INTO favorites (id, user_id, target_type, target_id, "
		"target_created_at, created_at) SELECT UNHEX(MD5(CONCAT('f', id))), "
		"UNHEX(REPEAT('0',32)), 'audio', id, created_at, created_at FROM samples WHERE "
		"seed=1 AND MOD(CONV(LEFT(HEX(id),2),16,10), 5)=0");
	/* Some were given it by two listeners. */
	harness_do(db, "INSERT INTO tags (id, audio_id, user_id, tag, tag_key, is_positive, "
		"audio_created_at, created_at) SELECT UNHEX(MD5(CONCAT('t', seq, HEX(id)))), id, "
		"UNHEX(RPAD(seq,32,'0')), 'Warm', 'warm', MOD(CONV(LEFT(HEX(id),1),16,10), 2), "
		"created_at, created_at FROM samples, " HARNESS_NUMBERS(1, 2) " WHERE "
		"MOD(CONV(LEFT(HEX(id),2),16,10), 6)<seq");
	harness_do(db, "INSERT INTO audio_feedback (audio_id, rating_count, rating_sum, wins, "
		"comparisons, tag_count, audio_created_at) SELECT id, 2, 2 + "
		"MOD(CONV(LEFT(HEX(id),2),16,10), 9), 0, 0, 0, created_at FROM samples WHERE "
		"MOD(CONV(LEFT(HEX(id),3),16,10), 4)=0");
	/* There are no jobs that would have counted them. */
	harness_do(db, "INSERT INTO job_tallies (subject, shard, status, n, samples) SELECT "
		"adapter_id, 0, 'completed', 0, COUNT(*) FROM samples WHERE adapter_id IS NOT NULL "
		"GROUP BY adapter_id UNION ALL SELECT experiment_id, 0, 'completed', 0, COUNT(*) "
		"FROM samples WHERE experiment_id IS NOT NULL GROUP BY experiment_id");
	while (n == PROMPT_INDEX_BATCH) assert_done(prompt_index_batch(db, &n, &e), e);
	for (size_t i = 0; i < NELEM(tables); i++) harness_analyze(db, tables[i]);
	find_words("slow pia", &common);
	find_words("zither", &rare);
}

static struct db_rows *
plain(struct db *db, const char *select, const char *where, const char *end)
{
	struct buf sql = {0};
	struct db_rows *r;
	struct err e;

	buf_addf(&sql, "SELECT %s FROM samples s WHERE %s%s", select, where, end);
	if (!(r = db_query(db, buf_str(&sql), NULL, 0, &e))) fail_msg("%s: %s", sql.p, e.text);
	buf_free(&sql);
	return r;
}

/* The page at this offset, and the one behind its cursor, are those of all ids in order. */
static void
check_page(struct db *db, const char *where, const struct sample_filter *f, const struct buf *ids,
	uint32_t offset)
{
	struct sample_page page = { .limit = 20, .offset = offset };
	size_t all = ids->n / 16, n;
	struct sample_list l;
	struct err e;

	for (int behind = 0; behind < 2; behind++) {
		if (samples_list(db, f, &page, &l, &e)) fail_msg("%s: %s", where, e.text);
		n = all > offset ? all - offset : 0;
		if (l.n != (n < 20 ? n : 20) || l.has_more != (n > 20))
			fail_msg("%s at %u: %zu samples of %zu", where, offset, l.n, n);
		for (size_t i = 0; i < l.n; i++)
			if (memcmp(l.items[i].id.b, ids->p + 16 * (offset + i), 16) != 0)
				fail_msg("%s at %u: sample %zu is another", where, offset, i);
		if (l.total_is_capped ? all <= l.total : l.total != all)
			fail_msg("%s at %u: %llu of %zu", where, offset,
				(unsigned long long)l.total, all);
		if (l.n == 20) {
			page = (struct sample_page){ .limit = 20,
				.after = { l.items[19].created_at, l.items[19].id } };
			offset += 20;
		}
		samples_list_free(&l);
	}
}

static void
every_two_filters_let_through_what_they_should(void **state)
{
	static const uint32_t offsets[] = { 0, 3, 170, 10500 };
	struct err e;

	fill(*state);
	for (int a = 0; a < PARTS; a++)
		for (int b = a; b < PARTS; b++) {
			struct sample_filter f = filter(a, b);
			struct buf ids = {0};
			char where[600];
			struct db_rows *r;

			if (contradicts(a, b)) continue;
			snprintf(where, sizeof where, "%s AND %s", meaning[a], meaning[b]);
			r = plain(*state, "s.id", where, " ORDER BY s.created_at DESC, s.id DESC");
			while (db_next(r, &e) == 1) buf_add(&ids, db_col_uuid(r, 0).b, 16);
			db_rows_free(r);
			for (size_t i = 0; i < NELEM(offsets); i++)
				check_page(*state, where, &f, &ids, offsets[i]);
			buf_free(&ids);
		}
}

/* What is not walked is looked up by a key that finds what belongs to one sample. */
static bool
is_lookup(const char *type, const char *index)
{
	static const char *const keys[] = { "PRIMARY", "id", "one", "once" };

	for (size_t i = 0; i < NELEM(keys); i++)
		if (strcmp(index, keys[i]) == 0)
			return strcmp(type, "const") == 0 ||
				strcmp(type, i == NELEM(keys) - 1 ? "ref" : "eq_ref") == 0;
	return false;
}

/* The index of a source, by its table. */
static bool
is_walk(const char *table, const char *index)
{
	static const char *const walks[] = { "v by_target", "t by_audio", "w words", "f by_stars",
		"s of_prompt", "s of_experiment", "s of_adapter", "s of_model", "s of_format",
		"s of_all" };

	for (size_t i = 0; i < NELEM(walks); i++)
		if (*walks[i] == *table && strcmp(walks[i] + 2, index) == 0) return true;
	return false;
}

/* A plan's lines; `source` is where it must find the samples, NULL: anywhere. */
static void
check_plan(const char *name, char *plan, const char *source, bool sorts)
{
	bool found = !source;

	for (char *line = strtok(plan, "\n"); line; line = strtok(NULL, "\n")) {
		bool is_source = source && strncmp(line, source, strlen(source)) == 0;
		char table[64], type[16], index[64];

		if (sscanf(line, "%63s %15s %63s", table, type, index) != 3)
			fail_msg("%s: %s", name, line);
		/* The page and its branches, once they are chosen. */
		if (*table == '<') continue;
		found |= is_source;
		if (strcmp(type, "ALL") == 0 ||
			(strcmp(type, "index") == 0 && strcmp(index, "of_all") != 0))
			fail_msg("%s scans: %s", name, line);
		if (!is_lookup(type, index) && !is_walk(table, index))
			fail_msg("%s looks up: %s", name, line);
		if (!sorts && (strstr(line, "filesort") || strstr(line, "temporary")))
			fail_msg("%s sorts: %s", name, line);
		if (is_source && !sorts && !strstr(line, "Using index"))
			fail_msg("%s reads rows: %s", name, line);
	}
	if (!found) fail_msg("%s: not found by %s", name, source);
}

static void
every_filter_walks_an_index_and_nothing_is_scanned_or_sorted(void **state)
{
	static const struct sample_page ways[] = {
		{ .limit = 20, .offset = 40 },
		{ .limit = 20, .after = { 1767230000000000, {{ 1 }} } },
		{ SAMPLES_OLDEST, .limit = 20, .after = { 1767230000000000, {{ 1 }} } },
		{ SAMPLES_BEST, .limit = 20, .offset = 40 },
	};
	struct err e;

	fill(*state);
	for (int a = 0; a < PARTS; a++)
		for (int b = a; b < PARTS; b++)
			for (size_t way = 0; way < NELEM(ways); way++) {
				struct sample_page page = ways[way];
				struct sample_filter f = filter(a, b);
				bool best = page.order == SAMPLES_BEST;
				bool of_prompt = a == PROMPT || b == PROMPT;
				bool rare_words = !of_prompt && (a == RARE || b == RARE);
				bool few = of_prompt || rare_words;	/* enough to sort them */
				const char *source = a == b && !way ? walked[a] : NULL;
				struct buf plan = {0};
				char name[600];

				if (contradicts(a, b)) continue;
				snprintf(name, sizeof name, "%s AND %s", meaning[a], meaning[b]);
				if (samples_list_explain(*state, &f, &page, &plan, &e))
					fail_msg("%s: %s", name, e.text);
				if (best && !few) source = "f range by_stars";
				check_plan(name, plan.p, source, few && (best || rare_words));
				buf_free(&plan);
			}
}

/* Whether words are rare or not must make no difference. */
static void
the_index_of_words_and_their_pattern_find_the_same(void **state)
{
	static const char *const texts[] = { "slow piano waltz", "dusty lo-fi beat", "LOFI study",
		"R&B, warm bass", "80s synthwave", "dnb at 174", "the sound of it all",
		"Caf\xc3\xa9 Gr\xc3\xb6\xc3\x9f" "enwahn", "\xe9\x9d\x99\xe3\x81\x8b\xe3\x81\xaa"
		"\xe5\xa4\x9c", "rock'n'roll, don\xe2\x80\x99t stop", "a-b-c d" };
	static const char *const searches[] = { "slow pia", "piano slow", "lo-fi", "lofi", "lo fi",
		"lo-f", "r&b", "80", "80s", "d", "dn", "it the", "cafe", "caf", "grossen", "\xe9\x9d\x99",
		"\xe5\xa4\x9c", "rocknroll", "rock n roll", "dont st", "abc", "a b c", "b-c",
		"nothing", "e", "in .* |", "zqx", "lo" };
	uint32_t n = PROMPT_INDEX_BATCH;
	int64_t found = 0;
	struct err e;

	for (size_t i = 0; i < NELEM(texts); i++) {
		struct uuid id;

		assert_done(prompts_create(*state, texts[i], NULL, &id, &e), e);
	}
	assert_done(prompt_index_batch(*state, &n, &e), e);
	for (size_t i = 0; i < NELEM(searches); i++) {
		struct words w = {0};
		int64_t other, same;

		find_words(searches[i], &w);
		struct db_arg a[] = { DB_TEXT(buf_str(&w.condition)),
			DB_TEXT(buf_str(&w.pattern)) };

		assert_done(db_one_int(*state, "SELECT COUNT(*) FROM prompt_search WHERE "
			"MATCH(words) AGAINST(? IN BOOLEAN MODE) AND words REGEXP ?", a, 2, 0,
			&same, &e), e);
		assert_done(db_one_int(*state, "SELECT COUNT(*) FROM prompt_search WHERE "
			"words REGEXP ?", a + 1, 1, 0, &other, &e), e);
		if (same != other) fail_msg("%s: %lld of %lld", searches[i], (long long)same,
			(long long)other);
		assert_done(db_one_int(*state, "SELECT COUNT(*) FROM prompt_search WHERE "
			"MATCH(words) AGAINST(? IN BOOLEAN MODE)", a, 1, 0, &other, &e), e);
		if (same != other) fail_msg("%s: %lld of %lld", searches[i], (long long)same,
			(long long)other);
		found += same;
		buf_free(&w.condition);
		buf_free(&w.pattern);
	}
	assert_in_range(found, NELEM(searches) - 8, 100);
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_two_filters_let_through_what_they_should),
		TEST(the_index_of_words_and_their_pattern_find_the_same),
		TEST(every_filter_walks_an_index_and_nothing_is_scanned_or_sorted),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
