/* What lists have in common: which part of it the query asks for, and the envelope of the answer.
 * Pure. */
#ifndef EARSHOT_HTTP_PAGING_H
#define EARSHOT_HTTP_PAGING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/jtext.h"
#include "http/query.h"

struct err;

enum { PAGING_LIMIT = 20, PAGING_MAX_LIMIT = 100, PAGING_MAX_OFFSET = 100000 };

/* Ways that a list may have beside offset. */
enum {
	PAGING_PAGE = 1,	/* page, from 1 */
	PAGING_CURSOR = 2,	/* next_cursor of the answer before */
	PAGING_SKIP = 4,	/* skip, another name of offset */
};

struct paging {
	unsigned ways;		/* of paging_read() */
	uint32_t limit;		/* 1…PAGING_MAX_LIMIT */
	uint32_t offset;	/* 0…PAGING_MAX_OFFSET; with a cursor 0 */
	/* the text behind cursor=, which the list itself checks; NULL: none */
	const char *cursor;
};

/* Read limit, and where to begin. ERR_UNREADABLE names what is no such number, a cursor for a list
 * that has none, and two ways that contradict each other. cursor is borrowed from q. */
int paging_read(struct paging *p, const struct query *q, unsigned ways, struct err *e);

/* The same for a list by pages: "total","page","limit". */
void paging_write_page(const struct paging *p, uint64_t total, struct jtext *out);

/* Append "total","limit","offset","has_more","next_cursor": what stands behind the n "items" of an
 * answer. next_cursor NULL: none, and so the end of a list that has cursors; of another one the
 * total tells. */
void paging_write(const struct paging *p, uint64_t n, uint64_t total, const char *next_cursor,
	struct jtext *out);

/* The same for a list that may not know its end: total is capped when there are at least so many,
 * and more tells whether something stands behind these items. */
struct paging_end {
	uint64_t total;
	bool total_is_capped, has_more;
	const char *next_cursor;	/* NULL: none */
};
void paging_write_end(const struct paging *p, const struct paging_end *end, struct jtext *out);

#endif
