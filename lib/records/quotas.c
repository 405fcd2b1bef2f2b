#include "records/quotas.h"

#include "base/err.h"
#include "db/db.h"
#include "records/counters.h"
#include "records/rows.h"

enum { QUEUE_WAIT_S = 30 };

struct limits {
	int64_t jobs, audio_s, to_midnight_s;
};

static void
read_limits(const struct db_rows *r, void *out)
{
	*(struct limits *)out = (struct limits){ db_col_null(r, 0) ? -1 : db_col_int(r, 0),
		db_col_null(r, 1) ? -1 : db_col_int(r, 1), db_col_int(r, 2) };
}

/* *out, and for how long today's lasts. */
static int
read_use(struct db *db, const char *sql, struct uuid user, const struct quota *usual,
	struct quota_use *out, int64_t *to_midnight_s, struct err *e)
{
	struct db_arg a[] = { DB_UUID(user) };
	struct limits l = {0};
	struct tally jobs;

	*out = (struct quota_use){0};
	if (rows_found(rows_first(db, sql, a, NELEM(a), read_limits, &l, e), "user", user, e) ||
		tallies_read(db, &user, 1, &jobs, e) || db_one_int(db, "SELECT audio_ms FROM "
		"user_days WHERE user_id=? AND day=UTC_DATE()", a, NELEM(a), 0, &out->audio_ms, e))
		return -1;
	out->limit.queued_jobs = l.jobs < 0 ? usual->queued_jobs : l.jobs;
	out->limit.audio_s = l.audio_s < 0 ? usual->audio_s : l.audio_s;
	out->queued_jobs = jobs.n[JOB_QUEUED] + jobs.n[JOB_PROCESSING];
	*to_midnight_s = l.to_midnight_s;
	return 0;
}

#define LIMITS \
	"SELECT max_queued_jobs, max_audio_seconds_per_day, 86400-TIME_TO_SEC(UTC_TIME()) FROM " \
	"users WHERE id=?"

int
quotas_read(struct db *db, struct uuid user, const struct quota *usual, struct quota_use *out,
	struct err *e)
{
	int64_t ignored;

	return read_use(db, LIMITS, user, usual, out, &ignored, e);
}

int
quotas_charge(struct db *db, struct uuid user, const struct quota *usual, int64_t audio_ms,
	struct err *e)
{
	struct db_arg a[] = { DB_UUID(user), DB_INT(audio_ms) };
	struct quota_use u;
	int64_t to_midnight_s;

	if (read_use(db, LIMITS " FOR UPDATE", user, usual, &u, &to_midnight_s, e)) return -1;
	if (u.limit.queued_jobs && u.queued_jobs >= u.limit.queued_jobs)
		return err_busy(e, QUEUE_WAIT_S, "%lld of your jobs wait or run, and that is the "
			"limit; try again when one has ended.", (long long)u.queued_jobs);
	if (u.limit.audio_s && u.audio_ms + audio_ms > u.limit.audio_s * 1000)
		return err_busy(e, (int)to_midnight_s, "You can ask for %lld seconds of music a "
			"day; %lld are left until midnight (UTC), and this takes %lld.",
			(long long)u.limit.audio_s,
			(long long)(u.limit.audio_s - u.audio_ms / 1000) < 0 ? 0
			: (long long)(u.limit.audio_s - (u.audio_ms + 999) / 1000),
			(long long)(audio_ms + 999) / 1000);
	return db_exec(db, "INSERT INTO user_days (user_id, day, audio_ms) VALUES (?,UTC_DATE(),?) "
		"ON DUPLICATE KEY UPDATE audio_ms=audio_ms+VALUES(audio_ms)", a, NELEM(a), e) < 0
		? -1 : 0;
}

int
quotas_give_back(struct db *db, struct uuid job, struct err *e)
{
	struct db_arg a[] = { DB_UUID(job) };

	return db_exec(db, "UPDATE user_days d JOIN jobs j ON j.user_id=d.user_id AND "
		"d.day=DATE(j.created_at) SET d.audio_ms=GREATEST(d.audio_ms-CAST(j.asked_ms AS "
		"SIGNED),0) WHERE j.id=? AND j.user_id IS NOT NULL", a, NELEM(a), e) < 0 ? -1 : 0;
}
