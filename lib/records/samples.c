#include "records/samples.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/favorites.h"
#include "records/rows.h"
#include "records/samplerow.h"

int
samples_get(struct db *db, struct uuid id, struct sample *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };

	return rows_found(rows_first(db, "SELECT " SAMPLEROW_COLUMNS " FROM samples s"
		SAMPLEROW_JOIN "WHERE s.id=?", a, NELEM(a), samplerow_read, out, e), "audio", id,
		e);
}

int
samples_get_all(struct db *db, const struct uuid *ids, size_t n, struct sample *out, struct err *e)
{
	struct buf sql = {0};
	struct db_arg args[ROWS_IN];
	struct db_rows *r;
	size_t marks;
	int more;

	buf_adds(&sql, "SELECT " SAMPLEROW_COLUMNS " FROM samples s" SAMPLEROW_JOIN
		"WHERE s.id IN ");
	marks = rows_in(&sql, args, ids, n);
	r = db_query(db, buf_str(&sql), args, marks, e);
	buf_free(&sql);
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1) {
		struct uuid id = db_col_uuid(r, 0);

		for (size_t i = 0; i < n; i++)
			if (uuid_eq(ids[i], id) && uuid_is_nil(out[i].id)) {
				samplerow_read(r, &out[i]);
				break;
			}
	}
	db_rows_free(r);
	return more < 0 ? -1 : 0;
}

/* The sums of all of them, and the user's favourites and ratings; those that have tags go into
 * *tagged, which has room for all. */
static int
read_sums(struct db *db, struct uuid user, struct sample *samples, size_t n,
	struct sample **tagged, size_t *n_tagged, struct err *e)
{
	struct db_arg args[3 + ROWS_IN] = { DB_UUID(user),
		DB_TEXT(favorite_type_names[FAVORITE_AUDIO]), DB_UUID(user) };
	struct uuid ids[ROWS_IN];
	struct buf sql = {0};
	struct db_rows *r;
	int more;

	for (size_t i = 0; i < n; i++) ids[i] = samples[i].id;
	buf_adds(&sql, "SELECT s.id, f.rating_count, f.rating_sum, f.tag_count, v.id, r.id, "
		"r.rating FROM samples s LEFT JOIN audio_feedback f ON f.audio_id=s.id LEFT JOIN "
		"favorites v ON v.user_id=? AND v.target_type=? AND v.target_id=s.id LEFT JOIN "
		"ratings r ON r.user_id=? AND r.audio_id=s.id AND r.criterion='overall' WHERE "
		"s.id IN ");
	r = db_query(db, buf_str(&sql), args, 3 + rows_in(&sql, args + 3, ids, n), e);
	buf_free(&sql);
	if (!r) return -1;
	*n_tagged = 0;
	while ((more = db_next(r, e)) == 1) {
		size_t i = 0;

		while (i < n && !uuid_eq(ids[i], db_col_uuid(r, 0))) i++;
		if (i == n) continue;
		samples[i].feedback = (struct sample_feedback){ .ratings = db_col_int(r, 1),
			.rating_sum = db_col_int(r, 2), .favorite_id = db_col_uuid(r, 4),
			.rating_id = db_col_uuid(r, 5), .rating = (int)db_col_int(r, 6) };
		if (db_col_int(r, 3) > 0) tagged[(*n_tagged)++] = &samples[i];
	}
	db_rows_free(r);
	return more < 0 ? -1 : 0;
}

static void
add_tag(struct sample_feedback *f, const char *tag, bool is_positive)
{
	for (size_t i = 0; i < f->n_tags; i++)
		if (f->tags[i].is_positive == is_positive && str_eq_nocase(f->tags[i].tag, tag))
			return;
	if (!f->tags && !(f->tags = calloc(SAMPLE_TAGS, sizeof *f->tags))) abort();
	if (!(f->tags[f->n_tags].tag = strdup(tag))) abort();
	f->tags[f->n_tags++].is_positive = is_positive;
}

static int
read_tags(struct db *db, struct sample *const *samples, size_t n, struct err *e)
{
	struct uuid ids[ROWS_IN];
	struct db_rows *r;
	int more;

	if (!n) return 0;
	for (size_t i = 0; i < n; i++) ids[i] = samples[i]->id;
	r = rows_of_each(db, "tag, is_positive, created_at, id", "tags WHERE audio_id=?",
		"created_at, id", SAMPLE_TAGS, ids, n, e);
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1) {
		size_t place = (size_t)db_col_int(r, 0);

		if (place < n)		/* else a stand-in */
			add_tag(&samples[place]->feedback, db_col_text(r, 1),
				db_col_int(r, 2) != 0);
	}
	db_rows_free(r);
	return more < 0 ? -1 : 0;
}

int
samples_read_feedback(struct db *db, struct uuid user, struct sample *samples, size_t n,
	struct err *e)
{
	struct sample *tagged[ROWS_IN];
	size_t n_tagged;

	if (!n) return 0;
	return read_sums(db, user, samples, n, tagged, &n_tagged, e) ||
		read_tags(db, tagged, n_tagged, e) ? -1 : 0;
}

void
samples_free(struct sample *s)
{
	for (size_t i = 0; i < s->feedback.n_tags; i++) free(s->feedback.tags[i].tag);
	free(s->feedback.tags);
	free(s->adapter);
	free(s->params);
	free(s->prompt_text);
	free(s->prompt_attributes);
	*s = (struct sample){0};
}
