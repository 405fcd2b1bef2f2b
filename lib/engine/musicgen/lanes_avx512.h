/* lanes.h by AVX-512: one register. LANES_VNNI: with that extension's product of pairs, too. */
#ifndef EARSHOT_ENGINE_MUSICGEN_LANES_AVX512_H
#define EARSHOT_ENGINE_MUSICGEN_LANES_AVX512_H

#include <immintrin.h>

#define LANES_FAST

enum { WHOLE_VECTORS = 8 };

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

#endif
