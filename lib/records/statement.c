#include "records/statement.h"

#include <stdlib.h>

#include "records/rows.h"

void
statement_add(struct statement *s, const char *text, struct db_arg arg)
{
	if (s->n == STATEMENT_ARGS) abort();
	buf_adds(&s->sql, text);
	s->args[s->n++] = arg;
}

void
statement_behind(struct statement *s, const char *at_column, const char *id_column,
	bool oldest_first, int64_t at, struct uuid id)
{
	char than = oldest_first ? '>' : '<';

	/* By its expanded form: a row constructor would scan. */
	buf_addf(&s->sql, " AND %s%c", at_column, than);
	statement_add(s, "=?", (struct db_arg)DB_TIME(at));
	buf_addf(&s->sql, " AND (%s%c", at_column, than);
	statement_add(s, "?", (struct db_arg)DB_TIME(at));
	buf_addf(&s->sql, " OR %s%c", id_column, than);
	statement_add(s, "?)", (struct db_arg)DB_UUID(id));
}

struct db_rows *
statement_query(struct statement *s, struct db *db, struct err *e)
{
	struct db_rows *r = db_query(db, buf_str(&s->sql), s->args, s->n, e);

	buf_free(&s->sql);
	return r;
}

int
statement_numbers(struct statement *s, struct db *db, int64_t *out, unsigned n, struct err *e)
{
	int rc = rows_numbers(db, buf_str(&s->sql), s->args, s->n, out, n, e);

	buf_free(&s->sql);
	return rc;
}

int
statement_count(struct statement *s, struct db *db, uint64_t *n, bool *capped, struct err *e)
{
	int rc = rows_count(db, buf_str(&s->sql), s->args, s->n, n, capped, e);

	buf_free(&s->sql);
	return rc;
}

int
statement_explain(struct statement *s, struct db *db, struct buf *out, struct err *e)
{
	static unsigned times;
	struct buf sql = {0};
	struct db_rows *r;
	unsigned more_columns;
	int more = -1;

	/* Each its own text: a prepared EXPLAIN that runs again keeps quiet about "Using index". */
	buf_addf(&sql, "EXPLAIN /* %u */ %s", ++times, buf_str(&s->sql));
	r = db_query(db, buf_str(&sql), s->args, s->n, e);
	/* MySQL has two columns more than MariaDB: one behind the table, one before the last. */
	more_columns = r ? (db_columns(r) - 10) / 2 : 0;
	while (r && (more = db_next(r, e)) == 1)
		buf_addf(out, "%s %s %s %lld %s\n", db_col_text(r, 2),
			db_col_text(r, 3 + more_columns), db_col_text(r, 5 + more_columns),
			(long long)db_col_int(r, 8 + more_columns),
			db_col_text(r, 9 + 2 * more_columns));
	db_rows_free(r);
	buf_free(&sql);
	buf_free(&s->sql);
	return more;
}
