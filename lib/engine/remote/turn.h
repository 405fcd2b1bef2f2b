/* Whose adapter a server has that has one for all its jobs.
 *
 * The queue hands out only jobs that go together (turn_name(), records/limits.h). Behind it, jobs
 * of this host with the same adapter go side by side; who needs another one, from a shell, say,
 * waits until they are through, and until the server has no job of anybody else, and changes it.
 * Nobody overtakes who waits. People with curl know nothing of that: what the server says of its
 * adapter is believed, before a job and again behind it. */
#ifndef EARSHOT_ENGINE_REMOTE_TURN_H
#define EARSHOT_ENGINE_REMOTE_TURN_H

#include <stdint.h>

#include "engine/remote/protocol.h"

struct err;
struct line;

/* The word that all models of this server have in common; "" where each job has its own adapter. */
enum { TURN_NAME = 17 };
void turn_name(const struct remote_protocol *p, const char *url, char name[TURN_NAME]);

struct turn {
	int fd;				/* of the lock; -1: none */
};

/* Until end_ms (CLOCK_MONOTONIC) the server is to have the adapter that is wished for (or none),
 * and keeps it until turn_end(). folder is where the locks are. ERR_STOPPED; ERR_AWAY: it has not
 * come to that, or the server is out of order; ERR_INVALID: it will not have this adapter. */
int turn_take(struct turn *t, struct line *l, const struct remote_protocol *p,
	const struct remote_wish *w, const char *folder, int64_t end_ms, struct err *e);

/* Was it so all the time, as far as can be seen? ERR_AWAY: no. */
int turn_check(struct line *l, const struct remote_protocol *p, const struct remote_wish *w,
	struct err *e);

void turn_end(struct turn *t);

#endif
