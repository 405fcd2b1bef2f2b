/* What the daemon asks of the storage, on threads of their own: a bucket may take seconds to
 * answer, and meanwhile leases are to be renewed. The daemon's own thread never waits for it.
 *
 * A task is about several objects, which are asked for one after the other. Checks go before
 * deletions, since somebody waits for what they complete. There are as many threads as there are
 * tasks, up to four; each has a connection of its own.
 *
 * All functions are for the daemon's thread. The daemon forks while these threads run: a child may
 * do nothing but what is safe in a signal handler until it executes another program. */
#ifndef EARSHOT_DAEMON_BACKGROUND_H
#define EARSHOT_DAEMON_BACKGROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "storage/storage.h"

struct background;
struct conf;

enum { TASK_OBJECTS = 64 };

enum task_kind {
	TASK_CHECK,		/* all objects are there; the first that is not ends it */
	TASK_DELETE,		/* each of them, unless the storage is away */
};

struct task {
	enum task_kind kind;
	size_t n;
	struct task_object {
		char key[STORAGE_KEY];
		uint64_t size_bytes;	/* that it must have; 0: any but none */
		bool done;
	} objects[TASK_OBJECTS];

	/* When it is over: 0 and all are done, or -1 with the last error. */
	int rc;
	struct err err;

	/* background.c's own */
	size_t at;
	bool taken, dropped, over;
	struct task *next;
};

/* Opens the storage; c is borrowed. NULL with *e. */
struct background *background_open(const struct conf *c, struct err *e);

/* What is under way is told to stop; tasks that are not over are freed. NULL is fine. */
void background_close(struct background *b);

/* For poll(): readable from the end of a task until background_told(). */
int background_fd(const struct background *b);
void background_told(struct background *b);

/* A task of this kind without objects. */
struct task *task_new(enum task_kind kind);

/* Of TASK_OBJECTS at most. */
void task_add(struct task *t, const char *key, uint64_t size_bytes);

/* Begin it, with one object at least. It is ours until background_over() says true, and then the
 * caller's again, for free(). */
void background_begin(struct background *b, struct task *t);
bool background_over(struct background *b, const struct task *t);

/* Nobody waits for it any more; it is freed. NULL is fine. */
void background_drop(struct background *b, struct task *t);

#endif
