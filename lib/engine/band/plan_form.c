/* The form, fitted to the duration: how many bars at which tempo, and which sections they make. */
#include "engine/band/plan.h"

#include <math.h>
#include <stdlib.h>

enum {
	BEND_ASKED = 14,
	BEND_FREE = 29,  /* permille by which a beat may get longer or shorter */
	SMALL_BARS = 12, /* shorter pieces are one section */
};

/* How long the final chord may ring, and how long it does best. */
static const struct {
	int least_ms, best_ms;
} ring[ENDING_COUNT] = {
	[ENDING_RING] = { 1500, 2700 },
	[ENDING_RITARD] = { 1900, 3300 },
	[ENDING_STOP] = { 800, 1500 },
	[ENDING_FADE] = { 0, 0 },
};

struct fit {
	int bars;
	int32_t us;			/* of a quarter note */
	int64_t cost;
};

/* The last bar slows down by up to a quarter of its tempo, beat by beat. */
static int
ritard_percent(const struct meter *m, int beat)
{
	return 100 + 24 * (beat + 1) / m->beats;
}

static bool
slows_down(const struct plan *p, int bars)
{
	return p->ending == ENDING_RITARD && bars >= 4;
}

static int64_t
bars_us(const struct plan *p, int bars, int32_t us)
{
	int64_t sum = (int64_t)bars * p->meter.bar * us / QUARTER;

	if (slows_down(p, bars))
		for (int b = 0; b < p->meter.beats; b++)
			sum += (int64_t)p->meter.beat[b] * us / QUARTER
				* (ritard_percent(&p->meter, b) - 100) / 100;
	return sum;
}

/* Phrases are of four bars; whoever listens counts. */
static int
bars_cost(int bars)
{
	if (bars < 4) return 0;
	if (bars % 8 == 0) return 0;
	return bars % 4 == 0 ? 8 : bars % 2 == 0 ? 40 : 70;
}

static struct fit
best_fit(const struct plan *p, int64_t total_us, int32_t us, int least_ms, int best_ms)
{
	int bend = p->wish.bpm ? BEND_ASKED : BEND_FREE, dear = p->wish.bpm ? 3 : 1;
	int most = (int)(total_us / ((int64_t)p->meter.bar * us / QUARTER)) + 1;
	struct fit best = { .us = us, .cost = INT64_MAX };

	for (int bars = most > 12 ? most - 12 : 0; bars <= most; bars++)
		for (int q = -bend; q <= bend; q++) {
			int32_t bent = us + (int32_t)((int64_t)us * q / 1000);
			int64_t left_ms = (total_us - bars_us(p, bars, bent)) / 1000,
				off = llabs(left_ms - best_ms);
			int64_t cost = abs(q) * dear + off / 12 + bars_cost(bars);

			if (left_ms < least_ms || cost >= best.cost) continue;
			best = (struct fit){ bars, bent, cost };
		}
	return best;
}

static void
add_section(struct plan *p, int which, int bars)
{
	const struct style_section *from = &p->style.section[which];
	struct section *s = &p->section[p->sections];
	int energy = from->energy + p->style.energy + wish_moods(&p->wish).energy;

	if (bars <= 0 || p->sections == PLAN_SECTIONS) return;
	*s = (struct section){ .from = from,
		.tick = p->bars * p->meter.bar,
		.bars = bars,
		.solo = from->solo };
	s->energy = energy < 8 ? 8 : energy > 100 ? 100 : energy;
	for (int i = 0; i < p->sections; i++)
		if (p->section[i].from->theme == from->theme
			&& p->section[i].solo == s->solo)
			s->times++;
	p->bars += bars;
	p->sections++;
}

/* The form without what stands before and after it when that has no tune. */
struct body {
	const uint8_t *form;
	int n;
	int intro, outro;		/* -1: none */
};

static struct body
body_of(const struct style *s)
{
	struct body b = { .form = s->form, .n = s->form_length, .intro = -1, .outro = -1 };

	if (b.n > 1 && !s->section[b.form[0]].theme) {
		b.intro = b.form[0];
		b.form++;
		b.n--;
	}
	if (b.n > 1 && !s->section[b.form[b.n - 1]].theme) b.outro = b.form[--b.n];
	return b;
}

/* A few sections of equal rank: A, A B, A B A. */
static void
short_form(struct plan *p, const struct body *b, int bars)
{
	int unit = p->style.section[b->form[0]].bars, other = 0, count = (bars + unit / 2) / unit;

	while (other < b->n - 1 && b->form[other] == b->form[0]) other++;
	if (count < 1) count = 1;
	for (int i = 0; i < count; i++)
		add_section(p, b->form[i % 2 ? other : 0],
			i < count - 1 ? unit : bars - unit * (count - 1));
}

