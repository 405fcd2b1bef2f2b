/* What the resources of feedback have in common. */
#ifndef EARSHOT_API_FEEDBACK_H
#define EARSHOT_API_FEEDBACK_H

#include <stdint.h>

/* NAN, which is null in JSON, of nothing. Pure. */
double feedback_average(int64_t sum, int64_t n);

#endif
