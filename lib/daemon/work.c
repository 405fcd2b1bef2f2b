#include "daemon/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/background.h"
#include "daemon/result.h"
#include "db/db.h"
#include "ipc/frame.h"
#include "records/intents.h"
#include "records/samples.h"
#include "storage/storage.h"

enum { LOOK_MS = 1000, PROGRESS_MS = 1000, SETTLE_AGAIN_MS = 500, MAX_SETTLE_ERRORS = 5 };

_Static_assert((int)SAMPLE_KEY == (int)STORAGE_KEY, "records and storage disagree on the length of "
	"keys");

static const char *const key_kinds[KEYS_PER_SAMPLE] = { "", ".peaks", ".mid" };

/* The only place that changes the state of a slot's work. */
static void
work_set(struct daemon *d, struct slot *s, enum work_state to)
{
	s->state = to;
	if (to != WORK_NONE) return;
	claims_work_free(&s->work);
	free(s->keys);
	s->keys = NULL;
	cJSON_Delete(s->result);
	s->result = NULL;
	background_drop(d->background, s->check);
	s->check = NULL;
	s->stored = s->asked_commit = false;
	s->settle_errors = 0;
	s->settle_at_ms = 0;
	d->look_now = true;
	/* An attempt that is over may leave objects behind. */
	d->collect_at_ms = 0;
}

static void
fail(struct daemon *d, struct slot *s, bool final, const char *code, const char *reason)
{
	s->outcome = OUTCOME_FAILED;
	s->final = final;
	str_copy(s->code, sizeof s->code, code);
	str_copy(s->reason, sizeof s->reason, reason);
	log_error("job %s, attempt %u: %s: %s", UUID_STR(s->work.claim.job), s->work.claim.attempt,
		code, reason);
	work_set(d, s, WORK_SETTLING);
}

/* audio/ab/JOB-ATTEMPT-INDEX.flac: the fan-out is by the last two digits, since the first ones of a
 * UUIDv7 are the time. */
static void
make_keys(struct slot *s)
{
	const struct claim *c = &s->work.claim;
	const char *id = UUID_STR(c->job);

	if (!(s->keys = calloc((size_t)s->work.num_samples * KEYS_PER_SAMPLE, sizeof *s->keys)))
		abort();
	for (int i = 0; i < s->work.num_samples; i++)
		for (int k = 0; k < KEYS_PER_SAMPLE; k++)
			snprintf(s->keys[i * KEYS_PER_SAMPLE + k], sizeof *s->keys,
				"audio/%s/%s-%u-%d%s%s", id + 34, id, c->attempt, i,
				k ? key_kinds[k] : ".", k ? "" : s->work.format);
}

/* A member of the message whose text is JSON in the records; NULL: null. */
static int
add_json(cJSON *m, const char *name, const char *text, struct err *e)
{
	cJSON *v = text ? json_parse(text, strlen(text), e) : NULL;

	if (text && !v) return -1;
	json_add(m, name, v);
	return 0;
}

/* NULL with *e: what is in the records cannot be read. */
static cJSON *
job_message(struct daemon *d, const struct slot *s, struct err *e)
{
	const struct claim_work *w = &s->work;
	cJSON *m = json_object(), *samples = json_array();

	json_add_text(m, "op", "job");
	json_add_id(m, "job", w->claim.job);
	json_add_int(m, "attempt", w->claim.attempt);
	json_add_int(m, "lease_ms", d->conf->lease_ms);
	json_add_text(m, "prompt", w->prompt_text);
	json_add_text(m, "model", w->model);
	json_add_text(m, "format", w->format);
	json_add_int(m, "num_samples", w->num_samples);
	json_add(m, "samples", samples);
	for (int i = 0; i < w->num_samples; i++) {
		cJSON *o = json_object();

		json_add_text(o, "storage_key", s->keys[i * KEYS_PER_SAMPLE]);
		json_add_text(o, "peaks_key", s->keys[i * KEYS_PER_SAMPLE + 1]);
		json_add_text(o, "midi_key", s->keys[i * KEYS_PER_SAMPLE + 2]);
		json_add(samples, "", o);
	}
	json_add_text(m, "adapter_key", w->adapter_key);
	if (!add_json(m, "params", w->params, e) &&
		!add_json(m, "attributes", w->attributes, e) &&
		!add_json(m, "adapter", w->adapter, e))
		return m;
	cJSON_Delete(m);
	return NULL;
}

