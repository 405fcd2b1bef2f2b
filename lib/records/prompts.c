#include "records/prompts.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "db/db.h"
#include "records/rows.h"

int
prompts_create(struct db *db, const char *text, const char *attributes, struct uuid *id,
	struct err *e)
{
	struct uuid fresh = uuid_new();
	struct db_arg a[] = { DB_UUID(fresh), DB_TEXT(text), DB_TEXT_OR_NULL(attributes) };

	if (db_exec(db, "INSERT INTO prompts (id, text, attributes, created_at) VALUES "
		"(?,?,?,UTC_TIMESTAMP(6))", a, NELEM(a),
			e) < 0)
		return -1;
	*id = fresh;
	return 0;
}

static void
read_row(const struct db_rows *r, struct prompt *p)
{
	p->id = db_col_uuid(r, 0);
	p->text = rows_text(r, 1);
	p->attributes = rows_text_or_null(r, 2);
	p->created_at = db_col_int(r, 3);
}

/* The ids of a prompt's samples. */
static int
read_samples(struct db *db, struct prompt *p, struct err *e)
{
	struct db_arg a[] = { DB_UUID(p->id), DB_INT(PROMPT_MAX_SAMPLES) };
	struct db_rows *r = db_query(db, "SELECT id FROM samples WHERE prompt_id=? ORDER BY "
		"created_at, id LIMIT ?", a, NELEM(a), e);
	int more;

	if (!r) return -1;
	if (!(p->sample_ids = calloc(PROMPT_MAX_SAMPLES, sizeof *p->sample_ids))) abort();
	while ((more = db_next(r, e)) == 1 && p->n_samples < PROMPT_MAX_SAMPLES)
		p->sample_ids[p->n_samples++] = db_col_uuid(r, 0);
	db_rows_free(r);
	return more < 0 ? -1 : 0;
}

int
prompts_get(struct db *db, struct uuid id, struct prompt *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };
	struct db_rows *r = db_query(db, "SELECT id, text, attributes, created_at FROM prompts "
		"WHERE id=?", a, NELEM(a), e);
	int more;

	*out = (struct prompt){0};
	if (!r) return -1;
	if ((more = db_next(r, e)) == 1) read_row(r, out);
	db_rows_free(r);
	if (more < 0) return -1;
	if (!more) return err_set(e, ERR_NOT_FOUND, "There is no prompt %s.", UUID_STR(id));
	return read_samples(db, out, e);
}

int
prompts_list(struct db *db, uint32_t limit, uint32_t offset, struct prompt_list *out, struct err *e)
{
	struct db_arg a[] = { DB_INT(limit), DB_INT(offset) };
	struct db_rows *r;
	int64_t total;
	int more;

	*out = (struct prompt_list){0};
	if (db_one_int(db, "SELECT COUNT(*) FROM prompts", NULL, 0, 0, &total, e)) return -1;
	out->total = (uint64_t)total;
	r = db_query(db, "SELECT p.id, p.text, p.attributes, p.created_at FROM (SELECT id FROM "
		"prompts ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?) page JOIN prompts p "
		"ON p.id=page.id ORDER BY p.created_at DESC, p.id DESC", a, NELEM(a), e);
	if (!r) return -1;
	if (!(out->items = calloc(limit ? limit : 1, sizeof *out->items))) abort();
	while ((more = db_next(r, e)) == 1 && out->n < limit) read_row(r, &out->items[out->n++]);
	db_rows_free(r);
	for (size_t i = 0; more >= 0 && i < out->n; i++)
		if (read_samples(db, &out->items[i], e)) more = -1;
	return more < 0 ? -1 : 0;
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
	for (size_t i = 0; i < l->n; i++) prompts_free(&l->items[i]);
	free(l->items);
	*l = (struct prompt_list){0};
}
