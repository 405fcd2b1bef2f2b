/* What an accompanist changes in a figure as the bars go by, so that it does not sound like a loop:
 * a stroke left out, another shade, an arpeggio turned round, an answer where the tune rests. */
#include "engine/band/play.h"

#include <string.h>

#include "engine/rng.h"

struct comping {
	const struct plan *plan;
	const struct section *section;
	const struct score *score;
	int player, vary;
	struct hits *hits;
};

/* Each time that a section is heard its bars have chances of their own. */
static struct rng
chance(const struct comping *k, const char *what, int bar)
{
	int section = (int)(k->section->from - k->plan->style.section);

	return rng_for(k->plan->seed, what, (uint32_t)(k->player << 16 | section << 8 | bar),
		(uint32_t)k->section->times);
}

static bool
is_one_note(char sign)
{
	return sign >= '1' && sign <= '9';
}

static bool
is_stroke(char sign)
{
	return strchr("XxoDUh", sign) != NULL;
}

static bool
is_weak(const struct comping *k, const struct hit *h)
{
	return meter_accent(&k->plan->meter, h->in_bar) == ACCENT_NONE;
}

/* An arpeggio goes the other way, from its second note on. */
static void
turn_round(const struct comping *k, struct hit *h, int n, int bar)
{
	struct rng r = chance(k, "turn round", bar);

	for (int i = 0; i < n; i++)
		if (!is_one_note(h[i].sign)) return;
	if (bar % 2 == 0 || n < 4 || !rng_chance(&r, k->vary)) return;
	for (int i = 1, j = n - 1; i < j; i++, j--) {
		char sign = h[i].sign;

		h[i].sign = h[j].sign;
		h[j].sign = sign;
	}
}

/* Off the beat a stroke is now firmer, now softer. */
static void
shade(const struct comping *k, struct hit *h, int n, int bar)
{
	struct rng r = chance(k, "shade", bar);

	for (int i = 0; i < n; i++)
		if (is_weak(k, &h[i]) && rng_chance(&r, k->vary / 2))
			h[i].sign = h[i].sign == 'x' ? 'o' : h[i].sign == 'o' ? 'x' : h[i].sign;
}

/* The first bar of four stands as it is written; in the others a weak stroke may be missing. */
static void
leave_out(const struct comping *k, int at, int n, int bar)
{
	struct rng r = chance(k, "leave out", bar);
	const struct hit *h = k->hits->list + at;
	int which = rng_below(&r, n);

	if (bar % 4 == 0 || n < 3 || !rng_chance(&r, k->vary)) return;
	for (int i = 0; i < n; i++, which = (which + 1) % n) {
		if (!is_stroke(h[which].sign) || h[which].sign == 'X' || !is_weak(k, &h[which]))
			continue;
		hits_cut(k->hits, at + which, 1);
		return;
	}
}

/* One sign for each eighth, read from the end. */
static const char *const broken[] = { "1234", ".234", "4321", "3.24", "2345", ".435" };
static const char *const struck[] = { "x..o", ".x.o", "..xx", ".xxo", "x.x.", "..ox" };

/* In the second half of a bar in which nobody sings the accompaniment has something to say. */
static void
answer(const struct comping *k, int at, int n, int bar)
{
	const struct meter *m = &k->plan->meter;
	int from = meter_beat_start(m, (m->beats + 1) / 2), count = (m->bar - from) / EIGHTH;
	int busy = 0;
	int32_t start = k->section->tick + bar * m->bar;
	bool decays = k->plan->player[k->player].instrument->decays;
	struct rng r = chance(k, "answer", bar);
	const char *figure = decays && rng_chance(&r, 60) ? broken[rng_below(&r, 6)]
							  : struck[rng_below(&r, 6)];

	if (bar % 2 == 0 || !k->section->from->theme || !rng_chance(&r, 2 * k->vary)
		|| play_is_sung(k->plan, k->score, start + from, start + m->bar - SIXTEENTH))
		return;
	while (busy < n && k->hits->list[at + n - 1 - busy].in_bar >= from) busy++;
	if (busy > 3) return;
	hits_cut(k->hits, at + n - busy, busy);
	if (n > busy) {
		struct hit *before = &k->hits->list[at + n - busy - 1];

		if (before->tick + before->ticks > start + from)
			before->ticks = start + from - before->tick;
	}
	for (int i = 0, len = (int)strlen(figure); i < len && i < count; i++) {
		char sign = figure[len - 1 - i];

		if (sign != '.')
			hits_add(k->hits, k->plan, k->section,
				(struct hit){ .tick = start + m->bar - (i + 1) * EIGHTH,
					.ticks = EIGHTH,
					.sign = sign });
	}
}

void
comping_vary(const struct plan *p, int player, const struct section *s, const struct score *heard,
	struct hits *hits)
{
	struct comping k = { .plan = p,
		.section = s,
		.score = heard,
		.player = player,
		.vary = p->player[player].part->vary,
		.hits = hits };

	for (int bar = 0; bar < s->bars && k.vary; bar++) {
		int at = hits_from(hits, bar), n = hits_from(hits, bar + 1) - at;

		if (!n) continue;
		turn_round(&k, hits->list + at, n, bar);
		shade(&k, hits->list + at, n, bar);
		answer(&k, at, n, bar);
		n = hits_from(hits, bar + 1) - at;
		if (n) leave_out(&k, at, n, bar);
	}
}
