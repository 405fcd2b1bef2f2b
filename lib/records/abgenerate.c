#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jtext.h"
#include "db/db.h"
#include "records/abpairs.h"
#include "records/absql.h"
#include "records/abtests.h"
#include "records/counters.h"
#include "records/rows.h"

/* Pairs whose jobs are added by one transaction: some tens of milliseconds, which is how long
 * another submission may have to wait. */
enum { BATCH = 25 };

/* Of two calls at one moment, the second waits here until the first has committed. */
static int
lock_test(struct db *db, struct uuid id, uint32_t *seed, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };
	int64_t n;

	if (db_one_int(db, "SELECT seed FROM ab_tests WHERE id=? FOR UPDATE", a, NELEM(a), -1, &n,
		e))
		return -1;
	*seed = (uint32_t)n;
	return n < 0 ? err_set(e, ERR_NOT_FOUND, "There is no A/B test %s.", UUID_STR(id)) : 0;
}

struct growth {
	struct uuid test;
	const struct abtest_generate *g;
};

/* How many pairs each prompt has, in the order of the test. */
struct held {
	struct uuid prompt;
	int pairs;
};

static int
read_held(struct db *db, struct uuid test, struct held *out, size_t *n, unsigned *pairs,
	struct err *e)
{
	struct db_arg a[] = { DB_UUID(test) };
	struct db_rows *r = db_query(db, "SELECT prompt_id, COUNT(*) FROM ab_pairs WHERE test_id=? "
		"GROUP BY prompt_id ORDER BY MIN(position)", a, NELEM(a), e);
	int more;

	*n = *pairs = 0;
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1 && *n < ABTEST_MAX_PROMPTS) {
		out[*n] = (struct held){ db_col_uuid(r, 0), (int)db_col_int(r, 1) };
		*pairs += (unsigned)out[(*n)++].pairs;
	}
	db_rows_free(r);
	return more < 0 ? -1 : 0;
}

static bool
is_chosen(const struct abtest_generate *g, struct uuid prompt)
{
	for (size_t i = 0; i < g->n_prompts; i++)
		if (uuid_eq(g->prompts[i], prompt)) return true;
	return !g->n_prompts;
}

static int
check_chosen(const struct abtest_generate *g, const struct held *held, size_t n, struct err *e)
{
	err_clear(e);
	for (size_t i = 0; i < g->n_prompts; i++) {
		size_t k = 0;

		while (k < n && !uuid_eq(held[k].prompt, g->prompts[i])) k++;
		if (k == n)
			err_field(e, "prompt_ids", "has %s, which is no prompt of this A/B test",
				UUID_STR(g->prompts[i]));
	}
	return e->n_fields ? -1 : 0;
}

static int
grow(struct db *db, void *ctx, struct err *e)
{
	struct growth *w = ctx;
	struct abpairs_adder add = { .test = w->test };
	struct held held[ABTEST_MAX_PROMPTS];
	struct db_arg a[] = { DB_INT(w->g->samples_per_prompt), DB_UUID(w->test) };
	unsigned before;
	size_t n;

	if (lock_test(db, w->test, &add.seed, e) ||
		read_held(db, w->test, held, &n, &add.position, e) ||
		check_chosen(w->g, held, n, e))
		return -1;
	before = add.position;
	for (size_t i = 0; i < n; i++)
		for (int k = held[i].pairs; is_chosen(w->g, held[i].prompt) &&
			k < w->g->samples_per_prompt; k++)
			if (abpairs_add(db, &add, held[i].prompt, e)) return -1;
	if (add.position == before) return 0;
	return abpairs_flush(db, &add, e) || db_exec(db, "UPDATE ab_tests SET "
		"samples_per_prompt=GREATEST(samples_per_prompt,?), updated_at=UTC_TIMESTAMP(6) "
		"WHERE id=?", a, NELEM(a), e) < 0 ? -1 : 0;
}

