#include "records/sign_ins.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "db/db.h"
#include "records/rows.h"

enum { BY_ACCOUNT, BY_ADDRESS, SUBJECTS, FORGOTTEN = 100 };

static void
subject(const char *kind, const char *name, uint8_t out[SHA256_BYTES])
{
	struct buf text = {0};

	buf_addf(&text, "%s %s", kind, name);
	hash_sha256(text.p, text.n, out);
	buf_free(&text);
}

struct counting {
	uint8_t subject[SUBJECTS][SHA256_BYTES];
	uint32_t limit[SUBJECTS];
	int wait_s;			/* of the last run */
};

static void
name_subjects(struct counting *c, const char *login, const char *address)
{
	subject("account", login, c->subject[BY_ACCOUNT]);
	subject("address", address, c->subject[BY_ADDRESS]);
}

static int
count_one(struct db *db, struct counting *c, int i, struct err *e)
{
	struct db_arg a[] = { DB_BYTES(c->subject[i], SHA256_BYTES), DB_INT(SIGN_INS_WINDOW_S) };
	int64_t is[2];

	/* n first: assignments see what those before them made. */
	if (db_exec(db, "INSERT INTO sign_ins (subject, n, until_at) VALUES (?,1,UTC_TIMESTAMP(6) "
		"+ INTERVAL ? SECOND) ON DUPLICATE KEY UPDATE "
		"n=IF(until_at<=UTC_TIMESTAMP(6),1,n+1), "
		"until_at=IF(until_at<=UTC_TIMESTAMP(6),VALUES(until_at),until_at)", a, NELEM(a),
		e) < 0 || rows_numbers(db, "SELECT n, TIMESTAMPDIFF(SECOND,UTC_TIMESTAMP(6),"
		"until_at)+1 FROM sign_ins WHERE subject=?", a, 1, is, 2, e) < 0)
		return -1;
	if (is[0] > c->limit[i] && is[1] > c->wait_s) c->wait_s = (int)is[1];
	return 0;
}

static int
count(struct db *db, void *ctx, struct err *e)
{
	struct counting *c = ctx;
	struct db_arg a[] = { DB_INT(FORGOTTEN) };

	c->wait_s = 0;
	if (db_exec(db, "DELETE FROM sign_ins WHERE until_at<UTC_TIMESTAMP(6) LIMIT ?", a, NELEM(a),
		e) < 0)
		return -1;
	for (int i = 0; i < SUBJECTS; i++)
		if (count_one(db, c, i, e)) return -1;
	return 0;
}

int
sign_ins_try(struct db *db, const char *login, const char *address,
	const struct sign_in_limits *l, struct err *e)
{
	struct counting c = { .limit = { [BY_ACCOUNT] = l->account, [BY_ADDRESS] = l->address } };

	name_subjects(&c, login, address);
	return db_transaction(db, count, &c, e) == DB_TX_DONE ? c.wait_s : -1;
}

static int
forget(struct db *db, void *ctx, struct err *e)
{
	struct counting *c = ctx;
	struct db_arg account[] = { DB_BYTES(c->subject[BY_ACCOUNT], SHA256_BYTES) };
	struct db_arg address[] = { DB_BYTES(c->subject[BY_ADDRESS], SHA256_BYTES) };

	return db_exec(db, "DELETE FROM sign_ins WHERE subject=?", account, 1, e) < 0 ||
		db_exec(db, "UPDATE sign_ins SET n=n-1 WHERE subject=? AND n>0", address, 1, e) < 0
		? -1 : 0;
}

int
sign_ins_succeeded(struct db *db, const char *login, const char *address, struct err *e)
{
	struct counting c = {0};

	name_subjects(&c, login, address);
	return db_transaction(db, forget, &c, e) == DB_TX_DONE ? 0 : -1;
}
