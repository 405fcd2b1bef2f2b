#include "api/job.h"

#include <math.h>

#include "api/answers.h"
#include "api/feedback.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

enum { PACE_MS = 10000, ATTEND_MS = 1000 };

double
job_eta_s(double progress, int64_t elapsed_us)
{
	if (progress < 0.05 || progress > 1 || elapsed_us < 0) return -1;
	return ceil((double)elapsed_us / 1e6 * (1 - progress) / progress * 2) / 2;
}

double
job_queue_eta_s(const struct job_pace *p, uint32_t position)
{
	int64_t idle = p->workers - p->busy;
	double rounds = 1;

	if (!position || p->average_ms <= 0 || p->workers < 1) return -1;
	if (idle < 0) idle = 0;
	if (position > idle) rounds += ((double)(position - idle) - 0.5) / (double)p->workers;
	return ceil((double)p->average_ms / 1000 * rounds * 2) / 2;
}

static double
queued_eta_s(struct api *api, uint32_t position)
{
	int64_t now = clock_now_ms();
	struct err ignored;

	if (now >= api->pace_until_ms) {
		if (jobstats_pace(api->db, &api->pace, &ignored)) return -1;
		api->pace_until_ms = now + PACE_MS;
	}
	return job_queue_eta_s(&api->pace, position);
}

static void
write_times(struct api *api, const struct job *j, struct jtext *out)
{
	double eta = -1;

	if (j->status == JOB_PROCESSING) eta = job_eta_s(j->progress, j->now - j->started_at);
	if (j->status == JOB_QUEUED) eta = queued_eta_s(api, j->queue_position);
	jtext_real(out, "eta_seconds", eta < 0 ? NAN : eta);
	jtext_real(out, "duration_seconds", j->n_sample_ids
		? (double)j->audio_ms / 1000 / j->n_sample_ids : NAN);
	jtext_time(out, "created_at", j->created_at);
	jtext_time(out, "started_at", j->started_at);
	jtext_time(out, "completed_at", j->completed_at);
}

static void
write_progress(const struct job *j, struct jtext *out)
{
	bool processing = j->status == JOB_PROCESSING;
	double done = j->status == JOB_COMPLETED ? 1 : processing ? j->progress : 0;

	jtext_real(out, "progress", done);
	jtext_int(out, "progress_percent", (int64_t)(done * 100));
	jtext_text(out, "stage", processing && *j->stage ? j->stage : NULL);
	jtext_real(out, "queue_position", j->queue_position ? j->queue_position : NAN);
}

static void
write_feedback(const struct request *req, const struct job *j, struct jtext *out)
{
	struct buf url = {0};

	buf_addf(&url, "%s/api/generate/%s/feedback", req->base_path, UUID_STR(j->id));
	jtext_begin(out, "feedback", '{');
	jtext_int(out, "count", j->feedback_count);
	jtext_bool(out, "has_feedback", j->feedback_count > 0);
	jtext_real(out, "average_rating", feedback_average(j->rating_sum, j->rating_count));
	jtext_text(out, "url", url.p);
	jtext_end(out, '}');
	buf_free(&url);
}

void
job_write(struct api *api, const struct request *req, const struct job *j, struct jtext *out)
{
	jtext_begin(out, NULL, '{');
	jtext_id(out, "id", j->id);
	jtext_text(out, "status", job_status_names[j->status]);
	write_progress(j, out);
	jtext_id(out, "user_id", j->user_id);
	jtext_id(out, "prompt_id", j->prompt_id);
	jtext_text(out, "prompt_preview", j->prompt_preview);
	jtext_id(out, "adapter_id", j->adapter_id);
	jtext_text(out, "adapter_name", j->adapter_name);
	jtext_id(out, "experiment_id", j->experiment_id);
	jtext_id(out, "ab_test_id", j->ab_test_id);
	jtext_text(out, "model", j->model);
	jtext_int(out, "num_samples", j->num_samples);
	jtext_int(out, "priority", j->priority);
	jtext_begin(out, "generation_params", '{');
	jtext_members(out, j->params);
	jtext_json(out, "understood", j->understood);
	jtext_end(out, '}');
	jtext_begin(out, "audio_ids", '[');
	for (int i = 0; i < j->n_sample_ids; i++) jtext_id(out, NULL, j->sample_ids[i]);
	jtext_end(out, ']');
	jtext_text(out, "error", j->error);
	jtext_text(out, "error_code", j->error_code);
	jtext_int(out, "attempt", j->attempt);
	jtext_id(out, "retry_of", j->retry_of);
	write_times(api, j, out);
	write_feedback(req, j, out);
	jtext_end(out, '}');
}

void
job_attend(struct api *api, enum job_status status)
{
	struct err e;

	if (status != JOB_QUEUED && status != JOB_PROCESSING) return;
	if (clock_now_ms() < api->attended_until_ms) return;
	api->attended_until_ms = clock_now_ms() + ATTEND_MS;
	if (ipc_start_if_gone(&api->ipc, &e) && e.kind != ERR_BUSY)
		log_error("start the daemon: %s", e.text);
}

int
job_answer(struct api *api, struct request *req, struct response *res, int status, struct uuid id,
	struct err *e)
{
	struct job j = {0};
	int rc = jobs_get(api->db, id, &j, e);

	if (!rc) {
		struct jtext out = answer_json(res, status);

		job_write(api, req, &j, &out);
		answer_about(req, res, "generate", id);
		job_attend(api, j.status);
	}
	jobs_free(&j);
	return rc;
}
