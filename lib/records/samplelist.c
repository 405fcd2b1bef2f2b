#include "records/samplelist.h"

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"
#include "records/counters.h"
#include "records/ratings.h"
#include "records/rows.h"
#include "records/samplerow.h"
#include "records/statement.h"
#include "records/tags.h"

#define FOUND "MATCH(words) AGAINST(? IN BOOLEAN MODE)"

/* What a filter has. */
enum { JOB = 1, PROMPT = 2, FAVORITES = 4, TAG = 8, WORDS = 16, RATING = 32, EXPERIMENT = 64,
	ADAPTER = 128, MODEL = 256, FORMAT = 512, NOT_FAVORITES = 1024, DATES = 2048 };

/* Where samples are found: the first line whose need the filter has. */
static const struct source {
	unsigned needs;
	const char *from;		/* the index that is walked; samples are s */
	const char *id, *at;		/* of a sample, in it */
	bool has_samples;		/* it is an index of samples */
} sources[] = {
	{ JOB, "samples s FORCE INDEX (PRIMARY)", "s.id", "s.created_at", true },
	{ PROMPT, "samples s FORCE INDEX (of_prompt)", "s.id", "s.created_at", true },
	/* Only where the words are rare: these samples have to be sorted. */
	{ WORDS, "prompt_search w JOIN samples s FORCE INDEX (of_prompt) ON "
		"s.prompt_id=w.id", "s.id", "s.created_at", true },
	{ FAVORITES, "favorites v FORCE INDEX (by_target)", "v.target_id", "v.target_created_at",
		false },
	{ TAG, "tags t FORCE INDEX (by_audio)", "t.audio_id", "t.audio_created_at", false },
	{ RATING, "audio_feedback f FORCE INDEX (by_stars)", "f.audio_id", "f.audio_created_at",
		false },
	{ EXPERIMENT, "samples s FORCE INDEX (of_experiment)", "s.id", "s.created_at", true },
	{ ADAPTER, "samples s FORCE INDEX (of_adapter)", "s.id", "s.created_at", true },
	{ MODEL, "samples s FORCE INDEX (of_model)", "s.id", "s.created_at", true },
	{ FORMAT, "samples s FORCE INDEX (of_format)", "s.id", "s.created_at", true },
	{ 0, "samples s FORCE INDEX (of_all)", "s.id", "s.created_at", true },
};

const char *const sample_order_names[SAMPLE_ORDERS + 1] = {
	[SAMPLES_NEWEST] = "newest",
	[SAMPLES_OLDEST] = "oldest",
	[SAMPLES_BEST] = "rating",
	[SAMPLE_ORDERS] = NULL,
};

/* By the names that a sample's place has in all parts of a query. */
static const char *const order_by[] = {
	[SAMPLES_NEWEST] = " ORDER BY created_at DESC, id DESC",
	[SAMPLES_OLDEST] = " ORDER BY created_at, id",
	[SAMPLES_BEST] = " ORDER BY stars DESC, created_at DESC, id DESC",
};

struct choice {
	unsigned has;
	const struct source *source;
	bool is_counted;		/* these are known: */
	uint64_t total;
	bool total_is_capped;
};

static unsigned
parts(const struct sample_filter *f)
{
	const struct { bool there; unsigned part; } all[] = {
		{ !uuid_is_nil(f->job_id), JOB }, { !uuid_is_nil(f->prompt_id), PROMPT },
		{ f->only_favorites, FAVORITES }, { f->tag, TAG }, { f->words, WORDS },
		{ f->min_rating, RATING }, { !uuid_is_nil(f->experiment_id), EXPERIMENT },
		{ f->base_model || !uuid_is_nil(f->adapter_id), ADAPTER }, { f->model, MODEL },
		{ f->format, FORMAT }, { f->no_favorites, NOT_FAVORITES },
		{ f->from || f->to, DATES },
	};
	unsigned has = 0;

	for (size_t i = 0; i < NELEM(all); i++)
		if (all[i].there) has |= all[i].part;
	return has;
}

