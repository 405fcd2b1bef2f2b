/* Sessions: who has signed in with a password and has not been away too long. A session is known by
 * the SHA-256 of the secret that its cookie holds. */
#ifndef EARSHOT_RECORDS_SESSIONS_H
#define EARSHOT_RECORDS_SESSIONS_H

#include <stdint.h>

#include "base/hash.h"
#include "base/secret.h"
#include "records/users.h"

struct db;
struct err;

/* How long one holds: since the last request, and at most. */
struct session_limits {
	uint32_t idle_s, all_s;
};

struct session {
	uint8_t sha256[SHA256_BYTES];
	int64_t expires_at;			/* µs: the sooner of both */
};

/* A new one of this user, who has signed in just now; secret is for the cookie. What has expired
 * is cleared away. */
int sessions_begin(struct db *db, struct uuid user, const struct session_limits *l,
	char secret[SECRET_SESSION], struct session *out, struct err *e);

/* Whose it is, if it still counts and the user is not disabled: 1, 0, -1. It is used by that. */
int sessions_find(struct db *db, const char *secret, const struct session_limits *l,
	struct session *out, struct user *user, struct err *e);

int sessions_end(struct db *db, const uint8_t sha256[SHA256_BYTES], struct err *e);

/* All of a user but `keep`, a SHA-256 (NULL: none). */
int sessions_end_all(struct db *db, struct uuid user, const uint8_t *keep, struct err *e);

#endif
