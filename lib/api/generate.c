#include "records/jobs.h"

#include <string.h>

#include "api/adapters.h"
#include "api/answers.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/job.h"
#include "api/submission.h"
#include "api/words.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/log.h"
#include "records/prompts.h"

enum { KEY_CHARS = 200 };

/* The body of POST /generate. */
struct submit {
	struct submission how;
	char prompt[PROMPT_TEXT];
	struct uuid prompt_id;
	const cJSON *attributes;
	struct uuid adapter_id, experiment_id;
	int64_t num_samples;
};

static const struct json_field fields[] = {
	J_TEXT(struct submit, prompt, 1, PROMPT_CHARS),
	J_ID(struct submit, prompt_id),
	J_OBJECT(struct submit, attributes),
	J_ID(struct submit, adapter_id),
	J_ID(struct submit, experiment_id),
	J_INT(struct submit, num_samples, 1, JOB_MAX_SAMPLES, 1),
	SUBMISSION_FIELDS,
};

_Static_assert(offsetof(struct submit, how) == 0, "SUBMISSION_FIELDS count from the beginning");

/* Fields that are fine alone but not together. */
static void
check_together(const struct submit *s, struct err *e)
{
	if (!uuid_is_nil(s->prompt_id)) {
		if (*s->prompt) err_field(e, "prompt_id", "cannot be given beside prompt");
		if (s->attributes)
			err_field(e, "attributes", "belong to prompt and cannot be given beside "
				"prompt_id");
	} else if (!e->n_fields && !*s->prompt) err_field(e, "prompt", "is missing");
	words_check_text(s->prompt, "prompt", e);
}

/* What the worker gets and the job shows as generation_params. */
static void
write_params(const struct submit *s, struct buf *text)
{
	struct jtext out = { .out = text };

	jtext_begin(&out, NULL, '{');
	jtext_int(&out, "seed", s->how.seed);
	submission_write(&s->how, !uuid_is_nil(s->adapter_id), &out);
	jtext_end(&out, '}');
}

/* The key of the request into n, with the hash of what must be the same under it: what it asks and
 * where. */
static int
read_key(const struct request *req, struct job_new *n, struct err *e)
{
	const char *key = request_header(req, "Idempotency-Key");
	struct buf same = {0};

	if (!key) return 0;
	err_clear(e);
	if (!*key || strlen(key) > KEY_CHARS)
		return err_field(e, "Idempotency-Key", "must have 1 to %d characters", KEY_CHARS);
	for (const char *p = key; *p; p++)
		if (*p <= 0x20 || *p >= 0x7f)
			return err_field(e, "Idempotency-Key", "must be visible ASCII characters "
				"without blanks");
	buf_addf(&same, "%s\n", req->path);
	if (req->json) json_print(req->json, &same);
	hash_sha256(same.p, same.n, n->body_sha256);
	buf_free(&same);
	n->idempotency_key = key;
	return 0;
}

/* Store it, wake the daemon, answer with the job. */
static int
submit_job(struct api *api, struct request *req, struct response *res, struct job_new *n,
	struct err *e)
{
	struct uuid id;
	struct err ignored;
	bool replayed;

	n->user_id = api->who.user.id;
	n->quota = access_quota(api->conf);
	if (read_key(req, n, e) || jobs_submit(api->db, n, &id, &replayed, e)) return -1;
	/* The job is in the queue, whether anyone hears of it now or not. */
	if (!replayed && ipc_wake_or_start(&api->ipc, &ignored))
		log_error("wake the daemon: %s", ignored.text);
	return job_answer(api, req, res, 201, id, e);
}

/* The adapter of the request, as it is now. Whether prompt and experiment are there, the transaction
 * of the submission finds out. */
static int
choose_adapter(struct api *api, const struct submit *s, struct adapter_use *use, struct err *e)
{
	if (!uuid_is_nil(s->adapter_id))
		return adapter_choose(api, s->adapter_id, s->how.adapter_scale,
			*s->how.model ? s->how.model : NULL, use, e);
	return 0;
}

int
api_generate_submit(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct submit s = {0};
	struct buf attributes = {0}, params = {0};
	struct adapter_use use = {0};
	const struct model *m = NULL;
	int rc = -1;

	json_read(req->json, fields, NELEM(fields), "", &s, e);
	if (e->kind == ERR_NONE || e->n_fields) {
		check_together(&s, e);
		words_read_attributes(s.attributes, &attributes, e);
	}
	if (e->kind != ERR_NONE || access_need_own(api, OWNED_EXPERIMENT, s.experiment_id, e) ||
		choose_adapter(api, &s, &use, e) ||
		submission_complete(api, &s.how, &use, &m, e))
		goto out;
	write_params(&s, &params);
	struct job_new n = { .prompt_id = s.prompt_id, .prompt_text = s.prompt,
		.prompt_attributes = attributes.p, .model = m->id, .format = format_names[s.how.format],
		.params = params.p, .num_samples = (int)s.num_samples,
		.priority = (int)s.how.priority, .adapter_id = use.id, .adapter_name = use.name,
		.adapter = use.json, .adapter_key = use.key, .experiment_id = s.experiment_id };

	rc = submit_job(api, req, res, &n, e);
out:
	adapters_use_free(&use);
	buf_free(&params);
	buf_free(&attributes);
	return rc;
}

int
api_generate_retry(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct job j = {0};
	int rc = -1;

	if (jobs_get(api->db, req->id[0], &j, e)) goto out;
	if (j.status != JOB_FAILED && j.status != JOB_CANCELLED) {
		err_set(e, ERR_CONFLICT, "The job is %s; only a failed or cancelled one can be "
			"tried again.", job_status_names[j.status]);
		goto out;
	}
	struct job_new n = { .prompt_id = j.prompt_id, .model = j.model, .format = j.format,
		.params = j.params, .retry_of = j.id, .num_samples = j.num_samples,
		.priority = j.priority, .adapter_id = j.adapter_id,
		.adapter_name = j.adapter_name, .adapter = j.adapter,
		.adapter_key = j.adapter_key, .experiment_id = j.experiment_id,
		.ab_test_id = j.ab_test_id };

	rc = submit_job(api, req, res, &n, e);
out:
	jobs_free(&j);
	return rc;
}

int
api_generate_cancel(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	enum job_status was;
	struct err ignored;
	struct jtext out = {0};

	if (jobs_cancel(api->db, req->id[0], &was, e)) return -1;
	/* A daemon that does not hear it, or runs elsewhere, sees it when it renews the lease. */
	if (was == JOB_PROCESSING) ipc_cancel(&api->ipc, req->id[0], &ignored);
	out = answer_json(res, 200);
	jtext_begin(&out, NULL, '{');
	jtext_id(&out, "id", req->id[0]);
	jtext_text(&out, "status", job_status_names[JOB_CANCELLED]);
	jtext_text(&out, "was", job_status_names[was]);
	jtext_end(&out, '}');
	return 0;
}
