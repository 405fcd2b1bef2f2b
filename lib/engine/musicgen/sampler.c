#include "engine/musicgen/sampler.h"

#include <math.h>
#include <string.h>

#include "engine/musicgen/kernels.h"
#include "engine/rng.h"

void
sampler_guide(float *logits, const float *without, float scale, int n)
{
	for (int i = 0; i < n; i++) logits[i] = without[i] + (logits[i] - without[i]) * scale;
}

/* Numbers in the order of floats, looked at in pieces of a few bits from the top: with a count for
 * each value of a piece, those floats that agree so far need not be sorted, or copied (a radix
 * select). */
enum { PIECES = 3, BITS = 11, VALUES = 1 << BITS };

static const int shifts[PIECES] = { 21, 10, -1 };

static uint32_t
ordered(float f)
{
	uint32_t bits;

	memcpy(&bits, &f, 4);
	return bits & 0x80000000 ? ~bits : bits | 0x80000000;
}

static float
unordered(uint32_t key)
{
	uint32_t bits = key & 0x80000000 ? key & 0x7fffffff : ~key;
	float f;

	memcpy(&f, &bits, 4);
	return f;
}

/* A piece of a number; the last one has a bit less. */
static uint32_t
piece_of(uint32_t key, int piece)
{
	return shifts[piece] < 0 ? key & (VALUES / 2 - 1) : key >> shifts[piece] & (VALUES - 1);
}

static bool
agrees(uint32_t key, uint32_t so_far, int pieces)
{
	return !pieces || (key ^ so_far) >> shifts[pieces - 1] == 0;
}

static uint32_t
with_piece(uint32_t so_far, uint32_t value, int piece)
{
	return so_far | (shifts[piece] < 0 ? value : value << shifts[piece]);
}

/* The smallest of the k ≤ n largest of n. */
static float
kth_largest(const float *v, int n, int k)
{
	uint32_t found = 0;

	for (int piece = 0; piece < PIECES; piece++) {
		int count[VALUES] = {0}, at = VALUES - 1;

		for (int i = 0; i < n; i++) {
			uint32_t key = ordered(v[i]);

			if (agrees(key, found, piece)) count[piece_of(key, piece)]++;
		}
		while (k > count[at]) k -= count[at--];
		found = with_piece(found, (uint32_t)at, piece);
	}
	return unordered(found);
}

/* The smallest of n probabilities that sums up to more than `rest` with all that are no larger. */
static float
first_above(const float *p, int n, double rest)
{
	uint32_t found = 0;

	for (int piece = 0; piece < PIECES; piece++) {
		double sum[VALUES] = {0};
		int at = 0, last = 0;

		for (int i = 0; i < n; i++) {
			uint32_t key = ordered(p[i]), value = piece_of(key, piece);

			if (!agrees(key, found, piece)) continue;
			sum[value] += p[i];
			if ((int)value > last) last = (int)value;
		}
		while (at < last && sum[at] <= rest) rest -= sum[at++];
		found = with_piece(found, (uint32_t)at, piece);
	}
	return unordered(found);
}

static void
keep_above(float *v, int n, float least, float instead)
{
	for (int i = 0; i < n; i++)
		if (v[i] < least) v[i] = instead;
}

static int
largest(const float *v, int n)
{
	int best = 0;

	for (int i = 1; i < n; i++)
		if (v[i] > v[best]) best = i;
	return best;
}

int
sampler_pick(float *logits, int n, const struct sampling *s, const float *noise)
{
	if (s->greedy) return largest(logits, n);
	for (int i = 0; i < n; i++) logits[i] /= s->temperature;
	if (s->top_k > 0 && s->top_k < n)
		keep_above(logits, n, kth_largest(logits, n, s->top_k), -INFINITY);
	kernels_best()->softmax(logits, (size_t)n);
	/* The likeliest ones until the sum is at p: one is left out when it and all that are less
	 * likely sum up to 1 - p at most. */
	if (s->top_p > 0 && s->top_p < 1)
		keep_above(logits, n, first_above(logits, n, 1.0 - (double)s->top_p), 0);
	for (int i = 0; i < n; i++) logits[i] /= noise[i];
	return largest(logits, n);
}

/* -ln u for u = (m + 1/2) / 2^24, m of 24 bits: u is never 0 or 1. The logarithm by halving u into
 * [√½, √2) and the series of 2 artanh, in double and by additions and products alone. */
static float
exponential_draw(uint64_t random)
{
	double u = ((double)(random >> 40) + 0.5) * 0x1p-24, m, z, z2, sum = 0;
	int exponent;

	m = frexp(u, &exponent);
	if (m < 0.70710678118654752) {
		m *= 2;
		exponent--;
	}
	z = (m - 1) / (m + 1);
	z2 = z * z;
	for (int k = 13; k >= 1; k -= 2) sum = sum * z2 + 1.0 / k;
	return (float)-(2 * z * sum + exponent * 0.69314718055994531);
}

void
sampler_noise(uint32_t seed, int step, int codebook, float *noise, int n)
{
	struct rng r = rng_for(seed, "codes", (uint32_t)step, (uint32_t)codebook);

	for (int i = 0; i < n; i++) noise[i] = exponential_draw(rng_next(&r));
}
