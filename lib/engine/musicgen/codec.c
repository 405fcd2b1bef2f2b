#include "engine/musicgen/codec_parts.h"

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum {
	TILE = 16,			/* frames that a thread takes from the LSTM to samples */
	AT_ONCE = 64,			/* windows that pass a row's weights while these are near */
	LSTM_STEPS = 256,		/* whose inputs are multiplied at once */
};

/* Times from … from + n - 1 of a signal that has `whole` of them: [n][channels]. */
struct span {
	float *p;
	int from, n, whole, channels;
	float *own;			/* what is to be freed */
};

static struct span
span_of(int from, int n, int whole, int channels)
{
	float *p = floats_new((size_t)n * (size_t)channels);

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
	float *padded = floats_new((size_t)(to - from + c->kernel - 1) * one), *at = padded;

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
	float *padded = floats_new((size_t)(n + 1) * one);

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
	float *state = calloc(6 * n, sizeof *state), *in = floats_new(LSTM_STEPS * 4 * n);
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
