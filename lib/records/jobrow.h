/* Rows of jobs as struct job, for the files that read them: jobs.c and joblist.c. */
#ifndef EARSHOT_RECORDS_JOBROW_H
#define EARSHOT_RECORDS_JOBROW_H

#include "records/jobs.h"

struct db_rows;

/* For a SELECT from jobs j, … */
#define JOBROW_COLUMNS \
	"j.id, j.status, j.priority, j.attempt, j.failures, j.prompt_id, j.adapter_id, " \
	"j.experiment_id, j.ab_test_id, j.retry_of, j.prompt_preview, j.model, j.format, " \
	"j.adapter_name, j.params, j.understood, j.error, j.error_code, j.num_samples, " \
	"j.sample_ids, j.audio_ms, j.created_at, j.run_after, j.started_at, j.completed_at, " \
	"UTC_TIMESTAMP(6), j.adapter, j.adapter_key, j.feedback_count, j.rating_count, " \
	"j.rating_sum, j.user_id"

/* … and behind them, from jobs j and this join. */
#define JOBROW_PROGRESS \
	", IF(p.attempt=j.attempt, p.done, 0), IF(p.attempt=j.attempt, p.stage, '')"
#define JOBROW_JOIN " LEFT JOIN progress p ON p.job_id=j.id "

/* Into a struct job. */
void jobrow_read(const struct db_rows *r, void *out);
void jobrow_read_with_progress(const struct db_rows *r, void *out);

#endif
