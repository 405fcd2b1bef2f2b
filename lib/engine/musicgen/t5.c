#include "engine/musicgen/t5.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

struct layer {
	const float *norm, *norm2;
	struct rows q, k, v, o;
	struct rows in, out;		/* of the feed-forward part */
};

struct t5 {
	struct t5_config c;
	const float *embeddings;	/* [vocabulary][width] */
	const float *bias;		/* [buckets][heads] */
	const float *norm;
	struct layer *layers;
};

static int
open_layer(struct t5 *t, struct weights_source *s, int i, struct err *e)
{
	const struct t5_config *c = &t->c;
	const int width[] = { c->width, 0 };
	int inner = c->heads * c->head;
	struct layer *l = &t->layers[i];
#define AT "text_encoder.encoder.block.%d.layer."

	if (weights_floats(s, width, &l->norm, e, AT "0.layer_norm.weight", i) != 0 ||
		weights_rows(s, inner, c->width, &l->q, e, AT "0.SelfAttention.q.weight", i) != 0 ||
		weights_rows(s, inner, c->width, &l->k, e, AT "0.SelfAttention.k.weight", i) != 0 ||
		weights_rows(s, inner, c->width, &l->v, e, AT "0.SelfAttention.v.weight", i) != 0 ||
		weights_rows(s, c->width, inner, &l->o, e, AT "0.SelfAttention.o.weight", i) != 0 ||
		weights_floats(s, width, &l->norm2, e, AT "1.layer_norm.weight", i) != 0 ||
		weights_rows(s, c->feed_forward, c->width, &l->in, e,
			AT "1.DenseReluDense.wi.weight", i) != 0 ||
		weights_rows(s, c->width, c->feed_forward, &l->out, e,
			AT "1.DenseReluDense.wo.weight", i) != 0)
		return -1;
#undef AT
	return 0;
}

struct t5 *
t5_open(const struct t5_config *c, struct weights_source *s, struct err *e)
{
	struct t5 *t = calloc(1, sizeof *t);
	const int embeddings[] = { c->vocabulary, c->width, 0 }, width[] = { c->width, 0 };
	const int bias[] = { c->buckets, c->heads, 0 };

	if (!t || !(t->layers = calloc((size_t)c->layers, sizeof *t->layers))) abort();
	t->c = *c;
	if (weights_floats(s, embeddings, &t->embeddings, e, "text_encoder.shared.weight") != 0 ||
		weights_floats(s, bias, &t->bias, e, "text_encoder.encoder.block.0.layer.0."
			"SelfAttention.relative_attention_bias.weight") != 0 ||
		weights_floats(s, width, &t->norm, e,
			"text_encoder.encoder.final_layer_norm.weight") != 0)
		goto fail;
	for (int i = 0; i < c->layers; i++)
		if (open_layer(t, s, i, e) != 0) goto fail;
	return t;
fail:
	t5_close(t);
	return NULL;
}

void
t5_close(struct t5 *t)
{
	if (!t) return;
	free(t->layers);
	free(t);
}

int
t5_bucket(const struct t5_config *c, int distance)
{
	int half = c->buckets / 2, exact = half / 2, far = distance < 0 ? -distance : distance;
	int bucket = distance > 0 ? half : 0, large;

	if (far < exact) return bucket + far;
	large = exact + (int)(logf((float)far / (float)exact) /
		(float)log((double)c->max_distance / exact) * (float)(half - exact));
	return bucket + (large < half ? large : half - 1);
}

/* What one run needs. */
struct run {
	const struct t5 *t;
	const struct hands *hands;
	int n;
	float *x, *y;			/* [n][width]: the state, and its norm */
	float *q, *k, *v, *mixed;	/* [n][heads · head] */
	float *inner;			/* [n][feed_forward] */
	float *bias;			/* [heads][2 n - 1], by distance + n - 1 */
	float *scores;			/* [parts][n] */
};

static void
set_bias(struct run *r)
{
	const struct t5_config *c = &r->t->c;
	int all = 2 * r->n - 1;

	for (int i = 0; i < all; i++) {
		const float *row = r->t->bias + (size_t)t5_bucket(c, i - r->n + 1) * (size_t)c->heads;

		for (int h = 0; h < c->heads; h++) r->bias[(size_t)h * (size_t)all + (size_t)i] = row[h];
	}
}

