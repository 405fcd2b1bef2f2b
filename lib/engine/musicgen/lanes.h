/* Sixteen floats at a time (v16), or sixteen whole numbers (i16) and pairs of them (pairs), on what
 * the processor has. Included by the kernels_*.c alone, each of which says by LANES_… which one it
 * is, and has the compiler's target set.
 *
 * Every kind computes the same bits: a fused multiply-add per lane, and sums in one order. It brings
 * the functions that lanes_plain.h explains, WHOLE_VECTORS (for how many vectors sums of whole
 * numbers fit into the registers: a power of 2, at least 4), and LANES_FAST where it is not plain
 * C. */
#ifndef EARSHOT_ENGINE_MUSICGEN_LANES_H
#define EARSHOT_ENGINE_MUSICGEN_LANES_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "engine/musicgen/half.h"

enum { LANES = 16 };

#if defined LANES_AVX512
#include "engine/musicgen/lanes_avx512.h"
#elif defined LANES_AVX2
#include "engine/musicgen/lanes_avx2.h"
#elif defined LANES_NEON
#include "engine/musicgen/lanes_neon.h"
#else
#include "engine/musicgen/lanes_plain.h"
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
