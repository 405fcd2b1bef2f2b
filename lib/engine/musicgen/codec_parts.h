/* What opening a codec fills in and decoding reads: for codec_open.c and codec.c. */
#ifndef EARSHOT_ENGINE_MUSICGEN_CODEC_PARTS_H
#define EARSHOT_ENGINE_MUSICGEN_CODEC_PARTS_H

#include "engine/musicgen/codec.h"

enum { LSTM_MAX = 16 };

/* A convolution as rows over windows: [out][kernel][in]; a transposed one gives `ratio` times at
 * once from a window of two: [ratio][out][2][in]. */
struct convolution {
	struct rows w;
	const float *bias;		/* [out] */
	int in, out, kernel, ratio;	/* ratio 0: not transposed */
};

struct stage {
	struct convolution up, narrow, wide;
};

struct lstm_layer {
	struct rows in, again;		/* [4 n][n]: of the input, of the state before */
	const float *in_bias, *again_bias;
};

struct codec {
	struct codec_config c;
	int codebooks, n_lstm;
	const float *entries[CODEBOOKS_MAX];	/* [codes][width] */
	struct convolution first, last;
	struct lstm_layer lstm[LSTM_MAX];
	struct stage stages[CODEC_RATIOS];
};

#endif
