/* What lies between the matrices. Written with additions and multiplications alone, since the functions
 * of the C library differ in their last bits from host to host; errors are below 3e-7 of 1. */
#ifndef EARSHOT_ENGINE_MUSICGEN_NONLINEAR_H
#define EARSHOT_ENGINE_MUSICGEN_NONLINEAR_H

#include <stddef.h>

/* All of them in place, over n values. */
void relu(float *x, size_t n);
void gelu(float *x, size_t n);			/* x/2 · (1 + erf(x/√2)) */
void elu(float *x, size_t n);			/* x > 0 ? x : e^x - 1 */

/* e^x / Σ e^x; -INFINITY is a place that counts nothing. */
void softmax(float *x, size_t n);

/* (x - mean) / √(variance + epsilon) · weight + bias */
void layer_norm(const float *x, size_t n, const float *weight, const float *bias, float epsilon,
	float *y);

/* x / √(mean of squares + epsilon) · weight */
void rms_norm(const float *x, size_t n, const float *weight, float epsilon, float *y);

/* One step of an LSTM: gates (input, forget, cell, output; n each, biases included) change cell, and
 * hidden becomes output · tanh(cell). */
void lstm_step(const float *gates, size_t n, float *cell, float *hidden);

#endif
