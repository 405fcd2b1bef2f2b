/* ACE-Step 1.5's HTTP API (acestep/api and docs/en/API.md of github.com/ace-step/ACE-Step-1.5).
 *
 * An answer is an envelope {data, code, error}; errors are a status of HTTP with {"detail"}, or
 * status 200 with another code. A job whose id the server does not know is "not done yet" for ever,
 * with an empty list of results. After an hour it calls a job failed, without a reason. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/remote/acestep.h"
#include "engine/remote/protocol.h"

extern const struct remote_protocol remote_acestep;

/* Its numbers for how a job is. */
enum { NOT_DONE, SUCCEEDED, FAILED };

cJSON *
acestep_open(const struct remote_answer *a, const cJSON **data, struct err *e)
{
	cJSON *tree = remote_json(a, e);
	long code = (long)json_real(tree, "code", 0);

	if (a->status != 200) {
		remote_refuses(a->server, a->status, json_text(tree, "detail", ""), e);
	} else if (tree && code != 200) {
		remote_refuses(a->server, code, json_text(tree, "error", ""), e);
	} else if (tree) {
		*data = cJSON_GetObjectItemCaseSensitive(tree, "data");
		return tree;
	}
	cJSON_Delete(tree);
	return NULL;
}

static void
submit(const struct remote_wish *w, struct remote_message *m)
{
	cJSON *o = json_object();
	double tempo = json_real(w->attributes, "tempo", 0);

	json_add_text(o, "prompt", w->text);
	json_add_text(o, "lyrics", "[Instrumental]");
	json_add_real(o, "audio_duration", w->seconds);
	json_add_int(o, "seed", w->seed);
	json_add_bool(o, "use_random_seed", false);	/* without it the seed does not count */
	json_add_int(o, "batch_size", 1);		/* two otherwise */
	json_add_text(o, "audio_format", "flac");
	json_add_text(o, "task_type", "text2music");
	json_add_bool(o, "thinking", w->server->thinking != 0);
	/* Its language model must not write another prompt where it was not asked to. */
	json_add_bool(o, "use_cot_caption", w->server->thinking != 0);
	json_add_bool(o, "use_cot_language", w->server->thinking != 0);
	if (w->server->steps) json_add_int(o, "inference_steps", w->server->steps);
	if (*w->server->model) json_add_text(o, "model", w->server->model);
	if (tempo >= 30 && tempo <= 300) json_add_int(o, "bpm", llround(tempo));
	if (*json_text(w->attributes, "key", ""))
		json_add_text(o, "key_scale", json_text(w->attributes, "key", ""));
	remote_post(m, "/release_task", o);
}

static int
submitted(const struct remote_answer *a, char id[REMOTE_ID], struct err *e)
{
	const cJSON *data = NULL;
	cJSON *tree = acestep_open(a, &data, e);
	int rc = -1;

	if (!tree) return -1;
	if (remote_id(json_text(data, "task_id", ""), id)) rc = 0;
	else remote_nonsense(a->server, "no task_id", e);
	cJSON_Delete(tree);
	return rc;
}

static void
ask(const char *id, struct remote_message *m)
{
	cJSON *o = json_object(), *list = json_array();

	json_add_text(list, "", id);
	json_add(o, "task_id_list", list);
	remote_post(m, "/query_result", o);
}

/* The entry of our job; NULL: there is none. */
static const cJSON *
entry_of(const cJSON *data, const char *id)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, data)
		if (strcmp(json_text(v, "task_id", ""), id) == 0) return v;
	return NULL;
}

/* The result of a job is the text of a list, of which ours has one element. */
static cJSON *
result_of(const cJSON *entry)
{
	const char *text = json_text(entry, "result", "");
	struct err ignored;

	return json_parse(text, strlen(text), &ignored);
}

static int
judge(const struct remote_answer *a, double status, const cJSON *list, struct remote_news *n,
	struct err *e)
{
	const cJSON *first = cJSON_IsArray(list) ? cJSON_GetArrayItem(list, 0) : NULL;
	double done = json_real(first, "progress", 0);

	if (status == FAILED) {
		n->phase = REMOTE_FAILED;
		remote_words(json_text(first, "error", ""), n->why);
	} else if (status == SUCCEEDED) {
		n->phase = REMOTE_DONE;
		if (!*json_text(first, "file", ""))
			return remote_nonsense(
				a->server, "a job is done, but there is no file of it", e);
		if (!str_copy(n->file, sizeof n->file, json_text(first, "file", "")))
			return remote_nonsense(a->server, "the address of a file is too long", e);
	} else if (status == NOT_DONE && first) {
		n->phase = strcmp(json_text(first, "stage", ""), "queued") == 0 ? REMOTE_WAITING
			: REMOTE_RUNNING;
		n->done = done < 0 ? 0 : done > 1 ? 1 : done;
	} else if (status != NOT_DONE) {
		return remote_nonsense(a->server, "a job has no status", e);
	}
	return 0;
}

static int
told(const struct remote_answer *a, const char *id, struct remote_news *n, struct err *e)
{
	const cJSON *data = NULL, *entry;
	cJSON *tree = acestep_open(a, &data, e), *list = NULL;
	int rc = -1;

	*n = (struct remote_news){0};
	if (!tree) return -1;
	if (!cJSON_IsArray(data)) {
		remote_nonsense(a->server, "no list of jobs", e);
	} else if (!(entry = entry_of(data, id))) {
		rc = 0;
	} else {
		list = result_of(entry);
		rc = judge(a, json_real(entry, "status", -1), list, n, e);
	}
	cJSON_Delete(list);
	cJSON_Delete(tree);
	return rc;
}

static void
where(const char *id, const struct remote_news *n, struct buf *out)
{
	(void)id;
	buf_adds(out, n->file);
}

const struct remote_protocol remote_acestep = {
	.name = "acestep",
	.title = "ACE-Step 1.5",
	.min_seconds = 10,
	.submit = submit,
	.submitted = submitted,
	.ask = ask,
	.told = told,
	.where = where,
	.shared = &acestep_shared_adapter,
};
