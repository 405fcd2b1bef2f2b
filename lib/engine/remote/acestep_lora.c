/* ACE-Step's adapters, which newer servers load from their own disk
 * (acestep/api/http/lora_routes.py). The server has one state for all jobs, told by
 * /v1/lora/status; older ones do not know that path. Adapters are those of its first model alone: a
 * job of another one is made without, and nothing says so. A change that fails is status 400, or
 * status 200 with code 400; a scale without effect is a success whose message begins with a warning
 * sign. A submission that was turned away stays among the "queued" jobs for ever. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/remote/acestep.h"
#include "engine/remote/protocol.h"

enum { NAME_BYTES = 12 };	/* of a hash, in the name of an adapter */

#define WARNING "\xe2\x9a\xa0"

static void
look(struct remote_message *m)
{
	remote_get(m, "/v1/lora/status");
}

/* A server that has not loaded its model yet has not loaded an adapter, either. */
static bool
has_no_model(const struct remote_answer *a)
{
	struct err ignored;
	cJSON *tree = a->status == 500 ? remote_json(a, &ignored) : NULL;
	bool so = strstr(json_text(tree, "detail", ""), "not initialized") != NULL;

	cJSON_Delete(tree);
	return so;
}

static int
seen(const struct remote_answer *a, struct remote_lora *now, struct err *e)
{
	const cJSON *data = NULL;
	cJSON *tree;

	*now = (struct remote_lora){0};
	if (a->status == 404 || a->status == 405) return 0;
	if (has_no_model(a)) return 1;
	if (!(tree = acestep_open(a, &data, e))) return -1;
	now->loaded = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(data, "lora_loaded"));
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(data, "use_lora")))
		str_copy(now->name, sizeof now->name, json_text(data, "active_adapter", ""));
	/* Of that one; the other is the scale that was set last. */
	now->scale = json_real(cJSON_GetObjectItemCaseSensitive(data, "scales"), now->name,
		json_real(data, "lora_scale", 1));
	cJSON_Delete(tree);
	return 1;
}

/* Ours have names that follow from their paths, so that who finds one loaded knows which it is. */
static void
called(const struct remote_wish *w, char name[REMOTE_ADAPTER])
{
	uint8_t sha[SHA256_BYTES];
	char hex[2 * NAME_BYTES + 1];

	hash_sha256(w->adapter, strlen(w->adapter), sha);
	hash_hex(sha, NAME_BYTES, hex);
	snprintf(name, REMOTE_ADAPTER, "earshot-%s", hex);
}

static void
load(const struct remote_wish *w, const char *name, struct remote_message *m)
{
	cJSON *o = json_object();

	json_add_text(o, "lora_path", w->adapter);
	json_add_text(o, "adapter_name", name);
	remote_post(m, "/v1/lora/load", o);
}

static void
toggle(struct remote_message *m)
{
	cJSON *o = json_object();

	json_add_bool(o, "use_lora", true);
	remote_post(m, "/v1/lora/toggle", o);
}

static void
scale(const struct remote_wish *w, const char *name, struct remote_message *m)
{
	cJSON *o = json_object();

	json_add_text(o, "adapter_name", name);
	json_add_real(o, "scale", w->adapter_scale);
	remote_post(m, "/v1/lora/scale", o);
}

/* Everything goes that is there, so that never two sound together. */
static bool
change(const struct remote_wish *w, const struct remote_lora *now, int step,
	struct remote_message *m)
{
	char name[REMOTE_ADAPTER];

	if (now->loaded && step-- == 0) {
		remote_post(m, "/v1/lora/unload", NULL);
		return true;
	}
	if (!*w->adapter) return false;
	called(w, name);
	switch (step) {
	case 0: load(w, name, m); return true;
	case 1: toggle(m); return true;
	case 2: scale(w, name, m); return true;
	}
	return false;
}

static int
changed(const struct remote_wish *w, const struct remote_answer *a, struct err *e)
{
	const cJSON *data = NULL;
	cJSON *tree = acestep_open(a, &data, e);
	const char *said = json_text(data, "message", "");
	char words[REMOTE_WHY];
	int rc = tree ? 0 : -1;

	/* At 1 it sounds as it was loaded. */
	if (cJSON_HasObjectItem(data, "scale") && str_starts(said, WARNING) &&
		w->adapter_scale != 1) {
		remote_words(said, words);
		rc = err_set(e, ERR_INVALID, "The server %s cannot scale the adapter: \"%s\".",
			a->server, words);
	}
	cJSON_Delete(tree);
	return rc;
}

void
acestep_count(struct remote_message *m)
{
	remote_get(m, "/v1/stats");
}

int
acestep_counted(const struct remote_answer *a, int64_t *jobs, struct err *e)
{
	const cJSON *data = NULL, *n;
	cJSON *tree = acestep_open(a, &data, e);
	double running, waiting;
	int rc = 0;

	if (!tree) return -1;
	n = cJSON_GetObjectItemCaseSensitive(data, "jobs");
	running = json_real(n, "running", -1);
	waiting = json_real(data, "queue_size", json_real(n, "queued", -1));
	if (running >= 0 && waiting >= 0 && running + waiting < 1e9)
		*jobs = (int64_t)ceil(running + waiting);
	else rc = remote_nonsense(a->server, "no numbers of jobs", e);
	cJSON_Delete(tree);
	return rc;
}

const struct remote_shared_adapter acestep_shared_adapter = {
	.max_scale = 1,
	.look = look,
	.seen = seen,
	.called = called,
	.change = change,
	.changed = changed,
	.count = acestep_count,
	.counted = acestep_counted,
};
