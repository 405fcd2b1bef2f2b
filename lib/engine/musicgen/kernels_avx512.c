#if defined __x86_64__
#define LANES_AVX512
#include "engine/musicgen/kernels_body.h"

KERNELS_TABLE(avx512);
#endif
