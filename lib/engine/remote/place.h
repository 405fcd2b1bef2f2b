/* Where a server's results may be: with it, and nowhere else. Pure. */
#ifndef EARSHOT_ENGINE_REMOTE_PLACE_H
#define EARSHOT_ENGINE_REMOTE_PLACE_H

#include <stdbool.h>

#include "base/buf.h"

struct err;

enum { PLACE_MAX = 4096 };

/* The address of what the server calls `said`: a path, which goes behind url (the server's, as in
 * the configuration), or an address with the same scheme, host and port. Appended to out.
 * ERR_UNREADABLE, naming the server: it is elsewhere, or no address. */
int place_of(const char *server, const char *url, const char *said, struct buf *out, struct err *e);

/* Have both the same scheme, host and port, and no user? */
bool place_same_host(const char *url, const char *other);

#endif
