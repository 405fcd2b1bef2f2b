#include "records/joblist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "db/db.h"
#include "records/counters.h"
#include "records/jobrow.h"
#include "records/rows.h"
#include "records/statement.h"

/* WORTH_SKIPPING: an offset below it is quickly merged. */
enum { CURSOR_BYTES = 24, WORTH_SKIPPING = 1000 };

#define NEWEST_FIRST " ORDER BY created_at DESC, id DESC"

/* What a filter has. */
enum { MODEL = 1, BASE = 2, ADAPTER = 4, EXPERIMENT = 8, AB_TEST = 16 };

/* By which index the rows are found; the first line whose needs the filter has. What else the filter
 * has is looked at in the same index, and leaves out so little, or the index has so few entries, that
 * a page is never far away. */
static const struct plan {
	unsigned needs;
	const char *in_order;	/* created_at and id behind what narrows */
	const char *by_status;	/* the status between them, and only the first of a pair */
} plans[] = {
	{ AB_TEST, "by_ab_test", NULL },	/* a test has so few jobs that it needs no other */
	{ EXPERIMENT | ADAPTER, "by_experiment_adapter", "by_experiment_status" },
	{ EXPERIMENT | MODEL, "by_experiment_model", "by_experiment_status" },
	{ EXPERIMENT | BASE, "by_experiment_adapter", "by_experiment_status" },
	{ EXPERIMENT, "by_experiment", "by_experiment_status" },
	{ ADAPTER | MODEL, "by_adapter_model", "by_adapter_status" },
	{ BASE | MODEL, "by_adapter_model", "by_model_status" },
	{ ADAPTER, "by_adapter", "by_adapter_status" },
	{ BASE, "by_adapter", "by_adapter_status" },
	{ MODEL, "by_model", "by_model_status" },
	{ 0, "in_order", "by_status" },
};

struct choice {
	const struct plan *plan;
	struct tally size;	/* of what narrows, or of more */
	bool each_status;	/* one walk of by_status for each, else one of in_order for all */
	int64_t total;		/* -1: the tallies do not know it */
};

void
job_cursor_format(const struct job_cursor *c, char out[JOB_CURSOR_TEXT])
{
	uint8_t bytes[CURSOR_BYTES];

	for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)((uint64_t)c->created_at >> (56 - 8 * i));
	memcpy(bytes + 8, c->id.b, sizeof c->id.b);
	hash_hex(bytes, sizeof bytes, out);
}

bool
job_cursor_parse(const char *text, struct job_cursor *out)
{
	const int64_t end_of_year_9999 = 253402300800000000;
	uint8_t bytes[CURSOR_BYTES];
	uint64_t us = 0;

	if (strlen(text) != 2 * CURSOR_BYTES || hash_unhex(text, bytes, sizeof bytes)) return false;
	for (int i = 0; i < 8; i++) us = us << 8 | bytes[i];
	if (!us || us >= (uint64_t)end_of_year_9999) return false;
	out->created_at = (int64_t)us;
	memcpy(out->id.b, bytes + 8, sizeof out->id.b);
	return true;
}

static void
add_statuses(struct statement *q, unsigned statuses)
{
	const char *before = " AND status IN (?";

	for (int s = 0; s < JOB_STATUSES; s++) {
		if (!(statuses & 1u << s)) continue;
		statement_add(q, before, (struct db_arg)DB_TEXT(job_status_names[s]));
		before = ",?";
	}
	if (statuses) buf_addc(&q->sql, ')');
}

