#if defined __x86_64__
#define LANES_AVX2
#include "engine/musicgen/kernels_body.h"

KERNELS_TABLE(avx2);
#endif
