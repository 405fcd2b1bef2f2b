/* Who is better, from comparisons of two at a time: the model of Bradley and Terry.
 *
 * R. A. Bradley and M. E. Terry, "Rank analysis of incomplete block designs", Biometrika 39 (1952),
 * 324–345: i is preferred to j with probability p_i / (p_i + p_j). The strengths p are those that
 * make the votes most likely. A tie counts as half a vote for each side.
 *
 * Among players who are linked by comparisons such strengths exist, and are unique up to a factor,
 * exactly when nobody can be split off who never lost to the others (D. R. Hunter, "MM algorithms
 * for generalized Bradley-Terry models", Annals of Statistics 32 (2004), 384–406, assumption 1).
 * Where they do not exist, every two who met are given one tie more, which is what F. J. Anscombe, "On
 * estimating binomial response relations", Biometrika 43 (1956), 461–464, adds to log odds. Players
 * of groups that never met cannot be compared at all; each group has the mean 1000.
 *
 * Pure: the same votes give the same answer, the intervals included. */
#ifndef EARSHOT_STATS_RANKING_H
#define EARSHOT_STATS_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All votes between two of n players, a ≠ b, both below n. A pair may be in several of them. */
struct contest {
	size_t a, b;
	uint64_t a_wins, b_wins, ties;
};

/* score = 1000 + 400 log10(p), where the mean of all scores is 1000: 400 more are odds of ten to
 * one. low … high is the 95 % interval by the percentiles of bootstrap samples: as many votes, drawn
 * from all votes with replacement, and one tie more for every two who met, since a sample easily has
 * one who never lost. Where the scores needed those ties, they are drawn from as well: three wins of
 * three would look certain otherwise. */
struct ranked {
	double score, low, high;
};

/* Into out, which holds n. True: the votes alone did not suffice, for one of the two reasons above.
 * Players without any vote are groups by themselves; leave them out. */
bool ranking_fit(const struct contest *contests, size_t n_contests, struct ranked *out, size_t n);

#endif
