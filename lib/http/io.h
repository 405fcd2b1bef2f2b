/* One request's way in and out: the same three calls over FastCGI (libfcgi's FCGX) and plain CGI.
 *
 * http_serve() is the accept loop of the responder. Under FastCGI it hands one request after
 * another to the handler until SIGTERM or SIGUSR1, which lets the running request end first, or
 * SIGHUP, after which the caller runs the program anew; as a CGI program it does so once.
 * libfcgi's stdio macros are not used: only FCGX knows nothing of stdout. */
#ifndef EARSHOT_HTTP_IO_H
#define EARSHOT_HTTP_IO_H

#include <stdbool.h>
#include <stddef.h>

struct err;

struct http_io_ops {
	/* CGI variable, RFC 3875; NULL: absent */
	const char *(*env)(void *ctx, const char *name);
	/* bytes, 0 at the end of the body, -1 broken */
	long (*read)(void *ctx, char *p, size_t n);
	/* all of it; false: the client is gone */
	bool (*write)(void *ctx, const char *p, size_t n);
};

/* Valid only while the handler runs, and so is what env() gives. */
struct http_io {
	const struct http_io_ops *ops;
	void *ctx;
};

static inline const char *
http_io_env(const struct http_io *io, const char *name)
{
	return io->ops->env(io->ctx, name);
}

static inline long
http_io_read(const struct http_io *io, char *p, size_t n)
{
	return io->ops->read(io->ctx, p, n);
}

static inline bool
http_io_write(const struct http_io *io, const char *p, size_t n)
{
	return io->ops->write(io->ctx, p, n);
}

/* Serve until told to stop. -1 with ERR_INTERNAL when the listening socket cannot be used.
 *
 * may_renew is asked when SIGHUP comes; false: go on. *renew: that was the reason to stop. The
 * socket is where a new start of the program looks for it, and who has connected meanwhile waits in
 * it; these signals stay blocked until http_serve() is called there. */
int http_serve(void (*handle)(struct http_io *io, void *ctx), void *ctx, bool (*may_renew)(void),
	bool *renew, struct err *e);

#endif
