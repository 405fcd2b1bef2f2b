/* A statement that is put together piece by piece: its text, and the arguments in their order. */
#ifndef EARSHOT_RECORDS_STATEMENT_H
#define EARSHOT_RECORDS_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/uuid.h"
#include "db/db.h"

struct err;

enum { STATEMENT_ARGS = 128 };

struct statement {			/* begins zeroed */
	struct buf sql;			/* text without arguments is added here */
	struct db_arg args[STATEMENT_ARGS];
	size_t n;
};

/* Add text with one `?` in it, and its argument; what that points to is borrowed until the
 * statement has run. */
void statement_add(struct statement *s, const char *text, struct db_arg arg);

/* Narrow a list to what is behind the row with these values, a cursor; it is in the order of these
 * columns, newest or oldest first. */
void statement_behind(struct statement *s, const char *at_column, const char *id_column,
	bool oldest_first, int64_t at, struct uuid id);

/* Run it and release it: as db_query(), as rows_numbers(), and as rows_count() where it selects 1
 * for each row. */
struct db_rows *statement_query(struct statement *s, struct db *db, struct err *e);
int statement_numbers(struct statement *s, struct db *db, int64_t *out, unsigned n, struct err *e);
int statement_count(struct statement *s, struct db *db, uint64_t *n, bool *capped, struct err *e);

/* What the server makes of it, which is not run but released: a line for each table, with its type
 * of access, its index, the rows expected and the rest. For tests and measurements. */
int statement_explain(struct statement *s, struct db *db, struct buf *out, struct err *e);

#endif
