/* What happens between the notes: controller 11 for swells
 * and for the end, and the sustain pedal. One value at a time: the product of all that applies. */
#include "engine/band/play.h"

enum { CC_EXPRESSION = 11, CC_PEDAL = 64, FULL = 127, STEP = SIXTEENTH };

struct curve {
	const struct plan *plan;
	int32_t fade_from, fade_to;
};

/* Strings lean into the middle of every two bars. */
static int
swell_percent(const struct plan *p, int32_t tick)
{
	int32_t span = 2 * p->meter.bar, into = tick % span, half = span / 2;
	int32_t up = into < half ? into : span - into;

	return 68 + 32 * up / half;
}

static int
fade_permille(const struct curve *c, int32_t tick)
{
	if (tick <= c->fade_from) return 1000;
	if (tick >= c->fade_to) return 0;
	return (int)((int64_t)(c->fade_to - tick) * 1000 / (c->fade_to - c->fade_from));
}

/* Where the sound begins to be taken back: long before the end, or in the last chord's ring. */
static void
set_fade(struct curve *c)
{
	const struct plan *p = c->plan;
	int64_t begin = tempo_frame(&p->tempo, p->start_tick),
		end = tempo_frame(&p->tempo, p->end_tick);
	int64_t len = p->ending == ENDING_FADE
		? (end - begin) / 4
		: (end - tempo_frame(&p->tempo, p->final_tick)) * 2 / 5;
	int64_t most = (p->ending == ENDING_FADE ? 9 : 2) * (int64_t)TEMPO_RATE;

	if (len > most) len = most;
	c->fade_from = tempo_tick(&p->tempo, end - len);
	c->fade_to = p->end_tick;
}

static void
draw(struct curve *c, int player, struct score *s)
{
	const struct plan *p = c->plan;
	const struct style_part *part = p->player[player].part;
	bool swell = part->swell && !p->player[player].instrument->decays;
	int32_t from = swell ? p->start_tick : c->fade_from;
	int before = FULL, step = STEP;

	for (int32_t tick = from; tick <= c->fade_to; tick += step) {
		int v = FULL;

		if (tick >= c->fade_from) step = STEP / 2;
		if (swell && tick < p->final_tick) v = v * swell_percent(p, tick) / 100;
		v = v * fade_permille(c, tick) / 1000;
		if (v != before) score_control(s, tick, player, CC_EXPRESSION, v);
		before = v;
	}
}

/* A new pedal with each chord, taken a moment after it is struck. */
static void
press_pedal(const struct plan *p, const struct harmony *h, int player, struct score *s)
{
	for (int i = 0; i < h->n; i++) {
		const struct chord *c = &h->chord[i];
		bool on = !p->sections || plan_plays(p, player, &p->section[c->section]);
		int32_t wait = tempo_ticks_of_ms(&p->tempo, c->tick, 50);

		if (i > 0) score_control(s, c->tick, player, CC_PEDAL, 0);
		if (on && wait < c->ticks) score_control(s, c->tick + wait, player, CC_PEDAL, FULL);
	}
}

void
expression_apply(const struct plan *p, const struct harmony *h, struct score *s)
{
	struct curve c = { .plan = p };

	set_fade(&c);
	for (int i = 0; i < p->players; i++) {
		draw(&c, i, s);
		if (p->player[i].part->pedal && p->player[i].instrument->family == FAMILY_KEYS)
			press_pedal(p, h, i, s);
	}
}
