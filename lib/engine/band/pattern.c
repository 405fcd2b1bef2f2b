#include "engine/band/pattern.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/rng.h"

static void
add_step(struct pattern *p, struct step s)
{
	struct step *grown;

	if (p->n >= PATTERN_MAX_STEPS) return;
	grown = realloc(p->step, (size_t)(p->n + 1) * sizeof *grown);
	if (!grown) abort();
	p->step = grown;
	/* Kept in order: rows are short and come in order, so most go to the end. */
	int at = p->n++;
	for (; at > 0 && p->step[at - 1].tick > s.tick; at--) p->step[at] = p->step[at - 1];
	p->step[at] = s;
}

/* Repeat what is there so that the pattern lasts that many bars. */
static void
repeat_to(struct pattern *p, const struct meter *m, int bars)
{
	int n = p->n, was = p->bars;

	for (int b = was; b < bars; b += was)
		for (int i = 0; i < n; i++) {
			struct step s = p->step[i];

			s.tick += b * m->bar;
			add_step(p, s);
		}
	p->bars = bars;
}

/* One beat: its signs divide it evenly. A hold lengthens the last step; before the first it is
 * counted in *lead. */
static int
add_beat(struct pattern *row, const char *cell, int n, int tick, int ticks, const char *signs,
	bool *sounding, int *lead, struct err *e)
{
	for (int i = 0; i < n; i++) {
		int from = ticks * i / n, to = ticks * (i + 1) / n;

		if (cell[i] == '-') {
			if (*lead == tick + from && !row->n) *lead = tick + to;
			else if (!*sounding) return err_set(e, ERR_INVALID, "`-` holds no note");
			else row->step[row->n - 1].ticks += to - from;
		} else if (cell[i] == '.') {
			*sounding = false;
		} else if (strchr(signs, cell[i])) {
			struct step s = { .tick = tick + from, .ticks = to - from, .sign = cell[i],
				.even = n % 3 == 0 && ticks == QUARTER };

			add_step(row, s);
			*sounding = true;
		} else {
			return err_set(
				e, ERR_INVALID, "`%c` is none of the signs %s.-", cell[i], signs);
		}
	}
	return 0;
}

static int
parse_row(
	struct pattern *row, const struct meter *m, const char *s, const char *signs, struct err *e)
{
	bool sounding = false;
	int lead = 0;			/* so long does the last step sound into the repeat */

	for (;;) {
		s += strspn(s, " \t");
		if (!*s) break;
		if (row->bars == PATTERN_MAX_BARS)
			return err_set(e, ERR_INVALID, "more than %d bars", PATTERN_MAX_BARS);
		for (int b = 0; b < m->beats; b++) {
			int n = (int)strcspn(s, "| \t");
			int tick = row->bars * m->bar + meter_beat_start(m, b);

			if (n < 1 || n > 24)
				return err_set(e, ERR_INVALID,
					"bar %d, beat %d: it has %d signs, not 1 to 24", row->bars + 1,
					b + 1, n);
			if (add_beat(row, s, n, tick, m->beat[b], signs, &sounding, &lead, e))
				return err_prefix(e, "bar %d, beat %d", row->bars + 1, b + 1);
			s += n;
			if (b < m->beats - 1 ? *s != '|' : *s == '|')
				return err_set(e, ERR_INVALID, "bar %d does not have %d beats",
					row->bars + 1, m->beats);
			if (*s == '|') s++;
		}
		row->bars++;
	}
	if (!row->bars) return err_set(e, ERR_INVALID, "the row is empty");
	if (lead && !sounding)
		return err_set(e, ERR_INVALID, "the row's first `-` holds no note at its end");
	if (lead) row->step[row->n - 1].ticks += lead;
	return 0;
}

int
pattern_add_row(struct pattern *p, const struct meter *m, const char *row, uint8_t drum,
	const char *signs, struct err *e)
{
	struct pattern add = {0};
	int rc = -1;

	if (parse_row(&add, m, row, signs, e)) goto out;
	if (!p->bars) p->bars = add.bars;
	if (p->bars % add.bars && add.bars % p->bars) {
		err_set(e, ERR_INVALID, "a row of %d bars does not fit one of %d", add.bars,
			p->bars);
		goto out;
	}
	if (add.bars < p->bars) repeat_to(&add, m, p->bars);
	if (p->bars < add.bars) repeat_to(p, m, add.bars);
	if (p->n + add.n > PATTERN_MAX_STEPS) {
		err_set(e, ERR_INVALID, "the pattern has more than %d notes", PATTERN_MAX_STEPS);
		goto out;
	}
	for (int i = 0; i < add.n; i++) {
		add.step[i].drum = drum;
		add_step(p, add.step[i]);
	}
	rc = 0;
out:
	pattern_free(&add);
	return rc;
}

/* Which beat of a bar of `from` beats stands for beat b of a bar of `to`: bars keep how they begin
 * and how they end (4/4 to 3/4 keeps the last backbeat), and longer ones fall into halves. In
 * uneven meters the last group has an eighth more, in which a backbeat finds its place. */
