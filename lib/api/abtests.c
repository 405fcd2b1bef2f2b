#include "records/abtests.h"

#include <stdio.h>
#include <string.h>

#include "api/abtests.h"
#include "api/adapters.h"
#include "api/answers.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/listener.h"
#include "api/submission.h"
#include "api/words.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/jtext.h"
#include "base/log.h"
#include "base/str.h"
#include "records/prompts.h"

static const char base_model[] = "Base model";

const char *
abtest_arm_name(const struct abtest *t, enum abtest_arm arm)
{
	return t->adapter_name[arm] ? t->adapter_name[arm] : base_model;
}

/* The members of a test, in an object that is open. */
static void
write_test(const struct abtest *t, struct jtext *out)
{
	char progress[64];

	snprintf(progress, sizeof progress, "%lld/%lld pairs generated", (long long)t->generated,
		(long long)t->pairs);
	jtext_id(out, "id", t->id);
	jtext_id(out, "user_id", t->user_id);
	jtext_text(out, "name", t->name);
	jtext_text(out, "description", t->description);
	jtext_id(out, "adapter_a_id", t->adapter_id[ABTEST_A]);
	jtext_id(out, "adapter_b_id", t->adapter_id[ABTEST_B]);
	jtext_text(out, "adapter_a_name", abtest_arm_name(t, ABTEST_A));
	jtext_text(out, "adapter_b_name", abtest_arm_name(t, ABTEST_B));
	jtext_text(out, "model", t->model);
	jtext_int(out, "samples_per_prompt", t->samples_per_prompt);
	jtext_begin(out, "generation_params", '{');
	jtext_int(out, "seed", t->seed);
	jtext_members(out, t->params);
	jtext_end(out, '}');
	jtext_text(out, "status", abtest_status_names[t->status]);
	jtext_int(out, "total_pairs", t->pairs);
	jtext_int(out, "generated_pairs", t->generated);
	jtext_int(out, "failed_pairs", t->failed);
	jtext_int(out, "completed_pairs", t->voted);
	jtext_text(out, "progress", progress);
	jtext_bool(out, "is_ready", t->generated == t->pairs);
	jtext_begin(out, "results", '{');
	jtext_int(out, "a_preferred", t->votes[PREFER_A]);
	jtext_int(out, "b_preferred", t->votes[PREFER_B]);
	jtext_int(out, "equal", t->votes[PREFER_EQUAL]);
	jtext_end(out, '}');
	jtext_time(out, "created_at", t->created_at);
	jtext_time(out, "updated_at", t->updated_at);
}

void
abpair_write(const struct abpair *p, struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	jtext_id(out, "id", p->id);
	jtext_id(out, "prompt_id", p->prompt_id);
	jtext_text(out, "prompt_text", p->prompt_text);
	jtext_int(out, "seed", p->seed);
	jtext_id(out, "job_a_id", p->job_id[ABTEST_A]);
	jtext_id(out, "job_b_id", p->job_id[ABTEST_B]);
	jtext_id(out, "audio_a_id", p->audio_id[ABTEST_A]);
	jtext_id(out, "audio_b_id", p->audio_id[ABTEST_B]);
	jtext_text(out, "status", abpair_status_names[p->status]);
	jtext_bool(out, "is_ready", abpair_is_ready(p));
	jtext_text(out, "preference", p->preference < 0 ? NULL : preference_names[p->preference]);
	jtext_time(out, "voted_at", p->voted_at);
	jtext_end(out, '}');
}

static int
answer(struct api *api, const struct request *req, struct response *res, int status,
	struct uuid id, struct err *e)
{
	struct abtest t = {0};
	int rc = abtests_get(api->db, id, &t, e);

	if (!rc) {
		struct jtext out = answer_json(res, status);

		jtext_begin(&out, NULL, '{');
		write_test(&t, &out);
		jtext_end(&out, '}');
		answer_about(req, res, "ab-tests", id);
	}
	abtests_free(&t);
	return rc;
}

