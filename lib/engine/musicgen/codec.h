/* EnCodec's decoder: codes → sound.
 *
 * The entries of a step's codes are added (residual vector quantization); then a convolution, an
 * LSTM plus its input, for each ratio an ELU, a transposed convolution that makes it so many times
 * longer and a residual block (ELU, convolution to fewer channels, ELU, back by one of width 1,
 * plus the input), and last an ELU and a convolution to one channel. Convolutions see their input
 * mirrored at both ends; of transposed ones as much is cut off. Weights come in two parts, length
 * and direction, under the names that torch used before version 2.1 (weight_g, weight_v) or since.
 * Défossez and others, "High fidelity neural audio compression", 2022.
 *
 * In memory a signal is [time][channel], so that what a convolution sees at a time is one row of
 * numbers, and all of it is a matrix times vectors that overlap. */
#ifndef EARSHOT_ENGINE_MUSICGEN_CODEC_H
#define EARSHOT_ENGINE_MUSICGEN_CODEC_H

#include <stdbool.h>

#include "engine/musicgen/config.h"
#include "engine/musicgen/linear.h"
#include "engine/musicgen/weights.h"

struct codec;

/* The tensors audio_encoder.* of s, which must outlive it; codebooks: how many are used. */
struct codec *codec_open(const struct codec_config *c, int codebooks, struct weights_source *s,
	struct err *e);
void codec_close(struct codec *c);		/* NULL is fine */

/* codes[codebooks][n], n ≥ 1, each below `codes`, into samples[n · codec_hop()]. step (NULL: nobody
 * asks) is told now and then how many frames of n are done; when it says false, -1 comes back, at
 * once. */
int codec_decode(const struct codec *c, const struct hands *h, const int32_t *codes, int n,
	float *samples, bool (*step)(void *ctx, int done, int of), void *ctx);

#endif
