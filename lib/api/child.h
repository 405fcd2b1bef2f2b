/* What needs a codec or an engine, neither of which the responder has: done by `earshot`, the
 * command line, in a process of its own. */
#ifndef EARSHOT_API_CHILD_H
#define EARSHOT_API_CHILD_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

struct child {
	const char *const *args;	/* of `earshot`, ended by NULL; everyone can see them */
	int max_ms;			/* then it is killed with all that it has started */
	const struct buf *in;		/* its standard input; NULL: nothing */
	struct buf *out;		/* what it writes to standard output; NULL: that is logged */
	size_t max_out;			/* bytes */
	bool late;			/* set when it was killed for its time */
};

/* Run it and wait for it. ERR_INTERNAL when it cannot be started, takes too long, says too much,
 * or ends with another status than 0. */
int child_run(struct child *c, struct err *e);

#endif