/* FROM and WHERE. */
static void
add_rows(struct statement *q, const char *index, const struct job_filter *f, unsigned statuses,
	const struct job_cursor *after)
{
	const int64_t end_of_time = 253402300799999999;
	int64_t to = f->to ? f->to : end_of_time;

	buf_addf(&q->sql, " FROM jobs FORCE INDEX (%s) WHERE 1=1", index);
	if (!uuid_is_nil(f->ab_test_id))
		statement_add(q, " AND ab_test_id=?", (struct db_arg)DB_UUID(f->ab_test_id));
	if (f->no_ab_test) buf_adds(&q->sql, " AND ab_test_id IS NULL");
	if (!uuid_is_nil(f->experiment_id))
		statement_add(q, " AND experiment_id=?", (struct db_arg)DB_UUID(f->experiment_id));
	if (!uuid_is_nil(f->adapter_id))
		statement_add(q, " AND adapter_id=?", (struct db_arg)DB_UUID(f->adapter_id));
	if (f->base_model) buf_adds(&q->sql, " AND adapter_id IS NULL");
	if (f->model) statement_add(q, " AND model=?", (struct db_arg)DB_TEXT(f->model));
	add_statuses(q, statuses);
	statement_add(q, " AND created_at>=?", (struct db_arg)DB_TIME(f->from));
	statement_add(q, " AND created_at<=?", (struct db_arg)DB_TIME(to));
	if (after && after->created_at)
		statement_behind(q, "created_at", "id", false, after->created_at,
			after->id);
}

static bool
is_one(unsigned statuses)
{
	return statuses && !(statuses & (statuses - 1));
}

/* The ids of the page, and of one job more, which tells whether there are others. */
static void
add_page(struct statement *q, const struct choice *c, const struct job_filter *f,
	const struct job_page *page)
{
	const struct plan *plan = c->plan;
	const char *before = "SELECT id FROM ((SELECT created_at, id";

	if (!c->each_status) {
		buf_adds(&q->sql, "SELECT id");
		add_rows(q, plan->in_order, f, f->statuses, &page->after);
	} else if (is_one(f->statuses)) {
		buf_adds(&q->sql, "SELECT id");
		add_rows(q, plan->by_status, f, f->statuses, &page->after);
	} else {
		for (unsigned s = 0; s < JOB_STATUSES; s++) {
			if (!(f->statuses & 1u << s)) continue;
			buf_adds(&q->sql, before);
			add_rows(q, plan->by_status, f, 1u << s, &page->after);
			statement_add(q, NEWEST_FIRST " LIMIT ?",
				(struct db_arg)DB_INT(page->offset + page->limit + 1));
			before = ") UNION ALL (SELECT created_at, id";
		}
		buf_adds(&q->sql, ")) each_status");
	}
	statement_add(q, NEWEST_FIRST " LIMIT ?", (struct db_arg)DB_INT(page->limit + 1));
	statement_add(q, " OFFSET ?", (struct db_arg)DB_INT(page->offset));
}

static int64_t
among(const struct tally *t, unsigned statuses)
{
	int64_t sum = 0;

	for (int s = 0; s < JOB_STATUSES; s++)
		if (!statuses || statuses & 1u << s) sum += t->n[s];
	return sum;
}

static const struct plan *
plan_for(const struct job_filter *f)
{
	unsigned has = (f->model ? MODEL : 0u) | (f->base_model ? BASE : 0u) |
		(uuid_is_nil(f->adapter_id) ? 0u : ADAPTER) |
		(uuid_is_nil(f->experiment_id) ? 0u : EXPERIMENT) |
		(uuid_is_nil(f->ab_test_id) ? 0u : AB_TEST);
	const struct plan *p = plans;

	while ((p->needs & has) != p->needs) p++;
	return p;
}

/* The jobs of the A/B test, the experiment or the adapter, by status; of all that the filter lets
 * through if it has nothing else, else of more. */
static int
read_size(struct db *db, const struct job_filter *f, struct tally *size, struct err *e)
{
	struct uuid subject = !uuid_is_nil(f->ab_test_id) ? f->ab_test_id
		: !uuid_is_nil(f->experiment_id) ? f->experiment_id : f->adapter_id;

	if (!uuid_is_nil(subject)) return tallies_read(db, &subject, 1, size, e);
	if (f->base_model) return counters_base_model(db, size, e);
	return counters_read(db, size, e);
}

static bool
is_tallied(const struct job_filter *f)
{
	int subjects = f->base_model + !uuid_is_nil(f->adapter_id) +
		!uuid_is_nil(f->experiment_id) + !uuid_is_nil(f->ab_test_id);

	return subjects <= 1 && !f->no_ab_test && !f->model && !f->from && !f->to;
}

