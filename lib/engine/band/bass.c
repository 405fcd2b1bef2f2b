/* The bass player: the style's figures on the chords, always with the next chord in mind. */
#include "engine/band/play.h"

#include <stdlib.h>

#include "engine/rng.h"

struct line {
	const struct plan *plan;
	const struct harmony *harmony;
	const struct player *player;
	struct rng rng;
	int last;			/* key played before */
	int aim;			/* the root that an approach has led to; -1: none */
	int sway;			/* walking: up or down in the middle of a chord */
};

/* Near the last note, but drawn to the lower half of the range, where a bass is at home. */
static int
root_key(const struct line *l, int pitch_class)
{
	const struct player *y = l->player;
	int home = y->low + (y->high - y->low) * 2 / 5;

	if (l->aim >= 0 && l->aim % 12 == pitch_class) return l->aim;
	return play_nearest(pitch_class, (l->last + 2 * home) / 3, y->low, y->high);
}

static int
tone(const struct chord *c, int which, int fallback)
{
	for (int i = 0; i < c->tones; i++) {
		int above = (c->tone[i] - c->root + 12) % 12;

		if (which == 3 && above >= 3 && above <= 5) return c->tone[i];
		if (which == 5 && above >= 6 && above <= 8) return c->tone[i];
		if (which == 7 && above >= 9) return c->tone[i];
	}
	return fallback;
}

/* The last note before a change leans on the next root from a step above or below. */
static int
approach(struct line *l, const struct chord *now, const struct chord *next)
{
	int target = root_key(l, next->bass), best = target, least = 1000;

	if (next->bass == now->bass) return root_key(l, tone(now, 5, now->bass));
	l->aim = target;
	for (int d = -2; d <= 2; d++) {
		int cost = rng_below(&l->rng, 6) + abs(target + d - l->last);

		if (!d || target + d < l->player->low || target + d == l->last) continue;
		if (!theory_in(now->scale, target + d)) cost += abs(d) == 1 ? 3 : 12;
		if (cost < least) least = cost, best = target + d;
	}
	return best;
}

/* One step of a walk of which `left` more come before the next chord. */
static int
walk(struct line *l, const struct chord *now, const struct chord *next, int root, bool first,
	bool strong, int left)
{
	int target = root_key(l, next->bass), aim, best = l->last, least = 10000;

	if (first) {
		l->sway = rng_chance(&l->rng, 50) ? 4 : -4;
		return root;
	}
	if (left == 0) return approach(l, now, next);
	aim = l->last + (target - l->last) / (left + 1) + l->sway;
	for (int key = l->player->low; key <= l->player->high; key++) {
		int cost = 3 * abs(key - aim) + rng_below(&l->rng, 6);

		if (key == l->last) cost += 20;
		if (abs(key - l->last) > 5) cost += 5 * (abs(key - l->last) - 5);
		if (!theory_in(now->scale, key)) cost += 14;
		if (!theory_in(now->mask, key)) cost += strong ? 12 : 3;
		if (cost < least) least = cost, best = key;
	}
	l->sway = l->sway / 2;
	return best;
}

/* How many walking notes follow before the chord ends. */
static int
steps_left(struct groove g, int32_t end)
{
	struct hit hit;
	int n = 0;

	while (groove_next(&g, &hit) && hit.tick < end) n += hit.sign == 'w';
	return n;
}

static int
choose_key(struct line *l, const struct groove *g, const struct hit *hit)
{
	const struct harmony *h = l->harmony;
	int at = harmony_at(h, hit->tick, hit->ticks);
	const struct chord *c = &h->chord[at], *next = &h->chord[at + 1 < h->n ? at + 1 : at];
	int root = root_key(l, c->bass);

	l->aim = -1;
	switch (hit->sign) {
	case '3':
		return play_nearest(tone(c, 3, c->root), root + 4, l->player->low, l->player->high);
	case '5':
		return play_nearest(tone(c, 5, c->root),
			root + (root + 7 <= l->player->high ? 7 : -5), l->player->low,
			l->player->high);
	case '7':
		return play_nearest(
			tone(c, 7, c->root), root + 10, l->player->low, l->player->high);
	case '8': return root + 12 <= l->player->high + 5 ? root + 12 : root;
	case 'L': return root - 12 >= l->player->low ? root - 12 : root;
	case 'a': return approach(l, c, next);
	case 'w':
		return walk(l, c, next, root, hit->tick - c->tick < SIXTEENTH,
			meter_accent(&l->plan->meter, hit->in_bar) >= ACCENT_STRONG,
			steps_left(*g, c->tick + c->ticks));
	default: return root;
	}
}

static void
final_note(struct line *l, int player, struct score *s)
{
	const struct harmony *h = l->harmony;
	const struct chord *c = &h->chord[h->final < h->n ? h->final : 0];
	int32_t ticks = l->plan->ending == ENDING_STOP ? QUARTER : c->ticks;
	int low = root_key(l, c->root);

	if (h->final >= h->n) return;
	if (low - 12 >= l->player->low) low -= 12;
	score_note(s,
		(struct note){ .tick = c->tick,
			.ticks = ticks,
			.player = (uint8_t)player,
			.key = (uint8_t)low,
			.velocity = (uint8_t)(l->player->part->loud - 4),
			.exact = true });
}

void
bass_play(const struct plan *p, const struct harmony *h, int player, struct score *s)
{
	const struct player *y = &p->player[player];
	struct line l = { .plan = p,
		.harmony = h,
		.player = y,
		.rng = rng_for(p->seed, "bass", (uint32_t)player, 0),
		.last = y->low + (y->high - y->low) * 2 / 5,
		.aim = -1 };
	bool last = p->sections == 0;

	for (int i = 0; i < p->sections; i++) {
		const struct section *sec = &p->section[i];
		struct groove g = groove_start(p, player, sec);
		struct hit hit;

		last = plan_plays(p, player, sec);
		if (!last) continue;
		l.rng = rng_for(p->seed, "bass", (uint32_t)player,
			(uint32_t)(sec->from - p->style.section) << 8 | (uint32_t)sec->times);
		while (groove_next(&g, &hit)) {
			l.last = choose_key(&l, &g, &hit);
			score_note(s,
				(struct note){ .tick = hit.tick,
					.ticks = play_hold(y, hit.ticks),
					.player = (uint8_t)player,
					.key = (uint8_t)l.last,
					.velocity = play_velocity(p, player, sec, &hit),
					.even = hit.even });
		}
	}
	if (last) final_note(&l, player, s);
}
