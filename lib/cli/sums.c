#include "cli/sums.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/str.h"
#include "cli/backup.h"

#define SUMS_NEW SUMS_LIST ".new"
#define SUMS_ADDED SUMS_LIST ".added"
#define SUMS_REMOVED SUMS_LIST ".removed"

enum { MAX_LINE = 512 };

static int
failed(const char *verb, const char *path, struct err *e)
{
	return err_set(e, ERR_AWAY, "%s %s: %s", verb, path, strerror(errno));
}

/* Open a list of the folder. *f is NULL where there is none. */
static int
open_list(const struct sums *s, const char *name, FILE **f, struct err *e)
{
	char path[BACKUP_PATH];
	int fd;

	*f = NULL;
	if (backup_path(path, s->folder, name, e)) return -1;
	if ((fd = io_open_file(path, e)) < 0) return e->kind == ERR_NOT_FOUND ? 0 : -1;
	return (*f = fdopen(fd, "r")) ? 0 : failed("read", path, e);
}

/* A list that is new, whatever was there: it may be that of a copy as well. */
static FILE *
make_list(const struct sums *s, const char *name, struct err *e)
{
	char path[BACKUP_PATH];
	FILE *f;

	if (backup_path(path, s->folder, name, e)) return NULL;
	if ((unlink(path) < 0 && errno != ENOENT) || !(f = fopen(path, "wxe"))) {
		failed("write", path, e);
		return NULL;
	}
	return f;
}

static int
remove_list(const struct sums *s, const char *name, struct err *e)
{
	char path[BACKUP_PATH];

	if (backup_path(path, s->folder, name, e)) return -1;
	return unlink(path) == 0 || errno == ENOENT ? 0 : failed("remove", path, e);
}

static int
write_line(FILE *f, const char *key, const uint8_t sha256[SHA256_BYTES], struct err *e)
{
	char hex[SHA256_HEX];

	hash_hex(sha256, SHA256_BYTES, hex);
	return fprintf(f, "%s  %s%s\n", hex, *key ? BACKUP_OBJECTS : BACKUP_RECORDS, key) > 0 ? 0
		: failed("write", SUMS_LIST, e);
}

/* On the disk when it returns, and closed. */
static int
finish_list(FILE *f, struct err *e)
{
	int rc = fflush(f) || fsync(fileno(f)) < 0 ? failed("write", SUMS_LIST, e) : 0;

	fclose(f);
	return rc;
}

/* SHA256SUMS.new becomes SHA256SUMS. */
static int
put_new(const struct sums *s, struct err *e)
{
	char from[BACKUP_PATH], to[BACKUP_PATH];

	if (backup_path(from, s->folder, SUMS_NEW, e) || backup_path(to, s->folder, SUMS_LIST, e))
		return -1;
	return rename(from, to) < 0 ? failed("rename", from, e) : io_sync_dir_of(to, e);
}

int
sums_next(FILE *list, char key[STORAGE_KEY], uint8_t sha256[SHA256_BYTES], struct err *e)
{
	static const size_t at = SHA256_HEX + 1;	/* two blanks behind the sum */
	char line[MAX_LINE];
	size_t n;

	if (!fgets(line, sizeof line, list))
		return ferror(list) ? failed("read", SUMS_LIST, e) : 0;
	n = strcspn(line, "\n");
	if (line[n] != '\n' && feof(list)) return 0;
	key[0] = '\0';
	if (line[n] != '\n' || n <= at || line[at - 2] != ' ' || line[at - 1] != ' ') goto bad;
	line[n] = line[at - 2] = '\0';
	if (hash_unhex(line, sha256, SHA256_BYTES)) goto bad;
	if (strcmp(line + at, BACKUP_RECORDS) == 0) return 1;
	if (str_starts(line + at, BACKUP_OBJECTS) &&
		str_copy(key, STORAGE_KEY, line + at + strlen(BACKUP_OBJECTS)) &&
		storage_key_ok(key))
		return 1;
bad:
	return err_set(e, ERR_INVALID, SUMS_LIST " has a line that is none of a backup");
}

