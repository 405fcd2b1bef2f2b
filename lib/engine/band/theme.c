#include "engine/band/theme.h"

#include "engine/rng.h"

enum { UNIT_BARS = 2, MOTIF_NOTES = 64, STEP_MAX = 6 };

/* Two bars of rhythm with a contour. */
struct motif {
	struct theme_note note[MOTIF_NOTES];
	int n;
};

struct maker {
	const struct plan *plan;
	const struct style_part *part;
	char letter;
	int energy;
	struct theme *out;
};

/* How a unit is made from the motif. */
enum turn { TURN_SAME, TURN_HIGHER, TURN_LOWER, TURN_UPSIDE_DOWN, TURN_NEW };

static void
add_bar(struct motif *m, const struct meter *meter, const struct pattern *p, int from_bar,
	int to_bar)
{
	for (int i = 0; i < p->n && m->n < MOTIF_NOTES; i++) {
		const struct step *s = &p->step[i];
		int into = s->tick - from_bar * meter->bar;

		if (into < 0 || into >= meter->bar) continue;
		m->note[m->n++] = (struct theme_note){ .tick = to_bar * meter->bar + into,
			.ticks = s->ticks,
			.sign = s->sign,
			.even = s->even };
	}
}

static const struct pattern *
pick(const struct maker *k, const char *what, int number)
{
	struct rng r = rng_for(k->plan->seed, what, (uint32_t)k->letter, (uint32_t)number);

	return style_pick(k->part, false, k->energy, -1, &r);
}

/* Steps of a tune: mostly by one, sometimes a leap, which then turns back. Few notes move wider. */
static int
next_step(struct rng *r, int at, int last_move, int leap, int drift, bool few)
{
	int move;

	if (last_move > 1 || last_move < -1) move = last_move > 0 ? -1 : 1;
	else if (rng_chance(r, 12)) move = 0;
	else if (rng_chance(r, leap / (few ? 1 : 2)))
		move = rng_between(r, 2, 4) * (rng_chance(r, 50 + 10 * drift) ? 1 : -1);
	else
		move = (rng_chance(r, few ? 45 : 25) ? 2 : 1)
			* (rng_chance(r, 50 + 14 * drift) ? 1 : -1);
	if (at + move > STEP_MAX || at + move < -STEP_MAX) move = -move;
	return move;
}

/* A contour over all notes: rising, falling, or an arch. */
static void
draw_contour(struct motif *m, struct rng *r, int leap)
{
	static const int8_t drifts[][2] = { { 2, -2 }, { 1, 1 }, { -1, -1 }, { -2, 2 }, { 1, -1 },
		{ 0, 0 } };
	const int8_t *drift = drifts[rng_pick(r, (const int[]){ 4, 2, 3, 2, 3, 2 }, 6)];
	int at = rng_between(r, -2, 2), move = 0, sum = 0;

	for (int i = 0; i < m->n; i++) {
		m->note[i].step = at;
		sum += at;
		move = next_step(r, at, move, leap, drift[i * 2 >= m->n], m->n < 8);
		at += move;
	}
	for (int i = 0; i < m->n; i++) m->note[i].step -= sum / m->n;
}

/* number tells motifs of one theme apart. A pattern of one bar is joined by itself or by another
 * one. */
static struct motif
make_motif(const struct maker *k, int number)
{
	const struct meter *meter = &k->plan->meter;
	struct rng r = rng_for(k->plan->seed, "motif", (uint32_t)k->letter, (uint32_t)number);
	const struct pattern *a = pick(k, "rhythm", number),
			     *b = rng_chance(&r, 45) ? a : pick(k, "rhythm again", number);
	struct motif m = {0};
	int start = a->bars > 1 ? rng_below(&r, a->bars / 2) * 2 : 0;

	add_bar(&m, meter, a, start, 0);
	if (a->bars > 1) add_bar(&m, meter, a, start + 1 < a->bars ? start + 1 : 0, 1);
	else add_bar(&m, meter, b, 0, 1);
	draw_contour(&m, &r, k->part->leap);
	return m;
}

static void
transform(struct motif *m, enum turn turn, int lift)
{
	for (int i = 0; i < m->n; i++) {
		m->note[i].step += lift;
		if (turn == TURN_HIGHER) m->note[i].step += 1;
		if (turn == TURN_LOWER) m->note[i].step -= 1;
		if (turn == TURN_UPSIDE_DOWN) m->note[i].step = 2 * lift - m->note[i].step;
	}
}

/* End the unit on a long note: in its last bar only what comes before a beat chosen by chance
 * stays, the next note is held, and at least a beat of silence follows. */
