#include "records/claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/err.h"
#include "db/db.h"
#include "records/counters.h"
#include "records/rows.h"
#include "records/statement.h"

enum { CANDIDATES = 16, MAX_TAKEN_BACK = 64, CHOOSE_AGAIN = 2 };

/* The fence of every statement here. */
#define HELD "id=? AND attempt=? AND owner=? AND status='processing'"
#define HELD_ARGS(c) DB_UUID((c)->job), DB_INT((c)->attempt), DB_UUID((c)->owner)

static uint32_t
random_u32(void)
{
	uint32_t v;

	if (getrandom(&v, sizeof v, 0) != (ssize_t)sizeof v) abort();
	return v;
}

/* What a host may choose from. */
struct choice {
	struct uuid owner;
	uint32_t lease_ms;
	const struct claim_limits *limits;
	const char *closed[CLAIM_LIMITS];	/* models that have no room now */
	size_t n_closed;
};

struct take {
	const struct choice *choice;
	struct claim claim;
	struct counted counted;
	const struct claim_limit *limit;	/* NULL: the model has none */
	uint32_t before;		/* attempt number that we saw */
	enum limits_answer room;
	bool won;
};

/* Room as it was a moment ago, and nobody claims beside us: is there still some? -1 also for no. */
static int
hold_room(struct db *db, struct take *t, struct err *e)
{
	const struct choice *c = t->choice;
	char claim[64];

	snprintf(claim, sizeof claim, "%s-%u", UUID_STR(t->claim.job), t->claim.attempt);
	if (limits_hold(db, c->limits, t->limit, claim, e) ||
		limits_ask(db, c->limits, t->limit, t->claim.job, c->owner, &t->room, e))
		return -1;
	return t->room == LIMITS_ROOM ? 0 : err_set(e, ERR_CONFLICT, "no room");
}

static int
take_one(struct db *db, void *ctx, struct err *e)
{
	struct take *t = ctx;
	struct db_arg a[] = { DB_UUID(t->claim.owner), DB_INT((int64_t)t->choice->lease_ms * 1000),
		DB_UUID(t->claim.job), DB_INT(t->before) };
	long n;

	t->won = false;			/* an earlier try may have been, and was rolled back */
	if (t->limit && hold_room(db, t, e)) return -1;
	n = db_exec(db, "UPDATE jobs SET status='processing', attempt=attempt+1, owner=?, "
		"started_at=UTC_TIMESTAMP(6), lease_until=UTC_TIMESTAMP(6) + INTERVAL ? "
		"MICROSECOND WHERE id=? AND status='queued' AND attempt=?", a, NELEM(a), e);
	t->won = n == 1;
	if (n <= 0) return (int)n;
	return counters_move(db, &t->counted, JOB_QUEUED, JOB_PROCESSING, 0, e);
}

/* 0: *t says whether it was won and whether there was room. */
static int
take(struct db *db, struct take *t, struct err *e)
{
	const struct choice *c = t->choice;

	/* Who has to wait writes nothing. */
	if (t->limit && (limits_ask(db, c->limits, t->limit, t->claim.job, c->owner, &t->room, e) ||
		t->room != LIMITS_ROOM))
		return t->room == LIMITS_ROOM ? -1 : 0;
	if (db_transaction(db, take_one, t, e) == DB_TX_DONE) return 0;
	return t->room == LIMITS_ROOM ? -1 : 0;
}

/* The models that have no room because t has none are out of the choice. */
static void
close_models(struct choice *c, const struct take *t)
{
	for (size_t i = 0; i < c->limits->n && c->n_closed < CLAIM_LIMITS; i++) {
		const struct claim_limit *l = &c->limits->items[i];

		if (l == t->limit || (t->room == LIMITS_OTHER_TURN &&
			limits_same_turn(l, t->limit)))
			c->closed[c->n_closed++] = l->model;
	}
}

/* Of jobs with the same turn only the first counts. */
static bool
is_behind(const struct take *seen, int n, const struct claim_limit *limit)
{
	for (int i = 0; limit && i < n; i++)
		if (seen[i].limit && limits_same_turn(seen[i].limit, limit)) return true;
	return false;
}

