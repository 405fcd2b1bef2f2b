/* Who listens and votes: the user. Without accounts it is whoever the cookie `earshot_listener`
 * says: a random id, given to a browser when it begins a blind test. A client that keeps no cookies
 * is the installation's one listener, the nil UUID. */
#ifndef EARSHOT_API_LISTENER_H
#define EARSHOT_API_LISTENER_H

#include "base/uuid.h"

struct api;
struct request;
struct response;

/* Nil: without a cookie, or with one that is not of ours. */
struct uuid listener_of(const struct api *api, const struct request *req);

/* The same, but a client without one is given a cookie, and its id is what is returned. */
struct uuid listener_welcome(const struct api *api, const struct request *req,
	struct response *res);

#endif