static int
compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, HASH_SHORT_BYTES);
}

/* Hashes of all keys of a list, sorted: 16 bytes for each are in memory. */
static int
keys_of(FILE *list, struct buf *keys, struct err *e)
{
	char key[STORAGE_KEY];
	uint8_t sha256[SHA256_BYTES], hash[HASH_SHORT_BYTES];
	int more;

	while ((more = sums_next(list, key, sha256, e)) == 1) {
		hash_short(key, strlen(key), hash);
		buf_add(keys, hash, sizeof hash);
	}
	rewind(list);
	if (keys->n) qsort(keys->p, keys->n / HASH_SHORT_BYTES, HASH_SHORT_BYTES, compare_keys);
	return more;
}

static bool
has_key(const struct buf *keys, const char *key)
{
	uint8_t hash[HASH_SHORT_BYTES];

	hash_short(key, strlen(key), hash);
	return keys->n && bsearch(hash, keys->p, keys->n / HASH_SHORT_BYTES, HASH_SHORT_BYTES,
		compare_keys);
}

/* Write SHA256SUMS.new: what is on the list and was not copied anew, what was added and is there,
 * and the records that the list is of. */
static int
write_merged(const struct sums *s, FILE *list, FILE *added, FILE *out, struct err *e)
{
	char path[BACKUP_PATH], key[STORAGE_KEY];
	uint8_t sha256[SHA256_BYTES], records[SHA256_BYTES];
	bool has_records = false;
	struct buf keys = {0};
	int more = keys_of(added, &keys, e);

	if (more) goto out;
	while (list && (more = sums_next(list, key, sha256, e)) == 1) {
		if (!*key) {
			memcpy(records, sha256, sizeof records);
			has_records = true;
		} else if (!has_key(&keys, key) && (more = write_line(out, key, sha256, e))) {
			goto out;
		}
	}
	while (!more && sums_next(added, key, sha256, e) == 1) {
		more = backup_object_path(path, s->folder, key, e);
		if (!more && access(path, F_OK) == 0) more = write_line(out, key, sha256, e);
	}
	if (!more && has_records) more = write_line(out, "", records, e);
out:
	buf_free(&keys);
	return more;
}

/* What was added becomes part of SHA256SUMS. */
static int
merge(struct sums *s, struct err *e)
{
	FILE *list = NULL, *added = NULL, *out = NULL;
	int rc = -1;

	if (open_list(s, SUMS_LIST, &list, e) || open_list(s, SUMS_ADDED, &added, e)) goto out;
	s->none = !list && !added;
	if (added) {
		if (!(out = make_list(s, SUMS_NEW, e)) || write_merged(s, list, added, out, e))
			goto out;
		rc = finish_list(out, e);
		out = NULL;
		if (rc || (rc = put_new(s, e))) goto out;
	}
	rc = remove_list(s, SUMS_ADDED, e);
out:
	if (list) fclose(list);
	if (added) fclose(added);
	if (out) fclose(out);
	return rc;
}

/* The sum of the records that a list is of; it has one when it is whole. */
static int
records_of(FILE *list, uint8_t records[SHA256_BYTES], bool *has_records, struct err *e)
{
	char key[STORAGE_KEY];
	uint8_t sha256[SHA256_BYTES];
	int more;

	*has_records = false;
	while ((more = sums_next(list, key, sha256, e)) == 1)
		if ((*has_records = !*key)) memcpy(records, sha256, SHA256_BYTES);
	return more;
}

/* Objects of SHA256SUMS.removed leave the folder, if it has the records for which they were chosen:
 * the first line of that list is theirs. */
