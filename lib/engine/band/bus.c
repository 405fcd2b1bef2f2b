#include "engine/band/bus.h"

#include <math.h>
#include <string.h>

#include "base/wide.h"
#include "engine/band/tempo.h"
#include "engine/rng.h"

enum {
	ATTACK = 144,			/* frames: 3 ms, no click */
	SHORTEST = 80 * TEMPO_RATE / 1000, LONGEST = 450 * TEMPO_RATE / 1000,
	LAST_FRAMES = 480,		/* 10 ms: no click where a tail is cut */
};

/* From 1 to 0 while x goes from 0 to 1, flat at both ends. */
static float
ease(float x)
{
	return 1 - x * x * (3 - 2 * x);
}

static int32_t
release_frames(const struct performance_kick *k)
{
	int32_t n = k->quarter_frames / 4 * 3;

	return n < SHORTEST ? SHORTEST : n > LONGEST ? LONGEST : n;
}

static float
push_of(const struct performance_kick *k, int64_t frame)
{
	float strength = 0.3f + 0.7f * (float)k->velocity / 127;
	int32_t release = release_frames(k);

	if (frame <= k->frame - ATTACK || frame >= k->frame + release) return 0;
	if (frame < k->frame)
		return strength * ease((float)(k->frame - frame) / ATTACK);
	return strength * ease((float)(frame - k->frame) / (float)release);
}

void
duck_curve(struct duck *d, int64_t at, int n, float *push)
{
	const struct performance *p = d->perf;

	while (d->next < p->kicks && p->kick[d->next].frame + LONGEST <= at) d->next++;
	for (int i = 0; i < n; i++) push[i] = 0;
	for (int k = d->next; k < p->kicks && p->kick[k].frame - ATTACK < at + n; k++) {
		const struct performance_kick *kick = &p->kick[k];
		int64_t from = kick->frame - ATTACK - at, to = kick->frame + LONGEST - at;

		for (int64_t i = from < 0 ? 0 : from; i < to && i < n; i++) {
			float v = push_of(kick, at + i);

			if (v > push[i]) push[i] = v;
		}
	}
}

/* Deviations of speed as turntables and cassette decks have them (DIN 45507): 33 1/3 turns a
 * minute, capstan and pinch roller. The depth of the delay is that of the speed over its
 * angular frequency. */
static const struct {
	enum texture texture;
	double hz, speed;		/* at TEXTURE_MOST */
} sways[] = {
	{ TEXTURE_VINYL, 100.0 / 180, 0.0045 },
	{ TEXTURE_TAPE, 0.83, 0.0022 },
	{ TEXTURE_TAPE, 6.7, 0.0009 },
};

struct sway
sway_start(const struct performance *perf)
{
	struct sway s = { .rest = 2 };
	struct rng r = rng_for(perf->seed, "sway", 0, 0);

	for (int i = 0; i < 3; i++) {
		s.phase[i] = (double)rng_below(&r, 1000) / 1000;
		s.step[i] = sways[i].hz / TEMPO_RATE;
		s.depth[i] = sways[i].speed * perf->texture[sways[i].texture] / TEXTURE_MOST
			/ (2 * M_PI * s.step[i]);
		s.rest += s.depth[i];
	}
	return s;
}

/* Between four frames, by a cubic through the middle two (Catmull and Rom, 1974). */
static void
set_tap(struct sway_taps *t, int i, double delay)
{
	int whole = (int)delay;
	float x = 1 - (float)(delay - whole), x2 = x * x, x3 = x2 * x;

	t->ago[i] = whole + 2;
	t->weight[0][i] = 0.5f * (2 * x2 - x - x3);
	t->weight[1][i] = 1 + 0.5f * (3 * x3 - 5 * x2);
	t->weight[2][i] = 0.5f * (x + 4 * x2 - 3 * x3);
	t->weight[3][i] = 0.5f * (x3 - x2);
}

void
sway_curve(struct sway *s, int n, struct sway_taps *taps)
{
	enum { STEP = 32 };		/* frames from one sine to the next, straight lines between */

	for (int i = 0; i < n; i += STEP) {
		int m = n - i < STEP ? n - i : STEP;
		double from = s->rest, to = s->rest;

		for (int k = 0; k < 3; k++) {
			if (s->depth[k] == 0) continue;
			from += s->depth[k] * sin(2 * M_PI * s->phase[k]);
			s->phase[k] += m * s->step[k];
			s->phase[k] -= floor(s->phase[k]);
			to += s->depth[k] * sin(2 * M_PI * s->phase[k]);
		}
		for (int j = 0; j < m; j++) set_tap(taps, i + j, from + (to - from) * j / m);
	}
}

