#include "api/access.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/rate.h"
#include "base/str.h"
#include "http/request.h"
#include "http/response.h"
#include "records/tokens.h"

enum { HOUR_S = 3600, COOKIE_NAME = 48 };

struct session_limits
access_session_limits(const struct conf *c)
{
	return (struct session_limits){ c->session_idle_hours * HOUR_S, c->session_hours * HOUR_S };
}

struct quota
access_quota(const struct conf *c)
{
	return (struct quota){ c->max_queued_jobs, c->max_audio_seconds_per_day };
}

/* Over TLS the name makes browsers refuse the cookie from anyone but this host by TLS (RFC 6265bis
 * 4.1.3.2); its path must be / then, so that the name tells installations of one host apart. */
static void
cookie_name(const struct request *req, char name[COOKIE_NAME])
{
	uint8_t sha256[SHA256_BYTES];
	char hex[SHA256_HEX];

	if (!request_is_tls(req)) {
		snprintf(name, COOKIE_NAME, "earshot_session");
		return;
	}
	hash_sha256(req->base_path, strlen(req->base_path), sha256);
	hash_hex(sha256, 4, hex);
	snprintf(name, COOKIE_NAME, "__Host-earshot_session%s%s", *req->base_path ? "_" : "",
		*req->base_path ? hex : "");
}

void
access_set_cookie(const struct api *api, const struct request *req, struct response *res,
	const char *secret)
{
	char name[COOKIE_NAME];
	bool tls = request_is_tls(req);

	cookie_name(req, name);
	response_header(res, "Set-Cookie", "%s=%s; Path=%s/; Max-Age=%u; HttpOnly; SameSite=Lax%s",
		name, secret ? secret : "", tls ? "" : req->base_path,
		secret ? api->conf->session_hours * HOUR_S : 0, tls ? "; Secure" : "");
}

/* RFC 6750 2.1, or X-API-Key where a host keeps Authorization for itself. Another scheme, Basic
 * say, is the web server's business. NULL: none. */
static const char *
token_of(const struct request *req)
{
	static const char scheme[] = "Bearer";
	const char *value = request_header(req, "Authorization");
	size_t n = sizeof scheme - 1;

	if (value && strncasecmp(value, scheme, n) == 0 && value[n] == ' ')
		return value + n + strspn(value + n, " ");
	value = request_header(req, "X-API-Key");
	return value && *value ? value : NULL;
}

static bool
session_of(const struct request *req, char secret[SECRET_SESSION])
{
	char name[COOKIE_NAME];

	cookie_name(req, name);
	return request_cookie(req, name, secret, SECRET_SESSION);
}

bool
access_by_cookie(const struct api *api, const struct request *req)
{
	char secret[SECRET_SESSION];

	return !conf_is_open(api->conf) && !token_of(req) && session_of(req, secret);
}

