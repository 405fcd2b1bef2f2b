/* Query strings: `a=1&b=two+words`, the form that browsers write (WHATWG URL, urlencoded).
 *
 * Strict in what it reads: a broken %XX, a NUL, bytes that are not UTF-8 or too many parameters
 * make the whole query ERR_UNREADABLE. Parameters that nobody asks for are ignored. */
#ifndef EARSHOT_HTTP_QUERY_H
#define EARSHOT_HTTP_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct buf;
struct err;

enum { QUERY_MAX_PARAMS = 64, QUERY_MAX_BYTES = 8192 };

struct query_param {
	const char *name, *value;	/* decoded; point into the query's text */
};

struct query {
	char *text;			/* owned */
	size_t n;
	struct query_param param[QUERY_MAX_PARAMS];
};

/* Decode raw (NULL or "": none). q must be zeroed; release with query_free() in any case. */
int query_parse(struct query *q, const char *raw, struct err *e);
void query_free(struct query *q);

/* The readers below leave *out alone when the parameter is absent and answer ERR_UNREADABLE, naming
 * it, when it is given twice or has a value that cannot be read. */
int query_text(const struct query *q, const char *name, const char **out, struct err *e);
int query_u32(const struct query *q, const char *name, uint32_t min, uint32_t max, uint32_t *out,
	struct err *e);
int query_real(const struct query *q, const char *name, double min, double max, double *out,
	struct err *e);
int query_id(const struct query *q, const char *name, struct uuid *out, struct err *e);
/* A day (`2026-11-22`, in UTC) or an instant (RFC 3339) in microseconds; with `last` a day means its
 * last microsecond, so that a range of days includes both. */
int query_time(const struct query *q, const char *name, bool last, int64_t *wall_us,
	struct err *e);
int query_bool(const struct query *q, const char *name, bool *out, struct err *e);
/* The same where not to ask means something of its own: *out becomes 0 or 1, or stays. */
int query_either(const struct query *q, const char *name, int *out, struct err *e);
/* One of a NULL-terminated list; *out is its index. */
int query_choice(const struct query *q, const char *name, const char *const *choices, int *out,
	struct err *e);

/* For a parameter that may be given several times: its next value from *at on (start with 0), or
 * NULL. */
const char *query_next(const struct query *q, const char *name, size_t *at);

/* Decode n bytes of s in place by %XX, and + as a blank; *out_n is what remains. -1: a broken %XX.
 * Pure, and exposed for what else is percent-encoded. */
int query_unescape(char *s, size_t n, size_t *out_n);

#endif
