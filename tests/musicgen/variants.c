#include "variants.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/str.h"
#include "engine/musicgen/half.h"

enum { SHARDS = 3 };

const char *const variant_names[VARIANTS] = {
	[OTHER_NAMES] = "the other names", [IN_SHARDS] = "three files", [UNALIGNED] = "unaligned",
	[AS_F16] = "F16", [ROUNDED_TO_F16] = "F32 of F16",
	[AS_BF16] = "BF16", [ROUNDED_TO_BF16] = "F32 of BF16",
};

static const char *const names[][2] = {
	{ ".parametrizations.weight.original0", ".weight_g" },
	{ ".parametrizations.weight.original1", ".weight_v" },
};

/* A file of tensors as it grows. */
struct file {
	struct buf header, values;
};

static void
other_name(const char *name, char *out, size_t size)
{
	size_t n = strlen(name);

	snprintf(out, size, "%s", name);
	for (size_t i = 0; i < NELEM(names); i++)
		for (int k = 0; k < 2; k++) {
			const char *end = names[i][k];
			size_t m = strlen(end);

			if (n <= m || strcmp(name + n - m, end) != 0) continue;
			snprintf(out, size, "%.*s%s", (int)(n - m), name, names[i][!k]);
			return;
		}
}

/* As a bfloat, without rounding: its upper half. */
static uint16_t
cut_to_bfloat(float v)
{
	uint32_t bits;

	memcpy(&bits, &v, 4);
	return (uint16_t)(bits >> 16);
}

/* Real values as a variant from AS_F16 on has them: the type that they get. */
static enum tensor_type
add_values(struct buf *b, const struct tensor *t, enum variant v)
{
	bool wide = v == ROUNDED_TO_F16 || v == ROUNDED_TO_BF16;
	bool bfloat = v == AS_BF16 || v == ROUNDED_TO_BF16;

	for (int64_t i = 0; i < t->count; i++) {
		float f;
		uint16_t half;

		tensor_read(t, i, 1, &f);
		half = bfloat ? cut_to_bfloat(f) : float_to_half(f);
		f = bfloat ? bfloat_to_float(half) : half_to_float(half);
		if (wide) buf_add(b, &f, sizeof f);
		else buf_add(b, &half, sizeof half);
	}
	return wide ? TENSOR_F32 : bfloat ? TENSOR_BF16 : TENSOR_F16;
}

static void
add(struct file *f, const struct tensor *t, enum variant v)
{
	enum tensor_type type = t->type;
	size_t from = f->values.n;
	char name[TENSOR_NAME];

	if (v >= AS_F16 && tensor_is_real(t)) type = add_values(&f->values, t, v);
	else buf_add(&f->values, t->data, (size_t)t->count * tensor_type_size(t->type));
	snprintf(name, sizeof name, "%s", t->name);
	if (v == OTHER_NAMES) other_name(t->name, name, sizeof name);
	buf_addf(&f->header, "%c\"%s\":{\"dtype\":\"%s\",\"shape\":[",
		f->header.n ? ',' : '{', name, tensor_type_name(type));
	for (int i = 0; i < t->rank; i++)
		buf_addf(&f->header, "%s%lld", i ? "," : "", (long long)t->shape[i]);
	buf_addf(&f->header, "],\"data_offsets\":[%zu,%zu]}", from, f->values.n);
}

static int
write_file(const char *folder, const char *name, const struct buf *parts, size_t n, struct err *e)
{
	char path[4096];
	FILE *out;
	int rc = -1;

	if (io_join(path, sizeof path, folder, name, e) != 0) return -1;
	out = fopen(path, "wb");
	for (size_t i = 0; out && i < n; i++)
		if (fwrite(parts[i].p, 1, parts[i].n, out) != parts[i].n) goto out;
	rc = out ? 0 : -1;
out:
	if (out && fclose(out) != 0) rc = -1;
	return rc == 0 ? 0 : err_set(e, ERR_INTERNAL, "%s: %s", path, strerror(errno));
}

static int
write_tensors(const char *folder, const char *name, struct file *f, enum variant v, struct err *e)
{
	char length[8];
	struct buf parts[3] = { { .p = length, .n = sizeof length } };
	int rc;

	buf_addc(&f->header, '}');
	while (v == UNALIGNED ? f->header.n % 2 == 0 : f->header.n % 8 != 0)
		buf_addc(&f->header, ' ');
	for (int i = 0; i < 8; i++) length[i] = (char)(f->header.n >> 8 * i & 255);
	parts[1] = f->header;
	parts[2] = f->values;
	rc = write_file(folder, name, parts, NELEM(parts), e);
	buf_free(&f->header);
	buf_free(&f->values);
	return rc;
}

static int
write_shards(const char *folder, const struct tensors *from, struct err *e)
{
	struct buf index = {0};
	int rc = 0;

	buf_adds(&index, "{\"metadata\":{},\"weight_map\":{");
	for (int k = 0; rc == 0 && k < SHARDS; k++) {
		struct file f = {0};
		char name[40];

		snprintf(name, sizeof name, "model-%05d-of-%05d.safetensors", k + 1, SHARDS);
		for (size_t i = (size_t)k; i < tensors_count(from); i += SHARDS) {
			add(&f, tensors_at(from, i), IN_SHARDS);
			buf_addf(&index, "%s\"%s\":\"%s\"", i ? "," : "", tensors_at(from, i)->name,
				name);
		}
		rc = write_tensors(folder, name, &f, IN_SHARDS, e);
	}
	buf_adds(&index, "}}\n");
	if (rc == 0) rc = write_file(folder, "model.safetensors.index.json", &index, 1, e);
	buf_free(&index);
	return rc;
}

/* The files that no variant changes. */
static int
link_rest(const char *folder, const char *model, struct err *e)
{
	static const char *const rest[] = { "config.json", "tokenizer.json" };
	char from[4096], to[4096], *whole;

	for (size_t i = 0; i < NELEM(rest); i++) {
		if (io_join(from, sizeof from, model, rest[i], e) != 0 ||
			io_join(to, sizeof to, folder, rest[i], e) != 0)
			return -1;
		whole = realpath(from, NULL);
		if (!whole || symlink(whole, to) != 0) {
			free(whole);
			return err_set(e, ERR_INTERNAL, "%s: %s", to, strerror(errno));
		}
		free(whole);
	}
	return 0;
}

int
variant_make(const char *folder, const char *model, const struct tensors *from, enum variant v,
	struct err *e)
{
	struct file f = {0};

	if (link_rest(folder, model, e) != 0) return -1;
	if (v == IN_SHARDS) return write_shards(folder, from, e);
	for (size_t i = 0; i < tensors_count(from); i++) add(&f, tensors_at(from, i), v);
	return write_tensors(folder, "model.safetensors", &f, v, e);
}

void
variant_remove(const char *folder)
{
	DIR *d = opendir(folder);
	const struct dirent *entry;
	struct err e = {0};
	char path[4096];

	while (d && (entry = readdir(d)))
		if (*entry->d_name != '.' &&
			io_join(path, sizeof path, folder, entry->d_name, &e) == 0)
			unlink(path);
	if (d) closedir(d);
}
