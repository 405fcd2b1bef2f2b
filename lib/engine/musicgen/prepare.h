/* The prepared file: a checkpoint's weights as the engine uses them, beside it in its folder.
 *
 * It is a safetensors file, made once and then mapped, so that a model opens at once and all
 * processes share its memory. Convolutions of the codec are folded (codec.h); matrices are kept
 * as the level says:
 *
 *	f32	as float32
 *	f16	in 16 bits
 *	bf16	in 16 bits, as bfloat16
 *	int8	as bytes with a factor for up to 128 of them, and four more bits beside each
 *	small	as bytes without these
 *
 * Each matrix gets the smallest kind of its level whose error, measured on it, is within what its
 * part of the model bears; where none is, it stays float32. The error is √(Σ (w - kept)² / Σ w²).
 * Bytes alone change the most likely code in 2 to 4 of 100 cases, with whatever group of columns
 * a factor is for: so they are for hosts without room for more. bfloat16 does so in 1 of 100,
 * twelve bits in 1 of 400 (random weights of musicgen-small's size; quality.h measures it for any
 * checkpoint). Of the codec, whose errors are heard as noise, only the LSTM is made smaller.
 * Embeddings, of which a step reads a few rows, biases and norms are float32.
 *
 * Its `__metadata__` says of which version and level it is, the size and time of each file that
 * it was made of, and the SHA-256 of its values. */
#ifndef EARSHOT_ENGINE_MUSICGEN_PREPARE_H
#define EARSHOT_ENGINE_MUSICGEN_PREPARE_H

#include "engine/musicgen/kernels.h"
#include "engine/musicgen/safetensors.h"

#define PREPARE_FILE "prepared.safetensors"
#define PREPARE_LEVEL "int8"		/* where nobody asks for another */

/* What was written. */
struct prepare_report {
	uint64_t bytes;			/* of values */
	int matrices[WEIGHTS_KINDS];	/* how many were kept as each kind */
};

/* Has the folder such a file, of whatever quality? */
bool prepare_exists(const char *folder);

/* Make it, in place of the one that is there. level: as above, ERR_UNREADABLE for any other. The
 * checkpoint's errors are those of model_open(), the disk's ERR_AWAY, another process that is at it
 * ERR_CONFLICT. step (NULL: nobody asks) is told of how many values how many are done; false means
 * stop (ERR_STOPPED). What was there stays unless all went well. */
int prepare_write(const char *folder, const char *level, bool (*step)(void *ctx, uint64_t done,
	uint64_t of), void *ctx, struct prepare_report *report, struct err *e);

/* Open it. ERR_INVALID when it is cut short or damaged at its beginning, of another version, or
 * when a file that it was made of is another one now; files that are gone are fine. */
struct tensors *prepare_open(const char *folder, struct err *e);

/* Read all of it and compare it with its hash: ERR_INVALID when a value is another one. */
int prepare_check(const char *folder, struct err *e);

#endif
