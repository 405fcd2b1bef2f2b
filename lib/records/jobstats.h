/* How it goes: what is shown of all jobs together, read from the counters and never from the jobs. */
#ifndef EARSHOT_RECORDS_JOBSTATS_H
#define EARSHOT_RECORDS_JOBSTATS_H

#include <stdint.h>

#include "records/counters.h"

struct db;
struct err;

/* Spans of time are of whole periods of five minutes, the running one included: so a span is up to
 * five minutes shorter than its name. What was deleted since still counts. */
struct job_stats {
	struct tally all;
	int64_t submitted_today;		/* since midnight UTC */
	int64_t done_hour, done_day;		/* completed in the last hour, the last 24 */
	/* of those of the day, summed: submitted → started → completed, sound made */
	int64_t wait_ms, processing_ms, audio_ms;
	int64_t workers, busy;			/* of the hosts seen in the last half minute */
};

int jobstats_read(struct db *db, struct job_stats *out, struct err *e);

/* What an estimate needs of it. */
struct job_pace {
	int64_t average_ms;			/* a job's processing on the last day; 0: none */
	int64_t workers, busy;
};

int jobstats_pace(struct db *db, struct job_pace *out, struct err *e);

#endif
