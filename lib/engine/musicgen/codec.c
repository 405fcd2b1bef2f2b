#include "engine/musicgen/codec.h"

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum {
	LSTM_MAX = 16,
	TILE = 64,			/* windows that a thread takes at once */
	NAME = 200,
};

/* A convolution as rows over windows: [out][kernel][in]; a transposed one gives `ratio` times at once
 * from a window of two: [ratio][out][2][in]. */
struct convolution {
	struct rows w;
	const float *bias;		/* [out] */
	int in, out, kernel, ratio;	/* ratio 0: not transposed */
};

struct stage {
	struct convolution up, narrow, wide;
};

struct lstm_layer {
	struct rows in, again;		/* [4 n][n]: of the input, of the state before */
	const float *in_bias, *again_bias;
};

struct codec {
	struct codec_config c;
	int codebooks, n_lstm;
	const float *entries[CODEBOOKS_MAX];	/* [codes][width] */
	struct convolution first, last;
	struct lstm_layer lstm[LSTM_MAX];
	struct stage stages[CODEC_RATIOS];
};

/* ---- opening ---- */

/* Length and direction, under either name. */
static int
two_parts(struct weights_source *s, const char *name, const int *shape, const float **length,
	const float **direction, struct err *e)
{
	const int one[] = { shape[0], 1, 1, 0 };
	bool old = weights_find(s, "%s.weight_g", name) != NULL;

	if (weights_floats(s, one, length, e, "%s.%s", name,
		old ? "weight_g" : "parametrizations.weight.original0") != 0)
		return -1;
	return weights_floats(s, shape, direction, e, "%s.%s", name,
		old ? "weight_v" : "parametrizations.weight.original1");
}

/* The factor that gives n values of a direction their length. */
static float
factor(float length, const float *direction, size_t n)
{
	double squares = 0;

	for (size_t i = 0; i < n; i++) squares += (double)direction[i] * direction[i];
	return squares > 0 ? (float)(length / sqrt(squares)) : 0;
}

/* Which convolution, under which name. */
struct folding {
	const struct convolution *c;
	const char *name;
};

static int
fold_convolution(struct weights_source *s, void *ctx, float *w, struct err *e)
{
	const struct folding *g = ctx;
	const struct convolution *c = g->c;
	const int shape[] = { c->out, c->in, c->kernel, 0 };
	const float *length, *direction;
	size_t in = (size_t)c->in, kernel = (size_t)c->kernel, row = in * kernel;

	if (two_parts(s, g->name, shape, &length, &direction, e) != 0) return -1;
	for (size_t o = 0; o < (size_t)c->out; o++) {
		const float *from = direction + o * row;
		float f = factor(length[o], from, row);

		for (size_t i = 0; i < in; i++)
			for (size_t k = 0; k < kernel; k++)
				w[o * row + k * in + i] = f * from[i * kernel + k];
	}
	return 0;
}

/* Of input t the kernel's value j goes to the time ratio · t + j: time ratio · t + j, j < ratio, has j
 * of input t and ratio + j of the one before. */
static int
fold_transposed(struct weights_source *s, void *ctx, float *w, struct err *e)
{
	const struct folding *g = ctx;
	const struct convolution *c = g->c;
	int kernel = 2 * c->ratio;
	const int shape[] = { c->in, c->out, kernel, 0 };
	const float *length, *direction;
	size_t in = (size_t)c->in, out = (size_t)c->out, row = 2 * in, ratio = (size_t)c->ratio;

	if (two_parts(s, g->name, shape, &length, &direction, e) != 0) return -1;
	for (size_t i = 0; i < in; i++) {
		const float *from = direction + i * out * (size_t)kernel;
		float f = factor(length[i], from, out * (size_t)kernel);

		for (size_t o = 0; o < out; o++)
			for (size_t j = 0; j < ratio; j++) {
				float *to = w + (j * out + o) * row + i;

				to[0] = f * from[o * (size_t)kernel + ratio + j];
				to[in] = f * from[o * (size_t)kernel + j];
			}
	}
	return 0;
}

static int
open_lstm(struct codec *c, struct weights_source *s, int n, struct err *e)
{
	const int bias[] = { 4 * n, 0 };
#define AT "audio_encoder.decoder.layers.1.lstm."

	for (int i = 0; i < c->c.lstm_layers; i++) {
		struct lstm_layer *l = &c->lstm[i];

		if (weights_rows(s, 4 * n, n, &l->in, e, AT "weight_ih_l%d", i) != 0 ||
			weights_rows(s, 4 * n, n, &l->again, e, AT "weight_hh_l%d", i) != 0 ||
			weights_floats(s, bias, &l->in_bias, e, AT "bias_ih_l%d", i) != 0 ||
			weights_floats(s, bias, &l->again_bias, e, AT "bias_hh_l%d", i) != 0)
			return -1;
	}
#undef AT
	return 0;
}

