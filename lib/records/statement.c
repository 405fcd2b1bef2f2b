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
statement_behind(struct statement *s, int64_t created_at, struct uuid id)
{
	/* By its expanded form: a row constructor would scan. */
	statement_add(s, " AND created_at<=?", (struct db_arg)DB_TIME(created_at));
	statement_add(s, " AND (created_at<?", (struct db_arg)DB_TIME(created_at));
	statement_add(s, " OR id<?)", (struct db_arg)DB_UUID(id));
}

struct db_rows *
statement_query(struct statement *s, struct db *db, struct err *e)
{
	struct db_rows *r = db_query(db, buf_str(&s->sql), s->args, s->n, e);

	buf_free(&s->sql);
	return r;
}

int
statement_count(struct statement *s, struct db *db, uint64_t *n, bool *capped, struct err *e)
{
	int rc = rows_count(db, buf_str(&s->sql), s->args, s->n, n, capped, e);

	buf_free(&s->sql);
	return rc;
}
