/* earshot backup FOLDER: records and objects of one moment, while everything runs. */
#include "cli/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/str.h"
#include "cli/cli.h"
#include "db/db.h"
#include "records/dump.h"
#include "records/objects.h"

/* MAX_TRIES: what was deleted while we looked is not there when we look again. */
enum { MAX_TRIES = 5, MAX_SUMS_LINE = 512, MAX_MISSING_BYTES = 1 << 20 };

struct backup {
	const char *folder;
	struct db *db;
	struct storage *storage;
	FILE *sums;			/* is appended to */
	struct buf missing;		/* keys of this look, a line each, as far as they fit */
	uint64_t rows, objects, copied, bytes, removed;
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

int
backup_next_sum(FILE *sums, char key[STORAGE_KEY], uint8_t sha256[SHA256_BYTES], struct err *e)
{
	static const size_t at = SHA256_HEX + 1;	/* two blanks behind the sum */
	char line[MAX_SUMS_LINE];

	while (fgets(line, sizeof line, sums)) {
		size_t n = strcspn(line, "\n");

		line[n] = '\0';
		if (n > at && strcmp(line + at, BACKUP_RECORDS) == 0) continue;
		if (n <= at || line[at - 2] != ' ' || line[at - 1] != ' ' ||
			!str_starts(line + at, BACKUP_OBJECTS) ||
			!str_copy(key, STORAGE_KEY, line + at + strlen(BACKUP_OBJECTS)) ||
			!storage_key_ok(key))
			return err_set(e, ERR_INVALID, BACKUP_SUMS ": not a line of a backup: "
				"%.60s", line);
		line[at - 2] = '\0';
		if (hash_unhex(line, sha256, SHA256_BYTES))
			return err_set(e, ERR_INVALID, BACKUP_SUMS ": not a sum: %.70s", line);
		return 1;
	}
	return ferror(sums) ? err_set(e, ERR_INTERNAL, "read " BACKUP_SUMS ": %s", strerror(errno))
		: 0;
}

struct copy {
	int fd;
	const char *path;
	struct sha256 sum;
};

static int
add_piece(void *ctx, const void *p, size_t n, struct err *e)
{
	struct copy *c = ctx;

	sha256_add(&c->sum, p, n);
	return io_write_full(c->fd, p, n, e) ? err_prefix(e, "%s", c->path) : 0;
}

static void
add_missing(struct backup *b, const char *key)
{
	if (b->missing.n < MAX_MISSING_BYTES) buf_addf(&b->missing, "%s\n", key);
}

/* The sum is on the disk before the object is in its place: an object that is there has one. */
static int
note_sum(struct backup *b, struct copy *c, const char *key, struct err *e)
{
	uint8_t sha256[SHA256_BYTES];
	char hex[SHA256_HEX];

	sha256_end(&c->sum, sha256);
	hash_hex(sha256, sizeof sha256, hex);
	return fprintf(b->sums, "%s  " BACKUP_OBJECTS "%s\n", hex, key) > 0 &&
		fflush(b->sums) == 0 && fdatasync(fileno(b->sums)) == 0 ? 0 :
		err_set(e, ERR_AWAY, "write %s/" BACKUP_SUMS ": %s", b->folder, strerror(errno));
}

/* 0, 1: there is no such object, -1. */
static int
fetch(struct backup *b, const char *key, const char *path, struct err *e)
{
	char part[BACKUP_PATH + 8];
	struct copy c = { .path = path };
	uint64_t size;
	int rc = -1;

	snprintf(part, sizeof part, "%s.part", path);
	sha256_begin(&c.sum);
	if (storage_head(b->storage, key, &size, e)) return e->kind == ERR_NOT_FOUND ? 1 : -1;
	if (io_mkdirs_for(path, 0700, e)) return -1;
	if ((c.fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) < 0)
		return err_set(e, ERR_AWAY, "write %s: %s", part, strerror(errno));
	if (storage_read(b->storage, key, 0, size, add_piece, &c, e)) {
		/* Deleted between two looks. */
		if (e->kind == ERR_NOT_FOUND) rc = 1;
		goto out;
	}
	if (fsync(c.fd) < 0) {
		err_set(e, ERR_AWAY, "write %s: %s", part, strerror(errno));
		goto out;
	}
	if (note_sum(b, &c, key, e)) goto out;
	if (rename(part, path) < 0) {
		err_set(e, ERR_AWAY, "rename %s: %s", part, strerror(errno));
		goto out;
	}
	b->copied++;
	b->bytes += size;
	rc = 0;
out:
	close(c.fd);
	if (rc) unlink(part);
	return rc;
}

static int
copy_object(void *ctx, const char *key, uint64_t size_bytes, struct err *e)
{
	struct backup *b = ctx;
	char path[BACKUP_PATH];
	struct stat st;
	int rc;

	if (backup_object_path(path, b->folder, key, e)) return -1;
	b->objects++;
	/* Another size is no object of ours: a disk that was full, a hand that slipped. */
	if (stat(path, &st) == 0 && (!size_bytes || (uint64_t)st.st_size == size_bytes)) return 0;
	rc = fetch(b, key, path, e);
	if (rc == 1) add_missing(b, key);
	return rc;
}

/* All that is there now, so that the look of one moment later has little left to do. */
static int
copy_ahead(struct backup *b, struct err *e)
{
	long missing;

	return objects_each(b->db, copy_object, b, &missing, e);
}

static int
append_sum_of_records(struct backup *b, FILE *out, struct err *e)
{
	char path[BACKUP_PATH], hex[SHA256_HEX];
	uint8_t sha256[SHA256_BYTES];
	uint64_t n;
	int fd, rc;

	if (backup_path(path, b->folder, BACKUP_RECORDS, e)) return -1;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return err_set(e, ERR_INTERNAL, "read %s: %s", path, strerror(errno));
	rc = hash_sha256_fd(fd, sha256, &n, e);
	close(fd);
	if (rc) return -1;
	hash_hex(sha256, sizeof sha256, hex);
	fprintf(out, "%s  " BACKUP_RECORDS "\n", hex);
	return 0;
}

/* One object of the list: it stays, or nothing refers to it and it goes. */
static int
keep_or_remove(struct backup *b, const char *key, const uint8_t sha256[SHA256_BYTES], FILE *out,
	struct err *e)
{
	char path[BACKUP_PATH], hex[SHA256_HEX];
	int known = objects_known(b->db, key, e);

