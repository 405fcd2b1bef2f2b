/* Chords as they follow each other: steps, progressions of four and eight bars, closes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "engine/band/learn_sums.h"

enum { PROGRESSION_TEXT = 200 };

static void
add_lengths(struct learn *l, const struct learn_piece *p, int32_t ticks, int bar)
{
	int64_t halves = (2 * (int64_t)ticks + p->bar[bar].meter.bar / 2) / p->bar[bar].meter.bar;

	l->lengths[halves <= 1 ? 0 : halves <= 2 ? 1 : halves <= 5 ? 2 : 3]++;
}

static void
add_steps(struct learn *l, const struct learn_piece *p)
{
	struct counts *next = &l->next[p->mode];

	for (int i = 0; i < p->chords; i++) {
		char step[2 * LEARN_CHORD_NAME + 2];
		int32_t end = i + 1 < p->chords ? p->chord[i + 1].tick : p->end;

		snprintf(step, sizeof step, "%s>%s", i ? p->chord[i - 1].name : "",
			p->chord[i].name);
		counts_add(next, step, 1, 0);
		/* Where a phrase of four bars begins is a start, too. */
		if (i && learn_bar_at(p, p->chord[i].tick) % 4 == 0) {
			snprintf(step, sizeof step, ">%s", p->chord[i].name);
			counts_add(next, step, 1, 0);
		}
		add_lengths(l, p, end - p->chord[i].tick, learn_bar_at(p, p->chord[i].tick));
	}
}

/* The chords of bars from … to-1, "i | iv7 V". False where none sounds or the text gets too long.
 */
static bool
write_bars(const struct learn_piece *p, int from, int to, struct buf *out)
{
	const struct learn_chord *c = learn_chord_at(p, p->bar[from].tick);
	int at = c ? (int)(c - p->chord) : 0;

	buf_reset(out);
	if (!c || c->tick > p->bar[from].tick) return false;
	for (int b = from; b < to; b++) {
		int32_t end = b + 1 < p->bars ? p->bar[b + 1].tick : p->end;

		if (b > from) buf_adds(out, " | ");
		if (at + 1 < p->chords && p->chord[at + 1].tick <= p->bar[b].tick) at++;
		buf_adds(out, p->chord[at].name);
		if (at + 1 < p->chords && p->chord[at + 1].tick < end &&
			p->chord[at + 1].tick > p->bar[b].tick)
			buf_addf(out, " %s", p->chord[++at].name);
	}
	return out->n <= PROGRESSION_TEXT;
}

/* From each fourth bar on, counted from the first that has a chord; the more bars, the more they
 * say. */
static void
add_progressions(struct learn *l, const struct learn_piece *p)
{
	struct buf text = { 0 };
	int first = p->chords ? learn_bar_at(p, p->chord[0].tick) : 0;

	for (int b = first; b + 4 <= p->bars; b += 4) {
		if (write_bars(p, b, b + 4, &text))
			counts_add(&l->progressions[p->mode], buf_str(&text), 1, 0);
		if ((b - first) % 8 == 0 && b + 8 <= p->bars && write_bars(p, b, b + 8, &text))
			counts_add(&l->progressions[p->mode], buf_str(&text), 1, 0);
	}
	buf_free(&text);
}

/* The last three bars with a chord of their own, if they end on the tonic. */
static void
add_close(struct learn *l, const struct learn_piece *p)
{
	const struct learn_chord *last = p->chords ? &p->chord[p->chords - 1] : NULL;
	struct buf text = { 0 };
	int bar;

	if (!last || last->root != p->tonic || last->bass != last->root) return;
	bar = learn_bar_at(p, last->tick);
	if (bar >= 2 && last->tick == p->bar[bar].tick && write_bars(p, bar - 2, bar + 1, &text))
		counts_add(&l->cadences[p->mode], buf_str(&text), 1, 0);
	buf_free(&text);
}

/* How the piece ends: slower, cut off, or ringing. */
static enum ending
ending_of(const struct learn_piece *p)
{
	int32_t sounds = 0;

	if (p->slows) return ENDING_RITARD;
	for (int i = p->notes - 1; i >= 0 && p->note[i].tick > p->note[p->notes - 1].tick - QUARTER;
		i--)
		if (p->note[i].ticks > sounds) sounds = p->note[i].ticks;
	return sounds >= 2 * QUARTER ? ENDING_RING : ENDING_STOP;
}

void
learn_add_harmony(struct learn *l, const struct learn_piece *p)
{
	static const char *const names[12] = { "C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A",
		"Bb", "B" };

	l->modes[p->mode]++;
	l->endings[ending_of(p)]++;
	if (!p->chords) return;
	counts_add(&l->keys, names[p->tonic], 1, 0);
	add_steps(l, p);
	add_progressions(l, p);
	add_close(l, p);
}
