/* acestep.cpp's HTTP API (tools/ace-server.cpp of github.com/ServeurpersoCom/acestep.cpp).
 *
 * Errors are a status of HTTP with {"error"}. A running job tells nothing but that; one that failed
 * does not say why. A job is forgotten when the server starts again, or has 32 newer ones. The
 * result is the sound alone, or, of newer versions, multipart/mixed without lengths: the sound,
 * then what the decoder made it of. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/form.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/remote/protocol.h"

extern const struct remote_protocol remote_acestepcpp;

enum { PARTS_MAX = 8 };

/* The tree, owned by the caller; NULL with *e. */
static cJSON *
open_answer(const struct remote_answer *a, struct err *e)
{
	cJSON *tree = remote_json(a, e);

	if (a->status == 200) return tree;
	remote_refuses(a->server, a->status, json_text(tree, "error", ""), e);
	cJSON_Delete(tree);
	return NULL;
}

static void
submit(const struct remote_wish *w, struct remote_message *m)
{
	static const struct remote_fields names = { .text = "caption", .seconds = "duration",
		.model = "synth_model", .key = "keyscale" };
	cJSON *o = remote_wish(w, &names);

	json_add_text(o, "output_format", "wav24");
	json_add_int(o, "synth_batch_size", 1);
	if (*w->adapter) {
		json_add_text(o, "adapter", w->adapter);
		json_add_real(o, "adapter_scale", w->adapter_scale);
	}
	remote_post(m, "/synth", o);
}

static int
submitted(const struct remote_answer *a, char id[REMOTE_ID], struct err *e)
{
	cJSON *tree = open_answer(a, e);
	int rc = tree ? remote_take_id(a->server, tree, "id", id, e) : -1;

	cJSON_Delete(tree);
	return rc;
}

static void
ask(const char *id, struct remote_message *m)
{
	remote_get(m, "/job?id=");
	buf_adds(&m->path, id);
}

static int
told(const struct remote_answer *a, const char *id, struct remote_news *n, struct err *e)
{
	static const struct {
		const char *says;
		enum remote_phase phase;
		const char *why;
	} table[] = {
		{ "running", REMOTE_RUNNING, "" },
		{ "done", REMOTE_DONE, "" },
		{ "failed", REMOTE_FAILED, "" },
		{ "cancelled", REMOTE_FAILED, "somebody has cancelled it" },
	};
	cJSON *tree;
	int rc = -1;

	(void)id;
	*n = (struct remote_news){0};
	if (a->status == 404) {
		n->phase = REMOTE_FAILED;
		str_copy(n->why, sizeof n->why, "it does not know the job any more");
		return 0;
	}
	if (!(tree = open_answer(a, e))) return -1;
	for (size_t i = 0; i < NELEM(table); i++)
		if (strcmp(json_text(tree, "status", ""), table[i].says) == 0) {
			n->phase = table[i].phase;
			str_copy(n->why, sizeof n->why, table[i].why);
			rc = 0;
		}
	if (rc) remote_nonsense(a->server, "a job has no status", e);
	cJSON_Delete(tree);
	return rc;
}

static void
where(const char *id, const struct remote_news *n, struct buf *out)
{
	(void)n;
	buf_addf(out, "/job?id=%s&result=1", id);
}

static int
unpack(const char *server, const char *type, const char *p, size_t n, const char **sound,
	size_t *sound_n, struct err *e)
{
	struct form_part part[PARTS_MAX];
	char boundary[FORM_BOUNDARY + 1];
	struct err why;
	int parts;

	*sound = p;
	*sound_n = n;
	if (mixed_boundary(type, boundary, &why)) return why.kind == ERR_UNSUPPORTED ? 0
		: remote_nonsense(server, "the parts of a result cannot be told apart", e);
	if ((parts = mixed_read(p, n, boundary, part, PARTS_MAX, &why)) < 0)
		return remote_nonsense(server, "the parts of a result cannot be told apart", e);
	for (int i = 0; i < parts; i++)
		if (str_starts(part[i].type, "audio/")) {
			*sound = part[i].data;
			*sound_n = part[i].n;
			return 0;
		}
	return remote_nonsense(server, "a result without sound", e);
}

static void
cancel(const char *id, struct remote_message *m)
{
	remote_post(m, "/job?id=", NULL);
	buf_addf(&m->path, "%s&cancel=1", id);
}

/* A job whose model or adapter it does not have fails without a reason. */
static bool
list(const struct remote_wish *w, struct remote_message *m)
{
	if (!*w->adapter && !*w->server->model) return false;
	remote_get(m, "/props");
	return true;
}

/* Is the thing, of which there is a list, in it? "" need not be. */
static int
check_listed(const struct remote_answer *a, const cJSON *names, const char *what, const char *name,
	struct err *e)
{
	char list[64];
	const cJSON *v;

	if (!*name) return 0;
	snprintf(list, sizeof list, "no list of %ss", what);
	if (!cJSON_IsArray(names)) return remote_nonsense(a->server, list, e);
	cJSON_ArrayForEach(v, names)
		if (cJSON_IsString(v) && strcmp(v->valuestring, name) == 0) return 0;
	return err_set(e, ERR_INVALID, "The server %s has no %s \"%.100s\".", a->server, what,
		name);
}

static int
listed(const struct remote_wish *w, const struct remote_answer *a, struct err *e)
{
	cJSON *tree = open_answer(a, e);
	const cJSON *models = cJSON_GetObjectItemCaseSensitive(tree, "models");
	int rc = -1;

	if (tree)
		rc = check_listed(a, cJSON_GetObjectItemCaseSensitive(models, "dit"), "model",
			w->server->model, e) ||
			check_listed(a, cJSON_GetObjectItemCaseSensitive(tree, "adapters"),
			"adapter", w->adapter, e) ? -1 : 0;
	cJSON_Delete(tree);
	return rc;
}

static bool
greet(const struct remote_wish *w, int step, struct remote_message *m)
{
	(void)w;
	if (step > 0) return false;
	remote_get(m, "/props");
	return true;
}

static int
greeted(const struct remote_wish *w, int step, const struct remote_answer *a, struct err *e)
{
	cJSON *tree = open_answer(a, e);
	bool has_models = cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(tree, "models"));

	(void)step;
	cJSON_Delete(tree);
	if (!tree) return -1;
	return has_models ? listed(w, a, e) : remote_nonsense(a->server, "no models", e);
}

const struct remote_protocol remote_acestepcpp = {
	.name = "acestep.cpp",
	.title = "acestep.cpp",
	.min_seconds = 1,
	.submit = submit,
	.submitted = submitted,
	.ask = ask,
	.told = told,
	.where = where,
	.unpack = unpack,
	.cancel = cancel,
	.list = list,
	.listed = listed,
	.greet = greet,
	.greeted = greeted,
};
