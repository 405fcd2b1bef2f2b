#include "storage/copies.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/str.h"

/* USED_S: a copy that was found so lately may be about to be opened. */
enum { USED_S = 600, LEFT_OVER_S = 86400, SWEEP_MS = 3600000 };

static const char staged[] = "staged", copies[] = "copies";

static int
path_of(const struct copies *c, const char *folder, const char *key, const char *suffix,
	char path[STORAGE_PATH], struct err *e)
{
	int n = snprintf(path, STORAGE_PATH, "%s/%s/%s%s", c->dir, folder, key, suffix);

	return n < 0 || n >= STORAGE_PATH ? err_set(e, ERR_INTERNAL, "s3_dir: the path of %s is "
		"too long", key) : 0;
}

/* The files below a folder. each gets its key (its path below the folder) and what stat says. */
static int
walk(const struct copies *c, const char *folder, int (*each)(void *ctx, const char *path,
	const char *key, const struct stat *st, struct err *e), void *ctx, struct err *e)
{
	char top[STORAGE_PATH];
	char *const tops[] = { top, NULL };
	size_t n;
	FTSENT *f;
	FTS *fts;
	int rc = 0;

	if (path_of(c, folder, "", "", top, e)) return -1;
	n = strlen(top);
	if (access(top, F_OK) != 0) return 0;
	if (!(fts = fts_open(tops, FTS_PHYSICAL | FTS_NOCHDIR, NULL)))
		return err_set(e, ERR_INTERNAL, "storage: %s: %s", top, strerror(errno));
	while (!rc && (f = fts_read(fts)))
		if (f->fts_info == FTS_F && strlen(f->fts_path) > n)
			rc = each(ctx, f->fts_path, f->fts_path + n + (top[n - 1] == '/' ? 0 : 1),
				f->fts_statp, e);
	fts_close(fts);
	return rc;
}

/* What is there, to find out what may go. */
struct sweep {
	struct copy { char *path; uint64_t bytes; int64_t used_s; } *items;
	size_t n, cap;
	uint64_t bytes;
	int64_t now_s;
};

static int
note_copy(void *ctx, const char *path, const char *key, const struct stat *st, struct err *e)
{
	struct sweep *s = ctx;

	(void)key;
	(void)e;
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 64;
		if (!(s->items = realloc(s->items, s->cap * sizeof *s->items))) abort();
	}
	if (!(s->items[s->n].path = strdup(path))) abort();
	s->items[s->n].bytes = (uint64_t)st->st_size;
	s->items[s->n++].used_s = (int64_t)st->st_mtime;
	s->bytes += (uint64_t)st->st_size;
	return 0;
}

static int
remove_left_over(void *ctx, const char *path, const char *key, const struct stat *st, struct err *e)
{
	const struct sweep *s = ctx;

	(void)key;
	(void)e;
	if (s->now_s - (int64_t)st->st_mtime > LEFT_OVER_S) unlink(path);
	return 0;
}

static int
by_use(const void *a, const void *b)
{
	int64_t x = ((const struct copy *)a)->used_s, y = ((const struct copy *)b)->used_s;

	return (x > y) - (x < y);
}

/* Make room. That something could not be removed is not the failure of whoever asks for a copy. */
static void
sweep(struct copies *c)
{
	struct sweep s = { .now_s = (int64_t)time(NULL) };
	struct err ignored;

	c->swept_at_ms = clock_now_ms();
	walk(c, staged, remove_left_over, &s, &ignored);
	walk(c, copies, note_copy, &s, &ignored);
	if (s.n) qsort(s.items, s.n, sizeof *s.items, by_use);
	for (size_t i = 0; i < s.n; i++) {
		if (s.bytes > c->max_bytes && s.now_s - s.items[i].used_s > USED_S &&
			unlink(s.items[i].path) == 0)
			s.bytes -= s.items[i].bytes;
		free(s.items[i].path);
	}
	free(s.items);
}

int
copies_staged(const struct copies *c, const char *key, char path[STORAGE_PATH], struct err *e)
{
	return path_of(c, staged, key, "", path, e);
}

int
copies_stage(struct copies *c, const char *key, char path[STORAGE_PATH], struct err *e)
{
	if (!c->swept_at_ms || clock_now_ms() - c->swept_at_ms > SWEEP_MS) sweep(c);
	return copies_staged(c, key, path, e) || io_mkdirs_for(path, 0750, e) ? -1 : 0;
}

bool
copies_find(const struct copies *c, const char *key, char path[STORAGE_PATH])
{
	struct err ignored;

	return path_of(c, copies, key, "", path, &ignored) == 0 &&
		utimensat(AT_FDCWD, path, (struct timespec[]){ { .tv_nsec = UTIME_OMIT },
		{ .tv_nsec = UTIME_NOW } }, 0) == 0;
}

int
copies_begin(const struct copies *c, const char *key, char path[STORAGE_PATH], struct err *e)
{
	int fd;

	/* Among the staged files, where what is left over is found. */
	if (path_of(c, staged, key, ".XXXXXX", path, e) || io_mkdirs_for(path, 0750, e)) return -1;
	fd = mkostemp(path, O_CLOEXEC);
	return fd >= 0 ? fd : err_set(e, io_kind(errno), "storage: open %s: %s", path,
		strerror(errno));
}

int
copies_keep(struct copies *c, const char *key, int fd, char path[STORAGE_PATH], struct err *e)
{
	char to[STORAGE_PATH];
	int rc = path_of(c, copies, key, "", to, e) || io_mkdirs_for(to, 0750, e) ? -1 : 0;

	/* Half a copy must not be found after a power cut. */
	if (!rc && (fsync(fd) < 0 || rename(path, to) < 0))
		rc = err_set(e, ERR_AWAY, "storage: %s: %s", to, strerror(errno));
	close(fd);
	if (rc) {
		unlink(path);
		return -1;
	}
	str_copy(path, STORAGE_PATH, to);
	sweep(c);
	return 0;
}

void
copies_drop(int fd, const char *path)
{
	close(fd);
	unlink(path);
}

int
copies_delete(const struct copies *c, const char *key, struct err *e)
{
	const char *const folders[] = { staged, copies };
	char path[STORAGE_PATH];

	for (size_t i = 0; i < NELEM(folders); i++) {
		if (path_of(c, folders[i], key, "", path, e)) return -1;
		if (unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR)
			return err_set(e, ERR_AWAY, "storage: delete %s: %s", path,
				strerror(errno));
	}
	return 0;
}

/* Whom the caller of copies_list() wants called. */
struct lister {
	const char *prefix;
	int (*each)(void *ctx, const char *key, uint64_t size_bytes, struct err *e);
	void *ctx;
};

static int
list_staged(void *ctx, const char *path, const char *key, const struct stat *st, struct err *e)
{
	const struct lister *l = ctx;
	char part[STORAGE_KEY + 8];

	(void)path;
	if (!str_starts(key, l->prefix) || !storage_key_ok(key)) return 0;
	snprintf(part, sizeof part, "%s.part", key);
	return l->each(l->ctx, part, (uint64_t)st->st_size, e);
}

int
copies_list(const struct copies *c, const char *prefix, int (*each)(void *ctx, const char *key,
	uint64_t size_bytes, struct err *e), void *ctx, struct err *e)
{
	struct lister l = { prefix, each, ctx };

	return walk(c, staged, list_staged, &l, e);
}
