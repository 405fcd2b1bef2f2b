#include "http/response.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"
#include "http/precond.h"
#include "http/request.h"

/* RFC 9110 15, as far as we answer so. */
const struct response_status response_statuses[RESPONSE_STATUSES] = {
	{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" },
	{ 206, "Partial Content" }, { 304, "Not Modified" }, { 307, "Temporary Redirect" },
	{ 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" },
	{ 405, "Method Not Allowed" }, { 409, "Conflict" }, { 412, "Precondition Failed" },
	{ 413, "Content Too Large" }, { 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" }, { 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" }, { 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
};

/* Room made at once for most answers and their heads, instead of by doubling. */
enum { TEXT_BYTES = 2048, HEAD_BYTES = 512 };

static const char *
phrase_of(int status)
{
	for (size_t i = 0; i < RESPONSE_STATUSES; i++)
		if (response_statuses[i].status == status) return response_statuses[i].phrase;
	return "Unknown";
}

/* The status of an error, when to come back, and the sentence that replaces its own. */
static const struct { int status, retry_after_s; const char *detail; } answers[] = {
	[ERR_NONE] = { 500, 0, "Something went wrong on the server; its log has the details." },
	[ERR_UNREADABLE] = { 400, 0, NULL },
	[ERR_UNAUTHORIZED] = { 401, 0, NULL },
	[ERR_FORBIDDEN] = { 403, 0, NULL },
	[ERR_NOT_FOUND] = { 404, 0, NULL },
	[ERR_CONFLICT] = { 409, 0, NULL },
	[ERR_TOO_LARGE] = { 413, 0, NULL },
	[ERR_UNSUPPORTED] = { 415, 0, NULL },
	[ERR_INVALID] = { 422, 0, NULL },
	[ERR_BUSY] = { 429, 5, NULL },
	[ERR_AWAY] = { 503, 2, "The server cannot reach its database or its storage now; try "
		"again shortly." },
	[ERR_STOPPED] = { 503, 2, "The server is stopping; try again shortly." },
	[ERR_INTERNAL] = { 500, 0, "Something went wrong on the server; its log has the details." },
};

void
response_header(struct response *r, const char *name, const char *fmt, ...)
{
	size_t start;
	va_list ap;

	buf_adds(&r->head, name);
	buf_adds(&r->head, ": ");
	start = r->head.n;
	va_start(ap, fmt);
	buf_addv(&r->head, fmt, ap);
	va_end(ap);
	for (char *p = r->head.p + start; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f) *p = ' ';
	buf_adds(&r->head, "\r\n");
}

/* The line of a field in the head, or NULL; its length with CRLF in *n. */
static const char *
find_line(const struct response *r, const char *name, size_t *n)
{
	size_t name_bytes = strlen(name);

	for (const char *at = buf_str(&r->head); *at; at += *n) {
		*n = (size_t)(strstr(at, "\r\n") + 2 - at);
		if (strncasecmp(at, name, name_bytes) == 0 && at[name_bytes] == ':') return at;
	}
	return NULL;
}

bool
response_has(const struct response *r, const char *name)
{
	size_t n;

	return find_line(r, name, &n) != NULL;
}

bool
response_value(const struct response *r, const char *name, struct buf *out)
{
	size_t n, skip = strlen(name) + 2;
	const char *line = find_line(r, name, &n);

	if (line) buf_add(out, line + skip, n - skip - 2);
	return line != NULL;
}

/* RFC 8187 3.2.1 lists what may stand as it is; RFC 6266 appendix D keeps the plain form to quoted
 * ASCII. */
void
response_attachment(struct response *r, const char *filename)
{
	struct buf ascii = {0}, encoded = {0};

	for (const char *p = filename; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if ((c & 0xc0) != 0x80)
			buf_addc(&ascii, c < 0x20 || c > 0x7e || strchr("\"\\/%", c) ? '_' : *p);
	}
	buf_add_percent(&encoded, filename, "!#$&+^`|");
	response_header(r, "Content-Disposition", "attachment; filename=\"%s\"; "
		"filename*=UTF-8''%s", buf_str(&ascii), buf_str(&encoded));
	buf_free(&ascii);
	buf_free(&encoded);
}

static void
drop_file(int fd, const struct response_source *source)
{
	if (fd >= 0) close(fd);
	else source->free(source->ctx);
}

static void
drop_body(struct response *r)
{
	if (r->kind == RESPONSE_FILE) drop_file(r->fd, &r->source);
	r->kind = RESPONSE_TEXT;
	r->n_ranges = 0;
	r->is_multipart = false;
	buf_reset(&r->body);
}

struct buf *
response_text(struct response *r, int status, const char *type)
{
	drop_body(r);
	buf_room(&r->body, TEXT_BYTES);
	r->status = status;
	response_header(r, "Content-Type", "%s", type);
	response_header(r, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
	return &r->body;
}

static void
put_json(struct response *r, int status, const char *type, cJSON *tree)
{
	json_print(tree, response_text(r, status, type));
	cJSON_Delete(tree);
}

void
response_json(struct response *r, int status, cJSON *tree)
{
	put_json(r, status, "application/json", tree);
}

/* Keep only these fields of the head. */
static void
keep_fields(struct response *r, const char *const *names)
{
	struct buf kept = {0};

	for (; *names; names++) {
		size_t n;
		const char *line = find_line(r, *names, &n);

		if (line) buf_add(&kept, line, n);
	}
	buf_free(&r->head);
	r->head = kept;
}

/* The request's preconditions against this state: true when they settle the answer, which is then
 * in r. */
static bool
settled(struct response *r, const struct request *req, const struct precond *p,
	const struct precond_state *s)
{
	/* RFC 9110 15.4.5: what a cache needs to go on with its copy. */
	static const char *const kept[] = { "ETag", "Last-Modified", "Cache-Control", NULL };
	bool read = request_is(req, "GET") || request_is(req, "HEAD");

	switch (precond_check(p, s, read)) {
	case PRECOND_GO_ON: return false;
	case PRECOND_NOT_MODIFIED:
		drop_body(r);
		keep_fields(r, kept);
		r->status = 304;
		return true;
	case PRECOND_FAILED:
		response_problem(r, 412, "It is no longer as the request's If-Match or "
			"If-Unmodified-Since says.");
		return true;
	}
	return false;
}

static struct precond
preconditions(const struct request *req)
{
	return (struct precond){
		.if_match = request_header(req, "If-Match"),
		.if_unmodified_since = request_header(req, "If-Unmodified-Since"),
		.if_none_match = request_header(req, "If-None-Match"),
		.if_modified_since = request_header(req, "If-Modified-Since"),
		.if_range = request_header(req, "If-Range"),
	};
}

void
response_etag(struct response *r, const struct request *req)
{
	struct precond p = preconditions(req);
	uint8_t hash[HASH_SHORT_BYTES];
	char etag[2 * HASH_SHORT_BYTES + 3] = "\"";

	hash_short(buf_str(&r->body), r->body.n, hash);
	hash_hex(hash, sizeof hash, etag + 1);
	/* over the NUL of the digits; the array's own is behind it */
	etag[sizeof etag - 2] = '"';
	response_header(r, "ETag", "%s", etag);
	if (!response_has(r, "Cache-Control")) response_header(r, "Cache-Control", "no-cache");
	settled(r, req, &p, &(struct precond_state){ .etag = etag });
}

void
response_redirect(struct response *r, const char *url)
{
	drop_body(r);
	r->status = 307;
	response_header(r, "Location", "%s", url);
}

void
response_empty(struct response *r)
{
	drop_body(r);
	r->status = 204;
}

/* Error texts are cut to fit their place, perhaps within a character. */
static void
add_cut_text(cJSON *o, const char *name, const char *text)
{
	char whole[sizeof ((struct err *)0)->text];
	size_t n;

	str_copy(whole, sizeof whole, text);
	for (n = strlen(whole); n && !str_is_utf8(whole, n); n--) continue;
	whole[n] = '\0';
	json_add_text(o, name, whole);
}

static void
put_problem(struct response *r, int status, const char *detail, const struct err *e)
{
	static const char *const kept[] = { "Allow", "Content-Range", "Accept-Ranges", NULL };
	cJSON *o = json_object();

	keep_fields(r, kept);
	json_add_text(o, "type", "about:blank");
	json_add_text(o, "title", phrase_of(status));
	json_add_int(o, "status", status);
	add_cut_text(o, "detail", detail);
	if (e && e->n_fields) {
		cJSON *fields = json_array();

		for (int i = 0; i < e->n_fields; i++) {
			cJSON *f = json_object();

			add_cut_text(f, "field", e->fields[i].field);
			add_cut_text(f, "detail", e->fields[i].detail);
			json_add(fields, NULL, f);
		}
		json_add(o, "errors", fields);
	}
	put_json(r, status, "application/problem+json", o);
}

void
response_problem(struct response *r, int status, const char *detail)
{
	put_problem(r, status, detail, NULL);
}

bool
response_error(struct response *r, const struct err *e)
{
	size_t kind = (size_t)e->kind < NELEM(answers) ? (size_t)e->kind : ERR_INTERNAL;
	const char *detail = answers[kind].detail;

	put_problem(r, answers[kind].status, detail ? detail : e->text, e);
	if (answers[kind].retry_after_s)
		response_header(r, "Retry-After", "%d", e->kind == ERR_BUSY && e->retry_after_s > 0
			? e->retry_after_s : answers[kind].retry_after_s);
	/* RFC 9110 11.6.1, RFC 6750 3: a 401 says how; no browser asks anybody for this scheme. */
	if (answers[kind].status == 401)
		response_header(r, "WWW-Authenticate", "Bearer realm=\"earshot\"");
	return detail != NULL;
}

/* Decide ranges into r->ranges; a GET that is answered in full has none. */
static enum range_answer
decide_range(struct response *r, const struct request *req, const struct precond *p,
	const struct precond_state *s, uint64_t bytes)
{
	const char *header = request_header(req, "Range");
	enum range_answer answer;

	if (!request_is(req, "GET") || !header || !precond_allows_range(p, s)) {
		response_header(r, "Accept-Ranges", "bytes");
		return RANGE_WHOLE;
	}
	answer = range_parse(header, bytes, r->ranges, &r->n_ranges);
	if (answer != RANGE_PARTIAL) r->n_ranges = 0;
	/* lighttpd applies a range that we chose to ignore to our 200, unless we say that there are
	 * none. */
	response_header(r, "Accept-Ranges", answer == RANGE_WHOLE ? "none" : "bytes");
	return answer;
}

static enum sendfile
choose_sendfile(const struct response *r, const struct request *req, const struct precond *p,
	const struct response_file *f)
{
	const char *setting = http_io_env(req->io, "EARSHOT_SENDFILE");
	struct sendfile_case c = {
		.get = request_is(req, "GET"),
		.has_condition = p->if_match || p->if_unmodified_since || p->if_none_match ||
		p->if_modified_since ||
			p->if_range,
		.range = request_header(req, "Range"),
		.n_ranges = r->n_ranges,
		.path = f->path,
	};

	if (!f->path || !f->bytes) return SENDFILE_COPY;
	/* A FastCGI server may set it where it starts us instead of with each request. */
	return sendfile_choose(sendfile_offered(setting ? setting : getenv("EARSHOT_SENDFILE")),
		&c);
}

/* Status, body and the fields that describe them, once the ranges are known. */
static void
put_file(struct response *r, const struct request *req, const struct precond *p,
	const struct response_file *f)
{
	enum sendfile how = choose_sendfile(r, req, p, f);
	struct range whole = { 0, f->bytes - 1 };
	struct buf value = {0};

	r->status = r->n_ranges && how != SENDFILE_X ? 206 : 200;
	r->is_multipart = r->n_ranges > 1;
	str_copy(r->part_type, sizeof r->part_type, f->content_type);
	if (r->is_multipart) {
		multipart_begin(&r->multipart, r->part_type, f->bytes);
		response_header(r, "Content-Type", "multipart/byteranges; boundary=%s",
			r->multipart.boundary);
	} else response_header(r, "Content-Type", "%s", f->content_type);
	if (r->status == 206 && r->n_ranges == 1)	/* 15.3.7.2: not on a multipart */
		response_header(r, "Content-Range", "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64,
			r->ranges[0].first, r->ranges[0].last, f->bytes);
	if (how != SENDFILE_COPY) {
		sendfile_value(how, f->path, r->n_ranges ? r->ranges[0] : whole, &value);
		response_header(r, how == SENDFILE_X ? "X-Sendfile" : "X-Sendfile2", "%s",
			buf_str(&value));
		r->kind = RESPONSE_HANDED_OVER;
		drop_file(f->fd, &f->source);
	} else {
		r->kind = RESPONSE_FILE;
		r->fd = f->fd;
		r->source = f->source;
		if (!r->n_ranges && f->bytes) r->ranges[r->n_ranges++] = whole;
	}
	buf_free(&value);
}

void
response_file(struct response *r, const struct request *req, const struct response_file *f)
{
	struct precond p = preconditions(req);
	struct precond_state s = { f->etag, f->modified_us, clock_wall_us() };
	char date[CLOCK_TEXT];

	drop_body(r);
	clock_http(f->modified_us, date);
	response_header(r, "ETag", "%s", f->etag);
	response_header(r, "Last-Modified", "%s", date);
	response_header(r, "Cache-Control", "%s", f->cache_control ? f->cache_control : "no-cache");
	if (settled(r, req, &p, &s)) {
		drop_file(f->fd, &f->source);
		return;
	}
	if (decide_range(r, req, &p, &s, f->bytes) == RANGE_UNSATISFIABLE) {
		response_header(r, "Content-Range", "bytes */%" PRIu64, f->bytes);
		response_problem(r, 416, "The range asked for lies outside the file.");
		drop_file(f->fd, &f->source);
		return;
	}
	put_file(r, req, &p, f);
}

static uint64_t
content_bytes(const struct response *r)
{
	uint64_t n = 0;

	if (r->kind == RESPONSE_TEXT) return r->body.n;
	if (r->is_multipart) return multipart_bytes(&r->multipart, r->ranges, r->n_ranges);
	for (size_t i = 0; i < r->n_ranges; i++) n += range_bytes(r->ranges[i]);
	return n;
}

/* What every answer has, in front of r->head; and its end. */
static void
print_head(const struct response *r, const struct request *req, struct buf *out)
{
	int status = r->status ? r->status : 200;

	buf_addf(out, "Status: %d %s\r\n", status, phrase_of(status));
	buf_add(out, buf_str(&r->head), r->head.n);
	buf_adds(out, "X-Content-Type-Options: nosniff\r\n");
	if (!response_has(r, "Cache-Control")) buf_adds(out, "Cache-Control: no-store\r\n");
	/* As above: an answer that is no file has no ranges, and lighttpd would cut them out of
	 * it. */
	if (r->kind == RESPONSE_TEXT && request_header(req, "Range") &&
		!response_has(r, "Accept-Ranges"))
		buf_adds(out, "Accept-Ranges: none\r\n");
	/* RFC 9110 8.6: none with 204; with 304 it would be that of the 200, which nobody needs. */
	if (r->kind != RESPONSE_HANDED_OVER && status != 204 && status != 304)
		buf_addf(out, "Content-Length: %" PRIu64 "\r\n", content_bytes(r));
	buf_adds(out, "\r\n");
}

enum { STEP_BYTES = 65536 };

/* Where a source writes to. */
struct listener {
	const struct http_io *io;
	bool gone;
};

static int
pass_on(void *ctx, const void *p, size_t n, struct err *e)
{
	struct listener *l = ctx;

	l->gone = !http_io_write(l->io, p, n);
	return l->gone ? err_set(e, ERR_STOPPED, "the client went away") : 0;
}

static bool
send_source(const struct response *r, struct range range, const struct http_io *io, struct err *e)
{
	struct listener l = { .io = io };
	bool sent = r->source.read(r->source.ctx, range.first, range_bytes(range), pass_on, &l,
		e) == 0;

	if (sent || l.gone) err_clear(e);
	return sent;
}

static bool
send_range(const struct response *r, struct range range, const struct http_io *io, struct err *e)
{
	char block[STEP_BYTES];
	uint64_t at = range.first, left = range_bytes(range);

	if (r->fd < 0) return send_source(r, range, io, e);
	while (left) {
		size_t want = left < sizeof block ? (size_t)left : sizeof block;
		ssize_t n = pread(r->fd, block, want, (off_t)at);

		if (n < 0 && errno == EINTR) continue;
		if (n <= 0) {
			err_set(e, ERR_INTERNAL, "read of a file that is sent: %s",
				n ? strerror(errno) : "it became shorter");
			return false;
		}
		if (!http_io_write(io, block, (size_t)n)) return false;
		at += (uint64_t)n;
		left -= (uint64_t)n;
	}
	return true;
}

static bool
send_file(const struct response *r, const struct http_io *io, struct err *e)
{
	struct buf text = {0};
	bool sent = true;

	for (size_t i = 0; i < r->n_ranges && sent; i++) {
		buf_reset(&text);
		if (r->is_multipart) multipart_head(&r->multipart, r->ranges[i], &text);
		sent = http_io_write(io, buf_str(&text), text.n) &&
			send_range(r, r->ranges[i], io, e);
	}
	buf_reset(&text);
	if (r->is_multipart) multipart_end(&r->multipart, &text);
	sent = sent && http_io_write(io, buf_str(&text), text.n);
	buf_free(&text);
	return sent;
}

bool
response_send(struct response *r, const struct request *req, struct err *e)
{
	bool head_only = request_is(req, "HEAD") || r->status == 204 || r->status == 304;
	struct buf out = {0};
	bool sent;

	err_clear(e);
	buf_room(&out, HEAD_BYTES + r->body.n);
	print_head(r, req, &out);
	if (r->kind == RESPONSE_TEXT && !head_only) buf_add(&out, buf_str(&r->body), r->body.n);
	sent = http_io_write(req->io, out.p, out.n);
	if (sent && r->kind == RESPONSE_FILE && !head_only) sent = send_file(r, req->io, e);
	buf_free(&out);
	return sent;
}

void
response_free(struct response *r)
{
	if (r->kind == RESPONSE_FILE) drop_file(r->fd, &r->source);
	buf_free(&r->head);
	buf_free(&r->body);
	*r = (struct response){0};
}
