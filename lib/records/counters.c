#include "records/counters.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"
#include "records/rows.h"

/* SHARDS: more than the writers that meet at one moment on a small host, few enough to be summed
 * for nothing. */
enum { SHARDS = 8, MAX_CHANGES = 2 };

/* What happens to one status. */
struct change {
	enum job_status status;
	int n, samples;
};

static int
shard_of(struct uuid job)
{
	return job.b[15] % SHARDS;
}

struct uuid
counters_beside(struct uuid other)
{
	struct uuid id = uuid_new();

	id.b[15] = other.b[15];
	return id;
}

struct counted
counted_read(struct uuid job, const struct db_rows *r, unsigned col)
{
	struct counted c = { .job = job };

	for (unsigned i = 0; i < COUNTED_SUBJECTS; i++) c.subjects[i] = db_col_uuid(r, col + i);
	return c;
}

static int
change_counts(struct db *db, struct uuid job, const struct change *c, size_t n, struct err *e)
{
	static const char *const sql[MAX_CHANGES] = {
		"INSERT INTO job_counts (shard, status, n, samples, ever) VALUES (?,?,?,?,?) ON "
			"DUPLICATE KEY UPDATE n=n+VALUES(n), samples=samples+VALUES(samples), "
			"ever=ever+VALUES(ever)",
		"INSERT INTO job_counts (shard, status, n, samples, ever) VALUES (?,?,?,?,?),"
			"(?,?,?,?,?) ON DUPLICATE KEY UPDATE n=n+VALUES(n), "
			"samples=samples+VALUES(samples), ever=ever+VALUES(ever)",
	};
	struct db_arg args[5 * MAX_CHANGES];

	for (size_t i = 0; i < n; i++) {
		args[5 * i] = (struct db_arg)DB_INT(shard_of(job));
		args[5 * i + 1] = (struct db_arg)DB_TEXT(job_status_names[c[i].status]);
		args[5 * i + 2] = (struct db_arg)DB_INT(c[i].n);
		args[5 * i + 3] = (struct db_arg)DB_INT(c[i].samples);
		args[5 * i + 4] = (struct db_arg)DB_INT(c[i].n > 0 ? c[i].n : 0);
	}
	return db_exec(db, sql[n - 1], args, 5 * n, e) < 0 ? -1 : 0;
}

/* A new job, which is also one of today's. */
static int
count_new(struct db *db, struct uuid job, enum job_status status, struct err *e)
{
	struct db_arg a[] = { DB_INT(shard_of(job)), DB_TEXT(job_status_names[status]) };

	return db_exec(db, "INSERT INTO job_counts (shard, status, n, ever, day, submitted) "
		"VALUES (?,?,1,1,UTC_DATE(),1) ON DUPLICATE KEY UPDATE n=n+1, ever=ever+1, "
		"submitted=IF(day=VALUES(day), submitted, 0)+1, day=VALUES(day)", a, NELEM(a),
		e) < 0 ? -1 : 0;
}

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(((const struct uuid *)a)->b, ((const struct uuid *)b)->b, 16);
}

/* One statement for all subjects, whose rows it locks in the order of their keys. */
static int
change_tallies(struct db *db, const struct counted *c, const struct change *changes, size_t n,
	struct err *e)
{
	struct uuid subjects[COUNTED_SUBJECTS];
	struct db_arg args[5 * COUNTED_SUBJECTS * MAX_CHANGES];
	struct buf sql = {0};
	size_t known = 0, k = 0;
	int rc;

	for (size_t i = 0; i < COUNTED_SUBJECTS; i++)
		if (!uuid_is_nil(c->subjects[i])) subjects[known++] = c->subjects[i];
	if (!known) return 0;
	qsort(subjects, known, sizeof *subjects, by_bytes);
	buf_adds(&sql, "INSERT INTO job_tallies (subject, shard, status, n, samples) VALUES ");
	for (size_t i = 0; i < known * n; i++) {
		const struct change *one = &changes[i % n];

		args[k++] = (struct db_arg)DB_UUID(subjects[i / n]);
		args[k++] = (struct db_arg)DB_INT(shard_of(c->job));
		args[k++] = (struct db_arg)DB_TEXT(job_status_names[one->status]);
		args[k++] = (struct db_arg)DB_INT(one->n);
		args[k++] = (struct db_arg)DB_INT(one->samples);
		buf_adds(&sql, i ? ",(?,?,?,?,?)" : "(?,?,?,?,?)");
	}
	buf_adds(&sql, " ON DUPLICATE KEY UPDATE n=n+VALUES(n), samples=samples+VALUES(samples)");
	rc = db_exec(db, buf_str(&sql), args, k, e) < 0 ? -1 : 0;
	buf_free(&sql);
	return rc;
}

