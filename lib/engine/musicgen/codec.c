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
	TILE = 16,			/* frames that a thread takes from the LSTM to samples */
	AT_ONCE = 64,			/* windows that pass a row's weights while these are near */
	LSTM_STEPS = 256,		/* whose inputs are multiplied at once */
	NAME = 200,
};

/* A convolution as rows over windows: [out][kernel][in]; a transposed one gives `ratio` times at
 * once from a window of two: [ratio][out][2][in]. */
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

/* ---- decoding ---- */

/* Times from … from + n - 1 of a signal that has `whole` of them: [n][channels]. */
struct span {
	float *p;
	int from, n, whole, channels;
	float *own;			/* what is to be freed */
};

static float *
room(size_t n)
{
	float *p = malloc((n ? n : 1) * sizeof *p);

	if (!p) abort();
	return p;
}

static struct span
span_of(int from, int n, int whole, int channels)
{
	float *p = room((size_t)n * (size_t)channels);

	return (struct span){ p, from, n, whole, channels, p };
}

static float *
at_time(const struct span *x, int t)
{
	return x->p + (size_t)(t - x->from) * (size_t)x->channels;
}

static size_t
values(const struct span *x)
{
	return (size_t)x->n * (size_t)x->channels;
}

/* Times from … to - 1 of x alone, which are there. */
static void
narrow_to(struct span *x, int from, int to)
{
	x->p = at_time(x, from);
	x->from = from;
	x->n = to - from;
}

/* n windows that begin `in` floats apart times a convolution's rows, and the bias. */
static void
apply(const struct kernels *k, const struct convolution *c, const float *x, int n, float *y)
{
	size_t rows = (size_t)c->w.n, out = (size_t)c->out;

	for (int done = 0; done < n; done += AT_ONCE) {
		float *to = y + (size_t)done * rows;
		struct vectors v = { .x = x + (size_t)done * (size_t)c->in, .stride = (size_t)c->in,
			.n = n - done < AT_ONCE ? n - done : AT_ONCE };

		k->times(&c->w, 0, c->w.n, &v, to, rows);
		for (size_t i = 0; i < (size_t)v.n * rows; i += out)
			for (size_t o = 0; o < out; o++) to[i + o] += c->bias[o];
	}
}

static int
after(const struct convolution *c)
{
	return (c->kernel - 1) / 2;
}

static int
before(const struct convolution *c)
{
	return c->kernel - 1 - after(c);
}

/* What stands for time t of a signal of n times, mirrored at the ends without repeating them; -1:
 * zeros. A signal that is too short for that is first made longer by zeros, which are cut off
 * again. */
static int
mirrored(const struct convolution *c, int n, int t)
{
	int longest = before(c) > after(c) ? before(c) : after(c);
	int whole = n > longest + 1 ? n : longest + 1;

	if (t < 0) t = -t;
	if (t >= whole) t = 2 * (whole - 1) - t;
	return t < n ? t : -1;
}

/* Of a signal of n times, those which a convolution needs for its times *from … *to - 1. */
static void
needed(const struct convolution *c, int n, int *from, int *to)
{
	int low = n, high = 0;

	for (int t = *from - before(c); t < *to + after(c); t++) {
		int u = mirrored(c, n, t);

		if (u >= 0 && u < low) low = u;
		if (u + 1 > high) high = u + 1;
	}
	*from = low;
	*to = high;
}

/* Times from … to - 1 of x through a convolution. */
static struct span
convolved(const struct kernels *k, const struct convolution *c, const struct span *x, int from,
	int to)
{
	struct span y = span_of(from, to - from, x->whole, c->out);
	size_t one = (size_t)c->in;
	float *padded = room((size_t)(to - from + c->kernel - 1) * one), *at = padded;

	for (int t = from - before(c); t < to + after(c); t++, at += one) {
		int u = mirrored(c, x->whole, t);

		if (u >= 0) memcpy(at, at_time(x, u), one * sizeof *at);
		else memset(at, 0, one * sizeof *at);
	}
	apply(k, c, padded, y.n, y.p);
	free(padded);
	return y;
}

/* A transposed convolution makes `ratio` times of each window of two, silence before the first and
 * behind the last; of all these, `ratio` are cut off, half at each end. The window of a time: */
static int
window_of(const struct convolution *c, int t)
{
	return (t + c->ratio - c->ratio / 2) / c->ratio;
}

/* Of a signal of n times, those which it needs for its times *from … *to - 1. */
static void
needed_short(const struct convolution *c, int n, int *from, int *to)
{
	int first = window_of(c, *from) - 1, last = window_of(c, *to - 1);

	*from = first < 0 ? 0 : first;
	*to = last < n ? last + 1 : n;
}