/* Intents first, then the worker. */
static void
begin(struct daemon *d, struct slot *s)
{
	int64_t now = clock_now_ms();
	struct err e;
	cJSON *m;
	int rc;

	make_keys(s);
	work_set(d, s, WORK_RUNNING);
	s->heard_ms = now;
	s->deadline_ms = now + (int64_t)d->conf->job_timeout_s * 1000;
	s->renew_at_ms = now + d->conf->lease_ms / 3;
	s->look_at_ms = now + LOOK_MS;
	s->progress_at_ms = 0;
	s->progress_new = false;
	s->done = 0;
	str_copy(s->stage, sizeof s->stage, "starting");
	rc = intents_add(d->db, &s->work.claim, (const char(*)[SAMPLE_KEY])s->keys,
		(size_t)s->work.num_samples * KEYS_PER_SAMPLE, &e);
	if (rc == 0) {
		work_set(d, s, WORK_NONE);	/* cancelled in this instant */
		return;
	}
	if (rc < 0) {
		upkeep_db_error(d, "record the intents of a job", &e);
		s->outcome = OUTCOME_RELEASED;
		work_set(d, s, WORK_SETTLING);
		return;
	}
	if (!(m = job_message(d, s, &e))) {
		fail(d, s, true, "unreadable_record", "The record of the job is damaged.");
		return;
	}
	if (frame_send(s->fd, m, &e)) {
		fail(d, s, false, "worker_gone", "The worker did not take the job.");
		slots_kill(s);
	}
	cJSON_Delete(m);
}

/* Of the models that this host's workers report, those that bear only so many jobs at once. */
static size_t
limits_of(const struct daemon *d, struct claim_limit limits[CLAIM_LIMITS])
{
	const cJSON *m;
	size_t n = 0;

	cJSON_ArrayForEach(m, d->models) {
		int at_once = (int)json_real(m, "at_once", 0);

		if (at_once > 0 && n < CLAIM_LIMITS)
			limits[n++] = (struct claim_limit){ json_text(m, "id", ""), at_once,
				json_text(m, "turn", "") };
	}
	return n;
}

void
work_claim(struct daemon *d)
{
	struct claim_limit items[CLAIM_LIMITS];
	const struct claim_limits limits = { items, limits_of(d, items) };
	struct err e;

	for (int i = 0; i < d->n_slots && d->db && !d->stopping && !d->reloading; i++) {
		struct slot *s = &d->slots[i];
		int rc;

		if (s->process != PROCESS_READY || s->state != WORK_NONE || s->retire) continue;
		rc = claims_take(d->db, d->host, d->conf->lease_ms, &limits, &s->work, &e);
		if (rc < 0) upkeep_db_error(d, "claim a job", &e);
		if (rc <= 0) return;
		begin(d, s);
	}
}

void
work_message(struct daemon *d, struct slot *s, cJSON *m)
{
	const char *op = frame_op(m);

	if (s->state != WORK_RUNNING) {
		/* Late words about a job that is no longer this slot's. */
	} else if (strcmp(op, "progress") == 0) {
		double done = json_real(m, "done", 0);

		s->done = done < 0 ? 0 : done > 1 ? 1 : done;
		str_copy(s->stage, sizeof s->stage, json_text(m, "stage", ""));
		s->progress_new = true;
	} else if (strcmp(op, "done") == 0) {
		s->outcome = OUTCOME_DONE;
		s->result = m;
		m = NULL;
		work_set(d, s, WORK_SETTLING);
	} else if (strcmp(op, "failed") == 0) {
		if (strcmp(json_text(m, "code", ""), "lease_lost") == 0) {
			s->outcome = OUTCOME_RELEASED;
			work_set(d, s, WORK_SETTLING);
		} else fail(d, s, cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(m, "final")),
			json_text(m, "code", "failed"), json_text(m, "error",
			"The engine failed without a reason."));
	} else {
		log_error("worker %d says %s, which means nothing", (int)s->pid, op);
	}
	cJSON_Delete(m);
}

