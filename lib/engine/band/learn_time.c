/* What was written, from what is played: swing, and the grid that each beat of each player is on.
 */
#include "engine/band/learn_piece.h"

#include <stdlib.h>

enum {
	EARLY = SIXTEENTH / 2, /* so far before a beat a note may come and belong to it */
	ENOUGH = 12,           /* notes off the beat that make a swing */
	STRAIGHT = 520,        /* permille: less is none */
	MOST = 750,
};

/* Where the notes between the beats fall, in permille of their pair. */
struct offbeats {
	int64_t sum;
	int n, thirds; /* in the middle and behind it; on the first third */
};

static void
count_offbeat(struct offbeats *o, int permille)
{
	if (permille >= 440 && permille <= 720) o->sum += permille, o->n++;
	if (permille >= 290 && permille <= 380) o->thirds++;
}

/* Who also plays the first third plays triplets, and does not swing. */
static int
swing_of(const struct offbeats *o)
{
	int mean = o->n ? (int)((o->sum + o->n / 2) / o->n) : 500;

	if (o->n < ENOUGH || mean < STRAIGHT || o->thirds * 4 > o->n) return 500;
	return mean > MOST ? MOST : mean;
}

/* The beat that a note belongs to: its start, and *ticks its length. */
static int32_t
beat_of(const struct learn_piece *p, int32_t tick, int *bar, int *ticks)
{
	const struct learn_bar *b;
	int into, beat;

	*bar = learn_bar_at(p, tick + EARLY);
	b = &p->bar[*bar];
	beat = meter_beat_at(&b->meter, tick + EARLY - b->tick, &into);
	*ticks = b->meter.beat[beat];
	return b->tick + meter_beat_start(&b->meter, beat);
}

static void
find_swing(struct learn_piece *p)
{
	struct offbeats eighths = { 0 }, sixteenths = { 0 };

	for (int i = 0; i < p->notes; i++) {
		int bar, ticks, permille;
		int32_t start = beat_of(p, p->note[i].tick, &bar, &ticks);

		if (ticks != QUARTER) continue;
		permille = (p->note[i].tick - start) * 1000 / QUARTER;
		if (permille < 0) continue;
		count_offbeat(&eighths, permille);
		count_offbeat(&sixteenths, permille * 2 % 1000);
	}
	p->swing_8 = swing_of(&eighths);
	if (p->swing_8 == 500) p->swing_16 = swing_of(&sixteenths);
}

static int32_t
unswing_pair(int32_t into, int pair, int permille)
{
	int32_t start = into >= 0 ? into / pair * pair : 0, rest = into - start,
		first = pair * permille / 1000, half = pair / 2;

	if (rest <= first) return start + rest * half / first;
	return start + half + (rest - first) * half / (pair - first);
}

static int32_t
unswing(const struct learn_piece *p, int32_t into, int ticks)
{
	if (ticks != QUARTER || into <= 0) return into;
	return unswing_pair(unswing_pair(into, QUARTER, p->swing_8), EIGHTH, p->swing_16);
}

/* The ways to divide a beat, and what each must gain (in ticks a note) to be preferred. */
static const struct {
	int cells, price;
	bool even; /* swing leaves it alone */
} simple[] = { { 4, 0, false }, { 3, 12, true }, { 6, 40, true }, { 8, 30, false } },
  compound[] = { { 6, 0, false }, { 12, 40, false } };

static int
cell_of(int32_t into, int ticks, int cells)
{
	int cell = (int)(((int64_t)into * cells * 2 + ticks) / (2 * ticks));

	return into < 0 || cell < 0 ? 0 : cell >= cells ? cells - 1 : cell;
}

/* The notes first … end-1 of one part lie in one beat: into how many places is it divided? */
static int
divide(const struct learn_piece *p, const int *index, int n, int32_t start, int ticks, bool *even)
{
	bool three = ticks == 3 * EIGHTH;
	int ways = three ? (int)(sizeof compound / sizeof compound[0])
			 : (int)(sizeof simple / sizeof simple[0]);
	int best = 0;
	int64_t least = -1;

	for (int w = 0; w < ways; w++) {
		int cells = three ? compound[w].cells : simple[w].cells;
		int64_t cost = (int64_t)n * (three ? compound[w].price : simple[w].price);

		for (int i = 0; i < n; i++) {
			int32_t raw = p->note[index[i]].tick - start;
			int32_t into = !three && simple[w].even ? raw : unswing(p, raw, ticks);

			cost += abs(into - cell_of(into, ticks, cells) * ticks / cells);
		}
		if (least < 0 || cost < least) least = cost, best = w;
	}
	*even = !three && simple[best].even;
	return three ? compound[best].cells : simple[best].cells;
}

static void
write_beat(struct learn_piece *p, const int *index, int n, int32_t start, int ticks, int bar)
{
	bool even;
	int cells = divide(p, index, n, start, ticks, &even), cell_ticks = ticks / cells;

	for (int i = 0; i < n; i++) {
		struct learn_note *v = &p->note[index[i]];
		int32_t into = v->tick - start;
		int cell = cell_of(even ? into : unswing(p, into, ticks), ticks, cells);
		int long_cells = (v->ticks + cell_ticks / 2) / cell_ticks;

		v->at = start + cell * ticks / cells;
		v->length = (long_cells > 0 ? long_cells : 1) * cell_ticks;
		v->bar = bar;
		v->cells = (uint8_t)cells;
	}
}

void
learn_time(struct learn_piece *p)
{
	int *index = calloc((size_t)p->notes + 1, sizeof *index);

	if (!index) abort();
	find_swing(p);
	for (int part = 0; part < p->parts; part++) {
		int n = 0, bar = 0, ticks = 0;
		int32_t start = 0;

		for (int i = 0; i < p->notes; i++) {
			int its_bar, its_ticks;
			int32_t its_start;

			if (p->note[i].part != part) continue;
			its_start = beat_of(p, p->note[i].tick, &its_bar, &its_ticks);
			if (n && its_start != start) {
				write_beat(p, index, n, start, ticks, bar);
				n = 0;
			}
			index[n++] = i;
			bar = its_bar, ticks = its_ticks, start = its_start;
		}
		if (n) write_beat(p, index, n, start, ticks, bar);
	}
	free(index);
}
