/* Whose a thing is. Only its owner and admins change it. The owner of a thing never changes, so
 * that what was read of it holds. */
#ifndef EARSHOT_RECORDS_OWNERS_H
#define EARSHOT_RECORDS_OWNERS_H

#include "base/uuid.h"

struct db;
struct err;

enum owned { OWNED_NOTHING, OWNED_JOB, OWNED_AUDIO, OWNED_TEMPLATE, OWNED_EXPERIMENT,
	OWNED_AB_TEST, OWNED_RATING, OWNED_PREFERENCE, OWNED_TAG, OWNED_KINDS };

/* ERR_FORBIDDEN when the thing is there and not the user's; whether it is there, others find
 * out. */
int owners_check(struct db *db, enum owned kind, struct uuid id, struct uuid user, struct err *e);

#endif
