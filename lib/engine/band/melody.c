/* The tune: a theme's contour laid over the chords. For every note the key is chosen by the
 * cheapest path through the section: near the contour and true to its intervals, chord tones where
 * the meter is strong or the note long, other notes of the scale only by step, leaps dear. */
#include "engine/band/play.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "engine/band/ornament.h"
#include "engine/band/solo.h"
#include "engine/band/theme.h"
#include "engine/rng.h"

enum { REACH = 9, WIDTH = 2 * REACH + 1, KEYS = 128 };	/* keys on both sides of the contour */

struct tune {
	const struct plan *plan;
	const struct harmony *harmony;
	int player;
	enum scale scale;
	int ladder[KEYS], rungs;	/* keys of the scale, ascending */
	int rung;			/* of step 0 */
	int rung_of[128];		/* the same of each theme heard so far, and 1; 0: not yet */
	int top;			/* key that only the climax reaches */
	int last;			/* key of the note before; 0: none */
	int third;			/* the same of the voice below; 0: none */
	int repeat_cost;		/* what a key that comes again costs besides */
	int32_t until;			/* where that ends */
};

struct place {
	const struct chord *chord;
	int foreign;			/* what a note outside the chord costs */
	uint16_t scale;
	int target;
	int cost[WIDTH], from[WIDTH];
};

/* What a note that is foreign to the chord costs there: much where a bar or a chord begins and
 * where the tune dwells, little where it only passes. */
static int
foreign_cost(const struct plan *p, const struct theme_note *n, int32_t tick, const struct chord *c)
{
	int accent = meter_accent(&p->meter, tick % p->meter.bar);

	if (n->lean) return 0;
	if (n->end || n->ticks >= p->meter.beat[0] * 3 / 2) return 90;
	if (accent == ACCENT_BAR || (tick == c->tick && accent > ACCENT_NONE)) return 34;
	if (accent == ACCENT_STRONG) return 16;
	return accent == ACCENT_BEAT && n->ticks >= p->meter.beat[0] ? 12 : 3;
}

/* How well a key ends a phrase: open ones ask, and only the tonic and its third are home. */
static int
end_cost(const struct tune *t, const struct chord *c, enum theme_end end, int key)
{
	const struct plan *p = t->plan;
	int degree = (key + 120 - p->tonic) % 12, third = mode_step(p->mode, 2);
	bool in_chord = theory_in(c->mask, key);

	if (end == END_HOME && degree) {
		/* The minor third is home to the relative major as well. */
		if (degree == third && in_chord) return third == 3 ? 14 : 7;
		return theory_in((uint16_t)(1 << c->root), key) ? 18 : in_chord ? 30 : 60;
	}
	if (end != END_OPEN) return 0;
	return degree == 0 ? 14 : degree == 2 || degree == 7 || degree >= 10 ? 0 : 4;
}

static int
own_cost(const struct tune *t, const struct place *at, const struct theme_note *n, int key)
{
	const struct player *y = &t->plan->player[t->player];
	int cost = 3 * abs(key - at->target) + end_cost(t, at->chord, n->end, key);
	bool in_chord = theory_in(at->chord->mask, key);

	if (key < y->low) cost += 30 * (y->low - key);
	if (key > y->high) cost += 30 * (key - y->high);
	if (key >= t->top && !n->top) cost += 12 * (key - t->top + 1);
	if (!theory_in(at->scale, key)) cost += 200;
	if (!in_chord) cost += at->foreign;
	if (n->lean && in_chord) cost += 18;
	cost += y->part->tone_cost[(key + 120 - t->plan->tonic) % 12] * y->part->drawn_tones / 200;
	return cost;
}

/* What singers find hard, and what an adapter finds usual, as far as it is drawn in. */
static int
drawn_cost(const struct style_part *part, int repeat_cost, int move)
{
	int own = play_leap_cost(abs(move)),
	    at = move > STYLE_LEAP ? STYLE_LEAP : move < -STYLE_LEAP ? -STYLE_LEAP : move;

	return own + (part->interval_cost[at + STYLE_LEAP] + (move ? 0 : repeat_cost) - own)
		* part->drawn_intervals / 100;
}

static int
move_cost(const struct style_part *part, int repeat_cost, const struct place *a, int from,
	const struct place *b, int to, bool lean)
{
	int move = to - from, want = b->target - a->target, off = abs(move - want);
	int cost = drawn_cost(part, repeat_cost, move), follow = off < 6 ? 2 * off : 12;

	/* Keep the direction that the motif is known by. */
	if (want && move * want < 0) follow += 10;
	if (want && !move) follow += 8;
	if (!want && move) follow += 6;
	/* Where intervals are drawn from elsewhere, they must be free to differ from the motif's. */
	cost += follow * (150 - part->drawn_intervals) / 150;
	/* What leans falls by a step; other foreign notes pass by step, too. */
	if (lean && move != -1 && move != -2) cost += 60;
	if (abs(move) > 2 && (!theory_in(a->chord->mask, from) || !theory_in(b->chord->mask, to)))
		cost += 26;
	return cost;
}

