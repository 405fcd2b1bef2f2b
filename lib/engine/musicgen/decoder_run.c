/* A run: streams through the layers, steps or several at once. */
#include "engine/musicgen/decoder_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EPSILON 1e-5f			/* of all norms */

enum {
	AT_ONCE = 32,			/* vectors that go through a layer together, or so */
	SHARE = WHOLE_ROWS,		/* rows are shared in these: no two parts write to a line */
};

/* Keys and values of a text in each layer, [layers][2][heads][n][head], shared by its streams. */
struct text {
	void *kv;			/* as the cache */
	int n;
};

/* What a part of the crew has for itself. */
struct seat {
	struct decoder_run *r;
	int part, parts;
	float *y;			/* [vectors][width]: norms */
	float *more;			/* [vectors][the longest output]: what adapters add */
	int16_t *whole;			/* [vectors][the longest input] */
	float *unit;			/* [vectors] */
	float *scores;			/* [the longest of steps and texts] */
};

/* Vectors are [streams][positions], where positions are the steps that are taken at once. */
struct decoder_run {
	const struct decoder *d;
	const struct hands *hands;
	int streams, steps;
	int step, positions;		/* steps before; taken now */
	enum weights kind;
	void *cache;			/* [layers][2][streams][heads][steps][head], of kind */
	struct text *texts;		/* [streams]; n_texts of them are used */
	int n_texts;
	int *text;			/* [streams]: which one, -1 for none */
	int told;			/* streams up to the last one that has a text */
	const int32_t *codes;		/* [positions][streams][codebooks] */
	float *logits;			/* where they go; NULL: nobody needs them */
	float *x;			/* [vectors][width]: the state */
	float *q, *k, *v, *mixed, *more;	/* [vectors][width] */
	float *inner;			/* [vectors][feed_forward] */
	float *low;			/* [3][vectors][rank]: A x of adapters */
	int rank;			/* the highest of their ranks; 0: none */
	size_t n_scores;
	struct seat *seats;		/* one a part */
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

static size_t
kept_bytes(const struct decoder_run *r)
{
	return r->kind == WEIGHTS_F32 ? sizeof(float) : sizeof(uint16_t);
}

static int
highest_rank(const struct decoder *d)
{
	int rank = 0;

	for (int i = 0; i < d->c.layers; i++)
		for (int k = 0; k < DECODER_LINEARS; k++)
			if (d->layers[i].linear[k].a.n > rank) rank = d->layers[i].linear[k].a.n;
	return rank;
}

static void
set_scores(struct decoder_run *r, size_t n)
{
	r->n_scores = n;
	for (int i = 0; i < crew_size(r->hands->crew); i++) {
		free(r->seats[i].scores);
		r->seats[i].scores = room(n, sizeof(float));
	}
}

struct decoder_run *
decoder_begin(const struct decoder *d, const struct hands *h, int streams, int steps,
	enum weights cache)
{
	struct decoder_run *r = room(1, sizeof *r);
	size_t width = (size_t)d->c.width, ff = (size_t)d->c.feed_forward;
	size_t longest = width > ff ? width : ff;
	size_t vectors = (size_t)(streams > AT_ONCE ? streams : AT_ONCE), many = vectors * width;
	int parts = crew_size(h->crew);

