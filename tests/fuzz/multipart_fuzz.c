/* Any Range header through the whole answer: Content-Length is exactly what is sent. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "http/io.h"
#include "http/request.h"
#include "http/response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_BYTES = 100 };

struct client {
	char *range;
	struct buf got;
};

static const char *
env(void *ctx, const char *name)
{
	const struct client *c = ctx;

	if (strcmp(name, "REQUEST_METHOD") == 0) return "GET";
	return strcmp(name, "HTTP_RANGE") == 0 ? c->range : NULL;
}

static long
no_body(void *ctx, char *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
	return 0;
}

static bool
take(void *ctx, const char *p, size_t n)
{
	buf_add(&((struct client *)ctx)->got, p, n);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct http_io_ops ops = { env, no_body, take };
	struct client c = { strndup((const char *)data, size), {0} };
	struct http_io io = { &ops, &c };
	struct response_file f = { .fd = memfd_create("f", 0), .bytes = FILE_BYTES,
		.content_type = "audio/flac", .etag = "\"a\"", .modified_us = 1000000 };
	struct request req = {0};
	struct response res = {0};
	struct err e = {0};
	const char *length, *body;

	if (!c.range || f.fd < 0 || ftruncate(f.fd, FILE_BYTES)) abort();
	if (request_open(&req, &io, "/api", &e)) abort();
	response_file(&res, &req, &f);
	if (!response_send(&res, &req, &e)) abort();
	length = strstr(c.got.p, "\r\nContent-Length: ");
	body = strstr(c.got.p, "\r\n\r\n");
	if (!length || !body) abort();
	if (strtoul(length + 18, NULL, 10) != c.got.n - (size_t)(body + 4 - c.got.p)) abort();
	response_free(&res);
	request_free(&req);
	buf_free(&c.got);
	free(c.range);
	return 0;
}
