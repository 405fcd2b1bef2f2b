/* Sixteen floats at a time (v16), or sixteen whole numbers (i16), on what the processor has.
 * Included by the kernels_*.c alone, each of which says by LANES_… which one it is, and has the
 * compiler's target set. Plain C, at the end, says what each function does.
 *
 * Every kind computes the same bits: a fused multiply-add per lane, and sums in one order. */
#ifndef EARSHOT_ENGINE_MUSICGEN_LANES_H
#define EARSHOT_ENGINE_MUSICGEN_LANES_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "engine/musicgen/half.h"

enum { LANES = 16 };

#if defined LANES_AVX512 || defined LANES_AVX2 || defined LANES_NEON
#define LANES_FAST
#endif

/* For how many vectors sums of whole numbers fit into the registers: a power of 2, at least 4. */
#if defined LANES_AVX512
enum { WHOLE_VECTORS = 8 };
#else
enum { WHOLE_VECTORS = 4 };
#endif

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

static inline v16 v_add(v16 a, v16 b) { return _mm512_add_ps(a, b); }
static inline v16 v_sub(v16 a, v16 b) { return _mm512_sub_ps(a, b); }
static inline v16 v_mul(v16 a, v16 b) { return _mm512_mul_ps(a, b); }
static inline v16 v_div(v16 a, v16 b) { return _mm512_div_ps(a, b); }
static inline v16 v_max(v16 a, v16 b) { return _mm512_max_ps(a, b); }

static inline void
v_store_f16(uint16_t *p, v16 v)
{
	_mm256_storeu_si256((__m256i *)p, _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}

static inline v16
v_positive(v16 x, v16 a, v16 b)
{
	return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_GT_OQ), b, a);
}

static inline v16
v_power(v16 n)
{
	__m512i i = _mm512_add_epi32(_mm512_cvttps_epi32(n), _mm512_set1_epi32(127));

	return _mm512_castsi512_ps(_mm512_slli_epi32(i, 23));
}

static inline void
v_sum4(const v16 *v, float *out)
{
	__m512 a = _mm512_add_ps(_mm512_shuffle_f32x4(v[0], v[1], 0x44),
		_mm512_shuffle_f32x4(v[0], v[1], 0xee));
	__m512 b = _mm512_add_ps(_mm512_shuffle_f32x4(v[2], v[3], 0x44),
		_mm512_shuffle_f32x4(v[2], v[3], 0xee));
	__m512 c = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88),
		_mm512_shuffle_f32x4(a, b, 0xdd));
	const __m512i firsts = _mm512_setr_epi32(0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

	c = _mm512_add_ps(c, _mm512_permute_ps(c, 0x4e));
	c = _mm512_add_ps(c, _mm512_permute_ps(c, 0xb1));
	_mm_storeu_ps(out, _mm512_castps512_ps128(_mm512_permutexvar_ps(firsts, c)));
}

typedef __m512i i16;
typedef __m512i pairs;

static inline i16 i_zero(void) { return _mm512_setzero_si512(); }
static inline i16 i_add(i16 a, i16 b) { return _mm512_add_epi32(a, b); }
static inline v16 i_float(i16 v) { return _mm512_cvtepi32_ps(v); }

static inline pairs
p_load(const int8_t *p)
{
	return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)p));
}

static inline pairs
p_load12(const int8_t *high, const int8_t *low, bool upper)
{
	__m512i h = _mm512_slli_epi16(p_load(high), 4);
	__m512i l = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)low));

	l = upper ? _mm512_srli_epi16(l, 4) : _mm512_and_si512(l, _mm512_set1_epi16(15));
	return _mm512_or_si512(h, l);
}

static inline i16
p_dot(pairs w, const int16_t *x, i16 sum)
{
	int32_t two;

	memcpy(&two, x, sizeof two);
#if defined LANES_VNNI
	return _mm512_dpwssd_epi32(sum, w, _mm512_set1_epi32(two));
#else
	return _mm512_add_epi32(sum, _mm512_madd_epi16(w, _mm512_set1_epi32(two)));
#endif
}