static int
candidates(struct db *db, const struct choice *c, struct take out[CANDIDATES], struct err *e)
{
	struct statement s = {0};
	struct db_rows *r;
	int n = 0, more = 0;

	statement_add(&s,
		"SELECT id, attempt, model, " COUNTED_COLUMNS " FROM jobs WHERE status='queued' "
		"AND run_after<=UTC_TIMESTAMP(6) AND model IN (SELECT id FROM models WHERE "
		"host_id=? AND reason IS NULL)", (struct db_arg)DB_UUID(c->owner));
	for (size_t i = 0; i < c->n_closed; i++)
		statement_add(&s, i ? ",?" : " AND model NOT IN (?",
			(struct db_arg)DB_TEXT(c->closed[i]));
	if (c->n_closed) buf_adds(&s.sql, ")");
	statement_add(&s, " ORDER BY priority, run_after, id LIMIT ?",
		(struct db_arg)DB_INT(CANDIDATES));
	if (!(r = statement_query(&s, db, e))) return -1;
	while ((more = db_next(r, e)) == 1 && n < CANDIDATES) {
		const struct claim_limit *limit = limits_find(c->limits, db_col_text(r, 2));
		uint32_t before = (uint32_t)db_col_int(r, 1);
		struct uuid job = db_col_uuid(r, 0);

		if (is_behind(out, n, limit)) continue;
		out[n++] = (struct take){ .choice = c, .limit = limit, .before = before,
			.claim = { .job = job, .owner = c->owner, .attempt = before + 1 },
			.counted = counted_read(job, r, 3) };
	}
	db_rows_free(r);
	return more < 0 ? -1 : n;
}

static int
read_work(struct db *db, const struct claim *c, struct claim_work *w, struct err *e)
{
	struct db_arg a[] = { HELD_ARGS(c) };
	struct db_rows *r = db_query(db, "SELECT j.prompt_id, p.text, p.attributes, j.model, "
		"j.format, j.params, j.num_samples, j.failures, j.adapter_id, j.adapter, "
		"j.adapter_key FROM jobs j JOIN prompts p ON "
		"p.id=j.prompt_id WHERE j." HELD, a, NELEM(a), e);
	int more;

	if (!r) return -1;
	if ((more = db_next(r, e)) == 1)
		*w = (struct claim_work){ .claim = *c, .prompt_id = db_col_uuid(r, 0),
			.prompt_text = rows_text(r, 1), .attributes = rows_text_or_null(r, 2),
			.model = rows_text(r, 3), .format = rows_text(r, 4),
			.params = rows_text(r, 5), .num_samples = (int)db_col_int(r, 6),
			.failures = (uint32_t)db_col_int(r, 7), .adapter_id = db_col_uuid(r, 8),
			.adapter = rows_text_or_null(r, 9),
			.adapter_key = rows_text_or_null(r, 10) };
	db_rows_free(r);
	return more;
}

/* 1, 0, -1 as claims_take(); CHOOSE_AGAIN: models have turned out to have no room. */
static int
choose(struct db *db, struct choice *c, struct claim_work *out, struct err *e)
{
	struct take seen[CANDIDATES];
	int n = candidates(db, c, seen, e), at = 0;

	/* The head first; after a lost race a random one, so that the losers do not meet again. */
	while (n > 0) {
		struct take *t = &seen[at];

		if (take(db, t, e)) return -1;
		if (t->won) return read_work(db, &t->claim, out, e);
		if (t->room != LIMITS_ROOM) {
			close_models(c, t);
			return CHOOSE_AGAIN;
		}
		*t = seen[--n];
		if (n) at = (int)(random_u32() % (uint32_t)n);
	}
	return n;
}

int
claims_take(struct db *db, struct uuid owner, uint32_t lease_ms, const struct claim_limits *limits,
	struct claim_work *out, struct err *e)
{
	static const struct claim_limits none;
	struct choice c = { .owner = owner, .lease_ms = lease_ms,
		.limits = limits ? limits : &none };
	int rc;

	while ((rc = choose(db, &c, out, e)) == CHOOSE_AGAIN) continue;
	return rc;
}

int
claims_renew(struct db *db, const struct claim *c, uint32_t lease_ms, struct err *e)
{
	struct db_arg a[] = { DB_INT((int64_t)lease_ms * 1000), HELD_ARGS(c) };
	long n = db_exec(db, "UPDATE jobs SET lease_until=UTC_TIMESTAMP(6) + INTERVAL ? "
		"MICROSECOND WHERE " HELD, a, NELEM(a), e);

	return n < 0 ? -1 : n > 0;
}

int
claims_still_ours(struct db *db, const struct claim *c, struct err *e)
{
	struct db_arg a[] = { HELD_ARGS(c) };
	int64_t ours;

	return db_one_int(db, "SELECT 1 FROM jobs WHERE " HELD, a, NELEM(a), 0, &ours,
		e) ? -1 : (int)ours;
}

