/* An object that comes in pieces: written into its staged file and hashed on the way, so that no
 * more than one piece is ever in memory. What becomes of the file is the caller's: storage_put()
 * makes it the object, storage_delete() removes it. */
#ifndef EARSHOT_STORAGE_INCOMING_H
#define EARSHOT_STORAGE_INCOMING_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "storage/storage.h"

struct err;

struct incoming {
	char path[STORAGE_PATH];	/* of the staged file */
	int fd;				/* -1: not open */
	struct sha256 sum;
	uint64_t bytes;
};

/* ERR_AWAY as well when the storage is full; incoming_end() in every case. */
int incoming_begin(struct incoming *in, struct storage *s, const char *key, struct err *e);

/* A sink as http/request.h wants one; ctx is the struct incoming. */
int incoming_add(void *ctx, const void *p, size_t n, struct err *e);

/* Close the file; sha256 is of all that was added. */
void incoming_end(struct incoming *in, uint8_t sha256[SHA256_BYTES]);

#endif
