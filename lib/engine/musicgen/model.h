/* A MusicGen checkpoint, open: a folder as Hugging Face has it, with config.json, tokenizer.json and
 * model.safetensors (or its index and shards). */
#ifndef EARSHOT_ENGINE_MUSICGEN_MODEL_H
#define EARSHOT_ENGINE_MUSICGEN_MODEL_H

#include "engine/musicgen/codec.h"
#include "engine/musicgen/config.h"
#include "engine/musicgen/decoder.h"
#include "engine/musicgen/t5.h"
#include "engine/musicgen/tokenizer.h"

struct model {
	struct musicgen_config config;
	struct tokenizer *tokenizer;
	struct t5 *t5;
	struct decoder *decoder;
	struct codec *codec;
	/* T5's states to the decoder's width; n 0 where both are the same. */
	struct rows project;
	const float *project_bias;
	struct tensors *tensors;
	struct weights_source source;
};

/* weights: a file of tensors to take instead of the folder's; NULL: none. NULL with ERR_INVALID or
 * ERR_NOT_FOUND and a sentence that names the file and what in it. */
struct model *model_open(const char *folder, const char *weights, struct err *e);
void model_close(struct model *m);		/* NULL is fine */

/* What the decoder attends to of a text of n ≥ 1 numbers: out[n][decoder.width]. */
int model_text(const struct model *m, const struct hands *h, const int32_t *ids, int n, float *out,
	struct err *e);

#endif