static void
close_unit(struct motif *m, const struct maker *k, int bars, bool home, struct rng *r)
{
	const struct meter *meter = &k->plan->meter;
	int last_bar = (bars - 1) * meter->bar, end = bars * meter->bar;
	int beat = home ? rng_pick(r, (const int[]){ 3, 1, 1 }, 3)
			: rng_pick(r, (const int[]){ 2, 2, 2 }, 3);
	int from, breath = meter->beat[meter->beats - 1], n = 0;

	/* The note has a beat at least, and so has the silence. */
	if (beat > meter->beats - 2) beat = meter->beats > 1 ? meter->beats - 2 : 0;
	if (meter->beats == 1) breath /= 2;
	else if (!home && beat < meter->beats - 2 && rng_chance(r, 50))
		breath += meter->beat[meter->beats - 2];
	from = last_bar + meter_beat_start(meter, beat);

	while (n < m->n && m->note[n].tick < from) n++;
	if (n == MOTIF_NOTES) n--;
	/* No note at that place: one is put there, a step from the one before. */
	if (n == m->n || m->note[n].tick > from + EIGHTH) {
		m->note[n] = (struct theme_note){
			.tick = from, .step = n ? m->note[n - 1].step - 1 : 0, .sign = 'x'
		};
		if (n && m->note[n - 1].tick + m->note[n - 1].ticks > from)
			m->note[n - 1].ticks = from - m->note[n - 1].tick;
	}
	m->note[n].ticks = end - breath - m->note[n].tick;
	if (m->note[n].ticks < meter->beat[0] / 2) m->note[n].ticks = meter->beat[0] / 2;
	m->note[n].phrase_end = true;
	m->note[n].home = home;
	m->n = n + 1;
}

/* An answer that is left to the others: only the unit's first note stays, for a bar at most. */
static void
leave_room(struct motif *m, const struct meter *meter)
{
	if (!m->n) return;
	m->n = 1;
	m->note[0].ticks = meter->bar - m->note[0].tick % meter->bar;
	m->note[0].phrase_end = true;
}

static void
emit(struct maker *k, const struct motif *m, int bar, int bars)
{
	int end = bars * k->plan->meter.bar;

	for (int i = 0; i < m->n && k->out->n < THEME_NOTES; i++) {
		struct theme_note n = m->note[i];

		if (n.tick >= end) continue;
		if (n.tick + n.ticks > end) n.ticks = end - n.tick;
		n.tick += bar * k->plan->meter.bar;
		k->out->note[k->out->n++] = n;
	}
}

/* What has been heard comes back with small changes: a long note moves, a short one is left out. */
static void
vary(struct motif *m, struct rng *r, int times, const struct meter *meter)
{
	int percent = times > 2 ? 30 : times * 12, n = 0;
	struct motif was = *m;

	for (int i = 0; i < was.n && n < MOTIF_NOTES - 1; i++) {
		struct theme_note a = was.note[i];
		bool on_beat = meter_accent(meter, a.tick % meter->bar) > ACCENT_NONE;

		if (!on_beat && a.ticks <= EIGHTH && i > 0 && rng_chance(r, percent / 2)) continue;
		m->note[n++] = a;
		if (a.phrase_end || a.ticks < meter->beat[0] || !rng_chance(r, percent)) continue;
		m->note[n - 1].ticks = a.ticks / 2;
		m->note[n] = a;
		m->note[n].tick += a.ticks / 2;
		m->note[n].ticks = a.ticks - a.ticks / 2;
		m->note[n++].step += rng_chance(r, 50) ? 1 : -1;
	}
	m->n = n;
}

/* What becomes of the motif at the start of phrase number i of n (phrases have two units). */
static enum turn
turn_of_phrase(struct rng *r, int i, int n)
{
	if (i == 0) return TURN_SAME;
	if (n > 2 && i == n - 1) return rng_chance(r, 60) ? TURN_NEW : TURN_SAME;
	return (enum turn)rng_pick(r, (const int[]){ 10, 4, 3, 2, 1 }, 5);
}

void
theme_make(struct theme *t, const struct plan *p, int player, char letter, int bars, int energy,
	int times)
{
	const struct style_part *part = p->player[player].part;
	struct maker k = { .plan = p, .part = part, .letter = letter, .energy = energy, .out = t };
	struct motif motif = make_motif(&k, 0), answer = make_motif(&k, 1),
		     fresh = make_motif(&k, 2);
	int units = (bars + UNIT_BARS - 1) / UNIT_BARS, phrases = (units + 1) / 2;
	struct rng r = rng_for(p->seed, "theme", (uint32_t)letter, 0);

	t->n = 0;
	for (int u = 0; u < units; u++) {
		int phrase = u / 2, unit_bars = u == units - 1 ? bars - u * UNIT_BARS : UNIT_BARS;
		bool second = u % 2 == 1 || u == units - 1,
		     silent = second && rng_chance(&r, part->rest / 2);
		enum turn turn = u % 2 ? (enum turn)rng_pick(&r, (const int[]){ 4, 2, 3, 2, 0 }, 5)
				       : turn_of_phrase(&r, phrase, phrases);
		struct motif m = turn == TURN_NEW     ? fresh
			: u % 2 && rng_chance(&r, 60) ? answer
						      : motif;
		struct rng end = rng_for(p->seed, "cadence", (uint32_t)letter, (uint32_t)u);
		struct rng change = rng_for(
			p->seed, "variation", (uint32_t)(letter << 8 | times), (uint32_t)u);

		/* The middle of a theme reaches higher. */
		transform(&m, turn, phrases > 1 && phrase == phrases / 2 ? 2 : 0);
		if (times > 0) vary(&m, &change, times, &p->meter);
		if (second) close_unit(&m, &k, unit_bars, u == units - 1, &end);
		if (silent && u < units - 1) leave_room(&m, &p->meter);
		emit(&k, &m, u * UNIT_BARS, unit_bars);
	}
}