static int
named(struct weights_source *s, struct convolution *c, int layer, const char *rest, struct err *e)
{
	const int bias[] = { c->out, 0 };
	char name[NAME];
	struct folding g = { c, name };

	snprintf(name, sizeof name, "audio_encoder.decoder.layers.%d.%sconv", layer, rest);
	if (weights_floats(s, bias, &c->bias, e, "%s.bias", name) != 0) return -1;
	if (c->ratio)
		return weights_made(s, c->ratio * c->out, 2 * c->in, fold_transposed, &g, &c->w, e,
			"%s.folded", name);
	return weights_made(s, c->out, c->in * c->kernel, fold_convolution, &g, &c->w, e,
		"%s.folded", name);
}

static int
open_all(struct codec *c, struct weights_source *s, struct err *e)
{
	const struct codec_config *k = &c->c;
	const int entries[] = { k->codes, k->width, 0 };
	int channels = k->filters << k->n_ratios, layer = 0;

	for (int i = 0; i < c->codebooks; i++)
		if (weights_floats(s, entries, &c->entries[i], e,
			"audio_encoder.quantizer.layers.%d.codebook.embed", i) != 0)
			return -1;
	c->first = (struct convolution){ .in = k->width, .out = channels, .kernel = k->kernel };
	if (named(s, &c->first, layer, "", e) != 0 || open_lstm(c, s, channels, e) != 0) return -1;
	layer = 3;			/* an ELU is a layer, too */
	for (int i = 0; i < k->n_ratios; i++, layer += 3) {
		struct stage *g = &c->stages[i];
		int half = channels / 2, narrow = half / k->compress;

		g->up = (struct convolution){ .in = channels, .out = half, .ratio = k->ratios[i] };
		g->narrow = (struct convolution){ .in = half, .out = narrow,
			.kernel = k->residual_kernel };
		g->wide = (struct convolution){ .in = narrow, .out = half, .kernel = 1 };
		if (named(s, &g->up, layer, "", e) != 0 ||
			named(s, &g->narrow, layer + 1, "block.1.", e) != 0 ||
			named(s, &g->wide, layer + 1, "block.3.", e) != 0)
			return -1;
		channels = half;
	}
	c->last = (struct convolution){ .in = channels, .out = 1, .kernel = k->last_kernel };
	return named(s, &c->last, layer, "", e);
}

struct codec *
codec_open(const struct codec_config *c, int codebooks, struct weights_source *s, struct err *e)
{
	struct codec *k = calloc(1, sizeof *k);

	if (!k) abort();
	k->c = *c;
	k->codebooks = codebooks;
	if (open_all(k, s, e) == 0) return k;
	codec_close(k);
	return NULL;
}

void
codec_close(struct codec *c)
{
	free(c);
}

/* ---- decoding ---- */

/* [n][channels], owned. */
struct signal {
	float *p;
	int n, channels;
};

static struct signal
signal_of(int n, int channels)
{
	struct signal s = { malloc((size_t)n * (size_t)channels * sizeof(float) + 1), n, channels };

	if (!s.p) abort();
	return s;
}

/* Windows of a signal times a convolution's rows, shared in tiles. */
struct tiles {
	const struct kernels *kernels;
	const struct convolution *c;
	const float *x;
	size_t x_stride;
	int n;
	float *y;			/* [n][w.n] */
	atomic_int next;
};

static void
take_tiles(void *ctx, int part, int parts)
{
	struct tiles *t = ctx;
	size_t rows = (size_t)t->c->w.n;

	(void)part, (void)parts;
	for (;;) {
		int from = atomic_fetch_add(&t->next, TILE), n = t->n - from;
		float *y = t->y + (size_t)from * rows;
		struct vectors v = { .x = t->x + (size_t)from * t->x_stride,
			.stride = t->x_stride };

		if (n <= 0) return;
		v.n = n = n < TILE ? n : TILE;

		t->kernels->times(&t->c->w, 0, t->c->w.n, &v, y, rows);
		for (size_t i = 0; i < (size_t)n * rows; i++) y[i] += t->c->bias[i % (size_t)t->c->out];
	}
}

static void
apply(const struct hands *h, const struct convolution *c, const float *x, int n, float *y)
{
	struct tiles t = { .kernels = h->kernels, .c = c, .x = x, .x_stride = (size_t)c->in, .n = n,
		.y = y };

	crew_run(h->crew, take_tiles, &t);
}

static void
copy_time(struct signal *to, int t, const struct signal *from, int u)
{
	memcpy(to->p + (size_t)t * (size_t)to->channels, from->p + (size_t)u * (size_t)from->channels,
		(size_t)from->channels * sizeof *to->p);
}

/* With `left` and `right` times more, mirrored at the ends without repeating them. What is too short for
 * that is first made longer by zeros, which are cut off again. */
