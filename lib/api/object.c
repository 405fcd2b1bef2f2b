#include "api/object.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "base/err.h"
#include "base/str.h"
#include "http/request.h"
#include "http/response.h"
#include "storage/storage.h"

/* An object that lies in no file, as the source of an answer. */
struct source {
	struct storage *storage;
	char key[STORAGE_KEY];
};

static int
read_source(void *ctx, uint64_t offset, uint64_t length,
	int (*sink)(void *ctx, const void *p, size_t n, struct err *e), void *sink_ctx,
	struct err *e)
{
	struct source *s = ctx;

	return storage_read(s->storage, s->key, offset, length, sink, sink_ctx, e);
}

static struct response_source
new_source(struct storage *storage, const char *key)
{
	struct source *s = calloc(1, sizeof *s);

	if (!s) abort();
	s->storage = storage;
	str_copy(s->key, sizeof s->key, key);
	return (struct response_source){ read_source, free, s };
}

/* Conditions and ranges go along with the client, and are the other server's to answer. */
static bool
redirected(struct api *api, const struct request *req, struct response *res,
	const struct object_answer *a)
{
	struct buf url = {0}, disposition = {0};
	struct storage_link link = { .method = request_is(req, "HEAD") ? "HEAD" : "GET",
		.content_type = a->content_type, .cache_control = a->cache_control };
	bool is_sent;

	if (a->is_secret) return false;
	if (response_value(res, "Content-Disposition", &disposition))
		link.disposition = buf_str(&disposition);
	if ((is_sent = storage_url(api->storage, a->key, &link, &url)))
		response_redirect(res, buf_str(&url));
	buf_free(&url);
	buf_free(&disposition);
	return is_sent;
}

int
object_send(struct api *api, const struct request *req, struct response *res,
	const struct object_answer *a, struct err *e)
{
	struct response_file f = { .content_type = a->content_type,
		.modified_us = a->modified_us, .cache_control = a->cache_control };
	char path[STORAGE_PATH], etag[160];
	struct stat st;

	if (redirected(api, req, res, a)) return 0;
	f.fd = storage_open_file(api->storage, a->key, path, &f.bytes, e);
	if (f.fd == -1) return -1;
	if (f.fd >= 0 && fstat(f.fd, &st) < 0) {
		close(f.fd);
		return err_set(e, ERR_AWAY, "storage: %s: %s", path, strerror(errno));
	}
	if (f.fd >= 0) {
		f.path = path;
		f.bytes = (uint64_t)st.st_size;
	} else {
		f.fd = -1;
		f.source = new_source(api->storage, a->key);
	}
	if (a->is_secret) snprintf(etag, sizeof etag, "\"%s\"", a->tag);
	else snprintf(etag, sizeof etag, "\"%s-%" PRIx64 "\"", a->tag, f.bytes);
	f.etag = etag;
	response_file(res, req, &f);
	return 0;
}
