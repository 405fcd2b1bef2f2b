/* A solo: a tune made up over the chords, as players do it. Phrases that begin with a turn of the
 * theme's motif, an arpeggio or a run, aim at the third or seventh of the chord that comes next and
 * approach it by step, from a semitone below, or from both sides; between them there is breath. It
 * begins with little and grows in density and height toward its end. */
#ifndef EARSHOT_ENGINE_BAND_SOLO_H
#define EARSHOT_ENGINE_BAND_SOLO_H

#include "engine/band/harmony.h"
#include "engine/band/plan.h"
#include "engine/band/score.h"

/* Write the section; *last is the key that was played before (0: none) and becomes the last one.
 * The tick where the last note ends. */
int32_t solo_play(const struct plan *p, const struct harmony *h, int player,
	const struct section *sec, int *last, struct score *s);

#endif