	if (known < 0 || backup_object_path(path, b->folder, key, e)) return -1;
	if (known) {
		hash_hex(sha256, SHA256_BYTES, hex);
		if (access(path, F_OK) == 0) fprintf(out, "%s  " BACKUP_OBJECTS "%s\n", hex, key);
		return 0;
	}
	if (unlink(path) < 0 && errno != ENOENT)
		return err_set(e, ERR_INTERNAL, "remove %s: %s", path, strerror(errno));
	b->removed++;
	return 0;
}

/* The list anew. Still within the snapshot that the records are of. */
static int
prune(struct backup *b, struct err *e)
{
	char path[BACKUP_PATH], fresh[BACKUP_PATH], key[STORAGE_KEY];
	uint8_t sha256[SHA256_BYTES];
	FILE *in = NULL, *out = NULL;
	int more = 0, rc = -1;

	if (backup_path(path, b->folder, BACKUP_SUMS, e) ||
		backup_path(fresh, b->folder, BACKUP_SUMS ".new", e))
		return -1;
	if (!(in = fopen(path, "re")) || !(out = fopen(fresh, "we"))) {
		err_set(e, ERR_AWAY, "%s: %s", in ? fresh : path, strerror(errno));
		goto out;
	}
	if (append_sum_of_records(b, out, e)) goto out;
	while ((more = backup_next_sum(in, key, sha256, e)) == 1)
		if (keep_or_remove(b, key, sha256, out, e)) goto out;
	if (more < 0) goto out;
	if (fflush(out) || fsync(fileno(out)) < 0 || ferror(out) || rename(fresh, path) < 0) {
		err_set(e, ERR_AWAY, "write %s: %s", fresh, strerror(errno));
		goto out;
	}
	rc = io_sync_dir_of(path, e);
out:
	if (in) fclose(in);
	if (out) fclose(out);
	return rc;
}

/* Records and objects of one moment. 0; 1: objects were missing, see b->missing; -1. */
static int
look(struct backup *b, struct err *e)
{
	char fresh[BACKUP_PATH];
	long missing;

	buf_reset(&b->missing);
	b->objects = 0;
	if (backup_path(fresh, b->folder, BACKUP_RECORDS ".new", e)) return -1;
	return db_snapshot_begin(b->db, e) || dump_write(b->db, fresh, &b->rows, e) ||
		objects_each(b->db, copy_object, b, &missing, e) ? -1 : missing > 0;
}

/* The records of the last look become those of the backup. */
static int
finish(struct backup *b, int folder_fd, struct err *e)
{
	char path[BACKUP_PATH], fresh[BACKUP_PATH];

	if (backup_path(path, b->folder, BACKUP_RECORDS, e) ||
		backup_path(fresh, b->folder, BACKUP_RECORDS ".new", e))
		return -1;
	/* The folders of all that was renamed. */
	if (syncfs(folder_fd) < 0 || rename(fresh, path) < 0)
		return err_set(e, ERR_AWAY, "write %s: %s", path, strerror(errno));
	return io_sync_dir_of(path, e) || prune(b, e) ? -1 : 0;
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
			(before.n && strcmp(buf_str(&before), buf_str(&b->missing)) == 0))
			break;
		db_snapshot_end(b->db);
		buf_reset(&before);
		buf_adds(&before, buf_str(&b->missing));
		sleep(1);
	}
	rc = finish(b, folder_fd, e);
