/* From method and path to a handler, by a const table with the policy of each route in it. Pure. */
#ifndef EARSHOT_HTTP_ROUTER_H
#define EARSHOT_HTTP_ROUTER_H

#include <stddef.h>

#include "http/request.h"
#include "http/response.h"

struct err;

struct route {
	const char *method;
	const char *pattern;		/* "/api/generate/{id}": a part in braces is a UUID, goes to req->id[] */
	/* Fill res; or -1 with *e, and res is made from that. ctx is what the program handed to its
	 * router. */
	int (*handle)(void *ctx, struct request *req, struct response *res, struct err *e);
	unsigned flags;			/* the program's own: roles and the like */
};

enum { ROUTER_ALLOW = 64 };

struct router_match {
	const struct route *route;	/* NULL: none */
	char allow[ROUTER_ALLOW];	/* for 405 and OPTIONS: "GET, HEAD, OPTIONS"; "" when no route has the path */
};

/* Find the route; HEAD finds that of GET. Ids of a match go to ids, REQUEST_MAX_IDS of them. */
struct router_match router_find(const struct route *table, size_t n, const char *method,
	const char *path, struct uuid *ids);

/* Refuse a table in which two routes are the same, or one has an unknown method, no handler, a
 * pattern that is not an absolute path or has more ids than fit. ERR_INTERNAL names the route. */
int router_check(const struct route *table, size_t n, struct err *e);

#endif
