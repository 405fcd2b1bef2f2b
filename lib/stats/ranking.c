#include "stats/ranking.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Bootstrap samples: as many as are done in WORK steps altogether, within these limits. */
	MIN_SAMPLES = 200, MAX_SAMPLES = 1000, WORK = 20000000, WORK_PER_PAIR = 100,
	OUTCOMES = 3,			/* of a contest: a, b, tie */
	BLOCK = 4096,			/* random numbers made at once */
	MAX_STEPS = 100, MAX_HALVINGS = 50,
};

/* How far a strength may have moved in the last step, in natural logarithms. Steps shrink
 * quadratically, so that what is left is far less. */
static const double FINE = 1e-9, COARSE = 1e-4;

/* Two players who met, and how often each was preferred. */
struct pair {
	size_t a, b;
	double a_wins, b_wins;
};

struct game {
	struct pair *pairs;
	size_t n_pairs, n;
	size_t *group;			/* of each player; groups never met */
	bool many_groups;
	/* room for the search, n each but for h: n_pairs */
	double *gradient, *step, *trial, *diagonal, *residual, *direction, *image, *h;
};

static void *
zeroed(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p) abort();
	return p;
}

static double
score_of(double log_strength)
{
	return 1000 + 400 / log(10) * log_strength;
}

/* log(1 / (1 + exp(-z))), without overflow. */
static double
log_logistic(double z)
{
	return z > 0 ? -log1p(exp(-z)) : z - log1p(exp(z));
}

/* The logarithm of how likely the votes are, which is concave in x, the logarithms of p. */
static double
likelihood(const struct game *g, const double *x)
{
	double sum = 0;

	for (size_t i = 0; i < g->n_pairs; i++) {
		const struct pair *p = &g->pairs[i];
		double z = x[p->a] - x[p->b];

		sum += p->a_wins * log_logistic(z) + p->b_wins * log_logistic(-z);
	}
	return sum;
}

/* First derivatives, and the weights of the second ones: a graph's Laplacian with edges h. */
static void
derive(struct game *g, const double *x)
{
	memset(g->gradient, 0, g->n * sizeof *g->gradient);
	memset(g->diagonal, 0, g->n * sizeof *g->diagonal);
	for (size_t i = 0; i < g->n_pairs; i++) {
		const struct pair *p = &g->pairs[i];
		double n = p->a_wins + p->b_wins, share = 1 / (1 + exp(x[p->b] - x[p->a]));
		double slope = p->a_wins - n * share;

		g->h[i] = n * share * (1 - share);
		g->gradient[p->a] += slope;
		g->gradient[p->b] -= slope;
		g->diagonal[p->a] += g->h[i];
		g->diagonal[p->b] += g->h[i];
	}
}

static void
laplacian(const struct game *g, const double *v, double *out)
{
	memset(out, 0, g->n * sizeof *out);
	for (size_t i = 0; i < g->n_pairs; i++) {
		const struct pair *p = &g->pairs[i];
		double flow = g->h[i] * (v[p->a] - v[p->b]);

		out[p->a] += flow;
		out[p->b] -= flow;
	}
}

/* What the residual is divided by; players without votes stay where they are. */
static double
prepared(const struct game *g, size_t i)
{
	return g->diagonal[i] > 0 ? g->residual[i] / g->diagonal[i] : 0;
}

/* Newton's step: Laplacian × step = gradient, by conjugate gradients with the diagonal as
 * preconditioner (M. R. Hestenes and E. Stiefel, J. Res. Nat. Bur. Standards 49 (1952), 409–436).
 * What moves a whole group along is in no gradient, so that it comes into no step either. */
