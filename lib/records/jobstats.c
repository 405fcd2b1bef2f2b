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

int
jobstats_pace(struct db *db, struct job_pace *out, struct err *e)
{
	*out = (struct job_pace){0};
	return db_one_int(db, "SELECT CAST(SUM(processing_ms)/SUM(done) AS SIGNED) FROM "
		"job_periods WHERE start > UTC_TIMESTAMP() - INTERVAL 24 HOUR", NULL, 0, 0,
		&out->average_ms, e) || read_workers(db, &out->workers, &out->busy, e) ? -1 : 0;
}
