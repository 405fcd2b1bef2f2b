/* lanes.h by AVX2 and FMA: two registers. */
#ifndef EARSHOT_ENGINE_MUSICGEN_LANES_AVX2_H
#define EARSHOT_ENGINE_MUSICGEN_LANES_AVX2_H

#include <immintrin.h>

#define LANES_FAST

enum { WHOLE_VECTORS = 4 };

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

#endif
