#include "records/ratings.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/feedback_sums.h"
#include "records/pages.h"
#include "records/rows.h"

const char *const rating_criteria[RATING_CRITERIA + 1] = {
	"overall", "melody", "rhythm", "harmony", "coherence", "creativity", "adherence", NULL,
};

#define COLUMNS "t.id, t.audio_id, t.user_id, t.rating, t.criterion, t.notes, t.created_at"

static void
read_row(const struct db_rows *r, void *row)
{
	struct rating *out = row;

	*out = (struct rating){ .id = db_col_uuid(r, 0), .audio_id = db_col_uuid(r, 1),
		.user_id = db_col_uuid(r, 2), .rating = (int)db_col_int(r, 3),
		.criterion = str_index(db_col_text(r, 4), rating_criteria),
		.notes = rows_text_or_null(r, 5), .created_at = db_col_int(r, 6) };
}

/* n more (or fewer) ratings like this one, among those of each value. */
static int
count_value(struct db *db, const struct feedback_audio *audio, const struct rating *r, int n,
	struct err *e)
{
	struct db_arg a[] = { DB_UUID(audio->adapter_id), DB_TEXT(rating_criteria[r->criterion]),
		DB_INT(r->rating), DB_INT(feedback_shard(audio->id)), DB_INT(n) };

	return db_exec(db, "INSERT INTO rating_counts (adapter_id, criterion, rating, shard, n) "
		"VALUES (?,?,?,?,?) ON DUPLICATE KEY UPDATE n=n+VALUES(n)", a, NELEM(a), e) < 0
		? -1 : 0;
}

/* A rating that was so (NULL: not there) is so (NULL: gone). */
static int
count(struct db *db, const struct feedback_audio *audio, const struct rating *was,
	const struct rating *is, struct err *e)
{
	int before = was ? was->rating : 0, after = is ? is->rating : 0;
	struct feedback_change c = { .audio = audio->id, .job = audio->job_id,
		.ratings = !!is - !!was, .rating_sum = after - before };
	/* The lower value first, so that two that are changed crosswise do not wait for each
	 * other. */
	const struct rating *order[] = { after > before ? was : is, after > before ? is : was };
	struct feedback_totals t = {0};

	if (feedback_apply(db, &c, &t, e)) return -1;
	for (size_t i = 0; i < NELEM(order); i++)
		if (order[i] && count_value(db, audio, order[i], order[i] == is ? 1 : -1, e))
			return -1;
	return feedback_add(db, audio->id, &t, e);
}

struct giving {
	const struct rating *rating;
	struct uuid id;			/* of the last run, as the next */
	bool is_new;
};

static int
insert(struct db *db, const struct rating *r, struct uuid id, const struct feedback_audio *audio,
	struct err *e)
{
	struct db_arg a[] = { DB_UUID(id), DB_UUID(audio->id), DB_UUID(audio->adapter_id),
		DB_UUID_OR_NULL(r->user_id), DB_INT(r->rating),
		DB_TEXT(rating_criteria[r->criterion]), DB_TEXT_OR_NULL(r->notes) };

	return db_exec(db, "INSERT INTO ratings (id, audio_id, adapter_id, user_id, rating, "
		"criterion, notes, created_at) VALUES (?,?,?,?,?,?,?,UTC_TIMESTAMP(6))", a,
		NELEM(a), e) < 0 ? -1 : 0;
}

/* The user's rating before this one: 1, 0: none, -1. Its notes are the caller's to free. */
static int
find_own(struct db *db, const struct rating *r, struct rating *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(r->user_id), DB_UUID(r->audio_id),
		DB_TEXT(rating_criteria[r->criterion]) };

	if (uuid_is_nil(r->user_id)) return 0;
	return rows_first(db, "SELECT " COLUMNS " FROM ratings t WHERE t.user_id=? AND "
		"t.audio_id=? AND t.criterion=?", a, NELEM(a), read_row, out, e);
}

static int
give(struct db *db, void *ctx, struct err *e)
{
	struct giving *g = ctx;
	const struct rating *r = g->rating;
	struct feedback_audio audio;
	struct rating was = {0};
	int there;

	if (feedback_hold(db, &r->audio_id, 1, &audio, e) ||
		(there = find_own(db, r, &was, e)) < 0)
		return -1;
	free(was.notes);
	g->is_new = !there;
	g->id = there ? was.id : uuid_new();
	struct db_arg a[] = { DB_INT(r->rating), DB_TEXT_OR_NULL(r->notes), DB_UUID(g->id) };

	if (there ? db_exec(db, "UPDATE ratings SET rating=?, notes=? WHERE id=?", a, NELEM(a),
		e) < 0 : insert(db, r, g->id, &audio, e))
		return -1;
	if (there && was.rating == r->rating) return 0;
	return count(db, &audio, there ? &was : NULL, r, e);
}

