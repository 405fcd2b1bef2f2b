#include "records/samplelist.h"

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"
#include "records/counters.h"
#include "records/rows.h"
#include "records/samplerow.h"
#include "records/statement.h"

/* The index that has the fewest samples in front of the page, in all likelihood: the server does
 * not know that a page ends. */
static const char *
index_for(const struct sample_filter *f)
{
	if (!uuid_is_nil(f->job_id)) return "PRIMARY";
	if (!uuid_is_nil(f->prompt_id)) return "of_prompt";
	if (!uuid_is_nil(f->experiment_id)) return "of_experiment";
	return f->base_model || !uuid_is_nil(f->adapter_id) ? "of_adapter" : "of_all";
}

/* FROM and WHERE. */
static void
add_rows(struct statement *q, const struct sample_filter *f, const struct job_cursor *after)
{
	const struct { const char *text; struct uuid id; } ids[] = {
		{ " AND job_id=?", f->job_id }, { " AND prompt_id=?", f->prompt_id },
		{ " AND experiment_id=?", f->experiment_id },
		{ " AND adapter_id=?", f->adapter_id },
	};

	buf_addf(&q->sql, " FROM samples FORCE INDEX (%s) WHERE 1=1", index_for(f));
	for (size_t i = 0; i < NELEM(ids); i++)
		if (!uuid_is_nil(ids[i].id))
			statement_add(q, ids[i].text, (struct db_arg)DB_UUID(ids[i].id));
	if (f->base_model) buf_adds(&q->sql, " AND adapter_id IS NULL");
	if (after && after->created_at) statement_behind(q, after->created_at, after->id);
}

static int
read_page(struct db *db, const struct sample_filter *f, const struct sample_page *page,
	struct sample_list *out, struct err *e)
{
	struct statement q = {0};
	int more;

	buf_adds(&q.sql, "SELECT " SAMPLEROW_COLUMNS " FROM (SELECT id");
	add_rows(&q, f, &page->after);
	/* One more than wanted, which tells whether there are others. */
	statement_add(&q, " ORDER BY created_at DESC, id DESC LIMIT ?",
		(struct db_arg)DB_INT(page->limit + 1));
	statement_add(&q, " OFFSET ?", (struct db_arg)DB_INT(page->offset));
	buf_adds(&q.sql, ") page JOIN samples s ON s.id=page.id" SAMPLEROW_JOIN
		"ORDER BY s.created_at DESC, s.id DESC");
	more = ROWS_LIST(out, page->limit, statement_query(&q, db, e), samplerow_read, e);
	out->has_more = more == 1;
	return more < 0 ? -1 : 0;
}

/* How many the filter lets through, if a counter or a tally says just that; else -1 in *n. */
static int
read_tally(struct db *db, const struct sample_filter *f, int64_t *n, struct err *e)
{
	bool adapter = !uuid_is_nil(f->adapter_id), experiment = !uuid_is_nil(f->experiment_id);
	bool others = f->base_model || !uuid_is_nil(f->job_id) || !uuid_is_nil(f->prompt_id);
	struct tally t;

	*n = -1;
	if (others || (adapter && experiment)) return 0;
	if (adapter || experiment) {
		if (tallies_read(db, adapter ? &f->adapter_id : &f->experiment_id, 1, &t, e))
			return -1;
	} else if (counters_read(db, &t, e)) return -1;
	*n = t.samples;
	return 0;
}

static int
count(struct db *db, const struct sample_filter *f, const struct sample_page *page,
	struct sample_list *out, struct err *e)
{
	uint64_t seen = page->offset + out->n;
	bool ends_here = !out->has_more && !page->after.created_at && (out->n || !page->offset);
	struct statement q = {0};
	int64_t n;
	int rc = 0;

	out->total = seen;
	if (ends_here) return 0;
	if (read_tally(db, f, &n, e)) return -1;
	out->total = (uint64_t)n;
	if (n < 0) {
		buf_adds(&q.sql, "SELECT 1");
		add_rows(&q, f, NULL);
		rc = statement_count(&q, db, &out->total, &out->total_is_capped, e);
	}
	/* The page and the count are not of one moment. */
	if (!page->after.created_at && out->n && out->total < seen + out->has_more &&
		!out->total_is_capped)
		out->total = seen + out->has_more;
	return rc;
}

int
samples_list(struct db *db, const struct sample_filter *f, const struct sample_page *page,
	struct sample_list *out, struct err *e)
{
	*out = (struct sample_list){0};
	return read_page(db, f, page, out, e) || count(db, f, page, out, e) ? -1 : 0;
}

void
samples_list_free(struct sample_list *l)
{
	ROWS_FREE(l, samples_free);
}
