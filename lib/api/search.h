/* The search for words of prompts, as parameters of a query ask for it: for prompts and for what
 * was made of them. */
#ifndef EARSHOT_API_SEARCH_H
#define EARSHOT_API_SEARCH_H

#include <stdbool.h>

#include "base/buf.h"
#include "records/search_words.h"

struct api;
struct err;
struct query;

/* All that was asked for must fit. Begins zeroed; release with search_free(). */
struct search {
	/* The same in two languages, for records/ (search_words.h); owned */
	struct buf conditions, pattern;
	bool nothing;		/* a text had no word in it, and so no prompt fits it */
};

/* Read a parameter: 1: it asks for something, 0: it is absent or empty, -1. with_beginning: see
 * search_condition(). */
int search_want(const struct query *q, const char *name, enum search_field field,
	bool with_beginning, struct search *s, struct err *e);

void search_free(struct search *s);

/* What waits in the index goes into it, so that it is found. Where that is not done, a full disk
 * say, a search still finds the rest. */
void search_catch_up(struct api *api);

#endif
