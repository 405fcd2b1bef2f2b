#include "records/abtests.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/absql.h"
#include "records/adapters.h"
#include "records/abpairs.h"
#include "records/rows.h"

const char *const abtest_status_names[ABTEST_STATUSES + 1] = {
	[ABTEST_DRAFT] = "draft",
	[ABTEST_GENERATING] = "generating",
	[ABTEST_READY] = "ready",
	[ABTEST_COMPLETED] = "completed",
	[ABTEST_STATUSES] = NULL,
};

const char *const preference_names[PREFERENCES + 1] = {
	[PREFER_A] = "a",
	[PREFER_B] = "b",
	[PREFER_EQUAL] = "equal",
	[PREFERENCES] = NULL,
};

struct creation {
	const struct abtest_new *n;
	struct uuid id;
};

static int
insert_test(struct db *db, const struct creation *c, struct err *e)
{
	const struct abtest_new *n = c->n;
	const struct adapter_use *a = n->arm[ABTEST_A], *b = n->arm[ABTEST_B];
	struct db_arg args[] = { DB_UUID(c->id), DB_TEXT(n->name), DB_TEXT_OR_NULL(n->description),
		DB_TEXT(n->model), DB_UUID_OR_NULL(a->id), DB_TEXT_OR_NULL(a->name),
		DB_TEXT_OR_NULL(a->json), DB_TEXT_OR_NULL(a->key), DB_UUID_OR_NULL(b->id),
		DB_TEXT_OR_NULL(b->name), DB_TEXT_OR_NULL(b->json), DB_TEXT_OR_NULL(b->key),
		DB_TEXT(n->params), DB_TEXT(n->format), DB_INT(n->priority), DB_INT(n->seed),
		DB_INT(n->samples_per_prompt), DB_UUID_OR_NULL(n->user_id) };

	return db_exec(db, "INSERT INTO ab_tests (id, name, description, model, adapter_a_id, "
		"adapter_a_name, adapter_a, adapter_a_key, adapter_b_id, adapter_b_name, "
		"adapter_b, adapter_b_key, params, format, priority, seed, samples_per_prompt, "
		"user_id, created_at, updated_at) VALUES "
		"(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,UTC_TIMESTAMP(6),created_at)", args,
		NELEM(args), e) < 0 ? -1 : 0;
}

static int
create(struct db *db, void *ctx, struct err *e)
{
	struct creation *c = ctx;
	const struct abtest_new *n = c->n;
	struct abpairs_adder add = { .test = c->id, .seed = n->seed };

	if (insert_test(db, c, e)) return -1;
	for (size_t i = 0; i < n->n_prompts; i++)
		for (int k = 0; k < n->samples_per_prompt; k++)
			if (abpairs_add(db, &add, n->prompts[i], e)) return -1;
	return abpairs_flush(db, &add, e);
}

int
abtests_create(struct db *db, const struct abtest_new *n, struct uuid *id, struct err *e)
{
	struct creation c = { .n = n, .id = uuid_new() };

	if (db_transaction(db, create, &c, e) != DB_TX_DONE) return -1;
	*id = c.id;
	return 0;
}

/* Pairs by what they are, of each test that the source in front has. */
#define SUMS \
	"SELECT p.test_id, COUNT(*) pairs, SUM(" AB_GENERATED ") made, " \
	"SUM(ja.status IN ('failed','cancelled') OR jb.status IN ('failed','cancelled')) failed, " \
	"SUM(EXISTS (SELECT 1 FROM ab_votes v WHERE v.pair_id=p.id)) voted, " \
	"SUM(ja.id IS NOT NULL OR jb.id IS NOT NULL) begun FROM "

/* The rule of abtests.h. */
#define STATUS \
	"CASE WHEN s.made<s.pairs THEN IF(s.begun>0,'generating','draft') " \
	"WHEN s.voted<s.pairs THEN 'ready' ELSE 'completed' END"

#define VOTES(preference) \
	"(SELECT COUNT(*) FROM ab_votes v WHERE v.test_id=t.id AND v.preference='" preference "')"

#define COLUMNS \
	"SELECT t.id, t.user_id, t.name, t.description, t.model, t.adapter_a_id, t.adapter_b_id, " \
	"t.adapter_a_name, t.adapter_b_name, t.params, t.seed, t.samples_per_prompt, " STATUS ", " \
	"s.pairs, s.made, s.failed, s.voted, " VOTES("a") ", " VOTES("b") ", " VOTES("equal") \
	", t.created_at, t.updated_at FROM "

