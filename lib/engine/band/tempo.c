#include "engine/band/tempo.h"

#include "engine/band/meter.h"

void
tempo_add(struct tempo *t, int32_t tick, int32_t us)
{
	if (t->n == TEMPO_CHANGES) return;
	t->change[t->n].tick = tick;
	t->change[t->n++].us = us;
}

/* Frames × 1e6 × 960 of that many ticks: the unit in which everything is exact. */
static int64_t
fine(int64_t ticks, int32_t us)
{
	return ticks * us * TEMPO_RATE;
}

enum { FINE_HZ = 1000000, };
static const int64_t fine_frame = (int64_t)FINE_HZ * QUARTER;

int64_t
tempo_frame(const struct tempo *t, int32_t tick)
{
	int64_t sum = 0;

	for (int i = 0; i < t->n; i++) {
		int32_t end = i + 1 < t->n && t->change[i + 1].tick < tick ? t->change[i + 1].tick
									   : tick;

		if (end <= t->change[i].tick) break;
		sum += fine(end - t->change[i].tick, t->change[i].us);
	}
	return sum / fine_frame;
}

int32_t
tempo_tick(const struct tempo *t, int64_t frame)
{
	int64_t left = frame * fine_frame;

	for (int i = 0; i < t->n; i++) {
		int64_t a_tick = fine(1, t->change[i].us);
		int64_t here = i + 1 < t->n
			? fine(t->change[i + 1].tick - t->change[i].tick, t->change[i].us)
			: -1;

		if (here < 0 || left < here)
			return t->change[i].tick + (int32_t)((left + a_tick - 1) / a_tick);
		left -= here;
	}
	return 0;
}

int32_t
tempo_us_at(const struct tempo *t, int32_t tick)
{
	int i = t->n - 1;

	while (i > 0 && t->change[i].tick > tick) i--;
	return t->change[i].us;
}

int32_t
tempo_ticks_of_ms(const struct tempo *t, int32_t tick, int ms)
{
	return (int32_t)((int64_t)ms * 1000 * QUARTER / tempo_us_at(t, tick));
}
