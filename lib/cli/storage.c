/* `earshot storage move`: what still lies in storage_from goes to storage, while both are in
 * use. */
#include "cli/cli.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/str.h"
#include "db/db.h"
#include "records/objects.h"
#include "storage/storage.h"

/* GRACE_MS: whoever was told where an object lies has opened it by then (records/removal.h has the
 * same for deletions). */
enum { GRACE_MS = 10000, WAITING = 512, STEP_US = 50000 };

struct mover {
	struct db *db;
	struct storage *storage;
	bool keep;
	long moved, damaged;
	uint64_t bytes;
	/* Copied, and still where they were; the oldest first, in a ring. */
	struct waiting { char key[STORAGE_KEY]; int64_t since_ms; } waiting[WAITING];
	size_t first, n;
};

static volatile sig_atomic_t interrupted;

static void
interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

static int
stopped(struct err *e)
{
	return err_set(e, ERR_STOPPED, "interrupted; run it again to go on");
}

static bool
goes_on(void *ctx)
{
	(void)ctx;
	return !interrupted;
}

static int
needed(void *ctx, const char *key, struct err *e)
{
	struct mover *m = ctx;
	uint8_t sha256[SHA256_BYTES];
	bool has_sha256;

	return objects_look(m->db, key, sha256, &has_sha256, e);
}

/* Delete what was copied long enough ago where it was; all of it at the end, waiting for that, or
 * where there is no more room to remember. */
static int
delete_old(struct mover *m, bool all, struct err *e)
{
	while (m->n) {
		struct waiting *w = &m->waiting[m->first];
		int64_t left_ms = w->since_ms + GRACE_MS - clock_now_ms();

		if (left_ms > 0 && !all && m->n < WAITING) return 0;
		while (!interrupted && clock_now_ms() < w->since_ms + GRACE_MS) usleep(STEP_US);
		if (interrupted) return stopped(e);
		if (storage_delete_from(m->storage, w->key, e)) return -1;
		m->first = (m->first + 1) % WAITING;
		m->n--;
	}
	return 0;
}

static int
move_one(void *ctx, const char *key, uint64_t size_bytes, struct err *e)
{
	struct mover *m = ctx;
	struct storage_bring b = { .needed = needed, .ctx = m };
	uint8_t sha256[SHA256_BYTES];
	size_t length = strlen(key);
	bool has_sha256;
	int rc;

	if (interrupted) return stopped(e);
	/* What somebody is writing there is not an object yet. */
	if (length > 5 && strcmp(key + length - 5, ".part") == 0) return 0;
	if (objects_look(m->db, key, sha256, &has_sha256, e) < 0) return -1;
	if (has_sha256) b.want = sha256;
	rc = storage_bring(m->storage, key, &b, e);
	if (rc < 0 && e->kind == ERR_INVALID && b.want) {
		printf("damaged: %s\n", key);
		m->damaged++;
		return 0;
	}
	if (rc <= 0) return rc;
	m->moved++;
	m->bytes += size_bytes;
	if (m->keep) return 0;
	if (delete_old(m, false, e)) return -1;
	m->waiting[(m->first + m->n) % WAITING].since_ms = clock_now_ms();
	str_copy(m->waiting[(m->first + m->n++) % WAITING].key, STORAGE_KEY, key);
	return 0;
}

static int
move_all(struct mover *m, struct err *e)
{
	int rc = storage_list_from(m->storage, move_one, m, e);

	if (!rc) rc = delete_old(m, true, e);
	printf("%ld objects %s, %llu bytes, %ld damaged\n", m->moved, m->keep ? "copied" : "moved",
		(unsigned long long)m->bytes, m->damaged);
	if (rc || !m->damaged) return rc;
	return err_set(e, ERR_CONFLICT, "what is damaged stays where it is, see above");
}

int
cli_storage(const char *conf_file, int argc, char **argv, struct err *e)
{
	static struct mover m;
	const char *what = "";
	const struct cli_option options[] = { { "--keep", NULL, &m.keep } };
	char lock[PATH_MAX];
	struct conf c;
	size_t n;
	int fd = -1, rc = -1;

	if (cli_parse(argc, argv, options, NELEM(options), &what, 1, &n, e)) return -1;
	if (strcmp(what, "move") != 0) return err_set(e, ERR_UNREADABLE, "move is missing");
	if (conf_load(&c, conf_file, e) || cli_check_user(&c, e)) return -1;
	if (!*c.storage_from)
		return err_set(e, ERR_INVALID, "set storage to where audio is to be, and "
			"storage_from to where it is, and run earshot reload; then move");
	signal(SIGINT, interrupt);
	signal(SIGTERM, interrupt);
	if (io_join(lock, sizeof lock, c.state_dir, "storage-move.lock", e)) return -1;
	if ((fd = io_lock_file(lock, e)) < 0) {
		if (e->kind == ERR_CONFLICT) err_set(e, ERR_CONFLICT, "it is running already");
		return -1;
	}
	if (!(m.db = db_open(&c, e)) || !(m.storage = storage_open(&c, e))) goto out;
	storage_wait(m.storage, 0, goes_on, NULL);
	rc = move_all(&m, e);
out:
	storage_close(m.storage);
	db_close(m.db);
	close(fd);
	return rc;
}
