#include "records/prompts.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "db/db.h"
#include "records/rows.h"
#include "records/statement.h"

enum { MAX_NAMED = 10 };		/* of prompts that are not there, in one sentence */

/* Of all that makes a prompt what it is; schema/0011-same-prompts.sql says the same. */
static void
digest_of(const char *text, const char *attributes, uint8_t out[SHA256_BYTES])
{
	struct sha256 s;

	sha256_begin(&s);
	sha256_add(&s, text, strlen(text) + 1);
	if (attributes) sha256_add(&s, attributes, strlen(attributes));
	sha256_end(&s, out);
}

int
prompts_create(struct db *db, const char *text, const char *attributes, struct uuid *id,
	struct err *e)
{
	struct uuid fresh = uuid_new();
	uint8_t digest[SHA256_BYTES];
	struct db_arg a[] = { DB_UUID(fresh), DB_TEXT(text), DB_TEXT_OR_NULL(attributes),
		DB_BYTES(digest, sizeof digest) };

	digest_of(text, attributes, digest);
	if (db_exec(db, "INSERT INTO prompts (id, text, attributes, digest, created_at) VALUES "
		"(?,?,?,?,UTC_TIMESTAMP(6))", a, NELEM(a), e) < 0)
		return -1;
	*id = fresh;
	return 0;
}

static void
read_id(const struct db_rows *r, void *out)
{
	*(struct uuid *)out = db_col_uuid(r, 0);
}

int
prompts_ensure(struct db *db, const char *text, const char *attributes, struct uuid *id,
	struct err *e)
{
	uint8_t digest[SHA256_BYTES];
	struct db_arg a[] = { DB_BYTES(digest, sizeof digest) };
	int rc;

	digest_of(text, attributes, digest);
	rc = rows_first(db, "SELECT id FROM prompts WHERE digest=? ORDER BY id LIMIT 1", a,
		NELEM(a), read_id, id, e);
	if (!rc) return prompts_create(db, text, attributes, id, e);
	return rc < 0 ? -1 : 0;
}

static void
read_row(const struct db_rows *r, void *out)
{
	struct prompt *p = out;

	p->id = db_col_uuid(r, 0);
	p->text = rows_text(r, 1);
	p->attributes = rows_text_or_null(r, 2);
	p->created_at = db_col_int(r, 3);
}

/* With its score behind that. */
static void
read_found(const struct db_rows *r, void *out)
{
	struct prompt *p = out;

	read_row(r, p);
	p->score = db_col_real(r, 4);
}

/* The ids of the samples of n prompts, at most ROWS_IN. */
static int
read_samples(struct db *db, struct prompt *prompts, size_t n, struct err *e)
{
	struct uuid ids[ROWS_IN];
	struct db_rows *r;
	int more;

	if (!n) return 0;
	for (size_t i = 0; i < n; i++) ids[i] = prompts[i].id;
	r = rows_of_each(db, "id, created_at", "samples WHERE prompt_id=?", "created_at, id",
		PROMPT_MAX_SAMPLES, ids, n, e);
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1) {
		size_t place = (size_t)db_col_int(r, 0);
		struct prompt *p = place < n ? &prompts[place] : NULL;	/* else a stand-in */

		if (!p || p->n_samples == PROMPT_MAX_SAMPLES) continue;
		if (!p->sample_ids &&
			!(p->sample_ids = calloc(PROMPT_MAX_SAMPLES, sizeof *p->sample_ids)))
			abort();
		p->sample_ids[p->n_samples++] = db_col_uuid(r, 1);
	}
	db_rows_free(r);
	return more < 0 ? -1 : 0;
}

int
prompts_get(struct db *db, struct uuid id, struct prompt *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };
	int there;

	*out = (struct prompt){0};
	there = rows_first(db, "SELECT id, text, attributes, created_at FROM prompts WHERE id=?", a,
		NELEM(a), read_row, out, e);
	return rows_found(there, "prompt", id, e) ? -1 : read_samples(db, out, 1, e);
}

#define FITS "MATCH(words) AGAINST(? IN BOOLEAN MODE)"

