/* What the resources of feedback (ratings.c, preferences.c, tags.c) have in common, and what is
 * asked of all of it (feedback.c). */
#ifndef EARSHOT_API_FEEDBACK_H
#define EARSHOT_API_FEEDBACK_H

#include <stdint.h>

#include "base/jtext.h"
#include "base/uuid.h"
#include "http/request.h"

struct api;
struct err;

/* NAN, which is null in JSON, of nothing. Pure. */
double feedback_average(int64_t sum, int64_t n);

/* A filter by an id; nil when the query has none. That a query asks for the nil UUID must not mean
 * everything, so it becomes the Max UUID, which is nobody's either (RFC 9562 5.10). */
int feedback_query_id(const struct request *req, const char *name, struct uuid *out,
	struct err *e);

/* ERR_NOT_FOUND when there is no such audio. */
int feedback_need_audio(struct api *api, struct uuid id, struct err *e);

/* {"1": …, "5": …}: how many ratings of each value, of all criteria. */
struct rating_stats;
void feedback_write_distribution(const struct rating_stats *s, struct jtext *out);

#endif
