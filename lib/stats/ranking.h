/* Who is better, from comparisons of two at a time: the model of Bradley and Terry.
 *
 * R. A. Bradley and M. E. Terry, "Rank analysis of incomplete block designs", Biometrika 39
 * (1952), 324–345: i is preferred to j with probability p_i / (p_i + p_j). The strengths p are
 * those that make the votes most likely, found by the MM algorithm of D. R. Hunter, "MM
 * algorithms for generalized Bradley-Terry models", Annals of Statistics 32 (2004), 384–406. A
 * tie counts as half a vote for each side.
 *
 * Such strengths exist, and are unique, exactly when nobody can be split off who never lost to
 * the others (Hunter's assumption 1: the graph of who won against whom is strongly connected).
 * Where they do not exist everyone is given, in addition, one tie against an imaginary average
 * player, which keeps the scores finite and draws them a little together; is_regularised tells.
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
 * one. low … high is the 95 % interval by the percentiles of bootstrap samples: as many votes,
 * drawn from all votes with replacement. */
struct ranked {
	double score, low, high;
};

/* Into out, which holds n. True: the strengths needed the imaginary player. Players without any
 * vote make it so, too, and stay near 1000 with an interval that means nothing; leave them out. */
bool ranking_fit(const struct contest *contests, size_t n_contests, struct ranked *out, size_t n);

#endif