static void
solve(struct game *g, double precision)
{
	double rz = 0, goal;

	memset(g->step, 0, g->n * sizeof *g->step);
	memcpy(g->residual, g->gradient, g->n * sizeof *g->residual);
	for (size_t i = 0; i < g->n; i++) {
		g->direction[i] = prepared(g, i);
		rz += g->residual[i] * g->direction[i];
	}
	goal = rz * precision * precision;
	for (size_t round = 0; round < 4 * g->n + 10 && rz > goal; round++) {
		double along = 0, pace, next = 0;

		laplacian(g, g->direction, g->image);
		for (size_t i = 0; i < g->n; i++) along += g->direction[i] * g->image[i];
		if (!(along > 0)) break;
		pace = rz / along;
		for (size_t i = 0; i < g->n; i++) {
			g->step[i] += pace * g->direction[i];
			g->residual[i] -= pace * g->image[i];
			next += g->residual[i] * prepared(g, i);
		}
		for (size_t i = 0; i < g->n; i++)
			g->direction[i] = prepared(g, i) + next / rz * g->direction[i];
		rz = next;
	}
}

/* Go the step, or half of it, or a quarter …, so far that the votes do not become less likely. How
 * far the farthest went; 0: nothing is better by as much as rounding lets one see. */
static double
go(struct game *g, double *x, double *likely)
{
	double part = 1, far = 0;

	for (int i = 0; i < MAX_HALVINGS; i++, part /= 2) {
		double now;

		for (size_t k = 0; k < g->n; k++) g->trial[k] = x[k] + part * g->step[k];
		now = likelihood(g, g->trial);
		if (!(now >= *likely)) continue;
		*likely = now;
		for (size_t k = 0; k < g->n; k++) far = fmax(far, fabs(part * g->step[k]));
		memcpy(x, g->trial, g->n * sizeof *x);
		return far;
	}
	return 0;
}

/* Every group gets the mean 0. */
static void
centre(const struct game *g, double *x)
{
	double *sum = zeroed(g->n, sizeof *sum);
	size_t *members = zeroed(g->n, sizeof *members);

	for (size_t i = 0; i < g->n; i++) {
		sum[g->group[i]] += x[i];
		members[g->group[i]]++;
	}
	for (size_t i = 0; i < g->n; i++) x[i] -= sum[g->group[i]] / (double)members[g->group[i]];
	free(sum);
	free(members);
}

/* From x to the logarithms of the strengths, which must exist. */
static void
search(struct game *g, double *x, double precision)
{
	double likely = likelihood(g, x);

	for (int i = 0; i < MAX_STEPS; i++) {
		derive(g, x);
		solve(g, precision);
		if (go(g, x, &likely) < precision) break;
	}
	centre(g, x);
}

/* Who can be reached from one player by the edges winner → loser, or by the same edges backwards;
 * seen is a mark of each player. */
static void
reach(const struct game *g, size_t from, bool backwards, bool *seen)
{
	bool more = true;

	seen[from] = true;
	while (more) {
		more = false;
		for (size_t i = 0; i < g->n_pairs; i++) {
			const struct pair *p = &g->pairs[i];
			bool a_to_b = (backwards ? p->b_wins : p->a_wins) > 0;
			bool b_to_a = (backwards ? p->a_wins : p->b_wins) > 0;

			if ((a_to_b && seen[p->a] && !seen[p->b]) ||
				(b_to_a && seen[p->b] && !seen[p->a]))
				seen[p->a] = seen[p->b] = more = true;
		}
	}
}

/* Do the strengths exist: is everyone of a group reached in both ways from its first member? */
static bool
is_connected(const struct game *g)
{
	bool *seen[2] = { zeroed(g->n, sizeof(bool)), zeroed(g->n, sizeof(bool)) }, yes = true;

	for (size_t i = 0; i < g->n; i++) {
		if (g->group[i] != i) continue;
		for (int way = 0; way < 2; way++) reach(g, i, way, seen[way]);
	}
	for (size_t i = 0; i < g->n; i++) yes = yes && seen[0][i] && seen[1][i];
	free(seen[0]);
	free(seen[1]);
	return yes;
}

