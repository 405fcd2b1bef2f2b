/* Feedback of all kinds together: the sums of everything, what a job has got, and its end with the
 * sample that it was for. The kinds themselves are ratings.h, preferences.h and tags.h.
 *
 * Every rating, every preference and every tag counts as one piece of feedback; a preference counts
 * for the sample that was chosen. The sums of a job are columns of its row (struct job), so that a
 * status or a list of jobs shows them at no cost. */
#ifndef EARSHOT_RECORDS_FEEDBACK_H
#define EARSHOT_RECORDS_FEEDBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "records/jobs.h"

struct db;
struct err;

/* FEEDBACK_SHOWN: the most rows of a kind that feedback_get() reads, the newest. */
enum { FEEDBACK_NOTES_CHARS = 2000, FEEDBACK_SHOWN = 1000 };

/* Sums over all feedback; kept, not counted. */
struct feedback_totals {
	int64_t ratings, rating_sum;
	int64_t preferences, margins, margin_sum;	/* margins: preferences that have one */
	int64_t positive_tags, negative_tags;
	int64_t audios;			/* samples that have feedback */
	int64_t rated_audios;		/* … that have ratings */
	int64_t compared_audios;	/* … that were chosen or rejected */
	int64_t compared_prompts;	/* prompts that have preferences */
};

int feedback_totals(struct db *db, struct feedback_totals *out, struct err *e);

/* One piece of feedback; what its kind does not have is 0, nil or NULL. */
struct feedback_item {
	struct uuid id;
	enum feedback_kind { FEEDBACK_RATING, FEEDBACK_PREFERENCE, FEEDBACK_TAG } kind;
	int rating, criterion;		/* criterion: as rating_criteria[] names it */
	struct uuid preferred_over;
	char *tag;			/* owned, as the next */
	char *notes;
	bool is_positive;
	int64_t created_at;		/* µs */
};

struct feedback_sample {
	struct uuid id;
	int index;
	int64_t count, ratings, rating_sum;
	struct feedback_item *items;	/* owned; newest first */
	size_t n;
};

struct feedback_job {
	struct uuid id, prompt_id;
	int64_t count, ratings, rating_sum;
	struct feedback_sample samples[JOB_MAX_SAMPLES];
	int n;
};

/* All of one moment, so that the sums are those of the rows. ERR_NOT_FOUND when there is no such
 * job. Release with feedback_job_free() in every case (out must be zeroed). */
int feedback_get(struct db *db, struct uuid job, struct feedback_job *out, struct err *e);
void feedback_job_free(struct feedback_job *f);

/* For the transaction that removes these samples, before it removes their rows: their feedback goes
 * with them, a preference with either of its two samples, and all sums follow. Locks the rows of
 * their jobs. ERR_NOT_FOUND when one of them is not there. */
int feedback_forget_audio(struct db *db, const struct uuid *audio, size_t n, struct err *e);

/* Compare all sums with the rows; *wrong tells how many disagree, and feedback to samples that are
 * not there counts, too. With repair the sums are mended and such feedback is removed. Feedback may
 * come in meanwhile. */
int feedback_audit(struct db *db, bool repair, int *wrong, struct err *e);

#endif
