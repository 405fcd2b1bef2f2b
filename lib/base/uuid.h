/* UUIDs, RFC 9562. New ones are version 7: they sort by the time they were made. */
#ifndef EARSHOT_BASE_UUID_H
#define EARSHOT_BASE_UUID_H

#include <stdbool.h>
#include <stdint.h>

struct uuid {
	uint8_t b[16];
};

enum { UUID_TEXT = 37 };	/* 36 characters and the NUL */

/* RFC 9562 5.7; within one process strictly increasing (6.2, method 1: a counter in rand_a). */
struct uuid uuid_new(void);

void uuid_format(struct uuid u, char out[UUID_TEXT]);		/* lower case */
/* 8-4-4-4-12 hex digits of either case, nothing else */
bool uuid_parse(const char *s, struct uuid *out);
bool uuid_eq(struct uuid a, struct uuid b);
bool uuid_is_nil(struct uuid u);				/* all zero, our "none" */

/* Text of u that lives until the end of the calling block: `log_info("%s", UUID_STR(id))`. */
#define UUID_STR(u) (uuid_text((u), (char[UUID_TEXT]){0}))
const char *uuid_text(struct uuid u, char out[UUID_TEXT]);

#endif
