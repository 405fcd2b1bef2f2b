/* Passwords: Argon2id by libsodium, with 2 passes over 19 MiB (OWASP's Password Storage Cheat
 * Sheet), which takes some 30 ms of a processor. What is stored says its own parameters, so that
 * they can be raised later. */
#ifndef EARSHOT_BASE_PASSWORD_H
#define EARSHOT_BASE_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

struct err;

enum {
	PASSWORD_MIN_CHARS = 10,
	PASSWORD_MAX_CHARS = 200,
	PASSWORD_TEXT = 4 * PASSWORD_MAX_CHARS + 1,	/* bytes of one, with the NUL */
	PASSWORD_HASH = 128,				/* bytes of what is stored, with the NUL */
};

/* 0, or -1 with ERR_INVALID and a sentence that does not hold the password. */
int password_check(const char *password, struct err *e);

/* What to store of it. ERR_AWAY: there is not enough memory. */
int password_hash(const char *password, char out[PASSWORD_HASH], struct err *e);

/* Is it the one of this hash? hash NULL: nobody's, which takes as long as somebody's and is never
 * true. */
bool password_matches(const char *password, const char *hash);

/* What is held against nobody's: as dear as a real one. */
extern const char password_nobodys[];

/* Was it made with other parameters than password_hash() has now? */
bool password_is_dated(const char *hash);

/* Overwrite a secret that is not needed any more, in a way that no compiler leaves out. */
void password_forget(void *p, size_t n);

#endif
