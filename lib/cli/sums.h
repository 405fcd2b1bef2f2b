/* SHA256SUMS of a backup, as `sha256sum -c` reads it: a line for each object in the folder, and at
 * the end one for the records, without which the list is not whole.
 *
 * It names nothing that is not there, and is only ever replaced in one step, by a file that is new:
 * neither a backup that is cut off nor one that is made later changes what a copy of the folder
 * with hard links holds. What is copied meanwhile goes onto a list of its own, SHA256SUMS.added;
 * what shall leave the folder once it has the new records is on SHA256SUMS.removed. */
#ifndef EARSHOT_CLI_SUMS_H
#define EARSHOT_CLI_SUMS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/hash.h"
#include "storage/storage.h"

struct err;

#define SUMS_LIST "SHA256SUMS"

struct sums {
	const char *folder;
	FILE *added;
	bool none;		/* there was no list yet: nobody knows what lies in the folder */
	uint64_t removed;	/* objects that left the folder */
};

/* Put right what a backup left that was cut off, and take up a new one. folder is borrowed. */
int sums_open(struct sums *s, const char *folder, struct err *e);
void sums_close(struct sums *s);

/* An object is about to come into its place: on the disk when it returns. */
int sums_add(struct sums *s, const char *key, const uint8_t sha256[SHA256_BYTES], struct err *e);

/* Prepare for the records of the file `records`, which is in the folder: from here on SHA256SUMS
 * names what was added as well, and its successor lies beside it, without the objects that are not
 * needed (1, 0, -1: stop) any more. */
int sums_choose(struct sums *s, const char *records, int (*needed)(void *ctx, const char *key,
	const uint8_t sha256[SHA256_BYTES], struct err *e), void *ctx, struct err *e);

/* These records are in place now: the successor takes its own, and what is not needed goes. */
int sums_replace(struct sums *s, struct err *e);

/* The next line of such a list: 1, with "" for the records, else the key of an object; 0 at the
 * end, which half a line is as well; -1 with ERR_INVALID for a line that is none of ours. */
int sums_next(FILE *list, char key[STORAGE_KEY], uint8_t sha256[SHA256_BYTES], struct err *e);

#endif
