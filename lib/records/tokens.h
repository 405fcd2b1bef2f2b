/* Tokens: what a program shows instead of a password. Each belongs to a user and does at most what
 * the user may and its scopes allow, until it expires or is revoked, which deletes it. */
#ifndef EARSHOT_RECORDS_TOKENS_H
#define EARSHOT_RECORDS_TOKENS_H

#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "records/users.h"

struct db;
struct err;

enum { TOKEN_NAME_CHARS = 100, TOKEN_DAYS = 90, TOKEN_MAX_DAYS = 3650, TOKENS_EACH = 100 };

struct token {
	struct uuid id, user_id;
	char name[4 * TOKEN_NAME_CHARS + 1];
	char prefix[SECRET_PREFIX];
	unsigned scopes;			/* RIGHT_… */
	int64_t created_at, last_used_at, expires_at;	/* µs; 0: never */
};

struct token_list {
	struct token *items;			/* owned */
	size_t n;
	uint64_t total;
};

/* A new one; secret is told once. ERR_CONFLICT: the user has TOKENS_EACH. */
int tokens_create(struct db *db, struct uuid user, const char *name, unsigned scopes,
	uint32_t days, char secret[SECRET_TOKEN], struct uuid *id, struct err *e);

/* Whose it is, if it has not expired and the user is not disabled: 1, 0, -1. It is used by that. */
int tokens_find(struct db *db, const char *secret, struct token *out, struct user *user,
	struct err *e);

/* ERR_NOT_FOUND, also for another user's. */
int tokens_get(struct db *db, struct uuid user, struct uuid id, struct token *out, struct err *e);
int tokens_revoke(struct db *db, struct uuid user, struct uuid id, struct err *e);

/* Of this user (nil: of all), newest first. Release with tokens_list_free(). */
int tokens_list(struct db *db, struct uuid user, uint32_t limit, uint32_t offset,
	struct token_list *out, struct err *e);
void tokens_list_free(struct token_list *l);

#endif
