#include "api/models.h"

#include <string.h>
#include <unistd.h>

#include "api/handlers.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/jtext.h"
#include "http/response.h"

enum { KEEP_MS = 1000, WAIT_MS = 5000, STEP_US = 50000 };

static int
refresh(struct api *api, struct err *e)
{
	models_list_free(&api->models);
	return models_list(api->db, &api->models, e);
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
	const struct model *named = models_find(l, api->conf->model);

	if (named) return named;
	for (size_t i = 0; i < l->n; i++)
		if (l->items[i].available) return &l->items[i];
	return l->n ? &l->items[0] : NULL;
}

double
models_max_duration_s(const struct model *m)
{
	cJSON *description = cJSON_Parse(m->description);
	double max = json_real(description, "max_duration_seconds", 0);

	cJSON_Delete(description);
	return max;
}

static void
write_model(const struct model *m, const struct model *current, struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	jtext_text(out, "id", m->id);
	jtext_members(out, m->description);
	jtext_bool(out, "is_available", m->available);
	jtext_text(out, "unavailable_reason", m->available ? NULL : m->reason);
	jtext_bool(out, "is_active", m == current);
	jtext_end(out, '}');
}

int
api_models_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	const struct model_list *l;
	const struct model *current;
	struct jtext out = {0};

	if (models_known(api, &l, e)) return -1;
	current = models_default(api, l);
	out.out = response_text(res, 200, "application/json");
	jtext_begin(&out, NULL, '{');
	jtext_begin(&out, "models", '[');
	for (size_t i = 0; i < l->n; i++) write_model(&l->items[i], current, &out);
	jtext_end(&out, ']');
	jtext_text(&out, "current_model", current->id);
	jtext_end(&out, '}');
	response_etag(res, req);
	return 0;
}

int
api_models_current(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	const struct model_list *l;
	const struct model *current;
	struct jtext out = {0};

	if (models_known(api, &l, e)) return -1;
	current = models_default(api, l);
	out.out = response_text(res, 200, "application/json");
	write_model(current, current, &out);
	response_etag(res, req);
	return 0;
}
