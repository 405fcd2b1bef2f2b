/* Models that bear only so many jobs at once, of all hosts together: servers elsewhere.
 *
 * What is in work is counted in the transaction of a claim, behind a row that each such claim
 * changes: on one server the second waits for the first, on a cluster of databases one of two that
 * meet fails to commit and runs again. Either way no two count the same. Claims of other models
 * know nothing of it. */
#ifndef EARSHOT_RECORDS_LIMITS_H
#define EARSHOT_RECORDS_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/uuid.h"

struct db;
struct err;

struct claim_limit {
	const char *model;		/* borrowed */
	int at_once;			/* > 0 */
	/* Borrowed; "" or NULL: none. Models with the same one have one adapter between them, which
	 * one host at a time may change: with an adapter in work there are only jobs of that host
	 * with the same one, and without any only such without. */
	const char *turn;
};

enum { CLAIM_LIMITS = 16 };

/* Those of a host. */
struct claim_limits {
	const struct claim_limit *items;	/* borrowed */
	size_t n;				/* at most CLAIM_LIMITS */
};

/* That of the model; NULL: it has none. */
const struct claim_limit *limits_find(const struct claim_limits *l, const char *model);

/* Have both models one adapter between them? */
bool limits_same_turn(const struct claim_limit *a, const struct claim_limit *b);

enum limits_answer {
	LIMITS_ROOM,
	LIMITS_FULL,			/* as many are in work as it bears */
	LIMITS_OTHER_TURN,		/* its adapter must wait for others that are in work */
};

/* May this host take the queued job, whose model has the limit? As it is now. 0 or -1. */
int limits_ask(struct db *db, const struct claim_limits *l, const struct claim_limit *limit,
	struct uuid job, struct uuid host, enum limits_answer *answer, struct err *e);

/* In a transaction: until its end no other claim counts. `claim` is another one each time. */
int limits_hold(struct db *db, const struct claim_limits *l, const struct claim_limit *limit,
	const char *claim, struct err *e);

#endif
