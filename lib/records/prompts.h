/* Prompts: what people asked for, in their words. Written once, never changed. */
#ifndef EARSHOT_RECORDS_PROMPTS_H
#define EARSHOT_RECORDS_PROMPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct db;
struct err;

enum { PROMPT_CHARS = 2000, PROMPT_TEXT = 4 * PROMPT_CHARS + 1, PROMPT_MAX_SAMPLES = 200 };

struct prompt {
	struct uuid id;
	char *text;			/* owned */
	char *attributes;		/* JSON object, or NULL; owned */
	int64_t created_at;		/* µs */
	/* of its samples, oldest first, at most PROMPT_MAX_SAMPLES; owned */
	struct uuid *sample_ids;
	size_t n_samples;
	double score;			/* in a search for words: more fits better */
};

struct prompt_list {
	struct prompt *items;		/* owned */
	size_t n;
	bool has_more;			/* behind these */
	uint64_t total;			/* of the whole list; at least so many when it is capped */
	bool total_is_capped;
};

/* All that is set must hold. All zero: every prompt. */
struct prompt_filter {
	const char *words;		/* conditions of search_words.h, or NULL; borrowed. Finds
					 * prompts that are indexed (prompt_index.h). */
	bool best_first;		/* begin with what fits best; else with the newest */
	double tempo_min, tempo_max;	/* of the attributes, also once indexed; 0: open */
	int64_t from, to;		/* created_at in µs, both included; 0: open */
};

/* Store a prompt; attributes is JSON text or NULL. *id is made here. */
int prompts_create(struct db *db, const char *text, const char *attributes, struct uuid *id,
	struct err *e);

/* The same, unless there is one of these words and attributes, letter for letter: then *id is the
 * oldest such. Two that are stored at the same moment may both be new. */
int prompts_ensure(struct db *db, const char *text, const char *attributes, struct uuid *id,
	struct err *e);

/* ERR_NOT_FOUND when there is none. Release with prompts_free() in every case. */
int prompts_get(struct db *db, struct uuid id, struct prompt *out, struct err *e);

/* Are all of these there, at most ROWS_IN? ERR_NOT_FOUND names those that are not. */
int prompts_check(struct db *db, const struct uuid *ids, size_t n, struct err *e);

/* Release with prompts_list_free() in every case. */
int prompts_list(struct db *db, const struct prompt_filter *f, uint32_t limit, uint32_t offset,
	struct prompt_list *out, struct err *e);

void prompts_free(struct prompt *p);
void prompts_list_free(struct prompt_list *l);

#endif