int
ratings_give(struct db *db, const struct rating *r, struct uuid *id, bool *is_new, struct err *e)
{
	struct giving g = { .rating = r };

	if (db_transaction(db, give, &g, e) != DB_TX_DONE) return -1;
	*id = g.id;
	if (is_new) *is_new = g.is_new;
	return 0;
}

int
ratings_get(struct db *db, struct uuid id, struct rating *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };

	return rows_found(rows_first(db, "SELECT " COLUMNS " FROM ratings t WHERE t.id=?", a,
		NELEM(a), read_row, out, e), "rating", id, e);
}

/* The rating as it is while its sample's job is held, without its notes. That the sample is gone
 * means that the rating is, too. */
static int
hold(struct db *db, struct uuid id, struct rating *r, struct feedback_audio *audio, struct err *e)
{
	int rc = ratings_get(db, id, r, e);

	if (rc) goto out;
	if ((rc = feedback_hold(db, &r->audio_id, 1, audio, e))) {
		if (e->kind == ERR_NOT_FOUND) rows_found(0, "rating", id, e);
		goto out;
	}
	/* It may have changed while we waited. */
	ratings_free(r);
	rc = ratings_get(db, id, r, e);
out:
	free(r->notes);
	r->notes = NULL;
	return rc;
}

struct changing {
	struct uuid id;
	const struct rating_change *to;
};

static int
change(struct db *db, void *ctx, struct err *e)
{
	const struct changing *x = ctx;
	struct feedback_audio audio;
	struct rating was = {0}, is;

	if (hold(db, x->id, &was, &audio, e)) return -1;
	is = was;
	if (x->to->has_rating) is.rating = x->to->rating;
	struct db_arg value[] = { DB_INT(is.rating), DB_UUID(x->id) };
	struct db_arg notes[] = { DB_TEXT_OR_NULL(x->to->notes), DB_UUID(x->id) };

	if (x->to->has_notes && db_exec(db, "UPDATE ratings SET notes=? WHERE id=?", notes,
		NELEM(notes), e) < 0)
		return -1;
	if (is.rating == was.rating) return 0;
	if (db_exec(db, "UPDATE ratings SET rating=? WHERE id=?", value, NELEM(value), e) < 0)
		return -1;
	return count(db, &audio, &was, &is, e);
}

int
ratings_change(struct db *db, struct uuid id, const struct rating_change *c, struct err *e)
{
	struct changing x = { id, c };

	return db_transaction(db, change, &x, e) == DB_TX_DONE ? 0 : -1;
}

static int
delete(struct db *db, void *ctx, struct err *e)
{
	const struct uuid *id = ctx;
	struct db_arg a[] = { DB_UUID(*id) };
	struct feedback_audio audio;
	struct rating r = {0};

	if (hold(db, *id, &r, &audio, e) || rows_found(db_exec(db, "DELETE FROM ratings WHERE id=?",
		a, NELEM(a), e), "rating", *id, e))
		return -1;
	return count(db, &audio, &r, NULL, e);
}

int
ratings_delete(struct db *db, struct uuid id, struct err *e)
{
	return db_transaction(db, delete, &id, e) == DB_TX_DONE ? 0 : -1;
}

/* The ranges of the indexes that the filter means. */
static size_t
ranges(const struct rating_filter *f, struct pages_range out[PAGES_RANGES])
{
	struct db_arg audio = DB_UUID(f->audio_id);
	struct db_arg criterion = DB_TEXT(f->criterion < 0 ? "" : rating_criteria[f->criterion]);
	size_t n = 0;

	if (!uuid_is_nil(f->audio_id)) {
		out[0] = (struct pages_range){ "audio_id=? AND rating BETWEEN ? AND ?",
			{ audio, DB_INT(f->min), DB_INT(f->max) }, 3 };
		if (f->criterion < 0) return 1;
		out[0].where = "audio_id=? AND rating BETWEEN ? AND ? AND criterion=?";
		out[0].args[out[0].n_args++] = criterion;
		return 1;
	}
	for (int v = f->min; v <= f->max && n < PAGES_RANGES; v++)
		out[n++] = f->criterion < 0
			? (struct pages_range){ "rating=?", { DB_INT(v) }, 1 }
			: (struct pages_range){ "criterion=? AND rating=?",
				{ criterion, DB_INT(v) }, 2 };
	return n;
}

