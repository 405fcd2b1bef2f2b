/* POST /adapters/{id}/train: MIDI files, from which the next version of an adapter is learned.
 *
 * The form is streamed into a staged file and read by `earshot adapter train`, in a process of its
 * own with limits: the responder looks at none of it. What it writes becomes the weights of a
 * version as an upload would (weights.c); the form is then forgotten. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/adapters.h"
#include "api/answers.h"
#include "api/child.h"
#include "api/handlers.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/form.h"
#include "base/json.h"
#include "base/str.h"
#include "http/response.h"
#include "storage/incoming.h"

enum {
	FORM_BYTES = 64 << 20,		/* 200 files of an ordinary size, and more */
	TRAIN_MS = 75000,
	VERDICT_BYTES = 1 << 20,
	LEARNED_NAME = 60,		/* what an adapter's file calls it, at most */
};

struct training {
	struct api *api;
	const struct adapter *adapter;
	char version[4 * ADAPTER_VERSION + 1];	/* "": the next one */
	const char *description;	/* of the version; NULL: none */
	bool skip;
	struct adapter_weights form, weights;
	struct incoming in, out;
	cJSON *verdict;			/* owned: {"learned", "skipped", "about"} */
};

/* The body into the staged file of t->form. */
static int
receive(struct training *t, struct request *req, struct err *e)
{
	uint64_t most = t->api->conf->max_adapter_bytes;
	uint8_t sha[SHA256_BYTES];
	int rc = -1;

	if (most > FORM_BYTES) most = FORM_BYTES;
	if (!incoming_begin(&t->in, t->api->storage, t->form.key, e))
		rc = request_stream(req, most, incoming_add, &t->in, e);
	incoming_end(&t->in, sha);
	return rc;
}

/* Names are told over its standard input: everyone can see the words of a command. */
static void
write_names(const struct training *t, struct buf *out)
{
	char name[4 * LEARNED_NAME + 8];
	cJSON *o = json_object();

	str_preview(name, sizeof name, t->adapter->name, LEARNED_NAME - 1);
	json_add_text(o, "name", name);
	json_print(o, out);
	cJSON_Delete(o);
}

static int
learn(struct training *t, const char *boundary, struct err *e)
{
	const char *const command[] = { "adapter", "train", "--json", "--model",
		t->adapter->base_model, "--form", boundary, "-o", t->out.path, t->in.path,
		t->skip ? "--skip" : NULL, NULL };
	struct buf said = {0}, names = {0};
	struct child c = { .args = command, .max_ms = TRAIN_MS, .in = &names, .out = &said,
		.max_out = VERDICT_BYTES };
	const char *refused;
	int rc = -1;

	write_names(t, &names);
	if (child_run(&c, e) || !(t->verdict = json_parse(buf_str(&said), said.n, e))) {
		if (c.late) err_set(e, ERR_INVALID, "Learning took too long; send fewer files.");
		else e->kind = ERR_INTERNAL;
	} else if (*(refused = json_text(t->verdict, "refused", ""))) {
		const char *stop = refused[strlen(refused) - 1] == '.' ? "" : ".";

		err_refuse(e, "files", "%s%s", refused, stop);
		e->kind = ERR_INVALID;
	} else {
		rc = 0;
	}
	buf_free(&said);
	buf_free(&names);
	return rc;
}

/* What was learnt is in the staged file of t->weights. */
static int
weigh(struct training *t, struct err *e)
{
	const cJSON *about = cJSON_GetObjectItemCaseSensitive(t->verdict, "about");
	struct buf text = {0};
	int fd = open(t->out.path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0) return err_set(e, ERR_AWAY, "storage: %s: %s", t->out.path, strerror(errno));
	rc = hash_sha256_fd(fd, t->weights.sha256, &t->weights.size_bytes, e);
	close(fd);
	if (cJSON_IsObject(about)) json_print(about, &text);
	t->weights.about = text.p;
	return rc;
}

/* The active version if it is still empty, else a new one. */
static int
target(struct training *t, struct adapter_version *v, struct err *e)
{
	struct adapter_versions l = {0};
	struct uuid id = t->adapter->active.id;
	int rc = adapters_versions(t->api->db, t->adapter->id, &l, e);

	if (rc) goto out;
	if (!*t->version && t->adapter->active.uploaded_at)
		adapters_next_version(&l, t->version);
	if (*t->version)
		rc = adapters_add_version(t->api->db, t->adapter->id, t->version, t->description,
			&id, e);
	if (!rc) rc = adapters_target(t->api->db, t->adapter->id, id, v, e);
out:
	adapters_versions_free(&l);
	return rc;
}

/* From the first byte of the form to the record, or to nothing. */
static int
train(struct training *t, struct request *req, const char *boundary, struct adapter_version *v,
	struct err *e)
{
	struct db *db = t->api->db;
	uint8_t sha[SHA256_BYTES];
	bool given_up = true;
	int rc = -1;

	if (adapters_begin_weights(db, &t->form, e)) return -1;
	if (adapters_begin_weights(db, &t->weights, e)) goto out;
	if (receive(t, req, e) || incoming_begin(&t->out, t->api->storage, t->weights.key, e))
		goto forget;
	incoming_end(&t->out, sha);
	given_up = learn(t, boundary, e) || weigh(t, e) || target(t, v, e)
		|| storage_put(t->api->storage, t->weights.key, e);
	if (!given_up) rc = adapters_set_weights(db, v, &t->weights, true, e);
forget:
	/* Without an answer from the database it may be in use: then the intent decides. */
	if (rc && (given_up || e->kind == ERR_CONFLICT)) weights_forget(t->api, &t->weights);
out:
	weights_forget(t->api, &t->form);
	return rc;
}

static int
read_query(struct training *t, const struct request *req, struct err *e)
{
	const char *version = NULL;

	if (query_text(&req->query, "version", &version, e)
		|| query_text(&req->query, "description", &t->description, e)
		|| query_bool(&req->query, "skip", &t->skip, e))
		return -1;
	if (version && !adapters_version_ok(version))
		return err_field(e, "version",
			"must be like 1.0.0: letters, digits and . _ + -, and the first one a "
			"letter or digit");
	if (t->description && str_chars(t->description) > ADAPTER_DESCRIPTION)
		return err_field(e, "description", "must have %d characters at most",
			ADAPTER_DESCRIPTION);
	if (version) str_copy(t->version, sizeof t->version, version);
	return 0;
}

int
api_adapters_train(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct uuid id = req->id[0];
	char boundary[FORM_BOUNDARY + 1];
	struct adapter a = {0};
	struct adapter_version v = {0};
	struct training t = { .api = api, .adapter = &a };
	int rc = -1;

	err_clear(e);
	if (read_query(&t, req, e) || adapters_get(api->db, id, &a, e)) goto out;
	if (a.status != ADAPTER_ACTIVE) {
		err_set(e, ERR_CONFLICT,
			"The adapter is archived; make it active before anything "
			"else about it is changed.");
		goto out;
	}
	if (form_boundary(request_header(req, "Content-Type"), boundary, e)) goto out;
	if (!train(&t, req, boundary, &v, e))
		rc = adapter_answer_trained(api, req, res, id, v.id, t.verdict, e);
out:
	cJSON_Delete(t.verdict);
	free(t.weights.about);
	adapters_version_free(&v);
	adapters_free(&a);
	return rc;
}
