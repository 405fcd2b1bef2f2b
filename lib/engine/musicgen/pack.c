#include "engine/musicgen/pack.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "engine/musicgen/half.h"

enum { GROUP_MAX = 128, LARGEST8 = 127, LARGEST12 = 2047 };

int
pack_group(int n, int cols)
{
	if (n % WHOLE_ROWS) return 0;
	for (int group = GROUP_MAX; group >= 64; group /= 2)
		if (cols % group == 0) return group;
	return 0;
}

size_t
pack_bytes(enum weights kind, int cols)
{
	size_t n = (size_t)cols;

	switch (kind) {
	case WEIGHTS_F32: return n * 4;
	case WEIGHTS_F16:
	case WEIGHTS_BF16: return n * 2;
	case WEIGHTS_I12: return n / 2 * 3;
	default: return n;
	}
}

/* The nearest whole number, of two the even one, for |x| < 2^22: beyond 1.5 · 2^23 floats have no
 * fractions. */
static float
nearest(float x)
{
	return (x + 12582912.0f) - 12582912.0f;
}

/* x[n] as whole numbers up to `largest` times the factor that is returned; their squared errors are
 * added to *error. */
static float
whole_numbers(const float *x, int n, float largest, float *whole, double *error)
{
	float most = 0, scale, sum = 0;

	for (int i = 0; i < n; i++)
		if (fabsf(x[i]) > most) most = fabsf(x[i]);
	scale = most / largest;
	for (int i = 0; i < n; i++) {
		/* A factor that is nearly 0 is not exact: what it gives may be too large. */
		float v = scale > 0 ? x[i] / scale : 0, d;

		v = nearest(v > largest ? largest : v < -largest ? -largest : v);
		d = x[i] - v * scale;

		whole[i] = v;
		sum += d * d;
	}
	*error += sum;
	return scale;
}

/* Four columns of WHOLE_ROWS rows, which lie `cols` apart: kernels.h tells the layout. Returns where
 * the next ones go. */
static int8_t *
store(enum weights kind, const float *whole, int cols, int8_t *out)
{
	for (int r = 0; r < WHOLE_ROWS; r++)
		for (int i = 0; i < 4; i++) {
			int v = (int)whole[r * cols + i], at = 2 * r + i % 2;
			int8_t *low = out + 4 * WHOLE_ROWS + at;

			if (kind == WEIGHTS_I8) {
				out[i / 2 * 2 * WHOLE_ROWS + at] = (int8_t)v;
				continue;
			}
			/* 2048 is 128 of the upper eight bits, which bear the sign. */
			v += 2048;
			out[i / 2 * 2 * WHOLE_ROWS + at] = (int8_t)((v >> 4) - 128);
			*low = (int8_t)(i < 2 ? v & 15 : (uint8_t)*low | (v & 15) << 4);
		}
	return out + (kind == WEIGHTS_I8 ? 4 : 6) * WHOLE_ROWS;
}

double
pack_whole(enum weights kind, int group, const float *x, int cols, void *out, float *scale)
{
	float whole[WHOLE_ROWS * GROUP_MAX], largest = kind == WEIGHTS_I8 ? LARGEST8 : LARGEST12;
	int8_t *to = out;
	double error = 0;

	for (int g = 0; g < cols / group; g++) {
		for (int r = 0; r < WHOLE_ROWS; r++)
			scale[g * WHOLE_ROWS + r] = whole_numbers(x + (size_t)r * (size_t)cols +
				g * group, group, largest, whole + r * group, &error);
		for (int k = 0; k < group; k += 4) to = store(kind, whole + k, group, to);
	}
	return error;
}

double
pack_row(enum weights kind, const float *x, int cols, void *out)
{
	double error = 0;

	if (kind == WEIGHTS_F32) {
		memcpy(out, x, (size_t)cols * sizeof *x);
		return 0;
	}
	for (int i = 0; i < cols; i++) {
		bool half = kind == WEIGHTS_F16;
		uint16_t v = half ? float_to_half(x[i]) : float_to_bfloat(x[i]);
		double d = (double)x[i] - (half ? half_to_float(v) : bfloat_to_float(v));

		memcpy((char *)out + 2 * i, &v, 2);
		error += d * d;
	}
	return error;
}
