/* The form, fitted to the duration: how many bars at which tempo, and which sections they make. */
#include "engine/band/plan.h"

#include <math.h>
#include <stdlib.h>

enum {
	BEND_ASKED = 14,
	BEND_FREE = 29,  /* permille by which a beat may get longer or shorter */
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

/* How much longer a beat of that passage lasts than others, in percent. */
static int
slow_percent(const struct plan *p, enum passage passage)
{
	int tempo = p->wish.passage[passage].tempo;

	return tempo < 0 ? 125 : tempo > 0 ? 87 : 100;
}

/* How long so many bars last, in hundredths of bars of the usual tempo, and how slow the last is. */
struct weight {
	int64_t bars_percent;
	int last_percent;
};

static struct weight
weigh(struct plan *p, const struct form_outline *o, int bars)
{
	struct weight w = { 100 * (int64_t)bars, 100 };
	bool even = true;

	for (int i = 0; i < PASSAGE_COUNT; i++) even &= !p->wish.passage[i].tempo;
	if (even || !bars) return w;
	plan_layout(p, o, bars);
	w.bars_percent = 0;
	for (int i = 0; i < p->sections; i++) {
		w.last_percent = slow_percent(p, p->section[i].passage);
		w.bars_percent += (int64_t)p->section[i].bars * w.last_percent;
	}
	return w;
}

static int64_t
bars_us(const struct plan *p, int bars, struct weight w, int32_t us)
{
	int64_t sum = w.bars_percent * p->meter.bar * us / QUARTER / 100;

	if (slows_down(p, bars))
		for (int b = 0; b < p->meter.beats; b++)
			sum += (int64_t)p->meter.beat[b] * us / QUARTER
				* (ritard_percent(&p->meter, b) - 100) * w.last_percent / 10000;
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
best_fit(struct plan *p, const struct form_outline *o, int64_t total_us, int32_t us, int least_ms,
	int best_ms)
{
	int bend = p->wish.bpm ? BEND_ASKED : BEND_FREE, dear = p->wish.bpm ? 3 : 1;
	int usual = (int)(total_us / ((int64_t)p->meter.bar * us / QUARTER)) + 1;
	int most = weigh(p, o, usual).bars_percent < 100 * (int64_t)usual ? usual * 115 / 100 : usual;
	int low = weigh(p, o, most).bars_percent > 100 * (int64_t)most ? usual * 3 / 4 : most;
	struct fit best = { .us = us, .cost = INT64_MAX };

	for (int bars = low > 12 ? low - 12 : 0; bars <= most; bars++) {
		struct weight w = weigh(p, o, bars);

		for (int q = -bend; q <= bend; q++) {
			int32_t bent = us + (int32_t)((int64_t)us * q / 1000);
			int64_t left_ms = (total_us - bars_us(p, bars, w, bent)) / 1000,
				off = llabs(left_ms - best_ms);
			int64_t cost = abs(q) * dear + off / 12 + bars_cost(bars);

			if (left_ms < least_ms || cost >= best.cost) continue;
			best = (struct fit){ bars, bent, cost };
		}
	}
	return best;
}

/* As many bars as are begun before the sound is gone. */
static struct fit
fade_fit(struct plan *p, const struct form_outline *o, int64_t total_us, int32_t us)
{
	int64_t bar_us = (int64_t)p->meter.bar * us / QUARTER;
	int bars = (int)(total_us / bar_us) + 1;

	while (bars > 1 && bars_us(p, bars - 1, weigh(p, o, bars - 1), us) > total_us) bars--;
	while (bars_us(p, bars, weigh(p, o, bars), us) <= total_us) bars++;
	return (struct fit){ .bars = bars, .us = us };
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
	int32_t tick = (f->bars - 1) * p->meter.bar, us = f->us, now = f->us;

	if (!p->sections) tempo_add(&p->tempo, 0, us);
	for (int i = 0; i < p->sections; i++) {
		now = (int32_t)((int64_t)f->us * slow_percent(p, p->section[i].passage) / 100);
		if (i == 0 || now != us) tempo_add(&p->tempo, p->section[i].tick, now);
		us = now;
	}
	if (!slows_down(p, f->bars)) return;
	for (int b = 0; b < p->meter.beats; tick += p->meter.beat[b++])
		tempo_add(&p->tempo, tick,
			(int32_t)((int64_t)now * ritard_percent(&p->meter, b) / 100));
	tempo_add(&p->tempo, tick, now);
}

void
plan_form(struct plan *p, double duration_s)
{
	int64_t frames = llround(duration_s * TEMPO_RATE), total_us = frames * 1000000 / TEMPO_RATE;
	int32_t us = 60000000 / p->bpm;
	int least, best;
	struct form_outline o;
	struct fit f;

	/* A slow end slows down, if nothing else was said of it. */
	if (p->wish.passage[PASSAGE_ENDING].tempo < 0 && p->wish.ending < 0) p->ending = ENDING_RITARD;
	least = ring[p->ending].least_ms;
	best = ring[p->ending].best_ms;
	/* One taps the dotted quarter in compound meters. */
	if (p->meter.kind == METER_COMPOUND) us = us * 2 / 3;
	if (total_us < 4 * 1000 * (int64_t)best) best = (int)(total_us / 4000);
	if (least > best) least = best;
	plan_outline(p, &o);
	if (p->ending == ENDING_FADE) f = fade_fit(p, &o, total_us, us);
	else {
		f = best_fit(p, &o, total_us, us, least, best);
		if (f.bars < 3 || total_us < 3 * bars_us(p, 1, (struct weight){ 100, 100 }, us))
			cut_short(p, &f, total_us, best);
	}
	plan_layout(p, &o, f.bars);
	plan_arrange(p);
	set_tempo(p, &f);
	p->final_tick = f.bars * p->meter.bar;
	p->end_tick = tempo_tick(&p->tempo, tempo_frame(&p->tempo, p->start_tick) + frames);
}