static void
add_rows(struct statement *q, const struct prompt_filter *f)
{
	buf_addf(&q->sql, " FROM %s WHERE 1=1", f->words ? "prompt_search" : "prompts");
	if (f->words) statement_add(q, " AND " FITS, (struct db_arg)DB_TEXT(f->words));
	if (f->tempo_min) statement_add(q, " AND tempo>=?", (struct db_arg)DB_REAL(f->tempo_min));
	if (f->tempo_max) statement_add(q, " AND tempo<=?", (struct db_arg)DB_REAL(f->tempo_max));
	if (f->from) statement_add(q, " AND created_at>=?", (struct db_arg)DB_TIME(f->from));
	if (f->to) statement_add(q, " AND created_at<=?", (struct db_arg)DB_TIME(f->to));
}

/* The page is chosen in an index; only its rows are read whole, and that of one prompt more, which
 * tells whether there are others. */
static int
read_page(struct db *db, const struct prompt_filter *f, uint32_t limit, uint32_t offset,
	struct prompt_list *out, struct err *e)
{
	struct statement q = {0};
	int more;

	buf_adds(&q.sql, "SELECT p.id, p.text, p.attributes, p.created_at, page.score FROM "
		"(SELECT id, created_at, ");
	if (f->best_first) statement_add(&q, FITS, (struct db_arg)DB_TEXT(f->words));
	else buf_adds(&q.sql, "0");
	buf_adds(&q.sql, " AS score");
	add_rows(&q, f);
	/* In the order of the index where there is no score to sort by. */
	buf_addf(&q.sql, " ORDER BY %screated_at DESC, id DESC",
		f->best_first ? "score DESC, " : "");
	statement_add(&q, " LIMIT ?", (struct db_arg)DB_INT(limit + 1));
	statement_add(&q, " OFFSET ?", (struct db_arg)DB_INT(offset));
	buf_adds(&q.sql, ") page JOIN prompts p ON p.id=page.id ORDER BY page.score DESC, "
		"page.created_at DESC, page.id DESC");
	more = ROWS_LIST(out, limit, statement_query(&q, db, e), read_found, e);
	out->has_more = more == 1;
	return more < 0 ? -1 : 0;
}

/* As many as the page shows, when it is the last one; else they are counted. */
static int
count(struct db *db, const struct prompt_filter *f, uint32_t offset, struct prompt_list *out,
	struct err *e)
{
	struct statement q = {0};

	out->total = offset + out->n;
	if (!out->has_more && (out->n || !offset)) return 0;
	buf_adds(&q.sql, "SELECT 1");
	add_rows(&q, f);
	return statement_count(&q, db, &out->total, &out->total_is_capped, e);
}

int
prompts_check(struct db *db, const struct uuid *ids, size_t n, struct err *e)
{
	struct db_arg args[ROWS_IN];
	bool there[ROWS_IN] = {false};
	struct buf sql = {0}, missing = {0};
	struct db_rows *r;
	int more, n_missing = 0;
	size_t n_args;

	if (!n) return 0;
	buf_adds(&sql, "SELECT id FROM prompts WHERE id IN ");
	n_args = rows_in(&sql, args, ids, n);
	r = db_query(db, buf_str(&sql), args, n_args, e);
	buf_free(&sql);
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1)
		for (size_t i = 0; i < n; i++)
			if (uuid_eq(ids[i], db_col_uuid(r, 0))) there[i] = true;
	db_rows_free(r);
	for (size_t i = 0; more == 0 && i < n; i++)
		if (!there[i] && n_missing++ < MAX_NAMED)
			buf_addf(&missing, "%s%s", missing.n ? ", " : "", UUID_STR(ids[i]));
	if (n_missing == 1)
		more = err_set(e, ERR_NOT_FOUND, "There is no prompt %s.", buf_str(&missing));
	else if (n_missing)
		more = err_set(e, ERR_NOT_FOUND, "There are no prompts %s%s.", buf_str(&missing),
			n_missing > MAX_NAMED ? ", …" : "");
	buf_free(&missing);
	return more;
}

int
prompts_list(struct db *db, const struct prompt_filter *f, uint32_t limit, uint32_t offset,
	struct prompt_list *out, struct err *e)
{
	*out = (struct prompt_list){0};
	if (read_page(db, f, limit, offset, out, e) || count(db, f, offset, out, e)) return -1;
	return read_samples(db, out->items, out->n, e);
}

void
prompts_free(struct prompt *p)
{
	free(p->text);
	free(p->attributes);
	free(p->sample_ids);
	*p = (struct prompt){0};
}

void
prompts_list_free(struct prompt_list *l)
{
	ROWS_FREE(l, prompts_free);
}
