/* Counts of what has a name, for the learn_*.c only. Sums of whole numbers: what was counted first
 * does not show. */
#ifndef EARSHOT_ENGINE_BAND_LEARN_COUNTS_H
#define EARSHOT_ENGINE_BAND_LEARN_COUNTS_H

#include <stdint.h>

struct counts {
	struct counts_item {
		char *name; /* owned */
		int64_t count;
		int64_t sum; /* of whatever goes with it, for a mean */
	} * item;            /* owned */
	int n;
	uint32_t *slot; /* owned; hash table of numbers of items + 1 */
	uint32_t slots;
};

void counts_add(struct counts *t, const char *name, int64_t count, int64_t sum);

/* Most frequent first; equally frequent ones in an order of their own that is always the same.
 * Nothing can be added any more. */
void counts_sort(struct counts *t);

int64_t counts_total(const struct counts *t);

void counts_free(struct counts *t);

#endif
