#include "engine/band/harmony.h"

#include <stdlib.h>
#include <string.h>

#include "engine/band/adapter_apply.h"
#include "engine/rng.h"

static void
add_chord(struct harmony *h, struct chord c)
{
	struct chord *grown;

	if (c.ticks <= 0) return;
	if ((h->n & (h->n - 1)) == 0) {		/* room doubles at each power of two */
		grown = realloc(h->chord, (size_t)(h->n ? 2 * h->n : 1) * sizeof *grown);
		if (!grown) abort();
		h->chord = grown;
	}
	h->chord[h->n++] = c;
}

/* Modes for which a progression serves: its own best, then those with the same third. */
static int
mode_fit(const struct progression *g, enum theory_mode mode)
{
	if (g->mode == mode) return 2;
	return mode_is_minor(g->mode) == mode_is_minor(mode);
}

/* The weights of those that serve for a letter (any: what has no letter serves, too) and come
 * nearest to the mode; their sum. */
static int
weigh(const struct progression *list, int n, char letter, bool any, enum theory_mode mode, int bars,
	int *weight)
{
	int best = 1, sum = 0;

	for (int i = 0; i < n; i++)
		if ((list[i].letter == letter || (any && !list[i].letter))
			&& mode_fit(&list[i], mode) > best)
			best = mode_fit(&list[i], mode);
	for (int i = 0; i < n; i++) {
		const struct progression *g = &list[i];
		bool serves = g->letter == letter || (any && !g->letter);

		weight[i] = serves && mode_fit(g, mode) == best ? 8 * g->weight : 0;
		/* One that is cut off in its middle makes less sense than one that fits. */
		if (letter && bars % g->bars)
			weight[i] = g->bars < bars ? weight[i] / 4 : weight[i] / 8;
		sum += weight[i];
	}
	return sum;
}

/* Among the style's, the adapter's, and one that is drawn from the adapter's transitions. */
static const struct progression *
choose_with_adapter(const struct plan *p, char letter, int bars, struct rng *r,
	struct progression *drawn)
{
	const struct style_adapter *a = p->adapter;
	const struct progression *list = letter ? a->progression : a->cadence;
	int own_n = p->style.progressions, n = letter ? a->progressions : a->cadences, which;
	int weight[STYLE_PROGRESSIONS + ADAPTER_PROGRESSIONS + 1], *theirs = weight + own_n;
	struct adapter_sides m = { .scale = p->scale,
		.keep = 8 * (letter ? a->progression_keep : a->cadence_keep) };
	struct rng draw = rng_for(p->seed, "adapter chords", (uint32_t)letter, 0);

	m.own_sum = weigh(p->style.progression, own_n, letter, false, p->mode, bars, weight);
	m.their_sum = weigh(list, n, letter, true, p->mode, bars, theirs);
	theirs[n] = letter && adapter_draw_chords(a, p->mode, &draw, drawn) ? 8 * a->chain_weight
									     : 0;
	m.their_sum += theirs[n];
	for (int i = 0; i < own_n + n + 1; i++)
		weight[i] = i < own_n ? adapter_mix(&m, weight[i], 0)
				      : adapter_mix(&m, 0, weight[i]);
	which = rng_pick(r, weight, own_n + n + 1);
	if (which < own_n) return &p->style.progression[which];
	return which < own_n + n ? &list[which - own_n] : drawn;
}

/* drawn has room for a progression that is made for the occasion. */
static const struct progression *
choose_progression(const struct plan *p, char letter, int bars, struct progression *drawn)
{
	const struct style *s = &p->style;
	int weight[STYLE_PROGRESSIONS];
	struct rng r = rng_for(p->seed, letter ? "chords" : "close", (uint32_t)letter, 0);

	if (p->scale) return choose_with_adapter(p, letter, bars, &r, drawn);
	weigh(s->progression, s->progressions, letter, false, p->mode, bars, weight);
	return &s->progression[rng_pick(&r, weight, s->progressions)];
}

/* Where the place-th of `of` chords begins in a bar: on beats if there are enough. */
static int
place_tick(const struct meter *m, int place, int of)
{
	if (of > m->beats) return m->bar * place / of / EIGHTH * EIGHTH;
	return meter_beat_start(m, (place * m->beats + of - 1) / of);
}

/* One bar of a progression at a tick. */
static void
add_bar(struct harmony *h, const struct plan *p, const struct progression *g, int bar, int32_t tick,
	int section)
{
	for (int i = 0; i < g->n; i++) {
		const struct progression_chord *c = &g->chord[i];
		struct chord made;
		int from, to;

		if (c->bar != bar) continue;
		made = theory_chord(&c->numeral, p->tonic, p->mode, g->mode);
		from = place_tick(&p->meter, c->place, c->of);
		to = c->place + 1 < c->of ? place_tick(&p->meter, c->place + 1, c->of)
					  : p->meter.bar;
		made.tick = tick + from;
		made.ticks = to - from;
		made.section = (int16_t)section;
		add_chord(h, made);
	}
}

/* Bars of the cadence in front of the final chord, the last bar of the progression. */
static int
close_bars(const struct progression *close, const struct section *s)
{
	int n = close->bars - 1;

	return n > s->bars / 2 && s->bars > 1 ? s->bars / 2 : n > s->bars ? s->bars : n;
}

void
harmony_make(struct harmony *h, const struct plan *p)
{
	struct progression drawn;
	const struct progression *close = choose_progression(p, '\0', 0, &drawn);
	struct chord final = theory_chord(
		&close->chord[close->n - 1].numeral, p->tonic, p->mode, close->mode);

	*h = (struct harmony){0};
	for (int i = 0; i < p->sections; i++) {
		const struct section *s = &p->section[i];
		/* The letter alone chooses, by its first section's length, so that returns are the
		 * same. */
		int usual = p->bars < s->from->bars ? s->bars : s->from->bars;
		const struct progression *g = choose_progression(
			p, s->from->chords, usual, &drawn);
		int closing = s->last && p->ending != ENDING_FADE ? close_bars(close, s) : 0;

		for (int b = 0; b < s->bars; b++) {
			int32_t tick = s->tick + b * p->meter.bar;

			if (b < s->bars - closing) add_bar(h, p, g, b % g->bars, tick, i);
			else add_bar(h, p, close, close->bars - 1 - (s->bars - b), tick, i);
		}
	}
	h->final = h->n;
	if (p->ending == ENDING_FADE) return;
	final.tick = p->final_tick;
	final.ticks = p->end_tick > p->final_tick ? p->end_tick - p->final_tick : 1;
	final.section = (int16_t)(p->sections ? p->sections - 1 : 0);
	add_chord(h, final);
}

void
harmony_free(struct harmony *h)
{
	free(h->chord);
	*h = (struct harmony){0};
}

int
harmony_at(const struct harmony *h, int32_t tick, int32_t ticks)
{
	int low = 0, high = h->n - 1;

	while (low < high) {
		int mid = (low + high + 1) / 2;

		if (h->chord[mid].tick <= tick) low = mid;
		else high = mid - 1;
	}
	if (low + 1 < h->n) {
		int32_t here = h->chord[low + 1].tick - tick;

		/* Off the beat it need not sound longer behind the change: an eighth tied over. */
		if (here <= EIGHTH && ticks - here >= here) low++;
		else if (here <= QUARTER && tick > h->chord[low].tick && ticks - here > here)
			low++;
	}
	return low;
}
