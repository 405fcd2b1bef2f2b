#include "records/tags.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/feedback_sums.h"
#include "records/pages.h"
#include "records/rows.h"

#define COLUMNS "t.id, t.audio_id, t.user_id, t.tag, t.is_positive, t.created_at"

static void
read_row(const struct db_rows *r, void *row)
{
	struct tag *out = row;

	*out = (struct tag){ .id = db_col_uuid(r, 0), .audio_id = db_col_uuid(r, 1),
		.user_id = db_col_uuid(r, 2), .tag = rows_text(r, 3),
		.is_positive = db_col_int(r, 4) != 0, .created_at = db_col_int(r, 5) };
}

/* So many more (or fewer) of a tag. A count that came back to zero keeps its row, but not the
 * spelling. */
static int
count_tag(struct db *db, const char *tag, int positive, int negative, struct err *e)
{
	struct db_arg a[] = { DB_TEXT(tag), DB_TEXT(tag), DB_INT(positive + negative),
		DB_INT(positive), DB_INT(negative) };

	return db_exec(db, "INSERT INTO tag_counts (tag_key, tag, n, positive, negative) VALUES "
		"(" TAGS_KEY ",?,?,?,?) ON DUPLICATE KEY UPDATE tag=IF(n=0, VALUES(tag), tag), "
		"n=n+VALUES(n), positive=positive+VALUES(positive), "
		"negative=negative+VALUES(negative)", a, NELEM(a), e) < 0 ? -1 : 0;
}

struct giving {
	const struct tags_given *g;
	bool replace;
	struct feedback_change change;
	struct tag_list *out;
	size_t n_new;
};

/* The listener's row for this tag on this sample. 1, 0: none, -1. */
static int
find(struct db *db, const struct tags_given *g, const char *tag, struct tag *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(g->audio_id), DB_TEXT(tag), DB_UUID(g->user_id) };

	return rows_first(db, "SELECT " COLUMNS " FROM tags t WHERE t.audio_id=? AND t.tag_key="
		TAGS_KEY " AND t.listener=?", a, NELEM(a), read_row, out, e);
}

static int
insert(struct db *db, struct giving *x, const char *tag, bool positive, struct err *e)
{
	struct db_arg a[] = { DB_UUID(uuid_new()), DB_UUID(x->g->audio_id),
		DB_UUID_OR_NULL(x->g->user_id), DB_TEXT(tag), DB_TEXT(tag), DB_INT(positive),
		DB_UUID(x->g->audio_id) };

	if (db_exec(db, "INSERT INTO tags (id, audio_id, user_id, tag, tag_key, is_positive, "
		"audio_created_at, created_at) VALUES (?,?,?,?," TAGS_KEY ",?,(SELECT created_at "
		"FROM samples WHERE id=?),UTC_TIMESTAMP(6))", a, NELEM(a), e) < 0)
		return -1;
	x->n_new++;
	x->change.positive_tags += positive;
	x->change.negative_tags += !positive;
	return count_tag(db, tag, positive, !positive, e);
}

/* The row that is there gets this sign. */
static int
turn(struct db *db, struct giving *x, struct tag *t, bool positive, struct err *e)
{
	struct db_arg a[] = { DB_INT(positive), DB_UUID(t->id) };
	int up = positive ? 1 : -1;

	if (t->is_positive == positive) return 0;
	if (db_exec(db, "UPDATE tags SET is_positive=? WHERE id=?", a, NELEM(a), e) < 0) return -1;
	t->is_positive = positive;
	x->change.positive_tags += up;
	x->change.negative_tags -= up;
	return count_tag(db, t->tag, up, -up, e);
}

/* The i-th tag of one sign. */
static int
give_one(struct db *db, struct giving *x, size_t i, bool positive, struct err *e)
{
	const char *tag = positive ? x->g->positive[i] : x->g->negative[i];
	struct tag t = {0};
	char field[32];
	int there = find(db, x->g, tag, &t, e), rc = -1;

	if (there < 0) goto out;
	for (size_t k = 0; there && k < x->out->n; k++) {
		if (!uuid_eq(x->out->items[k].id, t.id)) continue;
		snprintf(field, sizeof field, "negative_tags[%zu]", i);
		/* Once is enough where the same is given twice, but praise is not blame. */
		if (t.is_positive == positive) rc = 0;
		else rc = err_field(e, field, "is among the positive tags, too");
		goto out;
	}
	if (there ? turn(db, x, &t, positive, e) : insert(db, x, tag, positive, e)) goto out;
	if (!there && find(db, x->g, tag, &t, e) < 0) goto out;
	x->out->items[x->out->n++] = t;
	t = (struct tag){0};
	rc = 0;
out:
	tags_free(&t);
	return rc;
}