/* The group of a player is the lowest number in it. */
static void
find_groups(struct game *g)
{
	bool more = true;

	for (size_t i = 0; i < g->n; i++) g->group[i] = i;
	while (more) {
		more = false;
		for (size_t i = 0; i < g->n_pairs; i++) {
			size_t *a = &g->group[g->pairs[i].a], *b = &g->group[g->pairs[i].b];

			if (*a == *b) continue;
			*a = *b = *a < *b ? *a : *b;
			more = true;
		}
	}
	for (size_t i = 0; i < g->n; i++) g->many_groups = g->many_groups || g->group[i];
}

static int
by_players(const void *a, const void *b)
{
	const struct contest *x = a, *y = b;

	if (x->a != y->a) return x->a < y->a ? -1 : 1;
	return (x->b > y->b) - (x->b < y->b);
}

/* The contests, one for each two players, lower number first. *n: how many. Owned by the caller. */
static struct contest *
merged(const struct contest *contests, size_t n_contests, size_t *n)
{
	struct contest *out = zeroed(n_contests, sizeof *out);

	for (size_t i = 0; i < n_contests; i++) {
		const struct contest *c = &contests[i];

		out[i] = c->a < c->b ? *c
			: (struct contest){ c->b, c->a, c->b_wins, c->a_wins, c->ties };
	}
	qsort(out, n_contests, sizeof *out, by_players);
	*n = 0;
	for (size_t i = 0; i < n_contests; i++) {
		struct contest *last = *n ? &out[*n - 1] : NULL;

		if (!last || by_players(last, &out[i]) != 0) {
			out[(*n)++] = out[i];
			continue;
		}
		last->a_wins += out[i].a_wins;
		last->b_wins += out[i].b_wins;
		last->ties += out[i].ties;
	}
	return out;
}

/* votes: OUTCOMES for each pair; more: for each side of each pair. */
static void
set_votes(struct game *g, const uint64_t *votes, double more)
{
	for (size_t i = 0; i < g->n_pairs; i++, votes += OUTCOMES) {
		g->pairs[i].a_wins = (double)votes[0] + (double)votes[2] / 2 + more;
		g->pairs[i].b_wins = (double)votes[1] + (double)votes[2] / 2 + more;
	}
}

/* Draw `total` votes from an urn, by a stream of random numbers that depends on nothing but the
 * number of the sample. urn: the kind of each of its n_urn; out: how many were drawn of each kind. */
