#include "engine/band/theory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

const char *const mode_names[MODE_COUNT + 1] = {
	"major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian", NULL,
};

static const int8_t steps[MODE_COUNT][7] = {
	[MODE_MAJOR] = { 0, 2, 4, 5, 7, 9, 11 },
	[MODE_MINOR] = { 0, 2, 3, 5, 7, 8, 10 },
	[MODE_DORIAN] = { 0, 2, 3, 5, 7, 9, 10 },
	[MODE_PHRYGIAN] = { 0, 1, 3, 5, 7, 8, 10 },
	[MODE_LYDIAN] = { 0, 2, 4, 6, 7, 9, 11 },
	[MODE_MIXOLYDIAN] = { 0, 2, 4, 5, 7, 9, 10 },
	[MODE_LOCRIAN] = { 0, 1, 3, 5, 6, 8, 10 },
};

/* How far below its tonic the major scale with the same notes begins. */
static const int8_t relative[MODE_COUNT] = { 0, 9, 2, 4, 5, 7, 11 };

static const char *const sharp_names[12] = { "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A",
	"A#", "B" };
static const char *const flat_names[12] = { "C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A",
	"Bb", "B" };

bool
mode_is_minor(enum theory_mode m)
{
	return steps[m][2] == 3;
}

int
mode_step(enum theory_mode m, int degree)
{
	return steps[m][degree % 7];
}

uint16_t
mode_scale(int tonic, enum theory_mode m)
{
	uint16_t mask = 0;

	for (int i = 0; i < 7; i++) mask |= (uint16_t)(1 << (tonic + steps[m][i]) % 12);
	return mask;
}

int
theory_key_signature(int tonic, enum theory_mode m, bool *minor)
{
	int major = (tonic - relative[m] + 12) % 12;
	int sharps = major * 7 % 12;	/* each fifth up adds a sharp */

	*minor = mode_is_minor(m);
	/* Six of either: F# major, but Eb minor, as musicians have it. */
	return sharps > 6 || (sharps == 6 && *minor) ? sharps - 12 : sharps;
}

void
theory_key_name(int tonic, enum theory_mode m, char accidental, char *out, size_t size)
{
	bool minor,
		flat = accidental ? accidental == 'b' : theory_key_signature(tonic, m, &minor) < 0;

	snprintf(out, size, "%s %s", (flat ? flat_names : sharp_names)[tonic], mode_names[m]);
}

int
theory_note_class(const char *s, int *used, char *accidental)
{
	static const int8_t natural[7] = { 9, 11, 0, 2, 4, 5, 7 };	/* A … G */
	int c = *s >= 'a' ? *s - 'a' : *s - 'A';

	*used = 0;
	*accidental = 0;
	if (c < 0 || c > 6) return -1;
	c = natural[c];
	*used = 1;
	if (s[1] == '#' || s[1] == 'b') {
		*accidental = s[1];
		*used = 2;
		c = (c + (s[1] == '#' ? 1 : 11)) % 12;
	}
	return c;
}

int
theory_note_key(const char *s)
{
	char accidental;
	int used, c = theory_note_class(s, &used, &accidental), octave, key;

	if (c < 0 || s[used] < '0' || s[used] > '9' || s[used + 1]) return -1;
	octave = s[used] - '0';
	key = (octave + 1) * 12 + c;
	/* Cb4 is below C4, B#4 above B4. */
	if (accidental == 'b' && c == 11) key -= 12;
	if (accidental == '#' && c == 0) key += 12;
	return key <= 127 ? key : -1;
}

/* Semitones above the root; major is for large numerals, minor for small ones. No tones: not
 * allowed so. */
static const struct quality {
	const char *name;
	int8_t n, major[CHORD_MAX_TONES], minor[CHORD_MAX_TONES];
} qualities[] = {
	{ "", 3, { 0, 4, 7 }, { 0, 3, 7 } },
	{ "5", 2, { 0, 7 }, { 0, 7 } },
	{ "6", 4, { 0, 4, 7, 9 }, { 0, 3, 7, 9 } },
	{ "7", 4, { 0, 4, 7, 10 }, { 0, 3, 7, 10 } },
	{ "maj7", 4, { 0, 4, 7, 11 }, { 0, 3, 7, 11 } },
	{ "9", 5, { 0, 4, 7, 10, 2 }, { 0, 3, 7, 10, 2 } },
	{ "maj9", 5, { 0, 4, 7, 11, 2 }, { 0, 3, 7, 11, 2 } },
	{ "69", 5, { 0, 4, 7, 9, 2 }, { 0, 3, 7, 9, 2 } },
	{ "add9", 4, { 0, 4, 7, 2 }, { 0, 3, 7, 2 } },
	{ "11", 6, { 0, 7, 10, 2, 5 }, { 0, 3, 7, 10, 2, 5 } },
	{ "13", 5, { 0, 4, 10, 2, 9 }, { 0, 3, 10, 2, 9 } },
	{ "7b9", 5, { 0, 4, 7, 10, 1 }, { 0, 3, 7, 10, 1 } },
	{ "7#9", 5, { 0, 4, 7, 10, 3 }, { 0, 4, 7, 10, 3 } },
	{ "sus2", 3, { 0, 2, 7 }, { 0, 2, 7 } },
	{ "sus4", 3, { 0, 5, 7 }, { 0, 5, 7 } },
	{ "7sus4", 4, { 0, 5, 7, 10 }, { 0, 5, 7, 10 } },
	{ "9sus4", 5, { 0, 5, 7, 10, 2 }, { 0, 5, 7, 10, 2 } },
	{ "o", 3, { 0, 3, 6 }, { 0, 3, 6 } },
	{ "o7", 4, { 0, 3, 6, 9 }, { 0, 3, 6, 9 } },
	{ "h7", 4, { 0, 3, 6, 10 }, { 0, 3, 6, 10 } },
	{ "+", 3, { 0, 4, 8 }, { 0, 4, 8 } },
};

