#include "api/traffic.h"

#include <stdio.h>

#include "api/routes.h"
#include "base/err.h"
#include "base/metrics.h"
#include "base/openmetrics.h"

/* Upper ends of the buckets; one more takes what is slower. */
static const struct { int64_t us; const char *le; } buckets[] = {
	{ 1000, "0.001" }, { 2500, "0.0025" }, { 5000, "0.005" }, { 10000, "0.01" },
	{ 25000, "0.025" }, { 50000, "0.05" }, { 100000, "0.1" }, { 250000, "0.25" },
	{ 500000, "0.5" }, { 1000000, "1.0" }, { 2500000, "2.5" }, { 5000000, "5.0" },
	{ 10000000, "10.0" },
};

/* A row of counters for each route and one for the rest: the answers by status (the last for one
 * that response.h does not list), by bucket, and all their microseconds. */
enum {
	STATUSES = RESPONSE_STATUSES + 1,
	BUCKETS = NELEM(buckets) + 1,
	BUCKET_0 = STATUSES,
	SUM = BUCKET_0 + BUCKETS,
	ROW,
};

struct metrics *
traffic_open(const char *state_dir)
{
	struct buf layout = {0};
	struct metrics *m;

	for (size_t i = 0; i < RESPONSE_STATUSES; i++)
		buf_addf(&layout, "%d ", response_statuses[i].status);
	for (size_t i = 0; i < NELEM(buckets); i++) buf_addf(&layout, "%s ", buckets[i].le);
	for (size_t i = 0; i < api_n_routes; i++)
		buf_addf(&layout, "\n%s %s", api_routes[i].method, api_routes[i].pattern);
	m = metrics_open(state_dir, "requests", buf_str(&layout), (api_n_routes + 1) * ROW);
	buf_free(&layout);
	return m;
}

static size_t
bucket_of(int64_t us)
{
	size_t i = 0;

	while (i < NELEM(buckets) && us > buckets[i].us) i++;
	return i;
}

static size_t
status_index(int status)
{
	size_t i = 0;

	while (i < RESPONSE_STATUSES && response_statuses[i].status != status) i++;
	return i;
}

void
traffic_count(struct metrics *m, const struct route *route, int status, int64_t began_us,
	int64_t ended_us)
{
	size_t row = (route ? (size_t)(route - api_routes) : api_n_routes) * ROW;
	int64_t us = ended_us > began_us ? ended_us - began_us : 0;

	metrics_refresh(m, ended_us / 1000);
	metrics_add(m, row + status_index(status), 1);
	metrics_add(m, row + BUCKET_0 + bucket_of(us), 1);
	metrics_add(m, row + SUM, (uint64_t)us);
}

/* Method and route of a row, and room for one more label. */
static void
label_row(size_t row, struct om_label labels[4])
{
	labels[0] = (struct om_label){ "method", row < api_n_routes ? api_routes[row].method
		: "other" };
	labels[1] = (struct om_label){ "route", row < api_n_routes ? api_routes[row].pattern
		: "other" };
	labels[2] = labels[3] = (struct om_label){ NULL, NULL };
}

static void
write_requests(const struct metrics *m, struct buf *out)
{
	static const char name[] = "earshot_http_requests_total";
	struct om_label labels[4];
	char status[16];

	for (size_t row = 0; row <= api_n_routes; row++)
		for (size_t s = 0; s < STATUSES; s++) {
			uint64_t n = metrics_read(m, row * ROW + s);

			if (!n) continue;
			label_row(row, labels);
			snprintf(status, sizeof status, "%d", s < RESPONSE_STATUSES
				? response_statuses[s].status : 0);
			labels[2] = (struct om_label){ "status", s < RESPONSE_STATUSES ? status
				: "other" };
			om_sample(out, name, labels, (double)n);
		}
}

static void
write_durations(const struct metrics *m, size_t row, struct buf *out)
{
	static const char bucket[] = "earshot_http_request_duration_seconds_bucket";
	struct om_label labels[4];
	uint64_t n[BUCKETS], total = 0;

	for (size_t b = 0; b < BUCKETS; b++)
		total += n[b] = metrics_read(m, row * ROW + BUCKET_0 + b);
	if (!total) return;
	label_row(row, labels);
	total = 0;
	for (size_t b = 0; b < BUCKETS; b++) {
		total += n[b];
		labels[2] = (struct om_label){ "le", b < NELEM(buckets) ? buckets[b].le : "+Inf" };
		om_sample(out, bucket, labels, (double)total);
	}
	labels[2].name = NULL;
	om_sample(out, "earshot_http_request_duration_seconds_sum", labels,
		(double)metrics_read(m, row * ROW + SUM) / 1e6);
	om_sample(out, "earshot_http_request_duration_seconds_count", labels, (double)total);
}

void
traffic_write(struct metrics *m, struct buf *out)
{
	om_family(out, "earshot_http_requests", "counter", NULL, "Requests to this host by route "
		"and status; HEAD counts as GET.");
	write_requests(m, out);
	om_family(out, "earshot_http_request_duration_seconds", "histogram", "seconds",
		"Time from a request's arrival until its answer was ready to be sent.");
	for (size_t row = 0; row <= api_n_routes; row++) write_durations(m, row, out);
}