/* As the style writes it, round and round, until the bars are used up; the last comes last. */
static void
long_form(struct plan *p, const struct body *b, int bars, int intro_bars)
{
	const struct style_section *list = p->style.section;
	int order[PLAN_SECTIONS], n = 0, last = b->form[b->n - 1], left = bars - list[last].bars;

	for (int i = 0; n < PLAN_SECTIONS - 4; i++) {
		int s = b->form[i % b->n];

		if (list[s].bars > left) break;
		order[n++] = s;
		left -= list[s].bars;
	}
	for (int i = 0; i < p->style.sections && n < PLAN_SECTIONS - 4; i++)
		if (list[i].bars <= left && list[i].theme) {
			order[n++] = i;
			left -= list[i].bars;
		}
	/* What still is left lengthens the intro, or the end. */
	if (b->intro >= 0 && intro_bars > 0 && left <= 4) {
		intro_bars += left;
		left = 0;
	}
	if (b->intro >= 0) add_section(p, b->intro, intro_bars);
	for (int i = 0; i < n; i++) add_section(p, order[i], list[order[i]].bars);
	add_section(p, last, list[last].bars + left);
}

static void
make_sections(struct plan *p, int bars)
{
	struct body b = body_of(&p->style);
	const struct style_section *list = p->style.section;
	int unit = list[b.form[0]].bars;
	int intro = b.intro >= 0 && bars >= 5 * unit / 2 ? list[b.intro].bars : 0;
	int outro = b.outro >= 0 && bars >= 9 * unit / 2 ? list[b.outro].bars : 0;

	/* In a short piece the intro takes what is left over. */
	if (b.intro >= 0 && bars >= SMALL_BARS && bars < 5 * unit && bars % unit
		&& bars % unit <= 4)
		intro = bars % unit;
	if (bars < SMALL_BARS) add_section(p, b.form[0], bars);
	else if (bars - intro - outro < 4 * unit) {
		if (intro) add_section(p, b.intro, intro);
		short_form(p, &b, bars - intro - outro);
	} else long_form(p, &b, bars - intro - outro, intro);
	if (outro) add_section(p, b.outro, outro);
	if (p->sections) p->section[p->sections - 1].last = true;
}

/* There is no time for whole bars: begin with the beats that there is time for. */
static void
cut_short(struct plan *p, struct fit *f, int64_t total_us, int best_ms)
{
	int64_t beat_us = (int64_t)p->meter.beat[0] * f->us / QUARTER;
	int64_t beats = (total_us - best_ms * 1000) / beat_us;

	if (beats < 0) beats = 0;
	f->bars = (int)((beats + p->meter.beats - 1) / p->meter.beats);
	p->start_tick = f->bars * p->meter.bar;
	for (int64_t b = 0; b < beats; b++)
		p->start_tick -= p->meter.beat[p->meter.beats - 1 - b % p->meter.beats];
}

static void
set_tempo(struct plan *p, const struct fit *f)
{
	int32_t tick = (f->bars - 1) * p->meter.bar;

	tempo_add(&p->tempo, 0, f->us);
	if (slows_down(p, f->bars))
		for (int b = 0; b < p->meter.beats; tick += p->meter.beat[b++])
			tempo_add(&p->tempo, tick, f->us * ritard_percent(&p->meter, b) / 100);
	if (slows_down(p, f->bars)) tempo_add(&p->tempo, tick, f->us);
}

void
plan_form(struct plan *p, double duration_s)
{
	int64_t frames = llround(duration_s * TEMPO_RATE), total_us = frames * 1000000 / TEMPO_RATE;
	int32_t us = 60000000 / p->bpm;
	int least = ring[p->ending].least_ms, best = ring[p->ending].best_ms;
	struct fit f;

	/* One taps the dotted quarter in compound meters. */
	if (p->meter.kind == METER_COMPOUND) us = us * 2 / 3;
	if (total_us < 4 * 1000 * (int64_t)best) best = (int)(total_us / 4000);
	if (least > best) least = best;
	f = best_fit(p, total_us, us, least, best);
	if (p->ending == ENDING_FADE) f.us = us, f.bars = (int)(total_us / bars_us(p, 1, us)) + 1;
	else if (f.bars < 3 || total_us < 3 * bars_us(p, 1, us)) cut_short(p, &f, total_us, best);
	make_sections(p, f.bars);
	set_tempo(p, &f);
	p->final_tick = f.bars * p->meter.bar;
	p->end_tick = tempo_tick(&p->tempo, tempo_frame(&p->tempo, p->start_tick) + frames);
}
