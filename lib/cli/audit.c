#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "records/counters.h"
#include "records/feedback.h"
#include "records/objects.h"
#include "storage/storage.h"

struct audit {
	struct db *db;
	long objects, orphans;
};

static int
check_object(void *ctx, const char *key, uint64_t size_bytes, struct err *e)
{
	struct audit *a = ctx;
	int known = objects_known(a->db, key, e);

	(void)size_bytes;
	if (known < 0) return -1;
	a->objects++;
	if (known) return 0;
	a->orphans++;
	printf("orphan: %s\n", key);
	return 0;
}

int
cli_check_object(void *storage, const struct object_ref *o, struct err *e)
{
	uint64_t size;

	if (storage_head(storage, o->key, &size, e)) {
		if (e->kind != ERR_NOT_FOUND) return -1;
		printf("missing: %s\n", o->key);
		return 1;
	}
	if (!o->size_bytes || size == o->size_bytes) return 0;
	printf("wrong size: %s has %llu bytes, not %llu\n", o->key, (unsigned long long)size,
		(unsigned long long)o->size_bytes);
	return 1;
}

int
cli_audit(const char *conf_file, int argc, char **argv, struct err *e)
{
	bool repair = false;
	const struct cli_option options[] = { { "--repair", NULL, &repair } };
	struct storage *storage = NULL;
	struct audit a = {0};
	struct conf c;
	long missing = 0;
	int wrong, feedback, rc = -1;
	size_t n;

	if (cli_parse(argc, argv, options, NELEM(options), NULL, 0, &n, e) ||
		conf_load(&c, conf_file, e))
		return -1;
	if (!(a.db = db_open(&c, e)) || !(storage = storage_open(&c, e))) goto out;
	if (counters_audit(a.db, repair, &wrong, e) ||
		feedback_audit(a.db, repair, &feedback, e))
		goto out;
	wrong += feedback;
	if (storage_list(storage, "audio/", check_object, &a, e) ||
		storage_list(storage, "adapters/", check_object, &a, e) ||
		objects_each(a.db, cli_check_object, storage, &missing, e))
		goto out;
	printf("%d counters wrong%s, %ld objects, %ld of them orphans, %ld missing or damaged\n",
		wrong, wrong && repair ? " (repaired)" : "", a.objects, a.orphans, missing);
	rc = (wrong && !repair) || a.orphans || missing ? err_set(e, ERR_CONFLICT,
		"something is wrong, see above") : 0;
out:
	storage_close(storage);
	db_close(a.db);
	return rc;
}
