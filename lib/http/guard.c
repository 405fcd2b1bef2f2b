#include "http/guard.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/str.h"

/* Bytes of the name in "name:port", "[v6]:port" or either without port; 0 when it is none of
 * these. */
static size_t
name_bytes(const char *host)
{
	size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	const char *port = host + n;

	if (n > strlen(host)) return 0;
	if (*port == ':') port += 1 + strspn(port + 1, "0123456789");
	return *port ? 0 : n;
}

bool
guard_knows_host(const char *host, const char *hosts)
{
	size_t n = name_bytes(host);

	while (n && *hosts) {
		size_t blanks = strspn(hosts, " \t"), m = strcspn(hosts + blanks, " \t");

		if (m == n && strncasecmp(hosts + blanks, host, n) == 0) return true;
		hosts += blanks + m;
	}
	return false;
}

/* RFC 6454 7: "scheme://host[:port]", where browsers leave out the default port as they do in
 * Host. */
static bool
origin_is(const char *origin, const char *host)
{
	const char *at = strstr(origin, "://");

	return at && strcasecmp(at + 3, host) == 0;
}

int
guard_check(const struct guard_request *g, const char *hosts, struct err *e)
{
	static const char *const safe[] = { "GET", "HEAD", "OPTIONS", NULL };
	static const char *const own[] = { "same-origin", "none", NULL };
	const char *host = g->host ? g->host : "";

	if (!guard_knows_host(host, hosts))
		return err_set(e, ERR_FORBIDDEN,
			"This server does not answer to the host name \"%.100s\"; the setting "
			"hosts lists its names.", host);
	if (str_index(g->method, safe) >= 0) return 0;
	if (g->sec_fetch_site) {
		if (str_index(g->sec_fetch_site, own) >= 0) return 0;
	} else if (g->origin ? origin_is(g->origin, host) : !g->by_cookie) return 0;
	else if (!g->origin)
		return err_set(e, ERR_FORBIDDEN, "A request with a session must say which page it "
			"comes from (Sec-Fetch-Site or Origin); programs use a token.");
	return err_set(e, ERR_FORBIDDEN, "A page of another site may not change anything here.");
}
