/* Two clocks that must not be mixed up: monotonic milliseconds for time-outs, wall-clock
 * microseconds (UTC since 1970) for people and records. Leases go by the database's clock. */
#ifndef EARSHOT_BASE_CLOCK_H
#define EARSHOT_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

int64_t clock_now_ms(void);		/* CLOCK_MONOTONIC */
int64_t clock_now_us(void);		/* the same, finer */
int64_t clock_wall_us(void);		/* CLOCK_REALTIME */

enum { CLOCK_TEXT = 32 };

/* RFC 3339 with microseconds, `2026-11-22T20:17:05.123456Z`. */
void clock_rfc3339(int64_t wall_us, char out[CLOCK_TEXT]);

/* RFC 3339 5.6 date-time, with an offset or Z and a fraction of any length, and dates alone, which
 * are their first microsecond in UTC; *is_date tells. False: no such text, or a year before 1970. */
bool clock_rfc3339_parse(const char *s, int64_t *wall_us, bool *is_date);

/* RFC 9110 5.6.7 IMF-fixdate, `Sun, 22 Nov 2026 20:17:05 GMT`, and back (-1: not such a date). */
void clock_http(int64_t wall_us, char out[CLOCK_TEXT]);
int64_t clock_http_parse(const char *s);

#endif
