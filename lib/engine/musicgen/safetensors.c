#include "engine/musicgen/safetensors.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/list.h"
#include "engine/musicgen/half.h"

enum {
	INDEX_MAX = 1 << 20,
	FILES_MAX = 64,
};

struct file {
	char *name;			/* its path */
	uint8_t *p;			/* mapped */
	size_t n;
};

struct tensors {
	struct file *files;
	size_t n_files;
	struct tensor *list;		/* ordered by name */
	size_t n;
	cJSON *metadata;		/* of the first file; NULL: none */
};

static const struct {
	const char *name;
	size_t size;
} types[TENSOR_TYPES] = {
	[TENSOR_F32] = { "F32", 4 }, [TENSOR_F16] = { "F16", 2 }, [TENSOR_BF16] = { "BF16", 2 },
	[TENSOR_I32] = { "I32", 4 }, [TENSOR_F64] = { "F64", 8 }, [TENSOR_I64] = { "I64", 8 },
	[TENSOR_U64] = { "U64", 8 }, [TENSOR_U32] = { "U32", 4 }, [TENSOR_I16] = { "I16", 2 },
	[TENSOR_U16] = { "U16", 2 }, [TENSOR_I8] = { "I8", 1 }, [TENSOR_U8] = { "U8", 1 },
	[TENSOR_BOOL] = { "BOOL", 1 }, [TENSOR_F8_E4M3] = { "F8_E4M3", 1 },
	[TENSOR_F8_E5M2] = { "F8_E5M2", 1 },
};

size_t
tensor_type_size(enum tensor_type type)
{
	return types[type].size;
}

const char *
tensor_type_name(enum tensor_type type)
{
	return types[type].name;
}

/* A whole number in 0 … 2^53, which doubles hold exactly. */
static bool
whole(const cJSON *v, int64_t *out)
{
	if (!cJSON_IsNumber(v) || !(v->valuedouble >= 0 && v->valuedouble <= 9007199254740992.0))
		return false;
	*out = (int64_t)v->valuedouble;
	return (double)*out == v->valuedouble;
}

static int
read_type(const cJSON *entry, struct tensor *t, struct err *e)
{
	const char *name = json_text(entry, "dtype", "");

	for (int i = 0; i < TENSOR_TYPES; i++)
		if (strcmp(types[i].name, name) == 0) {
			t->type = (enum tensor_type)i;
			return 0;
		}
	return err_set(e, ERR_INVALID, "%s: there is no dtype \"%.16s\"", t->name, name);
}

static int
read_shape(const cJSON *entry, struct tensor *t, struct err *e)
{
	const cJSON *shape = cJSON_GetObjectItemCaseSensitive(entry, "shape"), *v;

	if (!cJSON_IsArray(shape)) return err_set(e, ERR_INVALID, "%s: it has no shape", t->name);
	t->count = 1;
	for (int i = 0; i < TENSOR_RANK; i++) t->shape[i] = 1;
	cJSON_ArrayForEach(v, shape) {
		if (t->rank == TENSOR_RANK)
			return err_set(e, ERR_INVALID, "%s: it has more than %d dimensions",
				t->name, TENSOR_RANK);
		if (!whole(v, &t->shape[t->rank]) ||
			__builtin_mul_overflow(t->count, t->shape[t->rank], &t->count))
			return err_set(e, ERR_INVALID, "%s: its shape is impossible", t->name);
		t->rank++;
	}
	return 0;
}

