#include <math.h>
#include <stdio.h>

#include "api/answers.h"
#include "api/api.h"
#include "api/doctor.h"
#include "api/handlers.h"
#include "api/openapi.h"
#include "base/err.h"
#include "base/jtext.h"
#include "base/log.h"
#include "records/schema.h"
#include "storage/storage.h"

/* What was found of the three parts: a sentence for each that has a problem, for anyone to read, so
 * that it names no path, address or account; the log has those. */
struct findings {
	const char *database, *storage, *daemon;	/* static; NULL: nothing is wrong */
	const char *database_remedy;
	char daemon_remedy[32];			/* "": none, as above */
	cJSON *status;				/* the daemon's own; NULL: it does not run */
};

static const char *
database_trouble(struct api *api, struct findings *f)
{
	enum schema_age age = SCHEMA_FITS;
	struct err e;

	f->database_remedy = "";
	if (api->connect(api, true, &e) < 0 ||
		(!api->schema_fits && schema_age(api->db, &age, &e))) {
		log_error("health: %s", e.text);
		return e.kind == ERR_AWAY ? "The database cannot be reached; nothing is listed, "
			"submitted or completed until it is back." : "The settings of the "
			"database cannot be used; the log of the server has the reason.";
	}
	api->schema_fits = age == SCHEMA_FITS;
	if (age == SCHEMA_OLDER) f->database_remedy = "earshot migrate";
	return age == SCHEMA_OLDER ? "The tables of the database are not there, or older than this "
		"version of Earshot." : age == SCHEMA_NEWER ? "The tables of the database are "
		"newer than this version of Earshot." : NULL;
}

/* One that does not run is no fault: a job starts it. */
static const char *
daemon_trouble(struct api *api, struct findings *f)
{
	struct err e;

	if (ipc_status(&api->ipc, &f->status, &e)) {
		if (e.kind != ERR_BUSY) return NULL;
		log_error("health: %s", e.text);
		/* The next one takes back its jobs. */
		if (api->ipc.daemon_pid > 0)
			snprintf(f->daemon_remedy, sizeof f->daemon_remedy, "kill -9 %d",
				(int)api->ipc.daemon_pid);
		return "The daemon runs but does not answer, so no job is begun.";
	}
	return json_real(f->status, "failing", 0) > 0 && json_real(f->status, "workers", 0) == 0
		? "The workers end as soon as they are started, so no job is processed; the log of "
		"the daemon has the reason." : NULL;
}

static void
write_daemon(const cJSON *status, struct jtext *out)
{
	jtext_begin(out, "daemon", '{');
	jtext_bool(out, "running", status != NULL);
	jtext_real(out, "pid", json_real(status, "pid", NAN));
	jtext_real(out, "workers", json_real(status, "workers", NAN));
	jtext_real(out, "busy", json_real(status, "busy", NAN));
	jtext_end(out, '}');
}

static void
write_problem(const char *part, const char *detail, const char *remedy, struct jtext *out)
{
	if (!detail) return;
	jtext_begin(out, NULL, '{');
	jtext_text(out, "part", part);
	jtext_text(out, "detail", detail);
	jtext_text(out, "remedy", *remedy ? remedy : NULL);
	jtext_end(out, '}');
}

int
api_system_health(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct jtext out = answer_json(res, 200);
	struct findings f = {0};

	f.database = database_trouble(api, &f);
	f.storage = storage_trouble(api->storage, e);
	if (f.storage) log_error("health: %s", e->text);
	f.daemon = daemon_trouble(api, &f);
	jtext_begin(&out, NULL, '{');
	jtext_text(&out, "status", f.database || f.storage || f.daemon ? "degraded" : "ok");
	/* The rest is for who may look. */
	if (!(api->who.rights & RIGHT_READ)) goto out;
	jtext_text(&out, "version", EARSHOT_VERSION);
	jtext_text(&out, "database", f.database ? "away" : "ok");
	jtext_text(&out, "storage", f.storage ? "away" : "ok");
	write_daemon(f.status, &out);
	jtext_begin(&out, "problems", '[');
	write_problem("database", f.database, f.database_remedy, &out);
	write_problem("storage", f.storage, "", &out);
	write_problem("daemon", f.daemon, f.daemon_remedy, &out);
	jtext_end(&out, ']');
out:
	doctor_write(api, req, &out);
	jtext_end(&out, '}');
	cJSON_Delete(f.status);
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
