#include "storage/s3.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/str.h"
#include "storage/copies.h"
#include "storage/local.h"
#include "storage/s3answer.h"
#include "storage/s3call.h"

/* URL_S: listeners seek in what they have begun to hear. */
enum { URL_S = 3600, CHECK_MS = 3000 };

/* Some 50 KB. */
#define PAGE_KEYS "100"

struct s3 {
	struct s3_site site;
	struct copies copies;
	uint64_t part_bytes;
	bool redirects;
};

static void
s3_close(void *ctx)
{
	struct s3 *s = ctx;

	s3_site_close(&s->site);
	free(s);
}

static void *
s3_open(const struct conf *c, struct err *e)
{
	struct s3 *s = calloc(1, sizeof *s);

	if (!s) abort();
	s->part_bytes = (uint64_t)c->s3_part_mb << 20;
	s->copies.max_bytes = (uint64_t)c->s3_copies_mb << 20;
	s->redirects = strcmp(c->s3_delivery, "redirect") == 0;
	str_copy(s->copies.dir, sizeof s->copies.dir, c->s3_dir);
	if (s3_site_open(&s->site, c, e)) {
		s3_close(s);
		return NULL;
	}
	return s;
}

static void
s3_wait(void *ctx, uint32_t limit_ms, bool (*alive)(void *ctx), void *alive_ctx)
{
	struct s3 *s = ctx;

	s->site.limit_ms = limit_ms;
	s->site.alive = alive;
	s->site.alive_ctx = alive_ctx;
}

static int
s3_stage(void *ctx, const char *key, char path[STORAGE_PATH], struct err *e)
{
	struct s3 *s = ctx;

	return copies_stage(&s->copies, key, path, e);
}

static int
s3_put(void *ctx, const char *key, struct err *e)
{
	struct s3 *s = ctx;
	char path[STORAGE_PATH];
	struct stat st;
	int fd, rc;

	if (copies_staged(&s->copies, key, path, e)) return -1;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 || fstat(fd, &st) < 0) {
		err_set(e, ERR_INTERNAL, "storage: open %s: %s", path, strerror(errno));
		if (fd >= 0) close(fd);
		return -1;
	}
	rc = s3_put_file(&s->site, key, fd, (uint64_t)st.st_size, s->part_bytes, e);
	close(fd);
	if (!rc) unlink(path);
	return rc;
}

static int
s3_head(void *ctx, const char *key, uint64_t *size_bytes, struct err *e)
{
	struct s3 *s = ctx;
	struct s3_call c = { .method = "HEAD", .key = key };
	int rc = s3_call(&s->site, &c, e);

	s3_call_free(&c);
	if (rc) return -1;
	if (c.length < 0)
		return err_set(e, ERR_AWAY, "storage: the S3 server does not say how long %s is",
			key);
	*size_bytes = (uint64_t)c.length;
	return 0;
}

static int
s3_read(void *ctx, const char *key, uint64_t offset, uint64_t length,
	int (*sink)(void *ctx, const void *p, size_t n, struct err *e), void *sink_ctx,
	struct err *e)
{
	struct s3 *s = ctx;
	struct s3_call c = { .method = "GET", .key = key, .sink = sink, .ctx = sink_ctx,
		.offset = offset, .wanted = length };
	uint64_t size;
	int rc;

	if (length > UINT64_MAX - offset)
		return err_set(e, ERR_INTERNAL, "storage: read %s: too short", key);
	if (!length) return s3_head(ctx, key, &size, e);
	rc = s3_call(&s->site, &c, e);
	s3_call_free(&c);
	return rc;
}

static int
write_piece(void *ctx, const void *p, size_t n, struct err *e)
{
	return io_write_full(*(int *)ctx, p, n, e);
}

static int
s3_copy(void *ctx, const char *key, char path[STORAGE_PATH], struct err *e)
{
	struct s3 *s = ctx;
	uint64_t size;
	int fd;

	if (copies_find(&s->copies, key, path)) return 0;
	if (s3_head(ctx, key, &size, e) || (fd = copies_begin(&s->copies, key, path, e)) < 0)
		return -1;
	if (s3_read(ctx, key, 0, size, write_piece, &fd, e)) {
		copies_drop(fd, path);
		return -1;
	}
	return copies_keep(&s->copies, key, fd, path, e);
}