static int
target(const struct tune *t, int step)
{
	int rung = t->rung + step;

	return t->ladder[rung < 0 ? 0 : rung >= t->rungs ? t->rungs - 1 : rung];
}

static struct place
place_of(const struct tune *t, const struct theme_note *n, int32_t tick)
{
	const struct harmony *h = t->harmony;
	struct place at = { .chord = &h->chord[harmony_at(h, tick, n->ticks)] };

	at.foreign = foreign_cost(t->plan, n, tick, at.chord);
	at.scale = play_scale(t->plan, t->scale, at.chord);
	at.target = target(t, n->step);
	return at;
}

static void
add_costs(const struct tune *t, const struct place *before, struct place *at,
	const struct theme_note *n)
{
	const struct style_part *part = t->plan->player[t->player].part;

	for (int i = 0; i < WIDTH; i++) {
		int key = at->target - REACH + i, own = own_cost(t, at, n, key);

		at->cost[i] = before ? INT_MAX : own;
		for (int k = 0; k < WIDTH && before; k++) {
			int sum = before->cost[k] + own;

			if (sum >= at->cost[i]) continue;
			sum += move_cost(part, t->repeat_cost, before,
				before->target - REACH + k, at, key, n[-1].lean);
			if (sum < at->cost[i]) at->cost[i] = sum, at->from[i] = k;
		}
	}
}

/* The cheapest keys of a section's theme, of which first is the first note that is played. */
static void
cheapest_keys(const struct tune *t, const struct theme *m, int first, int32_t start, uint8_t *key)
{
	struct place *at = calloc((size_t)m->n + 1, sizeof *at);
	int best = 0;

	if (!at) abort();
	for (int i = first; i < m->n; i++) {
		at[i] = place_of(t, &m->note[i], start + m->note[i].tick);
		add_costs(t, i > first ? &at[i - 1] : NULL, &at[i], &m->note[i]);
	}
	for (int i = m->n - 1; i >= first; i--) {
		int k;

		if (i == m->n - 1)
			for (int j = 1; j < WIDTH; j++)
				if (at[i].cost[j] < at[i].cost[best]) best = j;
		k = at[i].target - REACH + best;
		key[i] = (uint8_t)(k < 0 ? 0 : k > 127 ? 127 : k);
		best = at[i].from[best];
	}
	free(at);
}

/* Percent of the notes that have the key of the one before. */
static int
repeats_in(const struct theme *m, int first, const uint8_t *key)
{
	int n = 0, moves = m->n - first - 1;

	for (int i = first + 1; i < m->n; i++) n += key[i] == key[i - 1];
	return moves > 0 ? 100 * n / moves : 0;
}

/* A cheapest path takes what is cheapest more often than its share: where tunes that an adapter was
 * learned from like to stay on a key, one by it would stay twice as often. So that costs more and
 * more until it comes as often as in them, or nearest to that. */
static void
choose_keys(struct tune *t, const struct theme *m, int first, int32_t start, uint8_t *key)
{
	enum { STEP = 2, MOST = 48 };	/* of costs that are at most 60: adapter_apply.c */
	const struct style_part *part = t->plan->player[t->player].part;
	uint8_t other[THEME_NOTES];
	int over, under;

	t->repeat_cost = 0;
	cheapest_keys(t, m, first, start, key);
	while (part->drawn_intervals && t->repeat_cost < MOST) {
		over = repeats_in(m, first, key) - part->repeats;
		if (over <= 0) return;
		t->repeat_cost += STEP;
		cheapest_keys(t, m, first, start, other);
		under = part->repeats - repeats_in(m, first, other);
		if (under > over) return;
		memcpy(key + first, other + first, (size_t)(m->n - first) * sizeof *key);
	}
}

/* The bigger the moment where a theme is first heard, the higher it lies. */
static void
place_theme(struct tune *t, const struct section *sec, const struct theme *m)
{
	const struct plan *p = t->plan;
	const struct player *y = &p->player[t->player];
	int percent = (theme_origin(p, sec)->energy - 35) * 100 / 55, bottom, span;

	if (percent < 0) percent = 0;
	if (percent > 100) percent = 100;
	t->rung = 0;
	while (t->rung + 1 < t->rungs && t->ladder[t->rung] < y->low) t->rung++;
	t->rung -= m->low;
	span = target(t, m->high) - target(t, m->low);
	bottom = y->low + (y->high - y->low - span) * percent / 100;
	while (t->rung + m->high + 1 < t->rungs && target(t, m->low) < bottom
		&& target(t, m->high + 1) <= y->high)
		t->rung++;
}

/* A theme returns in the same place, at last perhaps an octave higher. */
static void
set_register(struct tune *t, const struct section *sec, const struct theme *m)
{
	static const int8_t octave[SCALE_COUNT] = { 7, 5, 6 };
	const struct plan *p = t->plan;
	int *known = &t->rung_of[sec->from->theme & 127];

	if (!*known) {
		place_theme(t, sec, m);
		*known = t->rung + 1;
	}
	t->rung = *known - 1;
	if (theme_is_finale(p, sec) && target(t, m->high) + 12 <= p->player[t->player].high + 2)
		t->rung += octave[t->scale];
	t->top = target(t, m->high);
}

