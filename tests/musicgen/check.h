/* What the checks of musicgen_reference share: the checkpoint, its references, and how values are
 * compared with them. Each comparison prints a line. */
#ifndef EARSHOT_TESTS_MUSICGEN_CHECK_H
#define EARSHOT_TESTS_MUSICGEN_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/musicgen/model.h"

struct err;

/* How far a value may lie off, as a part of the largest. */
#define LIMIT 1e-4

struct check {
	const char *folder;
	struct model *model;
	struct tensors *reference;
	struct hands hands;
	int passed, failed;
};
extern struct check all;

void judge(bool good, const char *what, const char *how);
void fail(const char *what, const struct err *e);

/* Zeros, owned by the caller. */
float *room(size_t n);

/* A reference by its name; NULL where it is missing. */
const struct tensor *reference(const char *name);

/* The same, of the more exact kind where both are there. */
const struct tensor *reference_of(const char *name);

/* As whole numbers, owned by the caller. */
int32_t *numbers(const struct tensor *t);

/* Computed values against a reference of as many: the error may be `limit` of the largest one. */
void compare_within(double limit, const char *what, const float *got, const struct tensor *t);
void compare(const char *what, const float *got, const struct tensor *t);
void compare_codes(const char *what, const int32_t *got, const int32_t *want, size_t n);

/* What the decoder says to the reference's codes, [codebooks][steps][vocabulary], *count values
 * owned by the caller. states: [n][width] of a text; NULL: without one. */
float *teacher(const struct model *m, const struct hands *h, const float *states, int n,
	enum weights cache, size_t *count);

/* The same weights in other files, by other kernels and numbers of threads: other_ways.c. model:
 * the folder of the checkpoint. */
void check_other_ways(const char *model);

#endif
