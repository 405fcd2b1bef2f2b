/* The kernels, written once over lanes.h; each kernels_*.c makes its table of them by
 * KERNELS_TABLE.
 *
 * Rows and vectors are taken in blocks of four, so that sums in flight hide the latency of the
 * multiply-add, and what was loaded is used again. In blocks of all sizes each sum is made in the
 * same order. */

#include <stdbool.h>

#include "engine/musicgen/kernels.h"
#include "engine/musicgen/lanes.h"

/* What is constant where such a function is called makes its loops and branches vanish. With the
 * checks of a sanitizer in each copy, and in plain C, that would take a compiler minutes. */
#if defined LANES_FAST && !defined __SANITIZE_ADDRESS__
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

enum {
	ROWS_AT_ONCE = 4, VECTORS_AT_ONCE = 4,
	AHEAD = 16384,			/* bytes from what is used to what is fetched */
};

/* What lies at w + k: `left` (1 … 15) values of it and zeros. */
INLINE v16
load_some(enum weights kind, const void *w, size_t k, int left)
{
	char some[LANES * 4] = {0};

	switch (kind) {
	case WEIGHTS_F32:
		memcpy(some, (const float *)w + k, (size_t)left * 4);
		return v_f32((const float *)(const void *)some);
	case WEIGHTS_F16:
		memcpy(some, (const uint16_t *)w + k, (size_t)left * 2);
		return v_f16((const uint16_t *)(const void *)some);
	default:
		memcpy(some, (const uint16_t *)w + k, (size_t)left * 2);
		return v_bf16((const uint16_t *)(const void *)some);
	}
}

/* Weights lie in a row, and are read once: what comes next but AHEAD is fetched meanwhile. */
INLINE v16
load(enum weights kind, const void *w, size_t k)
{
	const float *f = (const float *)w + k;
	const uint16_t *h = (const uint16_t *)w + k;

	switch (kind) {
	case WEIGHTS_F32:
		__builtin_prefetch((const char *)f + AHEAD, 0, 2);
		return v_f32(f);
	case WEIGHTS_F16:
		__builtin_prefetch((const char *)h + AHEAD, 0, 2);
		return v_f16(h);
	default:
		__builtin_prefetch((const char *)h + AHEAD, 0, 2);
		return v_bf16(h);
	}
}

/* acc[r][v] += w[r][k] · x[v][k] for all columns. kind, R and V are constants where it is called,
 * so that loops and branches vanish. */
INLINE void
add_products(enum weights kind, int R, int V, const struct rows *m, size_t row, const float *x,
	size_t x_stride, v16 (*acc)[ROWS_AT_ONCE])
{
	int k = 0;

	for (; k + LANES <= m->cols; k += LANES) {
		v16 w[ROWS_AT_ONCE];

		for (int r = 0; r < R; r++)
			w[r] = load(kind, m->w, (row + (size_t)r) * m->stride + (size_t)k);
		for (int v = 0; v < V; v++) {
			v16 in = v_f32(x + (size_t)v * x_stride + k);

			for (int r = 0; r < R; r++) acc[v][r] = v_fma(w[r], in, acc[v][r]);
		}
	}
	if (k == m->cols) return;
	for (int v = 0; v < V; v++) {
		v16 in = load_some(WEIGHTS_F32, x + (size_t)v * x_stride, (size_t)k, m->cols - k);

		for (int r = 0; r < R; r++)
			acc[v][r] = v_fma(load_some(kind, m->w, (row + (size_t)r) * m->stride +
				(size_t)k, m->cols - k), in, acc[v][r]);
	}
}

/* R rows from `row` on times V vectors from `first` on. */
INLINE void
block(enum weights kind, int R, int V, const struct rows *m, int row, const struct vectors *x,
	int first, float *y, size_t y_stride)
{
	v16 acc[VECTORS_AT_ONCE][ROWS_AT_ONCE];

	for (int v = 0; v < V; v++)
		for (int r = 0; r < ROWS_AT_ONCE; r++) acc[v][r] = v_zero();
	add_products(kind, R, V, m, (size_t)row, x->x + (size_t)first * x->stride, x->stride, acc);
	for (int v = 0; v < V; v++) {
		float sums[ROWS_AT_ONCE], *to = y + (size_t)(first + v) * y_stride + row;

		v_sum4(acc[v], sums);
		for (int r = 0; r < R; r++) to[r] = sums[r];
	}
}

/* R rows times all vectors. */
INLINE void
rows_times(enum weights kind, int R, const struct rows *m, int row, const struct vectors *x,
	float *y, size_t y_stride)
{
	int v = 0;

	for (; v + 4 <= x->n; v += 4) block(kind, R, 4, m, row, x, v, y, y_stride);
	for (; v + 2 <= x->n; v += 2) block(kind, R, 2, m, row, x, v, y, y_stride);
	if (v < x->n) block(kind, R, 1, m, row, x, v, y, y_stride);
}

INLINE void
all_times(enum weights kind, const struct rows *m, int from, int to, const struct vectors *x,
	float *y, size_t y_stride)
{
	int r = from;

	for (; r + ROWS_AT_ONCE <= to; r += ROWS_AT_ONCE)
		rows_times(kind, ROWS_AT_ONCE, m, r, x, y, y_stride);
	for (; r < to; r++) rows_times(kind, 1, m, r, x, y, y_stride);
}

/* Sixteen rows from `row` on of whole numbers times V vectors; each lane is a row. The products are
 * exact over so many columns that their sum surely fits into 32 bits: 512 · 128 · 32767, or
 * 32 · 2048 · 32767. */
