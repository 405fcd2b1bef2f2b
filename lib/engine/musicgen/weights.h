/* The weights of a model, taken from its tensors by name: in place where they lie as they are needed,
 * else converted into memory of their own. */
#ifndef EARSHOT_ENGINE_MUSICGEN_WEIGHTS_H
#define EARSHOT_ENGINE_MUSICGEN_WEIGHTS_H

#include "engine/musicgen/kernels.h"
#include "engine/musicgen/safetensors.h"

struct err;

struct weights_source {
	const struct tensors *tensors;
	void **own;			/* what was converted */
	size_t n_own;
};

void weights_free(struct weights_source *s);

/* A matrix [n, cols], of any kind that kernels know. -1 with ERR_INVALID and a sentence that names
 * the tensor: it is missing, of another shape or type, or holds a value that is not finite. The name
 * is made as by printf. Until weights_free(). */
int weights_rows(struct weights_source *s, int n, int cols, struct rows *out, struct err *e,
	const char *name, ...) __attribute__((format(printf, 6, 7)));

/* A tensor of that shape (ended by 0) as float32. */
int weights_floats(struct weights_source *s, const int *shape, const float **out, struct err *e,
	const char *name, ...) __attribute__((format(printf, 5, 6)));

/* NULL: there is none of that name. */
const struct tensor *weights_find(const struct weights_source *s, const char *name, ...)
	__attribute__((format(printf, 2, 3)));

/* n floats that live as long as s, zeroed. */
float *weights_room(struct weights_source *s, size_t n);

#endif
