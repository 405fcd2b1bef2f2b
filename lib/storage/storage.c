#include "storage/storage.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/metrics.h"
#include "storage/local.h"

static const struct storage_backend *const storages[] = {
	&storage_local,
	NULL,
};

const char *const storage_op_names[STORAGE_OPS] = {
	[STORAGE_STAGE] = "stage", [STORAGE_PUT] = "put", [STORAGE_HEAD] = "head",
	[STORAGE_READ] = "read", [STORAGE_DELETE] = "delete", [STORAGE_LIST] = "list",
	[STORAGE_CHECK] = "check",
};

struct storage {
	const struct storage_backend *b;
	void *ctx;
	struct metrics *errors;		/* one for each operation */
};

static struct metrics *
open_errors(const struct conf *c)
{
	struct buf layout = {0};
	struct metrics *m;

	for (size_t i = 0; i < STORAGE_OPS; i++) buf_addf(&layout, "%s ", storage_op_names[i]);
	m = metrics_open(c->state_dir, "storage", buf_str(&layout), STORAGE_OPS);
	buf_free(&layout);
	return m;
}

struct storage *
storage_open(const struct conf *c, struct err *e)
{
	for (const struct storage_backend *const *b = storages; *b; b++) {
		struct storage *s;

		if (strcmp((*b)->name, c->storage) != 0) continue;
		if (!(s = calloc(1, sizeof *s))) abort();
		s->b = *b;
		if (!(s->ctx = s->b->open(c, e))) {
			free(s);
			return NULL;
		}
		s->errors = open_errors(c);
		return s;
	}
	err_set(e, ERR_INVALID, "storage: \"%s\" is not built in", c->storage);
	return NULL;
}

void
storage_close(struct storage *s)
{
	if (!s) return;
	s->b->close(s->ctx);
	metrics_close(s->errors);
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

uint64_t
storage_errors(struct storage *s, enum storage_op op)
{
	metrics_refresh(s->errors, clock_now_ms());
	return metrics_read(s->errors, op);
}

/* Pass an operation's outcome on; a failure is counted, unless it only says what is there. */
static int
counted(struct storage *s, enum storage_op op, int rc, const struct err *e)
{
	if (!rc || e->kind == ERR_NOT_FOUND) return rc;
	metrics_refresh(s->errors, clock_now_ms());
	metrics_add(s->errors, op, 1);
	return rc;
}

static int
check_key(const char *key, struct err *e)
{
	return storage_key_ok(key) ? 0 : err_set(e, ERR_INTERNAL, "not a storage key: %.60s", key);
}

int
storage_stage(struct storage *s, const char *key, char path[STORAGE_PATH], struct err *e)
{
	if (check_key(key, e)) return -1;
	return counted(s, STORAGE_STAGE, s->b->stage(s->ctx, key, path, e), e);
}

int
storage_put(struct storage *s, const char *key, struct err *e)
{
	if (check_key(key, e)) return -1;
	return counted(s, STORAGE_PUT, s->b->put(s->ctx, key, e), e);
}

int
storage_head(struct storage *s, const char *key, uint64_t *size_bytes, struct err *e)
{
	if (check_key(key, e)) return -1;
	return counted(s, STORAGE_HEAD, s->b->head(s->ctx, key, size_bytes, e), e);
}

/* Whom the caller wants called; that he stops is not the storage's failure. */
struct tap {
	int (*sink)(void *ctx, const void *p, size_t n, struct err *e);
	int (*each)(void *ctx, const char *key, uint64_t size_bytes, struct err *e);
	void *ctx;
	bool stopped;
};

static int
tap_sink(void *ctx, const void *p, size_t n, struct err *e)
{
	struct tap *t = ctx;

	t->stopped = t->sink(t->ctx, p, n, e) != 0;
	return t->stopped ? -1 : 0;
}

static int
tap_each(void *ctx, const char *key, uint64_t size_bytes, struct err *e)
{
	struct tap *t = ctx;

	t->stopped = t->each(t->ctx, key, size_bytes, e) != 0;
	return t->stopped ? -1 : 0;
}

int
storage_read(struct storage *s, const char *key, uint64_t offset, uint64_t length,
	int (*sink)(void *ctx, const void *p, size_t n, struct err *e), void *ctx, struct err *e)
{
	struct tap t = { .sink = sink, .ctx = ctx };
	int rc;

	if (check_key(key, e)) return -1;
	rc = s->b->read(s->ctx, key, offset, length, tap_sink, &t, e);
	return t.stopped ? rc : counted(s, STORAGE_READ, rc, e);
}

int
storage_open_file(struct storage *s, const char *key, char path[STORAGE_PATH], struct err *e)
{
	int fd;

	if (check_key(key, e)) return -1;
	if (!s->b->path || !s->b->path(s->ctx, key, path))
		return err_set(e, ERR_INTERNAL, "the storage has no file for %s", key);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0) return fd;
	return counted(s, STORAGE_READ, err_set(e, ERR_AWAY, "storage: %s: %s", path,
		strerror(errno)), e);
}

bool
storage_path(struct storage *s, const char *key, char path[STORAGE_PATH])
{
	return storage_key_ok(key) && s->b->path && s->b->path(s->ctx, key, path);
}

int
storage_delete(struct storage *s, const char *key, struct err *e)
{
	if (check_key(key, e)) return -1;
	return counted(s, STORAGE_DELETE, s->b->delete(s->ctx, key, e), e);
}

int
storage_list(struct storage *s, const char *prefix,
	int (*each)(void *ctx, const char *key, uint64_t size_bytes, struct err *e), void *ctx,
	struct err *e)
{
	struct tap t = { .each = each, .ctx = ctx };
	int rc = s->b->list(s->ctx, prefix, tap_each, &t, e);

	return t.stopped ? rc : counted(s, STORAGE_LIST, rc, e);
}

int
storage_check(struct storage *s, struct err *e)
{
	return storage_trouble(s, e) ? -1 : 0;
}

const char *
storage_trouble(struct storage *s, struct err *e)
{
	const char *trouble = s->b->trouble(s->ctx, e);

	counted(s, STORAGE_CHECK, trouble ? -1 : 0, e);
	return trouble;
}
