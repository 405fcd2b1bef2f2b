/* harmony_voice(): a shortest path through the possible voicings of each chord (Viterbi). */
#include "engine/band/harmony.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { CANDIDATES = 40, C3 = 48, E3 = 52 };

struct candidate {
	struct voicing v;
	int cost;			/* of its own, wherever it should lie */
	int sum;			/* of the best path that ends here */
	int from;			/* where that path came from */
};

struct search {
	const struct voicing_rules *rules;
	const struct chord *chord;
	uint16_t need;			/* tones that must be there */
	int want;			/* twice the key that the outer voices should lie around */
	struct candidate *list;
	int n;
};

static bool
is(const struct chord *c, int key, int above_root)
{
	return (key - c->root + 24) % 12 == above_root;
}

/* Third and seventh of a dominant pull: one up, one down. */
static bool
is_dominant(const struct chord *c)
{
	return c->mask >> (c->root + 4) % 12 & c->mask >> (c->root + 10) % 12 & 1;
}

/* With fewer voices than tones the fifth goes first, then the root, which the bass has. */
static uint16_t
needed(const struct chord *c, int voices)
{
	uint16_t need = c->mask;
	int tones = c->tones, fifth = (c->root + 7) % 12;

	if (tones > voices && need >> fifth & 1) need &= (uint16_t)~(1 << fifth), tones--;
	if (tones > voices) need &= (uint16_t)~(1 << c->root), tones--;
	for (int i = c->tones - 1; tones > voices && i > 0; i--)
		if (need >> c->tone[i] & 1 && c->tone[i] != fifth)
			need &= (uint16_t) ~(1 << c->tone[i]), tones--;
	return need;
}

/* Gaps: narrow ones low down are mud (the low interval limits of arrangers, rounded), wide ones
 * above sound empty. */
static int
spacing_cost(const struct voicing *v)
{
	int cost = 0;

	for (int i = 1; i < v->n; i++) {
		int gap = v->key[i] - v->key[i - 1], lower = v->key[i - 1];

		if (gap > 7) cost += 4 * (gap - 7);
		if (lower < C3 && gap < 7) cost += gap < 5 ? 40 : 14;
		else if (v->key[i] < E3 && gap < 4) cost += 14;
		else if (gap < 3) cost += gap == 1 ? 8 : 2;
	}
	return cost;
}

/* Twice a root or a fifth is strength, twice what pulls is two voices that must go the same way. */
static int
doubling_cost(const struct voicing *v, const struct chord *c)
{
	uint16_t have = 0;
	int cost = 0;

	for (int i = 0; i < v->n; i++) {
		if (theory_in(have, v->key[i])) {
			if (is_dominant(c) && (is(c, v->key[i], 4) || is(c, v->key[i], 10)))
				cost += 30;
			else if (!is(c, v->key[i], 0) && !is(c, v->key[i], 7)) cost += 5;
		}
		have |= (uint16_t)(1 << v->key[i] % 12);
	}
	return cost;
}

static int
place_cost(const struct voicing *v, int want)
{
	return abs(v->key[0] + v->key[v->n - 1] - want) * 2 / 3;
}

/* The dearest candidate makes room when there are too many. */
static void
offer(struct search *s, const struct voicing *v)
{
	int at = s->n, cost = spacing_cost(v) + doubling_cost(v, s->chord),
	    all = cost + place_cost(v, s->want);

	/* Until the paths are looked for, sum is what counts here. */
	if (s->n == CANDIDATES) {
		at = 0;
		for (int i = 1; i < s->n; i++)
			if (s->list[i].sum > s->list[at].sum) at = i;
		if (s->list[at].sum <= all) return;
	} else {
		s->n++;
	}
	s->list[at] = (struct candidate){ .v = *v, .cost = cost, .sum = all };
}

static void
extend(struct search *s, struct voicing *v, uint16_t have)
{
	int from = v->n ? v->key[v->n - 1] + 1 : s->rules->low;
	int to = v->n ? v->key[v->n - 1] + 11 : s->rules->high;
	int missing = __builtin_popcount(s->need & ~have);

	if (missing > s->rules->voices - v->n) return;
	if (v->n == s->rules->voices) {
		offer(s, v);
		return;
	}
	for (int key = from; key <= to && key <= s->rules->high; key++) {
		if (!theory_in(s->chord->mask, key)) continue;
		v->key[v->n++] = (uint8_t)key;
		extend(s, v, have | (uint16_t)(1 << key % 12));
		v->n--;
	}
}

/* A fifth or an octave between the same two voices before and after, both of which have moved. */
static bool
parallel(int low, int high, int low_after, int high_after)
{
	int before = (high - low + 120) % 12, after = (high_after - low_after + 120) % 12;

	return before == after && (before == 7 || before == 0) && (low - low_after) % 12;
}

/* What parallels cost: among the voices, and with the bass, whose octave is somebody else's choice.
 * They are heard most in the upper voice. */
static int
parallels_cost(const struct voicing *a, const struct voicing *b, const struct chord *from,
	const struct chord *to)
{
	int cost = 0;

	for (int i = 0; i < a->n; i++) {
		if (parallel(from->bass, a->key[i], to->bass, b->key[i]))
			cost += i == a->n - 1 ? 16 : 9;
		for (int k = i + 1; k < a->n; k++)
			if (parallel(a->key[i], a->key[k], b->key[i], b->key[k])) cost += 25;
	}
	return cost;
}

