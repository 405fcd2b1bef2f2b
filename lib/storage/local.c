#include "storage/local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/str.h"

static const char part_suffix[] = ".part";

/* Less than this left, and we call the disk full before it is: MariaDB shares it. */
enum { MIN_FREE_BYTES = 16 << 20 };

struct local {
	char dir[STORAGE_PATH];
};

static enum err_kind
kind_of(int error)
{
	if (error == ENOENT || error == ENOTDIR) return ERR_NOT_FOUND;
	return error == EROFS || error == EIO ? ERR_AWAY : io_kind(error);
}

static int
path_of(const struct local *l, const char *key, const char *suffix, char path[STORAGE_PATH],
	struct err *e)
{
	int n = snprintf(path, STORAGE_PATH, "%s/%s%s", l->dir, key, suffix);

	return n < 0 || n >= STORAGE_PATH ? err_set(e, ERR_INTERNAL, "storage_dir: the path of %s "
		"is too long", key) : 0;
}

static void *
local_open(const struct conf *c, struct err *e)
{
	struct local *l = calloc(1, sizeof *l);

	if (!l) abort();
	if (!str_copy(l->dir, sizeof l->dir, c->storage_dir)) {
		err_set(e, ERR_INVALID, "storage_dir is too long");
		free(l);
		return NULL;
	}
	return l;
}

static int
local_stage(void *ctx, const char *key, char path[STORAGE_PATH], struct err *e)
{
	return path_of(ctx, key, part_suffix, path, e) || io_mkdirs_for(path, 0750, e) ? -1 : 0;
}

static int
local_put(void *ctx, const char *key, struct err *e)
{
	char from[STORAGE_PATH], to[STORAGE_PATH];
	int fd, rc = 0;

	if (path_of(ctx, key, part_suffix, from, e) || path_of(ctx, key, "", to, e)) return -1;
	if ((fd = open(from, O_RDONLY | O_CLOEXEC)) < 0)
		return err_set(e, kind_of(errno), "storage: open %s: %s", from, strerror(errno));
	if (fsync(fd) < 0)
		rc = err_set(e, kind_of(errno), "storage: fsync %s: %s", from, strerror(errno));
	close(fd);
	if (!rc && rename(from, to) < 0)
		rc = err_set(e, kind_of(errno), "storage: rename %s: %s", from, strerror(errno));
	return rc ? -1 : io_sync_dir_of(to, e);
}

static int
local_head(void *ctx, const char *key, uint64_t *size_bytes, struct err *e)
{
	char path[STORAGE_PATH];
	struct stat st;

	if (path_of(ctx, key, "", path, e)) return -1;
	if (stat(path, &st) < 0)
		return err_set(e, kind_of(errno), "storage: %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_NOT_FOUND, "storage: %s is not a file", path);
	*size_bytes = (uint64_t)st.st_size;
	return 0;
}

static int
local_read(void *ctx, const char *key, uint64_t offset, uint64_t length,
	int (*sink)(void *ctx, const void *p, size_t n, struct err *e), void *sink_ctx,
	struct err *e)
{
	char path[STORAGE_PATH], block[65536];
	int fd, rc = -1;

	if (path_of(ctx, key, "", path, e)) return -1;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return err_set(e, kind_of(errno), "storage: open %s: %s", path, strerror(errno));
	while (length) {
		ssize_t n = pread(fd, block, length < sizeof block ? length : sizeof block,
			(off_t)offset);

		if (n < 0 && errno == EINTR) continue;
		if (n <= 0) {
			err_set(e, n ? kind_of(errno) : ERR_INTERNAL, "storage: read %s: %s", path,
				n ? strerror(errno) : "too short");
			goto out;
		}
		if (sink(sink_ctx, block, (size_t)n, e)) goto out;
		offset += (uint64_t)n;
		length -= (uint64_t)n;
	}
	rc = 0;
out:
	close(fd);
	return rc;
}

static int
local_path(void *ctx, const char *key, char path[STORAGE_PATH], struct err *e)
{
	return path_of(ctx, key, "", path, e);
}

static int
local_delete(void *ctx, const char *key, struct err *e)
{
	static const char *const suffixes[] = { part_suffix, "" };
	char path[STORAGE_PATH];

	for (size_t i = 0; i < NELEM(suffixes); i++) {
		if (path_of(ctx, key, suffixes[i], path, e)) return -1;
		if (unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR)
			return err_set(e, kind_of(errno), "storage: delete %s: %s", path,
				strerror(errno));
	}
	/* Folders stay: there are few (fan-out by two digits), and another job may be about to
	 * write into one. */
	return 0;
}

/* Walk key (a folder, "" for the top), depth first. */
static int
walk(struct local *l, const char *key, const char *prefix,
	int (*each)(void *, const char *, uint64_t, struct err *), void *each_ctx, struct err *e)
{
	char path[STORAGE_PATH], child[STORAGE_KEY];
	struct dirent *f;
	struct stat st;
	int rc = 0;
	DIR *d;

	if (path_of(l, key, "", path, e)) return -1;
	if (!(d = opendir(path)))
		return errno == ENOENT ? 0 : err_set(e, kind_of(errno), "storage: %s: %s", path,
			strerror(errno));
	while (!rc && (f = readdir(d))) {
		size_t n = strlen(prefix);

		if (snprintf(child, sizeof child, "%s%s%s", key, *key ? "/" : "",
			f->d_name) >= (int)sizeof child)
			continue;
		if (!storage_key_ok(child)) continue;
		if (strncmp(child, prefix, strlen(child) < n ? strlen(child) : n) != 0) continue;
		if (fstatat(dirfd(d), f->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0) continue;
		if (S_ISDIR(st.st_mode)) rc = walk(l, child, prefix, each, each_ctx, e);
		else if (S_ISREG(st.st_mode) && str_starts(child, prefix))
			rc = each(each_ctx, child, (uint64_t)st.st_size, e);
	}
	closedir(d);
	return rc;
}

static int
local_list(void *ctx, const char *prefix, int (*each)(void *ctx, const char *key,
	uint64_t size_bytes, struct err *e), void *each_ctx, struct err *e)
{
	return walk(ctx, "", prefix, each, each_ctx, e);
}

const char *
local_folder_trouble(const char *dir, struct err *e)
{
	struct statvfs fs;

	if (io_mkdirs(dir, 0750, e))
		return "The folder of the storage is not there and cannot be made.";
	if (access(dir, W_OK | X_OK) < 0) {
		err_set(e, ERR_AWAY, "the folder %s of the storage: %s", dir, strerror(errno));
		return "The folder of the storage cannot be written to.";
	}
	if (statvfs(dir, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize < MIN_FREE_BYTES) {
		err_set(e, ERR_AWAY, "the folder %s of the storage: the disk is full", dir);
		return "The disk of the storage is full.";
	}
	return NULL;
}

static const char *
local_trouble(void *ctx, struct err *e)
{
	const struct local *l = ctx;

	return local_folder_trouble(l->dir, e);
}

const struct storage_backend storage_local = {
	.name = "local",
	.open = local_open,
	.close = free,
	.stage = local_stage,
	.put = local_put,
	.head = local_head,
	.read = local_read,
	.path = local_path,
	.delete = local_delete,
	.list = local_list,
	.trouble = local_trouble,
};
