#include "records/owners.h"

#include "base/err.h"
#include "db/db.h"
#include "records/rows.h"

static const struct {
	const char *name, *sql;
} kinds[OWNED_KINDS] = {
	[OWNED_JOB] = { "job", "SELECT user_id FROM jobs WHERE id=?" },
	[OWNED_AUDIO] = { "take", "SELECT j.user_id FROM samples s JOIN jobs j ON j.id=s.job_id "
		"WHERE s.id=?" },
	/* What comes with the system is nobody's, and the handler has a sentence for it. */
	[OWNED_TEMPLATE] = { "template", "SELECT user_id FROM templates WHERE id=? AND "
		"is_system=0" },
	[OWNED_EXPERIMENT] = { "experiment", "SELECT user_id FROM experiments WHERE id=?" },
	[OWNED_AB_TEST] = { "A/B test", "SELECT user_id FROM ab_tests WHERE id=?" },
	[OWNED_RATING] = { "rating", "SELECT user_id FROM ratings WHERE id=?" },
	[OWNED_PREFERENCE] = { "preference", "SELECT user_id FROM preferences WHERE id=?" },
	[OWNED_TAG] = { "tag", "SELECT user_id FROM tags WHERE id=?" },
};

static void
read_owner(const struct db_rows *r, void *out)
{
	*(struct uuid *)out = db_col_uuid(r, 0);
}

int
owners_check(struct db *db, enum owned kind, struct uuid id, struct uuid user, struct err *e)
{
	struct db_arg a[] = { DB_UUID(id) };
	struct uuid owner;
	int there = rows_first(db, kinds[kind].sql, a, NELEM(a), read_owner, &owner, e);

	if (there < 0) return -1;
	if (!there || uuid_eq(owner, user)) return 0;
	return err_set(e, ERR_FORBIDDEN, "The %s %s is somebody else's; only its owner or an admin "
		"can change it.", kinds[kind].name, UUID_STR(id));
}
