#include <cjson/cJSON.h>
#include <string.h>

#include "api/answers.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/sample.h"
#include "base/err.h"
#include "base/json.h"
#include "base/jtext.h"
#include "records/samples.h"

enum { COMPARE_MIN = 2, COMPARE_MAX = 10 };

struct body {
	const cJSON *audio_ids;
};

static const struct json_field fields[] = {
	J_ARRAY(struct body, audio_ids, COMPARE_MIN, COMPARE_MAX),
};

/* A sample with its JSON read. */
struct side {
	const struct sample *s;
	cJSON *params, *adapter, *attributes;	/* owned; NULL: none */
};

static cJSON *
parse(const char *json)
{
	struct err ignored;

	return json ? json_parse(json, strlen(json), &ignored) : NULL;
}

static bool
same_json(const cJSON *a, const cJSON *b)
{
	return (!a && !b) || cJSON_Compare(a, b, true);
}

/* The same words and attributes, stored once or several times. */
static bool
same_prompt(const struct side *a, const struct side *b, const char *name)
{
	(void)name;
	return uuid_eq(a->s->prompt_id, b->s->prompt_id) ||
		(strcmp(a->s->prompt_text, b->s->prompt_text) == 0 &&
		same_json(a->attributes, b->attributes));
}

static bool
same_model(const struct side *a, const struct side *b, const char *name)
{
	(void)name;
	return strcmp(a->s->model, b->s->model) == 0;
}

/* With the same weights: a version may have others. */
static bool
same_adapter(const struct side *a, const struct side *b, const char *name)
{
	(void)name;
	return uuid_eq(a->s->adapter_id, b->s->adapter_id) &&
		strcmp(json_text(a->adapter, "sha256", ""),
			json_text(b->adapter, "sha256", "")) == 0;
}

/* The base model has no scale that another could differ from. */
static bool
same_scale(const struct side *a, const struct side *b, const char *name)
{
	(void)name;
	return !a->adapter || !b->adapter ||
		same_json(cJSON_GetObjectItemCaseSensitive(a->adapter, "scale"),
		cJSON_GetObjectItemCaseSensitive(b->adapter, "scale"));
}

static bool
same_param(const struct side *a, const struct side *b, const char *name)
{
	return same_json(cJSON_GetObjectItemCaseSensitive(a->params, name),
		cJSON_GetObjectItemCaseSensitive(b->params, name));
}

/* What samples can differ in, in the order of the answer. */
static const struct aspect {
	const char *name;
	bool (*same)(const struct side *a, const struct side *b, const char *name);
} aspects[] = {
	{ "prompt", same_prompt },
	{ "model", same_model },
	{ "adapter", same_adapter },
	{ "adapter_scale", same_scale },
	{ "seed", same_param },
	{ "duration", same_param },
	{ "temperature", same_param },
	{ "top_k", same_param },
	{ "top_p", same_param },
	{ "guidance_scale", same_param },
	{ "format", same_param },
};

static bool
all_same(const struct side *sides, size_t n, const struct aspect *what)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (!what->same(&sides[i], &sides[k], what->name)) return false;
	return true;
}

static bool
one_prompt(const struct sample *samples, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (!uuid_eq(samples[i].prompt_id, samples[0].prompt_id)) return false;
	return true;
}

static void
write_differences(const struct sample *samples, size_t n, struct jtext *out)
{
	struct side sides[COMPARE_MAX] = {0};

	for (size_t i = 0; i < n; i++)
		sides[i] = (struct side){ &samples[i], parse(samples[i].params),
			parse(samples[i].adapter), parse(samples[i].prompt_attributes) };
	jtext_bool(out, "same_prompt", all_same(sides, n, &aspects[0]));
	jtext_id(out, "prompt_id", one_prompt(samples, n) ? samples[0].prompt_id
		: (struct uuid){{0}});
	jtext_begin(out, "differs_in", '[');
	for (size_t i = 0; i < NELEM(aspects); i++)
		if (!all_same(sides, n, &aspects[i])) jtext_text(out, NULL, aspects[i].name);
	jtext_end(out, ']');
	for (size_t i = 0; i < n; i++) {
		cJSON_Delete(sides[i].params);
		cJSON_Delete(sides[i].adapter);
		cJSON_Delete(sides[i].attributes);
	}
}

/* All that are unknown, in one sentence. */
static int
check_known(const struct uuid *ids, const struct sample *samples, size_t n, struct err *e)
{
	struct buf unknown = {0};

	for (size_t i = 0; i < n; i++)
		if (uuid_is_nil(samples[i].id))
			buf_addf(&unknown, "%s%s", unknown.n ? ", " : "", UUID_STR(ids[i]));
	if (unknown.n) err_set(e, ERR_NOT_FOUND, "There is no audio %s.", unknown.p);
	n = unknown.n;
	buf_free(&unknown);
	return n ? -1 : 0;
}

int
api_compare(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct body body = {0};
	struct uuid ids[COMPARE_MAX];
	struct sample samples[COMPARE_MAX] = {0};
	struct jtext out = {0};
	size_t n = 0;
	int rc = -1;

	if (json_read(req->json, fields, NELEM(fields), "", &body, e) && !e->n_fields) return -1;
	if (!body.audio_ids && !e->n_fields) err_field(e, "audio_ids", "is missing");
	n = json_read_ids(body.audio_ids, "audio_ids", ids, COMPARE_MAX, e);
	if (e->n_fields) return -1;
	if (samples_get_all(api->db, ids, n, samples, e) || check_known(ids, samples, n, e) ||
		samples_read_feedback(api->db, api->who.user.id, samples, n, e))
		goto out;
	out = answer_json(res, 200);
	jtext_begin(&out, NULL, '{');
	jtext_begin(&out, "samples", '[');
	for (size_t i = 0; i < n; i++)
		sample_write(req, &samples[i], (char[]){ (char)('A' + i), '\0' }, &out);
	jtext_end(&out, ']');
	write_differences(samples, n, &out);
	jtext_end(&out, '}');
	rc = 0;
out:
	for (size_t i = 0; i < n; i++) samples_free(&samples[i]);
	return rc;
}
