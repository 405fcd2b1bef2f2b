#include "engine/musicgen/codec_parts.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"

enum { NAME = 200 };

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

/* Of input t the kernel's value j goes to the time ratio · t + j: time ratio · t + j, j < ratio,
 * has j of input t and ratio + j of the one before. */
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
