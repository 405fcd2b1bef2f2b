#include "base/letters.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Code points above ASCII that are no letters of words; the first range that fits counts. */
static const struct {
	uint32_t first, last;
	enum letter is;
} kinds[] = {
	{ 0x80, 0xa9, LETTER_NONE },		/* controls, Latin punctuation and symbols */
	{ 0xab, 0xac, LETTER_NONE },
	{ 0xad, 0xad, LETTER_SILENT },		/* soft hyphen */
	{ 0xae, 0xb4, LETTER_NONE },
	{ 0xb6, 0xb9, LETTER_NONE },
	{ 0xbb, 0xbf, LETTER_NONE },
	{ 0xd7, 0xd7, LETTER_NONE },
	{ 0xf7, 0xf7, LETTER_NONE },
	{ 0x300, 0x36f, LETTER_SILENT },	/* combining accents */
	{ 0x37e, 0x37e, LETTER_NONE },		/* Greek question mark, middle dot */
	{ 0x387, 0x387, LETTER_NONE },
	{ 0x483, 0x489, LETTER_SILENT },	/* Cyrillic combining */
	{ 0x591, 0x5bd, LETTER_SILENT },	/* Hebrew points */
	{ 0x5be, 0x5be, LETTER_JOINS },		/* maqaf */
	{ 0x5bf, 0x5c7, LETTER_SILENT },
	{ 0x5f3, 0x5f4, LETTER_JOINS },		/* geresh, gershayim */
	{ 0x600, 0x60f, LETTER_NONE },		/* Arabic signs, comma */
	{ 0x610, 0x61a, LETTER_SILENT },
	{ 0x61b, 0x61f, LETTER_NONE },
	{ 0x640, 0x640, LETTER_SILENT },	/* tatweel */
	{ 0x64b, 0x65f, LETTER_SILENT },	/* Arabic vowels */
	{ 0x66a, 0x66d, LETTER_NONE },
	{ 0x670, 0x670, LETTER_SILENT },
	{ 0x6d4, 0x6d4, LETTER_NONE },
	{ 0x6d6, 0x6ed, LETTER_SILENT },
	{ 0x964, 0x965, LETTER_NONE },		/* danda */
	{ 0xe3f, 0xe3f, LETTER_NONE },		/* baht */
	{ 0xe00, 0xeff, LETTER_ALONE },		/* Thai, Lao */
	{ 0x1000, 0x109f, LETTER_ALONE },	/* Burmese */
	{ 0x1780, 0x17d3, LETTER_ALONE },	/* Khmer */
	{ 0x17d4, 0x17db, LETTER_NONE },
	{ 0x1ab0, 0x1aff, LETTER_SILENT },
	{ 0x1dc0, 0x1dff, LETTER_SILENT },
	{ 0x200b, 0x200f, LETTER_SILENT },	/* no width, directions */
	{ 0x2010, 0x2011, LETTER_JOINS },	/* hyphens */
	{ 0x2019, 0x2019, LETTER_JOINS },	/* apostrophe */
	{ 0x202a, 0x202e, LETTER_SILENT },
	{ 0x2060, 0x206f, LETTER_SILENT },
	{ 0x2000, 0x20cf, LETTER_NONE },	/* punctuation, raised digits, currencies */
	{ 0x20d0, 0x20ff, LETTER_SILENT },
	{ 0x2100, 0x2bff, LETTER_NONE },	/* signs, arrows, mathematics, boxes, notes */
	{ 0x2e00, 0x2e7f, LETTER_NONE },
	{ 0x3005, 0x3007, LETTER_ALONE },	/* Chinese marks that stand for characters */
	{ 0x3000, 0x303f, LETTER_NONE },	/* Chinese punctuation */
	{ 0x3099, 0x309a, LETTER_SILENT },	/* combining voice marks */
	{ 0x30a0, 0x30a0, LETTER_NONE },
	{ 0x30fb, 0x30fb, LETTER_NONE },	/* middle dot of katakana */
	{ 0x3040, 0x312f, LETTER_ALONE },	/* kana, bopomofo */
	{ 0x31a0, 0x31ff, LETTER_ALONE },
	{ 0x3200, 0x33ff, LETTER_NONE },	/* circled, squared */
	{ 0x3400, 0x9fff, LETTER_ALONE },	/* Chinese characters */
	{ 0xd800, 0xf8ff, LETTER_NONE },	/* surrogates, private use */
	{ 0xf900, 0xfaff, LETTER_ALONE },
	{ 0xfe00, 0xfe0f, LETTER_SILENT },	/* variants */
	{ 0xfe10, 0xfe1f, LETTER_NONE },
	{ 0xfe20, 0xfe2f, LETTER_SILENT },
	{ 0xfe30, 0xfe6f, LETTER_NONE },
	{ 0xfeff, 0xfeff, LETTER_SILENT },	/* byte order mark */
	{ 0xff07, 0xff07, LETTER_JOINS },	/* wide apostrophe, hyphen, "&" */
	{ 0xff0d, 0xff0d, LETTER_JOINS },
	{ 0xff06, 0xff06, LETTER_JOINS },
	{ 0xff00, 0xff0f, LETTER_NONE },	/* the wide forms of ASCII's punctuation */
	{ 0xff1a, 0xff20, LETTER_NONE },
	{ 0xff3b, 0xff40, LETTER_NONE },
	{ 0xff5b, 0xff65, LETTER_NONE },
	{ 0xff66, 0xff9f, LETTER_ALONE },	/* narrow katakana */
	{ 0xffe0, 0xffff, LETTER_NONE },
	{ 0x1d000, 0x1d24f, LETTER_NONE },	/* musical notation */
	{ 0x1f000, 0x1faff, LETTER_NONE },	/* emoji */
	{ 0x20000, 0x3ffff, LETTER_ALONE },	/* Chinese characters */
	{ 0xe0000, 0x10ffff, LETTER_NONE },	/* tags, private use */
};

