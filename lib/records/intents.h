/* Objects that may exist without anything that refers to them (see schema/0001-jobs.sql). */
#ifndef EARSHOT_RECORDS_INTENTS_H
#define EARSHOT_RECORDS_INTENTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "records/claims.h"

struct db;
struct err;

/* Say, before any of them is written, which objects a claim may leave behind. Fenced: 1, 0 (claim
 * lost), -1. */
int intents_add(struct db *db, const struct claim *c, const char (*keys)[SAMPLE_KEY], size_t n,
	struct err *e);

/* The same for a file that somebody uploads: no job, no claim and no host stand behind it, so that
 * it is dead only when it is old. */
int intents_add_upload(struct db *db, struct uuid upload, const char *key, struct err *e);

/* In the transaction that refers to the object: remove its intent if that is no older than max_age_s,
 * at most half of INTENT_UPLOAD_S. 1; 0: it is too old, or collected, and the object must not be
 * used; -1. */
enum { INTENT_UPLOAD_S = 7200 };
int intents_take_upload(struct db *db, const char *key, uint32_t max_age_s, struct err *e);

/* In the transaction that removes all that refers to these objects ("": none): they are dead, for any
 * host, after so many seconds. */
int intents_add_removed(struct db *db, struct uuid job, const char (*keys)[SAMPLE_KEY], size_t n,
	uint32_t after_s, struct err *e);

struct intent {
	char key[SAMPLE_KEY];
};

/* Up to max keys whose attempt is over without having been completed: those of `owner` at once (its
 * workers are reaped before it asks), those of other owners once they are older than age_ms, those of
 * uploads once they are older than INTENT_UPLOAD_S; and those of removals that are due. Returns how
 * many. */
int intents_dead(struct db *db, struct uuid owner, uint64_t age_ms, struct intent *out, size_t max,
	struct err *e);

/* The object of key is gone: forget the intent. */
int intents_forget(struct db *db, const char *key, struct err *e);

#endif
