/* PUT /adapters/{id}/weights: a file on its way from a client to where workers find it.
 *
 * Nothing of it is visible before the last step, the transaction that makes it the weights of a
 * version. Until then an intent says that an object may be there; whatever happens to us, the daemon
 * collects by it. */
#include <stdlib.h>
#include <string.h>

#include "api/adapters.h"
#include "api/child.h"
#include "api/handlers.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "http/response.h"
#include "records/intents.h"
#include "storage/incoming.h"

enum { CHECK_MS = 90000, VERDICT_BYTES = 65536 };

/* The body into the staged file of w. */
static int
receive(struct api *api, struct request *req, struct adapter_weights *w, struct incoming *in,
	struct err *e)
{
	int rc = -1;

	if (!incoming_begin(in, api->storage, w->key, e))
		rc = request_stream(req, api->conf->max_adapter_bytes, incoming_add, in, e);
	w->size_bytes = in->bytes;
	incoming_end(in, w->sha256);
	if (rc || w->size_bytes) return rc;
	err_clear(e);
	return err_field(e, "weights", "are missing: the body is empty");
}

/* The sentence of an engine, whole, and as what is wrong with the one field there is. */
static int
refuse(const char *sentence, struct err *e)
{
	err_refuse(e, "weights", "%s", sentence);
	e->kind = ERR_INVALID;
	return -1;
}

/* Does the file fit its base model? The engine says so, in a process that may break. */
static int
check(const char *model, const char *path, char **about, struct err *e)
{
	const char *const command[] = { "adapter", "check", "--json",
		"--model", model, path, NULL };
	const char *refused;
	struct buf said = {0}, text = {0};
	struct child c = { .args = command, .max_ms = CHECK_MS, .out = &said,
		.max_out = VERDICT_BYTES };
	cJSON *verdict = NULL, *o;
	int rc = -1;

	if (child_run(&c, e) ||
		!(verdict = json_parse(buf_str(&said), said.n, e))) {
		e->kind = ERR_INTERNAL;
		goto out;
	}
	if (*(refused = json_text(verdict, "refused", ""))) {
		refuse(refused, e);
		goto out;
	}
	if (cJSON_IsObject(o = cJSON_GetObjectItemCaseSensitive(verdict, "about")))
		json_print(o, &text);
	*about = text.p;
	rc = 0;
out:
	cJSON_Delete(verdict);
	buf_free(&said);
	return rc;
}

void
weights_forget(struct api *api, const struct adapter_weights *w)
{
	struct err e;

	if (storage_delete(api->storage, w->key, &e) || intents_forget(api->db, w->key, &e))
		log_error("an upload that was given up: %s", e.text);
}

/* From the first byte to the record, or to nothing. */
static int
upload(struct api *api, struct request *req, const char *model, const struct adapter_version *v,
	struct err *e)
{
	struct adapter_weights w = {0};
	struct incoming in;
	bool given_up;
	int rc = -1;

	if (adapters_begin_weights(api->db, &w, e)) return -1;
	given_up = receive(api, req, &w, &in, e) || check(model, in.path, &w.about, e) ||
		storage_put(api->storage, w.key, e);
	if (!given_up) rc = adapters_set_weights(api->db, v, &w, false, e);
	/* Without an answer from the database it may be in use: then the intent decides. */
	if (rc && (given_up || e->kind == ERR_CONFLICT)) weights_forget(api, &w);
	free(w.about);
	return rc;
}

int
api_adapters_weights(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct uuid id = req->id[0], version_id = {{0}};
	struct adapter_version v = {0};
	struct adapter a = {0};
	int rc = -1;

	if (query_id(&req->query, "version_id", &version_id, e) ||
		adapters_get(api->db, id, &a, e) ||
		adapters_target(api->db, id, version_id, &v, e))
		goto out;
	if (a.status != ADAPTER_ACTIVE)
		err_set(e, ERR_CONFLICT, "The adapter is archived; make it active before anything "
			"else about it is changed.");
	else if (!upload(api, req, a.base_model, &v, e)) rc = adapter_answer(api, req, res, id, e);
out:
	adapters_version_free(&v);
	adapters_free(&a);
	return rc;
}