/* The first one for this filter, or the first one behind another. */
static const struct source *
next_source(const struct source *s, unsigned has)
{
	while (s->needs && !(s->needs & has)) s++;
	return s;
}

/* The tables that are joined to the source, each by a key that finds one row at most; the server
 * may not think that another would do as well. */
static void
add_joins(struct statement *q, const struct choice *c, const struct sample_filter *f)
{
	unsigned by_samples = JOB | PROMPT | WORDS | EXPERIMENT | ADAPTER | MODEL | FORMAT;
	unsigned rest = c->has & ~c->source->needs;
	const char *id = c->source->id;

	if (!c->source->has_samples && rest & by_samples)
		buf_addf(&q->sql, " JOIN samples s FORCE INDEX (id) ON s.id=%s", id);
	if (rest & RATING) {
		buf_addf(&q->sql, " JOIN audio_feedback f FORCE INDEX (PRIMARY) ON "
			"f.audio_id=%s", id);
		statement_add(q, " AND f.stars>=?", (struct db_arg)DB_INT(f->min_rating));
	}
	if (rest & WORDS)
		statement_add(q, " JOIN prompt_search w FORCE INDEX (PRIMARY) ON "
			"w.id=s.prompt_id AND w.words REGEXP ?",
			(struct db_arg)DB_TEXT(f->pattern));
	if (rest & (FAVORITES | NOT_FAVORITES)) {
		buf_adds(&q->sql, rest & FAVORITES ? " JOIN" : " LEFT JOIN");
		buf_addf(&q->sql, " favorites v FORCE INDEX (one) ON v.target_id=%s AND "
			"v.target_type='audio'", id);
		statement_add(q, " AND v.user_id=?", (struct db_arg)DB_UUID(f->user));
	}
}

/* The conditions by which the source is walked; stars: exactly so many, or (negative) at least. */
static void
add_source(struct statement *q, const struct choice *c, const struct sample_filter *f, int stars)
{
	switch (c->source->needs) {
	case FAVORITES:
		statement_add(q, " AND v.target_type='audio' AND v.user_id=?",
			(struct db_arg)DB_UUID(f->user));
		break;
	case TAG:
		statement_add(q, " AND t.is_positive=1 AND t.tag_key=" TAGS_KEY,
			(struct db_arg)DB_TEXT(f->tag));
		/* Once, however many listeners have given it. */
		buf_adds(&q->sql, " AND (SELECT 1 FROM tags o FORCE INDEX (once) WHERE "
			"o.audio_id=t.audio_id AND o.tag_key=t.tag_key AND o.is_positive=1 AND "
			"o.id<t.id LIMIT 1) IS NULL");
		break;
	case WORDS:
		statement_add(q, " AND " FOUND, (struct db_arg)DB_TEXT(f->words));
		break;
	case RATING:
		statement_add(q, stars < 0 ? " AND f.stars>=?" : " AND f.stars=?",
			(struct db_arg)DB_INT(stars < 0 ? -stars : stars));
		break;
	default:
		break;
	}
}

static void
add_dates(struct statement *q, const char *at, const struct sample_filter *f)
{
	if (f->from) {
		buf_addf(&q->sql, " AND %s", at);
		statement_add(q, ">=?", (struct db_arg)DB_TIME(f->from));
	}
	if (f->to) {
		buf_addf(&q->sql, " AND %s", at);
		statement_add(q, "<=?", (struct db_arg)DB_TIME(f->to));
	}
}

