/* One request: where it goes, what it carries. Everything in it comes from outside and is checked
 * here or by the reader that hands it out.
 *
 * Paths are relative to the mount point: the program may be mounted at the prefix (`/api` in
 * lighttpd's fastcgi.server or Apache's ScriptAlias), above it (`/`, `/cgi-bin/earshot.fcgi`), and
 * either below any sub-path. `path` always begins with the prefix; base_path is what belongs in
 * front of it in a URL. */
#ifndef EARSHOT_HTTP_REQUEST_H
#define EARSHOT_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/uuid.h"
#include "http/io.h"
#include "http/query.h"

struct err;

enum { REQUEST_MAX_PATH = 1024, REQUEST_MAX_IDS = 2 };

struct request {
	struct http_io *io;			/* borrowed */
	const char *method;			/* "GET", …; borrowed from io */
	char path[REQUEST_MAX_PATH];		/* "/api/generate", decoded */
	char base_path[REQUEST_MAX_PATH];	/* "", or "/studio": no slash at its end; percent-encoded */
	struct query query;
	struct uuid id[REQUEST_MAX_IDS];	/* the {id}s of the path, set by the router */
	struct buf body;			/* owned; filled by request_body() */
	cJSON *json;				/* owned; what request_json() made of it */
};

/* Read method, path and query; prefix is "/api". A path that is no text or a query that cannot be
 * read is ERR_UNREADABLE; what lies outside the prefix has an empty path. r must be zeroed; release
 * it with request_free() in any case. */
int request_open(struct request *r, struct http_io *io, const char *prefix, struct err *e);
void request_free(struct request *r);

/* A header field by its name ("If-None-Match"), NULL when absent. Several of one name come
 * joined. */
const char *request_header(const struct request *r, const char *name);

/* The value of a cookie (RFC 6265 4.2), as it was sent; false: there is none, or it does not fit. */
bool request_cookie(const struct request *r, const char *name, char *value, size_t size);

bool request_is(const struct request *r, const char *method);

/* Did it come over TLS, as far as the web server knows? */
bool request_is_tls(const struct request *r);

/* Read the body into r->body, bounded: ERR_TOO_LARGE above max_bytes, whether Content-Length says
 * so or the bytes just keep coming; ERR_UNREADABLE when Content-Length is no number or lied. */
int request_body(struct request *r, size_t max_bytes, struct err *e);

/* The same without keeping any of it: every piece goes to sink, which returns -1 (with *e) to
 * stop. */
int request_stream(struct request *r, uint64_t max_bytes,
	int (*sink)(void *ctx, const void *p, size_t n, struct err *e), void *ctx, struct err *e);

/* Is there a body at all? For those that are optional. */
bool request_has_body(const struct request *r);

/* Read the body as JSON into r->json: ERR_UNSUPPORTED unless Content-Type is application/json, and
 * json_parse()'s errors. */
int request_json(struct request *r, size_t max_bytes, struct err *e);

#endif
