/* A server whose line breaks at COMMIT: stands between a connection and the real one. */
#ifndef EARSHOT_TESTS_DB_CUTTER_H
#define EARSHOT_TESTS_DB_CUTTER_H

#include <sys/types.h>

#include "base/conf.h"

enum cut {
	CUT_BEFORE_COMMIT,	/* the server never gets it */
	CUT_AFTER_COMMIT,	/* it is done, and the answer is lost */
};

struct cutter {
	pid_t pid;
	struct conf conf;	/* what to db_open() */
};

/* Fail the test when they cannot. Every COMMIT is cut until cutter_stop(). */
void cutter_start(struct cutter *c, enum cut when);
void cutter_stop(struct cutter *c);

#endif