static int
delete_row(struct db *db, const struct tag *t, struct feedback_change *c, struct err *e)
{
	struct db_arg a[] = { DB_UUID(t->id) };
	long n = db_exec(db, "DELETE FROM tags WHERE id=?", a, NELEM(a), e);

	if (rows_found(n, "tag", t->id, e)) return -1;
	c->positive_tags -= t->is_positive;
	c->negative_tags -= !t->is_positive;
	return count_tag(db, t->tag, -t->is_positive, -!t->is_positive, e);
}

/* The listener's tags of the sample that were not given. */
static int
delete_others(struct db *db, struct giving *x, struct err *e)
{
	struct db_arg a[] = { DB_UUID(x->g->audio_id), DB_UUID(x->g->user_id) };
	struct db_rows *r = db_query(db, "SELECT " COLUMNS " FROM tags t WHERE t.audio_id=? AND "
		"t.listener=?", a, NELEM(a), e);
	int more = 0, rc = 0;

	if (!r) return -1;
	while (!rc && (more = db_next(r, e)) == 1) {
		struct tag t = {0};
		size_t k = 0;

		read_row(r, &t);
		while (k < x->out->n && !uuid_eq(x->out->items[k].id, t.id)) k++;
		if (k == x->out->n) rc = delete_row(db, &t, &x->change, e);
		tags_free(&t);
	}
	db_rows_free(r);
	return rc || more < 0 ? -1 : 0;
}

static int
give(struct db *db, void *ctx, struct err *e)
{
	struct giving *x = ctx;
	struct feedback_totals t = {0};
	struct feedback_audio audio;

	/* Where the transaction runs again, it begins anew. */
	tags_list_free(x->out);
	x->n_new = 0;
	err_clear(e);
	if (feedback_hold(db, &x->g->audio_id, 1, &audio, e)) return -1;
	x->change = (struct feedback_change){ .audio = audio.id, .job = audio.job_id };
	if (!(x->out->items = calloc(TAGS_AT_ONCE, sizeof *x->out->items))) abort();
	for (size_t i = 0; i < x->g->n_positive; i++)
		if (give_one(db, x, i, true, e)) return -1;
	for (size_t i = 0; i < x->g->n_negative; i++)
		if (give_one(db, x, i, false, e)) return -1;
	x->out->total = x->out->n;
	if ((x->replace && delete_others(db, x, e)) || feedback_apply(db, &x->change, &t, e))
		return -1;
	return feedback_add(db, audio.id, &t, e);
}

int
tags_give(struct db *db, const struct tags_given *g, bool replace, struct tag_list *out,
	size_t *n_new, struct err *e)
{
	struct giving x = { .g = g, .replace = replace, .out = out };

	*out = (struct tag_list){0};
	if (g->n_positive + g->n_negative > TAGS_AT_ONCE)
		return err_set(e, ERR_INTERNAL, "more than %d tags at once", TAGS_AT_ONCE);
	if (db_transaction(db, give, &x, e) != DB_TX_DONE) return -1;
	if (n_new) *n_new = x.n_new;
	return 0;
}

int
tags_get(struct db *db, struct uuid id, struct tag *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };

	return rows_found(rows_first(db, "SELECT " COLUMNS " FROM tags t WHERE t.id=?", a, NELEM(a),
		read_row, out, e), "tag", id, e);
}

static int
delete(struct db *db, void *ctx, struct err *e)
{
	const struct uuid *id = ctx;
	struct feedback_change c = {0};
	struct feedback_totals totals = {0};
	struct feedback_audio audio;
	struct tag t = {0};
	int rc = -1;

	if (tags_get(db, *id, &t, e)) goto out;
	if (feedback_hold(db, &t.audio_id, 1, &audio, e)) {
		if (e->kind == ERR_NOT_FOUND) rows_found(0, "tag", *id, e);
		goto out;
	}
	/* Its sign may have changed while we waited. */
	tags_free(&t);
	if (tags_get(db, *id, &t, e)) goto out;
	c = (struct feedback_change){ .audio = audio.id, .job = audio.job_id };
	if (delete_row(db, &t, &c, e) || feedback_apply(db, &c, &totals, e)) goto out;
	rc = feedback_add(db, audio.id, &totals, e);
out:
	tags_free(&t);
	return rc;
}

int
tags_delete(struct db *db, struct uuid id, struct err *e)
{
	return db_transaction(db, delete, &id, e) == DB_TX_DONE ? 0 : -1;
}

