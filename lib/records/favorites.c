#include "records/favorites.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/rows.h"

const char *const favorite_type_names[FAVORITE_TYPES + 1] = {
	[FAVORITE_PROMPT] = "prompt",
	[FAVORITE_AUDIO] = "audio",
	[FAVORITE_TEMPLATE] = "template",
	[FAVORITE_TYPES] = NULL,
};

enum { PREVIEW_CHARS = 120 };

/* All that an answer shows, by one query, whatever the targets are. */
#define COLUMNS \
	"f.id, f.user_id, f.target_type, f.target_id, f.note, COALESCE(p.text, s.title, t.name), " \
	"COALESCE(p.created_at, s.created_at, t.created_at), f.created_at"
#define JOIN \
	" LEFT JOIN prompts p ON f.target_type='prompt' AND p.id=f.target_id " \
	"LEFT JOIN samples s ON f.target_type='audio' AND s.id=f.target_id " \
	"LEFT JOIN templates t ON f.target_type='template' AND t.id=f.target_id "

static void
read_row(const struct db_rows *r, void *out)
{
	struct favorite *f = out;
	char preview[4 * PREVIEW_CHARS + 8];

	str_preview(preview, sizeof preview, db_col_text(r, 5), PREVIEW_CHARS);
	*f = (struct favorite){ .id = db_col_uuid(r, 0), .user_id = db_col_uuid(r, 1),
		.type = (enum favorite_type)str_index(db_col_text(r, 2), favorite_type_names),
		.target = db_col_uuid(r, 3), .note = rows_text_or_null(r, 4),
		.target_created_at = db_col_int(r, 6), .created_at = db_col_int(r, 7) };
	if (!(f->preview = strdup(preview))) abort();
}

struct creation {
	struct uuid id, user;
	enum favorite_type type;
	struct uuid target;
	const char *note;
};

/* The target is locked, so that it cannot be deleted beneath its new favourite. */
static int
create(struct db *db, void *ctx, struct err *e)
{
	static const char *const targets[] = {
		[FAVORITE_PROMPT] = "SELECT created_at FROM prompts WHERE id=? LOCK IN SHARE MODE",
		[FAVORITE_AUDIO] = "SELECT created_at FROM samples WHERE id=? LOCK IN SHARE MODE",
		[FAVORITE_TEMPLATE] = "SELECT created_at FROM templates WHERE id=? LOCK IN SHARE "
			"MODE",
	};
	const struct creation *c = ctx;
	struct db_arg target[] = { DB_UUID(c->target) };
	int64_t created_at;

	if (db_one_int(db, targets[c->type], target, NELEM(target), 0, &created_at, e)) return -1;
	struct db_arg row[] = { DB_UUID(c->id), DB_UUID(c->user),
		DB_TEXT(favorite_type_names[c->type]), DB_UUID(c->target), DB_TIME(created_at),
		DB_TEXT_OR_NULL(c->note) };

	if (!created_at)
		return err_set(e, ERR_NOT_FOUND, "There is no %s %s.", favorite_type_names[c->type],
			UUID_STR(c->target));
	return db_exec(db, "INSERT INTO favorites (id, user_id, target_type, target_id, "
		"target_created_at, note, created_at) VALUES (?,?,?,?,?,?,UTC_TIMESTAMP(6))", row,
		NELEM(row), e) < 0 ? -1 : 0;
}

int
favorites_create(struct db *db, struct uuid user, enum favorite_type type, struct uuid target,
	const char *note, struct uuid *id, struct err *e)
{
	struct creation c = { uuid_new(), user, type, target, note };

	if (db_transaction(db, create, &c, e) != DB_TX_DONE)
		return e->kind != ERR_CONFLICT ? -1 : err_set(e, ERR_CONFLICT, "The %s %s is a "
			"favourite already.", favorite_type_names[type], UUID_STR(target));
	*id = c.id;
	return 0;
}

int
favorites_get(struct db *db, struct uuid user, struct uuid id, struct favorite *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id), DB_UUID(user) };

	return rows_found(rows_first(db, "SELECT " COLUMNS " FROM favorites f" JOIN "WHERE f.id=? "
		"AND f.user_id=?", a, NELEM(a), read_row, out, e), "favourite", id, e);
}

