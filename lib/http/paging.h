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

/* The ways that a list has beside offset, and what its envelope shows beside total and limit. */
enum {
	PAGING_PAGE = 1,	/* page, from 1 */
	PAGING_CURSOR = 2,	/* next_cursor of the answer before */
	PAGING_SKIP = 4,	/* skip, another name of offset */
	PAGING_SHOWS_PAGE = 8,	/* page */
	PAGING_SHOWS_END = 16,	/* offset, has_more, next_cursor */
	PAGING_SHOWS_CAP = 32,	/* total_is_capped */
	PAGING_SHOWS_ALL = PAGING_SHOWS_PAGE | PAGING_SHOWS_END | PAGING_SHOWS_CAP,
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

/* What a list knows of what its page is a part of. */
struct paging_end {
	uint64_t total;
	bool total_is_capped;		/* there are at least so many */
	bool has_more;			/* behind the items of the answer */
	const char *next_cursor;	/* NULL: none */
};

/* That of a list whose whole total is known, with n items in the answer. */
struct paging_end paging_known(const struct paging *p, uint64_t n, uint64_t total);

/* Append the members that stand behind the "items" of an answer. */
void paging_write(const struct paging *p, const struct paging_end *end, struct jtext *out);

#endif