INLINE void
whole_block(bool twelve, int V, const struct rows *m, int row, const struct vectors *x, int first,
	float *y, size_t y_stride)
{
	enum { SETS_MAX = 2 };
	const int exact = twelve ? 32 : 512, sets = V <= 2 ? 2 : 1;	/* of sums in flight */
	size_t start = (size_t)row * (size_t)m->cols, four = twelve ? 96 : 64;
	const int8_t *w = (const int8_t *)m->w + start / 64 * four;
	const float *scale = m->scale + start / (size_t)m->group;
	const int16_t *in = x->whole + (size_t)first * (size_t)m->cols;
	v16 acc[WHOLE_VECTORS];

	for (int v = 0; v < V; v++) acc[v] = v_zero();
	for (int from = 0, to; from < m->cols; from = to) {
		int group = from / m->group;
		i16 part[WHOLE_VECTORS][SETS_MAX];

		to = (group + 1) * m->group;
		if (to > from + exact) to = from + exact;
		for (int v = 0; v < V; v++) part[v][0] = part[v][1] = i_zero();
		for (int k = from; k < to; k += 4, w += four) {
			pairs a = twelve ? p_load12(w, w + 64, false) : p_load(w);
			pairs b = twelve ? p_load12(w + 32, w + 64, true) : p_load(w + 32);

			__builtin_prefetch(w + AHEAD, 0, 2);
			if (twelve) __builtin_prefetch(w + AHEAD + 64, 0, 2);
			for (int v = 0; v < V; v++) {
				const int16_t *at = in + (size_t)v * (size_t)m->cols + k;

				part[v][0] = p_dot(a, at, part[v][0]);
				part[v][sets - 1] = p_dot(b, at + 2, part[v][sets - 1]);
			}
		}
		for (int v = 0; v < V; v++) {
			if (sets == 2) part[v][0] = i_add(part[v][0], part[v][1]);
			acc[v] = v_fma(i_float(part[v][0]), v_f32(scale + WHOLE_ROWS * group),
				acc[v]);
		}
	}
	for (int v = 0; v < V; v++)
		v_store(y + (size_t)(first + v) * y_stride + row,
			v_mul(acc[v], v_all(x->unit[first + v])));
}

INLINE void
whole_times(bool twelve, const struct rows *m, int from, int to, const struct vectors *x, float *y,
	size_t y_stride)
{
	for (int r = from; r < to; r += WHOLE_ROWS) {
		int v = 0;

		for (; v + WHOLE_VECTORS <= x->n; v += WHOLE_VECTORS)
			whole_block(twelve, WHOLE_VECTORS, m, r, x, v, y, y_stride);
		for (; v + 4 <= x->n; v += 4) whole_block(twelve, 4, m, r, x, v, y, y_stride);
		for (; v + 2 <= x->n; v += 2) whole_block(twelve, 2, m, r, x, v, y, y_stride);
		if (v < x->n) whole_block(twelve, 1, m, r, x, v, y, y_stride);
	}
}

static void
times(const struct rows *m, int from, int to, const struct vectors *x, float *y, size_t y_stride)
{
	switch (m->kind) {
	case WEIGHTS_F32: all_times(WEIGHTS_F32, m, from, to, x, y, y_stride); return;
	case WEIGHTS_F16: all_times(WEIGHTS_F16, m, from, to, x, y, y_stride); return;
	case WEIGHTS_BF16: all_times(WEIGHTS_BF16, m, from, to, x, y, y_stride); return;
	case WEIGHTS_I8: whole_times(false, m, from, to, x, y, y_stride); return;
	default: whole_times(true, m, from, to, x, y, y_stride);
	}
}

/* C times sixteen columns from k on, over all rows. */
INLINE void
mix_columns(enum weights kind, int C, const struct rows *m, const float *a, int k, float *y)
{
	v16 acc[4];

	for (int c = 0; c < C; c++) acc[c] = v_zero();
	for (int r = 0; r < m->n; r++) {
		v16 factor = v_all(a[r]);

		for (int c = 0; c < C; c++)
			acc[c] = v_fma(factor, load(kind, m->w, (size_t)r * m->stride +
				(size_t)(k + LANES * c)), acc[c]);
	}
	for (int c = 0; c < C; c++) v_store(y + k + LANES * c, acc[c]);
}

INLINE void
mix_all(enum weights kind, const struct rows *m, const float *a, float *y)
{
	int k = 0;
	float some[LANES];
	v16 acc = v_zero();

	for (; k + 4 * LANES <= m->cols; k += 4 * LANES) mix_columns(kind, 4, m, a, k, y);
	for (; k + LANES <= m->cols; k += LANES) mix_columns(kind, 1, m, a, k, y);
	if (k == m->cols) return;
	for (int r = 0; r < m->n; r++)
		acc = v_fma(v_all(a[r]), load_some(kind, m->w, (size_t)r * m->stride + (size_t)k,
			m->cols - k), acc);
	v_store(some, acc);
	memcpy(y + k, some, (size_t)(m->cols - k) * sizeof *y);
}

static void
mix(const struct rows *m, const float *a, float *y)
{
	switch (m->kind) {
	case WEIGHTS_F32: mix_all(WEIGHTS_F32, m, a, y); return;
	case WEIGHTS_F16: mix_all(WEIGHTS_F16, m, a, y); return;
	default: mix_all(WEIGHTS_BF16, m, a, y);
	}
}

#include "engine/musicgen/kernels_between.h"

#define KERNELS_TABLE(isa) const struct kernels kernels_##isa = { #isa, whole, halve, times, mix, \
	gelu, elu, softmax, layer_norm, rms_norm, lstm }