/* `I` … `vii` at *s, which moves behind it; -1 when there is none. */
static int
read_degree(const char **s, bool *lower)
{
	static const char *const large[7] = { "I", "II", "III", "IV", "V", "VI", "VII" };
	static const char *const small[7] = { "i", "ii", "iii", "iv", "v", "vi", "vii" };
	size_t n = strspn(*s, "IV");

	*lower = n == 0;
	if (*lower) n = strspn(*s, "iv");
	for (int d = 0; d < 7; d++) {
		const char *name = (*lower ? small : large)[d];

		if (n == strlen(name) && strncmp(*s, name, n) == 0) {
			*s += n;
			return d;
		}
	}
	return -1;
}

static int
read_quality(const char **s)
{
	size_t n = strcspn(*s, "/");

	for (size_t i = 0; i < NELEM(qualities); i++)
		if (strlen(qualities[i].name) == n && strncmp(*s, qualities[i].name, n) == 0) {
			*s += n;
			return (int)i;
		}
	return -1;
}

int
theory_numeral(const char *text, struct numeral *out, struct err *e)
{
	const char *s = text;
	int v;

	*out = (struct numeral){ .of = -1 };
	if (*s == 'b' || *s == '#') out->alter = *s++ == 'b' ? -1 : 1;
	if ((v = read_degree(&s, &out->lower)) < 0)
		return err_set(e, ERR_INVALID,
			"`%.20s` does not begin with a Roman numeral from I to VII", text);
	out->degree = (int8_t)v;
	if ((v = read_quality(&s)) < 0)
		return err_set(e, ERR_INVALID,
			"`%.20s` has an unknown kind of chord behind its numeral", text);
	out->quality = (int8_t)v;
	while (*s == '/') {
		s++;
		if (*s == '3' || *s == '5' || *s == '7') out->bass = (int8_t)((*s++ - '1') / 2);
		else if ((v = read_degree(&s, &out->of_lower)) >= 0) out->of = (int8_t)v;
		else
			return err_set(e, ERR_INVALID,
				"`%.20s` has something unknown behind its `/`", text);
	}
	return 0;
}

struct numeral
theory_known(const char *s)
{
	struct numeral n;
	struct err e;

	if (theory_numeral(s, &n, &e)) abort();
	return n;
}

/* The third or the seventh tells whether a foreign tone was raised or lowered; the scale then loses
 * the note that it was made from. */
static uint16_t
bend_scale(uint16_t scale, const struct chord *c, int alter)
{
	for (int i = 0; i < c->tones; i++) {
		int above_root = (c->tone[i] - c->root + 12) % 12, t = c->tone[i];
		bool raised = i == 0 ? alter > 0
				     : above_root == 4 || above_root == 11 || above_root == 8
				|| (above_root == 7 && alter >= 0) || above_root == 9
				|| above_root == 2;
		int origin = (t + (raised ? 11 : 1)) % 12;

		if (scale >> t & 1) continue;
		scale |= (uint16_t)(1 << t);
		if (!(c->mask >> origin & 1)) scale &= (uint16_t)~(1 << origin);
	}
	return scale;
}

/* Thirds upon each other within the mode, as many as the written chord has tones. */
static void
stack_thirds(struct chord *c, int degree, int tones, int tonic, enum theory_mode mode)
{
	int n = tones < 3 ? 3 : tones > 5 ? 5 : tones;

	for (int i = 0; i < n; i++) {
		int d = degree + 2 * i;

		c->tone[i] = (int8_t)((tonic + mode_step(mode, d % 7)) % 12);
	}
	c->tones = (int8_t)n;
}

struct chord
theory_chord(const struct numeral *n, int tonic, enum theory_mode mode, enum theory_mode written)
{
	const struct quality *q = &qualities[n->quality];
	struct chord c = {0};
	int home = tonic;

	if (n->of >= 0) home = (tonic + mode_step(mode, n->of)) % 12;
	if (mode != written && n->of < 0) {
		stack_thirds(&c, n->degree, q->n, tonic, mode);
	} else {
		enum theory_mode m = n->of < 0 ? mode : n->of_lower ? MODE_MINOR : MODE_MAJOR;
		int root = (home + mode_step(m, n->degree) + n->alter + 12) % 12;
		const int8_t *up = n->lower ? q->minor : q->major;

		/* A column of the table may have fewer tones: zeros behind the root. */
		for (int i = 0; i < q->n && (i == 0 || up[i]); i++)
			c.tone[c.tones++] = (int8_t)((root + up[i]) % 12);
	}
	c.root = c.tone[0];
	for (int i = 0; i < c.tones; i++) c.mask |= (uint16_t)(1 << c.tone[i]);
	c.bass = c.tone[n->bass < c.tones ? n->bass : 0];
	c.scale = bend_scale(mode_scale(tonic, mode), &c, n->alter);
	return c;
}
