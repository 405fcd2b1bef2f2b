#include "records/experiments.h"

#include "api/answers.h"
#include "api/api.h"
#include "api/feedback.h"
#include "api/handlers.h"
#include "api/jobs.h"
#include "api/words.h"
#include "base/err.h"
#include "base/jtext.h"
#include "records/counters.h"

/* What only the answer about one experiment has. */
struct sums {
	struct tally jobs;
	int64_t ratings, rating_sum;
};

static void
write_sums(const struct sums *s, struct jtext *out)
{
	jtext_begin(out, "status_counts", '{');
	for (int i = 0; i < JOB_STATUSES; i++)
		jtext_int(out, job_status_names[i], s->jobs.n[i]);
	jtext_end(out, '}');
	jtext_begin(out, "feedback", '{');
	jtext_real(out, "average_rating", feedback_average(s->rating_sum, s->ratings));
	jtext_int(out, "rating_count", s->ratings);
	jtext_end(out, '}');
	jtext_begin(out, "runs", '[');
	jtext_end(out, ']');
}

/* sums: NULL in lists. */
static void
write_experiment(const struct experiment *x, const struct sums *sums, struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	jtext_id(out, "id", x->id);
	jtext_id(out, "user_id", x->user_id);
	jtext_text(out, "name", x->name);
	jtext_text(out, "description", x->description);
	jtext_text(out, "status", experiment_status_names[x->status]);
	jtext_json(out, "config", x->config);
	/* Training belongs to other programs; clients that know it find none here. */
	jtext_text(out, "dataset_id", NULL);
	jtext_text(out, "best_run_id", NULL);
	jtext_text(out, "best_loss", NULL);
	jtext_int(out, "run_count", 0);
	jtext_int(out, "job_count", x->job_count);
	jtext_int(out, "sample_count", x->sample_count);
	jtext_time(out, "created_at", x->created_at);
	jtext_time(out, "updated_at", x->updated_at);
	if (sums) write_sums(sums, out);
	jtext_end(out, '}');
}

static int
answer(struct api *api, const struct request *req, struct response *res, int status,
	struct uuid id, struct err *e)
{
	struct experiment x = {0};
	struct sums sums;
	struct jtext out = {0};
	int rc = -1;

	if (experiments_get(api->db, id, &x, e) || tallies_read(api->db, &id, 1, &sums.jobs, e) ||
		experiments_ratings(api->db, id, &sums.ratings, &sums.rating_sum, e))
		goto out;
	out = answer_json(res, status);
	write_experiment(&x, &sums, &out);
	answer_about(req, res, "experiments", id);
	rc = 0;
out:
	experiments_free(&x);
	return rc;
}

struct body {
	char name[4 * EXPERIMENT_NAME_CHARS + 1];
	char description[4 * EXPERIMENT_DESCRIPTION_CHARS + 1];
	bool has_name, has_description;
	const cJSON *config;
};

static const struct json_field fields[] = {
	J_TEXT_OPT(struct body, name, has_name, 1, EXPERIMENT_NAME_CHARS),
	J_TEXT_OPT(struct body, description, has_description, 0, EXPERIMENT_DESCRIPTION_CHARS),
	J_OBJECT(struct body, config),
};

/* The change that the body asks for; it borrows from b and config. */
static int
read_change(const struct request *req, struct body *b, struct buf *config,
	struct experiment_change *c, struct err *e)
{
	if (json_read(req->json, fields, NELEM(fields), "", b, e) && !e->n_fields) return -1;
	words_check_text(b->name, "name", e);
	json_print_field(b->config, "config", EXPERIMENT_CONFIG_BYTES, config, e);
	*c = (struct experiment_change){ .name = b->has_name ? b->name : NULL,
		.description = b->has_description ? b->description : NULL,
		.config = b->config ? buf_str(config) : NULL };
	return e->n_fields ? -1 : 0;
}

int
api_experiments_create(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct experiment_change c;
	struct body b = {0};
	struct buf config = {0};
	struct uuid id;
	int rc = -1;

	if (read_change(req, &b, &config, &c, e) && !e->n_fields) goto out;
	if (!b.has_name) err_field(e, "name", "is missing");
	if (e->n_fields || experiments_create(api->db, api->who.user.id, &c, &id, e)) goto out;
	rc = answer(api, req, res, 201, id, e);
out:
	buf_free(&config);
	return rc;
}

int
api_experiments_get(void *ctx, struct request *req, struct response *res, struct err *e)
{
	return answer(ctx, req, res, 200, req->id[0], e);
}

int
api_experiments_jobs(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct job_filter of = { .experiment_id = req->id[0] };
	struct experiment x = {0};
	int rc = experiments_get(api->db, req->id[0], &x, e);

	experiments_free(&x);
	return rc ? rc : jobs_answer_list(api, req, res, &of, e);
}

int
api_experiments_change(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct experiment_change c;
	struct body b = {0};
	struct buf config = {0};
	int rc = -1;

	if (!read_change(req, &b, &config, &c, e) &&
		!experiments_change(api->db, req->id[0], &c, e))
		rc = answer(api, req, res, 200, req->id[0], e);
	buf_free(&config);
	return rc;
}

int
api_experiments_archive(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;

	if (experiments_archive(api->db, req->id[0], true, e)) return -1;
	return answer(api, req, res, 200, req->id[0], e);
}

int
api_experiments_unarchive(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;

	if (experiments_archive(api->db, req->id[0], false, e)) return -1;
	return answer(api, req, res, 200, req->id[0], e);
}

int
api_experiments_delete(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;

	if (experiments_archive(api->db, req->id[0], true, e)) return -1;
	response_empty(res);
	return 0;
}

int
api_experiments_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct experiment_filter f = { .status = -1 };
	struct experiment_list l = {0};
	struct paging page;
	struct jtext out = {0};
	int rc = -1;

	if (query_choice(&req->query, "status", experiment_status_names, &f.status, e) ||
		query_bool(&req->query, "include_archived", &f.include_archived, e) ||
		paging_read(&page, &req->query, PAGING_PAGE | PAGING_SHOWS_END | PAGING_SHOWS_CAP,
		e) ||
		experiments_list(api->db, &f, page.limit, page.offset, &l, e))
		goto out;
	out = answer_list(res, 200);
	for (size_t i = 0; i < l.n; i++) write_experiment(&l.items[i], NULL, &out);
	answer_list_end(req, res, &page, &(struct paging_end){ l.total, l.total_is_capped,
		l.has_more, NULL }, &out);
	rc = 0;
out:
	experiments_list_free(&l);
	return rc;
}
