/* Which models there are, and which host can run them: written by every daemon at its start, read
 * by the responder, which links no engine. */
#ifndef EARSHOT_RECORDS_MODELS_H
#define EARSHOT_RECORDS_MODELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct db;
struct err;

enum { MODEL_ID = 65, MODEL_REASON = 513, MODEL_REMEDY = 513 };

struct model {
	char id[MODEL_ID];
	int position;
	/* JSON object: display_name, engine, max_duration_seconds, …; owned */
	char *description;
	bool available;			/* some host can run it */
	char reason[MODEL_REASON];	/* why none can; "" when available */
	/* the command for a shell of such a host that would change that; "" when there is none */
	char remedy[MODEL_REMEDY];
};

struct model_list {
	struct model *items;		/* owned, in the order of the build */
	size_t n;
};

/* One row for each model, once for each, whichever hosts have it. Hosts not seen for a minute count
 * only where no other has it. */
int models_list(struct db *db, struct model_list *out, struct err *e);
void models_list_free(struct model_list *l);

/* Replace what this host says of its models. Of the items all but `available` is read. */
int models_publish(struct db *db, struct uuid host, const struct model *items, size_t n,
	struct err *e);

/* How the newest job of the model that has ended did: 1: it failed because something was away, 0:
 * otherwise, or there is none, -1. */
struct model_failure {
	char error[513];		/* a sentence for people */
	int64_t at_us;
};
int models_last_failure(struct db *db, const char *id, struct model_failure *out, struct err *e);

/* This host's daemon is alive. */
int models_host_seen(struct db *db, struct uuid host, const char *name, int pid, int workers,
	int busy, struct err *e);

/* The hosts that were seen in the last half minute, and their workers. */
struct workers {
	int64_t hosts, up, busy;
};
int models_workers(struct db *db, struct workers *out, struct err *e);

#endif
