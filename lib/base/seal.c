#include "base/seal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum {
	NONCE = crypto_secretbox_NONCEBYTES,
	OVERHEAD = NONCE + crypto_secretbox_MACBYTES,
	TEXT = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
	MAX_TEXT = sodium_base64_ENCODED_LEN(OVERHEAD + SEAL_MAX_BYTES, TEXT),
};

_Static_assert(SEAL_KEY_BYTES == crypto_secretbox_KEYBYTES, "libsodium's key has another length");
_Static_assert(SEAL_KEY_BYTES >= crypto_generichash_KEYBYTES_MIN &&
	SEAL_KEY_BYTES <= crypto_generichash_KEYBYTES_MAX, "the key does not fit BLAKE2b");

void
seal_key(uint8_t key[SEAL_KEY_BYTES])
{
	randombytes_buf(key, SEAL_KEY_BYTES);
}

void
seal_write(const uint8_t key[SEAL_KEY_BYTES], const void *p, size_t n, struct buf *out)
{
	uint8_t sealed[OVERHEAD + SEAL_MAX_BYTES];
	char text[MAX_TEXT];

	if (n > SEAL_MAX_BYTES) abort();
	randombytes_buf(sealed, NONCE);
	if (crypto_secretbox_easy(sealed + NONCE, p, n, sealed, key)) abort();
	buf_adds(out, sodium_bin2base64(text, sizeof text, sealed, OVERHEAD + n, TEXT));
}

bool
seal_read(const uint8_t key[SEAL_KEY_BYTES], const char *text, void *p, size_t n)
{
	uint8_t sealed[OVERHEAD + SEAL_MAX_BYTES];
	size_t got;

	/* Without an end pointer a text that goes on behind its last digit is refused. */
	if (n > SEAL_MAX_BYTES || sodium_base642bin(sealed, sizeof sealed, text, strlen(text), NULL,
		&got, NULL, TEXT) || got != OVERHEAD + n)
		return false;
	return crypto_secretbox_open_easy(p, sealed + NONCE, got - NONCE, sealed, key) == 0;
}

bool
seal_coin(const uint8_t key[SEAL_KEY_BYTES], const void *p, size_t n)
{
	uint8_t hash[crypto_generichash_BYTES];

	if (crypto_generichash(hash, sizeof hash, p, n, key, SEAL_KEY_BYTES)) abort();
	return hash[0] & 1;
}