void
work_worker_gone(struct daemon *d, struct slot *s, const char *how)
{
	char reason[256];

	if (s->state == WORK_LOST) work_set(d, s, WORK_NONE);
	if (s->state != WORK_RUNNING) return;
	if (d->stopping) {
		s->outcome = OUTCOME_RELEASED;
		work_set(d, s, WORK_SETTLING);
		return;
	}
	snprintf(reason, sizeof reason, "The worker %s.", how);
	fail(d, s, false, "worker_crashed", reason);
}

static void
lost(struct daemon *d, struct slot *s)
{
	log_info("job %s, attempt %u is no longer ours", UUID_STR(s->work.claim.job),
		s->work.claim.attempt);
	/* Its worker has nothing to do with it any more. */
	if (s->state == WORK_SETTLING) {
		work_set(d, s, WORK_NONE);
		return;
	}
	work_set(d, s, WORK_LOST);
	s->quick_deaths = 0;	/* this one says nothing against the worker */
	slots_kill(s);
}

void
work_look(struct daemon *d, struct slot *s)
{
	struct err e;
	int rc;

	if (!d->db) return;
	if ((rc = claims_still_ours(d->db, &s->work.claim, &e)) < 0)
		upkeep_db_error(d, "look at a job", &e);
	else if (rc == 0) lost(d, s);
}

static void
renew(struct daemon *d, struct slot *s, int64_t now)
{
	cJSON *m;
	struct err e;
	int rc;

	if (!d->db) return;
	rc = claims_renew(d->db, &s->work.claim, d->conf->lease_ms, &e);
	if (rc < 0) upkeep_db_error(d, "renew a lease", &e);
	if (rc == 0) lost(d, s);
	if (rc != 1) return;
	s->renew_at_ms = now + d->conf->lease_ms / 3;
	s->look_at_ms = now + LOOK_MS;
	if (s->state != WORK_RUNNING) return;
	m = json_object();
	json_add_text(m, "op", "lease");
	json_add_int(m, "lease_ms", d->conf->lease_ms);
	if (frame_send(s->fd, m, &e)) slots_kill(s);
	cJSON_Delete(m);
}

static void
tick_running(struct daemon *d, struct slot *s, int64_t now)
{
	struct err e;

	if (now >= s->deadline_ms) {
		slots_kill(s);
		fail(d, s, true, "timeout", "The job took longer than job_timeout_s allows.");
	} else if (now - s->heard_ms > (int64_t)d->conf->worker_silence_s * 1000) {
		slots_kill(s);
		fail(d, s, false, "worker_hung", "The worker gave no sign of life.");
	}
	if (s->state == WORK_RUNNING && now >= s->renew_at_ms) renew(d, s, now);
	if (s->state == WORK_RUNNING && now >= s->look_at_ms) {
		s->look_at_ms = now + LOOK_MS;
		work_look(d, s);
	}
	if (s->state == WORK_RUNNING && s->progress_new && now >= s->progress_at_ms && d->db) {
		int rc = claims_progress(d->db, &s->work.claim, s->done, s->stage, &e);

		s->progress_new = false;
		s->progress_at_ms = now + PROGRESS_MS;
		if (rc < 0) upkeep_db_error(d, "write progress", &e);
		if (rc == 0) lost(d, s);
	}
}

/* Does the storage have all that the worker names? 1; 0: that is not known yet; -1. */
static int
check_stored(struct daemon *d, struct slot *s, const struct sample *samples, int n, struct err *e)
{
	struct task *t = s->check;
	int rc;

	if (s->stored) return 1;
	if (!t) {
		t = s->check = task_new(TASK_CHECK);
		for (int i = 0; i < n; i++) {
			task_add(t, samples[i].storage_key, samples[i].size_bytes);
			task_add(t, samples[i].peaks_key, 0);
			if (*samples[i].midi_key) task_add(t, samples[i].midi_key, 0);
		}
		background_begin(d->background, t);
	}
	if (!background_over(d->background, t)) return 0;
	if ((rc = t->rc)) *e = t->err;
	s->stored = !rc;
	s->check = NULL;
	free(t);
	return rc ? -1 : 1;
}

