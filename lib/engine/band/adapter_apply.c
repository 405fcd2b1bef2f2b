#include "engine/band/adapter_apply.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/list.h"
#include "engine/rng.h"

int
adapter_move(int own, const struct adapter_number *target, int scale, int low, int high)
{
	int64_t way = (int64_t)scale * (target->value - own);

	if (!target->has) return own;
	/* Rounded to the nearest, halves away from the style. */
	way += way < 0 ? -ADAPTER_ONE / 2 : ADAPTER_ONE / 2;
	return clamp(own + (int)(way / ADAPTER_ONE), low, high);
}

int
adapter_mix(const struct adapter_sides *m, int64_t own, int64_t theirs)
{
	int64_t all = m->their_sum + m->keep, v;

	if (!m->their_sum) return (int)own * ADAPTER_UNIT;
	if (!m->own_sum) return (int)theirs * ADAPTER_UNIT;
	v = (ADAPTER_ONE - m->scale) * own * all
		+ m->scale * (theirs * m->own_sum + own * m->keep);
	return v > 0 ? (int)(v * ADAPTER_UNIT / (ADAPTER_ONE * all)) : 0;
}

static int
sum_of(const int *weights, int n)
{
	int sum = 0;

	for (int i = 0; i < n; i++) sum += weights[i];
	return sum;
}

/* Both lists have the same choices. False where the adapter has none: own is then as it was. */
static bool
mix_weights(int *own, const int *theirs, int n, int keep, int scale)
{
	struct adapter_sides m = { sum_of(own, n), sum_of(theirs, n), keep, scale };

	if (!m.their_sum) return false;
	for (int i = 0; i < n; i++) own[i] = adapter_mix(&m, own[i], theirs[i]);
	return true;
}

/* Where the style has only one of the choices. */
static int
mix_choice(int own, const int *theirs, int n, int keep, int scale, struct rng r)
{
	int weights[16] = {0};

	weights[own] = 1;
	mix_weights(weights, theirs, n, keep, scale);
	return rng_pick(&r, weights, n);
}

/* What is only yes or no changes over by chance: as surely as the scale is high. */
static bool
mix_bool(bool own, const struct adapter_number *target, int scale, struct rng r)
{
	bool theirs = rng_below(&r, ADAPTER_ONE) < scale;

	return target->has && theirs ? target->value != 0 : own;
}

struct meter
adapter_meter(const struct style_adapter *a, int scale, uint32_t seed, const struct meter *own,
	bool named)
{
	struct adapter_sides m = { .own_sum = 1, .keep = a->meter_keep, .scale = scale };
	int weights[ADAPTER_METERS + 1], mine = 0;
	bool common = own->num == 4 && own->den == 4;
	struct rng r = rng_for(seed, "adapter meter", 0, 0);
	int which;

	for (int i = 0; i < a->meters; i++) {
		m.their_sum += a->meter[i].weight;
		if (a->meter[i].meter.num == own->num && a->meter[i].meter.den == own->den)
			mine = a->meter[i].weight;
	}
	if (!m.their_sum || (named && !common)) return *own;
	weights[0] = adapter_mix(&m, 1, mine);
	for (int i = 0; i < a->meters; i++) {
		bool same = a->meter[i].meter.num == own->num && a->meter[i].meter.den == own->den;

		weights[i + 1] = same ? 0 : adapter_mix(&m, 0, a->meter[i].weight);
	}
	which = rng_pick(&r, weights, a->meters + 1);
	return which ? a->meter[which - 1].meter : *own;
}

/* Beyond scale 1 a tempo goes on by a quarter at most: nobody plays at 20 beats a minute. */
static int
move_tempo(int own, const struct adapter_number *target, int scale)
{
	int low = 30, high = 300;

	if (scale > ADAPTER_ONE) {
		low = clamp(target->value * 3 / 4, low, high);
		high = clamp(target->value * 5 / 4, low, high);
	}
	return adapter_move(own, target, scale, low, high);
}

/* Of those in the meter of the piece, if there are any; NULL: the adapter has none. The same seed
 * has the same one at any scale, and seeds in a row are spread evenly over them all (Knuth, TAOCP
 * 6.4: multiples of the golden ratio), so that a handful of takes already goes as the pulses do. */
