#include "engine/band/tokens.h"

#include <string.h>

enum kind { KIND_BLANK, KIND_LETTER, KIND_DIGIT, KIND_MARK, KIND_SILENT };

/* Latin letters of U+00C0 … U+00FF without their accents; blank: keep the bytes. */
static const char unaccented[65] =
	"aaaaaaaceeeeiiiidnooooo ouuuuypsaaaaaaaceeeeiiiidnooooo ouuuuypy";

/* Two-byte and three-byte characters that stand for plain ones. */
static const struct {
	const char *bytes, *plain;
} signs[] = {
	{ "\xe2\x99\xaf", "#" }, { "\xe2\x99\xad", "b" },                   /* sharp, flat */
	{ "\xc3\x9f", "ss" },                                               /* sharp s */
	{ "\xe2\x80\x99", "" }, { "\xe2\x80\x98", "" }, { "\xc2\xb4", "" }, /* apostrophes */
	{ "\xe2\x80\x93", "-" }, { "\xe2\x80\x94", "," },                   /* dashes */
	{ "\xe2\x99\xa9", " " }, { "\xc2\xa0", " " }, /* quarter note, hard blank */
};

/* One character at s: its bytes, and its plain form in small letters. */
static int
read_char(const char *s, char plain[4])
{
	unsigned char c = (unsigned char)*s;
	int n = 1;

	plain[0] = plain[1] = 0;
	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
		size_t len = strlen(signs[i].bytes);

		if (strncmp(s, signs[i].bytes, len)) continue;
		memcpy(plain, signs[i].plain, strlen(signs[i].plain) + 1);
		return (int)len;
	}
	if (c < 0x80) {
		plain[0] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
		return 1;
	}
	if (c == 0xc3 && (s[1] & 0xc0) == 0x80 && unaccented[s[1] & 0x3f] != ' ') {
		plain[0] = unaccented[s[1] & 0x3f];
		return 2;
	}
	/* Anything else counts as a letter, so that it can be named as not understood. */
	while (n < 4 && (s[n] & 0xc0) == 0x80) n++;
	plain[0] = '?';
	return n;
}

static enum kind
kind_of(char c)
{
	if (c == 0 || c == '\'') return KIND_SILENT;
	if ((c >= 'a' && c <= 'z') || c == '?' || c == '#' || c == '&') return KIND_LETTER;
	if (c >= '0' && c <= '9') return KIND_DIGIT;
	if (strchr(",.;:!/=()", c)) return KIND_MARK;
	return KIND_BLANK;
}

int
tokens_read(const char *s, struct token *out, int max)
{
	int n = 0;
	enum kind last = KIND_BLANK;
	struct token *t = NULL;
	size_t len = 0;

	while (*s) {
		char plain[4];
		int bytes = read_char(s, plain);
		/* A true question mark is punctuation; '?' from elsewhere is a strange letter. */
		enum kind k = *s == '?' ? KIND_MARK : kind_of(plain[0]);

		if (k == KIND_SILENT) {
			if (t) t->bytes = (int)(s + bytes - t->from);
		} else if (k == KIND_BLANK) {
			t = NULL;
		} else {
			if (!t || k != last || k == KIND_MARK) {
				if (n == max) break;
				t = &out[n++];
				*t = (struct token){ .from = s,
					.mark = k == KIND_MARK,
					.capital = *s >= 'A' && *s <= 'Z' };
				len = 0;
			}
			for (const char *p = plain; *p; p++, len++)
				if (len < TOKEN_PLAIN - 1) t->plain[len] = *p;
			if (len >= TOKEN_PLAIN) t->plain[0] = '\0';
			t->bytes = (int)(s + bytes - t->from);
		}
		last = k == KIND_SILENT ? last : k;
		s += bytes;
	}
	return n;
}

/* Does the token say the word of n bytes, give or take a plural? */
static bool
same_word(const struct token *t, const char *word, size_t n)
{
	if (t->mark || strncmp(t->plain, word, n)) return false;
	return t->plain[n] == '\0' || (n > 2 && t->plain[n] == 's' && t->plain[n + 1] == '\0');
}

int
tokens_match(const struct token *t, int n, const char *phrases)
{
	int best = 0;

	while (*phrases) {
		int words = 0;
		bool fits = true;

		phrases += strspn(phrases, ", ");
		while (*phrases && *phrases != ',') {
			size_t len = strcspn(phrases, " ,");

			if (fits)
				fits = words < n && len < TOKEN_PLAIN
					&& same_word(&t[words], phrases, len);
			words++;
			phrases += len;
			phrases += strspn(phrases, " ");
		}
		if (fits && words > best) best = words;
	}
	return best;
}
