#include "db/version.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "db/db.h"

#define NEEDED "Earshot needs MariaDB 10.6 or MySQL 8.0.15, or a later one"

/* The oldest that will do. The first line whose mark is in the version counts. */
static const struct kind {
	const char *mark, *name;
	unsigned major, minor, patch;
} kinds[] = {
	{ "MariaDB", "MariaDB", 10, 6, 0 },
	{ "", "MySQL", 8, 0, 15 },
};

int
db_version_check(const char *version, struct err *e)
{
	const struct kind *k = kinds;
	unsigned major, minor, patch;

	if (strstr(version, "TiDB"))
		return err_set(e, ERR_CONFLICT, "the database server is TiDB, which has no "
			"full-text search; " NEEDED);
	while (!strstr(version, k->mark)) k++;
	if (sscanf(version, "%u.%u.%u", &major, &minor, &patch) != 3)
		return err_set(e, ERR_CONFLICT, "the database server calls its version \"%.60s\"; "
			NEEDED, version);
	if (major != k->major ? major > k->major
		: minor != k->minor ? minor > k->minor : patch >= k->patch)
		return 0;
	return err_set(e, ERR_CONFLICT, "the database server is %s %u.%u.%u; " NEEDED, k->name,
		major, minor, patch);
}

int
db_server_check(struct db *db, struct err *e)
{
	struct db_rows *r = db_query(db, "SELECT VERSION()", NULL, 0, e);
	int rc = -1;

	if (!r) return -1;
	if (db_next(r, e) == 1) rc = db_version_check(db_col_text(r, 0), e);
	db_rows_free(r);
	return rc;
}