/* Of the heads that are a part's, each place's mixture of the values. */
static void
attend(void *ctx, int part, int parts)
{
	struct run *r = ctx;
	const struct t5_config *c = &r->t->c;
	const struct kernels *kernels = r->hands->kernels;
	size_t stride = (size_t)c->heads * (size_t)c->head;
	float *scores = r->scores + (size_t)part * (size_t)r->n;
	int from, to;

	crew_share(c->heads, 1, part, parts, &from, &to);
	for (int h = from; h < to; h++) {
		size_t at = (size_t)h * (size_t)c->head;
		struct rows keys = { WEIGHTS_F32, r->n, c->head, stride, r->k + at, NULL, 0 };
		struct rows values = { WEIGHTS_F32, r->n, c->head, stride, r->v + at, NULL, 0 };
		const float *bias = r->bias + (size_t)h * (size_t)(2 * r->n - 1) + r->n - 1;

		for (int i = 0; i < r->n; i++) {
			const struct vectors one = { .x = r->q + (size_t)i * stride + at, .n = 1 };

			kernels->times(&keys, 0, r->n, &one, scores, 0);
			for (int k = 0; k < r->n; k++) scores[k] += bias[k - i];
			kernels->softmax(scores, (size_t)r->n);
			kernels->mix(&values, scores, r->mixed + (size_t)i * stride + at);
		}
	}
}

static void
norm(struct run *r, const float *weight, float *y)
{
	size_t width = (size_t)r->t->c.width;

	for (int i = 0; i < r->n; i++)
		r->hands->kernels->rms_norm(r->x + (size_t)i * width, width, weight, r->t->c.epsilon,
			y + (size_t)i * width);
}

static void
add(struct run *r)
{
	size_t all = (size_t)r->n * (size_t)r->t->c.width;

	for (size_t i = 0; i < all; i++) r->x[i] += r->y[i];
}

static void
run_layer(struct run *r, const struct layer *l)
{
	const struct hands *h = r->hands;
	size_t width = (size_t)r->t->c.width, inner = (size_t)l->q.n, ff = (size_t)l->in.n;

	norm(r, l->norm, r->y);
	rows_apply(h, &l->q, r->y, width, r->n, r->q, inner);
	rows_apply(h, &l->k, r->y, width, r->n, r->k, inner);
	rows_apply(h, &l->v, r->y, width, r->n, r->v, inner);
	crew_run(h->crew, attend, r);
	rows_apply(h, &l->o, r->mixed, inner, r->n, r->y, width);
	add(r);
	norm(r, l->norm2, r->y);
	rows_apply(h, &l->in, r->y, width, r->n, r->inner, ff);
	for (size_t i = 0; i < (size_t)r->n * ff; i++) r->inner[i] = fmaxf(r->inner[i], 0);
	rows_apply(h, &l->out, r->inner, ff, r->n, r->y, width);
	add(r);
}

int
t5_encode(const struct t5 *t, const struct hands *h, const int32_t *ids, int n, float *out,
	struct err *e)
{
	const struct t5_config *c = &t->c;
	size_t many = (size_t)n, width = (size_t)c->width, inner = (size_t)c->heads * (size_t)c->head;
	struct run r = { .t = t, .hands = h, .n = n, .x = out };

	for (int i = 0; i < n; i++)
		if (ids[i] < 0 || ids[i] >= c->vocabulary)
			return err_set(e, ERR_INVALID, "the tokenizer gives %d, the text encoder knows "
				"%d tokens: they do not belong together", ids[i], c->vocabulary);
	r.y = floats_new(many * width);
	r.q = floats_new(4 * many * inner);
	r.k = r.q + many * inner;
	r.v = r.k + many * inner;
	r.mixed = r.v + many * inner;
	r.inner = floats_new(many * (size_t)c->feed_forward);
	r.bias = floats_new((size_t)c->heads * (2 * many - 1));
	r.scores = floats_new((size_t)crew_size(h->crew) * many);
	set_bias(&r);
	for (int i = 0; i < n; i++)
		memcpy(r.x + (size_t)i * width, t->embeddings + (size_t)ids[i] * width,
			width * sizeof *r.x);
	for (int i = 0; i < c->layers; i++) run_layer(&r, &t->layers[i]);
	norm(&r, t->norm, r.y);
	memcpy(out, r.y, many * width * sizeof *out);
	free(r.y);
	free(r.q);
	free(r.inner);
	free(r.bias);
	free(r.scores);
	return 0;
}