/* FROM and WHERE. */
static void
add_rows(struct statement *q, const struct choice *c, const struct sample_filter *f, int stars,
	const struct sample_page *behind)
{
	const struct { const char *text; struct uuid id; } ids[] = {
		{ " AND s.job_id=?", f->job_id }, { " AND s.prompt_id=?", f->prompt_id },
		{ " AND s.experiment_id=?", f->experiment_id },
		{ " AND s.adapter_id=?", f->adapter_id },
	};
	const char *id = c->source->id, *at = c->source->at;
	unsigned rest = c->has & ~c->source->needs;

	buf_addf(&q->sql, " FROM %s", c->source->from);
	add_joins(q, c, f);
	buf_adds(&q->sql, " WHERE 1=1");
	add_source(q, c, f, stars);
	for (size_t i = 0; i < NELEM(ids); i++)
		if (!uuid_is_nil(ids[i].id))
			statement_add(q, ids[i].text, (struct db_arg)DB_UUID(ids[i].id));
	if (f->base_model) buf_adds(&q->sql, " AND s.adapter_id IS NULL");
	if (f->model) statement_add(q, " AND s.model=?", (struct db_arg)DB_TEXT(f->model));
	if (f->format) statement_add(q, " AND s.format=?", (struct db_arg)DB_TEXT(f->format));
	if (f->no_favorites) buf_adds(&q->sql, " AND v.id IS NULL");
	if (rest & TAG) {
		/* No join: several listeners may have given it. */
		buf_addf(&q->sql, " AND (SELECT 1 FROM tags t FORCE INDEX (once) WHERE "
			"t.audio_id=%s", id);
		statement_add(q, " AND t.is_positive=1 AND t.tag_key=" TAGS_KEY " LIMIT 1)=1",
			(struct db_arg)DB_TEXT(f->tag));
	}
	add_dates(q, at, f);
	if (behind && behind->after.created_at)
		statement_behind(q, at, id, behind->order == SAMPLES_OLDEST,
			behind->after.created_at, behind->after.id);
}

/* The places of the page's samples, and of one more, which tells whether there are others. Stars
 * are walked one by one and merged where they are not the order. STRAIGHT_JOIN keeps the source
 * first, and its order. */
static void
add_page(struct statement *q, const struct choice *c, const struct sample_filter *f,
	const struct sample_page *page)
{
	bool best = page->order == SAMPLES_BEST, merge = c->source->needs == RATING && !best;

	if (merge) buf_adds(&q->sql, "SELECT * FROM (");
	for (int stars = merge ? f->min_rating : RATING_MAX; stars <= RATING_MAX; stars++) {
		if (merge)
			buf_adds(&q->sql, stars == f->min_rating ? "(" : " UNION ALL (");
		buf_addf(&q->sql, "SELECT STRAIGHT_JOIN %s AS id, %s AS created_at, %s AS stars",
			c->source->id, c->source->at, best ? "f.stars" : "0");
		add_rows(q, c, f, merge ? stars : -f->min_rating, page);
		buf_adds(&q->sql, order_by[page->order]);
		if (merge)
			statement_add(q, " LIMIT ?)",
				(struct db_arg)DB_INT(page->offset + page->limit + 1));
	}
	if (merge) buf_addf(&q->sql, ") each_star%s", order_by[page->order]);
	statement_add(q, " LIMIT ?", (struct db_arg)DB_INT(page->limit + 1));
	statement_add(q, " OFFSET ?", (struct db_arg)DB_INT(page->offset));
}

/* The statement of the page. Release its text. */
static struct statement
page_query(const struct choice *c, const struct sample_filter *f, const struct sample_page *page)
{
	struct statement q = {0};

	buf_adds(&q.sql, "SELECT " SAMPLEROW_COLUMNS " FROM (");
	add_page(&q, c, f, page);
	buf_addf(&q.sql, ") page JOIN samples s ON s.id=page.id" SAMPLEROW_JOIN "%s",
		order_by[page->order]);
	return q;
}

/* One row for each sample that the filter lets through. */
static struct statement
count_query(const struct choice *c, const struct sample_filter *f)
{
	struct statement q = {0};

	buf_adds(&q.sql, "SELECT STRAIGHT_JOIN 1");
	add_rows(&q, c, f, -f->min_rating, NULL);
	return q;
}

/* Words that many samples have are no place to begin: what fits them is nearby wherever one
 * walks. */
