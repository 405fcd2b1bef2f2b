/* The arithmetic of the engine: rows of weights times vectors, sums of rows, and what lies between
 * the matrices.
 *
 * There is a table for each kind of processor and one in plain C; they give the same bits, so that
 * a take is the same on any host: products are summed in 16 lanes by fused multiply-adds, in order,
 * and the lanes in one fixed order; bytes are multiplied as whole numbers, which is exact in any
 * order. Rows are not divided among threads, so their number does not matter either. (Instructions
 * for products of bfloat16 round in their own way, so that none is used.)
 *
 * Functions such as e^x are made of additions and multiplications, since those of the C library
 * differ in their last bits from host to host; errors are below 3e-7 of 1. */
#ifndef EARSHOT_ENGINE_MUSICGEN_KERNELS_H
#define EARSHOT_ENGINE_MUSICGEN_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How weights are stored. */
enum weights { WEIGHTS_F32, WEIGHTS_F16, WEIGHTS_BF16, WEIGHTS_I8, WEIGHTS_I12, WEIGHTS_KINDS };

enum { WHOLE_ROWS = 16 };		/* rows of I8 and I12 that lie interleaved */

/* Rows of weights as they lie in memory. */
struct rows {
	enum weights kind;
	int n, cols;
	size_t stride;			/* values from one row to the next */
	const void *w;
	/* I8 and I12 are whole numbers times a factor, one for each `group` values of a row; a
	 * multiple of 64, and cols a multiple of it. n is a multiple of WHOLE_ROWS, as is what rows
	 * are taken from and to: so many lie interleaved, that one is in each lane of a register.
	 * w is [n / 16][cols / 4], for four columns of sixteen rows
	 *	I8	[2][16][2] bytes: of columns 0 and 1 each row's two, then of 2 and 3;
	 *	I12	the same, of twelve bits the upper eight with the sign, then [16][2] bytes,
	 *		the lower four: of columns 0 and 1 in a byte's lower half, of 2 and 3 in
	 *		the upper.
	 * scale is [n / 16][cols / group][16]. stride is not used. */
	const float *scale;
	int group;
};

/* What rows are multiplied with: n vectors, `stride` apart; they may overlap (a convolution's
 * windows). */
struct vectors {
	const float *x;
	size_t stride;
	int n;
	/* For I8 and I12 alone, made by whole(): the same in whole numbers, [n][cols], and what 1
	 * is in each. */
	const int16_t *whole;
	const float *unit;
};

/* Are they whole numbers? */
static inline bool
weights_whole(enum weights kind)
{
	return kind == WEIGHTS_I8 || kind == WEIGHTS_I12;
}

struct kernels {
	const char *name;		/* "avx2" */

	/* x[n] in whole numbers up to ±32767; returns what 1 is. */
	float (*whole)(const float *x, size_t n, int16_t *out);

	/* x[n] in 16 bits (half.h). */
	void (*halve)(const float *x, size_t n, uint16_t *out);

	/* y[v * y_stride + r] = Σ_k w[r][k] · x[v][k] for the rows from … to - 1. */
	void (*times)(const struct rows *w, int from, int to, const struct vectors *x, float *y,
		size_t y_stride);

	/* y[k] = Σ_r a[r] · w[r][k] for all rows: values of a cache, weighted. Not for I8, I12. */
	void (*mix)(const struct rows *w, const float *a, float *y);

	/* In place, over n values. */
	void (*gelu)(float *x, size_t n);	/* x/2 · (1 + erf(x/√2)) */
	void (*elu)(float *x, size_t n);	/* x > 0 ? x : e^x - 1 */
	void (*softmax)(float *x, size_t n);	/* e^x / Σ e^x; -INFINITY counts nothing */

	/* (x - mean) / √(variance + epsilon) · weight + bias */
	void (*layer_norm)(const float *x, size_t n, const float *weight, const float *bias,
		float epsilon, float *y);

	/* x / √(mean of squares + epsilon) · weight */
	void (*rms_norm)(const float *x, size_t n, const float *weight, float epsilon, float *y);

	/* One step of n cells of an LSTM: gates[4][stride] (input, forget, cell, output; n of each,
	 * biases included) change cell, and hidden becomes output · tanh(cell). */
	void (*lstm)(const float *gates, size_t stride, size_t n, float *cell, float *hidden);
};

/* The best one of this processor; EARSHOT_KERNELS=plain takes another that it can run. */
const struct kernels *kernels_best(void);

/* All that this processor can run, plain C first, ended by NULL. */
const struct kernels *const *kernels_all(void);

extern const struct kernels kernels_plain;
#if defined __x86_64__
extern const struct kernels kernels_avx2, kernels_avx512, kernels_vnni;
#elif defined __aarch64__
extern const struct kernels kernels_neon;
#endif

#endif
