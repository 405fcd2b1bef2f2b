/* lanes.h in plain C, which says what each function does; the others do the same, to the bit. */
#ifndef EARSHOT_ENGINE_MUSICGEN_LANES_PLAIN_H
#define EARSHOT_ENGINE_MUSICGEN_LANES_PLAIN_H

enum { WHOLE_VECTORS = 4 };

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
