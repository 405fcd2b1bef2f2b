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

enum { STATEMENT_ARGS = 64 };

struct statement {			/* begins zeroed */
	struct buf sql;			/* text without arguments is added here */
	struct db_arg args[STATEMENT_ARGS];
	size_t n;
};

/* Add text with one `?` in it, and its argument; what that points to is borrowed until the
 * statement has run. */
void statement_add(struct statement *s, const char *text, struct db_arg arg);

/* Narrow a list, newest first, to what is behind the row with this created_at and id, a cursor. */
void statement_behind(struct statement *s, int64_t created_at, struct uuid id);

/* Run it and release it: as db_query(), and as rows_count() where it selects 1 for each row. */
struct db_rows *statement_query(struct statement *s, struct db *db, struct err *e);
int statement_count(struct statement *s, struct db *db, uint64_t *n, bool *capped, struct err *e);

#endif
