#include "engine/musicgen/decoder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/musicgen/half.h"
#include "engine/musicgen/nonlinear.h"

#define EPSILON 1e-5f

enum norm { SELF_NORM, TEXT_NORM, FINAL_NORM, NORMS };

struct layer {
	struct linear linear[DECODER_LINEARS];
	const float *norm[NORMS], *norm_bias[NORMS];
};

struct decoder {
	struct decoder_config c;
	struct layer *layers;
	const float *embeddings[CODEBOOKS_MAX];	/* [vocabulary + 1][width] */
	struct rows heads[CODEBOOKS_MAX];	/* [vocabulary][width] */
	const float *norm, *norm_bias;
	const float *positions;			/* [steps][width], where the checkpoint has them */
	int n_positions;
};

static const char *const linear_names[DECODER_LINEARS] = {
	[SELF_Q] = "self_attn.q_proj", [SELF_K] = "self_attn.k_proj", [SELF_V] = "self_attn.v_proj",
	[SELF_OUT] = "self_attn.out_proj", [TEXT_Q] = "encoder_attn.q_proj",
	[TEXT_K] = "encoder_attn.k_proj", [TEXT_V] = "encoder_attn.v_proj",
	[TEXT_OUT] = "encoder_attn.out_proj", [FC1] = "fc1", [FC2] = "fc2",
};

static const char *const norm_names[NORMS] = {
	[SELF_NORM] = "self_attn_layer_norm", [TEXT_NORM] = "encoder_attn_layer_norm",
	[FINAL_NORM] = "final_layer_norm",
};

const char *
decoder_linear_name(enum decoder_linear which)
{
	return linear_names[which];
}

int
decoder_layers(const struct decoder *d)
{
	return d->c.layers;
}

struct linear *
decoder_linear(struct decoder *d, int layer, enum decoder_linear which)
{
	return &d->layers[layer].linear[which];
}

static int
open_layer(struct decoder *d, struct weights_source *s, int i, struct err *e)
{
	const int width[] = { d->c.width, 0 };
	struct layer *l = &d->layers[i];
#define AT "decoder.model.decoder.layers.%d.%s."

	for (int k = 0; k < DECODER_LINEARS; k++)
		if (weights_rows(s, k == FC1 ? d->c.feed_forward : d->c.width,
			k == FC2 ? d->c.feed_forward : d->c.width, &l->linear[k].w, e,
			AT "weight", i, linear_names[k]) != 0)
			return -1;
	for (int k = 0; k < NORMS; k++)
		if (weights_floats(s, width, &l->norm[k], e, AT "weight", i, norm_names[k]) != 0 ||
			weights_floats(s, width, &l->norm_bias[k], e, AT "bias", i, norm_names[k]) != 0)
			return -1;
#undef AT
	return 0;
}

/* Most checkpoints compute the sinusoids, some bring them. */
static int
open_positions(struct decoder *d, struct weights_source *s, struct err *e)
{
#define NAME "decoder.model.decoder.embed_positions.weights"
	const struct tensor *t = weights_find(s, NAME);
	int shape[] = { 0, d->c.width, 0 };

	if (!t) return 0;
	if (t->rank == 2 && t->shape[0] > 0 && t->shape[0] <= 1 << 20) shape[0] = (int)t->shape[0];
	else return err_set(e, ERR_INVALID, NAME ": its shape is not steps × hidden_size");
	d->n_positions = shape[0];
	return weights_floats(s, shape, &d->positions, e, NAME);
#undef NAME
}

