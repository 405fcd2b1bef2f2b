/* Statistics kept as the jobs change, in the same transactions, so that reading them counts no
 * rows: of all jobs (job_counts, job_periods), and of each adapter, experiment, A/B test and user
 * (job_tallies).
 *
 * Locks: a transaction changes the job first, then its counts, then its tallies in the order of
 * their keys, then its period, so that two never wait for each other. */
#ifndef EARSHOT_RECORDS_COUNTERS_H
#define EARSHOT_RECORDS_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"
#include "records/jobs.h"

struct db;
struct db_rows;
struct err;

/* A job and whose jobs it is counted among. */
enum { COUNTED_SUBJECTS = 4 };
struct counted {
	struct uuid job;
	struct uuid subjects[COUNTED_SUBJECTS];	/* adapter, experiment, A/B test, user; nil: none */
};

/* The columns of `struct counted`, for a SELECT of jobs, and their values from column `col` on. */
#define COUNTED_COLUMNS "adapter_id, experiment_id, ab_test_id, user_id"
struct counted counted_read(struct uuid job, const struct db_rows *r, unsigned col);

/* A job went from one status to another. JOB_STATUSES as `from`: it is new; as `to`: it is removed.
 * `samples` are those that it gained by it (completed), or lost (removed: negative). */
int counters_move(struct db *db, const struct counted *c, enum job_status from, enum job_status to,
	int samples, struct err *e);

/* A new id for a job, which will be counted in the same rows as `other`: so a transaction that adds
 * many jobs holds one row in eight, and two of them never meet crosswise. */
struct uuid counters_beside(struct uuid other);

/* A completed job has lost (negative) samples, and nothing else. */
int counters_samples(struct db *db, const struct counted *c, int samples, struct err *e);

/* A job was completed now. After counters_move(). */
int counters_done(struct db *db, struct uuid job, int64_t wait_ms, int64_t processing_ms,
	int64_t audio_ms, struct err *e);

/* A job has failed for good, as its row says. After counters_move(). */
int counters_failed(struct db *db, struct uuid job, struct err *e);

/* Jobs by status, and samples. */
struct tally {
	int64_t n[JOB_STATUSES];
	int64_t samples;
};
int64_t tally_total(const struct tally *t);

/* Of all jobs. */
int counters_read(struct db *db, struct tally *out, struct err *e);

/* Of all jobs without an adapter; no samples. */
int counters_base_model(struct db *db, struct tally *out, struct err *e);

/* What has happened since the installation began, whatever was deleted since: how often a job came
 * into a status, and what the completed ones took and made. */
struct ever {
	int64_t n[JOB_STATUSES];
	int64_t processing_ms, audio_ms;
};
int counters_ever(struct db *db, struct ever *out, struct err *e);

/* Of n adapters, experiments, A/B tests or users, at most ROWS_IN, by one query: out[i] is that of
 * subjects[i]. The same subject may be there twice. */
int tallies_read(struct db *db, const struct uuid *subjects, size_t n, struct tally *out,
	struct err *e);

/* Compare counts and tallies with the rows; *wrong tells how many disagree. With repair they are
 * written anew. The failures of a period may be more than the rows, since some were deleted, but
 * not fewer. */
int counters_audit(struct db *db, bool repair, int *wrong, struct err *e);

#endif
