/* The weights of a model, taken from its tensors by name: in place where they lie as they are
 * needed, else converted into memory of their own.
 *
 * A prepared file (prepare.h) has matrices as whole numbers, too: NAME of I8 [n, cols], or of U8
 * [n, cols · 3/2] for twelve bits, and NAME.scale of F32 [n, cols / group]; kernels.h has the
 * layout, by which rows are interleaved within these. */
#ifndef EARSHOT_ENGINE_MUSICGEN_WEIGHTS_H
#define EARSHOT_ENGINE_MUSICGEN_WEIGHTS_H

#include <stdbool.h>

#include "engine/musicgen/kernels.h"
#include "engine/musicgen/safetensors.h"

struct err;

/* One that was taken, as the checkpoint has it. */
struct weights_taken {
	char *name;
	bool matrix;			/* else something that is used as float32 */
	int n, cols;			/* of a matrix */
	const struct tensor *tensor;	/* NULL: it was made, and is float32 here: */
	const float *made;
};

struct weights_list {
	struct weights_taken *items;	/* in the order in which they were asked for */
	size_t n;
};

struct weights_source {
	const struct tensors *tensors;
	bool prepared;			/* they are those of a prepared file */
	/* Not NULL: what is taken is written down here and has no values (NULL), unless made. */
	struct weights_list *list;
	void **own;			/* what was converted */
	size_t n_own;
};

void weights_free(struct weights_source *s);
void weights_list_free(struct weights_list *l);

/* A matrix [n, cols], of any kind that kernels know. -1 with ERR_INVALID and a sentence that names
 * the tensor: it is missing, of another shape or type, or holds a value that is not finite (a
 * prepared file's were looked at when it was made). The name is made as by printf. Until
 * weights_free(). */
int weights_rows(struct weights_source *s, int n, int cols, struct rows *out, struct err *e,
	const char *name, ...) __attribute__((format(printf, 6, 7)));

/* One that make() computes of tensors, into out[n][cols], of no more values than these have; what
 * it takes is gone when it returns. Of a prepared file it is taken by its name. */
int weights_made(struct weights_source *s, int n, int cols,
	int (*make)(struct weights_source *s, void *ctx, float *out, struct err *e), void *ctx,
	struct rows *out, struct err *e, const char *name, ...)
	__attribute__((format(printf, 8, 9)));

/* A tensor of that shape (ended by 0) as float32. */
int weights_floats(struct weights_source *s, const int *shape, const float **out, struct err *e,
	const char *name, ...) __attribute__((format(printf, 5, 6)));

/* NULL: there is none of that name. */
const struct tensor *weights_find(const struct weights_source *s, const char *name, ...)
	__attribute__((format(printf, 2, 3)));

/* -1 with ERR_INVALID that names the tensor and the value, unless all are finite. */
int weights_check_finite(const struct tensor *t, struct err *e);

#endif
