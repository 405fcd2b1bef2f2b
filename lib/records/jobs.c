#include "records/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "db/db.h"
#include "records/abpairs.h"
#include "records/counters.h"
#include "records/jobrow.h"
#include "records/experiments.h"
#include "records/prompts.h"
#include "records/rows.h"

enum { PREVIEW_CHARS = 120 };

const char *const job_status_names[JOB_STATUSES + 1] = {
	[JOB_QUEUED] = "queued",
	[JOB_PROCESSING] = "processing",
	[JOB_COMPLETED] = "completed",
	[JOB_FAILED] = "failed",
	[JOB_CANCELLED] = "cancelled",
	[JOB_STATUSES] = NULL,
};

bool
jobs_may_become(enum job_status from, enum job_status to)
{
	static const bool may[JOB_STATUSES][JOB_STATUSES] = {
		[JOB_QUEUED] = { [JOB_PROCESSING] = true, [JOB_CANCELLED] = true },
		[JOB_PROCESSING] = { [JOB_QUEUED] = true, [JOB_COMPLETED] = true,
		[JOB_FAILED] = true, [JOB_CANCELLED] = true },
	};

	return from < JOB_STATUSES && to < JOB_STATUSES && may[from][to];
}

static int
insert_row(struct db *db, const struct job_new *n, struct uuid id, const struct prompt *p,
	int64_t asked_ms, struct err *e)
{
	char preview[4 * PREVIEW_CHARS + 8];
	struct db_arg a[] = { DB_UUID(id), DB_INT(n->priority), DB_UUID(p->id),
		DB_TEXT(preview), DB_TEXT(n->model), DB_INT(n->num_samples), DB_TEXT(n->format),
		DB_TEXT(n->params), DB_UUID_OR_NULL(n->retry_of), DB_UUID_OR_NULL(n->adapter_id),
		DB_TEXT_OR_NULL(n->adapter_name), DB_TEXT_OR_NULL(n->adapter),
		DB_TEXT_OR_NULL(n->adapter_key), DB_UUID_OR_NULL(n->experiment_id),
		DB_UUID_OR_NULL(n->ab_test_id), DB_UUID_OR_NULL(n->user_id), DB_INT(asked_ms) };

	str_preview(preview, sizeof preview, p->text, PREVIEW_CHARS);
	return db_exec(db, "INSERT INTO jobs (id, status, priority, run_after, prompt_id, "
		"prompt_preview, model, num_samples, format, params, retry_of, adapter_id, "
		"adapter_name, adapter, adapter_key, experiment_id, ab_test_id, user_id, asked_ms, "
		"created_at) VALUES "
		"(?,'queued',?,UTC_TIMESTAMP(6),?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,UTC_TIMESTAMP(6))",
		a, NELEM(a), e) < 0 ? -1 : 0;
}

/* The prompt of a submission: the one of its words, or the text of the one that was named. */
static int
prompt_for(struct db *db, const struct job_new *n, struct prompt *p, struct err *e)
{
	if (!uuid_is_nil(n->prompt_id)) return prompts_get(db, n->prompt_id, p, e);
	if (prompts_ensure(db, n->prompt_text, n->prompt_attributes, &p->id, e)) return -1;
	if (!(p->text = strdup(n->prompt_text))) abort();
	return 0;
}

/* How much music it is to make, if that is anybody's; less than nothing nobody can ask for. */
static int64_t
asked_ms(const struct job_new *n)
{
	struct err ignored;
	cJSON *params;
	double s;

	if (uuid_is_nil(n->user_id)) return 0;
	params = json_parse(n->params, strlen(n->params), &ignored);
	s = json_real(params, "duration", 0) * n->num_samples;
	cJSON_Delete(params);
	return s > 0 && s < UINT32_MAX / 1000 ? (int64_t)(s * 1000) : 0;
}

