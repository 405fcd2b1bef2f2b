/* How often something may be done in a minute, counted for all processes of a host, in a file of
 * the state folder.
 *
 * The generic cell rate algorithm: as many as are allowed may come at once, and then one more each
 * time its share of the minute has passed. The file holds a fixed number of places; where more keys
 * are at it than fit, the one that has been quiet longest loses its place, and with it what it had
 * used up. A file that cannot be used stops nobody. */
#ifndef EARSHOT_BASE_RATE_H
#define EARSHOT_BASE_RATE_H

#include <stddef.h>
#include <stdint.h>

/* Take one of per_minute (at least 1) of this key, in DIR/NAME.rates: 0, or the seconds to wait,
 * and none was taken. now_us is clock_now_us(). */
int rate_take(const char *dir, const char *name, const void *key, size_t n_key,
	uint32_t per_minute, int64_t now_us);

/* The same of one place, pure: *full_us is when all that was taken is forgotten. */
int rate_step(int64_t *full_us, uint32_t per_minute, int64_t now_us);

#endif
