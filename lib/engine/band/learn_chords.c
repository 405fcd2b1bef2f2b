/* The chords of a piece as numerals of its key: for each bar, or each half of one where they
 * differ, the kind of chord whose tones sound longest and whose foreign tones sound shortest. */
#include "engine/band/learn_piece.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	WHOLE = 1000, /* the weights of all twelve pitch classes together */
	HEARD = 60,   /* a tone of less weight is not there */
	FOREIGN = 70, /* percent that a tone outside of the chord counts against it */
	MISSING = 110,
	ROOT_IN_BASS = 140,
	IN_KEY = 25,
	BASS = 3,         /* weight of a bass note */
	HALVES_GAIN = 70, /* so much better must two halves be than the bar */
};

/* Kinds as they are written behind a numeral; a price for each beyond the plain ones. */
static const struct kind {
	const char *suffix;
	bool lower;
	int n;
	int8_t tone[4];
	int price;
	bool root_below; /* in another position it is another chord */
} kinds[] = {
	{ "", false, 3, { 0, 4, 7 }, 0, false },
	{ "", true, 3, { 0, 3, 7 }, 0, false },
	{ "7", false, 4, { 0, 4, 7, 10 }, 30, false },
	{ "7", true, 4, { 0, 3, 7, 10 }, 30, false },
	{ "maj7", false, 4, { 0, 4, 7, 11 }, 30, false },
	{ "o", true, 3, { 0, 3, 6 }, 50, false },
	{ "h7", true, 4, { 0, 3, 6, 10 }, 60, false },
	{ "o7", true, 4, { 0, 3, 6, 9 }, 70, false },
	{ "+", false, 3, { 0, 4, 8 }, 80, false },
	{ "sus4", false, 3, { 0, 5, 7 }, 80, true },
	{ "5", false, 2, { 0, 7 }, 50, true },
	{ "6", false, 4, { 0, 4, 7, 9 }, 80, true },
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* What sounds in a stretch of time. */
struct sound {
	int weight[12]; /* WHOLE in all, or nothing */
	int bass;       /* pitch class; -1: none */
};

struct guess {
	int root, kind, score; /* root -1: no chord */
};

static int
role_weight(enum role role)
{
	switch (role) {
	case ROLE_BASS:
		return BASS;
	case ROLE_CHORDS:
	case ROLE_PAD:
		return 2;
	case ROLE_MELODY:
	case ROLE_COUNTER:
		return 1;
	default:
		return 0;
	}
}

/* from: the first note that may sound in from_tick … to_tick, notes being in order of time. */
static struct sound
listen(const struct learn_piece *p, int from, int32_t from_tick, int32_t to_tick)
{
	int64_t sum = 0, weight[12] = { 0 };
	struct sound s = { .bass = -1 };
	int64_t below[12] = { 0 }, most = 0;
	int lowest = 128;

	for (int i = from; i < p->notes && p->note[i].tick < to_tick; i++) {
		const struct learn_note *n = &p->note[i];
		int32_t start = n->tick > from_tick ? n->tick : from_tick,
			end = n->tick + n->ticks < to_tick ? n->tick + n->ticks : to_tick;
		int w = role_weight(p->part[n->part].role);

		if (end <= start || !w) continue;
		/* A short note is heard, too. */
		weight[n->key % 12] += (int64_t)w * (end - start + 60);
		sum += (int64_t)w * (end - start + 60);
		if (n->key < lowest) lowest = n->key;
		/* What a bass begins with counts double. */
		if (w == BASS)
			below[n->key % 12] +=
				(end - start) * (n->tick < from_tick + EIGHTH ? 2 : 1);
	}
	for (int i = 0; i < 12; i++)
		if (below[i] > most) most = below[i], s.bass = i;
	if (s.bass < 0 && lowest < 60) s.bass = lowest % 12;
	for (int i = 0; i < 12 && sum; i++)
		s.weight[i] = (int)(weight[i] * WHOLE / sum);
	return s;
}

static struct guess
guess_chord(const struct learn_piece *p, const struct sound *s)
{
	uint16_t scale = mode_scale(p->tonic, p->mode);
	struct guess best = { -1, 0, 0 };

	for (int kind = 0; kind < KINDS; kind++)
		for (int root = 0; root < 12; root++) {
			const struct kind *k = &kinds[kind];
			int score = -k->price, in = 0;

			if (k->root_below && root != s->bass) continue;
			for (int i = 0; i < k->n; i++) {
				int tone = (root + k->tone[i]) % 12;

				in += s->weight[tone];
				if (s->weight[tone] < HEARD) score -= MISSING;
				if (theory_in(scale, tone)) score += IN_KEY;
			}
			score += in - (WHOLE - in) * FOREIGN / 100 - IN_KEY * k->n;
			if (root == s->bass) score += ROOT_IN_BASS;
			if (best.root < 0 || score > best.score)
				best = (struct guess){ root, kind, score };
		}
	return best;
}

static int
degree_of(enum theory_mode mode, int step)
{
	for (int d = 0; d < 7; d++)
		if (mode_step(mode, d) == step) return d;
	return -1;
}

/* The degree of the mode that the root is on; between two of them the raised lower one where
 * musicians have it so (#IV, and in minor #VI and #VII), else the lowered upper one (bII, bVI). */
static void
name_chord(const struct learn_piece *p, struct learn_chord *c, const struct guess *g, int bass)
{
	static const char *const large[7] = { "I", "II", "III", "IV", "V", "VI", "VII" };
	static const char *const small[7] = { "i", "ii", "iii", "iv", "v", "vi", "vii" };
	enum { RAISED = 1 << 2 | 1 << 4 | 1 << 6 | 1 << 9 | 1 << 11 };
	const struct kind *k = &kinds[g->kind];
	int above = (g->root - p->tonic + 12) % 12, degree = degree_of(p->mode, above);
	const char *inversion = "", *alter = "";

	if (degree < 0 && RAISED >> above & 1) {
		degree = degree_of(p->mode, above - 1);
		alter = "#";
	}
	if (degree < 0) {
		degree = degree_of(p->mode, above + 1);
		alter = "b";
	}
	if (bass >= 0 && !k->root_below && bass == (g->root + k->tone[1]) % 12) inversion = "/3";
	if (bass >= 0 && !k->root_below && bass == (g->root + k->tone[2]) % 12) inversion = "/5";
	snprintf(c->name, sizeof c->name, "%s%s%s%s", alter,
		degree < 0 ? "I" : (k->lower ? small : large)[degree], k->suffix, inversion);
	c->root = (int8_t)g->root;
	c->bass = (int8_t)(*inversion ? bass : g->root);
}

/* What is the same as before goes on. */
static void
add_chord(struct learn_piece *p, int32_t tick, const struct sound *s, const struct guess *g)
{
	struct learn_chord c = { .tick = tick };
	const struct learn_chord *last = p->chords ? &p->chord[p->chords - 1] : NULL;

	name_chord(p, &c, g, s->bass);
	if (last && strcmp(last->name, c.name) == 0) return;
	p->chord[p->chords++] = c;
}

static bool
is_silent(const struct sound *s)
{
	for (int i = 0; i < 12; i++)
		if (s->weight[i]) return false;
	return true;
}

/* Bars of an even number of beats fall into halves. */
static int32_t
half_of(const struct meter *m)
{
	return m->beats >= 2 && m->beats % 2 == 0 ? meter_beat_start(m, m->beats / 2) : 0;
}

void
learn_chords(struct learn_piece *p)
{
	int from = 0;

	p->chord = calloc(2 * (size_t)p->bars + 1, sizeof *p->chord);
	if (!p->chord) abort();
	for (int b = 0; b < p->bars; b++) {
		int32_t start = p->bar[b].tick, half = half_of(&p->bar[b].meter);
		int32_t end = b + 1 < p->bars ? p->bar[b + 1].tick : p->end;
		struct sound whole, part[2];
		struct guess bar, halves[2];

		/* Notes of more than eight bars back are not looked at: they are pedals. */
		while (from < p->notes && p->note[from].tick < start - 8 * p->bar[b].meter.bar)
			from++;
		whole = listen(p, from, start, end);
		if (is_silent(&whole)) continue;
		bar = guess_chord(p, &whole);
		if (half && start + half < end) {
			part[0] = listen(p, from, start, start + half);
			part[1] = listen(p, from, start + half, end);
			for (int i = 0; i < 2; i++)
				halves[i] = guess_chord(p, &part[i]);
			if (!is_silent(&part[0]) && !is_silent(&part[1]) &&
				halves[0].root != halves[1].root &&
				halves[0].score + halves[1].score > 2 * (bar.score + HALVES_GAIN)) {
				add_chord(p, start, &part[0], &halves[0]);
				add_chord(p, start + half, &part[1], &halves[1]);
				continue;
			}
		}
		add_chord(p, start, &whole, &bar);
	}
}

const struct learn_chord *
learn_chord_at(const struct learn_piece *p, int32_t tick)
{
	int low = 0, high = p->chords - 1;

	if (!p->chords) return NULL;
	while (low < high) {
		int mid = (low + high + 1) / 2;

		if (p->chord[mid].tick <= tick) low = mid;
		else high = mid - 1;
	}
	return &p->chord[low];
}
