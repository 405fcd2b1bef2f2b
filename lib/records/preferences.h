/* Preferences: which of two samples of a prompt a listener likes better. A user has one of two
 * samples, the last one; without accounts every one is a row. */
#ifndef EARSHOT_RECORDS_PREFERENCES_H
#define EARSHOT_RECORDS_PREFERENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct db;
struct err;

enum { PREFERENCE_MARGIN_MAX = 5 };

struct preference {
	struct uuid id, prompt_id, chosen_audio_id, rejected_audio_id;
	struct uuid user_id;		/* nil where there are no accounts */
	int margin;			/* 1 … PREFERENCE_MARGIN_MAX; 0: not said */
	char *notes;			/* owned; NULL: none */
	int64_t created_at;		/* µs */
};

struct preference_list {
	struct preference *items;	/* owned */
	size_t n;
	uint64_t total;
};

/* All of *p but id and created_at. *is_new (NULL: not wanted): *id is made here; else it is that of
 * what the user had said of the two before, in whose place this one comes. ERR_NOT_FOUND names a
 * prompt or an audio that is not there, ERR_INVALID the field of an audio that is not of the
 * prompt, or is the same as the other. */
int preferences_give(struct db *db, const struct preference *p, struct uuid *id, bool *is_new,
	struct err *e);

/* ERR_NOT_FOUND when there is none. Release with preferences_free() in every case (out must be
 * zeroed). */
int preferences_get(struct db *db, struct uuid id, struct preference *out, struct err *e);

/* ERR_NOT_FOUND when there is none (any more). */
int preferences_delete(struct db *db, struct uuid id, struct err *e);

struct preference_filter {
	struct uuid prompt_id;		/* nil: any */
	struct uuid audio_id;		/* chosen or rejected; nil: any */
};

/* Newest first. The total of all is kept; those of a prompt or a sample, which are few, are
 * counted. */
int preferences_list(struct db *db, const struct preference_filter *f, uint32_t limit,
	uint32_t offset, struct preference_list *out, struct err *e);

/* How samples did, those that were compared most often first, at most max of them. Returns how
 * many. */
struct preference_score {
	struct uuid audio_id;
	int64_t wins, comparisons;
};
int preferences_scores(struct db *db, struct preference_score *out, int max, struct err *e);

void preferences_free(struct preference *p);
void preferences_list_free(struct preference_list *l);

#endif
