/* Conditional requests, RFC 9110 section 13, as pure functions. */
#ifndef EARSHOT_HTTP_PRECOND_H
#define EARSHOT_HTTP_PRECOND_H

#include <stdbool.h>
#include <stdint.h>

/* The header fields as they came; NULL where absent. */
struct precond {
	const char *if_match, *if_unmodified_since, *if_none_match, *if_modified_since, *if_range;
};

/* What there is. A representation without etag (NULL) or modified_us (0) matches no condition on
 * it. */
struct precond_state {
	const char *etag;	/* with its quotes, and W/ where it is weak */
	int64_t modified_us;	/* wall clock; whole seconds of it count */
	int64_t now_us;
};

enum precond_answer {
	PRECOND_GO_ON,
	PRECOND_NOT_MODIFIED,	/* 304 */
	PRECOND_FAILED,		/* 412 */
};

/* The order of 13.2.2, for a representation that exists; read: the method is GET or HEAD. Dates
 * that are none are ignored, as 13.1.3 and 13.1.4 want it. */
enum precond_answer precond_check(const struct precond *p, const struct precond_state *s,
	bool read);

/* May Range be honoured (13.1.5)? Without If-Range yes; else only for the same strong entity tag,
 * or for a date that is strong by 8.8.2.2: the second it names is over, so nothing can change in
 * it. */
bool precond_allows_range(const struct precond *p, const struct precond_state *s);

/* Is etag in a list of entity tags, or the list "*"? weak: by the weak comparison of 8.8.3.2. What
 * is not such a list matches nothing from the point where it goes wrong. */
bool precond_etag_in(const char *list, const char *etag, bool weak);

#endif