static const struct adapter_pulse *
pulse_of(const struct style_adapter *a, uint32_t seed, const struct meter *m)
{
	int fit[ADAPTER_PULSES], all = 0, fits = 0, at;

	for (int i = 0; i < a->pulses; i++) {
		const struct meter *its = &a->pulse[i].meter;
		bool same = !its->num || (its->num == m->num && its->den == m->den);

		fit[i] = same ? a->pulse[i].weight : 0;
		fits += fit[i];
		all += a->pulse[i].weight;
	}
	at = (int)((uint64_t)(uint32_t)(seed * 2654435769u) * (uint64_t)(fits ? fits : all) >> 32);
	for (int i = 0; i < a->pulses; i++)
		if ((at -= fits ? fit[i] : a->pulse[i].weight) < 0) return &a->pulse[i];
	return NULL;
}

/* A pulse hardly varies; without one a tempo comes from anywhere in its range. */
static void
apply_tempo(const struct style_adapter *a, int scale, uint32_t seed, struct style *s)
{
	const struct adapter_pulse *pulse = pulse_of(a, seed, &s->meter);
	struct adapter_number usual = a->tempo, spread = { true, 2 };

	if (pulse) {
		usual = (struct adapter_number){ true, pulse->bpm };
		s->tempo_spread =
			adapter_move((s->tempo_high - s->tempo_low) / 8, &spread, scale, 1, 40);
	}
	s->tempo = move_tempo(s->tempo, &usual, scale);
	s->tempo_low = move_tempo(s->tempo_low, &a->tempo_low, scale);
	s->tempo_high = move_tempo(s->tempo_high, &a->tempo_high, scale);
	if (s->tempo_low > s->tempo) s->tempo_low = s->tempo;
	if (s->tempo_high < s->tempo) s->tempo_high = s->tempo;
}

void
adapter_apply_swing(const struct style_adapter *a, int scale, uint32_t seed,
	const struct meter *m, int *on_8, int *on_16)
{
	const struct adapter_pulse *pulse = pulse_of(a, seed, m);
	struct adapter_number straight = { .has = true, .value = 500 }, swing = a->swing;
	int on = pulse ? pulse->swing_on : a->swing_on;

	if (pulse) swing = (struct adapter_number){ true, pulse->swing };
	if (!swing.has) return;
	*on_8 = adapter_move(*on_8, on == 8 ? &swing : &straight, scale, 500, 750);
	*on_16 = adapter_move(*on_16, on == 16 ? &swing : &straight, scale, 500, 750);
}

/* The style's instruments stay in the list, if only with no weight: a prompt may ask for them. */
static void
apply_instruments(const struct adapter_part *a, int scale, struct style_part *p)
{
	int theirs[STYLE_MIXED] = {0}, n = p->instruments;

	if (!a->instruments) return;
	for (int i = 0; i < a->instruments; i++) {
		int k = 0;

		while (k < n && p->instrument[k] != a->instrument[i]) k++;
		if (k == n) {
			p->instrument[n] = a->instrument[i];
			p->instrument_weight[n++] = 0;
		}
		theirs[k] = a->instrument_weight[i];
	}
	p->instruments = n;
	mix_weights(p->instrument_weight, theirs, n, a->instrument_keep, scale);
}

/* Beyond scale 1 a range goes on by half an octave at most, or tunes would sink to the basses. */
static int
move_key(int own, const struct adapter_number *target, int scale, int low, int high)
{
	if (scale > ADAPTER_ONE) {
		low = clamp(target->value - 6, low, high);
		high = clamp(target->value + 6, low, high);
	}
	return adapter_move(own, target, scale, low, high);
}

static void
apply_numbers(const struct adapter_part *a, int scale, struct style_part *p)
{
	for (size_t i = 0; i < style_number_count; i++) {
		const struct style_number *n = &style_numbers[i];
		int *v = (int *)(void *)((char *)p + n->offset);

		*v = adapter_move(*v, &a->number[i], scale, n->low, n->high);
	}
	p->low = move_key(p->low, &a->low, scale, 12, 108);
	p->high = move_key(p->high, &a->high, scale, 23, 127);
	if (p->high < p->low + 11) p->high = p->low + 11;
}

