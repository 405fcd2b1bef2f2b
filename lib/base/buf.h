/* A growing byte buffer, always NUL-terminated behind its n bytes (once anything was added).
 *
 * Transparent and a plain value: `struct buf b = {0};` is an empty one, buf_free() gives its memory
 * back and makes it empty again. Running out of memory aborts: nothing here can act on it
 * sensibly. */
#ifndef EARSHOT_BASE_BUF_H
#define EARSHOT_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct err;

struct buf {
	char *p;	/* NULL while empty and never used */
	size_t n;	/* bytes in use, without the NUL */
	size_t cap;
};

void buf_add(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* s with everything but RFC 3986's unreserved characters, and those of keep, as %XX. */
void buf_add_percent(struct buf *b, const char *s, const char *keep);

/* Make room for n more bytes and return where they go; the caller adds to b->n what it wrote. */
char *buf_room(struct buf *b, size_t n);

/* The text, "" for an empty buffer. Borrowed: valid until the next change of b. */
const char *buf_str(const struct buf *b);

/* Add everything that fd still gives; more than max_bytes in b altogether is ERR_TOO_LARGE. */
int buf_read_fd(struct buf *b, int fd, size_t max_bytes, struct err *e);

/* Add a whole file; a missing one is ERR_NOT_FOUND. */
int buf_read_file(struct buf *b, const char *path, size_t max_bytes, struct err *e);

void buf_reset(struct buf *b);	/* n = 0, memory kept */
void buf_free(struct buf *b);

#endif