static int
source_beat(int from, const struct meter *to, int b)
{
	static const struct {
		int from, to;
		bool uneven;
		int8_t beat[METER_MAX_BEATS];
	} maps[] = {
		{ 4, 3, false, { 0, 1, 3 } },
		{ 4, 5, false, { 0, 1, 3, 2, 3 } },
		{ 4, 6, false, { 0, 1, 3, 0, 1, 3 } },
		{ 4, 7, false, { 0, 1, 2, 3, 0, 1, 3 } },
		{ 3, 2, false, { 0, 2 } },
		{ 3, 4, false, { 0, 1, 2, 1 } },
		{ 3, 5, false, { 0, 1, 2, 0, 2 } },
		{ 3, 7, false, { 0, 1, 2, 0, 2, 0, 2 } },
		{ 2, 3, false, { 0, 1, 1 } },
		{ 2, 5, false, { 0, 1, 1, 0, 1 } },
		{ 4, 3, true, { 0, 1, 2 } },
		{ 4, 5, true, { 0, 1, 2, 3, 2 } },
		{ 3, 2, true, { 0, 2 } },
		{ 3, 5, true, { 0, 1, 2, 0, 2 } },
		{ 2, 3, true, { 0, 1, 1 } },
		{ 2, 5, true, { 0, 1, 0, 1, 1 } },
	};

	for (size_t i = 0; i < NELEM(maps); i++)
		if (maps[i].from == from && maps[i].to == to->beats
			&& maps[i].uneven == (to->kind == METER_UNEVEN))
			return maps[i].beat[b];
	return b % from;
}

/* A place in a beat of one length to the place in a beat of another: halves of a simple beat are
 * the first and the last third of a compound one. */
static int
place_in_beat(int into, int from, int to)
{
	int from_half = from == 3 * EIGHTH ? 2 * EIGHTH : from / 2;
	int to_half = to == 3 * EIGHTH ? 2 * EIGHTH : to / 2;

	if (from == to) return into;
	if (into <= from_half) return into * to_half / from_half;
	return to_half + (into - from_half) * (to - to_half) / (from - from_half);
}

/* Does a row of the kit run in eighths, all through? */
static bool
runs_in_eighths(const struct pattern *p, const struct meter *m, uint8_t drum)
{
	int n = 0;

	for (int i = 0; i < p->n; i++)
		if (p->step[i].drum == drum) {
			if (p->step[i].tick % EIGHTH) return false;
			n++;
		}
	return drum && n * EIGHTH == p->bars * m->bar;
}

static const struct step *
step_at(const struct pattern *p, int tick, uint8_t drum)
{
	for (int i = 0; i < p->n; i++)
		if (p->step[i].tick == tick && p->step[i].drum == drum) return &p->step[i];
	return NULL;
}

/* What runs in eighths goes on to do so in a compound meter, whose beat has one more: the middle
 * one of a row of the kit is soft, that of an arpeggio is a voice between the two or above them. */
static void
fill_beat(struct pattern *out, const struct pattern *p, const struct meter *from, int start,
	int to_start)
{
	for (int i = 0; i < p->n; i++) {
		const struct step *a = &p->step[i], *b;
		struct step s = *a;
		bool voice = a->sign >= '1' && a->sign <= '9';

		if (a->tick != start || a->ticks > EIGHTH) continue;
		b = step_at(p, start + EIGHTH, a->drum);
		if (!b || (voice ? b->sign < '1' || b->sign > '9' || a->sign == b->sign
				 : !runs_in_eighths(p, from, a->drum)))
			continue;
		s.tick = to_start + EIGHTH;
		s.ticks = EIGHTH;
		s.sign = voice ? (char)((a->sign + b->sign) / 2) : 'o';
		if (voice && (s.sign == a->sign || s.sign == b->sign))
			s.sign = (char)((a->sign > b->sign ? a->sign : b->sign) + 1);
		if (s.sign > '9') s.sign = '1';
		s.even = false;
		add_step(out, s);
	}
}

static void
copy_beat(
	struct pattern *out, const struct pattern *p, int start, int len, int to_start, int to_len)
{
	for (int i = 0; i < p->n; i++) {
		struct step s = p->step[i];
		int into = s.tick - start;

		if (into < 0 || into >= len) continue;
		s.ticks = s.ticks > len
			? s.ticks / len * to_len + place_in_beat(s.ticks % len, len, to_len)
			: place_in_beat(s.ticks, len, to_len);
		/* Triplets are thirds of either beat. */
		s.tick = to_start + (s.even ? into * to_len / len
					    : place_in_beat(into, len, to_len));
		if (len != to_len) s.even = false;
		add_step(out, s);
	}
}

/* A beat of two eighths for one of three in an uneven meter, which is not played slower but has one
 * more: the first half of a beat that is left out otherwise (spare), else its own second half
 * again. What sounds to the end sounds on. */
