#include "records/samples.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/counters.h"
#include "records/rows.h"
#include "records/statement.h"

#define COLUMNS \
	"s.id, s.job_id, s.idx, s.prompt_id, s.model, s.adapter_id, s.adapter, s.seed, s.title, " \
	"s.format, s.sample_rate, s.channels, s.frames, s.size_bytes, s.sha256, s.loudness_lufs, " \
	"s.true_peak_dbtp, s.params, s.storage_key, s.peaks_key, s.midi_key, s.created_at, " \
	"s.experiment_id, p.text, p.attributes"
#define JOIN " LEFT JOIN prompts p ON p.id=s.prompt_id "

static void
read_row(const struct db_rows *r, void *out)
{
	struct sample *s = out;
	const void *sha;
	size_t n;

	s->id = db_col_uuid(r, 0);
	s->job_id = db_col_uuid(r, 1);
	s->index = (int)db_col_int(r, 2);
	s->prompt_id = db_col_uuid(r, 3);
	str_copy(s->model, sizeof s->model, db_col_text(r, 4));
	s->adapter_id = db_col_uuid(r, 5);
	s->adapter = rows_text_or_null(r, 6);
	s->seed = (uint32_t)db_col_int(r, 7);
	str_copy(s->title, sizeof s->title, db_col_text(r, 8));
	str_copy(s->format, sizeof s->format, db_col_text(r, 9));
	s->sample_rate = (uint32_t)db_col_int(r, 10);
	s->channels = (uint32_t)db_col_int(r, 11);
	s->frames = (uint64_t)db_col_int(r, 12);
	s->size_bytes = (uint64_t)db_col_int(r, 13);
	sha = db_col_bytes(r, 14, &n);
	if (n == SHA256_BYTES) memcpy(s->sha256, sha, n);
	s->silent = db_col_null(r, 15);
	s->loudness_lufs = db_col_real(r, 15);
	s->true_peak_dbtp = db_col_real(r, 16);
	s->params = rows_text(r, 17);
	str_copy(s->storage_key, sizeof s->storage_key, db_col_text(r, 18));
	str_copy(s->peaks_key, sizeof s->peaks_key, db_col_text(r, 19));
	str_copy(s->midi_key, sizeof s->midi_key, db_col_text(r, 20));
	s->created_at = db_col_int(r, 21);
	s->experiment_id = db_col_uuid(r, 22);
	s->prompt_text = rows_text(r, 23);
	s->prompt_attributes = rows_text_or_null(r, 24);
}

int
samples_get(struct db *db, struct uuid id, struct sample *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };

	return rows_found(rows_first(db, "SELECT " COLUMNS " FROM samples s" JOIN "WHERE s.id=?",
		a, NELEM(a), read_row, out, e), "audio", id, e);
}

int
samples_get_all(struct db *db, const struct uuid *ids, size_t n, struct sample *out, struct err *e)
{
	struct buf sql = {0};
	struct db_arg args[ROWS_IN];
	struct db_rows *r;
	size_t marks;
	int more;

	buf_adds(&sql, "SELECT " COLUMNS " FROM samples s" JOIN "WHERE s.id IN ");
	marks = rows_in(&sql, args, ids, n);
	r = db_query(db, buf_str(&sql), args, marks, e);
	buf_free(&sql);
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1) {
		struct uuid id = db_col_uuid(r, 0);

		for (size_t i = 0; i < n; i++)
			if (uuid_eq(ids[i], id) && uuid_is_nil(out[i].id)) {
				read_row(r, &out[i]);
				break;
			}
	}
	db_rows_free(r);
	return more < 0 ? -1 : 0;
}

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

	buf_adds(&q.sql, "SELECT " COLUMNS " FROM (SELECT id");
	add_rows(&q, f, &page->after);
	/* One more than wanted, which tells whether there are others. */
	statement_add(&q, " ORDER BY created_at DESC, id DESC LIMIT ?",
		(struct db_arg)DB_INT(page->limit + 1));
	statement_add(&q, " OFFSET ?", (struct db_arg)DB_INT(page->offset));
	buf_adds(&q.sql, ") page JOIN samples s ON s.id=page.id" JOIN
		"ORDER BY s.created_at DESC, s.id DESC");
	more = ROWS_LIST(out, page->limit, statement_query(&q, db, e), read_row, e);
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
samples_free(struct sample *s)
{
	free(s->adapter);
	free(s->params);
	free(s->prompt_text);
	free(s->prompt_attributes);
	*s = (struct sample){0};
}

void
samples_list_free(struct sample_list *l)
{
	ROWS_FREE(l, samples_free);
}
