/* One page of a list, newest first, whose rows are those of several ranges of indexes: "rating 4 or
 * more" is the ranges of 4 and of 5. Each range gives the ids of its first rows in order, these are
 * merged, and only the rows of the page are read whole; so a page costs as many entries of indexes
 * as it has rows in front of it, times the ranges, however many rows there are.
 *
 * The table has the columns id and created_at, and for each range an index that goes on with these
 * two behind what the range is equal in. */
#ifndef EARSHOT_RECORDS_PAGES_H
#define EARSHOT_RECORDS_PAGES_H

#include <stddef.h>
#include <stdint.h>

#include "db/db.h"

enum { PAGES_RANGES = 5, PAGES_ARGS = 4 };

struct pages_range {
	const char *where;		/* "rating=? AND criterion=?"; "1" is everything */
	struct db_arg args[PAGES_ARGS];
	size_t n_args;
};

struct pages {
	const char *table;
	const char *columns;		/* of t: "t.id, t.rating" */
	const struct pages_range *ranges;	/* that have no row in common */
	size_t n;			/* 1 … PAGES_RANGES */
};

/* The rows of the page, at most limit, as db_query(). */
struct db_rows *pages_read(struct db *db, const struct pages *p, uint32_t limit, uint32_t offset,
	struct err *e);

/* How many rows the ranges hold: it counts them, so it is for ranges that stay short. */
int pages_count(struct db *db, const struct pages *p, uint64_t *total, struct err *e);

#endif
