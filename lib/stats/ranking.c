#include "stats/ranking.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Bootstrap samples: as many as give DRAWS votes altogether, within these limits. */
	MIN_SAMPLES = 200, MAX_SAMPLES = 1000, DRAWS = 20000000,
	OUTCOMES = 3,			/* of a contest: a, b, tie */
	BLOCK = 4096,			/* random numbers made at once */
	MAX_ROUNDS = 100000,
};

/* How far any score may still move: a millionth is finer than anyone needs, and the rest is
 * spent so that the answer does not depend on where the search began. */
static const double FINE = 1e-11, COARSE = 1e-6;

/* The comparisons of one sample, ready for the search. */
struct game {
	const struct contest *contests;	/* who met whom */
	const uint64_t *votes;		/* OUTCOMES for each of them */
	size_t n_contests, n;
	double *wins, *work;		/* of each player; ties count half */
	bool regularised;
};

static void *
zeroed(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p) abort();
	return p;
}

static double
scale(double log_strength)
{
	return 400 / log(10) * log_strength;
}

/* Who can be reached from player 0 by the edges winner → loser, or by the same edges backwards? All
 * in both ways: strongly connected. A tie is an edge in both directions. */
static bool
reaches_all(const struct game *g, bool backwards)
{
	bool *seen = zeroed(g->n, sizeof *seen), more = true;
	size_t n_seen = 1;

	seen[0] = true;
	while (more) {
		more = false;
		for (size_t i = 0; i < g->n_contests; i++) {
			const struct contest *c = &g->contests[i];
			const uint64_t *v = &g->votes[OUTCOMES * i];
			bool a_to_b = v[backwards ? 1 : 0] || v[2];
			bool b_to_a = v[backwards ? 0 : 1] || v[2];

			if ((a_to_b && seen[c->a] && !seen[c->b]) || (b_to_a && seen[c->b] &&
				!seen[c->a])) {
				seen[c->a] = seen[c->b] = more = true;
				n_seen++;
			}
		}
	}
	free(seen);
	return n_seen == g->n;
}

static void
count_wins(struct game *g)
{
	g->regularised = g->n < 2 || !reaches_all(g, false) || !reaches_all(g, true);
	for (size_t i = 0; i < g->n; i++) g->wins[i] = g->regularised ? 0.5 : 0;
	for (size_t i = 0; i < g->n_contests; i++) {
		const struct contest *c = &g->contests[i];
		const uint64_t *v = &g->votes[OUTCOMES * i];

		g->wins[c->a] += (double)v[0] + (double)v[2] / 2;
		g->wins[c->b] += (double)v[1] + (double)v[2] / 2;
	}
}

/* Hunter's equation (3): p_i becomes W_i / Σ_j N_ij / (p_i + p_j). The imaginary player has the
 * strength 1. x holds log p. Returns how far the farthest went. */
static double
improve(const struct game *g, double *x)
{
	double *sum = g->work, mean = 0, step = 0;

	for (size_t i = 0; i < g->n; i++) sum[i] = g->regularised ? 1 / (exp(x[i]) + 1) : 0;
	for (size_t i = 0; i < g->n_contests; i++) {
		const struct contest *c = &g->contests[i];
		const uint64_t *v = &g->votes[OUTCOMES * i];
		double met = (double)(v[0] + v[1] + v[2]), both = exp(x[c->a]) + exp(x[c->b]);

		sum[c->a] += met / both;
		sum[c->b] += met / both;
	}
	for (size_t i = 0; i < g->n; i++) {
		sum[i] = log(g->wins[i] / sum[i]);
		mean += sum[i] / (double)g->n;
	}
	/* Only ratios count, unless the imaginary player fixes the scale. */
	if (g->regularised) mean = 0;
	for (size_t i = 0; i < g->n; i++) {
		step = fmax(step, fabs(sum[i] - mean - x[i]));
		x[i] = sum[i] - mean;
	}
	return step;
}

/* From x to the logarithms of the strengths, with mean 0. The search is linear: when the steps
 * shrink by a constant factor, what is left is the last step times factor / (1 - factor). */
