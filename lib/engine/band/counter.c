/* The second voice: long notes on the thirds and sevenths of the chords, led by step, and a short
 * answer where the tune breathes. */
#include "engine/band/play.h"

#include <stdlib.h>

#include "engine/rng.h"

struct second {
	const struct plan *plan;
	const struct harmony *harmony;
	const struct score *score;
	int player, last;
};

/* When does the tune next sound at or behind tick? */
static int32_t
tune_begins(const struct second *c, int32_t tick)
{
	int32_t soonest = c->plan->final_tick;

	for (int i = 0; i < c->score->notes; i++) {
		const struct note *n = &c->score->note[i];

		if (c->plan->player[n->player].role != ROLE_MELODY) continue;
		if (n->tick <= tick && n->tick + n->ticks > tick + SIXTEENTH) return tick;
		if (n->tick > tick && n->tick < soonest) soonest = n->tick;
	}
	return soonest;
}

/* The third says most about a chord, then the seventh; nearness counts as well. */
static int
guide(const struct second *c, const struct chord *chord)
{
	static const int8_t rank[CHORD_MAX_TONES] = { 5, 0, 4, 1, 4, 4 };
	const struct player *y = &c->plan->player[c->player];
	int best = -1, least = 1000;

	for (int i = 0; i < chord->tones; i++) {
		int key = play_nearest(chord->tone[i], c->last, y->low, y->high);
		int cost = 2 * abs(key - c->last) + rank[i] + (key == c->last ? 2 : 0);

		if (cost < least) least = cost, best = key;
	}
	return best;
}

/* Two or three notes of the scale that lead to the next long one. */
static void
answer(struct second *c, int32_t tick, int32_t end, int to, const struct chord *chord,
	const struct section *sec, struct score *s)
{
	const struct meter *m = &c->plan->meter;
	int step = m->kind == METER_COMPOUND ? EIGHTH : sec->energy > 60 ? EIGHTH : QUARTER;
	int count = (end - tick) / step, key = to, way;
	struct rng r = rng_for(c->plan->seed, "answer", (uint32_t)c->player, (uint32_t)tick);
	uint8_t keys[3];

	if (count > 3) count = 3;
	way = rng_chance(&r, 50) ? 1 : -1;
	/* Written backwards from where it leads. */
	for (int i = count - 1; i >= 0; i--) {
		do key += way;
		while (!theory_in(chord->scale, key));
		keys[i] = (uint8_t)key;
	}
	for (int i = 0; i < count; i++) {
		int32_t at = end - (count - i) * step;
		struct hit hit = { .tick = at, .in_bar = at % m->bar, .sign = 'o' };

		score_note(s,
			(struct note){ .tick = at,
				.ticks = step * 9 / 10,
				.player = (uint8_t)c->player,
				.key = keys[i],
				.velocity = play_velocity(c->plan, c->player, sec, &hit) });
	}
}

void
counter_play(const struct plan *p, const struct harmony *h, int player, struct score *s)
{
	const struct player *y = &p->player[player];
	struct second c = { .plan = p,
		.harmony = h,
		.score = s,
		.player = player,
		.last = (y->low + y->high) / 2 };
	int next = -1;

	for (int i = 0; i < h->n; i++) {
		const struct chord *chord = &h->chord[i];
		const struct section *sec = p->sections ? &p->section[chord->section] : NULL;
		struct hit hit = { .tick = chord->tick, .sign = 'x', .in_bar = 1 };
		int32_t end = chord->tick + chord->ticks, free_from;
		int key;

		if (sec && !plan_plays(p, player, sec)) continue;
		key = next >= 0 && theory_in(chord->mask, next) ? next : guide(&c, chord);
		c.last = key;
		next = i + 1 < h->n ? guide(&c, chord + 1) : -1;
		free_from = i == h->final ? end : end - p->meter.beat[0];
		if (sec && i != h->final && next >= 0 && chord->ticks >= p->meter.bar
			&& tune_begins(&c, free_from) >= end) {
			answer(&c, free_from, end, next, chord, sec, s);
			end = free_from;
		}
		score_note(s,
			(struct note){ .tick = chord->tick,
				.ticks = play_hold(y, end - chord->tick),
				.player = (uint8_t)player,
				.key = (uint8_t)key,
				.exact = i == h->final,
				.velocity = sec ? play_velocity(p, player, sec, &hit)
						: (uint8_t)y->part->loud });
	}
}