/* A pair with an arm that has to be generated. */
struct gap {
	struct uuid id, prompt;
	unsigned position;
	uint32_t seed;
	bool wanted[ABTEST_ARMS];
};

struct batch {
	struct uuid test;
	const struct abtest_generate *g;
	unsigned from;			/* position; those before have had their turn */
	struct gap gaps[BATCH];
	size_t n;			/* gaps found, jobs added: by the last run */
	uint64_t n_jobs;
	bool is_full;			/* the quota ended it, for this reason */
	struct err why;
};

#define WANTED(j, s) \
	"(" j ".id IS NULL OR " j ".status IN ('failed','cancelled') OR " \
	"(" j ".status='completed' AND " s ".id IS NULL))"

static int
read_gaps(struct db *db, struct batch *b, struct err *e)
{
	struct db_arg a[3 + ROWS_IN] = { DB_UUID(b->test), DB_INT(b->from) };
	struct buf sql = {0};
	struct db_rows *r;
	size_t n = 2;
	int more;

	b->n = 0;
	buf_adds(&sql, "SELECT p.id, p.prompt_id, p.position, p.seed, " WANTED("ja", "sa") ", "
		WANTED("jb", "sb") " FROM ab_pairs p" AB_ARMS "WHERE p.test_id=? AND "
		"p.position>=? AND (" WANTED("ja", "sa") " OR " WANTED("jb", "sb") ")");
	if (b->g->n_prompts) {
		buf_adds(&sql, " AND p.prompt_id IN ");
		n += rows_in(&sql, a + n, b->g->prompts, b->g->n_prompts);
	}
	buf_adds(&sql, " ORDER BY p.position LIMIT ?");
	a[n++] = (struct db_arg)DB_INT(BATCH);
	r = db_query(db, buf_str(&sql), a, n, e);
	buf_free(&sql);
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1 && b->n < BATCH)
		b->gaps[b->n++] = (struct gap){ db_col_uuid(r, 0), db_col_uuid(r, 1),
			(unsigned)db_col_int(r, 2), (uint32_t)db_col_int(r, 3),
			{ db_col_int(r, 4) != 0, db_col_int(r, 5) != 0 } };
	db_rows_free(r);
	return more < 0 ? -1 : 0;
}

/* What the jobs of an arm have in common; texts owned. */
struct arm {
	struct uuid adapter_id;
	char *name, *json, *key;
};

struct plan {
	char *model, *params, *format;
	int priority;
	struct arm arms[ABTEST_ARMS];
};

static int
read_plan(struct db *db, struct uuid test, struct plan *p, struct err *e)
{
	struct db_arg a[] = { DB_UUID(test) };
	struct db_rows *r = db_query(db, "SELECT model, params, format, priority, adapter_a_id, "
		"adapter_a_name, adapter_a, adapter_a_key, adapter_b_id, adapter_b_name, "
		"adapter_b, adapter_b_key FROM ab_tests WHERE id=?", a, NELEM(a), e);
	int more;

	if (!r) return -1;
	if ((more = db_next(r, e)) == 1) {
		*p = (struct plan){ .model = rows_text(r, 0), .params = rows_text(r, 1),
			.format = rows_text(r, 2), .priority = (int)db_col_int(r, 3) };
		for (unsigned i = 0; i < ABTEST_ARMS; i++)
			p->arms[i] = (struct arm){ db_col_uuid(r, 4 + 4 * i),
				rows_text_or_null(r, 5 + 4 * i), rows_text_or_null(r, 6 + 4 * i),
				rows_text_or_null(r, 7 + 4 * i) };
	}
	db_rows_free(r);
	if (more < 0) return -1;
	return more ? 0 : err_set(e, ERR_NOT_FOUND, "There is no A/B test %s.", UUID_STR(test));
}

