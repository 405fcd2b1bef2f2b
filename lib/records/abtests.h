/* A/B tests: pairs of takes that differ in nothing but the adapter, and how far they are made.
 *
 * A test has its pairs from the beginning; jobs are added to them by abtests_generate(). No
 * count is stored: whether an arm is generated follows from its job and its sample, so that what
 * is read is right at every moment, whatever was killed. What listeners say is in abvotes.h. */
#ifndef EARSHOT_RECORDS_ABTESTS_H
#define EARSHOT_RECORDS_ABTESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "records/jobs.h"

struct adapter_use;
struct db;
struct err;

enum { ABTEST_NAME_CHARS = 200, ABTEST_DESCRIPTION_CHARS = 2000, ABTEST_MAX_PROMPTS = 100,
	ABTEST_MAX_SAMPLES = 10 };		/* of one prompt */

enum abtest_arm { ABTEST_A, ABTEST_B, ABTEST_ARMS };

/* Nobody sets it: draft before any arm has a job, ready when all pairs are generated, completed
 * when each of them has a vote as well. */
enum abtest_status { ABTEST_DRAFT, ABTEST_GENERATING, ABTEST_READY, ABTEST_COMPLETED,
	ABTEST_STATUSES };
extern const char *const abtest_status_names[ABTEST_STATUSES + 1];

enum preference { PREFER_A, PREFER_B, PREFER_EQUAL, PREFERENCES };
extern const char *const preference_names[PREFERENCES + 1];	/* "a", "b", "equal", NULL */

struct abtest {
	struct uuid id, user_id;		/* user_id nil where there are no accounts */
	char *name;				/* owned, as all char * here */
	char *description;			/* NULL: none */
	char *model;
	struct uuid adapter_id[ABTEST_ARMS];	/* nil: the base model */
	char *adapter_name[ABTEST_ARMS];	/* of then; NULL: the base model */
	char *params;				/* JSON: generation_params without the seed */
	uint32_t seed;
	int samples_per_prompt;
	enum abtest_status status;
	/* pairs: all, those with both takes, with an arm that failed, with a vote of anyone */
	int64_t pairs, generated, failed, voted;
	int64_t votes[PREFERENCES];
	int64_t created_at, updated_at;		/* µs */
};

struct abtest_list {
	struct abtest *items;			/* owned */
	size_t n;
	uint64_t total;
};

/* pending: an arm has no job, or lost what it made; failed: the job of an arm failed or was
 * cancelled. Both may be generated. completed: generated, and somebody has voted. */
enum abpair_status { ABPAIR_PENDING, ABPAIR_GENERATING, ABPAIR_FAILED, ABPAIR_READY,
	ABPAIR_COMPLETED, ABPAIR_STATUSES };
extern const char *const abpair_status_names[ABPAIR_STATUSES + 1];

struct abpair {
	struct uuid id, prompt_id;
	char *prompt_text;			/* owned */
	uint32_t seed;
	struct uuid job_id[ABTEST_ARMS];	/* nil: none, or none any more */
	struct uuid audio_id[ABTEST_ARMS];	/* nil: not generated */
	enum abpair_status status;
	int preference;				/* of the listener who was named; -1: none */
	int64_t voted_at;			/* µs; 0: not */
};

/* Both arms are generated, so that it can be voted on. */
static inline bool
abpair_is_ready(const struct abpair *p)
{
	return p->status == ABPAIR_READY || p->status == ABPAIR_COMPLETED;
}

struct abpair_list {
	struct abpair *items;			/* owned */
	size_t n;
};

/* A test, validated. Borrowed. */
struct abtest_new {
	struct uuid user_id;				/* nil where there are no accounts */
	const char *name, *description, *model, *params, *format;
	int priority, samples_per_prompt;
	uint32_t seed;
	const struct adapter_use *arm[ABTEST_ARMS];	/* id nil: the base model */
	const struct uuid *prompts;			/* that are there; 1 … ABTEST_MAX_PROMPTS */
	size_t n_prompts;
};

/* The test and its pairs: each prompt samples_per_prompt times, each pair with a seed of its
 * own. *id is made here. */
int abtests_create(struct db *db, const struct abtest_new *n, struct uuid *id, struct err *e);

/* ERR_NOT_FOUND when there is none. Release with abtests_free() in every case (out must be
 * zeroed). */
int abtests_get(struct db *db, struct uuid id, struct abtest *out, struct err *e);

/* Newest first; status: enum abtest_status, or -1 for any. Release with abtests_list_free(). */
int abtests_list(struct db *db, int status, uint32_t limit, uint32_t offset,
	struct abtest_list *out, struct err *e);

/* The pairs of a test in their order, with what the listener said. Release with abpairs_free(). */
int abtests_pairs(struct db *db, struct uuid test, struct uuid listener, struct abpair_list *out,
	struct err *e);

/* One of them: ERR_NOT_FOUND. Release with abpair_free() in every case (out must be zeroed). */
int abtests_pair(struct db *db, struct uuid test, struct uuid pair, struct uuid listener,
	struct abpair *out, struct err *e);

struct abtest_generate {
	struct uuid user_id;		/* whose jobs they will be; as job_new has it */
	struct quota quota;
	const struct uuid *prompts;	/* only these; none: all */
	size_t n_prompts;		/* at most ABTEST_MAX_PROMPTS */
	int samples_per_prompt;		/* add pairs until there are so many of a prompt; 0: none */
};

/* A job for each arm that has none, whose job ended badly, or whose take was deleted: with the seed
 * of the pair. Of any number of calls at one moment each arm gets one job. Many small transactions,
 * so that it holds nobody up: when it breaks off, what was added stays, and another call adds the
 * rest. *n_jobs is how many it added. ERR_NOT_FOUND; ERR_INVALID names prompts that are not of the
 * test; ERR_BUSY: the quota of the user is used up. */
int abtests_generate(struct db *db, struct uuid id, const struct abtest_generate *g,
	uint64_t *n_jobs, struct err *e);

void abtests_free(struct abtest *t);
void abtests_list_free(struct abtest_list *l);
void abpair_free(struct abpair *p);
void abpairs_free(struct abpair_list *l);

#endif