/* The body of POST /ab-tests. */
struct body {
	struct submission how;
	char name[4 * ABTEST_NAME_CHARS + 1];
	char description[4 * ABTEST_DESCRIPTION_CHARS + 1];
	struct uuid adapter_a_id, adapter_b_id;
	const cJSON *prompt_ids;
	int64_t samples_per_prompt;
};

static const struct json_field fields[] = {
	J_TEXT_REQ(struct body, name, 1, ABTEST_NAME_CHARS),
	J_TEXT(struct body, description, 0, ABTEST_DESCRIPTION_CHARS),
	J_ID(struct body, adapter_a_id),
	J_ID(struct body, adapter_b_id),
	J_ARRAY_REQ(struct body, prompt_ids, 1, ABTEST_MAX_PROMPTS),
	J_INT(struct body, samples_per_prompt, 1, ABTEST_MAX_SAMPLES, 1),
	SUBMISSION_FIELDS,
};

_Static_assert(offsetof(struct body, how) == 0, "SUBMISSION_FIELDS count from the beginning");

static int
read_body(const struct request *req, struct body *b, struct uuid *prompts, size_t *n_prompts,
	struct err *e)
{
	if (json_read(req->json, fields, NELEM(fields), "", b, e) && !e->n_fields) return -1;
	words_check_text(b->name, "name", e);
	*n_prompts = json_read_ids(b->prompt_ids, "prompt_ids", prompts, ABTEST_MAX_PROMPTS, e);
	if (!e->n_fields && uuid_eq(b->adapter_a_id, b->adapter_b_id))
		err_field(e, "adapter_b_id", "must be another than adapter_a_id, not %s twice",
			uuid_is_nil(b->adapter_a_id) ? "the base model" : "the same adapter");
	return e->n_fields ? -1 : 0;
}

/* An error about "the adapter" is one about this arm's. Returns -1. */
static int
name_arm(struct err *e, const char *field)
{
	for (int i = 0; i < e->n_fields; i++)
		if (strcmp(e->fields[i].field, "adapter_id") == 0)
			str_copy(e->fields[i].field, sizeof e->fields[i].field, field);
	return -1;
}

/* Both arms as they are now, of one model: the one that is named, else that of the adapters,
 * else the current one. */
static int
choose_arms(struct api *api, struct body *b, struct adapter_use use[ABTEST_ARMS],
	const struct model **m, struct err *e)
{
	const char *model = *b->how.model ? b->how.model : NULL;
	double scale = b->how.adapter_scale;
	enum abtest_arm first = uuid_is_nil(b->adapter_a_id) ? ABTEST_B : ABTEST_A;

	if (!uuid_is_nil(b->adapter_a_id) &&
		adapter_choose(api, b->adapter_a_id, scale, model, &use[ABTEST_A], e))
		return name_arm(e, "adapter_a_id");
	if (!model) model = use[ABTEST_A].base_model;
	if (!uuid_is_nil(b->adapter_b_id) &&
		adapter_choose(api, b->adapter_b_id, scale, model, &use[ABTEST_B], e))
		return name_arm(e, "adapter_b_id");
	if (submission_complete(api, &b->how, &use[first], m, e))
		return name_arm(e, first == ABTEST_A ? "adapter_a_id" : "adapter_b_id");
	return 0;
}