int
claims_progress(struct db *db, const struct claim *c, double done, const char *stage, struct err *e)
{
	struct db_arg a[] = { DB_REAL(done), DB_TEXT(stage), HELD_ARGS(c) };
	/* Locked, so that the row of a job that is cancelled in this instant is not written after
	 * it has been removed. */
	long n = db_exec(db, "INSERT INTO progress (job_id, attempt, done, stage, updated_at) "
		"SELECT id, attempt, ?, ?, UTC_TIMESTAMP(6) FROM jobs WHERE " HELD " LOCK IN SHARE "
		"MODE ON DUPLICATE KEY UPDATE attempt=VALUES(attempt), done=VALUES(done), "
		"stage=VALUES(stage), updated_at=VALUES(updated_at)", a, NELEM(a), e);

	return n < 0 ? -1 : n > 0;
}

/* The claim's job, locked until the end of the transaction. 1, 0: no longer ours, -1. */
static int
lock_held(struct db *db, const struct claim *c, int64_t *failures, struct counted *counted,
	struct err *e)
{
	struct db_arg a[] = { HELD_ARGS(c) };
	struct db_rows *r = db_query(db, "SELECT failures, " COUNTED_COLUMNS " FROM jobs WHERE "
		HELD " FOR UPDATE", a, NELEM(a), e);
	int more;

	if (!r) return -1;
	if ((more = db_next(r, e)) == 1) {
		*failures = db_col_int(r, 0);
		*counted = counted_read(c->job, r, 1);
	}
	db_rows_free(r);
	return more;
}

static int
forget_progress(struct db *db, const struct claim *c, struct err *e)
{
	struct db_arg a[] = { DB_UUID(c->job) };

	return db_exec(db, "DELETE FROM progress WHERE job_id=?", a, NELEM(a), e) < 0 ? -1 : 0;
}

struct completion {
	const struct claim *claim;
	struct sample *samples;
	int n;
	const char *understood;
	bool done;
};

static int
insert_sample(struct db *db, const struct completion *c, const struct sample *s, struct err *e)
{
	struct db_arg silent = DB_NULL, lufs = DB_REAL(s->loudness_lufs),
		peak = DB_REAL(s->true_peak_dbtp);
	struct db_arg a[] = { DB_UUID(c->claim->job), DB_INT(s->index), DB_UUID(s->id),
		DB_UUID(s->prompt_id), DB_TEXT(s->model), DB_UUID_OR_NULL(s->adapter_id),
		DB_TEXT_OR_NULL(s->adapter), DB_INT(s->seed), DB_TEXT(s->title), DB_TEXT(s->format),
		DB_INT(s->sample_rate), DB_INT(s->channels), DB_INT(s->frames),
		DB_INT(s->size_bytes), DB_BYTES(s->sha256, SHA256_BYTES), s->silent ? silent : lufs,
		s->silent ? silent : peak, DB_TEXT(s->params), DB_TEXT(s->storage_key),
		DB_TEXT(s->peaks_key), DB_TEXT_OR_NULL(s->midi_key), DB_UUID(c->claim->job) };

	return db_exec(db, "INSERT INTO samples (job_id, idx, id, prompt_id, model, adapter_id, "
		"adapter, seed, title, format, sample_rate, channels, frames, size_bytes, sha256, "
		"loudness_lufs, true_peak_dbtp, params, storage_key, peaks_key, midi_key, "
		"experiment_id, created_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
		"(SELECT experiment_id FROM jobs WHERE id=?),UTC_TIMESTAMP(6))", a, NELEM(a), e) < 0
		? -1 : 0;
}

/* The sums for the statistics, from the row itself and by one clock. */
static int
count_completion(struct db *db, const struct claim *c, int samples, struct err *e)
{
	struct db_arg a[] = { DB_UUID(c->job) };
	struct db_rows *r = db_query(db, "SELECT TIMESTAMPDIFF(MICROSECOND, created_at, "
		"started_at) DIV 1000, TIMESTAMPDIFF(MICROSECOND, started_at, completed_at) DIV "
		"1000, audio_ms, " COUNTED_COLUMNS " FROM jobs WHERE id=?", a, NELEM(a), e);
	int64_t wait_ms = 0, processing_ms = 0, audio_ms = 0;
	struct counted counted = { .job = c->job };
	int more;

	if (!r) return -1;
	if ((more = db_next(r, e)) == 1) {
		wait_ms = db_col_int(r, 0);
		processing_ms = db_col_int(r, 1);
		audio_ms = db_col_int(r, 2);
		counted = counted_read(c->job, r, 3);
	}
	db_rows_free(r);
	if (more < 0) return -1;
	return counters_move(db, &counted, JOB_PROCESSING, JOB_COMPLETED, samples, e) ||
		counters_done(db, c->job, wait_ms, processing_ms, audio_ms, e) ? -1 : 0;
}

