/* earshot backup FOLDER: records and objects of one moment, while everything runs. */
#include "cli/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "cli/cli.h"
#include "cli/sums.h"
#include "db/db.h"
#include "records/dump.h"
#include "records/objects.h"
#include "storage/storage.h"

/* MAX_TRIES: what was deleted while we looked is not there when we look again. */
enum { MAX_TRIES = 5, MAX_LOST_BYTES = 1 << 20 };

#define RECORDS_NEW BACKUP_RECORDS ".new"

/* The one that is being copied; no key has a name without a folder. */
#define OBJECT_NEW BACKUP_OBJECTS "new"

struct backup {
	const char *folder;
	struct db *db;
	struct storage *storage;
	struct sums sums;
	bool again;			/* copy what is there as well */
	/* Of this look: objects that could not be had, a line each as far as they fit. */
	struct buf lost;
	uint64_t n_lost, rows, objects, copied, bytes;
};

int
backup_lock(const char *folder, struct err *e)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_INTERNAL,
			"cannot open the folder %s: %s", folder, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
	close(fd);
	return err_set(e, ERR_CONFLICT, "another backup or restore is at work in %s", folder);
}

int
backup_path(char path[BACKUP_PATH], const char *folder, const char *name, struct err *e)
{
	return io_join(path, BACKUP_PATH, folder, name, e);
}

int
backup_object_path(char path[BACKUP_PATH], const char *folder, const char *key, struct err *e)
{
	int n = snprintf(path, BACKUP_PATH, "%s/" BACKUP_OBJECTS "%s", folder, key);

	if (!storage_key_ok(key)) return err_set(e, ERR_INVALID, "not a key of an object: %.60s",
		key);
	return n < BACKUP_PATH ? 0 : err_set(e, ERR_INVALID, "the path is too long: %.60s…", path);
}

/* Note an object that cannot be had, and go on with the others: 1. */
static int
lose(struct backup *b, const char *how, const char *key)
{
	b->n_lost++;
	if (b->lost.n < MAX_LOST_BYTES) buf_addf(&b->lost, "%s: %s\n", how, key);
	return 1;
}

/* It may have been deleted between two looks, or lie on a bad sector. Where the whole storage is
 * away, we cannot go on: -1. */
static int
unread(struct backup *b, const char *key, const struct err *e)
{
	struct err ignored;

	if (e->kind == ERR_NOT_FOUND) return lose(b, "missing", key);
	return storage_check(b->storage, &ignored) ? -1 : lose(b, "unreadable", key);
}

struct copy {
	int fd;
	bool full;			/* it is our side that cannot go on */
	struct sha256 sum;
};

static int
add_piece(void *ctx, const void *p, size_t n, struct err *e)
{
	struct copy *c = ctx;

	sha256_add(&c->sum, p, n);
	c->full = io_write_full(c->fd, p, n, e) != 0;
	return c->full ? err_prefix(e, "the folder of the backup") : 0;
}

/* A file that is new, whatever was there. */
static int
make_file(const char *path, struct err *e)
{
	static const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
	int fd = unlink(path) == 0 || errno == ENOENT ? open(path, flags, 0600) : -1;

	return fd >= 0 ? fd : err_set(e, ERR_AWAY, "write %s: %s", path, strerror(errno));
}

/* 0, 1: it is lost, -1. Its sum is on the disk before it is in its place. */
static int
fetch(struct backup *b, const struct object_ref *o, const char *path, struct err *e)
{
	char fresh[BACKUP_PATH];
	uint8_t sha256[SHA256_BYTES];
	struct copy c = {0};
	uint64_t size;
	int rc = -1;

	if (storage_head(b->storage, o->key, &size, e)) return unread(b, o->key, e);
	if (backup_path(fresh, b->folder, OBJECT_NEW, e) || io_mkdirs_for(path, 0700, e) ||
		(c.fd = make_file(fresh, e)) < 0)
		return -1;
	sha256_begin(&c.sum);
	if (storage_read(b->storage, o->key, 0, size, add_piece, &c, e)) {
		if (!c.full) rc = unread(b, o->key, e);
		goto out;
	}
	sha256_end(&c.sum, sha256);
	if (o->sha256 && memcmp(sha256, o->sha256, sizeof sha256) != 0) {
		rc = lose(b, "damaged", o->key);
		goto out;
	}
	if (fsync(c.fd) < 0) {
		err_set(e, ERR_AWAY, "write %s: %s", fresh, strerror(errno));
		goto out;
	}
	if (sums_add(&b->sums, o->key, sha256, e)) goto out;
	if (rename(fresh, path) < 0) {
		err_set(e, ERR_AWAY, "rename %s: %s", fresh, strerror(errno));
		goto out;
	}
	b->copied++;
	b->bytes += size;
	rc = 0;
out:
	close(c.fd);
	if (rc) unlink(fresh);
	return rc;
}

static int
copy_object(void *ctx, const struct object_ref *o, struct err *e)
{
	struct backup *b = ctx;
	char path[BACKUP_PATH];
	struct stat st;

	if (backup_object_path(path, b->folder, o->key, e)) return -1;
	b->objects++;
	/* Another size is no object of ours: a disk that was full, a hand that slipped. */
	if (!b->again && stat(path, &st) == 0 &&
		(!o->size_bytes || (uint64_t)st.st_size == o->size_bytes))
		return 0;
	return fetch(b, o, path, e);
}

