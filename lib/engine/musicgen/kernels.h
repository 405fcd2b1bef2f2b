/* The arithmetic of the engine: rows of weights times vectors, and sums of rows.
 *
 * There is a table for each kind of processor and one in plain C; they give the same bits, so that a
 * take is the same on any host: products are summed in 16 lanes by fused multiply-adds, in order, and
 * the lanes in one fixed order. Rows are not divided among threads, so their number does not matter
 * either. */
#ifndef EARSHOT_ENGINE_MUSICGEN_KERNELS_H
#define EARSHOT_ENGINE_MUSICGEN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* How weights are stored. */
enum weights { WEIGHTS_F32, WEIGHTS_F16, WEIGHTS_BF16, WEIGHTS_I8, WEIGHTS_KINDS };

/* Rows of weights as they lie in memory. */
struct rows {
	enum weights kind;
	int n, cols;
	size_t stride;			/* values from one row to the next */
	const void *w;
	/* I8 only: group / cols factors a row, one for each `group` values; a multiple of 16, and
	 * cols a multiple of it. */
	const float *scale;
	int group;
};

struct kernels {
	const char *name;		/* "avx2" */

	/* y[v * y_stride + r] = Σ_k w[r][k] · x[v * x_stride + k] for the rows from … to - 1 and the
	 * vectors 0 … n - 1; vectors may overlap (a convolution's windows). */
	void (*times)(const struct rows *w, int from, int to, const float *x, size_t x_stride, int n,
		float *y, size_t y_stride);

	/* y[k] = Σ_r a[r] · w[r][k] for all rows: values of a cache, weighted. */
	void (*mix)(const struct rows *w, const float *a, float *y);
};

/* The best one of this processor; EARSHOT_KERNELS=plain takes another that it can run. */
const struct kernels *kernels_best(void);

/* All that this processor can run, plain C first, ended by NULL. */
const struct kernels *const *kernels_all(void);

extern const struct kernels kernels_plain;
#if defined __x86_64__
extern const struct kernels kernels_avx2, kernels_avx512;
#elif defined __aarch64__
extern const struct kernels kernels_neon;
#endif

#endif
