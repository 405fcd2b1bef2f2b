/* ACE-Step 1.5's HTTP API (acestep/api and docs/en/API.md of github.com/ace-step/ACE-Step-1.5).
 *
 * An answer is an envelope {data, code, error}; errors are a status of HTTP with {"detail"}, or
 * status 200 with another code. A job whose id the server does not know is "not done yet" for ever,
 * with an empty list of results. After an hour it calls a job failed, without a reason. Where it
 * does not have the model that is asked for, it takes its first one. */
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
	static const struct remote_fields names = { .text = "prompt", .seconds = "audio_duration",
		.model = "model", .key = "key_scale" };
	cJSON *o = remote_wish(w, &names);

	json_add_bool(o, "use_random_seed", false);	/* without it the seed does not count */
	json_add_int(o, "batch_size", 1);		/* two otherwise */
	json_add_text(o, "audio_format", "flac");
	json_add_text(o, "task_type", "text2music");
	json_add_bool(o, "thinking", w->server->thinking != 0);
	/* Its language model must not write another prompt where it was not asked to. */
	json_add_bool(o, "use_cot_caption", w->server->thinking != 0);
	json_add_bool(o, "use_cot_language", w->server->thinking != 0);
	remote_post(m, "/release_task", o);
}

static int
submitted(const struct remote_answer *a, char id[REMOTE_ID], struct err *e)
{
	const cJSON *data = NULL;
	cJSON *tree = acestep_open(a, &data, e);
	int rc = tree ? remote_take_id(a->server, data, "task_id", id, e) : -1;

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

/* The server's first model alone has adapters. Older ones, which cannot be asked, have but one. */
static bool
list(const struct remote_wish *w, struct remote_message *m)
{
	if (!*w->adapter || !*w->server->model) return false;
	remote_get(m, "/v1/model_inventory");
	return true;
}

static int
listed(const struct remote_wish *w, const struct remote_answer *a, struct err *e)
{
	const cJSON *data = NULL;
	char words[REMOTE_WHY];
	const char *first;
	cJSON *tree;
	int rc = 0;

	if (a->status == 404 || a->status == 405) return 0;
	if (!(tree = acestep_open(a, &data, e))) return -1;
	first = json_text(data, "default_model", "");
	if (*first && strcmp(first, w->server->model) != 0) {
		remote_words(first, words);
		rc = err_set(e, ERR_INVALID, "The server %s takes adapters for its first model "
			"alone, which is \"%s\" and not %s.", a->server, words,
			w->server->model);
	}
	cJSON_Delete(tree);
	return rc;
}

/* How many jobs it has, for which it wants the key; then its models. */
static bool
greet(const struct remote_wish *w, int step, struct remote_message *m)
{
	if (step == 0) acestep_count(m);
	else if (step == 1 && *w->server->model) remote_get(m, "/v1/model_inventory");
	else return false;
	return true;
}

static bool
has_model(const cJSON *data, const char *name)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, cJSON_GetObjectItemCaseSensitive(data, "models"))
		if (strcmp(json_text(v, "name", ""), name) == 0) return true;
	return false;
}

static int
greeted(const struct remote_wish *w, int step, const struct remote_answer *a, struct err *e)
{
	const cJSON *data = NULL;
	int64_t jobs;
	cJSON *tree;
	int rc = 0;

	if (step == 0) return acestep_counted(a, &jobs, e);
	/* Older ones cannot be asked. */
	if (a->status == 404 || a->status == 405) return 0;
	if (!(tree = acestep_open(a, &data, e))) return -1;
	if (!has_model(data, w->server->model))
		rc = err_set(e, ERR_INVALID, "The server %s has no model %s.", a->server,
			w->server->model);
	cJSON_Delete(tree);
	return rc;
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

/* Of a whole Python traceback the last line says what happened. */
static void
reason(const char *said, char why[REMOTE_WHY])
{
	struct buf text = {0};
	const char *line;

	buf_adds(&text, said);
	while (text.n && strchr(" \n", text.p[text.n - 1])) text.p[--text.n] = '\0';
	line = strrchr(buf_str(&text), '\n');
	remote_words(str_starts(said, "Traceback") && line ? line + 1 : buf_str(&text), why);
	buf_free(&text);
}

static int
judge(const struct remote_answer *a, double status, const cJSON *list, struct remote_news *n,
	struct err *e)
{
	const cJSON *first = cJSON_IsArray(list) ? cJSON_GetArrayItem(list, 0) : NULL;
	double done = json_real(first, "progress", 0);

	if (status == FAILED) {
		n->phase = REMOTE_FAILED;
		reason(json_text(first, "error", ""), n->why);
	} else if (status == SUCCEEDED) {
		n->phase = REMOTE_DONE;
		str_copy(n->model, sizeof n->model, json_text(first, "dit_model", ""));
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
	.list = list,
	.listed = listed,
	.greet = greet,
	.greeted = greeted,
	.shared = &acestep_shared_adapter,
};