/* One member of the header, behind which `room` bytes of values lie at `values`. */
static int
read_tensor(const cJSON *entry, const uint8_t *values, size_t room, struct tensor *t, struct err *e)
{
	const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
	int64_t from, to, bytes;

	if (strlen(entry->string) >= TENSOR_NAME)
		return err_set(e, ERR_INVALID, "%.40s…: the name is longer than %d bytes",
			entry->string, TENSOR_NAME - 1);
	*t = (struct tensor){ .name = entry->string };
	if (!cJSON_IsObject(entry)) return err_set(e, ERR_INVALID, "%s: it is no object", t->name);
	if (read_type(entry, t, e) != 0 || read_shape(entry, t, e) != 0) return -1;
	if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2 ||
		!whole(cJSON_GetArrayItem(offsets, 0), &from) ||
		!whole(cJSON_GetArrayItem(offsets, 1), &to) || from > to || (uint64_t)to > room)
		return err_set(e, ERR_INVALID, "%s: data_offsets lie outside of the file's %zu bytes "
			"of values", t->name, room);
	if (__builtin_mul_overflow(t->count, (int64_t)types[t->type].size, &bytes) ||
		bytes != to - from)
		return err_set(e, ERR_INVALID, "%s: the shape does not fit the %lld bytes that it has",
			t->name, (long long)(to - from));
	t->data = values + from;
	return 0;
}

static int
by_place(const void *a, const void *b)
{
	const struct tensor *x = a, *y = b;

	if (x->data != y->data) return (const char *)x->data < (const char *)y->data ? -1 : 1;
	return x->count < y->count ? -1 : x->count > y->count;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct tensor *)a)->name, ((const struct tensor *)b)->name);
}

/* Those from the first on: one behind the other, from the first byte to the last. Sorts them by
 * place. */
static int
check_places(struct tensors *t, size_t first, const uint8_t *values, size_t room, struct err *e)
{
	const uint8_t *end = values;

	if (t->n > first) qsort(t->list + first, t->n - first, sizeof *t->list, by_place);
	for (size_t i = first; i < t->n; i++) {
		const struct tensor *one = &t->list[i];
		const uint8_t *data = one->data;

		if (data != end)
			return err_set(e, ERR_INVALID, "%s: its values %s", one->name,
				data < end ? "overlap another's" : "lie behind a gap");
		end = data + (size_t)one->count * types[one->type].size;
	}
	if (end != values + room)
		return err_set(e, ERR_INVALID, "the last %zu bytes belong to no tensor",
			(size_t)(values + room - end));
	return 0;
}

/* The tensors of a file's header behind those that t has. */
static int
take_header(struct tensors *t, const cJSON *header, const uint8_t *values, size_t room,
	struct err *e)
{
	const cJSON *entry;
	size_t first = t->n;

	cJSON_ArrayForEach(entry, header) {
		struct tensor one;

		if (strcmp(entry->string, "__metadata__") == 0) continue;
		if (read_tensor(entry, values, room, &one, e) != 0) goto out;
		t->list = list_grow(t->list, t->n, sizeof *t->list);
		t->list[t->n++] = one;
	}
	if (check_places(t, first, values, room, e) != 0) goto out;
	for (size_t i = first; i < t->n; i++) {
		t->list[i].name = strdup(t->list[i].name);
		if (!t->list[i].name) abort();
	}
	return 0;
out:
	t->n = first;	/* their names are the header's */
	return -1;
}

/* Texts under names, if the format was heeded; anything else is passed over. */
static void
take_metadata(struct tensors *t, cJSON *header)
{
	if (!t->metadata)
		t->metadata = cJSON_DetachItemFromObjectCaseSensitive(header, "__metadata__");
}

const char *
tensors_metadata(const struct tensors *t, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(t->metadata, name));
}

uint64_t
tensors_header_bytes(const uint8_t *begin)
{
	uint64_t n = 0;

	for (int i = 7; i >= 0; i--) n = n << 8 | begin[i];
	return n;
}

/* A file that is mapped, and has 8 bytes at least. */
static int
take_file(struct tensors *t, const struct file *f, struct err *e)
{
	uint64_t header = tensors_header_bytes(f->p);
	cJSON *tree;
	int rc = -1;

	if (header > f->n - 8)
		return err_set(e, ERR_INVALID, "its header ends behind the file: it is cut short, "
			"or no safetensors file");
	if (header > TENSORS_HEADER_MAX)
		return err_set(e, ERR_INVALID, "its header is longer than %d bytes",
			TENSORS_HEADER_MAX);
	tree = json_parse((const char *)f->p + 8, (size_t)header, e);
	if (!tree) {
		e->kind = ERR_INVALID;
		return err_prefix(e, "the header");
	}
	if (cJSON_IsObject(tree)) {
		rc = take_header(t, tree, f->p + 8 + header, f->n - 8 - (size_t)header, e);
		take_metadata(t, tree);
	} else {
		err_set(e, ERR_INVALID, "the header is no JSON object");
	}
	cJSON_Delete(tree);
	return rc;
}

