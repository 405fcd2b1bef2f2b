#include "engine/musicgen/linear.h"

#include <stdlib.h>

struct product {
	const struct kernels *kernels;
	const struct rows *w;
	const float *x;
	size_t x_stride;
	int n;
	float *y;
	size_t y_stride;
};

/* Rows in fours, which are a kernel's block. */
static void
share(void *ctx, int part, int parts)
{
	const struct product *p = ctx;
	int from, to;

	crew_share(p->w->n, 4, part, parts, &from, &to);
	p->kernels->times(p->w, from, to, p->x, p->x_stride, p->n, p->y, p->y_stride);
}

void
rows_apply(const struct hands *h, const struct rows *w, const float *x, size_t x_stride, int n,
	float *y, size_t y_stride)
{
	struct product p = { h->kernels, w, x, x_stride, n, y, y_stride };

	crew_run(h->crew, share, &p);
}

void
linear_apply(const struct hands *h, const struct linear *l, const float *x, size_t x_stride, int n,
	float *y, size_t y_stride)
{
	float *inner, *more;

	rows_apply(h, &l->w, x, x_stride, n, y, y_stride);
	if (!l->a.n || l->scale == 0) return;
	inner = malloc((size_t)n * (size_t)(l->a.n + l->w.n) * sizeof *inner);
	if (!inner) abort();
	more = inner + (size_t)n * (size_t)l->a.n;
	rows_apply(h, &l->a, x, x_stride, n, inner, (size_t)l->a.n);
	rows_apply(h, &l->b, inner, (size_t)l->a.n, n, more, (size_t)l->w.n);
	for (int v = 0; v < n; v++)
		for (int r = 0; r < l->w.n; r++)
			y[(size_t)v * y_stride + (size_t)r] +=
				l->scale * more[(size_t)v * (size_t)l->w.n + (size_t)r];
	free(inner);
}
