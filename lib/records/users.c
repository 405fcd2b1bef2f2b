#include "records/users.h"

#include <ctype.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/rows.h"
#include "records/sessions.h"

const char *const user_right_names[] = { "read", "vote", "create", "admin", NULL };

const char *const user_role_names[ROLES + 1] = {
	[ROLE_LISTENER] = "listener",
	[ROLE_CREATOR] = "creator",
	[ROLE_ADMIN] = "admin",
	[ROLES] = NULL,
};

const unsigned user_role_rights[ROLES] = {
	[ROLE_LISTENER] = RIGHT_READ | RIGHT_VOTE,
	[ROLE_CREATOR] = RIGHT_READ | RIGHT_VOTE | RIGHT_CREATE,
	[ROLE_ADMIN] = RIGHT_ALL,
};

int
users_read_login(const char *text, char out[USER_LOGIN], struct err *e)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz0123456789._@+-";
	size_t n = strlen(text);

	if (n && n < USER_LOGIN) {
		for (size_t i = 0; i <= n; i++) out[i] = (char)tolower((unsigned char)text[i]);
		if (strspn(out, chars) == n && !strchr("._@+-", *out)) return 0;
	}
	return err_set(e, ERR_INVALID, "A login has 1 to %d letters (a-z), digits or characters of "
		"._@+- and begins with a letter or digit.", USER_LOGIN_CHARS);
}

static int64_t
limit_of(const struct db_rows *r, unsigned col)
{
	return db_col_null(r, col) ? -1 : db_col_int(r, col);
}

void
users_read(const struct db_rows *r, unsigned col, struct user *out)
{
	*out = (struct user){ .id = db_col_uuid(r, col),
		.role = (enum role)(db_col_int(r, col + 2) - 1),
		.disabled = db_col_int(r, col + 3) != 0, .max_queued_jobs = limit_of(r, col + 4),
		.max_audio_seconds_per_day = limit_of(r, col + 5),
		.created_at = db_col_int(r, col + 6), .last_sign_in_at = db_col_int(r, col + 7) };
	str_copy(out->login, sizeof out->login, db_col_text(r, col + 1));
}

static void
read_row(const struct db_rows *r, void *out)
{
	users_read(r, 0, out);
}

struct found {
	struct user *user;
	char *hash;
};

static void
read_found(const struct db_rows *r, void *out)
{
	struct found *f = out;

	users_read(r, 0, f->user);
	str_copy(f->hash, PASSWORD_HASH, db_col_text(r, USER_N_COLUMNS));
}

int
users_create(struct db *db, const char *login, const char *hash, enum role role, struct uuid *id,
	struct err *e)
{
	struct uuid fresh = uuid_new();
	struct db_arg a[] = { DB_UUID(fresh), DB_TEXT(login), DB_TEXT(hash),
		DB_TEXT(user_role_names[role]) };

	if (db_exec(db, "INSERT INTO users (id, login, password, role, created_at) VALUES "
		"(?,?,?,?,UTC_TIMESTAMP(6))", a, NELEM(a), e) < 0)
		return e->kind != ERR_CONFLICT ? -1 : err_set(e, ERR_CONFLICT, "There is a user %s "
			"already.", login);
	*id = fresh;
	return 0;
}

int
users_get(struct db *db, struct uuid id, struct user *out, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };

	return rows_found(rows_first(db, "SELECT " USER_COLUMNS " FROM users u WHERE u.id=?", a,
		NELEM(a), read_row, out, e), "user", id, e);
}

int
users_find(struct db *db, const char *login, struct user *out, char hash[PASSWORD_HASH],
	struct err *e)
{
	struct db_arg a[] = { DB_TEXT(login) };

	return rows_first(db, "SELECT " USER_COLUMNS ", u.password FROM users u WHERE u.login=?", a,
		NELEM(a), read_found, &(struct found){ out, hash }, e);
}

