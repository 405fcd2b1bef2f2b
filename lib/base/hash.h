/* SHA-256 (FIPS 180-4), HMAC with it (RFC 2104), SipHash, all by libsodium, and hexadecimal. */
#ifndef EARSHOT_BASE_HASH_H
#define EARSHOT_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct err;

enum { SHA256_BYTES = 32, SHA256_HEX = 65, HASH_SHORT_BYTES = 16 };

void hash_sha256(const void *p, size_t n, uint8_t out[SHA256_BYTES]);

/* The same of what comes in pieces: begin, add, end. Transparent so that it can be a member. */
struct sha256 {
	uint64_t state[13];
};
void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *p, size_t n);
void sha256_end(struct sha256 *s, uint8_t out[SHA256_BYTES]);

/* Of everything that fd gives from its current position; *n_bytes is how much that was. */
int hash_sha256_fd(int fd, uint8_t out[SHA256_BYTES], uint64_t *n_bytes, struct err *e);

void hash_hmac_sha256(const void *key, size_t key_bytes, const void *p, size_t n,
	uint8_t out[SHA256_BYTES]);

/* SipHash-2-4 of 128 bits without a secret key: a tenth of the time of SHA-256, for telling an
 * answer from the one before, and for nothing that somebody could gain by a collision. */
void hash_short(const void *p, size_t n, uint8_t out[HASH_SHORT_BYTES]);

/* 2n lower-case digits and a NUL. */
void hash_hex(const uint8_t *p, size_t n, char *out);

/* Exactly 2n digits of either case into n bytes; -1 for anything else. */
int hash_unhex(const char *s, uint8_t *out, size_t n);

#endif
