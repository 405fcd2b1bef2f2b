/* How much a share of votes tells: an interval for the share that stands behind it, and how often
 * such votes happen by chance. Pure; k of n with k ≤ n. */
#ifndef EARSHOT_STATS_PROPORTION_H
#define EARSHOT_STATS_PROPORTION_H

#include <stdint.h>

struct interval {
	double low, high;
};

/* The 95 % score interval of E. B. Wilson, "Probable inference, the law of succession, and
 * statistical inference", JASA 22 (1927), 209–212, without continuity correction. Unlike p ±
 * 1.96 s it stays within 0 … 1 and is right for few votes and for shares of 0 and 1 (R. G.
 * Newcombe, Statistics in Medicine 17 (1998), 857–872, method 3). n = 0: 0 … 1, since nothing is
 * known. */
struct interval proportion_wilson(uint64_t k, uint64_t n);

/* The exact binomial test of "both sides are as likely": the probability, by fair coins, of all
 * outcomes that are no more likely than k of n, as R's binom.test(k, n) has it. Exact to about n
 * roundings of a double, whatever n; below 1e-300 it may be 0. n = 0: 1. Takes time by √n. */
double proportion_binomial(uint64_t k, uint64_t n);

#endif
