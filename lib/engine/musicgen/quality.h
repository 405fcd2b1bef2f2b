/* How much do fewer bits change? The same codes go into two models of one checkpoint, and what they
 * think comes next is compared. */
#ifndef EARSHOT_ENGINE_MUSICGEN_QUALITY_H
#define EARSHOT_ENGINE_MUSICGEN_QUALITY_H

#include "engine/musicgen/model.h"

struct quality {
	long predictions;		/* how many were compared */
	double divergence;		/* mean Kullback-Leibler divergence, Σ p · ln (p / q) */
	double same;			/* share of those whose most likely code is the same */
};

/* Random codes, the same for a seed; half of the streams have a random text, half none. exact's
 * keys and values are kept as float32, kept's as in use. ERR_INVALID when a logit is not finite. */
int quality_measure(const struct model *exact, const struct model *kept, const struct hands *h,
	int streams, int steps, uint32_t seed, struct quality *q, struct err *e);

#endif
