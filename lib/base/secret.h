/* Secrets that we draw and that come back to prove who someone is. Only their SHA-256 is ever
 * stored: they are long enough that nobody finds one by trying.
 *
 * A token is "earshot_", 30 characters of 0-9A-Za-z (178 bits), and 6 more, their CRC-32: so what
 * was mistyped is known without asking anyone, and a search for leaked tokens finds no others. The
 * secret of a session is 256 bits in base64url. */
#ifndef EARSHOT_BASE_SECRET_H
#define EARSHOT_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

enum {
	SECRET_TOKEN = 8 + 30 + 6 + 1,		/* bytes, with the NUL */
	SECRET_PREFIX = 12 + 1,			/* of a token's first characters, to know it by */
	SECRET_SESSION = 43 + 1,
};

void secret_token(char out[SECRET_TOKEN]);
void secret_session(char out[SECRET_SESSION]);

/* Has the text the form of a token, its CRC included? */
bool secret_is_token(const char *text);

/* CRC-32 as of ISO 3309 and zlib. */
uint32_t secret_crc32(const void *p, size_t n);

#endif
