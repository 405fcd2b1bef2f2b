/* Sixteen floats at a time, on what the processor has. Included by the kernels_*.c alone, each of
 * which says by LANES_… which one it is, and has the compiler's target set.
 *
 * Every kind computes the same bits: a fused multiply-add per lane, and sums in one order. */
#ifndef EARSHOT_ENGINE_MUSICGEN_LANES_H
#define EARSHOT_ENGINE_MUSICGEN_LANES_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "engine/musicgen/half.h"

enum { LANES = 16 };

#if defined LANES_AVX512

#include <immintrin.h>
typedef __m512 v16;

static inline v16 v_zero(void) { return _mm512_setzero_ps(); }
static inline v16 v_all(float f) { return _mm512_set1_ps(f); }
static inline v16 v_f32(const float *p) { return _mm512_loadu_ps(p); }
static inline void v_store(float *p, v16 v) { _mm512_storeu_ps(p, v); }
static inline v16 v_fma(v16 a, v16 b, v16 c) { return _mm512_fmadd_ps(a, b, c); }

static inline v16
v_f16(const uint16_t *p)
{
	return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
}

static inline v16
v_bf16(const uint16_t *p)
{
	__m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p));

	return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
}

static inline v16
v_i8(const int8_t *p)
{
	return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p)));
}

#elif defined LANES_AVX2

#include <immintrin.h>
typedef struct { __m256 a, b; } v16;

static inline v16
v_zero(void)
{
	return (v16){ _mm256_setzero_ps(), _mm256_setzero_ps() };
}

static inline v16
v_all(float f)
{
	return (v16){ _mm256_set1_ps(f), _mm256_set1_ps(f) };
}

static inline v16
v_f32(const float *p)
{
	return (v16){ _mm256_loadu_ps(p), _mm256_loadu_ps(p + 8) };
}

static inline void
v_store(float *p, v16 v)
{
	_mm256_storeu_ps(p, v.a);
	_mm256_storeu_ps(p + 8, v.b);
}

static inline v16
v_fma(v16 x, v16 y, v16 z)
{
	return (v16){ _mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b) };
}

static inline v16
v_f16(const uint16_t *p)
{
	return (v16){ _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)),
		_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p + 8))) };
}

static inline __m256
bf16_half(const uint16_t *p)
{
	__m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p));

	return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
}

static inline v16
v_bf16(const uint16_t *p)
{
	return (v16){ bf16_half(p), bf16_half(p + 8) };
}

static inline v16
v_i8(const int8_t *p)
{
	__m128i all = _mm_loadu_si128((const __m128i *)p);

	return (v16){ _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(all)),
		_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(all, 8))) };
}

#elif defined LANES_NEON

#include <arm_neon.h>
typedef struct { float32x4_t q[4]; } v16;

static inline v16
v_all(float f)
{
	return (v16){ { vdupq_n_f32(f), vdupq_n_f32(f), vdupq_n_f32(f), vdupq_n_f32(f) } };
}

static inline v16 v_zero(void) { return v_all(0); }

static inline v16
v_f32(const float *p)
{
	return (v16){ { vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vld1q_f32(p + 12) } };
}

static inline void
v_store(float *p, v16 v)
{
	for (int i = 0; i < 4; i++) vst1q_f32(p + 4 * i, v.q[i]);
}

static inline v16
v_fma(v16 a, v16 b, v16 c)
{
	for (int i = 0; i < 4; i++) c.q[i] = vfmaq_f32(c.q[i], a.q[i], b.q[i]);
	return c;
}

static inline v16
v_f16(const uint16_t *p)
{
	v16 v;

	for (int i = 0; i < 4; i++)
		v.q[i] = vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p + 4 * i)));
	return v;
}

static inline v16
v_bf16(const uint16_t *p)
{
	v16 v;

	for (int i = 0; i < 4; i++)
		v.q[i] = vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p + 4 * i), 16));
	return v;
}

static inline v16
v_i8(const int8_t *p)
{
	int16x8_t low = vmovl_s8(vld1_s8(p)), high = vmovl_s8(vld1_s8(p + 8));

	return (v16){ { vcvtq_f32_s32(vmovl_s16(vget_low_s16(low))),
		vcvtq_f32_s32(vmovl_s16(vget_high_s16(low))),
		vcvtq_f32_s32(vmovl_s16(vget_low_s16(high))),
		vcvtq_f32_s32(vmovl_s16(vget_high_s16(high))) } };
}

#else	/* plain C, which says what the others do */

typedef struct { float f[LANES]; } v16;

static inline v16
v_all(float f)
{
	v16 v;

	for (int i = 0; i < LANES; i++) v.f[i] = f;
	return v;
}

static inline v16 v_zero(void) { return v_all(0); }
static inline void v_store(float *p, v16 v) { memcpy(p, v.f, sizeof v.f); }

static inline v16
v_f32(const float *p)
{
	v16 v;

	memcpy(v.f, p, sizeof v.f);
	return v;
}

static inline v16
v_fma(v16 a, v16 b, v16 c)
{
	for (int i = 0; i < LANES; i++) c.f[i] = fmaf(a.f[i], b.f[i], c.f[i]);
	return c;
}

static inline v16
v_f16(const uint16_t *p)
{
	v16 v;

	for (int i = 0; i < LANES; i++) v.f[i] = half_to_float(p[i]);
	return v;
}

static inline v16
v_bf16(const uint16_t *p)
{
	v16 v;

	for (int i = 0; i < LANES; i++) v.f[i] = bfloat_to_float(p[i]);
	return v;
}

static inline v16
v_i8(const int8_t *p)
{
	v16 v;

	for (int i = 0; i < LANES; i++) v.f[i] = p[i];
	return v;
}

#endif

/* All lanes in one: each with the one 8 places on, of these each with the one 4 on, and so on. */
static inline float
v_sum(v16 v)
{
	float f[LANES];

	v_store(f, v);
	for (int half = LANES / 2; half; half /= 2)
		for (int i = 0; i < half; i++) f[i] += f[i + half];
	return f[0];
}

#endif