static int
remove_objects(struct sums *s, struct err *e)
{
	FILE *list = NULL, *removed = NULL;
	char path[BACKUP_PATH], key[STORAGE_KEY];
	uint8_t now[SHA256_BYTES], sha256[SHA256_BYTES];
	bool whole = false;
	int more = -1;

	if (open_list(s, SUMS_REMOVED, &removed, e)) return -1;
	if (!removed) return 0;
	if (open_list(s, SUMS_LIST, &list, e) || (list && records_of(list, now, &whole, e)))
		goto out;
	more = sums_next(removed, key, sha256, e);
	if (more == 1 && (*key || !whole || memcmp(sha256, now, sizeof now) != 0)) more = 0;
	while (more == 1 && (more = sums_next(removed, key, sha256, e)) == 1 && *key) {
		if (backup_object_path(path, s->folder, key, e)) goto out;
		if (unlink(path) == 0) {
			s->removed++;
		} else if (errno != ENOENT) {
			more = failed("remove", path, e);
		}
	}
	if (!more) more = remove_list(s, SUMS_REMOVED, e);
out:
	if (list) fclose(list);
	fclose(removed);
	return more < 0 ? -1 : 0;
}

int
sums_open(struct sums *s, const char *folder, struct err *e)
{
	char path[BACKUP_PATH];

	*s = (struct sums){ .folder = folder };
	if (remove_objects(s, e) || merge(s, e) || backup_path(path, folder, SUMS_ADDED, e))
		return -1;
	s->removed = 0;
	return (s->added = make_list(s, SUMS_ADDED, e)) ? io_sync_dir_of(path, e) : -1;
}

void
sums_close(struct sums *s)
{
	if (s->added) fclose(s->added);
	s->added = NULL;
}

int
sums_add(struct sums *s, const char *key, const uint8_t sha256[SHA256_BYTES], struct err *e)
{
	if (write_line(s->added, key, sha256, e)) return -1;
	return fflush(s->added) == 0 && fdatasync(fileno(s->added)) == 0 ? 0
		: failed("write", SUMS_ADDED, e);
}

static int
sum_of_records(const struct sums *s, const char *name, uint8_t sha256[SHA256_BYTES], struct err *e)
{
	char path[BACKUP_PATH];
	uint64_t n;
	int fd, rc;

	if (backup_path(path, s->folder, name, e) || (fd = io_open_file(path, e)) < 0) return -1;
	rc = hash_sha256_fd(fd, sha256, &n, e);
	close(fd);
	return rc;
}

int
sums_choose(struct sums *s, const char *records, int (*needed)(void *ctx, const char *key,
	const uint8_t sha256[SHA256_BYTES], struct err *e), void *ctx, struct err *e)
{
	FILE *list = NULL, *kept = NULL, *removed = NULL;
	char key[STORAGE_KEY];
	uint8_t sum[SHA256_BYTES], sha256[SHA256_BYTES];
	int more, keep, rc = -1;

	if (merge(s, e) || sum_of_records(s, records, sum, e) ||
		open_list(s, SUMS_LIST, &list, e) || !(kept = make_list(s, SUMS_NEW, e)) ||
		!(removed = make_list(s, SUMS_REMOVED, e)) || write_line(removed, "", sum, e))
		goto out;
	while ((more = list ? sums_next(list, key, sha256, e) : 0) == 1) {
		if (!*key) continue;
		if ((keep = needed(ctx, key, sha256, e)) < 0 ||
			write_line(keep ? kept : removed, key, sha256, e))
			goto out;
	}
	if (more < 0 || write_line(kept, "", sum, e)) goto out;
	rc = finish_list(removed, e);
	removed = NULL;
	if (finish_list(kept, e)) rc = -1;
	kept = NULL;
out:
	if (list) fclose(list);
	if (kept) fclose(kept);
	if (removed) fclose(removed);
	return rc;
}

int
sums_replace(struct sums *s, struct err *e)
{
	return put_new(s, e) || remove_objects(s, e) ? -1 : 0;
}
