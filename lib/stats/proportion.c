#include "stats/proportion.h"

#include <math.h>

/* The 0.975 quantile of the normal distribution. */
static const double Z = 1.959963984540054;

/* Less than what a sum of weights down from 1 could feel, and well above where doubles lose
 * digits. */
static const double NOTHING = 1e-300;

struct interval
proportion_wilson(uint64_t k, uint64_t n)
{
	double m = (double)n, p, centre, half;
	struct interval i = { 0, 1 };

	if (!n) return i;
	p = (double)k / m;
	centre = (p + Z * Z / (2 * m)) / (1 + Z * Z / m);
	half = Z / (1 + Z * Z / m) * sqrt(p * (1 - p) / m + Z * Z / (4 * m * m));
	/* At the ends it is exactly 0 and 1, which rounding would miss. */
	if (k) i.low = centre - half;
	if (k < n) i.high = centre + half;
	return i;
}

/* Outcomes are weighed against the likeliest one, n/2 of n, whose weight is 1: C(n,i-1)/C(n,i) is
 * i/(n-i+1), so that there are neither factorials nor logarithms, which would overflow or cancel.
 * With p = 1/2 the outcomes that are no more likely than k are the two tails up to the smaller of k
 * and n-k, each as heavy as the other. */
double
proportion_binomial(uint64_t k, uint64_t n)
{
	uint64_t few = k < n - k ? k : n - k, middle = n / 2;
	double weight = 1, tail = 0, rest = 0;

	if (few == middle) return 1;
	for (uint64_t i = middle; weight > NOTHING; i--) {
		if (i <= few) tail += weight;
		else rest += weight;
		if (i == 0) break;
		weight *= (double)i / (double)(n - i + 1);
	}
	/* An even n has one middle only, which belongs to neither half. */
	if (n % 2 == 0) rest -= 0.5;
	return tail / (tail + rest);
}
