/* Who does what in a piece: drums by their channel; the others by how low they play, how many of
 * their notes sound at once, how long these are, and what they are called. */
#include "engine/band/learn_piece.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
	FEW = 4,        /* notes: fewer are an effect */
	CHORDAL = 160,  /* hundredths of voices: more are chords */
	BASS_TOP = 520, /* tenths of a key: basses are below on average */
	RIGHT_HAND = 60,
	LEFT_HAND = 52,
	HANDS_APART = 26,   /* semitones that only two hands can reach */
	ARPEGGIO_STEP = 42, /* tenths of a semitone from note to note */
};

/* Words in a track's name that leave no doubt. */
static const struct {
	const char *word;
	enum role role;
} named[] = {
	{ "bass", ROLE_BASS },
	{ "melod", ROLE_MELODY },
	{ "lead", ROLE_MELODY },
	{ "solo", ROLE_MELODY },
	{ "vocal", ROLE_MELODY },
	{ "voice", ROLE_MELODY },
	{ "pad", ROLE_PAD },
	{ "chord", ROLE_CHORDS },
	{ "rhythm", ROLE_CHORDS },
	{ "counter", ROLE_COUNTER },
};

static enum role
role_by_name(const struct learn_part *t)
{
	char name[SMF_NAME];
	size_t n = 0;

	for (; t->name[n] && n < sizeof name - 1; n++)
		name[n] = (char)tolower((unsigned char)t->name[n]);
	name[n] = '\0';
	for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
		const char *at = strstr(name, named[i].word);

		/* A bassoon is no bass. */
		if (at && strncmp(at, "bassoon", 7) != 0 && strncmp(at, "basso", 5) != 0)
			return named[i].role;
	}
	return ROLE_COUNT;
}

static bool
is_bass_program(int program)
{
	return (program >= 32 && program <= 39) || program == 43 || program == 58;
}

static bool
is_pad_program(int program)
{
	return (program >= 48 && program <= 52) || (program >= 88 && program <= 95) ||
	       program == 44;
}

/* One voice that leaps about in steady notes spells chords. */
static bool
is_arpeggio(const struct learn_part *t)
{
	return t->step >= ARPEGGIO_STEP && t->bars > 0 && t->notes / t->bars >= 4 &&
	       t->length <= QUARTER;
}

static enum role
role_of(const struct learn_part *t)
{
	enum role told = role_by_name(t);
	bool chordal = t->voices >= CHORDAL;
	int strikes = t->bars ? 10 * t->strikes / t->bars : 0;

	if (t->notes < FEW) return ROLE_COUNT;
	if (told == ROLE_BASS && t->key < 600) return ROLE_BASS;
	if (is_bass_program(t->program) && t->key < 580 && !chordal) return ROLE_BASS;
	if (chordal) {
		bool held = t->length >= QUARTER * 3 / 2 && strikes <= 25;

		if (told == ROLE_PAD || told == ROLE_CHORDS) return told;
		return held && (is_pad_program(t->program) || t->length >= 2 * QUARTER)
			       ? ROLE_PAD
			       : ROLE_CHORDS;
	}
	if (t->key < BASS_TOP && told != ROLE_MELODY) return ROLE_BASS;
	if (told == ROLE_MELODY || told == ROLE_COUNTER) return told;
	return is_arpeggio(t) ? ROLE_CHORDS : ROLE_MELODY;
}

/* Of several basses those that are neither called so nor the lowest have another part. */
static void
settle_basses(struct learn_piece *p)
{
	int lowest = -1;

	for (int i = 0; i < p->parts; i++)
		if (p->part[i].role == ROLE_BASS &&
			(lowest < 0 || p->part[i].key < p->part[lowest].key))
			lowest = i;
	for (int i = 0; i < p->parts; i++) {
		struct learn_part *t = &p->part[i];

		if (t->role != ROLE_BASS || i == lowest || is_bass_program(t->program)) continue;
		if (role_by_name(t) == ROLE_BASS) continue;
		t->role = is_arpeggio(t) || t->key < 480 ? ROLE_CHORDS : ROLE_MELODY;
	}
}

