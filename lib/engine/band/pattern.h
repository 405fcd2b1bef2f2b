/* Patterns: the figures of a style, written as signs in a grid of time.
 *
 *     x..x|..x.|x-..|x.x.      one bar of 4/4; `|` parts beats, a blank parts bars
 *     xxx|x-x                  any number of signs divides its beat evenly: here triplets
 *
 * `.` is silence and `-` holds the note before; at the start of a row it holds the row's last note,
 * which then reaches over the end into the repeat. Which other signs there are, the part decides. */
#ifndef EARSHOT_ENGINE_BAND_PATTERN_H
#define EARSHOT_ENGINE_BAND_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/band/meter.h"

struct err;
struct rng;

struct step {
	int32_t tick, ticks;	/* from the start of the pattern; its length with holds */
	char sign;
	uint8_t drum;		/* key of the drum kit; 0 in other parts */
	bool even;		/* from a beat in 3 or 6 parts: swing leaves it alone */
};

struct pattern {
	int weight;		/* how often it is chosen */
	int low, high;		/* at which energies, 0 … 100 */
	uint32_t sections;	/* bit n: written for section n of its style; 0: for any */
	int bars;
	struct step *step;	/* by tick; owned */
	int n;
};

enum { PATTERN_MAX_BARS = 8, PATTERN_MAX_STEPS = 512 };

/* Add a row. signs are the ones allowed besides `.` and `-`. Rows of different numbers of bars are
 * repeated to the longest if that works out even. ERR_INVALID says what is wrong with the row. */
int pattern_add_row(struct pattern *p, const struct meter *m, const char *row, uint8_t drum,
	const char *signs, struct err *e);

/* Rewrite the pattern for another meter: beats are kept, left out or repeated; a beat of two
 * becomes one of three and the other way round. */
void pattern_fit(struct pattern *p, const struct meter *from, const struct meter *to);

/* The weights of those that serve there, 0 for the others; their sum. Those written for the section
 * come first, then those for any, and only where there is none those for other sections; among them
 * those that fit the energy (the nearest, if none does). section -1: none in particular. */
int pattern_weigh(const struct pattern *list, int n, int energy, int section, int *weights);

/* One of those that serve there, by weight; NULL when n is 0. */
const struct pattern *pattern_pick(
	const struct pattern *list, int n, int energy, int section, struct rng *r);

struct pattern pattern_copy(const struct pattern *p);
struct pattern *pattern_list_copy(const struct pattern *list, int n);	/* owned; NULL for none */

void pattern_free(struct pattern *p);

#endif
