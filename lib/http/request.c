#include "http/request.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/str.h"

static const char *
env_or_empty(const struct http_io *io, const char *name)
{
	const char *value = http_io_env(io, name);

	return value ? value : "";
}

/* Is path the prefix itself, or something below it? */
static bool
below(const char *path, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(path, prefix, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

static bool
escape(const struct buf *path, char out[REQUEST_MAX_PATH])
{
	struct buf escaped = {0};
	bool fits;

	buf_add_percent(&escaped, buf_str(path), "/");
	fits = str_copy(out, REQUEST_MAX_PATH, buf_str(&escaped));
	buf_free(&escaped);
	return fits;
}

/* RFC 3875 4.1.13: SCRIPT_NAME is where we are mounted, 4.1.5: PATH_INFO what is behind it. */
static int
split_path(struct request *r, const char *prefix, struct err *e)
{
	const char *script = env_or_empty(r->io, "SCRIPT_NAME"),
		*info = env_or_empty(r->io, "PATH_INFO");
	size_t n = strlen(script), n_prefix = strlen(prefix);
	const char *mount = "";
	struct buf base = {0};
	bool fits;

	while (n && script[n - 1] == '/') n--;
	if (!below(info, prefix)) {
		/* Mounted at the prefix, so that it is the end of SCRIPT_NAME. */
		if (n < n_prefix || strncmp(script + n - n_prefix, prefix, n_prefix) != 0) return 0;
		n -= n_prefix;
		mount = prefix;
	}
	if (!str_is_utf8(script, n) || !str_is_utf8(info, strlen(info)))
		return err_set(e, ERR_UNREADABLE, "The path is not valid UTF-8.");
	buf_add(&base, script, n);
	fits = escape(&base, r->base_path) && snprintf(r->path, sizeof r->path, "%s%s", mount,
		info) < (int)sizeof r->path;
	buf_free(&base);
	return fits ? 0 : err_set(e, ERR_UNREADABLE, "The path is longer than %d bytes.",
		REQUEST_MAX_PATH - 1);
}

int
request_open(struct request *r, struct http_io *io, const char *prefix, struct err *e)
{
	r->io = io;
	r->method = env_or_empty(io, "REQUEST_METHOD");
	if (split_path(r, prefix, e)) return -1;
	return query_parse(&r->query, http_io_env(io, "QUERY_STRING"), e);
}

void
request_free(struct request *r)
{
	query_free(&r->query);
	buf_free(&r->body);
	cJSON_Delete(r->json);
	r->json = NULL;
}

/* RFC 3875 4.1.18: HTTP_ and the name in capitals, - as _; two have variables of their own. */
const char *
request_header(const struct request *r, const char *name)
{
	char var[64] = "HTTP_";
	size_t n = str_eq_nocase(name, "Content-Type") ||
		str_eq_nocase(name, "Content-Length") ? 0 : 5;

	for (; *name && n < sizeof var - 1; name++)
		var[n++] = *name == '-' ? '_' : (char)toupper((unsigned char)*name);
	var[n] = '\0';
	return http_io_env(r->io, var);
}

bool
request_cookie(const struct request *r, const char *name, char *value, size_t size)
{
	const char *at = request_header(r, "Cookie");
	size_t n = strlen(name);

	for (; at && *at; at += strcspn(at, ";"), at += *at == ';') {
		at += strspn(at, " \t");
		if (strncmp(at, name, n) != 0 || at[n] != '=') continue;
		at += n + 1;
		n = strcspn(at, "; \t");
		if (n >= size) return false;
		memcpy(value, at, n);
		value[n] = '\0';
		return true;
	}
	return false;
}

bool
request_is(const struct request *r, const char *method)
{
	return strcmp(r->method, method) == 0;
}

static int
too_large(uint64_t max_bytes, struct err *e)
{
	return err_set(e, ERR_TOO_LARGE, "The body is larger than %llu bytes.",
		(unsigned long long)max_bytes);
}

int
request_stream(struct request *r, uint64_t max_bytes,
	int (*sink)(void *ctx, const void *p, size_t n, struct err *e), void *ctx, struct err *e)
{
	const char *length = request_header(r, "Content-Length");
	uint64_t promised = 0, total = 0;
	bool has_length = length && *length;
	char block[65536];

	if (has_length && !str_u64(length, 0, UINT64_MAX, &promised))
		return err_set(e, ERR_UNREADABLE, "Content-Length is not a number of bytes.");
	if (promised > max_bytes) return too_large(max_bytes, e);
	for (;;) {
		long got = http_io_read(r->io, block, sizeof block);

		if (got < 0) return err_set(e, ERR_UNREADABLE, "The body broke off.");
		if (got == 0) break;
		total += (uint64_t)got;
		if (total > max_bytes) return too_large(max_bytes, e);
		if (sink(ctx, block, (size_t)got, e)) return -1;
	}
	if (has_length && total != promised)
		return err_set(e, ERR_UNREADABLE, "The body has %llu bytes and not the %s that "
			"Content-Length promised.", (unsigned long long)total, length);
	return 0;
}

static int
keep(void *ctx, const void *p, size_t n, struct err *e)
{
	(void)e;
	buf_add(ctx, p, n);
	return 0;
}

int
request_body(struct request *r, size_t max_bytes, struct err *e)
{
	buf_reset(&r->body);
	return request_stream(r, max_bytes, keep, &r->body, e);
}

bool
request_has_body(const struct request *r)
{
	const char *length = request_header(r, "Content-Length");
	const char *coding = request_header(r, "Transfer-Encoding");

	return length && *length ? strcmp(length, "0") != 0 : coding && *coding;
}

bool
request_is_tls(const struct request *r)
{
	return strcmp(env_or_empty(r->io, "HTTPS"), "on") == 0;
}

/* RFC 9110 8.3.1: type and subtype have no case; application/json has no parameters that matter. */
static bool
is_json_type(const char *type)
{
	static const char json[] = "application/json";
	size_t n = sizeof json - 1;

	if (!type || strncasecmp(type, json, n) != 0) return false;
	n += strspn(type + n, " \t");
	return type[n] == '\0' || type[n] == ';';
}

int
request_json(struct request *r, size_t max_bytes, struct err *e)
{
	if (!is_json_type(request_header(r, "Content-Type")))
		return err_set(e, ERR_UNSUPPORTED, "The body must come with Content-Type: "
			"application/json.");
	if (request_body(r, max_bytes, e)) return -1;
	if (!r->body.n)
		return err_set(e, ERR_UNREADABLE, "The request needs a JSON body and has none.");
	r->json = json_parse(r->body.p, r->body.n, e);
	return r->json ? 0 : -1;
}
