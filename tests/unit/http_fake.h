/* A request without a web server: variables and a body in memory, the answer in a buffer. */
#ifndef EARSHOT_TESTS_HTTP_FAKE_H
#define EARSHOT_TESTS_HTTP_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "http/io.h"

struct fake {
	const char *const *vars;	/* "NAME=value", ended by NULL */
	const char *body;
	size_t n_body, at;
	bool broken;			/* the body breaks off */
	size_t accepts;			/* bytes that the client takes before it goes away; 0: all */
	struct buf out;
};

static inline const char *
fake_env(void *ctx, const char *name)
{
	const struct fake *f = ctx;
	size_t n = strlen(name);

	for (const char *const *v = f->vars; v && *v; v++)
		if (strncmp(*v, name, n) == 0 && (*v)[n] == '=') return *v + n + 1;
	return NULL;
}

static inline long
fake_read(void *ctx, char *p, size_t n)
{
	struct fake *f = ctx;

	if (f->at == f->n_body) return f->broken ? -1 : 0;
	if (n > 7) n = 7;		/* bodies come in pieces */
	if (n > f->n_body - f->at) n = f->n_body - f->at;
	memcpy(p, f->body + f->at, n);
	f->at += n;
	return (long)n;
}

static inline bool
fake_write(void *ctx, const char *p, size_t n)
{
	struct fake *f = ctx;

	if (f->accepts && f->out.n + n > f->accepts) return false;
	buf_add(&f->out, p, n);
	return true;
}

static const struct http_io_ops fake_ops = { fake_env, fake_read, fake_write };

#define FAKE_IO(f) ((struct http_io){ &fake_ops, (f) })
#define FAKE_VARS(...) ((const char *const[]){ __VA_ARGS__, NULL })

#endif
