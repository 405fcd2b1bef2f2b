#if defined __x86_64__
#pragma GCC target("avx512f,avx512bw,avx512vnni,avx2,fma,f16c")
#define LANES_AVX512
#define LANES_VNNI
#include "engine/musicgen/kernels_body.h"

KERNELS_TABLE(vnni);
#endif
