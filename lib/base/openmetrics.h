/* Text of OpenMetrics 1.0, a family of samples after the other:
 *
 *	om_family(out, "earshot_queue_depth", "gauge", NULL, "Jobs that wait for a worker.");
 *	om_sample(out, "earshot_queue_depth", NULL, 3);
 *	om_end(out);
 *
 * The samples of a family stand together, and their names end as its type wants (_total, _info,
 * _bucket, _sum, _count): the caller's part. */
#ifndef EARSHOT_BASE_OPENMETRICS_H
#define EARSHOT_BASE_OPENMETRICS_H

#include "base/buf.h"

#define OM_CONTENT_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

struct om_label {
	const char *name, *value;
};

/* unit: NULL, or what name ends in, "seconds" say. */
void om_family(struct buf *out, const char *name, const char *type, const char *unit,
	const char *help);

/* labels end with a name of NULL; NULL: none. Whole numbers are exact up to 2^53. */
void om_sample(struct buf *out, const char *name, const struct om_label *labels, double value);

void om_end(struct buf *out);

#endif
