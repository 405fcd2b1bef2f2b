#include "records/jobstats.h"

#include "base/err.h"
#include "db/db.h"
#include "records/models.h"

/* The numbers of the only row of a query. */
static int
read_numbers(struct db *db, const char *sql, int64_t *const *out, unsigned n, struct err *e)
{
	struct db_rows *r = db_query(db, sql, NULL, 0, e);
	int more;

	if (!r) return -1;
	if ((more = db_next(r, e)) == 1)
		for (unsigned i = 0; i < n; i++) *out[i] = db_col_int(r, i);
	db_rows_free(r);
	return more < 0 ? -1 : 0;
}

#define SUM(x) "CAST(SUM(" x ") AS SIGNED)"

static int
read_spans(struct db *db, struct job_stats *s, struct err *e)
{
	int64_t *day[] = { &s->done_day, &s->wait_ms, &s->processing_ms, &s->audio_ms };

	return read_numbers(db, "SELECT " SUM("done") ", " SUM("wait_ms") ", "
		SUM("processing_ms") ", " SUM("audio_ms") " FROM job_periods WHERE start > "
		"UTC_TIMESTAMP() - INTERVAL 24 HOUR", day, NELEM(day), e) ||
		db_one_int(db, "SELECT " SUM("done") " FROM job_periods WHERE start > "
			"UTC_TIMESTAMP() - INTERVAL 1 HOUR", NULL, 0, 0, &s->done_hour, e) ? -1 : 0;
}

static int
read_workers(struct db *db, int64_t *workers, int64_t *busy, struct err *e)
{
	struct workers w;
	int rc = models_workers(db, &w, e);

	*workers = w.up;
	*busy = w.busy;
	return rc;
}

int
jobstats_read(struct db *db, struct job_stats *out, struct err *e)
{
	*out = (struct job_stats){0};
	return counters_read(db, &out->all, e) || db_one_int(db, "SELECT " SUM("submitted")
		" FROM job_counts WHERE day=UTC_DATE()", NULL, 0, 0, &out->submitted_today, e) ||
		read_spans(db, out, e) || read_workers(db, &out->workers, &out->busy, e) ? -1 : 0;
}

int
jobstats_pace(struct db *db, struct job_pace *out, struct err *e)
{
	int64_t *average[] = { &out->average_ms };

	*out = (struct job_pace){0};
	return read_numbers(db, "SELECT CAST(SUM(processing_ms)/SUM(done) AS SIGNED) FROM "
		"job_periods WHERE start > UTC_TIMESTAMP() - INTERVAL 24 HOUR", average, 1, e) ||
		read_workers(db, &out->workers, &out->busy, e) ? -1 : 0;
}
