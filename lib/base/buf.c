#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

char *
buf_room(struct buf *b, size_t n)
{
	size_t want = b->n + n + 1;

	if (want < n) abort();
	if (want > b->cap) {
		size_t cap = b->cap ? b->cap : 256;

		while (cap < want) {
			if (cap > (size_t)-1 / 2) abort();
			cap *= 2;
		}
		b->p = realloc(b->p, cap);
		if (!b->p) abort();
		b->cap = cap;
	}
	b->p[b->n] = '\0';
	return b->p + b->n;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	char *to = buf_room(b, n);

	if (n) memcpy(to, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_add_percent(struct buf *b, const char *s, const char *keep)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-._~";

	for (; *s; s++)
		if (strchr(plain, *s) || strchr(keep, *s)) buf_addc(b, *s);
		else buf_addf(b, "%%%02X", (unsigned)(unsigned char)*s);
}

void
buf_addv(struct buf *b, const char *fmt, va_list ap)
{
	char *to = buf_room(b, 1);
	size_t room = b->cap - b->n;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(to, room, fmt, ap);
	if (n < 0) abort();
	if ((size_t)n >= room) vsnprintf(buf_room(b, (size_t)n), (size_t)n + 1, fmt, again);
	va_end(again);
	b->n += (size_t)n;
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_addv(b, fmt, ap);
	va_end(ap);
}

const char *
buf_str(const struct buf *b)
{
	return b->p ? b->p : "";
}

int
buf_read_fd(struct buf *b, int fd, size_t max_bytes, struct err *e)
{
	for (;;) {
		size_t step = 65536;
		ssize_t n;

		if (b->n > max_bytes)
			return err_set(e, ERR_TOO_LARGE, "more than %zu bytes", max_bytes);
		if (step > max_bytes - b->n + 1) step = max_bytes - b->n + 1;
		n = read(fd, buf_room(b, step), step);
		if (n == 0) return 0;
		if (n < 0) {
			if (errno == EINTR) continue;
			return err_set(e, ERR_INTERNAL, "read: %s", strerror(errno));
		}
		b->n += (size_t)n;
		b->p[b->n] = '\0';
	}
}

int
buf_read_file(struct buf *b, const char *path, size_t max_bytes, struct err *e)
{
	int rc, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_INTERNAL, "open %s: %s",
			path, strerror(errno));
	rc = buf_read_fd(b, fd, max_bytes, e);
	if (rc) err_prefix(e, "%s", path);
	close(fd);
	return rc;
}

void
buf_reset(struct buf *b)
{
	b->n = 0;
	if (b->p) b->p[0] = '\0';
}

void
buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){0};
}
