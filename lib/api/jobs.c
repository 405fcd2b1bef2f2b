#include "api/jobs.h"

#include <string.h>

#include "api/handlers.h"
#include "api/job.h"
#include "base/err.h"
#include "base/str.h"
#include "http/paging.h"
#include "http/response.h"
#include "records/models.h"

int
api_jobs_get(void *ctx, struct request *req, struct response *res, struct err *e)
{
	return job_answer(ctx, req, res, 200, req->id[0], e);
}

/* Any number of them, each a name. */
static int
read_statuses(const struct query *q, unsigned *statuses, struct err *e)
{
	const char *value;
	size_t at = 0;

	while ((value = query_next(q, "status", &at))) {
		int s = str_index(value, job_status_names);

		if (s < 0)
			return err_set(e, ERR_UNREADABLE, "The query parameter status must be one "
				"of queued, processing, completed, failed, cancelled.");
		*statuses |= 1u << s;
	}
	return 0;
}

static int
read_adapter(const struct query *q, struct job_filter *f, struct err *e)
{
	const char *value = NULL;

	if (query_text(q, "adapter_id", &value, e)) return -1;
	if (!value) return 0;
	f->base_model = strcmp(value, "none") == 0;
	if (f->base_model || uuid_parse(value, &f->adapter_id)) return 0;
	return err_set(e, ERR_UNREADABLE, "The query parameter adapter_id must be a UUID or none.");
}

/* What the address says already may be said again, but not otherwise. */
static int
fix(struct uuid *asked, struct uuid fixed, const char *name, struct err *e)
{
	if (uuid_is_nil(fixed)) return 0;
	if (!uuid_is_nil(*asked) && !uuid_eq(*asked, fixed))
		return err_set(e, ERR_UNREADABLE, "The query parameter %s names another one than "
			"the address.", name);
	*asked = fixed;
	return 0;
}

static int
read_filter(const struct query *q, const struct job_filter *fixed, struct job_filter *f,
	struct err *e)
{
	*f = (struct job_filter){0};
	if (read_statuses(q, &f->statuses, e) || read_adapter(q, f, e) ||
		query_id(q, "experiment_id", &f->experiment_id, e) ||
		query_id(q, "ab_test_id", &f->ab_test_id, e) ||
		query_text(q, "model", &f->model, e) ||
		query_time(q, "start_date", false, &f->from, e) ||
		query_time(q, "end_date", true, &f->to, e))
		return -1;
	if (!fixed) return 0;
	return fix(&f->adapter_id, fixed->adapter_id, "adapter_id", e) ||
		fix(&f->experiment_id, fixed->experiment_id, "experiment_id", e) ||
		fix(&f->ab_test_id, fixed->ab_test_id, "ab_test_id", e) ? -1 : 0;
}

static int
read_page(const struct query *q, struct paging *paging, struct job_page *page, struct err *e)
{
	if (paging_read(paging, q, PAGING_CURSOR, e)) return -1;
	*page = (struct job_page){ .limit = paging->limit, .offset = paging->offset };
	if (!paging->cursor || job_cursor_parse(paging->cursor, &page->after)) return 0;
	return err_set(e, ERR_UNREADABLE, "The query parameter cursor must be the next_cursor of "
		"an answer.");
}

int
jobs_answer_list(struct api *api, struct request *req, struct response *res,
	const struct job_filter *fixed, struct err *e)
{
	struct job_list l = {0};
	struct job_filter f;
	struct job_page page;
	struct paging paging;
	struct jtext out = {0};
	char next[JOB_CURSOR_TEXT] = "";
	int rc = -1;

	if (read_filter(&req->query, fixed, &f, e) ||
		read_page(&req->query, &paging, &page, e) || jobs_list(api->db, &f, &page, &l, e))
		goto out;
	if (l.has_more)
		job_cursor_format(&(struct job_cursor){ l.items[l.n - 1].created_at,
			l.items[l.n - 1].id }, next);
	out.out = response_text(res, 200, "application/json");
	jtext_begin(&out, NULL, '{');
	jtext_begin(&out, "items", '[');
	for (size_t i = 0; i < l.n; i++) job_write(api, req, &l.items[i], &out);
	jtext_end(&out, ']');
	paging_write(&paging, l.n, l.total, *next ? next : NULL, &out);
	jtext_bool(&out, "total_is_capped", l.total_is_capped);
	jtext_end(&out, '}');
	response_etag(res, req);
	rc = 0;
out:
	jobs_list_free(&l);
	return rc;
}

int
api_jobs_list(void *ctx, struct request *req, struct response *res, struct err *e)
{
	return jobs_answer_list(ctx, req, res, NULL, e);
}