/* In its finale a tune has a second voice below it, if the player has a hand free for one. */
static void
add_third(struct tune *t, const struct note *n, bool strong, struct score *s)
{
	const struct harmony *h = t->harmony;
	struct note low = *n;

	low.key = (uint8_t)play_below(&h->chord[harmony_at(h, n->tick, n->ticks)], n->key, strong, t->third);
	low.velocity = (uint8_t)(n->velocity * 8 / 10);
	t->third = low.key;
	if (low.key + 4 >= t->plan->player[t->player].low) score_note(s, low);
}

static bool
has_hand_free(const struct tune *t, const struct section *sec)
{
	const struct plan *p = t->plan;

	if (!theme_is_finale(p, sec) || p->player[t->player].instrument->chord < 2) return false;
	for (int i = 0; i < p->players; i++)
		if (p->player[i].role == ROLE_COUNTER && plan_plays(p, i, sec)) return false;
	return true;
}

/* The tune's highest key at the moment it was heard last; -1: it was not. */
static int
key_before(const struct tune *t, const struct score *s)
{
	int32_t tick = INT32_MIN;
	int key = -1;

	for (int i = s->notes - 1; i >= 0 && s->note[i].player == t->player; i--) {
		if (key >= 0 && s->note[i].tick < tick) break;
		tick = s->note[i].tick;
		if (s->note[i].key > key) key = s->note[i].key;
	}
	return key;
}

static void
write_theme(struct tune *t, const struct section *sec, const struct theme *m, struct score *s)
{
	const struct plan *p = t->plan;
	const struct player *y = &p->player[t->player];
	struct rng r = rng_for(p->seed, "ornament", (uint32_t)sec->from->theme,
		(uint32_t)sec->times);
	uint8_t key[THEME_NOTES];
	bool thirds = has_hand_free(t, sec);
	int first = 0, middle = (y->low + y->high) / 2, before = key_before(t, s);

	/* What leads into the theme leaves what was before its breath. */
	while (first < m->n && m->note[first].tick < 0
		&& sec->tick + m->note[first].tick < t->until
			+ theme_breath_ticks(p, t->player, sec->tick))
		first++;
	set_register(t, sec, m);
	choose_keys(t, m, first, sec->tick, key);
	/* From far away nothing leads in. */
	while (first < m->n && m->note[first].tick < 0 && before >= 0
		&& abs(key[first] - before) > 12)
		first++;
	for (int i = first; i < m->n; i++) {
		const struct theme_note *n = &m->note[i];
		int32_t tick = sec->tick + n->tick;
		struct hit hit = { .tick = tick, .in_bar = tick % p->meter.bar, .sign = n->sign };
		const struct chord *c = &t->harmony->chord[harmony_at(t->harmony, tick, n->ticks)];
		int v = play_velocity(p, t->player, sec, &hit) + (key[i] - middle) / 2 + 4 * n->top
			+ 3 * n->lean;
		struct note note = { .tick = tick,
			.ticks = n->breath ? n->ticks : play_hold(y, n->ticks),
			.player = (uint8_t)t->player,
			.key = key[i],
			.velocity = (uint8_t)(v > 122 ? 122 : v < 1 ? 1 : v),
			.even = n->even };

		if (thirds && n->ticks >= EIGHTH)
			add_third(t, &note, foreign_cost(p, n, tick, c) > 12, s);
		/* Who plays in octaves has no finger left for ornaments; and what a phrase came
		 * for is left in peace. */
		if (play_octave(p, sec, note, s) || n->end) score_note(s, note);
		else ornament_note(s, p, &note, play_scale(p, t->scale, c), &r);
		t->last = key[i];
		t->until = tick + n->ticks;
	}
}

/* Over the final chord the tune comes to rest; a piece with no time for more runs up to it. */
static void
final_note(const struct tune *t, struct score *s)
{
	const struct plan *p = t->plan;
	const struct player *y = &p->player[t->player];
	const struct chord *c = &t->harmony->chord[t->harmony->final];
	int near = t->last ? t->last : (y->low + y->high) / 2 + 4, tick = p->final_tick;
	int home = play_nearest(c->root, near, y->low, y->high);
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
	struct tune t = { .plan = p,
		.harmony = h,
		.player = player,
		.scale = theme_scale(p, player),
		.until = p->start_tick };
	uint16_t keys = play_scale(p, t.scale, NULL);
	struct theme *m = malloc(sizeof *m);
	bool last = p->sections == 0;

	if (!m) abort();
	for (int key = 0; key < KEYS; key++)
		if (theory_in(keys, key)) t.ladder[t.rungs++] = key;
	for (int i = 0; i < p->sections; i++) {
		const struct section *sec = &p->section[i];

		last = plan_plays(p, player, sec);
		if (!last) continue;
		if (sec->solo) {
			t.until = solo_play(p, h, player, sec, s);
			continue;
		}
		theme_make(m, p, player, sec);
		write_theme(&t, sec, m, s);
	}
	if (last && h->final < h->n) final_note(&t, s);
	free(m);
}
