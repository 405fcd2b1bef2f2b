/* Who asks, and may they? Decided for each request before its handler runs, by the flags of its row
 * in routes.c. Handlers find the answer in api->who. */
#ifndef EARSHOT_API_ACCESS_H
#define EARSHOT_API_ACCESS_H

#include <stdbool.h>

#include "records/owners.h"
#include "records/quotas.h"
#include "records/sessions.h"

struct api;
struct conf;
struct err;
struct request;
struct response;
struct route;

enum who_by { BY_NOTHING, BY_SESSION, BY_TOKEN };

/* Where there are no accounts the user is nobody (nil), who may everything. */
struct who {
	enum who_by by;
	struct user user;
	/* RIGHT_…: what the role allows and, with a token, its scopes */
	unsigned rights;
	struct session session;		/* BY_SESSION */
};

/* Did it come with the cookie of a session, and nothing better? */
bool access_by_cookie(const struct api *api, const struct request *req);

/* Fill api->who and see whether it may: ERR_UNAUTHORIZED, ERR_FORBIDDEN, ERR_BUSY (the token has
 * made too many requests), ERR_CONFLICT (there are no accounts here), ERR_AWAY. Connects to the
 * database if it has to ask it. */
int access_admit(struct api *api, const struct route *route, const struct request *req,
	struct err *e);

/* For things that the route does not name: ERR_FORBIDDEN unless it is the user's own. nil is
 * nothing, and everybody's. */
int access_need_own(struct api *api, enum owned kind, struct uuid id, struct err *e);

/* What the settings allow to users without limits of their own. */
struct quota access_quota(const struct conf *c);

struct session_limits access_session_limits(const struct conf *c);

/* Give the browser this session's cookie, or (NULL) take it away. */
void access_set_cookie(const struct api *api, const struct request *req, struct response *res,
	const char *secret);

#endif