/* All ratings of the filter, which names no sample. */
static int
total(struct db *db, const struct rating_filter *f, uint64_t *out, struct err *e)
{
	struct rating_stats s;

	*out = 0;
	if (ratings_stats(db, (struct uuid){{0}}, &s, e)) return -1;
	for (int c = 0; c < RATING_CRITERIA; c++)
		for (int v = f->min; v <= f->max; v++)
			if (f->criterion < 0 || f->criterion == c) *out += (uint64_t)s.n[c][v];
	return 0;
}

int
ratings_list(struct db *db, const struct rating_filter *f, uint32_t limit, uint32_t offset,
	struct rating_list *out, struct err *e)
{
	struct pages_range range[PAGES_RANGES];
	struct pages p = { "ratings", COLUMNS, range, ranges(f, range) };

	*out = (struct rating_list){0};
	if (!p.n) return 0;
	if (uuid_is_nil(f->audio_id) ? total(db, f, &out->total, e)
		: pages_count(db, &p, &out->total, e))
		return -1;
	return ROWS_LIST(out, limit, pages_read(db, &p, limit, offset, e), read_row, e);
}

int
ratings_stats(struct db *db, struct uuid audio_id, struct rating_stats *out, struct err *e)
{
	bool all = uuid_is_nil(audio_id);
	struct db_arg a[] = { DB_UUID(audio_id) };
	struct db_rows *r = db_query(db, all
		? "SELECT criterion, rating, CAST(SUM(n) AS SIGNED) FROM rating_counts GROUP BY "
			"criterion, rating"
		: "SELECT criterion, rating, COUNT(*) FROM ratings WHERE audio_id=? GROUP BY "
			"criterion, rating", a, all ? 0 : 1, e);
	int more;

	*out = (struct rating_stats){0};
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1) {
		int c = str_index(db_col_text(r, 0), rating_criteria);
		int64_t v = db_col_int(r, 1);

		if (c >= 0 && v >= RATING_MIN && v <= RATING_MAX) out->n[c][v] = db_col_int(r, 2);
	}
	db_rows_free(r);
	return more;
}

int
ratings_by_adapter(struct db *db, struct rating_adapter *out, int max, struct err *e)
{
	struct db_arg a[] = { DB_INT(max) };
	/* The counts of an adapter are a few hundred rows at most. */
	struct db_rows *r = db_query(db, "SELECT c.adapter_id, a.name, c.ratings, c.points FROM "
		"(SELECT adapter_id, CAST(SUM(n) AS SIGNED) AS ratings, CAST(SUM(n*rating) AS "
		"SIGNED) AS points FROM rating_counts GROUP BY adapter_id HAVING ratings>0 ORDER "
		"BY ratings DESC, adapter_id LIMIT ?) c LEFT JOIN adapters a ON a.id=c.adapter_id "
		"ORDER BY c.ratings DESC, c.adapter_id", a, NELEM(a), e);
	int n = 0, more = 0;

	if (!r) return -1;
	while (n < max && (more = db_next(r, e)) == 1) {
		out[n] = (struct rating_adapter){ .id = db_col_uuid(r, 0),
			.count = db_col_int(r, 2), .sum = db_col_int(r, 3) };
		str_copy(out[n].name, sizeof out[n].name, db_col_text(r, 1));
		n++;
	}
	db_rows_free(r);
	return more < 0 ? -1 : n;
}

int
ratings_forget(struct db *db, struct feedback_change *c, struct err *e)
{
	struct db_arg audio[] = { DB_UUID(c->audio) };
	struct db_arg counts[] = { DB_INT(feedback_shard(c->audio)), DB_UUID(c->audio) };
	int64_t gone[2];

	if (rows_numbers(db, "SELECT COUNT(*), CAST(COALESCE(SUM(rating),0) AS SIGNED) FROM "
		"ratings WHERE audio_id=?", audio, NELEM(audio), gone, NELEM(gone), e) < 0)
		return -1;
	c->ratings -= gone[0];
	c->rating_sum -= gone[1];
	return db_exec(db, "INSERT INTO rating_counts (adapter_id, criterion, rating, shard, n) "
		"SELECT adapter_id, criterion, rating, ?, -COUNT(*) FROM ratings WHERE audio_id=? "
		"GROUP BY adapter_id, criterion, rating ON DUPLICATE KEY UPDATE "
		"rating_counts.n=rating_counts.n+VALUES(n)", counts, NELEM(counts), e) < 0 ||
		db_exec(db, "DELETE FROM ratings WHERE audio_id=?", audio, NELEM(audio), e) < 0
		? -1 : 0;
}

void
ratings_free(struct rating *r)
{
	free(r->notes);
	*r = (struct rating){0};
}

void
ratings_list_free(struct rating_list *l)
{
	ROWS_FREE(l, ratings_free);
}
