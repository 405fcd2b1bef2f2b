#include "records/sessions.h"

#include <string.h>

#include "base/err.h"
#include "db/db.h"
#include "records/rows.h"

enum { CLEARED = 100 };		/* sessions that go at once */

/* The sooner of both ends of a session s; the argument is the idle time in seconds. */
#define EXPIRES "LEAST(s.expires_at, s.seen_at + INTERVAL ? SECOND)"

struct beginning {
	struct uuid user;
	const struct session_limits *limits;
	const uint8_t *sha256;
};

static int
begin(struct db *db, void *ctx, struct err *e)
{
	const struct beginning *b = ctx;
	struct db_arg idle[] = { DB_INT(b->limits->idle_s), DB_INT(CLEARED) };
	struct db_arg ended[] = { DB_INT(CLEARED) };
	struct db_arg row[] = { DB_BYTES(b->sha256, SHA256_BYTES), DB_UUID(b->user),
		DB_INT(b->limits->all_s) };
	struct db_arg user[] = { DB_UUID(b->user) };

	return db_exec(db, "DELETE FROM sessions WHERE seen_at < UTC_TIMESTAMP(6) - INTERVAL ? "
			"SECOND LIMIT ?", idle, NELEM(idle), e) < 0 ||
		db_exec(db, "DELETE FROM sessions WHERE expires_at < UTC_TIMESTAMP(6) LIMIT ?",
			ended, NELEM(ended), e) < 0 ||
		db_exec(db, "INSERT INTO sessions (secret_sha256, user_id, created_at, seen_at, "
			"expires_at) VALUES (?,?,UTC_TIMESTAMP(6),created_at,created_at + "
			"INTERVAL ? SECOND)", row, NELEM(row), e) < 0 ||
		db_exec(db, "UPDATE users SET last_sign_in_at=UTC_TIMESTAMP(6) WHERE id=?", user,
			NELEM(user), e) < 0 ? -1 : 0;
}

struct found {
	struct session *session;
	struct user *user;
	bool note;
};

static void
read_found(const struct db_rows *r, void *out)
{
	struct found *f = out;

	users_read(r, 0, f->user);
	f->session->expires_at = db_col_int(r, USER_N_COLUMNS);
	f->note = db_col_int(r, USER_N_COLUMNS + 1) != 0;
}

static int
look(struct db *db, const struct session_limits *l, struct found *f, struct err *e)
{
	struct db_arg a[] = { DB_INT(l->idle_s), DB_BYTES(f->session->sha256, SHA256_BYTES),
		DB_INT(l->idle_s) };

	return rows_first(db, "SELECT " USER_COLUMNS ", " EXPIRES ", s.seen_at < UTC_TIMESTAMP(6) "
		"- INTERVAL 1 MINUTE FROM sessions s JOIN users u ON u.id=s.user_id "
		"WHERE s.secret_sha256=? AND " EXPIRES " > UTC_TIMESTAMP(6) AND u.disabled_at IS "
		"NULL", a, NELEM(a), read_found, f, e);
}

int
sessions_begin(struct db *db, struct uuid user, const struct session_limits *l,
	char secret[SECRET_SESSION], struct session *out, struct err *e)
{
	struct beginning b = { user, l, out->sha256 };
	struct user ignored;
	struct found f = { .session = out, .user = &ignored };

	secret_session(secret);
	hash_sha256(secret, strlen(secret), out->sha256);
	if (db_transaction(db, begin, &b, e) != DB_TX_DONE) return -1;
	return look(db, l, &f, e) < 0 ? -1 : 0;
}

int
sessions_find(struct db *db, const char *secret, const struct session_limits *l,
	struct session *out, struct user *user, struct err *e)
{
	struct found f = { .session = out, .user = user };
	struct db_arg a[] = { DB_BYTES(out->sha256, SHA256_BYTES) };
	struct err ignored;
	int there;

	hash_sha256(secret, strlen(secret), out->sha256);
	there = look(db, l, &f, e);
	/* Where two hosts do so at one moment, a cluster lets one of them: that is enough. */
	if (there == 1 && f.note)
		db_exec(db, "UPDATE sessions SET seen_at=UTC_TIMESTAMP(6) WHERE secret_sha256=?", a,
			NELEM(a), &ignored);
	return there;
}

int
sessions_end(struct db *db, const uint8_t sha256[SHA256_BYTES], struct err *e)
{
	struct db_arg a[] = { DB_BYTES(sha256, SHA256_BYTES) };

	return db_exec(db, "DELETE FROM sessions WHERE secret_sha256=?", a, NELEM(a), e) < 0 ? -1
		: 0;
}

int
sessions_end_all(struct db *db, struct uuid user, const uint8_t *keep, struct err *e)
{
	struct db_arg a[] = { DB_UUID(user), DB_BYTES(keep, keep ? SHA256_BYTES : 0) };

	return db_exec(db, "DELETE FROM sessions WHERE user_id=? AND secret_sha256<>?", a, NELEM(a),
		e) < 0 ? -1 : 0;
}
