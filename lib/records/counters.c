#include "records/counters.h"

#include "base/err.h"
#include "db/db.h"

/* More than the writers that meet at one moment on a small host, few enough to be summed for
 * nothing. */
enum { SHARDS = 8 };

static int
shard_of(struct uuid job)
{
	return job.b[15] % SHARDS;
}

int
counters_move(struct db *db, struct uuid job, enum job_status from, enum job_status to,
	struct err *e)
{
	static const char one[] = "INSERT INTO job_counts (shard, status, n) VALUES (?,?,?) ON "
		"DUPLICATE KEY UPDATE n=n+VALUES(n)";
	static const char two[] = "INSERT INTO job_counts (shard, status, n) VALUES "
		"(?,?,?),(?,?,?) ON DUPLICATE KEY UPDATE n=n+VALUES(n)";
	/* Lower status first, whichever way the job goes: two transactions then lock in one order.
	 * */
	enum job_status a = from < to ? from : to, b = from < to ? to : from;
	struct db_arg args[] = {
		DB_INT(shard_of(job)), DB_TEXT(job_status_names[a]), DB_INT(a == from ? -1 : 1),
		DB_INT(shard_of(job)), DB_TEXT(b == JOB_STATUSES ? "" : job_status_names[b]),
		DB_INT(b == from ? -1 : 1),
	};

	return db_exec(db, b == JOB_STATUSES ? one : two, args, b == JOB_STATUSES ? 3 : 6,
		e) < 0 ? -1 : 0;
}

int
counters_done(struct db *db, struct uuid job, int64_t wait_ms, int64_t processing_ms,
	int64_t audio_ms, struct err *e)
{
	struct db_arg a[] = { DB_INT(shard_of(job)), DB_INT(wait_ms), DB_INT(processing_ms),
		DB_INT(audio_ms) };

	return db_exec(db, "INSERT INTO job_hours (hour, shard, done, wait_ms, processing_ms, "
		"audio_ms) VALUES (DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%d %H:00:00'),?,1,?,?,?) ON "
		"DUPLICATE KEY UPDATE done=done+1, wait_ms=wait_ms+VALUES(wait_ms), "
		"processing_ms=processing_ms+VALUES(processing_ms), "
		"audio_ms=audio_ms+VALUES(audio_ms)", a, NELEM(a), e) < 0 ? -1 : 0;
}

/* n[status] := the second column of rows (status as a number from 1, n). */
static int
read_counts(struct db *db, const char *sql, int64_t n[JOB_STATUSES], struct err *e)
{
	struct db_rows *r = db_query(db, sql, NULL, 0, e);
	int more;

	for (int i = 0; i < JOB_STATUSES; i++) n[i] = 0;
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1) {
		int64_t s = db_col_int(r, 0) - 1;

		if (s >= 0 && s < JOB_STATUSES) n[s] = db_col_int(r, 1);
	}
	db_rows_free(r);
	return more;
}

int
counters_read(struct db *db, int64_t n[JOB_STATUSES], struct err *e)
{
	return read_counts(db, "SELECT status+0, CAST(SUM(n) AS SIGNED) FROM job_counts GROUP BY "
		"status", n, e);
}

struct audit {
	bool repair;
	int wrong;
};

static int
audit(struct db *db, void *ctx, struct err *e)
{
	struct audit *a = ctx;
	int64_t missing[JOB_STATUSES];

	/* One statement sees both sides at one moment, and what they differ by stays the same while
	 * jobs go on. The lock is against another audit that repairs. */
	a->wrong = 0;
	if (db_exec(db, "UPDATE job_counts SET n=n", NULL, 0, e) < 0) return -1;
	if (read_counts(db, "SELECT s, CAST(SUM(n) AS SIGNED) FROM (SELECT status+0 AS s, COUNT(*) "
		"AS n FROM jobs GROUP BY status "
			"UNION ALL SELECT status+0, -n FROM job_counts) sides GROUP BY s", missing,
			e))
		return -1;
	for (int s = 0; s < JOB_STATUSES; s++) {
		struct db_arg fix[] = { DB_TEXT(job_status_names[s]), DB_INT(missing[s]) };

		if (!missing[s]) continue;
		a->wrong++;
		if (a->repair && db_exec(db, "INSERT INTO job_counts (shard, status, n) VALUES "
			"(0,?,?) ON DUPLICATE KEY UPDATE "
				"n=n+VALUES(n)", fix, NELEM(fix), e) < 0)
			return -1;
	}
	return 0;
}

int
counters_audit(struct db *db, bool repair, int *wrong, struct err *e)
{
	struct audit a = { .repair = repair };
	int rc = db_transaction(db, audit, &a, e);

	*wrong = a.wrong;
	return rc ? -1 : 0;
}