/* The Latin letters U+00C0 … U+017F without accents, in small letters; "." stays as it is. */
static const char latin[] =
	"aaaaaa.ceeeeiiiidnooooo.ouuuuy..aaaaaa.ceeeeiiiidnooooo.ouuuuy.y"
	"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkkklllllll"
	"lllnnnnnnnnnoooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/* Letters of which two are written. */
static const struct {
	uint16_t c;
	char as[3];
} pairs[] = {
	{ 0xc6, "ae" }, { 0xde, "th" }, { 0xdf, "ss" }, { 0xe6, "ae" }, { 0xfe, "th" },
	{ 0x132, "ij" }, { 0x133, "ij" }, { 0x152, "oe" }, { 0x153, "oe" }, { 0x1e9e, "ss" },
};

/* Ranges that are written as others: c becomes `to`, or with `to` 0 c + by. in_turns: each capital
 * is followed by its small letter. */
static const struct {
	uint16_t first, last;
	uint16_t to;
	int32_t by;
	bool in_turns;
} folds[] = {
	{ 0x1a0, 0x1a1, 'o', 0, false }, { 0x1af, 0x1b0, 'u', 0, false },
	{ 0x1cd, 0x1ce, 'a', 0, false }, { 0x1cf, 0x1d0, 'i', 0, false },
	{ 0x1d1, 0x1d2, 'o', 0, false }, { 0x1d3, 0x1dc, 'u', 0, false },
	{ 0x218, 0x219, 's', 0, false }, { 0x21a, 0x21b, 't', 0, false },
	/* Greek: accents, capitals, the sigma at the end of a word */
	{ 0x386, 0x386, 0x3b1, 0, false }, { 0x388, 0x388, 0x3b5, 0, false },
	{ 0x389, 0x389, 0x3b7, 0, false }, { 0x38a, 0x38a, 0x3b9, 0, false },
	{ 0x38c, 0x38c, 0x3bf, 0, false }, { 0x38e, 0x38e, 0x3c5, 0, false },
	{ 0x38f, 0x38f, 0x3c9, 0, false }, { 0x390, 0x390, 0x3b9, 0, false },
	{ 0x391, 0x3a9, 0, 0x20, false }, { 0x3aa, 0x3aa, 0x3b9, 0, false },
	{ 0x3ab, 0x3ab, 0x3c5, 0, false }, { 0x3ac, 0x3ac, 0x3b1, 0, false },
	{ 0x3ad, 0x3ad, 0x3b5, 0, false }, { 0x3ae, 0x3ae, 0x3b7, 0, false },
	{ 0x3af, 0x3af, 0x3b9, 0, false }, { 0x3b0, 0x3b0, 0x3c5, 0, false },
	{ 0x3c2, 0x3c2, 0x3c3, 0, false }, { 0x3ca, 0x3ca, 0x3b9, 0, false },
	{ 0x3cb, 0x3cb, 0x3c5, 0, false }, { 0x3cc, 0x3cc, 0x3bf, 0, false },
	{ 0x3cd, 0x3cd, 0x3c5, 0, false }, { 0x3ce, 0x3ce, 0x3c9, 0, false },
	/* Cyrillic: ё is often written as е */
	{ 0x401, 0x401, 0x435, 0, false }, { 0x451, 0x451, 0x435, 0, false },
	{ 0x400, 0x40f, 0, 0x50, false }, { 0x410, 0x42f, 0, 0x20, false },
	{ 0x460, 0x481, 0, 0, true }, { 0x48a, 0x4bf, 0, 0, true },
	{ 0x4d0, 0x52f, 0, 0, true },
	{ 0x531, 0x556, 0, 0x30, false },	/* Armenian */
	/* Vietnamese */
	{ 0x1ea0, 0x1eb7, 'a', 0, false }, { 0x1eb8, 0x1ec7, 'e', 0, false },
	{ 0x1ec8, 0x1ecb, 'i', 0, false }, { 0x1ecc, 0x1ee3, 'o', 0, false },
	{ 0x1ee4, 0x1ef1, 'u', 0, false }, { 0x1ef2, 0x1ef9, 'y', 0, false },
	{ 0x30a1, 0x30f6, 0, -0x60, false },	/* katakana as hiragana */
	{ 0xff10, 0xff19, 0, '0' - 0xff10, false },	/* wide digits and letters */
	{ 0xff21, 0xff3a, 0, 'a' - 0xff21, false }, { 0xff41, 0xff5a, 0, 'a' - 0xff41, false },
};