/* All that is there now, so that the look of one moment later has little left to do. */
static int
copy_ahead(struct backup *b, struct err *e)
{
	long lost;

	b->again = b->sums.none;
	if (objects_each(b->db, copy_object, b, &lost, e)) return -1;
	b->again = false;
	return 0;
}

/* Records and objects of one moment. 0; 1: objects were lost; -1. */
static int
look(struct backup *b, struct err *e)
{
	char fresh[BACKUP_PATH];
	long lost;

	buf_reset(&b->lost);
	b->objects = b->n_lost = 0;
	if (backup_path(fresh, b->folder, RECORDS_NEW, e)) return -1;
	if (unlink(fresh) < 0 && errno != ENOENT)
		return err_set(e, ERR_AWAY, "remove %s: %s", fresh, strerror(errno));
	return db_snapshot_begin(b->db, e) || dump_write(b->db, fresh, &b->rows, e) ||
		objects_each(b->db, copy_object, b, &lost, e) ? -1 : lost > 0;
}

/* What the records of the snapshot refer to stays, if it is the very file: after a restore, another
 * try at a job may have made another one under the same key. */
static int
needed(void *ctx, const char *key, const uint8_t sha256[SHA256_BYTES], struct err *e)
{
	struct backup *b = ctx;
	uint8_t wanted[SHA256_BYTES];
	bool has_wanted;
	int found = objects_look(b->db, key, wanted, &has_wanted, e);

	if (found != 1 || !has_wanted || memcmp(sha256, wanted, SHA256_BYTES) == 0) return found;
	lose(b, "another file (the next backup copies this one)", key);
	return 0;
}

/* The records of the last look, which must be readable, become those of the backup. */
static int
finish(struct backup *b, int folder_fd, struct err *e)
{
	char path[BACKUP_PATH], fresh[BACKUP_PATH];
	struct dump d;
	int rc;

	if (backup_path(path, b->folder, BACKUP_RECORDS, e) ||
		backup_path(fresh, b->folder, RECORDS_NEW, e))
		return -1;
	rc = dump_check(&d, fresh, e);
	dump_free(&d);
	if (rc) return -1;
	/* The folders of all that was renamed, before a list says that it is there. */
	if (syncfs(folder_fd) < 0) return err_set(e, ERR_AWAY, "write %s: %s", b->folder,
		strerror(errno));
	if (sums_choose(&b->sums, RECORDS_NEW, needed, b, e)) return -1;
	if (rename(fresh, path) < 0) return err_set(e, ERR_AWAY, "rename %s: %s", fresh,
		strerror(errno));
	return sums_replace(&b->sums, e);
}

/* A job that is deleted takes its objects with it some seconds later. What is missing is looked for
 * again at a later moment; what two moments in a row refer to and nobody has is lost. */
static int
run(struct backup *b, int folder_fd, struct err *e)
{
	struct buf before = {0};
	int tries = 0, found, rc = -1;

	if (copy_ahead(b, e)) goto out;
	for (;;) {
		if ((found = look(b, e)) < 0) goto out;
		if (!found || ++tries == MAX_TRIES ||
			(before.n && strcmp(buf_str(&before), buf_str(&b->lost)) == 0))
			break;
		db_snapshot_end(b->db);
		buf_reset(&before);
		buf_adds(&before, buf_str(&b->lost));
		sleep(1);
	}
	rc = finish(b, folder_fd, e);
out:
	db_snapshot_end(b->db);
	buf_free(&before);
	return rc;
}

/* 0, or -1 with what the backup lacks. */
static int
report(const struct backup *b, struct err *e)
{
	printf("%s: %llu records, %llu objects; %llu of them new (%.1f MB), %llu removed that "
		"nothing refers to\n", b->folder, (unsigned long long)b->rows,
		(unsigned long long)b->objects, (unsigned long long)b->copied,
		(double)b->bytes / 1e6, (unsigned long long)b->sums.removed);
	fputs(buf_str(&b->lost), stdout);
	return !b->n_lost ? 0 : err_set(e, ERR_CONFLICT, "the backup is made, but without %llu of "
		"the objects that its records refer to, see above",
		(unsigned long long)b->n_lost);
}

int
cli_backup(const char *conf_file, int argc, char **argv, struct err *e)
{
	struct backup b = {0};
	struct conf c;
	int fd = -1, rc = -1;
	size_t n;

	if (cli_parse(argc, argv, NULL, 0, &b.folder, 1, &n, e)) return -1;
	if (!n) return err_set(e, ERR_UNREADABLE, "a folder is needed");
	umask(077);
	if (conf_load(&c, conf_file, e) || io_mkdirs(b.folder, 0700, e) ||
		(fd = backup_lock(b.folder, e)) < 0 || sums_open(&b.sums, b.folder, e))
		goto out;
	if (!(b.db = db_open(&c, e)) || !(b.storage = storage_open(&c, e))) goto out;
	rc = run(&b, fd, e) || report(&b, e) ? -1 : 0;
out:
	storage_close(b.storage);
	db_close(b.db);
	sums_close(&b.sums);
	buf_free(&b.lost);
	if (fd >= 0) close(fd);
	return rc;
}
