/* What a model needs of memory, told before it is loaded: one that is too large for what a worker
 * may have is refused, not killed on the way. */
#ifndef EARSHOT_ENGINE_MUSICGEN_MEMORY_H
#define EARSHOT_ENGINE_MUSICGEN_MEMORY_H

#include "base/host.h"
#include "engine/musicgen/folder.h"

/* Bytes for the files of the weights, for what is made of them where they were not prepared, and
 * for all that a take of one window needs beside them. */
uint64_t memory_needed(const struct folder_files *f);

/* How many takes at once, 1 … wanted, there is room for now beyond what is loaded. */
int memory_takes(const struct musicgen_config *c, int wanted, const struct host_memory *m);

/* Is that to be had? -1 with ERR_INVALID where it never is, ERR_AWAY where it is not now; the
 * sentence names both sides. now: does it count what others have at the moment? */
int memory_check(uint64_t needed, const struct host_memory *m, bool now, struct err *e);

#endif
