#include "engine/musicgen/nonlinear.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* 2^n · e^r with r within ±ln 2 / 2, ln 2 in two parts (Cody and Waite); e^r by its Taylor series, whose
 * eighth term is below 2^-25 there. */
static inline float
exponential(float x)
{
	float scale, n, r, p;
	uint32_t bits;

	if (x < -87.0f) return 0;
	if (x > 88.0f) x = 88.0f;
	n = rintf(x * 1.44269504f);
	r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
	p = 1.0f + r * (1.0f + r * (1.0f / 2 + r * (1.0f / 6 + r * (1.0f / 24 + r * (1.0f / 120 +
		r * (1.0f / 720))))));
	bits = (uint32_t)((int32_t)n + 127) << 23;
	memcpy(&scale, &bits, 4);
	return p * scale;
}

/* Abramowitz and Stegun, 7.1.26: within 1.5e-7. */
static inline float
error_function(float x)
{
	float a = fabsf(x), t = 1.0f / (1.0f + 0.3275911f * a);
	float y = 1.0f - t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f +
		t * (-1.453152027f + t * 1.061405429f)))) * exponential(-a * a);

	return x < 0 ? -y : y;
}

static inline float
sigmoid(float x)
{
	return 1.0f / (1.0f + exponential(-x));
}

static inline float
hyperbolic_tangent(float x)
{
	return 1.0f - 2.0f / (exponential(2.0f * x) + 1.0f);
}

void
relu(float *x, size_t n)
{
	for (size_t i = 0; i < n; i++) x[i] = x[i] > 0 ? x[i] : 0;
}

void
gelu(float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = 0.5f * x[i] * (1.0f + error_function(x[i] * 0.707106781f));
}

void
elu(float *x, size_t n)
{
	for (size_t i = 0; i < n; i++) x[i] = x[i] > 0 ? x[i] : exponential(x[i]) - 1.0f;
}

void
softmax(float *x, size_t n)
{
	float most = -INFINITY;
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		if (x[i] > most) most = x[i];
	for (size_t i = 0; i < n; i++) {
		x[i] = exponential(x[i] - most);
		sum += x[i];
	}
	for (size_t i = 0; i < n; i++) x[i] = (float)(x[i] / sum);
}

void
layer_norm(const float *x, size_t n, const float *weight, const float *bias, float epsilon, float *y)
{
	double sum = 0, squares = 0, mean;
	float scale;

	for (size_t i = 0; i < n; i++) sum += x[i];
	mean = sum / (double)n;
	for (size_t i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
	scale = (float)(1 / sqrt(squares / (double)n + (double)epsilon));
	for (size_t i = 0; i < n; i++) y[i] = (x[i] - (float)mean) * scale * weight[i] + bias[i];
}

void
rms_norm(const float *x, size_t n, const float *weight, float epsilon, float *y)
{
	double squares = 0;
	float scale;

	for (size_t i = 0; i < n; i++) squares += (double)x[i] * x[i];
	scale = (float)(1 / sqrt(squares / (double)n + (double)epsilon));
	for (size_t i = 0; i < n; i++) y[i] = x[i] * scale * weight[i];
}

void
lstm_step(const float *gates, size_t n, float *cell, float *hidden)
{
	for (size_t i = 0; i < n; i++) {
		float input = sigmoid(gates[i]), forget = sigmoid(gates[n + i]);

		cell[i] = forget * cell[i] + input * hyperbolic_tangent(gates[2 * n + i]);
		hidden[i] = sigmoid(gates[3 * n + i]) * hyperbolic_tangent(cell[i]);
	}
}
