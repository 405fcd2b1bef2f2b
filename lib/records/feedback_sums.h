/* What ratings.c, preferences.c, tags.c and feedback.c share, and nobody else needs: the lock that
 * orders their changes, and the sums that follow every change.
 *
 * A transaction that adds or removes feedback holds the row of the sample's job, as the one that
 * removes samples does, so that neither can miss the other. Both also write the sample's row of
 * audio_feedback: on two nodes of a cluster, where locks are not seen, one of them fails by that
 * and runs again. */
#ifndef EARSHOT_RECORDS_FEEDBACK_SUMS_H
#define EARSHOT_RECORDS_FEEDBACK_SUMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "records/feedback.h"

struct feedback_audio {
	struct uuid id, job_id, prompt_id;
	struct uuid adapter_id;			/* nil: the base model */
};

/* Lock the rows of the jobs of these samples (at most 2) and say what the samples are.
 * ERR_NOT_FOUND names one that is not there. */
int feedback_hold(struct db *db, const struct uuid *ids, size_t n, struct feedback_audio *out,
	struct err *e);

/* What came (or went: negative) to the sums of one sample and of its job. */
struct feedback_change {
	struct uuid audio, job;
	int64_t ratings, rating_sum;
	int64_t wins, comparisons;		/* wins are comparisons, too */
	int64_t positive_tags, negative_tags;
};

/* Apply c to the sample and to the job, and add to *t what it means to everything together; which
 * feedback_add() writes at the end of the transaction, once, where no other waits for long. */
int feedback_apply(struct db *db, const struct feedback_change *c, struct feedback_totals *t,
	struct err *e);
int feedback_add(struct db *db, struct uuid shard, const struct feedback_totals *t, struct err *e);

/* How many shards a sum has; an id picks one. */
enum { FEEDBACK_SHARDS = 4 };
int feedback_shard(struct uuid id);

/* Remove the rows of one kind with their sample, whose job is held. The first two collect in c what
 * feedback_apply() then takes from its sums; preferences have done so already, for the other sample
 * of each, too. */
int ratings_forget(struct db *db, struct feedback_change *c, struct err *e);
int tags_forget(struct db *db, struct feedback_change *c, struct err *e);
int preferences_forget(struct db *db, struct uuid audio, struct feedback_totals *t, struct err *e);

#endif
