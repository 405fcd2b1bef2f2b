#include "engine/musicgen/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/musicgen/kernels.h"
#include "engine/rng.h"

void
sampler_guide(float *logits, const float *without, float scale, int n)
{
	for (int i = 0; i < n; i++) logits[i] = without[i] + (logits[i] - without[i]) * scale;
}

static int
descending(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x < y) - (x > y);
}

/* Where the smallest of the k largest of n lies: by parts, as quicksort would, of which only the one
 * that holds it is looked at (Hoare's FIND). v is rearranged. */
static float
kth_largest(float *v, int n, int k)
{
	int low = 0, high = n - 1;

	while (low < high) {
		float pivot = v[low + (high - low) / 2];
		int i = low, j = high;

		while (i <= j) {
			while (v[i] > pivot) i++;
			while (v[j] < pivot) j--;
			if (i <= j) {
				float t = v[i];

				v[i++] = v[j];
				v[j--] = t;
			}
		}
		if (k - 1 <= j) high = j;
		else if (k - 1 >= i) low = i;
		else break;
	}
	return v[k - 1];
}

static void
keep_above(float *logits, int n, float least)
{
	for (int i = 0; i < n; i++)
		if (logits[i] < least) logits[i] = -INFINITY;
}

/* The likeliest ones until the sum is at p: one is left out when it and all that are less likely sum up
 * to 1 - p at most. The likeliest stays. */
static void
keep_likely(float *logits, int n, float p, float *sorted)
{
	float *weights = sorted + n;
	double rest = 0;
	int kept = n;

	memcpy(sorted, logits, (size_t)n * sizeof *sorted);
	qsort(sorted, (size_t)n, sizeof *sorted, descending);
	memcpy(weights, sorted, (size_t)n * sizeof *sorted);
	kernels_best()->softmax(weights, (size_t)n);
	while (kept > 1 && (rest += weights[kept - 1]) <= 1.0 - (double)p) kept--;
	keep_above(logits, n, sorted[kept - 1]);
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
	float *scratch;

	if (s->greedy) return largest(logits, n);
	scratch = malloc(2 * (size_t)n * sizeof *scratch);
	if (!scratch) abort();
	for (int i = 0; i < n; i++) logits[i] /= s->temperature;
	if (s->top_k > 0 && s->top_k < n) {
		memcpy(scratch, logits, (size_t)n * sizeof *scratch);
		keep_above(logits, n, kth_largest(scratch, n, s->top_k));
	}
	if (s->top_p > 0 && s->top_p < 1) keep_likely(logits, n, s->top_p, scratch);
	free(scratch);
	kernels_best()->softmax(logits, (size_t)n);
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
