/* Jobs as their users see them: submit, look, cancel,
 * retry. Lists are in joblist.h; what a daemon does to a job is in claims.h.
 *
 * States and the only ways between them (jobs.c holds the table, claims.c goes by it too):
 *
 *     queued ──claim──> processing ──complete──> completed
 *       │  ^               │  │
 *       │  └──requeue──────┘  ├──fail──> failed
 *       └──────cancel─────────┴─cancel─> cancelled
 *
 * Every change of state changes the counters in the same transaction. */
#ifndef EARSHOT_RECORDS_JOBS_H
#define EARSHOT_RECORDS_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/uuid.h"
#include "records/quotas.h"

struct counted;		/* counters.h */
struct db;
struct err;

enum job_status { JOB_QUEUED, JOB_PROCESSING, JOB_COMPLETED, JOB_FAILED, JOB_CANCELLED,
	JOB_STATUSES };
extern const char *const job_status_names[JOB_STATUSES + 1];	/* "queued", …, NULL */

enum { JOB_MAX_SAMPLES = 4, JOB_QUEUE_SEEN = 100 };

/* Is there an arrow from a to b in the picture above? */
bool jobs_may_become(enum job_status from, enum job_status to);

struct job {
	struct uuid id;
	enum job_status status;
	int priority;				/* 0 first … 9 */
	uint32_t attempt, failures;
	struct uuid prompt_id, adapter_id, experiment_id, ab_test_id, retry_of;	/* nil: none */
	struct uuid user_id;			/* nil: submitted where there were no accounts */
	char *prompt_preview, *model, *format;	/* owned, as all char * here */
	char *adapter_name;			/* NULL: the base model */
	char *adapter;				/* JSON as its samples show it; NULL: the base model */
	char *adapter_key;			/* storage key of its weights; NULL: none */
	char *params;				/* JSON object: seed, duration, … */
	char *understood;			/* JSON object, or NULL */
	char *error, *error_code;		/* NULL unless failed */
	int num_samples;
	struct uuid sample_ids[JOB_MAX_SAMPLES];
	int n_sample_ids;			/* 0 until completed */
	int64_t audio_ms;
	int64_t feedback_count;			/* pieces of feedback to its samples (feedback.h) */
	int64_t rating_count, rating_sum;	/* ratings among them */
	int64_t created_at, run_after, started_at, completed_at;	/* µs, 0: not yet */
	/* the database's clock at the time of reading, µs */
	int64_t now;

	/* processing only */
	double progress;			/* 0 … 1 */
	char stage[33];

	/* queued only: 1 is next; 0 behind more than JOB_QUEUE_SEEN others, since counting them all
	 * would make each look at a long queue as long as the queue. */
	uint32_t queue_position;
};

/* A submission, validated. Texts are borrowed. */
struct job_new {
	struct uuid prompt_id;			/* nil: make a prompt of the next two */
	const char *prompt_text;
	const char *prompt_attributes;		/* JSON text or NULL */
	const char *model, *format, *params;	/* params: JSON text */
	struct uuid retry_of, experiment_id, ab_test_id;	/* nil: none */
	int num_samples, priority;

	/* The adapter as it is now; all nil and NULL for the base model. */
	struct uuid adapter_id;
	const char *adapter_name;
	const char *adapter;			/* JSON: id, name, version, base_model, sha256, scale */
	const char *adapter_key;		/* storage key of its weights */

	struct uuid user_id;			/* nil where there are no accounts */
	/* what holds for users without limits of their own */
	struct quota quota;
	const char *idempotency_key;		/* NULL: none */
	uint8_t body_sha256[SHA256_BYTES];	/* of what has to be the same under the same key */
};

/* One transaction: the prompt (if new), the job, the counters, the key. *id is the new job; with a
 * key that was used before for the same body it is the job of then, and *replayed is true. Another
 * body: ERR_INVALID naming Idempotency-Key. A key whose first request is still being answered:
 * ERR_CONFLICT. Prompt or experiment unknown: ERR_NOT_FOUND; experiment archived: ERR_CONFLICT. The
 * retry of a job of an A/B test takes its place there; ERR_CONFLICT when that is taken. ERR_BUSY:
 * the user's quota is used up. */
int jobs_submit(struct db *db, const struct job_new *n, struct uuid *id, bool *replayed,
	struct err *e);

/* The same for a transaction of the caller's that has more to do: prompt, job and counters, no
 * Idempotency-Key. *id nil: it is made here. */
int jobs_insert(struct db *db, const struct job_new *n, struct uuid *id, struct err *e);

/* ERR_NOT_FOUND when there is none. Release with jobs_free() in every case (out must be zeroed). */
int jobs_get(struct db *db, struct uuid id, struct job *out, struct err *e);

/* queued or processing → cancelled; *was tells which. ERR_NOT_FOUND, or ERR_CONFLICT when it has
 * ended. */
int jobs_cancel(struct db *db, struct uuid id, enum job_status *was, struct err *e);

/* For a transaction: nobody else changes the job until its end. ERR_NOT_FOUND. */
int jobs_lock(struct db *db, struct uuid id, enum job_status *status, struct counted *counted,
	struct err *e);

void jobs_free(struct job *j);

#endif
