#include "records/server.h"

#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "db/db.h"

static const struct {
	const char *privilege, *sql;
} needed[] = {
	/* One that was left when DROP was not allowed. */
	{ "DROP", "DROP TABLE IF EXISTS earshot_doctor" },
	{ "CREATE", "CREATE TABLE earshot_doctor (id INT PRIMARY KEY, n INT) ENGINE=InnoDB" },
	{ "INSERT", "INSERT INTO earshot_doctor (id, n) VALUES (1, 2)" },
	{ "UPDATE", "UPDATE earshot_doctor SET n = 3 WHERE id = 1" },
	{ "SELECT", "DELETE FROM earshot_doctor WHERE n = 4" },
	{ "ALTER", "ALTER TABLE earshot_doctor ADD c INT" },
	{ "INDEX", "CREATE INDEX n ON earshot_doctor (n)" },
	{ "DELETE", "DELETE FROM earshot_doctor" },
	{ "DROP", "DROP TABLE earshot_doctor" },
};

int
server_rights(struct db *db, const char **missing, struct err *e)
{
	struct err ignored;

	*missing = NULL;
	for (size_t i = 0; i < NELEM(needed); i++) {
		if (db_raw(db, needed[i].sql, strlen(needed[i].sql), e) == 0) continue;
		if (e->kind != ERR_AWAY) *missing = needed[i].privilege;
		db_raw(db, needed[0].sql, strlen(needed[0].sql), &ignored);
		return -1;
	}
	return 0;
}

int
server_time(struct db *db, int64_t *us, struct err *e)
{
	return db_one_int(db, "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))",
		NULL, 0, 0, us, e);
}
