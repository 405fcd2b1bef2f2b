#include "engine/rng.h"

static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

struct rng
rng_for(uint32_t seed, const char *what, uint32_t a, uint32_t b)
{
	uint64_t key = mix(seed + 0x9e3779b97f4a7c15u);

	for (; *what; what++) key = mix(key ^ (unsigned char)*what);
	return (struct rng){ .key = mix(key ^ ((uint64_t)a << 32 | b)) };
}

uint64_t
rng_next(struct rng *r)
{
	return mix(r->key + ++r->count * 0x9e3779b97f4a7c15u);
}

int
rng_below(struct rng *r, int n)
{
	/* The high half of a product; what that is off by is below n / 2^32. */
	return n > 1 ? (int)((rng_next(r) >> 32) * (uint64_t)n >> 32) : 0;
}

int
rng_between(struct rng *r, int low, int high)
{
	return high > low ? low + rng_below(r, high - low + 1) : low;
}

bool
rng_chance(struct rng *r, int percent)
{
	return rng_below(r, 100) < percent;
}

int
rng_bell(struct rng *r, int width)
{
	int sum = 0;

	if (width <= 0) return 0;
	for (int i = 0; i < 3; i++) sum += rng_between(r, -width, width);
	return sum / 3;
}

int
rng_pick(struct rng *r, const int *weights, int n)
{
	int total = 0, at;

	for (int i = 0; i < n; i++) total += weights[i] > 0 ? weights[i] : 0;
	if (!total) return 0;
	at = rng_below(r, total);
	for (int i = 0; i < n; i++) {
		if (weights[i] <= 0) continue;
		if (at < weights[i]) return i;
		at -= weights[i];
	}
	return 0;
}
