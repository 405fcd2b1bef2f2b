/* The tune: a theme's contour laid over the chords. For every note the key is chosen by the
 * cheapest path through a phrase: near the contour, chord tones where the meter is strong or the
 * note long, other notes of the scale only by step, leaps dear. */
#include "engine/band/play.h"

#include <limits.h>
#include <stdlib.h>

#include "engine/band/theme.h"
#include "engine/rng.h"

enum { REACH = 9, WIDTH = 2 * REACH + 1 };	/* keys looked at on both sides of the contour */

struct tune {
	const struct plan *plan;
	const struct harmony *harmony;
	int player;
	int center;			/* key of contour step 0 */
	enum scale scale;
	int last;			/* key at the end of the section before; 0: none */
};

struct place {
	const struct chord *chord;
	bool strong;			/* wants a chord tone */
	uint16_t scale;
	int target;
	int cost[WIDTH], from[WIDTH];
};

static uint16_t
scale_mask(const struct tune *t, const struct chord *c)
{
	static const int8_t five[2][5] = { { 0, 2, 4, 7, 9 }, { 0, 3, 5, 7, 10 } };
	static const int8_t blues[2][6] = { { 0, 2, 3, 4, 7, 9 }, { 0, 3, 5, 6, 7, 10 } };
	int minor = mode_is_minor(t->plan->mode);
	uint16_t mask = 0;

	if (t->scale == SCALE_MODE) return c->scale;
	for (int i = 0; i < (t->scale == SCALE_BLUES ? 6 : 5); i++) {
		int step = t->scale == SCALE_BLUES ? blues[minor][i] : five[minor][i];

		mask |= (uint16_t)(1 << (t->plan->tonic + step) % 12);
	}
	/* Blue notes may stand beside the chord; the notes of five must not fight it. */
	return t->scale == SCALE_BLUES ? mask | c->mask : (uint16_t)((mask & c->scale) | c->mask);
}

static bool
is_strong(const struct plan *p, const struct theme_note *n, int32_t tick, const struct chord *c)
{
	int accent = meter_accent(&p->meter, tick % p->meter.bar);

	return accent >= ACCENT_STRONG || n->phrase_end || n->ticks >= p->meter.beat[0] * 3 / 2
		|| (accent == ACCENT_BEAT && n->ticks >= p->meter.beat[0])
		|| (tick == c->tick && accent > ACCENT_NONE);
}

static int
own_cost(const struct tune *t, const struct place *at, const struct theme_note *n, int key)
{
	const struct player *y = &t->plan->player[t->player];
	int cost = 3 * abs(key - at->target);
	bool in_chord = theory_in(at->chord->mask, key);

	if (key < y->low) cost += 30 * (y->low - key);
	if (key > y->high) cost += 30 * (key - y->high);
	if (!theory_in(at->scale, key)) cost += 200;
	if (at->strong && !in_chord) cost += 90;
	if (!at->strong && !in_chord) cost += 3;
	if (n->home && key % 12 != t->plan->tonic)
		cost += key % 12 == at->chord->root ? 4 : in_chord ? 9 : 40;
	return cost;
}

/* What singers find hard, by semitones. */
static int
leap_cost(int semitones)
{
	static const int8_t cost[13] = { 3, 0, 0, 2, 2, 5, 24, 6, 12, 11, 30, 36, 12 };

	return semitones > 12 ? 60 : cost[semitones];
}

static int
move_cost(const struct place *a, int from, const struct place *b, int to, int contour)
{
	int move = to - from, cost = leap_cost(abs(move));

	/* Keep the direction that the motif is known by. */
	if (contour && move * contour < 0) cost += 10;
	if (contour && !move) cost += 8;
	if (!contour && move) cost += 6;
	/* Foreign notes pass by step only. */
	if (abs(move) > 2 && (!theory_in(a->chord->mask, from) || !theory_in(b->chord->mask, to)))
		cost += 26;
	return cost;
}

static struct place
place_of(const struct tune *t, const struct theme_note *n, int32_t tick)
{
	const struct harmony *h = t->harmony;
	struct place at = { .chord = &h->chord[harmony_at(h, tick, n->ticks)] };

	at.strong = is_strong(t->plan, n, tick, at.chord);
	at.scale = scale_mask(t, at.chord);
	at.target = t->center + n->step * 12 / 7;
	return at;
}

static void
first_costs(const struct tune *t, struct place *at, const struct theme_note *n)
{
	for (int i = 0; i < WIDTH; i++) {
		int key = at->target - REACH + i;

		at->cost[i] = own_cost(t, at, n, key)
			+ (t->last ? leap_cost(abs(key - t->last)) : 0);
	}
}

