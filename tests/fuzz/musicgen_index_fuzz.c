/* The index of a model in several files is hostile: whatever it says, no file outside of the
 * model's folder is opened, and what is read has each tensor that it lists. The folder has a
 * file s1 with a tensor a, s2 with b, and s3 with both. */
#include <sys/stat.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/musicgen/safetensors.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/earshot-fuzz-XXXXXX", path[80];

static void
put(const char *name, const void *data, size_t size)
{
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "wb");
	if (!f || fwrite(data, 1, size, f) != size || fclose(f) != 0) abort();
}

static void
forget(void)
{
	static const char *const names[] = { "s1", "s2", "s3", "model.safetensors.index.json" };

	for (size_t i = 0; i < NELEM(names); i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

static void
make(void)
{
	static const char a[] = "\x36\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"U8\",\"shape\":[1],"
		"\"data_offsets\":[0,1]}}     1";
	static const char b[] = "\x36\0\0\0\0\0\0\0{\"b\":{\"dtype\":\"U8\",\"shape\":[1],"
		"\"data_offsets\":[0,1]}}     1";
	static const char both[] = "\x68\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"U8\",\"shape\":[1],"
		"\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"U8\",\"shape\":[1],"
		"\"data_offsets\":[1,2]}}     12";

	if (!mkdtemp(folder)) abort();
	atexit(forget);
	put("s1", a, sizeof a - 1);
	put("s2", b, sizeof b - 1);
	put("s3", both, sizeof both - 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool made;
	struct err e = {0};
	struct tensors *t;

	if (!made) make();
	made = true;
	put("model.safetensors.index.json", data, size);
	t = tensors_open_model(folder, &e);
	if (t) {
		if (tensors_count(t) > 2) abort();
	} else if ((e.kind != ERR_INVALID && e.kind != ERR_NOT_FOUND) ||
		!str_is_utf8(e.text, strlen(e.text))) {
		abort();
	}
	tensors_close(t);
	return 0;
}
