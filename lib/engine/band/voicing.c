/* harmony_voice(): a shortest path through the possible voicings of each chord (Viterbi). */
#include "engine/band/harmony.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { CANDIDATES = 40, MUDDY = 52 };

struct candidate {
	struct voicing v;
	int cost;			/* of its own */
	int sum;			/* of the best path that ends here */
	int from;			/* where that path came from */
};

struct search {
	const struct voicing_rules *rules;
	uint16_t mask;			/* tones that may be used */
	uint16_t need;			/* tones that must be there */
	struct candidate *list;
	int n;
};

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

/* Gaps: narrow ones low down are mud, wide ones above sound empty. */
static int
own_cost(const struct voicing *v, const struct voicing_rules *r)
{
	int cost = 0, middle2 = r->low + r->high, sum = v->key[0] + v->key[v->n - 1];

	for (int i = 1; i < v->n; i++) {
		int gap = v->key[i] - v->key[i - 1];

		if (gap > 7) cost += 4 * (gap - 7);
		if (gap < 3 && v->key[i] >= MUDDY) cost += gap == 1 ? 8 : 2;
		if (gap < 4 && v->key[i] < MUDDY) cost += 14;
		if (gap < 7 && v->key[i] < MUDDY - 8) cost += 14;
	}
	cost += abs(sum - middle2) / 2;
	return cost;
}

/* The dearest candidate makes room when there are too many. */
static void
offer(struct search *s, const struct voicing *v)
{
	int at = s->n, cost = own_cost(v, s->rules);

	if (s->n == CANDIDATES) {
		at = 0;
		for (int i = 1; i < s->n; i++)
			if (s->list[i].cost > s->list[at].cost) at = i;
		if (s->list[at].cost <= cost) return;
	} else {
		s->n++;
	}
	s->list[at] = (struct candidate){ .v = *v, .cost = cost };
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
		if (!theory_in(s->mask, key)) continue;
		v->key[v->n++] = (uint8_t)key;
		extend(s, v, have | (uint16_t)(1 << key % 12));
		v->n--;
	}
}

/* A fifth or an octave between the same two voices before and after, both of which have moved. */
static int
parallels(const struct voicing *a, const struct voicing *b)
{
	int found = 0;

	for (int i = 0; i < a->n; i++)
		for (int k = i + 1; k < a->n; k++) {
			int before = (a->key[k] - a->key[i]) % 12,
			    after = (b->key[k] - b->key[i]) % 12;

			found += before == after && (before == 7 || before == 0)
				&& a->key[i] != b->key[i];
		}
	return found;
}

static int
motion_cost(const struct voicing *a, const struct voicing *b, const struct voicing_rules *r)
{
	int cost = 0, top;

	if (a->n != b->n) return 40;
	for (int i = 0; i < a->n; i++) {
		int d = abs(a->key[i] - b->key[i]);

		cost += 2 * d + (d > 4 ? 3 * (d - 4) : 0);
	}
	/* The upper voice is heard as a tune. */
	top = abs(a->key[a->n - 1] - b->key[b->n - 1]);
	if (top > 5) cost += 4 * (top - 5);
	if (r->avoid_parallels) cost += 25 * parallels(a, b);
	return cost;
}

/* All voicings of a chord; a range too narrow for it gives at least one, of fewer tones. */
static int
candidates(const struct chord *c, const struct voicing_rules *r, struct candidate *list)
{
	struct voicing_rules relaxed = *r;
	struct search s = { .rules = &relaxed, .mask = c->mask, .list = list };

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

/* Progressions go round: what was worked out for the same chord a little earlier serves again. */
static int
candidates_again(const struct harmony *h, int c, const struct candidate *all, const int *count,
	struct candidate *list)
{
	for (int i = c - 1; i >= 0 && i > c - 24; i--)
		if (h->chord[i].root == h->chord[c].root && h->chord[i].mask == h->chord[c].mask) {
			memcpy(list, all + (size_t)i * CANDIDATES, (size_t)count[i] * sizeof *list);
			return count[i];
		}
	return 0;
}

static void
link_to(struct candidate *to, int n_to, const struct candidate *from, int n_from,
	const struct voicing_rules *r)
{
	for (int k = 0; k < n_to; k++) {
		to[k].sum = INT_MAX;
		for (int i = 0; i < n_from; i++) {
			int sum = from[i].sum;

			if (sum + to[k].cost >= to[k].sum) continue;
			sum += to[k].cost + motion_cost(&from[i].v, &to[k].v, r);
			if (sum < to[k].sum) to[k].sum = sum, to[k].from = i;
		}
	}
}

void
harmony_voice(const struct harmony *h, const struct voicing_rules *r, struct voicing *out)
{
	struct candidate *all = calloc((size_t)h->n * CANDIDATES + 1, sizeof *all);
	int *count = calloc((size_t)h->n + 1, sizeof *count), best = 0;

	if (!all || !count) abort();
	for (int c = 0; c < h->n; c++) {
		struct candidate *here = all + (size_t)c * CANDIDATES;

		count[c] = candidates_again(h, c, all, count, here);
		if (!count[c]) count[c] = candidates(&h->chord[c], r, here);
		if (c) link_to(here, count[c], here - CANDIDATES, count[c - 1], r);
		else
			for (int k = 0; k < count[c]; k++) here[k].sum = here[k].cost;
	}
	for (int c = h->n - 1; c >= 0; c--) {
		const struct candidate *here = all + (size_t)c * CANDIDATES;

		if (c == h->n - 1)
			for (int k = 1; k < count[c]; k++)
				if (here[k].sum < here[best].sum) best = k;
		out[c] = here[best].v;
		best = here[best].from;
	}
	free(all);
	free(count);
}