static inline void
v_store_whole(int16_t *p, v16 v)
{
	_mm256_storeu_si256((__m256i *)p, _mm512_cvtepi32_epi16(_mm512_cvttps_epi32(v)));
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

#define BOTH(f, x, y) ((v16){ f((x).a, (y).a), f((x).b, (y).b) })
static inline v16 v_add(v16 x, v16 y) { return BOTH(_mm256_add_ps, x, y); }
static inline v16 v_sub(v16 x, v16 y) { return BOTH(_mm256_sub_ps, x, y); }
static inline v16 v_mul(v16 x, v16 y) { return BOTH(_mm256_mul_ps, x, y); }
static inline v16 v_div(v16 x, v16 y) { return BOTH(_mm256_div_ps, x, y); }
static inline v16 v_max(v16 x, v16 y) { return BOTH(_mm256_max_ps, x, y); }

static inline void
v_store_f16(uint16_t *p, v16 v)
{
	_mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph(v.a, _MM_FROUND_TO_NEAREST_INT));
	_mm_storeu_si128((__m128i *)(p + 8), _mm256_cvtps_ph(v.b, _MM_FROUND_TO_NEAREST_INT));
}

static inline __m256
positive_half(__m256 x, __m256 a, __m256 b)
{
	return _mm256_blendv_ps(b, a, _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_GT_OQ));
}

static inline v16
v_positive(v16 x, v16 a, v16 b)
{
	return (v16){ positive_half(x.a, a.a, b.a), positive_half(x.b, a.b, b.b) };
}

static inline __m256
power_half(__m256 n)
{
	__m256i i = _mm256_add_epi32(_mm256_cvttps_epi32(n), _mm256_set1_epi32(127));

	return _mm256_castsi256_ps(_mm256_slli_epi32(i, 23));
}

static inline v16
v_power(v16 n)
{
	return (v16){ power_half(n.a), power_half(n.b) };
}

static inline void
v_sum4(const v16 *v, float *out)
{
	__m256 s[4], a, b;
	__m128 low, high;

	for (int i = 0; i < 4; i++) s[i] = _mm256_add_ps(v[i].a, v[i].b);
	a = _mm256_add_ps(_mm256_permute2f128_ps(s[0], s[1], 0x20),
		_mm256_permute2f128_ps(s[0], s[1], 0x31));
	b = _mm256_add_ps(_mm256_permute2f128_ps(s[2], s[3], 0x20),
		_mm256_permute2f128_ps(s[2], s[3], 0x31));
	/* Of 0, 2 | 1, 3: pairs two places apart, then neighbours. */
	a = _mm256_add_ps(_mm256_shuffle_ps(a, b, 0x44), _mm256_shuffle_ps(a, b, 0xee));
	a = _mm256_hadd_ps(a, a);
	low = _mm256_castps256_ps128(a);
	high = _mm256_extractf128_ps(a, 1);
	_mm_storeu_ps(out, _mm_unpacklo_ps(low, high));
}

typedef struct { __m256i a, b; } i16;
typedef struct { __m256i a, b; } pairs;

static inline i16
i_zero(void)
{
	return (i16){ _mm256_setzero_si256(), _mm256_setzero_si256() };
}

static inline i16
i_add(i16 x, i16 y)
{
	return (i16){ _mm256_add_epi32(x.a, y.a), _mm256_add_epi32(x.b, y.b) };
}

static inline v16
i_float(i16 v)
{
	return (v16){ _mm256_cvtepi32_ps(v.a), _mm256_cvtepi32_ps(v.b) };
}

static inline pairs
p_load(const int8_t *p)
{
	return (pairs){ _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)p)),
		_mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(p + 16))) };
}

static inline __m256i
low_half(const int8_t *low, bool upper)
{
	__m256i l = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)low));

	return upper ? _mm256_srli_epi16(l, 4) : _mm256_and_si256(l, _mm256_set1_epi16(15));
}

static inline pairs
p_load12(const int8_t *high, const int8_t *low, bool upper)
{
	pairs h = p_load(high);

	return (pairs){ _mm256_or_si256(_mm256_slli_epi16(h.a, 4), low_half(low, upper)),
		_mm256_or_si256(_mm256_slli_epi16(h.b, 4), low_half(low + 16, upper)) };
}

static inline i16
p_dot(pairs w, const int16_t *x, i16 sum)
{
	int32_t two;
	__m256i both;

	memcpy(&two, x, sizeof two);
	both = _mm256_set1_epi32(two);
	return (i16){ _mm256_add_epi32(sum.a, _mm256_madd_epi16(w.a, both)),
		_mm256_add_epi32(sum.b, _mm256_madd_epi16(w.b, both)) };
}

