/* Random numbers that are the same on every host, for engines that must be deterministic to the
 * bit.
 *
 * Counter-based: the n-th number of a stream is a hash of its key and n (SplitMix64, Steele, Lea
 * and Flood, "Fast splittable pseudorandom number generators", 2014). A stream is named by the seed
 * and by what it decides, so that one decision more in one place changes nothing in another.
 * Integer arithmetic only. Not for secrets. */
#ifndef EARSHOT_ENGINE_RNG_H
#define EARSHOT_ENGINE_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t key, count;
};

/* The stream for what (a word such as "bass") and two numbers (such as section and bar). */
struct rng rng_for(uint32_t seed, const char *what, uint32_t a, uint32_t b);

uint64_t rng_next(struct rng *r);

int rng_below(struct rng *r, int n);			/* 0 … n-1; n > 0 */
int rng_between(struct rng *r, int low, int high);	/* low … high */
bool rng_chance(struct rng *r, int percent);

/* -width … width, the middle more often: the sum of three even ones. */
int rng_bell(struct rng *r, int width);

/* An index below n, each as often as its weight says; the first if no weight is above 0. */
int rng_pick(struct rng *r, const int *weights, int n);

#endif