static enum letter
kind_of(uint32_t c)
{
	if (c < 0x80) {
		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
			return LETTER_OF_WORD;
		return c == '-' || c == '\'' || c == '&' ? LETTER_JOINS : LETTER_NONE;
	}
	for (size_t i = 0; i < NELEM(kinds); i++)
		if (c >= kinds[i].first && c <= kinds[i].last) return kinds[i].is;
	return LETTER_OF_WORD;
}

static void
fold(uint32_t c, uint32_t out[2])
{
	out[0] = c >= 'A' && c <= 'Z' ? c + 0x20 : c;
	out[1] = 0;
	if (c < 0xc0) return;
	for (size_t i = 0; i < NELEM(pairs); i++)
		if (c == pairs[i].c) {
			out[0] = (unsigned char)pairs[i].as[0];
			out[1] = (unsigned char)pairs[i].as[1];
			return;
		}
	if (c < 0x180) {
		if (latin[c - 0xc0] != '.') out[0] = (unsigned char)latin[c - 0xc0];
		return;
	}
	for (size_t i = 0; i < NELEM(folds); i++) {
		if (c < folds[i].first || c > folds[i].last) continue;
		if (folds[i].to) out[0] = folds[i].to;
		else if (!folds[i].in_turns) out[0] = (uint32_t)((int32_t)c + folds[i].by);
		else out[0] = c + !((c - folds[i].first) & 1);
		return;
	}
}

/* The code point at s and its bytes; 0 when that is no UTF-8. */
static unsigned
decode(const unsigned char *s, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned n = *s < 0x80 ? 1 : *s >= 0xf0 && *s < 0xf5 ? 4 : *s >= 0xe0 && *s < 0xf0 ? 3
		: *s >= 0xc2 && *s < 0xe0 ? 2 : 0;

	*c = n == 1 ? *s : n ? *s & (0x7fu >> n) : 0;
	for (unsigned i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80) return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	return n && *c >= least[n] && *c <= 0x10ffff ? n : 0;
}

unsigned
letters_next(const char *text, enum letter *c, uint32_t folded[2])
{
	uint32_t point;
	unsigned n;

	*c = LETTER_NONE;
	folded[0] = folded[1] = 0;
	if (!*text) return 0;
	if (!(n = decode((const unsigned char *)text, &point))) return 1;
	*c = kind_of(point);
	if (*c == LETTER_OF_WORD || *c == LETTER_ALONE) fold(point, folded);
	return n;
}
