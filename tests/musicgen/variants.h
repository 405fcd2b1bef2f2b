/* The same checkpoint in other clothes: how else its weights may be named, stored and divided. */
#ifndef EARSHOT_TESTS_MUSICGEN_VARIANTS_H
#define EARSHOT_TESTS_MUSICGEN_VARIANTS_H

#include "engine/musicgen/safetensors.h"

struct err;

enum variant {
	OTHER_NAMES,			/* weight_g for …weight.original0, or back */
	IN_SHARDS,			/* three files and an index */
	UNALIGNED,			/* values that begin at an odd byte */
	AS_F16, ROUNDED_TO_F16,		/* these values in 16 bit, and the same ones in float32 */
	AS_BF16, ROUNDED_TO_BF16,
	VARIANTS
};

extern const char *const variant_names[VARIANTS];

/* Write it into a folder that exists, from the checkpoint in the folder `model`, whose tensors
 * `from` are. 0, or -1 with a sentence. */
int variant_make(const char *folder, const char *model, const struct tensors *from, enum variant v,
	struct err *e);

/* Remove what variant_make() left in a folder, not the folder. */
void variant_remove(const char *folder);

#endif
