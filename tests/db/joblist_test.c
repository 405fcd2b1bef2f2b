/* Lists of jobs: whatever they are narrowed by, one index finds their rows. What they answer is
 * tested over HTTP, against a model (tests/api/jobs.test.mjs). */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "records/counters.h"
#include "records/joblist.h"

static const struct uuid adapter = {{ 1 }}, experiment = {{ 2 }}, ab_test = {{ 3 }};

/* The bits of i choose what the filter has; above them the statuses. */
enum { ADAPTER = 1, BASE = 2, EXPERIMENT = 4, AB_TEST = 8, MODEL = 16, DATES = 32, CURSOR = 64,
	STATUSES = 128 };

static void
make(unsigned i, struct job_filter *f, struct job_page *page)
{
	struct uuid none = {{0}};

	*f = (struct job_filter){ .statuses = i / STATUSES,
		.base_model = (i & (ADAPTER | BASE)) == BASE,
		.adapter_id = i & ADAPTER ? adapter : none,
		.experiment_id = i & EXPERIMENT ? experiment : none,
		.ab_test_id = i & AB_TEST ? ab_test : none, .model = i & MODEL ? "band" : NULL,
		.from = i & DATES ? 1 : 0, .to = i & DATES ? 1795465025123456 : 0 };
	*page = (struct job_page){ .limit = 20, .offset = i & CURSOR ? 0 : 19980 };
	if (i & CURSOR) page->after = (struct job_cursor){ 1795465025123456, adapter };
}

/* Enough rows that the server would rather scan them than use an index, if it were asked. */
static void
fill(struct db *db)
{
	harness_do(db, "INSERT INTO jobs (id, status, priority, run_after, prompt_id, "
		"prompt_preview, model, adapter_id, experiment_id, ab_test_id, num_samples, format, "
		"params, created_at) SELECT UNHEX(MD5(seq)), 1 + seq % 5, 5, '2099-01-01', "
		"UNHEX(MD5(seq)), 'a waltz', 'band', IF(seq % 3, UNHEX(RPAD('01', 32, '0')), NULL), "
		"UNHEX(RPAD('02', 32, '0')), IF(seq % 7, NULL, UNHEX(RPAD('03', 32, '0'))), 1, "
		"'flac', '{}', '2026-01-01' + INTERVAL seq SECOND FROM "
		HARNESS_NUMBERS(1, 2000));
	harness_do(db, "INSERT INTO progress (job_id, attempt, done, stage, updated_at) SELECT id, 1, "
		"0.5, 'mixing', created_at FROM jobs");
	harness_analyze(db, "jobs");
	harness_analyze(db, "progress");
}

static void
no_list_scans_the_table_or_sorts_its_rows(void **state)
{
	struct job_filter f;
	struct job_page page;
	struct err e;

	fill(*state);
	for (unsigned i = 0; i < 32 * STATUSES; i++) {
		struct buf plan = {0};

		make(i, &f, &page);
		if (jobs_list_explain(*state, &f, &page, &plan, &e)) fail_msg("%u: %s; %s", i, e.text, plan.p);
		for (char *line = strtok(plan.p, "\n"); line; line = strtok(NULL, "\n")) {
			char table[64], type[16], index[64];

			if (sscanf(line, "%63s %15s %63s", table, type, index) != 3)
				fail_msg("%u: %s", i, line);
			/* The page, its branches and the count, once they are chosen. */
			if (*table == '<') continue;
			if (strcmp(type, "ALL") == 0 || strcmp(type, "index") == 0 ||
				strstr(line, "filesort"))
				fail_msg("%u: %s", i, line);
			/* Chosen without touching a row. */
			if (strcmp(table, "jobs") == 0 && strcmp(index, "by_ab_test") != 0 &&
				!strstr(line, "Using index"))
				fail_msg("%u: %s", i, line);
		}
		buf_free(&plan);
	}
}

