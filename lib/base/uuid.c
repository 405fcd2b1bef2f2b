#include "base/uuid.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

struct uuid
uuid_new(void)
{
	static uint64_t last_ms;
	static uint32_t counter;
	struct uuid u;
	uint64_t ms = (uint64_t)(clock_wall_us() / 1000);

	if (getrandom(u.b, sizeof u.b, 0) != (ssize_t)sizeof u.b) abort();
	if (ms > last_ms) {
		last_ms = ms;
		/* top bit clear: room to count */
		counter = (uint32_t)(u.b[6] << 8 | u.b[7]) & 0x7ff;
	} else if (++counter > 0xfff) {
		last_ms++;
		counter = 0;
	}
	for (int i = 0; i < 6; i++) u.b[i] = (uint8_t)(last_ms >> (40 - 8 * i));
	u.b[6] = (uint8_t)(0x70 | counter >> 8);
	u.b[7] = (uint8_t)counter;
	u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3f));
	return u;
}

void
uuid_format(struct uuid u, char out[UUID_TEXT])
{
	static const char hex[] = "0123456789abcdef";
	char *p = out;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10) *p++ = '-';
		*p++ = hex[u.b[i] >> 4];
		*p++ = hex[u.b[i] & 15];
	}
	*p = '\0';
}

const char *
uuid_text(struct uuid u, char out[UUID_TEXT])
{
	uuid_format(u, out);
	return out;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9') return c - '0';
	if (c >= 'a' && c <= 'f') return c - 'a' + 10;
	if (c >= 'A' && c <= 'F') return c - 'A' + 10;
	return -1;
}

bool
uuid_parse(const char *s, struct uuid *out)
{
	struct uuid u;

	for (int i = 0; i < 16; i++) {
		int hi, lo;

		if ((i == 4 || i == 6 || i == 8 || i == 10) && *s++ != '-') return false;
		if ((hi = hex_digit(*s)) < 0) return false;
		if ((lo = hex_digit(s[1])) < 0) return false;
		u.b[i] = (uint8_t)(hi << 4 | lo);
		s += 2;
	}
	if (*s) return false;
	*out = u;
	return true;
}

bool
uuid_eq(struct uuid a, struct uuid b)
{
	return memcmp(a.b, b.b, sizeof a.b) == 0;
}

bool
uuid_is_nil(struct uuid u)
{
	return uuid_eq(u, (struct uuid){{0}});
}
