#include "base/password.h"

#include <sodium.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

enum { PASSES = 2, MEMORY_BYTES = 19 << 20 };

_Static_assert(PASSWORD_HASH >= crypto_pwhash_STRBYTES, "libsodium's text has another length");

/* Of a password that nobody knows, made with the same parameters. */
const char password_nobodys[] = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

int
password_check(const char *password, struct err *e)
{
	size_t n = strlen(password);

	if (!str_is_utf8(password, n))
		return err_set(e, ERR_INVALID, "The password is not valid UTF-8.");
	n = str_chars(password);
	return n >= PASSWORD_MIN_CHARS && n <= PASSWORD_MAX_CHARS ? 0 : err_set(e, ERR_INVALID,
		"A password must have %d to %d characters.", PASSWORD_MIN_CHARS,
		PASSWORD_MAX_CHARS);
}

int
password_hash(const char *password, char out[PASSWORD_HASH], struct err *e)
{
	if (sodium_init() < 0 || crypto_pwhash_str_alg(out, password, strlen(password), PASSES,
		MEMORY_BYTES, crypto_pwhash_ALG_ARGON2ID13))
		return err_set(e, ERR_AWAY, "there is not enough memory to hash a password");
	return 0;
}

bool
password_matches(const char *password, const char *hash)
{
	bool is = sodium_init() >= 0 && crypto_pwhash_str_verify(hash ? hash : password_nobodys,
		password, strlen(password)) == 0;

	return is && hash;
}

bool
password_is_dated(const char *hash)
{
	return crypto_pwhash_str_needs_rehash(hash, PASSES, MEMORY_BYTES) != 0;
}

void
password_forget(void *p, size_t n)
{
	sodium_memzero(p, n);
}
