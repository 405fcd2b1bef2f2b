#include "records/intents.h"

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"

struct addition {
	const struct claim *claim;
	const char (*keys)[SAMPLE_KEY];
	size_t n;
	bool held;
};

static int
add(struct db *db, void *ctx, struct err *e)
{
	struct addition *x = ctx;

	for (size_t i = 0; i < x->n; i++) {
		struct db_arg a[] = { DB_TEXT(x->keys[i]), DB_UUID(x->claim->job),
			DB_INT(x->claim->attempt), DB_UUID(x->claim->owner) };
		long n = db_exec(db, "INSERT INTO intents (storage_key, job_id, attempt, owner, "
			"created_at) SELECT ?, id, attempt, owner, UTC_TIMESTAMP(6) FROM jobs "
			"WHERE id=? AND attempt=? AND owner=? AND status='processing'", a, NELEM(a),
			e);

		x->held = n == 1;
		if (n != 1) return (int)n;
	}
	return 0;
}

int
intents_add(struct db *db, const struct claim *c, const char (*keys)[SAMPLE_KEY], size_t n,
	struct err *e)
{
	struct addition x = { .claim = c, .keys = keys, .n = n };

	return db_transaction(db, add, &x, e) == DB_TX_DONE ? x.held : -1;
}

int
intents_add_upload(struct db *db, struct uuid upload, const char *key, struct err *e)
{
	struct uuid nobody = {{0}};
	struct db_arg a[] = { DB_TEXT(key), DB_UUID(upload), DB_UUID(nobody) };

	return db_exec(db, "INSERT INTO intents (storage_key, job_id, attempt, owner, created_at) "
		"VALUES (?,?,0,?,UTC_TIMESTAMP(6))", a, NELEM(a), e) < 0 ? -1 : 0;
}

int
intents_take_upload(struct db *db, const char *key, uint32_t max_age_s, struct err *e)
{
	struct db_arg a[] = { DB_TEXT(key), DB_INT(max_age_s) };
	long n = db_exec(db, "DELETE FROM intents WHERE storage_key=? AND created_at > "
		"UTC_TIMESTAMP(6) - INTERVAL ? SECOND", a, NELEM(a), e);

	return n < 0 ? -1 : n > 0;
}

int
intents_add_removed(struct db *db, struct uuid job, const char (*keys)[SAMPLE_KEY], size_t n,
	uint32_t after_s, struct err *e)
{
	struct uuid nobody = {{0}};

	for (size_t i = 0; i < n; i++) {
		struct db_arg a[] = { DB_TEXT(keys[i]), DB_UUID(job), DB_UUID(nobody),
			DB_INT(after_s) };

		if (*keys[i] && db_exec(db, "INSERT INTO intents (storage_key, job_id, attempt, "
			"owner, created_at, collect_after) VALUES (?,?,0,?,UTC_TIMESTAMP(6),"
			"UTC_TIMESTAMP(6) + INTERVAL ? SECOND)", a, NELEM(a), e) < 0)
			return -1;
	}
	return 0;
}

int
intents_dead(struct db *db, struct uuid owner, uint64_t age_ms, struct intent *out, size_t max,
	struct err *e)
{
	struct uuid nobody = {{0}};
	struct db_arg a[] = { DB_UUID(owner), DB_UUID(nobody), DB_INT(INTENT_UPLOAD_S * 1000000ll),
		DB_INT(age_ms * 1000), DB_INT(max) };
	/* A completion removes its intents in its own transaction, so whatever is left and not in
	 * work is dead. */
	struct db_rows *r = db_query(db, "SELECT i.storage_key FROM intents i LEFT JOIN jobs j ON "
		"j.id=i.job_id AND j.attempt=i.attempt AND j.status='processing' WHERE "
		"(i.collect_after IS NULL AND j.id IS NULL AND (i.owner=? OR i.created_at < "
		"UTC_TIMESTAMP(6) - INTERVAL IF(i.owner=?, ?, ?) MICROSECOND)) OR "
		"i.collect_after < UTC_TIMESTAMP(6) LIMIT ?", a, NELEM(a), e);
	size_t n = 0;
	int more = 0;

	if (!r) return -1;
	while (n < max && (more = db_next(r, e)) == 1)
		str_copy(out[n++].key, sizeof out->key, db_col_text(r, 0));
	db_rows_free(r);
	return more < 0 ? -1 : (int)n;
}

int
intents_forget(struct db *db, const char *key, struct err *e)
{
	struct db_arg a[] = { DB_TEXT(key) };

	return db_exec(db, "DELETE FROM intents WHERE storage_key=?", a, NELEM(a), e) < 0 ? -1 : 0;
}
