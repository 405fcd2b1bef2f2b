#include "api/api.h"

#include <string.h>

#include "api/routes.h"
#include "api/traffic.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/guard.h"
#include "http/response.h"
#include "http/router.h"

void
api_init(struct api *api, const struct conf *conf, struct storage *storage,
	int (*connect)(struct api *api, bool ask, struct err *e))
{
	*api = (struct api){ .conf = conf, .storage = storage, .connect = connect };
	api->traffic = traffic_open(conf->state_dir);
	ipc_client_init(&api->ipc, conf);
}

void
api_free(struct api *api)
{
	ipc_client_close(&api->ipc);
	models_list_free(&api->models);
	metrics_close(api->traffic);
}

static bool
reads_only(const struct route *route)
{
	return strcmp(route->method, "GET") == 0;
}

static int
prepare(struct api *api, const struct route *route, struct err *e)
{
	if (!(route->flags & ROUTE_DB) || api->connect(api, !reads_only(route), e) >= 0) return 0;
	e->kind = ERR_AWAY;	/* whatever the reason is, a missing password file, say */
	return -1;
}

/* Who may not do it is not even read. */
static int
serve(struct api *api, const struct route *route, struct request *req, struct response *res,
	struct err *e)
{
	if (access_admit(api, route, req, e)) return -1;
	if (route->flags & ROUTE_JSON && !req->json &&
		request_json(req, api->conf->max_body_bytes, e))
		return -1;
	return route->handle(api, req, res, e);
}

/* What is stale fails at once; what took longer hung, and would hang again. */
enum { STALE_MS = 1000 };

/* A connection that went stale while nobody asked shows itself only when it is used. What writes
 * has asked the server before, since it may not be tried twice: it might have been done. What only
 * reads may. */
static int
call(struct api *api, const struct route *route, struct request *req, struct response *res,
	struct err *e)
{
	int64_t began_ms = clock_now_ms();
	struct err again;

	if (prepare(api, route, e)) return -1;
	if (serve(api, route, req, res, e) == 0) return 0;
	if (e->kind != ERR_AWAY || !(route->flags & ROUTE_DB) || !reads_only(route)) return -1;
	if (clock_now_ms() - began_ms > STALE_MS) return -1;
	if (api->connect(api, false, &again) != 1) return -1;
	response_free(res);
	return serve(api, route, req, res, e);
}

/* *route: whose request it is; NULL for nobody's. */
static int
dispatch(struct api *api, struct request *req, struct response *res, const struct route **route,
	struct err *e)
{
	struct guard_request g = { req->method, request_header(req, "Host"),
		request_header(req, "Origin"), request_header(req, "Sec-Fetch-Site"),
		access_by_cookie(api, req) };
	struct router_match m;

	if (guard_check(&g, api->conf->hosts, e)) return -1;
	m = router_find(api_routes, api_n_routes, req->method, req->path, req->id);
	*route = m.route;
	if (m.route) return call(api, m.route, req, res, e);
	if (!*m.allow) return err_set(e, ERR_NOT_FOUND, "There is nothing at this address.");
	response_header(res, "Allow", "%s", m.allow);
	if (request_is(req, "OPTIONS")) response_empty(res);
	else response_problem(res, 405, "This address does not know that method; Allow lists those "
		"that it knows.");
	return 0;
}

void
api_handle(struct http_io *io, void *ctx)
{
	struct api *api = ctx;
	const struct route *route = NULL;
	int64_t began_us = clock_now_us();
	struct request req = {0};
	struct response res = {0};
	struct err e;

	if (request_open(&req, io, API_PREFIX, &e) || dispatch(api, &req, &res, &route, &e))
		if (response_error(&res, &e)) log_error("%s %s: %s", req.method, req.path, e.text);
	/* Before it is sent: who has the answer finds it counted, and a client's line is not our
	 * time. */
	traffic_count(api->traffic, route, res.status ? res.status : 200, began_us,
		clock_now_us());
	if (!response_send(&res, &req, &e) && e.kind != ERR_NONE)
		log_error("%s %s: %s", req.method, req.path, e.text);
	response_free(&res);
	request_free(&req);
}