/* The third of a dominant goes up to the root, or stays, or falls a semitone where it becomes the
 * next seventh; the seventh stays or falls by a step. */
static int
resolution_cost(const struct voicing *a, const struct voicing *b, const struct chord *from)
{
	int cost = 0;

	for (int i = 0; i < a->n; i++) {
		int d = b->key[i] - a->key[i];

		if (is(from, a->key[i], 4) && (d < -1 || d > 1)) cost += i == a->n - 1 ? 26 : 20;
		if (is(from, a->key[i], 10) && (d < -2 || d > 0)) cost += i == a->n - 1 ? 24 : 18;
	}
	return cost;
}

static int
motion_cost(const struct candidate *from, const struct candidate *to, const struct chord *c,
	const struct voicing_rules *r)
{
	const struct voicing *a = &from->v, *b = &to->v;
	int cost = 0, top;

	if (a->n != b->n) return 40;
	for (int i = 0; i < a->n; i++) {
		int d = abs(a->key[i] - b->key[i]);

		cost += 2 * d + (d > 4 ? 3 * (d - 4) : 0);
	}
	/* The upper voice is heard as a tune. */
	top = abs(a->key[a->n - 1] - b->key[b->n - 1]);
	if (top > 2) cost += 2 * (top - 2);
	if (top > 5) cost += 4 * (top - 5);
	if (is_dominant(c) && c[1].root != c->root) cost += resolution_cost(a, b, c);
	if (r->avoid_parallels) cost += parallels_cost(a, b, c, c + 1);
	return cost;
}

/* All voicings of a chord; a range too narrow for it gives at least one, of fewer tones. */
static int
candidates(const struct chord *c, const struct voicing_rules *r, int want, struct candidate *list)
{
	struct voicing_rules relaxed = *r;
	struct search s = { .rules = &relaxed, .chord = c, .want = want, .list = list };

	for (;; relaxed.voices--) {
		struct voicing v = {0};

		s.need = needed(c, relaxed.voices);
		extend(&s, &v, 0);
		if (s.n || relaxed.voices <= 1) break;
	}
	if (!s.n)
		offer(&s,
			&(struct voicing){
				.key = { (uint8_t)(r->low + (c->root - r->low % 12 + 12) % 12) },
				.n = 1 });
	return s.n;
}

/* All that a path is looked for in. */
struct paths {
	const struct harmony *harmony;
	const struct voicing_rules *rules;
	struct candidate *all;		/* CANDIDATES for each chord */
	int *count;
};

static int
want_at(const struct paths *p, int c)
{
	const struct voicing_rules *r = p->rules;
	int raise = r->raise ? r->raise[p->harmony->chord[c].section] : 0;

	return r->low + r->high + 2 * (r->shift + raise);
}

/* Progressions go round: what was worked out for the same chord a little earlier serves again. */
static int
candidates_again(const struct paths *p, int c, struct candidate *list)
{
	const struct chord *chord = p->harmony->chord;

	for (int i = c - 1; i >= 0 && i > c - 24; i--)
		if (chord[i].root == chord[c].root && chord[i].mask == chord[c].mask
			&& want_at(p, i) == want_at(p, c)) {
			memcpy(list, p->all + (size_t)i * CANDIDATES,
				(size_t)p->count[i] * sizeof *list);
			return p->count[i];
		}
	return 0;
}

/* The best way from any candidate of the chord before to each of chord c. */
static void
link_to(const struct paths *p, int c)
{
	struct candidate *to = p->all + (size_t)c * CANDIDATES, *from = to - CANDIDATES;

	for (int k = 0; k < p->count[c]; k++) {
		int own = to[k].cost + place_cost(&to[k].v, want_at(p, c));

		to[k].sum = c ? INT_MAX : own;
		for (int i = 0; c && i < p->count[c - 1]; i++) {
			int sum = from[i].sum + own;

			if (sum >= to[k].sum) continue;
			sum += motion_cost(&from[i], &to[k], &p->harmony->chord[c - 1], p->rules);
			if (sum < to[k].sum) to[k].sum = sum, to[k].from = i;
		}
	}
}

void
harmony_voice(const struct harmony *h, const struct voicing_rules *r, struct voicing *out)
{
	struct paths p = { .harmony = h, .rules = r };
	int best = 0;

	p.all = calloc((size_t)h->n * CANDIDATES + 1, sizeof *p.all);
	p.count = calloc((size_t)h->n + 1, sizeof *p.count);
	if (!p.all || !p.count) abort();
	for (int c = 0; c < h->n; c++) {
		struct candidate *here = p.all + (size_t)c * CANDIDATES;

		p.count[c] = candidates_again(&p, c, here);
		if (!p.count[c]) p.count[c] = candidates(&h->chord[c], r, want_at(&p, c), here);
		link_to(&p, c);
	}
	for (int c = h->n - 1; c >= 0; c--) {
		const struct candidate *here = p.all + (size_t)c * CANDIDATES;

		if (c == h->n - 1)
			for (int k = 1; k < p.count[c]; k++)
				if (here[k].sum < here[best].sum) best = k;
		out[c] = here[best].v;
		best = here[best].from;
	}
	free(p.all);
	free(p.count);
}
