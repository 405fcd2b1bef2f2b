#include "records/jobs.h"

#include "api/api.h"
#include "api/handlers.h"
#include "api/job.h"
#include "base/err.h"
#include "http/paging.h"
#include "http/response.h"

int
api_jobs_get(void *ctx, struct request *req, struct response *res, struct err *e)
{
	return job_answer(ctx, req, res, 200, req->id[0], e);
}

/* What a list can be narrowed by elsewhere, and here not: better no answer than one that looks
 * narrowed. */
static int
refuse_filters(const struct request *req, struct err *e)
{
	static const char *const filters[] = { "status", "adapter_id", "experiment_id",
		"ab_test_id", "model", "start_date", "end_date" };

	for (size_t i = 0; i < NELEM(filters); i++) {
		size_t at = 0;

		if (query_next(&req->query, filters[i], &at))
			return err_set(e, ERR_UNREADABLE, "This server cannot narrow the list of "
				"jobs by %s.", filters[i]);
	}
	return 0;
}

int
api_jobs_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct job_list l = {0};
	struct paging page;
	struct jtext out = {0};
	int rc = -1;

	if (refuse_filters(req, e) || paging_read(&page, &req->query, 0, e)) return -1;
	if (jobs_list(api->db, page.limit, page.offset, &l, e)) goto out;
	out.out = response_text(res, 200, "application/json");
	jtext_begin(&out, NULL, '{');
	jtext_begin(&out, "items", '[');
	for (size_t i = 0; i < l.n; i++) job_write(api, req, &l.items[i], &out);
	jtext_end(&out, ']');
	paging_write(&page, l.n, l.total, NULL, &out);
	jtext_end(&out, '}');
	response_etag(res, req);
	rc = 0;
out:
	jobs_list_free(&l);
	return rc;
}