/* 127/8, ::1, or the first written as IPv6. */
static bool
is_loopback(const char *address)
{
	static const char mapped[] = "::ffff:";
	struct in_addr v4;

	if (strcmp(address, "::1") == 0) return true;
	if (str_starts(address, mapped)) address += sizeof mapped - 1;
	return inet_pton(AF_INET, address, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

/* The settings name no host but this one, but a web server may listen for all the world, or hand on
 * what it got from there. SERVER_ADDR is no variable of RFC 3875, but that of our web servers. */
static int
check_open(const struct request *req, struct err *e)
{
	const char *to = http_io_env(req->io, "SERVER_ADDR"),
		*from = http_io_env(req->io, "REMOTE_ADDR");

	if (from && is_loopback(from) && (!to || !*to || is_loopback(to))) return 0;
	return err_set(e, ERR_FORBIDDEN, "This installation is for the machine that it runs on "
		"(access = open) and was asked from elsewhere; access = accounts is for others.");
}

static int
connect_db(struct api *api, struct err *e)
{
	if (api->connect(api, false, e) >= 0) return 0;
	e->kind = ERR_AWAY;
	return -1;
}

/* One more request of this token? */
static int
count_request(const struct api *api, struct uuid token, struct err *e)
{
	int wait_s = rate_take(api->conf->state_dir, "tokens", token.b, sizeof token.b,
		api->conf->token_requests_per_minute, clock_now_us());

	return !wait_s ? 0 : err_busy(e, wait_s, "This token may make %u requests a minute; wait "
		"%d seconds.", (unsigned)api->conf->token_requests_per_minute, wait_s);
}

static int
find_token(struct api *api, const char *secret, struct err *e)
{
	struct token t;
	int there = 0;

	if (secret_is_token(secret)) {
		if (connect_db(api, e)) return -1;
		there = tokens_find(api->db, secret, &t, &api->who.user, e);
	}
	if (there < 0) return -1;
	if (!there)
		return err_set(e, ERR_UNAUTHORIZED, "The token is unknown, has expired or was "
			"revoked.");
	api->who.by = BY_TOKEN;
	api->who.rights = user_role_rights[api->who.user.role] & t.scopes;
	return count_request(api, t.id, e);
}

static int
find_session(struct api *api, const char *secret, struct err *e)
{
	struct session_limits limits = access_session_limits(api->conf);
	int there;

	if (connect_db(api, e)) return -1;
	there = sessions_find(api->db, secret, &limits, &api->who.session, &api->who.user, e);
	if (there < 0) return -1;
	if (!there)
		return err_set(e, ERR_UNAUTHORIZED, "The session has ended; sign in again.");
	api->who.by = BY_SESSION;
	api->who.rights = user_role_rights[api->who.user.role];
	return 0;
}

static int
identify(struct api *api, const struct request *req, struct err *e)
{
	char secret[SECRET_SESSION];
	const char *token = token_of(req);
	int rc;

	api->who = (struct who){0};
	if (token) rc = find_token(api, token, e);
	else if (session_of(req, secret)) rc = find_session(api, secret, e);
	else rc = err_set(e, ERR_UNAUTHORIZED, "Sign in, or send a token in the Authorization "
		"header.");
	if (rc) api->who = (struct who){0};
	return rc;
}

static int
check_rights(const struct who *who, const struct route *route, struct err *e)
{
	unsigned wanted = route->flags >> 4 & RIGHT_ALL;
	int right = 0, role = 0;

	if (route->flags & MAY_SIGNED_IN)
		return who->by == BY_SESSION ? 0 : err_set(e, ERR_FORBIDDEN, "This is for someone "
			"who has signed in with a password; a token cannot do it.");
	if (who->rights & wanted) return 0;
	while (user_right_names[right + 1] && !(wanted >> right & 1)) right++;
	while (role < ROLES - 1 && !(user_role_rights[role] & wanted)) role++;
	if (user_role_rights[who->user.role] & wanted)
		return err_set(e, ERR_FORBIDDEN, "The token has not the scope \"%s\", which this "
			"takes.", user_right_names[right]);
	return err_set(e, ERR_FORBIDDEN, "This takes the role %s; yours is %s.",
		user_role_names[role], user_role_names[who->user.role]);
}

int
access_need_own(struct api *api, enum owned kind, struct uuid id, struct err *e)
{
	if (kind == OWNED_NOTHING || uuid_is_nil(id) || api->who.rights & RIGHT_ADMIN) return 0;
	return owners_check(api->db, kind, id, api->who.user.id, e);
}

int
access_admit(struct api *api, const struct route *route, const struct request *req, struct err *e)
{
	if (conf_is_open(api->conf)) {
		api->who = (struct who){ .rights = RIGHT_ALL };
		if (check_open(req, e)) return -1;
		return !(route->flags & ROUTE_ACCOUNTS) ? 0 : err_set(e, ERR_CONFLICT, "There are "
			"no accounts here: the setting access is open.");
	}
	if (route->flags & MAY_ANYONE) {
		/* Who need not say who he is, may be wrong about it. That we cannot find out is
		 * another matter, but for what works without the database. */
		return identify(api, req, e) && e->kind != ERR_UNAUTHORIZED &&
			route->flags & ROUTE_DB ? -1 : 0;
	}
	return identify(api, req, e) || check_rights(&api->who, route, e) ||
		access_need_own(api, ROUTE_OWNED(route->flags), req->id[0], e) ? -1 : 0;
}