/* Times from … to - 1 of x, `ratio` times as long. */
static struct span
lengthened(const struct kernels *k, const struct convolution *c, const struct span *x, int from,
	int to)
{
	int first = window_of(c, from), n = window_of(c, to - 1) - first + 1, cut = c->ratio -
		c->ratio / 2;
	struct span y = span_of(first * c->ratio - cut, n * c->ratio, x->whole * c->ratio, c->out);
	size_t one = (size_t)c->in;
	float *padded = room((size_t)(n + 1) * one);

	for (int i = 0; i <= n; i++) {
		int t = first - 1 + i;

		float *at = padded + (size_t)i * one;

		if (t < 0 || t >= x->whole) memset(at, 0, one * sizeof *at);
		else memcpy(at, at_time(x, t), one * sizeof *at);
	}
	apply(k, c, padded, n, y.p);
	free(padded);
	narrow_to(&y, from, to);
	return y;
}

static struct span
copied(const struct span *x)
{
	struct span y = span_of(x->from, x->n, x->whole, x->channels);

	memcpy(y.p, x->p, values(x) * sizeof *y.p);
	return y;
}

/* x and more, which is freed, of the same times. */
static void
add(struct span *x, struct span *more)
{
	for (size_t i = 0; i < values(x); i++) x->p[i] += more->p[i];
	free(more->own);
}

/* x, which is freed, through a stage: its times from … to - 1. */
static struct span
staged(const struct kernels *k, const struct stage *s, struct span x, int from, int to)
{
	int low = from, high = to;
	struct span y, bent, thin, more;

	k->elu(x.p, values(&x));
	needed(&s->narrow, x.whole * s->up.ratio, &low, &high);
	y = lengthened(k, &s->up, &x, low < from ? low : from, high > to ? high : to);
	bent = copied(&y);
	k->elu(bent.p, values(&bent));
	thin = convolved(k, &s->narrow, &bent, from, to);
	k->elu(thin.p, values(&thin));
	more = convolved(k, &s->wide, &thin, from, to);
	narrow_to(&y, from, to);
	add(&y, &more);
	free(thin.own);
	free(bent.own);
	free(x.own);
	return y;
}

/* Who may want it to stop. */
struct asker {
	bool (*step)(void *ctx, int done, int of);
	void *ctx;
};

static bool
goes_on(const struct asker *a, int done, int of)
{
	return !a->step || a->step(a->ctx, done, of);
}

/* From the LSTM's output on all is done in tiles, each by one part, so that memory does not grow
 * with the length. */
struct tiles {
	const struct codec *codec;
	const struct kernels *kernels;
	const struct span *x;		/* [frames][channels] */
	float *samples;
	atomic_int next;		/* frame */
	const struct asker *asker;
	atomic_bool stopped;
};

static void
make_tile(const struct tiles *t, int from, int to)
{
	const struct codec *c = t->codec;
	int stages = c->c.n_ratios, low[CODEC_RATIOS + 1], high[CODEC_RATIOS + 1];
	int hop = codec_hop(&c->c), times = t->x->whole * hop;
	struct span x = *t->x, y;

	/* Which times of each stage, from the last one back. */
	low[stages] = from * hop;
	high[stages] = to * hop;
	needed(&c->last, times, &low[stages], &high[stages]);
	for (int i = stages; i > 0; i--) {
		const struct stage *s = &c->stages[i - 1];

		low[i - 1] = low[i];
		high[i - 1] = high[i];
		needed(&s->narrow, times, &low[i - 1], &high[i - 1]);
		if (low[i] < low[i - 1]) low[i - 1] = low[i];
		if (high[i] > high[i - 1]) high[i - 1] = high[i];
		times /= s->up.ratio;
		needed_short(&s->up, times, &low[i - 1], &high[i - 1]);
	}
	narrow_to(&x, low[0], high[0]);
	x = copied(&x);
	for (int i = 0; i < stages; i++)
		x = staged(t->kernels, &c->stages[i], x, low[i + 1], high[i + 1]);
	t->kernels->elu(x.p, values(&x));
	y = convolved(t->kernels, &c->last, &x, from * hop, to * hop);
	memcpy(t->samples + (size_t)from * (size_t)hop, y.p, values(&y) * sizeof *y.p);
	free(x.own);
	free(y.own);
}

static void
take_tiles(void *ctx, int part, int parts)
{
	struct tiles *t = ctx;

	(void)parts;
	for (int from; (from = atomic_fetch_add(&t->next, TILE)) < t->x->whole;) {
		/* The caller's own part asks, of what is nearly done. */
		if (part == 0 && !goes_on(t->asker, from, t->x->whole)) t->stopped = true;
		if (t->stopped) return;
		make_tile(t, from, from + TILE < t->x->whole ? from + TILE : t->x->whole);
	}
}

/* Windows of the first convolution, which are few. */
struct first {
	const struct codec *codec;
	const struct kernels *kernels;
	const struct span *entries;
	struct span *x;
};

static void
take_first(void *ctx, int part, int parts)
{
	struct first *f = ctx;
	struct span y;
	int from, to;

	crew_share(f->x->n, 1, part, parts, &from, &to);
	if (from == to) return;
	y = convolved(f->kernels, &f->codec->first, f->entries, from, to);
	memcpy(at_time(f->x, from), y.p, values(&y) * sizeof *y.p);
	free(y.own);
}

