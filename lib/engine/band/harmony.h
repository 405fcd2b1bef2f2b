/* Which chord sounds when, and how a player spreads it over the keys. Pure. */
#ifndef EARSHOT_ENGINE_BAND_HARMONY_H
#define EARSHOT_ENGINE_BAND_HARMONY_H

#include "engine/band/plan.h"
#include "engine/band/theory.h"

struct harmony {
	struct chord *chord;		/* without gaps from tick 0 to the end; owned */
	int n;
	int final;			/* index of the final chord; n when the piece fades out */
};

/* Write the chords of all sections and the final one. Each letter of the style gets one progression
 * for the whole piece, so that what returns is known; before the final chord stands a cadence. */
void harmony_make(struct harmony *h, const struct plan *p);

/* A piece that rises (plan.h) is written in its home key first; then the score is transposed by
 * play_all(), and the chords by this. */
void harmony_lift(struct harmony *h, const struct plan *p);

void harmony_free(struct harmony *h);

/* Index of the chord that a note from tick on, so long, belongs to: one that begins up to a quarter
 * before a change, in the middle of a chord, and sounds longer behind the change than before it
 * anticipates the next chord. */
int harmony_at(const struct harmony *h, int32_t tick, int32_t ticks);

enum { VOICING_MAX = 6 };

struct voicing {
	uint8_t key[VOICING_MAX];	/* ascending */
	int n;
};

struct voicing_rules {
	int low, high;			/* keys */
	int voices;
	bool avoid_parallels;		/* of fifths and octaves, with the bass, too */
	int shift;			/* semitones from the middle of the range to theirs */
	const int8_t *raise;		/* as many more in each section; NULL: in none */
};

/* One voicing for each chord: the path through all candidates that costs least, where motion,
 * leaps, wide or muddy spacing, missing tones, doubled or unresolved leading notes and sevenths,
 * and leaving the middle of the range cost. out has h->n. */
void harmony_voice(const struct harmony *h, const struct voicing_rules *r, struct voicing *out);

#endif
