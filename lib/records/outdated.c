#include "records/outdated.h"

#include "base/err.h"
#include "db/db.h"

enum { BATCH = 1000 };

static int
remove_batch(struct db *db, void *ctx, struct err *e)
{
	struct db_arg a[] = { DB_INT(OUTDATED_DAYS), DB_INT(BATCH) };
	bool *more = ctx;
	long days, tokens;

	if ((days = db_exec(db, "DELETE FROM user_days WHERE day < UTC_DATE() - INTERVAL ? DAY "
		"ORDER BY day LIMIT ?", a, NELEM(a), e)) < 0 ||
		(tokens = db_exec(db, "DELETE FROM tokens WHERE expires_at < UTC_TIMESTAMP(6) - "
		"INTERVAL ? DAY ORDER BY expires_at LIMIT ?", a, NELEM(a), e)) < 0)
		return -1;
	*more = days == BATCH || tokens == BATCH;
	return 0;
}

int
outdated_remove(struct db *db, bool *more, struct err *e)
{
	return db_transaction(db, remove_batch, more, e) == DB_TX_DONE ? 0 : -1;
}
