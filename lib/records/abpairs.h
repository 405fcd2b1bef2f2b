/* Rows of ab_pairs as abtests.c and abpairs.c add them; who only reads finds all in abtests.h. */
#ifndef EARSHOT_RECORDS_ABPAIRS_H
#define EARSHOT_RECORDS_ABPAIRS_H

#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct db;
struct err;

enum { ABPAIRS_AT_ONCE = 20 };

/* Adds pairs behind those that a test has, several by one statement. The caller's transaction has
 * made the test, or locked it. */
struct abpairs_adder {
	struct uuid test;
	uint32_t seed;		/* of the test; a pair adds its position, modulo 2^32 */
	unsigned position;			/* of the next one */
	struct uuid prompts[ABPAIRS_AT_ONCE];	/* waiting */
	size_t n;
};

int abpairs_add(struct db *db, struct abpairs_adder *a, struct uuid prompt, struct err *e);

/* Write those that wait. */
int abpairs_flush(struct db *db, struct abpairs_adder *a, struct err *e);

/* For the transaction of a retry, before the job is there: the arm whose job is `old` has `job` from
 * now on. Waits for an abtests_generate() at work. ERR_CONFLICT when no arm has `old` any more,
 * since it was generated again meanwhile. */
int abpairs_retry(struct db *db, struct uuid test, struct uuid old, struct uuid job,
	struct err *e);

#endif
