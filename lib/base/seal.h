/* Sealed notes: bytes that we hand out as text and take back, which nobody else can read, change or
 * make. libsodium's secretbox (XSalsa20 and Poly1305) with a fresh nonce, in base64url (RFC 4648 5)
 * without padding, so that the text fits a URL and tells nothing but its length: the same note
 * sealed twice gives two texts. */
#ifndef EARSHOT_BASE_SEAL_H
#define EARSHOT_BASE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum { SEAL_KEY_BYTES = 32, SEAL_MAX_BYTES = 256 };

/* A new key. */
void seal_key(uint8_t key[SEAL_KEY_BYTES]);

/* Append n bytes (at most SEAL_MAX_BYTES), sealed. */
void seal_write(const uint8_t key[SEAL_KEY_BYTES], const void *p, size_t n, struct buf *out);

/* Open what was sealed with this key and held exactly n bytes. False: anything else. */
bool seal_read(const uint8_t key[SEAL_KEY_BYTES], const char *text, void *p, size_t n);

/* A bit that follows from key and bytes, for everyone without the key as good as tossed. */
bool seal_coin(const uint8_t key[SEAL_KEY_BYTES], const void *p, size_t n);

#endif