int
favorites_find(struct db *db, struct uuid user, enum favorite_type type, struct uuid target,
	struct favorite *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(user), DB_TEXT(favorite_type_names[type]), DB_UUID(target) };

	return rows_first(db, "SELECT " COLUMNS " FROM favorites f" JOIN "WHERE f.user_id=? AND "
		"f.target_type=? AND f.target_id=?", a, NELEM(a), read_row, out, e);
}

int
favorites_list(struct db *db, struct uuid user, enum favorite_type type, uint32_t limit,
	uint32_t offset, struct favorite_list *out, struct err *e)
{
	bool any = type == FAVORITE_TYPES;
	struct db_arg all[] = { DB_UUID(user), DB_INT(limit + 1), DB_INT(offset) };
	struct db_arg some[] = { DB_UUID(user), DB_TEXT(any ? "" : favorite_type_names[type]),
		DB_INT(limit + 1), DB_INT(offset) };
	struct db_rows *r = any
		? db_query(db, "SELECT " COLUMNS " FROM (SELECT * FROM favorites WHERE user_id=? "
		"ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?) f" JOIN "ORDER BY "
		"f.created_at DESC, f.id DESC", all, NELEM(all), e)
		: db_query(db, "SELECT " COLUMNS " FROM (SELECT * FROM favorites WHERE user_id=? "
		"AND target_type=? ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?) f" JOIN
		"ORDER BY f.created_at DESC, f.id DESC", some, NELEM(some), e);
	int more;

	*out = (struct favorite_list){0};
	more = ROWS_LIST(out, limit, r, read_row, e);
	out->has_more = more == 1;
	if (more < 0) return -1;
	return any ? rows_count(db, "SELECT 1 FROM favorites WHERE user_id=?", all, 1, &out->total,
		&out->total_is_capped, e)
		: rows_count(db, "SELECT 1 FROM favorites WHERE user_id=? AND target_type=?", some,
		2, &out->total, &out->total_is_capped, e);
}

int
favorites_set_note(struct db *db, struct uuid user, struct uuid id, const char *note, struct err *e)
{
	struct db_arg a[] = { DB_TEXT_OR_NULL(note), DB_UUID(id), DB_UUID(user) };
	long n = db_exec(db, "UPDATE favorites SET note=? WHERE id=? AND user_id=?", a,
		NELEM(a), e);

	return rows_found(n, "favourite", id, e);
}

int
favorites_delete(struct db *db, struct uuid user, struct uuid id, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id), DB_UUID(user) };
	long n = db_exec(db, "DELETE FROM favorites WHERE id=? AND user_id=?", a, NELEM(a), e);

	return rows_found(n, "favourite", id, e);
}

int
favorites_delete_of(struct db *db, struct uuid user, enum favorite_type type, struct uuid target,
	struct err *e)
{
	struct db_arg a[] = { DB_UUID(user), DB_TEXT(favorite_type_names[type]), DB_UUID(target) };
	long n = db_exec(db, "DELETE FROM favorites WHERE user_id=? AND target_type=? AND "
		"target_id=?", a, NELEM(a), e);

	if (n < 0) return -1;
	return n ? 0 : err_set(e, ERR_NOT_FOUND, "The %s %s is no favourite.",
		favorite_type_names[type], UUID_STR(target));
}

int
favorites_forget(struct db *db, enum favorite_type type, const struct uuid *targets, size_t n,
	struct err *e)
{
	struct buf sql = {0};
	struct db_arg args[ROWS_IN + 1] = { DB_TEXT(favorite_type_names[type]) };
	long gone;

	buf_adds(&sql, "DELETE FROM favorites WHERE target_type=? AND target_id IN ");
	n = rows_in(&sql, args + 1, targets, n);
	gone = db_exec(db, buf_str(&sql), args, n + 1, e);
	buf_free(&sql);
	return gone < 0 ? -1 : 0;
}

void
favorites_free(struct favorite *f)
{
	free(f->note);
	free(f->preview);
	*f = (struct favorite){0};
}

void
favorites_list_free(struct favorite_list *l)
{
	ROWS_FREE(l, favorites_free);
}
