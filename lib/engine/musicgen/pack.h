/* Rows of floats, kept in fewer bits: as kernels.h describes them. */
#ifndef EARSHOT_ENGINE_MUSICGEN_PACK_H
#define EARSHOT_ENGINE_MUSICGEN_PACK_H

#include "engine/musicgen/kernels.h"

/* Values that share a factor in n rows of so many columns: 128 or 64; 0: such rows cannot be kept
 * as whole numbers. */
int pack_group(int n, int cols);

/* Bytes of a row, or of a WHOLE_ROWS-th of so many of I8 and I12, without its factors. */
size_t pack_bytes(enum weights kind, int cols);

/* One row of finite values, of F32, F16 or BF16, into out[pack_bytes()]. The sum of the squared
 * errors; INFINITY if a value is beyond what the kind holds. */
double pack_row(enum weights kind, const float *x, int cols, void *out);

/* WHOLE_ROWS rows, [WHOLE_ROWS][cols], of I8 or I12 into out[WHOLE_ROWS · pack_bytes()] and
 * scale[cols / group][WHOLE_ROWS]: the largest value of a group becomes the largest whole number.
 * The sum of the squared errors. */
double pack_whole(enum weights kind, int group, const float *x, int cols, void *out, float *scale);

#endif
