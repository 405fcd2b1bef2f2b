/* Which bytes of a representation a Range header asks for: RFC 9110 section 14, as a pure function.
 *
 * Only for GET (14.2) and only when If-Range allows it: that is for the caller to decide. */
#ifndef EARSHOT_HTTP_RANGE_H
#define EARSHOT_HTTP_RANGE_H

#include <stddef.h>
#include <stdint.h>

enum { RANGE_MAX = 16 };	/* asked for at once; more is taken as an attack (17.15) */

struct range {
	uint64_t first, last;	/* offsets of bytes, both included */
};

enum range_answer {
	RANGE_WHOLE,		/* no range, or one that is ignored: 200 with everything */
	RANGE_PARTIAL,		/* 206 with the ranges found */
	RANGE_UNSATISFIABLE,	/* 416 */
};

/* Read header (NULL: none) against a length in bytes. RANGE_PARTIAL sets *n ranges in out, in the
 * order asked, all within length; of several, those that cannot be satisfied are left out.
 *
 * Ignored, so that the answer is the whole (14.2 allows it): an unknown unit, anything malformed,
 * more than RANGE_MAX ranges, more than two that overlap others. */
enum range_answer range_parse(const char *header, uint64_t length, struct range out[RANGE_MAX],
	size_t *n);

static inline uint64_t
range_bytes(struct range r)
{
	return r.last - r.first + 1;
}

#endif
