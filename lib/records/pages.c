#include "records/pages.h"

#include <stdlib.h>

#include "base/buf.h"

enum { MAX_ARGS = PAGES_RANGES * (PAGES_ARGS + 1) + 2 };

static void
add_args(struct db_arg *args, size_t *n, const struct pages_range *r)
{
	if (r->n_args > PAGES_ARGS) abort();
	for (size_t i = 0; i < r->n_args; i++) args[(*n)++] = r->args[i];
}

struct db_rows *
pages_read(struct db *db, const struct pages *p, uint32_t limit, uint32_t offset, struct err *e)
{
	struct db_arg args[MAX_ARGS];
	struct buf sql = {0};
	struct db_rows *rows;
	size_t n = 0;

	if (!p->n || p->n > PAGES_RANGES) abort();
	buf_addf(&sql, "SELECT %s FROM (SELECT id, created_at FROM (", p->columns);
	for (size_t i = 0; i < p->n; i++) {
		buf_addf(&sql, "%s(SELECT id, created_at FROM %s WHERE %s ORDER BY created_at "
			"DESC, id DESC LIMIT ?)", i ? " UNION ALL " : "", p->table,
			p->ranges[i].where);
		add_args(args, &n, &p->ranges[i]);
		args[n++] = (struct db_arg)DB_INT((int64_t)limit + offset);
	}
	buf_addf(&sql, ") ranges ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?) page JOIN %s "
		"t ON t.id=page.id ORDER BY t.created_at DESC, t.id DESC", p->table);
	args[n++] = (struct db_arg)DB_INT(limit);
	args[n++] = (struct db_arg)DB_INT(offset);
	rows = db_query(db, buf_str(&sql), args, n, e);
	buf_free(&sql);
	return rows;
}

int
pages_count(struct db *db, const struct pages *p, uint64_t *total, struct err *e)
{
	struct db_arg args[MAX_ARGS];
	struct buf sql = {0};
	int64_t sum;
	size_t n = 0;
	int rc;

	buf_adds(&sql, "SELECT CAST(SUM(n) AS SIGNED) FROM (");
	for (size_t i = 0; i < p->n; i++) {
		buf_addf(&sql, "%sSELECT COUNT(*) AS n FROM %s WHERE %s", i ? " UNION ALL " : "",
			p->table, p->ranges[i].where);
		add_args(args, &n, &p->ranges[i]);
	}
	buf_adds(&sql, ") ranges");
	rc = db_one_int(db, buf_str(&sql), args, n, 0, &sum, e);
	*total = (uint64_t)sum;
	buf_free(&sql);
	return rc;
}