int
counters_move(struct db *db, const struct counted *c, enum job_status from, enum job_status to,
	int samples, struct err *e)
{
	struct change changes[MAX_CHANGES];
	size_t n = 0;

	/* Lower status first, whichever way the job goes: two transactions then lock in one order. */
	for (enum job_status s = 0; s < JOB_STATUSES; s++)
		if (s == from || s == to)
			changes[n++] = (struct change){ s, s == to ? 1 : -1,
				s == JOB_COMPLETED ? samples : 0 };
	if (from == JOB_STATUSES ? count_new(db, c->job, to, e)
		: change_counts(db, c->job, changes, n, e))
		return -1;
	return change_tallies(db, c, changes, n, e);
}

int
counters_samples(struct db *db, const struct counted *c, int samples, struct err *e)
{
	struct change one = { JOB_COMPLETED, 0, samples };

	return change_counts(db, c->job, &one, 1, e) || change_tallies(db, c, &one, 1, e) ? -1 : 0;
}

/* The start of the period in which a time lies. */
#define PERIOD_OF(time) "FROM_UNIXTIME(UNIX_TIMESTAMP(" time ") DIV 300 * 300)"

int
counters_done(struct db *db, struct uuid job, int64_t wait_ms, int64_t processing_ms,
	int64_t audio_ms, struct err *e)
{
	struct db_arg a[] = { DB_INT(shard_of(job)), DB_INT(wait_ms), DB_INT(processing_ms),
		DB_INT(audio_ms) };
	struct db_arg ever[] = { DB_INT(processing_ms), DB_INT(audio_ms), DB_INT(shard_of(job)) };

	if (db_exec(db, "UPDATE job_counts SET processing_ms=processing_ms+?, audio_ms=audio_ms+? "
		"WHERE shard=? AND status='completed'", ever, NELEM(ever), e) < 0)
		return -1;
	return db_exec(db, "INSERT INTO job_periods (start, shard, done, wait_ms, processing_ms, "
		"audio_ms) VALUES (" PERIOD_OF("UTC_TIMESTAMP()") ",?,1,?,?,?) ON "
		"DUPLICATE KEY UPDATE done=done+1, wait_ms=wait_ms+VALUES(wait_ms), "
		"processing_ms=processing_ms+VALUES(processing_ms), "
		"audio_ms=audio_ms+VALUES(audio_ms)", a, NELEM(a), e) < 0 ? -1 : 0;
}

int
counters_failed(struct db *db, struct uuid job, struct err *e)
{
	struct db_arg a[] = { DB_INT(shard_of(job)), DB_UUID(job) };

	/* By the time of the row, which an audit goes by. */
	return db_exec(db, "INSERT INTO job_periods (start, shard, done, wait_ms, processing_ms, "
		"audio_ms, failed) SELECT " PERIOD_OF("completed_at") ", ?, 0, 0, 0, 0, 1 FROM "
		"jobs WHERE id=? ON DUPLICATE KEY UPDATE failed=job_periods.failed+1", a, NELEM(a),
		e) < 0 ? -1 : 0;
}

int64_t
tally_total(const struct tally *t)
{
	int64_t sum = 0;

	for (int s = 0; s < JOB_STATUSES; s++) sum += t->n[s];
	return sum;
}

/* A status as a number from 1, n and samples, from column col on. */
static void
add_to_tally(const struct db_rows *r, unsigned col, struct tally *t)
{
	int64_t s = db_col_int(r, col) - 1;

	if (s < 0 || s >= JOB_STATUSES) return;
	t->n[s] += db_col_int(r, col + 1);
	t->samples += db_col_int(r, col + 2);
}

