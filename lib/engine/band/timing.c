/* From written to played: swing for all alike, then each hand's own lateness and unevenness. */
#include "engine/band/play.h"

#include "engine/rng.h"

enum { KICK = 36, KICK2 = 35 };

/* Percent of a pair of notes that the first one gets. Without a number in the style it falls with
 * the tempo, as players do it: 71 at 50 beats a minute, 60 at 240. */
static int
swing_permille(const struct plan *p)
{
	int bpm = p->bpm < 50 ? 50 : p->bpm > 240 ? 240 : p->bpm;

	if (p->meter.kind != METER_SIMPLE) return 500;
	if (p->style.swing) return p->style.swing * 10;
	return 714 - (714 - 600) * (bpm - 50) / 190;
}

static int32_t
swing_tick(int32_t tick, int pair, int permille)
{
	int32_t start = tick / pair * pair, into = tick - start, half = pair / 2,
		first = pair * permille / 1000;

	if (into <= half) return start + into * first / half;
	return start + first + (into - half) * (pair - first) / (pair - half);
}

/* Milliseconds of unevenness. Feet are steadier than hands, and all are together on the one. */
static int
looseness(const struct plan *p, const struct note *n)
{
	int ms = p->style.human_ms;

	if (p->player[n->player].role == ROLE_DRUMS)
		ms = n->key == KICK || n->key == KICK2 ? ms / 3 : ms * 2 / 3;
	if (p->player[n->player].role == ROLE_BASS) ms /= 2;
	return meter_accent(&p->meter, n->tick % p->meter.bar) >= ACCENT_STRONG ? (ms + 1) / 2 : ms;
}

void
timing_apply(const struct plan *p, struct score *s)
{
	int permille = swing_permille(p), pair = p->style.swing_on == 16 ? EIGHTH : QUARTER;

	for (int i = 0; i < s->notes; i++) {
		struct note *n = &s->note[i];
		int32_t end = n->tick + n->ticks, written = n->tick;
		/* Notes of a chord move together: the stream is named by player and place. */
		struct rng r = rng_for(p->seed, "human",
			(uint32_t)(n->player << 8
				| (n->key & -(p->player[n->player].role == ROLE_DRUMS))),
			(uint32_t)written);
		int ms;

		if (n->exact) continue;
		ms = rng_bell(&r, looseness(p, n) * 2) + p->player[n->player].part->late_ms;
		if (!n->even) {
			n->tick = swing_tick(n->tick, pair, permille);
			end = swing_tick(end, pair, permille);
		}
		n->tick += tempo_ticks_of_ms(&p->tempo, written, ms);
		if (n->tick < p->start_tick) n->tick = p->start_tick;
		n->ticks = end - n->tick > 20 ? end - n->tick : 20;
	}
}