int
jobs_insert(struct db *db, const struct job_new *n, struct uuid *id, struct err *e)
{
	struct uuid fresh = uuid_is_nil(*id) ? uuid_new() : *id;
	struct prompt p = {0};
	int64_t ms = asked_ms(n);
	int rc = -1;

	if (!uuid_is_nil(n->user_id) && quotas_charge(db, n->user_id, &n->quota, ms, e)) goto out;
	if (!uuid_is_nil(n->experiment_id) && experiments_open(db, n->experiment_id, e)) goto out;
	if (prompt_for(db, n, &p, e) || insert_row(db, n, fresh, &p, ms, e)) goto out;
	struct counted c = { fresh, { n->adapter_id, n->experiment_id, n->ab_test_id,
		n->user_id } };

	rc = counters_move(db, &c, JOB_STATUSES, JOB_QUEUED, 0, e);
	*id = fresh;
out:
	prompts_free(&p);
	return rc;
}

struct submission {
	const struct job_new *n;
	struct uuid job;
};

static int
submit(struct db *db, void *ctx, struct err *e)
{
	struct submission *s = ctx;
	bool is_arm = !uuid_is_nil(s->n->retry_of) && !uuid_is_nil(s->n->ab_test_id);

	s->job = uuid_new();
	if (s->n->idempotency_key) {
		struct db_arg a[] = { DB_UUID(s->n->user_id), DB_TEXT(s->n->idempotency_key),
			DB_BYTES(s->n->body_sha256, SHA256_BYTES), DB_UUID(s->job) };

		if (db_exec(db, "INSERT INTO submissions (user_id, idem_key, body_sha256, job_id, "
			"created_at) VALUES (?,?,?,?,UTC_TIMESTAMP(6))", a, NELEM(a), e) < 0) {
			if (db_lock_timed_out(db)) {
				db_do_not_retry(db);
				err_set(e, ERR_CONFLICT, "A request with this Idempotency-Key is "
					"still being answered.");
			}
			return -1;
		}
	}
	if (is_arm && abpairs_retry(db, s->n->ab_test_id, s->n->retry_of, s->job, e)) return -1;
	return jobs_insert(db, s->n, &s->job, e);
}

/* What an Idempotency-Key stands for. 1: *id is its job, 0: it is new, -1: error, another body
 * included. */
static int
submitted_before(struct db *db, const struct job_new *n, struct uuid *id, struct err *e)
{
	struct db_arg a[] = { DB_UUID(n->user_id), DB_TEXT(n->idempotency_key) };
	struct db_rows *r = db_query(db, "SELECT body_sha256, job_id FROM submissions WHERE "
		"user_id=? AND idem_key=?", a, NELEM(a), e);
	const void *sha;
	size_t len;
	int more;

	if (!r) return -1;
	if ((more = db_next(r, e)) == 1) {
		sha = db_col_bytes(r, 0, &len);
		*id = db_col_uuid(r, 1);
		if (len != SHA256_BYTES || memcmp(sha, n->body_sha256, len) != 0) {
			err_clear(e);
			more = err_field(e, "Idempotency-Key", "was used before for another "
				"request");
		}
	}
	db_rows_free(r);
	return more;
}

int
jobs_submit(struct db *db, const struct job_new *n, struct uuid *id, bool *replayed, struct err *e)
{
	struct submission s = { .n = n };
	int before = n->idempotency_key ? submitted_before(db, n, id, e) : 0;
	bool duplicate;

	*replayed = before == 1;
	if (before) return before < 0 ? -1 : 0;
	if (db_transaction(db, submit, &s, e) == DB_TX_DONE) {
		*id = s.job;
		return 0;
	}
	/* Lost the race against the same key: the other one has committed, so that its row is there
	 * now. */
	duplicate = e->kind == ERR_CONFLICT && n->idempotency_key &&
		str_starts(e->text, "duplicate");
	if (!duplicate) return -1;
	*replayed = true;
	return submitted_before(db, n, id, e) == 1 ? 0 : -1;
}