out:
	db_snapshot_end(b->db);
	buf_free(&before);
	return rc;
}

static void
report(const struct backup *b)
{
	printf("%s: %llu records, %llu objects; %llu of them new (%.1f MB), %llu removed that "
		"nothing refers to\n", b->folder, (unsigned long long)b->rows,
		(unsigned long long)b->objects, (unsigned long long)b->copied,
		(double)b->bytes / 1e6, (unsigned long long)b->removed);
	for (const char *at = buf_str(&b->missing); *at; at += strcspn(at, "\n") + 1)
		printf("missing: %.*s\n", (int)strcspn(at, "\n"), at);
}

/* What a backup that was cut off wrote last may be half a line; its object is not in its place
 * then. */
static int
open_sums(struct backup *b, struct err *e)
{
	char path[BACKUP_PATH], end[MAX_SUMS_LINE];
	size_t n;
	long size;

	if (backup_path(path, b->folder, BACKUP_SUMS, e)) return -1;
	if (!(b->sums = fopen(path, "a+e"))) goto failed;
	if (fseek(b->sums, 0, SEEK_END) || (size = ftell(b->sums)) < 0) goto failed;
	n = size < (long)sizeof end ? (size_t)size : sizeof end;
	if (fseek(b->sums, size - (long)n, SEEK_SET) || fread(end, 1, n, b->sums) != n) goto failed;
	while (n && end[n - 1] != '\n') n--, size--;
	if (ftruncate(fileno(b->sums), size) < 0 || fseek(b->sums, 0, SEEK_END)) goto failed;
	return 0;
failed:
	return err_set(e, ERR_AWAY, "write %s: %s", path, strerror(errno));
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
		(fd = backup_lock(b.folder, e)) < 0 || open_sums(&b, e))
		goto out;
	if (!(b.db = db_open(&c, e)) || !(b.storage = storage_open(&c, e))) goto out;
	if (run(&b, fd, e)) goto out;
	report(&b);
	rc = b.missing.n ? err_set(e, ERR_CONFLICT, "the backup is made, but the storage does not "
		"have all that the records refer to, see above") : 0;
out:
	storage_close(b.storage);
	db_close(b.db);
	if (b.sums) fclose(b.sums);
	buf_free(&b.missing);
	if (fd >= 0) close(fd);
	return rc;
}
