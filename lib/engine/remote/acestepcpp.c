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
	cJSON *o = json_object();
	double tempo = json_real(w->attributes, "tempo", 0);

	json_add_text(o, "caption", w->text);
	json_add_text(o, "lyrics", "[Instrumental]");
	json_add_real(o, "duration", w->seconds);
	json_add_int(o, "seed", w->seed); /* one of its own otherwise, which it does not tell */
	json_add_text(o, "output_format", "wav24");
	json_add_int(o, "synth_batch_size", 1);
	if (w->server->steps) json_add_int(o, "inference_steps", w->server->steps);
	if (*w->server->model) json_add_text(o, "synth_model", w->server->model);
	if (tempo >= 30 && tempo <= 300) json_add_int(o, "bpm", llround(tempo));
	if (*json_text(w->attributes, "key", ""))
		json_add_text(o, "keyscale", json_text(w->attributes, "key", ""));
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
	int rc = -1;

	if (!tree) return -1;
	if (remote_id(json_text(tree, "id", ""), id)) rc = 0;
	else remote_nonsense(a->server, "no id", e);
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

static void
list(struct remote_message *m)
{
	remote_get(m, "/props");
}

static int
listed(const struct remote_answer *a, const struct remote_wish *w, struct err *e)
{
	cJSON *tree = open_answer(a, e);
	const cJSON *adapters = cJSON_GetObjectItemCaseSensitive(tree, "adapters"), *v;
	bool there = false;
	int rc = 0;

	if (!tree) return -1;
	cJSON_ArrayForEach(v, adapters)
		if (cJSON_IsString(v) && strcmp(v->valuestring, w->adapter) == 0) there = true;
	if (!cJSON_IsArray(adapters)) rc = remote_nonsense(a->server, "no list of adapters", e);
	else if (!there)
		rc = err_set(e, ERR_INVALID, "The server %s has no adapter \"%.100s\".", a->server,
			w->adapter);
	cJSON_Delete(tree);
	return rc;
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
};
