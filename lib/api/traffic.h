/* What the responders of this host have answered: how many requests, by route and status, and how
 * long they took. Kept as base/metrics.h says, for all processes together. */
#ifndef EARSHOT_API_TRAFFIC_H
#define EARSHOT_API_TRAFFIC_H

#include <stdint.h>

#include "base/buf.h"

struct metrics;
struct route;

struct metrics *traffic_open(const char *state_dir);	/* metrics_close() ends it */

/* A request was answered. route: its row in api_routes, NULL for an address, a method or a sender
 * that no route is for. */
void traffic_count(struct metrics *m, const struct route *route, int status, int64_t began_us,
	int64_t ended_us);

/* Families of OpenMetrics, of what has been asked for at all. */
void traffic_write(struct metrics *m, struct buf *out);

#endif
