#include "records/feedback.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/feedback_sums.h"
#include "records/ratings.h"
#include "records/rows.h"

int
feedback_totals(struct db *db, struct feedback_totals *out, struct err *e)
{
#define SUM(column) "CAST(COALESCE(SUM(" column "),0) AS SIGNED)"
	int64_t n[11];
	int there = rows_numbers(db, "SELECT " SUM("ratings") "," SUM("rating_sum") ","
		SUM("preferences") "," SUM("margins") "," SUM("margin_sum") ","
		SUM("positive_tags") "," SUM("negative_tags") "," SUM("audios") ","
		SUM("rated_audios") "," SUM("compared_audios") "," SUM("compared_prompts")
		" FROM feedback_totals", NULL, 0, n, NELEM(n), e);
#undef SUM

	*out = (struct feedback_totals){ .ratings = n[0], .rating_sum = n[1], .preferences = n[2],
		.margins = n[3], .margin_sum = n[4], .positive_tags = n[5], .negative_tags = n[6],
		.audios = n[7], .rated_audios = n[8], .compared_audios = n[9],
		.compared_prompts = n[10] };
	return there < 0 ? -1 : 0;
}

/* What a row of feedback_get()'s query is. The kinds of feedback follow the last. */
enum { ROW_JOB, ROW_SAMPLE, ROW_ITEM };

static void
add_sample(const struct db_rows *r, struct feedback_job *f)
{
	if (f->n < JOB_MAX_SAMPLES)
		f->samples[f->n++] = (struct feedback_sample){ .id = db_col_uuid(r, 1),
			.index = (int)db_col_int(r, 2), .count = db_col_int(r, 4),
			.ratings = db_col_int(r, 5), .rating_sum = db_col_int(r, 6) };
}

static void
add_item(const struct db_rows *r, enum feedback_kind kind, struct feedback_job *f)
{
	struct uuid audio = db_col_uuid(r, 1);
	struct feedback_sample *s = f->samples, *end = f->samples + f->n;
	struct feedback_item *item;

	while (s < end && !uuid_eq(s->id, audio)) s++;
	if (s == end) return;
	s->items = realloc(s->items, (s->n + 1) * sizeof *s->items);
	if (!s->items) abort();
	item = &s->items[s->n++];
	*item = (struct feedback_item){ .id = db_col_uuid(r, 3), .kind = kind, .criterion = -1,
		.created_at = db_col_int(r, 9) };
	switch (kind) {
	case FEEDBACK_RATING:
		item->rating = (int)db_col_int(r, 4);
		item->criterion = str_index(db_col_text(r, 7), rating_criteria);
		item->notes = rows_text_or_null(r, 8);
		break;
	case FEEDBACK_PREFERENCE:
		item->preferred_over = db_col_uuid(r, 10);
		item->notes = rows_text_or_null(r, 8);
		break;
	case FEEDBACK_TAG:
		item->tag = rows_text(r, 7);
		item->is_positive = db_col_int(r, 4) != 0;
		break;
	}
}

/* One statement, so that all of it is of one moment. The rows of a sample are found by its id and
 * sorted; what a query costs grows with the feedback to this job alone. */
static const char whole_sql[] =
	"SELECT 0 AS kind, j.id AS audio, 0 AS idx, j.prompt_id AS id, j.feedback_count AS n, "
	"j.rating_count AS m, j.rating_sum AS o, '' AS word, NULL AS notes, j.created_at AS at, "
	"NULL AS other FROM jobs j WHERE j.id=? "
	"UNION ALL SELECT 1, s.id, s.idx, s.id, COALESCE(f.rating_count+f.wins+f.tag_count,0), "
	"COALESCE(f.rating_count,0), COALESCE(f.rating_sum,0), '', NULL, s.created_at, NULL FROM "
	"samples s LEFT JOIN audio_feedback f ON f.audio_id=s.id WHERE s.job_id=? "
	"UNION ALL (SELECT 2, r.audio_id, 0, r.id, r.rating, 0, 0, r.criterion COLLATE "
	"utf8mb4_unicode_ci, r.notes, r.created_at, NULL FROM samples s JOIN ratings r ON "
	"r.audio_id=s.id WHERE s.job_id=? ORDER BY r.created_at DESC, r.id DESC LIMIT ?) "
	"UNION ALL (SELECT 3, p.chosen_audio_id, 0, p.id, 0, 0, 0, '', p.notes, p.created_at, "
	"p.rejected_audio_id FROM samples s JOIN preferences p ON p.chosen_audio_id=s.id WHERE "
	"s.job_id=? ORDER BY p.created_at DESC, p.id DESC LIMIT ?) "
	"UNION ALL (SELECT 4, t.audio_id, 0, t.id, t.is_positive, 0, 0, t.tag, NULL, t.created_at, "
	"NULL FROM samples s JOIN tags t ON t.audio_id=s.id WHERE s.job_id=? ORDER BY t.created_at "
	"DESC, t.id DESC LIMIT ?) ORDER BY LEAST(kind,2), idx, at DESC, id DESC";

int
feedback_get(struct db *db, struct uuid job, struct feedback_job *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(job), DB_UUID(job), DB_UUID(job), DB_INT(FEEDBACK_SHOWN),
		DB_UUID(job), DB_INT(FEEDBACK_SHOWN), DB_UUID(job), DB_INT(FEEDBACK_SHOWN) };
	struct db_rows *r = db_query(db, whole_sql, a, NELEM(a), e);
	int more;

	if (!r) return -1;
	while ((more = db_next(r, e)) == 1) {
		int64_t kind = db_col_int(r, 0);

		if (kind == ROW_SAMPLE) add_sample(r, out);
		if (kind >= ROW_ITEM) add_item(r, (enum feedback_kind)(kind - ROW_ITEM), out);
		if (kind != ROW_JOB) continue;
		out->id = job;
		out->prompt_id = db_col_uuid(r, 3);
		out->count = db_col_int(r, 4);
		out->ratings = db_col_int(r, 5);
		out->rating_sum = db_col_int(r, 6);
	}
	db_rows_free(r);
	if (more < 0) return -1;
	if (uuid_is_nil(out->id))
		return err_set(e, ERR_NOT_FOUND, "There is no job %s.", UUID_STR(job));
	return 0;
}

void
feedback_job_free(struct feedback_job *f)
{
	for (int i = 0; i < f->n; i++) {
		for (size_t k = 0; k < f->samples[i].n; k++) {
			free(f->samples[i].items[k].tag);
			free(f->samples[i].items[k].notes);
		}
		free(f->samples[i].items);
	}
	*f = (struct feedback_job){0};
}

static int
forget_one(struct db *db, struct uuid id, struct feedback_totals *t, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };
	struct feedback_audio audio;
	struct feedback_change c;

	if (feedback_hold(db, &id, 1, &audio, e)) return -1;
	c = (struct feedback_change){ .audio = id, .job = audio.job_id };
	if (ratings_forget(db, &c, e) || tags_forget(db, &c, e) ||
		preferences_forget(db, id, t, e) || feedback_apply(db, &c, t, e))
		return -1;
	return db_exec(db, "DELETE FROM audio_feedback WHERE audio_id=?", a, NELEM(a), e) < 0
		? -1 : 0;
}

int
feedback_forget_audio(struct db *db, const struct uuid *audio, size_t n, struct err *e)
{
	struct feedback_totals t = {0};

	if (!n) return 0;
	for (size_t i = 0; i < n; i++)
		if (forget_one(db, audio[i], &t, e)) return -1;
	return feedback_add(db, audio[0], &t, e);
}
