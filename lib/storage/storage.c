#include "storage/storage.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/metrics.h"
#include "storage/local.h"
#include "storage/places.h"
#include "storage/s3.h"

static const struct storage_backend *const storages[] = {
	&storage_local,
	&storage_s3,
	NULL,
};

const char *const storage_op_names[STORAGE_OPS] = {
	[STORAGE_STAGE] = "stage", [STORAGE_PUT] = "put", [STORAGE_HEAD] = "head",
	[STORAGE_READ] = "read", [STORAGE_DELETE] = "delete", [STORAGE_LIST] = "list",
	[STORAGE_CHECK] = "check",
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

static int
open_place(struct storage *s, const char *name, const struct conf *c, struct err *e)
{
	struct storage_place *p = &s->places[s->n];

	for (const struct storage_backend *const *b = storages; *b; b++) {
		if (strcmp((*b)->name, name) != 0) continue;
		p->b = *b;
		if (!(p->ctx = p->b->open(c, e))) return -1;
		s->n++;
		return 0;
	}
	return err_set(e, ERR_INVALID, "storage: \"%s\" is not built in", name);
}

static struct storage *
open_places(const struct conf *c, struct err *e)
{
	struct storage *s = calloc(1, sizeof *s);

	if (!s) abort();
	if (open_place(s, c->storage, c, e) == 0 &&
		(!*c->storage_from || open_place(s, c->storage_from, c, e) == 0))
		return s;
	storage_close(s);
	return NULL;
}

struct storage *
storage_open(const struct conf *c, struct err *e)
{
	struct storage *s = open_places(c, e);

	if (s) s->errors = open_errors(c);
	return s;
}

int
storage_can_open(const struct conf *c, struct err *e)
{
	struct storage *s = open_places(c, e);

	storage_close(s);
	return s ? 0 : -1;
}

void
storage_close(struct storage *s)
{
	if (!s) return;
	for (int i = 0; i < s->n; i++) s->places[i].b->close(s->places[i].ctx);
	if (s->errors) metrics_close(s->errors);
	free(s);
}

void
storage_wait(struct storage *s, uint32_t limit_ms, bool (*alive)(void *ctx), void *ctx)
{
	for (int i = 0; i < s->n; i++)
		if (s->places[i].b->wait)
			s->places[i].b->wait(s->places[i].ctx, limit_ms, alive, ctx);
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
	struct storage_place *p = s->places;

	if (check_key(key, e)) return -1;
	return counted(s, STORAGE_STAGE, p->b->stage(p->ctx, key, path, e), e);
}

int
storage_put(struct storage *s, const char *key, struct err *e)
{
	struct storage_place *p = s->places;

	if (check_key(key, e)) return -1;
	return counted(s, STORAGE_PUT, p->b->put(p->ctx, key, e), e);
}

/* Where to look next for an object that was not at the places before: in storage, in storage_from,
 * and once more in storage, where it may have come in between. NULL: it is nowhere. */
static struct storage_place *
place(struct storage *s, int i)
{
	return i == 0 || (i == 2 && s->n == 2) ? &s->places[0] : i == 1 && s->n == 2
		? &s->places[1] : NULL;
}

static bool
go_on(int rc, const struct err *e)
{
	return rc == -1 && e->kind == ERR_NOT_FOUND;
}

int
storage_head(struct storage *s, const char *key, uint64_t *size_bytes, struct err *e)
{
	struct storage_place *p;
	int rc = -1;

	if (check_key(key, e)) return -1;
	for (int i = 0; (p = place(s, i)); i++)
		if (!go_on(rc = p->b->head(p->ctx, key, size_bytes, e), e)) break;
	return counted(s, STORAGE_HEAD, rc, e);
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
	struct storage_place *p;
	int rc = -1;

	if (check_key(key, e)) return -1;
	for (int i = 0; (p = place(s, i)); i++) {
		rc = p->b->read(p->ctx, key, offset, length, tap_sink, &t, e);
		if (t.stopped || !go_on(rc, e)) break;
	}
	return t.stopped ? rc : counted(s, STORAGE_READ, rc, e);
}

/* The descriptor of a place's file, STORAGE_NO_FILE, or -1. */
static int
open_at(struct storage_place *p, const char *key, char path[STORAGE_PATH], uint64_t *size_bytes,
	struct err *e)
{
	int fd;

	if (!p->b->path) return p->b->head(p->ctx, key, size_bytes, e) ? -1 : STORAGE_NO_FILE;
	if (p->b->path(p->ctx, key, path, e)) return -1;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0) return fd;
	return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_AWAY, "storage: %s: %s", path,
		strerror(errno));
}

/* That what the records name is not there is the storage's failure. */
static int
counted_missing(struct storage *s, struct err *e)
{
	if (e->kind == ERR_NOT_FOUND) e->kind = ERR_AWAY;
	return counted(s, STORAGE_READ, -1, e);
}

int
storage_open_file(struct storage *s, const char *key, char path[STORAGE_PATH], uint64_t *size_bytes,
	struct err *e)
{
	struct storage_place *p;
	int rc = -1;

	if (check_key(key, e)) return -1;
	for (int i = 0; (p = place(s, i)); i++)
		if (!go_on(rc = open_at(p, key, path, size_bytes, e), e)) break;
	return rc == -1 ? counted_missing(s, e) : rc;
}

static int
file_at(struct storage_place *p, const char *key, char path[STORAGE_PATH], struct err *e)
{
	if (!p->b->path) return p->b->copy(p->ctx, key, path, e);
	if (p->b->path(p->ctx, key, path, e)) return -1;
	return access(path, R_OK) == 0 ? 0 : err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_AWAY,
		"storage: %s: %s", path, strerror(errno));
}

int
storage_file(struct storage *s, const char *key, char path[STORAGE_PATH], struct err *e)
{
	struct storage_place *p;
	int rc = -1;

	if (check_key(key, e)) return -1;
	for (int i = 0; (p = place(s, i)); i++)
		if (!go_on(rc = file_at(p, key, path, e), e)) break;
	return rc ? counted_missing(s, e) : 0;
}

bool
storage_url(struct storage *s, const char *key, const struct storage_link *link, struct buf *out)
{
	struct storage_place *p = s->places;

	/* While objects move it may be elsewhere. */
	return s->n == 1 && storage_key_ok(key) && p->b->link && p->b->link(p->ctx, key, link, out);
}

int
storage_delete(struct storage *s, const char *key, struct err *e)
{
	int rc = 0;

	if (check_key(key, e)) return -1;
	/* storage_from first: storage_bring() looks there, after it has written, whether it should
	 * have. */
	for (int i = s->n; !rc && i--;) rc = s->places[i].b->delete(s->places[i].ctx, key, e);
	return counted(s, STORAGE_DELETE, rc, e);
}

int
storage_list(struct storage *s, const char *prefix,
	int (*each)(void *ctx, const char *key, uint64_t size_bytes, struct err *e), void *ctx,
	struct err *e)
{
	struct tap t = { .each = each, .ctx = ctx };
	int rc = 0;

	for (int i = 0; !rc && i < s->n; i++)
		rc = s->places[i].b->list(s->places[i].ctx, prefix, tap_each, &t, e);
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
	const char *trouble = NULL;

	for (int i = 0; !trouble && i < s->n; i++)
		trouble = s->places[i].b->trouble(s->places[i].ctx, e);
	counted(s, STORAGE_CHECK, trouble ? -1 : 0, e);
	return trouble;
}
