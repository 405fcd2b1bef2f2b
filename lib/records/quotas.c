#include "records/quotas.h"

#include "base/err.h"
#include "db/db.h"
#include "records/rows.h"

enum { QUEUE_WAIT_S = 30 };

struct standing {
	struct quota own;		/* -1: as usual */
	int64_t jobs, audio_ms, to_midnight_s;
};

static void
read_standing(const struct db_rows *r, void *out)
{
	*(struct standing *)out = (struct standing){ { db_col_null(r, 0) ? -1 : db_col_int(r, 0),
		db_col_null(r, 1) ? -1 : db_col_int(r, 1) }, db_col_int(r, 2), db_col_int(r, 3),
		db_col_int(r, 4) };
}

/* *out, and for how long today's lasts. */
static int
read_use(struct db *db, struct uuid user, const struct quota *usual, struct quota_use *out,
	int64_t *to_midnight_s, struct err *e)
{
	struct db_arg a[] = { DB_UUID(user) };
	struct standing s = {0};

	*out = (struct quota_use){0};
	if (rows_found(rows_first(db, "SELECT u.max_queued_jobs, u.max_audio_seconds_per_day, "
		"(SELECT CAST(SUM(t.n) AS SIGNED) FROM job_tallies t WHERE t.subject=u.id AND "
		"t.status IN ('queued','processing')), (SELECT d.audio_ms FROM user_days d WHERE "
		"d.user_id=u.id AND d.day=UTC_DATE()), 86400-TIME_TO_SEC(UTC_TIME()) FROM users u "
		"WHERE u.id=?", a, NELEM(a), read_standing, &s, e), "user", user, e))
		return -1;
	out->limit.queued_jobs = s.own.queued_jobs < 0 ? usual->queued_jobs : s.own.queued_jobs;
	out->limit.audio_s = s.own.audio_s < 0 ? usual->audio_s : s.own.audio_s;
	out->queued_jobs = s.jobs;
	out->audio_ms = s.audio_ms;
	*to_midnight_s = s.to_midnight_s;
	return 0;
}

int
quotas_read(struct db *db, struct uuid user, const struct quota *usual, struct quota_use *out,
	struct err *e)
{
	int64_t ignored;

	return read_use(db, user, usual, out, &ignored, e);
}

static int
refuse(const struct quota_use *u, int64_t audio_ms, int64_t to_midnight_s, struct err *e)
{
	int64_t left_s = u->limit.audio_s - (u->audio_ms - audio_ms + 999) / 1000;

	if (u->limit.queued_jobs && u->queued_jobs >= u->limit.queued_jobs)
		return err_busy(e, QUEUE_WAIT_S, "%lld of your jobs wait or run, and that is the "
			"limit; try again when one has ended.", (long long)u->queued_jobs);
	if (!u->limit.audio_s || u->audio_ms <= u->limit.audio_s * 1000) return 0;
	return err_busy(e, (int)to_midnight_s, "You can ask for %lld seconds of music a day; %lld "
		"are left until midnight (UTC), and this takes %lld.", (long long)u->limit.audio_s,
		(long long)(left_s < 0 ? 0 : left_s), (long long)(audio_ms + 999) / 1000);
}

/* Counted first and looked at afterwards: one statement locks and counts, and the next one sees
 * what was there before the lock. */
int
quotas_charge(struct db *db, struct uuid user, const struct quota *usual, int64_t audio_ms,
	struct err *e)
{
	struct db_arg count[] = { DB_INT(audio_ms), DB_UUID(user) };
	struct quota_use u;
	int64_t to_midnight_s;
	struct err why;
	long n = db_exec(db, "INSERT INTO user_days (user_id, day, audio_ms) SELECT id, "
		"UTC_DATE(), ? FROM users WHERE id=? FOR UPDATE ON DUPLICATE KEY UPDATE "
		"audio_ms=user_days.audio_ms+VALUES(audio_ms)", count, NELEM(count), e);

	if (rows_found(n, "user", user, e) || read_use(db, user, usual, &u, &to_midnight_s, e))
		return -1;
	if (!refuse(&u, audio_ms, to_midnight_s, &why)) return 0;
	if (db_exec(db, "UPDATE user_days SET audio_ms=audio_ms-? WHERE user_id=? ORDER BY day "
		"DESC LIMIT 1", count, NELEM(count), e) < 0)
		return -1;
	*e = why;
	return -1;
}

int
quotas_give_back(struct db *db, struct uuid job, struct err *e)
{
	struct db_arg a[] = { DB_UUID(job) };

	return db_exec(db, "UPDATE user_days d JOIN jobs j ON j.user_id=d.user_id AND "
		"d.day=DATE(j.created_at) SET d.audio_ms=GREATEST(d.audio_ms-CAST(j.asked_ms AS "
		"SIGNED),0) WHERE j.id=? AND j.user_id IS NOT NULL", a, NELEM(a), e) < 0 ? -1 : 0;
}
