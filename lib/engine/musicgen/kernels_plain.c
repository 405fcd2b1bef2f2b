#include "engine/musicgen/kernels_body.h"

KERNELS_TABLE(plain);
