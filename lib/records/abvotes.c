#include "records/abvotes.h"

#include <stdlib.h>

#include "base/err.h"
#include "db/db.h"
#include "records/absql.h"
#include "records/rows.h"

struct cast {
	struct uuid test, pair, listener;
	enum preference preference;
};

static int
cast(struct db *db, void *ctx, struct err *e)
{
	struct cast *c = ctx;
	struct db_arg a[] = { DB_UUID(c->pair), DB_UUID(c->listener), DB_UUID(c->test),
		DB_TEXT(preference_names[c->preference]) };

	return db_exec(db, "INSERT INTO ab_votes (pair_id, listener_id, test_id, preference, "
		"created_at, updated_at) VALUES (?,?,?,?,UTC_TIMESTAMP(6),created_at) ON DUPLICATE "
		"KEY UPDATE preference=VALUES(preference), updated_at=UTC_TIMESTAMP(6)", a,
		NELEM(a), e) < 0 ? -1 : 0;
}

int
abvotes_cast(struct db *db, struct uuid test, struct uuid pair, struct uuid listener,
	enum preference preference, struct err *e)
{
	struct cast c = { test, pair, listener, preference };
	struct abpair p = {0};
	int rc = abtests_pair(db, test, pair, listener, &p, e);

	if (!rc && !abpair_is_ready(&p))
		rc = err_set(e, ERR_CONFLICT, "The pair is not ready to be voted on: it is %s.",
			abpair_status_names[p.status]);
	/* A take that is deleted at this very moment was heard before; the vote counts. */
	if (!rc && db_transaction(db, cast, &c, e) != DB_TX_DONE) rc = -1;
	abpair_free(&p);
	return rc;
}

int
abvotes_next(struct db *db, struct uuid test, struct uuid listener, struct abvotes_next *out,
	struct err *e)
{
	struct db_arg a[] = { DB_UUID(listener), DB_UUID(test) };
	struct db_rows *r = db_query(db, "SELECT p.id, " AB_GENERATED " FROM ab_pairs p" AB_ARMS
		"LEFT JOIN ab_votes v ON v.pair_id=p.id AND v.listener_id=? WHERE p.test_id=? AND "
		"v.pair_id IS NULL ORDER BY p.position", a, NELEM(a), e);
	int more;

	*out = (struct abvotes_next){0};
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1) {
		if (!db_col_int(r, 1)) out->waiting++;
		else if (!out->remaining++) out->pair = db_col_uuid(r, 0);
	}
	db_rows_free(r);
	return more;
}

int
abvotes_listeners(struct db *db, struct uuid test, int64_t *n, struct err *e)
{
	struct db_arg a[] = { DB_UUID(test) };

	return db_one_int(db, "SELECT COUNT(DISTINCT listener_id) FROM ab_votes WHERE test_id=?", a,
		NELEM(a), 0, n, e);
}

int
abvotes_of_adapter(struct db *db, struct uuid adapter, int64_t *n, struct err *e)
{
	struct db_arg a[] = { DB_UUID(adapter), DB_UUID(adapter) };

	/* It is never both arms of a test, so that no vote counts twice. */
	return db_one_int(db, "SELECT (SELECT COUNT(*) FROM ab_tests t JOIN ab_votes v ON "
		"v.test_id=t.id WHERE t.adapter_a_id=?) + (SELECT COUNT(*) FROM ab_tests t JOIN "
		"ab_votes v ON v.test_id=t.id WHERE t.adapter_b_id=?)", a, NELEM(a), 0, n, e);
}

int
abvotes_sums(struct db *db, struct abvotes_sums *out, struct err *e)
{
	/* The votes are summed in their index before anything is joined to them. */
	struct db_rows *r = db_query(db, "SELECT t.adapter_a_id, t.adapter_b_id, "
		"MAX(COALESCE(a.name, t.adapter_a_name)), MAX(COALESCE(b.name, t.adapter_b_name)), "
		"t.model, SUM(v.a), SUM(v.b), SUM(v.equal) FROM (SELECT test_id, "
		"SUM(preference='a') a, SUM(preference='b') b, SUM(preference='equal') equal "
		"FROM ab_votes GROUP BY test_id) v JOIN ab_tests t ON t.id=v.test_id "
		"LEFT JOIN adapters a ON a.id=t.adapter_a_id LEFT JOIN adapters b ON "
		"b.id=t.adapter_b_id GROUP BY t.adapter_a_id, t.adapter_b_id, t.model "
		"ORDER BY t.adapter_a_id, t.adapter_b_id, t.model", NULL, 0, e);
	size_t room = 0;
	int more;

	*out = (struct abvotes_sums){0};
	if (!r) return -1;
	while ((more = db_next(r, e)) == 1) {
		struct abvotes_sum *s;

		if (out->n == room) {
			room = room ? 2 * room : 16;
			out->items = realloc(out->items, room * sizeof *out->items);
			if (!out->items) abort();
		}
		s = &out->items[out->n++];
		*s = (struct abvotes_sum){ .model = rows_text(r, 4) };
		for (unsigned i = 0; i < ABTEST_ARMS; i++) {
			s->adapter_id[i] = db_col_uuid(r, i);
			s->adapter_name[i] = rows_text_or_null(r, 2 + i);
		}
		for (unsigned i = 0; i < PREFERENCES; i++) s->votes[i] = db_col_int(r, 5 + i);
	}
	db_rows_free(r);
	return more;
}

void
abvotes_sums_free(struct abvotes_sums *s)
{
	for (size_t i = 0; i < s->n; i++) {
		for (int k = 0; k < ABTEST_ARMS; k++) free(s->items[i].adapter_name[k]);
		free(s->items[i].model);
	}
	free(s->items);
	*s = (struct abvotes_sums){0};
}
