/* earshot restore FOLDER: a backup becomes the records and objects of an installation. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "cli/backup.h"
#include "cli/cli.h"
#include "cli/sums.h"
#include "db/db.h"
#include "db/migrate.h"
#include "records/dump.h"
#include "records/objects.h"
#include "records/tokens.h"
#include "storage/incoming.h"

struct restore {
	const char *folder, *schema;
	bool replace, revoke_tokens;
	struct db *db;
	struct storage *storage;
	struct dump dump;
	uint32_t last_migration;
	uint64_t objects, copied;
	long revoked;
};

/* Do something with every object of the backup, a file that is open. ERR_INVALID: the backup is not
 * whole. */
static int
each_object(struct restore *r, int (*each)(struct restore *r, const char *key,
	const uint8_t sha256[SHA256_BYTES], const char *path, int fd, struct err *e),
	struct err *e)
{
	char list[BACKUP_PATH], path[BACKUP_PATH], key[STORAGE_KEY];
	uint8_t sha256[SHA256_BYTES];
	bool whole = false;
	int fd, more, rc;
	FILE *sums;

	if (backup_path(list, r->folder, SUMS_LIST, e) || (fd = io_open_file(list, e)) < 0)
		return -1;
	if (!(sums = fdopen(fd, "r"))) abort();
	while ((more = sums_next(sums, key, sha256, e)) == 1) {
		if ((whole = !*key)) continue;
		if (backup_object_path(path, r->folder, key, e)) break;
		if ((fd = io_open_file(path, e)) < 0) {
			e->kind = ERR_INVALID;
			err_prefix(e, "the backup is not whole");
			break;
		}
		rc = each(r, key, sha256, path, fd, e);
		close(fd);
		if (rc) break;
	}
	fclose(sums);
	if (more) return -1;
	return whole ? 0 : err_set(e, ERR_INVALID, "the backup is not whole: the end of %s is "
		"missing", list);
}

static int
count(struct restore *r, const char *key, const uint8_t sha256[SHA256_BYTES], const char *path,
	int fd, struct err *e)
{
	(void)key, (void)sha256, (void)path, (void)fd, (void)e;
	r->objects++;
	return 0;
}

static int
add_sum(void *ctx, const void *p, size_t n, struct err *e)
{
	(void)e;
	sha256_add(ctx, p, n);
	return 0;
}

/* Is this very object in the storage? One that cannot be read there is written again. */
static bool
is_there(struct storage *s, const char *key, uint64_t size, const uint8_t sha256[SHA256_BYTES])
{
	uint8_t found[SHA256_BYTES];
	struct sha256 sum;
	struct err ignored;
	uint64_t there;

	sha256_begin(&sum);
	if (storage_head(s, key, &there, &ignored) || there != size ||
		storage_read(s, key, 0, size, add_sum, &sum, &ignored))
		return false;
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
put(struct restore *r, const char *key, const uint8_t sha256[SHA256_BYTES], const char *path,
	int fd, struct err *e)
{
	struct incoming in = { .fd = -1 };
	uint8_t found[SHA256_BYTES];
	struct stat st;
	int rc = -1;

	if (fstat(fd, &st) < 0)
		return err_set(e, ERR_INTERNAL, "read %s: %s", path, strerror(errno));
	if (is_there(r->storage, key, (uint64_t)st.st_size, sha256)) return 0;
	if (incoming_begin(&in, r->storage, key, e)) return -1;
	if (copy(fd, &in, e)) {
		err_prefix(e, "%s", path);
		goto out;
	}
	incoming_end(&in, found);
	if (memcmp(found, sha256, sizeof found) != 0)
		err_set(e, ERR_INVALID, "the backup is damaged: %s is not what was written", path);
	else if (storage_put(r->storage, key, e) == 0) r->copied++, rc = 0;
out:
	if (in.fd >= 0) incoming_end(&in, found);
	/* What the storage has under this key may be better than what came. */
	if (rc) unlink(in.path);
	return rc;
}

static int
check_target(struct restore *r, struct err *e)
{
	bool tables, unfinished;
	char name[201];
	int at_work;

	if (dump_target(r->db, &tables, &unfinished, e)) return -1;
	if (tables && !r->replace && !unfinished)
		return err_set(e, ERR_CONFLICT, "the database has tables of Earshot; --replace "
			"removes them, with everything in them");
	if ((at_work = dump_daemon_at_work(r->db, name, e)) < 0) return -1;
	return !at_work ? 0 : err_set(e, ERR_CONFLICT, "the daemon of %s is at work; stop it and "
		"the web server, wait half a minute, and try again", name);
}

static int
load_records(struct restore *r, struct err *e)
{
	int n;

	if (dump_begin(r->db, e) ||
		migrate_up_to(r->db, r->schema, r->last_migration, &n, e) ||
		dump_load(r->db, &r->dump, e) || cli_migrate_all(r->db, r->schema, e) ||
		(r->revoke_tokens && dump_revoke_tokens(r->db, &r->revoked, e)))
		return -1;
	return dump_finish(r->db, e);
}

/* Tokens that were revoked since the backup was made are among those that count again. */
static int
report(struct restore *r, struct err *e)
{
	struct token_list tokens;
	const struct uuid nobody = {{0}};

	if (tokens_list(r->db, nobody, 1, 0, &tokens, e)) return -1;
	printf("%llu records, %llu objects; %llu of them were not in the storage before\n",
		(unsigned long long)r->dump.rows, (unsigned long long)r->objects,
		(unsigned long long)r->copied);
	if (r->revoked) printf("%ld tokens revoked\n", r->revoked);
	if (tokens.total)
		printf("%llu tokens count as they did when the backup was made; `earshot token "
			"list` shows them\n", (unsigned long long)tokens.total);
	tokens_list_free(&tokens);
	return 0;
}

/* All that can be refused is refused before anything is changed; objects are put into the storage
 * before the records, so that nobody is shown what cannot be heard. */
static int
run(struct restore *r, struct err *e)
{
	char path[BACKUP_PATH];
	long missing;

	if (backup_path(path, r->folder, BACKUP_RECORDS, e) || dump_check(&r->dump, path, e) ||
		each_object(r, count, e) || migrate_compare(r->schema, r->dump.migrations,
		r->dump.n_migrations, &r->last_migration, e) || check_target(r, e))
		return -1;
	if (each_object(r, put, e) || load_records(r, e) ||
		objects_each(r->db, cli_check_object, r->storage, &missing, e) || report(r, e))
		return -1;
	return missing ? err_set(e, ERR_CONFLICT, "the backup did not have all that its records "
		"refer to, see above") : 0;
}

int
cli_restore(const char *conf_file, int argc, char **argv, struct err *e)
{
	struct restore r = {0};
	const struct cli_option options[] = { { "--replace", NULL, &r.replace },
		{ "--revoke-tokens", NULL, &r.revoke_tokens }, { "--schema", &r.schema, NULL } };
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
	if (conf_load(&c, conf_file, e) || cli_check_user(&c, e) ||
		(fd = backup_lock(r.folder, e)) < 0 || !(r.db = db_open(&c, e)) ||
		!(r.storage = storage_open(&c, e)))
		goto out;
	rc = run(&r, e);
out:
	dump_free(&r.dump);
	storage_close(r.storage);
	db_close(r.db);
	if (fd >= 0) close(fd);
	return rc;
}
