/* The weights of a job's adapter: found in the storage, and believed only when they are the file
 * that the job was submitted with. */
#ifndef EARSHOT_WORKER_ADAPTERFILE_H
#define EARSHOT_WORKER_ADAPTERFILE_H

#include <cjson/cJSON.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/hash.h"
#include "storage/storage.h"

struct err;

enum { ADAPTERFILE_LABEL = 512 };

/* A file whose hash was computed, and how to see that it is still the same file. */
struct adapterfile_seen {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime, ctime;
	uint8_t sha256[SHA256_BYTES];
};

/* What a worker remembers, so that a file is hashed once and not for every job. {0} is empty. */
struct adapterfiles {
	struct adapterfile_seen seen[8];
	unsigned next;			/* the one to be forgotten for a new one */
};

/* The file of this adapter (PROTOCOL.md's `adapter`, `adapter_key`). ERR_AWAY when it is not there,
 * which may pass; ERR_INVALID when it is damaged. Both name the adapter. */
int adapterfile_find(struct adapterfiles *w, struct storage *storage, const cJSON *adapter,
	const char *key, char path[STORAGE_PATH], struct err *e);

/* "NAME VERSION" as the tags of a file have it, a long name cut. */
void adapterfile_label(const char *name, const char *version, char label[ADAPTERFILE_LABEL]);

#endif
