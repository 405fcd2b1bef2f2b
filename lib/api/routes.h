/* The table of what there is, policy included. A test checks it against www/openapi.json. */
#ifndef EARSHOT_API_ROUTES_H
#define EARSHOT_API_ROUTES_H

#include <stddef.h>

#include "http/router.h"

#define API_PREFIX "/api"

enum {
	ROUTE_DB = 1,		/* needs the database: without it 503 */
	ROUTE_JSON = 2,		/* needs a JSON body, found in req->json */
	ROUTE_BODY = 4,		/* has a body, perhaps, that the handler reads itself */
};

extern const struct route api_routes[];
extern const size_t api_n_routes;

#endif