static inline void
v_store_whole(int16_t *p, v16 v)
{
	__m256i all = _mm256_packs_epi32(_mm256_cvttps_epi32(v.a), _mm256_cvttps_epi32(v.b));

	_mm256_storeu_si256((__m256i *)p, _mm256_permute4x64_epi64(all, 0xd8));
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

#define EACH(f, x, y) ((v16){ { f((x).q[0], (y).q[0]), f((x).q[1], (y).q[1]), \
	f((x).q[2], (y).q[2]), f((x).q[3], (y).q[3]) } })
static inline v16 v_add(v16 x, v16 y) { return EACH(vaddq_f32, x, y); }
static inline v16 v_sub(v16 x, v16 y) { return EACH(vsubq_f32, x, y); }
static inline v16 v_mul(v16 x, v16 y) { return EACH(vmulq_f32, x, y); }
static inline v16 v_div(v16 x, v16 y) { return EACH(vdivq_f32, x, y); }

static inline void
v_store_f16(uint16_t *p, v16 v)
{
	for (int i = 0; i < 4; i++)
		vst1_u16(p + 4 * i, vreinterpret_u16_f16(vcvt_f16_f32(v.q[i])));
}

static inline v16
v_max(v16 a, v16 b)
{
	for (int i = 0; i < 4; i++)
		b.q[i] = vbslq_f32(vcgtq_f32(a.q[i], b.q[i]), a.q[i], b.q[i]);
	return b;
}

static inline v16
v_positive(v16 x, v16 a, v16 b)
{
	for (int i = 0; i < 4; i++) b.q[i] = vbslq_f32(vcgtzq_f32(x.q[i]), a.q[i], b.q[i]);
	return b;
}

static inline v16
v_power(v16 n)
{
	for (int i = 0; i < 4; i++) {
		int32x4_t k = vaddq_s32(vcvtq_s32_f32(n.q[i]), vdupq_n_s32(127));

		n.q[i] = vreinterpretq_f32_s32(vshlq_n_s32(k, 23));
	}
	return n;
}

static inline void
v_sum4(const v16 *v, float *out)
{
	float32x4_t s[4], a, b;

	/* Eight places apart, then four: of q 0 … 3, 0 + 2 and 1 + 3. */
	for (int i = 0; i < 4; i++)
		s[i] = vaddq_f32(vaddq_f32(v[i].q[0], v[i].q[2]), vaddq_f32(v[i].q[1], v[i].q[3]));
	a = vaddq_f32(vcombine_f32(vget_low_f32(s[0]), vget_low_f32(s[1])),
		vcombine_f32(vget_high_f32(s[0]), vget_high_f32(s[1])));
	b = vaddq_f32(vcombine_f32(vget_low_f32(s[2]), vget_low_f32(s[3])),
		vcombine_f32(vget_high_f32(s[2]), vget_high_f32(s[3])));
	vst1q_f32(out, vpaddq_f32(a, b));
}

typedef struct { int32x4_t q[4]; } i16;
typedef struct { int16x8_t q[4]; } pairs;

static inline i16
i_zero(void)
{
	return (i16){ { vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0) } };
}

static inline i16
i_add(i16 a, i16 b)
{
	for (int i = 0; i < 4; i++) a.q[i] = vaddq_s32(a.q[i], b.q[i]);
	return a;
}

static inline v16
i_float(i16 v)
{
	return (v16){ { vcvtq_f32_s32(v.q[0]), vcvtq_f32_s32(v.q[1]), vcvtq_f32_s32(v.q[2]),
		vcvtq_f32_s32(v.q[3]) } };
}

static inline pairs
p_load(const int8_t *p)
{
	return (pairs){ { vmovl_s8(vld1_s8(p)), vmovl_s8(vld1_s8(p + 8)),
		vmovl_s8(vld1_s8(p + 16)), vmovl_s8(vld1_s8(p + 24)) } };
}

static inline pairs
p_load12(const int8_t *high, const int8_t *low, bool upper)
{
	pairs w = p_load(high);

	for (int i = 0; i < 4; i++) {
		uint8x8_t l = vld1_u8((const uint8_t *)low + 8 * i);

		l = upper ? vshr_n_u8(l, 4) : vand_u8(l, vdup_n_u8(15));
		w.q[i] = vorrq_s16(vshlq_n_s16(w.q[i], 4), vreinterpretq_s16_u16(vmovl_u8(l)));
	}
	return w;
}

