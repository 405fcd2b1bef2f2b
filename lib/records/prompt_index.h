/* The index in which prompts are searched for. What was stored waits in it for whoever comes first:
 * a search, which indexes before it looks, so that it finds what was stored a moment ago; a daemon,
 * so that a search does not find much waiting; or `earshot migrate`, for prompts that were there
 * before the index. */
#ifndef EARSHOT_RECORDS_PROMPT_INDEX_H
#define EARSHOT_RECORDS_PROMPT_INDEX_H

#include <stdint.h>

struct db;
struct err;

enum { PROMPT_INDEX_BATCH = 100 };

/* Index at most PROMPT_INDEX_BATCH prompts that wait, the newest first, in one transaction; *n is
 * how many there were. Several at once wait for each other. */
int prompt_index_batch(struct db *db, uint32_t *n, struct err *e);

#endif
