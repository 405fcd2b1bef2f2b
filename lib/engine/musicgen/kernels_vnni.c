#if defined __x86_64__
#define LANES_AVX512
#define LANES_VNNI
#include "engine/musicgen/kernels_body.h"

KERNELS_TABLE(vnni);
#endif