struct decoder *
decoder_open(const struct decoder_config *c, struct weights_source *s, struct err *e)
{
	const int embeddings[] = { c->vocabulary + 1, c->width, 0 }, width[] = { c->width, 0 };
	struct decoder *d = calloc(1, sizeof *d);

	if (!d || !(d->layers = calloc((size_t)c->layers, sizeof *d->layers))) abort();
	d->c = *c;
	for (int k = 0; k < c->codebooks; k++)
		if (weights_floats(s, embeddings, &d->embeddings[k], e,
			"decoder.model.decoder.embed_tokens.%d.weight", k) != 0 ||
			weights_rows(s, c->vocabulary, c->width, &d->heads[k], e,
				"decoder.lm_heads.%d.weight", k) != 0)
			goto fail;
	for (int i = 0; i < c->layers; i++)
		if (open_layer(d, s, i, e) != 0) goto fail;
	if (weights_floats(s, width, &d->norm, e, "decoder.model.decoder.layer_norm.weight") != 0 ||
		weights_floats(s, width, &d->norm_bias, e,
			"decoder.model.decoder.layer_norm.bias") != 0 ||
		open_positions(d, s, e) != 0)
		goto fail;
	return d;
fail:
	decoder_close(d);
	return NULL;
}

void
decoder_close(struct decoder *d)
{
	if (!d) return;
	free(d->layers);
	free(d);
}

/* ---- a run ---- */

/* Keys and values of a text in each layer, [layers][2][heads][n][head], shared by its streams. */
struct text {
	float *kv;
	int n;
};

struct decoder_run {
	const struct decoder *d;
	const struct hands *hands;
	int streams, steps, step;
	enum weights kind;
	void *cache;			/* [layers][2][streams][heads][steps][head], of kind */
	struct text *texts;		/* [streams]; n_texts of them are used */
	int n_texts;
	int *text;			/* [streams]: which one, -1 for none */
	float *x, *y, *more;		/* [streams][width] */
	float *q, *k, *v, *mixed;
	float *inner;			/* [streams][feed_forward] */
	float *scores;			/* [parts][the longest of steps and texts] */
	size_t n_scores;
	int layer;			/* where attend() is */
	bool over_text;
};

static void *
room(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p) abort();
	return p;
}

static int
head_width(const struct decoder_run *r)
{
	return r->d->c.width / r->d->c.heads;
}

struct decoder_run *
decoder_begin(const struct decoder *d, const struct hands *h, int streams, int steps,
	enum weights cache)
{
	struct decoder_run *r = room(1, sizeof *r);
	size_t many = (size_t)streams * (size_t)d->c.width;

	*r = (struct decoder_run){ .d = d, .hands = h, .streams = streams, .steps = steps,
		.kind = cache };
	r->cache = room((size_t)d->c.layers * 2 * many * (size_t)steps,
		cache == WEIGHTS_F32 ? sizeof(float) : sizeof(uint16_t));
	r->texts = room((size_t)streams, sizeof *r->texts);
	r->text = room((size_t)streams, sizeof *r->text);
	for (int i = 0; i < streams; i++) r->text[i] = -1;
	r->x = room(7 * many, sizeof(float));
	r->y = r->x + many;
	r->more = r->y + many;
	r->q = r->more + many;
	r->k = r->q + many;
	r->v = r->k + many;
	r->mixed = r->v + many;
	r->inner = room((size_t)streams * (size_t)d->c.feed_forward, sizeof(float));
	r->n_scores = (size_t)steps;
	r->scores = room((size_t)crew_size(h->crew) * r->n_scores, sizeof(float));
	return r;
}

void
decoder_end(struct decoder_run *r)
{
	if (!r) return;
	for (int i = 0; i < r->n_texts; i++) free(r->texts[i].kv);
	free(r->texts);
	free(r->text);
	free(r->cache);
	free(r->x);
	free(r->inner);
	free(r->scores);
	free(r);
}

/* [n][heads][head] → [heads][n][head] */
static void
by_head(const float *in, int n, int heads, int head, float *out)
{
	for (int i = 0; i < n; i++)
		for (int h = 0; h < heads; h++)
			memcpy(out + ((size_t)h * (size_t)n + (size_t)i) * (size_t)head,
				in + ((size_t)i * (size_t)heads + (size_t)h) * (size_t)head,
				(size_t)head * sizeof *out);
}