static void
next_costs(const struct tune *t, const struct place *before, struct place *at,
	const struct theme_note *n)
{
	int contour = n->step - n[-1].step;

	for (int i = 0; i < WIDTH; i++) {
		int key = at->target - REACH + i, own = own_cost(t, at, n, key);

		at->cost[i] = INT_MAX;
		for (int k = 0; k < WIDTH; k++) {
			int sum = before->cost[k] + own;

			if (sum >= at->cost[i]) continue;
			sum += move_cost(before, before->target - REACH + k, at, key, contour);
			if (sum < at->cost[i]) at->cost[i] = sum, at->from[i] = k;
		}
	}
}

/* Choose all keys of a section's theme. */
static void
choose_keys(struct tune *t, const struct theme *m, int32_t start, uint8_t *key)
{
	struct place *at = calloc((size_t)m->n + 1, sizeof *at);
	int best = 0;

	if (!at) abort();
	for (int i = 0; i < m->n; i++) {
		at[i] = place_of(t, &m->note[i], start + m->note[i].tick);
		if (i == 0) first_costs(t, &at[i], &m->note[i]);
		else next_costs(t, &at[i - 1], &at[i], &m->note[i]);
	}
	for (int i = m->n - 1; i >= 0; i--) {
		int k;

		if (i == m->n - 1)
			for (int j = 1; j < WIDTH; j++)
				if (at[i].cost[j] < at[i].cost[best]) best = j;
		k = at[i].target - REACH + best;
		key[i] = (uint8_t)(k < 0 ? 0 : k > 127 ? 127 : k);
		best = at[i].from[best];
	}
	if (m->n) t->last = key[m->n - 1];
	free(at);
}

static void
write_theme(struct tune *t, const struct section *sec, const struct theme *m, struct score *s)
{
	const struct plan *p = t->plan;
	const struct player *y = &p->player[t->player];
	uint8_t key[THEME_NOTES];

	choose_keys(t, m, sec->tick, key);
	for (int i = 0; i < m->n; i++) {
		const struct theme_note *n = &m->note[i];
		int32_t tick = sec->tick + n->tick;
		struct hit hit = { .tick = tick, .in_bar = tick % p->meter.bar, .sign = n->sign };
		int v = play_velocity(p, t->player, sec, &hit) + (key[i] - t->center) / 2;

		score_note(s,
			(struct note){ .tick = tick,
				.ticks = n->phrase_end ? n->ticks : play_hold(y, n->ticks),
				.player = (uint8_t)t->player,
				.key = key[i],
				.velocity = (uint8_t)(v > 122 ? 122 : v),
				.even = n->even });
	}
}

/* Over the final chord the tune comes to rest; a piece with no time for more runs up to it. */
static void
final_note(const struct tune *t, struct score *s)
{
	const struct plan *p = t->plan;
	const struct player *y = &p->player[t->player];
	const struct chord *c = &t->harmony->chord[t->harmony->final];
	int home = play_nearest(c->root, t->last ? t->last : t->center + 4, y->low, y->high),
	    tick = p->final_tick;
	int run = p->sections || (p->end_tick - p->final_tick) < 2 * QUARTER ? 0 : 3;
	struct note n = {
		.player = (uint8_t)t->player, .velocity = (uint8_t)y->part->loud, .exact = true
	};

	/* The third above may be nearer than the root. */
	if (t->last && c->tones > 2 && abs(home - t->last) > 4)
		home = play_nearest(c->tone[1], t->last, y->low, y->high);
	for (int i = 0; i < run; i++, tick += SIXTEENTH) {
		n.tick = tick;
		n.ticks = SIXTEENTH;
		n.key = (uint8_t)play_nearest(
			c->tone[(i + 1) % c->tones], home - 7 + 2 * i, y->low, y->high);
		score_note(s, n);
	}
	n.tick = tick;
	n.ticks = p->ending == ENDING_STOP ? QUARTER : p->end_tick - tick;
	n.key = (uint8_t)home;
	score_note(s, n);
}

void
melody_play(const struct plan *p, const struct harmony *h, int player, struct score *s)
{
	const struct player *y = &p->player[player];
	struct tune t = { .plan = p,
		.harmony = h,
		.player = player,
		.center = (y->low + y->high) / 2,
		.scale = p->tune_scale ? p->tune_scale : y->part->scale };
	struct theme *m = malloc(sizeof *m);
	bool last = p->sections == 0;

	if (!m) abort();
	for (int i = 0; i < p->sections; i++) {
		const struct section *sec = &p->section[i];

		last = plan_plays(p, player, sec);
		if (!last) continue;
		/* The bigger the moment, the higher the tune. */
		t.center = (y->low + y->high) / 2 + (sec->energy - 55) / 14;
		theme_make(m, p, player, sec->from->theme, sec->bars, sec->energy, sec->times);
		write_theme(&t, sec, m, s);
	}
	if (last && h->final < h->n) final_note(&t, s);
	free(m);
}
