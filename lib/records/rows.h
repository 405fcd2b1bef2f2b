/* What all of records/ does with rows: one of them or a list of them into structs, owned copies of
 * text columns, and lists of ids in queries.
 *
 * How a row becomes a struct is told by a function read(r, out), which assigns what it knows. */
#ifndef EARSHOT_RECORDS_ROWS_H
#define EARSHOT_RECORDS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/uuid.h"
#include "db/db.h"

struct err;

/* Read the first row of a query into *out: 1, 0: it has none, and *out is as it was, -1. */
int rows_first(struct db *db, const char *sql, const struct db_arg *args, size_t n_args,
	void (*read)(const struct db_rows *r, void *out), void *out, struct err *e);

/* The first n columns of the first row as numbers, which are 0 when there is none: 1, 0, -1. */
int rows_numbers(struct db *db, const char *sql, const struct db_arg *args, size_t n_args,
	int64_t *out, unsigned n, struct err *e);

/* Was there what was asked for by its id? n is what rows_first() or db_exec() has returned: 0 for
 * a row or more; ERR_NOT_FOUND "There is no `what` `id`." for none; -1, which has its *e, stays. */
int rows_found(long n, const char *what, struct uuid id, struct err *e);

/* Read at most max rows of r, which is released, into the items of *l: a pointer to a struct with
 * `items`, a new array whose items are zeroed before they are read, and `n`, a size_t. 0; 1: r has
 * more rows; -1, also for r NULL, a query that failed and has left its *e. In every case
 * ROWS_FREE() is due. */
#define ROWS_LIST(l, max, r, read, e) \
	rows_fill((l)->items = rows_room((max), sizeof *(l)->items), sizeof *(l)->items, (max), \
		&(l)->n, (r), (read), (e))

/* Release the items of *l, each by free_item(item), and zero all of *l. */
#define ROWS_FREE(l, free_item) \
	do { \
		for (size_t i_ = 0; i_ < (l)->n; i_++) free_item(&(l)->items[i_]); \
		free((l)->items); \
		memset((l), 0, sizeof *(l)); \
	} while (0)

/* What they are made of: zeroed room for max items, never NULL, and the reading. */
void *rows_room(size_t max, size_t item_bytes);
int rows_fill(void *items, size_t item_bytes, size_t max, size_t *n, struct db_rows *r,
	void (*read)(const struct db_rows *r, void *out), struct err *e);

/* A copy that the caller frees; "" for NULL in the table. */
char *rows_text(const struct db_rows *r, unsigned col);

/* The same, but NULL for NULL. */
char *rows_text_or_null(const struct db_rows *r, unsigned col);

enum { ROWS_IN = 128 };		/* the most ids of one query */

/* Append `(?,?,…)` for an IN of n ids (1 … ROWS_IN) to sql and write its arguments. Their number
 * is rounded up, the last id standing in for the rest, so that few texts exist and each stays
 * prepared. Returns how many of args were written, at most ROWS_IN. */
size_t rows_in(struct buf *sql, struct db_arg *args, const struct uuid *ids, size_t n);

/* The rows of n owners (1 … ROWS_IN) by one query, of each the first `max` in `order`, which names
 * some of `columns`. Each is a walk of its own in the index, so that an owner of a million rows
 * costs no more than others. `from` is "TABLE WHERE OWNER=?". Column 0 is the owner's place among
 * ids; rows of a place from n on are stand-ins, to be passed over. NULL with *e. */
struct db_rows *rows_of_each(struct db *db, const char *columns, const char *from,
	const char *order, int max, const struct uuid *ids, size_t n, struct err *e);

/* How many rows `select` has ("SELECT 1 FROM …"), counted no further than to ROWS_COUNTED: then
 * *capped, and there are at least so many. */
enum { ROWS_COUNTED = 10000 };
int rows_count(struct db *db, const char *select, const struct db_arg *args, size_t n_args,
	uint64_t *n, bool *capped, struct err *e);

#endif