static int
queue_position(struct db *db, struct job *j, struct err *e)
{
	struct db_arg a[] = { DB_INT(j->priority), DB_INT(j->priority), DB_TIME(j->run_after),
		DB_TIME(j->run_after), DB_UUID(j->id), DB_INT(JOB_QUEUE_SEEN) };
	int64_t before;

	if (db_one_int(db, "SELECT COUNT(*) FROM (SELECT 1 FROM jobs FORCE INDEX (claim) WHERE "
		"status='queued' AND "
		"(priority<? OR (priority=? AND "
			"(run_after<? OR (run_after=? AND id<?)))) ORDER BY priority, run_after, "
			"id LIMIT ?) q", a, NELEM(a), 0, &before, e))
		return -1;
	j->queue_position = before < JOB_QUEUE_SEEN ? (uint32_t)before + 1 : 0;
	return 0;
}

int
jobs_get(struct db *db, struct uuid id, struct job *out, struct err *e)
{
	static const char alone[] = "SELECT " JOBROW_COLUMNS " FROM jobs j WHERE j.id=?";
	static const char joined[] = "SELECT " JOBROW_COLUMNS JOBROW_PROGRESS " FROM jobs "
		"j" JOBROW_JOIN "WHERE j.id=?";
	struct db_arg a[] = { DB_UUID(id) };
	int there = rows_first(db, alone, a, NELEM(a), jobrow_read, out, e);

	/* Most polls need no join, which costs the server a third more. With it, job and progress
	 * are of one moment, so that progress never falls back. */
	if (there == 1 && out->status == JOB_PROCESSING) {
		jobs_free(out);
		there = rows_first(db, joined, a, NELEM(a), jobrow_read_with_progress, out, e);
	}
	if (rows_found(there, "job", id, e)) return -1;
	return out->status == JOB_QUEUED ? queue_position(db, out, e) : 0;
}

int
jobs_lock(struct db *db, struct uuid id, enum job_status *status, struct counted *counted,
	struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };
	struct db_rows *r = db_query(db, "SELECT status+0, " COUNTED_COLUMNS " FROM jobs WHERE "
		"id=? FOR UPDATE", a, NELEM(a), e);
	int more;

	if (!r) return -1;
	if ((more = db_next(r, e)) == 1) {
		*status = (enum job_status)(db_col_int(r, 0) - 1);
		*counted = counted_read(id, r, 1);
	}
	db_rows_free(r);
	return rows_found(more, "job", id, e);
}

struct cancel {
	struct uuid id;
	enum job_status was;
};

static int
cancel(struct db *db, void *ctx, struct err *e)
{
	struct cancel *c = ctx;
	struct db_arg a[] = { DB_UUID(c->id) };
	struct counted counted;

	if (jobs_lock(db, c->id, &c->was, &counted, e)) return -1;
	if (!jobs_may_become(c->was, JOB_CANCELLED))
		return err_set(e, ERR_CONFLICT, "The job is %s already.", job_status_names[c->was]);
	/* What was begun has cost the machine something. */
	if (c->was == JOB_QUEUED && quotas_give_back(db, c->id, e)) return -1;
	if (db_exec(db, "UPDATE jobs SET status='cancelled', owner=NULL, lease_until=NULL, "
		"completed_at=UTC_TIMESTAMP(6) WHERE id=?", a,
			NELEM(a), e) < 0 ||
		db_exec(db, "DELETE FROM progress WHERE job_id=?", a, NELEM(a), e) < 0)
		return -1;
	return counters_move(db, &counted, c->was, JOB_CANCELLED, 0, e);
}

int
jobs_cancel(struct db *db, struct uuid id, enum job_status *was, struct err *e)
{
	struct cancel c = { .id = id };

	if (db_transaction(db, cancel, &c, e) != DB_TX_DONE) return -1;
	*was = c.was;
	return 0;
}

void
jobs_free(struct job *j)
{
	free(j->prompt_preview);
	free(j->model);
	free(j->format);
	free(j->adapter_name);
	free(j->adapter);
	free(j->adapter_key);
	free(j->params);
	free(j->understood);
	free(j->error);
	free(j->error_code);
	*j = (struct job){0};
}