static void
plan_free(struct plan *p)
{
	for (int i = 0; i < ABTEST_ARMS; i++) {
		free(p->arms[i].name);
		free(p->arms[i].json);
		free(p->arms[i].key);
	}
	free(p->model);
	free(p->params);
	free(p->format);
}

/* The job of one arm: but for the adapter the same as that of the other. */
static int
add_job(struct db *db, const struct batch *b, const struct plan *p, const struct gap *gap,
	enum abtest_arm arm, struct uuid id, struct err *e)
{
	static const char *const sql[ABTEST_ARMS] = {
		[ABTEST_A] = "UPDATE ab_pairs SET job_a_id=? WHERE id=?",
		[ABTEST_B] = "UPDATE ab_pairs SET job_b_id=? WHERE id=?",
	};
	const struct arm *use = &p->arms[arm];
	struct db_arg a[] = { DB_UUID(id), DB_UUID(gap->id) };
	struct buf params = {0};
	struct jtext out = { .out = &params };
	int rc;

	jtext_begin(&out, NULL, '{');
	jtext_int(&out, "seed", gap->seed);
	jtext_members(&out, p->params);
	jtext_end(&out, '}');
	struct job_new n = { .prompt_id = gap->prompt, .model = p->model, .format = p->format,
		.params = buf_str(&params), .ab_test_id = b->test, .num_samples = 1,
		.priority = p->priority, .user_id = b->g->user_id, .quota = b->g->quota,
		.adapter_id = use->adapter_id, .adapter_name = use->name,
		.adapter = use->json, .adapter_key = use->key };

	rc = jobs_insert(db, &n, &id, e) || db_exec(db, sql[arm], a, NELEM(a), e) < 0 ? -1 : 0;
	buf_free(&params);
	return rc;
}

static int
add_jobs(struct db *db, void *ctx, struct err *e)
{
	struct batch *b = ctx;
	struct uuid first = uuid_new();
	struct db_arg a[] = { DB_UUID(b->test) };
	struct plan p = {0};
	uint32_t seed;
	int rc = -1;

	b->n_jobs = 0;
	b->is_full = false;
	if (lock_test(db, b->test, &seed, e) || read_plan(db, b->test, &p, e) ||
		read_gaps(db, b, e))
		goto out;
	for (size_t i = 0; i < b->n && !b->is_full; i++)
		for (enum abtest_arm arm = 0; arm < ABTEST_ARMS && !b->is_full; arm++) {
			if (!b->gaps[i].wanted[arm]) continue;
			if (!add_job(db, b, &p, &b->gaps[i], arm, counters_beside(first), e)) {
				b->n_jobs++;
				continue;
			}
			/* Refused before anything was written: what is there stays. */
			if (e->kind != ERR_BUSY || !b->n_jobs) goto out;
			b->is_full = true;
			b->why = *e;
		}
	rc = b->n_jobs && db_exec(db, "UPDATE ab_tests SET updated_at=UTC_TIMESTAMP(6) WHERE id=?",
		a, NELEM(a), e) < 0 ? -1 : 0;
out:
	plan_free(&p);
	return rc;
}

int
abtests_generate(struct db *db, struct uuid id, const struct abtest_generate *g, uint64_t *n_jobs,
	struct err *e)
{
	struct growth w = { .test = id, .g = g };
	struct batch *b = calloc(1, sizeof *b);
	int rc = -1;

	if (!b) abort();
	*b = (struct batch){ .test = id, .g = g };
	*n_jobs = 0;
	if ((g->n_prompts || g->samples_per_prompt) &&
		db_transaction(db, grow, &w, e) != DB_TX_DONE)
		goto out;
	do {
		if (db_transaction(db, add_jobs, b, e) != DB_TX_DONE) goto out;
		*n_jobs += b->n_jobs;
		if (b->is_full) {
			*e = b->why;
			goto out;
		}
		if (b->n) b->from = b->gaps[b->n - 1].position + 1;
	} while (b->n == BATCH);
	rc = 0;
out:
	free(b);
	return rc;
}