int
api_abtests_create(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct body b = {0};
	struct uuid prompts[ABTEST_MAX_PROMPTS], id;
	struct adapter_use use[ABTEST_ARMS] = { [ABTEST_A] = { .name = NULL } };
	const struct model *m = NULL;
	struct buf params = {0};
	struct jtext out = { .out = &params };
	size_t n_prompts;
	int rc = -1;

	if (read_body(req, &b, prompts, &n_prompts, e) ||
		prompts_check(api->db, prompts, n_prompts, e) || choose_arms(api, &b, use, &m, e))
		goto out;
	jtext_begin(&out, NULL, '{');
	submission_write(&b.how, true, &out);
	jtext_end(&out, '}');
	struct abtest_new n = { .user_id = api->who.user.id, .name = b.name,
		.description = b.description, .model = m->id,
		.params = params.p, .format = format_names[b.how.format],
		.priority = (int)b.how.priority, .samples_per_prompt = (int)b.samples_per_prompt,
		.seed = (uint32_t)b.how.seed, .arm = { &use[ABTEST_A], &use[ABTEST_B] },
		.prompts = prompts, .n_prompts = n_prompts };

	if (!abtests_create(api->db, &n, &id, e)) rc = answer(api, req, res, 201, id, e);
out:
	for (int i = 0; i < ABTEST_ARMS; i++) adapters_use_free(&use[i]);
	buf_free(&params);
	return rc;
}

int
api_abtests_get(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct abtest t = {0};
	struct abpair_list pairs = {0};
	struct jtext out = {0};
	int rc = -1;

	if (abtests_get(api->db, req->id[0], &t, e) ||
		abtests_pairs(api->db, t.id, listener_of(api, req), &pairs, e))
		goto out;
	out = answer_json(res, 200);
	jtext_begin(&out, NULL, '{');
	write_test(&t, &out);
	jtext_begin(&out, "pairs", '[');
	for (size_t i = 0; i < pairs.n; i++) abpair_write(&pairs.items[i], &out);
	jtext_end(&out, ']');
	jtext_end(&out, '}');
	response_etag(res, req);
	rc = 0;
out:
	abpairs_free(&pairs);
	abtests_free(&t);
	return rc;
}

int
api_abtests_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct abtest_list l = {0};
	struct paging page;
	struct paging_end end;
	struct jtext out = {0};
	int status = -1, rc = -1;

	if (query_choice(&req->query, "status", abtest_status_names, &status, e) ||
		paging_read(&page, &req->query, PAGING_PAGE | PAGING_SHOWS_END, e) ||
		abtests_list(api->db, status, page.limit, page.offset, &l, e))
		goto out;
	out = answer_list(res, 200);
	for (size_t i = 0; i < l.n; i++) {
		jtext_begin(&out, NULL, '{');
		write_test(&l.items[i], &out);
		jtext_end(&out, '}');
	}
	end = paging_known(&page, l.n, l.total);
	answer_list_end(req, res, &page, &end, &out);
	rc = 0;
out:
	abtests_list_free(&l);
	return rc;
}

struct generate {
	const cJSON *prompt_ids;
	int64_t samples_per_prompt;
	bool has_samples;
};

static const struct json_field generate_fields[] = {
	J_ARRAY(struct generate, prompt_ids, 1, ABTEST_MAX_PROMPTS),
	J_INT_OPT(struct generate, samples_per_prompt, has_samples, 1, ABTEST_MAX_SAMPLES),
};

int
api_abtests_generate(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct generate body = {0};
	struct uuid prompts[ABTEST_MAX_PROMPTS];
	struct abtest_generate g = { .user_id = api->who.user.id, .prompts = prompts,
		.quota = access_quota(api->conf) };
	uint64_t n_jobs = 0;
	struct err ignored;
	int rc;

	err_clear(e);
	if (request_has_body(req) && (request_json(req, api->conf->max_body_bytes, e) ||
		(json_read(req->json, generate_fields, NELEM(generate_fields), "", &body, e) &&
		!e->n_fields)))
		return -1;
	g.n_prompts = json_read_ids(body.prompt_ids, "prompt_ids", prompts, NELEM(prompts), e);
	if (e->n_fields) return -1;
	if (body.has_samples) g.samples_per_prompt = (int)body.samples_per_prompt;
	rc = abtests_generate(api->db, req->id[0], &g, &n_jobs, e);
	/* What was added is in the queue, also when there should have been more. */
	if (n_jobs && ipc_wake_or_start(&api->ipc, &ignored))
		log_error("wake the daemon: %s", ignored.text);
	return rc ? -1 : answer(api, req, res, 200, req->id[0], e);
}
