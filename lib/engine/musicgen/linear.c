#include "engine/musicgen/linear.h"

#include <stdlib.h>

float *
floats_new(size_t n)
{
	float *p = malloc((n ? n : 1) * sizeof *p);

	if (!p) abort();
	return p;
}

struct product {
	const struct hands *hands;
	const struct rows *w;
	struct vectors x;
	int16_t *whole;			/* what x points at; NULL: not needed */
	float *unit;
	float *y;
	size_t y_stride;
};

/* Rows in whole blocks of the kernels. */
static void
share(void *ctx, int part, int parts)
{
	struct product *p = ctx;
	size_t cols = (size_t)p->w->cols;
	int from, to;

	if (p->whole) {
		crew_share(p->x.n, 1, part, parts, &from, &to);
		for (size_t v = (size_t)from; v < (size_t)to; v++)
			p->unit[v] = p->hands->kernels->whole(p->x.x + v * p->x.stride, cols,
				p->whole + v * cols);
		crew_meet(p->hands->crew);
	}
	crew_share(p->w->n, WHOLE_ROWS, part, parts, &from, &to);
	p->hands->kernels->times(p->w, from, to, &p->x, p->y, p->y_stride);
}

void
rows_apply(const struct hands *h, const struct rows *w, const float *x, size_t x_stride, int n,
	float *y, size_t y_stride)
{
	struct product p = { .hands = h, .w = w, .x = { .x = x, .stride = x_stride, .n = n },
		.y = y, .y_stride = y_stride };

	if (weights_whole(w->kind)) {
		p.x.whole = p.whole = malloc((size_t)n * (size_t)w->cols * sizeof *p.whole + 1);
		p.x.unit = p.unit = floats_new((size_t)n);
		if (!p.whole) abort();
	}
	crew_run(h->crew, share, &p);
	free(p.whole);
	free(p.unit);
}

void
linear_apply(const struct hands *h, const struct linear *l, const float *x, size_t x_stride, int n,
	float *y, size_t y_stride)
{
	float *inner, *more;

	rows_apply(h, &l->w, x, x_stride, n, y, y_stride);
	if (!l->a.n || l->scale == 0) return;
	inner = floats_new((size_t)n * (size_t)(l->a.n + l->w.n));
	more = inner + (size_t)n * (size_t)l->a.n;
	rows_apply(h, &l->a, x, x_stride, n, inner, (size_t)l->a.n);
	rows_apply(h, &l->b, inner, (size_t)l->a.n, n, more, (size_t)l->w.n);
	for (int v = 0; v < n; v++)
		for (int r = 0; r < l->w.n; r++)
			y[(size_t)v * y_stride + (size_t)r] +=
				l->scale * more[(size_t)v * (size_t)l->w.n + (size_t)r];
	free(inner);
}
