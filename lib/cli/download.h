/* Files by HTTP, for commands that fetch: gone on with where they broke off, checked, and there
 * as a whole or not at all. */
#ifndef EARSHOT_CLI_DOWNLOAD_H
#define EARSHOT_CLI_DOWNLOAD_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

struct download {
	const char *url;		/* http or https; redirections are followed */
	const char *path;		/* where it goes; PATH.part until it is whole */
	uint64_t size;			/* as announced: anything else is an error */
	const uint8_t *sha256;		/* the same; NULL: nobody knows */
	/* How many of its bytes are there. NULL: nobody asks. */
	void (*progress)(void *ctx, uint64_t done, uint64_t of);
	void *ctx;
};

/* Whoever does not answer for half a minute, or breaks off, is asked again a few times. ERR_AWAY:
 * later may do; what came until then stays in the part. ERR_NOT_FOUND: there is no such file.
 * ERR_INVALID: it is another one than was announced; the part is gone. All name the URL's host or
 * the file. */
int download_file(const struct download *d, struct err *e);

/* A text of max bytes at most, appended to out. */
int download_text(const char *url, size_t max, struct buf *out, struct err *e);

#endif
