#include "api/models.h"

#include <string.h>
#include <unistd.h>

#include "api/answers.h"
#include "api/handlers.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/jtext.h"
#include "base/str.h"
#include "records/settings.h"

enum { KEEP_MS = 1000, WAIT_MS = 5000, STEP_US = 50000 };

static int
refresh(struct api *api, struct err *e)
{
	char chosen[SETTING_VALUE] = "";

	models_list_free(&api->models);
	if (models_list(api->db, &api->models, e) ||
		settings_get(api->db, SETTING_MODEL, chosen, e) < 0)
		return -1;
	str_copy(api->chosen_model, sizeof api->chosen_model, chosen);
	return 0;
}

/* A fresh installation: nothing is known until a first daemon has asked its worker. */
static int
wait_for_daemon(struct api *api, struct err *e)
{
	int64_t until = clock_now_ms() + WAIT_MS;

	if (ipc_wake_or_start(&api->ipc, e)) return -1;
	while (!api->models.n && clock_now_ms() < until) {
		usleep(STEP_US);
		if (refresh(api, e)) return -1;
	}
	return api->models.n ? 0 : err_set(e, ERR_AWAY, "no daemon has reported any model yet");
}

int
models_known(struct api *api, const struct model_list **out, struct err *e)
{
	*out = &api->models;
	if (api->models.n && clock_now_ms() < api->models_until_ms) return 0;
	if (refresh(api, e) || (!api->models.n && wait_for_daemon(api, e))) return -1;
	api->models_until_ms = clock_now_ms() + KEEP_MS;
	return 0;
}

const struct model *
models_find(const struct model_list *l, const char *id)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->items[i].id, id) == 0) return &l->items[i];
	return NULL;
}

const struct model *
models_default(const struct api *api, const struct model_list *l)
{
	const char *const wishes[] = { api->chosen_model, api->conf->model };

	for (size_t i = 0; i < NELEM(wishes); i++) {
		const struct model *m = models_find(l, wishes[i]);

		if (m) return m;
	}
	for (size_t i = 0; i < l->n; i++)
		if (l->items[i].available) return &l->items[i];
	return l->n ? &l->items[0] : NULL;
}

int
models_check(const struct model *m, const char *field, struct err *e)
{
	return m->available ? 0 : err_refuse(e, field, "The model %s cannot run on this "
		"installation: %s", m->id, m->reason);
}

double
models_number(const struct model *m, const char *name, double none)
{
	cJSON *description = cJSON_Parse(m->description);
	double v = json_real(description, name, none);

	cJSON_Delete(description);
	return v;
}

/* Whether a server elsewhere is there is not known before a job wants it; how the last one did,
 * is. */
static int
write_last_failure(struct api *api, const struct model *m, struct jtext *out, struct err *e)
{
	cJSON *description = cJSON_Parse(m->description);
	bool elsewhere = strcmp(json_text(description, "adapters", ""), "remote") == 0;
	struct model_failure f;
	int failed = elsewhere ? models_last_failure(api->db, m->id, &f, e) : 0;

	cJSON_Delete(description);
	if (failed < 0) return -1;
	if (!failed) {
		jtext_json(out, "last_failure", NULL);
		return 0;
	}
	jtext_begin(out, "last_failure", '{');
	jtext_text(out, "detail", f.error);
	jtext_time(out, "at", f.at_us);
	jtext_end(out, '}');
	return 0;
}

static int
write_model(struct api *api, const struct model *m, const struct model *current, struct jtext *out,
	struct err *e)
{
	int rc;

	jtext_begin(out, NULL, '{');
	jtext_text(out, "id", m->id);
	jtext_members(out, m->description);
	jtext_bool(out, "is_available", m->available);
	jtext_text(out, "unavailable_reason", m->available ? NULL : m->reason);
	jtext_text(out, "remedy", m->available || !*m->remedy ? NULL : m->remedy);
	jtext_bool(out, "is_active", m == current);
	rc = write_last_failure(api, m, out, e);
	jtext_end(out, '}');
	return rc;
}

/* All models, or the current one. */
static int
answer(struct api *api, const struct request *req, struct response *res, bool all, struct err *e)
{
	const struct model_list *l;
	const struct model *current;
	struct jtext out = {0};
	int rc = 0;

	if (models_known(api, &l, e)) return -1;
	current = models_default(api, l);
	out = answer_json(res, 200);
	if (all) {
		jtext_begin(&out, NULL, '{');
		jtext_begin(&out, "models", '[');
		for (size_t i = 0; i < l->n && !rc; i++)
			rc = write_model(api, &l->items[i], current, &out, e);
		jtext_end(&out, ']');
		jtext_text(&out, "current_model", current->id);
		jtext_int(&out, "max_adapter_bytes", api->conf->max_adapter_bytes);
		jtext_end(&out, '}');
	} else rc = write_model(api, current, current, &out, e);
	if (!rc) response_etag(res, req);
	return rc;
}

int
api_models_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	return answer(ctx, req, res, true, e);
}

int
api_models_current(void *ctx, struct request *req, struct response *res, struct err *e)
{
	return answer(ctx, req, res, false, e);
}

struct change {
	char model_id[4 * (MODEL_ID - 1) + 1];
};

static const struct json_field fields[] = {
	J_TEXT_REQ(struct change, model_id, 1, MODEL_ID - 1),
};

int
api_models_switch(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct change c = {0};
	const struct model_list *l;
	const struct model *was, *now;
	struct jtext out = {0};
	struct buf message = {0};

	if (json_read(req->json, fields, NELEM(fields), "", &c, e)) return -1;
	api->models_until_ms = 0;	/* what another process knows already must not be missed */
	if (models_known(api, &l, e)) return -1;
	was = models_default(api, l);
	if (!(now = models_find(l, c.model_id)))
		return err_set(e, ERR_NOT_FOUND, "There is no model \"%.64s\" here; GET /models "
			"lists those that there are.", c.model_id);
	if (models_check(now, "model_id", e) ||
		settings_set(api->db, SETTING_MODEL, now->id, e)) return -1;
	api->models_until_ms = 0;
	if (was == now) buf_addf(&message, "%s is the current model already.", now->id);
	else buf_addf(&message, "%s is the current model now; %s was before.", now->id, was->id);
	out = answer_json(res, 200);
	jtext_begin(&out, NULL, '{');
	jtext_bool(&out, "success", true);
	jtext_text(&out, "previous_model", was->id);
	jtext_text(&out, "current_model", now->id);
	jtext_text(&out, "message", buf_str(&message));
	jtext_end(&out, '}');
	buf_free(&message);
	return 0;
}
