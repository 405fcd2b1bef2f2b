#include "records/rows.h"

#include <stdlib.h>
#include <string.h>

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
