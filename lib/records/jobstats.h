/* How it goes: what is shown of all jobs together, read from the counters and never from the jobs. */
#ifndef EARSHOT_RECORDS_JOBSTATS_H
#define EARSHOT_RECORDS_JOBSTATS_H

#include <stddef.h>
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

/* What was going on lately, as a row of equally long pieces: the last one is running, and none is
 * left out. Each begins at a multiple of its length. */
enum { JOB_HISTORY_HOURS = 168, JOB_HISTORY_MAX = 96 };
struct job_piece {
	int64_t start_us;			/* since 1970, UTC */
	int64_t done, failed;
	int64_t wait_ms, processing_ms, audio_ms;	/* of those that are done, summed */
};
struct job_history {
	int piece_s;
	size_t n;
	struct job_piece items[JOB_HISTORY_MAX];	/* the oldest first */
};

/* hours: 1 … JOB_HISTORY_HOURS. */
int jobstats_history(struct db *db, unsigned hours, struct job_history *out, struct err *e);

/* What each host is at: one row for each job that it has, one without a job for a host that has
 * none. By host, then job. More than JOB_WORKING_MAX are left out. */
enum { JOB_WORKING_MAX = 256 };
struct job_working {
	struct uuid host, job;			/* job: nil for none */
	char *name;				/* of the host, as the next two; owned */
	int64_t workers, busy;
};
struct job_working_list {
	struct job_working *items;
	size_t n;
};

/* Of hosts that were seen in the last half minute; jobstats_working_free() in every case. */
int jobstats_working(struct db *db, struct job_working_list *out, struct err *e);
void jobstats_working_free(struct job_working_list *l);

/* What an estimate needs of it. */
struct job_pace {
	int64_t average_ms;			/* a job's processing on the last day; 0: none */
	int64_t workers, busy;
};

int jobstats_pace(struct db *db, struct job_pace *out, struct err *e);

#endif
