/* How it goes, for a monitoring system and for a page. What this host counts is told also while the
 * database is away. */
#include "base/openmetrics.h"

#include "api/answers.h"
#include "api/api.h"
#include "api/feedback.h"
#include "api/handlers.h"
#include "api/traffic.h"
#include "base/err.h"
#include "base/jtext.h"
#include "base/log.h"
#include "records/adapters.h"
#include "records/counters.h"
#include "records/feedback.h"
#include "storage/storage.h"

static void
gauge(struct buf *out, const char *name, const char *help, double value)
{
	om_family(out, name, "gauge", NULL, help);
	om_sample(out, name, NULL, value);
}

static void
write_jobs(const struct tally *now, const struct ever *ever, struct buf *out)
{
	static const enum job_status ends[] = { JOB_COMPLETED, JOB_FAILED, JOB_CANCELLED };

	gauge(out, "earshot_queue_depth", "Jobs that wait for a worker, those waiting for another "
		"attempt included.", (double)now->n[JOB_QUEUED]);
	gauge(out, "earshot_jobs_processing", "Jobs that a worker has.",
		(double)now->n[JOB_PROCESSING]);
	om_family(out, "earshot_jobs", "counter", NULL, "Jobs that have ended, by outcome, those "
		"that were deleted since included.");
	for (size_t i = 0; i < NELEM(ends); i++)
		om_sample(out, "earshot_jobs_total", (struct om_label[]){
			{ "outcome", job_status_names[ends[i]] }, { NULL, NULL } },
			(double)ever->n[ends[i]]);
	om_family(out, "earshot_generation_seconds", "counter", "seconds", "Time that completed "
		"jobs took from their start to their end.");
	om_sample(out, "earshot_generation_seconds_total", NULL, (double)ever->processing_ms / 1e3);
	om_family(out, "earshot_generated_audio_seconds", "counter", "seconds", "Length of the "
		"sound that they made.");
	om_sample(out, "earshot_generated_audio_seconds_total", NULL, (double)ever->audio_ms / 1e3);
	om_family(out, "earshot_generation_seconds_per_audio_second", "gauge", NULL, "The first of "
		"these two by the second, since the installation began.");
	if (ever->audio_ms)
		om_sample(out, "earshot_generation_seconds_per_audio_second", NULL,
			(double)ever->processing_ms / (double)ever->audio_ms);
}

static int
write_records(struct api *api, struct buf *out, struct err *e)
{
	struct tally now;
	struct ever ever;
	struct workers w;

	if (api->connect(api, true, e) < 0 || counters_read(api->db, &now, e) ||
		counters_ever(api->db, &ever, e) || models_workers(api->db, &w, e))
		return -1;
	write_jobs(&now, &ever, out);
	gauge(out, "earshot_hosts", "Hosts whose daemon was seen in the last half minute.",
		(double)w.hosts);
	gauge(out, "earshot_workers", "Workers that are up, on all hosts.", (double)w.up);
	gauge(out, "earshot_workers_busy", "Those of them that have a job.", (double)w.busy);
	return 0;
}

static void
write_storage(struct api *api, struct buf *out)
{
	om_family(out, "earshot_storage_errors", "counter", NULL, "Operations on the storage that "
		"failed on this host, in any of its processes.");
	for (enum storage_op op = 0; op < STORAGE_OPS; op++)
		om_sample(out, "earshot_storage_errors_total", (struct om_label[]){
			{ "operation", storage_op_names[op] }, { NULL, NULL } },
			(double)storage_errors(api->storage, op));
}

int
api_system_metrics(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct buf *out = response_text(res, 200, OM_CONTENT_TYPE);
	bool up;

	(void)req;
	om_family(out, "earshot_build", "info", NULL, "The program that answers.");
	om_sample(out, "earshot_build_info", (struct om_label[]){ { "version", EARSHOT_VERSION },
		{ NULL, NULL } }, 1);
	traffic_write(api->traffic, out);
	write_storage(api, out);
	up = write_records(api, out, e) == 0;
	if (!up) log_error("metrics: %s", e->text);
	gauge(out, "earshot_database_up", "Whether the database answers.", up);
	om_end(out);
	return 0;
}

/* Takes that nobody has said anything about. */
static int64_t
pending_feedback(const struct tally *jobs, const struct feedback_totals *f)
{
	return jobs->samples > f->audios ? jobs->samples - f->audios : 0;
}

static void
write_pipeline(const struct tally *jobs, const struct feedback_totals *f, struct jtext *out)
{
	jtext_begin(out, "pipeline", '{');
	jtext_begin(out, "generation", '{');
	jtext_int(out, "total", tally_total(jobs));
	jtext_int(out, "completed", jobs->n[JOB_COMPLETED]);
	jtext_int(out, "active", jobs->n[JOB_QUEUED] + jobs->n[JOB_PROCESSING]);
	jtext_end(out, '}');
	jtext_begin(out, "feedback", '{');
	jtext_int(out, "total", f->ratings + f->preferences + f->positive_tags + f->negative_tags);
	jtext_int(out, "rated_samples", f->rated_audios);
	jtext_int(out, "pending", pending_feedback(jobs, f));
	jtext_end(out, '}');
	/* Data sets and training are other programs'; clients that know them find none here. */
	jtext_begin(out, "dataset", '{');
	jtext_int(out, "total", 0);
	jtext_int(out, "exported", 0);
	jtext_end(out, '}');
	jtext_begin(out, "training", '{');
	jtext_int(out, "total", 0);
	jtext_int(out, "running", 0);
	jtext_end(out, '}');
	jtext_end(out, '}');
}

int
api_system_overview(void *ctx, struct request *req, struct response *res, struct err *e)
{
	struct api *api = ctx;
	struct tally jobs;
	struct feedback_totals f;
	struct adapter_stats adapters;
	struct jtext out = {0};

	if (counters_read(api->db, &jobs, e) || feedback_totals(api->db, &f, e) ||
		adapters_stats(api->db, &adapters, e))
		return -1;
	out = answer_json(res, 200);
	jtext_begin(&out, NULL, '{');
	write_pipeline(&jobs, &f, &out);
	jtext_begin(&out, "quick_stats", '{');
	jtext_int(&out, "total_generations", tally_total(&jobs));
	jtext_int(&out, "total_samples", jobs.samples);
	jtext_real(&out, "avg_rating", feedback_average(f.rating_sum, f.ratings));
	jtext_int(&out, "active_adapters", adapters.active);
	jtext_int(&out, "total_adapters", adapters.active + adapters.archived);
	jtext_int(&out, "pending_feedback", pending_feedback(&jobs, &f));
	jtext_end(&out, '}');
	jtext_end(&out, '}');
	response_etag(res, req);
	return 0;
}