static inline i16
p_dot(pairs w, const int16_t *x, i16 sum)
{
	int32_t two;
	int16x8_t y;

	memcpy(&two, x, sizeof two);
	y = vreinterpretq_s16_s32(vdupq_n_s32(two));
	for (int i = 0; i < 4; i++)
		sum.q[i] = vaddq_s32(sum.q[i],
			vpaddq_s32(vmull_s16(vget_low_s16(w.q[i]), vget_low_s16(y)),
				vmull_high_s16(w.q[i], y)));
	return sum;
}

static inline void
v_store_whole(int16_t *p, v16 v)
{
	for (int i = 0; i < 4; i++) vst1_s16(p + 4 * i, vmovn_s32(vcvtq_s32_f32(v.q[i])));
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

static inline void
v_store_f16(uint16_t *p, v16 v)
{
	for (int i = 0; i < LANES; i++) p[i] = float_to_half(v.f[i]);
}

static inline v16
v_add(v16 a, v16 b)
{
	for (int i = 0; i < LANES; i++) a.f[i] += b.f[i];
	return a;
}

static inline v16
v_sub(v16 a, v16 b)
{
	for (int i = 0; i < LANES; i++) a.f[i] -= b.f[i];
	return a;
}

static inline v16
v_mul(v16 a, v16 b)
{
	for (int i = 0; i < LANES; i++) a.f[i] *= b.f[i];
	return a;
}

static inline v16
v_div(v16 a, v16 b)
{
	for (int i = 0; i < LANES; i++) a.f[i] /= b.f[i];
	return a;
}

static inline v16
v_max(v16 a, v16 b)
{
	for (int i = 0; i < LANES; i++) a.f[i] = a.f[i] > b.f[i] ? a.f[i] : b.f[i];
	return a;
}

/* a where x > 0, else b */
static inline v16
v_positive(v16 x, v16 a, v16 b)
{
	for (int i = 0; i < LANES; i++) x.f[i] = x.f[i] > 0 ? a.f[i] : b.f[i];
	return x;
}

/* 2^n for whole numbers n from -126 to 127 */
static inline v16
v_power(v16 n)
{
	for (int i = 0; i < LANES; i++) {
		uint32_t bits = (uint32_t)((int32_t)n.f[i] + 127) << 23;

		memcpy(&n.f[i], &bits, 4);
	}
	return n;
}

/* out[i]: all lanes of v[i] in one: each with the one 8 places on, of these each with the one 4 on,
 * and so on. */
static inline void
v_sum4(const v16 *v, float *out)
{
	for (int k = 0; k < 4; k++) {
		v16 all = v[k];

		for (int half = LANES / 2; half; half /= 2)
			for (int i = 0; i < half; i++) all.f[i] += all.f[i + half];
		out[k] = all.f[0];
	}
}

typedef struct { int32_t i[LANES]; } i16;
typedef struct { int16_t w[2 * LANES]; } pairs;

static inline i16 i_zero(void) { return (i16){ {0} }; }

static inline i16
i_add(i16 a, i16 b)
{
	for (int i = 0; i < LANES; i++) a.i[i] += b.i[i];
	return a;
}

static inline v16
i_float(i16 v)
{
	v16 f;

	for (int i = 0; i < LANES; i++) f.f[i] = (float)v.i[i];
	return f;
}

static inline pairs
p_load(const int8_t *p)
{
	pairs w;

	for (int i = 0; i < 2 * LANES; i++) w.w[i] = p[i];
	return w;
}

/* Of twelve bits: the upper eight, and the lower four in one half of other bytes. */
static inline pairs
p_load12(const int8_t *high, const int8_t *low, bool upper)
{
	pairs w;

	for (int i = 0; i < 2 * LANES; i++)
		w.w[i] = (int16_t)(high[i] * 16 + (upper ? (uint8_t)low[i] >> 4 : low[i] & 15));
	return w;
}

/* Each lane of sum and the products of its pair with x[0] and x[1]. */
static inline i16
p_dot(pairs w, const int16_t *x, i16 sum)
{
	for (int i = 0; i < LANES; i++) sum.i[i] += w.w[2 * i] * x[0] + w.w[2 * i + 1] * x[1];
	return sum;
}

/* Whole numbers within ±32767 */
static inline void
v_store_whole(int16_t *p, v16 v)
{
	for (int i = 0; i < LANES; i++) p[i] = (int16_t)(int32_t)v.f[i];
}

#endif

static inline float
v_sum(v16 v)
{
	v16 four[4] = { v, v, v, v };
	float f[4];

	v_sum4(four, f);
	return f[0];
}

#endif