struct bus_way
bus_way(const struct performance *perf)
{
	int vinyl = perf->texture[TEXTURE_VINYL], tape = perf->texture[TEXTURE_TAPE];

	return (struct bus_way){
		.sways = vinyl || tape,
		.drive = tape ? 1.0 + 2.0 * tape / TEXTURE_MOST : 0,
		/* From 17 kHz at 1 % down to 7 kHz: dust in the groove. */
		.dull = vinyl ? (float)(1 - exp(-2 * M_PI * (17000 - 100.0 * vinyl) / TEMPO_RATE)) : 1,
		.frames = perf->frames,
	};
}

/* Frames from … to - 1, all as far behind: z is what the first one begins with. */
static inline void
sway_stretch(const struct sway_taps *t, const float *restrict z, int from, int to,
	float *restrict x)
{
	const float *w0 = t->weight[0], *w1 = t->weight[1], *w2 = t->weight[2], *w3 = t->weight[3];

	for (int i = from; i < to; i++) {
		const float *at = z + (i - from);

		x[i] = at[0] * w0[i] + at[1] * w1[i] + (at[2] * w2[i] + at[3] * w3[i]);
	}
}

/* A delay changes slowly, so that many frames in a row lie in a row in the ring. */
static inline void
sway_run(struct bus *b, const struct sway_taps *t, int n, float *const side[2])
{
	enum { PLACES = BUS_RING + BUS_CHUNK - 3 };	/* of a ring that three more follow */

	for (int c = 0; c < 2; c++) {
		memcpy(b->ring[c] + b->at, side[c], (size_t)n * sizeof *side[c]);
		if (!b->at) memcpy(b->ring[c] + BUS_RING, side[c], (size_t)n * sizeof *side[c]);
	}
	for (int from = 0, to; from < n; from = to) {
		int first = (b->at + from - t->ago[from]) & (BUS_RING - 1);

		for (to = from + 1; to < n && t->ago[to] == t->ago[from]; to++)
			if (first + to - from >= PLACES) break;
		for (int c = 0; c < 2; c++)
			sway_stretch(t, b->ring[c] + first, from, to, side[c]);
	}
	b->at = (b->at + n) & (BUS_RING - 1);
}

/* Soft up to 1, and flat beyond; and its antiderivative. */
static double
bend(double x)
{
	x = x > 1 ? 1 : x < -1 ? -1 : x;
	return 1.5 * x - 0.5 * x * x * x;
}

static double
bend_area(double x)
{
	double far = fabs(x), near = far > 1 ? 1 : far;

	return near * near * (0.75 - 0.125 * near * near) + (far - near);
}

/* The average of the curve between two frames in place of its value at one: what would fold
 * back from above half the rate is mostly gone (Parker, Zavalishin and Le Bivic, "Reducing the
 * aliasing of nonlinear waveshaping using continuous-time convolution", DAFx 2016). */
static void
saturate(struct bus *b, double drive, int n, float *const side[2])
{
	const double out = 1 / (1.5 * drive);

	for (int c = 0; c < 2; c++) {
		double x[BUS_CHUNK + 1] = { b->last[c] }, area[BUS_CHUNK + 1];

		for (int i = 0; i < n; i++) x[i + 1] = drive * side[c][i];
		for (int i = 0; i <= n; i++) area[i] = bend_area(x[i]);
		for (int i = 0; i < n; i++) {
			double d = x[i + 1] - x[i], near = bend((x[i + 1] + x[i]) / 2),
				far = (area[i + 1] - area[i]) / d;

			side[c][i] = (float)(out * (fabs(d) < 1e-5 ? near : far));
		}
		b->last[c] = x[n];
	}
}

/* A peaking filter of R. Bristow-Johnson's "Cookbook formulae for audio EQ biquad filter
 * coefficients": -8 dB at 135 Hz, Q 1.4, at 48 kHz; a0 is 1. The kicks of usual soundfonts ring
 * there, between B2 and D3, 10 dB above what is around. */
