/* A request and its answer, for tests of answers: begin(), fill in x->res, answer(), look,
 * end(). */
#ifndef EARSHOT_TESTS_HTTP_EXCHANGE_H
#define EARSHOT_TESTS_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "http/request.h"
#include "http/response.h"
#include "http_fake.h"

struct exchange {
	struct fake fake;
	struct http_io io;
	struct request req;
	struct response res;
	struct err e;
};

static inline struct exchange *
begin(const char *const *vars)
{
	struct exchange *x = calloc(1, sizeof *x);

	x->fake.vars = vars;
	x->io = FAKE_IO(&x->fake);
	assert_int_equal(request_open(&x->req, &x->io, "/api", &x->e), 0);
	return x;
}

/* Send, and return what the client sees; freed by end(). */
static inline const char *
answer(struct exchange *x)
{
	assert_true(response_send(&x->res, &x->req, &x->e));
	return x->fake.out.p;
}

static inline void
end(struct exchange *x)
{
	response_free(&x->res);
	request_free(&x->req);
	buf_free(&x->fake.out);
	free(x);
}

static inline bool
has(const struct exchange *x, const char *line)
{
	char with_end[512];

	snprintf(with_end, sizeof with_end, "%s\r\n", line);
	return strstr(x->fake.out.p, with_end) != NULL;
}

static inline bool
has_field(const struct exchange *x, const char *name)
{
	char start[128];

	snprintf(start, sizeof start, "\r\n%s: ", name);
	return strstr(x->fake.out.p, start) != NULL;
}

static inline const char *
body(const struct exchange *x)
{
	return strstr(x->fake.out.p, "\r\n\r\n") + 4;
}

#endif
