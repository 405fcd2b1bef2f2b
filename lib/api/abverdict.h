/* What the votes of one A/B test say, in numbers and in a sentence. Pure. */
#ifndef EARSHOT_API_ABVERDICT_H
#define EARSHOT_API_ABVERDICT_H

#include <stdint.h>

struct buf;

/* Rates, interval and p are among the decided votes, those that are no tie; NAN without any. */
struct abverdict {
	uint64_t a, b, equal;
	double a_rate, b_rate;
	double low, high;		/* Wilson's 95 % interval of a_rate */
	double p;			/* exact two-sided binomial test of "both are as good" */
};

struct abverdict abverdict_of(uint64_t a, uint64_t b, uint64_t equal);

/* Append the sentence. */
void abverdict_write(const struct abverdict *v, const char *a_name, const char *b_name,
	struct buf *out);

#endif
