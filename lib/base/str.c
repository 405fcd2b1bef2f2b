#include "base/str.h"

#include <math.h>
#include <string.h>
#include <strings.h>

bool
str_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (!*s) return false;
	for (; *s; s++) {
		unsigned d = (unsigned)(*s - '0');

		if (d > 9 || v > (UINT64_MAX - d) / 10) return false;
		v = v * 10 + d;
	}
	if (v < min || v > max) return false;
	*out = v;
	return true;
}

bool
str_i64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	bool neg = *s == '-';
	uint64_t u;
	int64_t v;

	if (!str_u64(s + neg, 0, (uint64_t)INT64_MAX + neg, &u)) return false;
	v = !neg ? (int64_t)u : u > INT64_MAX ? INT64_MIN : -(int64_t)u;
	if (v < min || v > max) return false;
	*out = v;
	return true;
}

bool
str_real(const char *s, double min, double max, double *out)
{
	bool neg = *s == '-';
	double v = 0, scale = 1;
	int digits = 0, fraction = 0;

	s += neg;
	for (; *s >= '0' && *s <= '9'; s++, digits++) v = v * 10 + (*s - '0');
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9'; s++, fraction++)
			if (fraction < 17) v = v * 10 + (*s - '0'), scale *= 10;
	if (*s || !digits || digits > 15 || (s[-1] == '.')) return false;
	v = (neg ? -v : v) / scale;
	if (!isfinite(v) || v < min || v > max) return false;
	*out = v;
	return true;
}

/* Bytes of the character that starts with c, for text that is known to be UTF-8. */
static size_t
char_bytes(unsigned char c)
{
	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

bool
str_copy(char *dst, size_t size, const char *src)
{
	size_t n = strlen(src), at = 0;

	if (n < size) {
		memcpy(dst, src, n + 1);
		return true;
	}
	while (at + char_bytes((unsigned char)src[at]) < size)
		at += char_bytes((unsigned char)src[at]);
	memcpy(dst, src, at);
	dst[at] = '\0';
	return false;
}

bool
str_eq_nocase(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

bool
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

int
str_index(const char *s, const char *const *list)
{
	for (int i = 0; list[i]; i++)
		if (strcmp(s, list[i]) == 0) return i;
	return -1;
}

/* RFC 3629 section 4. */
bool
str_is_utf8(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;

	for (size_t i = 0; i < n;) {
		unsigned c = s[i], lo = 0x80, hi = 0xbf, more;

		if (c == 0) return false;
		if (c < 0x80) { i++; continue; }
		if (c >= 0xc2 && c <= 0xdf) more = 1;
		else if (c >= 0xe0 && c <= 0xef) more = 2;
		else if (c >= 0xf0 && c <= 0xf4) more = 3;
		else return false;
		if (c == 0xe0) lo = 0xa0;
		if (c == 0xed) hi = 0x9f;
		if (c == 0xf0) lo = 0x90;
		if (c == 0xf4) hi = 0x8f;
		if (n - i <= more) return false;
		if (s[i + 1] < lo || s[i + 1] > hi) return false;
		for (unsigned k = 2; k <= more; k++)
			if (s[i + k] < 0x80 || s[i + k] > 0xbf) return false;
		i += more + 1;
	}
	return true;
}

size_t
str_chars(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		if (((unsigned char)*s & 0xc0) != 0x80) n++;
	return n;
}

void
str_preview(char *dst, size_t size, const char *src, size_t max_chars)
{
	static const char more[] = "\xe2\x80\xa6";	/* … */
	size_t at = 0, out = 0, chars = 0;

	while (src[at]) {
		size_t n = char_bytes((unsigned char)src[at]);

		if (chars == max_chars || out + n + sizeof more > size) {
			if (out + sizeof more <= size) {
				memcpy(dst + out, more, sizeof more - 1);
				out += sizeof more - 1;
			}
			break;
		}
		if (n == 1 && ((unsigned char)src[at] < 0x20 || src[at] == 0x7f)) dst[out++] = ' ';
		else memcpy(dst + out, src + at, n), out += n;
		at += n;
		chars++;
	}
	dst[out] = '\0';
}
