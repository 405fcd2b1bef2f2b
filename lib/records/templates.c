#include "records/templates.h"

#include <stdlib.h>

#include "base/err.h"
#include "db/db.h"
#include "records/favorites.h"
#include "records/rows.h"

#define COLUMNS \
	"id, user_id, name, description, text, attributes, category, is_system, created_at, " \
	"updated_at"

static void
read_row(const struct db_rows *r, void *out)
{
	struct template *t = out;

	*t = (struct template){ .id = db_col_uuid(r, 0), .user_id = db_col_uuid(r, 1),
		.name = rows_text(r, 2), .description = rows_text_or_null(r, 3),
		.text = rows_text(r, 4), .attributes = rows_text_or_null(r, 5),
		.category = rows_text(r, 6), .is_system = db_col_int(r, 7) != 0,
		.created_at = db_col_int(r, 8), .updated_at = db_col_int(r, 9) };
}

int
templates_create(struct db *db, struct uuid user, const struct template_change *c, struct uuid *id,
	struct err *e)
{
	struct uuid fresh = uuid_new();
	struct db_arg a[] = { DB_UUID(fresh), DB_TEXT(c->name), DB_TEXT_OR_NULL(c->description),
		DB_TEXT(c->text), DB_TEXT_OR_NULL(c->attributes), DB_TEXT(c->category),
		DB_UUID_OR_NULL(user) };

	if (db_exec(db, "INSERT INTO templates (id, name, description, text, attributes, category, "
		"user_id, is_system, created_at, updated_at) VALUES "
		"(?,?,?,?,?,?,?,0,UTC_TIMESTAMP(6),created_at)", a, NELEM(a), e) < 0)
		return -1;
	*id = fresh;
	return 0;
}

int
templates_get(struct db *db, struct uuid id, struct template *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };

	return rows_found(rows_first(db, "SELECT " COLUMNS " FROM templates WHERE id=?", a,
		NELEM(a), read_row, out, e), "template", id, e);
}

int
templates_list(struct db *db, const struct template_filter *f, uint32_t limit, uint32_t offset,
	struct template_list *out, struct err *e)
{
#define CHOSEN "FROM templates WHERE (? OR category=?) AND (? OR is_system=?)"
	struct db_arg a[] = { DB_INT(!f->category), DB_TEXT(f->category ? f->category : ""),
		DB_INT(f->is_system < 0), DB_INT(f->is_system), DB_INT(limit + 1), DB_INT(offset) };
	int more;

	*out = (struct template_list){0};
	more = ROWS_LIST(out, limit, db_query(db, "SELECT " COLUMNS " " CHOSEN " ORDER BY "
		"created_at DESC, id DESC LIMIT ? OFFSET ?", a, NELEM(a), e), read_row, e);
	out->has_more = more == 1;
	return more < 0 ? -1 : rows_count(db, "SELECT 1 " CHOSEN, a, 4, &out->total,
		&out->total_is_capped, e);
#undef CHOSEN
}

struct change {
	struct uuid id;
	const struct template_change *to;	/* NULL: it goes */
};

static int
lock_own(struct db *db, struct uuid id, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };
	int64_t is_system;

	if (db_one_int(db, "SELECT is_system FROM templates WHERE id=? FOR UPDATE", a, NELEM(a), -1,
		&is_system, e))
		return -1;
	if (is_system < 0) return rows_found(0, "template", id, e);
	return is_system ? err_set(e, ERR_FORBIDDEN, "The template is one of the system's own, "
		"which stay as they are.") : 0;
}

static int
change(struct db *db, void *ctx, struct err *e)
{
	const struct change *x = ctx;
	const struct template_change *c = x->to;
	struct db_arg id[] = { DB_UUID(x->id) };

	if (lock_own(db, x->id, e)) return -1;
	if (!c)
		return favorites_forget(db, FAVORITE_TEMPLATE, &x->id, 1, e) ||
			db_exec(db, "DELETE FROM templates WHERE id=?", id, NELEM(id), e) < 0
			? -1 : 0;
	struct db_arg a[] = { DB_TEXT_OR_NULL(c->name), DB_TEXT_OR_NULL(c->text),
		DB_TEXT_OR_NULL(c->category), DB_INT(c->description != NULL),
		DB_TEXT_OR_NULL(c->description), DB_INT(c->attributes != NULL),
		DB_TEXT_OR_NULL(c->attributes), DB_UUID(x->id) };

	return db_exec(db, "UPDATE templates SET name=COALESCE(?,name), text=COALESCE(?,text), "
		"category=COALESCE(?,category), description=IF(?,?,description), "
		"attributes=IF(?,?,attributes), updated_at=UTC_TIMESTAMP(6) WHERE id=?", a,
		NELEM(a), e) < 0 ? -1 : 0;
}

int
templates_change(struct db *db, struct uuid id, const struct template_change *c, struct err *e)
{
	struct change x = { id, c };

	return db_transaction(db, change, &x, e) == DB_TX_DONE ? 0 : -1;
}

int
templates_delete(struct db *db, struct uuid id, struct err *e)
{
	struct change x = { id, NULL };

	return db_transaction(db, change, &x, e) == DB_TX_DONE ? 0 : -1;
}

int
templates_categories(struct db *db, void (*each)(void *ctx, const char *category), void *ctx,
	struct err *e)
{
	struct db_rows *r = db_query(db, "SELECT DISTINCT category FROM templates ORDER BY "
		"category", NULL, 0, e);
	int more;

	if (!r) return -1;
	while ((more = db_next(r, e)) == 1) each(ctx, db_col_text(r, 0));
	db_rows_free(r);
	return more;
}

void
templates_free(struct template *t)
{
	free(t->name);
	free(t->description);
	free(t->text);
	free(t->attributes);
	free(t->category);
	*t = (struct template){0};
}

void
templates_list_free(struct template_list *l)
{
	ROWS_FREE(l, templates_free);
}
