#include "records/models.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/rows.h"

enum { MAX_MODELS = 64 };

static int
by_position(const void *a, const void *b)
{
	return ((const struct model *)a)->position - ((const struct model *)b)->position;
}

static bool
listed(const struct model_list *l, const char *id)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->items[i].id, id) == 0) return true;
	return false;
}

int
models_list(struct db *db, struct model_list *out, struct err *e)
{
	/* Of several hosts the best one speaks for a model: alive before silent, able before
	 * unable. */
	struct db_rows *r = db_query(db, "SELECT m.id, m.position, m.description, m.reason, "
		"m.remedy FROM models m JOIN hosts h ON h.id=m.host_id ORDER BY h.seen_at > "
		"UTC_TIMESTAMP(6) - INTERVAL 60 SECOND DESC, m.reason IS NOT NULL, h.seen_at DESC, "
		"m.position", NULL, 0, e);
	int more;

	*out = (struct model_list){0};
	if (!r) return -1;
	if (!(out->items = calloc(MAX_MODELS, sizeof *out->items))) abort();
	while ((more = db_next(r, e)) == 1) {
		struct model *m = &out->items[out->n];

		if (out->n == MAX_MODELS || listed(out, db_col_text(r, 0))) continue;
		str_copy(m->id, sizeof m->id, db_col_text(r, 0));
		m->position = (int)db_col_int(r, 1);
		m->description = rows_text(r, 2);
		m->available = db_col_null(r, 3);
		str_copy(m->reason, sizeof m->reason, db_col_text(r, 3));
		str_copy(m->remedy, sizeof m->remedy, db_col_text(r, 4));
		out->n++;
	}
	db_rows_free(r);
	qsort(out->items, out->n, sizeof *out->items, by_position);
	return more < 0 ? -1 : 0;
}

void
models_list_free(struct model_list *l)
{
	for (size_t i = 0; i < l->n; i++) free(l->items[i].description);
	free(l->items);
	*l = (struct model_list){0};
}

struct publication {
	struct uuid host;
	const struct model *items;
	size_t n;
};

static int
publish(struct db *db, void *ctx, struct err *e)
{
	const struct publication *p = ctx;
	struct db_arg host[] = { DB_UUID(p->host) };

	if (db_exec(db, "DELETE FROM models WHERE host_id=?", host, NELEM(host), e) < 0) return -1;
	for (size_t i = 0; i < p->n; i++) {
		const struct model *m = &p->items[i];
		struct db_arg a[] = { DB_UUID(p->host), DB_TEXT(m->id), DB_INT(m->position),
			DB_TEXT(m->description), DB_TEXT_OR_NULL(m->reason),
			DB_TEXT_OR_NULL(m->remedy) };

		if (db_exec(db, "INSERT INTO models (host_id, id, position, description, reason, "
			"remedy) VALUES (?,?,?,?,?,?)", a, NELEM(a), e) < 0)
			return -1;
	}
	return 0;
}

int
models_publish(struct db *db, struct uuid host, const struct model *items, size_t n, struct err *e)
{
	struct publication p = { .host = host, .items = items, .n = n };

	return db_transaction(db, publish, &p, e) == DB_TX_DONE ? 0 : -1;
}

static void
read_failure(const struct db_rows *r, void *out)
{
	struct model_failure *f = out;

	if (!db_col_int(r, 0)) return;
	str_copy(f->error, sizeof f->error, db_col_text(r, 1));
	f->at_us = db_col_int(r, 2);
}

int
models_last_failure(struct db *db, const char *id, struct model_failure *out, struct err *e)
{
	struct db_arg a[] = { DB_TEXT(id) };

	*out = (struct model_failure){0};
	if (rows_first(db, "SELECT COALESCE(error_code='unavailable', 0), error, completed_at FROM "
		"jobs WHERE model=? AND status IN ('completed','failed') ORDER BY created_at DESC, "
		"id DESC LIMIT 1", a, NELEM(a), read_failure, out, e) < 0)
		return -1;
	return out->at_us > 0;
}

int
models_host_seen(struct db *db, struct uuid host, const char *name, int pid, int workers, int busy,
	struct err *e)
{
	struct db_arg a[] = { DB_UUID(host), DB_TEXT(name), DB_INT(pid), DB_INT(workers),
		DB_INT(busy) };

	return db_exec(db, "INSERT INTO hosts (id, name, pid, workers, busy, seen_at) VALUES "
		"(?,?,?,?,?,UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE name=VALUES(name), "
		"pid=VALUES(pid), workers=VALUES(workers), busy=VALUES(busy), "
		"seen_at=VALUES(seen_at)", a, NELEM(a), e) < 0 ? -1 : 0;
}

int
models_workers(struct db *db, struct workers *out, struct err *e)
{
	int64_t n[3];
	int there = rows_numbers(db, "SELECT COUNT(*), CAST(COALESCE(SUM(workers), 0) AS SIGNED), "
		"CAST(COALESCE(SUM(busy), 0) AS SIGNED) FROM hosts WHERE seen_at > "
		"UTC_TIMESTAMP(6) - INTERVAL 30 SECOND", NULL, 0, n, NELEM(n), e);

	*out = (struct workers){ n[0], n[1], n[2] };
	return there < 0 ? -1 : 0;
}
