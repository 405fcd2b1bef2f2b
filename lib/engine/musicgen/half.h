/* IEEE 754 binary16, and the upper half of binary32 (bfloat16). */
#ifndef EARSHOT_ENGINE_MUSICGEN_HALF_H
#define EARSHOT_ENGINE_MUSICGEN_HALF_H

#include <stdint.h>
#include <string.h>

static inline float
bfloat_to_float(uint16_t bfloat)
{
	uint32_t bits = (uint32_t)bfloat << 16;
	float f;

	memcpy(&f, &bits, 4);
	return f;
}

/* To the nearest, of two the even one; what is not a number stays none. */
static inline uint16_t
float_to_bfloat(float f)
{
	uint32_t bits;

	memcpy(&bits, &f, 4);
	if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | 64);
	return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* Exponents 0 (zero and subnormal: fraction × 2^-24) and 31 (infinite, not a number) are
 * special. */
static inline float
half_to_float(uint16_t half)
{
	uint32_t sign = (uint32_t)(half & 0x8000) << 16, bits;
	uint32_t exponent = half >> 10 & 31, fraction = half & 1023;
	float f;

	if (exponent == 0) {
		f = (float)fraction * 0x1p-24f;
		return sign ? -f : f;
	}
	bits = sign | (exponent == 31 ? 255 : exponent + 112) << 23 | fraction << 13;
	memcpy(&f, &bits, 4);
	return f;
}

/* To the nearest, of two the even one; beyond 65504 infinite. */
static inline uint16_t
float_to_half(float f)
{
	uint32_t bits, sign, rest;
	int exponent;

	memcpy(&bits, &f, 4);
	sign = bits >> 16 & 0x8000;
	rest = bits & 0x7fffffff;
	exponent = (int)(rest >> 23) - 112;
	if (rest > 0x7f800000) return (uint16_t)(sign | 0x7e00);
	if (exponent >= 31) return (uint16_t)(sign | 0x7c00);
	if (exponent <= 0) {
		uint32_t value = (rest & 0x7fffff) | 0x800000, shift = (uint32_t)(14 - exponent);
		uint32_t half, left;

		if (shift > 24) return (uint16_t)sign;
		half = value >> shift;
		left = value & ((1u << shift) - 1);
		if (left > 1u << (shift - 1) || (left == 1u << (shift - 1) && half & 1)) half++;
		return (uint16_t)(sign | half);
	}
	rest = (uint32_t)exponent << 23 | (rest & 0x7fffff);
	rest += 0xfff + (rest >> 13 & 1);
	return (uint16_t)(sign | rest >> 13);
}

#endif
