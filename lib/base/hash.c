#include "base/hash.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

_Static_assert(HASH_SHORT_BYTES == crypto_shorthash_siphashx24_BYTES, "libsodium's SipHash has "
	"another length");
_Static_assert(SHA256_BYTES == crypto_hash_sha256_BYTES, "libsodium's SHA-256 has another length");
_Static_assert(sizeof(struct sha256) >= sizeof(crypto_hash_sha256_state) &&
	_Alignof(struct sha256) >= _Alignof(crypto_hash_sha256_state), "libsodium's SHA-256 needs "
	"more room");

void
hash_sha256(const void *p, size_t n, uint8_t out[SHA256_BYTES])
{
	crypto_hash_sha256(out, p, n);
}

void
sha256_begin(struct sha256 *s)
{
	crypto_hash_sha256_init((crypto_hash_sha256_state *)(void *)s);
}

void
sha256_add(struct sha256 *s, const void *p, size_t n)
{
	crypto_hash_sha256_update((crypto_hash_sha256_state *)(void *)s, p, n);
}

void
sha256_end(struct sha256 *s, uint8_t out[SHA256_BYTES])
{
	crypto_hash_sha256_final((crypto_hash_sha256_state *)(void *)s, out);
}

int
hash_sha256_fd(int fd, uint8_t out[SHA256_BYTES], uint64_t *n_bytes, struct err *e)
{
	struct sha256 sum;
	unsigned char block[65536];
	uint64_t total = 0;

	sha256_begin(&sum);
	for (;;) {
		ssize_t n = read(fd, block, sizeof block);

		if (n == 0) break;
		if (n < 0) {
			if (errno == EINTR) continue;
			return err_set(e, ERR_INTERNAL, "read: %s", strerror(errno));
		}
		sha256_add(&sum, block, (size_t)n);
		total += (uint64_t)n;
	}
	sha256_end(&sum, out);
	*n_bytes = total;
	return 0;
}

void
hash_hmac_sha256(const void *key, size_t key_bytes, const void *p, size_t n,
	uint8_t out[SHA256_BYTES])
{
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, key, key_bytes);
	crypto_auth_hmacsha256_update(&state, p, n);
	crypto_auth_hmacsha256_final(&state, out);
}

void
hash_short(const void *p, size_t n, uint8_t out[HASH_SHORT_BYTES])
{
	static const unsigned char key[crypto_shorthash_siphashx24_KEYBYTES];

	crypto_shorthash_siphashx24(out, p, n, key);
}

void
hash_hex(const uint8_t *p, size_t n, char *out)
{
	sodium_bin2hex(out, 2 * n + 1, p, n);
}

int
hash_unhex(const char *s, uint8_t *out, size_t n)
{
	size_t got;

	if (strlen(s) != 2 * n) return -1;
	return sodium_hex2bin(out, n, s, 2 * n, NULL, &got, NULL) == 0 && got == n ? 0 : -1;
}
