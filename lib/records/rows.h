/* What all of records/ does with rows: owned copies of text columns, and lists of ids in queries. */
#ifndef EARSHOT_RECORDS_ROWS_H
#define EARSHOT_RECORDS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/uuid.h"
#include "db/db.h"

/* A copy that the caller frees; "" for NULL in the table. */
char *rows_text(const struct db_rows *r, unsigned col);

/* The same, but NULL for NULL. */
char *rows_text_or_null(const struct db_rows *r, unsigned col);

enum { ROWS_IN = 128 };		/* the most ids of one query */

/* Append `(?,?,…)` for an IN of n ids (1 … ROWS_IN) to sql and write its arguments. Their number is
 * rounded up, the last id standing in for the rest, so that few texts exist and each stays prepared.
 * Returns how many of args were written, at most ROWS_IN. */
size_t rows_in(struct buf *sql, struct db_arg *args, const struct uuid *ids, size_t n);

/* How many rows `select` has ("SELECT 1 FROM …"), counted no further than to ROWS_COUNTED: then
 * *capped, and there are at least so many. */
enum { ROWS_COUNTED = 10000 };
int rows_count(struct db *db, const char *select, const struct db_arg *args, size_t n_args,
	uint64_t *n, bool *capped, struct err *e);

#endif
