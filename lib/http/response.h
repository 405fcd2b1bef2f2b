/* One answer, built in memory and sent at the end: nothing reaches the client before the handler
 * has decided. So an error on the way replaces what was there, and only the bytes of a file come
 * later.
 *
 * JSON answers carry `Cache-Control: no-store` unless the handler sets another, and a
 * Content-Security-Policy that lets them do nothing; every answer carries nosniff. */
#ifndef EARSHOT_HTTP_RESPONSE_H
#define EARSHOT_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "http/multipart.h"
#include "http/range.h"
#include "http/sendfile.h"

struct err;
struct http_io;
struct request;

enum response_body {
	RESPONSE_TEXT,			/* body, perhaps empty */
	RESPONSE_FILE,			/* ranges of fd or source, several of them as multipart */
	RESPONSE_HANDED_OVER,		/* the web server sends the file */
};

/* Where the bytes of an answer come from when they are in no file of this host. */
struct response_source {
	/* Hand length bytes from offset on to sink, which returns -1 (with *e) to stop. */
	int (*read)(void *ctx, uint64_t offset, uint64_t length,
		int (*sink)(void *ctx, const void *p, size_t n, struct err *e), void *sink_ctx,
		struct err *e);
	void (*free)(void *ctx);		/* called once */
	void *ctx;
};

/* `struct response r = {0};` is an empty 200. */
struct response {
	int status;			/* 0: 200 */
	struct buf head;		/* header lines that are set */
	enum response_body kind;
	struct buf body;
	int fd;				/* for RESPONSE_FILE; owned; -1: source */
	struct response_source source;	/* owned */
	size_t n_ranges;
	struct range ranges[RANGE_MAX];
	bool is_multipart;
	struct multipart multipart;
	char part_type[64];		/* Content-Type of the parts */
};

/* The statuses that are answered with. */
enum { RESPONSE_STATUSES = 21 };
extern const struct response_status { int status; const char *phrase; }
	response_statuses[RESPONSE_STATUSES];

/* Set a header field. Names are ours; control characters in the value become blanks, so that
 * nothing from outside can begin a line of its own (RFC 9110 5.5). */
void response_header(struct response *r, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool response_has(const struct response *r, const char *name);

/* Append the value of a field that is set; false: it is not. */
bool response_value(const struct response *r, const char *name, struct buf *out);

/* Content-Disposition: attachment with this file name (UTF-8), as RFC 6266 wants it: plain and
 * encoded. */
void response_attachment(struct response *r, const char *filename);

/* Answer with text of this type; write it into what is returned, which belongs to r. */
struct buf *response_text(struct response *r, int status, const char *type);

/* Answer with tree, which is taken. */
void response_json(struct response *r, int status, cJSON *tree);

/* Make the text that r answers with one that a client may keep and ask for again: a strong ETag of
 * the content, `Cache-Control: no-cache` unless the handler has set another, and 304 or 412 instead
 * where the request's preconditions say so. */
void response_etag(struct response *r, const struct request *req);

/* 307 to an address elsewhere, which nobody may keep. */
void response_redirect(struct response *r, const char *url);

/* 204, no body. */
void response_empty(struct response *r);

/* application/problem+json (RFC 9457): whatever was in r is forgotten but for Allow and
 * Content-Range. */
void response_problem(struct response *r, int status, const char *detail);

/* The same from an error, with its fields. What is ours to know (ERR_INTERNAL, ERR_AWAY) gets a
 * neutral sentence: the text is for the log. Returns whether there is something to log. */
bool response_error(struct response *r, const struct err *e);

struct response_file {
	int fd;				/* taken, also on failure; -1: source, the same */
	struct response_source source;
	const char *path;		/* absolute, for the web server; NULL: it cannot read it */
	uint64_t bytes;
	const char *content_type;	/* at most 63 bytes */
	const char *etag;		/* strong, with quotes */
	int64_t modified_us;
	const char *cache_control;	/* NULL: "no-cache" */
};

/* Answer with a file by RFC 9110's rules for preconditions and ranges: 200, 206, 304, 412 or 416.
 * The request's variable EARSHOT_SENDFILE, or the program's, says whether the web server sends
 * it. */
void response_file(struct response *r, const struct request *req, const struct response_file *f);

/* Write it; for HEAD without the body. False: the client went away, or the file could not be read:
 * *e tells (ERR_NONE for the client). */
bool response_send(struct response *r, const struct request *req, struct err *e);

void response_free(struct response *r);

#endif
