/* Records against storage: which objects the records know, which they need, and which follow from
 * others. */
#ifndef EARSHOT_RECORDS_OBJECTS_H
#define EARSHOT_RECORDS_OBJECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "records/samples.h"

struct db;
struct err;

/* Does a sample, an adapter or an intent refer to this object, or to the one that it is the staged
 * file (.part) of? 1, 0, -1. */
int objects_known(struct db *db, const char *key, struct err *e);

/* What the records say of an object: 1 if a sample or an adapter refers to it, and then *has_sha256
 * if they have its hash; 0; -1. */
int objects_look(struct db *db, const char *key, uint8_t sha256[SHA256_BYTES], bool *has_sha256,
	struct err *e);

/* An object that a sample or an adapter refers to. Of sound and weights the records have size and
 * hash; of what goes with them neither: 0 and NULL. */
struct object_ref {
	const char *key;
	uint64_t size_bytes;
	const uint8_t *sha256;
};

/* Every one. each answers 0 (fine), 1 (counted in *bad) or -1 (stop). */
int objects_each(struct db *db, int (*each)(void *ctx, const struct object_ref *o, struct err *e),
	void *ctx, long *bad, struct err *e);

/* What is derived from audio/ab/JOB-ATTEMPT-INDEX.flac has the key
 * PREFIX/ab/JOB-ATTEMPT-INDEXSUFFIX, so that it needs no record. Pure. */
struct object_form {
	const char *prefix, *suffix;
	bool of_score;			/* only of a sample that has a score */
};
void objects_derived_key(const char *key, const struct object_form *form, char out[SAMPLE_KEY]);

#endif
