#include "records/experiments.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/rows.h"

const char *const experiment_status_names[EXPERIMENT_STATUSES + 1] = {
	[EXPERIMENT_DRAFT] = "draft",
	[EXPERIMENT_RUNNING] = "running",
	[EXPERIMENT_COMPLETED] = "completed",
	[EXPERIMENT_FAILED] = "failed",
	[EXPERIMENT_ARCHIVED] = "archived",
	[EXPERIMENT_STATUSES] = NULL,
};

/* Sums of the tally of the experiment x. */
#define SUM_OF(what, more) \
	"(SELECT CAST(COALESCE(SUM(t." what "),0) AS SIGNED) FROM job_tallies t WHERE " \
	"t.subject=x.id" more ")"
#define JOBS(more) SUM_OF("n", more)

/* The rule of experiments.h. */
#define STATUS \
	"CASE WHEN x.archived_at IS NOT NULL THEN 'archived' " \
	"WHEN " JOBS(" AND t.status IN ('queued','processing')") ">0 THEN 'running' " \
	"WHEN " JOBS(" AND t.status='completed'") ">0 THEN 'completed' " \
	"WHEN " JOBS("") ">0 THEN 'failed' ELSE 'draft' END"

#define COLUMNS \
	"x.id, x.user_id, x.name, x.description, x.config, " STATUS ", " JOBS("") ", " \
	SUM_OF("samples", "") ", x.created_at, x.updated_at"

static void
read_row(const struct db_rows *r, void *out)
{
	struct experiment *x = out;

	*x = (struct experiment){ .id = db_col_uuid(r, 0), .user_id = db_col_uuid(r, 1),
		.name = rows_text(r, 2), .description = rows_text_or_null(r, 3),
		.config = rows_text_or_null(r, 4),
		.status = (enum experiment_status)str_index(db_col_text(r, 5),
			experiment_status_names),
		.job_count = db_col_int(r, 6), .sample_count = db_col_int(r, 7),
		.created_at = db_col_int(r, 8), .updated_at = db_col_int(r, 9) };
}

int
experiments_create(struct db *db, struct uuid user, const struct experiment_change *c,
	struct uuid *id, struct err *e)
{
	struct uuid fresh = uuid_new();
	struct db_arg a[] = { DB_UUID(fresh), DB_TEXT(c->name), DB_TEXT_OR_NULL(c->description),
		DB_TEXT_OR_NULL(c->config), DB_UUID_OR_NULL(user) };

	if (db_exec(db, "INSERT INTO experiments (id, name, description, config, user_id, "
		"created_at, updated_at) VALUES (?,?,?,?,?,UTC_TIMESTAMP(6),created_at)", a,
		NELEM(a), e) < 0)
		return -1;
	*id = fresh;
	return 0;
}

int
experiments_get(struct db *db, struct uuid id, struct experiment *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };

	return rows_found(rows_first(db, "SELECT " COLUMNS " FROM experiments x WHERE x.id=?", a,
		NELEM(a), read_row, out, e), "experiment", id, e);
}

int
experiments_ratings(struct db *db, struct uuid id, int64_t *count, int64_t *sum, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };
	int64_t n[2];

	if (rows_numbers(db, "SELECT CAST(COALESCE(SUM(rating_count),0) AS SIGNED), "
		"CAST(COALESCE(SUM(rating_sum),0) AS SIGNED) FROM jobs WHERE experiment_id=?", a,
		NELEM(a), n, NELEM(n), e) < 0)
		return -1;
	*count = n[0];
	*sum = n[1];
	return 0;
}

int
experiments_list(struct db *db, const struct experiment_filter *f, uint32_t limit, uint32_t offset,
	struct experiment_list *out, struct err *e)
{
	/* An archived one has no other status, so that asking for one decides about the
	 * archived. */
#define CHOSEN "FROM experiments x WHERE (? OR x.archived_at IS NULL) AND (?='' OR " STATUS "=?)"
	const char *status = f->status < 0 ? "" : experiment_status_names[f->status];
	bool archived = f->status == EXPERIMENT_ARCHIVED || (f->status < 0 && f->include_archived);
	struct db_arg a[] = { DB_INT(archived), DB_TEXT(status), DB_TEXT(status), DB_INT(limit + 1),
		DB_INT(offset) };
	int more;

	*out = (struct experiment_list){0};
	if (rows_count(db, "SELECT 1 " CHOSEN, a, 3, &out->total, &out->total_is_capped, e))
		return -1;
	more = ROWS_LIST(out, limit, db_query(db, "SELECT " COLUMNS " FROM (SELECT x.id " CHOSEN
		" ORDER BY x.created_at DESC, x.id DESC LIMIT ? OFFSET ?) page JOIN experiments x "
		"ON x.id=page.id ORDER BY x.created_at DESC, x.id DESC", a, NELEM(a), e), read_row,
		e);
#undef CHOSEN
	out->has_more = more == 1;
	return more < 0 ? -1 : 0;
}

int
experiments_change(struct db *db, struct uuid id, const struct experiment_change *c, struct err *e)
{
	struct db_arg a[] = { DB_INT(c->name != NULL), DB_TEXT_OR_NULL(c->name),
		DB_INT(c->description != NULL), DB_TEXT_OR_NULL(c->description),
		DB_INT(c->config != NULL), DB_TEXT_OR_NULL(c->config), DB_UUID(id) };
	long n = db_exec(db, "UPDATE experiments SET name=IF(?,?,name), "
		"description=IF(?,?,description), config=IF(?,?,config), "
		"updated_at=UTC_TIMESTAMP(6) WHERE id=?", a, NELEM(a), e);

	return rows_found(n, "experiment", id, e);
}

int
experiments_archive(struct db *db, struct uuid id, bool archived, struct err *e)
{
	struct db_arg a[] = { DB_INT(archived), DB_INT(archived), DB_UUID(id) };
	/* updated_at first: assignments see what those before them made. */
	long n = db_exec(db, "UPDATE experiments SET "
		"updated_at=IF((archived_at IS NOT NULL)=?, updated_at, UTC_TIMESTAMP(6)), "
		"archived_at=IF(?, COALESCE(archived_at, UTC_TIMESTAMP(6)), NULL) WHERE id=?", a,
		NELEM(a), e);

	return rows_found(n, "experiment", id, e);
}

int
experiments_open(struct db *db, struct uuid id, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };
	struct db_rows *r = db_query(db, "SELECT name, archived_at IS NOT NULL FROM experiments "
		"WHERE id=? LOCK IN SHARE MODE", a, NELEM(a), e);
	int more, rc = 0;

	if (!r) return -1;
	if ((more = db_next(r, e)) == 1 && db_col_int(r, 1))
		rc = err_set(e, ERR_CONFLICT, "The experiment %s is archived and takes no new "
			"jobs; unarchive it first.", UUID_STR(id));
	db_rows_free(r);
	if (more < 0) return -1;
	return more ? rc : rows_found(0, "experiment", id, e);
}

void
experiments_free(struct experiment *x)
{
	free(x->name);
	free(x->description);
	free(x->config);
	*x = (struct experiment){0};
}

void
experiments_list_free(struct experiment_list *l)
{
	ROWS_FREE(l, experiments_free);
}
