/* Tensors in files of the safetensors format, read where they lie in mapped memory.
 *
 * A file is: 8 bytes, the length n of the header, little endian; n bytes of JSON,
 * {"NAME": {"dtype": "F32", "shape": [4, 64], "data_offsets": [FROM, TO]}, …, "__metadata__": {…}},
 * padded with blanks; then the values, little endian, row by row, offsets counted from here. The
 * format asks that tensors neither overlap nor leave gaps, and that no name is there twice
 * (https://github.com/huggingface/safetensors, "Format"). All of that is checked, since files come
 * from outside. A model of several files has an index, model.safetensors.index.json, whose
 * `weight_map` tells the file of each tensor.
 *
 * Values may begin at any byte: read them by tensor_read(), or check tensor_aligned(). A file must
 * not be shortened by anybody while it is open: touching what is gone ends the process (SIGBUS). */
#ifndef EARSHOT_ENGINE_MUSICGEN_SAFETENSORS_H
#define EARSHOT_ENGINE_MUSICGEN_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum tensor_type {
	TENSOR_F32, TENSOR_F16, TENSOR_BF16, TENSOR_I32,
	/* Known to the format, of no use here: a file may have them. */
	TENSOR_F64, TENSOR_I64, TENSOR_U64, TENSOR_U32, TENSOR_I16, TENSOR_U16, TENSOR_I8, TENSOR_U8,
	TENSOR_BOOL, TENSOR_F8_E4M3, TENSOR_F8_E5M2,
	TENSOR_TYPES
};

enum {
	TENSOR_RANK = 4,		/* the most dimensions that one may have */
	TENSOR_NAME = 256,		/* bytes of the longest name, its NUL included */
	/* Bytes of a header: a tensor takes some 130, the largest model has 1,500 of them. Parsed,
	 * a hostile one takes forty times as much. */
	TENSORS_HEADER_MAX = 1 << 20,
};

struct tensor {
	const char *name;
	enum tensor_type type;
	int rank;			/* 0 (a single value) … TENSOR_RANK */
	int64_t shape[TENSOR_RANK];	/* outermost first; 1 beyond rank */
	const void *data;		/* in the mapped file */
	int64_t count;			/* of values: the product of the shape */
};

struct tensors;				/* all of a file, or of a model's files */

/* One file. NULL with ERR_INVALID and a sentence that names the tensor, ERR_NOT_FOUND when there is
 * no such file. */
struct tensors *tensors_open(const char *path, struct err *e);

/* The weights of a model's folder: model.safetensors, or what its index lists. */
struct tensors *tensors_open_model(const char *folder, struct err *e);

void tensors_close(struct tensors *t);	/* NULL is fine */

/* NULL: there is none of that name. Borrowed from t, as is what it points at. */
const struct tensor *tensors_find(const struct tensors *t, const char *name);

/* All of them, ordered by name (bytes). */
size_t tensors_count(const struct tensors *t);
const struct tensor *tensors_at(const struct tensors *t, size_t i);

/* A text of the header's `__metadata__` (of the first file, where there are several); NULL: there is
 * none of that name. Borrowed. */
const char *tensors_metadata(const struct tensors *t, const char *name);

/* The files that it is read from, as paths. */
size_t tensors_files(const struct tensors *t);
const char *tensors_file(const struct tensors *t, size_t i);

/* Is it of F32, F16 or BF16? */
bool tensor_is_real(const struct tensor *t);

/* Values from … from + n - 1 of such a one as float32, which holds all three kinds exactly. */
void tensor_read(const struct tensor *t, int64_t from, int64_t n, float *out);

/* May data be taken as an array of its type? */
bool tensor_aligned(const struct tensor *t);

/* Give the pages of all whose names fit a pattern of fnmatch() back to the system: values stay where
 * they are, and come from its cache of the file when they are next looked at. */
void tensors_rest(const struct tensors *t, const char *pattern);

/* How long the header is, by the 8 bytes that a file begins with. */
uint64_t tensors_header_bytes(const uint8_t *begin);

/* Bytes of one value. */
size_t tensor_type_size(enum tensor_type type);

/* "F32" */
const char *tensor_type_name(enum tensor_type type);

/* "64 × 4", for people. */
const char *tensor_shape_text(const struct tensor *t, char *out, size_t size);

#endif