static int
choose(struct db *db, const struct job_filter *f, struct choice *c, struct err *e)
{
	bool is_pair;

	if (read_size(db, f, &c->size, e)) return -1;
	c->plan = plan_for(f);
	c->total = is_tallied(f) ? among(&c->size, f->statuses) : -1;
	is_pair = c->plan->needs & (c->plan->needs - 1);
	/* What most jobs are is found faster in passing. */
	c->each_status = f->statuses && c->plan->by_status && ((is_one(f->statuses) && !is_pair) ||
		2 * among(&c->size, f->statuses) < tally_total(&c->size));
	return 0;
}

/* The positions of all queued jobs of a list by one query. */
static int
queue_positions(struct db *db, struct job_list *l, struct err *e)
{
	struct db_arg a[] = { DB_INT(JOB_QUEUE_SEEN) };
	struct db_rows *r;
	uint32_t position = 0;
	int more;

	for (size_t i = 0; i < l->n; i++)
		if (l->items[i].status == JOB_QUEUED) goto some;
	return 0;
some:
	r = db_query(db, "SELECT id FROM jobs FORCE INDEX (claim) WHERE status='queued' ORDER BY "
		"priority, run_after, id LIMIT ?", a, NELEM(a), e);
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1) {
		struct uuid id = db_col_uuid(r, 0);

		position++;
		for (size_t i = 0; i < l->n; i++)
			if (uuid_eq(l->items[i].id, id) && l->items[i].status == JOB_QUEUED)
				l->items[i].queue_position = position;
	}
	db_rows_free(r);
	return more;
}

/* The statement of the page. Release its text. */
static struct statement
page_query(const struct job_filter *f, const struct job_page *page, const struct choice *c)
{
	struct statement q = {0};

	buf_adds(&q.sql, "SELECT " JOBROW_COLUMNS JOBROW_PROGRESS " FROM (");
	add_page(&q, c, f, page);
	buf_adds(&q.sql, ") page JOIN jobs j ON j.id=page.id" JOBROW_JOIN
		"ORDER BY j.created_at DESC, j.id DESC");
	return q;
}

/* The one that counts what the filter lets through. */
static struct statement
count_query(const struct job_filter *f, const struct choice *c)
{
	struct statement q = {0};

	buf_adds(&q.sql, "SELECT COUNT(*) FROM (SELECT 1");
	add_rows(&q, c->each_status ? c->plan->by_status : c->plan->in_order, f, f->statuses,
		NULL);
	statement_add(&q, " LIMIT ?) counted", (struct db_arg)DB_INT(JOB_LIST_COUNTED + 1));
	return q;
}

static void
read_place(const struct db_rows *r, void *out)
{
	*(struct job_cursor *)out = (struct job_cursor){ db_col_int(r, 0), db_col_uuid(r, 1) };
}

/* The job with so many of this status before it. 1, 0: there are not so many, -1. */
static int
find_place(struct db *db, const struct job_filter *f, const struct choice *c, int status,
	uint32_t before, struct job_cursor *out, struct err *e)
{
	struct statement q = {0};
	int rc;

	buf_adds(&q.sql, "SELECT created_at, id");
	add_rows(&q, c->plan->by_status, f, 1u << status, NULL);
	statement_add(&q, NEWEST_FIRST " LIMIT 1 OFFSET ?", (struct db_arg)DB_INT(before));
	rc = rows_first(db, buf_str(&q.sql), q.args, q.n, read_place, out, e);
	buf_free(&q.sql);
	return rc;
}

/* How many jobs in these statuses there are before that place. */
static int
count_before(struct db *db, const struct job_filter *f, const struct choice *c, unsigned statuses,
	const struct job_cursor *place, int64_t *n, struct err *e)
{
	struct statement q = {0};
	int rc;

	buf_adds(&q.sql, "SELECT COUNT(*)");
	add_rows(&q, c->plan->by_status, f, statuses, NULL);
	statement_add(&q, " AND created_at>=?", (struct db_arg)DB_TIME(place->created_at));
	statement_add(&q, " AND (created_at>?", (struct db_arg)DB_TIME(place->created_at));
	statement_add(&q, " OR id>?)", (struct db_arg)DB_UUID(place->id));
	rc = db_one_int(db, buf_str(&q.sql), q.args, q.n, 0, n, e);
	buf_free(&q.sql);
	return rc;
}

