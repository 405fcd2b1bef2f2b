/* A linear layer, y = W x, and what an adapter adds to it: scale · B (A x). */
#ifndef EARSHOT_ENGINE_MUSICGEN_LINEAR_H
#define EARSHOT_ENGINE_MUSICGEN_LINEAR_H

#include "engine/musicgen/crew.h"
#include "engine/musicgen/kernels.h"

/* Who computes. */
struct hands {
	struct crew *crew;
	const struct kernels *kernels;
};

/* Room for n floats, to be given to free(); without memory it aborts. */
float *floats_new(size_t n);

struct linear {
	struct rows w;
	struct rows a, b;		/* a: [r, cols], b: [n, r]; a.n 0: no adapter */
	float scale;
};

/* y[v] = W x[v] for n vectors that lie x_stride and y_stride floats apart, with l's adapter. */
void linear_apply(const struct hands *h, const struct linear *l, const float *x, size_t x_stride,
	int n, float *y, size_t y_stride);

/* The same of bare rows. */
void rows_apply(const struct hands *h, const struct rows *w, const float *x, size_t x_stride, int n,
	float *y, size_t y_stride);

#endif
