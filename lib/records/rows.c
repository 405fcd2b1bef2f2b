#include "records/rows.h"

#include "base/err.h"

int
rows_first(struct db *db, const char *sql, const struct db_arg *args, size_t n_args,
	void (*read)(const struct db_rows *r, void *out), void *out, struct err *e)
{
	struct db_rows *r = db_query(db, sql, args, n_args, e);
	int there;

	if (!r) return -1;
	if ((there = db_next(r, e)) == 1) read(r, out);
	db_rows_free(r);
	return there;
}

int
rows_numbers(struct db *db, const char *sql, const struct db_arg *args, size_t n_args, int64_t *out,
	unsigned n, struct err *e)
{
	struct db_rows *r = db_query(db, sql, args, n_args, e);
	int there;

	memset(out, 0, n * sizeof *out);
	if (!r) return -1;
	if ((there = db_next(r, e)) == 1)
		for (unsigned i = 0; i < n; i++) out[i] = db_col_int(r, i);
	db_rows_free(r);
	return there;
}

int
rows_found(long n, const char *what, struct uuid id, struct err *e)
{
	if (n < 0) return -1;
	return n ? 0 : err_set(e, ERR_NOT_FOUND, "There is no %s %s.", what, UUID_STR(id));
}

void *
rows_room(size_t max, size_t item_bytes)
{
	void *items = calloc(max ? max : 1, item_bytes);

	if (!items) abort();
	return items;
}

int
rows_fill(void *items, size_t item_bytes, size_t max, size_t *n, struct db_rows *r,
	void (*read)(const struct db_rows *r, void *out), struct err *e)
{
	int more;

	*n = 0;
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1 && *n < max)
		read(r, (char *)items + item_bytes * (*n)++);
	db_rows_free(r);
	return more;
}

char *
rows_text(const struct db_rows *r, unsigned col)
{
	char *s = strdup(db_col_text(r, col));

	if (!s) abort();
	return s;
}

char *
rows_text_or_null(const struct db_rows *r, unsigned col)
{
	return db_col_null(r, col) ? NULL : rows_text(r, col);
}

size_t
rows_in(struct buf *sql, struct db_arg *args, const struct uuid *ids, size_t n)
{
	size_t marks = 2;

	if (!n || n > ROWS_IN) abort();
	while (marks < n) marks *= 4;
	for (size_t i = 0; i < marks; i++) {
		args[i] = (struct db_arg)DB_UUID(ids[i < n ? i : n - 1]);
		buf_addf(sql, "%c?", i ? ',' : '(');
	}
	buf_addc(sql, ')');
	return marks;
}

struct db_rows *
rows_of_each(struct db *db, const char *columns, const char *from, const char *order, int max,
	const struct uuid *ids, size_t n, struct err *e)
{
	struct buf sql = {0}, list = {0};
	struct db_arg args[ROWS_IN];
	size_t marks = rows_in(&list, args, ids, n);
	struct db_rows *r;

	for (size_t i = 0; i < marks; i++)
		buf_addf(&sql, "%s(SELECT %zu AS place, %s FROM %s ORDER BY %s LIMIT %d)",
			i ? " UNION ALL " : "", i, columns, from, order, max);
	buf_addf(&sql, " ORDER BY place, %s", order);
	r = db_query(db, buf_str(&sql), args, marks, e);
	buf_free(&sql);
	buf_free(&list);
	return r;
}

int
rows_count(struct db *db, const char *select, const struct db_arg *args, size_t n_args, uint64_t *n,
	bool *capped, struct err *e)
{
	struct buf sql = {0};
	int64_t counted;
	int rc;

	buf_addf(&sql, "SELECT COUNT(*) FROM (%s LIMIT %d) counted", select, ROWS_COUNTED + 1);
	rc = db_one_int(db, buf_str(&sql), args, n_args, 0, &counted, e);
	buf_free(&sql);
	*capped = !rc && counted > ROWS_COUNTED;
	*n = rc ? 0 : *capped ? ROWS_COUNTED : (uint64_t)counted;
	return rc;
}