/* To merge several statuses, each would have to be read as far as the whole offset goes. Instead go
 * in the largest of them nearly as far as its share of the offset, count the others up to that place,
 * and begin behind it with what is left of the offset. */
static int
skip(struct db *db, const struct job_filter *f, const struct choice *c, struct job_page *page,
	struct err *e)
{
	int64_t sum = among(&c->size, f->statuses), others;
	struct job_cursor place;
	int largest = -1, rc;
	uint32_t before;

	if (!c->each_status || is_one(f->statuses) || page->offset < WORTH_SKIPPING || sum <= 0)
		return 0;
	for (int s = 0; s < JOB_STATUSES; s++)
		if (f->statuses & 1u << s && (largest < 0 || c->size.n[s] > c->size.n[largest]))
			largest = s;
	before = (uint32_t)(0.9 * page->offset * (double)c->size.n[largest] / (double)sum);
	if ((rc = find_place(db, f, c, largest, before, &place, e)) != 1) return rc;
	if (count_before(db, f, c, f->statuses & ~(1u << largest), &place, &others, e)) return -1;
	if (before + 1 + others > page->offset) return 0;
	page->offset -= before + 1 + (uint32_t)others;
	page->after = place;
	return 0;
}

static int
read_page(struct db *db, const struct job_filter *f, const struct job_page *page,
	const struct choice *c, struct job_list *out, struct err *e)
{
	struct job_page rest = *page;
	struct statement q;
	int more;

	if (skip(db, f, c, &rest, e)) return -1;
	q = page_query(f, &rest, c);
	more = ROWS_LIST(out, page->limit, statement_query(&q, db, e),
		jobrow_read_with_progress, e);

	out->has_more = more == 1;
	return more < 0 ? -1 : 0;
}

static int
count_rows(struct db *db, const struct job_filter *f, const struct choice *c,
	struct job_list *out, struct err *e)
{
	struct statement q = count_query(f, c);
	int64_t n;
	int rc = db_one_int(db, buf_str(&q.sql), q.args, q.n, 0, &n, e);

	buf_free(&q.sql);
	if (rc) return -1;
	out->total_is_capped = n > JOB_LIST_COUNTED;
	out->total = out->total_is_capped ? JOB_LIST_COUNTED : (uint64_t)n;
	return 0;
}

/* How many there are: as a tally says, or the page, when it is the last one or so far behind that no
 * more would be counted. */
static int
find_total(struct db *db, const struct job_filter *f, const struct job_page *page,
	const struct choice *c, struct job_list *out, struct err *e)
{
	bool by_offset = !page->after.created_at;
	uint64_t seen = by_offset && out->n ? page->offset + out->n + out->has_more : 0;

	if (c->total >= 0) out->total = (uint64_t)c->total;
	else if (by_offset && !out->has_more && (out->n || !page->offset)) out->total = seen;
	else if (seen > JOB_LIST_COUNTED) out->total_is_capped = true;
	else if (count_rows(db, f, c, out, e)) return -1;
	/* A tally is a moment older than the page. */
	if (out->total < seen) out->total = seen;
	return 0;
}

int
jobs_list(struct db *db, const struct job_filter *f, const struct job_page *page,
	struct job_list *out, struct err *e)
{
	struct choice c;

	*out = (struct job_list){0};
	if (choose(db, f, &c, e) || read_page(db, f, page, &c, out, e) ||
		find_total(db, f, page, &c, out, e))
		return -1;
	return queue_positions(db, out, e);
}

int
jobs_list_explain(struct db *db, const struct job_filter *f, const struct job_page *page,
	struct buf *out, struct err *e)
{
	struct choice c;
	struct statement q;

	if (choose(db, f, &c, e)) return -1;
	q = page_query(f, page, &c);
	if (statement_explain(&q, db, out, e)) return -1;
	q = count_query(f, &c);
	return statement_explain(&q, db, out, e);
}

void
jobs_list_free(struct job_list *l)
{
	ROWS_FREE(l, jobs_free);
}