static int
map(const char *path, struct file *f, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc = -1;

	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_INVALID, "%s",
			strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		err_set(e, ERR_INVALID, "it is no regular file");
		goto out;
	}
	f->n = (size_t)st.st_size;
	if (f->n < 8) {
		err_set(e, ERR_INVALID, "it is too short for a safetensors file");
		goto out;
	}
	f->p = mmap(NULL, f->n, PROT_READ, MAP_SHARED, fd, 0);
	if (f->p == MAP_FAILED) {
		f->p = NULL;
		err_set(e, ERR_AWAY, "it cannot be mapped: %s", strerror(errno));
		goto out;
	}
	rc = 0;
out:
	close(fd);
	return rc;
}

/* Map a file and add its tensors. Errors name the file. */
static int
add_file(struct tensors *t, const char *path, struct err *e)
{
	struct file f = { .name = strdup(path) };

	if (!f.name) abort();
	if (map(path, &f, e) != 0) {
		free(f.name);
		return err_prefix(e, "%s", path);
	}
	t->files = list_grow(t->files, t->n_files, sizeof *t->files);
	t->files[t->n_files++] = f;
	return take_file(t, &f, e) == 0 ? 0 : err_prefix(e, "%s", path);
}

/* No name is there twice, within one file or between two. */
static int
finish(struct tensors *t, struct err *e)
{
	if (t->n) qsort(t->list, t->n, sizeof *t->list, by_name);
	for (size_t i = 1; i < t->n; i++)
		if (strcmp(t->list[i - 1].name, t->list[i].name) == 0)
			return err_set(e, ERR_INVALID, "%s: it is there twice", t->list[i].name);
	return 0;
}

struct tensors *
tensors_open(const char *path, struct err *e)
{
	struct tensors *t = calloc(1, sizeof *t);

	if (!t) abort();
	if (add_file(t, path, e) == 0) {
		if (finish(t, e) == 0) return t;
		err_prefix(e, "%s", path);
	}
	tensors_close(t);
	return NULL;
}

/* A file of the index, unless it is open already. Names are those of files in the same folder. */
static int
add_shard(struct tensors *t, const char *folder, const cJSON *name, struct err *e)
{
	const char *s = cJSON_GetStringValue(name);
	char path[4096];

	if (!s || !*s || *s == '.' || strchr(s, '/'))
		return err_set(e, ERR_INVALID, "weight_map: %.80s is in no file of this folder",
			name->string);
	if (io_join(path, sizeof path, folder, s, e) != 0) return -1;
	for (size_t i = 0; i < t->n_files; i++)
		if (strcmp(t->files[i].name, path) == 0) return 0;
	if (t->n_files == FILES_MAX)
		return err_set(e, ERR_INVALID, "weight_map: there are more than %d files", FILES_MAX);
	return add_file(t, path, e);
}

/* Each tensor of the index is there. What the files have beyond it is of no harm. */
static int
add_shards(struct tensors *t, const char *folder, const cJSON *index, struct err *e)
{
	const cJSON *weights = cJSON_GetObjectItemCaseSensitive(index, "weight_map"), *v;

	if (!cJSON_IsObject(weights)) return err_set(e, ERR_INVALID, "it has no weight_map");
	cJSON_ArrayForEach(v, weights)
		if (add_shard(t, folder, v, e) != 0) return -1;
	if (finish(t, e) != 0) return -1;
	cJSON_ArrayForEach(v, weights)
		if (!tensors_find(t, v->string))
			return err_set(e, ERR_INVALID, "weight_map: %.80s is not in %.80s",
				v->string, v->valuestring);
	return 0;
}

