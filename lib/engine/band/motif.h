/* A motif: two bars of rhythm with a contour, and what composers do with one. Pure.
 *
 * The rhythm comes from the part's patterns, the contour from a shape that is filled with steps, one
 * leap that it is known by, and steps back. Heights are steps of the scale that the tune uses. */
#ifndef EARSHOT_ENGINE_BAND_MOTIF_H
#define EARSHOT_ENGINE_BAND_MOTIF_H

#include "engine/band/plan.h"

/* What a note means for the phrase that it ends. */
enum theme_end {
	END_NONE,
	END_ROOM,			/* the others answer */
	END_OPEN,			/* it asks: the second, fifth or seventh of the key */
	END_HOME,			/* it comes home: the tonic, or its third */
};

struct theme_note {
	int32_t tick, ticks;		/* from the start of the motif, or of the theme */
	int step;			/* height in steps of the scale */
	char sign;			/* X x o */
	bool even;
	bool lean;			/* an appoggiatura: foreign to the chord, then a step down */
	bool top;			/* the climax */
	bool breath;			/* silence follows */
	enum theme_end end;
	uint8_t phrase;			/* counted from the theme's start */
};

enum { MOTIF_BARS = 2, MOTIF_NOTES = 64 };

struct motif {
	struct theme_note note[MOTIF_NOTES];
	int n;
};

/* Which of a theme's motifs. */
enum { MOTIF_MAIN, MOTIF_ANSWER, MOTIF_OTHER, MOTIFS };

struct motif_wish {
	const struct plan *plan;
	const struct style_part *part;
	enum scale scale;
	char letter;			/* of the theme */
	int energy;
};

/* One and the same for the same wish and number. MOTIF_ANSWER often has the rhythm of MOTIF_MAIN. */
void motif_make(struct motif *m, const struct motif_wish *w, int number);

void motif_lift(struct motif *m, int steps);
void motif_invert(struct motif *m);		/* around its first note */

/* The first bar twice, the second time so many steps higher; the motif in half the time, twice; its
 * first bar in double time. False where there are too few or too short notes; it then stays. */
bool motif_chop(struct motif *m, const struct meter *meter, int steps);
bool motif_narrow(struct motif *m, const struct meter *meter);
bool motif_widen(struct motif *m, const struct meter *meter);

#endif