static int
choose(struct db *db, const struct sample_filter *f, enum sample_order order, struct choice *c,
	struct err *e)
{
	struct sample_filter words = { .words = f->words };
	struct choice by_words = { WORDS, next_source(sources, WORDS), false, 0, false };
	struct statement q;

	*c = (struct choice){ .has = parts(f) };
	c->source = next_source(sources, c->has);
	if (c->source->needs == WORDS) {
		q = count_query(&by_words, &words);
		if (statement_count(&q, db, &c->total, &c->total_is_capped, e)) return -1;
		c->is_counted = c->has == WORDS;
		if (c->total_is_capped) c->source = next_source(c->source + 1, c->has);
	}
	/* Stars are walked unless there are so few samples that these can be sorted. */
	if (order == SAMPLES_BEST && !(c->source->needs & (JOB | PROMPT | WORDS)))
		c->source = next_source(sources, RATING);
	return 0;
}

static int
read_page(struct db *db, const struct choice *c, const struct sample_filter *f,
	const struct sample_page *page, struct sample_list *out, struct err *e)
{
	struct statement q = page_query(c, f, page);
	int more = ROWS_LIST(out, page->limit, statement_query(&q, db, e), samplerow_read, e);

	out->has_more = more == 1;
	return more < 0 ? -1 : 0;
}

/* How many the filter lets through: as was counted, as a counter or a tally says, or counted
 * now. */
static int
find_total(struct db *db, const struct choice *c, const struct sample_filter *f,
	struct sample_list *out, struct err *e)
{
	const struct uuid *subject = c->has == ADAPTER ? &f->adapter_id : &f->experiment_id;
	struct tally t;
	struct statement q;

	if (c->is_counted) {
		out->total = c->total;
		out->total_is_capped = c->total_is_capped;
		return 0;
	}
	if (c->has && ((c->has != ADAPTER && c->has != EXPERIMENT) || f->base_model)) {
		q = count_query(c, f);
		return statement_count(&q, db, &out->total, &out->total_is_capped, e);
	}
	if (c->has ? tallies_read(db, subject, 1, &t, e) : counters_read(db, &t, e)) return -1;
	out->total = (uint64_t)t.samples;
	return 0;
}

static int
count(struct db *db, const struct choice *c, const struct sample_filter *f,
	const struct sample_page *page, struct sample_list *out, struct err *e)
{
	uint64_t seen = page->offset + out->n;
	bool ends_here = !out->has_more && !page->after.created_at && (out->n || !page->offset);

	out->total = seen;
	if (ends_here) return 0;
	if (find_total(db, c, f, out, e)) return -1;
	/* The page and the count are not of one moment. */
	if (!page->after.created_at && out->n && out->total < seen + out->has_more &&
		!out->total_is_capped)
		out->total = seen + out->has_more;
	return 0;
}

/* Whatever is in an order by stars has some. */
static struct sample_filter
effective(const struct sample_filter *f, enum sample_order order)
{
	struct sample_filter mine = *f;

	if (order == SAMPLES_BEST && !f->min_rating) mine.min_rating = RATING_MIN;
	return mine;
}

int
samples_list(struct db *db, const struct sample_filter *f, const struct sample_page *page,
	struct sample_list *out, struct err *e)
{
	struct sample_filter mine = effective(f, page->order);
	struct choice c;

	*out = (struct sample_list){0};
	return choose(db, &mine, page->order, &c, e) || read_page(db, &c, &mine, page, out, e) ||
		count(db, &c, &mine, page, out, e) ? -1 : 0;
}

int
samples_list_explain(struct db *db, const struct sample_filter *f, const struct sample_page *page,
	struct buf *out, struct err *e)
{
	struct sample_filter mine = effective(f, page->order);
	struct choice c;
	struct statement q;

	if (choose(db, &mine, page->order, &c, e)) return -1;
	q = page_query(&c, &mine, page);
	if (statement_explain(&q, db, out, e)) return -1;
	q = count_query(&c, &mine);
	return statement_explain(&q, db, out, e);
}

void
samples_list_free(struct sample_list *l)
{
	ROWS_FREE(l, samples_free);
}
