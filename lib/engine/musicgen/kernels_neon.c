#if defined __aarch64__
#define LANES_NEON
#include "engine/musicgen/kernels_body.h"

KERNELS_TABLE(neon);
#endif
