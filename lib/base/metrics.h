/* Counters that all processes of a host add to: a small file in the state folder, DIR/NAME.metrics,
 * which each of them maps.
 *
 * Counting is never a reason to fail. Where the file cannot be made or used nothing is counted, and
 * what others do to it (removed, cut off, overwritten) costs numbers, never a process. A process
 * that dies leaves at worst one event that was not counted everywhere. The numbers begin at zero
 * when the file is made anew, and a reader of counters expects that.
 *
 * The layout says what the counters are, as text of any length; a file of another layout, left by
 * another build, is replaced by the first process that is started after it. */
#ifndef EARSHOT_BASE_METRICS_H
#define EARSHOT_BASE_METRICS_H

#include <stddef.h>
#include <stdint.h>

struct metrics;

/* n counters. Never NULL, whether or not they can be kept; few may be open in one process. */
struct metrics *metrics_open(const char *dir, const char *name, const char *layout, size_t n);
void metrics_close(struct metrics *m);

/* Add to counter i; counters that are not kept, and i beyond them, are ignored. */
void metrics_add(struct metrics *m, size_t i, uint64_t by);

/* Its value; 0 where it is not kept, and for numbers too large to have been counted. */
uint64_t metrics_read(const struct metrics *m, size_t i);

/* Once a second at most: see whether the file is still the one that we map, and if not, take the
 * new one. For programs that live long, before they count or read; now_ms is clock_now_ms(). */
void metrics_refresh(struct metrics *m, int64_t now_ms);

#endif