int
users_list(struct db *db, uint32_t limit, uint32_t offset, struct user_list *out, struct err *e)
{
	struct db_arg a[] = { DB_INT(limit), DB_INT(offset) };
	int64_t n;

	*out = (struct user_list){0};
	if (db_one_int(db, "SELECT COUNT(*) FROM users", NULL, 0, 0, &n, e)) return -1;
	out->total = (uint64_t)n;
	return ROWS_LIST(out, limit, db_query(db, "SELECT " USER_COLUMNS " FROM users u ORDER BY "
		"u.created_at, u.id LIMIT ? OFFSET ?", a, NELEM(a), e), read_row, e) < 0 ? -1 : 0;
}

static void
free_user(struct user *u)
{
	(void)u;
}

void
users_list_free(struct user_list *l)
{
	ROWS_FREE(l, free_user);
}

struct changing {
	struct uuid id;
	const struct user_change *to;
};

/* With all admins locked, so that two do not take each other's role away at one moment. */
static int
check_admins(struct db *db, const struct changing *x, struct err *e)
{
	const struct user_change *c = x->to;
	struct db_arg a[] = { DB_UUID(x->id) };
	int64_t others;

	if (!(c->has_role && c->role != ROLE_ADMIN) && !(c->has_disabled && c->disabled)) return 0;
	if (db_one_int(db, "SELECT COUNT(*) FROM users WHERE role='admin' AND disabled_at IS NULL "
		"FOR UPDATE", NULL, 0, 0, &others, e) || db_one_int(db, "SELECT COUNT(*)-MAX(id=?) "
		"FROM users WHERE role='admin' AND disabled_at IS NULL", a, NELEM(a), 1, &others,
		e))
		return -1;
	return others ? 0 : err_set(e, ERR_CONFLICT, "Nobody would be left who can manage users: "
		"make another user an admin first.");
}

static int
change(struct db *db, void *ctx, struct err *e)
{
	const struct changing *x = ctx;
	const struct user_change *c = x->to;
	struct db_arg queued = DB_INT(c->max_queued_jobs), audio =
		DB_INT(c->max_audio_seconds_per_day), none = DB_NULL;
	struct db_arg a[] = { DB_INT(c->has_role), DB_TEXT(user_role_names[c->role]),
		DB_INT(c->has_disabled), DB_INT(c->disabled),
		DB_INT(c->has_queued), c->max_queued_jobs < 0 ? none : queued,
		DB_INT(c->has_audio), c->max_audio_seconds_per_day < 0 ? none : audio,
		DB_TEXT_OR_NULL(c->hash), DB_UUID(x->id) };
	struct user u;

	if (users_get(db, x->id, &u, e)) return -1;
	if (u.role == ROLE_ADMIN && !u.disabled && check_admins(db, x, e)) return -1;
	if (db_exec(db, "UPDATE users SET role=IF(?,?,role), disabled_at=IF(?,IF(?,"
		"COALESCE(disabled_at,UTC_TIMESTAMP(6)),NULL),disabled_at), "
		"max_queued_jobs=IF(?,?,max_queued_jobs), max_audio_seconds_per_day="
		"IF(?,?,max_audio_seconds_per_day), password=COALESCE(?,password) WHERE id=?", a,
		NELEM(a), e) < 0)
		return -1;
	return c->hash || (c->has_disabled && c->disabled)
		? sessions_end_all(db, x->id, c->keep, e) : 0;
}

int
users_change(struct db *db, struct uuid id, const struct user_change *c, struct err *e)
{
	struct changing x = { id, c };

	return db_transaction(db, change, &x, e) == DB_TX_DONE ? 0 : -1;
}

int
users_rehash(struct db *db, struct uuid id, const char *hash, struct err *e)
{
	struct db_arg a[] = { DB_TEXT(hash), DB_UUID(id) };

	return db_exec(db, "UPDATE users SET password=? WHERE id=?", a, NELEM(a), e) < 0 ? -1 : 0;
}
