#include "records/settings.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"
#include "db/db.h"
#include "records/rows.h"

static void
read_value(const struct db_rows *r, void *out)
{
	str_copy(out, SETTING_VALUE, db_col_text(r, 0));
}

int
settings_get(struct db *db, const char *name, char value[SETTING_VALUE], struct err *e)
{
	struct db_arg a[] = { DB_TEXT(name) };

	return rows_first(db, "SELECT value FROM settings WHERE name=?", a, NELEM(a), read_value,
		value, e);
}

int
settings_set(struct db *db, const char *name, const char *value, struct err *e)
{
	struct db_arg a[] = { DB_TEXT(name), DB_TEXT(value) };

	return db_exec(db, "INSERT INTO settings (name, value, updated_at) VALUES "
		"(?,?,UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE value=VALUES(value), "
		"updated_at=VALUES(updated_at)", a, NELEM(a), e) < 0 ? -1 : 0;
}

int
settings_secret(struct db *db, const char *name, uint8_t key[SEAL_KEY_BYTES], struct err *e)
{
	char value[SETTING_VALUE];
	struct db_arg a[] = { DB_TEXT(name), DB_TEXT(value) };
	uint8_t fresh[SEAL_KEY_BYTES];
	int known = settings_get(db, name, value, e);

	if (known < 0) return -1;
	if (!known) {
		seal_key(fresh);
		hash_hex(fresh, sizeof fresh, value);
		/* Who comes second keeps what the first has made. */
		if (db_exec(db, "INSERT INTO settings (name, value, updated_at) VALUES "
			"(?,?,UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE name=name", a, NELEM(a),
			e) < 0 || settings_get(db, name, value, e) < 0)
			return -1;
	}
	if (hash_unhex(value, key, SEAL_KEY_BYTES))
		return err_set(e, ERR_INTERNAL, "the setting %s is no key", name);
	return 0;
}
