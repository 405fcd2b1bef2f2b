/* Users: who may sign in, and what their role allows them. What belongs to nobody (rows from before
 * there were accounts) is the admins'. */
#ifndef EARSHOT_RECORDS_USERS_H
#define EARSHOT_RECORDS_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/password.h"
#include "base/uuid.h"

struct db;
struct db_rows;
struct err;

/* What one may do, as bits; a token's scopes are some of them. The order is that of the schema. */
enum {
	RIGHT_READ = 1,		/* look and listen */
	RIGHT_VOTE = 2,		/* rate, tag, prefer, favour, vote in A/B tests */
	RIGHT_CREATE = 4,	/* generate; experiments, A/B tests, templates: one's own */
	RIGHT_ADMIN = 8,	/* adapters, models, users; what is others' */
	RIGHT_ALL = 15,
};
/* "read", "vote", "create", "admin", NULL */
extern const char *const user_right_names[];

enum role { ROLE_LISTENER, ROLE_CREATOR, ROLE_ADMIN, ROLES };
extern const char *const user_role_names[ROLES + 1];
extern const unsigned user_role_rights[ROLES];

enum { USER_LOGIN_CHARS = 64, USER_LOGIN = USER_LOGIN_CHARS + 1, USER_MAX_QUOTA = 100000000 };

struct user {
	struct uuid id;
	char login[USER_LOGIN];
	enum role role;
	bool disabled;
	/* -1: as the settings say; 0: no limit */
	int64_t max_queued_jobs, max_audio_seconds_per_day;
	int64_t created_at, last_sign_in_at;		/* µs; 0: never */
};

struct user_list {
	struct user *items;				/* owned */
	size_t n;
	uint64_t total;
};

/* A login has 1 to 64 of a-z, 0-9 and ._@+-, and begins with a letter or digit; capitals become
 * small. -1 with ERR_INVALID: it cannot be one. */
int users_read_login(const char *text, char out[USER_LOGIN], struct err *e);

/* login as above, hash of base/password.h. ERR_CONFLICT: there is such a user. */
int users_create(struct db *db, const char *login, const char *hash, enum role role,
	struct uuid *id, struct err *e);

/* ERR_NOT_FOUND. */
int users_get(struct db *db, struct uuid id, struct user *out, struct err *e);

/* By login: 1, with what is stored of the password; 0: there is none; -1. */
int users_find(struct db *db, const char *login, struct user *out, char hash[PASSWORD_HASH],
	struct err *e);

/* In the order of their creation. Release with users_list_free(). */
int users_list(struct db *db, uint32_t limit, uint32_t offset, struct user_list *out,
	struct err *e);
void users_list_free(struct user_list *l);

/* What becomes of one. A new password, and being disabled, end all sessions but `keep`. */
struct user_change {
	bool has_role, has_disabled, has_queued, has_audio;
	enum role role;
	bool disabled;
	int64_t max_queued_jobs, max_audio_seconds_per_day;	/* as above */
	const char *hash;					/* NULL: as it is */
	/* SHA-256 of a session; NULL: none */
	const uint8_t *keep;
};

/* ERR_NOT_FOUND; ERR_CONFLICT when nobody would be left who can manage users. */
int users_change(struct db *db, struct uuid id, const struct user_change *c, struct err *e);

/* The same password, hashed anew. */
int users_rehash(struct db *db, struct uuid id, const char *hash, struct err *e);

/* The columns of a struct user u, and their values from column col on; for records/ only. */
#define USER_COLUMNS \
	"u.id, u.login, u.role+0, u.disabled_at IS NOT NULL, u.max_queued_jobs, " \
	"u.max_audio_seconds_per_day, u.created_at, u.last_sign_in_at"
enum { USER_N_COLUMNS = 8 };
void users_read(const struct db_rows *r, unsigned col, struct user *out);

#endif
