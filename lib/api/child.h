/* What needs a codec or an engine, neither of which the responder has: done by `earshot`, the
 * command line, in a process of its own. */
#ifndef EARSHOT_API_CHILD_H
#define EARSHOT_API_CHILD_H

#include <stddef.h>

struct buf;
struct err;

/* Run `earshot ARGS…` (ended by NULL) and wait for it; after max_ms it is killed with all that it
 * has started. What it writes to standard output goes to out, at most max_out bytes, or to the log
 * where out is NULL. ERR_INTERNAL when it cannot be started, takes too long, says too much, or ends with
 * another status than 0. */
int child_run(const char *const *args, int max_ms, struct buf *out, size_t max_out, struct err *e);

#endif