static const struct biquad hollow = {
	.b0 = 0.99403941821483044,
	.b1 = -1.9798846968651544,
	.b2 = 0.98615445852348926,
	.a1 = -1.9798846968651544,
	.a2 = 0.98019387673831981,
};

void
bus_hollow(struct bus *b, int n, float *left, float *right)
{
	struct biquad f = hollow;

	f.s1 = b->box[0];
	f.s2 = b->box[1];
	for (int i = 0; i < n; i++) {
		frame_pair y = biquad_step(&f, (frame_pair){ left[i], right[i] });

		left[i] = (float)y[0];
		right[i] = (float)y[1];
	}
	biquad_rest(&f);
	b->box[0] = f.s1;
	b->box[1] = f.s2;
}

/* What comes into a filter of one pole: three frames from before, and a chunk. */
enum { BEFORE = BUS_APART - 1 };

/* y[i] = x[i] + keep · y[i - 1], where x[i] stands at BEFORE + i. Each frame waits for the one
 * before; put into itself three times, it waits for the fourth before, so that four go side by side:
 * y[i] = e[i] + keep⁴ · y[i - 4] with
 * e[i] = x[i] + keep · x[i - 1] + keep² · x[i - 2] + keep³ · x[i - 3]. */
static inline void
let_ring(struct bus_pole *p, double keep, double x[restrict BEFORE + BUS_CHUNK],
	double y[restrict BUS_CHUNK])
{
	const double keep2 = keep * keep, keep4 = keep2 * keep2;
	double *out = p->out;

	for (int k = 0; k < BEFORE; k++) x[k] = p->in[k];
	for (int i = 0; i < BUS_CHUNK; i++)
		y[i] = (x[i + 3] + keep * x[i + 2]) + keep2 * (x[i + 1] + keep * x[i]);
	for (int i = 0; i < BUS_CHUNK; i += BUS_APART)
		for (int k = 0; k < BUS_APART; k++) y[i + k] = out[k] = y[i + k] + keep4 * out[k];
	for (int k = 0; k < BEFORE; k++) p->in[k] = x[BUS_CHUNK + k];
	/* In silence they would sink into denormal numbers, which are slow. */
	for (int k = 0; k < BUS_APART; k++) out[k] = fabs(out[k]) < 1e-20 ? 0 : out[k];
}

/* What dust in the groove takes away from above, and what is below hearing: a first-order high-pass
 * at about 15 Hz. A chunk of fewer frames is the last one. */
static inline void
filter(struct bus *b, int c, float dull, int n, float *x)
{
	double in[BEFORE + BUS_CHUNK], y[BUS_CHUNK], last = b->last_in[c];

	for (int i = n; i < BUS_CHUNK; i++) in[BEFORE + i] = 0;
	if (dull < 1) {
		for (int i = 0; i < n; i++) in[BEFORE + i] = dull * (double)x[i];
		let_ring(&b->soft[c], 1 - (double)dull, in, y);
	} else {
		for (int i = 0; i < n; i++) y[i] = x[i];
		for (int i = n; i < BUS_CHUNK; i++) y[i] = 0;
	}
	in[BEFORE] = y[0] - last;
	for (int i = 1; i < BUS_CHUNK; i++) in[BEFORE + i] = y[i] - y[i - 1];
	b->last_in[c] = y[BUS_CHUNK - 1];
	let_ring(&b->high[c], 0.998, in, y);
	for (int i = 0; i < n; i++) x[i] = (float)y[i];
}

static void
close_end(const struct bus_way *w, int64_t at, int n, float *const side[2])
{
	int64_t last = w->frames < LAST_FRAMES ? w->frames : LAST_FRAMES, from = w->frames - last;

	for (int64_t i = from > at ? from - at : 0; i < n; i++)
		for (int c = 0; c < 2; c++)
			side[c][i] *= (float)(w->frames - 1 - at - i) / (float)last;
}

WIDE void
bus_run(struct bus *b, const struct bus_way *w, const struct sway_taps *taps, int64_t at, int n,
	float *left, float *right)
{
	float *const side[2] = { left, right };

	if (w->sways) sway_run(b, taps, n, side);
	if (w->drive > 0) saturate(b, w->drive, n, side);
	for (int c = 0; c < 2; c++) filter(b, c, w->dull, n, side[c]);
	close_end(w, at, n, side);
}