static void
search(struct game *g, double *x, double precision)
{
	double before = 0, mean = 0;

	count_wins(g);
	for (int round = 0; round < MAX_ROUNDS; round++) {
		double step = improve(g, x), factor = round ? step / before : 1;

		before = step;
		if (step == 0 || (factor < 1 && step * factor / (1 - factor) < precision)) break;
	}
	for (size_t i = 0; i < g->n; i++) mean += x[i] / (double)g->n;
	for (size_t i = 0; i < g->n; i++) x[i] -= mean;
}

/* Draw as many votes as were cast from them, by a stream of random numbers that depends on nothing
 * but the number of the sample. cast: the kind of each vote; out: how many there are of each. */
static void
draw(uint64_t sample, const uint32_t *cast, uint64_t total, uint64_t *out)
{
	unsigned char seed[randombytes_SEEDBYTES] = {0};
	uint64_t random[BLOCK];

	for (uint64_t at = 0; at < total; at += BLOCK) {
		uint64_t n = total - at < BLOCK ? total - at : BLOCK, place[2] = { sample, at };

		memcpy(seed, place, sizeof place);
		randombytes_buf_deterministic(random, n * sizeof *random, seed);
		for (uint64_t i = 0; i < n; i++)
			out[cast[(uint64_t)(((unsigned __int128)random[i] * total) >> 64)]]++;
	}
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The value below which `part` of n sorted ones lie, between two of them in proportion. */
static double
percentile(const double *sorted, size_t n, double part)
{
	double at = part * (double)(n - 1);
	size_t i = (size_t)at;

	return i + 1 < n ? sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]) : sorted[i];
}

/* The intervals of all players around x, the strengths that all votes together give. */
static void
bootstrap(struct game *g, const double *x, struct ranked *out)
{
	size_t kinds = OUTCOMES * g->n_contests, samples;
	uint64_t *votes = zeroed(kinds, sizeof *votes), total = 0, at = 0;
	uint32_t *cast;
	double *found, *one = zeroed(g->n, sizeof *one);

	for (size_t k = 0; k < kinds; k++) total += g->votes[k];
	cast = zeroed(total, sizeof *cast);
	for (size_t k = 0; k < kinds; k++)
		for (uint64_t i = 0; i < g->votes[k]; i++) cast[at++] = (uint32_t)k;
	samples = total ? DRAWS / total : MIN_SAMPLES;
	if (samples < MIN_SAMPLES) samples = MIN_SAMPLES;
	if (samples > MAX_SAMPLES) samples = MAX_SAMPLES;
	found = zeroed(g->n * samples, sizeof *found);
	g->votes = votes;
	for (size_t s = 0; s < samples; s++) {
		memset(votes, 0, kinds * sizeof *votes);
		draw(s, cast, total, votes);
		memcpy(one, x, g->n * sizeof *one);
		search(g, one, COARSE);
		for (size_t i = 0; i < g->n; i++) found[i * samples + s] = 1000 + scale(one[i]);
	}
	for (size_t i = 0; i < g->n; i++) {
		double *mine = found + i * samples;

		qsort(mine, samples, sizeof *mine, by_value);
		out[i].low = percentile(mine, samples, 0.025);
		out[i].high = percentile(mine, samples, 0.975);
	}
	free(found);
	free(one);
	free(votes);
	free(cast);
}

bool
ranking_fit(const struct contest *contests, size_t n_contests, struct ranked *out, size_t n)
{
	uint64_t *votes = zeroed(OUTCOMES * n_contests, sizeof *votes);
	double *x = zeroed(n, sizeof *x);
	struct game g = { .contests = contests, .votes = votes, .n_contests = n_contests, .n = n,
		.wins = zeroed(n, sizeof *g.wins), .work = zeroed(n, sizeof *g.work) };
	bool regularised = false;

	for (size_t i = 0; i < n_contests; i++)
		memcpy(&votes[OUTCOMES * i], (uint64_t[OUTCOMES]){ contests[i].a_wins,
			contests[i].b_wins, contests[i].ties }, OUTCOMES * sizeof *votes);
	if (n) {
		search(&g, x, FINE);
		regularised = g.regularised;
		for (size_t i = 0; i < n; i++) out[i].score = 1000 + scale(x[i]);
		bootstrap(&g, x, out);
	}
	free(g.wins);
	free(g.work);
	free(votes);
	free(x);
	return regularised;
}
