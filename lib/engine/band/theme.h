/* A theme: rhythm and contour of a tune, before any chord bends it. Made of units of two bars,
 * which repeat, sequence, invert or answer one motif, and end in a long note and a breath. */
#ifndef EARSHOT_ENGINE_BAND_THEME_H
#define EARSHOT_ENGINE_BAND_THEME_H

#include "engine/band/plan.h"

enum { THEME_NOTES = 512 };

struct theme_note {
	int32_t tick, ticks;		/* from the theme's start */
	int step; /* height in steps of a scale, 0 is the middle of the range */
	char sign;			/* X x o */
	bool even;
	bool phrase_end;		/* the long note before a breath */
	bool home;			/* the last one of all: it wants the tonic */
};

struct theme {
	struct theme_note note[THEME_NOTES];
	int n;
};

/* The theme of that letter for so many bars. The same letter, player and bars give the same theme;
 * times is how often it was heard before: returns are varied a little. */
void theme_make(struct theme *t, const struct plan *p, int player, char letter, int bars,
	int energy, int times);

#endif