static void
lengthen_beat(struct pattern *out, const struct pattern *p, int start, int spare, int to_start)
{
	int len = 2 * EIGHTH, again = spare >= 0 ? spare : start + EIGHTH;

	for (int i = 0; i < p->n; i++) {
		struct step s = p->step[i];

		if (s.tick >= start && s.tick < start + len) {
			if (s.tick + s.ticks >= start + len) s.ticks += EIGHTH;
			s.tick += to_start - start;
			add_step(out, s);
		}
		s = p->step[i];
		if (s.tick >= again && s.tick < again + EIGHTH) {
			s.tick += to_start + len - again;
			add_step(out, s);
		}
	}
}

/* Beat number `beat` of the pattern: where it begins. */
static int
beat_tick(const struct meter *m, int beat)
{
	return beat / m->beats * m->bar + meter_beat_start(m, beat % m->beats);
}

static void
fit_by_beats(struct pattern *out, const struct pattern *p, const struct meter *from,
	const struct meter *to)
{
	int beats = p->bars * from->beats;
	bool flows = from->beats % to->beats == 0 || to->beats % from->beats == 0;
	int bars = p->bars;

	/* Where one bar holds whole ones of the other, the beats simply go on: 4/4 is two bars of
	 * 6/8. */
	if (flows) bars = beats % to->beats == 0 ? beats / to->beats : p->bars;
	for (int b = 0; b < bars; b++)
		for (int j = 0; j < to->beats; j++) {
			int beat = flows ? (b * to->beats + j) % beats
				: b * from->beats + source_beat(from->beats, to, j);
			int next = j + 1 < to->beats
				? b * from->beats + source_beat(from->beats, to, j + 1) : -1;
			int start = beat_tick(from, beat), len = from->beat[beat % from->beats],
			    at = b * to->bar + meter_beat_start(to, j);
			bool spare = !flows && (beat + 1) % from->beats && beat + 1 != next;

			if (to->kind == METER_UNEVEN && len == 2 * EIGHTH
				&& to->beat[j] == 3 * EIGHTH)
				lengthen_beat(out, p, start, spare ? start + len : -1, at);
			else copy_beat(out, p, start, len, at, to->beat[j]);
			if (to->kind == METER_COMPOUND && len == 2 * EIGHTH)
				fill_beat(out, p, from, start, at);
		}
	out->bars = bars;
}

/* No note reaches into the next one of its row; the last may reach to where the row begins again. */
static void
cut_overlaps(struct pattern *p, int end)
{
	for (int i = 0; i < p->n; i++) {
		struct step *s = &p->step[i];
		int limit = 0;

		for (int j = 0; j < p->n && !limit; j++)
			if (p->step[j].drum == s->drum && p->step[j].tick > s->tick)
				limit = p->step[j].tick;
		for (int j = 0; j < p->n && !limit; j++)
			if (p->step[j].drum == s->drum) limit = end + p->step[j].tick;
		if (s->tick + s->ticks > limit) s->ticks = limit - s->tick;
		if (s->ticks < 1) s->ticks = 1;
	}
}

void
pattern_fit(struct pattern *p, const struct meter *from, const struct meter *to)
{
	struct pattern out = { .weight = p->weight, .low = p->low, .high = p->high,
		.sections = p->sections };

	if (from->num == to->num && from->den == to->den) return;
	fit_by_beats(&out, p, from, to);
	cut_overlaps(&out, out.bars * to->bar);
	pattern_free(p);
	*p = out;
}

/* How badly it serves: what it is written for weighs more than any energy. */
static int
distance(const struct pattern *p, int energy, int section)
{
	int far = energy < p->low ? p->low - energy : energy > p->high ? energy - p->high : 0;
	bool own = section >= 0 && p->sections >> section & 1;

	return far + (own ? 0 : p->sections ? 2000 : 1000);
}

int
pattern_weigh(const struct pattern *list, int n, int energy, int section, int *weights)
{
	int nearest = INT_MAX, sum = 0;

	for (int i = 0; i < n; i++)
		if (distance(&list[i], energy, section) < nearest)
			nearest = distance(&list[i], energy, section);
	for (int i = 0; i < n; i++)
		sum += weights[i] = distance(&list[i], energy, section) == nearest
			? list[i].weight : 0;
	return sum;
}

const struct pattern *
pattern_pick(const struct pattern *list, int n, int energy, int section, struct rng *r)
{
	int weights[64];	/* as many as a part can have */

	if (n > 64) n = 64;
	pattern_weigh(list, n, energy, section, weights);
	return n ? &list[rng_pick(r, weights, n)] : NULL;
}

struct pattern
pattern_copy(const struct pattern *p)
{
	struct pattern out = *p;

	out.step = malloc((size_t)p->n * sizeof *out.step + 1);
	if (!out.step) abort();
	if (p->n) memcpy(out.step, p->step, (size_t)p->n * sizeof *out.step);
	return out;
}

struct pattern *
pattern_list_copy(const struct pattern *list, int n)
{
	struct pattern *out = n ? malloc((size_t)n * sizeof *out) : NULL;

	if (n && !out) abort();
	for (int i = 0; i < n; i++) out[i] = pattern_copy(&list[i]);
	return out;
}

void
pattern_free(struct pattern *p)
{
	free(p->step);
	*p = (struct pattern){0};
}