static size_t
ranges(const struct tag_filter *f, struct pages_range out[PAGES_RANGES])
{
	struct db_arg audio = DB_UUID(f->audio_id), tag = DB_TEXT(f->tag);
	int from = f->is_positive < 0 ? 0 : f->is_positive;
	int to = f->is_positive < 0 ? 1 : f->is_positive;
	size_t n = 0;

	if (!uuid_is_nil(f->audio_id)) {
		out[0] = (struct pages_range){ "audio_id=? AND is_positive BETWEEN ? AND ?",
			{ audio, DB_INT(from), DB_INT(to) }, 3 };
		if (!f->tag) return 1;
		out[0].where = "audio_id=? AND is_positive BETWEEN ? AND ? AND tag_key=" TAGS_KEY;
		out[0].args[out[0].n_args++] = tag;
		return 1;
	}
	for (int v = from; v <= to; v++)
		out[n++] = f->tag
			? (struct pages_range){ "tag_key=" TAGS_KEY " AND is_positive=?",
				{ tag, DB_INT(v) }, 2 }
			: (struct pages_range){ "is_positive=?", { DB_INT(v) }, 1 };
	return n;
}

/* All tags of the filter, which names no sample. */
static int
total(struct db *db, const struct tag_filter *f, uint64_t *out, struct err *e)
{
	struct feedback_totals t;
	struct db_arg a[] = { DB_TEXT(f->tag) };
	int64_t n[2];

	if (f->tag) {
		if (rows_numbers(db, "SELECT positive, negative FROM tag_counts WHERE tag_key="
			TAGS_KEY, a, NELEM(a), n, NELEM(n), e) < 0)
			return -1;
	} else {
		if (feedback_totals(db, &t, e)) return -1;
		n[0] = t.positive_tags;
		n[1] = t.negative_tags;
	}
	*out = (uint64_t)((f->is_positive != 0 ? n[0] : 0) + (f->is_positive != 1 ? n[1] : 0));
	return 0;
}

int
tags_list(struct db *db, const struct tag_filter *f, uint32_t limit, uint32_t offset,
	struct tag_list *out, struct err *e)
{
	struct pages_range range[PAGES_RANGES];
	struct pages p = { "tags", COLUMNS, range, ranges(f, range) };

	*out = (struct tag_list){0};
	if (uuid_is_nil(f->audio_id) ? total(db, f, &out->total, e)
		: pages_count(db, &p, &out->total, e))
		return -1;
	return ROWS_LIST(out, limit, pages_read(db, &p, limit, offset, e), read_row, e);
}

int
tags_most_given(struct db *db, enum tag_order order, struct tag_count *out, int max, struct err *e)
{
	static const char *const queries[] = {
		[TAGS_BY_ALL] = "SELECT tag, n FROM tag_counts WHERE n>0 ORDER BY n DESC, "
			"tag_key DESC LIMIT ?",
		[TAGS_BY_POSITIVE] = "SELECT tag, positive FROM tag_counts WHERE positive>0 ORDER "
			"BY positive DESC, tag_key DESC LIMIT ?",
		[TAGS_BY_NEGATIVE] = "SELECT tag, negative FROM tag_counts WHERE negative>0 ORDER "
			"BY negative DESC, tag_key DESC LIMIT ?",
	};
	struct db_arg a[] = { DB_INT(max) };
	struct db_rows *r = db_query(db, queries[order], a, NELEM(a), e);
	int n = 0, more = 0;

	if (!r) return -1;
	while (n < max && (more = db_next(r, e)) == 1) {
		str_copy(out[n].tag, sizeof out[n].tag, db_col_text(r, 0));
		out[n++].n = db_col_int(r, 1);
	}
	db_rows_free(r);
	return more < 0 ? -1 : n;
}

int
tags_forget(struct db *db, struct feedback_change *c, struct err *e)
{
	struct db_arg a[] = { DB_UUID(c->audio) };
	int64_t gone[2];

	if (rows_numbers(db, "SELECT CAST(COALESCE(SUM(is_positive),0) AS SIGNED), "
		"CAST(COALESCE(SUM(1-is_positive),0) AS SIGNED) FROM tags WHERE audio_id=?", a,
		NELEM(a), gone, NELEM(gone), e) < 0)
		return -1;
	c->positive_tags -= gone[0];
	c->negative_tags -= gone[1];
	return db_exec(db, "INSERT INTO tag_counts (tag_key, tag, n, positive, negative) SELECT "
		"tag_key, MIN(tag), -COUNT(*), -SUM(is_positive), -SUM(1-is_positive) FROM tags "
		"WHERE audio_id=? GROUP BY tag_key ON DUPLICATE KEY UPDATE "
		"tag_counts.n=tag_counts.n+VALUES(n), positive=positive+VALUES(positive), "
		"negative=negative+VALUES(negative)", a, NELEM(a), e) < 0 ||
		db_exec(db, "DELETE FROM tags WHERE audio_id=?", a, NELEM(a), e) < 0 ? -1 : 0;
}

void
tags_free(struct tag *t)
{
	free(t->tag);
	*t = (struct tag){0};
}

void
tags_list_free(struct tag_list *l)
{
	ROWS_FREE(l, tags_free);
}
