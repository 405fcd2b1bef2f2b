/* lanes.h by NEON: four registers. */
#ifndef EARSHOT_ENGINE_MUSICGEN_LANES_NEON_H
#define EARSHOT_ENGINE_MUSICGEN_LANES_NEON_H

#include <arm_neon.h>

#define LANES_FAST

enum { WHOLE_VECTORS = 4 };

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

#endif