void
decoder_text(struct decoder_run *r, int from, int to, const float *states, int n)
{
	const struct decoder_config *c = &r->d->c;
	size_t width = (size_t)c->width, one = (size_t)n * width;
	struct text *t = &r->texts[r->n_texts];
	float *plain = room(one, sizeof *plain);

	*t = (struct text){ room((size_t)c->layers * 2 * one, sizeof *t->kv), n };
	for (int i = 0; i < c->layers; i++)
		for (int k = 0; k < 2; k++) {
			linear_apply(r->hands, &r->d->layers[i].linear[k ? TEXT_V : TEXT_K], states,
				width, n, plain, width);
			by_head(plain, n, c->heads, head_width(r),
				t->kv + ((size_t)i * 2 + (size_t)k) * one);
		}
	free(plain);
	for (int s = from; s < to; s++) r->text[s] = r->n_texts;
	r->n_texts++;
	if ((size_t)n <= r->n_scores) return;
	r->n_scores = (size_t)n;
	free(r->scores);
	r->scores = room((size_t)crew_size(r->hands->crew) * r->n_scores, sizeof *r->scores);
}

/* Where the keys (k 0) or values (1) of a stream's head begin in the cache, in values. */
static size_t
cache_at(const struct decoder_run *r, int layer, int k, int stream, int head)
{
	const struct decoder_config *c = &r->d->c;
	size_t at = ((size_t)layer * 2 + (size_t)k) * (size_t)r->streams + (size_t)stream;

	return (at * (size_t)c->heads + (size_t)head) * (size_t)r->steps * (size_t)head_width(r);
}

/* The rows that a stream's head looks at: keys (k 0), or values. */
static struct rows
looked_at(const struct decoder_run *r, int k, int stream, int head)
{
	const struct decoder_config *c = &r->d->c;
	int wide = head_width(r);
	struct rows w = { .n = r->step + 1, .cols = wide, .stride = (size_t)wide, .kind = r->kind };

	if (r->over_text) {
		const struct text *t = &r->texts[r->text[stream]];
		size_t one = (size_t)t->n * (size_t)c->width;

		w.kind = WEIGHTS_F32;
		w.n = t->n;
		w.w = t->kv + ((size_t)r->layer * 2 + (size_t)k) * one +
			(size_t)head * (size_t)t->n * (size_t)wide;
		return w;
	}
	w.w = (char *)r->cache + cache_at(r, r->layer, k, stream, head) *
		(r->kind == WEIGHTS_F32 ? sizeof(float) : sizeof(uint16_t));
	return w;
}

/* Keep what a head of this step has as key and value. */
static void
remember(struct decoder_run *r, int k, int stream, int head, const float *x)
{
	int wide = head_width(r);
	size_t at = cache_at(r, r->layer, k, stream, head) + (size_t)r->step * (size_t)wide;

	if (r->kind == WEIGHTS_F32) memcpy((float *)r->cache + at, x, (size_t)wide * sizeof *x);
	else
		for (int i = 0; i < wide; i++) ((uint16_t *)r->cache)[at + (size_t)i] = float_to_half(x[i]);
}

/* Of the heads of streams that are a part's: the mixture of values by how queries and keys agree. */
static void
attend(void *ctx, int part, int parts)
{
	struct decoder_run *r = ctx;
	const struct kernels *kernels = r->hands->kernels;
	int heads = r->d->c.heads, wide = head_width(r), from, to;
	float *scores = r->scores + (size_t)part * r->n_scores, scale = 1.0f / sqrtf((float)wide);

	crew_share(r->streams * heads, 1, part, parts, &from, &to);
	for (int i = from; i < to; i++) {
		int stream = i / heads, head = i % heads;
		size_t at = (size_t)i * (size_t)wide;
		struct rows keys, values;

		if (r->over_text && r->text[stream] < 0) {
			memset(r->mixed + at, 0, (size_t)wide * sizeof *r->mixed);
			continue;
		}
		if (!r->over_text) {
			remember(r, 0, stream, head, r->k + at);
			remember(r, 1, stream, head, r->v + at);
		}
		keys = looked_at(r, 0, stream, head);
		values = looked_at(r, 1, stream, head);
		kernels->times(&keys, 0, keys.n, r->q + at, 0, 1, scores, 0);
		for (int k = 0; k < keys.n; k++) scores[k] *= scale;
		softmax(scores, (size_t)keys.n);
		kernels->mix(&values, scores, r->mixed + at);
	}
}

