#include "records/preferences.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "db/db.h"
#include "records/feedback_sums.h"
#include "records/pages.h"
#include "records/rows.h"

#define COLUMNS \
	"t.id, t.prompt_id, t.chosen_audio_id, t.rejected_audio_id, t.user_id, t.margin, " \
	"t.notes, t.created_at, t.job_id"

static void
read_row(const struct db_rows *r, void *row)
{
	struct preference *out = row;

	*out = (struct preference){ .id = db_col_uuid(r, 0), .prompt_id = db_col_uuid(r, 1),
		.chosen_audio_id = db_col_uuid(r, 2), .rejected_audio_id = db_col_uuid(r, 3),
		.user_id = db_col_uuid(r, 4), .margin = (int)db_col_int(r, 5),
		.notes = rows_text_or_null(r, 6), .created_at = db_col_int(r, 7) };
}

static void
read_id(const struct db_rows *r, void *out)
{
	*(struct uuid *)out = db_col_uuid(r, 0);
}

/* Those of a prompt. The row stays locked, so that only one of two sees it leave zero. */
static int
count_prompt(struct db *db, struct uuid prompt, int n, struct feedback_totals *t, struct err *e)
{
	struct db_arg a[] = { DB_UUID(prompt), DB_INT(n) };
	int64_t after;

	if (db_exec(db, "INSERT INTO compared_prompts (prompt_id, n) VALUES (?,?) ON DUPLICATE KEY "
		"UPDATE n=n+VALUES(n)", a, NELEM(a), e) < 0 ||
		db_one_int(db, "SELECT n FROM compared_prompts WHERE prompt_id=?", a, 1, 0, &after,
		e))
		return -1;
	t->compared_prompts += (after != 0) - (after - n != 0);
	return 0;
}

/* One preference came (n = 1) or went (-1); job is that of the chosen sample. */
static int
count(struct db *db, const struct preference *p, struct uuid job, int n, struct feedback_totals *t,
	struct err *e)
{
	struct feedback_change chosen = { .audio = p->chosen_audio_id, .job = job, .wins = n,
		.comparisons = n };
	struct feedback_change rejected = { .audio = p->rejected_audio_id, .comparisons = n };

	t->preferences += n;
	t->margins += p->margin ? n : 0;
	t->margin_sum += (int64_t)n * p->margin;
	return feedback_apply(db, &chosen, t, e) || feedback_apply(db, &rejected, t, e) ||
		count_prompt(db, p->prompt_id, n, t, e) ? -1 : 0;
}

static int
check(struct db *db, const struct preference *p, struct feedback_audio audio[2], struct err *e)
{
	struct uuid ids[2] = { p->chosen_audio_id, p->rejected_audio_id };
	struct db_arg a[] = { DB_UUID(p->prompt_id) };
	int64_t there;

	err_clear(e);
	if (uuid_eq(ids[0], ids[1]))
		return err_field(e, "rejected_audio_id",
			"must be another one than chosen_audio_id");
	if (db_one_int(db, "SELECT 1 FROM prompts WHERE id=?", a, NELEM(a), 0, &there, e))
		return -1;
	if (!there)
		return err_set(e, ERR_NOT_FOUND, "There is no prompt %s.", UUID_STR(p->prompt_id));
	if (feedback_hold(db, ids, 2, audio, e)) return -1;
	err_clear(e);
	for (int i = 0; i < 2; i++)
		if (!uuid_eq(audio[i].prompt_id, p->prompt_id))
			err_field(e, i ? "rejected_audio_id" : "chosen_audio_id",
				"was made of another prompt, %s", UUID_STR(audio[i].prompt_id));
	return e->n_fields ? -1 : 0;
}

/* 1, 0: there is none, -1. *job, where wanted, is that of the chosen sample. */
static int
read_one(struct db *db, struct uuid id, struct preference *out, struct uuid *job, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };
	struct db_rows *r = db_query(db, "SELECT " COLUMNS " FROM preferences t WHERE t.id=?", a,
		NELEM(a), e);
	int more;

	if (!r) return -1;
	if ((more = db_next(r, e)) == 1) {
		read_row(r, out);
		if (job) *job = db_col_uuid(r, 8);
	}
	db_rows_free(r);
	return more;
}