static void
read_row(const struct db_rows *r, void *out)
{
	struct abtest *t = out;

	*t = (struct abtest){ .id = db_col_uuid(r, 0), .user_id = db_col_uuid(r, 1),
		.name = rows_text(r, 2), .description = rows_text_or_null(r, 3),
		.model = rows_text(r, 4), .params = rows_text(r, 9),
		.seed = (uint32_t)db_col_int(r, 10), .samples_per_prompt = (int)db_col_int(r, 11),
		.status = (enum abtest_status)str_index(db_col_text(r, 12), abtest_status_names),
		.pairs = db_col_int(r, 13), .generated = db_col_int(r, 14),
		.failed = db_col_int(r, 15), .voted = db_col_int(r, 16),
		.created_at = db_col_int(r, 20), .updated_at = db_col_int(r, 21) };
	for (unsigned i = 0; i < ABTEST_ARMS; i++) {
		t->adapter_id[i] = db_col_uuid(r, 5 + i);
		t->adapter_name[i] = rows_text_or_null(r, 7 + i);
	}
	for (unsigned i = 0; i < PREFERENCES; i++) t->votes[i] = db_col_int(r, 17 + i);
}

int
abtests_get(struct db *db, struct uuid id, struct abtest *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };

	return rows_found(rows_first(db, COLUMNS "(" SUMS "ab_pairs p" AB_ARMS "WHERE p.test_id=? "
		"GROUP BY p.test_id) s JOIN ab_tests t ON t.id=s.test_id", a, NELEM(a), read_row,
		out, e), "A/B test", id, e);
}

/* The same rule for one test t, answered as soon as a pair decides it: so a list that is narrowed
 * need not add up every test there is. */
#define SOME_PAIR(which) \
	"EXISTS (SELECT 1 FROM ab_pairs p" AB_ARMS "WHERE p.test_id=t.id AND " which ")"
#define INCOMPLETE SOME_PAIR("NOT " AB_GENERATED)
#define BEGUN SOME_PAIR("(ja.id IS NOT NULL OR jb.id IS NOT NULL)")
#define UNHEARD \
	"EXISTS (SELECT 1 FROM ab_pairs p WHERE p.test_id=t.id AND NOT EXISTS (SELECT 1 FROM " \
	"ab_votes v WHERE v.pair_id=p.id))"

/* STRAIGHT_JOIN: else the server may begin with all pairs there are when the page lies far back. */
#define LIST(which) \
	COLUMNS "(" SUMS "(SELECT t.id FROM ab_tests t WHERE " which " ORDER BY t.created_at " \
	"DESC, t.id DESC LIMIT ? OFFSET ?) page STRAIGHT_JOIN ab_pairs p ON " \
	"p.test_id=page.id" AB_ARMS "GROUP BY p.test_id) s JOIN ab_tests t ON " \
	"t.id=s.test_id ORDER BY t.created_at DESC, t.id DESC"
#define COUNT(which) "SELECT COUNT(*) FROM ab_tests t WHERE " which

/* Queries by status; behind them those for any. */
static const struct {
	const char *list, *count;
} queries[ABTEST_STATUSES + 1] = {
#define QUERIES(which) { LIST(which), COUNT(which) }
	[ABTEST_DRAFT] = QUERIES("NOT " BEGUN " AND " INCOMPLETE),
	[ABTEST_GENERATING] = QUERIES(BEGUN " AND " INCOMPLETE),
	[ABTEST_READY] = QUERIES(UNHEARD " AND NOT " INCOMPLETE),
	[ABTEST_COMPLETED] = QUERIES("NOT " UNHEARD " AND NOT " INCOMPLETE),
	[ABTEST_STATUSES] = QUERIES("TRUE"),
#undef QUERIES
};

int
abtests_list(struct db *db, int status, uint32_t limit, uint32_t offset, struct abtest_list *out,
	struct err *e)
{
	struct db_arg a[] = { DB_INT(limit), DB_INT(offset) };
	int which = status < 0 ? ABTEST_STATUSES : status;
	int64_t n;

	*out = (struct abtest_list){0};
	if (db_one_int(db, queries[which].count, NULL, 0, 0, &n, e)) return -1;
	out->total = (uint64_t)n;
	return ROWS_LIST(out, limit, db_query(db, queries[which].list, a, NELEM(a), e), read_row, e);
}

void
abtests_free(struct abtest *t)
{
	free(t->name);
	free(t->description);
	free(t->model);
	for (int i = 0; i < ABTEST_ARMS; i++) free(t->adapter_name[i]);
	free(t->params);
	*t = (struct abtest){0};
}

void
abtests_list_free(struct abtest_list *l)
{
	ROWS_FREE(l, abtests_free);
}