static int
read_tally(struct db *db, const char *sql, struct tally *out, struct err *e)
{
	struct db_rows *r = db_query(db, sql, NULL, 0, e);
	int more;

	*out = (struct tally){0};
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1) add_to_tally(r, 0, out);
	db_rows_free(r);
	return more;
}

int
counters_read(struct db *db, struct tally *out, struct err *e)
{
	return read_tally(db, "SELECT status+0, CAST(SUM(n) AS SIGNED), CAST(SUM(samples) AS "
		"SIGNED) FROM job_counts GROUP BY status", out, e);
}

int
counters_base_model(struct db *db, struct tally *out, struct err *e)
{
	/* Each job either has an adapter, which has a tally, or is one of these. */
	return read_tally(db, "SELECT s, CAST(SUM(n) AS SIGNED), 0 FROM (SELECT status+0 AS s, n "
		"FROM job_counts UNION ALL SELECT t.status+0, -t.n FROM adapters a JOIN "
		"job_tallies t ON t.subject=a.id) sides GROUP BY s", out, e);
}

int
counters_ever(struct db *db, struct ever *out, struct err *e)
{
	struct db_rows *r = db_query(db, "SELECT status+0, CAST(SUM(ever) AS SIGNED), "
		"CAST(SUM(processing_ms) AS SIGNED), CAST(SUM(audio_ms) AS SIGNED) FROM job_counts "
		"GROUP BY status", NULL, 0, e);
	int more;

	*out = (struct ever){0};
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1) {
		int64_t s = db_col_int(r, 0) - 1;

		if (s < 0 || s >= JOB_STATUSES) continue;
		out->n[s] = db_col_int(r, 1);
		out->processing_ms += db_col_int(r, 2);
		out->audio_ms += db_col_int(r, 3);
	}
	db_rows_free(r);
	return more;
}

int
tallies_read(struct db *db, const struct uuid *subjects, size_t n, struct tally *out,
	struct err *e)
{
	struct db_arg args[ROWS_IN];
	struct buf sql = {0};
	struct db_rows *r;
	size_t k;
	int more;

	for (size_t i = 0; i < n; i++) out[i] = (struct tally){0};
	if (!n) return 0;
	buf_adds(&sql, "SELECT subject, status+0, CAST(SUM(n) AS SIGNED), CAST(SUM(samples) AS "
		"SIGNED) FROM job_tallies WHERE subject IN ");
	k = rows_in(&sql, args, subjects, n);
	buf_adds(&sql, " GROUP BY subject, status");
	r = db_query(db, buf_str(&sql), args, k, e);
	buf_free(&sql);
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1)
		for (size_t i = 0; i < n; i++)
			if (uuid_eq(subjects[i], db_col_uuid(r, 0))) add_to_tally(r, 1, &out[i]);
	db_rows_free(r);
	return more;
}

struct audit {
	bool repair;
	int wrong;
};

/* In these two, one statement sees both sides at one moment, and what they differ by stays the same
 * while jobs go on. */
static int
audit_counts(struct db *db, struct audit *a, struct err *e)
{
	struct db_rows *r = db_query(db, "SELECT s, CAST(SUM(n) AS SIGNED), CAST(SUM(samples) AS "
		"SIGNED) FROM (SELECT status+0 AS s, COUNT(*) AS n, 0 AS samples FROM jobs GROUP "
		"BY status UNION ALL SELECT 3, 0, COUNT(*) FROM samples UNION ALL SELECT status+0, "
		"-n, -samples FROM job_counts) sides GROUP BY s HAVING SUM(n)<>0 OR "
		"SUM(samples)<>0", NULL, 0, e);
	int more, rc = 0;

	if (!r) return -1;
	while (!rc && (more = db_next(r, e)) == 1) {
		struct db_arg fix[] = { DB_INT(db_col_int(r, 0)), DB_INT(db_col_int(r, 1)),
			DB_INT(db_col_int(r, 2)) };

		a->wrong++;
		if (a->repair && db_exec(db, "INSERT INTO job_counts (shard, status, n, samples) "
			"VALUES (0,?,?,?) ON DUPLICATE KEY UPDATE n=n+VALUES(n), "
			"samples=samples+VALUES(samples)", fix, NELEM(fix), e) < 0)
			rc = -1;
	}
	db_rows_free(r);
	return rc ? rc : more;
}

