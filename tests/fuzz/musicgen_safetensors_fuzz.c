/* Files of tensors are hostile: any bytes are refused with a sentence, or read into tensors that
 * lie in the file, one behind the other, each found by its name. */
#include <math.h>

#include "engine/musicgen/safetensors.h"
#include "engine/musicgen/weights.h"
#include "memory_file.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_values(const struct tensors *all, const struct tensor *t)
{
	struct weights_source s = { .tensors = all };
	struct err e = {0};
	const int shape[] = { (int)t->count, 0 };
	const float *values;
	float v;

	for (int64_t i = 0; tensor_is_real(t) && i < t->count; i++) tensor_read(t, i, 1, &v);
	if (t->rank != 1 || t->count < 1 || strchr(t->name, '%')) return;
	if (weights_floats(&s, shape, &values, &e, "%s", t->name) == 0) {
		for (int64_t i = 0; i < t->count; i++)
			if (!isfinite(values[i])) abort();
	} else {
		check_refusal(&e);
	}
	weights_free(&s);
}

static void
check(const struct tensors *all, size_t size)
{
	size_t bytes = 0;

	for (size_t i = 0; i < tensors_count(all); i++) {
		const struct tensor *t = tensors_at(all, i);
		char shape[24];
		int64_t n = 1;

		if (tensors_find(all, t->name) != t) abort();
		if (t->rank < 0 || t->rank > TENSOR_RANK) abort();
		if (i && strcmp(tensors_at(all, i - 1)->name, t->name) >= 0) abort();
		for (int k = 0; k < TENSOR_RANK; k++) n *= t->shape[k];
		if (n != t->count) abort();
		bytes += (size_t)t->count * tensor_type_size(t->type);
		if (strlen(tensor_shape_text(t, shape, sizeof shape)) >= sizeof shape) abort();
		check_values(all, t);
	}
	if (bytes > size) abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct memory_file file;
	struct err e = {0};
	struct tensors *t = tensors_open(memory_file(&file, data, size), &e);

	if (t) check(t, size);
	else check_refusal(&e);
	tensors_close(t);
	return 0;
}
