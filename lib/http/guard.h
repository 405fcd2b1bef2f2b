/* Is this request meant for us, and meant by the person at the browser? Pure.
 *
 * Host must be one of the configured names: a page of a stranger whose name was rebound to our
 * address still names itself there. Unsafe methods must come from our own pages, or from no page at
 * all. */
#ifndef EARSHOT_HTTP_GUARD_H
#define EARSHOT_HTTP_GUARD_H

#include <stdbool.h>

struct err;

/* The header fields as they came; NULL where absent. */
struct guard_request {
	const char *method, *host, *origin, *sec_fetch_site;
	/* A browser's cookie says who it is, which any page may make it send: so the browser has to
	 * say which page it was. */
	bool by_cookie;
};

/* 0, or -1 with ERR_FORBIDDEN and a sentence. hosts: names or addresses without ports, IPv6 in
 * brackets, separated by blanks. */
int guard_check(const struct guard_request *g, const char *hosts, struct err *e);

/* Does Host, with or without a port, name one of hosts? Letters have no case. */
bool guard_knows_host(const char *host, const char *hosts);

#endif