/* How jobs look from one of their subjects. */
#define TALLIED(column) \
	"SELECT " column " AS subject, status+0 AS s, COUNT(*) AS n, " \
	"SUM(COALESCE(LENGTH(sample_ids), 0) DIV 16) AS samples FROM jobs WHERE " column \
	" IS NOT NULL GROUP BY " column ", status"

static int
audit_tallies(struct db *db, struct audit *a, struct err *e)
{
	struct db_rows *r = db_query(db, "SELECT subject, s, CAST(SUM(n) AS SIGNED), "
		"CAST(SUM(samples) AS SIGNED) FROM (" TALLIED("adapter_id") " UNION ALL "
		TALLIED("experiment_id") " UNION ALL " TALLIED("ab_test_id") " UNION ALL "
		TALLIED("user_id") " UNION ALL SELECT "
		"subject, status+0, -n, -samples FROM job_tallies) sides GROUP BY subject, s "
		"HAVING SUM(n)<>0 OR SUM(samples)<>0", NULL, 0, e);
	int more, rc = 0;

	if (!r) return -1;
	while (!rc && (more = db_next(r, e)) == 1) {
		struct db_arg fix[] = { DB_UUID(db_col_uuid(r, 0)), DB_INT(db_col_int(r, 1)),
			DB_INT(db_col_int(r, 2)), DB_INT(db_col_int(r, 3)) };

		a->wrong++;
		if (a->repair && db_exec(db, "INSERT INTO job_tallies (subject, shard, status, n, "
			"samples) VALUES (?,0,?,?,?) ON DUPLICATE KEY UPDATE n=n+VALUES(n), "
			"samples=samples+VALUES(samples)", fix, NELEM(fix), e) < 0)
			rc = -1;
	}
	db_rows_free(r);
	return rc ? rc : more;
}

static int
audit_failures(struct db *db, struct audit *a, struct err *e)
{
	struct db_rows *r = db_query(db, "SELECT CAST(UNIX_TIMESTAMP(start) AS SIGNED), "
		"CAST(SUM(n) AS SIGNED) "
		"FROM (SELECT " PERIOD_OF("completed_at") " AS start, COUNT(*) AS n FROM jobs "
		"WHERE status='failed' AND completed_at IS NOT NULL GROUP BY 1 UNION ALL SELECT "
		"start, -failed FROM job_periods) sides GROUP BY start HAVING SUM(n)>0", NULL, 0,
		e);
	int more, rc = 0;

	if (!r) return -1;
	while (!rc && (more = db_next(r, e)) == 1) {
		struct db_arg fix[] = { DB_INT(db_col_int(r, 0)), DB_INT(db_col_int(r, 1)) };

		a->wrong++;
		if (a->repair && db_exec(db, "INSERT INTO job_periods (start, shard, done, "
			"wait_ms, processing_ms, audio_ms, failed) VALUES (FROM_UNIXTIME(?),0,0,0,"
			"0,0,?) ON DUPLICATE KEY UPDATE failed=failed+VALUES(failed)", fix,
			NELEM(fix), e) < 0)
			rc = -1;
	}
	db_rows_free(r);
	return rc ? rc : more;
}

static int
audit(struct db *db, void *ctx, struct err *e)
{
	struct audit *a = ctx;

	a->wrong = 0;
	/* The lock is against another audit that repairs. */
	if (db_exec(db, "UPDATE job_counts SET n=n", NULL, 0, e) < 0) return -1;
	return audit_counts(db, a, e) || audit_tallies(db, a, e) || audit_failures(db, a, e) ? -1
		: 0;
}

int
counters_audit(struct db *db, bool repair, int *wrong, struct err *e)
{
	struct audit a = { .repair = repair };
	int rc = db_transaction(db, audit, &a, e);

	*wrong = a.wrong;
	return rc ? -1 : 0;
}