int
preferences_get(struct db *db, struct uuid id, struct preference *out, struct err *e)
{
	return rows_found(read_one(db, id, out, NULL, e), "preference", id, e);
}

/* Its row, if it still is there, and what it counted for. 1, 0, -1. Whoever removes the row takes
 * back the sums: of two that want to, the other finds no row. */
static int
remove_one(struct db *db, struct uuid id, struct feedback_totals *t, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };
	struct preference p = {0};
	struct uuid job = {{0}};
	int there = read_one(db, id, &p, &job, e);
	long n;

	if (there <= 0) return there;
	free(p.notes);
	n = db_exec(db, "DELETE FROM preferences WHERE id=?", a, NELEM(a), e);
	if (n <= 0) return (int)n;
	return count(db, &p, job, -1, t, e) ? -1 : 1;
}

struct giving {
	const struct preference *preference;
	struct uuid id;			/* of the last run, as the next */
	bool is_new;
};

/* What the user has said of the two before goes; its id stays. */
static int
replace_own(struct db *db, struct giving *g, struct feedback_totals *t, struct err *e)
{
	const struct preference *p = g->preference;
	bool ordered = memcmp(p->chosen_audio_id.b, p->rejected_audio_id.b, 16) < 0;
	struct uuid pair[] = { ordered ? p->chosen_audio_id : p->rejected_audio_id,
		ordered ? p->rejected_audio_id : p->chosen_audio_id };
	struct db_arg a[] = { DB_UUID(p->user_id), DB_BYTES(pair, sizeof pair) };
	int there = 0;

	if (!uuid_is_nil(p->user_id)) there = rows_first(db, "SELECT id FROM preferences WHERE "
		"user_id=? AND pair=?", a, NELEM(a), read_id, &g->id, e);
	if (there < 0 || (there && remove_one(db, g->id, t, e) < 0)) return -1;
	g->is_new = !there;
	if (!there) g->id = uuid_new();
	return 0;
}

static int
give(struct db *db, void *ctx, struct err *e)
{
	struct giving *g = ctx;
	const struct preference *p = g->preference;
	struct feedback_totals t = {0};
	struct feedback_audio audio[2];
	struct db_arg no_margin = DB_NULL, margin = DB_INT(p->margin);

	if (check(db, p, audio, e) || replace_own(db, g, &t, e)) return -1;
	struct db_arg a[] = { DB_UUID(g->id), DB_UUID(p->prompt_id), DB_UUID(audio[0].id),
		DB_UUID(audio[1].id), DB_UUID(audio[0].job_id), DB_UUID_OR_NULL(p->user_id),
		p->margin ? margin : no_margin, DB_TEXT_OR_NULL(p->notes) };

	if (db_exec(db, "INSERT INTO preferences (id, prompt_id, chosen_audio_id, "
		"rejected_audio_id, job_id, user_id, margin, notes, created_at) VALUES "
		"(?,?,?,?,?,?,?,?,UTC_TIMESTAMP(6))", a, NELEM(a), e) < 0 ||
		count(db, p, audio[0].job_id, 1, &t, e))
		return -1;
	return feedback_add(db, p->chosen_audio_id, &t, e);
}

int
preferences_give(struct db *db, const struct preference *p, struct uuid *id, bool *is_new,
	struct err *e)
{
	struct giving g = { .preference = p };

	if (db_transaction(db, give, &g, e) != DB_TX_DONE) return -1;
	*id = g.id;
	if (is_new) *is_new = g.is_new;
	return 0;
}

static int
delete(struct db *db, void *ctx, struct err *e)
{
	const struct uuid *id = ctx;
	struct preference p = {0};
	struct feedback_totals t = {0};
	struct feedback_audio audio[2];

	if (preferences_get(db, *id, &p, e)) return -1;
	free(p.notes);
	if (feedback_hold(db, (struct uuid[]){ p.chosen_audio_id, p.rejected_audio_id }, 2, audio,
		e))
		return rows_found(e->kind == ERR_NOT_FOUND ? 0 : -1, "preference", *id, e);
	if (rows_found(remove_one(db, *id, &t, e), "preference", *id, e)) return -1;
	return feedback_add(db, p.chosen_audio_id, &t, e);
}

