#include "records/tokens.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/rows.h"

#define COLUMNS \
	"t.id, t.user_id, t.name, t.prefix, t.scopes+0, t.created_at, t.last_used_at, t.expires_at"
enum { N_COLUMNS = 8 };

static void
read_row(const struct db_rows *r, void *out)
{
	struct token *t = out;

	*t = (struct token){ .id = db_col_uuid(r, 0), .user_id = db_col_uuid(r, 1),
		.scopes = (unsigned)db_col_int(r, 4), .created_at = db_col_int(r, 5),
		.last_used_at = db_col_int(r, 6), .expires_at = db_col_int(r, 7) };
	str_copy(t->name, sizeof t->name, db_col_text(r, 2));
	str_copy(t->prefix, sizeof t->prefix, db_col_text(r, 3));
}

struct creation {
	struct uuid id, user;
	const char *name, *prefix;
	unsigned scopes;
	uint32_t days;
	uint8_t sha256[SHA256_BYTES];
};

/* The user is locked, so that two at one moment are not one too many. */
static int
create(struct db *db, void *ctx, struct err *e)
{
	const struct creation *c = ctx;
	struct db_arg user[] = { DB_UUID(c->user) };
	struct db_arg row[] = { DB_UUID(c->id), DB_UUID(c->user), DB_TEXT(c->name),
		DB_TEXT(c->prefix), DB_BYTES(c->sha256, SHA256_BYTES), DB_INT(c->scopes),
		DB_INT(c->days) };
	int64_t n;

	if (db_one_int(db, "SELECT 1 FROM users WHERE id=? FOR UPDATE", user, 1, 0, &n, e))
		return -1;
	if (!n) return rows_found(0, "user", c->user, e);
	if (db_one_int(db, "SELECT COUNT(*) FROM tokens WHERE user_id=?", user, 1, 0, &n, e))
		return -1;
	if (n >= TOKENS_EACH)
		return err_set(e, ERR_CONFLICT, "A user can have %d tokens; revoke one first.",
			TOKENS_EACH);
	return db_exec(db, "INSERT INTO tokens (id, user_id, name, prefix, token_sha256, scopes, "
		"created_at, expires_at) VALUES (?,?,?,?,?,?,UTC_TIMESTAMP(6),created_at + "
		"INTERVAL ? DAY)", row, NELEM(row), e) < 0 ? -1 : 0;
}

int
tokens_create(struct db *db, struct uuid user, const char *name, unsigned scopes, uint32_t days,
	char secret[SECRET_TOKEN], struct uuid *id, struct err *e)
{
	char prefix[SECRET_PREFIX];
	struct creation c = { uuid_new(), user, name, prefix, scopes, days, {0} };

	secret_token(secret);
	snprintf(prefix, sizeof prefix, "%s", secret);
	hash_sha256(secret, strlen(secret), c.sha256);
	if (db_transaction(db, create, &c, e) != DB_TX_DONE) return -1;
	*id = c.id;
	return 0;
}

struct found {
	struct token *token;
	struct user *user;
	bool note;
};

static void
read_found(const struct db_rows *r, void *out)
{
	struct found *f = out;

	read_row(r, f->token);
	users_read(r, N_COLUMNS, f->user);
	f->note = db_col_int(r, N_COLUMNS + USER_N_COLUMNS) != 0;
}

int
tokens_find(struct db *db, const char *secret, struct token *out, struct user *user, struct err *e)
{
	uint8_t sha256[SHA256_BYTES];
	struct db_arg a[] = { DB_BYTES(sha256, sizeof sha256) };
	struct found f = { .token = out, .user = user };
	struct err ignored;
	int there;

	hash_sha256(secret, strlen(secret), sha256);
	there = rows_first(db, "SELECT " COLUMNS ", " USER_COLUMNS ", COALESCE(t.last_used_at < "
		"UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE, TRUE) FROM tokens t JOIN users u ON "
		"u.id=t.user_id WHERE t.token_sha256=? AND t.expires_at > UTC_TIMESTAMP(6) AND "
		"u.disabled_at IS NULL", a, NELEM(a), read_found, &f, e);
	/* As in sessions.c: one of several hosts is enough. */
	if (there == 1 && f.note)
		db_exec(db, "UPDATE tokens SET last_used_at=UTC_TIMESTAMP(6) WHERE token_sha256=?",
			a, NELEM(a), &ignored);
	return there;
}

int
tokens_get(struct db *db, struct uuid user, struct uuid id, struct token *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id), DB_UUID(user) };

	return rows_found(rows_first(db, "SELECT " COLUMNS " FROM tokens t WHERE t.id=? AND "
		"t.user_id=?", a, NELEM(a), read_row, out, e), "token", id, e);
}

int
tokens_revoke(struct db *db, struct uuid user, struct uuid id, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id), DB_INT(uuid_is_nil(user)), DB_UUID(user) };

	return rows_found(db_exec(db, "DELETE FROM tokens WHERE id=? AND (? OR user_id=?)", a,
		NELEM(a), e), "token", id, e);
}

int
tokens_list(struct db *db, struct uuid user, uint32_t limit, uint32_t offset,
	struct token_list *out, struct err *e)
{
#define CHOSEN "FROM tokens t WHERE (? OR t.user_id=?)"
	struct db_arg a[] = { DB_INT(uuid_is_nil(user)), DB_UUID(user), DB_INT(limit),
		DB_INT(offset) };
	int64_t n;

	*out = (struct token_list){0};
	if (db_one_int(db, "SELECT COUNT(*) " CHOSEN, a, 2, 0, &n, e)) return -1;
	out->total = (uint64_t)n;
	return ROWS_LIST(out, limit, db_query(db, "SELECT " COLUMNS " " CHOSEN " ORDER BY "
		"t.created_at DESC, t.id DESC LIMIT ? OFFSET ?", a, NELEM(a), e), read_row, e) < 0
		? -1 : 0;
#undef CHOSEN
}

static void
free_token(struct token *t)
{
	(void)t;
}

void
tokens_list_free(struct token_list *l)
{
	ROWS_FREE(l, free_token);
}
