#include "api/feedback.h"

#include <math.h>

double
feedback_average(int64_t sum, int64_t n)
{
	return n ? (double)sum / (double)n : NAN;
}
