#include "records/abpairs.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"
#include "records/absql.h"
#include "records/abtests.h"
#include "records/rows.h"

const char *const abpair_status_names[ABPAIR_STATUSES + 1] = {
	[ABPAIR_PENDING] = "pending",
	[ABPAIR_GENERATING] = "generating",
	[ABPAIR_FAILED] = "failed",
	[ABPAIR_READY] = "ready",
	[ABPAIR_COMPLETED] = "completed",
	[ABPAIR_STATUSES] = NULL,
};

int
abpairs_flush(struct db *db, struct abpairs_adder *a, struct err *e)
{
	struct db_arg args[5 * ABPAIRS_AT_ONCE];
	struct buf sql = {0};
	unsigned first = a->position - (unsigned)a->n;
	int rc;

	if (!a->n) return 0;
	buf_adds(&sql, "INSERT INTO ab_pairs (id, test_id, position, prompt_id, seed) VALUES ");
	for (unsigned i = 0; i < a->n; i++) {
		struct db_arg *row = args + 5 * i;

		row[0] = (struct db_arg)DB_UUID(uuid_new());
		row[1] = (struct db_arg)DB_UUID(a->test);
		row[2] = (struct db_arg)DB_INT(first + i);
		row[3] = (struct db_arg)DB_UUID(a->prompts[i]);
		row[4] = (struct db_arg)DB_INT((uint32_t)(a->seed + first + i));
		buf_adds(&sql, i ? ",(?,?,?,?,?)" : "(?,?,?,?,?)");
	}
	rc = db_exec(db, buf_str(&sql), args, 5 * a->n, e) < 0 ? -1 : 0;
	buf_free(&sql);
	a->n = 0;
	return rc;
}

int
abpairs_add(struct db *db, struct abpairs_adder *a, struct uuid prompt, struct err *e)
{
	a->prompts[a->n++] = prompt;
	a->position++;
	return a->n < ABPAIRS_AT_ONCE ? 0 : abpairs_flush(db, a, e);
}

/* How an arm stands, from the status of its job (from 1; 0: none) and whether there is a sample. */
static enum abpair_status
arm_status(int64_t job, bool sample)
{
	if (sample) return ABPAIR_READY;
	switch (job - 1) {
	case JOB_QUEUED:
	case JOB_PROCESSING: return ABPAIR_GENERATING;
	case JOB_FAILED:
	case JOB_CANCELLED: return ABPAIR_FAILED;
	default: return ABPAIR_PENDING;
	}
}

/* A pair is as far as the arm that is behind; a failure is shown before anything else. */
static enum abpair_status
pair_status(enum abpair_status a, enum abpair_status b, bool voted)
{
	enum abpair_status least = a < b ? a : b;

	if (a == ABPAIR_FAILED || b == ABPAIR_FAILED) return ABPAIR_FAILED;
	return least == ABPAIR_READY && voted ? ABPAIR_COMPLETED : least;
}

#define COLUMNS \
	"SELECT p.id, p.prompt_id, q.text, p.seed, ja.id, jb.id, sa.id, sb.id, ja.status+0, " \
	"jb.status+0, EXISTS (SELECT 1 FROM ab_votes w WHERE w.pair_id=p.id), v.preference+0, " \
	"v.updated_at FROM ab_pairs p JOIN prompts q ON q.id=p.prompt_id" AB_ARMS \
	"LEFT JOIN ab_votes v ON v.pair_id=p.id AND v.listener_id=? WHERE p.test_id=? "

static void
read_row(const struct db_rows *r, void *out)
{
	struct abpair *p = out;
	enum abpair_status arms[ABTEST_ARMS];

	*p = (struct abpair){ .id = db_col_uuid(r, 0), .prompt_id = db_col_uuid(r, 1),
		.prompt_text = rows_text(r, 2), .seed = (uint32_t)db_col_int(r, 3),
		.preference = (int)db_col_int(r, 11) - 1, .voted_at = db_col_int(r, 12) };
	for (unsigned i = 0; i < ABTEST_ARMS; i++) {
		p->job_id[i] = db_col_uuid(r, 4 + i);
		p->audio_id[i] = db_col_uuid(r, 6 + i);
		arms[i] = arm_status(db_col_int(r, 8 + i), !db_col_null(r, 6 + i));
	}
	p->status = pair_status(arms[ABTEST_A], arms[ABTEST_B], db_col_int(r, 10) != 0);
}

int
abtests_pairs(struct db *db, struct uuid test, struct uuid listener, struct abpair_list *out,
	struct err *e)
{
	enum { MOST = ABTEST_MAX_PROMPTS * ABTEST_MAX_SAMPLES };
	struct db_arg a[] = { DB_UUID(listener), DB_UUID(test) };

	return ROWS_LIST(out, MOST, db_query(db, COLUMNS "ORDER BY p.position", a, NELEM(a), e),
		read_row, e) < 0 ? -1 : 0;
}

int
abtests_pair(struct db *db, struct uuid test, struct uuid pair, struct uuid listener,
	struct abpair *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(listener), DB_UUID(test), DB_UUID(pair) };
	int there = rows_first(db, COLUMNS "AND p.id=?", a, NELEM(a), read_row, out, e);

	if (there < 0) return -1;
	return there ? 0 : err_set(e, ERR_NOT_FOUND, "There is no pair %s in the A/B test %s.",
		UUID_STR(pair), UUID_STR(test));
}

void
abpair_free(struct abpair *p)
{
	free(p->prompt_text);
	*p = (struct abpair){0};
}

void
abpairs_free(struct abpair_list *l)
{
	ROWS_FREE(l, abpair_free);
}

int
abpairs_retry(struct db *db, struct uuid test, struct uuid old, struct uuid job, struct err *e)
{
	struct db_arg lock[] = { DB_UUID(test) }, a[] = { DB_UUID(job), DB_UUID(old) };
	int64_t there;
	long n, m;

	/* The test first, as abtests_generate() does it. */
	if (db_one_int(db, "SELECT 1 FROM ab_tests WHERE id=? FOR UPDATE", lock, NELEM(lock), 0,
		&there, e))
		return -1;
	if ((n = db_exec(db, "UPDATE ab_pairs SET job_a_id=? WHERE job_a_id=?", a, NELEM(a), e)) < 0 ||
		(m = db_exec(db, "UPDATE ab_pairs SET job_b_id=? WHERE job_b_id=?", a, NELEM(a),
		e)) < 0)
		return -1;
	return n + m ? 0 : err_set(e, ERR_CONFLICT, "The A/B test of this job has generated that "
		"arm again already.");
}
