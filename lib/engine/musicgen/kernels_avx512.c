#if defined __x86_64__
#pragma GCC target("avx512f,avx512bw,avx2,fma,f16c")
#define LANES_AVX512
#include "engine/musicgen/kernels_body.h"

KERNELS_TABLE(avx512);
#endif
