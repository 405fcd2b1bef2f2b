#include "records/schema.h"

#include <string.h>

#include "base/err.h"
#include "db/db.h"
#include "records/dump.h"

/* The last file of schema/ is EARSHOT_SCHEMA; the Makefile says which. Names begin with a number of
 * four digits. */
int
schema_age(struct db *db, enum schema_age *out, struct err *e)
{
	struct db_rows *r;
	int64_t there;
	bool tables, unfinished;
	int more, order = -1;

	*out = SCHEMA_OLDER;
	if (db_one_int(db, "SELECT COUNT(*) FROM information_schema.tables WHERE "
		"table_schema=DATABASE() AND table_name='schema_migrations'", NULL, 0, 0, &there,
		e) ||
		dump_target(db, &tables, &unfinished, e))
		return -1;
	if (!there || unfinished) return 0;
	r = db_query(db, "SELECT name FROM schema_migrations WHERE applied_at IS NOT NULL ORDER BY "
		"version DESC LIMIT 1", NULL, 0, e);
	if (!r) return -1;
	if ((more = db_next(r, e)) == 1) order = strcmp(db_col_text(r, 0), EARSHOT_SCHEMA);
	db_rows_free(r);
	if (order >= 0) *out = order ? SCHEMA_NEWER : SCHEMA_FITS;
	return more < 0 ? -1 : 0;
}