static int
complete(struct db *db, void *ctx, struct err *e)
{
	struct completion *c = ctx;
	uint8_t ids[16 * JOB_MAX_SAMPLES];
	int64_t audio_ms = 0;
	long n;

	for (int i = 0; i < c->n; i++) {
		struct sample *s = &c->samples[i];

		s->id = uuid_new();
		memcpy(ids + 16 * i, s->id.b, 16);
		audio_ms += (int64_t)(s->frames * 1000 / s->sample_rate);
	}
	struct db_arg job[] = { DB_BYTES(ids, (size_t)c->n * 16), DB_TEXT_OR_NULL(c->understood),
		DB_INT(audio_ms), HELD_ARGS(c->claim) };
	struct db_arg attempt[] = { DB_UUID(c->claim->job), DB_INT(c->claim->attempt) };

	n = db_exec(db, "UPDATE jobs SET status='completed', lease_until=NULL, "
		"completed_at=UTC_TIMESTAMP(6), sample_ids=?, understood=?, audio_ms=? WHERE " HELD,
		job, NELEM(job), e);
	c->done = n == 1;
	if (n <= 0) return (int)n;
	for (int i = 0; i < c->n; i++)
		if (insert_sample(db, c, &c->samples[i], e)) return -1;
	if (db_exec(db, "DELETE FROM intents WHERE job_id=? AND attempt=?", attempt, NELEM(attempt),
		e) < 0)
		return -1;
	return forget_progress(db, c->claim, e) || count_completion(db, c->claim, c->n, e) ? -1 : 0;
}

int
claims_complete(struct db *db, const struct claim *c, struct sample *samples, int n,
	const char *understood, struct err *e)
{
	struct completion x = { .claim = c, .samples = samples, .n = n, .understood = understood };

	if (n < 1 || n > JOB_MAX_SAMPLES)
		return err_set(e, ERR_INTERNAL, "a job cannot have %d samples", n);
	return db_transaction(db, complete, &x, e) == DB_TX_DONE ? x.done : -1;
}

int
claims_completed(struct db *db, const struct claim *c, struct err *e)
{
	struct db_arg a[] = { DB_UUID(c->job), DB_INT(c->attempt), DB_UUID(c->owner) };
	int64_t yes;

	/* Completion keeps owner and attempt, so that this question has an answer. */
	return db_one_int(db, "SELECT 1 FROM jobs WHERE id=? AND attempt=? AND owner=? AND "
		"status='completed'", a, NELEM(a), 0, &yes, e) ? -1 : (int)yes;
}

struct failure {
	const struct claim *claim;
	const struct claim_failure *how;	/* NULL: released, no failure */
	bool done;
};

static int
requeue(struct db *db, const struct claim *c, const struct counted *counted, int64_t failures,
	int64_t wait_ms, struct err *e)
{
	struct db_arg wait[] = { DB_INT(failures), DB_INT(wait_ms * 1000), HELD_ARGS(c) };
	struct db_arg at_once[] = { DB_INT(failures), HELD_ARGS(c) };
	long n = wait_ms ? db_exec(db, "UPDATE jobs SET status='queued', failures=?, owner=NULL, "
		"lease_until=NULL, run_after=UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND WHERE " HELD,
		wait, NELEM(wait), e)
		/* Released: it keeps its place in the queue. */
		: db_exec(db, "UPDATE jobs SET status='queued', failures=?, owner=NULL, "
			"lease_until=NULL WHERE " HELD, at_once,
		NELEM(at_once), e);

	if (n < 0) return -1;
	return counters_move(db, counted, JOB_PROCESSING, JOB_QUEUED, 0, e);
}

static bool
ends_sentence(const char *text)
{
	return *text && strchr(".!?", text[strlen(text) - 1]);
}

static int
fail_for_good(struct db *db, const struct claim *c, const struct counted *counted,
	const struct claim_failure *f, int64_t failures, struct err *e)
{
	char text[512];
	struct db_arg a[] = { DB_INT(failures), DB_TEXT(text), DB_TEXT(f->code), HELD_ARGS(c) };

	if (f->final || failures < 2) snprintf(text, sizeof text, "%s", f->text);
	else
		snprintf(text, sizeof text, "%.470s%s It was tried %lld times.", f->text,
			ends_sentence(f->text) ? "" : ".", (long long)failures);
	if (db_exec(db, "UPDATE jobs SET status='failed', failures=?, lease_until=NULL, error=?, "
		"error_code=?, completed_at=UTC_TIMESTAMP(6) WHERE " HELD, a, NELEM(a), e) < 0)
		return -1;
	return quotas_give_back(db, c->job, e) ||
		counters_move(db, counted, JOB_PROCESSING, JOB_FAILED, 0, e) ||
		counters_failed(db, c->job, e) ? -1 : 0;
}

