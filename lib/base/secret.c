#include "base/secret.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "earshot_";
static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

enum { PREFIX = sizeof prefix - 1, BASE = sizeof digits - 1, DRAWN = 30, CHECK = 6,
	BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

_Static_assert(PREFIX + DRAWN + CHECK + 1 == SECRET_TOKEN, "the header says another length");

uint32_t
secret_crc32(const void *p, size_t n)
{
	const uint8_t *at = p;
	uint32_t crc = UINT32_MAX;

	while (n--) {
		crc ^= *at++;
		for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static void
write_check(const char *drawn, char out[CHECK])
{
	uint32_t crc = secret_crc32(drawn, DRAWN);

	for (int i = CHECK; i-- > 0; crc /= BASE) out[i] = digits[crc % BASE];
}

void
secret_token(char out[SECRET_TOKEN])
{
	if (sodium_init() < 0) abort();
	memcpy(out, prefix, PREFIX);
	for (int i = 0; i < DRAWN; i++) out[PREFIX + i] = digits[randombytes_uniform(BASE)];
	write_check(out + PREFIX, out + PREFIX + DRAWN);
	out[SECRET_TOKEN - 1] = '\0';
}

void
secret_session(char out[SECRET_SESSION])
{
	uint8_t drawn[32];

	if (sodium_init() < 0) abort();
	randombytes_buf(drawn, sizeof drawn);
	sodium_bin2base64(out, SECRET_SESSION, drawn, sizeof drawn, BASE64);
	sodium_memzero(drawn, sizeof drawn);
}

bool
secret_is_token(const char *text)
{
	char check[CHECK];

	if (strlen(text) != SECRET_TOKEN - 1 || memcmp(text, prefix, PREFIX) != 0 ||
		strspn(text + PREFIX, digits) != DRAWN + CHECK)
		return false;
	write_check(text + PREFIX, check);
	return memcmp(check, text + PREFIX + DRAWN, CHECK) == 0;
}
