/* Is a server there, does it speak what we think, take our key and have our model? */
#ifndef EARSHOT_ENGINE_REMOTE_GREET_H
#define EARSHOT_ENGINE_REMOTE_GREET_H

struct conf_remote;
struct err;

/* Asked in some seconds, and nothing that makes it work. ERR_AWAY or ERR_UNREADABLE: it is not
 * there, or not that; ERR_INVALID: it refuses. */
int remote_greet(const struct conf_remote *server, struct err *e);

#endif
