/* Tags: words that a listener gives to a sample, as praise or as blame. A listener gives a tag to a
 * sample once: the same again, in whatever case, is the row that is there, and with the other sign
 * it is that row changed. Tags are kept as they were typed. */
#ifndef EARSHOT_RECORDS_TAGS_H
#define EARSHOT_RECORDS_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct db;
struct err;

enum { TAG_CHARS = 100, TAG_TEXT = 4 * TAG_CHARS + 1, TAGS_AT_ONCE = 50 };

/* What makes two tags the same, of a parameter. One collation says what lower case is, the other
 * that nothing but the same characters are: the first would take é for e, and each picture for
 * every other. */
#define TAGS_KEY \
	"(LOWER(CONVERT(? USING utf8mb4) COLLATE utf8mb4_unicode_ci) COLLATE utf8mb4_bin)"

struct tag {
	struct uuid id, audio_id;
	struct uuid user_id;		/* nil where there are no accounts */
	char *tag;			/* owned */
	bool is_positive;
	int64_t created_at;		/* µs */
};

struct tag_list {
	struct tag *items;		/* owned */
	size_t n;
	uint64_t total;
};

/* Tags for a sample: without blanks around them, borrowed. */
struct tags_given {
	struct uuid audio_id, user_id;
	const char *const *positive, *const *negative;
	size_t n_positive, n_negative;	/* together at most TAGS_AT_ONCE */
};

/* Give them all, or none; with replace, the listener's other tags of the sample go. *out gets the
 * rows in the order given, each once; *n_new tells how many of them were not there before (NULL:
 * not wanted). ERR_NOT_FOUND names an audio that is not there; ERR_INVALID the field,
 * `negative_tags[1]`, that is among the positive ones, too. Release with tags_list_free() in every
 * case. */
int tags_give(struct db *db, const struct tags_given *g, bool replace, struct tag_list *out,
	size_t *n_new, struct err *e);

/* ERR_NOT_FOUND when there is none. Release with tags_free() in every case (out must be zeroed). */
int tags_get(struct db *db, struct uuid id, struct tag *out, struct err *e);

/* ERR_NOT_FOUND when there is none (any more). */
int tags_delete(struct db *db, struct uuid id, struct err *e);

struct tag_filter {
	struct uuid audio_id;		/* nil: any */
	const char *tag;		/* in whatever case; NULL: any */
	int is_positive;		/* 0, 1; -1: any */
};

/* Newest first. Totals come from the counts; with an audio_id, whose tags are few, from them. */
int tags_list(struct db *db, const struct tag_filter *f, uint32_t limit, uint32_t offset,
	struct tag_list *out, struct err *e);

/* The tags that were given most often, at most max of them: in all, as praise or as blame. Returns
 * how many. */
enum tag_order { TAGS_BY_ALL, TAGS_BY_POSITIVE, TAGS_BY_NEGATIVE };
struct tag_count {
	char tag[TAG_TEXT];
	int64_t n;
};
int tags_most_given(struct db *db, enum tag_order order, struct tag_count *out, int max,
	struct err *e);

void tags_free(struct tag *t);
void tags_list_free(struct tag_list *l);

#endif
