/* Adapters by low rank (LoRA), as PEFT writes them: adapter_config.json and
 * adapter_model.safetensors.
 *
 * A layer's output gets scale · B (A x) more, with scale lora_alpha / r, or lora_alpha / √r with
 * use_rslora; rank_pattern and alpha_pattern have other r and alpha for layers whose names end so.
 * Keys are base_model.model. and the layer's name from "model.decoder.layers." on, with another
 * "decoder." before it where the whole model was wrapped.
 *
 * What would be silently without effect is refused: a key that finds no layer, a layer with half of
 * its two matrices or with one of them under both names, shapes that do not fit, values that are
 * not finite, and every option that changes the formula and is not known here.
 *
 * Hu and others, "LoRA: low-rank adaptation of large language models", 2021. */
#ifndef EARSHOT_ENGINE_MUSICGEN_LORA_H
#define EARSHOT_ENGINE_MUSICGEN_LORA_H

#include <cjson/cJSON.h>

#include "engine/musicgen/decoder.h"

struct lora;

/* The member of a safetensors file's `__metadata__` that holds the text of adapter_config.json
 * where both files of an adapter are one. */
#define LORA_METADATA "adapter_config"

enum { LORA_CONFIG_MAX = 1 << 18 };		/* bytes of adapter_config.json */

/* config, weights: paths; config NULL: it is in the weights' metadata. NULL with ERR_INVALID and a
 * sentence that names the member or key. */
struct lora *lora_open(const char *config, const char *weights, const struct decoder_config *c,
	struct err *e);
void lora_close(struct lora *l);		/* NULL is fine */

/* How many layers it changes. */
int lora_layers(const struct lora *l);

/* For people, owned by the caller: {"kind", "rank", "alpha", "rslora", "layers", "matrices":
 * ["self_attn.q_proj", …], "base_model"}. */
cJSON *lora_about(const struct lora *l);

/* Let d's layers add it, scale (0 … 2) times; NULL or scale 0: none. It must live as long as that
 * is so. */
void lora_apply(const struct lora *l, struct decoder *d, double scale);

#endif
