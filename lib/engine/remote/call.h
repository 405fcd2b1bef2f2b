/* One request to a server, and its answer: bounded in size and time, given up when somebody says
 * stop.
 *
 * Nothing leaves for another host: no proxy of the environment is used, and a redirection is
 * followed only with the server and only for a GET. Sentences name the server as the configuration
 * does, and hold neither its address nor its key. */
#ifndef EARSHOT_ENGINE_REMOTE_CALL_H
#define EARSHOT_ENGINE_REMOTE_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/remote/protocol.h"

struct err;

/* The way to one server. */
struct line;

/* goes_on (NULL: always) is asked several times a second. Reads the key from its file: NULL with
 * ERR_AWAY where that cannot be read, ERR_INVALID where it holds none. */
struct line *line_open(const struct conf_remote *server, bool (*goes_on)(void *ctx), void *ctx,
	struct err *e);
void line_close(struct line *l);		/* NULL is fine */

/* Wait so long. False: stop. */
bool line_wait(struct line *l, int ms);

/* What to ask for and what may come back. */
struct call {
	bool post;
	const char *path; /* behind the server's url, or a whole address there */
	const char *json;			/* the body of a POST */
	size_t max_bytes;
	int timeout_ms; /* for all of it; no byte for patience_s ends it, too */
	/* the body goes into this file; -1: into the answer. Of a status other than 200 it is not
	 * kept. */
	int fd;
	bool farewell;				/* made although somebody has said stop */
};

/* 0 with *a, whatever the status: {0} before the call, its body is the caller's to free. -1:
 * ERR_STOPPED; ERR_AWAY: the server does not answer; ERR_UNREADABLE: it sends too much, or us
 * elsewhere. */
int line_call(struct line *l, const struct call *c, struct remote_answer *a, struct err *e);

/* The same for a message of a protocol, with the bounds that such have. */
int line_say(
	struct line *l, const struct remote_message *m, struct remote_answer *a, struct err *e);

#endif
