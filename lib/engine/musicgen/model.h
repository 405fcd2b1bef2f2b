/* A MusicGen checkpoint, open: a folder as Hugging Face has it, with config.json, tokenizer.json
 * and model.safetensors (or its index and shards), and perhaps the file that prepare.h makes of
 * these. */
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
	struct weights_source source;	/* .prepared: from the prepared file */
};

/* weights: a file of tensors to take instead of the folder's; NULL: none. NULL with ERR_INVALID or
 * ERR_NOT_FOUND and a sentence that names the file and what in it. */
struct model *model_open(const char *folder, const char *weights, struct err *e);

/* From the prepared file, where the folder has one. One that is damaged, or was made of other files
 * than lie there now, is an error that says so (ERR_INVALID). */
struct model *model_open_prepared(const char *folder, struct err *e);

/* Not to compute with: what a model takes of its tensors, into *list (weights_list_free()). */
struct model *model_survey(const char *folder, struct weights_list *list, struct err *e);

void model_close(struct model *m);		/* NULL is fine */

/* What the decoder attends to of a text of n ≥ 1 numbers: out[n][decoder.width]. */
int model_text(const struct model *m, const struct hands *h, const int32_t *ids, int n, float *out,
	struct err *e);

/* A part that is not used for a while needs no memory until it is used again; it then costs some
 * milliseconds more. MODEL_TEXT is done by model_text(), MODEL_TEXT_KEYS by generate_codes(). */
enum model_part { MODEL_TEXT, MODEL_TEXT_KEYS, MODEL_CODEC };
void model_rest(const struct model *m, enum model_part part);

#endif
