/* The index of a model in several files is hostile: whatever it says is refused with a sentence, or
 * read into tensors of the files beside it, and of no others. These are s1 with a tensor a, s2 with
 * b, and s3 with both. */
#include "engine/musicgen/safetensors.h"
#include "folder.h"
#include "refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
put(const char *name, const void *data, size_t size)
{
	FILE *f = fopen(TEMP(name), "wb");

	if (!f || fwrite(data, 1, size, f) != size || fclose(f) != 0) abort();
}

/* A file of tensors with this header. */
static void
put_tensors(const char *name, const char *header, const char *values)
{
	size_t n = strlen(header);
	char bytes[200] = { (char)n };	/* its length, little endian */

	if (n > 127 || 8 + n + strlen(values) >= sizeof bytes) abort();
	strcpy(bytes + 8, header);
	strcpy(bytes + 8 + n, values);
	put(name, bytes, 8 + n + strlen(values));
}

#define TENSOR(name, from, to) "\"" name "\":{\"dtype\":\"U8\",\"shape\":[1]," \
	"\"data_offsets\":[" from "," to "]}"

static void
make(void)
{
	folder_make();
	put_tensors("s1", "{" TENSOR("a", "0", "1") "}", "1");
	put_tensors("s2", "{" TENSOR("b", "0", "1") "}", "2");
	put_tensors("s3", "{" TENSOR("a", "0", "1") "," TENSOR("b", "1", "2") "}", "12");
}

/* Each tensor is one of those two, with its value. */
static void
check(const struct tensors *all)
{
	for (size_t i = 0; i < tensors_count(all); i++) {
		const struct tensor *t = tensors_at(all, i);
		const char *value = t->data;

		if (t->count != 1 || t->type != TENSOR_U8) abort();
		if (strcmp(t->name, *value == '1' ? "a" : "b") != 0) abort();
		if (i && strcmp(tensors_at(all, i - 1)->name, t->name) >= 0) abort();
	}
}

static void
read_by(const void *index, size_t size, bool right)
{
	struct err e = {0};
	struct tensors *t;

	put("model.safetensors.index.json", index, size);
	t = tensors_open_model(temp_dir, &e);
	if (t) check(t);
	else if (e.kind == ERR_NOT_FOUND) check_sentence(&e);
	else check_refusal(&e);
	if (right && (!t || tensors_count(t) != 2)) abort();
	tensors_close(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char right[][40] = { "{\"weight_map\":{\"a\":\"s1\",\"b\":\"s2\"}}",
		"{\"weight_map\":{\"a\":\"s3\",\"b\":\"s3\"}}" };
	static bool made;

	if (!made) {
		make();
		for (size_t i = 0; i < NELEM(right); i++)
			read_by(right[i], strlen(right[i]), true);
	}
	made = true;
	read_by(data, size, false);
	return 0;
}
