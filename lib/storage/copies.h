/* The files that a back end without files of its own needs on this host: those that are written
 * before they become objects (DIR/staged/KEY), and copies of objects for programs that read files
 * (DIR/copies/KEY). Objects never change, so that a copy is good for ever; the ones used least
 * lately go when there is too much of them. What a process that was killed has left goes after a
 * day. */
#ifndef EARSHOT_STORAGE_COPIES_H
#define EARSHOT_STORAGE_COPIES_H

#include <stdbool.h>
#include <stdint.h>

#include "storage/storage.h"

struct err;

struct copies {
	char dir[STORAGE_PATH];
	uint64_t max_bytes;
	int64_t swept_at_ms;		/* by clock_now_ms(); 0: not yet */
};

/* The staged file of key; its folder is made. */
int copies_stage(struct copies *c, const char *key, char path[STORAGE_PATH], struct err *e);

/* The same without making anything. */
int copies_staged(const struct copies *c, const char *key, char path[STORAGE_PATH], struct err *e);

/* The path of the copy; true: it is there, and from now on counts as used. */
bool copies_find(const struct copies *c, const char *key, char path[STORAGE_PATH]);

/* A new file to write a copy into, path names it: the descriptor or -1. copies_keep() makes it the
 * copy of key, path then names that, and makes room for it; copies_drop() forgets it. Both close
 * fd. */
int copies_begin(const struct copies *c, const char *key, char path[STORAGE_PATH], struct err *e);
int copies_keep(struct copies *c, const char *key, int fd, char path[STORAGE_PATH],
	struct err *e);
void copies_drop(int fd, const char *path);

/* Remove staged file and copy; what is not there is removed already. */
int copies_delete(const struct copies *c, const char *key, struct err *e);

/* Every staged file, as KEY.part. */
int copies_list(const struct copies *c, const char *prefix, int (*each)(void *ctx, const char *key,
	uint64_t size_bytes, struct err *e), void *ctx, struct err *e);

#endif