struct tensors *
tensors_open_model(const char *folder, struct err *e)
{
	struct tensors *t = NULL;
	struct buf text = {0};
	cJSON *index = NULL;
	char path[4096];

	if (io_join(path, sizeof path, folder, "model.safetensors", e) != 0) return NULL;
	if (access(path, F_OK) == 0) return tensors_open(path, e);
	if (io_join(path, sizeof path, folder, "model.safetensors.index.json", e) != 0) return NULL;
	if (access(path, F_OK) != 0) {
		err_set(e, ERR_NOT_FOUND, "%s: there is neither model.safetensors nor "
			"model.safetensors.index.json", folder);
		return NULL;
	}
	if (buf_read_file(&text, path, INDEX_MAX, e) != 0 ||
		!(index = json_parse(buf_str(&text), text.n, e)))
		goto out;
	t = calloc(1, sizeof *t);
	if (!t) abort();
	if (add_shards(t, folder, index, e) != 0) {
		tensors_close(t);
		t = NULL;
	}
out:
	if (!t) {
		if (e->kind == ERR_UNREADABLE) e->kind = ERR_INVALID;
		err_prefix(e, "model.safetensors.index.json");
	}
	cJSON_Delete(index);
	buf_free(&text);
	return t;
}

void
tensors_close(struct tensors *t)
{
	if (!t) return;
	cJSON_Delete(t->metadata);
	for (size_t i = 0; i < t->n; i++) free((char *)t->list[i].name);
	for (size_t i = 0; i < t->n_files; i++) {
		if (t->files[i].p) munmap(t->files[i].p, t->files[i].n);
		free(t->files[i].name);
	}
	free(t->list);
	free(t->files);
	free(t);
}

const struct tensor *
tensors_find(const struct tensors *t, const char *name)
{
	struct tensor key = { .name = name };

	return t->n ? bsearch(&key, t->list, t->n, sizeof key, by_name) : NULL;
}

size_t
tensors_count(const struct tensors *t)
{
	return t->n;
}

const struct tensor *
tensors_at(const struct tensors *t, size_t i)
{
	return &t->list[i];
}

size_t
tensors_files(const struct tensors *t)
{
	return t->n_files;
}

const char *
tensors_file(const struct tensors *t, size_t i)
{
	return t->files[i].name;
}

bool
tensor_is_real(const struct tensor *t)
{
	return t->type == TENSOR_F32 || t->type == TENSOR_F16 || t->type == TENSOR_BF16;
}

void
tensor_read(const struct tensor *t, int64_t from, int64_t n, float *out)
{
	const uint8_t *p = (const uint8_t *)t->data + (size_t)from * types[t->type].size;

	if (t->type == TENSOR_F32) {
		memcpy(out, p, (size_t)n * 4);
		return;
	}
	for (int64_t i = 0; i < n; i++) {
		uint16_t v;

		memcpy(&v, p + 2 * i, 2);
		out[i] = t->type == TENSOR_F16 ? half_to_float(v) : bfloat_to_float(v);
	}
}

void
tensors_rest(const struct tensors *t, const char *pattern)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	for (size_t i = 0; i < t->n; i++) {
		const struct tensor *one = &t->list[i];
		uintptr_t from = (uintptr_t)one->data, to = from + (size_t)one->count *
			types[one->type].size;

		if (fnmatch(pattern, one->name, 0) != 0) continue;
		/* Whole pages: the others are not its own. */
		from = (from + page - 1) / page * page;
		to = to / page * page;
		if (from < to) madvise((void *)from, to - from, MADV_DONTNEED);
	}
}

bool
tensor_aligned(const struct tensor *t)
{
	return (uintptr_t)t->data % types[t->type].size == 0;
}

const char *
tensor_shape_text(const struct tensor *t, char *out, size_t size)
{
	size_t n = 0;

	snprintf(out, size, "one value");
	for (int i = 0; i < t->rank && n < size; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%lld", i ? " × " : "",
			(long long)t->shape[i]);
	return out;
}