/* ---- the LSTM ---- */

/* Steps from … to - 1 of a layer, in place; cells are shared in parts. */
struct lstm_run {
	const struct hands *hands;
	const struct lstm_layer *l;
	int n, from, to;		/* cells; steps */
	float *x;			/* [steps][n] */
	const float *start;		/* [n]: the state before the first step */
	float *in;			/* [to - from][4][n]: of the input, then all of a step */
	float *cell;			/* [n] */
	float *again;			/* [4][n] */
	int16_t *whole;			/* [parts][n] */
};

/* The cells' steps, all parts after each. Where blocks of rows end within a gate, one part does
 * all. */
static void
take_cells(void *ctx, int part, int parts)
{
	struct lstm_run *r = ctx;
	const struct kernels *k = r->hands->kernels;
	size_t n = (size_t)r->n;
	float unit;
	int from = 0, to = part ? 0 : r->n;

	if (r->n % WHOLE_ROWS == 0) crew_share(r->n, WHOLE_ROWS, part, parts, &from, &to);
	for (int t = r->from; t < r->to; t++, crew_meet(r->hands->crew)) {
		float *gates = r->in + (size_t)(t - r->from) * 4 * n, *out = r->x + (size_t)t * n;
		struct vectors v = { .x = t ? out - n : r->start, .n = 1, .unit = &unit };

		if (from == to) continue;
		if (weights_whole(r->l->again.kind)) {
			int16_t *whole = r->whole + (size_t)part * n;

			unit = k->whole(v.x, n, whole);
			v.whole = whole;
		}
		if (from == 0 && to == r->n) k->times(&r->l->again, 0, 4 * r->n, &v, r->again, 0);
		for (int g = 0; g < 4; g++) {
			int a = g * r->n + from, b = g * r->n + to;

			if (b - a < r->n) k->times(&r->l->again, a, b, &v, r->again, 0);
			for (int i = a; i < b; i++)
				gates[i] += r->l->in_bias[i] + r->again[i] + r->l->again_bias[i];
		}
		k->lstm(gates + from, n, (size_t)(to - from), r->cell + from, out + from);
	}
}

/* One layer over all times, in place; -1 when it was stopped. */
static int
run_lstm(const struct hands *h, const struct lstm_layer *l, struct span *x, const struct asker *a)
{
	size_t n = (size_t)x->channels;
	float *state = calloc(6 * n, sizeof *state), *in = room(LSTM_STEPS * 4 * n);
	struct lstm_run r = { .hands = h, .l = l, .n = x->channels, .x = x->p, .start = state,
		.in = in, .cell = state + n, .again = state + 2 * n,
		.whole = malloc((size_t)crew_size(h->crew) * n * sizeof *r.whole) };

	int rc = 0;

	if (!state || !r.whole) abort();
	for (; r.from < x->n && (rc = goes_on(a, 0, x->n) ? 0 : -1) == 0; r.from = r.to) {
		r.to = r.from + LSTM_STEPS < x->n ? r.from + LSTM_STEPS : x->n;
		rows_apply(h, &l->in, x->p + (size_t)r.from * n, n, r.to - r.from, in, 4 * n);
		crew_run(h->crew, take_cells, &r);
	}
	free(state);
	free(in);
	free(r.whole);
	return rc;
}

static struct span
entries(const struct codec *c, const int32_t *codes, int n)
{
	struct span x = span_of(0, n, n, c->c.width);

	memset(x.p, 0, values(&x) * sizeof *x.p);
	for (int k = 0; k < c->codebooks; k++)
		for (int t = 0; t < n; t++) {
			size_t code = (size_t)codes[(size_t)k * (size_t)n + (size_t)t];
			const float *row = c->entries[k] + code * (size_t)x.channels;
			float *to = at_time(&x, t);

			for (int i = 0; i < x.channels; i++) to[i] += row[i];
		}
	return x;
}

int
codec_decode(const struct codec *c, const struct hands *h, const int32_t *codes, int n,
	float *samples, bool (*step)(void *ctx, int done, int of), void *ctx)
{
	const struct asker asker = { step, ctx };
	struct span in = entries(c, codes, n), x = span_of(0, n, n, c->first.out), more;
	struct first f = { c, h->kernels, &in, &x };
	struct tiles t = { .codec = c, .kernels = h->kernels, .x = &x, .samples = samples,
		.asker = &asker };
	int rc = 0;

	crew_run(h->crew, take_first, &f);
	more = copied(&x);
	for (int i = 0; rc == 0 && i < c->c.lstm_layers; i++)
		rc = run_lstm(h, &c->lstm[i], &more, &asker);
	add(&x, &more);
	if (rc == 0) {
		crew_run(h->crew, take_tiles, &t);
		rc = t.stopped || !goes_on(&asker, n, n) ? -1 : 0;
	}
	free(in.own);
	free(x.own);
	return rc;
}
