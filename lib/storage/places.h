/* What a storage is made of; for storage.c and move.c alone. */
#ifndef EARSHOT_STORAGE_PLACES_H
#define EARSHOT_STORAGE_PLACES_H

#include "storage/storage.h"

struct metrics;

struct storage_place {
	const struct storage_backend *b;
	void *ctx;
};

struct storage {
	struct storage_place places[2];		/* storage, and storage_from if there is one */
	int n;
	struct metrics *errors;			/* one for each operation */
};

#endif
