/* Statistics kept as the jobs change, in the same transactions, so that reading them counts no
 * rows. */
#ifndef EARSHOT_RECORDS_COUNTERS_H
#define EARSHOT_RECORDS_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"
#include "records/jobs.h"

struct db;
struct err;

/* n jobs went from one status to another. JOB_STATUSES as `from`: they are new; as `to`: they are
 * removed. */
int counters_move(struct db *db, struct uuid job, enum job_status from, enum job_status to,
	struct err *e);

/* A job was completed now. */
int counters_done(struct db *db, struct uuid job, int64_t wait_ms, int64_t processing_ms,
	int64_t audio_ms, struct err *e);

int counters_read(struct db *db, int64_t n[JOB_STATUSES], struct err *e);

/* Compare the counters with the rows; *wrong tells how many disagree. With repair they are written
 * anew. */
int counters_audit(struct db *db, bool repair, int *wrong, struct err *e);

#endif
