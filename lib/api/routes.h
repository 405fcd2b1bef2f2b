/* The table of what there is, policy included. A test checks it against www/openapi.json. */
#ifndef EARSHOT_API_ROUTES_H
#define EARSHOT_API_ROUTES_H

#include <stddef.h>

#include "http/router.h"
#include "records/owners.h"
#include "records/users.h"

#define API_PREFIX "/api"

enum {
	ROUTE_DB = 1,		/* needs the database: without it 503 */
	ROUTE_JSON = 2,		/* needs a JSON body, found in req->json */
	ROUTE_BODY = 4,		/* has a body, perhaps, that the handler reads itself */
	ROUTE_ACCOUNTS = 8,	/* is about accounts: 409 where there are none */
};

/* Who may, where there are accounts: each route has exactly one of these. */
enum {
	MAY_READ = RIGHT_READ << 4,
	MAY_VOTE = RIGHT_VOTE << 4,
	MAY_CREATE = RIGHT_CREATE << 4,
	MAY_ADMIN = RIGHT_ADMIN << 4,
	MAY_SIGNED_IN = 1 << 8,		/* anyone, by a session: what a token must not do */
	MAY_ANYONE = 1 << 9,		/* without a sign-in, too */
	MAY_ALL = MAY_READ | MAY_VOTE | MAY_CREATE | MAY_ADMIN | MAY_SIGNED_IN | MAY_ANYONE,
};

/* The first id of the path is that of such a thing, which only its owner or an admin may change. */
#define ROUTE_OWN(kind) ((unsigned)(kind) << 12)
#define ROUTE_OWNED(flags) ((enum owned)((flags) >> 12 & 15))

extern const struct route api_routes[];
extern const size_t api_n_routes;

#endif