/* The tune is what lies high and goes on for long; slow lines beside it are a second voice. */
static void
settle_melodies(struct learn_piece *p)
{
	int best = -1, most = -1;

	for (int i = 0; i < p->parts; i++) {
		const struct learn_part *t = &p->part[i];
		int weight =
			t->bars * (t->key / 10) + (role_by_name(t) == ROLE_MELODY ? 100000 : 0);

		if (t->role == ROLE_MELODY && weight > most) best = i, most = weight;
	}
	for (int i = 0; i < p->parts; i++) {
		struct learn_part *t = &p->part[i];

		if (t->role == ROLE_MELODY && i != best && t->length >= QUARTER * 3 / 2)
			t->role = ROLE_COUNTER;
	}
}

static bool
has_role(const struct learn_piece *p, enum role role)
{
	for (int i = 0; i < p->parts; i++)
		if (p->part[i].role == role) return true;
	return false;
}

/* A new part for one hand of another; -1: there is no room. */
static int
add_hand(struct learn_piece *p, int of, enum role role)
{
	if (p->parts == LEARN_PARTS) return -1;
	p->part[p->parts] = p->part[of];
	p->part[p->parts].role = role;
	return p->parts++;
}

/* What one player has for both hands: the upper line is the tune and the lower one the bass where
 * nobody else has them, what is between stays chords. */
static void
part_hands(struct learn_piece *p, int which)
{
	bool tune = !has_role(p, ROLE_MELODY), bass = !has_role(p, ROLE_BASS);
	int right = tune ? add_hand(p, which, ROLE_MELODY) : -1;
	int left = bass ? add_hand(p, which, ROLE_BASS) : -1;
	int32_t until[128] = { 0 };

	for (int i = 0; i < p->notes;) {
		int end = i, low = -1, high = -1;

		if (p->note[i].part != which) {
			i++;
			continue;
		}
		for (; end < p->notes && p->note[end].tick - p->note[i].tick <= LEARN_TOGETHER;
			end++) {
			struct learn_note *n = &p->note[end];

			if (n->part != which) continue;
			until[n->key] = n->tick + n->ticks;
			if (low < 0 || n->key < p->note[low].key) low = end;
			if (high < 0 || n->key > p->note[high].key) high = end;
		}
		/* Only what no longer note covers is a line of its own. */
		for (int k = p->note[high].key + 1; k < 128 && high >= 0; k++)
			if (until[k] > p->note[high].tick + LEARN_TOGETHER) {
				high = -1;
				break;
			}
		for (int k = 0; low >= 0 && k < p->note[low].key; k++)
			if (until[k] > p->note[low].tick + LEARN_TOGETHER) {
				low = -1;
				break;
			}
		if (right >= 0 && high >= 0 && p->note[high].key >= RIGHT_HAND)
			p->note[high].part = (uint8_t)right;
		if (left >= 0 && low >= 0 && low != high && p->note[low].key < LEFT_HAND)
			p->note[low].part = (uint8_t)left;
		i = end;
	}
}

/* The semitones between the lowest and the highest twentieth of its notes. */
static int
reach(const struct learn_piece *p, int which)
{
	int count[128] = { 0 }, n = p->part[which].notes, low = 0, high = 127, sum = 0;

	for (int i = 0; i < p->notes; i++)
		if (p->note[i].part == which) count[p->note[i].key]++;
	for (; low < 127 && (sum += count[low]) <= n / 20; low++)
		continue;
	for (sum = 0; high > 0 && (sum += count[high]) <= n / 20; high--)
		continue;
	return high - low;
}

void
learn_roles(struct learn_piece *p)
{
	int parts = p->parts;

	for (int i = 0; i < p->parts; i++)
		if (p->part[i].role != ROLE_DRUMS) p->part[i].role = role_of(&p->part[i]);
	settle_basses(p);
	settle_melodies(p);
	for (int i = 0; i < parts; i++)
		if (p->part[i].role == ROLE_CHORDS && p->part[i].voices >= CHORDAL &&
			reach(p, i) >= HANDS_APART &&
			(!has_role(p, ROLE_MELODY) || !has_role(p, ROLE_BASS))) {
			part_hands(p, i);
			learn_measure(p);
		}
}