static void
draw(uint64_t sample, const uint32_t *urn, uint64_t n_urn, uint64_t total, uint64_t *out)
{
	unsigned char seed[randombytes_SEEDBYTES] = {0};
	uint64_t random[BLOCK];

	for (uint64_t at = 0; at < total; at += BLOCK) {
		uint64_t n = total - at < BLOCK ? total - at : BLOCK, place[2] = { sample, at };

		memcpy(seed, place, sizeof place);
		randombytes_buf_deterministic(random, n * sizeof *random, seed);
		for (uint64_t i = 0; i < n; i++)
			out[urn[(uint64_t)(((unsigned __int128)random[i] * n_urn) >> 64)]]++;
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

/* Each vote twice, and with a tie more half a vote, which is once, for either side of every pair.
 * *n: how many that are. Owned by the caller. */
static uint32_t *
fill_urn(const uint64_t *votes, size_t kinds, uint64_t total, bool with_tie, uint64_t *n)
{
	uint32_t *urn = zeroed(2 * total + kinds, sizeof *urn);

	*n = 0;
	for (size_t k = 0; k < kinds; k++) {
		uint64_t times = 2 * votes[k] + (with_tie && k % OUTCOMES < 2);

		for (uint64_t i = 0; i < times; i++) urn[(*n)++] = (uint32_t)k;
	}
	return urn;
}

/* The intervals of all players; x is what all votes give, from where each search starts. */
static void
bootstrap(struct game *g, const uint64_t *votes, bool with_tie, const double *x,
	struct ranked *out)
{
	size_t kinds = OUTCOMES * g->n_pairs, samples;
	uint64_t *drawn = zeroed(kinds, sizeof *drawn), total = 0, n_urn;
	uint32_t *urn;
	double *found, *one = zeroed(g->n, sizeof *one);

	for (size_t k = 0; k < kinds; k++) total += votes[k];
	urn = fill_urn(votes, kinds, total, with_tie, &n_urn);
	samples = WORK / (total + WORK_PER_PAIR * g->n_pairs + 1);
	if (samples < MIN_SAMPLES) samples = MIN_SAMPLES;
	if (samples > MAX_SAMPLES) samples = MAX_SAMPLES;
	found = zeroed(g->n * samples, sizeof *found);
	for (size_t s = 0; s < samples; s++) {
		memset(drawn, 0, kinds * sizeof *drawn);
		draw(s, urn, n_urn, total, drawn);
		set_votes(g, drawn, 0.5);
		memcpy(one, x, g->n * sizeof *one);
		search(g, one, COARSE);
		for (size_t i = 0; i < g->n; i++) found[i * samples + s] = score_of(one[i]);
	}
	for (size_t i = 0; i < g->n; i++) {
		double *mine = found + i * samples;

		qsort(mine, samples, sizeof *mine, by_value);
		/* Rounding must not put the score beside its interval. */
		out[i].low = fmin(percentile(mine, samples, 0.025), out[i].score);
		out[i].high = fmax(percentile(mine, samples, 0.975), out[i].score);
	}
	free(found);
	free(one);
	free(drawn);
	free(urn);
}

static void
game_open(struct game *g, const struct contest *contests, size_t n_pairs, size_t n)
{
	double **room[] = { &g->gradient, &g->step, &g->trial, &g->diagonal, &g->residual,
		&g->direction, &g->image };

	*g = (struct game){ .pairs = zeroed(n_pairs, sizeof *g->pairs), .n_pairs = n_pairs, .n = n,
		.group = zeroed(n, sizeof *g->group), .h = zeroed(n_pairs, sizeof *g->h) };
	for (size_t i = 0; i < sizeof room / sizeof *room; i++)
		*room[i] = zeroed(n, sizeof **room[i]);
	for (size_t i = 0; i < n_pairs; i++)
		g->pairs[i] = (struct pair){ .a = contests[i].a, .b = contests[i].b };
	find_groups(g);
}

static void
game_close(struct game *g)
{
	double *room[] = { g->gradient, g->step, g->trial, g->diagonal, g->residual, g->direction,
		g->image, g->h };

	for (size_t i = 0; i < sizeof room / sizeof *room; i++) free(room[i]);
	free(g->group);
	free(g->pairs);
}

bool
ranking_fit(const struct contest *contests, size_t n_contests, struct ranked *out, size_t n)
{
	size_t n_pairs;
	struct contest *pairs = merged(contests, n_contests, &n_pairs);
	uint64_t *votes = zeroed(OUTCOMES * n_pairs, sizeof *votes);
	double *x = zeroed(n, sizeof *x);
	struct game g;
	bool exists, many_groups;

	for (size_t i = 0; i < n_pairs; i++)
		memcpy(&votes[OUTCOMES * i], (uint64_t[OUTCOMES]){ pairs[i].a_wins, pairs[i].b_wins,
			pairs[i].ties }, OUTCOMES * sizeof *votes);
	game_open(&g, pairs, n_pairs, n);
	many_groups = g.many_groups;
	set_votes(&g, votes, 0);
	if (!(exists = is_connected(&g))) set_votes(&g, votes, 0.5);
	search(&g, x, FINE);
	for (size_t i = 0; i < n; i++) out[i].score = score_of(x[i]);
	bootstrap(&g, votes, !exists, x, out);
	game_close(&g);
	free(votes);
	free(pairs);
	free(x);
	return !exists || many_groups;
}
