/* What signing in has that others need. */
#ifndef EARSHOT_API_SESSION_H
#define EARSHOT_API_SESSION_H

#include "base/password.h"

struct api;
struct err;

/* password_hash() when it is our turn: ERR_BUSY when there are too many at it. */
int session_hash(struct api *api, const char *password, char hash[PASSWORD_HASH], struct err *e);

#endif
