#include "records/removal.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/counters.h"
#include "records/favorites.h"
#include "records/feedback.h"
#include "records/intents.h"

struct removal {
	struct uuid id;			/* of the job or the sample */
	const struct object_form *forms;
	enum job_status was;
};

struct doomed {
	struct uuid id, job;
	char keys[3][SAMPLE_KEY];	/* audio, peaks, midi; "": none */
};

/* The samples that a condition on one id finds; at most JOB_MAX_SAMPLES of them. */
static int
read_samples(struct db *db, const char *sql, struct uuid id, struct doomed *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };
	struct db_rows *r = db_query(db, sql, a, NELEM(a), e);
	int n = 0, more = 0;

	if (!r) return -1;
	while (n < JOB_MAX_SAMPLES && (more = db_next(r, e)) == 1) {
		struct doomed *s = &out[n++];

		s->id = db_col_uuid(r, 0);
		s->job = db_col_uuid(r, 1);
		for (unsigned k = 0; k < NELEM(s->keys); k++)
			str_copy(s->keys[k], sizeof s->keys[k], db_col_text(r, 2 + k));
	}
	db_rows_free(r);
	return more < 0 ? -1 : n;
}

static int
leave_intents(struct db *db, const struct doomed *s, const struct object_form *forms,
	struct err *e)
{
	char derived[REMOVAL_MAX_FORMS][SAMPLE_KEY];
	size_t n = 0;

	for (const struct object_form *f = forms; f->suffix; f++) {
		if (f->of_score && !*s->keys[2]) continue;
		if (n == REMOVAL_MAX_FORMS) abort();
		objects_derived_key(s->keys[0], f, derived[n++]);
	}
	return intents_add_removed(db, s->job, s->keys, NELEM(s->keys), REMOVAL_GRACE_S, e) ||
		intents_add_removed(db, s->job, derived, n, REMOVAL_DERIVED_S, e) ? -1 : 0;
}

/* Everything of these samples but their rows. */
static int
forget_samples(struct db *db, const struct doomed *s, int n, const struct object_form *forms,
	struct err *e)
{
	struct uuid ids[JOB_MAX_SAMPLES];

	for (int i = 0; i < n; i++) {
		ids[i] = s[i].id;
		if (leave_intents(db, &s[i], forms, e)) return -1;
	}
	if (!n) return 0;
	return feedback_forget_audio(db, ids, (size_t)n, e) ||
		favorites_forget(db, FAVORITE_AUDIO, ids, (size_t)n, e) ? -1 : 0;
}

static int
remove_job(struct db *db, void *ctx, struct err *e)
{
	static const char *const rows[] = { "DELETE FROM samples WHERE job_id=?",
		"DELETE FROM progress WHERE job_id=?", "DELETE FROM jobs WHERE id=?" };
	struct removal *x = ctx;
	struct db_arg a[] = { DB_UUID(x->id) };
	struct doomed samples[JOB_MAX_SAMPLES];
	struct counted counted;
	int n;

	if (jobs_lock(db, x->id, &x->was, &counted, e)) return -1;
	if (x->was == JOB_QUEUED && quotas_give_back(db, x->id, e)) return -1;
	n = read_samples(db, "SELECT id, job_id, storage_key, peaks_key, midi_key FROM samples "
		"WHERE job_id=?", x->id, samples, e);
	if (n < 0 || forget_samples(db, samples, n, x->forms, e)) return -1;
	for (size_t i = 0; i < NELEM(rows); i++)
		if (db_exec(db, rows[i], a, NELEM(a), e) < 0) return -1;
	return counters_move(db, &counted, x->was, JOB_STATUSES, -n, e);
}

int
removal_job(struct db *db, struct uuid id, const struct object_form *forms, enum job_status *was,
	struct err *e)
{
	struct removal x = { .id = id, .forms = forms };

	if (db_transaction(db, remove_job, &x, e) != DB_TX_DONE) return -1;
	*was = x.was;
	return 0;
}

/* What is left of a completed job's samples, in its own row. */
static int
write_rest(struct db *db, struct uuid job, struct err *e)
{
	struct db_arg a[] = { DB_UUID(job) };
	uint8_t ids[16 * JOB_MAX_SAMPLES];
	struct db_rows *r = db_query(db, "SELECT id, frames*1000 DIV sample_rate FROM samples WHERE "
		"job_id=? ORDER BY idx", a, NELEM(a), e);
	int64_t audio_ms = 0;
	size_t n = 0;
	int more = 0;

	if (!r) return -1;
	while (n < JOB_MAX_SAMPLES && (more = db_next(r, e)) == 1) {
		memcpy(ids + 16 * n++, db_col_uuid(r, 0).b, 16);
		audio_ms += db_col_int(r, 1);
	}
	db_rows_free(r);
	if (more < 0) return -1;
	struct db_arg rest[] = { DB_BYTES(ids, 16 * n), DB_INT(audio_ms), DB_UUID(job) };

	return db_exec(db, "UPDATE jobs SET sample_ids=?, audio_ms=? WHERE id=?", rest, NELEM(rest),
		e) < 0 ? -1 : 0;
}

static int
remove_sample(struct db *db, void *ctx, struct err *e)
{
	static const char sql[] = "SELECT id, job_id, storage_key, peaks_key, midi_key FROM samples "
		"WHERE id=?";
	struct removal *x = ctx;
	struct db_arg a[] = { DB_UUID(x->id) };
	struct doomed s[JOB_MAX_SAMPLES];
	struct counted counted;
	int n = read_samples(db, sql, x->id, s, e);

	/* The job is locked first, as everywhere; then the sample may be gone. */
	if (n < 0) return -1;
	if (n && jobs_lock(db, s->job, &x->was, &counted, e)) {
		if (e->kind != ERR_NOT_FOUND) return -1;
		n = 0;
	}
	if (n && (n = read_samples(db, sql, x->id, s, e)) < 0) return -1;
	if (!n) return err_set(e, ERR_NOT_FOUND, "There is no audio %s.", UUID_STR(x->id));
	if (forget_samples(db, s, 1, x->forms, e) ||
		db_exec(db, "DELETE FROM samples WHERE id=?", a, NELEM(a), e) < 0)
		return -1;
	return write_rest(db, s->job, e) || counters_samples(db, &counted, -1, e) ? -1 : 0;
}

int
removal_sample(struct db *db, struct uuid id, const struct object_form *forms, struct err *e)
{
	struct removal x = { .id = id, .forms = forms };

	return db_transaction(db, remove_sample, &x, e) == DB_TX_DONE ? 0 : -1;
}
