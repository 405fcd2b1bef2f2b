/* How much a user may ask for: jobs that wait or run at one moment, and seconds of music on a day
 * (in UTC). Music is counted when it is asked for, and given back when its job fails, or is
 * cancelled before it was begun. */
#ifndef EARSHOT_RECORDS_QUOTAS_H
#define EARSHOT_RECORDS_QUOTAS_H

#include <stdint.h>

#include "base/uuid.h"

struct db;
struct err;

/* 0: no limit. As argument: what holds for users without limits of their own. */
struct quota {
	int64_t queued_jobs, audio_s;
};

struct quota_use {
	struct quota limit;
	int64_t queued_jobs, audio_ms;	/* now, today */
};

int quotas_read(struct db *db, struct uuid user, const struct quota *usual, struct quota_use *out,
	struct err *e);

/* For the transaction that adds a job of so much music: count it. ERR_BUSY, with when to try again,
 * when it would be too much; then nothing is counted, and the transaction may go on. The user is
 * locked until the end of the transaction. */
int quotas_charge(struct db *db, struct uuid user, const struct quota *usual, int64_t audio_ms,
	struct err *e);

/* For the transaction in which a job ends without having cost anything, before its counters. */
int quotas_give_back(struct db *db, struct uuid job, struct err *e);

#endif