/* Exponential, and between half and all of it at random, so that what failed together does not come
 * back together. */
static int64_t
backoff_ms(uint32_t base_ms, int64_t failures)
{
	int64_t full = (int64_t)base_ms << (failures < 16 ? failures - 1 : 15);

	return full / 2 + (int64_t)(random_u32() % (uint64_t)(full / 2 + 1));
}

static int
end_badly(struct db *db, void *ctx, struct err *e)
{
	struct failure *f = ctx;
	struct counted counted;
	int64_t failures = 0;
	int held = lock_held(db, f->claim, &failures, &counted, e);

	f->done = held == 1;
	if (held <= 0) return held;
	if (forget_progress(db, f->claim, e)) return -1;
	if (!f->how) return requeue(db, f->claim, &counted, failures, 0, e);
	failures++;
	if (f->how->final || failures >= f->how->max_attempts)
		return fail_for_good(db, f->claim, &counted, f->how, failures, e);
	return requeue(db, f->claim, &counted, failures,
		backoff_ms(f->how->backoff_ms, failures), e);
}

int
claims_fail(struct db *db, const struct claim *c, const struct claim_failure *f, struct err *e)
{
	struct failure x = { .claim = c, .how = f };

	return db_transaction(db, end_badly, &x, e) == DB_TX_DONE ? x.done : -1;
}

int
claims_release(struct db *db, const struct claim *c, struct err *e)
{
	struct failure x = { .claim = c };

	return db_transaction(db, end_badly, &x, e) == DB_TX_DONE ? x.done : -1;
}

/* Claims that a query finds (job, attempt, owner), at most max of them. */
static int
read_claims(struct db *db, const char *sql, const struct db_arg *a, size_t n_args,
	struct claim *out, int max, struct err *e)
{
	struct db_rows *r = db_query(db, sql, a, n_args, e);
	int n = 0, more = 0;

	if (!r) return -1;
	while (n < max && (more = db_next(r, e)) == 1)
		out[n++] = (struct claim){ .job = db_col_uuid(r, 0),
			.attempt = (uint32_t)db_col_int(r, 1), .owner = db_col_uuid(r, 2) };
	db_rows_free(r);
	return more < 0 ? -1 : n;
}

int
claims_of(struct db *db, struct uuid owner, struct claim *out, int max, struct err *e)
{
	struct db_arg a[] = { DB_UUID(owner), DB_INT(max) };

	return read_claims(db, "SELECT id, attempt, owner FROM jobs WHERE owner=? AND "
		"status='processing' LIMIT ?", a, NELEM(a), out, max, e);
}

int
claims_expire(struct db *db, uint32_t grace_ms, const struct claim_failure *f, struct err *e)
{
	struct claim found[MAX_TAKEN_BACK];
	struct db_arg a[] = { DB_INT((int64_t)grace_ms * 1000), DB_INT(MAX_TAKEN_BACK) };
	int done = 0, n = read_claims(db, "SELECT id, attempt, owner FROM jobs WHERE "
		"status='processing' AND lease_until < UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND "
		"LIMIT ?", a, NELEM(a), found, MAX_TAKEN_BACK, e);

	for (int i = 0; i < n; i++) {
		int rc = claims_fail(db, &found[i], f, e);

		if (rc < 0) return -1;
		done += rc;
	}
	return n < 0 ? -1 : done;
}

int
claims_sweep_progress(struct db *db, struct err *e)
{
	/* Old enough that its owner would have said more, or is about to end it. */
	return (int)db_exec(db, "DELETE p FROM progress p LEFT JOIN jobs j ON j.id=p.job_id AND "
		"j.attempt=p.attempt AND j.status='processing' WHERE j.id IS NULL AND "
		"p.updated_at < UTC_TIMESTAMP(6) - INTERVAL 5 SECOND", NULL, 0, e);
}

void
claims_work_free(struct claim_work *w)
{
	free(w->prompt_text);
	free(w->attributes);
	free(w->model);
	free(w->format);
	free(w->params);
	free(w->adapter);
	free(w->adapter_key);
	*w = (struct claim_work){0};
}