int
preferences_delete(struct db *db, struct uuid id, struct err *e)
{
	return db_transaction(db, delete, &id, e) == DB_TX_DONE ? 0 : -1;
}

static size_t
ranges(const struct preference_filter *f, struct pages_range out[2])
{
	bool of_prompt = !uuid_is_nil(f->prompt_id);
	struct db_arg audio = DB_UUID(f->audio_id), prompt = DB_UUID(f->prompt_id);

	if (uuid_is_nil(f->audio_id)) {
		out[0] = (struct pages_range){ of_prompt ? "prompt_id=?" : "1", { prompt },
			of_prompt };
		return 1;
	}
	for (int i = 0; i < 2; i++) {
		out[i] = (struct pages_range){ i ? "rejected_audio_id=?" : "chosen_audio_id=?",
			{ audio, prompt }, 1 + of_prompt };
		if (of_prompt)
			out[i].where = i ? "rejected_audio_id=? AND prompt_id=?"
				: "chosen_audio_id=? AND prompt_id=?";
	}
	return 2;
}

int
preferences_list(struct db *db, const struct preference_filter *f, uint32_t limit, uint32_t offset,
	struct preference_list *out, struct err *e)
{
	struct pages_range range[2];
	struct pages p = { "preferences", COLUMNS, range, ranges(f, range) };
	struct feedback_totals t;

	*out = (struct preference_list){0};
	if (!uuid_is_nil(f->prompt_id) || !uuid_is_nil(f->audio_id)) {
		if (pages_count(db, &p, &out->total, e)) return -1;
	} else {
		if (feedback_totals(db, &t, e)) return -1;
		out->total = (uint64_t)t.preferences;
	}
	return ROWS_LIST(out, limit, pages_read(db, &p, limit, offset, e), read_row, e);
}

int
preferences_scores(struct db *db, struct preference_score *out, int max, struct err *e)
{
	struct db_arg a[] = { DB_INT(max) };
	struct db_rows *r = db_query(db, "SELECT audio_id, wins, comparisons FROM audio_feedback "
		"WHERE comparisons>0 ORDER BY comparisons DESC, audio_id DESC LIMIT ?", a, NELEM(a),
		e);
	int n = 0, more = 0;

	if (!r) return -1;
	while (n < max && (more = db_next(r, e)) == 1)
		out[n++] = (struct preference_score){ db_col_uuid(r, 0), db_col_int(r, 1),
			db_col_int(r, 2) };
	db_rows_free(r);
	return more < 0 ? -1 : n;
}

/* The ids of the next preferences with a sample. */
static int
next_of(struct db *db, struct uuid audio, struct uuid *out, int max, struct err *e)
{
	struct db_arg a[] = { DB_UUID(audio), DB_INT(max), DB_UUID(audio), DB_INT(max) };
	struct db_rows *r = db_query(db, "(SELECT id FROM preferences WHERE chosen_audio_id=? "
		"LIMIT ?) UNION ALL (SELECT id FROM preferences WHERE rejected_audio_id=? LIMIT ?)",
		a, NELEM(a), e);
	int n = 0, more = 0;

	if (!r) return -1;
	while (n < 2 * max && (more = db_next(r, e)) == 1) out[n++] = db_col_uuid(r, 0);
	db_rows_free(r);
	return more < 0 ? -1 : n;
}

int
preferences_forget(struct db *db, struct uuid audio, struct feedback_totals *t, struct err *e)
{
	enum { AT_ONCE = 64 };
	struct uuid ids[2 * AT_ONCE];
	int n;

	while ((n = next_of(db, audio, ids, AT_ONCE, e)) > 0)
		for (int i = 0; i < n; i++)
			if (remove_one(db, ids[i], t, e) < 0) return -1;
	return n;
}

void
preferences_free(struct preference *p)
{
	free(p->notes);
	*p = (struct preference){0};
}

void
preferences_list_free(struct preference_list *l)
{
	ROWS_FREE(l, preferences_free);
}
