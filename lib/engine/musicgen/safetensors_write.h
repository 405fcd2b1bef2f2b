/* A file of the safetensors format, written whole or not at all.
 *
 * Values begin at multiples of 64 bytes of the file, so that they can be used where it is mapped.
 * Since the format has no gaps, what is between is a tensor of its own, "pad.N" of U8. Values
 * come first and the header last, into room that was kept for it; then PATH.part gets the name
 * PATH. A lock on it keeps others from writing the same at once. */
#ifndef EARSHOT_ENGINE_MUSICGEN_SAFETENSORS_WRITE_H
#define EARSHOT_ENGINE_MUSICGEN_SAFETENSORS_WRITE_H

#include "engine/musicgen/safetensors.h"

struct cJSON;
struct tensors_out;

/* header_bytes: room for the header; a tensor takes 2 · (its name + 170) of it at most. NULL with
 * ERR_CONFLICT while somebody else writes it, else ERR_AWAY. */
struct tensors_out *tensors_out_begin(const char *path, size_t header_bytes, struct err *e);

/* One more tensor, all of its values at p; shape[rank]. Its name needs no escapes in JSON. -1 with
 * ERR_AWAY (a full disk, for one). */
int tensors_out_add(struct tensors_out *o, const char *name, enum tensor_type type, int rank,
	const int64_t *shape, const void *p, struct err *e);

/* Bytes of values so far. */
uint64_t tensors_out_bytes(const struct tensors_out *o);

/* Finish the file. metadata: an object of texts; "sha256" of all values is added to it. */
int tensors_out_end(struct tensors_out *o, struct cJSON *metadata, struct err *e);

/* To be called in any case; a file that was not finished is removed. NULL is fine. */
void tensors_out_close(struct tensors_out *o);

#endif