/* The storage has not, or cannot be asked. Made and stored already: that is worth asking more than
 * once. */
static void
not_stored(struct daemon *d, struct slot *s, const struct err *e)
{
	if (e->kind == ERR_AWAY && ++s->settle_errors < MAX_SETTLE_ERRORS)
		s->settle_at_ms = clock_now_ms() + SETTLE_AGAIN_MS;
	else fail(d, s, false, e->kind == ERR_AWAY ? "storage_away" : "bad_result", e->text);
}

/* 1: the records know how the work ended (or that it is not ours), 0: later, -1: database error. */
static int
settle_done(struct daemon *d, struct slot *s, struct err *e)
{
	struct sample samples[JOB_MAX_SAMPLES] = {0};
	char *understood = NULL;
	int rc = 0, n = 0;

	if (s->asked_commit) {
		if ((rc = claims_completed(d->db, &s->work.claim, e)) != 0) return rc;
		s->asked_commit = false;
	}
	if (result_read(&s->work, s->result, samples, &n, &understood, e)) {
		fail(d, s, false, "bad_result", e->text);
	} else if ((rc = check_stored(d, s, samples, n, e)) < 0) {
		not_stored(d, s, e);
		rc = 0;
	} else if (rc) {
		rc = claims_complete(d->db, &s->work.claim, samples, n, understood, e);
		if (rc < 0) s->asked_commit = true;
		if (rc == 0) rc = 1;	/* cancelled or taken over: nothing of it may be seen */
	}
	for (int i = 0; i < n; i++) samples_free(&samples[i]);
	free(understood);
	return rc;
}

static int
settle(struct daemon *d, struct slot *s, struct err *e)
{
	struct claim_failure f = { .final = s->final, .code = s->code, .text = s->reason,
		.max_attempts = d->conf->max_attempts, .backoff_ms = d->conf->retry_backoff_ms };

	switch (s->outcome) {
	case OUTCOME_DONE: return settle_done(d, s, e);
	case OUTCOME_FAILED: return claims_fail(d->db, &s->work.claim, &f, e) < 0 ? -1 : 1;
	case OUTCOME_RELEASED: return claims_release(d->db, &s->work.claim, e) < 0 ? -1 : 1;
	}
	return -1;
}

void
work_tick(struct daemon *d, struct slot *s, int64_t now)
{
	struct err e;
	int rc;

	if (s->state == WORK_RUNNING) tick_running(d, s, now);
	/* A storage that takes its time must not cost what was made. */
	if (s->state == WORK_SETTLING && s->outcome == OUTCOME_DONE && !s->asked_commit &&
		now >= s->renew_at_ms)
		renew(d, s, now);
	/* A worker that is about to die must be gone before the records say so: it might still
	 * write. */
	if (s->state != WORK_SETTLING || !d->db || (s->process == PROCESS_DYING &&
		s->outcome != OUTCOME_DONE))
		return;
	if (now < s->settle_at_ms) return;
	rc = settle(d, s, &e);
	if (rc == 1) work_set(d, s, WORK_NONE);
	if (rc >= 0) return;
	upkeep_db_error(d, "settle a job", &e);
	s->settle_at_ms = now + SETTLE_AGAIN_MS;
	/* Away comes back; a result that the database will not have for another reason must not be
	 * offered for ever. */
	if (e.kind != ERR_AWAY && s->outcome == OUTCOME_DONE &&
		++s->settle_errors >= MAX_SETTLE_ERRORS)
		fail(d, s, true, "not_recorded", "The result could not be recorded; the log has "
		"the reason.");
}

void
work_stop(struct daemon *d)
{
	for (int i = 0; i < d->n_slots; i++) slots_kill(&d->slots[i]);
}