static bool
s3_link(void *ctx, const char *key, const struct storage_link *link, struct buf *out)
{
	struct s3 *s = ctx;
	struct sigv4_pair query[3];
	size_t n = 0;

	if (!s->redirects) return false;
	if (link->content_type)
		query[n++] = (struct sigv4_pair){ "response-content-type", link->content_type };
	if (link->disposition)
		query[n++] = (struct sigv4_pair){ "response-content-disposition",
			link->disposition };
	if (link->cache_control)
		query[n++] = (struct sigv4_pair){ "response-cache-control", link->cache_control };
	s3_url(&s->site, link->method, key, query, n, URL_S, out);
	return true;
}

static int
s3_delete(void *ctx, const char *key, struct err *e)
{
	struct s3 *s = ctx;
	struct s3_call c = { .method = "DELETE", .key = key };
	int rc = copies_delete(&s->copies, key, e);

	if (rc || s3_put_forget(&s->site, key, e)) return -1;
	rc = s3_call(&s->site, &c, e);
	if (rc && e->kind == ERR_NOT_FOUND) rc = 0;
	s3_call_free(&c);
	return rc;
}

static int
list_page(struct s3 *s, struct s3_page *p, const char *token, struct err *e)
{
	char prefix[S3_PREFIX + STORAGE_KEY];
	struct sigv4_pair query[] = { { "list-type", "2" }, { "max-keys", PAGE_KEYS },
		{ "prefix", prefix }, { "continuation-token", token } };
	struct s3_call c = { .method = "GET", .query = query, .n_query = NELEM(query) - !*token };
	int rc;

	snprintf(prefix, sizeof prefix, "%s%s", p->above, p->prefix);
	rc = s3_call(&s->site, &c, e);
	/* A bucket that is not there is not an object that is not there. */
	if (rc && e->kind == ERR_NOT_FOUND) e->kind = ERR_AWAY;
	if (!rc) rc = s3_answer_page(&c.text, p, e);
	s3_call_free(&c);
	return rc;
}

static int
s3_list(void *ctx, const char *prefix, int (*each)(void *ctx, const char *key,
	uint64_t size_bytes, struct err *e), void *each_ctx, struct err *e)
{
	struct s3 *s = ctx;
	struct s3_page p = { .each = each, .ctx = each_ctx, .above = s->site.prefix,
		.prefix = prefix };
	char token[S3_PAGE_TOKEN] = "";

	do {
		if (list_page(s, &p, token, e)) return -1;
		/* For ever the same page, or the end before the end. */
		if (p.truncated && (!*p.token || strcmp(p.token, token) == 0))
			return err_set(e, ERR_AWAY, "storage: the S3 server's list cannot be gone "
				"on with");
		str_copy(token, sizeof token, p.token);
	} while (p.truncated);
	return copies_list(&s->copies, prefix, each, each_ctx, e);
}

/* Does the server let us in? Whoever may only see the keys below a prefix may list these, but not
 * ask for the bucket itself; and where neither is allowed, the answer to a GET says why. */
static int
ask_bucket(struct s3 *s, struct s3_call *c, struct err *e)
{
	struct sigv4_pair query[] = { { "list-type", "2" }, { "max-keys", "1" },
		{ "prefix", s->site.prefix } };

	c->method = "HEAD";
	if (s3_call(&s->site, c, e) == 0) return 0;
	if (c->status != 400 && c->status != 403) return -1;
	c->method = "GET";
	c->query = query;
	c->n_query = NELEM(query);
	return s3_call(&s->site, c, e);
}

static const char *
s3_trouble(void *ctx, struct err *e)
{
	struct s3 *s = ctx;
	struct s3_call c = {0};
	uint32_t limit_ms = s->site.limit_ms;
	const char *trouble = local_folder_trouble(s->copies.dir, e);
	int rc;

	if (trouble) return trouble;
	/* Pages ask this often, and people wait for them. */
	if (!limit_ms || limit_ms > CHECK_MS) s->site.limit_ms = CHECK_MS;
	rc = ask_bucket(s, &c, e);
	s->site.limit_ms = limit_ms;
	s3_call_free(&c);
	if (!rc || e->kind == ERR_STOPPED) return NULL;
	if (c.distrusted) return "The certificate of the object storage is not trusted.";
	if (e->kind == ERR_AWAY) return "The object storage cannot be reached.";
	return e->kind == ERR_NOT_FOUND ? "The bucket of the object storage is not there."
		: "The object storage does not let us in.";
}

const struct storage_backend storage_s3 = {
	.name = "s3",
	.open = s3_open,
	.close = s3_close,
	.wait = s3_wait,
	.stage = s3_stage,
	.put = s3_put,
	.head = s3_head,
	.read = s3_read,
	.copy = s3_copy,
	.link = s3_link,
	.delete = s3_delete,
	.list = s3_list,
	.trouble = s3_trouble,
};