	*r = (struct decoder_run){ .d = d, .hands = h, .streams = streams, .steps = steps,
		.kind = cache, .rank = highest_rank(d) };
	r->cache = room((size_t)d->c.layers * 2 * (size_t)streams * width * (size_t)steps,
		kept_bytes(r));
	r->texts = room((size_t)streams, sizeof *r->texts);
	r->text = room((size_t)streams, sizeof *r->text);
	for (int i = 0; i < streams; i++) r->text[i] = -1;
	r->x = room(6 * many, sizeof(float));
	r->q = r->x + many;
	r->k = r->q + many;
	r->v = r->k + many;
	r->mixed = r->v + many;
	r->more = r->mixed + many;
	r->inner = room(vectors * ff, sizeof(float));
	r->low = room(3 * vectors * (size_t)r->rank, sizeof(float));
	r->seats = room((size_t)parts, sizeof *r->seats);
	for (int i = 0; i < parts; i++) {
		struct seat *s = &r->seats[i];

		*s = (struct seat){ .r = r, .part = i, .parts = parts };
		s->y = room(many, sizeof *s->y);
		s->more = room(r->rank ? vectors * longest : 0, sizeof *s->more);
		s->whole = room(vectors * longest, sizeof *s->whole);
		s->unit = room(vectors, sizeof *s->unit);
	}
	set_scores(r, (size_t)steps);
	return r;
}

void
decoder_end(struct decoder_run *r)
{
	if (!r) return;
	for (int i = 0; i < r->n_texts; i++) free(r->texts[i].kv);
	for (int i = 0; i < crew_size(r->hands->crew); i++) {
		struct seat *s = &r->seats[i];

		free(s->y);
		free(s->more);
		free(s->whole);
		free(s->unit);
		free(s->scores);
	}
	free(r->seats);
	free(r->texts);
	free(r->text);
	free(r->cache);
	free(r->x);
	free(r->inner);
	free(r->low);
	free(r);
}

/* Put n values into the cache, or what is like it, behind `at` others. */
static void
keep(const struct decoder_run *r, void *cache, size_t at, const float *x, size_t n)
{
	if (r->kind == WEIGHTS_F32) memcpy((float *)cache + at, x, n * sizeof *x);
	else r->hands->kernels->halve(x, n, (uint16_t *)cache + at);
}

void
decoder_text(struct decoder_run *r, int from, int to, const float *states, int n)
{
	const struct decoder_config *c = &r->d->c;
	size_t width = (size_t)c->width, one = (size_t)n * width, wide = (size_t)head_width(r);
	struct text *t = &r->texts[r->n_texts];
	float *plain = room(one, sizeof *plain);

	*t = (struct text){ room((size_t)c->layers * 2 * one, kept_bytes(r)), n };
	for (size_t i = 0; i < 2 * (size_t)c->layers; i++) {
		linear_apply(r->hands, &r->d->layers[i / 2].linear[i % 2 ? TEXT_V : TEXT_K], states,
			width, n, plain, width);
		for (size_t h = 0; h < (size_t)c->heads; h++)
			for (size_t k = 0; k < (size_t)n; k++)
				keep(r, t->kv, i * one + (h * (size_t)n + k) * wide,
					plain + k * width + h * wide, wide);
	}
	free(plain);
	for (int s = from; s < to; s++) r->text[s] = r->n_texts;
	if (to > r->told) r->told = to;
	r->n_texts++;
	if ((size_t)n > r->n_scores) set_scores(r, (size_t)n);
}

/* Where the keys (k 0) or values (1) of a stream's head begin in the cache, in values. */
static size_t
cache_at(const struct decoder_run *r, int layer, int k, int stream, int head)
{
	const struct decoder_config *c = &r->d->c;
	size_t at = ((size_t)layer * 2 + (size_t)k) * (size_t)r->streams + (size_t)stream;

	return (at * (size_t)c->heads + (size_t)head) * (size_t)r->steps * (size_t)head_width(r);
}

/* The mixture of values by how a query, which is scaled, and the keys agree. */
static void
look(const struct seat *s, const struct rows *keys, const struct rows *values, float *query,
	float *out)
{
	const struct kernels *kernels = s->r->hands->kernels;
	const struct vectors one = { .x = query, .n = 1 };
	float scale = 1.0f / sqrtf((float)keys->cols);

	for (int i = 0; i < keys->cols; i++) query[i] *= scale;
	kernels->times(keys, 0, keys->n, &one, s->scores, 0);
	kernels->softmax(s->scores, (size_t)keys->n);
	kernels->mix(values, s->scores, out);
}

/* A head of a stream looks at the steps so far, after what it has of these was kept. */
static void
look_back(const struct seat *s, int layer, int stream, int head)
{
	struct decoder_run *r = s->r;
	size_t wide = (size_t)head_width(r), width = (size_t)r->d->c.width;
	size_t first = (size_t)(stream * r->positions) * width + (size_t)head * wide;
	size_t at[] = { cache_at(r, layer, 0, stream, head), cache_at(r, layer, 1, stream, head) };
	struct rows keys = { .kind = r->kind, .cols = (int)wide, .stride = wide,
		.w = (char *)r->cache + at[0] * kept_bytes(r) }, values = keys;

	values.w = (char *)r->cache + at[1] * kept_bytes(r);
	for (int i = 0; i < r->positions; i++) {
		size_t from = first + (size_t)i * width, place = (size_t)(r->step + i) * wide;

		keep(r, r->cache, at[0] + place, r->k + from, wide);
		keep(r, r->cache, at[1] + place, r->v + from, wide);
		keys.n = values.n = r->step + i + 1;
		look(s, &keys, &values, r->q + from, r->mixed + from);
	}
}

/* A head of a stream looks at its text; without one it sees nothing. */
static void
look_at_text(const struct seat *s, int layer, int stream, int head)
{
	struct decoder_run *r = s->r;
	size_t wide = (size_t)head_width(r), width = (size_t)r->d->c.width;
	size_t first = (size_t)(stream * r->positions) * width + (size_t)head * wide;
	struct rows keys = { .kind = r->kind, .cols = (int)wide, .stride = wide }, values;

	if (r->text[stream] >= 0) {
		const struct text *t = &r->texts[r->text[stream]];
		size_t one = (size_t)t->n * width;

		keys.n = t->n;
		keys.w = (char *)t->kv + kept_bytes(r) *
			((size_t)layer * 2 * one + (size_t)head * (size_t)t->n * wide);
		values = keys;
		values.w = (const char *)keys.w + one * kept_bytes(r);
	}
	for (int i = 0; i < r->positions; i++) {
		size_t from = first + (size_t)i * width;

		if (keys.n) look(s, &keys, &values, r->q + from, r->mixed + from);
		else memset(r->mixed + from, 0, wide * sizeof *r->mixed);
	}
}

/* One of several matrices whose rows the parts share. */
struct product {
	const struct linear *l;
	float *out;
	size_t stride;			/* of out, from one vector to the next */
};

/* The first of an adapter's two, shared as well: low[i][v] = A x[v]. */
static void
apply_low(const struct seat *s, const struct product *p, int n, const struct vectors *x)
{
	struct decoder_run *r = s->r;
	bool any = false;

	for (int i = 0; i < n; i++) {
		const struct linear *l = p[i].l;
		int from, to;

		if (!l->a.n || l->scale == 0) continue;
		crew_share(l->a.n, SHARE, s->part, s->parts, &from, &to);
		r->hands->kernels->times(&l->a, from, to, x,
			r->low + (size_t)i * (size_t)x->n * (size_t)r->rank, (size_t)r->rank);
		any = true;
	}
	if (any) crew_meet(r->hands->crew);
}

static void
add_adapter(const struct seat *s, const struct product *p, int i, int n, int from, int to)
{
	const struct linear *l = p[i].l;
	size_t rank = (size_t)s->r->rank, rows = (size_t)l->w.n;
	const struct vectors low = { .x = s->r->low + (size_t)i * (size_t)n * rank, .stride = rank,
		.n = n };

	if (!l->a.n || l->scale == 0) return;
	s->r->hands->kernels->times(&l->b, from, to, &low, s->more, rows);
	for (size_t v = 0; v < (size_t)n; v++)
		for (size_t k = (size_t)from; k < (size_t)to; k++)
			p[i].out[v * p[i].stride + k] += l->scale * s->more[v * rows + k];
}

/* Its rows, up to whole shares. */
static int
in_shares(const struct linear *l)
{
	return (l->w.n + SHARE - 1) / SHARE * SHARE;
}

/* This part's rows of n matrices of as many columns, times vectors x. */
static void
multiply(const struct seat *s, const struct product *p, int n, const float *x, int vectors)
{
	int cols = p->l->w.cols, rows = 0, from, to;
	struct vectors in = { .x = x, .stride = (size_t)cols, .n = vectors };

	for (int i = 0; i < n; i++) {
		rows += in_shares(p[i].l);
		if (!weights_whole(p[i].l->w.kind) || in.whole) continue;
		for (size_t v = 0; v < (size_t)vectors; v++)
			s->unit[v] = s->r->hands->kernels->whole(x + v * (size_t)cols, (size_t)cols,
				s->whole + v * (size_t)cols);
		in.whole = s->whole;
		in.unit = s->unit;
	}
	apply_low(s, p, n, &in);
	crew_share(rows, SHARE, s->part, s->parts, &from, &to);
	for (int i = 0; i < n; from -= in_shares(p[i].l), to -= in_shares(p[i].l), i++) {
		int a = from < 0 ? 0 : from, b = to < p[i].l->w.n ? to : p[i].l->w.n;

		if (a >= b) continue;
		s->r->hands->kernels->times(&p[i].l->w, a, b, &in, p[i].out, p[i].stride);
		add_adapter(s, p, i, vectors, a, b);
	}
}

/* s->y: norms of the first `vectors` states. Each part makes all of them, which takes less time
 * than waiting for others. */
static void
norm(const struct seat *s, const struct layer *l, enum norm which, int vectors)
{
	size_t width = (size_t)s->r->d->c.width;

	for (size_t v = 0; v < (size_t)vectors; v++)
		s->r->hands->kernels->layer_norm(s->r->x + v * width, width, l->norm[which],
			l->norm_bias[which], EPSILON, s->y + v * width);
}

/* x += W in, of this part's rows. */
static void
add(const struct seat *s, const struct linear *l, const float *in, int vectors)
{
	struct decoder_run *r = s->r;
	size_t width = (size_t)r->d->c.width;
	const struct product p = { l, r->more, width };
	int from, to;

	multiply(s, &p, 1, in, vectors);
	crew_share(l->w.n, SHARE, s->part, s->parts, &from, &to);
	for (size_t v = 0; v < (size_t)vectors; v++)
		for (size_t i = (size_t)from; i < (size_t)to; i++)
			r->x[v * width + i] += r->more[v * width + i];
	crew_meet(r->hands->crew);
}

static void
attend(const struct seat *s, int layer, int streams,
	void (*one)(const struct seat *s, int layer, int stream, int head))
{
	int heads = s->r->d->c.heads, from, to;

	crew_meet(s->r->hands->crew);
	crew_share(streams * heads, 1, s->part, s->parts, &from, &to);
	for (int i = from; i < to; i++) one(s, layer, i / heads, i % heads);
	crew_meet(s->r->hands->crew);
}

static void
run_layer(const struct seat *s, int layer)
{
	struct decoder_run *r = s->r;
	const struct layer *l = &r->d->layers[layer];
	size_t width = (size_t)r->d->c.width, ff = (size_t)r->d->c.feed_forward;
	int all = r->streams * r->positions, told = r->told * r->positions, from, to;
	const struct product self[] = { { &l->linear[SELF_Q], r->q, width },
		{ &l->linear[SELF_K], r->k, width }, { &l->linear[SELF_V], r->v, width } };
	const struct product text = { &l->linear[TEXT_Q], r->q, width };
	const struct product inner = { &l->linear[FC1], r->inner, ff };

	norm(s, l, SELF_NORM, all);
	multiply(s, self, 3, s->y, all);
	attend(s, layer, r->streams, look_back);
	add(s, &l->linear[SELF_OUT], r->mixed, all);
	if (told) {
		norm(s, l, TEXT_NORM, told);
		multiply(s, &text, 1, s->y, told);
		attend(s, layer, r->told, look_at_text);
		add(s, &l->linear[TEXT_OUT], r->mixed, told);
	}
	norm(s, l, FINAL_NORM, all);
	multiply(s, &inner, 1, s->y, all);
	crew_share((int)ff, SHARE, s->part, s->parts, &from, &to);
	for (size_t v = 0; v < (size_t)all; v++)
		r->hands->kernels->gelu(r->inner + v * ff + from, (size_t)(to - from));
	crew_meet(r->hands->crew);
	add(s, &l->linear[FC2], r->inner, all);
}

/* The embeddings of codes and of their places, in x: this part's columns, in both halves. */
static void
embed(const struct seat *s)
{
	struct decoder_run *r = s->r;
	const struct decoder_config *c = &r->d->c;
	size_t width = (size_t)c->width, half = width / 2, books = (size_t)c->codebooks;
	int from, to;

	crew_share((int)half, SHARE, s->part, s->parts, &from, &to);
	for (size_t v = 0; v < (size_t)(r->streams * r->positions); v++) {
		size_t stream = v / (size_t)r->positions, place = v % (size_t)r->positions;
		size_t step = (size_t)r->step + place;
		const int32_t *codes = r->codes + (place * (size_t)r->streams + stream) * books;
		const float *stored = step < (size_t)r->d->n_positions ?
			r->d->positions + step * width : NULL;
		float *x = r->x + v * width;

		for (size_t i = (size_t)from; i < (size_t)to; i++) {
			float a = (float)step * r->d->frequencies[i];

			x[i] = stored ? stored[i] : (float)cos((double)a);
			x[half + i] = stored ? stored[half + i] : (float)sin((double)a);
		}
		for (size_t k = 0; k < books; k++) {
			const float *row = r->d->embeddings[k] + (size_t)codes[k] * width;

			for (size_t i = (size_t)from; i < (size_t)to; i++) {
				x[i] += row[i];
				x[half + i] += row[half + i];
			}
		}
	}
	crew_meet(r->hands->crew);
}

/* The logits of each stream's last position. */
static void
tell(const struct seat *s)
{
	struct decoder_run *r = s->r;
	const struct decoder_config *c = &r->d->c;
	size_t width = (size_t)c->width, v = (size_t)c->vocabulary, books = (size_t)c->codebooks;
	struct product heads[CODEBOOKS_MAX];

	for (size_t i = 0; i < (size_t)r->streams; i++)
		r->hands->kernels->layer_norm(r->x + ((i + 1) * (size_t)r->positions - 1) * width,
			width, r->d->norm, r->d->norm_bias, EPSILON, s->y + i * width);
	for (size_t k = 0; k < books; k++)
		heads[k] = (struct product){ &r->d->heads[k], r->logits + k * v, books * v };
	multiply(s, heads, (int)books, s->y, r->streams);
}

/* All that a part does of r->positions steps. */
static void
take_part(void *ctx, int part, int parts)
{
	struct decoder_run *r = ctx;
	const struct seat *s = &r->seats[part];

	(void)parts;
	embed(s);
	for (int i = 0; i < r->d->c.layers; i++) run_layer(s, i);
	if (r->logits) tell(s);
}

static void
go(struct decoder_run *r, const int32_t *codes, int positions, float *logits)
{
	r->codes = codes;
	r->positions = positions;
	r->logits = logits;
	crew_run(r->hands->crew, take_part, r);
	r->step += positions;
}

void
decoder_feed(struct decoder_run *r, const int32_t *codes, int n)
{
	int most = r->streams < AT_ONCE ? AT_ONCE / r->streams : 1;
	size_t one = (size_t)r->streams * (size_t)r->d->c.codebooks;

	for (int done = 0, now; done < n; done += now) {
		now = n - done < most ? n - done : most;
		go(r, codes + (size_t)done * one, now, NULL);
	}
}

void
decoder_step(struct decoder_run *r, const int32_t *codes, float *logits)
{
	go(r, codes, 1, logits);
}
