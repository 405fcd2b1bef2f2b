/* Experiments: jobs that belong together. A job is linked when it is submitted (job_new in jobs.h);
 * its experiment is never changed afterwards. */
#ifndef EARSHOT_RECORDS_EXPERIMENTS_H
#define EARSHOT_RECORDS_EXPERIMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct db;
struct err;

enum { EXPERIMENT_NAME_CHARS = 200, EXPERIMENT_DESCRIPTION_CHARS = 2000,
	EXPERIMENT_CONFIG_BYTES = 16384 };

/* Nobody sets it: archived when it is; else running while it has queued or processing jobs,
 * completed when one of its jobs has completed, failed when all have failed or were cancelled, and
 * draft without jobs. */
enum experiment_status { EXPERIMENT_DRAFT, EXPERIMENT_RUNNING, EXPERIMENT_COMPLETED,
	EXPERIMENT_FAILED, EXPERIMENT_ARCHIVED, EXPERIMENT_STATUSES };
extern const char *const experiment_status_names[EXPERIMENT_STATUSES + 1];

struct experiment {
	struct uuid id, user_id;		/* user_id nil where there are no accounts */
	char *name;				/* owned, as all char * here */
	char *description;			/* NULL: none */
	char *config;				/* JSON object, or NULL */
	enum experiment_status status;
	int64_t job_count, sample_count;	/* of its jobs that have not been deleted */
	int64_t created_at, updated_at;		/* µs */
};

struct experiment_list {
	struct experiment *items;		/* owned */
	size_t n;
	bool has_more;				/* behind these */
	uint64_t total;				/* at least so many when it is capped */
	bool total_is_capped;
};

/* What a client says of one. NULL leaves what is there; "" is none. Borrowed. */
struct experiment_change {
	const char *name, *description, *config;
};

struct experiment_filter {
	int status;				/* enum experiment_status, or -1: any */
	bool include_archived;			/* for any */
};

/* c->name must be there; user nil: nobody's. *id is made here. */
int experiments_create(struct db *db, struct uuid user, const struct experiment_change *c,
	struct uuid *id, struct err *e);

/* ERR_NOT_FOUND when there is none. Release with experiments_free() in every case (out must be
 * zeroed). */
int experiments_get(struct db *db, struct uuid id, struct experiment *out, struct err *e);

/* How its takes were rated: how often, and the sum. It reads every job, so it is not for lists. */
int experiments_ratings(struct db *db, struct uuid id, int64_t *count, int64_t *sum,
	struct err *e);

/* Newest first. Release with experiments_list_free() in every case. */
int experiments_list(struct db *db, const struct experiment_filter *f, uint32_t limit,
	uint32_t offset, struct experiment_list *out, struct err *e);

/* ERR_NOT_FOUND when there is none. */
int experiments_change(struct db *db, struct uuid id, const struct experiment_change *c,
	struct err *e);

/* Archive it or take that back; done again, it changes nothing. ERR_NOT_FOUND. */
int experiments_archive(struct db *db, struct uuid id, bool archived, struct err *e);

/* May a job be added? For the transaction that adds it, until whose end nobody can archive the
 * experiment. ERR_NOT_FOUND, or ERR_CONFLICT when it is archived. */
int experiments_open(struct db *db, struct uuid id, struct err *e);

void experiments_free(struct experiment *x);
void experiments_list_free(struct experiment_list *l);

#endif