static void
a_total_that_is_counted_ends_at_ten_thousand_and_says_so(void **state)
{
	struct job_filter f = { .model = "band" };
	struct job_page page = { .limit = 1 };
	struct job_list l;
	struct err e;

	fill(*state);
	assert_done(jobs_list(*state, &f, &page, &l, &e), e);
	assert_int_equal(l.total, 2000);
	assert_false(l.total_is_capped);
	jobs_list_free(&l);
	harness_do(*state, "INSERT INTO jobs (id, status, priority, run_after, prompt_id, "
		"prompt_preview, model, num_samples, format, params, created_at) SELECT "
		"UNHEX(MD5(seq)), 1 + seq % 5, 5, '2099-01-01', UNHEX(MD5(seq)), 'a waltz', 'band', "
		"1, 'flac', '{}', '2026-02-01' + INTERVAL seq SECOND FROM "
		HARNESS_NUMBERS(2001, 10000));
	assert_done(jobs_list(*state, &f, &page, &l, &e), e);
	assert_int_equal(l.total, 10000);
	assert_false(l.total_is_capped);
	assert_true(l.has_more);
	jobs_list_free(&l);
	harness_do(*state, "INSERT INTO jobs (id, status, priority, run_after, prompt_id, "
		"prompt_preview, model, num_samples, format, params, created_at) SELECT "
		"UNHEX(MD5(seq)), 1 + seq % 5, 5, '2099-01-01', UNHEX(MD5(seq)), 'a waltz', 'band', "
		"1, 'flac', '{}', '2026-02-01' + INTERVAL seq SECOND FROM "
		HARNESS_NUMBERS(10001, 10050));
	assert_done(jobs_list(*state, &f, &page, &l, &e), e);
	assert_int_equal(l.total, 10000);
	assert_true(l.total_is_capped);
	jobs_list_free(&l);
	/* Never less than what was seen, and at the end all of it. */
	page.offset = 10020;
	assert_done(jobs_list(*state, &f, &page, &l, &e), e);
	assert_int_equal(l.total, 10022);
	assert_true(l.total_is_capped);
	jobs_list_free(&l);
	page.offset = 20000;
	assert_done(jobs_list(*state, &f, &page, &l, &e), e);
	assert_int_equal(l.total, 10000);
	assert_true(l.total_is_capped);
	jobs_list_free(&l);
	page.offset = 10049;
	assert_done(jobs_list(*state, &f, &page, &l, &e), e);
	assert_int_equal(l.total, 10050);
	assert_false(l.total_is_capped || l.has_more);
	jobs_list_free(&l);
}

/* The ids of a page as the plainest query has them, one after the other. */
static void
plain_page(struct db *db, const char *where, uint32_t offset, struct buf *ids)
{
	struct db_rows *r;
	char sql[400];
	struct err e;

	snprintf(sql, sizeof sql, "SELECT id FROM jobs IGNORE INDEX (in_order) WHERE %s ORDER BY "
		"created_at DESC, id DESC LIMIT 20 OFFSET %u", where, offset);
	if (!(r = db_query(db, sql, NULL, 0, &e))) fail_msg("%s", e.text);
	while (db_next(r, &e) == 1) buf_add(ids, db_col_uuid(r, 0).b, 16);
	db_rows_free(r);
}

static void
a_page_deep_among_several_statuses_is_the_right_one(void **state)
{
	static const struct { struct job_filter f; const char *where; } cases[] = {
		{ { .statuses = 1u << JOB_FAILED | 1u << JOB_CANCELLED },
			"status IN ('failed', 'cancelled')" },
		{ { .statuses = 1u << JOB_QUEUED | 1u << JOB_FAILED, .base_model = true },
			"status IN ('queued', 'failed') AND adapter_id IS NULL" },
		{ { .statuses = 1u << JOB_QUEUED | 1u << JOB_PROCESSING, .model = "band",
			.from = 1767227000000000, .to = 1767230000000000 },
			"status IN ('queued', 'processing') AND model='band' AND created_at BETWEEN "
			"'2026-01-01 00:23:20' AND '2026-01-01 01:13:20'" },
	};
	struct err e;
	int wrong;

	harness_do(*state, "INSERT INTO jobs (id, status, priority, run_after, prompt_id, "
		"prompt_preview, model, adapter_id, num_samples, format, params, created_at) "
		"SELECT UNHEX(MD5(seq)), IF(seq < 3000, 4, 1 + seq % 5), 5, '2099-01-01', "
		"UNHEX(MD5(seq)), 'a waltz', 'band', IF(seq % 4, NULL, UNHEX(MD5('a'))), 1, 'flac', "
		"'{}', '2026-01-01' + INTERVAL seq DIV 3 SECOND FROM "
		HARNESS_NUMBERS(1, 20000));
	assert_done(counters_audit(*state, true, &wrong, &e), e);
	for (size_t i = 0; i < NELEM(cases); i++)
		for (uint32_t offset = 900; offset < 9000; offset += 97) {
			struct job_page page = { .limit = 20, .offset = offset };
			struct buf is = {0}, should = {0};
			struct job_list l;

			assert_done(jobs_list(*state, &cases[i].f, &page, &l, &e), e);
			for (size_t k = 0; k < l.n; k++) buf_add(&is, l.items[k].id.b, 16);
			plain_page(*state, cases[i].where, offset, &should);
			if (is.n != should.n || (is.n && memcmp(is.p, should.p, is.n) != 0))
				fail_msg("%s at %u", cases[i].where, offset);
			jobs_list_free(&l);
			buf_free(&is);
			buf_free(&should);
		}
}

#define TEST(f) cmocka_unit_test_setup(f, harness_no_rows)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_list_scans_the_table_or_sorts_its_rows),
		TEST(a_page_deep_among_several_statuses_is_the_right_one),
		TEST(a_total_that_is_counted_ends_at_ten_thousand_and_says_so),
	};

	return cmocka_run_group_tests(tests, harness_begin_with_schema, harness_end);
}
