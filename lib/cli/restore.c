/* earshot restore FOLDER: a backup becomes the records and objects of an installation. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/io.h"
#include "cli/backup.h"
#include "cli/cli.h"
#include "db/db.h"
#include "db/migrate.h"
#include "records/dump.h"
#include "records/objects.h"
#include "storage/incoming.h"

struct restore {
	const char *folder, *schema;
	struct db *db;
	struct storage *storage;
	struct dump dump;
	uint32_t last_migration;
	uint64_t objects, copied;
};

static int
skip(void *ctx, const void *p, size_t n, struct err *e)
{
	(void)e;
	sha256_add(ctx, p, n);
	return 0;
}

/* Is this very object in the storage? 1, 0, -1. */
static int
is_there(struct storage *s, const char *key, uint64_t size, const uint8_t sha256[SHA256_BYTES],
	struct err *e)
{
	uint8_t found[SHA256_BYTES];
	struct sha256 sum;
	uint64_t there;

	if (storage_head(s, key, &there, e)) return e->kind == ERR_NOT_FOUND ? 0 : -1;
	if (there != size) return 0;
	sha256_begin(&sum);
	if (storage_read(s, key, 0, size, skip, &sum, e)) return -1;
	sha256_end(&sum, found);
	return memcmp(found, sha256, sizeof found) == 0;
}

static int
copy(int fd, struct incoming *in, struct err *e)
{
	char block[65536];
	ssize_t n;

	while ((n = read(fd, block, sizeof block)) != 0) {
		if (n < 0 && errno == EINTR) continue;
		if (n < 0) return err_set(e, ERR_INTERNAL, "read: %s", strerror(errno));
		if (incoming_add(in, block, (size_t)n, e)) return -1;
	}
	return 0;
}

static int
put_object(struct restore *r, const char *key, const uint8_t sha256[SHA256_BYTES], struct err *e)
{
	struct incoming in = { .fd = -1 };
	char path[BACKUP_PATH];
	uint8_t found[SHA256_BYTES];
	struct err ignored;
	off_t size;
	int fd, there, rc = -1;

	if (backup_object_path(path, r->folder, key, e)) return -1;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return err_set(e, ERR_INVALID, "the backup is not whole: %s: %s", path,
			strerror(errno));
	r->objects++;
	if ((size = lseek(fd, 0, SEEK_END)) < 0 || lseek(fd, 0, SEEK_SET) < 0) {
		err_set(e, ERR_INTERNAL, "read %s: %s", path, strerror(errno));
		goto out;
	}
	if ((there = is_there(r->storage, key, (uint64_t)size, sha256, e)) != 0) {
		rc = there == 1 ? 0 : -1;
		goto out;
	}
	if (incoming_begin(&in, r->storage, key, e) || copy(fd, &in, e)) goto out;
	incoming_end(&in, found);
	if (memcmp(found, sha256, sizeof found) != 0)
		err_set(e, ERR_INVALID, "the backup is damaged: %s is not what was written", path);
	else if (storage_put(r->storage, key, e) == 0) r->copied++, rc = 0;
	if (rc) storage_delete(r->storage, key, &ignored);
out:
	if (in.fd >= 0) incoming_end(&in, found);
	close(fd);
	return rc;
}

/* Before the records, so that nobody is shown what cannot be heard. */
static int
put_objects(struct restore *r, struct err *e)
{
	char path[BACKUP_PATH], key[STORAGE_KEY];
	uint8_t sha256[SHA256_BYTES];
	int more = 0;
	FILE *sums;

	if (backup_path(path, r->folder, BACKUP_SUMS, e)) return -1;
	if (!(sums = fopen(path, "re")))
		return err_set(e, ERR_NOT_FOUND, "cannot read %s: %s", path, strerror(errno));
	while ((more = backup_next_sum(sums, key, sha256, e)) == 1)
		if (put_object(r, key, sha256, e)) {
			more = -1;
			break;
		}
	fclose(sums);
	return more < 0 ? -1 : 0;
}

static int
check_target(struct restore *r, bool replace, struct err *e)
{
	bool tables, unfinished;
	char name[201];
	int at_work;

	if (dump_target(r->db, &tables, &unfinished, e)) return -1;
	if (tables && !replace && !unfinished)
		return err_set(e, ERR_CONFLICT, "the database has tables; --replace removes them "
			"all, with everything in them");
	if ((at_work = dump_daemon_at_work(r->db, name, e)) < 0) return -1;
	return !at_work ? 0 : err_set(e, ERR_CONFLICT, "the daemon of %s is at work; stop it and "
		"the web server, wait half a minute, and try again", name);
}

static int
load_records(struct restore *r, struct err *e)
{
	int n;

	return dump_begin(r->db, e) ||
		migrate_up_to(r->db, r->schema, r->last_migration, &n, e) ||
		dump_load(r->db, &r->dump, e) || cli_migrate_all(r->db, r->schema, e) ||
		dump_finish(r->db, e) ? -1 : 0;
}

static int
check_referred(void *ctx, const char *key, uint64_t size_bytes, struct err *e)
{
	uint64_t size;

	(void)size_bytes;
	if (storage_head(ctx, key, &size, e) == 0) return 0;
	if (e->kind != ERR_NOT_FOUND) return -1;
	printf("missing: %s\n", key);
	return 1;
}

static int
run(struct restore *r, bool replace, struct err *e)
{
	char path[BACKUP_PATH];
	long missing;

	/* All that can be refused is refused before anything is changed. */
	if (backup_path(path, r->folder, BACKUP_RECORDS, e) || dump_check(&r->dump, path, e) ||
		migrate_compare(r->schema, r->dump.migrations, r->dump.n_migrations,
		&r->last_migration, e) || check_target(r, replace, e))
		return -1;
	if (put_objects(r, e) || load_records(r, e) ||
		objects_each(r->db, check_referred, r->storage, &missing, e))
		return -1;
	printf("%llu records, %llu objects; %llu of them were not in the storage before\n",
		(unsigned long long)r->dump.rows, (unsigned long long)r->objects,
		(unsigned long long)r->copied);
	return missing ? err_set(e, ERR_CONFLICT, "the backup did not have all that its records "
		"refer to, see above") : 0;
}

int
cli_restore(const char *conf_file, int argc, char **argv, struct err *e)
{
	struct restore r = {0};
	bool replace = false;
	const struct cli_option options[] = { { "--replace", NULL, &replace },
		{ "--schema", &r.schema, NULL } };
	char schema[PATH_MAX];
	struct conf c;
	int fd = -1, rc = -1;
	size_t n;

	if (cli_parse(argc, argv, options, NELEM(options), &r.folder, 1, &n, e)) return -1;
	if (!n) return err_set(e, ERR_UNREADABLE, "the folder of a backup is needed");
	if (!r.schema) {
		if (cli_find_schema(schema, sizeof schema, e)) return -1;
		r.schema = schema;
	}
	if (conf_load(&c, conf_file, e) || (fd = backup_lock(r.folder, e)) < 0 ||
		!(r.db = db_open(&c, e)) || !(r.storage = storage_open(&c, e)))
		goto out;
	rc = run(&r, replace, e);
out:
	dump_free(&r.dump);
	storage_close(r.storage);
	db_close(r.db);
	if (fd >= 0) close(fd);
	return rc;
}
