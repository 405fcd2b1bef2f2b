/* The kernels, written once over lanes.h; each kernels_*.c makes its table of them by KERNELS_TABLE.
 *
 * Four rows and four vectors at a time: sixteen sums in flight hide the latency of the multiply-add,
 * and what was loaded is used four times. Guidance needs two vectors, so that there is a block of two
 * as well; in all of them each sum is made in the same order. */

#include "engine/musicgen/kernels.h"
#include "engine/musicgen/lanes.h"

#define INLINE static inline __attribute__((always_inline))

enum { ROWS_AT_ONCE = 4 };

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
	case WEIGHTS_BF16:
		memcpy(some, (const uint16_t *)w + k, (size_t)left * 2);
		return v_bf16((const uint16_t *)(const void *)some);
	default:
		memcpy(some, (const int8_t *)w + k, (size_t)left);
		return v_i8((const int8_t *)some);
	}
}

INLINE v16
load(enum weights kind, const void *w, size_t k)
{
	switch (kind) {
	case WEIGHTS_F32: return v_f32((const float *)w + k);
	case WEIGHTS_F16: return v_f16((const uint16_t *)w + k);
	case WEIGHTS_BF16: return v_bf16((const uint16_t *)w + k);
	default: return v_i8((const int8_t *)w + k);
	}
}

/* acc[r][v] += w[r][k] · x[v][k] for the columns from … to - 1. kind, R and V are constants where it
 * is called, so that loops and branches vanish. */
INLINE void
add_products(enum weights kind, int R, int V, const struct rows *m, size_t row, int from, int to,
	const float *x, size_t x_stride, v16 (*acc)[4])
{
	int k = from;

	for (; k + LANES <= to; k += LANES) {
		v16 w[ROWS_AT_ONCE];

		for (int r = 0; r < R; r++) w[r] = load(kind, m->w, (row + (size_t)r) * m->stride + (size_t)k);
		for (int v = 0; v < V; v++) {
			v16 in = v_f32(x + (size_t)v * x_stride + k);

			for (int r = 0; r < R; r++) acc[r][v] = v_fma(w[r], in, acc[r][v]);
		}
	}
	if (k == to) return;
	for (int v = 0; v < V; v++) {
		v16 in = load_some(WEIGHTS_F32, x + (size_t)v * x_stride, (size_t)k, to - k);

		for (int r = 0; r < R; r++)
			acc[r][v] = v_fma(load_some(kind, m->w, (row + (size_t)r) * m->stride +
				(size_t)k, to - k), in, acc[r][v]);
	}
}

/* R rows from `row` on times V vectors. Integers have a factor for each group of columns. */
INLINE void
block(enum weights kind, int R, int V, const struct rows *m, int row, const float *x,
	size_t x_stride, float *y, size_t y_stride)
{
	v16 acc[ROWS_AT_ONCE][4];

	for (int r = 0; r < R; r++)
		for (int v = 0; v < V; v++) acc[r][v] = v_zero();
	if (kind != WEIGHTS_I8) {
		add_products(kind, R, V, m, (size_t)row, 0, m->cols, x, x_stride, acc);
	} else {
		int groups = m->cols / m->group;

		for (int g = 0; g < groups; g++) {
			v16 part[ROWS_AT_ONCE][4];

			for (int r = 0; r < R; r++)
				for (int v = 0; v < V; v++) part[r][v] = v_zero();
			add_products(kind, R, V, m, (size_t)row, g * m->group, (g + 1) * m->group, x,
				x_stride, part);
			for (int r = 0; r < R; r++) {
				v16 scale = v_all(m->scale[(size_t)(row + r) * (size_t)groups + (size_t)g]);

				for (int v = 0; v < V; v++) acc[r][v] = v_fma(part[r][v], scale, acc[r][v]);
			}
		}
	}
	for (int v = 0; v < V; v++)
		for (int r = 0; r < R; r++) y[(size_t)v * y_stride + (size_t)(row + r)] = v_sum(acc[r][v]);
}

/* R rows times all vectors. */
INLINE void
rows_times(enum weights kind, int R, const struct rows *m, int row, const float *x, size_t x_stride,
	int n, float *y, size_t y_stride)
{
	int v = 0;

	for (; v + 4 <= n; v += 4)
		block(kind, R, 4, m, row, x + (size_t)v * x_stride, x_stride,
			y + (size_t)v * y_stride, y_stride);
	for (; v + 2 <= n; v += 2)
		block(kind, R, 2, m, row, x + (size_t)v * x_stride, x_stride,
			y + (size_t)v * y_stride, y_stride);
	if (v < n)
		block(kind, R, 1, m, row, x + (size_t)v * x_stride, x_stride,
			y + (size_t)v * y_stride, y_stride);
}

INLINE void
all_times(enum weights kind, const struct rows *m, int from, int to, const float *x,
	size_t x_stride, int n, float *y, size_t y_stride)
{
	int r = from;

	for (; r + ROWS_AT_ONCE <= to; r += ROWS_AT_ONCE)
		rows_times(kind, ROWS_AT_ONCE, m, r, x, x_stride, n, y, y_stride);
	for (; r < to; r++) rows_times(kind, 1, m, r, x, x_stride, n, y, y_stride);
}

static void
times(const struct rows *m, int from, int to, const float *x, size_t x_stride, int n, float *y,
	size_t y_stride)
{
	switch (m->kind) {
	case WEIGHTS_F32: all_times(WEIGHTS_F32, m, from, to, x, x_stride, n, y, y_stride); return;
	case WEIGHTS_F16: all_times(WEIGHTS_F16, m, from, to, x, x_stride, n, y, y_stride); return;
	case WEIGHTS_BF16: all_times(WEIGHTS_BF16, m, from, to, x, x_stride, n, y, y_stride); return;
	default: all_times(WEIGHTS_I8, m, from, to, x, x_stride, n, y, y_stride);
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
			acc[c] = v_fma(factor, load(kind, m->w, (size_t)r * m->stride + (size_t)(k + LANES * c)),
				acc[c]);
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

#define KERNELS_TABLE(isa) const struct kernels kernels_##isa = { #isa, times, mix }
