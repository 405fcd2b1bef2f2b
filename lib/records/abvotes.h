/* What listeners say of the pairs of A/B tests (abtests.h): one vote a listener and pair, which the
 * listener may change. Sums are read from the votes themselves, by an index. */
#ifndef EARSHOT_RECORDS_ABVOTES_H
#define EARSHOT_RECORDS_ABVOTES_H

#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "records/abtests.h"

struct db;
struct err;

/* Vote, or change the vote. ERR_NOT_FOUND: the test has no such pair; ERR_CONFLICT: it is not
 * ready. Of several at one moment one is the last. */
int abvotes_cast(struct db *db, struct uuid test, struct uuid pair, struct uuid listener,
	enum preference preference, struct err *e);

/* The first ready pair that the listener has not voted on; nil when there is none. */
struct abvotes_next {
	struct uuid pair;
	int64_t remaining;	/* such pairs, this one included */
	int64_t waiting;	/* pairs without the listener's vote that are not ready */
};
int abvotes_next(struct db *db, struct uuid test, struct uuid listener, struct abvotes_next *out,
	struct err *e);

/* How many listeners have voted in a test. */
int abvotes_listeners(struct db *db, struct uuid test, int64_t *n, struct err *e);

/* The votes in which an adapter was one of the arms, whatever they say. */
int abvotes_of_adapter(struct db *db, struct uuid adapter, int64_t *n, struct err *e);

/* All votes of all tests between two arms of one model. */
struct abvotes_sum {
	struct uuid adapter_id[ABTEST_ARMS];	/* nil: the base model */
	char *adapter_name[ABTEST_ARMS];	/* of now; NULL: the base model */
	char *model;				/* owned, as the names are */
	int64_t votes[PREFERENCES];
};

struct abvotes_sums {
	struct abvotes_sum *items;		/* owned */
	size_t n;
};

int abvotes_sums(struct db *db, struct abvotes_sums *out, struct err *e);
void abvotes_sums_free(struct abvotes_sums *s);

#endif
