/* From a progression to the chords of a section: the progression goes round, its phrases end in
 * cadences, and what the style allows stands in for a chord here and there. Pure.
 *
 * The vocabulary is that of common-practice and jazz harmony as taught in, say, Piston's "Harmony"
 * (half, authentic and deceptive cadences, antecedent and consequent, secondary dominants, mixture)
 * and Levine's "The Jazz Theory Book" (tritone substitutes, turnarounds, passing
 * diminished chords). */
#ifndef EARSHOT_ENGINE_BAND_GRAMMAR_H
#define EARSHOT_ENGINE_BAND_GRAMMAR_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/band/plan.h"
#include "engine/band/theory.h"

/* A chord on its way into the harmony: as it is written and what that means in the key. */
struct slot {
	struct numeral numeral;
	enum theory_mode written;
	struct chord chord;
	bool kept;			/* belongs to a cadence, or stands in already */
	unsigned arts;			/* bit n: enum harmony_art n made or changed it */
};

struct slots {
	struct slot *list;		/* owned; in time, without gaps */
	int n;
};

/* One section to be written. */
struct grammar {
	const struct plan *plan;
	int section;
	const struct progression *progression;
	bool own;			/* the style's: its arts of harmony apply */
	const struct progression *close;	/* leads to the final chord … */
	int closing;			/* … in so many last bars */
	struct slot after;		/* what follows the section; no ticks: nothing does */
};

/* The weights, for rng_pick(), of those among n progressions that serve for a letter (any: what has
 * no letter serves, too) and come nearest to the mode; their sum. Where a letter is that of a
 * section, what would be cut off in its bars weighs less. */
int grammar_weigh(const struct progression *list, int n, char letter, bool any,
	enum theory_mode mode, int bars, int *weight);

/* The chord of a progression that begins at a tick and lasts for so long. */
struct slot grammar_slot(const struct plan *p, const struct progression *g,
	const struct progression_chord *c, int32_t tick, int32_t ticks);

/* Where the place-th of `of` chords begins in a bar: on beats if there are enough, and on a strong
 * one if there are two. */
int grammar_place(const struct meter *m, int place, int of);

/* The chords of the section. Release with slots_free(). */
void grammar_write(const struct grammar *g, struct slots *out);

void slots_add(struct slots *s, struct slot added);
void slots_insert(struct slots *s, int at, struct slot added);
void slots_free(struct slots *s);

/* substitute.c: let stand in for chords what the style allows. For grammar_write() only. */
void substitute(const struct grammar *g, struct slots *s);

/* The end of the section becomes the dominant of the key into which the next one rises. */
void substitute_lift(const struct grammar *g, struct slots *s);

#endif
