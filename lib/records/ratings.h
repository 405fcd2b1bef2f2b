/* Ratings: how good a listener finds a sample, by one criterion, from 1 to 5. A user has one of a
 * sample and a criterion; without accounts every rating is a row. Who has changed their mind
 * changes it, but neither what it is of nor its criterion. */
#ifndef EARSHOT_RECORDS_RATINGS_H
#define EARSHOT_RECORDS_RATINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct db;
struct err;

enum { RATING_MIN = 1, RATING_MAX = 5, RATING_CRITERIA = 7 };
extern const char *const rating_criteria[RATING_CRITERIA + 1];	/* "overall", …, NULL */

struct rating {
	struct uuid id, audio_id;
	struct uuid user_id;		/* nil where there are no accounts */
	int rating;			/* RATING_MIN … RATING_MAX */
	int criterion;			/* index of rating_criteria */
	char *notes;			/* owned; NULL: none */
	int64_t created_at;		/* µs */
};

struct rating_list {
	struct rating *items;		/* owned */
	size_t n;
	uint64_t total;
};

/* Of *r: audio_id, user_id, rating, criterion, notes. *is_new (NULL: not wanted): *id is made here;
 * else the user had rated so before, and that rating has become this one. ERR_NOT_FOUND names an
 * audio that is not there. */
int ratings_give(struct db *db, const struct rating *r, struct uuid *id, bool *is_new,
	struct err *e);

/* ERR_NOT_FOUND when there is none. Release with ratings_free() in every case (out must be
 * zeroed). */
int ratings_get(struct db *db, struct uuid id, struct rating *out, struct err *e);

/* What becomes of a rating; the rest of it stays. */
struct rating_change {
	bool has_rating, has_notes;
	int rating;
	const char *notes;		/* NULL or "": none */
};

/* ERR_NOT_FOUND when there is none (any more). */
int ratings_change(struct db *db, struct uuid id, const struct rating_change *c, struct err *e);
int ratings_delete(struct db *db, struct uuid id, struct err *e);

struct rating_filter {
	struct uuid audio_id;		/* nil: any */
	int criterion;			/* -1: any */
	int min, max;			/* both included */
};

/* Newest first. Totals come from the counts; with an audio_id, whose ratings are few, from them. */
int ratings_list(struct db *db, const struct rating_filter *f, uint32_t limit, uint32_t offset,
	struct rating_list *out, struct err *e);

/* How many ratings of each criterion and value: of one sample, or (nil) of all, which are read from
 * counts. */
struct rating_stats {
	int64_t n[RATING_CRITERIA][RATING_MAX + 1];
};
int ratings_stats(struct db *db, struct uuid audio_id, struct rating_stats *out, struct err *e);

/* How each adapter was rated, most ratings first, at most max of them. Returns how many. */
struct rating_adapter {
	struct uuid id;			/* nil: the base model */
	char name[801];			/* "" for the base model, and for what is not known */
	int64_t count, sum;
};
int ratings_by_adapter(struct db *db, struct rating_adapter *out, int max, struct err *e);

void ratings_free(struct rating *r);
void ratings_list_free(struct rating_list *l);

#endif
