/* With the checks of a sanitizer in each copy of what is inlined, a compiler takes minutes. */
#if defined __SANITIZE_ADDRESS__
#pragma GCC optimize("no-inline")
#endif
#include "engine/musicgen/kernels_body.h"

KERNELS_TABLE(plain);
