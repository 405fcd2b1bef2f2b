/* A matrix of a prepared file is hostile, in whole numbers or not: any bytes are refused with a
 * sentence, or rows that can be multiplied. Prepared files are made by ourselves, but may come
 * from elsewhere. */
#include "engine/musicgen/linear.h"
#include "engine/musicgen/weights.h"
#include "memory_file.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { N = 16, MOST = 128 };

/* "w" as so many columns. */
static void
multiply(const struct tensors *t, const struct hands *h, int cols)
{
	struct weights_source s = { .tensors = t, .prepared = true };
	struct err e = {0};
	struct rows w;
	float x[MOST], y[N];

	for (int i = 0; i < cols; i++) x[i] = (float)(i % 7) - 3;
	if (weights_rows(&s, N, cols, &w, &e, "w") == 0)
		rows_apply(h, &w, x, (size_t)cols, 1, y, N);
	else check_refusal(&e);
	weights_free(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct memory_file file;
	static struct hands hands;
	struct err e = {0};
	struct tensors *t = tensors_open(memory_file(&file, data, size), &e);

	if (!hands.crew) hands = (struct hands){ crew_start(1), kernels_best() };
	if (!t) return 0;
	multiply(t, &hands, 64);
	multiply(t, &hands, MOST);
	tensors_rest(t, "w*");
	multiply(t, &hands, MOST);
	tensors_close(t);
	return 0;
}