static struct signal
mirrored(const struct signal *x, int left, int right)
{
	int need = (left > right ? left : right) + 1, whole = x->n > need ? x->n : need;
	struct signal y = signal_of(x->n + left + right, x->channels);

	for (int t = 0; t < y.n; t++) {
		int u = t - left;

		if (u < 0) u = -u;
		if (u >= whole) u = 2 * (whole - 1) - u;
		if (u < x->n) copy_time(&y, t, x, u);
		else memset(y.p + (size_t)t * (size_t)y.channels, 0, (size_t)y.channels * sizeof *y.p);
	}
	return y;
}

/* x, which is freed, through a convolution. */
static struct signal
convolved(const struct hands *h, const struct convolution *c, struct signal x)
{
	int both = c->kernel - 1, right = both / 2;
	struct signal padded = mirrored(&x, both - right, right), y = signal_of(x.n, c->out);

	apply(h, c, padded.p, x.n, y.p);
	free(padded.p);
	free(x.p);
	return y;
}

/* x, which is freed, through a transposed convolution: `ratio` times as long. Of the n + 1 windows of
 * two, silence before and behind, `ratio` values are cut off, half at each end. */
static struct signal
lengthened(const struct hands *h, const struct convolution *c, struct signal x)
{
	struct signal padded = signal_of(x.n + 2, x.channels), y;
	struct signal whole = signal_of((x.n + 1) * c->ratio, c->out);
	size_t one = (size_t)x.channels;

	memset(padded.p, 0, one * sizeof *padded.p);
	memcpy(padded.p + one, x.p, (size_t)x.n * one * sizeof *padded.p);
	memset(padded.p + (size_t)(x.n + 1) * one, 0, one * sizeof *padded.p);
	apply(h, c, padded.p, x.n + 1, whole.p);
	y = signal_of(x.n * c->ratio, c->out);
	memcpy(y.p, whole.p + (size_t)(c->ratio - c->ratio / 2) * (size_t)c->out,
		(size_t)y.n * (size_t)y.channels * sizeof *y.p);
	free(whole.p);
	free(padded.p);
	free(x.p);
	return y;
}

static struct signal
copied(const struct signal *x)
{
	struct signal y = signal_of(x->n, x->channels);

	memcpy(y.p, x->p, (size_t)x->n * (size_t)x->channels * sizeof *y.p);
	return y;
}

static void
add(struct signal *x, struct signal *more)
{
	for (size_t i = 0; i < (size_t)x->n * (size_t)x->channels; i++) x->p[i] += more->p[i];
	free(more->p);
}

static void
bend(const struct hands *h, struct signal *x)
{
	h->kernels->elu(x->p, (size_t)x->n * (size_t)x->channels);
}

/* One layer over all times, in place. */
static void
run_lstm(const struct hands *h, const struct lstm_layer *l, struct signal *x)
{
	int n = x->channels;
	size_t wide = (size_t)n, gates = 4 * wide;
	struct signal in = signal_of(x->n, 4 * n);
	float *state = calloc(6 * wide, sizeof *state), *cell = state + wide, *again = cell + wide;

	if (!state) abort();
	rows_apply(h, &l->in, x->p, wide, x->n, in.p, gates);
	for (int t = 0; t < x->n; t++) {
		float *g = in.p + (size_t)t * gates;

		rows_apply(h, &l->again, state, 0, 1, again, 0);
		for (size_t i = 0; i < gates; i++) g[i] += l->in_bias[i] + again[i] + l->again_bias[i];
		h->kernels->lstm(g, wide, wide, cell, state);
		memcpy(x->p + (size_t)t * wide, state, wide * sizeof *state);
	}
	free(state);
	free(in.p);
}

static struct signal
entries(const struct codec *c, const int32_t *codes, int n)
{
	struct signal x = signal_of(n, c->c.width);

	memset(x.p, 0, (size_t)n * (size_t)x.channels * sizeof *x.p);
	for (int k = 0; k < c->codebooks; k++)
		for (int t = 0; t < n; t++) {
			const float *row = c->entries[k] + (size_t)codes[(size_t)k * (size_t)n + (size_t)t] *
				(size_t)x.channels;
			float *to = x.p + (size_t)t * (size_t)x.channels;

			for (int i = 0; i < x.channels; i++) to[i] += row[i];
		}
	return x;
}

void
codec_decode(const struct codec *c, const struct hands *h, const int32_t *codes, int n,
	float *samples)
{
	struct signal x = convolved(h, &c->first, entries(c, codes, n)), more = copied(&x);

	for (int i = 0; i < c->c.lstm_layers; i++) run_lstm(h, &c->lstm[i], &more);
	add(&x, &more);
	for (int i = 0; i < c->c.n_ratios; i++) {
		const struct stage *s = &c->stages[i];

		bend(h, &x);
		x = lengthened(h, &s->up, x);
		more = copied(&x);
		bend(h, &more);
		more = convolved(h, &s->narrow, more);
		bend(h, &more);
		more = convolved(h, &s->wide, more);
		add(&x, &more);
	}
	bend(h, &x);
	x = convolved(h, &c->last, x);
	memcpy(samples, x.p, (size_t)x.n * sizeof *samples);
	free(x.p);
}
