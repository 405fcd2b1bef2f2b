/* What decoder.c opens and decoder_run.c goes through; for these two alone. */
#ifndef EARSHOT_ENGINE_MUSICGEN_DECODER_PARTS_H
#define EARSHOT_ENGINE_MUSICGEN_DECODER_PARTS_H

#include "engine/musicgen/decoder.h"

enum norm { SELF_NORM, TEXT_NORM, FINAL_NORM, NORMS };

struct layer {
	struct linear linear[DECODER_LINEARS];
	const float *norm[NORMS], *norm_bias[NORMS];
};

struct decoder {
	struct decoder_config c;
	struct layer *layers;
	const float *embeddings[CODEBOOKS_MAX];	/* [vocabulary + 1][width] */
	struct linear heads[CODEBOOKS_MAX];	/* [vocabulary][width]; adapters leave them alone */
	const float *norm, *norm_bias;
	const float *positions;			/* [steps][width], where the checkpoint has them */
	int n_positions;
	float *frequencies;			/* [width / 2] of the sinusoids */
};

#endif
