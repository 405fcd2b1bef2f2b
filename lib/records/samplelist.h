/* Lists of samples, narrowed in any combination.
 *
 * A list walks one index, in its own order, from the first sample on: of what narrows it, the one
 * that likely leaves the fewest (sources in samplelist.c, in this order). The sums, tags and
 * favourites of a sample have its created_at beside them, so that "the newest favourites" is such
 * an index, too, and "the best rated". What else the filter has is looked at on the way. So each
 * filter alone costs a page as many entries as lie in front of its end, and nothing else.
 *
 * What costs more:
 * - words: the full-text search finds all prompts that have them before any sample is looked at.
 *   Where those have more than ROWS_COUNTED samples, the words are looked for on the way, too.
 * - filters together that rarely fit each other: the walk goes on, to the end of the index if it
 *   must, past all that fits only the first of them. The same goes for no_favorites where nearly
 *   everything is one.
 * - the total, where no counter knows it: it is counted, but no further than ROWS_COUNTED. */
#ifndef EARSHOT_RECORDS_SAMPLELIST_H
#define EARSHOT_RECORDS_SAMPLELIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "records/joblist.h"
#include "records/samples.h"

struct buf;
struct db;
struct err;

/* All that is set must hold. All zero: every sample. */
struct sample_filter {
	struct uuid job_id, prompt_id, experiment_id, adapter_id;	/* nil: any */
	bool base_model;			/* made without an adapter; not beside adapter_id */
	const char *model, *format;		/* NULL: any; borrowed, as all text here */
	const char *words, *pattern;		/* of the prompt: as condition and as pattern of
						 * search_words.h, or NULL; finds what is indexed
						 * (prompt_index.h) */
	const char *tag;			/* given as praise, in whatever case; NULL: any */
	int min_rating;				/* average of all ratings, in stars; 0: any */
	bool only_favorites, no_favorites;	/* of this user */
	struct uuid user;
	int64_t from, to;			/* created_at in µs, both included; 0: open */
};

/* SAMPLES_BEST: the most stars first, whole ones, and of as many the newest; only samples that have
 * a rating. */
enum sample_order { SAMPLES_NEWEST, SAMPLES_OLDEST, SAMPLES_BEST, SAMPLE_ORDERS };
extern const char *const sample_order_names[SAMPLE_ORDERS + 1];	/* "newest", …, NULL */

/* Which part of a list: the samples behind one of them, and of those from offset on. The best have
 * no cursor. */
struct sample_page {
	enum sample_order order;
	uint32_t limit, offset;
	struct job_cursor after;
};

struct sample_list {
	struct sample *items;			/* owned */
	size_t n;
	bool has_more;				/* behind these */
	uint64_t total;				/* at least so many when it is capped */
	bool total_is_capped;
};

/* Release with samples_list_free() in every case. */
int samples_list(struct db *db, const struct sample_filter *f, const struct sample_page *page,
	struct sample_list *out, struct err *e);
void samples_list_free(struct sample_list *l);

/* What the server makes of the statements of such a list, page and count, as
 * statement_explain(). */
int samples_list_explain(struct db *db, const struct sample_filter *f,
	const struct sample_page *page, struct buf *out, struct err *e);

#endif
