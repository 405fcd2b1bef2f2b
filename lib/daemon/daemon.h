/* earshotd: one per state folder. Claims jobs, runs workers, keeps the promise of README.md. */
#ifndef EARSHOT_DAEMON_DAEMON_H
#define EARSHOT_DAEMON_DAEMON_H

#include <stdbool.h>

struct conf;
struct err;

struct daemon_start {
	/* one byte goes there when the socket listens, then it is closed; -1: none */
	int ready_fd;
	/* What handover.c left when SIGHUP, or a message of that meaning, made it run the program
	 * anew; -1: nothing. */
	int take_over_fd;
	/* end the daemon that has this state folder first, if there is one */
	bool replace;
};

/* Run until SIGTERM or SIGINT. ERR_CONFLICT: another daemon has this state folder. */
int daemon_run(const struct conf *c, const struct daemon_start *how, struct err *e);

#endif