static void
apply_places(const int *theirs, int n, int most, int scale, int *own, int *own_n)
{
	for (int i = 0; i < n; i++)
		own[i] = adapter_move(
			0, &(struct adapter_number){ true, theirs[i] }, scale, -most, most);
	*own_n = n;
}

/* Behind the style's own patterns: those written in the meter of the piece; if there are none, all,
 * adapted to it. */
static void
append_patterns(const struct adapter_patterns *theirs, const struct meter *m, struct pattern **list,
	int *n, int *own)
{
	int in_meter = 0;

	*own = *n;
	if (!theirs->n) return;
	*list = realloc(*list, (size_t)(*n + theirs->n) * sizeof **list);
	if (!*list) abort();
	for (int i = 0; i < theirs->n; i++)
		in_meter += theirs->list[i].meter.num == m->num
			&& theirs->list[i].meter.den == m->den;
	for (int i = 0; i < theirs->n; i++) {
		const struct adapter_pattern *q = &theirs->list[i];
		struct pattern copy;

		if (in_meter && (q->meter.num != m->num || q->meter.den != m->den)) continue;
		copy = pattern_copy(&q->pattern);
		pattern_fit(&copy, &q->meter, m);
		(*list)[(*n)++] = copy;
	}
}

/* log2 of sum / weight in eighths of a bit, interpolated between powers of two. */
static int
bits(int64_t sum, int64_t weight)
{
	int64_t x = sum * 64 / weight, whole = 0;

	while (x >> (whole + 1)) whole++;
	return (int)(8 * (whole - 6) + (8 * (x - ((int64_t)1 << whole)) >> whole));
}

/* What is rarer costs more, in the measure of the melody's other costs (leap_cost()): six for each
 * halving; what never comes as much as anything may. */
static void
costs_of(const int *weight, int n, int *cost)
{
	enum { MOST = 60 };
	int sum = sum_of(weight, n), least = MOST;

	for (int i = 0; i < n; i++) {
		cost[i] = weight[i] ? 6 * bits(sum, weight[i]) / 8 : MOST;
		if (cost[i] > MOST) cost[i] = MOST;
		if (cost[i] < least) least = cost[i];
	}
	for (int i = 0; i < n; i++) cost[i] -= least;
}

static void
apply_line(const struct adapter_part *a, int scale, struct style_part *p)
{
	int percent = clamp(scale * 100 / ADAPTER_ONE, 0, 100);

	if (a->intervals) {
		costs_of(a->interval_weight, STYLE_INTERVALS, p->interval_cost);
		p->drawn_intervals = percent;
		p->repeats = 100 * a->interval_weight[STYLE_LEAP]
			/ sum_of(a->interval_weight, STYLE_INTERVALS);
	}
	if (a->tones) {
		costs_of(a->tone_weight, 12, p->tone_cost);
		p->drawn_tones = percent;
	}
}

/* Who is one too many goes toward playing on request only; who is new comes from there. own: the
 * energy from which on the style has it. */
static void
apply_presence(int scale, struct style_part *p, int own)
{
	static const struct adapter_number away = { true, STYLE_ON_REQUEST };

	if (p->surplus) p->from = adapter_move(own, &away, scale, 0, STYLE_ON_REQUEST);
	else if (p->added && p->from == own) {
		struct adapter_number there = { true, p->joins };

		p->from = adapter_move(own, &there, scale, 0, STYLE_ON_REQUEST);
	}
}

static void
apply_part(const struct adapter_part *a, int scale, uint32_t seed, const struct meter *m, int which,
	struct style_part *p)
{
	int from = p->from;

