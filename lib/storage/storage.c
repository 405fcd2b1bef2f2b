#include "storage/storage.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/err.h"
#include "storage/local.h"

static const struct storage_backend *const storages[] = {
	&storage_local,
	NULL,
};

struct storage {
	const struct storage_backend *b;
	void *ctx;
};

struct storage *
storage_open(const struct conf *c, struct err *e)
{
	for (const struct storage_backend *const *b = storages; *b; b++) {
		struct storage *s;

		if (strcmp((*b)->name, c->storage) != 0) continue;
		if (!(s = calloc(1, sizeof *s))) abort();
		s->b = *b;
		if ((s->ctx = s->b->open(c, e))) return s;
		free(s);
		return NULL;
	}
	err_set(e, ERR_INVALID, "storage: \"%s\" is not built in", c->storage);
	return NULL;
}

void
storage_close(struct storage *s)
{
	if (!s) return;
	s->b->close(s->ctx);
	free(s);
}

bool
storage_key_ok(const char *key)
{
	const char *part = key;

	if (!*key || strlen(key) >= STORAGE_KEY) return false;
	for (const char *p = key;; p++) {
		if (*p && *p != '/') {
			if (!isascii((unsigned char)*p) ||
				(!isalnum((unsigned char)*p) && !strchr("._-", *p)))
				return false;
			continue;
		}
		if (p == part || (p - part == 1 && part[0] == '.') ||
			(p - part == 2 && part[0] == '.' && part[1] == '.'))
			return false;
		if (!*p) return true;
		part = p + 1;
	}
}

static int
check_key(const char *key, struct err *e)
{
	return storage_key_ok(key) ? 0 : err_set(e, ERR_INTERNAL, "not a storage key: %.60s", key);
}

int
storage_stage(struct storage *s, const char *key, char path[STORAGE_PATH], struct err *e)
{
	return check_key(key, e) ? -1 : s->b->stage(s->ctx, key, path, e);
}

int
storage_put(struct storage *s, const char *key, struct err *e)
{
	return check_key(key, e) ? -1 : s->b->put(s->ctx, key, e);
}

int
storage_head(struct storage *s, const char *key, uint64_t *size_bytes, struct err *e)
{
	return check_key(key, e) ? -1 : s->b->head(s->ctx, key, size_bytes, e);
}

int
storage_read(struct storage *s, const char *key, uint64_t offset, uint64_t length,
	int (*sink)(void *ctx, const void *p, size_t n, struct err *e), void *ctx, struct err *e)
{
	return check_key(key, e) ? -1 : s->b->read(s->ctx, key, offset, length, sink, ctx, e);
}

bool
storage_path(struct storage *s, const char *key, char path[STORAGE_PATH])
{
	return storage_key_ok(key) && s->b->path && s->b->path(s->ctx, key, path);
}

int
storage_delete(struct storage *s, const char *key, struct err *e)
{
	return check_key(key, e) ? -1 : s->b->delete(s->ctx, key, e);
}

int
storage_list(struct storage *s, const char *prefix,
	int (*each)(void *ctx, const char *key, uint64_t size_bytes, struct err *e), void *ctx,
	struct err *e)
{
	return s->b->list(s->ctx, prefix, each, ctx, e);
}

int
storage_check(struct storage *s, struct err *e)
{
	return s->b->check(s->ctx, e);
}
