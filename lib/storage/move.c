/* Bringing objects from one back end to the other while both are in use (storage.h). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "storage/places.h"

static int
from_place(struct storage *s, struct storage_place **from, struct err *e)
{
	*from = &s->places[1];
	return s->n == 2 ? 0 : err_set(e, ERR_INVALID, "storage_from is not set: there is nothing "
		"to move from");
}

/* An object on its way: hashed, and written unless fd is -1. */
struct passing {
	int fd;
	struct sha256 sum;
};

static int
pass(void *ctx, const void *p, size_t n, struct err *e)
{
	struct passing *w = ctx;

	sha256_add(&w->sum, p, n);
	return w->fd < 0 ? 0 : io_write_full(w->fd, p, n, e);
}

/* Read all of it. */
static int
read_all(struct storage_place *p, const char *key, uint64_t bytes, int fd,
	uint8_t sha256[SHA256_BYTES], struct err *e)
{
	struct passing w = { .fd = fd };
	int rc;

	sha256_begin(&w.sum);
	rc = p->b->read(p->ctx, key, 0, bytes, pass, &w, e);
	sha256_end(&w.sum, sha256);
	return rc;
}

/* Is the object there, and has it this hash? 1, 0, -1. */
static int
is_there(struct storage_place *p, const char *key, uint64_t bytes,
	const uint8_t sha256[SHA256_BYTES], struct err *e)
{
	uint8_t found[SHA256_BYTES];
	uint64_t size;

	if (p->b->head(p->ctx, key, &size, e) ||
		(size == bytes && read_all(p, key, bytes, -1, found, e)))
		return e->kind == ERR_NOT_FOUND ? 0 : -1;
	return size == bytes && memcmp(found, sha256, SHA256_BYTES) == 0;
}

/* Read it into the staged file of the new place, path names it; its hash tells what it was. */
static int
fetch(struct storage_place *from, struct storage_place *to, const char *key, uint64_t bytes,
	char path[STORAGE_PATH], uint8_t sha256[SHA256_BYTES], struct err *e)
{
	int fd, rc;

	if (to->b->stage(to->ctx, key, path, e)) return -1;
	if ((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)) < 0)
		return err_set(e, ERR_AWAY, "storage: open %s: %s", path, strerror(errno));
	rc = read_all(from, key, bytes, fd, sha256, e);
	close(fd);
	if (rc) unlink(path);
	return rc;
}

/* Make the staged file the object, unless it is there already, and look whether it arrived. */
static int
send(struct storage_place *to, const char *key, uint64_t bytes, const char *path,
	const uint8_t sha256[SHA256_BYTES], struct err *e)
{
	int there = is_there(to, key, bytes, sha256, e);

	if (there) {
		unlink(path);
		return there < 0 ? -1 : 0;
	}
	if (to->b->put(to->ctx, key, e)) return -1;
	if ((there = is_there(to, key, bytes, sha256, e)) < 0) return -1;
	return there ? 0 : err_set(e, ERR_AWAY, "%s did not arrive as it was sent", key);
}

int
storage_bring(struct storage *s, const char *key, const struct storage_bring *b, struct err *e)
{
	struct storage_place *from, *to = &s->places[0];
	uint8_t sha256[SHA256_BYTES];
	char path[STORAGE_PATH];
	uint64_t bytes;
	int needed;

	if (from_place(s, &from, e)) return -1;
	if (from->b->head(from->ctx, key, &bytes, e) ||
		fetch(from, to, key, bytes, path, sha256, e))
		return e->kind == ERR_NOT_FOUND ? 0 : -1;
	if (b->want && memcmp(sha256, b->want, SHA256_BYTES) != 0) {
		unlink(path);
		return err_set(e, ERR_INVALID, "%s is damaged: its SHA-256 is not the one in the "
			"records", key);
	}
	if (send(to, key, bytes, path, sha256, e)) return -1;
	/* Deleted since we began? Then what we have written must go again. */
	if (from->b->head(from->ctx, key, &bytes, e) == 0) return 1;
	if (e->kind != ERR_NOT_FOUND || (needed = b->needed(b->ctx, key, e)) < 0) return -1;
	return needed ? 1 : to->b->delete(to->ctx, key, e);
}

int
storage_list_from(struct storage *s, int (*each)(void *ctx, const char *key, uint64_t size_bytes,
	struct err *e), void *ctx, struct err *e)
{
	struct storage_place *from;

	return from_place(s, &from, e) ? -1 : from->b->list(from->ctx, "", each, ctx, e);
}

int
storage_delete_from(struct storage *s, const char *key, struct err *e)
{
	struct storage_place *from;

	return from_place(s, &from, e) ? -1 : from->b->delete(from->ctx, key, e);
}
