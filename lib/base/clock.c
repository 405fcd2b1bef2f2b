#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
	"Oct", "Nov", "Dec" };

int64_t
clock_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
clock_wall_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Floor division, so that times before 1970 keep a positive fraction. */
static time_t
whole_seconds(int64_t us, long *fraction_us)
{
	int64_t s = us / 1000000, f = us % 1000000;

	if (f < 0) s--, f += 1000000;
	*fraction_us = (long)f;
	return (time_t)s;
}

/* v over the n digits that stand at p. */
static void
put(char *p, int n, unsigned long v)
{
	for (; n > 0; v /= 10) p[--n] = (char)('0' + v % 10);
}

/* Every answer has several times: this takes a third of what snprintf would. */
void
clock_rfc3339(int64_t wall_us, char out[CLOCK_TEXT])
{
	static const char form[] = "0000-00-00T00:00:00.000000Z";
	long us;
	time_t t = whole_seconds(wall_us, &us);
	struct tm tm;

	gmtime_r(&t, &tm);
	memcpy(out, form, sizeof form);
	put(out, 4, (unsigned)(tm.tm_year + 1900));
	put(out + 5, 2, (unsigned)tm.tm_mon + 1);
	put(out + 8, 2, (unsigned)tm.tm_mday);
	put(out + 11, 2, (unsigned)tm.tm_hour);
	put(out + 14, 2, (unsigned)tm.tm_min);
	put(out + 17, 2, (unsigned)tm.tm_sec);
	put(out + 20, 6, (unsigned long)us);
}

void
clock_http(int64_t wall_us, char out[CLOCK_TEXT])
{
	long us;
	time_t t = whole_seconds(wall_us, &us);
	struct tm tm;

	gmtime_r(&t, &tm);
	snprintf(out, CLOCK_TEXT, "%s, %02u %s %04u %02u:%02u:%02u GMT", days[tm.tm_wday],
		(unsigned)tm.tm_mday % 100u, months[tm.tm_mon],
		(unsigned)(tm.tm_year + 1900) % 10000u, (unsigned)tm.tm_hour % 100u,
		(unsigned)tm.tm_min % 100u, (unsigned)tm.tm_sec % 100u);
}

int64_t
clock_http_parse(const char *s)
{
	struct tm tm = {0};
	char month[4], again[CLOCK_TEXT];
	int64_t us;

	if (strlen(s) != 29 ||
		sscanf(s + 5, "%2d %3s %4d %2d:%2d:%2d GMT", &tm.tm_mday, month, &tm.tm_year,
		&tm.tm_hour,
			&tm.tm_min, &tm.tm_sec) != 6)
		return -1;
	for (tm.tm_mon = 0; tm.tm_mon < 12 && strcmp(months[tm.tm_mon], month) != 0;) tm.tm_mon++;
	if (tm.tm_mon == 12) return -1;
	tm.tm_year -= 1900;
	us = (int64_t)timegm(&tm) * 1000000;
	/* Written again it must be the same text: that refuses 31 February and the wrong weekday.
	 * */
	clock_http(us, again);
	return strcmp(again, s) == 0 ? us : -1;
}
