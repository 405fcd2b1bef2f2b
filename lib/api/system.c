#include <math.h>

#include "api/answers.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/openapi.h"
#include "base/err.h"
#include "base/jtext.h"
#include "base/log.h"
#include "storage/storage.h"

/* What the daemon of this host says of itself. One that does not run is no fault: a job starts it.
 * */
static void
write_daemon(struct api *api, struct jtext *out)
{
	cJSON *status = NULL;
	struct err ignored;
	bool running = ipc_status(&api->ipc, &status, &ignored) == 0;

	jtext_begin(out, "daemon", '{');
	jtext_bool(out, "running", running);
	jtext_real(out, "pid", json_real(status, "pid", NAN));
	jtext_real(out, "workers", json_real(status, "workers", NAN));
	jtext_real(out, "busy", json_real(status, "busy", NAN));
	jtext_end(out, '}');
	cJSON_Delete(status);
}

int
api_system_health(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct jtext out = answer_json(res, 200);
	bool database = api->connect(api, true, e) >= 0, storage;

	(void)req;
	if (!database) log_error("health: %s", e->text);
	storage = storage_check(api->storage, e) == 0;
	if (!storage) log_error("health: %s", e->text);
	jtext_begin(&out, NULL, '{');
	jtext_text(&out, "status", database && storage ? "ok" : "degraded");
	jtext_text(&out, "version", EARSHOT_VERSION);
	jtext_text(&out, "database", database ? "ok" : "away");
	jtext_text(&out, "storage", storage ? "ok" : "away");
	write_daemon(api, &out);
	jtext_end(&out, '}');
	return 0;
}

int
api_system_openapi(void *ctx, struct request *req, struct response *res, struct err *e)
{
	(void)ctx;
	(void)e;
	buf_add(response_text(res, 200, "application/json"), openapi_json, openapi_bytes());
	response_etag(res, req);
	return 0;
}
