/* The daemon's side of a job: claim, lease, progress, end. Protocol and reasons:
 * lib/daemon/README.md.
 *
 * A claim is (job, attempt, owner). Each function that changes a claimed job is fenced by all three
 * and by the status: 1 means done, 0 means the claim is no longer ours (cancelled, taken over) and
 * nothing has changed, -1 is an error. */
#ifndef EARSHOT_RECORDS_CLAIMS_H
#define EARSHOT_RECORDS_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "records/jobs.h"
#include "records/limits.h"
#include "records/samples.h"

struct db;
struct err;

struct claim {
	struct uuid job, owner;
	uint32_t attempt;
};

/* What a worker has to know of the job it gets. Texts are owned; claims_work_free(). */
struct claim_work {
	struct claim claim;
	uint32_t failures;		/* attempts that ended badly before this one */
	struct uuid prompt_id;
	char *prompt_text;
	char *attributes;		/* JSON, or NULL */
	char *model, *format, *params;
	int num_samples;
	struct uuid adapter_id;		/* nil, NULL and NULL: the base model */
	char *adapter;			/* JSON, as the job and its samples show it */
	char *adapter_key;		/* storage key of its weights */
};

/* Claim the first job that is due, whose model this host can run (by its rows in models) and has
 * room within the limits: compare-and-set of the attempt number; no lock is held, but in the one
 * transaction of a model with a limit. Jobs of models that have a turn are taken in their order;
 * who has to wait for his keeps those behind him that have the same, and nobody else. 1: *out is
 * ours for lease_ms; 0: nothing to do. */
int claims_take(struct db *db, struct uuid owner, uint32_t lease_ms,
	const struct claim_limits *limits, struct claim_work *out, struct err *e);

int claims_renew(struct db *db, const struct claim *c, uint32_t lease_ms, struct err *e);
int claims_still_ours(struct db *db, const struct claim *c, struct err *e);
int claims_progress(struct db *db, const struct claim *c, double done, const char *stage,
	struct err *e);

/* processing → completed with its samples, in one transaction: fenced UPDATE first, then the rows
 * of samples (whose ids are made here), the intents of their objects removed, the counters. A
 * connection lost at COMMIT is answered by -1 with ERR_AWAY: ask claims_completed() over a new one
 * before anything else. */
int claims_complete(struct db *db, const struct claim *c, struct sample *samples, int n,
	const char *understood, struct err *e);

/* Did a completion of exactly this claim commit? 1, 0, -1. */
int claims_completed(struct db *db, const struct claim *c, struct err *e);

/* An attempt ended badly. Requeue it after back-off (doubling with the failures, plus jitter), or
 * fail it for good when it was the last of max_attempts or `final` says that trying again is
 * useless. */
struct claim_failure {
	bool final;
	const char *code;		/* short word for programs: "engine_crashed" */
	const char *text;		/* sentence for people */
	uint32_t max_attempts, backoff_ms;
};
int claims_fail(struct db *db, const struct claim *c, const struct claim_failure *f, struct err *e);

/* Give it back untried (the daemon stops): queued again at once, not counted as a failure. */
int claims_release(struct db *db, const struct claim *c, struct err *e);

/* What the records say this owner is processing, at most max claims. At the daemon's start they are
 * all of a dead one (a host has one daemon), later those that it does not know of were claimed as a
 * connection broke. */
int claims_of(struct db *db, struct uuid owner, struct claim *out, int max, struct err *e);

/* Of any owner: claims whose lease ran out more than grace_ms ago. Returns how many. */
int claims_expire(struct db *db, uint32_t grace_ms, const struct claim_failure *f, struct err *e);

/* Remove what jobs said of how far they are that are in work no more. On a cluster of databases a
 * host may say so at the very moment in which another node cancels the job. How many, or -1. */
int claims_sweep_progress(struct db *db, struct err *e);

void claims_work_free(struct claim_work *w);

#endif
