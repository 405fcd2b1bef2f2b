#include "audio/resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/pcm.h"

enum { HALF = 40, TAPS = 2 * HALF };	/* frames of the old rate that a new one is made of */

static const double bandwidth = 0.96;	/* of half the old rate: the middle of the slope */
static const double beta = 9;		/* of the Kaiser window: how far down it is beyond */

struct resampler {
	int up, down;			/* new rate / old rate, in lowest terms */
	int channels;
	float *phases;			/* [up][TAPS] */
	float *in;			/* frames that are still needed, interleaved */
	int64_t n_in, room_in;
	int64_t first;			/* which frame in[0] is; before 0 there is silence */
	int64_t got, given;		/* frames of the old rate, of the new one */
	float *out;
	int64_t room_out;
};

/* The modified Bessel function of order 0. */
static double
bessel(double x)
{
	double sum = 1, term = 1;

	for (int k = 1; term > 1e-12 * sum; k++) sum += term *= x * x / (4.0 * k * k);
	return sum;
}

/* The interpolating function at t frames from its middle, |t| ≤ HALF. */
static double
tap(double t)
{
	double w = t / HALF, x = M_PI * bandwidth * t;

	if (w * w >= 1) return 0;
	return bessel(beta * sqrt(1 - w * w)) * (fabs(x) < 1e-9 ? 1 : sin(x) / x);
}

/* Each phase's taps sum up to 1, so that a constant stays one. */
static void
make_phases(struct resampler *r)
{
	for (int p = 0; p < r->up; p++) {
		double at[TAPS], sum = 0;

		for (int i = 0; i < TAPS; i++)
			sum += at[i] = tap(i - (HALF - 1) - (double)p / r->up);
		for (int i = 0; i < TAPS; i++) r->phases[p * TAPS + i] = (float)(at[i] / sum);
	}
}

static float *
grown(float *p, int64_t n, int channels)
{
	p = realloc(p, (size_t)n * (size_t)channels * sizeof *p);
	if (!p) abort();
	return p;
}

struct resampler *
resampler_new(int from, int to, int channels)
{
	struct resampler *r = calloc(1, sizeof *r);
	int a = from, b = to;

	if (!r) abort();
	while (b) {
		int rest = a % b;

		a = b;
		b = rest;
	}
	r->up = to / a;
	r->down = from / a;
	r->channels = channels;
	r->phases = malloc((size_t)r->up * TAPS * sizeof *r->phases);
	if (!r->phases) abort();
	make_phases(r);
	/* Silence in front, as many frames as the first one looks back. */
	r->first = -(HALF - 1);
	r->n_in = r->room_in = HALF - 1;
	r->in = grown(NULL, r->room_in, channels);
	memset(r->in, 0, (size_t)r->n_in * (size_t)channels * sizeof *r->in);
	return r;
}

void
resampler_free(struct resampler *r)
{
	if (!r) return;
	free(r->phases);
	free(r->in);
	free(r->out);
	free(r);
}

/* NULL: silence. */
static void
take(struct resampler *r, const float *samples, int64_t frames)
{
	size_t n = (size_t)frames * (size_t)r->channels;
	float *to;

	if (r->n_in + frames > r->room_in)
		r->in = grown(r->in, r->room_in = r->n_in + frames, r->channels);
	to = r->in + r->n_in * r->channels;
	if (samples) memcpy(to, samples, n * sizeof *to);
	else memset(to, 0, n * sizeof *to);
	r->n_in += frames;
}

/* What no later frame looks back at. */
static void
forget(struct resampler *r)
{
	int64_t needed = r->given * r->down / r->up - (HALF - 1), gone = needed - r->first;

	if (gone > r->n_in) gone = r->n_in;
	r->n_in -= gone;
	r->first += gone;
	memmove(r->in, r->in + gone * r->channels,
		(size_t)(r->n_in * r->channels) * sizeof *r->in);
}

const float *
resampler_add(struct resampler *r, const float *samples, int64_t frames, int64_t *n)
{
	int64_t most = INT64_MAX, at;

	if (samples) {
		take(r, samples, frames);
		r->got += frames;
	} else {
		take(r, NULL, HALF);
		most = (r->got * r->up + r->down - 1) / r->down;
	}
	for (*n = 0; r->given < most; r->given++, ++*n) {
		const float *taps = r->phases + r->given * r->down % r->up * TAPS, *in;

		at = r->given * r->down / r->up - (HALF - 1) - r->first;
		if (at + TAPS > r->n_in) break;
		if (*n == r->room_out)
			r->out = grown(r->out, r->room_out = r->room_out * 2 + 1024, r->channels);
		in = r->in + at * r->channels;
		for (int c = 0; c < r->channels; c++) {
			float sum = 0;

			for (int i = 0; i < TAPS; i++) sum += taps[i] * in[i * r->channels + c];
			r->out[*n * r->channels + c] = sum;
		}
	}
	forget(r);
	return r->out;
}
