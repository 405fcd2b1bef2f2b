#include "api/jobs.h"

#include <math.h>
#include <string.h>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/job.h"
#include "api/transcode.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "records/jobstats.h"
#include "records/removal.h"

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

/* A parameter that is an id, or the word for those that have none. */
static int
id_or_none(const struct query *q, const char *name, struct uuid *id, bool *none, struct err *e)
{
	const char *value = NULL;

	if (query_text(q, name, &value, e)) return -1;
	if (!value) return 0;
	*none = strcmp(value, "none") == 0;
	if (*none || uuid_parse(value, id)) return 0;
	return err_set(e, ERR_UNREADABLE, "The query parameter %s must be a UUID or none.", name);
}

int
jobs_read_adapter(const struct query *q, struct uuid *adapter, bool *base_model, struct err *e)
{
	return id_or_none(q, "adapter_id", adapter, base_model, e);
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
	if (read_statuses(q, &f->statuses, e) ||
		jobs_read_adapter(q, &f->adapter_id, &f->base_model, e) ||
		query_id(q, "experiment_id", &f->experiment_id, e) ||
		id_or_none(q, "ab_test_id", &f->ab_test_id, &f->no_ab_test, e) ||
		query_text(q, "model", &f->model, e) ||
		query_time(q, "start_date", false, &f->from, e) ||
		query_time(q, "end_date", true, &f->to, e))
		return -1;
	if (!fixed) return 0;
	return fix(&f->adapter_id, fixed->adapter_id, "adapter_id", e) ||
		fix(&f->experiment_id, fixed->experiment_id, "experiment_id", e) ||
		fix(&f->ab_test_id, fixed->ab_test_id, "ab_test_id", e) ? -1 : 0;
}

int
jobs_read_place(const struct query *q, struct paging *paging, struct job_cursor *after,
	struct err *e)
{
	*after = (struct job_cursor){0};
	if (paging_read(paging, q, PAGING_CURSOR | PAGING_SHOWS_END | PAGING_SHOWS_CAP, e))
		return -1;
	if (!paging->cursor || job_cursor_parse(paging->cursor, after)) return 0;
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
		jobs_read_place(&req->query, &paging, &page.after, e))
		goto out;
	page.limit = paging.limit;
	page.offset = paging.offset;
	if (jobs_list(api->db, &f, &page, &l, e)) goto out;
	if (l.has_more)
		job_cursor_format(&(struct job_cursor){ l.items[l.n - 1].created_at,
			l.items[l.n - 1].id }, next);
	out = answer_list(res, 200);
	for (size_t i = 0; i < l.n; i++) {
		job_write(api, req, &l.items[i], &out);
		job_attend(api, l.items[i].status);
	}
	answer_list_end(req, res, &paging, &(struct paging_end){ l.total, l.total_is_capped,
		l.has_more, *next ? next : NULL }, &out);
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

int
api_jobs_delete(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	enum job_status was;
	struct err ignored;

	if (removal_job(api->db, req->id[0], transcode_forms(), &was, e)) return -1;
	/* As with a cancel, a daemon that does not hear it sees it at its next look. */
	if (was == JOB_PROCESSING) ipc_cancel(&api->ipc, req->id[0], &ignored);
	/* The daemon deletes the objects, now or when it next runs. */
	if (ipc_wake_or_start(&api->ipc, &ignored)) log_error("wake the daemon: %s", ignored.text);
	answer_status(res, "deleted", "job_id", req->id[0]);
	return 0;
}

static void
write_average(const char *name, int64_t sum_ms, int64_t n, struct jtext *out)
{
	jtext_real(out, name, n ? round((double)sum_ms / (double)n) / 1000 : NAN);
}

/* The hosts and what they are at; the rows come by host. */
static void
write_hosts(const struct job_working_list *l, struct jtext *out)
{
	jtext_begin(out, "hosts", '[');
	for (size_t i = 0; i < l->n;) {
		const struct job_working *host = &l->items[i];

		jtext_begin(out, NULL, '{');
		jtext_text(out, "name", host->name);
		jtext_int(out, "total", host->workers);
		jtext_int(out, "busy", host->busy);
		jtext_begin(out, "job_ids", '[');
		for (; i < l->n && uuid_eq(l->items[i].host, host->host); i++)
			if (!uuid_is_nil(l->items[i].job)) jtext_id(out, NULL, l->items[i].job);
		jtext_end(out, ']');
		jtext_end(out, '}');
	}
	jtext_end(out, ']');
}

static void
write_history(const struct job_history *h, struct jtext *out)
{
	jtext_begin(out, "history", '{');
	jtext_int(out, "bucket_seconds", h->piece_s);
	jtext_begin(out, "items", '[');
	for (size_t i = 0; i < h->n; i++) {
		const struct job_piece *p = &h->items[i];

		jtext_begin(out, NULL, '{');
		jtext_time(out, "start", p->start_us);
		jtext_int(out, "completed", p->done);
		jtext_int(out, "failed", p->failed);
		write_average("avg_wait_seconds", p->wait_ms, p->done, out);
		write_average("avg_processing_seconds", p->processing_ms, p->done, out);
		jtext_real(out, "audio_seconds", (double)p->audio_ms / 1000);
		jtext_end(out, '}');
	}
	jtext_end(out, ']');
	jtext_end(out, '}');
}

/* history: NULL where nobody asked for it. */
static void
write_stats(const struct job_stats *s, const struct job_working_list *working,
	const struct job_history *history, struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	jtext_begin(out, "status_counts", '{');
	for (int i = 0; i < JOB_STATUSES; i++) jtext_int(out, job_status_names[i], s->all.n[i]);
	jtext_end(out, '}');
	jtext_int(out, "active_jobs", s->all.n[JOB_QUEUED] + s->all.n[JOB_PROCESSING]);
	jtext_int(out, "total_jobs", tally_total(&s->all));
	jtext_int(out, "jobs_today", s->submitted_today);
	write_average("avg_processing_time_seconds", s->processing_ms, s->done_day, out);
	write_average("avg_wait_seconds", s->wait_ms, s->done_day, out);
	jtext_begin(out, "throughput", '{');
	jtext_int(out, "jobs_last_hour", s->done_hour);
	jtext_int(out, "jobs_last_24h", s->done_day);
	jtext_real(out, "audio_seconds_last_24h", (double)s->audio_ms / 1000);
	jtext_end(out, '}');
	jtext_begin(out, "workers", '{');
	jtext_int(out, "busy", s->busy);
	jtext_int(out, "total", s->workers);
	write_hosts(working, out);
	jtext_end(out, '}');
	if (history) write_history(history, out);
	jtext_end(out, '}');
}

int
api_jobs_stats(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct job_working_list working = {0};
	struct job_history history;
	struct job_stats s;
	struct jtext out = {0};
	uint32_t hours = 0;
	int rc = -1;

	if (query_u32(&req->query, "history", 1, JOB_HISTORY_HOURS, &hours, e) ||
		jobstats_read(api->db, &s, e) || jobstats_working(api->db, &working, e) ||
		(hours && jobstats_history(api->db, hours, &history, e)))
		goto out;
	out = answer_json(res, 200);
	write_stats(&s, &working, hours ? &history : NULL, &out);
	response_etag(res, req);
	rc = 0;
out:
	jobstats_working_free(&working);
	return rc;
}