	p->bent = scale;
	apply_instruments(a, scale, p);
	apply_numbers(a, scale, p);
	if (p->fresh && scale < ADAPTER_ONE) {
		int when = p->from;

		/* A new player has nothing of its own to move away from, but for when it joins. */
		p->from = from;
		apply_numbers(a, ADAPTER_ONE, p);
		p->from = when;
	}
	apply_presence(scale, p, from);
	apply_line(a, scale, p);
	apply_places(a->late_at, a->late_places, 60, scale, p->late_at, &p->late_places);
	apply_places(a->loud_at, a->loud_places, 60, scale, p->loud_at, &p->loud_places);
	p->density = a->density * m->beats;
	p->scale = (enum scale)mix_choice((int)p->scale, a->scale_weight, SCALE_COUNT,
		a->scale_keep, scale, rng_for(seed, "adapter scale", (uint32_t)which, 0));
	p->pedal = mix_bool(
		p->pedal, &a->pedal, scale, rng_for(seed, "adapter pedal", (uint32_t)which, 0));
	p->swell = mix_bool(
		p->swell, &a->swell, scale, rng_for(seed, "adapter swell", (uint32_t)which, 0));
	p->pattern_keep = a->pattern.keep;
	p->fill_keep = a->fill.keep;
	append_patterns(&a->pattern, m, &p->pattern, &p->patterns, &p->own_patterns);
	/* Where the style has no fills, there are none until chance has it. */
	if (p->fills
		|| mix_bool(false, &(struct adapter_number){ true, true }, scale,
			rng_for(seed, "adapter fills", (uint32_t)which, 0)))
		append_patterns(&a->fill, m, &p->fill, &p->fills, &p->own_fills);
}

void
adapter_apply(const struct style_adapter *a, int scale, uint32_t seed, struct style *s)
{
	apply_tempo(a, scale, seed, s);
	s->human_ms = adapter_move(s->human_ms, &a->human_ms, scale, 0, 40);
	s->energy = adapter_move(0, &a->energy, scale, -40, 40);
	mix_weights(s->key_weight, a->key_weight, 12, a->key_keep, scale);
	if (mix_weights(s->mode_weight, a->mode_weight, MODE_COUNT, a->mode_keep, scale))
		s->mode_unit = ADAPTER_UNIT;
	s->ending = (enum ending)mix_choice((int)s->ending, a->ending_weight, ENDING_COUNT,
		a->ending_keep, scale,
		rng_for(seed, "adapter ending", 0, 0));
	s->avoid_parallels = mix_bool(s->avoid_parallels, &a->avoid_parallels, scale,
		rng_for(seed, "adapter parallels", 0, 0));
	adapter_apply_players(a, seed, s);
	for (int i = 0; i < s->parts; i++) {
		const struct adapter_part *part = &a->part[s->part[i].role];

		if (part->has) apply_part(part, scale, seed, &s->meter, i, &s->part[i]);
	}
}

/* Percent of a hundred: how near a pattern comes to the density that is liked. */
static int
closeness(const struct style_part *p, const struct pattern *q)
{
	int is = 100 * q->n / q->bars, off = abs(is - p->density);
	int near = 100 * (p->density + 100) / (p->density + 100 + 4 * off);

	return near * near / 100;
}

/* Patterns of another density lose weight, the further off the more. */
static void
prefer_density(const struct style_part *p, const struct pattern *list, int n, int *weights)
{
	int best = 0;

	for (int i = 0; i < n; i++)
		if (weights[i] && closeness(p, &list[i]) > best) best = closeness(p, &list[i]);
	for (int i = 0; i < n && best; i++) {
		int64_t share = (ADAPTER_ONE - p->bent)
			+ (int64_t)p->bent * closeness(p, &list[i]) / best;

		weights[i] = share > 0 ? (int)(weights[i] * share / ADAPTER_ONE) : 0;
	}
}

const struct pattern *
adapter_pick(const struct style_part *p, bool fill, int energy, int section, struct rng *r)
{
	const struct pattern *list = fill ? p->fill : p->pattern;
	int n = fill ? p->fills : p->patterns, own = fill ? p->own_fills : p->own_patterns;
	int weights[STYLE_PATTERNS + ADAPTER_PATTERNS];
	struct adapter_sides m = { .keep = fill ? p->fill_keep : p->pattern_keep,
		.scale = p->bent };

	m.own_sum = pattern_weigh(list, own, energy, section, weights);
	m.their_sum = pattern_weigh(list + own, n - own, energy, section, weights + own);
	for (int i = 0; i < n; i++)
		weights[i] = i < own ? adapter_mix(&m, weights[i], 0)
				     : adapter_mix(&m, 0, weights[i]);
	if (p->density) prefer_density(p, list, n, weights);
	return n ? &list[rng_pick(r, weights, n)] : NULL;
}