static void
norm(struct decoder_run *r, const float *weight, const float *bias)
{
	size_t width = (size_t)r->d->c.width;

	for (int s = 0; s < r->streams; s++)
		layer_norm(r->x + (size_t)s * width, width, weight, bias, EPSILON,
			r->y + (size_t)s * width);
}

static void
apply(struct decoder_run *r, enum decoder_linear which, const float *x, float *y)
{
	const struct linear *l = &r->d->layers[r->layer].linear[which];

	linear_apply(r->hands, l, x, (size_t)l->w.cols, r->streams, y, (size_t)l->w.n);
}

/* The same, added to the state. */
static void
add(struct decoder_run *r, enum decoder_linear which, const float *x)
{
	size_t all = (size_t)r->streams * (size_t)r->d->c.width;

	apply(r, which, x, r->more);
	for (size_t i = 0; i < all; i++) r->x[i] += r->more[i];
}

static void
run_layer(struct decoder_run *r)
{
	const struct layer *l = &r->d->layers[r->layer];

	norm(r, l->norm[SELF_NORM], l->norm_bias[SELF_NORM]);
	apply(r, SELF_Q, r->y, r->q);
	apply(r, SELF_K, r->y, r->k);
	apply(r, SELF_V, r->y, r->v);
	r->over_text = false;
	crew_run(r->hands->crew, attend, r);
	add(r, SELF_OUT, r->mixed);
	if (r->n_texts) {
		norm(r, l->norm[TEXT_NORM], l->norm_bias[TEXT_NORM]);
		apply(r, TEXT_Q, r->y, r->q);
		r->over_text = true;
		crew_run(r->hands->crew, attend, r);
		add(r, TEXT_OUT, r->mixed);
	}
	norm(r, l->norm[FINAL_NORM], l->norm_bias[FINAL_NORM]);
	apply(r, FC1, r->y, r->inner);
	gelu(r->inner, (size_t)r->streams * (size_t)r->d->c.feed_forward);
	add(r, FC2, r->inner);
}

/* The embeddings of a step's codes and of its place, in x. */
static void
embed(struct decoder_run *r, const int32_t *codes)
{
	const struct decoder_config *c = &r->d->c;
	int half = c->width / 2;

	for (int s = 0; s < r->streams; s++) {
		float *x = r->x + (size_t)s * (size_t)c->width;

		for (int i = 0; i < half; i++) {
			double a = r->step * exp(i * -(log(10000) / (half - 1)));

			x[i] = (float)cos(a);
			x[half + i] = (float)sin(a);
		}
		if (r->step < r->d->n_positions)
			memcpy(x, r->d->positions + (size_t)r->step * (size_t)c->width,
				(size_t)c->width * sizeof *x);
		for (int k = 0; k < c->codebooks; k++) {
			const float *row = r->d->embeddings[k] +
				(size_t)codes[s * c->codebooks + k] * (size_t)c->width;

			for (int i = 0; i < c->width; i++) x[i] += row[i];
		}
	}
}

void
decoder_step(struct decoder_run *r, const int32_t *codes, float *logits)
{
	const struct decoder_config *c = &r->d->c;

	embed(r, codes);
	for (r->layer = 0; r->layer < c->layers; r->layer++) run_layer(r);
	norm(r, r->d->norm, r->d->norm_bias);
	for (int k = 0; k < c->codebooks; k++)
		rows_apply(r->hands, &r->d->heads[k], r->y, (size_t)c->width, r->streams,
			logits + (size_t)k * (size_t)c->vocabulary,
			(size_t)c->codebooks * (size_t)c->vocabulary);
	r->step++;
}
