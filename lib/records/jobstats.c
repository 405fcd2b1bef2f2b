#include "records/jobstats.h"

#include "base/err.h"
#include "db/db.h"
#include "records/models.h"
#include "records/rows.h"

#define SUM(x) "CAST(SUM(" x ") AS SIGNED)"

static int
read_spans(struct db *db, struct job_stats *s, struct err *e)
{
	int64_t day[4];

	if (rows_numbers(db, "SELECT " SUM("done") ", " SUM("wait_ms") ", " SUM("processing_ms")
		", " SUM("audio_ms") " FROM job_periods WHERE start > UTC_TIMESTAMP() - INTERVAL "
		"24 HOUR", NULL, 0, day, NELEM(day), e) < 0)
		return -1;
	s->done_day = day[0];
	s->wait_ms = day[1];
	s->processing_ms = day[2];
	s->audio_ms = day[3];
	return db_one_int(db, "SELECT " SUM("done") " FROM job_periods WHERE start > "
		"UTC_TIMESTAMP() - INTERVAL 1 HOUR", NULL, 0, 0, &s->done_hour, e);
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

/* How long a piece of a history is: enough of them for a curve, no more than fit on one. */
static int
piece_s(unsigned hours)
{
	static const struct { unsigned hours; int piece_s; } scale[] = {
		{ 6, 300 }, { 24, 900 }, { 72, 3600 }, { JOB_HISTORY_HOURS, 10800 },
	};
	size_t i = 0;

	while (i < NELEM(scale) - 1 && hours > scale[i].hours) i++;
	return scale[i].piece_s;
}

int
jobstats_history(struct db *db, unsigned hours, struct job_history *out, struct err *e)
{
	int64_t s = piece_s(hours), now_s, first_s;
	struct db_rows *r;
	int more;

	*out = (struct job_history){ .piece_s = (int)s,
		.n = (size_t)((hours * 3600 + s - 1) / s) };
	if (out->n > NELEM(out->items)) return err_set(e, ERR_INTERNAL, "%u hours are too many",
		hours);
	if (db_one_int(db, "SELECT CAST(UNIX_TIMESTAMP() AS SIGNED)", NULL, 0, 0, &now_s, e))
		return -1;
	first_s = (now_s / s - (int64_t)out->n + 1) * s;
	for (size_t i = 0; i < out->n; i++)
		out->items[i].start_us = (first_s + (int64_t)i * s) * 1000000;
	struct db_arg a[] = { DB_INT(first_s), DB_INT(s), DB_INT(first_s) };

	r = db_query(db, "SELECT CAST((UNIX_TIMESTAMP(start) - ?) DIV ? AS SIGNED) AS piece, "
		SUM("done") ", " SUM("failed") ", " SUM("wait_ms") ", " SUM("processing_ms") ", "
		SUM("audio_ms") " FROM job_periods WHERE start>=FROM_UNIXTIME(?) GROUP BY piece",
		a, NELEM(a), e);
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1) {
		uint64_t i = (uint64_t)db_col_int(r, 0);

		/* A piece that has begun in the meantime is one of the next answer. */
		if (i >= out->n) continue;
		out->items[i].done = db_col_int(r, 1);
		out->items[i].failed = db_col_int(r, 2);
		out->items[i].wait_ms = db_col_int(r, 3);
		out->items[i].processing_ms = db_col_int(r, 4);
		out->items[i].audio_ms = db_col_int(r, 5);
	}
	db_rows_free(r);
	return more;
}

static void
read_working(const struct db_rows *r, void *out)
{
	struct job_working *w = out;

	*w = (struct job_working){ .host = db_col_uuid(r, 0), .workers = db_col_int(r, 2),
		.busy = db_col_int(r, 3), .job = db_col_uuid(r, 4), .name = rows_text(r, 1) };
}

int
jobstats_working(struct db *db, struct job_working_list *out, struct err *e)
{
	int more = ROWS_LIST(out, JOB_WORKING_MAX, db_query(db, "SELECT h.id, h.name, h.workers, "
		"h.busy, j.id FROM hosts h LEFT JOIN jobs j ON j.owner=h.id AND "
		"j.status='processing' WHERE h.seen_at > UTC_TIMESTAMP(6) - INTERVAL 30 SECOND "
		"ORDER BY h.name, h.id, j.id", NULL, 0, e), read_working, e);

	return more < 0 ? -1 : 0;
}

static void
working_free(struct job_working *w)
{
	free(w->name);
}

void
jobstats_working_free(struct job_working_list *l)
{
	ROWS_FREE(l, working_free);
}

int
jobstats_pace(struct db *db, struct job_pace *out, struct err *e)
{
	*out = (struct job_pace){0};
	return db_one_int(db, "SELECT CAST(SUM(processing_ms)/SUM(done) AS SIGNED) FROM "
		"job_periods WHERE start > UTC_TIMESTAMP() - INTERVAL 24 HOUR", NULL, 0, 0,
		&out->average_ms, e) || read_workers(db, &out->workers, &out->busy, e) ? -1 : 0;
}
